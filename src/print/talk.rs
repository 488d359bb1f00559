//! Holds a dialogue over a wire and keeps what was said.
//!
//! The wire stays open between dialogues. Many devices close a connection that is idle; that is
//! noticed before anything is written and costs nothing but opening it again. Once something was
//! said and not answered, a broken wire is told to the dialogue: only it knows what that means.

#[cfg(test)]
mod tests;

use super::wire::{Opener, Unsent, Wire};
use daybook_printers::dialogue::{Dialogue, Failure, Heard, Outcome, Step};
use daybook_printers::uri::Transport;
use std::io;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The most bytes that are kept of a talk.
const MOST_RECORDED: usize = 256 * 1024;
/// How much a device may say to one thing that it is told: no answer is near it.
const MOST_HEARD: usize = 16 * 1024;
/// How long a device may go on answering one thing: reports take a minute and a half.
const LONGEST: Duration = Duration::from_mins(3);

/// The way to one device, open or not.
pub struct Connection {
    opener: Opener,
    transport: Transport,
    wire: Option<Wire>,
}

/// A dialogue that was held.
#[derive(Debug)]
pub struct Talked {
    /// How it ended.
    pub result: Result<Outcome, Failure>,
    /// What was said, from the beginning.
    pub frames: Vec<Frame>,
    /// How many bytes more were said than are kept.
    pub left_out: usize,
    /// Why the wire broke or could not be opened, when it last did. For people.
    pub trouble: Option<String>,
}

/// What one side said before the other spoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Who said it.
    pub direction: Direction,
    /// What was said.
    pub bytes: Vec<u8>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// We do. One frame for each time.
    Sent,
    /// The device does.
    Received,
}

impl Connection {
    /// A connection that is opened when it is used.
    #[must_use]
    pub fn new(opener: Opener, transport: Transport) -> Self {
        Self {
            opener,
            transport,
            wire: None,
        }
    }

    /// Where it leads.
    #[must_use]
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Whether it is open, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.wire.is_some()
    }

    /// Closes it, so that others may use the port. The next dialogue opens it again.
    pub fn close(&mut self) {
        self.wire = None;
    }

    /// Opens it anew if it is closed, then writes. A wire that turns out dead before anything is
    /// written is opened once more if it is `idle`: nothing was told over it that is not answered.
    pub(super) async fn send(&mut self, bytes: &[u8], idle: bool) -> Result<(), Unsent> {
        if let Some(wire) = &mut self.wire {
            match wire.send(bytes).await {
                Ok(()) => return Ok(()),
                Err(unsent) if unsent.begun || !idle => {
                    self.close();
                    return Err(unsent);
                }
                // The serial port must be let go before it can be opened.
                Err(_) => self.close(),
            }
        }
        let opened = self.opener.open(&self.transport).await;
        let mut wire = opened.map_err(|cause| Unsent {
            begun: false,
            cause,
        })?;
        wire.send(bytes).await?;
        self.wire = Some(wire);
        Ok(())
    }

    /// What the device says next. Where the wire broke nothing is to be heard, and the time passes
    /// all the same: a dialogue also listens in order to wait.
    pub(super) async fn hear(&mut self, patience: Duration) -> io::Result<Option<Vec<u8>>> {
        let Some(wire) = &mut self.wire else {
            sleep(patience).await;
            return Ok(None);
        };
        let heard = wire.hear(patience).await;
        if heard.is_err() {
            self.close();
        }
        heard
    }
}

/// Holds a dialogue to its end.
pub async fn hold(connection: &mut Connection, mut dialogue: Box<dyn Dialogue>) -> Talked {
    let mut record = Record::default();
    let mut idle = true;
    let mut since = (Instant::now(), 0);
    let mut step = dialogue.next(Heard::Nothing);
    loop {
        let patience = match step {
            Step::Done(result) => return record.over(*result),
            Step::Listen { patience } => patience,
            Step::Send { bytes, patience } => {
                let sent = connection.send(&bytes, idle).await;
                if sent.as_ref().err().is_none_or(|unsent| unsent.begun) {
                    record.add(Direction::Sent, &bytes);
                }
                if let Err(unsent) = sent {
                    idle = true;
                    record.trouble = Some(unsent.cause.to_string());
                    step = dialogue.next(Heard::Lost);
                    continue;
                }
                idle = false;
                since = (Instant::now(), 0);
                patience
            }
        };
        let heard = connection.hear(patience).await;
        step = match heard {
            Ok(None) => dialogue.next(Heard::Silence),
            Ok(Some(bytes)) => {
                idle = true;
                record.add(Direction::Received, &bytes);
                since.1 += bytes.len();
                if since.1 > MOST_HEARD || since.0.elapsed() > LONGEST {
                    connection.close();
                    record.trouble = Some("the printer does not stop talking".to_owned());
                    dialogue.next(Heard::Lost)
                } else {
                    dialogue.next(Heard::Bytes(&bytes))
                }
            }
            Err(error) => {
                idle = true;
                record.trouble = Some(error.to_string());
                dialogue.next(Heard::Lost)
            }
        };
    }
}

/// What was said so far.
#[derive(Default)]
struct Record {
    frames: Vec<Frame>,
    recorded: usize,
    left_out: usize,
    trouble: Option<String>,
}

impl Record {
    fn add(&mut self, direction: Direction, bytes: &[u8]) {
        let kept = bytes.len().min(MOST_RECORDED - self.recorded);
        self.recorded += kept;
        self.left_out += bytes.len() - kept;
        let bytes = bytes.get(..kept).unwrap_or_default();
        if bytes.is_empty() {
            return;
        }
        match self.frames.last_mut() {
            // What is received comes in any portions; what is sent, as it was meant.
            Some(last) if last.direction == direction && direction == Direction::Received => {
                last.bytes.extend_from_slice(bytes);
            }
            _ => self.frames.push(Frame {
                direction,
                bytes: bytes.to_vec(),
            }),
        }
    }

    fn over(self, result: Result<Outcome, Failure>) -> Talked {
        Talked {
            result,
            frames: self.frames,
            left_out: self.left_out,
            trouble: self.trouble,
        }
    }
}
