//! Finds ZFP messages in what arrives, however it is cut and whatever stands between.

use super::frame::{Begins, Message, decode};

/// No message is longer; what has grown beyond it holds noise that [`decode`] is about to skip.
const MAX_MESSAGE: usize = 131;

/// The bytes that arrived and are not read yet.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    waiting: Vec<u8>,
}

impl Reader {
    /// Takes what arrived and returns the messages that are whole now.
    pub fn read(&mut self, arrived: &[u8]) -> Vec<Message> {
        self.waiting.extend_from_slice(arrived);
        let mut messages = Vec::new();
        let mut done = 0;
        loop {
            match decode(self.waiting.get(done..).unwrap_or_default()) {
                Begins::Message(message, length) => {
                    messages.push(message);
                    done += length;
                }
                Begins::Noise => done += 1,
                Begins::Unfinished => break,
            }
        }
        self.waiting.drain(..done);
        debug_assert!(self.waiting.len() <= MAX_MESSAGE, "a message has an end");
        messages
    }

    /// Forgets an unfinished message: its rest did not come.
    pub fn forget(&mut self) {
        self.waiting.clear();
    }
}
