//! The lines behind `vectors/refused.json`: each is the good line with one thing wrong.
//!
//! New lines go to the end, since the vectors are append-only.

use crate::line::{LineError, MAX_LINE_BYTES};
use serde_json::{Value, json};

/// A line that the reader accepts, with the characters that writers disagree about.
pub(super) const GOOD: &str = concat!(
    r#"{"$":"event/1","at":"2026-05-01T10:00:01.999999Z","by":"key:1","cmd":"concertpos/3/till","data":{"#,
    r#""currency":"EUR","door":"concertpos","lines":[{"deposit":false,"name":"Water","price":350,"#,
    r#""quantity":1000,"tax_rate":0,"total":350}],"part":1,"parts":2,"#,
    r#""payment":{"id":1,"kind":"cash","name":"Bar"},"point_of_sale":{"id":3,"name":"Main bar"},"#,
    r#""request":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262","#,
    r#""tx":[{"AmountMoney":3.5,"AmountProduct":1,"ID":2,"Note":null,"Payment_ID":1,"#,
    r#""PointOfSaleID":3,"Product_ID":8,"hash":"0e2fd8465798e32aa39f44ccde65922ea7a831da65c7fd9b"#,
    r#"b35507480ce15946bef86fbe5127d4e67c5ec45519a2536b70ffd2b775f601852aec880e8d4cd90d","#,
    r#""timestamp":"2026-05-01T10:00:01.000Z"},{"AmountMoney":18,"AmountProduct":1,"ID":3,"Note":""#,
    "\\n\\u001f\u{2028}🍺",
    r#"","Payment_ID":1,"PointOfSaleID":3,"Product_ID":8,"hash":"09c5e70a905c2d8f9621740e8c2a01f7"#,
    r#"873da1efe4e57cfeb3968ba16a10e01a9aa818747b26e55e9b7a45564b30d5ebb12f016798d92bab5992d89e80"#,
    r#"5e627f","timestamp":"2026-05-01T10:00:02.000Z"}]},"log":"festival","prev":"ae95ea00411321f2"#,
    r#"a78d7934ec2f866aa924a6759609652329624651ec1567b5","seq":1,"type":"sale.recorded"}"#,
);

