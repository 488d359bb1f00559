//! What a request's body says, in any of the three forms that this protocol takes.

use crate::body::{self, Unread};
use crate::json::{self, Value};
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use futures_util::stream;
use multer::Multipart;
use std::convert::Infallible;

/// Most fields of a form.
const MAX_FIELDS: usize = 1000;

/// Why a body says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// Neither JSON nor a form. Holds what it calls itself.
    Unsupported(String),
    /// Called JSON, and is none. Holds why.
    Json(String),
    /// Called a form, and is none. Holds why.
    Form(String),
    /// It did not come as a whole.
    Unread(Unread),
}

impl BodyError {
    /// The status to answer with. After [`StatusCode::REQUEST_TIMEOUT`] the connection must close:
    /// the rest of the body may yet come.
    #[must_use]
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Json(_) | Self::Form(_) | Self::Unread(Unread::Broken) => StatusCode::BAD_REQUEST,
            Self::Unread(Unread::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unread(Unread::Late) => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// The text of the answer's `detail`.
    #[must_use]
    pub(super) fn detail(&self) -> String {
        match self {
            Self::Unsupported(kind) => format!("Unsupported media type \"{kind}\" in request."),
            Self::Json(why) => format!("JSON parse error - {why}"),
            Self::Form(why) => format!("Form parse error - {why}"),
            Self::Unread(Unread::TooLarge) => "A request body has at most 1 MiB.".to_owned(),
            Self::Unread(Unread::Late) => "The request body did not come within 10 s.".to_owned(),
            Self::Unread(Unread::Broken) => "The request body ended early.".to_owned(),
        }
    }
}

/// Reads the body of a request. Forms become objects of texts; an empty body is an object without
/// members, whatever it calls itself.
///
/// # Errors
/// See [`BodyError`].
pub(super) async fn read(request: Request) -> Result<Value, BodyError> {
    let (head, body) = request.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE);
    let kind = kind.map_or_else(String::new, |kind| {
        String::from_utf8_lossy(kind.as_bytes()).into_owned()
    });
    let bytes = body::read(body).await.map_err(BodyError::Unread)?;
    if bytes.is_empty() {
        return Ok(Value::Object(Vec::new()));
    }
    // Parameters but the boundary say nothing: everything is UTF-8, whatever a charset claims.
    let essence = kind.split(';').next().unwrap_or_default();
    match essence.trim().to_ascii_lowercase().as_str() {
        "application/json" => of_json(&bytes),
        "application/x-www-form-urlencoded" => of_form(&bytes),
        "multipart/form-data" => of_parts(&kind, bytes).await,
        _ => Err(BodyError::Unsupported(kind)),
    }
}

fn of_json(bytes: &[u8]) -> Result<Value, BodyError> {
    let refused = |why: String| BodyError::Json(why);
    let text = std::str::from_utf8(bytes).map_err(|error| refused(error.to_string()))?;
    json::read(text).map_err(|error| refused(error.to_string()))
}

fn of_form(bytes: &[u8]) -> Result<Value, BodyError> {
    std::str::from_utf8(bytes).map_err(|error| BodyError::Form(error.to_string()))?;
    let mut fields = Vec::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        limit(fields.len())?;
        fields.push((name.into_owned(), Value::Text(value.into_owned())));
    }
    Ok(Value::Object(fields))
}

/// Files are passed over: nothing here takes any.
async fn of_parts(kind: &str, bytes: Bytes) -> Result<Value, BodyError> {
    let refused = |error: multer::Error| BodyError::Form(error.to_string());
    let boundary = multer::parse_boundary(kind).map_err(refused)?;
    let whole = stream::iter([Ok::<_, Infallible>(bytes)]);
    let mut parts = Multipart::new(whole, boundary);
    let mut fields = Vec::new();
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(refused)? {
        limit(count)?;
        count += 1;
        if part.file_name().is_some() {
            continue;
        }
        let name = part.name().map(ToOwned::to_owned);
        let name = name.ok_or_else(|| BodyError::Form("a part has no name".to_owned()))?;
        let content = part.bytes().await.map_err(refused)?;
        let text = std::str::from_utf8(&content)
            .map_err(|error| BodyError::Form(format!("{name}: {error}")))?;
        fields.push((name, Value::Text(text.to_owned())));
    }
    Ok(Value::Object(fields))
}

