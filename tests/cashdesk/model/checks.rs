//! What redeeming and selling have in common: refusals, acknowledgements and lists.

use super::amount::quoted;
use super::moment::Moment;
use super::stock::{Position, Stock};
use super::venue::{Product, Venue};
use serde_json::{Map, Value, json};

/// What a client sent for one position.
pub type Members = Map<String, Value>;
pub type Outcome = Result<Position, Refusal>;

/// Why a position is refused, and what may be done about it.
pub struct Refusal {
    message: String,
    kind: Option<&'static str>,
    missing_field: Option<String>,
    price: Option<i64>,
}

impl Refusal {
    /// Nothing helps.
    pub fn error(message: &str) -> Self {
        Self {
            message: message.to_owned(),
            kind: None,
            missing_field: None,
            price: None,
        }
    }

    pub fn input(message: &str, field: &str) -> Self {
        Self {
            kind: Some("input"),
            missing_field: Some(field.to_owned()),
            ..Self::error(message)
        }
    }

    pub fn confirmation(message: &str, field: &str) -> Self {
        Self {
            kind: Some("confirmation"),
            ..Self::input(message, field)
        }
    }

    /// Money helps too.
    pub fn or_price(self, price: Option<i64>) -> Self {
        Self { price, ..self }
    }

    pub fn json(&self) -> Value {
        json!({
            "success": false,
            "message": self.message,
            "type": self.kind,
            "missing_field": self.missing_field,
            "bypass_price": self.price.map(quoted),
        })
    }
}

/// Where and when a position is looked at: earlier positions of the request are in the stock.
pub struct Counter<'a> {
    pub venue: &'a Venue,
    pub stock: &'a Stock,
    pub at: Moment,
}

/// A warning counts as acknowledged unless the member says no in one of the usual ways.
pub fn acknowledged(members: &Members, name: &str) -> bool {
    match members.get(name) {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !["", "0", "false"].contains(&text.as_str()),
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(_) => true,
    }
}

/// What lets a buyer pass a list: an entry of it, or a troubleshooter.
#[derive(Default)]
pub struct Pass {
    pub entry: Option<u32>,
    pub authorized_by: Option<u32>,
}

impl Counter<'_> {
    /// The buyer must be on the list; the price, if any, is quoted in every refusal.
    pub fn on_list(
        &self,
        members: &Members,
        list: u32,
        price: Option<i64>,
    ) -> Result<Pass, Refusal> {
        let field = format!("list_{list}");
        let list = &self.venue.lists[&list];
        let refuse = |message: &str| Refusal::input(message, &field).or_price(price);
        let value = match members.get(&field) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            // A scanner that sends digits as a number means the same entry.
            Some(other) => other.to_string(),
        };
        if value.is_empty() {
            let name = &list.name;
            return Err(refuse(&format!(
                "This ticket can only be redeemed by persons on the \"{name}\" list"
            )));
        }
        if let Some(user) = self.venue.badges.get(&value) {
            return Ok(Pass {
                entry: None,
                authorized_by: Some(*user),
            });
        }
        let Some(entry) = list.entries.get(&value) else {
            let name = &list.name;
            return Err(refuse(&format!(
                "This entry could not be found in list \"{name}\"."
            )));
        };
        if self.stock.is_used(*entry) {
            return Err(refuse("This list entry has already been used."));
        }
        Ok(Pass {
            entry: Some(*entry),
            authorized_by: None,
        })
    }
}

/// The items that are handed out with a product.
pub fn items(product: &Product) -> Vec<u32> {
    product.pack.iter().filter_map(|item| item.id).collect()
}
