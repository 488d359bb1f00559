//! `verify`: what may be asked, and one finding per instance.

#[cfg(feature = "kafka")]
use super::TopicArgs;
use super::{CommandError, EMPTY_STORE, counted, list, logs};
use crate::failure::Layer;
use crate::source::Source;
use crate::verify::{Report, Verdict, verify};
use clap::Args;
use daybook_schema::{EventLog, Head, Leaf, LogName};
use indicatif::ProgressBar;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// What `verify` is asked.
#[derive(Args, Clone, Debug)]
pub struct VerifyOptions {
    /// A file of lines (NDJSON), a directory with events.ndjson, or - for standard input; instead
    /// of a store
    #[arg(value_name = "FILE|DIR")]
    pub file: Option<PathBuf>,

    /// Kafka brokers of a topic of events, instead of a store: host:port, several with commas
    #[cfg(feature = "kafka")]
    #[arg(long, value_name = "BROKERS", conflicts_with = "file")]
    pub kafka: Option<String>,

    #[cfg(feature = "kafka")]
    #[command(flatten)]
    #[expect(missing_docs, reason = "the arguments have texts of their own")]
    pub topic: TopicArgs,

    /// Which instance [default: every one of the store or topic; the one the file's first line names]
    #[arg(long, value_name = "SLUG")]
    pub instance: Option<LogName>,

    /// A head you know: the instance must have passed through it; may be repeated
    #[arg(long = "head", value_name = "SIZE:LEAF", value_parser = read_head)]
    pub heads: Vec<Head>,
}

/// The long help of `verify`: what it proves, and what it cannot.
pub const HELP: &str = "\
Checked are, for every line from the first to the last:
  line         its bytes are an event in canonical form: nothing can be hidden in spelling
  chain        it is of this instance, has the next number, a time not before the last, and names
               the SHA-256 of the line before it
  transaction  every public transaction continues the SHA-512 chain of its point of sale, numbers
               have no gap, and amounts agree with the sale's lines
  record       in a topic: headers and timestamp of its record follow from the line, and the topic
               holds no foreign record, which is of no instance or not where its instance is
  retention    in a topic: no partition has forgotten its first records
  store head   the lines end where the store's own record says, so that none is lost at the end
  known head   the lines have passed through every head given with --head

Hashes prove that lines belong together, not that they are the lines of yesterday: whoever may
write to the store can change an event and recompute every hash after it. That is found only
against something they cannot reach. Such a thing is a head: the number of events and the hash of
the last one, written SIZE:LEAF. Get one from `GET /ledger/{slug}/head`, or from the last line of
an earlier `verify`, and keep it elsewhere: on paper, in a mail, with your auditor. Any event
changed before it makes --head fail. The hash on a customer's receipt does the same for its sale.

A topic has no record of its head. Whether events are missing at its end is found with --head, or
with `daybook compare`, which sets store and topic side by side. What is wrong in a topic is told
with partition and offset, too.

Memory is constant for each instance, and a topic may have 10,000. Nothing needs to be stopped
meanwhile. Exit code 0: whole; 1: broken, or nothing to verify; 3: the store, file or topic cannot
be read.";

/// Reads a head as `verify` writes it.
fn read_head(text: &str) -> Result<Head, String> {
    let refused =
        || "write SIZE:LEAF, as `verify` prints it: digits, a colon, 64 hex digits".to_owned();
    let (size, leaf) = text.split_once(':').ok_or_else(refused)?;
    let size = size.parse().map_err(|_| refused())?;
    let leaf = Leaf::from_hex(leaf).map_err(|_| refused())?;
    Ok(Head { size, leaf })
}

/// What was found about one instance. Its text is one line of prose.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The instance; or the file while nobody knows whose it is, or the topic where it is about that
    /// itself.
    pub name: String,
    /// What was found.
    pub verdict: Verdict,
}

impl Finding {
    /// Whether everything fits.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(self.verdict, Verdict::Whole(_))
    }

    /// Whether it is about foreign records of a topic: those that are no instance's.
    #[must_use]
    pub const fn is_foreign(&self) -> bool {
        self.is_of_topic() && !self.is_forgotten()
    }

    /// Whether it is about records that a topic has forgotten.
    #[must_use]
    pub const fn is_forgotten(&self) -> bool {
        matches!(&self.verdict, Verdict::Broken { failure, .. }
            if matches!(failure.layer, Layer::Retention))
    }

    /// Whether it is about a topic itself, not about an instance.
    #[must_use]
    pub const fn is_of_topic(&self) -> bool {
        matches!(&self.verdict, Verdict::Broken { failure, .. } if failure.seq.is_none())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.verdict {
            Verdict::Broken { failure, .. } => {
                write!(f, "{name}: BROKEN at {}: {failure}", failure.location())
            }
            Verdict::Whole(Report {
                events,
                transactions,
                head,
                ..
            }) => {
                let (events, transactions) = (
                    counted(*events, "event"),
                    counted(*transactions, "transaction"),
                );
                write!(
                    f,
                    "{name}: whole: {events}, {transactions}, head {}:{}",
                    head.size, head.leaf
                )
            }
        }
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("instance", &self.name)?;
        members.serialize_entry("whole", &self.is_whole())?;
        match &self.verdict {
            Verdict::Whole(report) => members.serialize_entry("report", report)?,
            Verdict::Broken { failure, .. } => members.serialize_entry("failure", failure)?,
        }
        members.serialize_entry("text", &self.to_string())?;
        members.end()
    }
}

