//! Every dialect reads the answers that were published.

use super::commands::published;
use super::{codes, money};
use crate::device::{Level, Message};
use crate::isl::Isl;
use crate::isl::dialect::Paid;
use crate::isl::frame::Frame;
use crate::isl::line::{Kind, Reply};
use crate::isl::status;

/// The published answer whose purpose begins with these words.
fn answer(protocol: &str, purpose: &str) -> Reply {
    let published = published(protocol, true);
    let found = published
        .into_iter()
        .find(|(words, _)| words.starts_with(purpose));
    let (_, Frame { data, status, .. }) = found.unwrap();
    Reply { data, status }
}

#[test]
fn published_answers_are_understood() {
    let p = Isl::P.dialect();
    let state = p.read_state(&answer("isl-p", "receipt state")).unwrap();
    assert!(state.open);
    assert_eq!(
        (state.amount, state.paid),
        (Some(money(3000)), Some(money(3000)))
    );
    assert_eq!(
        p.read_cash(&answer("isl-p", "cash reply")),
        Some(money(123_456))
    );
    assert!(!p.is_moved(&answer("isl-p", "withdraw refused")));
    assert_eq!(
        p.read_number(&answer("isl-p", "last document")).as_deref(),
        Some("0000085")
    );
    for (purpose, paid) in [
        ("payment reply: exact", Paid::Open(0)),
        ("payment reply variant: change", Paid::Enough),
        ("payment reply variant: refused", Paid::Refused),
    ] {
        assert_eq!(p.paid(&answer("isl-p", purpose)), Some(paid));
    }
    let x = Isl::X.dialect();
    let state = x.read_state(&answer("isl-x", "receipt state")).unwrap();
    assert_eq!((state.open, state.number.as_deref()), (true, Some("85")));
    assert_eq!(
        (state.amount, state.paid),
        (Some(money(1700)), Some(money(1700)))
    );
    assert_eq!(
        x.closed_number(&answer("isl-x", "close reply")).as_deref(),
        Some("85")
    );
    assert_eq!(
        x.read_cash(&answer("isl-x", "cash reply")),
        Some(money(123_456))
    );
    assert_eq!(
        x.paid(&answer("isl-x", "payment reply: D")),
        Some(Paid::Open(0))
    );
    assert_eq!(
        x.paid(&answer("isl-x", "payment reply: change")),
        Some(Paid::Enough)
    );
}

#[test]
fn a_refusal_shows_in_the_error_code_alone() {
    let x = Isl::X.dialect();
    let reply = answer("isl-x", "refusal carried ONLY");
    assert!(!status::is_refusal(x.maker(), &reply, Kind::Act));
    let refusal = x.refusal(&reply).unwrap();
    assert_eq!(
        (refusal.code, refusal.original.as_deref()),
        (Some("E404"), Some("-111016"))
    );
    for (purpose, code) in [("wrong operator", "E408"), ("paper out", "E301")] {
        assert_eq!(
            x.refusal(&answer("isl-x", purpose)).unwrap().code,
            Some(code)
        );
    }
    assert_eq!(x.refusal(&answer("isl-x", "generic success")), None);
    assert_eq!(
        x.refusal(&answer("isl-x", "device info reply FP-700X")),
        None
    );
}

#[test]
fn status_bits_become_messages() {
    let told = |dialect: Isl, reply: &Reply| {
        let maker = dialect.dialect().maker();
        status::messages(maker, &reply.status)
    };
    let healthy = answer("isl-p", "status reply");
    let messages = told(Isl::P, &healthy);
    assert!(messages.iter().all(|message| message.level == Level::Info));
    let switches = "SW7=ON, SW6=ON, SW5=OFF, SW4=ON, SW3=OFF, SW2=ON, SW1=OFF";
    assert!(messages.contains(&Message::info(switches)));
    let empty = answer("isl-p", "same, but paper out");
    assert_eq!(codes(&told(Isl::P, &empty)), ["E199", "E301"]);
    assert!(status::is_refusal(
        Isl::P.dialect().maker(),
        &empty,
        Kind::Act
    ));
    // A question is answered without paper too.
    assert!(!status::is_refusal(
        Isl::P.dialect().maker(),
        &empty,
        Kind::Query
    ));
    let syntax = answer("isl", "reply to the wrong modifier");
    assert!(codes(&told(Isl::C, &syntax)).contains(&"E401"));
    assert!(status::is_refusal(
        Isl::C.dialect().maker(),
        &syntax,
        Kind::Query
    ));
    let password = answer("isl-daisy", "error number 66");
    assert_eq!(
        codes(&told(Isl::Daisy, &password)),
        ["E199", "E408", "E408"]
    );
    assert!(status::is_refusal(
        Isl::Daisy.dialect().maker(),
        &password,
        Kind::Act
    ));
    let texts: Vec<_> = told(Isl::X, &answer("isl-x", "status reply"))
        .into_iter()
        .map(|one| one.text)
        .collect();
    let example = ["Serial number and number of FM are set", "FM is formatted"];
    assert!(
        example
            .iter()
            .all(|text| texts.iter().any(|told| told == text)),
        "{texts:?}"
    );
}
