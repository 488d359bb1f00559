//! Views: pure folds of the log, held in memory.
//!
//! A view is a struct, its `apply`, and its queries. The same `apply` runs live, at start-up and in
//! replay, so live, restarted and replayed states have equal fingerprints. Views share structure
//! when cloned (persistent maps and vectors), so a clone is a cheap overlay for undecided batches
//! and a stable picture for readers. Nothing here knows a clock, I/O or the order of a hash map.

pub mod access;
pub mod command;
pub mod constraint;
pub mod desk;
pub mod entity;
pub mod instance;
pub mod lane;
pub mod menu;
pub mod preorder;
pub mod printer;
pub mod printer_job;
pub mod product;
pub mod qr_event;
pub mod session;
pub mod table;
#[cfg(test)]
mod tests;
pub mod transaction;
mod views;

pub use views::{FoldError, NAMES, Views};
