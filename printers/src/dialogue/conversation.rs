//! How a line and a script make a dialogue: the script is run again over all answers so far.

use super::{Dialogue, Failure, Heard, Outcome, Step};
use crate::device::Message;
use std::time::Duration;

/// One family's way of getting a command across.
pub trait Line {
    /// What is asked.
    type Command;
    /// What comes back.
    type Reply;

    /// Begins with a command.
    fn send(&mut self, command: Self::Command) -> Progress<Self::Reply>;

    /// Goes on with what was heard (never [`Heard::Nothing`]). Bytes behind an answer are dropped:
    /// devices speak only when they are spoken to.
    fn hear(&mut self, heard: Heard<'_>) -> Progress<Self::Reply>;
}

/// How far a command got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<R> {
    /// Write this and listen.
    Send {
        /// What to write.
        bytes: Vec<u8>,
        /// How long to wait for the next byte.
        patience: Duration,
    },
    /// Listen on.
    Listen {
        /// How long to wait for the next byte.
        patience: Duration,
    },
    /// The device answered.
    Reply(R),
    /// No answer will come. The device may have done what it was asked, or not.
    Lost,
}

/// Why a script stopped.
#[derive(Debug)]
pub enum Stop<C> {
    /// This must be asked next.
    Ask(C),
    /// It failed.
    Fail(Failure),
}

impl<C> From<Failure> for Stop<C> {
    fn from(failure: Failure) -> Self {
        Self::Fail(failure)
    }
}

impl<C> From<Message> for Stop<C> {
    fn from(message: Message) -> Self {
        Self::Fail(message.into())
    }
}

/// What a script asks with: the answers so far, in the order of the questions.
#[derive(Debug)]
pub struct Talk<'a, R> {
    replies: &'a [Option<R>],
    asked: usize,
}

impl<R> Clone for Talk<'_, R> {
    fn clone(&self) -> Self {
        Self {
            replies: self.replies,
            asked: self.asked,
        }
    }
}

impl<'a, R> Talk<'a, R> {
    /// A conversation of which this much has been heard.
    #[must_use]
    pub fn new(replies: &'a [Option<R>]) -> Self {
        Self { replies, asked: 0 }
    }

    /// The answer to a command; `None` when it was lost.
    ///
    /// # Errors
    /// With the command itself when it has not been asked yet: pass it on.
    pub fn ask<C>(&mut self, command: C) -> Result<Option<&'a R>, Stop<C>> {
        let reply = self.replies.get(self.asked);
        self.asked += 1;
        reply.map(Option::as_ref).ok_or(Stop::Ask(command))
    }
}

/// The most commands of one conversation: a receipt of a device's most lines is far below.
const MAX_COMMANDS: usize = 4000;

/// A line, a script, and what was heard so far.
#[derive(Debug)]
pub struct Conversation<L: Line, S> {
    line: L,
    script: S,
    replies: Vec<Option<L::Reply>>,
}

impl<L, S> Conversation<L, S>
where
    L: Line,
    S: Fn(&mut Talk<'_, L::Reply>) -> Result<Outcome, Stop<L::Command>>,
{
    /// A conversation that has not begun.
    pub fn new(line: L, script: S) -> Self {
        Self {
            line,
            script,
            replies: Vec::new(),
        }
    }

    fn advance(&mut self) -> Result<Progress<L::Reply>, Box<Result<Outcome, Failure>>> {
        match (self.script)(&mut Talk::new(&self.replies)) {
            Ok(outcome) => Err(Box::new(Ok(outcome))),
            Err(Stop::Fail(failure)) => Err(Box::new(Err(failure))),
            Err(Stop::Ask(_)) if self.replies.len() >= MAX_COMMANDS => {
                let message = Message::error("E999", "The conversation does not end");
                let messages = message.into();
                let pending = None;
                Err(Box::new(Err(Failure::Unknown { pending, messages })))
            }
            Err(Stop::Ask(command)) => Ok(self.line.send(command)),
        }
    }
}

impl<L, S> Dialogue for Conversation<L, S>
where
    L: Line + Send,
    L::Reply: Send,
    S: Fn(&mut Talk<'_, L::Reply>) -> Result<Outcome, Stop<L::Command>> + Send,
{
    fn next(&mut self, heard: Heard<'_>) -> Step {
        let mut progress = match heard {
            Heard::Nothing => self.advance(),
            heard => Ok(self.line.hear(heard)),
        };
        loop {
            match progress {
                Err(result) => return Step::Done(result),
                Ok(Progress::Send { bytes, patience }) => return Step::Send { bytes, patience },
                Ok(Progress::Listen { patience }) => return Step::Listen { patience },
                Ok(Progress::Reply(reply)) => self.replies.push(Some(reply)),
                Ok(Progress::Lost) => self.replies.push(None),
            }
            progress = self.advance();
        }
    }
}
