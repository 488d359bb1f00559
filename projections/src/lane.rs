//! What customer displays show: the current sale of each lane, and the sales that tablets build.
//!
//! A lane is a point of sale. A sale that was recorded is looked up among the transactions; here
//! stands only which one it is.

use crate::session::SessionView;
use daybook_schema::facts::{PresellLine, PresellOpening, Sale};
use daybook_schema::id::{PosId, PresellId, SessionId, TxId};
use daybook_schema::{At, Event, Fact, Money};
use imbl::{OrdMap, OrdSet, Vector};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Lanes and the sales that tablets build.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LaneView {
    lanes: OrdMap<PosId, Lane>,
    presells: OrdMap<PresellId, Arc<Presell>>,
    by_external_id: OrdMap<String, PresellId>,
    completed: OrdMap<TxId, PresellId>,
}

/// A lane: its current sale, and the tablets' sales that it has yet to complete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// The current sale.
    pub sale: LaneSale,
    /// Seq of the event that last changed the current sale.
    pub seq: u64,
    /// The tablets' sales that are open, also those that were handed over.
    pub open: OrdSet<PresellId>,
    /// Seq of the event that last changed any tablet's sale.
    pub touched: u64,
}

/// A sale as a lane knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LaneSale {
    /// It was recorded, under this number.
    Recorded(TxId),
    /// A tablet builds it, and the lane has yet to complete it.
    Presell(PresellId),
    /// There is none.
    #[default]
    None,
}

/// A sale that a tablet builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presell {
    /// Id.
    pub id: PresellId,
    /// What the tablet calls it.
    pub external_id: Option<String>,
    /// The lane that will complete it.
    pub point_of_sale: PosId,
    /// When it was opened.
    pub opened: At,
    /// Seq of the event that opened it.
    pub seq: u64,
    /// When it last changed.
    pub changed: At,
    /// Its customer.
    pub customer: Option<String>,
    /// Its lines; none any more once it is completed, when they stand among the transactions.
    pub lines: Vector<PresellLine>,
    /// How far it is.
    pub stage: Stage,
}

/// How far a tablet's sale is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The tablet builds it.
    Building,
    /// The lane shall take the payment.
    HandedOver,
    /// The lane completed it; its first record.
    Completed(TxId),
    /// It was abandoned.
    Abandoned,
}

impl Presell {
    /// The total of its lines.
    #[must_use]
    pub fn total(&self) -> Money {
        let totals = self.lines.iter().map(|line| line.total);
        totals.fold(Money::ZERO, |sum, total| sum.plus(total).unwrap_or(sum))
    }
}

impl LaneView {
    /// Folds an event; `sessions` tell at which lane a cash desk stands.
    pub(crate) fn apply(&mut self, event: &Event, sessions: &SessionView) {
        match &event.fact {
            Fact::SaleRecorded(sale) => self.recorded(sale, event.seq),
            Fact::DisplayAdvanced(action) => self.advanced(action.session, event.seq, sessions),
            Fact::PresellOpened(opening) => self.opened(opening, event),
            Fact::PresellLineAdded(line) => {
                let (id, line) = (line.id, line.clone());
                self.change(id, event, |presell| presell.lines.push_back(line));
                self.show(id, event.seq);
            }
            Fact::PresellCustomerSet(set) => {
                let customer = Some(set.customer.clone());
                self.change(set.id, event, |presell| presell.customer = customer);
                self.show(set.id, event.seq);
            }
            Fact::PresellHandedOver(end) => {
                self.change(end.id, event, |presell| presell.stage = Stage::HandedOver);
                self.show(end.id, event.seq);
            }
            Fact::PresellAbandoned(end) => {
                self.change(end.id, event, |presell| presell.stage = Stage::Abandoned);
                self.close(end.id, event.seq);
            }
            Fact::PresellCompleted(completion) => {
                let stage = Stage::Completed(completion.transaction);
                self.completed.insert(completion.transaction, completion.id);
                self.change(completion.id, event, |presell| {
                    presell.stage = stage;
                    presell.lines = Vector::new();
                });
                self.close(completion.id, event.seq);
            }
            _ => {}
        }
    }

    /// The last part of a sale makes it whole.
    fn recorded(&mut self, sale: &Sale, seq: u64) {
        let lane = self.lanes.entry(sale.point_of_sale.id).or_default();
        if sale.part == 1
            && let Some(first) = sale.tx.first()
        {
            lane.sale = LaneSale::Recorded(first.id);
        }
        lane.seq = seq;
    }

