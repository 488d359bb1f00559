//! What the log says about a task: its request, its start, and the receipt that it is about.

use super::job;
use super::plan::{Original, Reversed};
use super::worker::Worker;
use daybook_projections::printer_job::{Ending, Task, TaskState};
use daybook_schema::facts::{PrintJob, PrintOriginal, PrintRequest, PrintStart, PrintedPaper};
use daybook_schema::{Event, EventLog, Fact, LogError, LogName, line};

/// How many tasks are looked at for the last receipt.
const LOOK_BACK: usize = 100;

impl Worker {
    async fn fact(&self, seq: u64) -> Result<Option<Fact>, LogError> {
        Ok(self.event(seq).await?.map(|event| event.fact))
    }

    async fn event(&self, seq: u64) -> Result<Option<Event>, LogError> {
        read_event(self.printers.ledger.store().as_ref(), &self.book.log, seq).await
    }

    pub(super) async fn request(&self, seq: u64) -> Result<PrintRequest, LogError> {
        match self.fact(seq).await? {
            Some(Fact::PrintRequested(request)) => Ok(request),
            _ => Err(LogError::Damaged(format!(
                "event {seq} is no request to print"
            ))),
        }
    }

    pub(super) async fn start(&self, seq: Option<u64>) -> Result<Option<PrintStart>, LogError> {
        let Some(seq) = seq else { return Ok(None) };
        match self.fact(seq).await? {
            Some(Fact::PrintStarted(start)) => Ok(Some(start)),
            _ => Ok(None),
        }
    }

    /// The receipt that a copy repeats or a reversal takes back, if it is one of this log.
    pub(super) async fn original(&self, job: &PrintJob) -> Result<Option<Original>, LogError> {
        let seq = match job {
            PrintJob::Duplicate => match self.last_receipt().await? {
                Some(seq) => seq,
                None => return Ok(None),
            },
            PrintJob::Copy(copy) => copy.of,
            PrintJob::Reversal(reversal) => match reversal.original {
                PrintOriginal::Request(seq) => seq,
                PrintOriginal::Paper(_) => return Ok(None),
            },
            _ => return Ok(None),
        };
        let Some(Fact::PrintRequested(request)) = self.fact(seq).await? else {
            return Ok(None);
        };
        // A reversal stands for the goods of its own original.
        let original = match &request.job {
            PrintJob::Reversal(_) => Box::pin(self.original(&request.job)).await?,
            _ => None,
        };
        let (receipt, reverses) = match request.job {
            PrintJob::Receipt(receipt) => (receipt, None),
            PrintJob::Reversal(reversal) => {
                let original = original.map(Box::new);
                let receipt = reversal.receipt.clone();
                (receipt, Some(Reversed { reversal, original }))
            }
            _ => return Ok(None),
        };
        let views = self.book.views();
        let task = views.printer_job.task(&request.task);
        let receipt_of = request
            .sale
            .and_then(|sale| views.printer_job.receipt(sale));
        let printed = receipt_of.and_then(|receipt| receipt.printed);
        let start = self.start(task.and_then(|task| task.started)).await?;
        let event = match printed {
            Some(seq) => self.event(seq).await?,
            None => None,
        };
        let paper = event.and_then(|event| self.paper(event));
        let unique_sale_number = start.and_then(|start| start.unique_sale_number);
        Ok(Some(Original {
            receipt,
            reverses,
            paper,
            unique_sale_number,
        }))
    }

    /// The request of the last receipt that came out of this printer, for printers that keep nothing.
    async fn last_receipt(&self) -> Result<Option<u64>, LogError> {
        let views = self.book.views();
        let printed = |task: &Task| match task.state {
            TaskState::Ended {
                how: Ending::Printed,
                seq,
            } if task.printer == self.printer => Some((seq, task.requested)),
            _ => None,
        };
        let tasks = views.printer_job.tasks();
        let mut ended: Vec<_> = tasks.filter_map(|(_, task)| printed(task)).collect();
        ended.sort_unstable();
        for (_, requested) in ended.into_iter().rev().take(LOOK_BACK) {
            let job = self.request(requested).await?.job;
            if matches!(job, PrintJob::Receipt(_) | PrintJob::Reversal(_)) {
                return Ok(Some(requested));
            }
        }
        Ok(None)
    }

    /// What was printed. A device that was asked afterwards does not tell the time: then it is that
    /// of the event.
    fn paper(&self, event: Event) -> Option<PrintedPaper> {
        let Fact::Printed(done) = event.fact else {
            return None;
        };
        Some(PrintedPaper {
            fiscal_memory: done.fiscal_memory.unwrap_or_default(),
            number: done.number.unwrap_or_default(),
            time: done
                .time
                .unwrap_or_else(|| job::written(self.local(event.at))),
        })
    }
}

/// An event, by its place; nothing behind the end.
///
/// # Errors
/// When the store does not answer, or holds no event there.
pub async fn read_event(
    store: &dyn EventLog,
    log: &LogName,
    seq: u64,
) -> Result<Option<Event>, LogError> {
    let lines = store.read(log, seq, 1).await?;
    let Some(bytes) = lines.first() else {
        return Ok(None);
    };
    let event = line::read(bytes).map_err(|error| LogError::Damaged(error.to_string()))?;
    Ok(Some(event))
}
