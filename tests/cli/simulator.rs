//! The simulated printer as a program: over TCP and over a serial line, with its paper in every form.

use super::daybook;
use daybook_printers::device::Settings;
use daybook_printers::dialogue::{
    Answer, Dialogue, Failure, Heard, Operation, Outcome, Printed, Step,
};
use daybook_printers::escpos::layout::Layout;
use daybook_printers::receipt::{Item, Receipt, Sale};
use daybook_printers::speak::Manner;
use daybook_printers::uri::{Driver, Transport, Uri};
use daybook_schema::{Money, Quantity};
use serde_json::Value;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// The program while it runs.
struct Simulator {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    uri: Uri,
}

impl Simulator {
    async fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_daybook"))
            .args(["--json", "printer-simulator"])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next_line().await.unwrap();
        let said: Value = serde_json::from_str(&first.expect("it says where it listens")).unwrap();
        assert_eq!(said["event"], "listening", "{said}");
        let uri = said["uri"].as_str().unwrap().parse().unwrap();
        Self {
            child,
            input,
            lines,
            uri,
        }
    }

    /// The next thing it says.
    async fn said(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_mins(1), self.lines.next_line());
        let line = line.await.unwrap().unwrap();
        serde_json::from_str(&line.expect("it ended")).unwrap()
    }

    /// What it answers to somebody who types.
    async fn told(&mut self, command: &str) -> Value {
        let line = format!("{command}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
        self.said().await
    }

    /// Holds a conversation with it, over a connection of its own.
    async fn ask(&self, operation: Operation) -> Result<Outcome, Failure> {
        let uri = self.uri.clone();
        let held = tokio::task::spawn_blocking(move || {
            let manner = Manner {
                driver: uri.driver,
                settings: Settings::default(),
                layout: Layout::default(),
            };
            let mut dialogue = manner.dialogue(operation, None, 0x30)?;
            hold(&uri, dialogue.as_mut())
        });
        held.await.unwrap()
    }

    /// Sells two for 18.00; returns the receipt.
    async fn sell(&self) -> Result<Outcome, Failure> {
        let device = match self.ask(Operation::Identify).await?.answer {
            Answer::Device(device) => device,
            other => panic!("{other:?}"),
        };
        let milk = Sale {
            text: "Milk & <honey>".to_owned(),
            quantity: Quantity::new(2000).unwrap(),
            unit_price: Money::new(900).unwrap(),
            tax_group: 2,
            ..Sale::default()
        };
        let receipt = Receipt {
            unique_sale_number: "DT279013-DD01-0000001".to_owned(),
            items: vec![Item::Sale(milk)],
            ..Receipt::default()
        };
        let checked = receipt.check(&device.capabilities, &Settings::default());
        let operation = Operation::Receipt(Box::new(checked.unwrap()));
        self.ask(operation).await
    }

    /// Ends it as an operator does.
    async fn end(mut self) -> i32 {
        let pid = self.child.id().unwrap().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status().await;
        assert!(killed.unwrap().success());
        self.child.wait().await.unwrap().code().unwrap_or(-1)
    }
}

/// A wire that can wait.
trait Wire: Read + Write {
    fn patient(&mut self, patience: Duration);
}

impl Wire for TcpStream {
    fn patient(&mut self, patience: Duration) {
        self.set_read_timeout(Some(patience)).unwrap();
    }
}

impl Wire for serialport::TTYPort {
    fn patient(&mut self, patience: Duration) {
        serialport::SerialPort::set_timeout(self, patience).unwrap();
    }
}

fn open(uri: &Uri) -> Option<Box<dyn Wire>> {
    match &uri.transport {
        Transport::Tcp { host, port } => {
            let stream = TcpStream::connect((host.as_str(), *port)).ok()?;
            Some(Box::new(stream))
        }
        Transport::Com { port, baud } => {
            let port = serialport::TTYPort::open(&serialport::new(port, *baud)).ok()?;
            Some(Box::new(port))
        }
        Transport::Capture { .. } => None,
    }
}

