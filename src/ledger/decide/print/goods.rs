//! Lines of sales and orders as items of receipts and tickets.

use daybook_projections::Views;
use daybook_schema::facts::{
    OrderExtension, OrderLine, PaymentKind, PrintItem, PrintModifier, PrintPayment, PrintReceipt,
    PrintSale, ReceiptRule, Sale, SaleLine,
};
use daybook_schema::id::ProductId;
use daybook_schema::{Currency, Decimal, Money, Quantity};
use std::collections::BTreeMap;

/// Characters of a text on paper; no device prints longer names.
const TEXT_CHARS: usize = 72;

/// Lines of a receipt. Equal ones of a longer sale are counted together, and what is left over is
/// one line for each tax group: devices and event lines have limits.
const MAX_LINES: usize = 100;

/// What stands for lines that did not fit.
const OTHERS: &str = "...";

/// The largest amount that devices take, in hundredths.
const MAX_AMOUNT: i64 = 9_999_999_999;

/// The article number of what has none, as the protocol has it.
const NO_CODE: u32 = 999;

/// A dish or product for a kitchen.
pub(super) struct Entry {
    pub category: String,
    pub items: Vec<PrintItem>,
}

/// A line of a receipt: price and pieces in hundredths and thousandths, and what is taken off it.
#[derive(Clone)]
struct Good {
    text: String,
    price: i64,
    quantity: i64,
    total: i64,
    group: u8,
    off: i64,
}

/// The receipt of a sale; nothing when nothing of it belongs on one, or it pays the customer.
pub(super) fn receipt(views: &Views, rule: ReceiptRule, parts: &[&Sale]) -> Option<PrintReceipt> {
    let sale = parts.last()?;
    let mut goods = Vec::new();
    let mut minus = Vec::new();
    let mut needed = false;
    for (line, product) in lines(parts) {
        // A deposit goes with its product.
        needed = (line.deposit && needed) || rule == ReceiptRule::All || needs(views, product);
        let good = good(views, sale.currency, line, product);
        match good.total {
            0 => {}
            _ if !needed => {}
            1.. => goods.push(good),
            _ => minus.push(good),
        }
    }
    let mut goods = shortened(goods);
    for good in minus {
        take_off(&mut goods, good.group, -good.total)?;
    }
    let total: i64 = goods.iter().map(|good| good.total - good.off).sum();
    if goods.is_empty() {
        return None;
    }
    let mut items: Vec<PrintItem> = goods.into_iter().map(item).collect();
    let last = sale.tx.last().map(|tx| tx.hash.to_string());
    let witness = last.map(|hash| hash.chars().take(16).collect::<String>());
    items.extend(witness.map(PrintItem::Footer));
    Some(PrintReceipt {
        items,
        payments: payments(sale, total),
        ..PrintReceipt::default()
    })
}

fn lines<'a>(parts: &'a [&Sale]) -> impl Iterator<Item = (&'a SaleLine, ProductId)> {
    let of = |part: &'a &Sale| {
        part.lines
            .iter()
            .zip(part.tx.iter().map(|tx| tx.product_id))
    };
    parts.iter().flat_map(of)
}

/// Whether its sale needs a receipt. Something in its pack (a printed ticket) may serve as one.
fn needs(views: &Views, product: ProductId) -> bool {
    let product = views.product.product(product);
    product.is_some_and(|product| {
        product.needs_receipt && !product.pack.iter().any(|item| item.is_receipt)
    })
}

fn good(views: &Views, currency: Currency, line: &SaleLine, product: ProductId) -> Good {
    let product = views.product.product(product);
    let (price, total) = (
        hundredths(currency, line.price),
        hundredths(currency, line.total),
    );
    let quantity = line.quantity.units();
    // Where pieces do not share the total evenly in hundredths, the line is one piece.
    let even = i128::from(price) * i128::from(quantity) == i128::from(total) * 1000;
    let name = product.map_or(&line.name, |product| &product.receipt_name);
    Good {
        text: text(name),
        price: if even { price } else { total },
        quantity: if even { quantity } else { 1000 },
        total,
        group: product.map_or(1, |product| product.tax_group),
        off: 0,
    }
}

/// Devices count in hundredths, whatever the currency's smallest unit is.
fn hundredths(currency: Currency, money: Money) -> i64 {
    let units = money.units();
    match currency.exponent() {
        exponent @ 0..=2 => units.saturating_mul(10i64.pow(2 - exponent)),
        exponent => {
            let unit = 10i64.pow(exponent - 2);
            let half = if units < 0 { -unit / 2 } else { unit / 2 };
            (units + half) / unit
        }
    }
}

