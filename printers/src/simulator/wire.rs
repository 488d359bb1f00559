//! A wire between a [`Dialogue`] and a device, that can break at any byte.

use crate::dialogue::{Dialogue, Failure, Heard, Outcome, Step};

/// The device's side.
pub trait Device {
    /// Takes what the host sent and tells what the device sends.
    fn hear(&mut self, bytes: &[u8]) -> Vec<u8>;
}

/// How a wire behaves once it broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Nothing arrives any more, and nobody says so.
    Mute,
    /// The same, and the host is told each time.
    Dead,
    /// It was one moment: what was under way is lost without a word.
    Hiccup,
    /// It was one moment, and the host is told.
    Reconnected,
}

impl Broken {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Mute, Self::Dead, Self::Hiccup, Self::Reconnected];

    fn is_told(self) -> bool {
        matches!(self, Self::Dead | Self::Reconnected)
    }

    fn lasts(self) -> bool {
        matches!(self, Self::Mute | Self::Dead)
    }
}

/// The wire.
#[derive(Clone, Copy, Debug)]
pub struct Wire {
    /// After how many bytes, in both directions together, it breaks.
    pub breaks_after: Option<usize>,
    /// What happens then.
    pub broken: Broken,
    /// In portions of how many bytes answers arrive.
    pub portion: usize,
    /// How many bytes it has carried.
    pub carried: usize,
}

/// More steps than any conversation has: one that takes them does not end.
const MAX_STEPS: usize = 20_000;

impl Wire {
    /// One that never breaks.
    #[must_use]
    pub fn healthy() -> Self {
        Self {
            breaks_after: None,
            broken: Broken::Mute,
            portion: 3,
            carried: 0,
        }
    }

    /// One that breaks.
    #[must_use]
    pub fn breaking(after: usize, broken: Broken) -> Self {
        Self {
            breaks_after: Some(after),
            broken,
            ..Self::healthy()
        }
    }

    /// Holds a whole conversation. `None` when it does not end.
    pub fn hold(
        &mut self,
        dialogue: &mut dyn Dialogue,
        device: &mut dyn Device,
    ) -> Option<Result<Outcome, Failure>> {
        let mut step = dialogue.next(Heard::Nothing);
        for _ in 0..MAX_STEPS {
            step = match step {
                Step::Done(result) => return Some(*result),
                Step::Send { bytes, .. } => self.exchange(&bytes, dialogue, device),
                Step::Listen { .. } => dialogue.next(Heard::Silence),
            };
        }
        None
    }

    fn exchange(
        &mut self,
        bytes: &[u8],
        dialogue: &mut dyn Dialogue,
        device: &mut dyn Device,
    ) -> Step {
        let arrives = self.carry(bytes.len());
        let answer = device.hear(bytes.get(..arrives).unwrap_or_default());
        let cut_on_the_way = arrives < bytes.len();
        let arrives = if cut_on_the_way {
            0
        } else {
            self.carry(answer.len())
        };
        let cut = cut_on_the_way || arrives < answer.len();
        let mut step = None;
        for portion in answer
            .get(..arrives)
            .unwrap_or_default()
            .chunks(self.portion.max(1))
        {
            let next = dialogue.next(Heard::Bytes(portion));
            if !matches!(next, Step::Listen { .. }) {
                return next;
            }
            step = Some(next);
        }
        match step {
            Some(step) if !cut => step,
            _ if cut && self.broken.is_told() => dialogue.next(Heard::Lost),
            _ => dialogue.next(Heard::Silence),
        }
    }

    /// How many of the bytes arrive.
    fn carry(&mut self, bytes: usize) -> usize {
        let left = match self.breaks_after {
            Some(after) => after.saturating_sub(self.carried),
            None => bytes,
        };
        if left < bytes && !self.broken.lasts() {
            self.breaks_after = None;
        }
        self.carried += bytes.min(left);
        bytes.min(left)
    }
}
