//! The judge of the cash desk's door: the documented answers, computed by a program that shares no
//! code with the service. One request after the other, amounts as cents, the venue read from its
//! file.

#![expect(
    unreachable_pub,
    reason = "what the judge knows is public to the tests"
)]

mod amount;
mod checks;
mod create;
mod known;
mod moment;
mod redeem;
mod reverse;
mod sell;
mod stock;
mod till;
mod venue;
mod views;

pub use moment::{Moment, timeless};

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use stock::{Stock, Transaction};
use venue::{Session, Venue};

/// Status and body.
pub type Answer = (u16, Value);

/// A key belongs to a session and a path.
type Scope = (u32, String, String);

/// What was booked under a key: the request's body, and what it was told.
#[derive(Clone)]
struct Remembered {
    body: Value,
    answer: Answer,
}

/// A venue and what happened at its cash desks and tills.
#[derive(Clone)]
pub struct Model {
    venue: Arc<Venue>,
    stock: Stock,
    /// By id, which is the id of the first position.
    transactions: Arc<BTreeMap<u32, Arc<Transaction>>>,
    keys: Arc<BTreeMap<Scope, Remembered>>,
    closed: BTreeSet<u32>,
    /// The id of the next position, whatever books it.
    next: u32,
}

/// What a path asks for.
enum Route {
    Create,
    /// The id as it stands in the path.
    Reverse(String),
}

impl Route {
    /// A trailing slash is neither needed nor wrong.
    fn of(path: &str) -> Option<Self> {
        let path = path.strip_prefix("/api/transactions")?;
        match path.trim_matches('/').split('/').collect::<Vec<_>>()[..] {
            [""] => Some(Self::Create),
            [id, "reverse"] => Some(Self::Reverse(id.to_owned())),
            _ => None,
        }
    }
}

fn detail(status: u16, text: &str) -> Answer {
    (status, json!({ "detail": text }))
}

impl Model {
    /// The venue of a catalogue file, before anything was sold.
    pub fn of(catalogue: &Value) -> Self {
        Self {
            venue: Arc::new(Venue::of(catalogue)),
            stock: Stock::default(),
            transactions: Arc::default(),
            keys: Arc::default(),
            closed: BTreeSet::new(),
            next: 1,
        }
    }

    /// Answers a POST; only a success changes anything. `at` is the time of the event that a
    /// success leads to.
    pub fn post(
        &mut self,
        token: &str,
        path: &str,
        key: Option<&str>,
        body: &Value,
        at: Moment,
    ) -> Answer {
        let Some(route) = Route::of(path) else {
            return detail(404, "Not found.");
        };
        let venue = self.venue.clone();
        let Some(session) = venue.session(token) else {
            return detail(401, "Invalid token.");
        };
        if self.closed.contains(&session.id) {
            return detail(401, "Your session has ended.");
        }
        let Some(key) = key else {
            return self.decide(session, route, body, at);
        };
        if !(1..=255).contains(&key.len()) || !key.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        {
            return detail(400, "Invalid Idempotency-Key.");
        }
        let scope = (
            session.id,
            path.trim_end_matches('/').to_owned(),
            key.to_owned(),
        );
        match self.keys.get(&scope) {
            Some(first) if first.body == *body => first.answer.clone(),
            Some(_) => detail(422, "Idempotency-Key was used for a different request."),
            None => {
                let answer = self.decide(session, route, body, at);
                if answer.0 < 300 {
                    let (body, answer) = (body.clone(), answer.clone());
                    Arc::make_mut(&mut self.keys).insert(scope, Remembered { body, answer });
                }
                answer
            }
        }
    }

    fn decide(&mut self, session: &Session, route: Route, body: &Value, at: Moment) -> Answer {
        match route {
            Route::Create => self.create(session, body, at),
            Route::Reverse(id) => self.reverse(session, &id, at),
        }
    }

    /// Ends a session; its token is refused from now on.
    pub fn close(&mut self, session: u32) {
        self.closed.insert(session);
    }

    /// Books positions as one transaction and numbers them.
    fn book(&mut self, mut transaction: Transaction, at: Moment) -> u32 {
        transaction.id = self.next;
        for position in &mut transaction.positions {
            position.id = self.next;
            self.next += 1;
            self.stock.apply(position, at);
        }
        let id = transaction.id;
        Arc::make_mut(&mut self.transactions).insert(id, Arc::new(transaction));
        id
    }
}
