//! Where the numbers of a message stand, as they were written.

/// The texts of a message's numbers, in order. The message must be JSON or JSON5: of any other text
/// these are no numbers.
pub(super) struct Numerals<'a> {
    rest: &'a str,
}

impl<'a> Numerals<'a> {
    pub(super) const fn of(message: &'a str) -> Self {
        Self { rest: message }
    }

    /// How much of the message follows the last number that was found.
    pub(super) const fn rest(&self) -> &'a str {
        self.rest
    }
}

impl<'a> Iterator for Numerals<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let first = self.rest.chars().next()?;
            let length = match first {
                '"' | '\'' => text_length(self.rest, first),
                '/' => comment_length(self.rest),
                '0'..='9' | '+' | '-' | '.' => length_while(self.rest, in_number),
                _ if in_name(first) => length_while(self.rest, in_name),
                _ => first.len_utf8(),
            };
            let (token, rest) = self.rest.split_at(length);
            self.rest = rest;
            if in_number(first) && !first.is_ascii_alphabetic() {
                return Some(token);
            }
        }
    }
}

fn length_while(text: &str, belongs: fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

const fn in_number(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')
}

/// Names of members need no quotes in JSON5, and may be in any script.
fn in_name(c: char) -> bool {
    let white = c.is_whitespace() || c == '\u{feff}';
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '\\') || !(c.is_ascii() || white)
}

/// A text with its quotes.
fn text_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

fn comment_length(text: &str) -> usize {
    if let Some(comment) = text.strip_prefix("/*") {
        let end = comment.find("*/");
        return end.map_or(text.len(), |at| at + 4);
    }
    length_while(text, |c| {
        !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_wherever_they_stand() {
        let message = "{a1:1,\"2\":-2.50,'\\'3':.3e+1,/*4*/b:[+5.,0x1F,true],//6\u{2028}\u{e9}7:8,\u{a0}d:\u{a0}9}//";
        let found: Vec<&str> = Numerals::of(message).collect();
        assert_eq!(found, ["1", "-2.50", ".3e+1", "+5.", "0x1F", "8", "9"]);
        for message in ["", "'", "\"\\", "/*", "/", "//", "a", "\u{2028}"] {
            assert_eq!(Numerals::of(message).count(), 0, "{message:?}");
        }
    }
}
