//! The law of Daybook: what is written, how it is hashed, and what a log must promise.
//!
//! Everything here is a plain function of its arguments: no clock, no I/O, no randomness.
//! `README.md` beside this crate is the normative text; the code and the vectors follow it.

pub mod chain;
pub mod entity;
pub mod event;
pub mod facts;
pub mod hash;
pub mod id;
pub mod line;
pub mod log;
pub mod money;
pub mod time;

#[cfg(feature = "contract")]
pub mod contract;

pub use chain::{Broken, Chain, TxChains};
#[cfg(test)]
mod tests;

pub use event::{Actor, Event};
pub use facts::Fact;
pub use hash::{Digest, Leaf, TxHash};
pub use id::LogName;
pub use line::{LineError, MAX_LINE_BYTES, SealedLine};
pub use log::{AppendError, EventLog, Head, LogError};
pub use money::{Currency, Decimal, Money, Quantity, TaxRate};
pub use time::{At, TxTime};
