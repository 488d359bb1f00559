//! Checks that lines follow one another: the event chain, and the public transaction chains.
//!
//! Little memory: a head per log and per point of sale, the sale that is not yet complete, and 16
//! bytes for each transaction, by which a reversal is compared with what it takes back.
//! The service follows the log with [`Chain`]; a verifier adds [`TxChains`].

mod sale;

use crate::event::Event;
use crate::facts::{Fact, Sale, SaleLine, Tx};
use crate::hash::{self, Leaf, TxHash};
use crate::id::{LogName, PosId, ProductId, TxId};
use crate::line::{self, LineError};
use crate::log::Head;
use crate::time::At;
use sale::{OpenSale, Sums, next_part};
use std::collections::BTreeMap;

/// What is wrong with a line in its place. Every variant says what was expected and what was found.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The bytes are no event line.
    #[error(transparent)]
    Line(#[from] LineError),
    /// Another log's line.
    #[error("expected a line of log \"{expected}\", found one of log \"{found}\"")]
    Log {
        /// The log being read.
        expected: LogName,
        /// What the line says.
        found: LogName,
    },
    /// A gap, a repetition or another order.
    #[error("expected seq {expected}, found seq {found}")]
    Seq {
        /// The next seq.
        expected: u64,
        /// What the line says.
        found: u64,
    },
    /// The line before it is another one than when it was written.
    #[error("expected prev {expected}, found prev {found}")]
    Prev {
        /// Leaf hash of the line before.
        expected: Leaf,
        /// What the line says.
        found: Leaf,
    },
    /// Time ran backwards.
    #[error("expected a time not before {expected}, found {found}")]
    Time {
        /// Time of the line before.
        expected: At,
        /// What the line says.
        found: At,
    },
    /// A transaction's number is not the next.
    #[error("expected transaction {expected}, found transaction {found}")]
    TxId {
        /// The next number.
        expected: TxId,
        /// What the record says.
        found: TxId,
    },
    /// A transaction's hash is not the one its record and predecessor give.
    #[error("transaction {id}: expected hash {expected}, found {found}")]
    TxHash {
        /// Which transaction.
        id: TxId,
        /// Recomputed.
        expected: TxHash,
        /// What the record says.
        found: TxHash,
    },
    /// A sale that contradicts itself, its event or its other parts, or is not complete.
    #[error("expected {expected}, found {found}")]
    Sale {
        /// What follows from the rest of the sale.
        expected: String,
        /// What the line says.
        found: String,
    },
    /// Fewer lines than a known head says.
    #[error("expected {expected} events (a known head), found {found}: the tail is missing")]
    Truncated {
        /// Size of the known head.
        expected: u64,
        /// Lines found.
        found: u64,
    },
    /// The line at a known head's place has another hash.
    #[error(
        "expected leaf {expected} (a known head), found {found}: history before it was rewritten"
    )]
    Head {
        /// Leaf of the known head.
        expected: Leaf,
        /// Leaf of the line found there.
        found: Leaf,
    },
}

/// Follows one log, line by line.
#[derive(Clone, Debug)]
pub struct Chain {
    log: LogName,
    head: Head,
    at: At,
}

impl Chain {
    /// At the beginning of a log.
    #[must_use]
    pub fn new(log: LogName) -> Self {
        Self::resume(log, Head::default(), At::default())
    }

    /// Behind a line that was checked before: its head and its time.
    #[must_use]
    pub const fn resume(log: LogName, head: Head, at: At) -> Self {
        Self { log, head, at }
    }

    /// Where the checked part ends.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Reads the next line strictly and checks that it continues the log.
    ///
    /// # Errors
    /// What is wrong with it; the chain then stays where it was.
    pub fn link(&mut self, bytes: &[u8]) -> Result<(Event, Leaf), Broken> {
        let event = line::read(bytes)?;
        if event.log != self.log {
            return Err(Broken::Log {
                expected: self.log.clone(),
                found: event.log,
            });
        }
        if event.seq != self.head.size {
            return Err(Broken::Seq {
                expected: self.head.size,
                found: event.seq,
            });
        }
        if event.prev != self.head.leaf {
            return Err(Broken::Prev {
                expected: self.head.leaf,
                found: event.prev,
            });
        }
        if event.at < self.at {
            return Err(Broken::Time {
                expected: self.at,
                found: event.at,
            });
        }
        let leaf = hash::leaf(bytes);
        self.head = Head {
            size: event.seq + 1,
            leaf,
        };
        self.at = event.at;
        Ok((event, leaf))
    }
}

/// Half a BLAKE3 of what a reversal of a record must say.
type Mark = [u8; 16];

/// Stands for a record that was taken back.
const TAKEN_BACK: Mark = [0; 16];

