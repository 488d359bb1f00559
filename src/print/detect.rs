//! Which serial port has which fiscal device. Nothing that is sent here prints.
//!
//! A port is first knocked at: one harmless frame for each framing, at each speed. Only where
//! something answers are the drivers of that framing asked in full, so that a port with something
//! else behind it is left alone after a few seconds. Printers in the network are not looked for.

mod ports;
#[cfg(test)]
mod tests;

pub use ports::ports;

use super::talk::{Connection, hold};
use super::wire::Opener;
use daybook_printers::device::{DeviceInfo, Settings};
use daybook_printers::dialogue::{Answer, Dialogue, Operation, Outcome};
use daybook_printers::escpos::layout::Layout;
use daybook_printers::icp;
use daybook_printers::icp::reader::Message;
use daybook_printers::isl::frame::{Form, Frame};
use daybook_printers::isl::reader::Found;
use daybook_printers::isl::{self, Isl};
use daybook_printers::speak::Manner;
use daybook_printers::uri::{Driver, Transport, Uri};
use daybook_printers::zfp::Generation;
use daybook_printers::zfp::frame::{PING_ON, PING_READY};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long one port may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The speeds, the likeliest first.
const RATES: [u32; 5] = [115_200, 38_400, 9_600, 19_200, 57_600];
/// The only speed that devices of ISL Ltd. are delivered with.
const ICP_RATE: u32 = 9_600;
/// How long a device has for its first byte. Devices promise 60 to 120 ms.
const FIRST: Duration = Duration::from_millis(200);
/// The same for ICP, which promises half a second.
const FIRST_ICP: Duration = Duration::from_millis(550);
/// An answer is over when nothing comes for so long.
const PAUSE: Duration = Duration::from_millis(50);
/// Something that talks longer is not waited for.
const WHOLE: Duration = Duration::from_millis(400);
/// How often a device is knocked at whose answer cannot be read.
const KNOCKS: usize = 2;
/// What says that an ISL device misheard, or works.
const ISL_ALONE: [u8; 2] = [0x15, 0x16];
/// The same for ICP.
const ICP_ALONE: [u8; 2] = [icp::frame::NACK, icp::frame::WAIT];
/// An answer begins with this only where the speeds differ.
const WRONG_SPEED: u8 = 0x00;

/// What frames look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Framing {
    /// ISL as Datecs X has it.
    Wide,
    /// ISL as everybody else has it.
    Short,
    Zfp,
    Icp,
}

impl Framing {
    fn of(driver: Driver) -> Option<Self> {
        match (Isl::of(driver).map(Isl::form), driver) {
            (Some(Form::Wide), _) => Some(Self::Wide),
            (Some(Form::Short), _) => Some(Self::Short),
            (None, Driver::Icp) => Some(Self::Icp),
            (None, _) => Generation::of(driver).map(|_| Self::Zfp),
        }
    }

    /// The drivers to ask, in their order.
    fn drivers(self) -> impl Iterator<Item = Driver> {
        let same = move |driver: &Driver| Self::of(*driver) == Some(self);
        Driver::ALL.into_iter().filter(same)
    }

    /// How long a device has for its first byte.
    fn patience(self) -> Duration {
        match self {
            Self::Wide | Self::Short | Self::Zfp => FIRST,
            Self::Icp => FIRST_ICP,
        }
    }

    /// Whether a device answered. It may have been busy or have misheard: one that is addressed in
    /// the wrong form says so too. At a wrong speed any bytes may come, but hardly a whole frame.
    fn is_answer(self, knock: &[u8], heard: &[u8]) -> bool {
        let only = |bytes: &[u8]| heard.iter().all(|byte| bytes.contains(byte));
        if heard.is_empty() {
            return false;
        }
        match self {
            Self::Wide => only(&ISL_ALONE) || has_frame(Form::Wide, heard),
            Self::Short => only(&ISL_ALONE) || has_frame(Form::Short, heard),
            Self::Zfp if knock == [PING_ON] => only(&[PING_ON]),
            // The condition of the device, however often.
            Self::Zfp => heard
                .iter()
                .all(|byte| (0x40..0x80).contains(byte) && only(&[*byte])),
            Self::Icp => {
                let messages = icp::reader::Reader::default().read(heard);
                let data = |message: &Message| matches!(message, Message::Data(_));
                only(&ICP_ALONE) || messages.iter().any(data)
            }
        }
    }
}

fn has_frame(form: Form, heard: &[u8]) -> bool {
    let mut reader = isl::reader::Reader::new(form);
    heard.iter().any(|byte| match reader.push(*byte) {
        Found::Frame(bytes) => Frame::decode_answer(form, &bytes).is_some(),
        _ => false,
    })
}

