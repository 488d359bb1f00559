//! What guests see: the page of a table, the page of a test payment, and what is told to those whose
//! link is not valid. Nothing comes from elsewhere, and no script but ours runs.

mod asset;
mod template;
mod texts;

pub(super) use asset::asset;
pub use texts::{LANGUAGE_SETTING, Texts, texts};

use super::Door;
use super::payment::{self, Tried};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use daybook_projections::Views;
use daybook_schema::facts::Instance;
use daybook_schema::{Currency, Money};
use serde_json::{Value, json};
use template::{Words, fill};
use texts::texts_for;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Answers a GET of `/t/{path}`, where `path` is a table link or a payment on our own page.
pub(super) fn serve(door: &Door, path: &str, request: &Request) -> Response {
    let page = match path.strip_prefix("pay/") {
        Some(id) => payment::tried(door, id).and_then(|tried| pay(id, &tried)),
        None => guest(door, path),
    };
    page.unwrap_or_else(|| {
        let languages = request.headers().get(header::ACCEPT_LANGUAGE);
        let languages = languages.and_then(|languages| languages.to_str().ok());
        gone(languages.unwrap_or_default())
    })
}

/// The venue's language: its texts.
#[must_use]
pub fn language(views: &Views) -> &'static Texts {
    texts(views.instance.setting(LANGUAGE_SETTING).unwrap_or_default())
}

/// A table's name for people: a number is called a table, a name stands for itself.
#[must_use]
pub fn place(texts: &Texts, name: &str) -> String {
    let number = name.chars().all(|character| character.is_ascii_digit());
    if number {
        texts.table.replace("{}", name)
    } else {
        name.to_owned()
    }
}

/// The page of the table that a link opens.
fn guest(door: &Door, link: &str) -> Option<Response> {
    let guest = door.guest(link).ok()?;
    let views = guest.book.views();
    let venue = views.instance.described()?;
    let table = views.table.table(guest.table)?;
    let texts = language(&views);
    let data = json!({
        "texts": texts,
        "link": link,
        "table": table.id,
        "currency": venue.currency,
        "exponent": venue.currency.exponent(),
        "payments": door.payments.is_some(),
    });
    let mut words = words(texts, Some((venue, &table.name)));
    words.insert("data".to_owned(), data);
    Some(page(StatusCode::OK, include_str!("guest.html"), &words))
}

/// The page of a test payment.
fn pay(id: &str, tried: &Tried) -> Option<Response> {
    let views = tried.book.views();
    let venue = views.instance.described()?;
    let texts = language(&views);
    let sum = amount(tried.begun.amount, venue.currency);
    let mut words = words(texts, Some((venue, &tried.begun.table.name)));
    // The sum stands above the button.
    words.insert(
        "pay_now".to_owned(),
        texts.pay.replace("{}", "").trim().into(),
    );
    words.insert("sum".to_owned(), sum.into());
    words.insert("back_to".to_owned(), format!("/t/{}", tried.link).into());
    words.insert("paid_at".to_owned(), format!("/t/pay/{id}/paid").into());
    Some(page(StatusCode::OK, include_str!("pay.html"), &words))
}

/// What is told to someone whose link is not valid, in a language of their browser. It says nothing
/// about which venues, tables and payments there are.
fn gone(accept_language: &str) -> Response {
    let words = words(texts_for(accept_language), None);
    page(StatusCode::NOT_FOUND, include_str!("notice.html"), &words)
}

/// An amount as people read it, where no browser formats it.
fn amount(sum: Money, currency: Currency) -> String {
    let decimal = currency.decimal(sum).to_string();
    let (whole, fraction) = decimal.split_once('.').unwrap_or((&decimal, ""));
    let places = usize::try_from(currency.exponent()).unwrap_or_default();
    let point = if places > 0 { "." } else { "" };
    format!("{whole}{point}{fraction:0<places$}\u{a0}{currency}")
}

fn words(texts: &Texts, at: Option<(&Instance, &str)>) -> Words {
    let Ok(Value::Object(mut words)) = serde_json::to_value(texts) else {
        return Words::new();
    };
    words.insert("css".to_owned(), asset::url("guest.css").into());
    words.insert("js".to_owned(), asset::url("guest.js").into());
    if let Some((venue, table)) = at {
        words.insert("venue".to_owned(), venue.name.clone().into());
        words.insert("place".to_owned(), place(texts, table).into());
    }
    words
}

fn page(status: StatusCode, template: &str, words: &Words) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
        // The address is the key to the table: no other site is told where guests came from.
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (status, headers, fill(template, words)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn templates_name_only_words_that_there_are() {
        let known = words(texts("en"), None);
        let more = [
            "venue", "place", "data", "sum", "pay_now", "back_to", "paid_at",
        ];
        let templates = [
            include_str!("guest.html"),
            include_str!("notice.html"),
            include_str!("pay.html"),
        ];
        for template in templates {
            for name in template.split("{{").skip(1) {
                let name = name.trim_start_matches('{').split("}}").next().unwrap();
                assert!(known.contains_key(name) || more.contains(&name), "{name}");
            }
            for foreign in [
                "http:",
                "https:",
                " style=",
                " onclick=",
                "<style",
                "<script>",
            ] {
                assert!(!template.contains(foreign), "{foreign}");
            }
        }
    }

    #[test]
    fn the_script_names_only_elements_and_texts_that_there_are() {
        let (script, page) = (include_str!("guest.js"), include_str!("guest.html"));
        let known = words(texts("en"), None);
        let names = |start: &str, end: fn(char) -> bool| {
            let parts = script.split(start).skip(1);
            let names = parts.filter_map(|part| part.split(end).next());
            names.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        for id in names("$('", |character| character == '\'') {
            let made_by_the_script = id == "pay";
            assert!(
                page.contains(&format!("id=\"{id}\"")) || made_by_the_script,
                "{id}"
            );
        }
        let ends = |character: char| !character.is_ascii_lowercase() && character != '_';
        for name in names("texts.", ends) {
            assert!(known.contains_key(&name), "{name}");
        }
        assert!(!script.contains("innerHTML") && !script.contains("eval("));
    }

    #[test]
    fn amounts_and_tables_are_written_for_people() {
        for (units, code, expected) in [
            (2450, "EUR", "24.50"),
            (5, "RUB", "0.05"),
            (120, "JPY", "120"),
            (1500, "TND", "1.500"),
        ] {
            let (sum, currency) = (Money::new(units).unwrap(), Currency::new(code).unwrap());
            assert_eq!(amount(sum, currency), format!("{expected}\u{a0}{code}"));
        }
        let german = texts("de");
        assert_eq!(place(german, "7"), "Tisch 7");
        assert_eq!(place(german, "Terrasse 1"), "Terrasse 1");
    }
}
