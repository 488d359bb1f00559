//! A line as a Kafka record: its headers by the Kafka binding of `CloudEvents` 1.0, in binary mode.
//!
//! The key is the instance, the value the line itself, byte for byte. Headers repeat what stands in
//! the line, so that a consumer can route, order and check without parsing it. Only the value is
//! evidence.

use daybook_schema::line::Envelope;
use daybook_schema::{Leaf, hash};
use rdkafka::message::{Header, OwnedHeaders};
use std::borrow::Cow;

/// The headers of every record of the events topic, in order, and what each holds.
pub const HEADERS: [(&str, &str); 9] = [
    ("content-type", "application/json"),
    ("ce_specversion", "1.0"),
    ("ce_id", "instance/seq: unique among all records"),
    ("ce_source", "/ledger/ and the instance"),
    ("ce_type", "the event's type, such as sale.recorded"),
    ("ce_time", "when it was recorded, in UTC with microseconds"),
    (
        "ce_sequence",
        "the event's seq, zero-padded to 20 digits, so that texts sort like numbers",
    ),
    (
        "ce_leaf",
        "leaf hash of this line, SHA-256(0x00 ‖ line), in hex",
    ),
    (
        "ce_prev",
        "leaf hash of the line before, in hex; zeros for the first",
    ),
];

/// What a record says besides its value.
pub(crate) struct Headers<'a> {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) type_name: &'a str,
    pub(crate) time: &'a str,
    pub(crate) seq: u64,
    pub(crate) leaf: Option<(Leaf, &'a str)>,
}

impl Headers<'_> {
    fn texts(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let mut texts: Vec<(&'static str, Cow<'_, str>)> = vec![
            ("content-type", "application/json".into()),
            ("ce_specversion", "1.0".into()),
            ("ce_id", self.id.as_str().into()),
            ("ce_source", self.source.as_str().into()),
            ("ce_type", self.type_name.into()),
            ("ce_time", self.time.into()),
            ("ce_sequence", format!("{:020}", self.seq).into()),
        ];
        if let Some((leaf, prev)) = self.leaf {
            texts.push(("ce_leaf", leaf.to_string().into()));
            texts.push(("ce_prev", prev.into()));
        }
        texts
    }

    pub(crate) fn write(&self) -> OwnedHeaders {
        let all = OwnedHeaders::new_with_capacity(HEADERS.len());
        self.texts().iter().fold(all, |all, (key, value)| {
            let value = Some(value.as_ref());
            all.insert(Header { key, value })
        })
    }
}

/// The headers that the record of a line has, in order, to compare with those of a record that was
/// read. `None` when the bytes cannot be a line.
#[must_use]
pub fn expected(line: &[u8]) -> Option<Vec<(&'static str, String)>> {
    let headers = of(&Envelope::of(line)?, hash::leaf(line));
    let texts = headers.texts().into_iter();
    Some(
        texts
            .map(|(name, text)| (name, text.into_owned()))
            .collect(),
    )
}

/// What the record of a line says.
pub(crate) fn of<'a>(line: &Envelope<'a>, leaf: Leaf) -> Headers<'a> {
    Headers {
        id: format!("{}/{}", line.log, line.seq),
        source: source(line.log),
        type_name: line.type_name,
        time: line.at,
        seq: line.seq,
        leaf: Some((leaf, line.prev)),
    }
}

/// The context in which an instance's events happened.
pub(crate) fn source(instance: &str) -> String {
    format!("/ledger/{instance}")
}

/// Which of `partitions` a key belongs to: that of Kafka's own default partitioner (murmur2), so
/// that programs which look a key up by it find it.
#[must_use]
pub fn partition_of(key: &[u8], partitions: i32) -> i32 {
    let positive = murmur2(key) & 0x7fff_ffff;
    i32::try_from(positive % partitions.max(1).unsigned_abs()).unwrap_or(0)
}

/// `MurmurHash2` with Kafka's seed.
fn murmur2(key: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
    let mut hash = 0x9747_b28c ^ length;
    let mut chunks = key.chunks_exact(4);
    for chunk in &mut chunks {
        let mut k = chunk
            .iter()
            .rev()
            .fold(0, |k, byte| k << 8 | u32::from(*byte));
        k = k.wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        hash ^= rest
            .iter()
            .rev()
            .fold(0, |k, byte| k << 8 | u32::from(*byte));
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures of Kafka's own tests for its partitioner.
    #[test]
    fn keys_are_hashed_as_kafka_does() {
        let known = [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            (
                "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
                -58_897_971,
            ),
            ("abc", 479_470_107),
        ];
        for (key, hash) in known {
            assert_eq!(murmur2(key.as_bytes()).cast_signed(), hash, "{key}");
        }
        assert!((0..3).contains(&partition_of(b"festival", 3)));
    }
}
