//! Frames: `01 LEN SEQ CMD DATA [04 STATUS] 05 BCC 03` (vendor documents).
//!
//! Datecs X writes LEN and CMD with four characters and has eight bytes of status; everybody else
//! has one byte for each and six bytes of status. LEN counts from itself to 05 and adds 20 hex; BCC
//! is the sum of the same bytes. Numbers are written with a nibble in each byte, plus 30 hex.

use std::ops::Range;

/// Begins a frame.
pub(crate) const PREAMBLE: u8 = 0x01;
/// Ends a frame.
pub(crate) const TERMINATOR: u8 = 0x03;
const STATUS_MARK: u8 = 0x04;
const POSTAMBLE: u8 = 0x05;
/// Escapes a byte that would be mistaken for one of the above.
const ESCAPE: u8 = 0x10;

/// The most bytes that a host may send as data (Daisy: 200, see the dialect).
pub(crate) const MAX_DATA: usize = 213;

/// How wide LEN, CMD and the status are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One byte for LEN and CMD, six for the status.
    Short,
    /// Four characters for LEN and CMD, eight bytes for the status: Datecs X.
    Wide,
}

impl Form {
    /// How many bytes LEN has.
    pub(crate) const fn length(self) -> usize {
        match self {
            Self::Short => 1,
            Self::Wide => 4,
        }
    }

    /// How many bytes the status has.
    pub(crate) const fn status(self) -> usize {
        match self {
            Self::Short => 6,
            Self::Wide => 8,
        }
    }

    /// Bytes from LEN up to the data: LEN, SEQ, CMD.
    const fn head(self) -> usize {
        2 * self.length() + 1
    }

    /// What LEN may count: it adds 20 hex, and a frame without data has a head and the 05.
    const fn counts(self) -> Range<usize> {
        match self {
            Self::Short => self.head() + 1..0x100 - 0x20,
            Self::Wide => self.head() + 1..1024,
        }
    }
}

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The number of the command, repeated by its answer: 20 to 7F.
    pub seq: u8,
    /// The command, repeated by its answer.
    pub command: u8,
    /// What is said about it.
    pub data: Vec<u8>,
    /// How the device is: six or eight bytes in an answer, none in a command.
    pub status: Vec<u8>,
}

impl Frame {
    /// The bytes of the frame. `None` when there is more data than a frame can count.
    #[must_use]
    pub fn encode(&self, form: Form) -> Option<Vec<u8>> {
        let data = escaped(&self.data);
        let status = if self.status.is_empty() {
            0
        } else {
            1 + self.status.len()
        };
        let counted = form.head() + data.len() + status + 1;
        if !form.counts().contains(&counted) {
            return None;
        }
        let counted = u16::try_from(counted + 0x20).ok()?;
        let mut frame = vec![PREAMBLE];
        match form {
            Form::Short => {
                frame.push(u8::try_from(counted).ok()?);
                frame.extend([self.seq, self.command]);
            }
            Form::Wide => {
                frame.extend(nibbles(counted));
                frame.push(self.seq);
                frame.extend(nibbles(u16::from(self.command)));
            }
        }
        frame.extend(data);
        if !self.status.is_empty() {
            frame.push(STATUS_MARK);
            frame.extend(&self.status);
        }
        frame.push(POSTAMBLE);
        frame.extend(nibbles(sum(&frame[1..])));
        frame.push(TERMINATOR);
        Some(frame)
    }

    /// Reads a whole answer. `None` when anything about it is wrong.
    #[must_use]
    pub fn decode_answer(form: Form, bytes: &[u8]) -> Option<Self> {
        let (seq, command, body) = open(form, bytes)?;
        // The status is found from the end: data may hold any byte.
        let mark = body.len().checked_sub(form.status() + 1)?;
        let (data, status) = body.split_at(mark);
        let (mark, status) = status.split_first()?;
        if *mark != STATUS_MARK || status.iter().any(|byte| byte & 0x80 == 0) {
            return None;
        }
        Some(Self {
            seq,
            command,
            data: data.to_vec(),
            status: status.to_vec(),
        })
    }

    /// Reads a whole command: what a device does. `None` when anything about it is wrong.
    #[must_use]
    pub fn decode_command(form: Form, bytes: &[u8]) -> Option<Self> {
        let (seq, command, data) = open(form, bytes)?;
        Some(Self {
            seq,
            command,
            data: unescaped(data)?,
            status: Vec::new(),
        })
    }
}

