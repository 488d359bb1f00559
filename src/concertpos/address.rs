//! Which instance and which wire format a socket asked for, from its URL.

use axum::http::Uri;

/// What the URL of a socket says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The instance slug; any text, known or not.
    pub slug: String,
    /// Whether the client said that it writes JSON5. We read both in either case; it only decides
    /// the name of the error.
    pub json5: bool,
}

impl Address {
    /// Reads the URL forms `/SLUG`, `/{shard}/SLUG`, `/?instance=SLUG&Content-Type=json5` and
    /// `/{shard}/?instance=…`. `instance` beats the path; a missing `=` after `Content-Type` is
    /// forgiven.
    #[must_use]
    pub fn of(uri: &Uri) -> Self {
        let mut instance = None;
        let mut json5 = false;
        for pair in uri.query().unwrap_or_default().split('&') {
            if let Some(value) = pair.strip_prefix("instance=") {
                instance = Some(decode(value)).filter(|slug| !slug.is_empty());
            } else if let Some(value) = pair.strip_prefix("Content-Type") {
                json5 = value
                    .strip_prefix('=')
                    .unwrap_or(value)
                    .eq_ignore_ascii_case("json5");
            }
        }
        let last = || {
            uri.path()
                .rsplit('/')
                .find(|segment| !segment.is_empty())
                .map(decode)
        };
        Self {
            slug: instance.or_else(last).unwrap_or_default(),
            json5,
        }
    }
}

/// Percent-decoding for slugs. Slugs are plain ASCII, so whatever decodes to something else only
/// has to stay unknown.
fn decode(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let hex = |digit: Option<u8>| char::from(digit?).to_digit(16);
        decoded.push(match byte {
            b'%' => match (hex(bytes.next()), hex(bytes.next())) {
                (Some(high), Some(low)) => u8::try_from(high * 16 + low).unwrap_or(b'?'),
                _ => b'?',
            },
            other => other,
        });
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_form() {
        let rows = [
            ("/festival", "festival", false),
            ("/festival/", "festival", false),
            ("/exon/festival", "festival", false),
            ("/?instance=festival&Content-Type=json", "festival", false),
            (
                "/exon/?instance=festival&Content-Type=json5",
                "festival",
                true,
            ),
            (
                "/zeus?instance=festival&Content-Typejson5",
                "festival",
                true,
            ),
            ("/other?instance=festival", "festival", false),
            ("/exon", "exon", false),
            ("/", "", false),
            ("/?instance=", "", false),
            ("/fest%69val?Content-Type=xml", "festival", false),
            ("/%zz%", "??", false),
        ];
        for (url, slug, json5) in rows {
            let expected = Address {
                slug: slug.to_owned(),
                json5,
            };
            assert_eq!(Address::of(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
