//! Printers: which there are, the way to each, and the workers that do what the log says is to be
//! printed.
//!
//! `wire`, `serial` and `talk` carry bytes and hold dialogues; `station` is a printer, `roster` knows
//! them all, `search` finds devices at serial ports; `plan` makes a dialogue of a task, `worker` does
//! tasks. Nothing here decides what is printed: that is the ledger.

pub mod detect;
mod finish;
pub mod job;
mod lookup;
mod outcome;
mod plan;
pub mod reconcile;
mod record;
#[cfg(test)]
mod rig;
mod roster;
mod search;
pub mod serial;
pub mod service;
mod settle;
mod setup;
mod station;
pub mod talk;
pub mod wire;
mod worker;

pub use lookup::read_event;
pub use setup::{PrinterSetup, Setup};
pub use station::{Origin, Station};

use crate::clock::Clock;
use crate::ledger::{Book, Ledger};
use crate::metrics::Metrics;
use daybook_printers::device::{DeviceInfo, Messages};
use daybook_printers::dialogue::{Failure, Operation, Outcome};
use daybook_projections::printer_job::{PrinterJobView, Task, TaskState};
use daybook_schema::facts::PrintJob;
use daybook_schema::{Fact, LogError, LogName};
use roster::Roster;
use service::Service;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wire::Opener;
use worker::Worker;

/// Pause after a name was taken over.
const TAKEOVER_PAUSE: Duration = Duration::from_secs(15);

/// Pause before the node's name is claimed again.
const CLAIM_PAUSE: Duration = Duration::from_secs(2);

/// All printers of a node.
pub struct Printers {
    ledger: Arc<Ledger>,
    clock: Clock,
    metrics: Arc<Metrics>,
    node: String,
    setup: Setup,
    service: Arc<Service>,
    roster: Roster,
    passwords: Mutex<BTreeMap<(LogName, String), String>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// What a task asked for and how it ended.
pub struct TaskResult {
    /// What it asked for.
    pub job: PrintJob,
    /// `print.printed`, `print.failed` or `print.unknown`; nothing while it is not done.
    pub end: Option<Fact>,
}

impl Printers {
    /// The printers of a node. `opener` is the way to devices.
    #[must_use]
    pub fn new(
        ledger: Arc<Ledger>,
        (clock, metrics): (Clock, Arc<Metrics>),
        node: String,
        setup: Setup,
        opener: Opener,
    ) -> Arc<Self> {
        let service = Arc::new(Service::new(setup.service(&node)));
        Arc::new(Self {
            ledger,
            clock,
            metrics,
            node,
            roster: Roster::new(opener, &setup, service.clone()),
            setup,
            service,
            passwords: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        })
    }

    /// Begins to work: tasks that wait are done, and devices are looked for.
    pub fn start(self: &Arc<Self>) {
        let hiring = self.clone();
        self.tasks.spawn(async move { hiring.hire().await });
        let searching = self.clone();
        self.tasks.spawn(async move { searching.search().await });
    }

