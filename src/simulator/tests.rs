//! Real conversations over real wires with devices that are not there.

use super::journal::{HEADER, Journal};
use super::svg::{Album, draw};
use super::*;
use daybook_printers::device::Settings;
use daybook_printers::dialogue::{Answer, Dialogue, Failure, Heard, Operation, Outcome, Step};
use daybook_printers::escpos::layout::{Layout, Stamp};
use daybook_printers::receipt::{Item, Receipt, Sale};
use daybook_printers::simulator::till::Kind;
use daybook_printers::speak::Manner;
use daybook_printers::uri::Driver;
use daybook_schema::{Money, Quantity};
use serialport::TTYPort;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A wire that can wait.
trait Wire: Read + Write {
    fn patient(&mut self, patience: Duration);
}

impl Wire for TcpStream {
    fn patient(&mut self, patience: Duration) {
        self.set_read_timeout(Some(patience)).unwrap();
    }
}

impl Wire for TTYPort {
    fn patient(&mut self, patience: Duration) {
        serialport::SerialPort::set_timeout(self, patience).unwrap();
    }
}

/// Holds a conversation; a wire that broke is opened again.
fn hold<W: Wire>(
    open: impl Fn() -> Option<W>,
    dialogue: &mut dyn Dialogue,
) -> Result<Outcome, Failure> {
    let mut wire = open();
    let mut step = dialogue.next(Heard::Nothing);
    loop {
        let patience = match step {
            Step::Done(result) => return *result,
            Step::Listen { patience } => patience,
            Step::Send { bytes, patience } => {
                wire = wire.or_else(&open);
                let sent = wire.as_mut().map(|wire| wire.write_all(&bytes));
                if !matches!(sent, Some(Ok(()))) {
                    wire = None;
                    step = dialogue.next(Heard::Lost);
                    continue;
                }
                patience
            }
        };
        let mut buffer = [0; 256];
        let heard = wire.as_mut().map(|wire| {
            wire.patient(patience);
            wire.read(&mut buffer)
        });
        let heard = match heard {
            Some(Ok(length @ 1..)) => Heard::Bytes(&buffer[..length]),
            Some(Err(error))
                if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) =>
            {
                Heard::Silence
            }
            _ => {
                wire = None;
                Heard::Lost
            }
        };
        step = dialogue.next(heard);
    }
}

fn ask<W: Wire>(
    driver: Driver,
    operation: Operation,
    open: impl Fn() -> Option<W>,
) -> Result<Outcome, Failure> {
    let manner = Manner {
        driver,
        settings: Settings::default(),
        layout: Layout::default(),
    };
    let stamp = Stamp {
        number: "0000007".to_owned(),
        ..Stamp::default()
    };
    let mut dialogue = manner.dialogue(operation, Some(stamp), 0x30)?;
    hold(open, dialogue.as_mut())
}

/// A receipt over 18.00, checked for the device.
fn receipt<W: Wire>(driver: Driver, open: impl Fn() -> Option<W>) -> Operation {
    let outcome = ask(driver, Operation::Identify, open).unwrap();
    let Answer::Device(device) = outcome.answer else {
        panic!("{:?}", outcome.answer);
    };
    let milk = Sale {
        text: "Milk <fresh> & \"cold\"".to_owned(),
        quantity: Quantity::new(2000).unwrap(),
        unit_price: Money::new(900).unwrap(),
        tax_group: 2,
        code: 999,
        ..Sale::default()
    };
    let receipt = Receipt {
        unique_sale_number: "DT279013-DD01-0000001".to_owned(),
        items: vec![Item::Sale(milk)],
        ..Receipt::default()
    };
    let checked = receipt.check(&device.capabilities, &Settings::default());
    Operation::Receipt(Box::new(checked.unwrap()))
}

fn over_tcp(driver: Driver) -> (Simulator, UnboundedReceiver<Sheet>, SocketAddr) {
    let (mut simulator, sheets) = Simulator::new(Simulated::new(driver));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = simulator.serve_tcp(listener).unwrap();
    (simulator, sheets, address)
}

fn connect(address: SocketAddr) -> impl Fn() -> Option<TcpStream> {
    move || TcpStream::connect(address).ok()
}

fn plug(link: &Path) -> impl Fn() -> Option<TTYPort> {
    let path = link.display().to_string();
    move || TTYPort::open(&serialport::new(&path, 115_200)).ok()
}

fn receipts(simulator: &Simulator) -> usize {
    let documents = simulator.documents();
    let counts = |sheet: &&Sheet| matches!(sheet.kind, None | Some(Kind::Receipt));
    documents.iter().filter(counts).count()
}

#[test]
fn every_driver_reaches_its_device_over_tcp() {
    for driver in Driver::ALL {
        let (simulator, mut sheets, address) = over_tcp(driver);
        let operation = receipt(driver, connect(address));
        let outcome = ask(driver, operation, connect(address)).unwrap();
        assert!(matches!(outcome.answer, Answer::Printed(_)), "{driver:?}");
        // The document is there before the answer.
        let sheet = sheets.try_recv().unwrap();
        assert!(sheet.text.join("\n").contains("18.00"), "{sheet:?}");
        assert_eq!(simulator.documents(), [sheet]);
    }
}