fn mark(hash: &TxHash, product: ProductId, line: &SaleLine, sign: i64) -> Mark {
    let mut bytes = hash.0.to_vec();
    bytes.extend(product.0.to_be_bytes());
    bytes.extend((sign * line.total.units()).to_be_bytes());
    bytes.extend(line.tax_rate.basis_points().to_be_bytes());
    // What the reversal makes free again: a ticket's position, an entry of a list.
    let ticket = line.ticket.as_ref().map(|ticket| ticket.position.0);
    let entry = line.list_entry.map(|entry| entry.0);
    for freed in [ticket, entry] {
        bytes.extend(freed.map_or(u64::MAX, u64::from).to_be_bytes());
    }
    let digest = hash::fingerprint(&bytes).0;
    std::array::from_fn(|i| digest[i])
}

/// Recomputes the public transaction chains of one log, and every sum of its sales.
#[derive(Clone, Debug, Default)]
pub struct TxChains {
    last: u64,
    heads: BTreeMap<PosId, TxHash>,
    /// What a reversal of each record must say, in the order of their numbers, from 1; zeros once it
    /// was taken back.
    records: Vec<Mark>,
    /// The sale whose next part must be the next event.
    open: Option<OpenSale>,
}

impl TxChains {
    /// The number of the last transaction; 0 when there is none.
    #[must_use]
    pub const fn last(&self) -> TxId {
        TxId(self.last)
    }

    /// The last hash of each point of sale.
    #[must_use]
    pub const fn heads(&self) -> &BTreeMap<PosId, TxHash> {
        &self.heads
    }

    /// Recomputes every hash of the event's transactions, and what its sale sums up to.
    ///
    /// # Errors
    /// The first record that does not continue its chain, or a sale that contradicts itself.
    pub fn check(&mut self, event: &Event) -> Result<(), Broken> {
        match (&event.fact, self.open.take()) {
            (Fact::SaleRecorded(sale) | Fact::SaleReversed(sale), open) => {
                self.check_sale(event, sale, open)
            }
            (_, None) => Ok(()),
            (other, Some(open)) => Err(open.interrupted(other.type_name())),
        }
    }

    /// Whether the log may end here: the last sale is complete.
    ///
    /// # Errors
    /// Which part of a sale is missing.
    pub fn finish(&self) -> Result<(), Broken> {
        match &self.open {
            None => Ok(()),
            Some(open) => Err(open.interrupted("the end of the log")),
        }
    }

    fn check_sale(
        &mut self,
        event: &Event,
        sale: &Sale,
        open: Option<OpenSale>,
    ) -> Result<(), Broken> {
        let mut sums = next_part(open, event, sale)?;
        self.check_records(event, sale, &mut sums)?;
        sums.check_totals(sale)?;
        self.open = (sale.part < sale.parts).then(|| OpenSale::behind(event, sale, sums));
        Ok(())
    }

    fn check_records(&mut self, event: &Event, sale: &Sale, sums: &mut Sums) -> Result<(), Broken> {
        sale::same("number of transactions", &sale.lines.len(), &sale.tx.len())?;
        for (line, tx) in sale.lines.iter().zip(&sale.tx) {
            let expected = TxId(self.last + 1);
            if tx.id != expected {
                return Err(Broken::TxId {
                    expected,
                    found: tx.id,
                });
            }
            sale::check_record(event.at, sale, line, tx)?;
            self.check_reversal(&event.fact, line, tx)?;
            sums.add(line)?;
            let head = self.heads.entry(tx.point_of_sale_id).or_default();
            let hash = tx.hash_after(&event.log, head);
            if hash != tx.hash {
                return Err(Broken::TxHash {
                    id: tx.id,
                    expected: hash,
                    found: tx.hash,
                });
            }
            *head = hash;
            self.last = tx.id.0;
            self.records.push(mark(&hash, tx.product_id, line, 1));
        }
        Ok(())
    }

    /// A reversal takes back earlier records, each of them once and as it was; a sale takes back none.
    fn check_reversal(&mut self, fact: &Fact, line: &SaleLine, tx: &Tx) -> Result<(), Broken> {
        let reversal = matches!(fact, Fact::SaleReversed(_));
        let broken = |expected: &str, found: String| {
            let expected = format!("{expected} in transaction {}", tx.id);
            Err(Broken::Sale { expected, found })
        };
        match (&line.reverses, reversal) {
            (None, true) => broken("reverses", "none".to_owned()),
            (Some(_), false) => broken("no reverses", "one in a sale".to_owned()),
            (Some(reversed), true) => {
                let index = usize::try_from(reversed.id.0).ok();
                let index = index.and_then(|index| index.checked_sub(1));
                let Some(record) = index.and_then(|index| self.records.get_mut(index)) else {
                    return broken("an earlier transaction", reversed.id.to_string());
                };
                if *record == TAKEN_BACK {
                    let expected = "a transaction that was not taken back before";
                    return broken(expected, reversed.id.to_string());
                }
                if *record != mark(&reversed.hash, tx.product_id, line, -1) {
                    let expected = "hash, product, total, tax rate, ticket and list entry of what it takes back";
                    return broken(expected, format!("others than those of {}", reversed.id));
                }
                *record = TAKEN_BACK;
                Ok(())
            }
            (None, false) => Ok(()),
        }
    }
}
