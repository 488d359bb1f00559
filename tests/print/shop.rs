//! A shop with a cash desk, a bar and a kitchen: sales are booked, and simulated devices print. A
//! device can be switched off, at once or in the middle of a talk.

use super::bench::ending;
use daybook::clock::Clock;
use daybook::ledger::desk::{Answers, Cart, DeskCommand, Sell, Wanted, Wish};
use daybook::ledger::print::{PrintCommand, PrintOrder};
use daybook::ledger::table::{Chance, Dish, TableCommand, TableWish};
use daybook::ledger::{Action, Book, Command, CommandId, Done, Ledger};
use daybook::metrics::Metrics;
use daybook::print::wire::{Opener, Wire};
use daybook::print::{PrinterSetup, Printers, Setup};
use daybook_catalogue::Format;
use daybook_printers::simulator::paper::Simulated;
use daybook_printers::simulator::sheet::Sheet;
use daybook_printers::simulator::till::Kind;
use daybook_printers::simulator::wire::Device;
use daybook_printers::uri::{Driver, Transport};
use daybook_projections::printer_job::Ending;
use daybook_schema::contract::MemoryLog;
use daybook_schema::facts::{PrintJob, PrintMessage};
use daybook_schema::id::{ModifierId, ProductId, SessionId, TableId, TxId};
use daybook_schema::{Actor, At, EventLog, Fact, LogName, Quantity};
use serde_json::json;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::watch;

/// What is sold: 12.00, 7.00 with modifiers and for the kitchen, and 3.00 given back.
pub(super) const WINE: u32 = 1;
pub(super) const SOUP: u32 = 2;
pub(super) const VOUCHER: u32 = 3;

/// Ports of the devices: that of the desk, and the kitchen's.
pub(super) const DESK: u16 = 9101;
pub(super) const KITCHEN: u16 = 9102;

const TABLE: TableId = TableId(1);

/// A device and its switch.
struct Printer {
    device: Simulated,
    on: watch::Sender<bool>,
    /// It goes off when it has heard so many commands, and answers none of the last.
    fails_at: Option<usize>,
    /// It goes off with the first line of text that it gets.
    fails_at_text: bool,
}

impl Printer {
    fn hear(&mut self, byte: u8) -> Vec<u8> {
        let answer = self.device.hear(&[byte]);
        let text = self.fails_at_text && byte == b'\n';
        if text || self.fails_at.is_some_and(|at| self.device.heard() >= at) {
            (self.fails_at, self.fails_at_text) = (None, false);
            self.on.send_replace(false);
        }
        answer
    }
}

/// Devices, a log, and the clock on the wall.
#[derive(Clone)]
pub(super) struct Shop {
    printers: Arc<Mutex<BTreeMap<u16, Printer>>>,
    pub(super) log: MemoryLog,
    pub(super) driver: Driver,
    /// How the settings file sets up the desk's printer.
    setup: PrinterSetup,
    clock: Clock,
}

/// A node: as long as it lives, it prints.
pub(super) struct Node {
    pub(super) book: Book,
    pub(super) printers: Arc<Printers>,
}

impl Shop {
    /// A shop whose desk has a printer of this kind.
    pub(super) fn new(driver: Driver) -> Self {
        let printer = |driver| Printer {
            device: Simulated::new(driver),
            on: watch::Sender::new(true),
            fails_at: None,
            fails_at_text: false,
        };
        let printers = [(DESK, printer(driver)), (KITCHEN, printer(Driver::EscPos))];
        let now = AtomicI64::new(1_795_341_600_000_000);
        Self {
            printers: Arc::new(Mutex::new(printers.into())),
            log: MemoryLog::reliable(),
            driver,
            setup: PrinterSetup::default(),
            clock: Arc::new(move || At::from_micros(now.fetch_add(1000, Ordering::Relaxed))),
        }
    }

    /// The same shop, where the settings file says this of the desk's printer.
    pub(super) fn set_up(self, text: &str) -> Self {
        let setup = toml::from_str(text).unwrap();
        Self { setup, ..self }
    }

    fn see<T>(&self, port: u16, look: impl FnOnce(&mut Printer) -> T) -> T {
        look(self.printers.lock().unwrap().get_mut(&port).unwrap())
    }

    pub(super) fn device<T>(&self, port: u16, look: impl FnOnce(&mut Simulated) -> T) -> T {
        self.see(port, |printer| look(&mut printer.device))
    }

    /// Everything that came out of a device.
    pub(super) fn sheets(&self, port: u16) -> Vec<Sheet> {
        self.device(port, |device| device.documents().to_vec())
    }

