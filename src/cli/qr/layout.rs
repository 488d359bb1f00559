//! Where everything stands on the sheet: A4 pages with six cards each, in millimetres from the upper
//! left. Everything is black, so a page is only shapes.

use super::font::Font;
use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};

/// The size of a page.
pub(super) const WIDTH: f32 = 210.0;
pub(super) const HEIGHT: f32 = 297.0;

const COLUMNS: usize = 2;
const ROWS: usize = 3;
const CARD_WIDTH: f32 = 96.0;
const CARD_HEIGHT: f32 = 92.0;

/// The largest side of a code.
const CODE: f32 = 58.0;

/// Sides of modules are whole multiples of this, a pixel of the PNG: so codes are as sharp there as on
/// paper.
pub(super) const PIXEL: f32 = 25.4 / DOTS_PER_INCH;
pub(super) const DOTS_PER_INCH: f32 = 150.0;

/// Letters do not get smaller than this; a text that is still too long is cut.
const SMALLEST: f32 = 2.4;

/// A point on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub x: f32,
    pub y: f32,
}

/// A part of an outline.
#[derive(Clone, Copy, Debug)]
pub(super) enum Segment {
    Begin(Point),
    Line(Point),
    /// A quadratic curve: its control point, and where it ends.
    Curve(Point, Point),
}

/// A filled shape with curves, like a letter: closed contours, by the non-zero rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline(pub Vec<Segment>);

impl Outline {
    pub(super) fn begin(&mut self, point: Point) {
        self.0.push(Segment::Begin(point));
    }

    pub(super) fn line(&mut self, point: Point) {
        self.0.push(Segment::Line(point));
    }

    pub(super) fn curve(&mut self, control: Point, point: Point) {
        self.0.push(Segment::Curve(control, point));
    }
}

/// A filled rectangle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub at: Point,
    pub width: f32,
    pub height: f32,
}

/// What stands on a page.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub bars: Vec<Bar>,
    pub outlines: Vec<Outline>,
    /// What it says, for those who do not see it.
    pub words: Vec<String>,
}

/// The pages.
#[derive(Debug)]
pub(super) struct Sheet {
    pub pages: Vec<Page>,
}

/// What is said at a table.
pub(super) struct Card<'a> {
    pub venue: &'a str,
    pub place: String,
    pub scan: &'a str,
    pub url: &'a str,
}

impl Sheet {
    /// Lays the cards out.
    pub(super) fn new<'a>(
        font: &Font,
        cards: impl Iterator<Item = Card<'a>>,
    ) -> Result<Self, QrError> {
        let mut pages: Vec<Page> = Vec::new();
        for (index, card) in cards.enumerate() {
            let slot = index % (COLUMNS * ROWS);
            if slot == 0 {
                pages.push(Page::default());
            }
            let corner = Point {
                x: stretch(slot % COLUMNS, CARD_WIDTH, (WIDTH, COLUMNS)),
                y: stretch(slot / COLUMNS, CARD_HEIGHT, (HEIGHT, ROWS)),
            };
            if let Some(page) = pages.last_mut() {
                page.card(font, corner, &card)?;
            }
        }
        Ok(Self { pages })
    }
}

/// Where the card of this index begins, when so many of its size stand in the middle of a length.
#[expect(clippy::cast_precision_loss, reason = "cards of a page are few")]
fn stretch(index: usize, size: f32, (length, count): (f32, usize)) -> f32 {
    let margin = (size.mul_add(-(count as f32), length)) / 2.0;
    size.mul_add(index as f32, margin)
}

impl Page {
    fn card(&mut self, font: &Font, corner: Point, card: &Card<'_>) -> Result<(), QrError> {
        self.marks(corner);
        self.text(font, corner, (card.venue, 4.2, 10.0));
        self.code(corner, card.url)?;
        self.text(font, corner, (&card.place, 7.5, 82.0));
        self.text(font, corner, (card.scan, 3.4, 88.5));
        let words = [card.venue, &card.place, card.scan, card.url];
        self.words.push(words.join(" · "));
        Ok(())
    }

    /// Corners to cut along.
    fn marks(&mut self, corner: Point) {
        const LONG: f32 = 4.0;
        const THIN: f32 = PIXEL;
        for (right, low) in [(false, false), (true, false), (false, true), (true, true)] {
            let x = if right {
                corner.x + CARD_WIDTH
            } else {
                corner.x
            };
            let y = if low {
                corner.y + CARD_HEIGHT
            } else {
                corner.y
            };
            let across = Point {
                x: if right { x - LONG } else { x },
                y,
            };
            let down = Point {
                x,
                y: if low { y - LONG } else { y },
            };
            self.bars.push(Bar {
                at: across,
                width: LONG,
                height: THIN,
            });
            self.bars.push(Bar {
                at: down,
                width: THIN,
                height: LONG,
            });
        }
    }

    /// A line of text in the middle of a card: the text, its size, and how far below the card's upper
    /// side it stands.
    fn text(&mut self, font: &Font, corner: Point, (text, size, below): (&str, f32, f32)) {
        let room = CARD_WIDTH - 10.0;
        let mut text = text.trim().to_owned();
        let width = font.width(&text, size);
        let size = if width > room {
            (size * room / width).max(SMALLEST)
        } else {
            size
        };
        while font.width(&text, size) > room {
            text = text.trim_end_matches('…').to_owned();
            text.pop();
            text.push('…');
        }
        let from = Point {
            x: corner.x + (CARD_WIDTH - font.width(&text, size)) / 2.0,
            y: corner.y + below,
        };
        self.outlines.extend(font.outlines(&text, size, from));
    }

    /// The code of a URL in the middle of a card, with a quiet zone of four modules around it.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a code has at most 177 modules a side"
    )]
    fn code(&mut self, corner: Point, url: &str) -> Result<(), QrError> {
        let code = QrCode::with_error_correction_level(url, EcLevel::M)?;
        let side = code.width();
        let module = ((CODE / side as f32) / PIXEL).floor().max(1.0) * PIXEL;
        let start = |middle: f32| ((middle - module * side as f32 / 2.0) / PIXEL).round() * PIXEL;
        let (left, top) = (start(corner.x + CARD_WIDTH / 2.0), start(corner.y + 43.5));
        let colors = code.to_colors();
        for (y, row) in colors.chunks(side).enumerate() {
            let mut x = 0;
            // Neighbours in a row are one bar: no hairline can appear between them.
            for run in row.chunk_by(|a, b| a == b) {
                if run[0] == Color::Dark {
                    let at = Point {
                        x: module.mul_add(x as f32, left),
                        y: module.mul_add(y as f32, top),
                    };
                    let width = module * run.len() as f32;
                    self.bars.push(Bar {
                        at,
                        width,
                        height: module,
                    });
                }
                x += run.len();
            }
        }
        Ok(())
    }
}
