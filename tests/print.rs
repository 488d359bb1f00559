//! Printers: what the ledger says of a print is what came out, whatever breaks.

mod bench;
mod kill;
mod matrix;
mod mishaps;
mod nodes;
mod paper;
mod passwords;
mod shop;