/// Holds a conversation; a wire that broke is opened again.
fn hold(uri: &Uri, dialogue: &mut dyn Dialogue) -> Result<Outcome, Failure> {
    let mut wire = open(uri);
    let mut step = dialogue.next(Heard::Nothing);
    loop {
        let (bytes, patience) = match step {
            Step::Done(result) => return *result,
            Step::Send { bytes, patience } => (bytes, patience),
            Step::Listen { patience } => (Vec::new(), patience),
        };
        if !bytes.is_empty() {
            wire = wire.or_else(|| open(uri));
        }
        let mut buffer = [0; 256];
        let heard = wire.as_mut().map(|wire| {
            wire.write_all(&bytes)?;
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

fn printed(outcome: Result<Outcome, Failure>) -> Printed {
    match outcome.unwrap().answer {
        Answer::Printed(printed) => printed,
        other => panic!("{other:?}"),
    }
}

fn path(dir: &TempDir, name: &str) -> String {
    dir.path().join(name).to_str().unwrap().to_owned()
}

/// What is on paper is on the screen, in the picture and in the journal.
#[tokio::test]
async fn a_receipt_over_tcp_is_seen_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let (image, journal) = (path(&dir, "paper"), path(&dir, "paper.csv"));
    let uri = "bg.dt.p.isl.tcp://127.0.0.1:0";
    let args = [uri, "--image", &image, "--journal", &journal];
    let mut simulator = Simulator::start(&args).await;
    assert_eq!(simulator.uri.driver, Driver::DatecsP);
    let receipt = printed(simulator.sell().await);
    assert_eq!(receipt.amount.units(), 1800);
    let said = simulator.said().await;
    let told = (
        &said["event"],
        &said["kind"],
        &said["amount"],
        &said["sale"],
    );
    let expected = ["document", "receipt", "18.00", "DT279013-DD01-0000001"].map(Value::from);
    let [event, kind, amount, sale] = &expected;
    assert_eq!(told, (event, kind, amount, sale));
    assert_eq!(said["number"].as_u64(), receipt.number.parse().ok());
    let picture = std::fs::read_to_string(said["image"].as_str().unwrap()).unwrap();
    assert!(picture.contains("Milk &amp; &lt;honey&gt;"), "{picture}");
    assert_eq!(said["image"], format!("{image}/0001-receipt.svg"));
    assert_eq!(simulator.end().await, 0);
    let lines = std::fs::read_to_string(&journal).unwrap();
    let (number, time) = (&said["number"], said["time"].as_str().unwrap());
    let expected = format!(
        "number,kind,amount,sale,time\n{number},receipt,18.00,DT279013-DD01-0000001,{time}\n"
    );
    assert_eq!(lines, expected);
    // The next one numbers on, and its picture replaces none.
    let mut simulator = Simulator::start(&args).await;
    let next = printed(simulator.sell().await);
    assert_eq!(
        next.number.parse::<u64>().unwrap(),
        number.as_u64().unwrap() + 1
    );
    assert_eq!(
        simulator.said().await["image"],
        format!("{image}/0002-receipt.svg")
    );
}

#[tokio::test]
async fn a_serial_line_stands_at_its_path_as_long_as_it_runs() {
    let dir = tempfile::tempdir().unwrap();
    let link = path(&dir, "ttyFP");
    let mut simulator = Simulator::start(&[&format!("bg.zk.zfp.com://{link}")]).await;
    let receipt = printed(simulator.sell().await);
    let said = simulator.said().await;
    assert_eq!(said["number"].as_u64(), receipt.number.parse().ok());
    let page = said["text"].as_array().unwrap();
    let total = page
        .iter()
        .any(|line| line.as_str().unwrap().starts_with("TOTAL"));
    assert!(total, "{said}");
    assert_eq!(simulator.end().await, 0);
    assert!(
        std::fs::symlink_metadata(&link).is_err(),
        "the link is left"
    );
}

/// A person takes the paper out, opens the cover, and does what only a simulator can.
#[tokio::test]
async fn a_person_can_do_everything_to_it() {
    let mut simulator = Simulator::start(&["bg.dt.c.isl.tcp://127.0.0.1:0"]).await;
    for (command, code, remedy) in [
        ("paper out", "E301", "paper in"),
        ("cover  open", "E302", "cover closed"),
    ] {
        assert_eq!(simulator.told(command).await["event"], "done");
        let refused = simulator.sell().await.unwrap_err();
        assert!(refused.messages().has(code), "{command}: {refused:?}");
        assert_eq!(simulator.told(remedy).await["event"], "done");
    }
    for command in ["lose next answer", "damage next answer"] {
        assert_eq!(simulator.told(command).await["event"], "done");
        let receipt = printed(simulator.sell().await);
        let said = simulator.said().await;
        assert_eq!(said["kind"], "receipt", "{command}");
        assert_eq!(said["number"].as_u64(), receipt.number.parse().ok());
    }
    assert_eq!(simulator.told("crash after commit").await["event"], "done");
    let result = simulator.sell().await;
    assert!(
        !matches!(result, Err(Failure::Refused(_))),
        "it was printed: {result:?}"
    );
    assert_eq!(simulator.said().await["kind"], "receipt");
    assert_eq!(simulator.told("mute").await["event"], "done");
    let refused = simulator.ask(Operation::Status).await.unwrap_err();
    assert!(refused.messages().has("E101"), "{refused:?}");
    assert_eq!(simulator.told("speak").await["event"], "done");
    simulator.ask(Operation::Status).await.unwrap();
    let refused = simulator.told("sing").await;
    assert_eq!(refused["event"], "refused");
    let help = simulator.told("help").await;
    assert!(help.to_string().contains("crash after commit"), "{help}");
    let mut simulator = Simulator::start(&["bg.is.icp.tcp://127.0.0.1:0"]).await;
    let refused = simulator.told("cover open").await;
    assert_eq!(refused["event"], "refused", "{refused}");
}

/// The end of the input is not the end; text is for people.
#[tokio::test]
async fn it_runs_without_an_input_and_prints_text() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_daybook"))
        .args(["printer-simulator", "escpos.tcp://127.0.0.1:0"])
        .args(["--fault", "lose-answer@1", "--wire", "corrupt@4000"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let uri = first.strip_prefix("listening ").unwrap();
    let uri: Uri = uri.split(' ').next().unwrap().parse().unwrap();
    let document = b"\x1b@Good morning\n\x1dV\x00".to_vec();
    tokio::task::spawn_blocking(move || {
        let mut wire = open(&uri).unwrap();
        wire.write_all(&document).unwrap();
    })
    .await
    .unwrap();
    let mut page = Vec::new();
    while page.last().is_none_or(|line| line != "[cut]") {
        page.push(lines.next_line().await.unwrap().expect("it ended"));
    }
    assert_eq!(page, ["", "Good morning", "[cut]"]);
}

#[tokio::test]
async fn what_it_cannot_do_is_said() {
    let (code, help, _) = daybook(&["printer-simulator", "--help"]).await;
    assert_eq!(code, 0);
    for word in [
        "bg.dt.p.isl",
        "bg.zk.v2.zfp",
        "escpos",
        "--image",
        "--journal",
        "number,kind,amount,sale,time",
        "--serial",
        "--fault",
        "lose-answer",
        "--wire",
        "paper out",
        "Ctrl-C",
    ] {
        assert!(help.contains(word), "help does not mention {word}:\n{help}");
    }
    let uri = "bg.dt.p.isl.tcp://127.0.0.1:0";
    for (args, word) in [
        (&["bg.xx.tcp://127.0.0.1:0"][..], "no driver"),
        (&["bg.dt.p.isl.tcp://fp.example:9100"], "127.0.0.1"),
        (&["escpos.capture://paper"], "no device to simulate"),
        (&[uri, "--fault", "sing@1"], "late-answer"),
        (&[uri, "--fault", "deaf@0"], "counted from 1"),
        (&[uri, "--wire", "close"], "close@200"),
        (&[uri, "--serial", "7"], "six digits"),
        (
            &["escpos.tcp://127.0.0.1:0", "--fault", "nak@1"],
            "cannot happen",
        ),
    ] {
        let args = [&["printer-simulator"], args].concat();
        let (code, stdout, stderr) = daybook(&args).await;
        assert_eq!((code, stdout.as_str()), (2, ""), "{args:?}");
        assert!(stderr.contains(word), "{args:?}: {stderr}");
    }
    let dir = tempfile::tempdir().unwrap();
    let taken = path(&dir, "taken");
    std::fs::write(&taken, "mine").unwrap();
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap();
    let (line, port) = (
        format!("bg.zk.zfp.com://{taken}"),
        format!("bg.zk.zfp.tcp://{address}"),
    );
    for args in [
        &[line.as_str()][..],
        &[port.as_str()],
        &[uri, "--journal", &taken],
        &[uri, "--image", &taken],
    ] {
        let args = [&["printer-simulator"], args].concat();
        let (code, _, stderr) = daybook(&args).await;
        assert_eq!(code, 3, "{args:?}: {stderr}");
    }
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "mine");
}
