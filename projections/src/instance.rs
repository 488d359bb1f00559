//! The venue itself: description, settings, licence, and messages to its tills.

use daybook_schema::facts::{Instance, License};
use daybook_schema::{At, Event, Fact};
use imbl::{OrdMap, Vector};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How many messages are kept for tills that are being told; older ones stay in the log only.
pub const KEPT_MESSAGES: usize = 64;

/// The venue.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InstanceView {
    described: Option<Arc<Instance>>,
    settings: OrdMap<String, String>,
    license: Option<Arc<License>>,
    messages: Vector<SentMessage>,
    clock_step: Option<At>,
}

/// A message to all tills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// Seq of its event.
    pub seq: u64,
    /// What it says.
    pub text: Arc<str>,
}

impl InstanceView {
    pub(crate) fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::InstanceDescribed(instance) => self.described = Some(Arc::new(instance.clone())),
            Fact::SettingSet(setting) => {
                self.settings
                    .insert(setting.key.clone(), setting.value.clone());
            }
            Fact::SettingCleared(setting) => {
                self.settings.remove(&setting.key);
            }
            Fact::Licensed(license) => self.license = Some(Arc::new(license.clone())),
            Fact::LicenseWithdrawn(_) => self.license = None,
            Fact::ClockStepped(step) => self.clock_step = Some(step.from),
            Fact::MessageSent(message) => {
                self.messages.push_back(SentMessage {
                    seq: event.seq,
                    text: message.text.as_str().into(),
                });
                if self.messages.len() > KEPT_MESSAGES {
                    self.messages.pop_front();
                }
            }
            _ => {}
        }
    }

    /// The description; `None` only while the log is empty.
    #[must_use]
    pub const fn described(&self) -> Option<&Arc<Instance>> {
        self.described.as_ref()
    }

    /// All settings by name.
    pub fn settings(&self) -> impl Iterator<Item = (&String, &String)> {
        self.settings.iter()
    }

    /// The value of a setting.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.settings.get(key).map(String::as_str)
    }

    /// The licence record.
    #[must_use]
    pub const fn license(&self) -> Option<&Arc<License>> {
        self.license.as_ref()
    }

    /// The time that the log repeats while the clock that stepped back catches up with it.
    #[must_use]
    pub const fn clock_step(&self) -> Option<At> {
        self.clock_step
    }

    /// The latest messages, oldest first, from seq `from` on.
    pub fn messages_from(&self, from: u64) -> impl Iterator<Item = &SentMessage> {
        self.messages
            .iter()
            .filter(move |message| message.seq >= from)
    }
}