#[test]
fn a_serial_line_can_be_opened_again_and_goes_away() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("ttyFP");
    // As somebody who was killed leaves it.
    std::os::unix::fs::symlink(dir.path().join("nothing"), &link).unwrap();
    let driver = Driver::Zfp;
    let (mut simulator, _sheets) = Simulator::new(Simulated::new(driver));
    simulator.serve_pty(&link).unwrap();
    let operation = receipt(driver, plug(&link));
    ask(driver, operation, plug(&link)).unwrap();
    assert_eq!(receipts(&simulator), 1);
    drop(simulator);
    assert!(link.symlink_metadata().is_err(), "the link is left");
    std::fs::write(&link, "mine").unwrap();
    let (mut simulator, _sheets) = Simulator::new(Simulated::new(driver));
    simulator.serve_pty(&link).unwrap_err();
    drop(simulator);
    assert_eq!(std::fs::read_to_string(&link).unwrap(), "mine");
}

/// Unplugged in the middle of a receipt: the line comes back at the same path, and nothing is
/// printed twice.
#[test]
fn a_serial_line_that_is_unplugged_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("ttyFP");
    let driver = Driver::DatecsP;
    let (mut simulator, _sheets) = Simulator::new(Simulated::new(driver));
    simulator.serve_pty(&link).unwrap();
    let operation = receipt(driver, plug(&link));
    simulator.script(simulator.carried() + 100, Act::Close);
    let again = || eventually(|| plug(&link)());
    let result = ask(driver, operation, || Some(again()));
    match result {
        Ok(_) => assert_eq!(receipts(&simulator), 1),
        Err(Failure::Refused(_)) => assert_eq!(receipts(&simulator), 0),
        Err(failure @ Failure::Unknown { .. }) => panic!("{failure:?}"),
    }
    ask(driver, Operation::Status, || Some(again())).unwrap();
}

/// Tries until it is there; a test that waits for ever is stopped from outside.
fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        match look() {
            Some(found) => return found,
            None => std::thread::yield_now(),
        }
    }
}

/// Wherever the connection breaks, a receipt is printed once at most, and what was told is true.
#[test]
fn a_connection_breaks_at_any_byte() {
    for driver in [Driver::DatecsP, Driver::Zfp, Driver::Icp] {
        let (simulator, _sheets, address) = over_tcp(driver);
        let operation = receipt(driver, connect(address));
        let begin = simulator.carried();
        ask(driver, operation.clone(), connect(address)).unwrap();
        let length = simulator.carried() - begin;
        assert!(length > 200, "{length}");
        for at in (0..length).step_by(29).chain([length]) {
            let (simulator, _sheets, address) = over_tcp(driver);
            receipt(driver, connect(address));
            assert_eq!(simulator.carried(), begin);
            simulator.script(begin + at, Act::Close);
            let result = ask(driver, operation.clone(), connect(address));
            let printed = receipts(&simulator);
            let case = format!("{driver:?} at {at}: {result:?}");
            match result {
                Ok(_) => assert_eq!(printed, 1, "{case}"),
                Err(Failure::Refused(_)) => assert_eq!(printed, 0, "{case}"),
                Err(Failure::Unknown { .. }) => assert!(printed <= 1, "{case}"),
            }
        }
    }
}

#[test]
fn a_flipped_bit_is_noticed() {
    let driver = Driver::Daisy;
    let (simulator, _sheets, address) = over_tcp(driver);
    let operation = receipt(driver, connect(address));
    let begin = simulator.carried();
    // One in what the host sends first, one in what the device answers to its repetition.
    simulator.script(begin + 5, Act::Corrupt);
    simulator.script(begin + 40, Act::Corrupt);
    ask(driver, operation, connect(address)).unwrap();
    assert_eq!(receipts(&simulator), 1);
}

/// The n-th byte means exactly that one: nothing behind it has passed when somebody is called.
#[tokio::test(flavor = "multi_thread")]
async fn the_conversation_waits_at_the_gate() {
    let driver = Driver::DatecsX;
    let (simulator, _sheets, address) = over_tcp(driver);
    let gate = Gate::new();
    let called = Arc::new(AtomicU64::new(0));
    let seen = called.clone();
    simulator.script(50, Act::Pause(gate.clone()));
    simulator.script(
        50,
        Act::Call(Box::new(move || seen.store(1, Ordering::SeqCst))),
    );
    let client = tokio::task::spawn_blocking(move || receipt(driver, connect(address)));
    gate.reached().await;
    assert_eq!(
        (simulator.carried(), called.load(Ordering::SeqCst)),
        (50, 0)
    );
    gate.open();
    client.await.unwrap();
    assert_eq!(called.load(Ordering::SeqCst), 1);
    assert!(simulator.carried() > 50);
}

