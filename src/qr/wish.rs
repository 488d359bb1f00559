//! What the body of a request at a table asks for.

use super::error::QrError;
use crate::json::{self, Value};
use crate::ledger::table::Dish;
use daybook_schema::id::{ModifierId, ProductId};
use daybook_schema::{Currency, Money, Quantity};
use std::collections::BTreeSet;

/// Most dishes of one request.
const MAX_ITEMS: usize = 200;

/// Most modifiers of one dish.
const MAX_MODIFIERS: usize = 100;

/// Decimals of a count.
const COUNT_PLACES: u32 = 3;

/// The largest count: 999,999.999.
const MAX_COUNT: i64 = 999_999_999;

/// Most characters of a payment's name.
const MAX_NAME: usize = 100;

/// A payment as it is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Payment {
    pub sum: Option<Money>,
    pub name: Option<String>,
}

/// Reads a body: an object, also where nothing was sent.
pub(super) fn object(bytes: &[u8]) -> Result<Value, QrError> {
    if bytes.is_empty() {
        return Ok(Value::Object(Vec::new()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| invalid(error.to_string()))?;
    let value = json::read(text).map_err(|error| invalid(error.to_string()))?;
    let is_object = matches!(value, Value::Object(_));
    is_object
        .then_some(value)
        .ok_or_else(|| invalid("it is no object".to_owned()))
}

fn invalid(why: impl Into<String>) -> QrError {
    QrError::Invalid(format!("The body is not what this takes: {}", why.into()))
}

/// A member that is there and not null.
fn given<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.member(name).filter(|value| !value.is_null())
}

/// `{"items":[{"id":…,"count":…,"modifiers":[{"id":…,"count":…}]}]}`
pub(super) fn dishes(body: &Value) -> Result<Vec<Dish>, QrError> {
    let Some(Value::List(items)) = given(body, "items") else {
        return Err(invalid("\"items\" is a list of dishes"));
    };
    if !(1..=MAX_ITEMS).contains(&items.len()) {
        return Err(invalid(format!("\"items\" has 1 to {MAX_ITEMS} dishes")));
    }
    items.iter().map(dish).collect()
}

fn dish(item: &Value) -> Result<Dish, QrError> {
    let modifiers = match given(item, "modifiers") {
        None => &Vec::new(),
        Some(Value::List(modifiers)) if modifiers.len() <= MAX_MODIFIERS => modifiers,
        Some(_) => {
            let most = format!("\"modifiers\" is a list of at most {MAX_MODIFIERS}");
            return Err(invalid(most));
        }
    };
    let modifier = |entry| Ok((ModifierId(id(entry)?), count(entry)?));
    let modifiers = modifiers.iter().map(modifier);
    let modifiers = modifiers.collect::<Result<Vec<_>, QrError>>()?;
    let different: BTreeSet<_> = modifiers.iter().map(|(id, _)| id).collect();
    if different.len() < modifiers.len() {
        let why = "a dish names each of its \"modifiers\" once, with a \"count\"";
        return Err(invalid(why.to_owned()));
    }
    Ok(Dish {
        product: ProductId(id(item)?),
        count: count(item)?,
        modifiers,
    })
}

fn id(entry: &Value) -> Result<u32, QrError> {
    let id = entry
        .member("id")
        .filter(|id| matches!(id, Value::Number(_)));
    let id = id.and_then(json::whole).and_then(|id| id.try_into().ok());
    id.ok_or_else(|| invalid("\"id\" is a whole number, and every entry has one"))
}

/// One, when nothing is said.
fn count(entry: &Value) -> Result<Quantity, QrError> {
    let Some(count) = given(entry, "count") else {
        return Ok(Quantity::PIECE);
    };
    let units = json::exact(count, COUNT_PLACES).filter(|units| (1..=MAX_COUNT).contains(units));
    let refused = "\"count\" is a number above 0 and below 1000000 with at most 3 decimals";
    units
        .and_then(|units| Quantity::new(units).ok())
        .ok_or_else(|| invalid(refused))
}

/// `{"sum":24.0,"name":"Card"}`. Whether the sum can be paid is for the ledger to say.
pub(super) fn payment(body: &Value, currency: Currency) -> Result<Payment, QrError> {
    let sum = given(body, "sum").map(|sum| {
        let units = json::exact(sum, currency.exponent());
        let money = units.and_then(|units| Money::new(units).ok());
        money.ok_or_else(|| invalid("\"sum\" is a number with the decimals of the currency"))
    });
    let name = given(body, "name").map(|name| {
        let name = name.as_str().filter(|name| {
            let length = (1..=MAX_NAME).contains(&name.chars().count());
            length && !name.trim().is_empty() && !name.contains(char::is_control)
        });
        name.map(str::to_owned)
            .ok_or_else(|| invalid(format!("\"name\" is a text of 1 to {MAX_NAME} characters")))
    });
    Ok(Payment {
        sum: sum.transpose()?,
        name: name.transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        object(text.as_bytes()).unwrap()
    }

    fn is_refused<T>(result: &Result<T, QrError>) -> bool {
        matches!(result, Err(QrError::Invalid(_)))
    }

    #[test]
    fn dishes_have_counts_of_thousandths() {
        let text = r#"{"items":[{"id":7},{"id":8.0,"count":0.375,"modifiers":null,"price":-5},
            {"id":1e1,"count":2.000,"modifiers":[{"id":502},{"id":501,"count":999999.999}]}],"x":1}"#;
        let dishes = dishes(&read(text)).unwrap();
        let found: Vec<_> = dishes
            .iter()
            .map(|dish| (dish.product.0, dish.count.units(), dish.modifiers.len()))
            .collect();
        assert_eq!(found, [(7, 1000, 0), (8, 375, 0), (10, 2000, 2)]);
        let counts = dishes[2].modifiers.iter().map(|(_, count)| count.units());
        assert!(counts.eq([1000, MAX_COUNT]));
    }

    #[test]
    fn what_is_no_order_is_refused() {
        let entries = [
            "",
            "1",
            "null",
            "[]",
            "{}",
            r#"{"id":"7"}"#,
            r#"{"id":null}"#,
            r#"{"id":1.5}"#,
            r#"{"id":-1}"#,
            r#"{"id":4294967296}"#,
            r#"{"id":7,"count":0}"#,
            r#"{"id":7,"count":-1}"#,
            r#"{"id":7,"count":"1"}"#,
            r#"{"id":7,"count":0.0001}"#,
            r#"{"id":7,"count":1000000}"#,
            r#"{"id":7,"count":1e99999}"#,
            r#"{"id":7,"modifiers":{}}"#,
            r#"{"id":7,"modifiers":[5]}"#,
            r#"{"id":7,"modifiers":[{"id":1,"count":0}]}"#,
        ];
        for entry in entries {
            let body = read(&format!("{{\"items\":[{entry}]}}"));
            assert!(is_refused(&dishes(&body)), "{entry}");
        }
        for body in [
            "{}",
            r#"{"items":null}"#,
            r#"{"items":{}}"#,
            r#"{"items":5}"#,
        ] {
            assert!(is_refused(&dishes(&read(body))), "{body}");
        }
        let many = |entry: &str, count: usize| vec![entry; count].join(",");
        for (count, right) in [(MAX_ITEMS, true), (MAX_ITEMS + 1, false)] {
            let body = read(&format!("{{\"items\":[{}]}}", many("{\"id\":7}", count)));
            assert_eq!(dishes(&body).is_ok(), right);
        }
        let twice = read("{\"items\":[{\"id\":7,\"modifiers\":[{\"id\":1},{\"id\":1}]}]}");
        assert!(is_refused(&dishes(&twice)));
        let modifiers = many("{\"id\":7}", MAX_MODIFIERS + 1);
        let body = read(&format!(
            "{{\"items\":[{{\"id\":7,\"modifiers\":[{modifiers}]}}]}}"
        ));
        assert!(is_refused(&dishes(&body)));
    }

    #[test]
    fn a_body_is_an_object_or_nothing() {
        assert_eq!(read(""), Value::Object(Vec::new()));
        for body in [
            &b"null"[..],
            b"[]",
            b"5",
            b"{",
            b" ",
            b"{\"a\":NaN}",
            b"{\"\xff\":1}",
        ] {
            assert!(is_refused(&object(body)), "{body:?}");
        }
    }

    #[test]
    fn payments_state_their_sum_exactly() {
        let rubles = Currency::new("RUB").unwrap();
        let of = |text: &str| payment(&read(text), rubles);
        assert_eq!(of("").unwrap(), Payment::default());
        assert_eq!(
            of(r#"{"sum":null,"name":null}"#).unwrap(),
            Payment::default()
        );
        for (sum, units) in [("24.0", 2400), ("0.01", 1), ("12.500", 1250), ("-3", -300)] {
            let paid = of(&format!("{{\"sum\":{sum},\"name\":\"Карта\"}}")).unwrap();
            assert_eq!(paid.sum.map(Money::units), Some(units));
            assert_eq!(paid.name.as_deref(), Some("Карта"));
        }
        for sum in ["0.001", "\"24\"", "1e9", "100000000", "true", "[]"] {
            assert!(is_refused(&of(&format!("{{\"sum\":{sum}}}"))), "{sum}");
        }
        let long = format!("\"{}\"", "x".repeat(MAX_NAME + 1));
        for name in ["\"\"", "\" \"", "5", "\"a\\nb\"", &long] {
            assert!(is_refused(&of(&format!("{{\"name\":{name}}}"))), "{name}");
        }
    }
}
