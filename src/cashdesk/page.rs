//! Pages of a list, and the links between them.

use form_urlencoded::Serializer;

/// Objects of a full page.
pub(super) const PAGE_LENGTH: usize = 25;

/// The parameter that names a page.
const PAGE: &str = "page";

/// The query of a URL, with its parameters in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what stands after the `?` of a URL. Any text is a query.
    #[must_use]
    pub(super) fn read(text: &str) -> Self {
        Self(
            form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The value of a parameter; of one that is given twice the last.
    #[must_use]
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// There is no such page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InvalidPage;

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Counted from 1.
    number: usize,
    /// Objects of the whole list.
    count: usize,
}

impl Page {
    /// The page that a query asks for, of a list of `count` objects: the first when it names none.
    /// An empty list has one page, an empty one.
    ///
    /// # Errors
    /// When the list has no such page.
    pub(super) fn of(query: &Query, count: usize) -> Result<Self, InvalidPage> {
        let last = count.div_ceil(PAGE_LENGTH).max(1);
        let number = match query.get(PAGE) {
            None => 1,
            Some("last") => last,
            // Digits alone: `+1` is no page.
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().map_err(|_| InvalidPage)?
            }
            Some(_) => return Err(InvalidPage),
        };
        let exists = (1..=last).contains(&number);
        exists.then_some(Self { number, count }).ok_or(InvalidPage)
    }

    /// Objects before this page.
    #[must_use]
    pub(super) const fn offset(&self) -> usize {
        (self.number - 1) * PAGE_LENGTH
    }

    /// Objects of this page.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        (self.count - self.offset()).min(PAGE_LENGTH)
    }

    /// Objects of the whole list.
    #[must_use]
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// The link to the page after this one. `url` is the list's own, without a query.
    #[must_use]
    pub(super) fn next(&self, url: &str, query: &Query) -> Option<String> {
        let more = self.offset() + self.len() < self.count;
        more.then(|| link(url, query, self.number + 1))
    }

    /// The link to the page before this one.
    #[must_use]
    pub(super) fn previous(&self, url: &str, query: &Query) -> Option<String> {
        (self.number > 1).then(|| link(url, query, self.number - 1))
    }
}

/// The other parameters stay; the first page has none of its own.
fn link(url: &str, query: &Query, number: usize) -> String {
    let mut pairs = Serializer::new(String::new());
    pairs.extend_pairs(query.0.iter().filter(|(name, _)| name != PAGE));
    if number > 1 {
        pairs.append_pair(PAGE, &number.to_string());
    }
    match pairs.finish() {
        query if query.is_empty() => url.to_owned(),
        query => format!("{url}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://desk.example/api/products/";

    fn page(query: &str, count: usize) -> Result<Page, InvalidPage> {
        Page::of(&Query::read(query), count)
    }

    #[test]
    fn of_a_parameter_the_last_value_counts() {
        let query = Query::read("a=1&b=x+y%26%C3%A9&a=2&c&&page=");
        assert_eq!(query.get("a"), Some("2"));
        assert_eq!(query.get("b"), Some("x y&\u{e9}"));
        assert_eq!(query.get("c"), Some(""));
        assert_eq!(query.get("page"), Some(""));
        assert_eq!(query.get("d"), None);
        assert_eq!(Query::read(""), Query::default());
    }

    #[test]
    fn pages_have_25_objects() {
        for (query, count, expected) in [
            ("", 0, (0, 0)),
            ("page=1", 0, (0, 0)),
            ("page=last", 0, (0, 0)),
            ("", 25, (0, 25)),
            ("page=last", 25, (0, 25)),
            ("page=2", 26, (25, 1)),
            ("page=last", 60, (50, 10)),
            ("page=02", 60, (25, 25)),
            ("page=9&page=2", 60, (25, 25)),
        ] {
            let page = page(query, count).unwrap();
            assert_eq!((page.offset(), page.len()), expected, "{query} {count}");
            assert_eq!(page.count(), count);
        }
        for (query, count) in [
            ("page=0", 60),
            ("page=-1", 60),
            ("page=%2B1", 60),
            ("page=+1", 60),
            ("page=abc", 60),
            ("page=", 60),
            ("page=1.0", 60),
            ("page=LAST", 60),
            ("page=4", 60),
            ("page=2", 25),
            ("page=2", 0),
            ("page=99999999999999999999", 60),
        ] {
            assert_eq!(page(query, count), Err(InvalidPage), "{query} {count}");
        }
    }

    #[test]
    fn links_keep_the_other_parameters() {
        let links = |text: &str, count| {
            let query = Query::read(text);
            let page = Page::of(&query, count).unwrap();
            let shown =
                |link: Option<String>| link.map(|link| link.strip_prefix(URL).unwrap().to_owned());
            (
                shown(page.next(URL, &query)),
                shown(page.previous(URL, &query)),
            )
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(links("", 25), (None, None));
        assert_eq!(links("page=last", 0), (None, None));
        assert_eq!(links("", 26), (some("?page=2"), None));
        assert_eq!(links("page=2", 60), (some("?page=3"), some("")));
        assert_eq!(links("page=3", 60), (None, some("?page=2")));
        assert_eq!(
            links("b=x+y%26&page=7&a=%C3%A9&page=2&b=", 60),
            (
                some("?b=x+y%26&a=%C3%A9&b=&page=3"),
                some("?b=x+y%26&a=%C3%A9&b=")
            )
        );
    }
}
