//! The cash desk's door: its stories, random requests, and the judge that knows every answer.

mod actions;
mod auth;
mod bodies;
mod campaign;
mod commands;
mod envelope;
mod examples;
mod filters;
mod garbage;
mod idempotency;
mod keys;
mod keys_at_once;
mod model;
mod model_examples;
mod model_holds;
mod one_wins;
mod pages;
mod pings;
mod races;
mod sales;
mod sessions;
mod stand;
mod times;
mod venue;