    /// Ends: what is being printed is brought to its end, if that takes no longer than `patience`.
    /// What then is not known is learned after the next start.
    pub async fn close(&self, patience: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                "a printer is still busy: what became of it is learned at the next start"
            );
        }
    }

    /// This node's name.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.node
    }

    /// What the service API shows and changes.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Whether the search for devices at start is over.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.roster.is_searched()
    }

    /// Printers that an instance may use, by id: of its catalogue, of the settings file, and what was
    /// found.
    #[must_use]
    pub fn all(&self, book: &Book) -> Vec<Arc<Station>> {
        self.roster.all(Some(book))
    }

    /// Printers that belong to no instance.
    #[must_use]
    pub fn of_nobody(&self) -> Vec<Arc<Station>> {
        self.roster.all(None)
    }

    /// A printer by its id: exactly, or else ignoring case.
    #[must_use]
    pub fn find(&self, book: &Book, id: &str) -> Option<Arc<Station>> {
        let all = self.all(book);
        let exact = all.iter().find(|station| station.id == id);
        let near = || {
            all.iter()
                .find(|station| station.id.eq_ignore_ascii_case(id))
        };
        exact.or_else(near).cloned()
    }

    /// Who the device of a printer is: as it said before, or asked now.
    ///
    /// # Errors
    /// What is wrong with it: E101 when it cannot be reached.
    pub async fn info(&self, station: &Station) -> Result<Arc<DeviceInfo>, Messages> {
        if let Some(info) = station.known_info() {
            return Ok(info);
        }
        let mut session = station.question().await?;
        session.identify().await
    }

    /// How a printer is, asked now.
    ///
    /// # Errors
    /// When it does not tell.
    pub async fn status(&self, station: &Station) -> Result<Outcome, Failure> {
        let mut session = station.question().await.map_err(Failure::Refused)?;
        session.ask(Operation::Status, None).await.result
    }

    /// Keeps an operator's password until the task is done. It is never written. False when there is
    /// one for a task of this name already: the first stays.
    #[must_use]
    pub fn keep_password(&self, log: &LogName, task: &str, password: String) -> bool {
        match self.passwords().entry((log.clone(), task.to_owned())) {
            Entry::Vacant(place) => {
                place.insert(password);
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    fn password(&self, log: &LogName, task: &str) -> Option<String> {
        self.passwords()
            .get(&(log.clone(), task.to_owned()))
            .cloned()
    }

    /// Forgets passwords of tasks that ended without a worker: cancelled ones, say.
    fn forget_ended(&self, log: &LogName, jobs: &PrinterJobView) {
        let ended = |name: &str| {
            let task = jobs.task(name);
            task.is_some_and(|task| matches!(task.state, TaskState::Ended { .. }))
        };
        self.passwords()
            .retain(|(of, task), _| of != log || !ended(task));
    }

    /// Forgets the password of a task that is done, or was not accepted.
    pub fn forget_password(&self, log: &LogName, task: &str) {
        self.passwords().remove(&(log.clone(), task.to_owned()));
    }

    fn passwords(&self) -> MutexGuard<'_, BTreeMap<(LogName, String), String>> {
        self.passwords
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What a task asked for and how it ended, from the log.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn result(&self, book: &Book, task: &Task) -> Result<TaskResult, LogError> {
        let store = self.ledger.store().as_ref();
        let requested = read_event(store, &book.log, task.requested).await?;
        let Some(Fact::PrintRequested(request)) = requested.map(|event| event.fact) else {
            let text = format!("event {} is no request to print", task.requested);
            return Err(LogError::Damaged(text));
        };
        let end = match task.state {
            TaskState::Ended { seq, .. } => {
                let ended = read_event(store, &book.log, seq).await?;
                ended.map(|event| event.fact)
            }
            TaskState::Waiting | TaskState::Running { .. } => None,
        };
        Ok(TaskResult {
            job: request.job,
            end,
        })
    }

    /// Waits until this process is the only one of its name: what a node has begun is its own to end,
    /// also after a restart. Says no when the server stops before.
    async fn claim(&self) -> bool {
        let mut told = false;
        loop {
            match self.ledger.store().claim(&self.node).await {
                Ok(true) if told => {
                    // Whoever had it may still be printing.
                    tokio::time::sleep(TAKEOVER_PAUSE).await;
                    return !self.stop.is_cancelled();
                }
                Ok(true) => return true,
                Ok(false) if told => {}
                Ok(false) => {
                    told = true;
                    tracing::error!(
                        node = self.node,
                        "another process of this store has this node's name, and prints: this one \
                         prints nothing; give each its own --node"
                    );
                }
                Err(error) => tracing::warn!(%error, "the store does not answer the printers"),
            }
            tokio::select! {
                () = self.stop.cancelled() => return false,
                () = tokio::time::sleep(CLAIM_PAUSE) => {}
            }
        }
    }

    /// One worker for each printer of each instance that ever has something to do.
    async fn hire(self: Arc<Self>) {
        if !self.claim().await {
            return;
        }
        let mut opened = self.ledger.opened();
        let mut known = BTreeSet::new();
        loop {
            opened.borrow_and_update();
            let mut books = self.ledger.books();
            books.retain(|book| known.insert(book.log.clone()));
            for book in books {
                self.tasks.spawn(self.clone().hire_for(book));
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                changed = opened.changed() => if changed.is_err() { return },
            }
        }
    }

    async fn hire_for(self: Arc<Self>, book: Book) {
        let mut views = book.follow();
        let mut hired = BTreeSet::new();
        loop {
            let now = views.borrow_and_update().clone();
            let jobs = &now.printer_job;
            self.forget_ended(&book.log, jobs);
            let unknown = jobs.unknown().map(|(_, task)| task.printer.as_str());
            for printer in jobs.busy().chain(unknown) {
                if hired.insert(printer.to_owned()) {
                    let worker = Worker {
                        printers: self.clone(),
                        book: book.clone(),
                        printer: printer.to_owned(),
                        outage: AtomicBool::default(),
                    };
                    self.tasks.spawn(worker.run());
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                changed = views.changed() => if changed.is_err() { return },
            }
        }
    }
}
