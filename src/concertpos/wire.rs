//! The messages of this protocol: reading requests from JSON or JSON5, writing answers as JSON.

use super::error::PosError;
use super::lenient;
use daybook_schema::facts::{self, Tx};
use daybook_schema::id::{PaymentMethodId, PosId, ProductId, TxId};
use daybook_schema::{Currency, Decimal, TxHash, TxTime};
use serde::Serialize;
use serde_json::{Map, Value};

/// A request as it stands in the message, not yet checked.
#[derive(Debug, Default)]
pub struct Request {
    /// `command`, when it is there and a text.
    pub command: Option<String>,
    /// `parameters`, empty when missing or no object.
    pub parameters: Parameters,
}

/// The parameters of a request.
#[derive(Debug, Default)]
pub struct Parameters(Map<String, Value>);

impl Request {
    /// Reads a message: as JSON, then as JSON5. Which of the two errors is told depends on what the
    /// socket asked for.
    ///
    /// # Errors
    /// When the message is neither, or no object.
    pub fn read(message: &[u8], json5: bool) -> Result<Self, PosError> {
        let refused = || {
            if json5 {
                PosError::InvalidJson5
            } else {
                PosError::InvalidJson
            }
        };
        let value = match serde_json::from_slice(message) {
            Ok(value) => value,
            Err(_) => lenient::read(message).ok_or_else(refused)?,
        };
        let Value::Object(mut object) = value else {
            return Err(refused());
        };
        let command = match object.remove("command") {
            Some(Value::String(name)) if !name.is_empty() => Some(name),
            // A command that is no text names nothing we know.
            Some(Value::Null | Value::String(_)) | None => None,
            Some(_) => Some(String::new()),
        };
        let parameters = match object.remove("parameters") {
            Some(Value::Object(parameters)) => parameters,
            _ => Map::new(),
        };
        Ok(Self {
            command,
            parameters: Parameters(parameters),
        })
    }
}

impl Parameters {
    /// The value, unless it is absent, null or an empty text.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .get(name)
            .filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// A text; a number counts as its digits, since passwords and keys often are numbers.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// A whole number, also one in a text or with a zero fraction.
#[must_use]
pub fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole_float(number.as_f64()?)),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// `5.0` and `1e3` are whole; a double is exact below 2^53.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be whole and small"
)]
fn whole_float(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
}

/// Serialises an answer. Ours never fail: their keys are texts and their numbers finite.
pub(super) fn text(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

#[derive(Serialize)]
struct Message<R> {
    #[serde(rename = "type")]
    type_: &'static str,
    result: R,
}

#[derive(Serialize)]
struct EventBody<P> {
    event: &'static str,
    parameters: P,
}

#[derive(Serialize)]
struct BroadcastBody<'a> {
    message: &'a str,
    parameters: Map<String, Value>,
}

/// An event: the answer to a command.
#[must_use]
pub fn event(name: &'static str, parameters: impl Serialize) -> String {
    text(&Message {
        type_: "event",
        result: EventBody {
            event: name,
            parameters,
        },
    })
}

/// A broadcast: what all sockets of an instance are told.
#[must_use]
pub fn broadcast(message: &str) -> String {
    text(&Message {
        type_: "broadcast",
        result: BroadcastBody {
            message,
            parameters: Map::new(),
        },
    })
}

/// A transaction as this protocol shows it. `prev` stands on the oldest row of a list that does not
/// reach back to the first, so that every answer can be verified alone; it is not hashed.
#[derive(Serialize)]
pub struct Row {
    #[serde(rename = "ID")]
    id: TxId,
    #[serde(rename = "Payment_ID")]
    payment_id: PaymentMethodId,
    #[serde(rename = "PointOfSaleID")]
    point_of_sale_id: PosId,
    #[serde(rename = "Product_ID")]
    product_id: ProductId,
    #[serde(rename = "AmountProduct")]
    amount_product: u32,
    #[serde(rename = "AmountMoney")]
    amount_money: Decimal,
    timestamp: TxTime,
    hash: TxHash,
    #[serde(rename = "Note")]
    note: Option<String>,
    /// Hash of the row before the oldest one shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<TxHash>,
}

