//! What a cashier reads when a position is refused, and what they may do about it.

use super::amount::float;
use super::local;
use crate::ledger::desk::{ListFault, PositionRefusal, Redemption};
use daybook_schema::{Currency, Money};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Number;

/// A refused position: always with all members.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Refused {
    success: bool,
    message: String,
    #[serde(rename = "type")]
    type_: Option<&'static str>,
    missing_field: Option<String>,
    bypass_price: Option<Number>,
}

/// What helps: nothing, a confirmation or an input, in a field.
enum Help {
    Nothing,
    Confirm(String),
    Input(String),
}

impl Refused {
    pub(super) fn of(refusal: &PositionRefusal, currency: Currency, zone: &TimeZone) -> Self {
        let (message, help, price) = said(refusal, zone);
        let (type_, missing_field) = match help {
            Help::Nothing => (None, None),
            Help::Confirm(field) => (Some("confirmation"), Some(field)),
            Help::Input(field) => (Some("input"), Some(field)),
        };
        Self {
            success: false,
            message,
            type_,
            missing_field,
            bypass_price: price.map(|price| float(price, currency)),
        }
    }
}

fn said(refusal: &PositionRefusal, zone: &TimeZone) -> (String, Help, Option<Money>) {
    use PositionRefusal as R;
    let plain = |text: &str| (text.to_owned(), Help::Nothing, None);
    let auth = || Help::Input("auth".to_owned());
    match refusal {
        R::Invalid => plain("Invalid position."),
        R::UnknownType(name) => plain(&format!("Type {name} is not yet implemented")),
        R::InvalidBypassPrice => plain("Invalid bypass price."),
        R::NoSecret => plain("No secret has been given."),
        R::UnknownTicket => plain("No ticket could be found with the given secret."),
        R::Canceled => plain("This ticket has been canceled or is expired."),
        R::Unpaid(price) => {
            let help = Help::Confirm("pay_for_unpaid".to_owned());
            (
                "This ticket has not been paid for.".to_owned(),
                help,
                *price,
            )
        }
        R::NotAvailable => plain("This product is currently not available."),
        R::AlreadyRedeemed(redemption) => plain(&already_redeemed(redemption, zone)),
        R::TicketWarning(text) => {
            let help = Help::Confirm("warning_acknowledged".to_owned());
            (text.clone(), help, None)
        }
        R::NoProduct => plain("No product given."),
        R::UnknownProduct => plain("This product ID is not known."),
        R::SoldOut => {
            let text = "This product is currently unavailable or sold out.";
            (text.to_owned(), auth(), None)
        }
        R::NeedsAuthorization => {
            let text = "This sale requires authorization by a troubleshooter.";
            (text.to_owned(), auth(), None)
        }
        R::Warning { id, message, price } => {
            let help = Help::Confirm(format!("warning_{id}_acknowledged"));
            (message.clone(), help, *price)
        }
        R::List {
            id,
            name,
            price,
            fault,
        } => (
            list_text(name, *fault),
            Help::Input(format!("list_{id}")),
            *price,
        ),
        R::MixedTaxRates => plain("Multiple upgrades with different tax rates are not supported."),
    }
}

fn list_text(name: &str, fault: ListFault) -> String {
    match fault {
        ListFault::Missing => {
            format!("This ticket can only be redeemed by persons on the \"{name}\" list")
        }
        ListFault::Unknown => format!("This entry could not be found in list \"{name}\"."),
        ListFault::Used => "This list entry has already been used.".to_owned(),
    }
}

/// What is said of a ticket that was redeemed before.
pub(super) fn already_redeemed(redemption: &Redemption, zone: &TimeZone) -> String {
    let start: String = redemption.secret.chars().take(6).collect();
    let stamp = local::stamp(redemption.at, zone);
    format!("This ticket ({start}…) has already been redeemed at {stamp}.")
}
