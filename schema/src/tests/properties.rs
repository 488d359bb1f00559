//! Properties of the line over arbitrary events of every type.

use super::strategies;
use crate::event::Event;
use crate::facts::{Fact, Message, Tx};
use crate::hash::{Leaf, TxHash};
use crate::id::{LogName, PaymentMethodId, PosId, ProductId, TxId};
use crate::line::{self, LineError, MAX_LINE_BYTES};
use crate::money::{Decimal, MAX_UNITS};
use crate::time::{At, TxTime};
use proptest::prelude::*;

/// Longer lines are left out where every bit is tried.
const FLIPPED_BYTES: usize = 1500;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_written_is_read(event in strategies::events()) {
        let sealed = line::seal(&event).unwrap();
        let read = line::read(&sealed.bytes);
        prop_assert_eq!(read.as_ref(), Ok(&event), "{}", String::from_utf8_lossy(&sealed.bytes));
    }

    #[test]
    fn the_canonical_form_is_that_of_rfc_8785(event in strategies::events()) {
        let ours = line::seal(&event).unwrap().bytes;
        let value: serde_json::Value = serde_json::from_slice(&ours).unwrap();
        let theirs = serde_json_canonicalizer::to_vec(&value).unwrap();
        prop_assert_eq!(String::from_utf8(ours).unwrap(), String::from_utf8(theirs).unwrap());
    }

    #[test]
    fn an_envelope_says_what_the_line_says(event in strategies::events()) {
        let sealed = line::seal(&event).unwrap();
        let envelope = line::Envelope::of(&sealed.bytes).unwrap();
        prop_assert_eq!(envelope.at, event.at.to_string());
        prop_assert_eq!(envelope.log, event.log.as_str());
        prop_assert_eq!(serde_json::from_str::<String>(envelope.cmd).unwrap(), event.cmd);
        prop_assert_eq!(envelope.prev, event.prev.to_string());
        prop_assert_eq!((envelope.seq, envelope.type_name), (event.seq, sealed.type_name));
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _cut = line::Envelope::of(&bytes);
        prop_assert!(line::read(&bytes).is_err());
    }
}

proptest! {
    // Each case reads a line some thousands of times.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_flipped_bit_goes_unseen(event in strategies::events()) {
        let sealed = line::seal(&event).unwrap();
        prop_assume!(sealed.bytes.len() <= FLIPPED_BYTES);
        let mut bytes = sealed.bytes;
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(other) = line::read(&bytes) {
                prop_assert_ne!(&other, &event, "bit {} of {:?}", bit, bytes);
                prop_assert_ne!(line::seal(&other).unwrap().leaf, sealed.leaf);
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// Two different values of one kind.
fn two<S: Strategy>(strategy: impl Fn() -> S) -> impl Strategy<Value = (S::Value, S::Value)>
where
    S::Value: PartialEq,
{
    (strategy(), strategy()).prop_filter("equal", |(a, b)| a != b)
}

fn transactions() -> impl Strategy<Value = Tx> {
    let ids = (
        any::<u32>(),
        any::<u32>(),
        any::<u32>(),
        0..=line::MAX_INTEGER,
    );
    let amount =
        (-MAX_UNITS..=MAX_UNITS, 0u32..=4).prop_map(|(units, scale)| Decimal::new(units, scale));
    let note = proptest::option::of(strategies::strings());
    (ids, amount, any::<u32>(), note, 0..=253_402_300_799i64).prop_map(
        |((payment, pos, product, id), amount_money, amount_product, note, seconds)| Tx {
            amount_money,
            amount_product,
            id: TxId(id),
            note,
            payment_id: PaymentMethodId(payment),
            point_of_sale_id: PosId(pos),
            product_id: ProductId(product),
            hash: TxHash::ZERO,
            timestamp: TxTime::from_seconds(seconds),
        },
    )
}

type Change = fn(&mut Tx, &Tx);

/// Every member of the record that is hashed.
const CHANGES: [Change; 8] = [
    |tx, other| tx.amount_money = other.amount_money,
    |tx, other| tx.amount_product = other.amount_product,
    |tx, other| tx.id = other.id,
    |tx, other| tx.note.clone_from(&other.note),
    |tx, other| tx.payment_id = other.payment_id,
    |tx, other| tx.point_of_sale_id = other.point_of_sale_id,
    |tx, other| tx.product_id = other.product_id,
    |tx, other| tx.timestamp = other.timestamp,
];

proptest! {
    #[test]
    fn the_transaction_hash_covers_every_member(
        (tx, other) in two(transactions),
        (log, other_log) in two(|| "[a-z0-9]{1,20}".prop_filter_map("reserved", |text| LogName::new(&text).ok())),
        (prev, other_prev) in two(|| proptest::array::uniform32(any::<u8>()).prop_map(|half| {
            let mut both = [0; 64];
            both[..32].copy_from_slice(&half);
            TxHash(both)
        })),
    ) {
        let hash = tx.hash_after(&log, &prev);
        prop_assert_ne!(hash, tx.hash_after(&other_log, &prev));
        prop_assert_ne!(hash, tx.hash_after(&log, &other_prev));
        for change in CHANGES {
            let mut changed = tx.clone();
            change(&mut changed, &other);
            prop_assert_eq!(changed == tx, hash == changed.hash_after(&log, &prev));
        }
        let rehashed = Tx { hash, ..tx };
        prop_assert_eq!(hash, rehashed.hash_after(&log, &prev), "the hash is no part of itself");
    }
}

fn message(length: usize) -> Event {
    Event {
        at: At::default(),
        by: crate::event::Actor::Operator,
        cmd: String::new(),
        fact: Fact::MessageSent(Message {
            text: "x".repeat(length),
        }),
        log: LogName::new("festival").unwrap(),
        prev: Leaf::ZERO,
        seq: 0,
    }
}

#[test]
fn the_longest_line_has_65535_bytes() {
    let around = line::seal(&message(0)).unwrap().bytes.len();
    let longest = line::seal(&message(MAX_LINE_BYTES - around)).unwrap();
    assert_eq!(longest.bytes.len(), 65_535);
    assert!(line::read(&longest.bytes).is_ok());
    assert_eq!(
        line::seal(&message(MAX_LINE_BYTES - around + 1)),
        Err(LineError::TooLong(65_536))
    );
}
