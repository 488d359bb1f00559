//! Daybook, an open transaction ledger for points of sale: the service.
//!
//! Every protocol ends in a [`ledger::Command`] handed to one writer per instance, which records
//! what happened as hash-chained events; everything that anyone reads is folded from those.
//! `ARCHITECTURE.md` shows the map.

pub mod body;
pub mod cashdesk;
pub mod cli;
pub mod clock;
pub mod concertpos;
pub mod config;
pub mod fd1;
pub mod http;
pub mod json;
pub mod ledger;
pub mod metrics;
pub mod netfp;
pub mod peer;
pub mod print;
pub mod publish;
pub mod qr;
pub mod server;
pub mod simulator;
pub mod socket;
pub mod store;
pub mod zone;
