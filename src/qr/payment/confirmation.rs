//! A provider's confirmation: who signed it, what it says, and what becomes of it.

use super::signature::Header;
use crate::json::{self, Value};
use crate::ledger::command::random_bytes;
use crate::ledger::table::{Chance, TableCommand, TableWish};
use crate::ledger::{Action, Book, Command, CommandId, Refusal, Rejection};
use daybook_schema::{Actor, At, Currency, Money};

/// Longest name that a payment may have.
const LONGEST_NAME: usize = 100;

/// A message of a provider, not yet believed.
pub(super) struct Confirmation<'a> {
    /// The `signature` header, empty when there is none.
    pub signature: &'a str,
    /// The body as it came.
    pub body: &'a [u8],
    /// When it came.
    pub at: At,
}

/// Why a confirmation is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unconfirmed {
    /// The body says nothing.
    #[error("{0}")]
    Body(&'static str),
    /// The ledger did not take it: an unknown payment, another sum, or a fault of ours.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// What a message says.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    payment: String,
    sum: Money,
    name: Option<String>,
}

impl Confirmation<'_> {
    /// Whether the provider has signed it, and lately.
    pub(super) fn is_signed(&self, secret: &[u8]) -> bool {
        Header::holds(self.signature, secret, self.body, self.at)
    }

    /// Records the payment that a signed message confirms. What was recorded before, or was not paid, is
    /// recorded as nothing, and all is well.
    pub(super) async fn record(self, book: &Book) -> Result<(), Unconfirmed> {
        let views = book.views();
        let no_catalogue = || Refusal::Rejected(Rejection::NoCatalogue);
        let currency = views
            .instance
            .described()
            .ok_or_else(no_catalogue)?
            .currency;
        let Some(said) = read(self.body, currency).map_err(Unconfirmed::Body)? else {
            return Ok(());
        };
        let unknown = || Refusal::Rejected(Rejection::UnknownPayment);
        let begun = views.qr_event.payment(&said.payment).ok_or_else(unknown)?;
        let wish = TableWish::ConfirmPayment {
            payment: said.payment,
            sum: said.sum,
            name: said.name,
        };
        let chance = Chance {
            hash: u32::from_le_bytes(random_bytes()),
            guid: random_bytes(),
        };
        let table = begun.table.id;
        let command = Command {
            // The guest at the table paid; who carried the news is in the payment.
            by: Actor::Table(table),
            // The ledger knows a payment that it has by its id.
            id: CommandId::fresh(),
            action: Action::Table(TableCommand {
                table,
                wish,
                chance,
            }),
        };
        book.submit(command).await?;
        Ok(())
    }
}

/// Reads the body. Nothing when it tells of a payment that was not made.
fn read(body: &[u8], currency: Currency) -> Result<Option<Said>, &'static str> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is no UTF-8")?;
    let message = json::read(text).map_err(|_| "the body is no JSON")?;
    let text = |name: &str| message.member(name).and_then(Value::as_str);
    let payment = text("payment").ok_or("payment: the payment's id is missing")?;
    let status = text("status").ok_or("status is missing")?;
    if status != "paid" {
        return Ok(None);
    }
    let sum = message.member("sum").and_then(|sum| exact(sum, currency));
    let name = match message.member("name") {
        None | Some(Value::Null) => None,
        Some(Value::Text(name)) => Some(name.trim()).filter(|name| !name.is_empty()),
        Some(_) => return Err("name is no text"),
    };
    let fits =
        |name: &&str| name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    if !name.as_ref().is_none_or(fits) {
        return Err("name has more than 100 characters, or some that nobody sees");
    }
    Ok(Some(Said {
        payment: payment.to_owned(),
        sum: sum.ok_or("sum is no amount of the instance's currency")?,
        name: name.map(str::to_owned),
    }))
}

/// An amount that the currency can express.
fn exact(sum: &Value, currency: Currency) -> Option<Money> {
    let units = json::exact(sum, currency.exponent())?;
    Money::new(units).ok().filter(|sum| *sum >= Money::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Payment, sum and name.
    type Found = Option<(String, i64, Option<String>)>;

    fn said(body: &str) -> Result<Found, &'static str> {
        let read = read(body.as_bytes(), Currency::new("EUR").unwrap())?;
        Ok(read.map(|said| (said.payment, said.sum.units(), said.name)))
    }

    #[test]
    fn messages_are_read_as_documented() {
        let paid = |sum: &str, name: &str| {
            said(&format!(
                "{{\"payment\":\"5f\",\"status\":\"paid\",\"sum\":{sum}{name}}}"
            ))
        };
        let five = Some(("5f".to_owned(), 500, None));
        for sum in ["5", "5.0", "5.00", "5.0000", "0.5e1"] {
            assert_eq!(paid(sum, ""), Ok(five.clone()), "{sum}");
        }
        assert_eq!(paid("5", ",\"name\":null"), Ok(five.clone()));
        assert_eq!(paid("5", ",\"name\":\" \""), Ok(five));
        let named = Some(("5f".to_owned(), 500, Some("Visa".to_owned())));
        assert_eq!(paid("5", ",\"name\":\"Visa\",\"more\":[]"), Ok(named));
        for sum in ["5.001", "-5", "null", "[]", "true", "\"5.00\"", "1e99"] {
            assert!(paid(sum, "").is_err(), "{sum}");
        }
        let long = format!(",\"name\":\"{}\"", "x".repeat(101));
        for name in [",\"name\":5", ",\"name\":\"a\\u0000b\"", &long] {
            assert!(paid("5", name).is_err(), "{name}");
        }
        for other in ["failed", "canceled", "pending", "PAID"] {
            let body = format!("{{\"payment\":\"5f\",\"status\":\"{other}\"}}");
            assert_eq!(said(&body), Ok(None), "{other}");
        }
        for broken in [
            "",
            "[]",
            "{}",
            "{\"payment\":5,\"status\":\"paid\"}",
            "{\"payment\":\"5f\"}",
        ] {
            assert!(said(broken).is_err(), "{broken}");
        }
    }
}
