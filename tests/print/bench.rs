//! A workshop: a simulated device on a wire that breaks at any byte, and a node beside it, in this
//! process and in virtual time. What is switched off keeps its state; the log outlives the node.

use daybook::clock::Clock;
use daybook::ledger::print::{PrintCommand, PrintOrder};
use daybook::ledger::{Action, Book, Command, CommandId, Ledger, Refusal};
use daybook::metrics::Metrics;
use daybook::print::wire::{Opener, Wire};
use daybook::print::{PrinterSetup, Printers, Setup};
use daybook_catalogue::Format;
use daybook_printers::simulator::paper::Simulated;
use daybook_printers::simulator::wire::Device;
use daybook_printers::uri::{Driver, Uri};
use daybook_projections::Views;
use daybook_projections::printer_job::{Ending, TaskState};
use daybook_schema::contract::MemoryLog;
use daybook_schema::facts::{PrintItem, PrintJob, PrintReceipt};
use daybook_schema::{Actor, At, EventLog, LogName};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::Notify;

/// The printer's id.
pub(super) const PRINTER: &str = "FP_Room1";

/// What happens at one byte, counted in both directions together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    /// Nothing ever.
    Never,
    /// The line is cut before it; it can be opened again.
    Cut,
    /// It arrives with one bit changed.
    Corrupt,
    /// The server dies before it.
    Kill,
}

/// A device and what its line has carried.
pub(super) struct Line {
    pub(super) device: Simulated,
    carried: usize,
    at: usize,
    breaks: Break,
}

/// A device, a log, and the clock on the wall.
#[derive(Clone)]
pub(super) struct Workshop {
    pub(super) driver: Driver,
    pub(super) line: Arc<Mutex<Line>>,
    pub(super) log: MemoryLog,
    /// Whether the device is switched off.
    pub(super) off: Arc<AtomicBool>,
    killed: Arc<Notify>,
    clock: Clock,
}

/// A node: as long as it lives, it prints.
pub(super) struct Node {
    pub(super) book: Book,
    printers: Arc<Printers>,
}

impl Workshop {
    pub(super) fn new(driver: Driver, breaks: Break, at: usize) -> Self {
        let line = Line {
            device: Simulated::new(driver),
            carried: 0,
            at,
            breaks,
        };
        let now = AtomicI64::new(1_795_341_600_000_000);
        Self {
            driver,
            line: Arc::new(Mutex::new(line)),
            log: MemoryLog::reliable(),
            off: Arc::default(),
            killed: Arc::new(Notify::new()),
            clock: Arc::new(move || At::from_micros(now.fetch_add(1000, Ordering::Relaxed))),
        }
    }

    /// How many bytes the line has carried.
    pub(super) fn carried(&self) -> usize {
        self.line.lock().unwrap().carried
    }

    pub(super) fn device<T>(&self, look: impl FnOnce(&mut Simulated) -> T) -> T {
        look(&mut self.line.lock().unwrap().device)
    }

    /// Lives one life of a node: in a runtime of its own, whose end is that of the process.
    pub(super) fn live<T>(&self, life: impl AsyncFnOnce(Node) -> T) -> T {
        self.live_as("exon", true, life)
    }

    /// The same of a node of this name, that does what sales ask for or does not.
    pub(super) fn live_as<T>(
        &self,
        name: &str,
        sales: bool,
        life: impl AsyncFnOnce(Node) -> T,
    ) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async { life(self.start(name, sales).await).await })
    }

    async fn start(&self, name: &str, sales: bool) -> Node {
        let store: Arc<dyn EventLog> = Arc::new(self.log.clone());
        let metrics = Arc::new(Metrics::default());
        let ledger = Ledger::open(store, self.clock.clone(), metrics.clone())
            .await
            .unwrap();
        let log = LogName::new("festival").unwrap();
        let book = ledger.open_book(&log).await.unwrap();
        if book.views().head.size == 0 {
            import(&book).await;
        }
        let uri: Uri = format!("{}.tcp://127.0.0.1:9100", self.driver.name())
            .parse()
            .unwrap();
        let text = format!("uri = \"{uri}\"");
        let setup: PrinterSetup = toml::from_str(&text).unwrap();
        let setup = Setup {
            print: sales,
            printers: BTreeMap::from([(PRINTER.to_owned(), setup)]),
            ..Setup::default()
        };
        let workshop = self.clone();
        let opener = Opener::custom(move |_| {
            let (ours, theirs) = tokio::io::duplex(1 << 16);
            let off = workshop.off.load(Ordering::Relaxed);
            if !off {
                tokio::spawn(workshop.clone().carry(theirs));
            }
            let refused = std::io::Error::other("nobody answers");
            async move {
                if off {
                    Err(refused)
                } else {
                    Ok(Wire::stream(ours))
                }
            }
        });
        let printers = Printers::new(
            ledger,
            (self.clock.clone(), metrics),
            name.to_owned(),
            setup,
            opener,
        );
        printers.start();
        Node { book, printers }
    }

    /// The line: what the node sends goes to the device, and its answer back, until it breaks.
    async fn carry(self, mut wire: DuplexStream) {
        let mut sent = [0; 4096];
        loop {
            let Ok(count @ 1..) = wire.read(&mut sent).await else {
                return;
            };
            for byte in &sent[..count] {
                let Some(byte) = self.pass(*byte) else { return };
                let answer = self.device(|device| device.hear(&[byte]));
                // What was sent before the line was cut arrives.
                let arrived: Vec<u8> = answer.iter().map_while(|byte| self.pass(*byte)).collect();
                if wire.write_all(&arrived).await.is_err() || arrived.len() < answer.len() {
                    return;
                }
            }
        }
    }

    /// A byte on its way; nothing when the line is cut.
    fn pass(&self, byte: u8) -> Option<u8> {
        let mut line = self.line.lock().unwrap();
        let here = line.carried == line.at;
        line.carried += 1;
        match line.breaks {
            Break::Corrupt if here => Some(byte ^ 0x04),
            Break::Cut if here => None,
            Break::Kill if here => {
                self.killed.notify_one();
                None
            }
            _ => Some(byte),
        }
    }

    /// Waits until the server is killed.
    pub(super) async fn killed(&self) {
        self.killed.notified().await;
    }
}

