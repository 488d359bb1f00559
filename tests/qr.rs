//! The QR menu's door: what guests do at their tables, and the staff who are told.

mod auth;
mod client;
mod cursors;
mod examples;
mod garbage;
mod guest;
mod house;
mod idempotency;
mod orders;
mod paying;
mod races;
mod venue;
mod waiting;
