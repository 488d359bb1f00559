//! The simulated device behind its lock, and how bytes pass between it and whoever is connected.

use super::script::{Act, Gate};
use daybook_printers::simulator::paper::Simulated;
use daybook_printers::simulator::sheet::Sheet;
use daybook_printers::simulator::wire::Device;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Read, Write};
use std::mem::take;
use std::net::{Shutdown, TcpStream};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;

/// How a step over a connection ends: `Break` when it must be closed.
pub(super) type Flow = ControlFlow<()>;

/// What all connections share.
pub(super) struct Shared(Mutex<State>);

pub(super) struct State {
    pub(super) device: Simulated,
    pub(super) muted: bool,
    /// The next command that brings a document breaks the connection instead of being answered.
    pub(super) crash: bool,
    /// How many bytes have passed.
    pub(super) carried: u64,
    /// Since when the device's clock has not been moved; `None` while it stands still.
    pub(super) ticked: Option<Instant>,
    acts: BTreeMap<u64, Vec<Act>>,
    corrupted: BTreeSet<u64>,
    stopped: bool,
    paused: Option<Arc<Gate>>,
    client: Option<TcpStream>,
    reported: usize,
    sheets: UnboundedSender<Sheet>,
}

impl State {
    /// Moves the device's clock to now.
    fn tick(&mut self) {
        let Some(ticked) = &mut self.ticked else {
            return;
        };
        let seconds = ticked.elapsed().as_secs();
        *ticked += Duration::from_secs(seconds);
        self.device
            .pass_seconds(i64::try_from(seconds).unwrap_or_default());
    }

    /// Reports what came out; returns whether anything did.
    fn report(&mut self) -> bool {
        let new = self.device.documents().get(self.reported..);
        let new = new.unwrap_or_default().to_vec();
        self.reported += new.len();
        let any = !new.is_empty();
        for sheet in new {
            // Nobody has to listen.
            self.sheets.send(sheet).ok();
        }
        any
    }
}

impl Shared {
    pub(super) fn new(device: Simulated, sheets: UnboundedSender<Sheet>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            reported: device.documents().len(),
            device,
            muted: false,
            crash: false,
            carried: 0,
            ticked: None,
            acts: BTreeMap::new(),
            corrupted: BTreeSet::new(),
            stopped: false,
            paused: None,
            client: None,
            sheets,
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the device, or changes it; what came out of it is reported.
    pub(super) fn device<T>(&self, look: impl FnOnce(&mut Simulated) -> T) -> T {
        let mut state = self.lock();
        state.tick();
        let seen = look(&mut state.device);
        state.report();
        seen
    }

    pub(super) fn script(&self, at: u64, act: Act) {
        let mut state = self.lock();
        match act {
            Act::Corrupt => drop(state.corrupted.insert(at)),
            act => state.acts.entry(at).or_default().push(act),
        }
    }

    /// Ends every connection, and lets none begin.
    pub(super) fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        state.acts.clear();
        if let Some(gate) = state.paused.take() {
            gate.open();
        }
        if let Some(client) = state.client.take() {
            client.shutdown(Shutdown::Both).ok();
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Remembers whom to disconnect at the end. `Break` when that has come.
    pub(super) fn welcome(&self, client: TcpStream) -> Flow {
        let mut state = self.lock();
        if state.stopped {
            return Flow::Break(());
        }
        state.client = Some(client);
        Flow::Continue(())
    }

    /// Serves one connection until it ends.
    pub(super) fn serve(&self, stream: &mut (impl Read + Write)) {
        let mut buffer = [0; 1024];
        while self.act().is_continue() {
            let bytes = match stream.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => buffer.get_mut(..length).unwrap_or_default(),
                Err(error) if is_moment(error.kind()) => continue,
                Err(_) => return,
            };
            if self.pass(bytes, stream).is_break() {
                return;
            }
        }
    }

    fn pass(&self, mut bytes: &mut [u8], stream: &mut impl Write) -> Flow {
        while !bytes.is_empty() {
            self.act()?;
            let passed = self.carry(bytes);
            let (part, rest) = take(&mut bytes).split_at_mut(passed);
            let answer = self.hear(part)?;
            self.act()?;
            self.say(answer, stream)?;
            bytes = rest;
        }
        Flow::Continue(())
    }

    /// Documents are reported before the answer is sent: what was answered is on paper.
    fn hear(&self, bytes: &[u8]) -> ControlFlow<(), Vec<u8>> {
        let mut state = self.lock();
        state.tick();
        let answer = state.device.hear(bytes);
        if state.report() && take(&mut state.crash) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(answer)
    }

    fn say(&self, mut answer: Vec<u8>, stream: &mut impl Write) -> Flow {
        let mut rest = answer.as_mut_slice();
        while !rest.is_empty() && !self.lock().muted {
            let passed = self.carry(rest);
            let (part, behind) = take(&mut rest).split_at_mut(passed);
            match stream.write_all(part) {
                Ok(()) => {}
                // Nobody reads a serial line: what does not fit is lost.
                Err(error) if is_moment(error.kind()) => {}
                Err(_) => return Flow::Break(()),
            }
            self.act()?;
            rest = behind;
        }
        Flow::Continue(())
    }

    /// Counts the bytes that pass up to the next act, damaged as planned; returns how many.
    fn carry(&self, bytes: &mut [u8]) -> usize {
        let mut state = self.lock();
        let from = state.carried;
        let next = state.acts.range(from + 1..).next().map(|(at, _)| at - from);
        let left = next.and_then(|left| usize::try_from(left).ok());
        let passed = left.map_or(bytes.len(), |left| left.min(bytes.len()));
        for (byte, at) in bytes.iter_mut().take(passed).zip(from..) {
            if state.corrupted.remove(&at) {
                *byte ^= 0x04;
            }
            state.carried = at + 1;
        }
        passed
    }

    /// Does what is planned for this moment.
    fn act(&self) -> Flow {
        loop {
            let mut state = self.lock();
            if state.stopped {
                return Flow::Break(());
            }
            let carried = state.carried;
            let Some(mut due) = state.acts.first_entry().filter(|due| *due.key() <= carried) else {
                return Flow::Continue(());
            };
            if due.get().is_empty() {
                due.remove();
                continue;
            }
            match due.get_mut().remove(0) {
                Act::Close => return Flow::Break(()),
                Act::Mute => state.muted = true,
                Act::Corrupt => {}
                Act::Pause(gate) => {
                    state.paused = Some(gate.clone());
                    drop(state);
                    gate.pass();
                    self.lock().paused = None;
                }
                Act::Call(call) => {
                    drop(state);
                    call();
                }
            }
        }
    }
}

/// Whether a wire only had nothing to carry for a while.
fn is_moment(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted
    )
}
