//! Serial ports, each one end of a pseudo terminal.

use super::*;
use serialport::TTYPort;
use std::io::{Read as _, Write as _};

/// The device's end, the host's end held open so that the device's does not hang up, and its name.
fn pair() -> (TTYPort, TTYPort, String) {
    let (device, host) = TTYPort::pair().unwrap();
    let name = host.name().unwrap();
    (device, host, name)
}

fn refusal(opened: io::Result<Serial>) -> io::Error {
    match opened {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn bytes_go_both_ways() {
    let (mut device, _host, name) = pair();
    device.set_timeout(Duration::from_secs(30)).unwrap();
    let mut serial = Serial::open(&Leases::default(), &name, 9600).await.unwrap();
    assert_eq!(serial.write(b"\x01ask\x03").await.unwrap(), 5);
    let mut heard = [0; 5];
    device.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"\x01ask\x03");
    device.write_all(b"\x16\x00\x11\x13\xFFanswer\r\n").unwrap();
    let mut answer = Vec::new();
    while answer.len() < 13 {
        answer.extend(serial.read().await.unwrap());
    }
    assert_eq!(answer, b"\x16\x00\x11\x13\xFFanswer\r\n");
}

#[tokio::test]
async fn a_document_is_written_in_chunks() {
    let (mut device, _host, name) = pair();
    device.set_timeout(Duration::from_secs(30)).unwrap();
    let mut serial = Serial::open(&Leases::default(), &name, 115_200)
        .await
        .unwrap();
    let document: Vec<u8> = (0..=255).cycle().take(20_000).collect();
    let reader = std::thread::spawn(move || {
        let mut taken = vec![0; 20_000];
        device.read_exact(&mut taken).unwrap();
        taken
    });
    let mut rest = document.as_slice();
    while !rest.is_empty() {
        let taken = serial.write(rest).await.unwrap();
        assert!((1..=CHUNK).contains(&taken));
        rest = &rest[taken..];
    }
    assert_eq!(reader.join().unwrap(), document);
}

#[tokio::test]
async fn old_input_is_forgotten() {
    let (mut device, _host, name) = pair();
    let mut serial = Serial::open(&Leases::default(), &name, 9600).await.unwrap();
    device.write_all(b"late").unwrap();
    while serial.arrived.is_empty() {
        tokio::task::yield_now().await;
    }
    serial.forget().await.unwrap();
    device.write_all(b"new").unwrap();
    assert_eq!(serial.read().await.unwrap(), b"new");
}

#[tokio::test]
async fn a_port_that_was_let_go_can_be_opened_at_once() {
    let (mut device, host, name) = pair();
    let leases = Leases::default();
    for baud in [115_200, 38_400, 9600] {
        let mut serial = Serial::open(&leases, &name, baud).await.unwrap();
        assert_eq!(host.baud_rate().unwrap(), baud);
        device.write_all(b"x").unwrap();
        assert_eq!(serial.read().await.unwrap(), b"x");
    }
}

#[tokio::test(start_paused = true)]
async fn a_port_has_one_reader_under_all_its_names() {
    let (_device, _host, name) = pair();
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("by-path:0");
    std::os::unix::fs::symlink(&name, &link).unwrap();
    let link = link.to_str().unwrap();
    let leases = Leases::default();
    let first = Serial::open(&leases, &name, 9600).await.unwrap();
    let error = refusal(Serial::open(&leases.clone(), link, 9600).await);
    let text = format!("The serial port {link} is in use by another printer of this server");
    assert_eq!(error.to_string(), text);
    drop(first);
}

#[tokio::test]
async fn a_port_that_cannot_be_opened_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let port = directory.path().join("ttyUSB7");
    let port = port.to_str().unwrap();
    let error = refusal(Serial::open(&Leases::default(), port, 19_200).await);
    let text = error.to_string();
    let begin = format!("The serial port {port} cannot be opened at 19200 baud: ");
    assert!(
        text.starts_with(&begin) && text.len() > begin.len(),
        "{text}"
    );
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[tokio::test]
async fn a_port_that_is_unplugged_is_an_error() {
    let (device, host, name) = pair();
    let mut serial = Serial::open(&Leases::default(), &name, 9600).await.unwrap();
    drop((device, host));
    serial.read().await.unwrap_err();
    serial.forget().await.unwrap_err();
    serial.read().await.unwrap_err();
}
