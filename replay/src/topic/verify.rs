//! Verifies a topic in one pass: every instance's log, and that nothing else is in it.

use super::{FORGOTTEN, Record, STEP, Topic};
use crate::failure::{Failure, Layer, Place};
use crate::source::SourceError;
use crate::verify::{Verdict, Verifier};
use daybook_kafka::{Found, record};
use daybook_schema::{Event, Head, LogName};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Most foreign records that are told one by one, so that a topic full of them costs no memory.
const MAX_FOREIGN: usize = 100;

/// What is verified.
struct Checks<'a> {
    known: &'a [Head],
    /// The first offsets of partitions that have forgotten older ones.
    forgotten: Vec<Place>,
    logs: BTreeMap<LogName, Check>,
    foreign: Vec<Failure>,
    /// Foreign records that are only counted.
    more: u64,
}

enum Check {
    /// Whole so far; with the place of the last record.
    Going(Box<Verifier>, Place),
    Broken(Failure),
}

/// Verifies one instance, or all of the topic and the topic itself. The verdicts: foreign records
/// first, then the instances by name. `progress` hears how many records of about how many are done.
///
/// # Errors
/// When the records cannot be had, there are none, or it is not clear whose the heads are.
pub(crate) async fn verify_topic(
    topic: &Topic,
    only: Option<LogName>,
    known: Vec<Head>,
    progress: impl FnMut(u64, u64) + Send + 'static,
) -> Result<Vec<Verdict>, SourceError> {
    let verify = move |topic: Topic| verify_all(&topic, only.as_ref(), &known, progress);
    topic.blocking(verify).await
}

fn verify_all(
    topic: &Topic,
    only: Option<&LogName>,
    known: &[Head],
    mut progress: impl FnMut(u64, u64),
) -> Result<Vec<Verdict>, SourceError> {
    let pass = topic.open()?;
    let mut checks = Checks {
        known,
        forgotten: pass.forgotten().collect(),
        logs: BTreeMap::new(),
        foreign: Vec::new(),
        more: 0,
    };
    let mut is_ambiguous = false;
    let seen = pass.read(only, |record, count| {
        if count % STEP == 0 {
            progress(count, pass.length());
        }
        checks.take(record);
        is_ambiguous = checks.logs.len() > 1 && !known.is_empty();
        if is_ambiguous {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    let seen = seen.map_err(|error| topic.failed(error))?;
    if is_ambiguous {
        return Err(SourceError::WhoseHead(seen.logs));
    }
    match only {
        Some(log) if seen.logs.is_empty() => Err(seen.lacks(log)),
        _ => Ok(checks.finish(only.is_none())),
    }
}

impl Checks<'_> {
    fn take(&mut self, record: Record<'_, '_>) {
        let (log, place, line) = match record {
            Record::Foreign(_, records) if self.foreign.len() >= MAX_FOREIGN => {
                self.more += records;
                return;
            }
            Record::Foreign(failure, _) => return self.foreign.push(failure),
            Record::Of { log, place, line } => (log, place, line),
        };
        let check = self.logs.entry(log.clone()).or_insert_with(|| {
            let verifier = Box::new(Verifier::new(log.clone(), self.known));
            Check::Going(verifier, place)
        });
        let Check::Going(verifier, last) = check else {
            return;
        };
        let seq = verifier.head().size;
        let checked = match line {
            Ok((line, found)) => verifier.link(line).and_then(|(event, _)| {
                check_headers(seq, line, found)?;
                check_timestamp(&event, found)
            }),
            Err(misfit) => Err(misfit.failure(seq, place)),
        };
        match checked {
            Ok(()) => *last = place,
            Err(mut failure) => {
                // A known head is compared when the line behind its own arrives.
                let is_last = failure.seq < Some(seq);
                failure.place = Some(if is_last { *last } else { place });
                let begins_late = |first: &Place| first.partition == place.partition;
                if seq == 0 && self.forgotten.iter().any(begins_late) {
                    failure = failure.because(FORGOTTEN);
                }
                *check = Check::Broken(failure);
            }
        }
    }

    /// Ends; `of_topic` when the topic itself is judged, not one instance alone.
    fn finish(mut self, of_topic: bool) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        let mut foreign = |failure| verdicts.push(Verdict::Broken { log: None, failure });
        if of_topic {
            for place in self.forgotten {
                let found = "none: this is the oldest that the partition has";
                let mut failure = Failure::foreign(place, "the records before this one", found);
                failure.layer = Layer::Retention;
                foreign(failure.because(FORGOTTEN));
            }
        }
        if let Some(last) = self.foreign.last_mut()
            && self.more > 0
        {
            last.found += &format!(", and {} more foreign records", self.more);
        }
        self.foreign.into_iter().for_each(foreign);
        for (log, check) in self.logs {
            verdicts.push(match check {
                Check::Going(verifier, last) => end(log, *verifier, last),
                Check::Broken(failure) => broken(log, failure),
            });
        }
        verdicts
    }
}

/// The rest of an instance may still be on its way into the topic; only a head can tell.
fn end(log: LogName, verifier: Verifier, last: Place) -> Verdict {
    let size = verifier.head().size;
    match verifier.finish_lagging() {
        Ok(report) => Verdict::Whole(report),
        Err(failure) if failure.seq < Some(size) => broken(log, failure.at(Some(last))),
        Err(failure) => broken(log, failure),
    }
}

const fn broken(log: LogName, failure: Failure) -> Verdict {
    let log = Some(log);
    Verdict::Broken { log, failure }
}

/// Compares the headers of a record with what its line says. Headers of others are their affair.
fn check_headers(seq: u64, line: &[u8], found: &Found<'_>) -> Result<(), Failure> {
    let Some(expected) = record::expected(line) else {
        return Ok(());
    };
    let present = found.headers();
    for (name, text) in expected {
        let mut values = present.iter().filter(|(key, _)| *key == name);
        let shown = match (values.next(), values.next()) {
            (Some((_, value)), None) if *value == text.as_bytes() => continue,
            (Some((_, value)), None) => {
                let value: String = String::from_utf8_lossy(value)
                    .escape_debug()
                    .take(200)
                    .collect();
                format!("\"{value}\"")
            }
            (None, _) => "none".to_owned(),
            (Some(_), Some(_)) => "more than one".to_owned(),
        };
        let failure = Failure::new(
            seq,
            Layer::Record,
            format!("header {name} \"{text}\""),
            shown,
        );
        return Err(failure.because("the header contradicts the line"));
    }
    Ok(())
}

/// Compares the time of a record with what its line says.
fn check_timestamp(event: &Event, found: &Found<'_>) -> Result<(), Failure> {
    let expected = event.at.micros().div_euclid(1000);
    if found.millis() == Some(expected) {
        return Ok(());
    }
    let shown = found.millis();
    let shown = shown.map_or_else(|| "none".to_owned(), |millis| millis.to_string());
    let failure = Failure::new(
        event.seq,
        Layer::Record,
        format!("timestamp {expected}"),
        shown,
    );
    Err(failure
        .because("the timestamp contradicts the line; message.timestamp.type must be CreateTime"))
}
