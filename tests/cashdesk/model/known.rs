//! What clients know, and so may ask: tokens, badges, secrets, ids.

use super::Model;
use serde_json::Value;

impl Model {
    pub fn tokens(&self) -> Vec<&str> {
        let sessions = self.venue.sessions.iter();
        sessions.map(|session| session.token.as_str()).collect()
    }

    pub fn badges(&self) -> Vec<&str> {
        self.venue.badges.keys().map(String::as_str).collect()
    }

    pub fn secrets(&self) -> Vec<&str> {
        self.venue.tickets.keys().map(String::as_str).collect()
    }

    /// Secrets of the tickets that nobody has redeemed.
    pub fn fresh_secrets(&self) -> Vec<&str> {
        let tickets = self.venue.tickets.values();
        let fresh = tickets.filter(|ticket| self.stock.redeemed_at(ticket.id).is_none());
        fresh.map(|ticket| ticket.secret.as_str()).collect()
    }

    pub fn products(&self) -> Vec<u32> {
        self.venue.products.keys().copied().collect()
    }

    /// The identifiers of a list.
    pub fn identifiers(&self, list: u32) -> Vec<&str> {
        let entries = &self.venue.lists[&list].entries;
        entries.keys().map(String::as_str).collect()
    }

    /// What a till may sell at a point of sale, and how it may be paid.
    pub fn till(&self, point_of_sale: u32) -> (Vec<u32>, Vec<u32>) {
        let products = self.venue.products.values();
        let products = products.filter(|one| one.points_of_sale.contains(&point_of_sale));
        let methods = self.venue.methods.iter();
        let methods = methods.filter(|one| one.points_of_sale.contains(&point_of_sale));
        (
            products.map(|product| product.id).collect(),
            methods.map(|method| method.id).collect(),
        )
    }

    /// The token of a session.
    fn token(&self, session: u32) -> &str {
        let mut sessions = self.venue.sessions.iter();
        &sessions.find(|one| one.id == session).unwrap().token
    }

    /// Ids of transactions in the order they were booked, each with its session's token.
    pub fn booked(&self) -> Vec<(u32, Option<&str>)> {
        let transactions = self.transactions.values();
        let owner = |session: u32| self.token(session);
        transactions
            .map(|one| (one.id, one.session.map(owner)))
            .collect()
    }

    /// Requests that were booked under a key: token, path, key and body.
    pub fn keyed(&self) -> Vec<(&str, &str, &str, &Value)> {
        let keys = self.keys.iter();
        keys.map(|((session, path, key), first)| {
            let token = self.token(*session);
            (token, path.as_str(), key.as_str(), &first.body)
        })
        .collect()
    }
}
