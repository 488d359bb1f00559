//! Gets one command across to a Tremol device: pings, message numbers, repeats.
//!
//! A device that hears the number of the last command again does not carry it out again; it repeats
//! its answer. That was seen on devices, but the vendor document does not promise it. So it is used
//! for what a later look would catch (a line of an open receipt), and never for what prints at once
//! or moves money. A question gets a new number each time it is repeated.
//!
//! A device on a network may want a password from everybody who connects (vendor document); it says
//! so when it is pinged. It gets the password once for each connection: after a few wrong ones some
//! devices lock themselves. Not verified on a device.

use super::frame::Message as Wire;
use super::frame::{Acknowledgement, Frame, NACK, NUMBERS, PING_READY, RETRY, encode};
use super::reader::Reader;
use crate::dialogue::{Heard, Line, Progress};
use std::time::Duration;

/// Answers take 15 to 120 ms, but some devices say nothing until they are asked again.
const ANSWER: Duration = Duration::from_secs(1);
const PING: Duration = Duration::from_millis(800);
/// Between two pings of a busy device.
const PAUSE: Duration = Duration::from_millis(200);
/// How often anything is tried before the device counts as gone.
const TRIES: u8 = 3;
/// How many pings a device may leave unanswered once it has a command: while they print, some are
/// silent. 15 s, and 90 s for what prints for long.
const SILENT: u8 = 18;
const SILENT_LONG: u8 = 110;
/// How often a busy device is pinged: as long.
const PAUSES: u16 = 75;
const PAUSES_LONG: u16 = 450;

/// Ends the password on the wire.
const PASSWORD_END: u8 = 0x0A;

const READY: u8 = 0x40;
const BUSY: u8 = 0x41;
const PASSWORD: u8 = 0x50;
const OCCUPIED: u8 = 0x60;
const WRONG_PASSWORD: u8 = 0x70;

/// What may be done when no answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Ask anew: it is a question, or has the same effect twice.
    Freely,
    /// Send it again with the same number while the connection stands.
    Numbered,
    /// Only look afterwards.
    Never,
}

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) code: u8,
    pub(super) data: Vec<u8>,
    pub(super) repeat: Repeat,
    /// It prints for long.
    pub(super) long: bool,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// Data.
    Data(Vec<u8>),
    /// The state of the device and the result of the command.
    Acknowledged(u8, u8),
    /// The device speaks, but not with us: its answer to the ready ping.
    Unready(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The answer to a ping is awaited, in order to send the command (again) or to give up.
    Pinging(Then),
    /// A busy device is left alone for a while.
    Pausing(Then),
    /// The device is left alone with the password.
    Admitting(Then),
    /// The answer to the command is awaited.
    Asking,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Send,
    GiveUp,
}

/// The line to one device.
#[derive(Debug)]
pub(super) struct ZfpLine {
    reader: Reader,
    number: u8,
    command: Command,
    state: State,
    greeted: bool,
    /// What a device on a network may want to hear first, with its end.
    password: Option<Vec<u8>>,
    /// The device got it since the connection was made.
    admitted: bool,
    /// How often it still asked for it.
    asked: u8,
    /// The device may have heard the command.
    sent: bool,
    tries: u8,
    silent: u8,
    pauses: u16,
}

impl ZfpLine {
    /// A line whose first message number follows from `seed`: any will do, best another each time.
    /// The password is for a device that asks for one.
    pub(super) fn new(seed: u8, password: Option<&str>) -> Self {
        let usable = |text: &&str| text.bytes().all(|byte| matches!(byte, 0x20..=0x7E));
        let password = password.filter(|text| !text.is_empty()).filter(usable);
        Self {
            reader: Reader::default(),
            number: NUMBERS.start() + seed % 0x80,
            command: Command {
                code: 0x20,
                data: Vec::new(),
                repeat: Repeat::Freely,
                long: false,
            },
            state: State::Asking,
            greeted: false,
            password: password.map(|text| [text.as_bytes(), &[PASSWORD_END]].concat()),
            admitted: false,
            asked: 0,
            sent: false,
            tries: 0,
            silent: 0,
            pauses: 0,
        }
    }

    fn next_number(&mut self) {
        let last = self.number == *NUMBERS.end();
        self.number = if last {
            *NUMBERS.start()
        } else {
            self.number + 1
        };
    }

    fn ask(&mut self) -> Progress<Reply> {
        let frame = Frame {
            number: self.number,
            command: self.command.code,
            data: self.command.data.clone(),
        };
        self.reader.forget();
        self.state = State::Asking;
        self.sent = true;
        self.tries += 1;
        match encode(&frame) {
            Some(bytes) if self.tries <= TRIES => Progress::Send {
                bytes,
                patience: ANSWER,
            },
            _ => Progress::Lost,
        }
    }

    fn ping(&mut self, then: Then) -> Progress<Reply> {
        self.reader.forget();
        self.state = State::Pinging(then);
        Progress::Send {
            bytes: vec![PING_READY],
            patience: PING,
        }
    }

