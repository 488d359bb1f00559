//! Paper and books side by side: what a device says it printed, and what the ledger says.

use daybook_schema::facts::PrintJob;
use daybook_schema::{Event, Fact, Money};
use serde::Serialize;
use std::collections::BTreeMap;

/// A document that the device lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Its number.
    pub number: String,
    /// What it is: `receipt` or `reversal`.
    pub kind: String,
    /// What it comes to, in hundredths; a reversal's is positive or negative, as the device likes.
    pub amount: Money,
}

/// What one line of the comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Both have it, with the same amount.
    Matched,
    /// Both have it, with other amounts.
    AmountDiffers,
    /// The ledger says that it was printed, and the device does not know it.
    LedgerOnly,
    /// The device printed it, and the ledger knows of no such receipt.
    PrinterOnly,
    /// Nobody knows yet: a task that ended unknown and has not been settled.
    Unknown,
}

/// One line of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What it says.
    pub verdict: Verdict,
    /// The document's number.
    pub number: Option<String>,
    /// The task that printed it.
    pub task: Option<String>,
    /// The amount in the ledger, in hundredths.
    pub ledger: Option<Money>,
    /// The amount on paper, in hundredths.
    pub printer: Option<Money>,
    /// Seq of the event that asked for it.
    pub requested: Option<u64>,
    /// Seq of the event that says how it ended.
    pub ended: Option<u64>,
}

/// What the ledger says of one printer, gathered event by event.
#[derive(Clone, Debug)]
pub struct Books {
    printer: String,
    requested: BTreeMap<String, u64>,
    rows: BTreeMap<String, Row>,
}

impl Books {
    /// Of a printer.
    #[must_use]
    pub fn of(printer: &str) -> Self {
        Self {
            printer: printer.to_owned(),
            requested: BTreeMap::new(),
            rows: BTreeMap::new(),
        }
    }

    /// Takes note of an event.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::PrintRequested(request) if request.printer == self.printer => {
                let is_receipt =
                    matches!(request.job, PrintJob::Receipt(_) | PrintJob::Reversal(_));
                if is_receipt {
                    self.requested.insert(request.task.clone(), event.seq);
                }
            }
            Fact::Printed(done) => {
                let number = done.number.clone();
                self.end(
                    event.seq,
                    &done.task,
                    Verdict::LedgerOnly,
                    number,
                    done.amount,
                );
            }
            Fact::PrintUnknown(end) => {
                self.end(event.seq, &end.task, Verdict::Unknown, None, None);
            }
            // It may have been unknown before.
            Fact::PrintFailed(end) => {
                self.rows.remove(&end.task);
            }
            _ => {}
        }
    }

    fn end(
        &mut self,
        seq: u64,
        task: &str,
        verdict: Verdict,
        number: Option<String>,
        ledger: Option<Money>,
    ) {
        let Some(requested) = self.requested.get(task) else {
            return;
        };
        let row = Row {
            verdict,
            number,
            task: Some(task.to_owned()),
            ledger,
            printer: None,
            requested: Some(*requested),
            ended: Some(seq),
        };
        self.rows.insert(task.to_owned(), row);
    }

    /// Compares with what the device lists. The rows stand in the order of numbers; those without a
    /// number are last.
    #[must_use]
    pub fn compare(self, papers: &[Paper]) -> Vec<Row> {
        let mut on_paper: BTreeMap<u64, Vec<&Paper>> = BTreeMap::new();
        let receipts = papers.iter().filter(|paper| is_receipt(&paper.kind));
        for paper in receipts {
            on_paper.entry(key(&paper.number)).or_default().push(paper);
        }
        let mut rows: Vec<Row> = self.rows.into_values().collect();
        for row in &mut rows {
            let listed = row.number.as_deref().map(key);
            let listed = listed.and_then(|number| on_paper.get_mut(&number));
            let Some(paper) = listed.and_then(Vec::pop) else {
                continue;
            };
            row.printer = Some(paper.amount);
            // A person who settled it may not have noted the amount.
            let same = row
                .ledger
                .is_none_or(|amount| amount.units().abs() == paper.amount.units().abs());
            row.verdict = if same {
                Verdict::Matched
            } else {
                Verdict::AmountDiffers
            };
        }
        let left = on_paper.into_values().flatten();
        rows.extend(left.map(|paper| Row {
            verdict: Verdict::PrinterOnly,
            number: Some(paper.number.clone()),
            task: None,
            ledger: None,
            printer: Some(paper.amount),
            requested: None,
            ended: None,
        }));
        rows.sort_by_key(|row| {
            let number = row.number.as_deref().map(key);
            (number.is_none(), number, row.requested)
        });
        rows
    }
}

fn is_receipt(kind: &str) -> bool {
    matches!(kind, "receipt" | "reversal" | "document" | "")
}

/// Numbers are compared without their leading zeros.
fn key(number: &str) -> u64 {
    number.trim().parse().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use daybook_schema::facts::{PrintDone, PrintEnd, PrintReceipt, PrintRequest};
    use daybook_schema::{Actor, At, Leaf, LogName};

    fn paper(number: &str, amount: i64) -> Paper {
        Paper {
            number: number.to_owned(),
            kind: "receipt".to_owned(),
            amount: Money::new(amount).unwrap(),
        }
    }

    fn requested(task: &str, printer: &str) -> Fact {
        Fact::PrintRequested(PrintRequest {
            deadline: None,
            job: PrintJob::Receipt(PrintReceipt::default()),
            node: None,
            printer: printer.to_owned(),
            request: None,
            sale: None,
            task: task.to_owned(),
        })
    }

    fn printed(task: &str, number: &str, amount: i64) -> Fact {
        Fact::Printed(PrintDone {
            amount: Some(Money::new(amount).unwrap()),
            number: Some(number.to_owned()),
            task: task.to_owned(),
            ..PrintDone::default()
        })
    }

    fn end(task: &str) -> PrintEnd {
        PrintEnd {
            messages: Vec::new(),
            task: task.to_owned(),
        }
    }

    #[test]
    fn every_difference_has_its_name() {
        let mut books = Books::of("fp");
        let facts = [
            requested("same", "fp"),
            printed("same", "0000085", 3000),
            requested("other amount", "fp"),
            printed("other amount", "86", 100),
            requested("no paper", "fp"),
            printed("no paper", "87", 100),
            requested("elsewhere", "fp2"),
            printed("elsewhere", "88", 100),
            requested("unknown", "fp"),
            Fact::PrintUnknown(end("unknown")),
            requested("settled", "fp"),
            Fact::PrintUnknown(end("settled")),
            Fact::PrintFailed(end("settled")),
        ];
        for (seq, fact) in (0..).zip(facts) {
            books.apply(&Event {
                at: At::from_micros(0),
                by: Actor::Ledger,
                cmd: String::new(),
                fact,
                log: LogName::new("festival").unwrap(),
                prev: Leaf::ZERO,
                seq,
            });
        }
        let mut papers = vec![paper("85", 3000), paper("0000086", 101), paper("90", 5)];
        papers.push(Paper {
            kind: "voided".to_owned(),
            ..paper("91", 7)
        });
        let rows = books.compare(&papers);
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.number.as_deref(), row.verdict))
            .collect();
        assert_eq!(
            told,
            [
                (Some("0000085"), Verdict::Matched),
                (Some("86"), Verdict::AmountDiffers),
                (Some("87"), Verdict::LedgerOnly),
                (Some("90"), Verdict::PrinterOnly),
                (None, Verdict::Unknown),
            ]
        );
        assert_eq!(rows[0].requested.zip(rows[0].ended), Some((0, 1)));
    }
}
