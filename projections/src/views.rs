//! All views of one instance, folded together.

use crate::access::AccessView;
use crate::command::CommandView;
use crate::constraint::ConstraintView;
use crate::desk::DeskView;
use crate::instance::InstanceView;
use crate::lane::LaneView;
use crate::preorder::PreorderView;
use crate::printer::PrinterView;
use crate::printer_job::PrinterJobView;
use crate::product::ProductView;
use crate::qr_event::QrEventView;
use crate::session::SessionView;
use crate::table::TableView;
use crate::transaction::TransactionView;
use daybook_schema::log::Snapshot;
use daybook_schema::{At, Digest, Event, Head, Leaf, hash};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// Every view, and the place in the log that they reflect.
#[derive(Clone, Debug, Default)]
pub struct Views {
    /// The head of the log up to which everything here is folded.
    pub head: Head,
    /// When the last event was recorded.
    pub at: At,
    /// Keys, users, devices.
    pub access: AccessView,
    /// Command ids that must not book twice.
    pub command: CommandView,
    /// Quotas, windows, warnings, lists.
    pub constraint: ConstraintView,
    /// Pings, packs of items.
    pub desk: DeskView,
    /// The venue itself.
    pub instance: InstanceView,
    /// Current sales of lanes, sales that tablets build.
    pub lane: LaneView,
    /// Tickets sold before.
    pub preorder: PreorderView,
    /// Printers.
    pub printer: PrinterView,
    /// What printers have to do, and receipts of sales.
    pub printer_job: PrinterJobView,
    /// Points of sale, payment methods, products.
    pub product: ProductView,
    /// Orders at tables, and the queue of what happened there.
    pub qr_event: QrEventView,
    /// Cash desks and sessions.
    pub session: SessionView,
    /// Tables and waiters.
    pub table: TableView,
    /// Public transactions and the heads of their chains.
    pub transaction: TransactionView,
}

/// A snapshot that cannot be used. It is derived, so the answer is to fold the log again.
#[derive(Debug, thiserror::Error)]
#[error("the snapshot of view \"{view}\" cannot be read: {reason}")]
pub struct FoldError {
    view: &'static str,
    reason: String,
}

/// Visits every view with its name and codec. One list, so that no view is forgotten in a
/// snapshot or a fingerprint. JSON where the schema's types leave members out; postcard for the
/// three large views, whose rows are ours.
macro_rules! each_view {
    ($views:expr, $visit:ident) => {
        $visit!($views, access, json);
        $visit!($views, command, postcard);
        $visit!($views, constraint, json);
        $visit!($views, desk, json);
        $visit!($views, instance, json);
        $visit!($views, lane, json);
        $visit!($views, preorder, json);
        $visit!($views, printer, json);
        $visit!($views, printer_job, postcard);
        $visit!($views, product, json);
        $visit!($views, qr_event, json);
        $visit!($views, session, json);
        $visit!($views, table, json);
        $visit!($views, transaction, postcard);
    };
}

/// The names of the views, as the command line and snapshots use them.
pub const NAMES: [&str; 14] = [
    "access",
    "command",
    "constraint",
    "desk",
    "instance",
    "lane",
    "preorder",
    "printer",
    "printer_job",
    "product",
    "qr_event",
    "session",
    "table",
    "transaction",
];

/// Grows when a fold changes what it makes of the same events, so that older snapshots are folded
/// anew instead of believed.
const FORMAT: u8 = 3;

impl Views {
    /// Folds one event. Total: whatever a valid log says can be folded.
    pub fn apply(&mut self, event: &Event, leaf: Leaf) {
        self.access.apply(event);
        self.command.apply(event);
        self.constraint.apply(event);
        self.desk.apply(event);
        self.instance.apply(event);
        self.lane.apply(event, &self.session);
        self.preorder.apply(event);
        self.printer.apply(event);
        self.printer_job.apply(event, &self.instance);
        self.product.apply(event);
        self.qr_event.apply(event);
        self.session.apply(event);
        self.table.apply(event);
        self.transaction.apply(event);
        self.head = Head {
            size: event.seq + 1,
            leaf,
        };
        self.at = event.at;
    }

    /// Each view's name and its state in bytes. Equal states give equal bytes.
    fn encoded(&self) -> Vec<(String, Vec<u8>)> {
        let at = self.at.micros().to_be_bytes().to_vec();
        let mut views = vec![("at".to_owned(), at)];
        macro_rules! save {
            ($v:expr, $name:ident, $codec:ident) => {
                views.push((stringify!($name).to_owned(), $codec::encode(&$v.$name)));
            };
        }
        each_view!(self, save);
        views
    }

