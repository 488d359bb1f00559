//! The one place that leads from a driver to its dialogue.

use crate::device::{Capabilities, Message, Settings};
use crate::dialogue::{Dialogue, Operation};
use crate::escpos::layout::{Layout, Stamp};
use crate::isl::Isl;
use crate::uri::Driver;
use crate::zfp::Generation;
use crate::{escpos, icp, isl, zfp};

/// What stands in the place of each byte that nobody else may see.
const BLANK: u8 = b'*';

/// What may be kept of bytes that were sent to a device: the same, with commands that carry a
/// password blanked from their data on to the end of the checksum, and a password that stands alone
/// blanked as a whole. Only how long it was can still be seen. Bytes that were cut are fine.
#[must_use]
pub fn blanked(driver: Driver, sent: &[u8]) -> Vec<u8> {
    let mut bytes = sent.to_vec();
    if let Some(dialect) = Isl::of(driver) {
        dialect.blank(&mut bytes, BLANK);
    } else if Generation::of(driver).is_some() {
        zfp::frame::blank(&mut bytes, BLANK);
    }
    // Devices of ISL Ltd. and ESC/POS have no passwords.
    bytes
}

/// How one printer is spoken to.
#[derive(Clone, Debug)]
pub struct Manner {
    /// What it speaks.
    pub driver: Driver,
    /// How it is set up.
    pub settings: Settings,
    /// How its paper is used, where the printer leaves that to us (ESC/POS).
    pub layout: Layout,
}

impl Manner {
    /// A conversation about an operation. `stamp` is what a printer that keeps nothing itself
    /// (ESC/POS) prints as the number and the time of a document; others do not look at it. Message
    /// numbers begin where `seed` says; best another place each time.
    ///
    /// # Errors
    /// E412 when devices of this kind cannot do it at all: nothing is sent then.
    pub fn dialogue(
        &self,
        operation: Operation,
        stamp: Option<Stamp>,
        seed: u8,
    ) -> Result<Box<dyn Dialogue>, Message> {
        let settings = self.settings.clone();
        if let Some(dialect) = Isl::of(self.driver) {
            return Ok(isl::dialogue(operation, dialect, settings, seed));
        }
        if let Some(generation) = Generation::of(self.driver) {
            return Ok(zfp::dialogue(operation, generation, settings, seed));
        }
        if self.driver == Driver::Icp {
            return Ok(icp::dialogue(operation, settings));
        }
        escpos::dialogue(&operation, &stamp.unwrap_or_default(), &self.layout)
    }

    /// What the printer can do, where that is known without asking it.
    #[must_use]
    pub fn capabilities(&self) -> Option<Capabilities> {
        (self.driver == Driver::EscPos).then(|| escpos::capabilities(self.layout.paper))
    }
}

#[cfg(test)]
mod tests;
