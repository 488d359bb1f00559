//! The verifiers in Python agree with the vectors. They share no code with this crate, so a mistake
//! would have to be made twice. `python3` is a requirement of the tests.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files has failed"
)]

use daybook_schema::facts::{Door, Reversed, Sale, SalePlace, SaleTotals};
use daybook_schema::id::{PaymentMethodId, PosId, PreorderPositionId, ProductId, TxId};
use daybook_schema::{
    At, Chain, Currency, Event, Fact, Leaf, LogName, Money, TaxRate, TxChains, TxHash, line,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn vectors(name: &str) -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(file("vectors").join(name)).unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Exit code and what was said, on whichever stream.
fn python(arguments: &[&str], input: &[u8]) -> (i32, String) {
    let mut python = Command::new("python3")
        .arg("-B")
        .args(arguments)
        .current_dir(file(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("these tests need python3 (3.9 or later) in the PATH: {error}")
        });
    let mut stdin = python.stdin.take().unwrap();
    let input = input.to_vec();
    // Written beside reading: a verifier may stop before the end of its input.
    let writer = std::thread::spawn(move || stdin.write_all(&input).is_ok());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(said).unwrap().trim().to_owned(),
    )
}

/// The events as a file.
fn log() -> Vec<String> {
    vectors("events.json")
        .iter()
        .map(|entry| format!("{}\n", text(&entry["line"])))
        .collect()
}

fn verify(lines: &[String], arguments: &[&str]) -> (i32, String) {
    python(
        &[&["verify_events.py"], arguments].concat(),
        lines.concat().as_bytes(),
    )
}

#[test]
fn the_log_of_the_vectors_is_whole() {
    let (lines, entries) = (log(), vectors("events.json"));
    let size = lines.len();
    let head = format!("{size}:{}", text(&entries[size - 1]["leaf"]));
    assert_eq!(
        verify(&lines, &["--head", &head]),
        (0, format!("OK {size} events, head {head}"))
    );
    let earlier = format!("7:{}", text(&entries[6]["leaf"]));
    assert_eq!(verify(&lines, &["--head", &earlier]).0, 0);
    assert_eq!(
        verify(&[], &[]),
        (0, format!("OK 0 events, head 0:{}", "0".repeat(64)))
    );
}

