//! Reads a log from anywhere, verifies it, and folds it as of any moment.
//!
//! Whoever verifies trusts nobody: this crate knows the law (`daybook-schema`) and the views, and
//! never the service. [`Verifier`] is the pure part, one line after another in little memory;
//! [`verify`] and [`replay`] bring it the lines of a [`Source`], which are read ahead while the
//! ones before them are checked.

pub mod command;
mod failure;
mod ndjson;
mod replay;
mod source;
#[cfg(feature = "kafka")]
mod topic;
mod verify;

pub use failure::{Failure, Layer, Place};
pub use replay::{ReplayError, Until, UntilError, replay};
pub use source::{Source, SourceError};
#[cfg(feature = "kafka")]
pub use topic::Topic;
pub use verify::{Report, Verdict, Verifier, verify};
