//! The HTTP side: the log for auditors, health for operators, and the document that describes it.

mod errors;
mod events;
mod openapi;
mod operations;
mod schemathesis;
