//! Devices that talk nonsense.

use super::lost::operations;
use crate::device::Settings;
use crate::dialogue::{Operation, Pending};
use crate::isl::frame::Frame;
use crate::isl::{Isl, dialogue};
use crate::simulator::wire::{Device, Wire};
use proptest::prelude::*;

/// Says what it likes.
struct Babbler(Vec<Vec<u8>>);

impl Device for Babbler {
    fn hear(&mut self, _bytes: &[u8]) -> Vec<u8> {
        self.0.pop().unwrap_or_default()
    }
}

/// An answer with anything inside, numbered like the command that it answers.
struct Liar(Vec<Vec<u8>>, Isl);

impl Device for Liar {
    fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        let asked = Frame::decode_command(self.1.form(), bytes);
        let Some((asked, data)) = asked.zip(self.0.pop()) else {
            return Vec::new();
        };
        let widths = if self.1 == Isl::X { 8 } else { 6 };
        let status = data
            .iter()
            .map(|byte| byte | 0x80)
            .chain([0x80; 8])
            .take(widths);
        let status = if data.len() % 3 == 0 {
            vec![0x80; widths]
        } else {
            status.collect()
        };
        let answer = Frame {
            data,
            status,
            ..asked
        };
        answer.encode(self.1.form()).unwrap_or_default()
    }
}

proptest! {
    #[test]
    fn whatever_a_device_says_the_conversation_ends(
        said in prop::collection::vec(prop::collection::vec(prop_oneof![any::<u8>(), Just(b'1'), Just(b','), Just(b'\t')], 0..40), 0..60),
        dialect in prop::sample::select(Isl::ALL.to_vec()),
        operation in 0usize..14,
        terminal in any::<bool>(),
    ) {
        let mut all = operations(dialect);
        all.extend([Operation::Identify, Operation::Status, Operation::Cash, Operation::Reset, Operation::LastDocument, Operation::Drawer]);
        let pending = Pending { before: "84".to_owned(), total: None };
        all.push(Operation::Settle(pending));
        let operation = all.swap_remove(operation);
        let devices: [Box<dyn Device>; 2] = [Box::new(Babbler(said.clone())), Box::new(Liar(said, dialect))];
        for mut device in devices {
            let mut talk = dialogue(operation.clone(), dialect, Settings { terminal, ..Settings::default() }, 9);
            prop_assert!(Wire::healthy().hold(talk.as_mut(), device.as_mut()).is_some());
        }
    }
}
