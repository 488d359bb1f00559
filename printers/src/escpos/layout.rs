//! What stands on a receipt that is not fiscal, on a slip and on a kitchen ticket.

use super::document::{Cut, Document, Paper, Style};
use crate::device::PaymentKind;
use crate::receipt::{
    Checked, CheckedReversal, Line, Modifier, SaleLine, line_amount, shortest, two_digits,
};
use daybook_schema::Money;
use jiff::civil::DateTime;
use std::collections::BTreeMap;

/// How a printer's paper is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The paper.
    pub paper: Paper,
    /// Lines at the top of each receipt.
    pub header: Vec<String>,
    /// The shop's language.
    pub words: Words,
    /// How paper is cut; `None` where it is torn off.
    pub cut: Option<Cut>,
    /// Whether the drawer opens for cash.
    pub drawer: bool,
    /// A ticket for the kitchen: what was ordered, without prices.
    pub kitchen: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            paper: Paper::default(),
            header: Vec::new(),
            words: Words::default(),
            cut: Some(Cut::Partial),
            drawer: false,
            kitchen: false,
        }
    }
}

/// The words of the shop's language.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the word itself")]
pub struct Words {
    pub total: String,
    pub change: String,
    pub discount: String,
    pub surcharge: String,
    pub reversal: String,
    pub reversal_of: String,
    pub deposit: String,
    pub withdrawal: String,
    pub copy: String,
    pub not_fiscal: String,
    /// Names of payments; one that is missing keeps the name of the protocol.
    pub payments: BTreeMap<PaymentKind, String>,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            total: "TOTAL".to_owned(),
            change: "Change".to_owned(),
            discount: "Discount".to_owned(),
            surcharge: "Surcharge".to_owned(),
            reversal: "REVERSAL".to_owned(),
            reversal_of: "of receipt".to_owned(),
            deposit: "DEPOSIT".to_owned(),
            withdrawal: "WITHDRAWAL".to_owned(),
            copy: "COPY".to_owned(),
            not_fiscal: "NOT A FISCAL RECEIPT".to_owned(),
            payments: BTreeMap::new(),
        }
    }
}

/// What whoever prints knows of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Its number.
    pub number: String,
    /// When it is printed, in local time.
    pub time: DateTime,
    /// Something to be scanned.
    pub code: Option<String>,
    /// Which copy this is of what was printed before: it says so at the top, and the drawer stays
    /// shut. `None` is the document itself.
    pub copy: Option<u32>,
}

/// Lines fed before the cut.
const FEED: u8 = 3;
/// Dots of a QR code.
const CODE_SIZE: u8 = 6;

/// A receipt.
#[must_use]
pub fn receipt(receipt: &Checked, stamp: &Stamp, layout: &Layout) -> Vec<u8> {
    let mut document = begin(layout, stamp, is_cash(receipt));
    print(&mut document, receipt, layout);
    end(document, stamp, layout)
}

/// A receipt that takes one back.
#[must_use]
pub fn reversal(reversal: &CheckedReversal, stamp: &Stamp, layout: &Layout) -> Vec<u8> {
    let mut document = begin(layout, stamp, true);
    let words = &layout.words;
    document.styled(&words.reversal, Style::TITLE);
    let original = format!("{} {}", words.reversal_of, reversal.number);
    document.styled(&original, Style::CENTRE);
    print(&mut document, reversal.receipt(), layout);
    end(document, stamp, layout)
}

/// A slip for money put into the drawer (above zero) or taken out of it.
#[must_use]
pub fn transfer(amount: Money, stamp: &Stamp, layout: &Layout) -> Vec<u8> {
    let mut document = begin(layout, stamp, true);
    let words = &layout.words;
    let what = if amount.units() < 0 {
        &words.withdrawal
    } else {
        &words.deposit
    };
    document.styled(what, Style::TITLE);
    document.styled(&two_digits(amount.units().abs()), Style::TITLE);
    end(document, stamp, layout)
}

