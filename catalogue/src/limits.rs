//! Every limit of what is imported, named. The size of the file itself is its reader's to check.

use std::ops::RangeInclusive;

/// Most problems that are reported; the rest are counted.
pub const MAX_PROBLEMS: usize = 20;

/// Characters of a name.
pub const NAME_CHARS: RangeInclusive<usize> = 1..=200;
/// Characters of a text that people read: a setting's value, a warning.
pub const PROSE_CHARS: RangeInclusive<usize> = 0..=1000;
/// Characters of a code that machines read: a printer's id, a setting's name, a colour.
pub const CODE_CHARS: RangeInclusive<usize> = 1..=64;
/// Characters of an API key or a session's token.
pub const CREDENTIAL_CHARS: RangeInclusive<usize> = 8..=200;
/// Characters of a password or a badge, which people type.
pub const PASSWORD_CHARS: RangeInclusive<usize> = 1..=200;

/// Digits before the point of an amount: at most 99,999,999.99 either way.
pub const MAX_WHOLE_DIGITS: u32 = 8;

/// Most entries of `settings`.
pub const MAX_SETTINGS: usize = 1_000;
/// Most entries of a section, where it has no limit of its own.
pub const MAX_ENTRIES: usize = 10_000;
/// Most entries of all lists together, and most rows of a list of members.
pub const MAX_LIST_ENTRIES: usize = 200_000;
/// Most preorders, and most orders of a shop's export.
pub const MAX_PREORDERS: usize = 200_000;
/// Most entries of a list inside an entry: modifiers, a pack, positions, references.
pub const MAX_PARTS: usize = 5_000;

/// Most bytes of one entry as a fact; the rest of an event line is for seq, time, hash and ids.
pub const MAX_FACT_BYTES: usize = daybook_schema::MAX_LINE_BYTES - 4_096;

/// Largest size of a quota, in pieces.
pub const MAX_QUOTA: u32 = 100_000_000;
/// Largest amount of a pack item, in pieces.
pub const MAX_PACK_AMOUNT: u32 = 10_000;
/// Characters on a line of a receipt.
pub const COLUMNS: RangeInclusive<u32> = 16..=96;
/// Most lines at the top of a receipt.
pub const MAX_HEADER: usize = 20;
/// Most copies that follow a receipt.
pub const MAX_COPIES: u32 = 5;
/// Most guests of a table.
pub const MAX_GUESTS: u32 = 10_000;
