//! What a test lets happen at an exact byte.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use tokio::sync::watch;

/// What happens at a byte. Bytes are counted from 0, over all connections, both directions
/// together. It happens after so many bytes have passed and before the next one does; a byte that
/// the device would have sent then waits for it.
pub enum Act {
    /// The connection is closed. A serial line is unplugged and plugged in again.
    Close,
    /// The device says nothing any more until it is told to. It still does what it hears.
    Mute,
    /// One bit of the next byte is flipped, whoever sends it.
    Corrupt,
    /// Everything waits at the gate.
    Pause(Arc<Gate>),
    /// Somebody is called, on the thread that serves the connection; no lock is held.
    Call(Box<dyn FnOnce() + Send>),
}

/// Where a connection waits until it is let through.
#[derive(Debug)]
pub struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
    reached: watch::Sender<bool>,
}

impl Gate {
    /// A gate that is shut.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            open: Mutex::new(false),
            opened: Condvar::new(),
            reached: watch::Sender::new(false),
        })
    }

    /// Waits until the connection stands at the gate.
    pub async fn reached(&self) {
        let mut reached = self.reached.subscribe();
        // The sender lives as long as the gate.
        reached.wait_for(|reached| *reached).await.ok();
    }

    /// Lets the connection through, now or when it comes.
    pub fn open(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.opened.notify_all();
    }

    /// Waits at the gate.
    pub(super) fn pass(&self) {
        self.reached.send_replace(true);
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.opened.wait_while(open, |open| !*open));
    }
}