    /// A desk that calls the next customer has no current sale.
    fn advanced(&mut self, session: SessionId, seq: u64, sessions: &SessionView) {
        let session = sessions.session(session);
        let desk = session.and_then(|session| sessions.cash_desk(session.cash_desk));
        let lane = desk.and_then(|desk| self.lanes.get_mut(&desk.point_of_sale));
        if let Some(lane) = lane
            && lane.sale != LaneSale::None
        {
            lane.sale = LaneSale::None;
            lane.seq = seq;
        }
    }

    fn opened(&mut self, opening: &PresellOpening, event: &Event) {
        let presell = Presell {
            id: opening.id,
            external_id: opening.external_id.clone(),
            point_of_sale: opening.point_of_sale,
            opened: event.at,
            seq: event.seq,
            changed: event.at,
            customer: None,
            lines: Vector::new(),
            stage: Stage::Building,
        };
        if let Some(external_id) = &opening.external_id {
            let key = external_key(opening.point_of_sale, external_id);
            self.by_external_id.insert(key, opening.id);
        }
        self.presells.insert(opening.id, Arc::new(presell));
        let lane = self.lanes.entry(opening.point_of_sale).or_default();
        lane.open.insert(opening.id);
        self.show(opening.id, event.seq);
    }

    fn change(&mut self, id: PresellId, event: &Event, change: impl FnOnce(&mut Presell)) {
        let Some(presell) = self.presells.get_mut(&id) else {
            return;
        };
        let presell = Arc::make_mut(presell);
        change(presell);
        presell.changed = event.at;
    }

    /// A lane shows the tablet's sale that was last touched, but none that is still being built in
    /// the place of one for which it takes the payment.
    fn show(&mut self, id: PresellId, seq: u64) {
        let Some(touched) = self.presells.get(&id) else {
            return;
        };
        let pos = touched.point_of_sale;
        let handed_over = |id| {
            let presell = self.presells.get(&id);
            presell.is_some_and(|presell| presell.stage == Stage::HandedOver)
        };
        let paying = match self.lanes.get(&pos).map(|lane| lane.sale) {
            Some(LaneSale::Presell(current)) => current != id && handed_over(current),
            _ => false,
        };
        let stays = paying && !handed_over(id);
        let lane = self.lanes.entry(pos).or_default();
        lane.touched = seq;
        if !stays {
            lane.sale = LaneSale::Presell(id);
            lane.seq = seq;
        }
    }

    /// A lane whose current sale is closed has none, until it is recorded.
    fn close(&mut self, id: PresellId, seq: u64) {
        let pos = self.presells.get(&id).map(|presell| presell.point_of_sale);
        let Some(lane) = pos.and_then(|pos| self.lanes.get_mut(&pos)) else {
            return;
        };
        lane.open.remove(&id);
        lane.touched = seq;
        if lane.sale == LaneSale::Presell(id) {
            lane.sale = LaneSale::None;
            lane.seq = seq;
        }
    }

    /// A lane; `None` where nothing has happened yet.
    #[must_use]
    pub fn lane(&self, pos: PosId) -> Option<&Lane> {
        self.lanes.get(&pos)
    }

    /// A tablet's sale.
    #[must_use]
    pub fn presell(&self, id: PresellId) -> Option<&Arc<Presell>> {
        self.presells.get(&id)
    }

    /// A tablet's sale by what the tablet calls it.
    #[must_use]
    pub fn presell_of(&self, lane: PosId, external_id: &str) -> Option<&Arc<Presell>> {
        let id = self.by_external_id.get(&external_key(lane, external_id))?;
        self.presells.get(id)
    }

    /// The tablet's sale that the event with this seq opened.
    #[must_use]
    pub fn presell_opened_by(&self, seq: u64) -> Option<&Arc<Presell>> {
        let newest_first = self.presells.values().rev();
        let mut candidates = newest_first.take_while(|presell| presell.seq >= seq);
        candidates.find(|presell| presell.seq == seq)
    }

    /// The tablet's sale that became this recorded one.
    #[must_use]
    pub fn presell_behind(&self, first: TxId) -> Option<&Arc<Presell>> {
        self.presells.get(self.completed.get(&first)?)
    }

    /// The latest id, when there is one.
    #[must_use]
    pub fn last_presell(&self) -> Option<PresellId> {
        self.presells.get_max().map(|(id, _)| *id)
    }
}

fn external_key(lane: PosId, external_id: &str) -> String {
    format!("{lane}/{external_id}")
}