fn limit(fields: usize) -> Result<(), BodyError> {
    if fields < MAX_FIELDS {
        return Ok(());
    }
    Err(BodyError::Form(format!("more than {MAX_FIELDS} fields")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";
    const PARTS: &str = "multipart/form-data; boundary=\"x y\"";

    async fn read_as(kind: Option<&str>, body: impl Into<Body>) -> Result<Value, BodyError> {
        let mut request = axum::http::Request::new(body.into());
        if let Some(kind) = kind {
            let headers = request.headers_mut();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        }
        read(request).await
    }

    async fn refusal(kind: &str, body: impl Into<Body>) -> (u16, String) {
        let error = read_as(Some(kind), body).await.unwrap_err();
        (error.status().as_u16(), error.detail())
    }

    /// Names and texts of a form.
    fn texts(pairs: &[(&str, &str)]) -> Value {
        let field =
            |(name, text): &(&str, &str)| ((*name).to_owned(), Value::Text((*text).to_owned()));
        Value::Object(pairs.iter().map(field).collect())
    }

    #[tokio::test]
    async fn json_is_read_whatever_its_charset() {
        let expected = json::read("{\"a\":[1.50,\"\u{e9}\"]}").unwrap();
        for kind in [
            JSON,
            "Application/JSON ; charset=UTF-8",
            "application/json;charset=x",
        ] {
            let read = read_as(Some(kind), "{\"a\": [1.50, \"\u{e9}\"]}").await;
            assert_eq!(read.unwrap(), expected, "{kind}");
        }
        assert_eq!(read_as(Some(JSON), "[]").await, Ok(Value::List(Vec::new())));
        for kind in [
            None,
            Some(""),
            Some(JSON),
            Some(FORM),
            Some(PARTS),
            Some("text/xml"),
        ] {
            assert_eq!(read_as(kind, "").await.unwrap(), texts(&[]), "{kind:?}");
        }
    }

    #[tokio::test]
    async fn forms_become_texts() {
        let expected = texts(&[("a", "1 &"), ("b", "\u{e9}"), ("a", "2"), ("c", "")]);
        assert_eq!(expected.member("a").and_then(Value::as_str), Some("2"));
        let read = read_as(Some(FORM), "a=1+%26&b=%C3%A9&a=2&c").await;
        assert_eq!(read.unwrap(), expected);
        let part = |head: &str, text: &str| {
            format!("--x y\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n")
        };
        let parts = [
            part("name=\"a\"", "1 &"),
            part("name=\"f\"; filename=\"f.bin\"", "content"),
            part("name=b", "\u{e9}"),
            part("name=\"a\"", "2"),
            part("name=\"c\"", ""),
            "--x y--\r\n".to_owned(),
        ];
        let read = read_as(Some(PARTS), parts.concat()).await;
        assert_eq!(read.unwrap(), expected);
    }

    #[tokio::test]
    async fn what_is_neither_json_nor_a_form_is_unsupported() {
        for kind in [
            "text/xml",
            "",
            "application/jsonp",
            "text/plain; charset=utf-8",
        ] {
            let detail = format!("Unsupported media type \"{kind}\" in request.");
            assert_eq!(refusal(kind, "{}").await, (415, detail));
        }
        let unnamed = read_as(None, "{}").await.unwrap_err();
        assert_eq!(unnamed, BodyError::Unsupported(String::new()));
    }

    #[tokio::test]
    async fn broken_json_is_told_with_its_place() {
        for (body, why) in [
            (&b"{\"a\":NaN}"[..], "expected value at line 1 column 6"),
            (b" ", "EOF while parsing a value at line 1 column 1"),
            (
                b"{\"a\":\"\xff\"}",
                "invalid utf-8 sequence of 1 bytes from index 6",
            ),
        ] {
            let detail = format!("JSON parse error - {why}");
            assert_eq!(refusal(JSON, body).await, (400, detail));
        }
    }

    #[tokio::test]
    async fn broken_forms_are_refused() {
        let unnamed = "--x y\r\nContent-Type: text/plain\r\n\r\ntext\r\n--x y--";
        let file = "--x y\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n\r\n";
        let files = format!("{}--x y--", file.repeat(MAX_FIELDS + 1));
        let many = "a&".repeat(MAX_FIELDS + 1);
        let boundless = "multipart/form-data";
        for (kind, body, why) in [
            (
                boundless,
                "x",
                "multipart boundary not found in Content-Type",
            ),
            (PARTS, unnamed, "a part has no name"),
            (PARTS, files.as_str(), "more than 1000 fields"),
            (FORM, many.as_str(), "more than 1000 fields"),
        ] {
            let detail = format!("Form parse error - {why}");
            assert_eq!(refusal(kind, body.to_owned()).await, (400, detail));
        }
        let open = "--x y\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ntext";
        for broken in [" ", "--x y", open] {
            assert_eq!(refusal(PARTS, broken).await.0, 400, "{broken}");
        }
        assert_eq!(refusal(FORM, &b"a=\xff"[..]).await.0, 400);
    }

    #[tokio::test]
    async fn what_did_not_come_has_a_status_of_its_own() {
        let large = refusal(JSON, " ".repeat(body::MAX_BYTES + 1)).await;
        assert_eq!(large, (413, "A request body has at most 1 MiB.".to_owned()));
        for (unread, status) in [(Unread::Late, 408), (Unread::Broken, 400)] {
            assert_eq!(BodyError::Unread(unread).status().as_u16(), status);
        }
    }
}
