//! Wires of every kind.

use super::*;
use crate::print::rig::memory;
use tokio::net::TcpListener;
use tokio::time::Instant;

fn after(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[tokio::test(start_paused = true)]
async fn silence_and_a_closed_wire_are_told_apart() {
    let (mut wire, mut other) = memory();
    let began = Instant::now();
    assert_eq!(wire.hear(after(0.8)).await.unwrap(), None);
    assert_eq!(began.elapsed(), after(0.8));
    other.write_all(b"\x16").await.unwrap();
    assert_eq!(wire.hear(after(0.8)).await.unwrap().unwrap(), b"\x16");
    drop(other);
    let lost = wire.hear(after(0.8)).await.unwrap_err();
    assert_eq!(lost.kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test(start_paused = true)]
async fn what_arrived_unread_is_dropped_before_something_is_sent() {
    let (mut wire, mut other) = memory();
    other.write_all(b"late answer").await.unwrap();
    wire.send(b"ask").await.unwrap();
    let mut heard = [0; 3];
    other.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"ask");
    other.write_all(b"answer").await.unwrap();
    assert_eq!(wire.hear(after(0.8)).await.unwrap().unwrap(), b"answer");
}

#[tokio::test(start_paused = true)]
async fn a_closed_wire_is_noticed_before_anything_is_sent() {
    let (mut wire, other) = memory();
    drop(other);
    let unsent = wire.send(b"ask").await.unwrap_err();
    assert!(!unsent.begun);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_takes_nothing_is_given_up() {
    for (bytes, seconds) in [(1000, 0.8), (5000, 10.0)] {
        let (ours, _theirs) = tokio::io::duplex(16);
        let mut wire = Wire::stream(ours);
        let began = Instant::now();
        let unsent = wire.send(&vec![0x20; bytes]).await.unwrap_err();
        assert!(unsent.begun, "{bytes} bytes");
        assert_eq!(unsent.cause.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed(), after(seconds), "{bytes} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_takes_a_document_slowly_gets_all_of_it() {
    let (ours, mut theirs) = tokio::io::duplex(16);
    let mut wire = Wire::stream(ours);
    let document = vec![0x2E; 5000];
    let slow = async {
        let mut taken = Vec::new();
        while taken.len() < 5000 {
            tokio::time::sleep(after(0.5)).await;
            let mut bytes = [0; 16];
            let count = theirs.read(&mut bytes).await.unwrap();
            taken.extend_from_slice(&bytes[..count]);
        }
        taken
    };
    let (sent, taken) = tokio::join!(wire.send(&document), slow);
    sent.unwrap();
    assert_eq!(taken, document);
}

#[tokio::test]
async fn tcp_carries_bytes_both_ways_and_tells_when_it_is_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let host = "127.0.0.1".to_owned();
    let opener = Opener::system(None);
    let mut wire = opener.open(&Transport::Tcp { host, port }).await.unwrap();
    let (mut device, _) = listener.accept().await.unwrap();
    wire.send(b"ask").await.unwrap();
    let mut heard = [0; 3];
    device.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"ask");
    device.write_all(b"answer").await.unwrap();
    let mut answer = Vec::new();
    while answer.len() < 6 {
        answer.extend(wire.hear(after(30.0)).await.unwrap().unwrap());
    }
    assert_eq!(answer, b"answer");
    drop(device);
    assert!(wire.hear(after(30.0)).await.is_err());
}

#[tokio::test]
async fn nobody_at_an_address_is_told_with_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let Err(error) = Wire::tcp("127.0.0.1", port).await else {
        panic!("nobody listens");
    };
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("127.0.0.1 port {port} cannot be reached: ")),
        "{text}"
    );
}

#[tokio::test]
async fn a_capture_keeps_what_is_sent_behind_what_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let captures = directory.path().join("prints");
    let opener = Opener::system(Some(captures.clone()));
    for part in ["first ", "second"] {
        let name = "kitchen.bin".to_owned();
        let mut wire = opener.open(&Transport::Capture { name }).await.unwrap();
        wire.send(part.as_bytes()).await.unwrap();
        assert_eq!(wire.hear(after(0.01)).await.unwrap(), None);
    }
    let kept = std::fs::read(captures.join("kitchen.bin")).unwrap();
    assert_eq!(kept, b"first second");
}

#[tokio::test]
async fn a_capture_goes_nowhere_but_into_its_directory() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |captures: Option<&std::path::Path>, name: &'static str| {
        let captures = captures.map(std::path::Path::to_owned);
        async move {
            let opened = Capture::open(captures.as_deref(), name).await;
            opened.err().map(|error| error.to_string()).unwrap()
        }
    };
    let text = refused(None, "kitchen.bin").await;
    assert!(text.contains("`printer_captures`"), "{text}");
    for name in ["", ".", "..", "../x", "/etc/x", "a/b", "a/", "./a"] {
        let text = refused(Some(directory.path()), name).await;
        assert!(text.contains("is no name of a file"), "{name}: {text}");
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}
