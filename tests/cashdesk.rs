//! The cash desk's door: random requests, and the judge that knows every answer.

mod campaign;
mod commands;
mod model;
mod model_examples;
mod model_holds;
mod races;
mod venue;
