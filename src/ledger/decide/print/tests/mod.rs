//! What is printed because of what happens in a small shop, and what becomes of tasks.
//!
//! Every decision is sealed, read back, verified and folded before the next.

mod again;
mod kitchen;
mod large;
mod model;
mod money;
mod receipts;
mod reversals;
mod shop;
mod tasks;
