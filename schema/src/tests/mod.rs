//! What holds for the format as a whole: schemas, vectors, properties and the normative text.
//!
//! `DAYBOOK_BLESS=1 cargo test -p daybook-schema` rewrites the schemas and adds new vectors.
//! Vectors are append-only: an entry that was committed is never rewritten, blessed or not.

mod files;
mod json_schema;
mod properties;
mod readme;
mod refused;
mod samples;
mod schemas;
mod strategies;
mod vectors;
mod views;