/// Name, what is replaced (once) in the good line, and by what.
#[rustfmt::skip] // One row, one line.
const REPLACED: &[(&str, &str, &str)] = &[
    ("a member twice, same value", r#""part":1,"#, r#""part":1,"part":1,"#),
    ("a member of the envelope twice", r#""seq":1"#, r#""seq":1,"seq":1"#),
    ("1.0 for 1", r#""part":1"#, r#""part":1.0"#),
    ("1e0 for 1", r#""part":1"#, r#""part":1e0"#),
    ("1e3 for an amount", r#""AmountMoney":3.5"#, r#""AmountMoney":1e3"#),
    ("-0 for 0", r#""tax_rate":0"#, r#""tax_rate":-0"#),
    ("-0 for an amount", r#""AmountMoney":3.5"#, r#""AmountMoney":-0"#),
    ("a leading zero", r#""part":1"#, r#""part":01"#),
    ("a leading plus", r#""part":1"#, r#""part":+1"#),
    ("a number as a text", r#""part":1"#, r#""part":"1""#),
    ("a negative count", r#""part":1"#, r#""part":-1"#),
    ("a count above 32 bits", r#""part":1"#, r#""part":4294967296"#),
    ("a seq above 2^53 - 1", r#""seq":1"#, r#""seq":9007199254740992"#),
    ("a seq above 64 bits", r#""seq":1"#, r#""seq":18446744073709551616"#),
    ("a transaction id above 2^53 - 1", r#""ID":2"#, r#""ID":9007199254740993"#),
    ("an amount of 16 digits", r#""AmountMoney":3.5"#, r#""AmountMoney":90071992547409.91"#),
    ("a price of 16 digits", r#""price":350"#, r#""price":1000000000000000"#),
    ("a trailing zero in an amount", r#""AmountMoney":3.5"#, r#""AmountMoney":3.50"#),
    ("18.0 for 18", r#""AmountMoney":3.5"#, r#""AmountMoney":18.0"#),
    ("five decimals in an amount", r#""AmountMoney":3.5"#, r#""AmountMoney":0.00001"#),
    ("a point without digits after it", r#""AmountMoney":3.5"#, r#""AmountMoney":3."#),
    ("a point without digits before it", r#""AmountMoney":3.5"#, r#""AmountMoney":.5"#),
    ("an amount that is no number", r#""AmountMoney":3.5"#, r#""AmountMoney":NaN"#),
    ("an amount as a text", r#""AmountMoney":3.5"#, r#""AmountMoney":"3.5""#),
    ("a rate above 100 %", r#""tax_rate":0"#, r#""tax_rate":10001"#),
    ("a slash escaped", r#""name":"Main bar""#, r#""name":"Main\/bar""#),
    ("a letter escaped", r#""name":"Main bar""#, r#""name":"\u004dain bar""#),
    ("a letter of a member's name escaped", r#""seq":1"#, r#""s\u0065q":1"#),
    ("U+2028 escaped", "\u{2028}", r"\u2028"),
    ("an emoji escaped as surrogates", "🍺", r"\ud83c\udf7a"),
    ("a long escape where a short one exists", r"\n", r"\u000a"),
    ("an upper-case escape", r"\u001f", r"\u001F"),
    ("a control character as it is", r"\n", "\n"),
    ("an escape that does not exist", r"\n", r"\x0a"),
    ("a lone leading surrogate", r"\n", r"\ud800"),
    ("a lone trailing surrogate", r"\n", r"\udc00"),
    ("upper-case hex in a hash", r#""request":"af13"#, r#""request":"Af13"#),
    ("a short hash", r#""request":"af13"#, r#""request":"13"#),
    ("an unknown member of the envelope", r#","log":"#, r#","eff":"2026-05-01T10:00:00.000000Z","log":"#),
    ("an unknown member of the data", r#""part":1,"#, r#""paid":true,"part":1,"#),
    ("an unknown member of a transaction", r#""Note":"#, r#""Name":"x","Note":"#),
    ("a missing member of the envelope", r#""by":"key:1","#, ""),
    ("a missing member of the data", r#""part":1,"#, ""),
    ("a missing member that could be zero", r#""tax_rate":0,"#, ""),
    ("a missing note instead of null", r#""Note":null,"#, ""),
    ("null instead of a missing member", r#""request":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262""#, r#""request":null"#),
    ("a later envelope", r#""event/1""#, r#""event/2""#),
    ("a type of later times", r#""sale.recorded""#, r#""sale.recorded@2""#),
    ("a type in another case", r#""sale.recorded""#, r#""Sale.recorded""#),
    ("members in another order", r#""part":1,"parts":2"#, r#""parts":2,"part":1"#),
    ("members of the envelope in another order", r#""by":"key:1","cmd":"concertpos/3/till""#, r#""cmd":"concertpos/3/till","by":"key:1""#),
    ("a space after a colon", r#""seq":1"#, r#""seq": 1"#),
    ("a comma before the end", r#""seq":1,"#, r#""seq":1,,"#),
    ("five decimals in a time", ".999999Z", ".99999Z"),
    ("seven decimals in a time", ".999999Z", ".9999990Z"),
    ("no decimals in a time", ".999999Z", "Z"),
    ("an offset instead of Z", ".999999Z", ".999999+00:00"),
    ("a small z", ".999999Z", ".999999z"),
    ("a space instead of T", r#""at":"2026-05-01T"#, r#""at":"2026-05-01 "#),
    ("a day that no calendar has", r#""at":"2026-05-01T"#, r#""at":"2026-02-29T"#),
    ("a time before 1970", r#""at":"2026-05-01T"#, r#""at":"1969-05-01T"#),
    ("a leap second", r#":01.000Z""#, r#":60.000Z""#),
    ("milliseconds in a transaction's time", r#":01.000Z""#, r#":01.001Z""#),
    ("six decimals in a transaction's time", r#":01.000Z""#, r#":01.000000Z""#),
    ("a plus in an actor", r#""key:1""#, r#""key:+1""#),
    ("a leading zero in an actor", r#""key:1""#, r#""key:01""#),
    ("an actor of no kind", r#""key:1""#, r#""device:1""#),
    ("an actor above 32 bits", r#""key:1""#, r#""key:4294967296""#),
    ("a log that is no slug", r#""log":"festival""#, r#""log":"Festival""#),
    ("a log with the name of a door", r#""log":"festival""#, r#""log":"ledger""#),
    ("a currency that does not exist", r#""currency":"EUR""#, r#""currency":"EUX""#),
    ("a currency in small letters", r#""currency":"EUR""#, r#""currency":"eur""#),
    ("a value outside its list", r#""kind":"cash""#, r#""kind":"gold""#),
    ("a list instead of an object", r#""payment":{"id":1,"kind":"cash","name":"Bar"}"#, r#""payment":[1,"cash","Bar"]"#),
];

/// Name, and what stands around the good line (`~`).
#[rustfmt::skip] // One row, one line.
const AROUND: &[(&str, &str)] = &[
    ("nothing", ""),
    ("no object", "42"),
    ("null", "null"),
    ("a byte order mark", "\u{feff}~"),
    ("a space after the line", "~ "),
    ("a space before the line", " ~"),
    ("a line feed as part of the line", "~\n"),
    ("a carriage return", "~\r"),
    ("two lines in one", "~\n~"),
    ("a comma behind the line", "~,"),
    ("a zero byte behind the line", "~\0"),
    ("a list around the line", "[~]"),
];

/// Name, and what stands in the middle of the good line's note: bytes that are no UTF-8.
const NOT_UTF8: &[(&str, &[u8])] = &[
    ("a byte that no character starts with", b"\xff"),
    ("a character cut short", b"\xe2\x80"),
    ("a surrogate encoded as three bytes", b"\xed\xa0\x80"),
    ("an overlong character", b"\xc0\xaf"),
    ("a character above U+10FFFF", b"\xf4\x90\x80\x80"),
];

pub(super) fn entries() -> Vec<Value> {
    let replaced = REPLACED.iter().map(|(name, old, new)| {
        assert!(GOOD.contains(old), "{name}: the good line has no {old}");
        json!({"name": name, "line": GOOD.replacen(old, new, 1)})
    });
    let around = AROUND
        .iter()
        .map(|(name, line)| json!({"name": name, "line": line.replace('~', GOOD)}));
    let not_utf8 = NOT_UTF8.iter().map(|(name, wrong)| {
        let (before, after) = GOOD.split_once('🍺').unwrap();
        let bytes = [before.as_bytes(), wrong, after.as_bytes()].concat();
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({"name": name, "hex": hex.concat()})
    });
    let filled = GOOD.replace("Main bar", "~");
    let fill = MAX_LINE_BYTES + 1 - (filled.len() - 1);
    let too_long = json!({"name": "one byte too long", "line": filled, "fill": fill});
    replaced
        .chain(around)
        .chain(not_utf8)
        .chain([too_long])
        .map(with_kind)
        .collect()
}

fn with_kind(mut entry: Value) -> Value {
    let bytes = bytes(&entry);
    let Err(error) = crate::line::read(&bytes) else {
        panic!("accepted: {entry}")
    };
    entry["kind"] = kind(&error).into();
    entry
}

/// The bytes of an entry: `hex`, or `line`, in which `fill` times `x` stand for the `~`.
pub(super) fn bytes(entry: &Value) -> Vec<u8> {
    if let Some(hex) = entry["hex"].as_str() {
        let digits: Vec<u8> = hex
            .chars()
            .map(|c| u8::try_from(c.to_digit(16).unwrap()).unwrap())
            .collect();
        return digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect();
    }
    let line = entry["line"].as_str().unwrap();
    let fill = entry["fill"]
        .as_u64()
        .map(|times| "x".repeat(usize::try_from(times).unwrap()));
    fill.map_or_else(|| line.to_owned(), |fill| line.replacen('~', &fill, 1))
        .into_bytes()
}

pub(super) const fn kind(error: &LineError) -> &'static str {
    match error {
        LineError::TooLong(_) => "too long",
        LineError::NotUtf8(_) => "not UTF-8",
        LineError::Syntax(_) => "syntax",
        LineError::UnknownVersion(_) => "unknown version",
        LineError::UnknownType(_) => "unknown type",
        LineError::NotCanonical(_) => "not canonical",
    }
}
