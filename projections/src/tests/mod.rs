//! Views folded from events, beside lists that are searched from end to end.

mod entities;
mod log;
mod people;
mod preorders;
mod sales;
mod snapshot;
mod tasks;
