//! What stands on a sheet is read back with readers that are not ours.

use super::font::Font;
use super::layout::{Card, Sheet};
use super::{base, pdf, png, svg};
use std::io::Cursor;

const URL: &str = "https://menu.example/t/restaurant.1000028.0123456789abcdef0123456789abcdef";

fn sheet(names: &[&str]) -> Sheet {
    let font = Font::open().unwrap();
    let urls: Vec<_> = (0..names.len())
        .map(|index| format!("{URL}{index}"))
        .collect();
    let cards = names.iter().zip(&urls).map(|(name, url)| Card {
        venue: "Ресторан «У реки»",
        place: (*name).to_owned(),
        scan: "Меню, заказ, счёт: наведите телефон",
        url,
    });
    Sheet::new(&font, cards).unwrap()
}

/// The texts of the codes in a PNG, card by card as they are cut.
fn decoded(bytes: &[u8]) -> Vec<String> {
    let mut reader = ::png::Decoder::new(Cursor::new(bytes)).read_info().unwrap();
    let mut grey = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut grey).unwrap();
    let (width, height) = (frame.width as usize, frame.height as usize);
    let (across, down) = (width / 2, height / (3 * height.div_ceil(width * 2)));
    let mut found = Vec::new();
    for top in (0..height / down).map(|row| row * down) {
        for left in [0, across] {
            let pixel = |x: usize, y: usize| grey[(top + y) * width + left + x];
            let mut image = rqrr::PreparedImage::prepare_from_greyscale(across, down, pixel);
            let grids = image.detect_grids().into_iter();
            found.extend(grids.map(|grid| grid.decode().unwrap().1));
        }
    }
    found
}

#[test]
fn every_code_of_a_picture_is_read_back() {
    for count in [1, 2, 6, 8] {
        let names = ["6", "7", "Терраса 1", "Bühne", "Ł", "Ωμέγα", "8", "9"];
        let bytes = png::write(&sheet(&names[..count])).unwrap();
        let expected: Vec<_> = (0..count).map(|index| format!("{URL}{index}")).collect();
        assert_eq!(decoded(&bytes), expected);
    }
}

#[test]
fn letters_are_drawn_and_long_texts_stay_on_their_card() {
    let font = Font::open().unwrap();
    assert!(font.has("Table Tisch Стол Маса Ωμέγα Łódź №5 – „Ü“ €"));
    assert!(!font.has("卓") && !font.has("🍕"));
    let long = "Сад ".repeat(100);
    for name in ["Терраса 1", &long] {
        let sheet = sheet(&[name, "2"]);
        let page = &sheet.pages[0];
        assert!(!page.outlines.is_empty());
        let xs = page
            .outlines
            .iter()
            .flat_map(|outline| &outline.0)
            .map(|segment| match segment {
                super::layout::Segment::Begin(to)
                | super::layout::Segment::Line(to)
                | super::layout::Segment::Curve(_, to) => to.x,
            });
        // Each card's own: none is on the edge between the two.
        let edge = super::layout::WIDTH / 2.0;
        for x in xs {
            assert!((10.0..200.0).contains(&x) && (x - edge).abs() > 4.0, "{x}");
        }
    }
}

#[test]
fn a_vector_picture_has_its_pages_below_each_other() {
    let names = ["1", "2", "3", "4", "5", "6", "<7>"];
    let text = svg::write(&sheet(&names));
    assert!(
        text.starts_with(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"210mm\" height=\"594mm\""
        )
    );
    assert!(text.trim_end().ends_with("</svg>"));
    assert_eq!(text.matches("<g ").count(), 2);
    assert_eq!(text.matches(URL).count(), 7);
    assert!(text.contains("&lt;7>") && !text.contains("<text"));
}

#[test]
fn a_document_has_pages_of_vectors() {
    let names = ["1", "2", "3", "4", "5", "6", "7"];
    let bytes = pdf::write(&sheet(&names));
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("%PDF-1.7") && text.trim_end().ends_with("%%EOF"));
    assert_eq!(text.matches("/Type /Page\n").count(), 2);
    assert!(text.contains("/Count 2"));
    assert!(text.matches(" re\n").count() > 7 * 200, "rectangles");
    assert!(!text.contains("/Image") && !text.contains("/Font"));
}

#[test]
fn base_urls_are_those_of_servers() {
    for (given, expected) in [
        ("https://menu.example", "https://menu.example"),
        ("https://menu.example/", "https://menu.example"),
        (
            " http://127.0.0.1:8080/here/ ",
            "http://127.0.0.1:8080/here",
        ),
    ] {
        assert_eq!(base(given).unwrap(), expected);
    }
    for wrong in [
        "",
        "menu.example",
        "https://",
        "ftp://x",
        "https://a b",
        "https://a?b",
        "https://a#b",
    ] {
        assert!(base(wrong).is_err(), "{wrong}");
    }
}
