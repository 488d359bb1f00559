// A customer display: it logs in at the lane of its address and draws every sale it is told of anew.
"use strict";

const lane = Number(location.pathname.split("/").filter(Boolean)[1]);
// Behind the # it is sent to nobody: no server and no proxy ever writes it into a log.
const key = new URLSearchParams(location.hash.slice(1)).get("key");
const byId = (id) => document.getElementById(id);
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15000;
// The server repeats an open sale and pings; a socket that cannot even be closed is left behind.
const OPEN_PATIENCE = 10000;

let pause = FIRST_PAUSE;
let info = { storename: "", lanename: "", currency: null, decimals: 2, message: "" };

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/fd1/open_websocket`);
  const patience = setTimeout(() => socket.close(), OPEN_PATIENCE);
  const ask = (a, rq, v) => socket.send(JSON.stringify({ a, rq, v }));
  let over = false;
  socket.onopen = () => {
    const v = { purpose: "customerdisplay", lane };
    if (key) v.apikey = key;
    ask("fd1.session.login", "login", v);
  };
  socket.onmessage = (message) => {
    const packet = JSON.parse(message.data);
    if (packet.rp === "login" && packet.data) {
      clearTimeout(patience);
      pause = FIRST_PAUSE;
      byId("offline").hidden = true;
      ask("fd1.customerdisplay.get_info", "info");
      ask("fd1.firehose.open_firehose", "sale", { event: "custdisp.sale.*" });
    } else if (packet.rp === "info" && packet.data) {
      introduce(packet.data.rows[0]);
    } else if (packet.sc && packet.sc.startsWith("custdisp.sale.")) {
      draw(packet.v);
    }
  };
  socket.onclose = () => {
    if (over) return;
    over = true;
    clearTimeout(patience);
    byId("offline").hidden = false;
    // Many displays that lost one server shall not come back in the same moment.
    setTimeout(connect, pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  };
}

function introduce(row) {
  info = row;
  byId("store").textContent = row.storename ?? "";
  byId("lane").textContent = row.lanename ?? "";
  byId("name").textContent = row.storename ?? "";
  byId("welcome").textContent = row.message ?? "";
  document.title = [row.storename, row.lanename].filter(Boolean).join(" · ");
}

function money(amount) {
  const digits = { minimumFractionDigits: info.decimals ?? 2, maximumFractionDigits: info.decimals ?? 2 };
  const style = info.currency ? { style: "currency", currency: info.currency } : {};
  return new Intl.NumberFormat(navigator.language, { ...style, ...digits }).format(amount);
}

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function cell(kind, text) {
  const made = element("span", text);
  made.className = kind;
  return made;
}

function draw(sale) {
  const idle = sale.salephyskey === null;
  document.body.classList.toggle("idle", idle);
  byId("idle").hidden = !idle;
  byId("sale").hidden = idle;
  const lines = sale.lines.map((line) =>
    element(
      "li",
      cell("qty", `${line.qty} ×`),
      cell("name", line.product.description),
      cell("price", money(line.totalprice)),
    ),
  );
  byId("lines").replaceChildren(...lines);
  byId("total").querySelector("output").textContent = money(sale.saletotal);
  const payments = sale.payments.map((payment) =>
    element("li", element("span", payment.name), element("span", money(payment.amount))),
  );
  byId("payments").replaceChildren(...payments);
  const paid = sale.payments.reduce((sum, payment) => sum + payment.amount, 0);
  // Shown only, and never booked; rounding takes away what binary numbers add.
  const change = Number((paid - sale.saletotal).toFixed(info.decimals ?? 2));
  byId("change").hidden = !(sale.payments.length > 0 && change > 0);
  byId("change").querySelector("output").textContent = money(change);
}

connect();
