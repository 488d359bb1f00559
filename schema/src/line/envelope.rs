//! The parts of a line that say what it is and where it stands, cut out without reading the rest.

/// What a canonical line says about itself, as it stands in its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// When it was recorded.
    pub at: &'a str,
    /// The command that it came from, as JSON text with its quotes.
    pub cmd: &'a str,
    /// Which log it is of.
    pub log: &'a str,
    /// Leaf hash of the line before it, in hex.
    pub prev: &'a str,
    /// Its place in the log.
    pub seq: u64,
    /// The dotted name of its type.
    pub type_name: &'a str,
}

const BEGIN: &str = "{\"$\":\"event/1\",\"at\":\"";

impl<'a> Envelope<'a> {
    /// Cuts a line that is known to be canonical, such as one of our own log. The members before and
    /// behind `data` stand at places that nothing within `data` can imitate: strings there escape
    /// their quotes, and what ends a line is read from its end. Not a check: [`super::read`] is.
    /// `None` when the bytes cannot be a line.
    #[must_use]
    pub fn of(line: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok()?;
        let (at, rest) = text.strip_prefix(BEGIN)?.split_once("\",\"by\":\"")?;
        let (_, rest) = rest.split_once("\",\"cmd\":")?;
        let (cmd, _) = rest.split_once(",\"data\":")?;
        let rest = text.strip_suffix("\"}")?;
        let (rest, type_name) = rest.rsplit_once(",\"type\":\"")?;
        let (rest, seq) = rest.rsplit_once(",\"seq\":")?;
        let (rest, prev) = rest.strip_suffix('"')?.rsplit_once(",\"prev\":\"")?;
        let (_, log) = rest.strip_suffix('"')?.rsplit_once(",\"log\":\"")?;
        let seq = seq.parse().ok()?;
        Some(Self {
            at,
            cmd,
            log,
            prev,
            seq,
            type_name,
        })
    }
}
