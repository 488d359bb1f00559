//! What every script of an ISL device does: ask, tell refusals from answers, collect messages.

use super::dialect::{Asked, Clerk, Dialect, State};
use super::fields;
use super::line::{Command, Kind, Reply};
use super::status;
use crate::device::{Message, Messages, PaymentKind, Settings};
use crate::dialogue::{Answer, Failure, Outcome, Stop, Talk};
use crate::receipt::Operator;

/// Why a command did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum No {
    /// The device refused it.
    Refused(Messages),
    /// Nobody knows whether it was heard.
    Lost,
}

impl No {
    /// What to tell about it.
    pub(crate) fn messages(self) -> Messages {
        match self {
            Self::Refused(messages) => messages,
            Self::Lost => silent().into(),
        }
    }
}

pub(crate) fn silent() -> Message {
    Message::error("E101", "The printer does not answer")
}

pub(crate) fn unreadable() -> Message {
    Message::error("E107", "The answer of the printer cannot be read")
}

/// A script under way.
pub(crate) struct Speaker<'t, 'a> {
    talk: &'t mut Talk<'a, Reply>,
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) settings: &'t Settings,
    /// A card was charged at the terminal of the device for the receipt that is printed.
    pub(crate) charged: bool,
    /// Errors and warnings of everything that was done nevertheless.
    messages: Messages,
    /// How the device was when it last did something.
    status: &'a [u8],
}

impl<'t, 'a> Speaker<'t, 'a> {
    /// A conversation that begins with a harmless question: the device may take the first number
    /// for one that it has answered before, and repeat that answer.
    pub(crate) fn begin(
        talk: &'t mut Talk<'a, Reply>,
        dialect: &'static dyn Dialect,
        settings: &'t Settings,
    ) -> Asked<Self> {
        let mut speaker = Self {
            talk,
            dialect,
            settings,
            charged: false,
            messages: Messages::default(),
            status: &[],
        };
        speaker.must(dialect.status())?;
        Ok(speaker)
    }

    /// Whatever the device says; `None` when it says nothing.
    pub(crate) fn hear(&mut self, command: Command) -> Asked<Option<&'a Reply>> {
        self.talk.ask(command)
    }

    /// The answer, unless the device refused or kept silent.
    pub(crate) fn ask(&mut self, command: Command) -> Asked<Result<&'a Reply, No>> {
        if command.data.len() > self.dialect.max_data() {
            let message = Message::error("E401", "The command has too much data");
            return Ok(Err(No::Refused(message.into())));
        }
        let kind = command.kind;
        let Some(reply) = self.hear(command)? else {
            return Ok(Err(No::Lost));
        };
        Ok(self.judge(reply, kind).map(|()| reply))
    }

    /// Whether an answer refuses.
    pub(crate) fn judge(&mut self, reply: &'a Reply, kind: Kind) -> Result<(), No> {
        let maker = self.dialect.maker();
        if self.dialect.refusal(reply).is_some() || status::is_refusal(maker, reply, kind) {
            return Err(No::Refused(self.refused(reply)));
        }
        // Most answers say about the device what the one before said.
        if self.status != reply.status {
            self.status = &reply.status;
            let messages = status::messages(maker, self.status).into_iter();
            let lasting = messages.filter(|message| message.code.is_some());
            self.messages.extend(lasting);
        }
        Ok(())
    }

    /// Everything that an answer says about the device.
    pub(crate) fn told(&self, reply: &Reply) -> Messages {
        let bits = status::messages(self.dialect.maker(), &reply.status);
        self.dialect
            .refusal(reply)
            .into_iter()
            .chain(bits)
            .collect()
    }

    /// A refusal always has an error, also where the device's reason is only a warning.
    fn refused(&self, reply: &Reply) -> Messages {
        let coded = self.told(reply).into_iter();
        let mut messages: Messages = coded.filter(|message| message.code.is_some()).collect();
        if messages.is_ok() {
            messages.add(Message::error("E499", "The device refused the command"));
        }
        messages
    }

    /// The answer to a question without which there is no going on, while nothing is printed.
    pub(crate) fn must(&mut self, command: Command) -> Asked<&'a Reply> {
        let answer = self.ask(command)?;
        answer.map_err(|no| self.fail(no))
    }

    /// Ends the script: nothing was printed that counts.
    pub(crate) fn fail(&self, no: No) -> Stop<Command> {
        let mut messages = no.messages();
        messages.extend(self.messages.clone());
        Failure::Refused(messages).into()
    }

    /// Adds a message to whatever the outcome will be.
    pub(crate) fn say(&mut self, message: Message) {
        self.messages.add(message);
    }

    pub(crate) fn say_all(&mut self, messages: Messages) {
        self.messages.extend(messages);
    }

    /// What was said so far.
    pub(crate) fn said(&self) -> Messages {
        self.messages.clone()
    }

    /// Ends the script well. What the last answer said is the state of the device; errors before it
    /// are told too.
    pub(crate) fn outcome(self, answer: Answer) -> Outcome {
        let mut messages = self.messages;
        messages.extend(status::messages(self.dialect.maker(), self.status));
        // What was done is done, whatever state the device is in.
        match answer {
            Answer::Done | Answer::Cash(_) | Answer::Printed(_) | Answer::Device(_) => {
                messages.soften();
            }
            Answer::Status(_) | Answer::Raw(_) | Answer::LastDocument(_) => {}
        }
        Outcome { answer, messages }
    }

    /// The open receipt or the last one; nothing when the device does not tell.
    pub(crate) fn state(&mut self) -> Asked<Option<State>> {
        self.state_by(self.dialect.state())
    }

    /// The same, asked with this command.
    pub(crate) fn state_by(&mut self, command: Command) -> Asked<Option<State>> {
        let reply = self.ask(command)?;
        Ok(reply.ok().and_then(|reply| self.dialect.read_state(reply)))
    }

    /// The number of the last document; nothing when the device does not tell.
    pub(crate) fn last_number(&mut self) -> Asked<Option<String>> {
        let reply = self.ask(self.dialect.last_number())?;
        Ok(reply.ok().and_then(|reply| self.dialect.read_number(reply)))
    }

    /// The same, where there is no going on without it: nothing is printed yet.
    pub(crate) fn must_number(&mut self) -> Asked<String> {
        let reply = self.must(self.dialect.last_number())?;
        let number = self.dialect.read_number(reply);
        Ok(number.ok_or_else(unreadable)?)
    }

    /// The code of a payment: the owner's, else the maker's.
    pub(crate) fn payment_code(&self, kind: PaymentKind) -> Option<u8> {
        let changed = self.settings.payments.get(&kind).copied();
        changed.unwrap_or_else(|| self.dialect.payment_code(kind))
    }

    /// Who works: the request's operator with exactly the request's password, else the settings',
    /// else the maker's.
    pub(crate) fn clerk(&self, operator: &Operator, reversal: bool) -> Clerk {
        let (id, password) = self.dialect.default_clerk(reversal);
        let of = |text: &Option<String>| text.as_deref().map(fields::field).unwrap_or_default();
        if operator.id.as_ref().is_some_and(|id| !id.is_empty()) {
            return Clerk {
                id: of(&operator.id),
                password: of(&operator.password),
            };
        }
        let longest = self.dialect.max_password();
        let password = self.settings.password.as_deref().map_or_else(
            || password.to_owned(),
            |text| fields::field(text).chars().take(longest).collect(),
        );
        let named = self.settings.operator.as_deref();
        let id = named.map_or_else(|| id.to_owned(), fields::field);
        Clerk { id, password }
    }
}
