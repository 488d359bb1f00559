//! What the books must show once all is said: records, transactions, products and tickets.

use super::amount::{decimal, shortest};
use super::redeem::redeemed;
use super::stock::{Position, Stock, Transaction, in_time};
use super::venue::{Product, Ticket, Venue};
use super::{Model, Moment};
use serde_json::{Value, json};
use std::sync::Arc;

fn pack_list(product: &Product) -> String {
    let visible = product.pack.iter().filter(|item| item.visible);
    let texts: Vec<_> = visible
        .map(|item| match item.amount {
            1 => item.name.clone(),
            amount => format!("{amount}x {}", item.name),
        })
        .collect();
    texts.join(", ")
}

pub fn preorder_position(venue: &Venue, stock: &Stock, ticket: &Ticket) -> Value {
    let product = &venue.products[&ticket.product];
    json!({
        "id": ticket.id,
        "preorder": ticket.order,
        "secret": ticket.secret,
        "product": ticket.product,
        "is_redeemed": stock.redeemed_at(ticket.id).is_some(),
        "is_paid": venue.orders[&ticket.order].is_paid,
        "product_name": product.name,
        "pack_list": pack_list(product),
        "redemption_message": redeemed(stock, ticket),
    })
}

fn position(position: &Position) -> Value {
    json!({
        "id": position.id,
        "type": position.kind.text(),
        "value": decimal(position.value),
        "tax_rate": decimal(position.rate),
        "tax_value": decimal(position.tax),
        "product": position.product,
        "reverses": position.reverses,
        "listentry": position.entry,
        "preorder_position": position.ticket,
        "items": position.items,
        "authorized_by": position.authorized_by,
    })
}

/// A record that `Transaction` made public, without its time and hash.
fn row(transaction: &Transaction, position: &Position) -> Value {
    json!({
        "ID": position.id,
        "Payment_ID": transaction.payment_method,
        "PointOfSaleID": transaction.point_of_sale,
        "Product_ID": position.product,
        "AmountProduct": position.pieces,
        "AmountMoney": shortest(position.value),
    })
}

impl Model {
    /// How many records there are; the next one gets the number after.
    pub fn size(&self) -> u32 {
        self.next - 1
    }

    /// Every record of the instance by id, without what time and hash add.
    pub fn rows(&self) -> Vec<Value> {
        let transactions = self.transactions.values();
        transactions
            .flat_map(|one| one.positions.iter().map(|position| row(one, position)))
            .collect()
    }

    /// What a session sees under `/api/transactions/`, without the times: everything of the cash
    /// desks, and what tills sold at its own point of sale.
    pub fn transactions(&self, token: &str) -> Vec<Value> {
        let session = self.venue.session(token).unwrap();
        let seen = |one: &&Arc<Transaction>| {
            one.session.is_some() || one.point_of_sale == session.point_of_sale
        };
        let transactions = self.transactions.values().filter(seen);
        transactions
            .map(|one| {
                json!({
                    "id": one.id,
                    "session": one.session,
                    "cash_given": one.cash_given.map(decimal),
                    "positions": one.positions.iter().map(position).collect::<Vec<_>>(),
                })
            })
            .collect()
    }

    pub fn product(&self, id: u32, at: Moment) -> Value {
        let product = &self.venue.products[&id];
        let by_time = in_time(product, at);
        let sold_out = self.stock.is_sold_out(&self.venue, id);
        json!({
            "id": id,
            "name": product.name,
            "price": decimal(product.price),
            "tax_rate": decimal(product.rate),
            "requires_authorization": product.needs_authorization,
            "is_available": product.visible && by_time && !sold_out,
            "is_availably_by_time": by_time,
            "pack_list": pack_list(product),
        })
    }

    /// The ticket with exactly this secret.
    pub fn preorder_position(&self, secret: &str) -> Value {
        let ticket = &self.venue.tickets[secret];
        preorder_position(&self.venue, &self.stock, ticket)
    }

    /// All preorders by id, as their list shows them.
    pub fn preorders(&self) -> Vec<Value> {
        let orders = self.venue.orders.values();
        orders
            .map(|order| {
                let tickets = self.venue.tickets.values();
                let mut tickets: Vec<_> = tickets.filter(|one| one.order == order.id).collect();
                tickets.sort_by_key(|ticket| ticket.id);
                let shown = |ticket: &Ticket| preorder_position(&self.venue, &self.stock, ticket);
                json!({
                    "order_code": order.code,
                    "is_paid": order.is_paid,
                    "is_canceled": order.is_canceled,
                    "warning_text": order.warning,
                    "positions": tickets.into_iter().map(shown).collect::<Vec<_>>(),
                })
            })
            .collect()
    }
}