#[test]
fn a_device_that_is_mute_still_prints() {
    let driver = Driver::EscPos;
    let (simulator, _sheets, address) = over_tcp(driver);
    let operation = receipt(driver, connect(address));
    simulator.script(simulator.carried(), Act::Mute);
    let outcome = ask(driver, operation.clone(), connect(address)).unwrap();
    assert!(outcome.messages.has("W399"), "{:?}", outcome.messages);
    simulator.set_mute(false);
    let outcome = ask(driver, operation, connect(address)).unwrap();
    assert!(outcome.messages.as_slice().is_empty());
    assert_eq!(receipts(&simulator), 2);
}

#[test]
fn a_crash_comes_after_the_document_and_before_the_answer() {
    let driver = Driver::DatecsC;
    let (simulator, _sheets, address) = over_tcp(driver);
    let operation = receipt(driver, connect(address));
    simulator.crash_after_commit();
    let broke = AtomicU64::new(0);
    let open = || {
        broke.fetch_add(1, Ordering::SeqCst);
        TcpStream::connect(address).ok()
    };
    let result = ask(driver, operation, open);
    assert!(
        matches!(result, Ok(_) | Err(Failure::Unknown { .. })),
        "{result:?}"
    );
    assert_eq!((receipts(&simulator), broke.load(Ordering::SeqCst)), (1, 2));
}

#[test]
fn one_client_is_served_and_the_next_waits() {
    let (_simulator, _sheets, address) = over_tcp(Driver::EscPos);
    let question = [0x10, 0x04, 1];
    let mut answer = [0; 1];
    let mut first = TcpStream::connect(address).unwrap();
    first.write_all(&question).unwrap();
    first.read_exact(&mut answer).unwrap();
    let mut second = TcpStream::connect(address).unwrap();
    second.write_all(&question).unwrap();
    second.patient(Duration::from_millis(50));
    second.read_exact(&mut answer).unwrap_err();
    drop(first);
    second.patient(Duration::from_mins(1));
    second.read_exact(&mut answer).unwrap();
    assert_eq!(answer, [0x12]);
}

/// Also while it stands at a gate that nobody opens.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_lets_everybody_go() {
    let (simulator, _sheets, address) = over_tcp(Driver::EscPos);
    let gate = Gate::new();
    simulator.script(2, Act::Pause(gate.clone()));
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(&[0x10, 0x04, 1]).unwrap();
    gate.reached().await;
    let ended = tokio::task::spawn_blocking(move || drop(simulator));
    tokio::time::timeout(Duration::from_mins(1), ended)
        .await
        .unwrap()
        .unwrap();
    client.patient(Duration::from_mins(1));
    assert!(matches!(client.read(&mut [0; 8]), Ok(0) | Err(_)));
    TcpListener::bind(address).unwrap();
}

fn sheet(sale: &str, text: &[&str]) -> Sheet {
    Sheet {
        kind: Some(Kind::Receipt),
        number: Some(85),
        total: Some(-1800),
        sale: sale.to_owned(),
        time: jiff::civil::date(2026, 2, 3).at(4, 5, 6, 0),
        text: text.iter().map(|&line| line.to_owned()).collect(),
    }
}

#[test]
fn a_picture_escapes_what_it_shows_and_replaces_no_other() {
    let long = "x".repeat(100);
    let picture = draw(&sheet("", &["<b>&\"\u{1b}", "", &long]));
    assert!(picture.contains(">&lt;b&gt;&amp;\"□</text>"), "{picture}");
    assert_eq!(
        picture.matches("<text ").count(),
        4,
        "a long line is folded"
    );
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("paper/roll");
    let name = |path: std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut album = Album::open(&folder).unwrap();
    let mut other = Album::open(&folder).unwrap();
    let one = sheet("", &["one"]);
    assert_eq!(name(album.add(&one).unwrap()), "0001-receipt.svg");
    assert_eq!(name(other.add(&one).unwrap()), "0002-receipt.svg");
    let mut later = Album::open(&folder).unwrap();
    assert_eq!(name(later.add(&one).unwrap()), "0003-receipt.svg");
}

#[test]
fn a_journal_goes_on_where_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("paper.csv");
    let mut journal = Journal::open(&path).unwrap();
    assert_eq!(journal.last_number(), 0);
    journal.add(&sheet("a,\"b", &[])).unwrap();
    drop(journal);
    let mut journal = Journal::open(&path).unwrap();
    assert_eq!(journal.last_number(), 85);
    let plain = Sheet {
        kind: None,
        number: None,
        total: None,
        ..sheet("", &[])
    };
    journal.add(&plain).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let expected = format!(
        "{HEADER}\n85,receipt,-18.00,\"a,\"\"b\",2026-02-03T04:05:06\n,document,,,2026-02-03T04:05:06\n"
    );
    assert_eq!(text, expected);
    std::fs::write(&path, "something else\n").unwrap();
    assert!(
        Journal::open(&path)
            .unwrap_err()
            .to_string()
            .contains(HEADER)
    );
}