    pub(super) fn switch(&self, port: u16, on: bool) {
        self.see(port, |printer| {
            printer.on.send_replace(on);
        });
    }

    /// The device of the desk goes off for good when it has heard so many more commands.
    pub(super) fn fail_after(&self, commands: usize) {
        self.see(DESK, |printer| {
            printer.fails_at = Some(printer.device.heard() + commands);
        });
    }

    /// The device of the desk goes off with the first line of text.
    pub(super) fn cut_document(&self) {
        self.see(DESK, |printer| printer.fails_at_text = true);
    }

    /// Lives one life of a node, in a runtime of its own.
    pub(super) fn live<T>(&self, life: impl AsyncFnOnce(Node) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async { life(self.start().await).await })
    }

    async fn start(&self) -> Node {
        let store: Arc<dyn EventLog> = Arc::new(self.log.clone());
        let metrics = Arc::new(Metrics::default());
        let ledger = Ledger::open(store, self.clock.clone(), metrics.clone());
        let ledger = ledger.await.unwrap();
        let book = ledger.open_book(&log()).await.unwrap();
        let shop = self.clone();
        let opener = Opener::custom(move |transport| {
            let shop = shop.clone();
            async move {
                let Transport::Tcp { port, .. } = transport else {
                    return Err(io::Error::other("no such device"));
                };
                let power = shop.see(port, |printer| printer.on.subscribe());
                if !*power.borrow() {
                    return Err(io::Error::other("it is switched off"));
                }
                // A document does not fit: it is on its way for a while.
                let (ours, theirs) = tokio::io::duplex(64);
                tokio::spawn(shop.carry(port, theirs));
                Ok(Wire::stream(ours))
            }
        });
        let setup = Setup {
            printers: BTreeMap::from([("DESK".to_owned(), self.setup.clone())]),
            ..Setup::default()
        };
        let (clock, node) = ((self.clock.clone(), metrics), "exon".to_owned());
        let printers = Printers::new(ledger, clock, node, setup, opener);
        printers.start();
        let node = Node { book, printers };
        if node.book.views().head.size == 0 {
            let text = file(self.driver).to_string();
            let catalogue = daybook_catalogue::read(&text, Format::Json, &[7; 32]).unwrap();
            node.submit(Action::Import(Box::new(catalogue))).await;
        }
        node
    }

    /// The line to a device, as long as it is on.
    async fn carry(self, port: u16, mut wire: DuplexStream) {
        let mut power = self.see(port, |printer| printer.on.subscribe());
        let mut sent = [0; 4096];
        loop {
            let heard = tokio::select! {
                _ = power.wait_for(|on| !on) => return,
                heard = wire.read(&mut sent) => heard,
            };
            let Ok(count @ 1..) = heard else { return };
            for byte in &sent[..count] {
                let answer = self.see(port, |printer| printer.hear(*byte));
                if !*power.borrow() || wire.write_all(&answer).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn log() -> LogName {
    LogName::new("shop").unwrap()
}

fn file(driver: Driver) -> serde_json::Value {
    let product = |id: u32, name: &str, price: &str| {
        json!({"id": id, "name": name, "price": price, "tax_rate": "20", "tax_group": 2,
            "needs_receipt": true, "points_of_sale": [1]})
    };
    let mut soup = product(SOUP, "Soup", "7.00");
    soup["category"] = json!("food");
    soup["modifiers"] = json!([{"id": 21, "name": "No onions", "price": "0.00"}]);
    let uri = |driver: Driver, port: u16| format!("{}.tcp://127.0.0.1:{port}", driver.name());
    json!({
        "instance": {"slug": "shop", "name": "Shop", "currency": "EUR", "time_zone": "Europe/Sofia"},
        "printers": [
            {"id": "DESK", "uri": uri(driver, DESK), "receipts": "needed"},
            {"id": "KITCHEN", "uri": uri(Driver::EscPos, KITCHEN), "categories": ["food"]},
        ],
        "points_of_sale": [{"id": 1, "name": "Bar"}],
        "payment_methods": [{"id": 1, "name": "Cash", "kind": "cash", "points_of_sale": [1]}],
        "products": [product(WINE, "Wine", "12.00"), soup, product(VOUCHER, "Voucher", "-3.00")],
        "users": [{"id": 1, "name": "Kim", "username": "kim", "roles": ["cashier"]}],
        "cashdesks": [{"id": 1, "name": "Desk", "point_of_sale": 1, "printer": "DESK"}],
        "sessions": [{"id": 1, "cashdesk": 1, "user": 1, "token": "token-of-kim",
            "cash_before": "0.00"}],
        "waiters": [{"id": 1, "name": "Ada"}],
        "tables": [{"id": 1, "name": "6", "max_guests": 4, "waiter": 1, "point_of_sale": 1}],
    })
}

impl Node {
    pub(super) async fn submit(&self, action: Action) -> Done {
        let command = Command {
            by: Actor::Operator,
            id: CommandId::fresh(),
            action,
        };
        self.book.submit(command).await.unwrap()
    }

    pub(super) async fn wish(&self, wish: Wish) {
        let session = SessionId(1);
        self.submit(Action::Desk(DeskCommand { session, wish }))
            .await;
    }

    /// Books at the desk, and tells the task of the receipt.
    pub(super) async fn sell(&self, products: &[u32]) -> String {
        let next = self.book.views().transaction.last_id().0 + 1;
        let sell = |product: &u32| {
            Wanted::Sell(Sell {
                product: Ok(ProductId(*product)),
                auth: None,
                answers: Answers::default(),
            })
        };
        self.wish(Wish::Book(Cart {
            cash_given: None,
            positions: products.iter().map(sell).collect(),
        }))
        .await;
        format!("daybook:sale:{next}")
    }

    /// Takes a sale back, and tells the task of the receipt.
    pub(super) async fn reverse(&self, sale: u64) -> String {
        let next = self.book.views().transaction.last_id().0 + 1;
        self.wish(Wish::Reverse(TxId(sale))).await;
        format!("daybook:sale:{next}")
    }

    /// Asks for a copy, and tells its task.
    pub(super) async fn copy(&self, sale: u64, copy: u32) -> String {
        self.wish(Wish::CopyReceipt(TxId(sale))).await;
        format!("daybook:sale:{sale}:copy:{copy}")
    }

    /// Orders soup at the table, without onions.
    pub(super) async fn order(&self) {
        let dish = Dish {
            product: ProductId(SOUP),
            count: Quantity::pieces(2).unwrap(),
            modifiers: vec![(ModifierId(21), Quantity::PIECE)],
        };
        let chance = Chance {
            hash: 1,
            guid: [3; 16],
        };
        self.submit(Action::Table(TableCommand {
            table: TABLE,
            wish: TableWish::Order(vec![dish]),
            chance,
        }))
        .await;
    }

    /// Gives the desk's printer a client's task.
    pub(super) async fn request(&self, task: &str, job: PrintJob) {
        self.submit(Action::Print(PrintCommand::Request(Box::new(PrintOrder {
            task: task.to_owned(),
            printer: "DESK".to_owned(),
            job,
            node: Some(self.printers.node().to_owned()),
            deadline: None,
            numbered: false,
            sale: None,

            again: None,
        }))))
        .await;
    }

    /// How a task ended, as soon as it has.
    pub(super) async fn ended(&self, task: &str) -> Ending {
        let mut views = self.book.follow();
        let waiting = views.wait_for(|views| ending(views, task).is_some());
        let waited = tokio::time::timeout(Duration::from_mins(10), waiting).await;
        let views = waited.unwrap_or_else(|_| panic!("{task} does not end"));
        ending(&views.unwrap(), task).unwrap()
    }

    /// The same for several, in order.
    pub(super) async fn all_ended(&self, tasks: &[String], how: Ending) {
        for task in tasks {
            assert_eq!(self.ended(task).await, how, "{}", self.words(task).await);
        }
    }

    /// What is said about a task that ended.
    pub(super) async fn messages(&self, task: &str) -> Vec<PrintMessage> {
        let task = self.book.views().printer_job.task(task).unwrap().clone();
        let result = self.printers.result(&self.book, &task).await.unwrap();
        match result.end.unwrap() {
            Fact::Printed(done) => done.messages,
            Fact::PrintFailed(end) | Fact::PrintUnknown(end) => end.messages,
            other => panic!("{other:?}"),
        }
    }

    /// The same in one text.
    pub(super) async fn words(&self, task: &str) -> String {
        let messages = self.messages(task).await;
        let one = |message: PrintMessage| {
            format!("{} {}", message.code.unwrap_or_default(), message.text)
        };
        messages.into_iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

pub(super) fn fiscal() -> impl Iterator<Item = Driver> {
    Driver::ALL.into_iter().filter(|one| *one != Driver::EscPos)
}

pub(super) fn has(sheet: &Sheet, words: &[&str]) {
    let text = sheet.text.join("\n");
    for word in words {
        assert!(text.contains(word), "no {word:?} on\n{text}");
    }
}

/// Receipts that count, of a device that knows them.
pub(super) fn receipts(sheets: &[Sheet]) -> Vec<&Sheet> {
    let counts = |sheet: &&Sheet| sheet.kind.is_none_or(|kind| kind == Kind::Receipt);
    sheets.iter().filter(counts).collect()
}