fn shortened(goods: Vec<Good>) -> Vec<Good> {
    if goods.len() <= MAX_LINES {
        return goods;
    }
    let mut merged: Vec<Good> = Vec::new();
    let mut places = BTreeMap::new();
    for good in goods {
        let key = (good.text.clone(), good.price, good.group);
        let place = *places.entry(key).or_insert(merged.len());
        match merged.get_mut(place) {
            Some(same) => {
                same.quantity += good.quantity;
                same.total += good.total;
            }
            None => merged.push(good),
        }
    }
    if merged.len() <= MAX_LINES {
        return merged;
    }
    // Tax groups are 1 to 8.
    let rest = merged.split_off(MAX_LINES - 8);
    let mut others = BTreeMap::<u8, i64>::new();
    for good in rest {
        *others.entry(good.group).or_default() += good.total;
    }
    let other = |(group, total)| Good {
        text: OTHERS.to_owned(),
        price: total,
        quantity: 1000,
        total,
        group,
        off: 0,
    };
    merged.extend(others.into_iter().map(other));
    merged
}

/// Devices print no negative lines: what came back is taken off lines of its tax group, then of
/// others. Nothing when the goods are not worth that much.
fn take_off(goods: &mut [Good], group: u8, mut amount: i64) -> Option<()> {
    for own in [true, false] {
        for good in goods.iter_mut().filter(|good| (good.group == group) == own) {
            let off = amount.min(good.total - good.off);
            good.off += off;
            amount -= off;
        }
    }
    (amount == 0).then_some(())
}

fn item(good: Good) -> PrintItem {
    let off = Money::new(-good.off).unwrap_or_default();
    PrintItem::Sale(PrintSale {
        code: NO_CODE,
        department: 0,
        modifier: (good.off > 0).then_some(PrintModifier::Amount(off)),
        quantity: Quantity::new(good.quantity).unwrap_or(Quantity::PIECE),
        tax_group: good.group,
        text: good.text,
        unit_price: Money::new(good.price).unwrap_or_default(),
    })
}

/// Cash with its change, where the desk said what it was given and everything is on the receipt. What
/// nobody can have given (a bar code was scanned into that field) is no reason to print nothing.
fn payments(sale: &Sale, total: i64) -> Vec<PrintPayment> {
    let whole = PrintPayment {
        amount: None,
        kind: Some(sale.payment.kind),
    };
    let given = sale
        .cash_given
        .filter(|_| sale.payment.kind == PaymentKind::Cash);
    let given = given.map(|given| hundredths(sale.currency, given));
    let gross = sale.totals.as_ref();
    let gross = gross.map(|totals| hundredths(sale.currency, totals.gross));
    match given {
        Some(given @ ..=MAX_AMOUNT) if given > total && gross == Some(total) => {
            let amount = |units| Money::new(units).ok();
            let change = PrintPayment {
                amount: amount(total - given),
                kind: None,
            };
            let cash = PrintPayment {
                amount: amount(given),
                ..whole
            };
            vec![cash, change]
        }
        _ => vec![whole],
    }
}

/// What kitchens have to do for a sale.
pub(super) fn sold(views: &Views, parts: &[&Sale]) -> Vec<Entry> {
    let entry = |(line, product): (&SaleLine, ProductId)| {
        let category = category(views, product)?;
        let positive = !line.deposit && line.quantity.units() > 0 && line.total.units() >= 0;
        let items = vec![ticket(&line.name, line.quantity)];
        positive.then_some(Entry { category, items })
    };
    lines(parts).filter_map(entry).collect()
}

/// What kitchens have to do for an order.
pub(super) fn ordered(views: &Views, order: &OrderExtension) -> Vec<Entry> {
    let entry = |line: &OrderLine| {
        let category = category(views, line.product)?;
        let mut items = vec![ticket(&line.name, line.count)];
        for modifier in &line.modifiers {
            let count = Decimal::new(modifier.count.units(), 3);
            items.push(comment(&format!("  + {count} x {}", modifier.name)));
        }
        Some(Entry { category, items })
    };
    order.added.iter().filter_map(entry).collect()
}

fn category(views: &Views, product: ProductId) -> Option<String> {
    views.product.product(product)?.category.clone()
}

fn ticket(name: &str, quantity: Quantity) -> PrintItem {
    PrintItem::Sale(PrintSale {
        code: NO_CODE,
        department: 0,
        modifier: None,
        quantity,
        tax_group: 0,
        text: text(name),
        unit_price: Money::ZERO,
    })
}

pub(super) fn comment(words: &str) -> PrintItem {
    PrintItem::Comment(words.chars().take(TEXT_CHARS).collect())
}

fn text(name: &str) -> String {
    let text: String = name.chars().take(TEXT_CHARS).collect();
    if text.trim().is_empty() {
        return OTHERS.to_owned();
    }
    text
}
