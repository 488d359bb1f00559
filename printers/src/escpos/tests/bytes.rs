//! Bytes as published, and nothing that a text could smuggle in.

use crate::escpos::document::{Align, Cut, Document, Paper, Style};
use crate::escpos::preview::preview;
use crate::escpos::status::{Question, read};
use crate::text::CodePage;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Entry {
    protocol: String,
    purpose: String,
    hex: String,
}

fn published(purpose: &str) -> Vec<u8> {
    let all: Vec<Entry> =
        serde_json::from_str(include_str!("../../../tests/frames.json")).expect("frames");
    let ours = |entry: &Entry| entry.protocol == "escpos" && entry.purpose.starts_with(purpose);
    let entry = all.into_iter().find(ours).expect(purpose);
    let pairs = entry.hex.split_whitespace();
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).expect("hex"))
        .collect()
}

/// What is written behind the beginning.
fn written(paper: Paper, print: impl FnOnce(&mut Document)) -> Vec<u8> {
    let mut document = Document::new(paper);
    print(&mut document);
    document.into_bytes().split_off(5)
}

#[test]
fn published_bytes_are_written() {
    let paper = Paper::default();
    for (purpose, paper) in [
        ("initialise and select code page 17", paper),
        (
            "initialise and select code page 46",
            Paper::epson(42, CodePage::Cp1251),
        ),
    ] {
        assert_eq!(Document::new(paper).into_bytes(), published(purpose));
    }
    let title = written(paper, |document| document.styled("ГОТОВО", Style::TITLE));
    assert_eq!(title, published("centre, bold"));
    let cut = written(paper, |document| {
        document.feed(3);
        document.cut(Cut::Partial);
    });
    assert_eq!(cut, published("feed 3 lines"));
    assert_eq!(
        written(paper, Document::drawer),
        published("open cash drawer")
    );
    assert_eq!(
        written(paper, |document| document.qr("12345678901", 6)),
        published("QR code")
    );
    for (question, purpose) in [
        (Question::Printer, "real-time printer status"),
        (Question::Offline, "real-time offline cause"),
        (Question::Paper, "real-time paper sensor"),
    ] {
        assert_eq!(question.bytes().to_vec(), published(purpose));
    }
}

#[test]
fn published_answers_are_read() {
    let codes = |question: Question, purpose: &str| {
        let messages = read(question, published(purpose)[0]).expect(purpose);
        let codes = messages.into_iter().filter_map(|message| message.code);
        codes.collect::<Vec<_>>()
    };
    assert!(codes(Question::Printer, "printer online").is_empty());
    assert_eq!(codes(Question::Printer, "printer offline"), ["E101"]);
    assert_eq!(codes(Question::Offline, "cover open"), ["E302"]);
    assert_eq!(codes(Question::Paper, "paper near end"), ["W301"]);
    assert_eq!(codes(Question::Paper, "paper out"), ["E301"]);
    assert_eq!(read(Question::Paper, 0xFF), None);
    assert_eq!(read(Question::Paper, 0x00), None);
}

#[test]
fn nothing_in_a_text_moves_the_printer() {
    let paper = Paper::epson(32, CodePage::Cp866);
    let evil = "\u{1b}@\u{1d}V\u{0}\u{10}\u{4}\u{1}text";
    let bytes = written(paper, |document| {
        document.line(evil);
        document.sides(evil, evil);
        document.styled(
            evil,
            Style {
                align: Align::Right,
                ..Style::BOLD
            },
        );
        document.qr("a\u{10}\u{4}b", 6);
    });
    assert!(!bytes.contains(&0x10));
    let text = preview(&bytes, paper);
    assert!(!text.contains("[cut]"), "{text}");
}

proptest! {
    #[test]
    fn any_bytes_have_a_preview(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = preview(&bytes, Paper::default());
        prop_assert!(bytes.is_empty() || text.len() < 200_000);
    }

    #[test]
    fn what_is_written_is_seen(left in "[a-zА-я ]{0,60}", right in "[0-9.]{0,12}", columns in 20..60_usize) {
        let paper = Paper::epson(columns, CodePage::Cp866);
        let bytes = written(paper, |document| document.sides(&left, &right));
        let text = preview(&bytes, paper);
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(squeeze(&text), squeeze(&format!("{left}{right}")));
        prop_assert!(text.lines().all(|line| line.chars().count() <= columns));
    }
}
