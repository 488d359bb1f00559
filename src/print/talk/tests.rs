//! Dialogues over wires that stay, close, break, babble or keep silent.

use super::*;
use crate::print::rig::{Growl, assert_untouched, babble, memory, serve, shared};
use daybook_printers::device::Settings;
use daybook_printers::dialogue::{Answer, Operation};
use daybook_printers::icp;
use daybook_printers::isl::{Isl, dialogue};
use daybook_printers::simulator::isl::IslDevice;
use daybook_printers::zfp::{self, Generation};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

fn somewhere() -> Transport {
    let host = "device".to_owned();
    Transport::Tcp { host, port: 9100 }
}

/// A connection that gets these wires, one after the other, and then none.
fn connection(wires: impl IntoIterator<Item = Wire>) -> Connection {
    let wires: VecDeque<Wire> = wires.into_iter().collect();
    let wires = Arc::new(Mutex::new(wires));
    let opener = Opener::custom(move |_| {
        let wire = wires.lock().unwrap().pop_front();
        async move { wire.ok_or_else(|| io::Error::other("switched off")) }
    });
    Connection::new(opener, somewhere())
}

fn identify(seed: u8) -> Box<dyn Dialogue> {
    dialogue(Operation::Identify, Isl::P, Settings::default(), seed)
}

fn is_known(talked: &Talked) -> bool {
    matches!(&talked.result, Ok(Outcome { answer: Answer::Device(device), .. }) if device.serial == "DT279013")
}

/// Does one thing after the other, whatever it hears, and tells what it heard.
struct Script {
    steps: VecDeque<Step>,
    heard: mpsc::UnboundedSender<String>,
}

impl Dialogue for Script {
    fn next(&mut self, heard: Heard<'_>) -> Step {
        let text = match heard {
            Heard::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            other => format!("{other:?}"),
        };
        self.heard.send(text).unwrap();
        self.steps.pop_front().unwrap_or_else(|| {
            let outcome = Outcome {
                answer: Answer::Done,
                messages: daybook_printers::device::Messages::default(),
            };
            Step::Done(Box::new(Ok(outcome)))
        })
    }
}

fn script<const N: usize>(
    steps: [Step; N],
) -> (Box<dyn Dialogue>, mpsc::UnboundedReceiver<String>) {
    let (heard, told) = mpsc::unbounded_channel();
    let steps = VecDeque::from(steps);
    (Box::new(Script { steps, heard }), told)
}

const SECOND: Duration = Duration::from_secs(1);

fn say(text: &str) -> Step {
    Step::Send {
        bytes: text.as_bytes().to_vec(),
        patience: SECOND,
    }
}

fn listen() -> Step {
    Step::Listen { patience: SECOND }
}