impl VerifyOptions {
    /// Whether a store is verified, and no file or topic.
    #[must_use]
    pub const fn needs_store(&self) -> bool {
        #[cfg(feature = "kafka")]
        if self.kafka.is_some() {
            return false;
        }
        self.file.is_none()
    }

    #[cfg(feature = "kafka")]
    async fn verify_topic(
        &self,
        brokers: &str,
        bar: ProgressBar,
    ) -> Result<Vec<Finding>, CommandError> {
        let topic = self.topic.topic(brokers)?;
        let shown = bar.clone();
        let progress = move |records, length: u64| {
            shown.set_length(length.max(records));
            shown.set_position(records);
        };
        let (only, known) = (self.instance.clone(), self.heads.clone());
        let verdicts = crate::topic::verify::verify_topic(&topic, only, known, progress).await;
        bar.finish_and_clear();
        let findings = verdicts?.into_iter().map(|verdict| Finding {
            name: verdict
                .log()
                .map_or_else(|| format!("topic {}", topic.name), ToString::to_string),
            verdict,
        });
        let findings: Vec<Finding> = findings.collect();
        if findings.is_empty() {
            return Err(CommandError::No(format!(
                "the topic \"{}\" holds no event: nothing to verify",
                topic.name
            )));
        }
        Ok(findings)
    }

    /// Verifies the file, the topic, or in the store every instance that is meant; `found` hears of each as
    /// soon as it is known. `bar` makes a progress bar for so many events.
    ///
    /// # Errors
    /// When there is nothing to verify, or it cannot be read. A broken log is a finding.
    pub async fn run(
        &self,
        store: Option<Arc<dyn EventLog>>,
        bar: impl Fn(u64) -> ProgressBar,
        mut found: impl FnMut(&Finding),
    ) -> Result<Vec<Finding>, CommandError> {
        #[cfg(feature = "kafka")]
        if let Some(brokers) = &self.kafka {
            let findings = self.verify_topic(brokers, bar(0)).await?;
            findings.iter().for_each(found);
            return Ok(findings);
        }
        let mut findings = Vec::new();
        for (name, length, source) in self.sources(store).await? {
            let bar = bar(length);
            let shown = bar.clone();
            let verdict = verify(source, &self.heads, move |events| {
                shown.set_length(length.max(events));
                shown.set_position(events);
            });
            let verdict = verdict.await;
            bar.finish_and_clear();
            let verdict = verdict?;
            let finding = Finding {
                name: verdict.log().map_or(name, ToString::to_string),
                verdict,
            };
            found(&finding);
            findings.push(finding);
        }
        Ok(findings)
    }

    /// What is to be verified: a name, about how many events, and the lines.
    async fn sources(
        &self,
        store: Option<Arc<dyn EventLog>>,
    ) -> Result<Vec<(String, u64, Source)>, CommandError> {
        if let Some(file) = &self.file {
            let source = Source::open(file, self.instance.clone())?;
            return Ok(vec![(file.display().to_string(), 0, source)]);
        }
        let Some(store) = store else {
            return Err(CommandError::Usage(
                "say what to verify: a file, or a store".to_owned(),
            ));
        };
        let logs = logs(&store, self.instance.as_ref()).await?;
        if logs.is_empty() {
            return Err(CommandError::No(format!(
                "{EMPTY_STORE}: nothing to verify"
            )));
        }
        if logs.len() > 1 && !self.heads.is_empty() {
            let why = format!(
                "say which instance the head is of, with --instance: {}",
                list(&logs)
            );
            return Err(CommandError::Usage(why));
        }
        let mut sources = Vec::new();
        for log in logs {
            // Only for the progress bar: a head that cannot be read is a finding, later.
            let length = store.head(&log).await.map_or(0, |head| head.size);
            sources.push((
                log.to_string(),
                length,
                Source::Store {
                    store: store.clone(),
                    log,
                },
            ));
        }
        Ok(sources)
    }
}