/// Hides what stands in a command behind its code: the data and the checksum, which would give it
/// away, each byte as `blank`. Only commands that are `open` stay as they are. The command may be
/// cut, and what stands before a command is hidden too.
pub(crate) fn hide(form: Form, bytes: &mut [u8], blank: u8, open: impl Fn(u8) -> bool) {
    let head = 1 + form.head();
    for frame in bytes.chunk_by_mut(|_, next| *next != PREAMBLE) {
        let command = match frame.get(head - form.length()..head) {
            _ if frame.first() != Some(&PREAMBLE) => None,
            // Cut before there was anything to hide.
            None => continue,
            Some([command]) => Some(*command),
            Some(nibbles) => number(nibbles).and_then(|number| u8::try_from(number).ok()),
        };
        if command.is_some_and(&open) {
            continue;
        }
        let from = if frame.first() == Some(&PREAMBLE) {
            head
        } else {
            0
        };
        let to = frame.len() - usize::from(frame.last() == Some(&TERMINATOR));
        if let Some(hidden) = frame.get_mut(from..to) {
            hidden.fill(blank);
        }
    }
}

/// How long a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// LEN has not arrived.
    Unknown,
    /// LEN says what no frame has.
    Impossible,
    /// So many bytes, from 01 to 03.
    Whole(usize),
}

/// How long a frame is that begins with these bytes.
pub(crate) fn whole_length(form: Form, bytes: &[u8]) -> Length {
    let Some(length) = bytes.get(1..=form.length()) else {
        return Length::Unknown;
    };
    let counted = match form {
        Form::Short => Some(usize::from(length[0])),
        Form::Wide => number(length).map(usize::from),
    };
    let counted = counted.and_then(|length| length.checked_sub(0x20));
    let counted = counted.filter(|counted| form.counts().contains(counted));
    // Before it stands 01, behind it BCC and 03.
    counted.map_or(Length::Impossible, |counted| Length::Whole(counted + 6))
}

/// Checks everything around the data (and the status) and returns SEQ, CMD and that.
fn open(form: Form, bytes: &[u8]) -> Option<(u8, u8, &[u8])> {
    if whole_length(form, bytes) != Length::Whole(bytes.len()) {
        return None;
    }
    let [PREAMBLE, counted @ .., b1, b2, b3, b4, TERMINATOR] = bytes else {
        return None;
    };
    if number(&[*b1, *b2, *b3, *b4])? != sum(counted) {
        return None;
    }
    let (head, body) = counted.split_at_checked(form.head())?;
    let (postamble, body) = body.split_last()?;
    let seq = *head.get(form.length())?;
    let command = match form {
        Form::Short => head[2],
        Form::Wide => u8::try_from(number(&head[5..])?).ok()?,
    };
    (*postamble == POSTAMBLE && seq >= 0x20).then_some((seq, command, body))
}

fn sum(bytes: &[u8]) -> u16 {
    bytes
        .iter()
        .fold(0, |sum: u16, byte| sum.wrapping_add(u16::from(*byte)))
}

fn nibbles(number: u16) -> [u8; 4] {
    [12, 8, 4, 0].map(|shift| 0x30 + u8::try_from(number >> shift & 0xF).unwrap_or_default())
}

fn number(nibbles: &[u8]) -> Option<u16> {
    nibbles.iter().try_fold(0u16, |number, byte| {
        let nibble = byte.checked_sub(0x30).filter(|nibble| *nibble < 0x10)?;
        Some(number << 4 | u16::from(nibble))
    })
}

/// Tab and line feed travel as they are.
fn needs_escape(byte: u8) -> bool {
    byte < 0x20 && byte != b'\t' && byte != b'\n'
}

fn escaped(data: &[u8]) -> Vec<u8> {
    let escape = |byte: &u8| {
        if needs_escape(*byte) {
            vec![ESCAPE, byte + 0x40]
        } else {
            vec![*byte]
        }
    };
    data.iter().flat_map(escape).collect()
}

fn unescaped(data: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut bytes = data.iter();
    while let Some(byte) = bytes.next() {
        plain.push(match *byte {
            ESCAPE => bytes
                .next()?
                .checked_sub(0x40)
                .filter(|byte| needs_escape(*byte))?,
            byte if needs_escape(byte) => return None,
            byte => byte,
        });
    }
    Some(plain)
}
