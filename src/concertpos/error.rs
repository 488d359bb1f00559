//! The errors of this protocol: names and numbers as documented, nothing else ever reaches a till.

use crate::ledger::{Refusal, Rejection};
use serde::Serialize;

/// Why a command was not answered with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PosError {
    /// Something of ours failed. Nothing was booked.
    Internal,
    /// The message is no JSON object.
    InvalidJson,
    /// The message is no JSON5 object, on a socket that asked for JSON5.
    InvalidJson5,
    /// The command is not known.
    UnknownCommand,
    /// The socket's slug names no instance.
    InvalidInstance,
    /// No `api_key`.
    MissingApiKey,
    /// The instance has no key for this protocol.
    NoApiKey,
    /// The key is none of the instance's.
    ApiKeyMismatch,
    /// The point of sale has a password, and it is missing or wrong.
    InvalidPassword,
    /// The instance has no licence record.
    NoLicense,
    /// A required parameter is missing; its name in lower case.
    Missing(&'static str),
    /// A parameter has the wrong type or range; its name in lower case.
    Invalid(&'static str),
    /// No such point of sale.
    UnknownPos,
    /// The point of sale may not sell.
    PosDisabled,
    /// The product is not sold there.
    UnknownProduct,
    /// The payment method is not taken there.
    UnknownPaymentMethod,
    /// The `request_id` was used for another sale.
    RequestIdConflict,
    /// The budget of key and command is used up.
    RateLimit {
        /// Which command.
        command: &'static str,
        /// Milliseconds until this call would be admitted.
        retry_after: u64,
    },
    /// Too many commands wait. Nothing was booked.
    Overloaded,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Code {
    Number(u16),
    RateLimit {
        command: &'static str,
        retry_after: u64,
    },
}

#[derive(Serialize)]
struct Message {
    #[serde(rename = "type")]
    type_: &'static str,
    result: Body,
}

#[derive(Serialize)]
struct Body {
    error: String,
    code: Code,
}

impl PosError {
    /// The error's name on the wire.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Missing(parameter) => format!("missing_parameter_{parameter}"),
            Self::Invalid(parameter) => format!("invalid_parameter_{parameter}"),
            other => other.kind().to_owned(),
        }
    }

    /// The error's name without its parameter: a fixed word, for figures.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Internal => "internal_error",
            Self::InvalidJson => "invalid_json",
            Self::InvalidJson5 => "invalid_json5",
            Self::UnknownCommand => "unknown_command",
            Self::InvalidInstance => "invalid_instance",
            Self::MissingApiKey => "missing_parameter_api",
            Self::NoApiKey => "no_api_key",
            Self::ApiKeyMismatch => "api_key_mismatch",
            Self::InvalidPassword => "invalid_password",
            Self::NoLicense => "getlicense",
            Self::Missing(_) => "missing_parameter",
            Self::Invalid(_) => "invalid_parameter",
            Self::UnknownPos => "unknown_pos",
            Self::PosDisabled => "pos_disabled",
            Self::UnknownProduct => "unknown_product",
            Self::UnknownPaymentMethod => "unknown_payment_method",
            Self::RequestIdConflict => "request_id_conflict",
            Self::RateLimit { .. } => "ratelimit",
            Self::Overloaded => "overloaded",
        }
    }

    const fn code(&self) -> Code {
        Code::Number(match self {
            Self::Internal => 0,
            Self::InvalidJson => 100,
            Self::InvalidJson5 => 101,
            Self::UnknownCommand => 102,
            Self::InvalidInstance => 200,
            Self::MissingApiKey => 201,
            Self::NoApiKey => 202,
            Self::ApiKeyMismatch => 203,
            Self::InvalidPassword => 204,
            Self::NoLicense => 205,
            Self::Missing(_) => 300,
            Self::Invalid(_) => 301,
            Self::UnknownPos => 400,
            Self::PosDisabled => 401,
            Self::UnknownProduct => 402,
            Self::UnknownPaymentMethod => 403,
            Self::RequestIdConflict => 404,
            Self::RateLimit {
                command,
                retry_after,
            } => {
                return Code::RateLimit {
                    command,
                    retry_after: *retry_after,
                };
            }
            Self::Overloaded => 500,
        })
    }

    /// The error message as it is sent.
    #[must_use]
    pub fn render(&self) -> String {
        let result = Body {
            error: self.name(),
            code: self.code(),
        };
        super::wire::text(&Message {
            type_: "error",
            result,
        })
    }
}

