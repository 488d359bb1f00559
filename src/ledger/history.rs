//! What happened at a table, looked up by its place in the log: from the queue while it is there,
//! and after that from the log itself, so that a repetition's answer is the first answer.

use super::{Book, Ledger};
use daybook_projections::qr_event::{QrEventView, Queued};
use daybook_schema::facts::PaymentStart;
use daybook_schema::{Event, EventLog, Fact, LogError, LogName, line};
use std::sync::Arc;

/// How many lines are asked for at once.
const READ_LINES: usize = 4096;

/// Types of the events that an order and the queue are made of.
const TABLE_EVENTS: [&str; 3] = ["order.extended", "payment.received", "waiter.called"];

/// Something that a command at a table led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableEvent {
    /// An event of the queue.
    Queued(Arc<Queued>),
    /// A guest went to pay at a provider.
    Begun(PaymentStart),
}

impl Ledger {
    /// What happened at a table with this event, when it is one of a table.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn table_event(&self, book: &Book, seq: u64) -> Result<Option<TableEvent>, LogError> {
        let views = book.views();
        if let Some(queued) = views.qr_event.queued(seq) {
            return Ok(Some(TableEvent::Queued(queued.clone())));
        }
        let store = self.store().as_ref();
        let lines = store.read(&book.log, seq, 1).await?;
        let Some(event) = lines.first().map(|line| read(line)).transpose()? else {
            return Ok(None);
        };
        let from = match event.fact {
            Fact::PaymentStarted(start) => return Ok(Some(TableEvent::Begun(start))),
            Fact::WaiterCalled(_) => seq,
            Fact::OrderExtended(extension) => extension.opened,
            Fact::PaymentReceived(receipt) => receipt.opened,
            _ => return Ok(None),
        };
        let past = fold(store, &book.log, from, seq).await?;
        Ok(past.queued(seq).cloned().map(TableEvent::Queued))
    }
}

/// The orders of tables as of seq `last`, as far as they were opened from `first` on.
async fn fold(
    store: &dyn EventLog,
    log: &LogName,
    first: u64,
    last: u64,
) -> Result<QrEventView, LogError> {
    let mut view = QrEventView::default();
    let mut next = first;
    while next <= last {
        let left = usize::try_from(last - next + 1).unwrap_or(READ_LINES);
        let lines = store.read(log, next, left.min(READ_LINES)).await?;
        if lines.is_empty() {
            break;
        }
        for line in lines.iter().filter(|line| is_of_tables(line)) {
            view.apply(&read(line)?);
        }
        next += lines.len() as u64;
        // A long log must not starve other tasks of this thread.
        tokio::task::yield_now().await;
    }
    Ok(view)
}

/// Told by its end, which every line has in the same form: most lines are something else.
fn is_of_tables(line: &[u8]) -> bool {
    let ends = |name: &str| line.ends_with(format!("\"type\":\"{name}\"}}").as_bytes());
    TABLE_EVENTS.into_iter().any(ends)
}

fn read(line: &[u8]) -> Result<Event, LogError> {
    line::read(line).map_err(|error| LogError::Damaged(error.to_string()))
}
