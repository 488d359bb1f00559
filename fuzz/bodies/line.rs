//! What holds for the strict line reader on any bytes.

use daybook_schema::line;

/// Reading does not panic, and what is accepted seals to the same bytes again.
pub(crate) fn reads_only_what_it_would_write(bytes: &[u8]) {
    let Ok(event) = line::read(bytes) else { return };
    let sealed = line::seal(&event).expect("an accepted line is not too long");
    assert_eq!(sealed.bytes, bytes, "an accepted line is written otherwise");
}
