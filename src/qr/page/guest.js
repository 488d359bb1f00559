// The guest's page: menu, choice, bill. Amounts are integers of the smallest unit from the moment
// they arrive; whatever can be sent twice carries a key, under which the server does it once.
'use strict';

(() => {
  const page = JSON.parse(document.getElementById('data').textContent);
  const texts = page.texts;
  const $ = (id) => document.getElementById(id);
  const scale = 10 ** page.exponent;

  // ---- words, amounts, elements ----

  const money = new Intl.NumberFormat(texts.lang, {
    style: 'currency', currency: page.currency,
    minimumFractionDigits: page.exponent, maximumFractionDigits: page.exponent,
  });
  const amount = (number) => Math.round(number * scale);
  const shown = (units) => money.format(units / scale);
  const number = new Intl.NumberFormat(texts.lang, { maximumFractionDigits: 3 });
  const say = (text, what) => text.replace('{}', () => what);

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const sum = (units) => element('span', { className: 'money', textContent: shown(units) });

  let fading;
  const message = (text, wrong = false) => {
    clearTimeout(fading);
    $('status').textContent = wrong ? '' : text;
    $('alert').textContent = wrong ? text : '';
    $('retry').hidden = true;
    // What went well need not be read for ever; what went wrong stays.
    if (text && !wrong) fading = setTimeout(() => message(''), 8000);
  };

  // ---- what this phone remembers of its table ----

  const remembered = (name) => {
    try {
      return JSON.parse(localStorage.getItem(`${page.link}/${name}`));
    } catch {
      return null;
    }
  };
  const remember = (name, value) => {
    try {
      if (value === null) localStorage.removeItem(`${page.link}/${name}`);
      else localStorage.setItem(`${page.link}/${name}`, JSON.stringify(value));
    } catch {
      // Private windows may refuse; the page then remembers until it is closed.
    }
  };
  const key = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  };

  let menu = [];
  let cart = remembered('cart') ?? [];
  // An order that may have arrived: { key, body, at }. By itself it is sent again only at once; later the
  // guest is asked, and another day it is forgotten.
  const AT_ONCE = 2 * 60 * 1000;
  const SAME_DAY = 6 * 60 * 60 * 1000;
  const age = (order) => Date.now() - (order.at ?? 0);
  let unsent = remembered('unsent');
  if (unsent && age(unsent) > SAME_DAY) unsent = null;
  let payment = remembered('payment'); // one that was begun here: { key, sum, guid, id, paid }
  let bill = { order: null, unpaid: 0, pending: [] };
  let busy = false;

  // ---- the server ----

  const PATIENCE = 15000;
  const PAUSES = [0, 1000, 2000, 4000];
  const pause = (time) => new Promise((done) => setTimeout(done, time));

  const ask = async (path, options = {}) => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), PATIENCE);
    try {
      const answer = await fetch(path, { ...options, cache: 'no-store', signal: limit.signal });
      const body = await answer.json();
      return { status: answer.status, data: body.data, code: body.error?.code };
    } catch {
      return { status: 0 };
    } finally {
      clearTimeout(timer);
    }
  };
  const read = (what) => ask(`/t/${page.link}/${what}`);

  // Sends until there is an answer; the key makes that harmless. A status of 0 or 5xx: nobody knows.
  const send = async (what, key, body) => {
    let answer;
    for (const time of PAUSES) {
      if (time) message(texts.retrying, true);
      await pause(time);
      answer = await ask(`/api/v4/tables/${page.table}/${what}`, {
        method: 'POST', body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'table-link': page.link, 'idempotency-key': key },
      });
      if (answer.status !== 0 && answer.status < 500) break;
    }
    if (answer.status === 401) gone();
    return answer;
  };

  const gone = () => {
    clearInterval(polling);
    for (const dialog of document.querySelectorAll('dialog')) dialog.close();
    $('bar').hidden = true;
    $('call').hidden = true;
    message('');
    const title = element('h2', { textContent: texts.gone_title, tabIndex: -1 });
    document.querySelector('main').replaceChildren(title, element('p', { textContent: texts.gone }));
    title.focus();
  };

  const refused = (answer) => {
    if (answer.status === 401) return;
    if (answer.status === 429) message(texts.too_many, true);
    else if (answer.code === 'payments_unavailable') message(texts.pay_waiter, true);
    else if (['no_open_order', 'invalid_sum'].includes(answer.code)) message(texts.changed, true);
    else message(texts.failed, true);
  };

  // The last two are judged before the key is looked at, so an earlier attempt may have arrived.
  const unknown = (answer) => answer.status === 0 || answer.status >= 500
    || [408, 429].includes(answer.status);

  // Nobody knows whether it arrived: the guest may ask again, with the same key.
  const uncertain = (again) => {
    message(texts.unsent, true);
    $('retry').hidden = false;
    $('retry').onclick = again;
  };

  // ---- the menu ----

  const extras = (dish, chosen) => dish.modifiers.filter((extra) => chosen.includes(extra.id));
  const lineSum = (dish, line) => {
    const each = extras(dish, line.extras).reduce((sum, extra) => sum + extra.units, dish.units);
    return each * line.count;
  };

  const showMenu = () => {
    $('menu-note').hidden = menu.length > 0;
    $('menu-note').textContent = texts.menu_empty;
    $('menu').replaceChildren(...menu.map((dish) => {
      const add = element('button', { type: 'button', textContent: texts.add });
      add.setAttribute('aria-label', say(texts.add_dish, dish.name));
      add.onclick = () => (dish.modifiers.length ? choose(dish) : put(dish, [], 1));
      const words = element('div', {}, element('h3', { textContent: dish.name }), sum(dish.units));
      return element('li', {}, words, add);
    }));
  };

  // Takes out of the choice what the menu does not have any more; returns its names.
  const prune = () => {
    const left = cart.filter((line) => {
      const dish = menu.find((dish) => dish.id === line.id);
      return dish && extras(dish, line.extras).length === line.extras.length;
    });
    const names = cart.filter((line) => !left.includes(line)).map((line) => line.name);
    if (names.length) keep(left);
    return [...new Set(names)];
  };

  const loadMenu = async () => {
    const answer = await read('menu');
    if (answer.status === 401) return gone();
    if (answer.status !== 200) return uncertainRead();
    menu = answer.data.dishes.map((dish) => ({
      ...dish,
      units: amount(dish.price),
      modifiers: dish.modifiers.map((extra) => ({ ...extra, units: amount(extra.price) })),
    }));
    showMenu();
    const names = unsent ? [] : prune();
    if (names.length) message(say(texts.sold_out, names.join(', ')), true);
    showCart();
  };

  const uncertainRead = () => {
    message(texts.retrying, true);
    setTimeout(() => loadMenu().then(() => menu.length && message('')), 3000);
  };

  // ---- choosing ----

  const stepper = (value, least, change, name = '') => {
    const output = element('output', { textContent: value });
    const step = (by, label, sign) => {
      const button = element('button', { type: 'button', textContent: sign });
      button.setAttribute('aria-label', name ? `${label}: ${name}` : label);
      button.onclick = () => {
        value = Math.min(99, Math.max(least, value + by));
        output.textContent = value;
        change(value);
      };
      return button;
    };
    return [step(-1, texts.less, '−'), output, step(1, texts.more, '+')];
  };

  const choose = (dish) => {
    const line = { extras: [], count: 1 };
    const update = () => { $('dish-sum').textContent = shown(lineSum(dish, line)); };
    $('dish-title').textContent = dish.name;
    $('dish-price').textContent = shown(dish.units);
    $('dish-count').replaceChildren(...stepper(1, 1, (count) => {
      line.count = count;
      update();
    }));
    $('dish-extras').querySelector('div').replaceChildren(...dish.modifiers.map((extra) => {
      const box = element('input', { type: 'checkbox' });
      box.onchange = () => {
        line.extras = line.extras.filter((id) => id !== extra.id);
        if (box.checked) line.extras.push(extra.id);
        update();
      };
      const price = extra.units ? `+ ${shown(extra.units)}` : '';
      return element('label', {}, box, element('span', { textContent: extra.name }),
        element('span', { className: 'money small', textContent: price }));
    }));
    $('dish').returnValue = '';
    $('dish').onclose = () => {
      if ($('dish').returnValue === 'add') put(dish, line.extras, line.count);
    };
    update();
    $('dish').showModal();
  };

  const put = (dish, chosen, count) => {
    if (unsent) return;
    const sorted = [...chosen].sort((a, b) => a - b);
    const same = (line) => line.id === dish.id && line.extras.join() === sorted.join();
    const line = cart.find(same);
    const lines = line
      ? cart.map((other) => (other === line ? { ...line, count: Math.min(99, line.count + count) } : other))
      : [...cart, { id: dish.id, name: dish.name, extras: sorted, count }];
    keep(lines);
    message(`${dish.name} ✓`);
  };

  const keep = (lines) => {
    cart = lines.filter((line) => line.count > 0);
    remember('cart', cart.length ? cart : null);
    showCart();
  };

  const cartSum = () => cart.reduce((sum, line) => {
    const dish = menu.find((dish) => dish.id === line.id);
    return sum + (dish ? lineSum(dish, line) : 0);
  }, 0);

  const showCart = () => {
    const count = cart.reduce((count, line) => count + line.count, 0);
    $('bar').hidden = count === 0;
    $('cart-count').textContent = `· ${number.format(count)}`;
    $('cart-sum').textContent = $('order-sum').textContent = shown(cartSum());
    $('open-cart').disabled = busy || Boolean(unsent);
    $('order').disabled = count === 0;
    $('cart-note').textContent = count ? '' : texts.cart_empty;
    // Whatever was said meanwhile, an order that may have arrived must be settled.
    if (unsent && !busy) {
      $('retry').hidden = false;
      $('retry').onclick = order;
    }
  };

  const showLines = () => {
    $('cart-lines').replaceChildren(...cart.map((line) => {
      const dish = menu.find((dish) => dish.id === line.id);
      const units = element('span', { className: 'money small', textContent: dish ? shown(lineSum(dish, line)) : '' });
      const words = element('div', {}, element('div', { textContent: line.name }),
        element('div', { className: 'small', textContent: dish ? extras(dish, line.extras).map((extra) => extra.name).join(', ') : '' }),
        units);
      const buttons = stepper(line.count, 0, (count) => {
        line.count = count;
        units.textContent = dish ? shown(lineSum(dish, line)) : '';
        keep(cart);
        if (count === 0) {
          showLines();
          ($('cart-lines').querySelector('button') ?? $('close-cart')).focus();
        }
      }, line.name);
      return element('li', {}, words, element('span', { className: 'stepper' }, ...buttons));
    }));
  };

  // ---- ordering, calling, paying ----

  const work = async (doing) => {
    if (busy) return;
    busy = true;
    showCart();
    showBill();
    await doing();
    busy = false;
    showCart();
    showBill();
  };

  const order = () => work(async () => {
    // An order that may have arrived is sent again as it was, and nothing else before.
    const items = cart.map((line) => ({
      id: line.id, count: line.count,
      modifiers: line.extras.map((id) => ({ id, count: line.count })),
    }));
    unsent = unsent ?? { key: key(), body: { items }, at: Date.now() };
    remember('unsent', unsent);
    message(texts.ordering);
    const answer = await send('order', unsent.key, unsent.body);
    if (unknown(answer)) return uncertain(order);
    unsent = null;
    remember('unsent', null);
    if (answer.status === 200) {
      keep([]);
      await loadBill();
      message(texts.ordered);
      $('bill-title').focus();
      return;
    }
    refused(answer);
    if (answer.status === 404) await loadMenu();
  });

  const call = () => {
    const once = key();
    const calling = () => work(async () => {
      $('call').disabled = true;
      const answer = await send('waiter_call', once, {});
      $('call').disabled = false;
      if (answer.status === 200) message(texts.called);
      else if (unknown(answer)) uncertain(calling);
      else refused(answer);
    });
    calling();
  };

  const mine = () => payment && bill.pending.find((begun) => begun.id === payment.id);

  const pay = () => work(async () => {
    // Coming back to a payment that was begun asks for the same one again.
    const guid = bill.order?.guid;
    const unanswered = payment && !payment.id && payment.guid === guid;
    if (!mine() && !unanswered) payment = { key: key(), sum: due() / scale, guid };
    remember('payment', payment);
    message(texts.paying);
    const answer = await send('online_payment', payment.key, { sum: payment.sum });
    if (unknown(answer)) return uncertain(pay);
    if (answer.status !== 200) {
      payment = null;
      remember('payment', null);
      refused(answer);
      return loadBill();
    }
    const begun = answer.data.payment;
    const paid = bill.order?.payments.length ?? 0;
    payment = { ...payment, id: begun.id, paid };
    remember('payment', payment);
    location.assign(begun.url);
  });

  // ---- the bill ----

  const due = () => bill.pending.reduce((due, begun) => due - begun.units, bill.unpaid);

  const loadBill = async () => {
    const answer = await read('bill');
    if (answer.status === 401) return gone();
    if (answer.status !== 200) return;
    const pending = answer.data.pending ?? [];
    bill = {
      order: answer.data.order,
      unpaid: amount(answer.data.order?.unpaid_sum ?? 0),
      pending: pending.map((begun) => ({ id: begun.id, units: amount(begun.sum) })),
    };
    settled();
    showBill();
  };

  // A payment that was begun here and waits no more has arrived, or was given up long ago.
  const settled = () => {
    if (!payment?.id || mine()) return;
    const arrived = bill.order?.guid !== payment.guid || bill.order.payments.length > payment.paid;
    payment = null;
    remember('payment', null);
    if (arrived) message(texts.thanks);
  };

  const total = (name, units, more = '') => element('p', { className: `total ${more}` },
    element('span', { textContent: name }), sum(units));

  let shownBill = '';
  const showBill = () => {
    const state = JSON.stringify([bill, payment, busy]);
    if (state === shownBill) return;
    shownBill = state;
    if (!bill.order) {
      const note = element('p', { className: 'note', textContent: texts.bill_empty });
      return $('bill').replaceChildren(note);
    }
    const lines = bill.order.dishes.map((line) => element('li', {},
      element('div', {},
        element('div', { textContent: `${number.format(line.count)} × ${line.name}` }),
        element('div', { className: 'small', textContent: line.modifiers.map((extra) => extra.name).join(', ') })),
      sum(amount(line.sum))));
    const paid = bill.order.payments.map((one) => total(`${texts.paid} · ${one.name}`, -amount(one.sum)));
    const parts = [element('ul', { className: 'lines' }, ...lines),
      total(texts.total, amount(bill.order.sum)), ...paid, total(texts.due, bill.unpaid, 'due')];
    const begun = mine();
    const waiting = bill.pending.reduce((sum, begun) => sum + begun.units, 0);
    if (waiting) {
      parts.push(element('p', { className: 'note', textContent: say(texts.pending, shown(waiting)) }));
    }
    const open = begun ? begun.units : due();
    if (!page.payments) {
      parts.push(element('p', { className: 'note', textContent: texts.pay_waiter }));
    } else if (open > 0) {
      const text = say(begun ? texts.pay_on : texts.pay, shown(open));
      const button = element('button', { type: 'button', id: 'pay', className: 'main pay', textContent: text });
      button.disabled = busy;
      button.onclick = pay;
      parts.push(button);
    }
    const focused = document.activeElement?.id === 'pay';
    $('bill').replaceChildren(...parts);
    if (focused) $('pay')?.focus();
  };

  // ---- beginning ----

  $('call').onclick = call;
  $('open-cart').onclick = () => {
    showLines();
    $('cart').showModal();
  };
  $('close-cart').onclick = () => $('cart').close();
  $('order').onclick = () => {
    $('cart').close();
    order();
  };
  // Others at the table order and pay too.
  const look = () => document.visibilityState === 'visible' && !busy && loadBill();
  const polling = setInterval(look, 5000);
  document.addEventListener('visibilitychange', look);
  // A page that a phone brings back from its memory shows what was.
  window.addEventListener('pageshow', (event) => event.persisted && look());
  showCart();
  loadBill();
  loadMenu().then(() => unsent && (age(unsent) < AT_ONCE ? order() : showCart()));
})();
