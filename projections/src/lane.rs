//! What customer displays show: the current sale of each lane, and the sales that tablets build.
//!
//! A lane is a point of sale. A sale that was recorded is looked up among the transactions; here
//! stands only which one it is.

use daybook_schema::facts::{PresellLine, Sale};
use daybook_schema::id::{PosId, PresellId, TxId};
use daybook_schema::{At, Event, Fact, Money};
use imbl::{OrdMap, Vector};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Lanes and the sales that tablets build.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LaneView {
    current: OrdMap<PosId, Current>,
    presells: OrdMap<PresellId, Arc<Presell>>,
    by_external_id: OrdMap<String, PresellId>,
    completed: OrdMap<TxId, PresellId>,
}

/// The current sale of a lane, and the event that last changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    /// Which sale.
    pub sale: LaneSale,
    /// Seq of the event that last changed what is shown.
    pub seq: u64,
}

/// A sale as a lane knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LaneSale {
    /// It was recorded, under this number.
    Recorded(TxId),
    /// A tablet built it, and the lane has yet to complete it.
    Presell(PresellId),
    /// There is none.
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
    /// When it last changed.
    pub changed: At,
    /// Its customer.
    pub customer: Option<String>,
    /// Its lines.
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
    /// The tablet abandoned it.
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
    pub(crate) fn apply(&mut self, event: &Event) {
        let (at, seq) = (event.at, event.seq);
        match &event.fact {
            Fact::SaleRecorded(sale) => self.recorded(sale, seq),
            Fact::PresellOpened(opening) => {
                let presell = Presell {
                    id: opening.id,
                    external_id: opening.external_id.clone(),
                    point_of_sale: opening.point_of_sale,
                    opened: at,
                    changed: at,
                    customer: None,
                    lines: Vector::new(),
                    stage: Stage::Building,
                };
                if let Some(external_id) = &opening.external_id {
                    let key = external_key(opening.point_of_sale, external_id);
                    self.by_external_id.insert(key, opening.id);
                }
                self.presells.insert(opening.id, Arc::new(presell));
            }
            Fact::PresellLineAdded(line) => {
                let line = line.clone();
                self.change(line.id, event, |presell| presell.lines.push_back(line));
            }
            Fact::PresellCustomerSet(set) => {
                let customer = Some(set.customer.clone());
                self.change(set.id, event, |presell| presell.customer = customer);
            }
            Fact::PresellHandedOver(end) => {
                self.change(end.id, event, |presell| presell.stage = Stage::HandedOver);
                if let Some(presell) = self.presells.get(&end.id) {
                    let sale = LaneSale::Presell(end.id);
                    self.current.insert(presell.point_of_sale, Current { sale, seq });
                }
            }
            Fact::PresellAbandoned(end) => {
                self.change(end.id, event, |presell| presell.stage = Stage::Abandoned);
                self.leave(end.id, seq);
            }
            Fact::PresellCompleted(completion) => {
                let stage = Stage::Completed(completion.transaction);
                self.completed.insert(completion.transaction, completion.id);
                self.change(completion.id, event, |presell| presell.stage = stage);
            }
            _ => {}
        }
    }

    /// The last part of a sale makes it whole.
    fn recorded(&mut self, sale: &Sale, seq: u64) {
        let pos = sale.point_of_sale.id;
        if sale.part == 1
            && let Some(first) = sale.tx.first()
        {
            let sale = LaneSale::Recorded(first.id);
            self.current.insert(pos, Current { sale, seq });
        } else if let Some(current) = self.current.get_mut(&pos) {
            current.seq = seq;
        }
    }

    fn change(&mut self, id: PresellId, event: &Event, change: impl FnOnce(&mut Presell)) {
        let Some(presell) = self.presells.get_mut(&id) else {
            return;
        };
        let presell = Arc::make_mut(presell);
        change(presell);
        presell.changed = event.at;
    }

    /// A lane whose current sale was abandoned has none.
    fn leave(&mut self, id: PresellId, seq: u64) {
        let Some(presell) = self.presells.get(&id) else {
            return;
        };
        if let Some(current) = self.current.get_mut(&presell.point_of_sale)
            && current.sale == LaneSale::Presell(id)
        {
            let sale = LaneSale::None;
            *current = Current { sale, seq };
        }
    }

    /// The current sale of a lane.
    #[must_use]
    pub fn current(&self, lane: PosId) -> Option<Current> {
        self.current.get(&lane).copied()
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

    /// The tablet's sale that became this recorded one.
    #[must_use]
    pub fn presell_behind(&self, first: TxId) -> Option<&Arc<Presell>> {
        self.presells.get(self.completed.get(&first)?)
    }

    /// The latest id.
    #[must_use]
    pub fn last_presell(&self) -> PresellId {
        self.presells.get_max().map_or(PresellId(0), |(id, _)| *id)
    }
}

fn external_key(lane: PosId, external_id: &str) -> String {
    format!("{lane}/{external_id}")
}
