//! `restore`: a store made of what a topic holds.

use super::{CommandError, TopicArgs, counted};
use crate::failure::Place;
use crate::topic::Topic;
use crate::topic::restore::{self, Refused, Restored};
use crate::verify::head;
use clap::Args;
use daybook_schema::{EventLog, Head, LogName};
use indicatif::ProgressBar;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// What `restore` is asked.
#[derive(Args, Clone, Debug)]
pub struct RestoreOptions {
    /// Kafka brokers: host:port, several with commas
    #[arg(long, value_name = "BROKERS", env = "DAYBOOK_KAFKA")]
    pub kafka: String,

    #[command(flatten)]
    #[expect(missing_docs, reason = "the arguments have texts of their own")]
    pub topic: TopicArgs,

    /// Which instance [default: every one of the topic]
    #[arg(long, value_name = "SLUG")]
    pub instance: Option<LogName>,
}

/// The long help of `restore`.
pub const HELP: &str = "\
Every line is verified before it is written, byte for byte as it was; an instance that is broken
is restored up to the event before. A store that holds a beginning of what the topic has of an
instance is continued, so when a restore ends early, run the same command again. A store that
holds anything else of an instance is left as it is.

End every node of the store first, and start none before the restore has ended. A node that sees
an instance half restored may append to it, and what it appends takes the place of what was to
come. Restore refuses a store in which a node named `daybook` prints; a node with another --node,
or one that prints nothing, is not noticed. What was appended meanwhile is found when the next
events are to be written: the instance is REFUSED then, and the store is of no use any more.

Events that had not reached the topic are lost: compare the head that is printed with one you know.

A store has a secret of its own, which is in no topic. What was issued under the old one is not
accepted any more: API keys, tokens of sessions, badges, passwords of points of sale, and codes at
tables. `daybook import` of the venue's catalogue file, without its sessions, sets again the keys,
badges and passwords that stand in it. `daybook key issue` makes new keys, and `daybook qr` new
codes; sessions are closed and opened anew with `daybook session`.

Foreign records, which are of no instance or not where their instance is, are left out. Memory is
that of some batches of events for each instance, of 10,000 at most.

Exit code 0: everything is restored; 1: something is broken or refused, or the topic holds foreign
records or has forgotten older ones; 3: topic or store does not answer.";

/// What follows a restore, for whoever did it.
const SECRETS: &str = "\
This store has a secret of its own: API keys, session tokens, badges, passwords of points of sale
and codes at tables that were issued under another are not accepted. Issue keys with
`daybook key issue`, or import the venue's catalogue file again, without its sessions; see
`daybook restore --help`.";

/// What was restored.
#[derive(Clone, Debug)]
pub struct Restoration {
    instances: Vec<Row>,
    foreign: u64,
    forgotten: Vec<Place>,
}

#[derive(Clone, Debug)]
struct Row(Restored);

impl RestoreOptions {
    /// The topic, if it is there: to be asked before a store is made.
    ///
    /// # Errors
    /// When it is not, or no broker answers.
    pub async fn topic(&self) -> Result<Topic, CommandError> {
        let topic = self.topic.topic(&self.kafka)?;
        topic.check().await?;
        Ok(topic)
    }

    /// Restores. `bar` makes a progress bar for so many events.
    ///
    /// # Errors
    /// When the topic holds nothing to restore, or a side does not answer.
    pub async fn run(
        &self,
        topic: &Topic,
        store: Arc<dyn EventLog>,
        bar: impl Fn(u64) -> ProgressBar,
    ) -> Result<Restoration, CommandError> {
        let bar = bar(0);
        let shown = bar.clone();
        let progress = move |records, length: u64| {
            shown.set_length(length.max(records));
            shown.set_position(records);
        };
        let restored = restore::restore(topic, store, self.instance.clone(), progress).await;
        bar.finish_and_clear();
        let restored = restored?;
        let restoration = Restoration {
            instances: restored.instances.into_iter().map(Row).collect(),
            foreign: restored.foreign,
            forgotten: restored.forgotten,
        };
        if let Some(error) = restored.ended {
            return Err(restoration.ended(error.into()));
        }
        if restoration.instances.is_empty() {
            let mut why = "the topic holds no instance: nothing to restore".to_owned();
            for place in &restoration.forgotten {
                why += &format!("\n{}", Forgotten(place));
            }
            return Err(CommandError::No(why));
        }
        Ok(restoration)
    }
}

