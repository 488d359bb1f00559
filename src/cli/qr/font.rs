//! Letters as outlines, so that a sheet looks the same in every format and on every machine.
//!
//! The font has the letters of Europe's languages: Latin, Greek and Cyrillic. It comes as a crate, so
//! that it has its author and its licence where both are looked for.

use super::layout::{Outline, Point};
use epaint_default_fonts::UBUNTU_LIGHT;
use ttf_parser::{Face, FaceParsingError, OutlineBuilder};

/// The font of the sheets.
pub(super) struct Font {
    face: Face<'static>,
}

impl Font {
    pub(super) fn open() -> Result<Self, FaceParsingError> {
        Face::parse(UBUNTU_LIGHT, 0).map(|face| Self { face })
    }

    /// Whether it has all letters of a text.
    pub(super) fn has(&self, text: &str) -> bool {
        text.chars()
            .all(|letter| self.face.glyph_index(letter).is_some())
    }

    fn scale(&self, size: f32) -> f32 {
        size / f32::from(self.face.units_per_em())
    }

    /// How wide a text is in a size.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        let glyphs = text
            .chars()
            .filter_map(|letter| self.face.glyph_index(letter));
        let advances = glyphs.filter_map(|glyph| self.face.glyph_hor_advance(glyph));
        advances.map(f32::from).sum::<f32>() * self.scale(size)
    }

    /// The outlines of a text that begins at a point on its base line.
    pub(super) fn outlines(&self, text: &str, size: f32, from: Point) -> Vec<Outline> {
        let scale = self.scale(size);
        let mut x = from.x;
        let mut outlines = Vec::new();
        for letter in text.chars() {
            let Some(glyph) = self.face.glyph_index(letter) else {
                continue;
            };
            let origin = Point { x, y: from.y };
            let mut pen = Pen {
                origin,
                scale,
                outline: Outline::default(),
            };
            self.face.outline_glyph(glyph, &mut pen);
            outlines.push(pen.outline);
            x += f32::from(self.face.glyph_hor_advance(glyph).unwrap_or_default()) * scale;
        }
        outlines
    }
}

struct Pen {
    origin: Point,
    scale: f32,
    outline: Outline,
}

impl Pen {
    /// Fonts count upwards, sheets downwards.
    fn at(&self, x: f32, y: f32) -> Point {
        Point {
            x: x.mul_add(self.scale, self.origin.x),
            y: (-y).mul_add(self.scale, self.origin.y),
        }
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let point = self.at(x, y);
        self.outline.begin(point);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let point = self.at(x, y);
        self.outline.line(point);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (control, point) = (self.at(x1, y1), self.at(x, y));
        self.outline.curve(control, point);
    }

    /// A TrueType font has none of these.
    fn curve_to(&mut self, _: f32, _: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.quad_to(x2, y2, x, y);
    }

    fn close(&mut self) {}
}
