//! The JSON Schemas of types that write themselves by hand: exact patterns and ranges.

use crate::event::Actor;
use crate::hash::{Digest, Leaf, TxHash};
use crate::id::{LogName, RESERVED_SLUGS};
use crate::money::{Currency, Decimal, MAX_UNITS, Money, Quantity, TaxRate};
use crate::time::{At, TxTime};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// An integer from 0 to 4,294,967,295 as text, without leading zeros.
const U32: &str = "(0|[1-9][0-9]{0,8}|[1-3][0-9]{9}|4[01][0-9]{8}|42[0-8][0-9]{7}|429[0-3][0-9]{6}\
    |4294[0-8][0-9]{5}|42949[0-5][0-9]{4}|429496[0-6][0-9]{3}|4294967[01][0-9]{2}|42949672[0-8][0-9]\
    |429496729[0-5])";

/// The date and the time to the second; days that a month does not have are left to `format`.
const SECOND: &str = "(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T\
    ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]";

macro_rules! written_as {
    ($($name:ident, $schema:expr;)*) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

written_as! {
    Actor, json_schema!({
        "description": "Who asked for it: always an id, never a secret.",
        "type": "string",
        "pattern": format!("^(anyone|ledger|operator|(key|session|table|user):{U32})$"),
    });
    At, json_schema!({
        "description": "A point in time in UTC, always with six decimals, in the years 1970 to 9999.",
        "type": "string",
        "format": "date-time",
        "pattern": format!("^{SECOND}\\.[0-9]{{6}}Z$"),
    });
    Currency, json_schema!({
        "description": "An ISO 4217 currency code.",
        "type": "string",
        "enum": Currency::codes().collect::<std::collections::BTreeSet<_>>(),
    });
    Decimal, json_schema!({
        "description": "An exact decimal in shortest form: at most 15 digits, at most 4 of them decimals, \
            and no more decimals than the currency has. No exponent, no trailing zero, no -0.",
        "type": "number",
        "minimum": -MAX_UNITS,
        "maximum": MAX_UNITS,
    });
    Digest, json_schema!({
        "description": "A BLAKE3 hash in lower-case hex.",
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
    });
    Leaf, json_schema!({
        "description": "An RFC 6962 leaf hash, SHA-256(0x00 || line), in lower-case hex.",
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
    });
    LogName, json_schema!({
        "description": "The name of a log: the slug of its instance.",
        "type": "string",
        "pattern": "^[a-z0-9][a-z0-9-]{0,63}$",
        "not": {"enum": RESERVED_SLUGS},
    });
    Money, json_schema!({
        "description": "An amount in minor units of the currency.",
        "type": "integer",
        "minimum": -MAX_UNITS,
        "maximum": MAX_UNITS,
    });
    Quantity, json_schema!({
        "description": "A quantity in thousandths.",
        "type": "integer",
        "minimum": -MAX_UNITS,
        "maximum": MAX_UNITS,
    });
    TaxRate, json_schema!({
        "description": "A tax rate in basis points.",
        "type": "integer",
        "minimum": 0,
        "maximum": 10_000,
    });
    TxHash, json_schema!({
        "description": "The SHA-512 of a transaction's preimage in lower-case hex.",
        "type": "string",
        "pattern": "^[0-9a-f]{128}$",
    });
    TxTime, json_schema!({
        "description": "A whole second in UTC, always with three zeros, in the years 1970 to 9999.",
        "type": "string",
        "format": "date-time",
        "pattern": format!("^{SECOND}\\.000Z$"),
    });
}