impl Node {
    pub(super) async fn submit(&self, command: PrintCommand) -> Result<(), Refusal> {
        let command = Command {
            by: Actor::Operator,
            id: CommandId::fresh(),
            action: Action::Print(command),
        };
        self.book.submit(command).await.map(|_| ())
    }

    /// Asks for a receipt, as a client of this node does.
    pub(super) async fn order(&self, task: &str, receipt: PrintReceipt, numbered: bool) {
        let node = Some(self.printers.node().to_owned());
        self.order_of(task, receipt, numbered, node).await;
    }

    /// Asks for a receipt that this node has to print, or whichever has the printer.
    pub(super) async fn order_of(
        &self,
        task: &str,
        receipt: PrintReceipt,
        numbered: bool,
        node: Option<String>,
    ) {
        let order = PrintOrder {
            task: task.to_owned(),
            printer: PRINTER.to_owned(),
            job: PrintJob::Receipt(receipt),
            node,
            deadline: None,
            numbered,
            sale: None,
            again: None,
        };
        self.submit(PrintCommand::Request(Box::new(order)))
            .await
            .unwrap();
    }

    /// How a task ended, as soon as it has.
    pub(super) async fn ended(&self, task: &str) -> Ending {
        let mut views = self.book.follow();
        let waiting = views.wait_for(|views| ending(views, task).is_some());
        let patience = Duration::from_mins(10);
        let views = tokio::time::timeout(patience, waiting)
            .await
            .unwrap()
            .unwrap();
        ending(&views, task).unwrap()
    }
}

pub(super) fn ending(views: &Views, task: &str) -> Option<Ending> {
    match views.printer_job.task(task)?.state {
        TaskState::Ended { how, .. } => Some(how),
        TaskState::Waiting | TaskState::Running { .. } => None,
    }
}

/// Describes the venue.
async fn import(book: &Book) {
    let text = r#"{"instance":{"slug":"festival","name":"Festival","currency":"EUR","time_zone":"Europe/Sofia"}}"#;
    let catalogue = daybook_catalogue::read(text, Format::Json, &[7; 32]);
    let command = Command {
        by: Actor::Operator,
        id: CommandId::fresh(),
        action: Action::Import(Box::new(catalogue.unwrap())),
    };
    book.submit(command).await.unwrap();
}

/// The receipt of the protocol's documentation: 12 and twice 10 less 10 %, which makes 30.
pub(super) fn example() -> PrintReceipt {
    let items = r#"[
        {"sale":{"code":999,"department":0,"quantity":1000,"tax_group":2,"text":"Cheese","unit_price":1200}},
        {"comment":"Additional comment to the cheese..."},
        {"sale":{"code":999,"department":0,"modifier":{"percent":-1000},"quantity":2000,"tax_group":2,"text":"Milk","unit_price":1000}}
    ]"#;
    let items: Vec<PrintItem> = serde_json::from_str(items).unwrap();
    let payments = r#"[{"amount":3000,"kind":"cash"}]"#;
    PrintReceipt {
        items,
        payments: serde_json::from_str(payments).unwrap(),
        unique_sale_number: Some("DT279013-DD01-0000001".to_owned()),
        ..PrintReceipt::default()
    }
}