/// Opens the drawer and prints nothing.
#[must_use]
pub fn drawer(layout: &Layout) -> Vec<u8> {
    let mut document = Document::new(layout.paper);
    document.drawer();
    document.into_bytes()
}

fn is_cash(receipt: &Checked) -> bool {
    let tenders = receipt.tenders();
    tenders.is_empty()
        || tenders
            .iter()
            .any(|tender| tender.kind == PaymentKind::Cash)
}

/// The drawer opens first: the change is counted while the receipt is printed.
fn begin(layout: &Layout, stamp: &Stamp, cash: bool) -> Document {
    let mut document = Document::new(layout.paper);
    if layout.drawer && cash && !layout.kitchen && stamp.copy.is_none() {
        document.drawer();
    }
    if let Some(copy) = stamp.copy {
        document.styled(&format!("{} {copy}", layout.words.copy), Style::TITLE);
    }
    for line in &layout.header {
        document.styled(line, Style::CENTRE);
    }
    document
}

fn end(mut document: Document, stamp: &Stamp, layout: &Layout) -> Vec<u8> {
    document.sides(
        &stamp.number,
        &stamp.time.strftime("%d.%m.%Y %H:%M").to_string(),
    );
    if !layout.kitchen {
        document.styled(&layout.words.not_fiscal, Style::CENTRE);
    }
    if let Some(code) = &stamp.code {
        document.styled_qr(code, CODE_SIZE);
    }
    document.feed(FEED);
    if let Some(cut) = layout.cut {
        document.cut(cut);
    }
    document.into_bytes()
}

fn print(document: &mut Document, receipt: &Checked, layout: &Layout) {
    document.rule('-');
    for line in receipt.lines() {
        match line {
            Line::Comment(text) => document.line(text),
            Line::Sale(sale) if layout.kitchen => {
                let quantity = shortest(sale.quantity.units());
                document.styled(&format!("{quantity} x {}", sale.text), Style::BOLD);
            }
            Line::Sale(sale) => print_sale(document, sale, &layout.words),
            Line::Subtotal(_) if layout.kitchen => {}
            Line::Subtotal(amount) => change(document, "", amount.units(), &layout.words),
        }
    }
    document.rule('-');
    if !layout.kitchen {
        print_payments(document, receipt, &layout.words);
    }
    for footer in receipt.footers() {
        document.styled(footer, Style::CENTRE);
    }
}

fn print_sale(document: &mut Document, sale: &SaleLine, words: &Words) {
    let (price, quantity) = (sale.unit_price.units(), sale.quantity.units());
    let line = line_amount(price, quantity, None);
    if quantity == 1000 {
        document.sides(&sale.text, &two_digits(line));
    } else {
        document.line(&sale.text);
        let product = format!("  {} x {}", shortest(quantity), two_digits(price));
        document.sides(&product, &two_digits(line));
    }
    let percent = match sale.modifier {
        None => return,
        Some(Modifier::Percent(percent)) => format!(" {}%", two_digits(percent.abs())),
        Some(Modifier::Amount(_)) => String::new(),
    };
    change(document, &percent, sale.amount.units() - line, words);
}

fn change(document: &mut Document, percent: &str, amount: i64, words: &Words) {
    let word = if amount < 0 {
        &words.discount
    } else {
        &words.surcharge
    };
    document.sides(&format!("  {word}{percent}"), &two_digits(amount));
}

fn print_payments(document: &mut Document, receipt: &Checked, words: &Words) {
    let total = receipt.total().units();
    document.styled_sides(&words.total, &two_digits(total), Style::BOLD);
    let name = |kind: PaymentKind| match words.payments.get(&kind) {
        Some(name) => name.clone(),
        None => kind.name().to_owned(),
    };
    if receipt.tenders().is_empty() {
        document.sides(&name(PaymentKind::Cash), &two_digits(total));
    }
    let mut paid = 0;
    for tender in receipt.tenders() {
        paid += tender.amount.units();
        document.sides(&name(tender.kind), &two_digits(tender.amount.units()));
    }
    if paid > total {
        document.sides(&words.change, &two_digits(paid - total));
    }
}
