//! Whole requests: methods, paths, queries and headers that HTTP allows and nobody expects.

use super::super::venue::{BO, KIM, LU, SAM, TONI};
use super::text;
use crate::support::Dice;
use std::fmt;

/// A request as it goes over the wire.
pub(super) struct Spoken {
    pub method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Spoken {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nconnection: close\r\n",
            self.method, self.target
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        [head.as_bytes(), &self.body].concat()
    }
}

impl fmt::Debug for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes();
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1500)]).into_owned();
        write!(f, "{text}")
    }
}

pub(super) fn request(dice: &mut Dice) -> Spoken {
    let method = match dice.roll(10) {
        0 => *dice.pick(&[
            "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "PROPFIND", "post", "X",
        ]),
        1..4 => "GET",
        _ => "POST",
    };
    let body = if matches!(method, "GET" | "HEAD") {
        Vec::new()
    } else {
        body(dice)
    };
    Spoken {
        method,
        target: target(dice),
        headers: headers(dice),
        body,
    }
}

/// Where there is something, below `/api/`.
const PATHS: &str = " transactions transactions transactions transactions/1 transactions/1/reverse \
    products products/1 preorders preorders/1 preorderpositions listconstraints \
    listconstraintentries pings pings/1 pings/1/mark_synced cashdesk/print-ping cashdesk/pong \
    cashdesk/supply cashdesk/reprint-receipt cashdesk/current-time cashdesk/open-drawer";

/// What may stand in a path, and seldom does.
const PIECES: &str =
    "/ // . .. %2F %2e%2e %00 % %zz %ff ~ : @ ' \" { } | ; = & + 1 reverse 18446744073709551616 ä";

/// One of several words.
fn word(dice: &mut Dice, words: &'static str) -> &'static str {
    let words: Vec<_> = words.split(' ').collect();
    words[dice.index(words.len())]
}

fn target(dice: &mut Dice) -> String {
    let mut path = format!("/api/{}", word(dice, PATHS));
    match dice.roll(8) {
        0 => (0..=dice.roll(6)).for_each(|_| path.push_str(word(dice, PIECES))),
        1 => {
            let id = word(dice, "0 -1 2 1e0 x %31 99999999999999999999");
            path = path.replace('1', id);
        }
        2 => {}
        _ => path.push('/'),
    }
    if dice.roll(60) == 0 {
        path.push_str(&"x".repeat(8000));
    }
    if dice.roll(3) == 0 {
        path.push('?');
        path.push_str(&query(dice));
    }
    path
}

fn query(dice: &mut Dice) -> String {
    let names = "page search secret listid ponged synced  %00 page%5B%5D ü";
    let values = " 1 2 last 0 -1 x %ff%fe % %zz family Example %00%00%00 99999999999999999999 true \
        a&b = + %F0%9F%8E%9F 1%0d%0aset-cookie:x ????";
    let pairs = (0..=dice.roll(5)).map(|_| match dice.roll(8) {
        0 => (*dice.pick(&["&", "=", "&&==", "?", ";"])).to_owned(),
        1 => format!("search={}", "%C3%A4".repeat(dice.index(1000))),
        _ => format!("{}={}", word(dice, names), word(dice, values)),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn headers(dice: &mut Dice) -> Vec<(&'static str, String)> {
    let mut headers = vec![("host", host(dice))];
    let token = *dice.pick(&[KIM, LU, TONI, BO, SAM]);
    match dice.roll(16) {
        0 => {}
        1 => headers.push(("authorization", odd(dice))),
        2 => headers.push(("authorization", format!("Token {}", odd(dice)))),
        _ => headers.push(("authorization", format!("Token {token}"))),
    }
    match dice.roll(12) {
        0 => {}
        1 => headers.push(("content-type", odd(dice))),
        2 => headers.push((
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        )),
        3 => headers.push((
            "content-type",
            format!("multipart/form-data; boundary={}", odd(dice)),
        )),
        4 => headers.push(("content-type", "text/xml".to_owned())),
        _ => headers.push(("content-type", "application/json".to_owned())),
    }
    for name in [
        "idempotency-key",
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-proto",
        "accept",
        "cookie",
    ] {
        if dice.roll(8) == 0 {
            headers.push((name, odd(dice)));
        }
    }
    headers
}

fn host(dice: &mut Dice) -> String {
    match dice.roll(6) {
        0 => odd(dice),
        _ => "desk.example".to_owned(),
    }
}

/// What a header may hold, and seldom does.
fn odd(dice: &mut Dice) -> String {
    let pieces = [
        "",
        " ",
        "a",
        "k",
        "\"",
        "\\",
        ",",
        ";",
        "=",
        "for=",
        "proto=https",
        "[::1]",
        "127.0.0.1",
        "unknown",
        "ä",
        "\t",
        "Token",
        "Bearer",
        "boundary=\"",
        "application/",
        "json",
        "*/*",
        "%00",
        "🎟",
    ];
    let text: String = (0..dice.roll(8)).map(|_| *dice.pick(&pieces)).collect();
    match dice.roll(30) {
        0 => text + &"k".repeat(300),
        _ => text,
    }
}

fn body(dice: &mut Dice) -> Vec<u8> {
    match dice.roll(12) {
        0 => Vec::new(),
        1 => {
            let length = dice.index(2000);
            (0..length)
                .map(|_| u8::try_from(dice.roll(256)).unwrap())
                .collect()
        }
        2 => broken(dice),
        3 => form(dice),
        4 => vec![b' '; (1 << 20) - dice.index(2)],
        _ => text::body(dice).into_bytes(),
    }
}

/// JSON with a byte too few, too many or another.
fn broken(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = text::body(dice).into_bytes();
    let place = dice.index(bytes.len());
    let byte = *dice.pick(&[0, 0x1f, b'"', b'\\', b'}', b'[', b',', 0xc3, 0xff]);
    match dice.roll(3) {
        0 => bytes.truncate(place),
        1 => bytes.insert(place, byte),
        _ => bytes[place] = byte,
    }
    bytes
}

fn form(dice: &mut Dice) -> Vec<u8> {
    match dice.roll(3) {
        0 => query(dice).into_bytes(),
        1 => "a=1&"
            .repeat(*dice.pick(&[999, 1000, 1001, 100_000]))
            .into_bytes(),
        _ => {
            let disposition = odd(dice);
            format!(
                "--a\r\nContent-Disposition: form-data; name={disposition}\r\n\r\nx\r\n--a--\r\n"
            )
            .into_bytes()
        }
    }
}
