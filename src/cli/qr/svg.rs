//! The sheet as SVG: one picture, its pages below each other.

use super::layout::{HEIGHT, Outline, Page, Segment, Sheet, WIDTH};

pub(super) fn write(sheet: &Sheet) -> String {
    let mut body = String::new();
    let mut top = 0.0;
    for page in &sheet.pages {
        body.push_str(&format!("<g transform=\"translate(0 {top})\">"));
        body.push_str(&group(page));
        body.push_str("</g>\n");
        top += HEIGHT;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}mm\" height=\"{top}mm\" \
         viewBox=\"0 0 {WIDTH} {top}\" role=\"img\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         {body}</svg>\n"
    )
}

fn group(page: &Page) -> String {
    let words = page
        .words
        .join("\n")
        .replace('&', "&amp;")
        .replace('<', "&lt;");
    let mut path = String::new();
    for bar in &page.bars {
        let (x, y) = (bar.at.x, bar.at.y);
        let (width, height) = (bar.width, bar.height);
        path.push_str(&format!(
            "M{x:.3} {y:.3}h{width:.3}v{height:.3}h-{width:.3}z"
        ));
    }
    let letters: String = page.outlines.iter().map(outline).collect();
    format!(
        "<title>{words}</title>\n<path shape-rendering=\"crispEdges\" d=\"{path}\"/>\n<path d=\"{letters}\"/>"
    )
}

fn outline(outline: &Outline) -> String {
    let segments = outline.0.iter().map(|segment| match segment {
        Segment::Begin(to) => format!("M{:.3} {:.3}", to.x, to.y),
        Segment::Line(to) => format!("L{:.3} {:.3}", to.x, to.y),
        Segment::Curve(by, to) => format!("Q{:.3} {:.3} {:.3} {:.3}", by.x, by.y, to.x, to.y),
    });
    // A contour that is filled closes itself.
    segments.collect()
}
