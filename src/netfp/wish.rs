//! What the body of a request asks for, in the words of the printers' crate. Only the form is read
//! here; whether it makes sense is checked when the printer is known.

#[cfg(test)]
mod tests;

use super::bind::{Faults, Misfits, Object, json};
use super::route::Action;
use daybook_printers::device::{Message, PaymentKind};
use daybook_printers::receipt::{Direction, Item, ModifierKind, Operator, Payment, Receipt, Sale};
use daybook_schema::facts::PrintReason;
use daybook_schema::{Money, Quantity};
use jiff::civil::DateTime;

/// The article number of items that have none.
const NO_CODE: i64 = 999;

/// What a request asks for.
#[derive(Debug)]
pub(super) enum Wish {
    Cash,
    /// Set the clock; without a time, to what it is now.
    Datetime(Option<DateTime>),
    Deposit(Transfer),
    Duplicate,
    Raw(String),
    Receipt(Wanted),
    Reset,
    Reversal(Box<Reversal>),
    /// What no driver can do. Holds why.
    Unsupported(&'static str),
    Withdraw(Transfer),
    XReport,
    ZReport,
}

/// A receipt, and what there is to say about how it was asked for.
#[derive(Debug)]
pub(super) struct Wanted {
    pub receipt: Receipt,
    pub warnings: Vec<Message>,
}

/// A receipt that takes one back.
#[derive(Debug)]
pub(super) struct Reversal {
    pub wanted: Wanted,
    pub number: String,
    pub time: Option<DateTime>,
    pub fiscal_memory: String,
    pub reason: PrintReason,
}

/// Money in or out.
#[derive(Debug)]
pub(super) struct Transfer {
    pub amount: Money,
    pub operator: Operator,
}

const PAYMENT_WORDS: [(&str, Option<PaymentKind>); 12] = [
    ("cash", Some(PaymentKind::Cash)),
    ("card", Some(PaymentKind::Card)),
    ("check", Some(PaymentKind::Check)),
    ("coupons", Some(PaymentKind::Coupons)),
    ("ext-coupons", Some(PaymentKind::ExtCoupons)),
    ("packaging", Some(PaymentKind::Packaging)),
    ("internal-usage", Some(PaymentKind::InternalUsage)),
    ("damage", Some(PaymentKind::Damage)),
    ("bank", Some(PaymentKind::Bank)),
    ("reserved1", Some(PaymentKind::Reserved1)),
    ("reserved2", Some(PaymentKind::Reserved2)),
    ("change", None),
];

#[derive(Clone, Copy)]
enum ItemWord {
    Sale,
    Comment,
    Footer,
    Subtotal(Direction),
}

const ITEM_WORDS: [(&str, ItemWord); 5] = [
    ("sale", ItemWord::Sale),
    ("comment", ItemWord::Comment),
    ("footer-comment", ItemWord::Footer),
    ("discount-amount", ItemWord::Subtotal(Direction::Discount)),
    ("surcharge-amount", ItemWord::Subtotal(Direction::Surcharge)),
];

const MODIFIER_WORDS: [(&str, ModifierKind); 5] = [
    ("none", ModifierKind::None),
    (
        "discount-percent",
        ModifierKind::Percent(Direction::Discount),
    ),
    ("discount-amount", ModifierKind::Amount(Direction::Discount)),
    (
        "surcharge-percent",
        ModifierKind::Percent(Direction::Surcharge),
    ),
    (
        "surcharge-amount",
        ModifierKind::Amount(Direction::Surcharge),
    ),
];

const REASON_WORDS: [(&str, PrintReason); 4] = [
    ("operator-error", PrintReason::OperatorError),
    ("refund", PrintReason::Refund),
    ("tax-base-reduction", PrintReason::TaxBaseReduction),
    ("taxbase-reduction", PrintReason::TaxBaseReduction),
];

const IDENTIFIER_WORDS: [(&str, ()); 4] = [
    ("legal-registration", ()),
    ("national-id", ()),
    ("foreigner-id", ()),
    ("tax-number", ()),
];

impl Wish {
    /// Reads a body.
    pub(super) fn read(action: Action, bytes: &[u8]) -> Result<Self, Misfits> {
        // Clients send anything with these, and it never means anything.
        match action {
            Action::Cash => return Ok(Self::Cash),
            Action::Duplicate => return Ok(Self::Duplicate),
            Action::Reset => return Ok(Self::Reset),
            Action::XReport => return Ok(Self::XReport),
            Action::ZReport => return Ok(Self::ZReport),
            Action::Datetime if bytes.trim_ascii().is_empty() => return Ok(Self::Datetime(None)),
            _ => {}
        }
        let value = json(bytes)?;
        let faults = Faults::default();
        let body = Object::body(&value, &faults);
        let wish = match action {
            Action::Datetime => Self::Datetime(body.time("deviceDateTime")),
            Action::Deposit => Self::Deposit(transfer(&body)),
            Action::Withdraw => Self::Withdraw(transfer(&body)),
            Action::Receipt => Self::Receipt(wanted(&body)),
            Action::ReversalReceipt => Self::Reversal(Box::new(reversal(&body))),
            Action::Invoice => {
                wanted(&body);
                recipient(&body);
                Self::Unsupported("Invoice printing is not implemented by this driver")
            }
            Action::CreditNote => {
                reversal(&body);
                recipient(&body);
                Self::Unsupported("Credit note printing is not implemented by this driver")
            }
            _ => {
                let command = body.text("rawRequest");
                if command.is_empty() {
                    body.fault("rawRequest", "This is required");
                }
                Self::Raw(command)
            }
        };
        faults.unless(wish)
    }
}

fn transfer(body: &Object<'_>) -> Transfer {
    // Devices have no place for it, but it must be one.
    body.text("text");
    Transfer {
        amount: money(body.required_number("amount", 2)),
        operator: operator(body),
    }
}

/// A password belongs to the operator who comes with it.
fn operator(body: &Object<'_>) -> Operator {
    let (id, password) = (
        body.some_text("operator"),
        body.some_text("operatorPassword"),
    );
    Operator {
        password: password.filter(|_| id.is_some()),
        id,
    }
}

fn wanted(body: &Object<'_>) -> Wanted {
    let mut warnings = Vec::new();
    let items = body.objects("items");
    let items = items.iter().enumerate();
    let receipt = Receipt {
        unique_sale_number: body.text("uniqueSaleNumber"),
        operator: operator(body),
        items: items
            .map(|(index, item)| read_item(item, index + 1, &mut warnings))
            .collect(),
        payments: body.objects("payments").iter().map(payment).collect(),
    };
    Wanted { receipt, warnings }
}

fn read_item(item: &Object<'_>, number: usize, warnings: &mut Vec<Message>) -> Item {
    let mut kind = item.word("type", &ITEM_WORDS).unwrap_or(ItemWord::Sale);
    if item.flag("isComment") == Some(true) {
        kind = ItemWord::Comment;
        let text = format!("Item {number}: \"isComment\" is deprecated: use the type \"comment\"");
        warnings.push(Message::warning("W401", text));
    }
    // Every member must be one, also where it means nothing.
    let sold = sale(item);
    let amount = money(item.number("amount", 2).unwrap_or_default());
    match kind {
        ItemWord::Sale => Item::Sale(sold),
        ItemWord::Comment => Item::Comment(sold.text),
        ItemWord::Footer => Item::Footer(sold.text),
        // The device puts it where the lines are, whatever its tax group.
        ItemWord::Subtotal(direction) => Item::Subtotal { direction, amount },
    }
}

fn sale(item: &Object<'_>) -> Sale {
    // The other spelling stands in the protocol's own list of members.
    let (quantity, other) = (item.number("quantity", 3), item.number("quantiy", 3));
    let quantity = quantity.or(other).unwrap_or_default();
    Sale {
        text: item.text("text"),
        quantity: Quantity::new(quantity).unwrap_or_default(),
        unit_price: money(item.number("unitPrice", 2).unwrap_or_default()),
        tax_group: small(item.integer("taxGroup")),
        department: small(item.integer("department")),
        code: item.integer("itemCode").unwrap_or(NO_CODE),
        modifier: item
            .word("priceModifierType", &MODIFIER_WORDS)
            .unwrap_or_default(),
        modifier_value: item.number("priceModifierValue", 2).unwrap_or_default(),
    }
}

fn payment(payment: &Object<'_>) -> Payment {
    let amount = payment.number("amount", 2).map(money);
    let kind = payment.word("paymentType", &PAYMENT_WORDS);
    match kind.unwrap_or(Some(PaymentKind::Cash)) {
        Some(kind) => Payment::Paid { kind, amount },
        None => Payment::Change { amount },
    }
}

fn reversal(body: &Object<'_>) -> Reversal {
    Reversal {
        wanted: wanted(body),
        number: body.text("receiptNumber"),
        time: body.time("receiptDateTime"),
        fiscal_memory: body.text("fiscalMemorySerialNumber"),
        reason: body.word("reason", &REASON_WORDS).unwrap_or_default(),
    }
}

/// Nobody prints it, but it must be one.
fn recipient(body: &Object<'_>) {
    if let Some(recipient) = body.object("recipient") {
        for name in ["name", "identifier", "vatNumber", "address", "city"] {
            recipient.text(name);
        }
        recipient.word("identifierType", &IDENTIFIER_WORDS);
    }
    for name in ["receiver", "issuer", "number"] {
        body.text(name);
    }
}

fn money(units: i64) -> Money {
    Money::new(units).unwrap_or_default()
}

/// What is out of range stays so.
fn small(number: Option<i64>) -> i32 {
    let number = number.unwrap_or_default();
    i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX })
}