impl Restoration {
    /// Whether everything that the topic ever held is in the store.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_all = self.foreign == 0 && self.forgotten.is_empty();
        is_all && self.instances.iter().all(|row| row.0.refused.is_none())
    }

    /// What to do when it ended early.
    fn ended(&self, error: CommandError) -> CommandError {
        let reached = self.instances.iter().map(|Row(restored)| {
            let Restored { instance, head, .. } = restored;
            let reached = head.size.checked_sub(1);
            reached.map_or_else(
                || format!("nothing of {instance}"),
                |seq| format!("{instance} up to seq {seq}"),
            )
        });
        let reached: Vec<String> = reached.collect();
        let reached = match reached.as_slice() {
            [] => "nothing".to_owned(),
            some => some.join(", "),
        };
        let more = format!(
            "\nThe store holds {reached}. Run the same command again: it goes on from there"
        );
        match error {
            CommandError::No(why) => CommandError::No(why + &more),
            CommandError::Usage(why) => CommandError::Usage(why + &more),
            CommandError::Outside(why) => CommandError::Outside(why + &more),
        }
    }
}

/// A partition that has forgotten records, in words.
struct Forgotten<'a>(&'a Place);

impl fmt::Display for Forgotten<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "NOT WHOLE: the topic has forgotten the records before {}: nobody can say of which \
             instances; retention.ms and retention.bytes must be -1",
            self.0
        )
    }
}

impl fmt::Display for Restoration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.instances {
            writeln!(f, "{row}")?;
        }
        if self.foreign > 0 {
            let records = counted(self.foreign, "foreign record");
            writeln!(
                f,
                "left out: {records}; `daybook verify --kafka` says which"
            )?;
        }
        for place in &self.forgotten {
            writeln!(f, "{}", Forgotten(place))?;
        }
        f.write_str(SECRETS)
    }
}

impl Serialize for Restoration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("whole", &self.is_whole())?;
        members.serialize_entry("foreign", &self.foreign)?;
        members.serialize_entry("forgotten", &self.forgotten)?;
        members.serialize_entry("instances", &self.instances)?;
        members.serialize_entry("note", SECRETS)?;
        members.end()
    }
}

/// A head as other commands write it.
struct Written(Head);

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        head(&self.0, serializer)
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let restored = &self.0;
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("instance", &restored.instance)?;
        members.serialize_entry("whole", &restored.refused.is_none())?;
        members.serialize_entry("head", &Written(restored.head))?;
        members.serialize_entry("written", &restored.written)?;
        members.serialize_entry("left_out", &restored.left_out)?;
        match &restored.refused {
            Some(Refused::Broken(failure) | Refused::Different(failure)) => {
                members.serialize_entry("failure", failure)?;
            }
            Some(Refused::Longer(_) | Refused::Contended) | None => {}
        }
        members.serialize_entry("text", &self.to_string())?;
        members.end()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Restored {
            instance,
            head,
            written,
            left_out,
            refused,
        } = &self.0;
        let (size, leaf) = (head.size, head.leaf);
        let held = counted(size, "event");
        match refused {
            Some(Refused::Longer(size)) => write!(
                f,
                "{instance}: REFUSED: the store holds {held}, the topic {size}: nothing was written"
            ),
            Some(Refused::Different(_)) => write!(
                f,
                "{instance}: REFUSED: the store holds {held} that are not those of the topic: nothing \
                 was written; name an empty store"
            ),
            Some(Refused::Contended) => write!(
                f,
                "{instance}: REFUSED: another process appended to it meanwhile; {held} before that \
                 are the topic's. End every node and every other restore, and run `daybook compare`: \
                 if they differ, restore into an empty store"
            ),
            Some(Refused::Broken(failure)) if failure.seq < Some(size) => write!(
                f,
                "{instance}: the topic is BROKEN at {}: {failure}; nothing was written, and what the \
                 store holds from there on, of its {held}, could not be compared",
                failure.location()
            ),
            Some(Refused::Broken(failure)) => write!(
                f,
                "{instance}: the topic is BROKEN at {}: {failure}; the store holds the {held} before",
                failure.location()
            ),
            None => {
                let written = counted(*written, "event");
                write!(f, "{instance}: {written} written, head {size}:{leaf}")?;
                if *left_out > 0 {
                    let left_out = counted(*left_out, "event");
                    write!(
                        f,
                        "; left out: {left_out} at the end, of a sale that is not complete in the \
                         topic: let this store publish to a new topic"
                    )?;
                }
                Ok(())
            }
        }
    }
}
