//! Simulated printers that can be reached: over TCP, or over a pseudoterminal that looks like a
//! serial port. For trying, for demonstrations, and for tests that need a device which fails at
//! exactly the wrong byte.
//!
//! What a device says and prints is decided in [`daybook_printers::simulator`]; here are the wires,
//! the [`script`] of what goes wrong on them, and what becomes of the paper ([`svg`], [`journal`]).

pub mod journal;
mod pty;
pub mod script;
mod state;
pub mod svg;
mod tcp;
#[cfg(test)]
mod tests;

pub use script::{Act, Gate};

use daybook_printers::simulator::paper::Simulated;
use daybook_printers::simulator::sheet::Sheet;
use jiff::civil::DateTime;
use state::Shared;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A simulated device that can be reached. Every connection ends when this is dropped.
pub struct Simulator {
    shared: Arc<Shared>,
    serving: Vec<Serving>,
}

/// A thread that serves, and where it waits for clients.
struct Serving {
    thread: JoinHandle<()>,
    address: Option<SocketAddr>,
}

impl Simulator {
    /// A device that nobody can reach yet, and the documents that will come out of it. A document is
    /// there before the command that finished it is answered.
    #[must_use]
    pub fn new(device: Simulated) -> (Self, UnboundedReceiver<Sheet>) {
        let (sheets, received) = unbounded_channel();
        let simulator = Self {
            shared: Shared::new(device, sheets),
            serving: Vec::new(),
        };
        (simulator, received)
    }

    /// Serves clients of this listener, one at a time: the next is heard when the one before it has
    /// gone or died. Returns where it listens.
    ///
    /// # Errors
    /// When the system gives no thread, or does not say where it listens.
    pub fn serve_tcp(&mut self, listener: TcpListener) -> io::Result<SocketAddr> {
        let address = listener.local_addr()?;
        let thread = tcp::serve(self.shared.clone(), listener)?;
        self.serving.push(Serving {
            thread,
            address: Some(address),
        });
        Ok(address)
    }

    /// Serves a serial line. `link` leads to the port for clients; it is removed at the end.
    ///
    /// # Errors
    /// When the system gives no pseudoterminal, or something else stands at `link`. A link that leads
    /// nowhere, as a killed simulator leaves it, is replaced.
    pub fn serve_pty(&mut self, link: &Path) -> io::Result<()> {
        let thread = pty::serve(self.shared.clone(), link.to_owned())?;
        self.serving.push(Serving {
            thread,
            address: None,
        });
        Ok(())
    }

    /// Looks at the device, or changes it. What it prints meanwhile is reported.
    pub fn device<T>(&self, look: impl FnOnce(&mut Simulated) -> T) -> T {
        self.shared.device(look)
    }

    /// The documents that came out so far.
    #[must_use]
    pub fn documents(&self) -> Vec<Sheet> {
        self.device(|device| device.documents().to_vec())
    }

    /// Sets the device's clock and lets it run. Without that it stands still.
    pub fn start_clock(&self, time: DateTime) {
        let mut state = self.shared.lock();
        state.device.set_clock(time);
        state.ticked = Some(Instant::now());
    }

    /// Plans that something happens at a byte: see [`Act`]. What is planned for a byte that has
    /// passed happens before the next one.
    pub fn script(&self, at: u64, act: Act) {
        self.shared.script(at, act);
    }

    /// How many bytes have passed, over all connections, both directions together.
    #[must_use]
    pub fn carried(&self) -> u64 {
        self.shared.lock().carried
    }

    /// Says nothing any more, or speaks again. A device that is mute still does what it hears.
    pub fn set_mute(&self, mute: bool) {
        self.shared.lock().muted = mute;
    }

    /// The next command that brings a document is carried out, and the connection breaks instead of
    /// an answer.
    pub fn crash_after_commit(&self) {
        self.shared.lock().crash = true;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.shared.stop();
        for serving in self.serving.drain(..) {
            if let Some(address) = serving.address {
                tcp::wake(address);
            }
            // Somebody who is called from that thread may drop the simulator.
            if serving.thread.thread().id() != std::thread::current().id() {
                serving.thread.join().ok();
            }
        }
    }
}
