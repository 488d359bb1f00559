//! What a payment provider must be able to do.

use daybook_schema::{Currency, LogName, Money};

/// A payment that a guest begins. It is recorded already.
#[derive(Clone, Copy, Debug)]
pub struct PaymentAsk<'a> {
    /// Its id: nobody can guess it, and the provider names it when it has the money.
    pub payment: &'a str,
    /// Which instance.
    pub instance: &'a LogName,
    /// How much.
    pub sum: Money,
    /// In which currency.
    pub currency: Currency,
    /// The absolute URL of `/`, as the guest sees it.
    pub root: &'a str,
    /// The guest's table link: `{root}t/{link}` is where to come back to.
    pub link: &'a str,
}

/// Someone who takes money from guests.
pub trait PaymentProvider: Send + Sync {
    /// The URL at which the guest pays. It follows from the ask alone: a repeated request gets the
    /// same.
    fn start(&self, ask: &PaymentAsk<'_>) -> String;

    /// The secret that signs the provider's messages.
    fn secret(&self) -> &[u8];

    /// Whether guests pay on a page of ours, which then must be served.
    fn is_ours(&self) -> bool;
}
