//! A printer as a node has it: its id, the way to its device, how it is spoken to.

use super::talk::{Connection, Talked, hold};
use super::wire::Opener;
use crate::ledger::command::random_bytes;
use daybook_printers::device::{DeviceInfo, Message, Messages};
use daybook_printers::dialogue::{Answer, Failure, Operation};
use daybook_printers::escpos::layout::Stamp;
use daybook_printers::speak::Manner;
use daybook_printers::uri::{Transport, Uri};
use daybook_schema::LogName;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::MutexGuard;
use tokio::time::{Instant, timeout};

/// How long a question waits for a device that is printing.
const QUESTION_PATIENCE: Duration = Duration::from_secs(25);

/// Who named a printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The catalogue of an instance.
    Catalogue(LogName),
    /// The settings file, or the service API.
    Settings,
    /// Nobody: it was found.
    Detected,
}

/// A printer.
pub struct Station {
    /// Its id.
    pub id: String,
    /// Where it is and what it speaks.
    pub uri: Uri,
    /// How it is spoken to.
    pub manner: Manner,
    /// Who named it.
    pub origin: Origin,
    device: Arc<Device>,
    info: Mutex<Option<Arc<DeviceInfo>>>,
}

/// The device at a URI. Printers that name the same share it, so that there is one conversation at a
/// time.
pub(super) struct Device {
    connection: tokio::sync::Mutex<Connection>,
    /// The task that it was last begun with.
    last: Mutex<Option<(LogName, String)>>,
}

/// All devices that printers use at present.
#[derive(Default)]
pub(super) struct Devices(Mutex<BTreeMap<String, Weak<Device>>>);

impl Devices {
    pub(super) fn at(&self, uri: &Uri, opener: &Opener) -> Arc<Device> {
        let mut devices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        devices.retain(|_, device| device.strong_count() > 0);
        // Two drivers at one address are still one device.
        let address = format!("{:?}", uri.transport);
        if let Some(device) = devices.get(&address).and_then(Weak::upgrade) {
            return device;
        }
        let connection = Connection::new(opener.clone(), uri.transport.clone());
        let device = Arc::new(Device {
            connection: tokio::sync::Mutex::new(connection),
            last: Mutex::default(),
        });
        devices.insert(address, Arc::downgrade(&device));
        device
    }
}

/// A printer that is being spoken to; nobody else speaks to its device meanwhile.
pub(super) struct Session<'a> {
    station: &'a Station,
    connection: MutexGuard<'a, Connection>,
}

impl Station {
    pub(super) fn new(
        (id, origin): (&str, Origin),
        uri: Uri,
        manner: Manner,
        device: Arc<Device>,
    ) -> Self {
        Self {
            id: id.to_owned(),
            uri,
            manner,
            origin,
            device,
            info: Mutex::default(),
        }
    }

    /// Who the device said it is, if it was asked.
    #[must_use]
    pub fn known_info(&self) -> Option<Arc<DeviceInfo>> {
        self.info().clone()
    }

    pub(super) fn learn(&self, info: DeviceInfo) -> Arc<DeviceInfo> {
        let mut info = info;
        if info.serial.is_empty() {
            // What has no number of its own is known by its name.
            info.serial.clone_from(&self.id);
        }
        let info = Arc::new(info);
        *self.info() = Some(info.clone());
        info
    }

    fn info(&self) -> std::sync::MutexGuard<'_, Option<Arc<DeviceInfo>>> {
        self.info.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Speaks to the device as soon as nobody else does.
    pub(super) async fn session(&self) -> Session<'_> {
        Session {
            station: self,
            connection: self.device.connection.lock().await,
        }
    }

    /// The same for a question, which does not wait for long.
    pub(super) async fn question(&self) -> Result<Session<'_>, Messages> {
        let session = timeout(QUESTION_PATIENCE, self.session()).await;
        session.map_err(|_| Message::error("E108", "The printer is busy").into())
    }
}

impl Session<'_> {
    /// Asks for an operation, once.
    pub(super) async fn ask(&mut self, operation: Operation, stamp: Option<Stamp>) -> Talked {
        self.ask_in(&self.station.manner.clone(), operation, stamp)
            .await
    }

    /// The same, spoken to in another manner.
    pub(super) async fn ask_in(
        &mut self,
        manner: &Manner,
        operation: Operation,
        stamp: Option<Stamp>,
    ) -> Talked {
        let [seed] = random_bytes::<1>();
        match manner.dialogue(operation, stamp, seed) {
            Ok(dialogue) => hold(&mut self.connection, dialogue).await,
            Err(message) => Talked {
                result: Err(message.into()),
                frames: Vec::new(),
                left_out: 0,
                trouble: None,
            },
        }
    }

    /// Who the device is. A device that is back after it was gone may be another one, so a closed
    /// connection asks anew.
    pub(super) async fn identify(&mut self) -> Result<Arc<DeviceInfo>, Messages> {
        // What is not fiscal is asked nothing else before it prints: whether it is still there shows
        // only here.
        if self.connection.is_open()
            && let Some(info) = self.station.known_info()
            && info.capabilities.fiscal
        {
            return Ok(info);
        }
        let talked = self.ask(Operation::Identify, None).await;
        match talked.result {
            Ok(outcome) => match outcome.answer {
                Answer::Device(info) => Ok(self.station.learn(*info)),
                _ => Err(Message::error("E107", "The device does not say who it is").into()),
            },
            Err(failure) => {
                let mut messages = failure.messages().clone();
                if let Some(trouble) = talked.trouble {
                    messages.add(Message::info(trouble));
                }
                Err(messages)
            }
        }
    }

    /// Lets go of a serial port, so that other programs may use it between jobs. A connection in the
    /// network stays: opening one takes devices long.
    fn rest(&mut self) {
        if matches!(self.station.uri.transport, Transport::Com { .. }) {
            self.connection.close();
        }
    }

    /// Takes note that a task is begun on the device.
    pub(super) fn begins(&self, log: &LogName, task: &str) {
        *self.last() = Some((log.clone(), task.to_owned()));
    }

    /// Whether another task was begun on the device after this one, perhaps one of another instance:
    /// then its last document says nothing about this one.
    pub(super) fn printed_another(&self, log: &LogName, task: &str) -> bool {
        let last = self.last();
        last.as_ref()
            .is_some_and(|(of, last)| of != log || last != task)
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Option<(LogName, String)>> {
        let last = &self.station.device.last;
        last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the printer is spoken to.
    pub(super) fn manner(&self) -> &Manner {
        &self.station.manner
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.rest();
    }
}

/// Asks until there is a certain answer, or no time left.
pub(super) async fn settle(
    session: &mut Session<'_>,
    pending: &daybook_printers::dialogue::Pending,
    patience: Duration,
    pause: Duration,
) -> Talked {
    let until = Instant::now() + patience;
    loop {
        let talked = session.ask(Operation::Settle(pending.clone()), None).await;
        let unknown = matches!(talked.result, Err(Failure::Unknown { .. }));
        if !unknown || Instant::now() + pause >= until {
            return talked;
        }
        tokio::time::sleep(pause).await;
    }
}
