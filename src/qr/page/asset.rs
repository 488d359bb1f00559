//! The page's style and script. Their addresses carry a mark of their content, so that browsers may
//! keep them for good and yet never have an old one beside a new page.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use daybook_schema::hash;

/// Name, media type and content.
const ASSETS: [(&str, &str, &str); 2] = [
    (
        "guest.css",
        "text/css; charset=utf-8",
        include_str!("guest.css"),
    ),
    (
        "guest.js",
        "text/javascript; charset=utf-8",
        include_str!("guest.js"),
    ),
];

/// How long browsers keep what will never change, and what was asked for without its mark.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
const FOR_NOW: &str = "public, no-cache";

/// The address of an asset, with its mark.
pub(super) fn url(name: &str) -> String {
    let found = ASSETS.iter().find(|(known, ..)| *known == name);
    let content = found.map_or("", |(.., content)| content);
    format!("/assets/{name}?v={}", mark(content))
}

fn mark(content: &str) -> String {
    let mut mark = hash::fingerprint(content.as_bytes()).to_string();
    mark.truncate(16);
    mark
}

/// Answers a GET for `/assets/{name}`; nothing when there is no such asset.
pub(in crate::qr) fn asset(name: &str, query: &str, headers: &HeaderMap) -> Option<Response> {
    let (_, kind, content) = ASSETS.iter().find(|(known, ..)| *known == name)?;
    let mark = mark(content);
    let tag = format!("\"{mark}\"");
    let keep = if query == format!("v={mark}") {
        FOR_GOOD
    } else {
        FOR_NOW
    };
    let known = headers.get(header::IF_NONE_MATCH);
    let known = known.is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let about = [
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
        (header::ETAG, HeaderValue::try_from(tag).ok()?),
    ];
    if known {
        return Some((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let kind = [
        (header::CONTENT_TYPE, *kind),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Some((about, kind, *content).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(query: &str, known: Option<&str>) -> (StatusCode, String, String) {
        let mut headers = HeaderMap::new();
        if let Some(known) = known {
            headers.insert(header::IF_NONE_MATCH, known.parse().unwrap());
        }
        let response = asset("guest.js", query, &headers).unwrap();
        let text = |name| response.headers()[name].to_str().unwrap().to_owned();
        (
            response.status(),
            text(header::CACHE_CONTROL),
            text(header::ETAG),
        )
    }

    #[test]
    fn assets_are_kept_under_their_mark_and_asked_for_otherwise() {
        let url = url("guest.js");
        let (path, query) = url.split_once('?').unwrap();
        assert_eq!(path, "/assets/guest.js");
        let (status, keep, tag) = said(query, None);
        assert_eq!((status, keep.as_str()), (StatusCode::OK, FOR_GOOD));
        assert_eq!(format!("\"{}\"", query.strip_prefix("v=").unwrap()), tag);
        for query in ["", "v=0", "v="] {
            assert_eq!(said(query, None).1, FOR_NOW);
        }
        assert_eq!(said("", Some(&tag)).0, StatusCode::NOT_MODIFIED);
        assert_eq!(said("", Some("\"old\"")).0, StatusCode::OK);
        assert!(asset("../Cargo.toml", "", &HeaderMap::new()).is_none());
    }
}
