//! The bytes of integers and texts in canonical form.

/// Writes the digits, without leading zeros.
pub(super) fn push_unsigned(bytes: &mut Vec<u8>, mut number: u64) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        if number == 0 {
            break bytes.extend_from_slice(&digits[first..]);
        }
    }
}

/// Writes the text between quotes; only what must be escaped is.
pub(super) fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(b'"');
    // Looks at all bytes rather than for the first: that goes sixteen at a time.
    if text
        .bytes()
        .fold(false, |found, byte| found | needs_escape(byte))
    {
        text.bytes().for_each(|byte| push_escaped(bytes, byte));
    } else {
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.push(b'"');
}

const fn needs_escape(byte: u8) -> bool {
    matches!(byte, 0..0x20 | b'"' | b'\\')
}

fn push_escaped(bytes: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        0x00..0x20 => {
            let low = b"0123456789abcdef"[usize::from(byte & 15)];
            return bytes.extend_from_slice(&[b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), low]);
        }
        _ => return bytes.push(byte),
    };
    bytes.extend_from_slice(&[b'\\', short]);
}
