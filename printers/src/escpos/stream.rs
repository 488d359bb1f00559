//! Reads the bytes of ESC/POS: what a printer finds in them, one part after another.

/// One part of what is sent to a printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Everything as after switching on: a document begins.
    Reset,
    /// The alphabet of the following, by its number.
    Alphabet(u8),
    /// How the following looks, in a way that a plain text does not show.
    Look,
    /// Where the following lines stand: 0 left, 1 in the middle, 2 right.
    Align(u8),
    /// How large the following is: the high half is the width, from 0.
    Size(u8),
    /// So many empty lines.
    Feed(u8),
    /// The paper is cut.
    Cut,
    /// The drawer opens.
    Drawer,
    /// One function of a two-dimensional code.
    Code(&'a [u8]),
    /// A question about the printer's condition, by its number.
    Question(u8),
    /// The line ends.
    LineEnd,
    /// Any other byte: mostly a character.
    Byte(u8),
}

/// The first part and what follows it. `None` when there is nothing, or the last command is not whole.
#[must_use]
pub fn next(bytes: &[u8]) -> Option<(Part<'_>, &[u8])> {
    Some(match bytes {
        [0x1B, b'@', rest @ ..] => (Part::Reset, rest),
        [0x1B, b't', table, rest @ ..] => (Part::Alphabet(*table), rest),
        [0x1B, b'E', _, rest @ ..] => (Part::Look, rest),
        [0x1B, b'a', align, rest @ ..] => (Part::Align(*align), rest),
        [0x1B, b'd', lines, rest @ ..] => (Part::Feed(*lines), rest),
        [0x1B, b'p', _, _, _, rest @ ..] => (Part::Drawer, rest),
        [0x1D, b'!', size, rest @ ..] => (Part::Size(*size), rest),
        [0x1D, b'V', 0x41 | 0x42, _, rest @ ..] | [0x1D, b'V', 0 | 1, rest @ ..] => {
            (Part::Cut, rest)
        }
        [0x1D, b'(', b'k', low, high, rest @ ..] => {
            let length = usize::from(u16::from_le_bytes([*low, *high]));
            let (function, rest) = rest.split_at_checked(length)?;
            (Part::Code(function), rest)
        }
        [0x10, 0x04, number @ 1..=4, rest @ ..] => (Part::Question(*number), rest),
        [0x0A, rest @ ..] => (Part::LineEnd, rest),
        _ if is_begun(bytes) => return None,
        [byte, rest @ ..] => (Part::Byte(*byte), rest),
        [] => return None,
    })
}

/// Whether these bytes may still become a command.
fn is_begun(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0x1B | 0x1D | 0x10]
            | [0x1B, b't' | b'E' | b'a' | b'd']
            | [0x1B, b'p', ..]
            | [0x1D, b'!' | b'(' | b'V']
            | [0x1D, b'V', 0x41 | 0x42]
            | [0x1D, b'(', b'k', ..]
            | [0x10, 0x04]
    )
}
