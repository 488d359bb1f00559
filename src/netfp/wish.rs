//! What the body of a request asks for, in the words of the printers' crate. Only the form is read
//! here; whether it makes sense is checked when the printer is known.

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
    match kind {
        ItemWord::Sale => Item::Sale(sale(item)),
        ItemWord::Comment => Item::Comment(item.text("text")),
        ItemWord::Footer => Item::Footer(item.text("text")),
        ItemWord::Subtotal(direction) => {
            // The device puts it where the lines are.
            item.integer("taxGroup");
            Item::Subtotal {
                direction,
                amount: money(item.number("amount", 2).unwrap_or_default()),
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(body: &str) -> Wanted {
        match Wish::read(Action::Receipt, body.as_bytes()) {
            Ok(Wish::Receipt(wanted)) => wanted,
            other => panic!("{other:?}"),
        }
    }

    fn misfits(action: Action, body: &str) -> Vec<String> {
        let misfits = Wish::read(action, body.as_bytes()).unwrap_err();
        misfits.0.into_keys().collect()
    }

    fn units(units: i64) -> Money {
        Money::new(units).unwrap()
    }

    #[test]
    fn the_documented_receipt_is_read() {
        let wanted = receipt(
            r#"{"uniqueSaleNumber":"DT279013-DD01-0000001","operator":"1","operatorPassword":"1",
             "items":[{"text":"Bread","quantity":2,"unitPrice":1.5,"taxGroup":2,
               "priceModifierValue":10,"priceModifierType":"discount-percent"},
              {"type":"comment","text":"Table 4"},{"type":"discount-amount","amount":0.2},
              {"type":"footer-comment","text":"Thank you"}],
             "payments":[{"amount":1,"paymentType":"card"},{"paymentType":"cash"}]}"#,
        );
        assert!(wanted.warnings.is_empty());
        let expected = Receipt {
            unique_sale_number: "DT279013-DD01-0000001".to_owned(),
            operator: Operator {
                id: Some("1".to_owned()),
                password: Some("1".to_owned()),
            },
            items: vec![
                Item::Sale(Sale {
                    text: "Bread".to_owned(),
                    quantity: Quantity::pieces(2).unwrap(),
                    unit_price: units(150),
                    tax_group: 2,
                    department: 0,
                    code: 999,
                    modifier: ModifierKind::Percent(Direction::Discount),
                    modifier_value: 1000,
                }),
                Item::Comment("Table 4".to_owned()),
                Item::Subtotal {
                    direction: Direction::Discount,
                    amount: units(20),
                },
                Item::Footer("Thank you".to_owned()),
            ],
            payments: vec![
                Payment::Paid {
                    kind: PaymentKind::Card,
                    amount: Some(units(100)),
                },
                Payment::Paid {
                    kind: PaymentKind::Cash,
                    amount: None,
                },
            ],
        };
        assert_eq!(wanted.receipt, expected);
    }

    fn first_sale(item: &str) -> Sale {
        let wanted = receipt(&format!("{{\"items\":[{item}]}}"));
        match &wanted.receipt.items[0] {
            Item::Sale(sale) => sale.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_are_rounded_and_may_be_texts() {
        let sale = first_sale(
            r#"{"text":"x","quantity":"0.3755","unitPrice":"4.605","taxGroup":"2","ItemCode":7}"#,
        );
        assert_eq!((sale.quantity.units(), sale.unit_price.units()), (376, 461));
        assert_eq!((sale.tax_group, sale.code), (2, 7));
        // What no device could print is left to the check, which says why.
        let sale = first_sale(r#"{"quantity":1e20,"unitPrice":-1e20,"taxGroup":99999999999}"#);
        assert!(sale.quantity.units() > 999_999_999 && sale.unit_price.units() < -9_999_999_999);
        assert_eq!(sale.tax_group, i32::MAX);
    }

    #[test]
    fn quantities_have_two_spellings_and_the_right_one_wins() {
        for (item, thousandths) in [
            (r#"{"quantiy":3}"#, 3000),
            (r#"{"quantiy":3,"quantity":2}"#, 2000),
            (r#"{"quantiy":3,"quantity":null}"#, 3000),
            (r"{}", 0),
        ] {
            assert_eq!(first_sale(item).quantity.units(), thousandths, "{item}");
        }
    }

    #[test]
    fn an_old_comment_is_one_with_a_warning() {
        let wanted =
            receipt(r#"{"items":[{"text":"a"},{"text":"b","isComment":true,"type":"sale"}]}"#);
        assert_eq!(wanted.receipt.items[1], Item::Comment("b".to_owned()));
        let [warning] = wanted.warnings.as_slice() else {
            panic!("{:?}", wanted.warnings);
        };
        assert_eq!(warning.code, Some("W401"));
        assert!(warning.text.starts_with("Item 2"));
        assert!(
            receipt(r#"{"items":[{"isComment":false}]}"#)
                .warnings
                .is_empty()
        );
    }

    #[test]
    fn payments_have_defaults() {
        for (payments, expected) in [
            ("null", vec![]),
            ("[]", vec![]),
            (
                r#"[{"amount":"20"},{"paymentType":"change","amount":-2}]"#,
                vec![
                    Payment::Paid {
                        kind: PaymentKind::Cash,
                        amount: Some(units(2000)),
                    },
                    Payment::Change {
                        amount: Some(units(-200)),
                    },
                ],
            ),
        ] {
            let wanted = receipt(&format!("{{\"payments\":{payments}}}"));
            assert_eq!(wanted.receipt.payments, expected, "{payments}");
        }
        for kind in PaymentKind::ALL {
            let words = PAYMENT_WORDS.iter();
            let named = words.filter(|(word, known)| *known == Some(kind) && *word == kind.name());
            assert_eq!(named.count(), 1, "{kind:?}");
        }
    }

    #[test]
    fn what_does_not_bind_is_told_by_its_path() {
        for (action, body, paths) in [
            (Action::Receipt, "[]", vec!["$"]),
            (Action::Receipt, "", vec!["$"]),
            (Action::Receipt, r#"{"items":{}}"#, vec!["items"]),
            (
                Action::Receipt,
                r#"{"items":[{"type":"gift"},{"priceModifierType":"half","unitPrice":"a"}],
                   "payments":[{},{"paymentType":"gold"}],"operator":1}"#,
                vec![
                    "items[0].type",
                    "items[1].priceModifierType",
                    "items[1].unitPrice",
                    "operator",
                    "payments[1].paymentType",
                ],
            ),
            (
                Action::ReversalReceipt,
                r#"{"reason":"mood"}"#,
                vec!["reason"],
            ),
            (
                Action::ReversalReceipt,
                r#"{"receiptDateTime":"yesterday"}"#,
                vec!["receiptDateTime"],
            ),
            (Action::Deposit, "{}", vec!["amount"]),
            (Action::Withdraw, r#"{"amount":true}"#, vec!["amount"]),
            (Action::RawRequest, "{}", vec!["rawRequest"]),
            (
                Action::Invoice,
                r#"{"recipient":{"identifierType":"name"}}"#,
                vec!["recipient.identifierType"],
            ),
            (
                Action::Datetime,
                r#"{"deviceDateTime":"12 o'clock"}"#,
                vec!["deviceDateTime"],
            ),
        ] {
            assert_eq!(misfits(action, body), paths, "{action:?} {body}");
        }
    }

    #[test]
    fn bodies_that_mean_nothing_are_not_read() {
        for action in [
            Action::Cash,
            Action::Duplicate,
            Action::Reset,
            Action::XReport,
            Action::ZReport,
        ] {
            assert!(Wish::read(action, b"operator=1&x").is_ok(), "{action:?}");
        }
        for body in [
            "",
            " ",
            "{}",
            "{\"deviceDateTime\":null}",
            "{\"deviceDateTime\":\"\"}",
        ] {
            let wish = Wish::read(Action::Datetime, body.as_bytes());
            assert!(matches!(wish, Ok(Wish::Datetime(None))), "{body}");
        }
    }

    #[test]
    fn a_password_without_an_operator_is_nobodys() {
        let Ok(Wish::Deposit(transfer)) = Wish::read(
            Action::Deposit,
            br#"{"amount":"12.345","operatorPassword":"1","text":"float"}"#,
        ) else {
            panic!("no transfer");
        };
        assert_eq!(transfer.amount, units(1235));
        assert_eq!(transfer.operator, Operator::default());
    }
}