    /// The state of all views, with a digest over every byte of it.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut views = self.encoded();
        views.push(("format".to_owned(), vec![FORMAT]));
        let digest = digest(self.head, &views);
        views.push(("digest".to_owned(), digest.0.to_vec()));
        Snapshot {
            head: self.head,
            views,
        }
    }

    /// The state that a snapshot holds.
    ///
    /// # Errors
    /// When it is damaged, or was written by a program with other views.
    pub fn restore(snapshot: &Snapshot) -> Result<Self, FoldError> {
        let find = |view: &'static str| {
            let found = snapshot.views.iter().find(|(name, _)| name == view);
            let missing = || FoldError {
                view,
                reason: "it is missing".to_owned(),
            };
            found.map(|(_, bytes)| bytes.as_slice()).ok_or_else(missing)
        };
        if find("digest")? != digest(snapshot.head, &snapshot.views).0 {
            let reason = "its bytes are not those that were saved".to_owned();
            return Err(FoldError {
                view: "digest",
                reason,
            });
        }
        if find("format")? != [FORMAT] {
            return Err(FoldError {
                view: "format",
                reason: "another version wrote it".to_owned(),
            });
        }
        let mut views = Self {
            head: snapshot.head,
            ..Self::default()
        };
        let at = <[u8; 8]>::try_from(find("at")?).map_err(|e| FoldError {
            view: "at",
            reason: e.to_string(),
        })?;
        views.at = At::from_micros(i64::from_be_bytes(at));
        macro_rules! load {
            ($v:expr, $name:ident, $codec:ident) => {
                $v.$name =
                    $codec::decode(find(stringify!($name))?).map_err(|reason| FoldError {
                        view: stringify!($name),
                        reason,
                    })?;
            };
        }
        each_view!(views, load);
        Ok(views)
    }

    /// One BLAKE3 fingerprint per view: equal on every node, after a restart and in a replay.
    #[must_use]
    pub fn fingerprints(&self) -> BTreeMap<String, Digest> {
        let views = self.encoded().into_iter();
        views
            .map(|(name, bytes)| (name, hash::fingerprint(&bytes)))
            .collect()
    }

    /// One fingerprint over all views and the head.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        let mut all = self.head.size.to_be_bytes().to_vec();
        all.extend_from_slice(&self.head.leaf.0);
        for (name, digest) in self.fingerprints() {
            all.extend_from_slice(name.as_bytes());
            all.extend_from_slice(&digest.0);
        }
        hash::fingerprint(&all)
    }

    /// A view as JSON text for people, by its name. `None` when no view has that name.
    #[must_use]
    pub fn show(&self, name: &str) -> Option<String> {
        if name == "transaction" {
            return serde_json::to_string_pretty(&self.transaction.show()).ok();
        }
        macro_rules! show {
            ($v:expr, $view:ident, $codec:ident) => {
                if name == stringify!($view) {
                    return serde_json::to_string_pretty(&$v.$view).ok();
                }
            };
        }
        each_view!(self, show);
        None
    }
}

/// Covers the head, and every view's name, length and bytes, in whatever order a store returns them.
fn digest(head: Head, views: &[(String, Vec<u8>)]) -> Digest {
    let mut all = head.size.to_be_bytes().to_vec();
    all.extend_from_slice(&head.leaf.0);
    let sorted: BTreeMap<&String, &Vec<u8>> = views
        .iter()
        .filter(|(name, _)| name != "digest")
        .map(|(name, bytes)| (name, bytes))
        .collect();
    for (name, bytes) in sorted {
        all.extend_from_slice(name.as_bytes());
        all.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        all.extend_from_slice(&hash::fingerprint(bytes).0);
    }
    hash::fingerprint(&all)
}

mod json {
    use super::{DeserializeOwned, Serialize};

    pub(super) fn encode(view: &impl Serialize) -> Vec<u8> {
        // Views have text or integer keys and integers only: serialising cannot fail.
        serde_json::to_vec(view).unwrap_or_default()
    }

    pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }
}

mod postcard {
    use super::Serialize;

    pub(super) fn encode(view: &impl Serialize) -> Vec<u8> {
        // Into a growing buffer, and for types without borrowed sizes, this cannot fail.
        ::postcard::to_stdvec(view).unwrap_or_default()
    }

    pub(super) fn decode<'a, T: serde::Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
        let (view, rest) = ::postcard::take_from_bytes(bytes).map_err(|e| e.to_string())?;
        if rest.is_empty() {
            Ok(view)
        } else {
            Err(format!("{} bytes too many", rest.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daybook_schema::facts::Message;
    use daybook_schema::{Actor, Fact, LogName, line};

    fn some_views() -> Views {
        let mut views = Views::default();
        for text in ["one", "two"] {
            let event = Event {
                at: At::from_micros(5),
                by: Actor::Operator,
                cmd: text.to_owned(),
                fact: Fact::MessageSent(Message {
                    text: text.to_owned(),
                }),
                log: LogName::new("festival").unwrap(),
                prev: views.head.leaf,
                seq: views.head.size,
            };
            views.apply(&event, line::seal(&event).unwrap().leaf);
        }
        views
    }

    #[test]
    fn a_snapshot_is_restored_whole() {
        let views = some_views();
        let restored = Views::restore(&views.snapshot()).unwrap();
        assert_eq!(restored.fingerprint(), views.fingerprint());
        assert_eq!(restored.snapshot(), views.snapshot());
    }

    /// A snapshot is believed by nobody who has not recomputed its digest.
    #[test]
    fn no_flipped_bit_of_a_snapshot_is_believed() {
        let snapshot = some_views().snapshot();
        for view in 0..snapshot.views.len() {
            for bit in 0..snapshot.views[view].1.len() * 8 {
                let mut damaged = snapshot.clone();
                damaged.views[view].1[bit / 8] ^= 1 << (bit % 8);
                assert!(
                    Views::restore(&damaged).is_err(),
                    "{}: bit {bit}",
                    snapshot.views[view].0
                );
            }
        }
        let mut moved = snapshot;
        moved.head.size += 1;
        assert!(Views::restore(&moved).is_err());
    }
}
