//! Text for devices that know one code page and a few dozen columns.

use encoding_rs::{EncoderResult, Encoding, IBM866, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

/// The alphabets that printers know: one byte, one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodePage {
    /// DOS Cyrillic.
    Cp866,
    /// Windows Central European.
    Cp1250,
    /// Windows Cyrillic: all fiscal printers here.
    Cp1251,
    /// Windows Western European.
    Cp1252,
}

impl CodePage {
    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Cp866 => IBM866,
            Self::Cp1250 => WINDOWS_1250,
            Self::Cp1251 => WINDOWS_1251,
            Self::Cp1252 => WINDOWS_1252,
        }
    }

    /// The text in this code page, one byte for each character. A character that the page lacks
    /// becomes its plain form (a straight quote for a curly one) or `?`.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        text.chars().map(|char| self.byte(char)).collect()
    }

    fn byte(self, char: char) -> u8 {
        self.exactly(char)
            .or_else(|| self.exactly(plain(char)))
            .unwrap_or(b'?')
    }

    fn exactly(self, char: char) -> Option<u8> {
        let mut bytes = [0u8; 4];
        let mut text = [0u8; 4];
        let text = char.encode_utf8(&mut text);
        let mut encoder = self.encoding().new_encoder();
        let (result, _, written) =
            encoder.encode_from_utf8_without_replacement(text, &mut bytes, true);
        (result == EncoderResult::InputEmpty && written == 1).then_some(bytes[0])
    }

    /// What a device wrote. Never fails: each byte is some character.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> String {
        let (text, _) = self.encoding().decode_without_bom_handling(bytes);
        text.into_owned()
    }
}

/// What typography becomes on a device that has none.
const fn plain(char: char) -> char {
    match char {
        '“' | '”' | '„' | '«' | '»' => '"',
        '‘' | '’' | '‚' => '\'',
        '–' | '—' | '−' | '\u{2010}' | '\u{2011}' => '-',
        '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' => ' ',
        '…' => '.',
        '•' | '·' => '*',
        '×' => 'x',
        _ => char,
    }
}

/// Whether a character would do something other than stand on paper. Bytes 80 to 9F of a C1 control
/// are characters in every code page here, so those are controls only in Unicode.
fn controls(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{fe0f}')
}

/// The text without controls: a tab or a line break becomes a space, any other control vanishes.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|char| {
            if matches!(char, '\t' | '\n') {
                ' '
            } else {
                char
            }
        })
        .filter(|char| !controls(*char))
        .collect()
}

/// Cleaned and cut to so many characters.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    clean(text).chars().take(width).collect()
}

/// Cleaned and broken at spaces into lines of at most so many characters; a word that is longer is
/// broken anywhere. An empty text is one empty line.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in clean(text).split(' ').filter(|word| !word.is_empty()) {
        let mut rest: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + rest.len() > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        while rest.len() > width {
            let tail = rest.split_off(width);
            lines.push(rest.into_iter().collect());
            rest = tail;
        }
        used += rest.len();
        line.extend(rest);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cyrillic_is_one_byte_each() {
        assert_eq!(
            CodePage::Cp1251.encode("Бяло №5 €"),
            b"\xc1\xff\xeb\xee \xb95 \x88"
        );
        assert_eq!(CodePage::Cp866.encode("Бяло"), b"\x81\xef\xab\xae");
        assert_eq!(CodePage::Cp1252.encode("Bière"), b"Bi\xe8re");
    }

    #[test]
    fn what_a_device_lacks_is_replaced() {
        assert_eq!(CodePage::Cp1251.encode("☕ naïve"), b"? na?ve");
        assert_eq!(CodePage::Cp866.encode("“да” – €"), b"\"\xa4\xa0\" - ?");
    }

    #[test]
    fn controls_never_reach_a_device() {
        assert_eq!(clean("a\tb\nc\u{3}d\u{7f}e\u{1b}@f\u{85}"), "a b cde@f");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("  ", 4), [""]);
    }

    proptest! {
        #[test]
        fn any_text_fits_its_lines(text in any::<String>(), width in 0usize..60) {
            for line in wrap(&text, width) {
                prop_assert!(line.chars().count() <= width.max(1));
                prop_assert!(CodePage::Cp1251.encode(&line).iter().all(|byte| *byte >= 0x20));
            }
            prop_assert!(cut(&text, width).chars().count() <= width);
        }

        #[test]
        fn a_byte_survives(byte in any::<u8>()) {
            for page in [CodePage::Cp866, CodePage::Cp1250, CodePage::Cp1251, CodePage::Cp1252] {
                prop_assert_eq!(page.encode(&page.decode(&[byte])).len(), 1);
            }
        }
    }
}