impl From<Rejection> for PosError {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::UnknownPointOfSale(_) => Self::UnknownPos,
            Rejection::PointOfSaleDisabled(_) => Self::PosDisabled,
            Rejection::WrongPassword(_) => Self::InvalidPassword,
            Rejection::CommandConflict => Self::RequestIdConflict,
            Rejection::UnknownProduct(_) => Self::UnknownProduct,
            Rejection::UnknownPaymentMethod(_) => Self::UnknownPaymentMethod,
            Rejection::AmountOutOfRange => Self::Invalid("products"),
            Rejection::NoCatalogue => Self::InvalidInstance,
            // What this door never asks for.
            _ => Self::Internal,
        }
    }
}

/// `None` when nothing may be said, because the outcome is unknown.
pub(super) fn of_refusal(refusal: Refusal) -> Option<PosError> {
    match refusal {
        Refusal::Rejected(rejection) => Some(rejection.into()),
        Refusal::Overloaded => Some(PosError::Overloaded),
        Refusal::Unavailable(_) => Some(PosError::Internal),
        Refusal::OutcomeUnknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The documented table, row by row.
    #[test]
    fn every_error_has_its_name_and_number() {
        let rows = [
            (PosError::Internal, "internal_error", json!(0)),
            (PosError::InvalidJson, "invalid_json", json!(100)),
            (PosError::InvalidJson5, "invalid_json5", json!(101)),
            (PosError::UnknownCommand, "unknown_command", json!(102)),
            (PosError::InvalidInstance, "invalid_instance", json!(200)),
            (PosError::MissingApiKey, "missing_parameter_api", json!(201)),
            (PosError::NoApiKey, "no_api_key", json!(202)),
            (PosError::ApiKeyMismatch, "api_key_mismatch", json!(203)),
            (PosError::InvalidPassword, "invalid_password", json!(204)),
            (PosError::NoLicense, "getlicense", json!(205)),
            (
                PosError::Missing("posid"),
                "missing_parameter_posid",
                json!(300),
            ),
            (
                PosError::Invalid("products"),
                "invalid_parameter_products",
                json!(301),
            ),
            (PosError::UnknownPos, "unknown_pos", json!(400)),
            (PosError::PosDisabled, "pos_disabled", json!(401)),
            (PosError::UnknownProduct, "unknown_product", json!(402)),
            (
                PosError::UnknownPaymentMethod,
                "unknown_payment_method",
                json!(403),
            ),
            (
                PosError::RequestIdConflict,
                "request_id_conflict",
                json!(404),
            ),
            (PosError::Overloaded, "overloaded", json!(500)),
            (
                PosError::RateLimit {
                    command: "listpm",
                    retry_after: 7400,
                },
                "ratelimit",
                json!({ "command": "listpm", "retry_after": 7400 }),
            ),
        ];
        for (error, name, code) in rows {
            let sent: Value = serde_json::from_str(&error.render()).unwrap();
            let expected = json!({ "type": "error", "result": { "error": name, "code": code } });
            assert_eq!(sent, expected);
        }
    }

    #[test]
    fn what_the_ledger_refuses_is_told_in_this_protocols_words() {
        assert_eq!(of_refusal(Refusal::Overloaded), Some(PosError::Overloaded));
        let away = Refusal::Unavailable("a store's address".to_owned());
        assert_eq!(of_refusal(away), Some(PosError::Internal));
        assert_eq!(of_refusal(Refusal::OutcomeUnknown), None);
    }
}
