//! What holds for the reader of ConcertPOS messages on any bytes.

use daybook::concertpos::PosError;
use daybook::concertpos::wire::{Request, whole};

/// Reading does not panic; both formats of a socket accept the same messages, and differ only in
/// the name of the error.
pub(crate) fn reads_any_message(bytes: &[u8]) {
    let (json, json5) = (Request::read(bytes, false), Request::read(bytes, true));
    let (Ok(json), Ok(json5)) = (&json, &json5) else {
        assert_eq!(json.err(), Some(PosError::InvalidJson));
        assert_eq!(json5.err(), Some(PosError::InvalidJson5));
        return;
    };
    assert_eq!(json.command, json5.command);
    for name in [
        "api_key",
        "POSID",
        "Products",
        "PaymentMethod",
        "Limit",
        "request_id",
    ] {
        let value = json.parameters.get(name);
        assert_eq!(value, json5.parameters.get(name));
        assert!(value.is_none_or(|value| !value.is_null()));
        let _: Option<(Option<i64>, Option<String>)> =
            value.map(|value| (whole(value), json.parameters.text(name)));
    }
}
