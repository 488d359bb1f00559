//! The vectors: files that any other implementation can be tested against.

use super::{files, refused, samples};
use crate::chain::{Chain, TxChains};
use crate::facts::{self, Tx};
use crate::hash::{self, TxHash};
use crate::id::{LogName, PaymentMethodId, PosId, ProductId, TxId};
use crate::line::{self, LineError};
use crate::money::{Currency, MAX_UNITS, Money};
use crate::time::TxTime;
use serde_json::{Value, json};

/// The entries of a vector file.
pub(super) fn committed(name: &str) -> Vec<Value> {
    serde_json::from_str(&files::read(name)).unwrap()
}

#[test]
fn events() {
    let entries: Vec<Value> = samples::log()
        .into_iter()
        .map(|(name, _, sealed)| {
            let line = String::from_utf8(sealed.bytes).unwrap();
            let event: Value = serde_json::from_str(&line).unwrap();
            json!({"name": name, "event": event, "line": line, "leaf": sealed.leaf})
        })
        .collect();
    files::compare_appended("vectors/events.json", &entries);
}

#[test]
fn events_cover_every_type_and_form_one_log() {
    let log = samples::log();
    for name in facts::TYPES {
        assert!(
            log.iter()
                .any(|(_, event, _)| event.fact.type_name() == *name),
            "no vector for {name}"
        );
    }
    let mut chain = Chain::new(LogName::new("hafenfest").unwrap());
    let mut transactions = TxChains::default();
    for (name, event, sealed) in log {
        let (read, leaf) = chain
            .link(&sealed.bytes)
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        transactions
            .check(&read)
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!((read, leaf), (event, sealed.leaf), "{name}");
    }
}

/// Minor units and note of a transaction.
type Row = (i64, Option<&'static str>);

/// Instance, currency, point of sale and transactions of each chain.
const CHAINS: [(&str, &str, u32, &[Row]); 3] = [
    (
        "festival",
        "EUR",
        3,
        &[
            (1800, None),
            (350, Some("without ice")),
            (-100, Some("")),
            (0, Some("quote \" backslash \\ newline \n bell \u{7}")),
            (5, Some("\u{7f} é \u{2028} 🍺")),
            (-5, None),
            (MAX_UNITS, None),
            (-MAX_UNITS, None),
        ],
    ),
    (
        "tokyo-2",
        "JPY",
        4_294_967_295,
        &[(500, None), (-1, Some("返品")), (MAX_UNITS, None)],
    ),
    (
        "tunis",
        "TND",
        0,
        &[(1500, None), (1, None), (-12_345, Some("/"))],
    ),
];

#[test]
fn transactions() {
    let entries: Vec<Value> = CHAINS.into_iter().flat_map(|(instance, currency, pos, rows)| {
        let instance = LogName::new(instance).unwrap();
        let currency = Currency::new(currency).unwrap();
        let mut prev = TxHash::ZERO;
        let entry = move |(number, (units, note)): (u32, &Row)| {
            let mut tx = Tx {
                amount_money: currency.decimal(Money::new(*units).unwrap()),
                amount_product: number * number,
                id: TxId(if pos == 0 { line::MAX_INTEGER - 2 + u64::from(number) } else { 9301 + 2 * u64::from(number) }),
                note: note.map(str::to_owned),
                payment_id: PaymentMethodId(1 + number),
                point_of_sale_id: PosId(pos),
                product_id: ProductId(7 + number),
                hash: TxHash::ZERO,
                timestamp: TxTime::from_seconds(1_777_629_600 + 59 * i64::from(number)),
            };
            let preimage = tx.preimage(&instance, &prev);
            tx.hash = tx.hash_after(&instance, &prev);
            let entry = json!({
                "instance": instance, "prev": prev, "record": serde_json::from_slice::<Value>(&line::canonical(&tx)).unwrap(),
                "preimage": String::from_utf8(preimage).unwrap(), "hash": tx.hash,
            });
            prev = tx.hash;
            entry
        };
        (0..).zip(rows).map(entry).collect::<Vec<_>>()
    }).collect();
    files::compare_appended("vectors/transactions.json", &entries);
}

#[test]
fn refused_lines() {
    let entries = refused::entries();
    assert!(entries.len() >= 40, "only {} refused lines", entries.len());
    files::compare_appended("vectors/refused.json", &entries);
    for entry in committed("vectors/refused.json") {
        assert!(
            line::read(&refused::bytes(&entry)).is_err(),
            "accepted: {entry}"
        );
    }
}

#[test]
fn the_line_behind_the_refused_ones_is_accepted() {
    let event = line::read(refused::GOOD.as_bytes()).unwrap();
    assert_eq!(line::seal(&event).unwrap().bytes, refused::GOOD.as_bytes());
}

/// A record and an event that were hashed by others, with shorter data than ours.
#[test]
fn hashes_of_a_foreign_example() {
    let zeros = "0".repeat(128);
    let record = |amount: &str, id: u32, prev: &str| {
        format!(
            r#"{{"$":"tx/1","AmountMoney":{amount},"ID":{id},"Note":null,"PointOfSaleID":7,"instance":"daybook.example/fest","prev":"{prev}"}}"#
        )
    };
    let first = hash::transaction(record("18", 1, &zeros).as_bytes()).to_string();
    let second = hash::transaction(record("-3.5", 2, &first).as_bytes()).to_string();
    assert_eq!(
        first,
        "0e2fd8465798e32aa39f44ccde65922ea7a831da65c7fd9bb35507480ce15946\
         bef86fbe5127d4e67c5ec45519a2536b70ffd2b775f601852aec880e8d4cd90d"
    );
    assert_eq!(
        second,
        "09c5e70a905c2d8f9621740e8c2a01f7873da1efe4e57cfeb3968ba16a10e01a\
         9aa818747b26e55e9b7a45564b30d5ebb12f016798d92bab5992d89e805e627f"
    );
    let event = |n: u32, amount: &str, hash: &str, prev: &str, fact: &str| {
        format!(
            r#"{{"$":"event/1","at":"2026-05-01T10:00:0{n}.000000Z","by":"device:12","cmd":"c-{id}","data":{{"tx":[{{"AmountMoney":{amount},"ID":{id},"Note":null,"PointOfSaleID":7,"hash":"{hash}"}}]}},"log":"daybook.example/fest","prev":"{prev}","seq":{n},"type":"{fact}"}}"#,
            id = n + 1
        )
    };
    let line = event(0, "18", &first, &"0".repeat(64), "sale.recorded");
    let leaf = hash::leaf(line.as_bytes()).to_string();
    assert_eq!(
        (line.len(), leaf.as_str()),
        (
            423,
            "ae95ea00411321f2a78d7934ec2f866aa924a6759609652329624651ec1567b5"
        )
    );
    let line = event(1, "-3.5", &second, &leaf, "sale.reversed");
    let leaf = hash::leaf(line.as_bytes()).to_string();
    assert_eq!(
        (line.len(), leaf.as_str()),
        (
            425,
            "bb024e936c6b5b47e26b771752e55ae3c80fdc2f856c5e74b8fd3569ce04a89f"
        )
    );
    assert!(matches!(
        line::read(line.as_bytes()),
        Err(LineError::Syntax(_))
    ));
}