/// What was done to the log, and the first seq that shows it.
type Mutant = (&'static str, fn(&mut Vec<String>), usize);

const MUTANTS: [Mutant; 12] = [
    ("two lines swapped", |lines| lines.swap(4, 5), 4),
    ("a line dropped", |lines| drop(lines.remove(4)), 4),
    (
        "a line repeated",
        |lines| lines.insert(4, lines[4].clone()),
        5,
    ),
    ("the first line dropped", |lines| drop(lines.remove(0)), 0),
    (
        "a name changed",
        |lines| lines[2] = lines[2].replace("Main bar", "Main tar"),
        3,
    ),
    (
        "an amount changed",
        |lines| lines[11] = lines[11].replace("\"AmountMoney\":3.5", "\"AmountMoney\":3.4"),
        11,
    ),
    (
        "a transaction's note changed",
        |lines| lines[11] = lines[11].replace("thanks", "thankx"),
        11,
    ),
    (
        "a transaction's number changed",
        |lines| lines[11] = lines[11].replace("\"ID\":3", "\"ID\":4"),
        11,
    ),
    (
        "another log",
        |lines| lines[9] = lines[9].replace("\"log\":\"hafenfest\"", "\"log\":\"hafen\""),
        9,
    ),
    (
        "time runs backwards",
        |lines| lines[9] = lines[9].replace("\"at\":\"2026", "\"at\":\"2025"),
        9,
    ),
    (
        "a carriage return",
        |lines| lines[9] = lines[9].replace('\n', "\r\n"),
        9,
    ),
    ("an empty line", |lines| lines.insert(9, "\n".to_owned()), 9),
];

#[test]
fn every_change_is_found_at_its_first_line() {
    for (name, change, seq) in MUTANTS {
        let mut lines = log();
        change(&mut lines);
        let (code, said) = verify(&lines, &[]);
        assert_eq!(code, 1, "{name}: {said}");
        assert!(
            said.starts_with(&format!("BROKEN at seq {seq}: expected ")),
            "{name}: {said}"
        );
        assert!(said.contains(", found "), "{name}: {said}");
    }
}

#[test]
fn a_known_head_shows_a_lost_tail_and_a_rewritten_history() {
    let (lines, entries) = (log(), vectors("events.json"));
    let head = format!(
        "{}:{}",
        lines.len(),
        text(&entries[lines.len() - 1]["leaf"])
    );
    let (code, said) = verify(&lines[..lines.len() - 1], &["--head", &head]);
    assert_eq!(code, 1, "{said}");
    let (code, said) = verify(
        &lines,
        &["--head", &format!("7:{}", text(&entries[5]["leaf"]))],
    );
    assert_eq!(code, 1, "{said}");
    assert!(said.starts_with("BROKEN at seq 6: "), "{said}");
    let last = lines.concat();
    let (code, said) = python(&["verify_events.py"], last.trim_end().as_bytes());
    assert_eq!(code, 1, "the last line feed is missing: {said}");
}

fn sale(events: &mut [Event], seq: usize) -> &mut Sale {
    match &mut events[seq].fact {
        Fact::SaleRecorded(sale) | Fact::SaleReversed(sale) => sale,
        other => panic!("{other:?} is no sale"),
    }
}

fn totals(events: &mut [Event], seq: usize) -> &mut SaleTotals {
    sale(events, seq).totals.as_mut().unwrap()
}

fn money(units: i64) -> Money {
    Money::new(units).unwrap()
}

/// What was done to the sales (of one part at 10 and 11, of two parts at 12 and 13) before every
/// hash was recomputed, the seq that shows it, and what both verifiers say; nothing when it is whole.
type Contradiction = (fn(&mut Vec<Event>), usize, &'static str);

#[rustfmt::skip] // One change, then what is said of it.
const CONTRADICTIONS: [Contradiction; 33] = [
    (|_| {}, 0, ""),
    (|e| sale(e, 13).lines[0].deposit = true, 0, ""),
    (|e| totals(e, 10).gross = money(1), 10, "expected totals.gross 900, found 1"),
    (|e| {
        let share = &mut totals(e, 10).taxes[0];
        (share.net, share.rate, share.tax) = (money(900), TaxRate::default(), Money::ZERO);
    }, 10, r#"expected taxes {"gross":900,"net":756,"rate":1900,"tax":144}, found {"gross":900,"net":900,"rate":0,"tax":0}"#),
    (|e| totals(e, 10).taxes[0].tax = money(143), 10, r#"expected taxes {"gross":900,"net":756,"rate":1900,"tax":144}, found {"gross":900,"net":756,"rate":1900,"tax":143}"#),
    (|e| totals(e, 11).taxes.reverse(), 11, r#"expected taxes {"gross":185,"net":185,"rate":0,"tax":0}, found {"gross":350,"net":294,"rate":1900,"tax":56}"#),
    (|e| totals(e, 11).taxes.truncate(1), 11, "expected number of tax rates 2, found 1"),
    (|e| {
        let sale = sale(e, 12);
        (sale.lines[0].price, sale.lines[0].total) = (money(6), money(6));
        sale.tx[0].amount_money = sale.currency.decimal(money(6));
    }, 13, "expected totals.gross 1000000000000000, found 999999999999999"),
    (|e| sale(e, 11).totals = None, 11, "expected totals in the last part, found none"),
    (|e| sale(e, 13).totals = None, 13, "expected totals in the last part, found none"),
    (|e| sale(e, 12).totals = sale(e, 13).totals.clone(), 12, "expected no totals before the last part, found totals"),
    (|e| (sale(e, 10).parts, sale(e, 10).totals) = (2, None), 11, "expected part 2 of 2 of a sale, found part 1 of 1"),
    (|e| drop(e.pop()), 12, "expected part 2 of 2 of a sale, found the end of the log"),
    (|e| drop(e.remove(12)), 12, "expected part 1 of 2 of a sale, found part 2 of 2"),
    (|e| {
        let between = Event { at: e[12].at, ..e[9].clone() };
        e.insert(13, between);
    }, 13, "expected part 2 of 2 of a sale, found instance.deposit_set"),
    (|e| sale(e, 10).part = 0, 10, "expected part 1 of 1 of a sale, found part 0 of 1"),
    (|e| sale(e, 10).parts = 0, 10, "expected part 1 of 1 of a sale, found part 1 of 0"),
    (|e| sale(e, 10).part = 2, 10, "expected part 1 of 1 of a sale, found part 2 of 1"),
    (|e| sale(e, 13).part = 3, 13, "expected part 2 of 2 of a sale, found part 3 of 2"),
    (|e| sale(e, 13).parts = 3, 13, "expected part 2 of 2 of a sale, found part 2 of 3"),
    (|e| "other".clone_into(&mut e[13].cmd), 13, r#"expected cmd "concertpos/5/till2-000481", found "other""#),
    (|e| e[13].at = At::parse("2030-01-01T00:00:00Z").unwrap(), 13, r#"expected at "2026-05-01T10:00:02.500005Z", found "2030-01-01T00:00:00.000000Z""#),
    (|e| sale(e, 13).point_of_sale = SalePlace { id: PosId(3), name: "Main bar".to_owned() }, 13, r#"expected point_of_sale {"id":5,"name":"Kiosk"}, found {"id":3,"name":"Main bar"}"#),
    (|e| "Cash".clone_into(&mut sale(e, 13).payment.name), 13, r#"expected payment {"id":1,"kind":"cash","name":"Bar"}, found {"id":1,"kind":"cash","name":"Cash"}"#),
    (|e| sale(e, 12).request = sale(e, 10).request, 13, r#"expected request "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262", found null"#),
    (|e| sale(e, 13).currency = Currency::new("USD").unwrap(), 13, r#"expected currency "EUR", found "USD""#),
    (|e| {
        e.truncate(12);
        e[11].at = At::parse("2030-01-01T00:00:00Z").unwrap();
    }, 11, "expected timestamp of transaction 2 2030-01-01T00:00:00.000Z, found 2026-05-01T10:00:02.000Z"),
    (|e| sale(e, 10).tx[0].amount_product = 3, 10, "expected AmountProduct of transaction 1 for quantity 2000, found 3"),
    (|e| sale(e, 10).tx[0].payment_id = PaymentMethodId(2), 10, "expected Payment_ID of transaction 1 1, found 2"),
    (|e| sale(e, 10).tx[0].point_of_sale_id = PosId(5), 10, "expected PointOfSaleID of transaction 1 3, found 5"),
    (|e| sale(e, 10).lines[0].total = money(901), 10, "expected total of transaction 1 900, found 901"),
    (|e| sale(e, 12).lines[0].deposit = true, 12, "expected a line before its deposit, found a deposit first"),
    (|e| drop(sale(e, 11).tx.pop()), 11, "expected number of transactions 3, found 2"),
];

/// What was done to the reversal at 57 of the sale at 56, and to the one in two parts at 58 and 59.
#[rustfmt::skip] // One change, then what is said of it.
const REVERSALS: [Contradiction; 15] = [
    (|_| {}, 0, ""),
    (|e| sale(e, 57).lines[1].reverses = None, 57, "expected reverses in transaction 10, found none"),
    (|e| reverses(e, 57).id = TxId(9), 57, "expected an earlier transaction in transaction 9, found 9"),
    (|e| reverses(e, 57).id = TxId(0), 57, "expected an earlier transaction in transaction 9, found 0"),
    (|e| {
        let sale = sale(e, 57);
        sale.lines[1] = sale.lines[0].clone();
        (sale.tx[1].product_id, sale.tx[1].amount_money) = (sale.tx[0].product_id, sale.tx[0].amount_money);
    }, 57, "expected a transaction that was not taken back before in transaction 10, found 7"),
    (|e| reverses(e, 57).hash = TxHash([7; 64]), 57, "expected hash, product, total, tax rate, ticket and list entry of what it takes back in transaction 9, found others than those of 7"),
    (|e| reverses(e, 59).id = TxId(3), 59, "expected hash, product, total, tax rate, ticket and list entry of what it takes back in transaction 12, found others than those of 3"),
    (|e| sale(e, 57).tx[0].product_id = ProductId(99), 57, "expected hash, product, total, tax rate, ticket and list entry of what it takes back in transaction 9, found others than those of 7"),
    (|e| {
        let sale = sale(e, 58);
        (sale.lines[0].price, sale.lines[0].total) = (money(-900), money(-1800));
        sale.tx[0].amount_money = sale.currency.decimal(money(-1800));
    }, 58, "expected hash, product, total, tax rate, ticket and list entry of what it takes back in transaction 11, found others than those of 1"),
    (|e| reverses(e, 59).id = TxId(7), 59, "expected a transaction that was not taken back before in transaction 12, found 7"),
    (|e| e[59].fact = Fact::SaleRecorded(sale(e, 59).clone()), 59, r#"expected type "sale.reversed", found "sale.recorded""#),
    (|e| sale(e, 59).door = Door::ConcertPos, 59, r#"expected door "cashdesk", found "concertpos""#),
    (|e| sale(e, 57).lines[0].ticket.as_mut().unwrap().position = PreorderPositionId(2), 57, "expected hash, product, total, tax rate, ticket and list entry of what it takes back in transaction 9, found others than those of 7"),
    (|e| sale(e, 59).session = None, 59, "expected session 1, found null"),
    (|e| sale(e, 58).cash_given = Some(money(5)), 59, "expected cash_given 5, found null"),
];

fn reverses(events: &mut [Event], seq: usize) -> &mut Reversed {
    sale(events, seq).lines[0].reverses.as_mut().unwrap()
}

/// Recomputes every hash.
fn sealed(events: &mut [Event]) -> Vec<Vec<u8>> {
    let (mut prev, mut chains) = (Leaf::ZERO, BTreeMap::new());
    let mut lines = Vec::new();
    for (seq, event) in (0..).zip(events) {
        (event.seq, event.prev) = (seq, prev);
        if let Fact::SaleRecorded(sale) | Fact::SaleReversed(sale) = &mut event.fact {
            for tx in &mut sale.tx {
                let head = chains.entry(tx.point_of_sale_id).or_insert(TxHash::ZERO);
                tx.hash = tx.hash_after(&event.log, head);
                *head = tx.hash;
            }
        }
        let line = line::seal(event).unwrap();
        prev = line.leaf;
        lines.push(line.bytes);
    }
    lines
}

/// What this crate says of a log: nothing when it is whole.
fn verify_here(lines: &[Vec<u8>]) -> String {
    let mut chain = Chain::new(LogName::new("hafenfest").unwrap());
    let mut transactions = TxChains::default();
    for (seq, line) in lines.iter().enumerate() {
        let (event, _) = chain.link(line).unwrap();
        if let Err(broken) = transactions.check(&event) {
            return format!("seq {seq}: {broken}");
        }
    }
    let unfinished = |broken| format!("seq {}: {broken}", lines.len() - 1);
    transactions
        .finish()
        .map_or_else(unfinished, |()| String::new())
}

const VERIFY_EACH: &str = "
import io, sys, verify_events
for log in sys.stdin.buffer.read().split(b'\\n\\n')[:-1]:
    try:
        verify_events.verify(io.BytesIO(log + b'\\n'), None)
        print('whole')
    except verify_events.Refused as refused:
        print(refused)
";

#[test]
fn a_sale_that_contradicts_itself_is_told_alike_by_both() {
    told_alike(&log()[..14], &CONTRADICTIONS);
}

#[test]
fn a_reversal_that_contradicts_itself_is_told_alike_by_both() {
    told_alike(&log(), &REVERSALS);
}

fn told_alike(log: &[String], contradictions: &[Contradiction]) {
    let events: Vec<Event> = log
        .iter()
        .map(|line| line::read(line.trim_end_matches('\n').as_bytes()).unwrap())
        .collect();
    let (mut logs, mut expected) = (Vec::new(), Vec::new());
    for &(change, seq, said) in contradictions {
        let mut events = events.clone();
        change(&mut events);
        let lines = sealed(&mut events);
        let whole = said.is_empty();
        let said = if whole {
            String::new()
        } else {
            format!("seq {seq}: {said}")
        };
        assert_eq!(verify_here(&lines), said);
        logs.extend(
            lines
                .iter()
                .flat_map(|line| [line.as_slice(), b"\n"].concat()),
        );
        logs.push(b'\n');
        expected.push(if whole { "whole".to_owned() } else { said });
    }
    let (code, said) = python(&["-c", VERIFY_EACH], &logs);
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
    assert_eq!(code, 0);
}

const READ_EACH: &str = "
import json, verify_events
for entry in json.load(open('vectors/refused.json', encoding='utf-8')):
    line = entry.get('line', '').replace('~', 'x' * entry['fill'], 1) if 'fill' in entry else entry.get('line', '')
    try:
        verify_events.read(bytes.fromhex(entry['hex']) if 'hex' in entry else line.encode())
        print('accepted:', entry['name'])
    except verify_events.Refused:
        pass
for entry in json.load(open('vectors/events.json', encoding='utf-8')):
    assert verify_events.read(entry['line'].encode())['seq'] == entry['event']['seq']
";

#[test]
fn refused_lines_are_refused_and_events_are_read() {
    assert_eq!(python(&["-c", READ_EACH], b""), (0, String::new()));
}

/// The answers that would show the vectors' chains: instance and rows, newest first.
fn answers() -> BTreeMap<String, Vec<Value>> {
    let mut answers = BTreeMap::<String, Vec<Value>>::new();
    for entry in vectors("transactions.json") {
        answers
            .entry(text(&entry["instance"]).to_owned())
            .or_default()
            .insert(0, entry["record"].clone());
    }
    answers
}

fn verify_rows(instance: &str, rows: &[Value], more: &[&str]) -> (i32, String) {
    let answer = json!({"type": "event", "result": {"event": "listtransactions", "parameters": {
        "Count": rows.len(), "Transactions": rows,
    }}});
    python(
        &[&["verify_transactions.py", instance], more].concat(),
        answer.to_string().as_bytes(),
    )
}

#[test]
fn an_answer_verifies_itself() {
    for (instance, rows) in answers() {
        let whole = format!("OK {} rows", rows.len());
        assert_eq!(verify_rows(&instance, &rows, &[]), (0, whole), "{instance}");
        let (oldest, shown) = rows.split_last().unwrap();
        let limited = format!("OK {} rows", shown.len());
        assert_eq!(
            verify_rows(&instance, shown, &["-", text(&oldest["hash"])]),
            (0, limited.clone())
        );
        let mut shown = shown.to_vec();
        shown.last_mut().unwrap()["prev"] = oldest["hash"].clone();
        assert_eq!(verify_rows(&instance, &shown, &[]), (0, limited));
    }
    assert_eq!(
        verify_rows("festival", &[], &[]),
        (0, "OK 0 rows".to_owned())
    );
}

#[test]
fn an_answer_names_its_first_wrong_row() {
    let rows = answers().remove("festival").unwrap();
    let wrong_at = |rows: &[Value], instance: &str| {
        let (code, said) = verify_rows(instance, rows, &[]);
        assert_eq!(code, 1, "{said}");
        said.strip_prefix("WRONG at ID ")
            .unwrap()
            .split(':')
            .next()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    for (position, row) in rows.iter().enumerate() {
        for (member, value) in [
            ("AmountMoney", json!(7.77)),
            ("Note", json!("x")),
            ("ID", json!(1)),
            ("extra", json!(0)),
        ] {
            let mut changed = rows.clone();
            changed[position][member] = value;
            let id = &changed[position]["ID"];
            assert_eq!(
                wrong_at(&changed, "festival"),
                id.as_u64().unwrap(),
                "{member} of {row}"
            );
        }
    }
    let mut dropped = rows.clone();
    dropped.remove(4);
    assert_eq!(
        wrong_at(&dropped, "festival"),
        rows[3]["ID"].as_u64().unwrap()
    );
    assert_eq!(
        wrong_at(&rows, "tokyo-2"),
        rows.last().unwrap()["ID"].as_u64().unwrap()
    );
}
