//! What a client is told when something is wrong: a code for programs and a text for people.

use crate::ledger::{Refusal, Rejection};
use serde::Serialize;

/// What is wrong.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fault {
    pub code: &'static str,
    pub text: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { code, text }
    }

    pub(super) fn bad_packet(text: impl Into<String>) -> Self {
        Self::new("bad_packet", text)
    }

    pub(super) fn bad_request(text: impl Into<String>) -> Self {
        Self::new("bad_request", text)
    }

    pub(super) fn login_failed(text: impl Into<String>) -> Self {
        Self::new("login_failed", text)
    }

    pub(super) fn not_allowed(text: impl Into<String>) -> Self {
        Self::new("not_allowed", text)
    }

    pub(super) fn unknown_sale(key: &str) -> Self {
        let key: String = key.chars().take(40).collect();
        Self::new("unknown_sale", format!("No sale with key {key}"))
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        let code = match refusal {
            Refusal::Overloaded => "overloaded",
            Refusal::Unavailable(_) | Refusal::OutcomeUnknown => "internal",
            Refusal::Rejected(rejection) => code(&rejection),
        };
        Self { code, text }
    }
}

const fn code(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::UnknownPresell(_) => "unknown_sale",
        Rejection::PresellClosed(_) => "sale_closed",
        Rejection::UnknownProduct(_) => "unknown_product",
        Rejection::PresellUnfinished(_)
        | Rejection::PresellEmpty(_)
        | Rejection::PresellFull(_)
        | Rejection::UnknownPaymentMethod(_)
        | Rejection::UnknownPointOfSale(_)
        | Rejection::PointOfSaleDisabled(_)
        | Rejection::AmountOutOfRange => "bad_request",
        _ => "internal",
    }
}
