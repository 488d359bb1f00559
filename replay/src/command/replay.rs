//! `replay`: what may be asked, and the books as they stood.

#[cfg(feature = "kafka")]
use super::TopicArgs;
use super::{CommandError, EMPTY_STORE, list, logs};
use crate::replay::{ReplayError, Until, replay};
use crate::source::Source;
use clap::Args;
use clap::builder::PossibleValuesParser;
use daybook_projections::{NAMES, Views};
use daybook_schema::{At, Digest, EventLog, LogName};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What `replay` is asked.
#[derive(Args, Clone, Debug)]
pub struct ReplayOptions {
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

    /// The last event that counts (a seq), or the last moment (a time like 2026-05-01T10:00:00Z)
    /// [default: everything]
    #[arg(long, value_name = "SEQ|TIME")]
    pub until: Option<Until>,

    /// Which view to show
    #[arg(long, value_name = "NAME", default_value = "transaction", value_parser = PossibleValuesParser::new(NAMES))]
    pub view: String,

    /// Show the BLAKE3 fingerprint of every view instead, to compare with another node or replay
    #[arg(long, conflicts_with = "view")]
    pub fingerprints: bool,

    /// Which instance, when the store or topic has several
    #[arg(long, value_name = "SLUG")]
    pub instance: Option<LogName>,
}

/// The long help of `replay`.
pub const HELP: &str = "\
Folds the instance from its first event into every view, and stops behind the event with the number
--until, or behind the last one recorded at or before that time. Each line is checked to continue the
one before; `verify` checks more. Nothing is written, no snapshot is used, and nothing needs to be
stopped meanwhile. Equal fingerprints on two nodes, or of a node and a replay, mean equal states.";

/// A view as it stood, or the fingerprints of all.
#[derive(Debug, Serialize)]
pub struct Books {
    /// Which instance.
    pub instance: LogName,
    /// The last event that counts; none before the first.
    pub seq: Option<u64>,
    /// When it was recorded.
    pub at: Option<At>,
    /// Which view is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<String>,
    /// BLAKE3 of that view, or of all views and the head.
    pub fingerprint: Digest,
    /// The view's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<serde_json::Value>,
    /// BLAKE3 of each view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprints: Option<BTreeMap<String, Digest>>,
    /// What people read.
    #[serde(skip)]
    pub text: String,
}

impl ReplayOptions {
    /// Whether a store is folded, and no file or topic.
    #[must_use]
    pub const fn needs_store(&self) -> bool {
        #[cfg(feature = "kafka")]
        if self.kafka.is_some() {
            return false;
        }
        self.file.is_none()
    }

    /// Folds the file, or the instance in the store that is meant.
    ///
    /// # Errors
    /// When there is nothing to fold, it cannot be read, or it is broken.
    pub async fn run(&self, store: Option<Arc<dyn EventLog>>) -> Result<Books, CommandError> {
        let source = self.source(store).await?;
        let name = source.log().map(ToString::to_string);
        let replayed = replay(source, self.until.unwrap_or(Until::End)).await;
        let (instance, views) = replayed.map_err(|error| match error {
            ReplayError::Source(error) => error.into(),
            ReplayError::Broken(_) => {
                let name = name.unwrap_or_else(|| "the file".to_owned());
                CommandError::No(format!("{name}: {error}"))
            }
        })?;
        // Fingerprints and texts of large views are work for a thread of their own.
        let (view, all) = (self.view.clone(), self.fingerprints);
        let shown = tokio::task::spawn_blocking(move || {
            if all {
                Ok(fingerprints(instance, &views))
            } else {
                show(instance, &views, view)
            }
        });
        shown
            .await
            .map_err(|_| CommandError::Outside("showing the view failed".to_owned()))?
    }

    async fn source(&self, store: Option<Arc<dyn EventLog>>) -> Result<Source, CommandError> {
        if let Some(file) = &self.file {
            return Ok(Source::open(file, self.instance.clone())?);
        }
        #[cfg(feature = "kafka")]
        if let Some(brokers) = &self.kafka {
            return self.of_topic(brokers).await;
        }
        let Some(store) = store else {
            return Err(CommandError::Usage(
                "say what to replay: a file, or a store".to_owned(),
            ));
        };
        let mut logs = logs(&store, self.instance.as_ref()).await?;
        let log = the_only(&mut logs, EMPTY_STORE)?;
        Ok(Source::Store { store, log })
    }

    #[cfg(feature = "kafka")]
    async fn of_topic(&self, brokers: &str) -> Result<Source, CommandError> {
        let topic = self.topic.topic(brokers)?;
        let log = match &self.instance {
            Some(log) => log.clone(),
            None => the_only(&mut topic.logs().await?, "the topic holds no instance")?,
        };
        Ok(Source::Topic { topic, log })
    }
}

/// The one log that there is.
fn the_only(logs: &mut Vec<LogName>, none: &str) -> Result<LogName, CommandError> {
    match logs.len() {
        0 => Err(CommandError::No(format!("{none}: nothing to replay"))),
        1 => Ok(logs.remove(0)),
        _ => Err(CommandError::Usage(format!(
            "say which instance with --instance: {}",
            list(logs)
        ))),
    }
}

fn show(instance: LogName, views: &Views, view: String) -> Result<Books, CommandError> {
    let unknown = || {
        CommandError::Usage(format!(
            "no view \"{view}\"; there are: {}",
            NAMES.join(", ")
        ))
    };
    let text = views.show(&view).ok_or_else(unknown)?;
    let state = serde_json::from_str(&text).map_err(|e| CommandError::Outside(e.to_string()))?;
    let fingerprint = views.fingerprints().get(&view).copied().unwrap_or_default();
    let mut books = empty(instance, views, fingerprint);
    (books.view, books.state, books.text) = (Some(view), Some(state), text);
    Ok(books)
}

fn fingerprints(instance: LogName, views: &Views) -> Books {
    let mut books = empty(instance, views, views.fingerprint());
    let all = views.fingerprints();
    let rows = all
        .iter()
        .map(|(name, digest)| format!("{name:<12} {digest}"));
    books.text = rows.collect::<Vec<_>>().join("\n");
    books.fingerprints = Some(all);
    books
}

fn empty(instance: LogName, views: &Views, fingerprint: Digest) -> Books {
    let seq = views.head.size.checked_sub(1);
    let (view, state, fingerprints, text) = (None, None, None, String::new());
    Books {
        instance,
        seq,
        at: seq.map(|_| views.at),
        view,
        fingerprint,
        state,
        fingerprints,
        text,
    }
}