    fn pause(&mut self, then: Then) -> Progress<Reply> {
        let most = if self.command.long {
            PAUSES_LONG
        } else {
            PAUSES
        };
        self.state = State::Pausing(then);
        self.pauses += 1;
        if self.pauses > most {
            return Progress::Lost;
        }
        Progress::Listen { patience: PAUSE }
    }

    /// Gives the password to a device that waits for it.
    fn admit(&mut self, then: Then) -> Progress<Reply> {
        match self.password.clone() {
            Some(bytes) if !self.admitted => {
                self.reader.forget();
                self.admitted = true;
                self.state = State::Admitting(then);
                Progress::Send {
                    bytes,
                    patience: PAUSE,
                }
            }
            // It may need a moment.
            Some(_) if self.asked < TRIES => {
                self.asked += 1;
                self.pause(then)
            }
            _ => self.unready(PASSWORD),
        }
    }

    /// The device does not want us. What it has heard before, it may have done all the same.
    fn unready(&self, byte: u8) -> Progress<Reply> {
        if self.sent && self.command.repeat != Repeat::Freely {
            Progress::Lost
        } else {
            Progress::Reply(Reply::Unready(byte))
        }
    }

    fn again(&mut self) -> Progress<Reply> {
        match self.command.repeat {
            Repeat::Freely => {
                self.next_number();
                self.ping(Then::Send)
            }
            Repeat::Numbered => self.ping(Then::Send),
            Repeat::Never => self.ping(Then::GiveUp),
        }
    }

    fn hear_byte(&mut self, byte: u8) -> Option<Progress<Reply>> {
        match (self.state, byte) {
            (State::Asking, RETRY) => Some(self.pause(Then::Send)),
            // It may be the rest of a damaged answer, so even now some commands are not repeated.
            (State::Asking, NACK) => Some(match self.command.repeat {
                Repeat::Never => Progress::Lost,
                _ => self.ask(),
            }),
            (State::Pinging(then), BUSY) => Some(self.pause(then)),
            (State::Pinging(then) | State::Admitting(then), PASSWORD) => Some(self.admit(then)),
            (State::Pinging(_) | State::Admitting(_), OCCUPIED | WRONG_PASSWORD) => {
                Some(self.unready(byte))
            }
            // The password is taken; a ping shows what for.
            (State::Admitting(then), READY..) => Some(self.ping(then)),
            (State::Pinging(Then::GiveUp), READY..) => Some(Progress::Lost),
            (State::Pinging(Then::Send), READY..) => {
                self.greeted = true;
                Some(self.ask())
            }
            _ => None,
        }
    }

    fn hear_message(&mut self, message: Wire) -> Option<Progress<Reply>> {
        let number = self.number;
        match message {
            Wire::Byte(byte) => self.hear_byte(byte),
            Wire::Frame(frame) if frame.number == number && frame.command == self.command.code => {
                Some(Progress::Reply(Reply::Data(frame.data)))
            }
            Wire::Acknowledgement(Acknowledgement {
                number: answered,
                device,
                command,
            }) if answered == number => Some(Progress::Reply(Reply::Acknowledged(device, command))),
            // A late answer to an earlier command.
            _ => None,
        }
    }

    fn listen(&self) -> Progress<Reply> {
        let patience = match self.state {
            State::Pinging(_) => PING,
            State::Pausing(_) | State::Admitting(_) => PAUSE,
            State::Asking => ANSWER,
        };
        Progress::Listen { patience }
    }
}

impl Line for ZfpLine {
    type Command = Command;
    type Reply = Reply;

    fn send(&mut self, command: Command) -> Progress<Reply> {
        self.command = command;
        self.sent = false;
        self.tries = 0;
        self.silent = 0;
        self.pauses = 0;
        self.next_number();
        if self.greeted {
            self.ask()
        } else {
            self.ping(Then::Send)
        }
    }

    fn hear(&mut self, heard: Heard<'_>) -> Progress<Reply> {
        let arrived = match heard {
            Heard::Nothing => &[],
            Heard::Bytes(bytes) => bytes,
            Heard::Silence => return self.hear_silence(),
            Heard::Lost => return self.hear_loss(),
        };
        let messages = self.reader.read(arrived);
        let answer = messages
            .into_iter()
            .find_map(|message| self.hear_message(message));
        answer.unwrap_or_else(|| self.listen())
    }
}

impl ZfpLine {
    fn hear_silence(&mut self) -> Progress<Reply> {
        match self.state {
            State::Asking => self.again(),
            State::Pausing(then) | State::Admitting(then) => self.ping(then),
            State::Pinging(then) => {
                self.silent += 1;
                let most = match (self.sent, self.command.long) {
                    (false, _) => TRIES,
                    (true, false) => SILENT,
                    (true, true) => SILENT_LONG,
                };
                if self.silent >= most {
                    Progress::Lost
                } else {
                    self.ping(then)
                }
            }
        }
    }

    fn hear_loss(&mut self) -> Progress<Reply> {
        self.greeted = false;
        self.admitted = false;
        self.asked = 0;
        self.tries += 1;
        if self.tries >= TRIES || (self.sent && self.command.repeat != Repeat::Freely) {
            return Progress::Lost;
        }
        self.next_number();
        self.ping(Then::Send)
    }
}