fn all(mut told: mpsc::UnboundedReceiver<String>) -> Vec<String> {
    std::iter::from_fn(|| told.try_recv().ok()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_said_is_recorded_in_turns() {
    let device = shared(IslDevice::new(Isl::P));
    let (wire, other) = memory();
    tokio::spawn(serve(Arc::clone(&device), other));
    let mut connection = connection([wire]);
    let talked = hold(&mut connection, identify(0)).await;
    assert!(is_known(&talked), "{:?}", talked.result);
    assert_eq!((talked.left_out, talked.trouble), (0, None));
    let directions: Vec<Direction> = talked.frames.iter().map(|one| one.direction).collect();
    assert_eq!(directions, [Direction::Sent, Direction::Received].repeat(3));
    for frame in &talked.frames {
        assert_eq!(frame.bytes.first(), Some(&0x01));
        assert_eq!(frame.bytes.last(), Some(&0x03));
    }
    assert_untouched(&device.lock().unwrap().till);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_that_was_closed_is_opened_again_without_a_loss() {
    let device = shared(IslDevice::new(Isl::P));
    let (first, other) = memory();
    let served = tokio::spawn(serve(Arc::clone(&device), other));
    let (second, other) = memory();
    tokio::spawn(serve(device, other));
    let mut connection = connection([first, second]);
    assert!(is_known(&hold(&mut connection, identify(0)).await));
    assert!(connection.is_open());
    served.abort();
    served.await.unwrap_err();
    let talked = hold(&mut connection, identify(50)).await;
    assert!(is_known(&talked), "{:?}", talked.result);
    assert_eq!((talked.trouble, talked.frames.len()), (None, 6));
}

#[tokio::test]
async fn a_tcp_device_that_closes_idle_connections_loses_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let host = "127.0.0.1".to_owned();
    let mut connection = Connection::new(Opener::system(None), Transport::Tcp { host, port });
    let device = shared(IslDevice::new(Isl::P));
    for seed in [0, 20, 40, 60] {
        let talking = hold(&mut connection, identify(seed));
        let (talked, accepted) = tokio::join!(talking, async {
            let (stream, _) = listener.accept().await.unwrap();
            let served = tokio::spawn(serve(Arc::clone(&device), stream));
            (served,)
        });
        let (stream,) = accepted;
        assert!(is_known(&talked), "{:?}", talked.result);
        assert_eq!((talked.trouble, talked.frames.len()), (None, 6));
        stream.abort();
        stream.await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn silence_is_told_when_the_patience_is_over() {
    let (wire, _other) = memory();
    let (dialogue, told) = script([say("a"), listen(), listen()]);
    let began = Instant::now();
    let talked = hold(&mut connection([wire]), dialogue).await;
    assert_eq!(all(told), ["Nothing", "Silence", "Silence", "Silence"]);
    assert_eq!(began.elapsed(), 3 * SECOND);
    assert_eq!(talked.trouble, None);
}

#[tokio::test(start_paused = true)]
async fn a_wire_that_cannot_be_opened_is_lost_each_time() {
    let (dialogue, told) = script([say("a"), say("b")]);
    let talked = hold(&mut connection([]), dialogue).await;
    assert_eq!(all(told), ["Nothing", "Lost", "Lost"]);
    assert_eq!(talked.frames, []);
    assert_eq!(talked.trouble.as_deref(), Some("switched off"));
}

#[tokio::test(start_paused = true)]
async fn a_wire_that_breaks_is_lost_and_opened_for_the_next_time() {
    let (first, other) = memory();
    drop(other);
    let (second, mut other) = memory();
    let mut connection = connection([first, second]);
    // The first wire is fresh and dead: that is a loss, not an idle connection.
    let (dialogue, told) = script([say("a"), listen(), say("b")]);
    let began = Instant::now();
    let answer = async {
        let mut heard = [0; 1];
        tokio::io::AsyncReadExt::read_exact(&mut other, &mut heard)
            .await
            .unwrap();
        assert_eq!(&heard, b"b");
        other.write_all(b"fine").await.unwrap();
    };
    let (talked, ()) = tokio::join!(hold(&mut connection, dialogue), answer);
    assert_eq!(all(told), ["Nothing", "Lost", "Silence", "fine"]);
    // Listening where there is no wire takes its time.
    assert_eq!(began.elapsed(), SECOND);
    let said: Vec<&[u8]> = talked.frames.iter().map(|one| &one.bytes[..]).collect();
    assert_eq!(said, [b"b".as_slice(), b"fine"]);
    assert!(connection.is_open());
}

/// Holds the device's end of a wire and cuts it when it has heard so much.
struct Cutting {
    script: Box<dyn Dialogue>,
    left: usize,
    other: Option<tokio::io::DuplexStream>,
}

impl Dialogue for Cutting {
    fn next(&mut self, heard: Heard<'_>) -> Step {
        if self.left == 0 {
            self.other = None;
        }
        self.left = self.left.saturating_sub(1);
        self.script.next(heard)
    }
}

#[tokio::test(start_paused = true)]
async fn a_wire_that_closes_before_an_answer_is_never_opened_in_silence() {
    for (left, lost) in [(0, false), (1, true)] {
        let (first, other) = memory();
        let (second, _kept) = memory();
        let (script, told) = script([say("sell"), say("sell")]);
        let other = Some(other);
        let cutting = Cutting {
            script,
            left,
            other,
        };
        let mut connection = connection([second]);
        connection.wire = Some(first);
        let talked = hold(&mut connection, Box::new(cutting)).await;
        let second = if lost { "Lost" } else { "Silence" };
        assert_eq!(all(told), ["Nothing", "Silence", second], "{left}");
        assert_eq!(talked.trouble.is_some(), lost);
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_does_not_stop_talking_is_given_up() {
    let settings = Settings::default;
    let zfp = |seed| {
        let (operation, first) = (Operation::Identify, Generation::First);
        zfp::dialogue(operation, first, settings(), seed)
    };
    let icp = icp::dialogue(Operation::Identify, settings());
    for (name, dialogue) in [("isl", identify(1)), ("zfp", zfp(1)), ("icp", icp)] {
        let opener = Opener::custom(|_| async {
            let (wire, other) = memory();
            tokio::spawn(babble(other, b"@\x01P\x02A\x05"));
            Ok(wire)
        });
        let mut connection = Connection::new(opener, somewhere());
        let began = Instant::now();
        let talked = hold(&mut connection, dialogue).await;
        assert!(talked.result.is_err(), "{name}");
        assert!(
            began.elapsed() < 2 * LONGEST,
            "{name}: {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_endless_answer_is_given_up_too() {
    let (wire, mut other) = memory();
    let drips = async move {
        while other.write_all(b"\x16").await.is_ok() {
            sleep(SECOND / 2).await;
        }
    };
    tokio::spawn(drips);
    let steps: Vec<Step> = std::iter::once(say("a"))
        .chain(std::iter::repeat_n(listen(), 1000))
        .collect();
    let (heard, told) = mpsc::unbounded_channel();
    let steps = steps.into();
    let dialogue = Box::new(Script { steps, heard });
    let talked = hold(&mut connection([wire]), dialogue).await;
    let told = all(told);
    let lost = told.iter().position(|one| one == "Lost").unwrap();
    assert!((300..400).contains(&lost), "{lost}");
    let text = "the printer does not stop talking";
    assert_eq!(talked.trouble.as_deref(), Some(text));
}

#[tokio::test(start_paused = true)]
async fn a_record_is_bounded() {
    let (wire, other) = memory();
    tokio::spawn(serve(shared(Growl(&[0x2E; 1024])), other));
    let steps: VecDeque<Step> = std::iter::repeat_n(say(&"x".repeat(1024)), 200).collect();
    let (heard, _told) = mpsc::unbounded_channel();
    let talked = hold(&mut connection([wire]), Box::new(Script { steps, heard })).await;
    let kept: usize = talked.frames.iter().map(|frame| frame.bytes.len()).sum();
    assert_eq!(kept, MOST_RECORDED);
    assert!(talked.left_out > 100 * 1024, "{}", talked.left_out);
}
