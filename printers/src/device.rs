//! What is known about a printer: who made it, what it can do, how it is set up, and the messages
//! that tell its condition.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// How bad a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The job failed, or the next one will.
    Error,
    /// Somebody should look at it soon.
    Warning,
    /// Good to know.
    Info,
}

/// One thing a printer, or the check of a job, has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How bad it is.
    pub level: Level,
    /// The standard code (`E301`); information has none.
    pub code: Option<&'static str>,
    /// For people.
    pub text: Cow<'static, str>,
    /// The device's own number for it, where it has one.
    pub original: Option<String>,
}

impl Message {
    /// An error.
    #[must_use]
    pub fn error(code: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Level::Error, Some(code), text.into())
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Level::Warning, Some(code), text.into())
    }

    /// An error or a warning, as the letter of its code has it.
    #[must_use]
    pub fn coded(code: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        if code.starts_with('W') {
            Self::warning(code, text)
        } else {
            Self::error(code, text)
        }
    }

    /// Information.
    #[must_use]
    pub fn info(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Level::Info, None, text.into())
    }

    fn new(level: Level, code: Option<&'static str>, text: Cow<'static, str>) -> Self {
        Self {
            level,
            code,
            text,
            original: None,
        }
    }

    /// The same, with the device's own number.
    #[must_use]
    pub fn with_original(mut self, number: impl Into<String>) -> Self {
        self.original = Some(number.into());
        self
    }

    /// Whether the message is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }
}

/// Messages of a whole job: each said once, errors first, otherwise in the order of arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages(Vec<Message>);

impl Messages {
    /// Adds a message, unless it has been said. What is known only at the end (a printed receipt)
    /// may turn errors into warnings: see [`Self::soften`].
    pub fn add(&mut self, message: Message) {
        if !self.0.contains(&message) {
            self.0.push(message);
            self.0.sort_by_key(|message| message.level);
        }
    }

    /// Adds several.
    pub fn extend(&mut self, messages: impl IntoIterator<Item = Message>) {
        messages.into_iter().for_each(|message| self.add(message));
    }

    /// Makes warnings of the errors: they did not stop what was asked.
    pub fn soften(&mut self) {
        for message in &mut self.0 {
            message.level = message.level.max(Level::Warning);
        }
    }

    /// Adds the device's own words to the messages with this number of the device.
    pub fn explain(&mut self, number: &str, words: &str) {
        let same = |message: &&mut Message| message.original.as_deref() == Some(number);
        for message in self.0.iter_mut().filter(same) {
            message.text = format!("{}: {words}", message.text).into();
        }
    }

    /// Whether there is no error.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        !self.0.iter().any(Message::is_error)
    }

    /// Whether a message has this code.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.0.iter().any(|message| message.code == Some(code))
    }

    /// The messages, errors first.
    #[must_use]
    pub fn as_slice(&self) -> &[Message] {
        &self.0
    }
}

impl IntoIterator for Messages {
    type Item = Message;
    type IntoIter = std::vec::IntoIter<Message>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<Message> for Messages {
    fn from(message: Message) -> Self {
        Self(vec![message])
    }
}

impl FromIterator<Message> for Messages {
    fn from_iter<I: IntoIterator<Item = Message>>(messages: I) -> Self {
        let mut all = Self::default();
        all.extend(messages);
        all
    }
}

/// How somebody pays. `change` is no kind: it is a bookkeeping entry that no device sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names of the protocol say it all")]
pub enum PaymentKind {
    Cash,
    Check,
    Coupons,
    ExtCoupons,
    Packaging,
    InternalUsage,
    Damage,
    Card,
    Bank,
    Reserved1,
    Reserved2,
}

impl PaymentKind {
    /// Every kind, in the order of the protocol.
    pub const ALL: [Self; 11] = [
        Self::Cash,
        Self::Check,
        Self::Coupons,
        Self::ExtCoupons,
        Self::Packaging,
        Self::InternalUsage,
        Self::Damage,
        Self::Card,
        Self::Bank,
        Self::Reserved1,
        Self::Reserved2,
    ];

    /// The name that the JSON protocol gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Check => "check",
            Self::Coupons => "coupons",
            Self::ExtCoupons => "ext-coupons",
            Self::Packaging => "packaging",
            Self::InternalUsage => "internal-usage",
            Self::Damage => "damage",
            Self::Card => "card",
            Self::Bank => "bank",
            Self::Reserved1 => "reserved1",
            Self::Reserved2 => "reserved2",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Whether an amount may be taken off or added to the whole receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubtotalModifiers {
    /// Never.
    Unsupported,
    /// If all lines so far have one tax group.
    OneTaxGroup,
    /// Always.
    Supported,
}

/// What a printer can do, so that a receipt can be checked before the first byte is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The most characters of an item's text.
    pub item_text: usize,
    /// The most characters of a comment.
    pub comment_text: usize,
    /// The most characters of an operator's password; 0 where there are no passwords.
    pub operator_password: usize,
    /// The payments it takes.
    pub payments: Vec<PaymentKind>,
    /// Whether an amount may be taken off or added to the whole receipt.
    pub subtotal_modifiers: SubtotalModifiers,
    /// Whether a card terminal can hang on it.
    pub terminal: bool,
    /// Whether its receipts are fiscal; others need no tax group.
    pub fiscal: bool,
}

/// Who a printer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The number on its plate: two letters, six digits.
    pub serial: String,
    /// The number of its fiscal memory.
    pub fiscal_memory: String,
    /// The tax number it is registered for; empty before that.
    pub tax_number: String,
    /// Who made it.
    pub manufacturer: &'static str,
    /// Its model.
    pub model: String,
    /// Its firmware, as it writes it.
    pub firmware: String,
    /// What it can do.
    pub capabilities: Capabilities,
}

/// How one printer is set up; everything has a default that works with a device as delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The operator, when a request names none.
    pub operator: Option<String>,
    /// That operator's password.
    pub password: Option<String>,
    /// What the owner of the device made of its payments: other codes than the makers', or none.
    pub payments: BTreeMap<PaymentKind, Option<u8>>,
    /// Comments that are too long continue on further lines instead of being cut.
    pub wrap_comments: bool,
    /// What this device does otherwise than its maker's document says.
    pub quirks: BTreeSet<Quirk>,
    /// Payments by card go through the card terminal that hangs on the device. Only where
    /// [`Capabilities::terminal`] says that one can.
    pub terminal: bool,
    /// The network password of a device that asks for one when somebody connects (Tremol).
    pub tcp_password: Option<String>,
    /// An operator named it: what the device says about itself is not compared with its driver.
    pub configured: bool,
}

/// What a device does otherwise than its maker's document says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quirk {
    /// Asking for the drawer prints a slip: it is never asked.
    CashQueryPrints,
    /// The clock is set without the mark of summer time (Datecs X).
    NoSummerMark,
    /// An amount modifier begins with `$` instead of `;` (Eltrade).
    DollarAmounts,
}
