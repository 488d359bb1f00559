//! From a request's body to a cart: types and ranges. What needs the catalogue is the ledger's.

use super::error::DeskError;
use crate::json::{self, Value};
use crate::ledger::desk::{Answers, Cart, ListValue, PositionRefusal, Redeem, Sell, Wanted};
use daybook_catalogue::secrets;
use daybook_schema::id::{ConstraintId, ProductId};
use daybook_schema::{Currency, Digest, Money};

/// Most positions of a transaction.
const MAX_POSITIONS: usize = 1000;

/// What should be an amount is none.
struct NoAmount;

/// What reading a position needs to know.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub installation: &'a [u8; 32],
    pub currency: Currency,
}

impl Reader<'_> {
    /// The cart of a body.
    pub(super) fn cart(self, body: &Value) -> Result<Cart, DeskError> {
        let invalid = |detail: &str| DeskError::Invalid(detail.to_owned());
        if !matches!(body, Value::Object(_)) {
            return Err(invalid("Expected a JSON object."));
        }
        let positions = match body.member("positions") {
            None | Some(Value::Null) => &[],
            Some(Value::List(positions)) => positions.as_slice(),
            Some(_) => return Err(invalid("positions: expected a list.")),
        };
        if positions.is_empty() {
            return Err(DeskError::Refused("Empty transaction".into()));
        }
        if positions.len() > MAX_POSITIONS {
            return Err(invalid("Too many positions."));
        }
        let cash_given = self.amount(body.member("cash_given"));
        let cash_given =
            cash_given.map_err(|NoAmount| invalid("cash_given: a valid amount is required."))?;
        let positions = positions.iter().map(|position| self.position(position));
        Ok(Cart {
            cash_given,
            positions: positions.collect(),
        })
    }

    /// An amount, if one is given.
    fn amount(self, value: Option<&Value>) -> Result<Option<Money>, NoAmount> {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let units = json::amount(value, self.currency.exponent()).ok_or(NoAmount)?;
        let money = Money::new(units)
            .ok()
            .filter(|money| *money <= self.currency.largest());
        money.map(Some).ok_or(NoAmount)
    }

    fn position(self, position: &Value) -> Wanted {
        let Value::Object(members) = position else {
            return Wanted::Refused(PositionRefusal::Invalid);
        };
        match position.member("type") {
            Some(Value::Text(name)) if name == "redeem" => {
                match self.amount(position.member("bypass_price")) {
                    Ok(bypass_price) => Wanted::Redeem(Redeem {
                        secret: position.member("secret").map(secret),
                        bypass_price,
                        warning_acknowledged: position
                            .member("warning_acknowledged")
                            .is_some_and(says_yes),
                        answers: self.answers(members),
                    }),
                    Err(NoAmount) => Wanted::Refused(PositionRefusal::InvalidBypassPrice),
                }
            }
            Some(Value::Text(name)) if name == "sell" => Wanted::Sell(Sell {
                product: product(position),
                auth: not_null(position, "auth")
                    .or_else(|| not_null(position, "authorized_by"))
                    .and_then(|value| self.badge(value)),
                answers: self.answers(members),
            }),
            other => Wanted::Refused(PositionRefusal::UnknownType(type_name(other))),
        }
    }

    /// What was answered to constraints: `warning_{id}_acknowledged` and `list_{id}`. In one pass, in
    /// which later members overwrite: a position may have very many.
    fn answers(self, members: &[(String, Value)]) -> Answers {
        let mut answers = Answers::default();
        for (name, value) in members {
            let warning = name.strip_prefix("warning_");
            let warning = warning.and_then(|name| name.strip_suffix("_acknowledged"));
            if let Some(id) = name.strip_prefix("list_").and_then(constraint) {
                if value.is_null() || value.as_str() == Some("") {
                    answers.lists.remove(&id);
                } else {
                    answers.lists.insert(id, self.list_value(value));
                }
            } else if let Some(id) = warning.and_then(constraint) {
                if says_yes(value) {
                    answers.acknowledged.insert(id);
                } else {
                    answers.acknowledged.remove(&id);
                }
            }
        }
        answers
    }

    fn list_value(self, value: &Value) -> ListValue {
        let identifier = match value {
            Value::Text(text) | Value::Number(text) => Some(text.clone()),
            _ => None,
        };
        ListValue {
            badge: self.badge(value),
            identifier,
        }
    }

    fn badge(self, value: &Value) -> Option<Digest> {
        let (Value::Text(text) | Value::Number(text)) = value else {
            return None;
        };
        Some(secrets::badge_hash(self.installation, text))
    }
}

/// A member that is given.
fn not_null<'a>(position: &'a Value, name: &str) -> Option<&'a Value> {
    position.member(name).filter(|value| !value.is_null())
}

/// None of the ways to say no.
fn says_yes(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Text(text) => !matches!(text.as_str(), "" | "0" | "false"),
        number @ Value::Number(_) => json::whole(number) != Some(0),
        _ => true,
    }
}

/// What a ticket's code says. What is no text is the secret of no ticket.
fn secret(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Number(text) => text.clone(),
        _ => String::new(),
    }
}

/// The product of a position: an integer, or a text of digits.
fn product(position: &Value) -> Result<ProductId, PositionRefusal> {
    let value = position.member("product");
    let value = value.ok_or(PositionRefusal::NoProduct)?;
    let signed = value
        .as_str()
        .is_some_and(|text| text.starts_with(['+', '-']));
    let id = json::whole(value).filter(|_| !signed);
    let id = id.and_then(|id| u32::try_from(id).ok());
    id.map(ProductId).ok_or(PositionRefusal::UnknownProduct)
}

/// The id in the name of a field, as we write it.
fn constraint(text: &str) -> Option<ConstraintId> {
    let id = text.parse::<u32>().ok()?;
    (id.to_string() == text).then_some(ConstraintId(id))
}

/// The type of a position that has another than ours, as it is named in the refusal.
fn type_name(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "None".to_owned(),
        Some(Value::Text(text) | Value::Number(text)) => text.clone(),
        Some(other) => String::from_utf8_lossy(&other.canonical()).into_owned(),
    }
}