/// What is sent at a speed, in order.
fn knocks(baud: u32) -> Vec<(Framing, Vec<u8>)> {
    let isl = |form: Form, command: u8, data: &[u8]| {
        let frame = Frame {
            seq: 0x21,
            command,
            data: data.to_vec(),
            status: Vec::new(),
        };
        frame.encode(form).unwrap_or_default()
    };
    let mut knocks = vec![
        (Framing::Wide, isl(Form::Wide, 0x4A, b"")),
        (Framing::Short, isl(Form::Short, 0x5A, b"1")),
        (Framing::Zfp, vec![PING_ON]),
        (Framing::Zfp, vec![PING_READY]),
    ];
    if baud == ICP_RATE {
        let who = icp::frame::encode_request(icp::frame::ANYBODY, b"00");
        knocks.push((Framing::Icp, who.unwrap_or_default()));
    }
    knocks
}

/// A dialogue that asks a device who it is. `None` for what is no fiscal driver.
fn identify(driver: Driver, seed: u8) -> Option<Box<dyn Dialogue>> {
    let manner = Manner {
        driver,
        settings: Settings::default(),
        layout: Layout::default(),
    };
    let fiscal = driver != Driver::EscPos;
    fiscal.then(|| manner.dialogue(Operation::Identify, None, seed).ok())?
}

/// Looks for a fiscal device at a serial port. `None` when there is none, or it does not say who it
/// is within `patience`.
pub async fn probe(opener: &Opener, port: &str, patience: Duration) -> Option<(Uri, DeviceInfo)> {
    let Ok(found) = timeout(patience, search(opener, port)).await else {
        tracing::info!(
            port,
            ?patience,
            "no fiscal device made itself known in time"
        );
        return None;
    };
    found
}

/// What is behind a port at one speed.
enum Seen {
    Device(Driver, Box<DeviceInfo>),
    Nothing,
    /// The port cannot be used at all.
    NoPort,
}

async fn search(opener: &Opener, port: &str) -> Option<(Uri, DeviceInfo)> {
    for baud in RATES {
        let port = port.to_owned();
        let transport = Transport::Com { port, baud };
        let mut connection = Connection::new(opener.clone(), transport.clone());
        match look(&mut connection, baud).await {
            Seen::Device(driver, device) => return Some((Uri { driver, transport }, *device)),
            Seen::Nothing => {}
            Seen::NoPort => return None,
        }
    }
    tracing::info!(port, "no fiscal device answers here");
    None
}

async fn look(connection: &mut Connection, baud: u32) -> Seen {
    let mut asked = BTreeSet::new();
    for (framing, knock) in knocks(baud) {
        if asked.contains(&framing) {
            continue;
        }
        for _ in 0..KNOCKS {
            let Some(heard) = knock_at(connection, &knock, framing.patience()).await else {
                return Seen::NoPort;
            };
            if heard.first() == Some(&WRONG_SPEED) {
                return Seen::Nothing;
            }
            if heard.is_empty() {
                break;
            }
            if framing.is_answer(&knock, &heard) {
                asked.insert(framing);
                if let Some((driver, device)) = ask(connection, framing).await {
                    return Seen::Device(driver, device);
                }
                break;
            }
        }
    }
    Seen::Nothing
}

/// What comes back, perhaps nothing. `None` when the port cannot be used.
async fn knock_at(
    connection: &mut Connection,
    knock: &[u8],
    patience: Duration,
) -> Option<Vec<u8>> {
    let transport = connection.transport().clone();
    if let Err(unsent) = connection.send(knock, true).await {
        tracing::info!(?transport, error = %unsent.cause, "not looked for a device");
        return None;
    }
    let (mut heard, mut patience, mut began) = (Vec::new(), patience, None);
    loop {
        match connection.hear(patience).await {
            Ok(Some(bytes)) => heard.extend(bytes),
            Ok(None) => break,
            Err(error) => {
                tracing::info!(?transport, %error, "the port went away");
                return None;
            }
        }
        if began.get_or_insert_with(Instant::now).elapsed() > WHOLE {
            break;
        }
        patience = PAUSE;
    }
    tracing::debug!(?transport, sent = ?knock, ?heard, "looked for a device");
    Some(heard)
}

/// Asks every driver of a framing; the first that knows the device wins.
async fn ask(connection: &mut Connection, framing: Framing) -> Option<(Driver, Box<DeviceInfo>)> {
    for (seed, driver) in (1..).zip(framing.drivers()) {
        // A device takes a number that it has just seen for a repetition.
        let dialogue = identify(driver, 16 * seed)?;
        let talked = hold(connection, dialogue).await;
        match talked.result {
            Ok(Outcome {
                answer: Answer::Device(device),
                ..
            }) => return Some((driver, device)),
            Ok(_) => {}
            Err(failure) => {
                let messages = failure.messages().as_slice();
                let texts: Vec<&str> = messages.iter().map(|one| one.text.as_ref()).collect();
                let driver = driver.name();
                let transport = connection.transport();
                tracing::info!(
                    ?transport,
                    driver,
                    ?texts,
                    "the device is not for this driver"
                );
            }
        }
    }
    None
}
