//! One row for each row of the documented orders of checks, and what carts promise as a whole.
//!
//! Everything here is folded from real facts, and every accepted decision is sealed, read back,
//! verified and folded before the next.

mod actions;
mod any;
mod cart;
mod desk;
mod facts;
mod large;
mod money;
mod order;
mod redeem;
mod reverse;
mod sell;
mod venue;
