//! Selling a product.

use super::amount::tax;
use super::checks::{Counter, Members, Outcome, Pass, Refusal, acknowledged, items};
use super::stock::{Kind, Position, in_time};
use super::venue::Product;
use serde_json::Value;

/// An id of a request: a whole number or its digits.
fn number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => u32::try_from(number.as_u64()?).ok(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

impl Counter<'_> {
    pub fn sell(&self, members: &Members) -> Outcome {
        let Some(id) = members.get("product") else {
            return Err(Refusal::error("No product given."));
        };
        let product = number(id).and_then(|id| self.venue.products.get(&id));
        let product = product.ok_or_else(|| Refusal::error("This product ID is not known."))?;
        let authorized_by = self.authorized(members, product)?;
        for warning in &product.warnings {
            let field = format!("warning_{}_acknowledged", warning.id);
            if !acknowledged(members, &field) {
                return Err(Refusal::confirmation(&warning.message, &field));
            }
        }
        let pass = match product.list {
            Some((list, _)) => self.on_list(members, list, None)?,
            None => Pass::default(),
        };
        Ok(Position {
            id: 0,
            kind: Kind::Sell,
            product: product.id,
            pieces: 1,
            value: product.price,
            rate: product.rate,
            tax: tax(product.price, product.rate),
            reverses: None,
            entry: pass.entry,
            ticket: None,
            items: items(product),
            authorized_by: pass.authorized_by.or(authorized_by),
        })
    }

    /// The troubleshooter who allowed the sale, if it needed one.
    fn authorized(&self, members: &Members, product: &Product) -> Result<Option<u32>, Refusal> {
        let named = |name: &str| members.get(name).filter(|value| !value.is_null());
        let badge = named("auth").or_else(|| named("authorized_by"));
        let badge = badge.and_then(Value::as_str);
        let user = badge
            .and_then(|badge| self.venue.badges.get(badge))
            .copied();
        let sold_out = self.stock.is_sold_out(self.venue, product.id);
        let available = product.visible && in_time(product, self.at) && !sold_out;
        if available && !product.needs_authorization {
            return Ok(None);
        }
        let message = if available {
            "This sale requires authorization by a troubleshooter."
        } else {
            "This product is currently unavailable or sold out."
        };
        user.map(Some)
            .ok_or_else(|| Refusal::input(message, "auth"))
    }
}
