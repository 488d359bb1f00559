//! Command ids chosen by clients, so that a repetition finds the first answer and books nothing.

use daybook_schema::{Digest, Event, hash};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};

/// Which command ids were used, and for what.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CommandView {
    done: OrdMap<CommandKey, Done>,
}

/// Half a BLAKE3 of the command id: 16 bytes instead of a text of any length.
type CommandKey = [u8; 16];

/// What a command id was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Digest of the request's meaningful parts.
    pub request: Digest,
    /// Seq of the command's first event.
    pub first: u64,
    /// Seq after the command's last event.
    pub end: u64,
}

fn key(cmd: &str) -> CommandKey {
    let digest = hash::fingerprint(cmd.as_bytes()).0;
    std::array::from_fn(|i| digest[i])
}

impl CommandView {
    pub(crate) fn apply(&mut self, event: &Event) {
        let Some(request) = event.fact.request() else {
            return;
        };
        let key = key(&event.cmd);
        let done = Done {
            request,
            first: event.seq,
            end: event.seq + 1,
        };
        // Almost every command has one event: one search in a large map instead of two.
        if let Some(earlier) = self.done.insert(key, done) {
            self.done.insert(
                key,
                Done {
                    first: earlier.first,
                    ..done
                },
            );
        }
    }

    /// What the command id was used for, if it was.
    #[must_use]
    pub fn done(&self, cmd: &str) -> Option<Done> {
        self.done.get(&key(cmd)).copied()
    }
}
