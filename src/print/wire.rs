//! A stream of bytes to a device and back: TCP, a serial port, a file that only takes, or memory.

mod capture;
#[cfg(test)]
mod tests;

pub use capture::Capture;

use super::serial::{Leases, Serial};
use daybook_printers::uri::Transport;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a device on the network has to accept a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// A frame of a fiscal device is no longer than this; a document may be.
const SMALL: usize = 1024;
/// How long a device may take no byte of a frame.
const SMALL_LIMIT: Duration = Duration::from_millis(800);
/// How long a device may take no byte of a document: while it prints, its memory is full.
const LARGE_LIMIT: Duration = Duration::from_secs(10);
/// The most that is heard at once.
const PORTION: usize = 4096;
/// How many portions of old input are dropped before a device that never stops is written to anyway.
const OLD_PORTIONS: usize = 64;

/// Anything that carries bytes both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open way to a device.
pub enum Wire {
    /// A TCP connection, or memory in tests.
    Stream(Box<dyn Stream>),
    /// A serial port.
    Serial(Serial),
    /// A file that takes what is sent; nothing ever answers.
    Capture(Capture),
}

/// Why bytes were not sent.
#[derive(Debug)]
pub struct Unsent {
    /// Whether the device may have heard some of them.
    pub begun: bool,
    /// What happened.
    pub cause: io::Error,
}

impl From<Unsent> for io::Error {
    fn from(unsent: Unsent) -> Self {
        unsent.cause
    }
}

impl Wire {
    /// A wire of anything that carries bytes both ways.
    #[must_use]
    pub fn stream(stream: impl Stream + 'static) -> Self {
        Self::Stream(Box::new(stream))
    }

    /// Connects to a device in the network.
    ///
    /// # Errors
    /// When there is none, or it does not answer within three seconds.
    pub async fn tcp(host: &str, port: u16) -> io::Result<Self> {
        let connecting = TcpStream::connect((host, port));
        let Ok(connected) = timeout(CONNECT, connecting).await else {
            let text = format!(
                "{host} port {port} does not answer: is the printer switched on and in the network?"
            );
            return Err(io::Error::new(io::ErrorKind::TimedOut, text));
        };
        let refused = |error: io::Error| {
            let text = format!("{host} port {port} cannot be reached: {error}");
            io::Error::new(error.kind(), text)
        };
        let stream = connected.map_err(refused)?;
        stream.set_nodelay(true)?;
        Ok(Self::stream(stream))
    }

    /// Drops what arrived unread, then writes. A wire that was closed meanwhile is noticed before
    /// anything is written, so that the caller can open it anew.
    ///
    /// # Errors
    /// When the wire broke, or the device takes no byte for too long. The wire is of no more use.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Unsent> {
        let unsent = |begun: bool| move |cause: io::Error| Unsent { begun, cause };
        self.forget().await.map_err(unsent(false))?;
        let limit = if bytes.len() <= SMALL {
            SMALL_LIMIT
        } else {
            LARGE_LIMIT
        };
        let mut rest = bytes;
        while !rest.is_empty() {
            let begun = rest.len() < bytes.len();
            let taken = match timeout(limit, self.write(rest)).await {
                Ok(taken) => taken.map_err(unsent(begun))?,
                Err(_) => return Err(unsent(true)(stuck())),
            };
            match rest.get(taken..) {
                Some(left) if taken > 0 => rest = left,
                _ => return Err(unsent(begun)(closed())),
            }
        }
        if let Self::Stream(stream) = self {
            let flushed = timeout(limit, stream.flush()).await;
            let flushed = flushed.unwrap_or_else(|_| Err(stuck()));
            flushed.map_err(unsent(true))?;
        }
        Ok(())
    }

    /// What the device says next; `None` when it says nothing for as long as `patience`.
    ///
    /// # Errors
    /// When the wire broke or the device closed it.
    pub async fn hear(&mut self, patience: Duration) -> io::Result<Option<Vec<u8>>> {
        match timeout(patience, self.read()).await {
            Ok(heard) => heard.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Drops what arrived unread.
    async fn forget(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(stream) => {
                // Lets the runtime see what the operating system has by now.
                tokio::task::yield_now().await;
                forget(stream)
            }
            Self::Serial(serial) => match timeout(SMALL_LIMIT, serial.forget()).await {
                Ok(forgotten) => forgotten,
                Err(_) => Err(stuck()),
            },
            Self::Capture(_) => Ok(()),
        }
    }

    /// Writes some of the bytes and tells how many.
    async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(stream) => stream.write(bytes).await,
            Self::Serial(serial) => serial.write(bytes).await,
            Self::Capture(capture) => capture.write(bytes).await,
        }
    }

    async fn read(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Stream(stream) => {
                let mut bytes = vec![0; PORTION];
                let count = stream.read(&mut bytes).await?;
                bytes.truncate(count);
                if bytes.is_empty() {
                    return Err(closed());
                }
                Ok(bytes)
            }
            Self::Serial(serial) => serial.read().await,
            Self::Capture(_) => std::future::pending().await,
        }
    }
}

/// Reads what is there without waiting, and notices the end.
fn forget(stream: &mut Box<dyn Stream>) -> io::Result<()> {
    let mut old = vec![0; PORTION];
    for _ in 0..OLD_PORTIONS {
        match stream.read(&mut old).now_or_never() {
            None => return Ok(()),
            Some(Ok(0)) => return Err(closed()),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error),
        }
    }
    Ok(())
}

fn closed() -> io::Error {
    let text = "the printer closed the connection";
    io::Error::new(io::ErrorKind::UnexpectedEof, text)
}

fn stuck() -> io::Error {
    let text = "the printer takes no more data";
    io::Error::new(io::ErrorKind::TimedOut, text)
}

/// How wires are opened. Clones share which serial ports are open, so there is one for a process.
#[derive(Clone)]
pub struct Opener(Arc<How>);

enum How {
    System {
        captures: Option<PathBuf>,
        leases: Leases,
    },
    Custom(Custom),
}

type Custom = Box<dyn Fn(Transport) -> BoxFuture<'static, io::Result<Wire>> + Send + Sync>;

impl Opener {
    /// Real wires; captured output goes to files in a directory.
    #[must_use]
    pub fn system(captures: Option<PathBuf>) -> Self {
        let leases = Leases::default();
        Self(Arc::new(How::System { captures, leases }))
    }

    /// Whatever wires the function opens, for tests.
    #[must_use]
    pub fn custom<F, W>(open: F) -> Self
    where
        F: Fn(Transport) -> W + Send + Sync + 'static,
        W: Future<Output = io::Result<Wire>> + Send + 'static,
    {
        let open = move |transport| open(transport).boxed();
        Self(Arc::new(How::Custom(Box::new(open))))
    }

    /// Opens a wire.
    ///
    /// # Errors
    /// When it cannot be opened; the text says what and why.
    pub async fn open(&self, transport: &Transport) -> io::Result<Wire> {
        let (captures, leases) = match &*self.0 {
            How::Custom(open) => return open(transport.clone()).await,
            How::System { captures, leases } => (captures.as_deref(), leases),
        };
        match transport {
            Transport::Tcp { host, port } => Wire::tcp(host, *port).await,
            Transport::Com { port, baud } => {
                let serial = Serial::open(leases, port, *baud).await?;
                Ok(Wire::Serial(serial))
            }
            Transport::Capture { name } => {
                let capture = Capture::open(captures, name).await?;
                Ok(Wire::Capture(capture))
            }
        }
    }
}
