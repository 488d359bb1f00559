//! The topics of Daybook: lines as Kafka records, written once and read back.
//!
//! Everything here blocks and belongs on a thread of its own, except for making topics. What a
//! record looks like is in `README.md` beside the crate of the schema; how exactly one copy of every
//! line comes into the topic is told in [`writer`].

mod client;
mod error;
pub mod reader;
pub mod record;
pub mod settings;
pub mod tail;
pub mod topic;
pub mod writer;

pub use error::KafkaError;
pub use reader::{Found, Reader};
pub use settings::{Settings, SettingsError};
pub use tail::{Position, Tail};
pub use writer::Writer;
