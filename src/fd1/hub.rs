//! What the sockets of one instance share: the state of each lane, written once for all displays.

use super::schema;
use super::shown::{Row, Sale, Scribe, Shown};
use crate::ledger::Book;
use crate::ledger::feed::{Entry, Feed};
use daybook_projections::Views;
use daybook_projections::lane::LaneSale;
use daybook_schema::facts::Sale as Recorded;
use daybook_schema::id::{PosId, TxId};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Sales that are kept written for `sale.create`; whoever is further behind writes its own.
const KEPT_SALES: usize = 512;

/// Most of a lane's open sales that are listed.
const LISTED: usize = 100;

/// What the sockets of one instance share.
pub(super) struct Hub {
    pub book: Book,
    pub feed: Arc<Feed>,
    lanes: Mutex<BTreeMap<PosId, watch::Sender<Arc<Lane>>>>,
    sales: Mutex<BTreeMap<u64, Arc<Shown>>>,
}

/// What is known of a lane.
pub(super) struct Lane {
    pub current: Current,
    pub active: Active,
}

/// The current sale of a lane.
pub(super) struct Current {
    /// Seq of the event that last changed it.
    seq: u64,
    key: Option<String>,
    /// Whether a tablet's sale waits to be completed.
    pub open: bool,
    lines: usize,
    pub shown: Shown,
}

/// The tablets' sales that are open at a lane.
pub(super) struct Active {
    /// Seq of the event that last changed one.
    pub seq: u64,
    pub shown: Shown,
}

#[derive(Serialize)]
struct ActiveSales {
    count: usize,
    sales: Vec<Row>,
}

impl Hub {
    pub(super) fn new(book: Book, feed: Arc<Feed>) -> Self {
        Self {
            book,
            feed,
            lanes: Mutex::default(),
            sales: Mutex::default(),
        }
    }

    /// Tells the followers of lanes what changed, as long as there is a ledger.
    pub(super) async fn run(self: Arc<Self>) {
        let mut commits = self.book.follow();
        while commits.changed().await.is_ok() {
            commits.mark_unchanged();
            let mut lanes = self.lanes();
            let views = self.book.views();
            lanes.retain(|_, lane| lane.receiver_count() > 0);
            for (pos, sender) in lanes.iter() {
                let before = sender.borrow().clone();
                if marks(&views, *pos) != (before.current.seq, before.active.seq) {
                    sender.send_replace(Arc::new(Lane::of(&views, *pos)));
                }
            }
        }
    }

    /// The state of a lane, now and whenever it changes.
    pub(super) fn follow(&self, pos: PosId) -> watch::Receiver<Arc<Lane>> {
        // Under the lock no older state can come behind a newer one.
        let mut lanes = self.lanes();
        let views = self.book.views();
        let sender = lanes.entry(pos).or_insert_with(|| {
            let (sender, _) = watch::channel(Arc::new(Lane::of(&views, pos)));
            sender
        });
        sender.subscribe()
    }

    /// The sale whose last part an event holds.
    pub(super) fn sale(&self, entry: &Entry, sale: &Recorded) -> Option<Arc<Shown>> {
        let seq = entry.event.seq;
        if let Some(shown) = self.sales().get(&seq) {
            return Some(shown.clone());
        }
        let views = self.book.views();
        let found = views.transaction.sale(first_record(&views, seq, sale)?)?;
        let shown = Arc::new(Shown::of(&Scribe::of(&views).recorded(&found)));
        let mut sales = self.sales();
        sales.insert(seq, shown.clone());
        if sales.len() > KEPT_SALES {
            sales.pop_first();
        }
        drop(sales);
        Some(shown)
    }

    fn lanes(&self) -> MutexGuard<'_, BTreeMap<PosId, watch::Sender<Arc<Lane>>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sales(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Shown>>> {
        self.sales.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of a sale, from its last part.
fn first_record(views: &Views, seq: u64, sale: &Recorded) -> Option<TxId> {
    if sale.part == 1 {
        return sale.tx.first().map(|tx| tx.id);
    }
    let first = (seq + 1).checked_sub(u64::from(sale.parts))?;
    let records = views
        .transaction
        .of_events(sale.point_of_sale.id, first, seq + 1);
    records
        .first()
        .map(daybook_projections::transaction::Record::id)
}

/// What changes whenever something that is shown of a lane does.
fn marks(views: &Views, pos: PosId) -> (u64, u64) {
    let lane = views.lane.lane(pos);
    lane.map_or((0, 0), |lane| (lane.seq, lane.touched))
}

impl Lane {
    fn of(views: &Views, pos: PosId) -> Self {
        let scribe = Scribe::of(views);
        let lane = views.lane.lane(pos);
        let sale: Sale = scribe.current(pos);
        let (seq, touched) = marks(views, pos);
        let current = Current {
            seq,
            key: sale.salephyskey.clone(),
            open: lane.is_some_and(|lane| matches!(lane.sale, LaneSale::Presell(_))),
            lines: sale.lines.len(),
            shown: Shown::of(&sale),
        };
        let open = lane.into_iter().flat_map(|lane| &lane.open);
        let sales = open
            .clone()
            .take(LISTED)
            .filter_map(|id| views.lane.presell(*id));
        let active = ActiveSales {
            count: open.count(),
            sales: sales.map(|presell| scribe.row(presell)).collect(),
        };
        let active = Active {
            seq: touched,
            shown: Shown::of(&active),
        };
        Self { current, active }
    }
}

impl Current {
    /// What a display that was last shown `before` is told of this state.
    pub(super) fn since(&self, before: Option<&Self>) -> &'static [&'static str] {
        let Some(before) = before else {
            return &[schema::STATUS];
        };
        match &self.key {
            _ if self.seq == before.seq => &[],
            None if before.open => &[schema::DELETE],
            None => &[schema::STATUS],
            key if *key != before.key => &[schema::ADD],
            _ if before.open && !self.open => &[schema::PAYMENTS_ADD, schema::EDIT],
            _ if self.lines > before.lines => &[schema::LINES_ADD],
            _ => &[schema::EDIT],
        }
    }
}

/// The data of an event, as its line has it.
pub(super) fn data(entry: &Entry) -> Option<Box<RawValue>> {
    #[derive(serde::Deserialize)]
    struct Line<'a> {
        #[serde(borrow)]
        data: &'a RawValue,
    }
    let line: Line<'_> = serde_json::from_slice(&entry.line).ok()?;
    Some(line.data.to_owned())
}
