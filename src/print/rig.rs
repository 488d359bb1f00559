//! Simulated devices behind wires, for the tests of this folder.

use super::wire::{Opener, Stream, Wire};
use daybook_printers::simulator::till::Till;
use daybook_printers::simulator::wire::Device;
use daybook_printers::uri::Transport;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

/// A device that several may look at.
pub(super) type Shared<D> = Arc<Mutex<D>>;

pub(super) fn shared<D>(device: D) -> Shared<D> {
    Arc::new(Mutex::new(device))
}

/// Lets a device answer on a stream until the host closes it.
pub(super) async fn serve<D: Device>(device: Shared<D>, mut stream: impl Stream) {
    let mut bytes = [0; 256];
    while let Ok(count @ 1..) = stream.read(&mut bytes).await {
        let answer = device.lock().unwrap().hear(&bytes[..count]);
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// A wire in memory, and its other end.
pub(super) fn memory() -> (Wire, DuplexStream) {
    let (ours, theirs) = duplex(64 * 1024);
    (Wire::stream(ours), theirs)
}

/// A serial port with a device that understands one speed. At any other it says nothing or, if it
/// `growls`, something that nobody can read.
pub(super) fn at_speed<D>(device: &Shared<D>, speed: u32, growls: &'static [u8]) -> Opener
where
    D: Device + Send + 'static,
{
    let device = Arc::clone(device);
    Opener::custom(move |transport| {
        let device = Arc::clone(&device);
        async move {
            let Transport::Com { baud, .. } = transport else {
                return Err(io::Error::other("no serial port"));
            };
            let (wire, other) = memory();
            if baud == speed {
                tokio::spawn(serve(device, other));
            } else {
                tokio::spawn(serve(shared(Growl(growls)), other));
            }
            Ok(wire)
        }
    })
}

/// Says the same to everything.
pub(super) struct Growl(pub(super) &'static [u8]);

impl Device for Growl {
    fn hear(&mut self, _bytes: &[u8]) -> Vec<u8> {
        self.0.to_vec()
    }
}

/// Fails when anything was printed or begun.
pub(super) fn assert_untouched(till: &Till) {
    assert_eq!(till.printed, Vec::new());
    assert!(!till.is_open(), "a receipt is open");
}

/// Says the same again and again until the host closes the wire.
pub(super) async fn babble(mut stream: impl Stream, text: &'static [u8]) {
    while stream.write_all(text).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
