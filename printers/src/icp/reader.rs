//! Finds ICP messages in what arrives, however it is cut and whatever stands between.

use super::frame::{
    ACK, Address, Extent, NACK, WAIT, begins, decode_answer, decode_request, extent,
};

/// One message from a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// An answer with data.
    Data(Vec<u8>),
    /// Done.
    Done,
    /// Refused, or the request was damaged.
    Refused,
    /// Still at work.
    Wait,
    /// A frame that does not add up.
    Damaged,
}

/// One message to a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A request: for whom, and command and data.
    Request(Address, Vec<u8>),
    /// A frame that does not add up.
    Damaged,
}

/// The bytes that arrived and are not read yet.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    waiting: Vec<u8>,
}

impl Reader {
    /// Takes what arrived from a device and returns the messages that are whole now.
    pub fn read(&mut self, arrived: &[u8]) -> Vec<Message> {
        let answer = |frame: &[u8]| decode_answer(frame).map_or(Message::Damaged, Message::Data);
        self.split(arrived, answer, |byte| match byte {
            ACK => Some(Message::Done),
            NACK => Some(Message::Refused),
            WAIT => Some(Message::Wait),
            _ => None,
        })
    }

    /// Takes what arrived from a host and returns what is asked by now.
    pub fn read_requests(&mut self, arrived: &[u8]) -> Vec<Asked> {
        let asked = |frame: &[u8]| match decode_request(frame) {
            Some((address, body)) => Asked::Request(address, body),
            None => Asked::Damaged,
        };
        self.split(arrived, asked, |_| None)
    }

    /// Forgets an unfinished message: its rest did not come.
    pub fn forget(&mut self) {
        self.waiting.clear();
    }

    fn split<M>(
        &mut self,
        arrived: &[u8],
        frame: impl Fn(&[u8]) -> M,
        alone: impl Fn(u8) -> Option<M>,
    ) -> Vec<M> {
        self.waiting.extend_from_slice(arrived);
        let mut messages = Vec::new();
        let mut rest = self.waiting.as_slice();
        while let Some((&first, after)) = rest.split_first() {
            if !begins(first) {
                messages.extend(alone(first));
                rest = after;
                continue;
            }
            let length = match extent(rest) {
                Extent::Frame(length) => {
                    messages.push(frame(rest.get(..length).unwrap_or_default()));
                    length
                }
                Extent::Noise(length) => length,
                Extent::Open => break,
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        let read = self.waiting.len() - rest.len();
        self.waiting.drain(..read);
        messages
    }
}
