//! The sheet as PDF: A4 pages of vector shapes, sharp at any size.

use super::layout::{HEIGHT, Page, Point, Segment, Sheet, WIDTH};
use pdf_writer::{Content, Finish, Pdf, Rect, Ref};

/// A millimetre in points.
const MM: f32 = 72.0 / 25.4;

pub(super) fn write(sheet: &Sheet) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let (catalog, tree) = (Ref::new(1), Ref::new(2));
    let page_of = |index: i32| (Ref::new(3 + 2 * index), Ref::new(4 + 2 * index));
    let pages = || {
        (0..)
            .zip(&sheet.pages)
            .map(|(index, page)| (page_of(index), page))
    };
    pdf.catalog(catalog).pages(tree);
    let count = i32::try_from(sheet.pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree)
        .kids(pages().map(|((id, _), _)| id))
        .count(count);
    for ((id, content), page) in pages() {
        let mut object = pdf.page(id);
        object
            .parent(tree)
            .media_box(Rect::new(0.0, 0.0, WIDTH * MM, HEIGHT * MM));
        object.contents(content).resources();
        object.finish();
        pdf.stream(content, &drawn(page));
    }
    pdf.finish()
}

fn drawn(page: &Page) -> Vec<u8> {
    let mut content = Content::new();
    for bar in &page.bars {
        let low = at(Point {
            x: bar.at.x,
            y: bar.at.y + bar.height,
        });
        content.rect(low.x, low.y, bar.width * MM, bar.height * MM);
    }
    content.fill_nonzero();
    for outline in &page.outlines {
        let mut from = Point::default();
        for segment in &outline.0 {
            match *segment {
                Segment::Begin(to) => {
                    from = at(to);
                    content.move_to(from.x, from.y);
                }
                Segment::Line(to) => {
                    from = at(to);
                    content.line_to(from.x, from.y);
                }
                Segment::Curve(by, to) => {
                    // PDF has cubic curves only; this one is the same curve.
                    let (by, to) = (at(by), at(to));
                    let (a, b) = (towards(from, by), towards(to, by));
                    content.cubic_to(a.x, a.y, b.x, b.y, to.x, to.y);
                    from = to;
                }
            }
        }
    }
    content.fill_nonzero();
    content.finish().into_vec()
}

/// PDF counts in points, and upwards.
fn at(point: Point) -> Point {
    Point {
        x: point.x * MM,
        y: (HEIGHT - point.y) * MM,
    }
}

/// Two thirds of the way from an end of a quadratic curve to its control point.
fn towards(end: Point, control: Point) -> Point {
    let way = |end: f32, control: f32| (control - end).mul_add(2.0 / 3.0, end);
    Point {
        x: way(end.x, control.x),
        y: way(end.y, control.y),
    }
}
