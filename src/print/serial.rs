//! A serial port on two threads of its own: one reads as bytes come, one writes.
//!
//! Serial ports block. Behind channels they look like any other stream, and dropping [`Serial`] ends
//! both threads. A port has one reader at a time: whoever opens a port that was let go a moment ago
//! waits until its old reader is gone, which would else steal the first answer.

#[cfg(test)]
mod tests;

use serialport::{ClearBuffer, DataBits, FlowControl, Parity, SerialPort, StopBits};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc as threads};
use std::time::Duration;
use tokio::sync::{OwnedMutexGuard, mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How long the reader waits for a byte before it looks whether anybody still listens.
const SLICE: Duration = Duration::from_millis(20);
/// How long the writer waits until the port takes a byte.
const WRITE: Duration = Duration::from_secs(10);
/// How long whoever opens a port waits for another printer of this server to let go of it.
const LEASE: Duration = Duration::from_secs(4);
/// The most that is written at once: a quarter of a second at 9600 bits a second.
const CHUNK: usize = 256;
/// How many portions wait for a listener before the port has to.
const PORTIONS: usize = 256;

/// Which ports are open. Clones share it.
#[derive(Clone, Default)]
pub struct Leases(Arc<Mutex<BTreeMap<PathBuf, Arc<Lock>>>>);

type Lock = tokio::sync::Mutex<()>;
/// Held by both threads of a port.
type Lease = Arc<OwnedMutexGuard<()>>;

impl Leases {
    /// Waits until nobody has the port.
    async fn take(&self, port: &str) -> io::Result<Lease> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(resolved(port)).or_default())
        };
        let Ok(guard) = timeout(LEASE, lock.lock_owned()).await else {
            let text =
                format!("The serial port {port} is in use by another printer of this server");
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, text));
        };
        Ok(Arc::new(guard))
    }
}

/// The same port may have several names: those that tell where it is plugged in are links.
pub(super) fn resolved(port: &str) -> PathBuf {
    std::fs::canonicalize(port).unwrap_or_else(|_| PathBuf::from(port))
}

/// An open serial port.
pub struct Serial {
    orders: threads::Sender<Order>,
    arrived: mpsc::Receiver<io::Result<Vec<u8>>>,
}

/// What the writer does, and where it tells how many bytes it wrote.
struct Order {
    task: Task,
    done: oneshot::Sender<io::Result<usize>>,
}

enum Task {
    /// Drop what arrived unread.
    Forget,
    Write(Vec<u8>),
}

impl Serial {
    /// Opens a port: 8 data bits, no parity, one stop bit, no flow control.
    ///
    /// # Errors
    /// When it cannot be opened at that speed, or another printer of this server keeps it.
    pub async fn open(leases: &Leases, port: &str, baud: u32) -> io::Result<Self> {
        let lease = leases.take(port).await?;
        let name = port.to_owned();
        let failed = |error: io::Error| {
            let text = format!("The serial port {port} cannot be opened at {baud} baud: {error}");
            io::Error::new(error.kind(), text)
        };
        let opening = spawn_blocking(move || start(&name, baud, lease));
        opening.await?.map_err(failed)
    }

    /// Drops what arrived unread.
    ///
    /// # Errors
    /// When the port is gone.
    pub async fn forget(&mut self) -> io::Result<()> {
        self.order(Task::Forget).await?;
        loop {
            match self.arrived.try_recv() {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(error),
                Err(mpsc::error::TryRecvError::Empty) => return Ok(()),
                Err(mpsc::error::TryRecvError::Disconnected) => return Err(gone()),
            }
        }
    }

    /// Writes some of the bytes and tells how many.
    ///
    /// # Errors
    /// When the port is gone or takes nothing.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let chunk = bytes.get(..CHUNK).unwrap_or(bytes);
        self.order(Task::Write(chunk.to_vec())).await
    }

    /// What arrives next.
    ///
    /// # Errors
    /// When the port is gone.
    pub async fn read(&mut self) -> io::Result<Vec<u8>> {
        self.arrived.recv().await.unwrap_or_else(|| Err(gone()))
    }

    async fn order(&self, task: Task) -> io::Result<usize> {
        let (done, told) = oneshot::channel();
        let order = Order { task, done };
        self.orders.send(order).map_err(|_| gone())?;
        told.await.unwrap_or_else(|_| Err(gone()))
    }
}

fn gone() -> io::Error {
    let text = "the serial port is gone: is the printer still plugged in?";
    io::Error::new(io::ErrorKind::BrokenPipe, text)
}

fn start(name: &str, baud: u32, lease: Lease) -> io::Result<Serial> {
    let mut reading = serialport::new(name, baud)
        .data_bits(DataBits::Eight)
        .parity(Parity::None)
        .stop_bits(StopBits::One)
        .flow_control(FlowControl::None)
        .timeout(SLICE)
        .open()?;
    // Some devices speak only while these are set; some ports do not have them.
    for set in [
        reading.write_data_terminal_ready(true),
        reading.write_request_to_send(true),
    ] {
        if let Err(error) = set {
            tracing::trace!(port = name, %error, "a line of the serial port cannot be set");
        }
    }
    let mut writing = reading.try_clone()?;
    writing.set_timeout(WRITE)?;
    let (orders, ordered) = threads::channel();
    let (deliver, arrived) = mpsc::channel(PORTIONS);
    let kept = Arc::clone(&lease);
    thread("serial read", move || {
        read(&mut *reading, &deliver);
        drop((reading, kept));
    })?;
    thread("serial write", move || {
        write(&mut *writing, &ordered);
        drop((writing, lease));
    })?;
    Ok(Serial { orders, arrived })
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(run).map(drop)
}

/// Delivers what arrives until nobody listens or the port is gone.
fn read(port: &mut dyn SerialPort, deliver: &mpsc::Sender<io::Result<Vec<u8>>>) {
    let mut bytes = [0; 512];
    while !deliver.is_closed() {
        let read = match port.read(&mut bytes) {
            Ok(0) => Err(gone()),
            Ok(count) => Ok(bytes.iter().take(count).copied().collect()),
            Err(error) => match error.kind() {
                io::ErrorKind::TimedOut | io::ErrorKind::Interrupted => continue,
                _ => Err(error),
            },
        };
        let is_over = read.is_err();
        if deliver.blocking_send(read).is_err() || is_over {
            return;
        }
    }
}

/// Does what is ordered until nobody orders. Whoever gave an order may have given up waiting.
fn write(port: &mut dyn SerialPort, ordered: &threads::Receiver<Order>) {
    for Order { task, done } in ordered {
        let result = match task {
            Task::Forget => match port.clear(ClearBuffer::Input) {
                Ok(()) => Ok(0),
                Err(error) => Err(error.into()),
            },
            Task::Write(bytes) => port.write(&bytes),
        };
        if done.send(result).is_err() {
            tracing::debug!("nobody waits any longer for what a serial port wrote");
        }
    }
}
