//! End-to-end tests: the real binary, real stores, real WebSockets.
//!
//! `make test` runs them with a private Postgres. Long forms have their own targets; the counts
//! come from `DAYBOOK_FAULT_ROUNDS`.

#![expect(clippy::unwrap_used, reason = "a test that panics has said enough")]

mod asyncapi;
mod behind;
mod browser;
mod cashdesk;
mod catalogue;
mod cli;
mod compose;
mod concertpos;
mod damage;
mod demo;
mod fd1;
mod hostile;
mod http;
mod kill;
mod netfp;
mod nodes;
mod payments;
mod print;
mod publish;
mod qr;
mod setbacks;
mod simulation;
mod support;
mod tidy;
mod topic;
