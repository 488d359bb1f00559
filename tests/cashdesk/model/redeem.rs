//! Redeeming a ticket of a preorder.

use super::amount::{given, tax};
use super::checks::{Counter, Members, Outcome, Pass, Refusal, acknowledged, items};
use super::stock::{Kind, in_time};
use super::stock::{Position, Stock};
use super::venue::{Price, Product, Ticket, Venue};
use serde_json::Value;

const TWO_RATES: &str = "Multiple upgrades with different tax rates are not supported.";

/// The `bypass_price` of a request: constraints take their price out of it as long as it lasts.
struct Purse {
    given: Option<i64>,
    left: i64,
    /// The rate of the last constraint paid for.
    rate: Option<i64>,
}

impl Purse {
    fn of(members: &Members) -> Result<Self, Refusal> {
        let given = match members.get("bypass_price") {
            None | Some(Value::Null) => None,
            Some(value) => {
                Some(given(value).ok_or_else(|| Refusal::error("Invalid bypass price."))?)
            }
        };
        let left = given.unwrap_or(0);
        let rate = None;
        Ok(Self { given, left, rate })
    }

    /// Whether it covers a price. A price of nothing is covered only by a purse that was given.
    fn covers(&mut self, price: Price) -> Result<bool, Refusal> {
        let Some((price, rate)) = price.filter(|_| self.given.is_some()) else {
            return Ok(false);
        };
        if price > self.left {
            return Ok(false);
        }
        if self.rate.is_some_and(|earlier| earlier != rate) {
            return Err(Refusal::error(TWO_RATES));
        }
        self.left -= price;
        self.rate = Some(rate);
        Ok(true)
    }
}

/// The text of a ticket that was redeemed, if it was.
pub fn redeemed(stock: &Stock, ticket: &Ticket) -> Option<String> {
    let at = stock.redeemed_at(ticket.id)?.text();
    let start: String = ticket.secret.chars().take(6).collect();
    Some(format!(
        "This ticket ({start}…) has already been redeemed at {at}."
    ))
}

/// The ticket that a position names.
pub fn ticket<'a>(venue: &'a Venue, members: &Members) -> Result<&'a Ticket, Refusal> {
    let Some(secret) = members.get("secret") else {
        return Err(Refusal::error("No secret has been given."));
    };
    let ticket = secret.as_str().and_then(|text| venue.tickets.get(text));
    ticket.ok_or_else(|| Refusal::error("No ticket could be found with the given secret."))
}

impl Counter<'_> {
    pub fn redeem(&self, members: &Members) -> Outcome {
        let mut purse = Purse::of(members)?;
        let ticket = ticket(self.venue, members)?;
        let product = &self.venue.products[&ticket.product];
        self.admits(ticket, product, &mut purse)?;
        self.without_warnings(members, ticket, product, &mut purse)?;
        let pass = match product.list {
            Some((_, price)) if purse.covers(price)? => Pass::default(),
            Some((list, price)) => self.on_list(members, list, price.map(|(price, _)| price))?,
            None => Pass::default(),
        };
        // Whoever pays at all pays the whole purse: what is too much is kept.
        let (value, rate) = match purse.rate {
            Some(rate) => (purse.given.unwrap_or(0), rate),
            None => (0, 0),
        };
        Ok(Position {
            id: 0,
            kind: Kind::Redeem,
            product: product.id,
            pieces: 1,
            value,
            rate,
            tax: tax(value, rate),
            reverses: None,
            entry: pass.entry,
            ticket: Some(ticket.id),
            items: items(product),
            authorized_by: pass.authorized_by,
        })
    }

    /// Whether the ticket itself is good: not canceled, paid, in time, and not redeemed.
    fn admits(&self, ticket: &Ticket, product: &Product, purse: &mut Purse) -> Result<(), Refusal> {
        let order = &self.venue.orders[&ticket.order];
        if order.is_canceled {
            let message = "This ticket has been canceled or is expired.";
            return Err(Refusal::error(message));
        }
        let price = ticket.price.map(|price| (price, product.rate));
        if !order.is_paid && !purse.covers(price)? {
            let message = "This ticket has not been paid for.";
            let refusal = Refusal::confirmation(message, "pay_for_unpaid");
            return Err(refusal.or_price(ticket.price));
        }
        if !in_time(product, self.at) {
            let message = "This product is currently not available.";
            return Err(Refusal::error(message));
        }
        match redeemed(self.stock, ticket) {
            Some(message) => Err(Refusal::error(&message)),
            None => Ok(()),
        }
    }

    /// Every warning is acknowledged or, if it has a price, paid for.
    fn without_warnings(
        &self,
        members: &Members,
        ticket: &Ticket,
        product: &Product,
        purse: &mut Purse,
    ) -> Result<(), Refusal> {
        let warning = &self.venue.orders[&ticket.order].warning;
        if !warning.is_empty() && !acknowledged(members, "warning_acknowledged") {
            return Err(Refusal::confirmation(warning, "warning_acknowledged"));
        }
        for warning in &product.warnings {
            let field = format!("warning_{}_acknowledged", warning.id);
            if !acknowledged(members, &field) && !purse.covers(warning.price)? {
                let refusal = Refusal::confirmation(&warning.message, &field);
                return Err(refusal.or_price(warning.price.map(|(price, _)| price)));
            }
        }
        Ok(())
    }
}
