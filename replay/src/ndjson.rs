//! Lines of a file, strictly: every line ends in one LF, the last one too, and nothing else does.
//!
//! What a lenient reader would skip over (an empty line, a CR, a byte order mark, a torn last line)
//! is a finding here, because the bytes are the evidence. A line that never ends costs no more
//! memory than the longest one allowed.

use crate::failure::{Failure, Layer};
use daybook_schema::MAX_LINE_BYTES;
use std::io::{self, BufRead, Read};

/// Why the bytes up to the next LF are no line of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadLine {
    #[error("the line has more than 65535 bytes")]
    TooLong,
    #[error("the line ends in CR LF, not in LF")]
    CarriageReturn,
    #[error("the line is empty")]
    Empty,
    #[error("the file begins with a byte order mark")]
    ByteOrderMark,
    #[error("the last line does not end in LF")]
    Torn,
}

impl BadLine {
    pub(crate) fn at(self, seq: u64) -> Failure {
        Failure::new(seq, Layer::Line, "an event line", self)
    }
}

/// The next line without its LF; `None` at the end of the file.
pub(crate) fn next_line(
    input: &mut impl BufRead,
    is_first: bool,
) -> io::Result<Option<Result<Vec<u8>, BadLine>>> {
    // Room for what is too long by one byte, and for its LF.
    let limit = MAX_LINE_BYTES as u64 + 2;
    let mut line = Vec::with_capacity(1024);
    if input.take(limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let ended = line.pop_if(|byte| *byte == b'\n').is_some();
    Ok(Some(match line.as_slice() {
        [0xef, 0xbb, 0xbf, ..] if is_first => Err(BadLine::ByteOrderMark),
        long if long.len() > MAX_LINE_BYTES => Err(BadLine::TooLong),
        _ if !ended => Err(BadLine::Torn),
        [] => Err(BadLine::Empty),
        [.., b'\r'] => Err(BadLine::CarriageReturn),
        _ => Ok(line),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut text: &[u8]) -> Vec<Result<usize, BadLine>> {
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut text, lines.is_empty()).unwrap() {
            lines.push(line.map(|line| line.len()));
            if lines.last().is_some_and(Result::is_err) {
                break;
            }
        }
        lines
    }

    #[test]
    fn only_whole_lines_are_lines() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"ab\nc\n"), [Ok(2), Ok(1)]);
        assert_eq!(lines(b"ab\nc"), [Ok(2), Err(BadLine::Torn)]);
        assert_eq!(lines(b"ab\n\nc\n"), [Ok(2), Err(BadLine::Empty)]);
        assert_eq!(lines(b"ab\r\n"), [Err(BadLine::CarriageReturn)]);
        assert_eq!(lines(b"\xef\xbb\xbfab\n"), [Err(BadLine::ByteOrderMark)]);
        assert_eq!(lines(b"ab\n\xef\xbb\xbfab\n"), [Ok(2), Ok(5)]);
    }

    #[test]
    fn a_line_without_end_costs_no_memory() {
        let longest = [vec![b'x'; MAX_LINE_BYTES], vec![b'\n']].concat();
        assert_eq!(lines(&longest), [Ok(MAX_LINE_BYTES)]);
        let longer = [vec![b'x'; MAX_LINE_BYTES + 1], vec![b'\n']].concat();
        assert_eq!(lines(&longer), [Err(BadLine::TooLong)]);
        let mut endless = io::BufReader::new(io::repeat(b'x'));
        assert_eq!(
            next_line(&mut endless, true).unwrap(),
            Some(Err(BadLine::TooLong))
        );
    }
}
