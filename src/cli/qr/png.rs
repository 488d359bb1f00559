//! The sheet as PNG: one picture in shades of grey, its pages below each other.

use super::super::CliError;
use super::layout::{Bar, DOTS_PER_INCH, HEIGHT, Outline, PIXEL, Page, Segment, Sheet, WIDTH};
use ab_glyph_rasterizer::{Point, Rasterizer, point};

/// Most pages: beyond that the picture is larger than programs like.
const MOST_PAGES: usize = 20;

/// A page of pixels.
struct Pixels {
    width: usize,
    height: usize,
    grey: Vec<u8>,
}

pub(super) fn write(sheet: &Sheet) -> Result<Vec<u8>, CliError> {
    if sheet.pages.len() > MOST_PAGES {
        let why = "too many tables for one PNG: choose some with --table, or make a PDF";
        return Err(CliError::No(why.to_owned()));
    }
    let (width, height) = (pixels(WIDTH), pixels(HEIGHT));
    let grey: Vec<u8> = sheet
        .pages
        .iter()
        .flat_map(|page| drawn(page, width, height))
        .collect();
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side(width), side(height * sheet.pages.len()));
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre(),
        yppu: per_metre(),
        unit: png::Unit::Meter,
    }));
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&grey)?;
        writer.finish()
    });
    written.map_err(|error| CliError::Outside(format!("no PNG: {error}")))?;
    Ok(bytes)
}

fn drawn(page: &Page, width: usize, height: usize) -> Vec<u8> {
    let mut pixels = Pixels {
        width,
        height,
        grey: vec![255; width * height],
    };
    for bar in &page.bars {
        pixels.bar(*bar);
    }
    for outline in &page.outlines {
        pixels.outline(outline);
    }
    pixels.grey
}

impl Pixels {
    fn bar(&mut self, bar: Bar) {
        let columns = pixels(bar.at.x)..pixels(bar.at.x + bar.width).min(self.width);
        for y in pixels(bar.at.y)..pixels(bar.at.y + bar.height).min(self.height) {
            let row = &mut self.grey[y * self.width..][..self.width];
            row[columns.clone()].fill(0);
        }
    }

    fn outline(&mut self, outline: &Outline) {
        let Some((low, high)) = bounds(outline) else {
            return;
        };
        let (left, top) = (whole(low.x), whole(low.y));
        let size = (whole(high.x) + 2 - left, whole(high.y) + 2 - top);
        let mut raster = Rasterizer::new(size.0, size.1);
        let moved = |at: Point| point(at.x - floor(low.x), at.y - floor(low.y));
        let (mut first, mut from) = (Point::default(), Point::default());
        for segment in &outline.0 {
            let to = moved(end(*segment));
            match segment {
                Segment::Begin(_) => {
                    raster.draw_line(from, first);
                    first = to;
                }
                Segment::Line(_) => raster.draw_line(from, to),
                Segment::Curve(by, _) => raster.draw_quad(from, moved(scaled(*by)), to),
            }
            from = to;
        }
        raster.draw_line(from, first);
        let (width, height) = (self.width, self.height);
        raster.for_each_pixel_2d(|x, y, ink| {
            let (x, y) = (left + x as usize, top + y as usize);
            if x < width && y < height {
                let pixel = &mut self.grey[y * width + x];
                *pixel = pixel.saturating_sub(shade(ink));
            }
        });
    }
}

/// The corners of what an outline covers.
fn bounds(outline: &Outline) -> Option<(Point, Point)> {
    let points = outline.0.iter().flat_map(|segment| match segment {
        Segment::Begin(to) | Segment::Line(to) => [scaled(*to), scaled(*to)],
        Segment::Curve(by, to) => [scaled(*by), scaled(*to)],
    });
    points.fold(None, |bounds, at| {
        let (low, high) = bounds.unwrap_or((at, at));
        let low = point(low.x.min(at.x), low.y.min(at.y));
        Some((low, point(high.x.max(at.x), high.y.max(at.y))))
    })
}

fn end(segment: Segment) -> Point {
    match segment {
        Segment::Begin(to) | Segment::Line(to) | Segment::Curve(_, to) => scaled(to),
    }
}

fn scaled(at: super::layout::Point) -> Point {
    point(at.x / PIXEL, at.y / PIXEL)
}

fn floor(length: f32) -> f32 {
    length.floor().max(0.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places on a page, in pixels"
)]
fn whole(length: f32) -> usize {
    floor(length) as usize
}

/// A length in whole pixels.
fn pixels(length: f32) -> usize {
    whole((length / PIXEL).round())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ink is from 0 to 1"
)]
fn shade(ink: f32) -> u8 {
    (ink.clamp(0.0, 1.0) * 255.0).round() as u8
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a constant of a few thousand"
)]
fn per_metre() -> u32 {
    (DOTS_PER_INCH / 0.0254).round() as u32
}
