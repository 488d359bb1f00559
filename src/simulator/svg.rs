//! A document as a picture: a strip of paper with torn edges.

use daybook_printers::simulator::sheet::{COLUMNS, Sheet};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

// In pixels.
const LETTER: f32 = 8.4;
const LINE: f32 = 18.0;
const MARGIN: f32 = 24.0;
/// How wide and how deep a tooth of the torn edge is.
const TOOTH: (f32, f32) = (8.0, 5.0);

/// The picture.
#[must_use]
pub fn draw(sheet: &Sheet) -> String {
    let lines: Vec<String> = sheet.text.iter().flat_map(|line| fold(line)).collect();
    let count = |length: usize| f32::from(u16::try_from(length).unwrap_or(u16::MAX));
    let width = count(COLUMNS) * LETTER + 2.0 * MARGIN;
    let height = count(lines.len()) * LINE + 2.0 * MARGIN;
    let mut body = String::new();
    let mut base = MARGIN;
    for line in &lines {
        base += LINE;
        if line.trim().is_empty() {
            continue;
        }
        // The length holds the columns together in whatever font there is.
        let length = count(line.chars().count()) * LETTER;
        body.push_str(&format!(
            "<text xml:space=\"preserve\" x=\"{MARGIN}\" y=\"{base}\" textLength=\"{length:.1}\">{}</text>\n",
            escape(line)
        ));
    }
    let title = sheet
        .number
        .map(|number| format!("{} {number}", sheet.name()));
    let title = title.unwrap_or_else(|| sheet.name().to_owned());
    let paper = paper(width, height);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.1}\" height=\"{height:.1}\" \
         viewBox=\"0 0 {width:.1} {height:.1}\" role=\"img\">\n<title>{title}</title>\n\
         <path d=\"{paper}\" fill=\"#fffdf6\" stroke=\"#c9c4b4\"/>\n\
         <g font-family=\"ui-monospace, 'DejaVu Sans Mono', monospace\" font-size=\"14\" \
         fill=\"#222\" style=\"white-space:pre\">\n{body}</g>\n</svg>\n"
    )
}

/// The outline of the paper: straight at the sides, torn above and below.
fn paper(width: f32, height: f32) -> String {
    let (tooth, deep) = TOOTH;
    let edge = |from: f32, depth: f32, towards: f32| {
        let mut path = String::new();
        let mut at = 0.0;
        while at + tooth < width {
            at += tooth;
            let x = if towards > 0.0 { at } else { width - at };
            let inward = (at / tooth).rem_euclid(2.0) >= 1.0;
            let y = if inward { from + depth } else { from };
            path.push_str(&format!("L{x:.1} {y:.1}"));
        }
        path
    };
    let (above, below) = (edge(0.0, deep, 1.0), edge(height, -deep, -1.0));
    format!("M0 0{above}L{width:.1} 0L{width:.1} {height:.1}{below}L0 {height:.1}Z")
}

/// A line that is too long continues on the next.
fn fold(line: &str) -> Vec<String> {
    let chars: Vec<char> = line.chars().collect();
    if chars.is_empty() {
        return vec![String::new()];
    }
    let parts = chars.chunks(COLUMNS);
    parts.map(|part| part.iter().collect()).collect()
}

/// The text between tags; what XML cannot hold at all becomes a box.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('□'),
            char if char.is_control() => escaped.push('□'),
            char => escaped.push(char),
        }
    }
    escaped
}

/// A folder that pictures are put into.
#[derive(Debug)]
pub struct Album {
    folder: PathBuf,
    next: u32,
}

impl Album {
    /// Opens a folder, made if it is missing. Pictures are numbered behind those that are there.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut last = 0;
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.split_once('-'));
            let number = number.and_then(|(number, _)| number.parse().ok());
            last = last.max(number.unwrap_or(0));
        }
        Ok(Self {
            folder: folder.to_owned(),
            next: last + 1,
        })
    }

    /// Writes `NNNN-kind.svg`; returns its path. No picture replaces another.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, sheet: &Sheet) -> io::Result<PathBuf> {
        loop {
            let name = format!("{:04}-{}.svg", self.next, sheet.name());
            let path = self.folder.join(name);
            self.next += 1;
            let file = OpenOptions::new().write(true).create_new(true).open(&path);
            match file {
                Ok(mut file) => {
                    file.write_all(draw(sheet).as_bytes())?;
                    return Ok(path);
                }
                // Another simulator draws into the same folder.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}
