//! Ranges of events as they are compared: the same ones on both sides, each side by its own bytes.

use crate::failure::Place;
use daybook_schema::line::Envelope;
use daybook_schema::{Digest, Leaf, hash};
use serde::Serialize;

/// Events of a range; the last of a log may be shorter. The ranges of a log are the same for
/// everybody, so that two who compare need to exchange digests only.
pub(crate) const RANGE_EVENTS: usize = 1024;

/// The lines of a range, each with its LF, as one side has them.
#[derive(Default)]
pub(crate) struct Half {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Half {
    pub(crate) fn push(&mut self, line: &[u8]) {
        self.bytes.extend_from_slice(line);
        self.bytes.push(b'\n');
        self.ends.push(self.bytes.len());
    }

    pub(crate) const fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// BLAKE3 of the lines; none without lines.
    pub(crate) fn digest(&self) -> Option<Digest> {
        (!self.ends.is_empty()).then(|| hash::fingerprint(&self.bytes))
    }

    fn line(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.bytes[begin..end - 1])
    }

    pub(crate) fn last(&self) -> Option<&[u8]> {
        self.line(self.len().checked_sub(1)?)
    }
}

/// A range, by the digests of both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RangeDigests {
    /// Its first event.
    pub(crate) from: u64,
    /// The event behind its last.
    pub(crate) to: u64,
    /// BLAKE3 of the lines in the store, each with its LF; none when it has none there.
    pub(crate) store: Option<Digest>,
    /// The same of the topic.
    pub(crate) topic: Option<Digest>,
}

/// What one side holds where the other holds something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Side {
    /// Leaf hash of the line.
    pub(crate) leaf: Leaf,
    /// Which event the line says it is, if it says that.
    pub(crate) seq: Option<u64>,
}

impl Side {
    fn of(line: &[u8]) -> Self {
        Self {
            leaf: hash::leaf(line),
            seq: Envelope::of(line).map(|line| line.seq),
        }
    }
}

/// The first place where store and topic differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// Which event.
    pub(crate) seq: u64,
    /// Its record in the topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
    /// The first byte of the line that differs, from 0; none when one side has no line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) byte: Option<usize>,
    /// What the store holds there.
    pub(crate) store: Option<Side>,
    /// What the topic holds there.
    pub(crate) topic: Option<Side>,
    /// Why the record can be no line of the instance, if that is what differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) record: Option<String>,
}

impl Difference {
    /// What the topic holds there can be no line of the instance.
    pub(crate) const fn of_record(seq: u64, place: Option<Place>, found: String) -> Self {
        Self {
            seq,
            place,
            byte: None,
            store: None,
            topic: None,
            record: Some(found),
        }
    }
}

/// The first line that differs, in ranges that begin at `from`; `places` are the topic's.
pub(crate) fn first_difference(
    from: u64,
    store: &Half,
    topic: &Half,
    places: &[Place],
) -> Option<Difference> {
    let longest = store.len().max(topic.len());
    let index = (0..longest).find(|&index| store.line(index) != topic.line(index))?;
    let (ours, theirs) = (store.line(index), topic.line(index));
    let byte = ours.zip(theirs).map(|(ours, theirs)| {
        let same = ours.iter().zip(theirs).take_while(|(a, b)| a == b);
        same.count()
    });
    Some(Difference {
        seq: from + index as u64,
        place: places.get(index).copied(),
        byte,
        store: ours.map(Side::of),
        topic: theirs.map(Side::of),
        record: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half(lines: &[&str]) -> Half {
        let mut half = Half::default();
        for line in lines {
            half.push(line.as_bytes());
        }
        half
    }

    #[test]
    fn the_first_line_that_differs_is_found_with_its_byte() {
        let store = half(&["a", "bcd", "e"]);
        assert_eq!(store.digest(), Some(hash::fingerprint(b"a\nbcd\ne\n")));
        assert_eq!(half(&[]).digest(), None);
        let find = |lines: &[&str]| {
            let found = first_difference(1024, &store, &half(lines), &[]);
            found.map(|found| (found.seq, found.byte))
        };
        assert_eq!(find(&["a", "bcd", "e"]), None);
        assert_eq!(find(&["a", "bxd", "f"]), Some((1025, Some(1))));
        assert_eq!(find(&["a", "bc", "de"]), Some((1025, Some(2))));
        assert_eq!(find(&["a", "bcd"]), Some((1026, None)));
        assert_eq!(find(&["a", "bcd", "e", "f"]), Some((1027, None)));
    }
}