impl From<Tx> for Row {
    fn from(tx: Tx) -> Self {
        Self {
            id: tx.id,
            payment_id: tx.payment_id,
            point_of_sale_id: tx.point_of_sale_id,
            product_id: tx.product_id,
            amount_product: tx.amount_product,
            amount_money: tx.amount_money,
            timestamp: tx.timestamp,
            hash: tx.hash,
            note: tx.note,
            prev: None,
        }
    }
}

/// The answer to `listtransactions`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Transactions {
    /// Rows returned.
    pub count: usize,
    /// Newest first.
    pub transactions: Vec<Row>,
}

/// The answer to `payitems`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Paid {
    /// Product lines booked, deposits not counted.
    pub items: usize,
    /// Their rows in request order.
    pub transactions: Vec<Row>,
}

/// The answer to `listproducts`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Products<'a> {
    /// By id.
    pub products: Vec<Product<'a>>,
}

/// A product as tills see it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Product<'a> {
    #[serde(rename = "ID")]
    id: ProductId,
    #[serde(rename = "ProductName")]
    name: &'a str,
    price: Decimal,
    /// Always 0: clients count in this member and send the objects back.
    amount: u32,
    deposit: bool,
    crew_blocked: bool,
}

impl<'a> Product<'a> {
    /// The catalogue's product in this shape.
    #[must_use]
    pub fn of(product: &'a facts::Product, currency: Currency) -> Self {
        Self {
            id: product.id,
            name: &product.name,
            price: currency.decimal(product.price),
            amount: 0,
            deposit: product.deposit,
            crew_blocked: product.crew_blocked,
        }
    }
}

/// The answer to `getdeposit`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Deposit {
    /// The deposit.
    pub deposit: DepositPrice,
}

/// The price of one deposit.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DepositPrice {
    /// 0 when the instance charges none.
    pub price: Decimal,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_and_json5_are_read_on_every_socket() {
        for message in [
            r#"{"command":"version","parameters":{"api_key":"K"}}"#,
            "{\"command\":\"version\",\"parameters\":{\"api_key\":\"K\",}}",
            "{command:'version',parameters:{api_key:'K'}} // trailing comment",
        ] {
            for json5 in [false, true] {
                let request = Request::read(message.as_bytes(), json5).unwrap();
                assert_eq!(request.command.as_deref(), Some("version"));
                assert_eq!(request.parameters.text("api_key").as_deref(), Some("K"));
            }
        }
    }

    #[test]
    fn nonsense_is_named_by_the_sockets_format() {
        let deep = "[".repeat(200_000);
        for message in [
            "",
            "{",
            "[]",
            "3",
            "null",
            "\"x\"",
            "{\"a\":NaN",
            deep.as_str(),
        ] {
            assert_eq!(
                Request::read(message.as_bytes(), false).unwrap_err(),
                PosError::InvalidJson
            );
            assert_eq!(
                Request::read(message.as_bytes(), true).unwrap_err(),
                PosError::InvalidJson5
            );
        }
        assert_eq!(
            Request::read(b"{\"a\":\"\xff\"}", false).unwrap_err(),
            PosError::InvalidJson
        );
    }

    #[test]
    fn whole_numbers_come_in_many_forms() {
        for (value, expected) in [
            (json!(3), Some(3)),
            (json!("3"), Some(3)),
            (json!(3.0), Some(3)),
            (json!(-1), Some(-1)),
            (json!(2.5), None),
            (json!(1e300), None),
            (json!("3.5"), None),
            (json!(true), None),
            (json!([]), None),
        ] {
            assert_eq!(whole(&value), expected, "{value}");
        }
    }
}
