//! Gets a document to a printer. Delivered is not printed: a printer takes data faster than it
//! prints, and many of this kind never say anything. So it is asked before and after, and silence is
//! a warning, not an error.

use super::status::{Question, read, unknown};
use crate::device::{Message, Messages};
use crate::dialogue::{
    Answer, Conversation, Dialogue, Failure, Heard, Line, Outcome, Progress, Stop, Talk,
};
use std::time::Duration;

/// Real-time status comes at once, if it comes.
const ANSWER: Duration = Duration::from_millis(500);
/// After a document nothing is to be heard.
const SENT: Duration = Duration::from_millis(50);

/// A conversation that prints a document, unless the printer says that it cannot. `answer` is what
/// that brings: a printer of this kind has nothing to add.
#[must_use]
pub fn print(document: Vec<u8>, answer: Answer) -> Box<dyn Dialogue> {
    let script = move |talk: &mut Talk<'_, Option<u8>>| {
        let mut messages = ask(talk, &Question::ALL)?;
        if !messages.is_ok() {
            return Err(Failure::Refused(messages).into());
        }
        let sent = talk.ask(Command::Print(document.clone()))?;
        if sent.is_none() {
            messages.add(Message::error("E999", "Outcome of the print is unknown"));
            let pending = None;
            return Err(Failure::Unknown { pending, messages }.into());
        }
        // Whatever is heard now, also that the line broke: it has the document.
        let heard = talk.ask(Command::Ask(Question::Paper))?.copied().flatten();
        match heard.and_then(|answer| read(Question::Paper, answer)) {
            Some(told) => messages.extend(told),
            None => messages.add(unknown()),
        }
        // It prints when the paper is back.
        messages.soften();
        let answer = answer.clone();
        Ok(Outcome { answer, messages })
    };
    Box::new(Conversation::new(EscPosLine::default(), script))
}

/// A conversation that only asks a printer how it is.
#[must_use]
pub fn ask_condition(answer: Answer) -> Box<dyn Dialogue> {
    let script = move |talk: &mut Talk<'_, Option<u8>>| {
        let messages = ask(talk, &Question::ALL)?;
        let answer = answer.clone();
        Ok(Outcome { answer, messages })
    };
    Box::new(Conversation::new(EscPosLine::default(), script))
}

/// One that does not answer the first question is not asked the others.
fn ask(talk: &mut Talk<'_, Option<u8>>, all: &[Question]) -> Result<Messages, Stop<Command>> {
    let mut messages = Messages::default();
    for question in all {
        let Some(answer) = talk.ask(Command::Ask(*question))? else {
            return Err(Message::error("E101", "The printer cannot be reached").into());
        };
        let Some(told) = answer.and_then(|answer| read(*question, answer)) else {
            messages.add(unknown());
            break;
        };
        messages.extend(told);
    }
    Ok(messages)
}

/// What is sent.
#[derive(Clone, Debug)]
enum Command {
    Ask(Question),
    Print(Vec<u8>),
}

/// The line to one printer. A reply is the byte of an answer, or none.
#[derive(Debug, Default)]
struct EscPosLine {
    asked: Option<Question>,
}

impl Line for EscPosLine {
    type Command = Command;
    type Reply = Option<u8>;

    fn send(&mut self, command: Command) -> Progress<Option<u8>> {
        let (asked, bytes, patience) = match command {
            Command::Ask(question) => (Some(question), question.bytes().to_vec(), ANSWER),
            Command::Print(bytes) => (None, bytes, SENT),
        };
        self.asked = asked;
        Progress::Send { bytes, patience }
    }

    fn hear(&mut self, heard: Heard<'_>) -> Progress<Option<u8>> {
        let answer = match (heard, self.asked) {
            (Heard::Lost, _) => return Progress::Lost,
            (Heard::Nothing | Heard::Silence, _) => return Progress::Reply(None),
            (Heard::Bytes(_), None) => None,
            (Heard::Bytes(bytes), Some(question)) => {
                let fits = |byte: &&u8| read(question, **byte).is_some();
                bytes.iter().find(fits).copied()
            }
        };
        match answer {
            Some(answer) => Progress::Reply(Some(answer)),
            None if self.asked.is_some() => Progress::Listen { patience: ANSWER },
            None => Progress::Listen { patience: SENT },
        }
    }
}
