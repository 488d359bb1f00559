//! Payments of guests: begun at a provider, and booked when the provider says that it has the money.
//! Nothing counts as paid before its signed message, whatever a browser says.

mod confirmation;
mod hosted;
mod provider;
mod signature;
mod test;

pub use hosted::{Hosted, HostedError};
pub use provider::{PaymentAsk, PaymentProvider};
pub use test::Test;

use super::error::QrError;
use super::reply::Reply;
use super::{Door, link};
use crate::body;
use crate::ledger::{Book, Found};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use confirmation::{Confirmation, Unconfirmed};
use daybook_projections::qr_event::Begun;
use serde_json::json;
use std::sync::Arc;

/// The header that signs a provider's message.
const SIGNATURE: &str = "signature";

/// How guests pay.
#[derive(Clone)]
pub struct Payments {
    /// Who takes the money.
    pub provider: Arc<dyn PaymentProvider>,
}

/// Which provider a server is started with.
#[derive(Debug, Default)]
pub enum Setup {
    /// None: guests pay their waiter.
    #[default]
    None,
    /// A hosted payment page.
    Hosted(Hosted),
    /// Our own page, for trying.
    Test,
}

impl Setup {
    /// How guests of an installation pay, if they can.
    #[must_use]
    pub fn payments(self, installation: &[u8; 32]) -> Option<Payments> {
        let provider: Arc<dyn PaymentProvider> = match self {
            Self::None => return None,
            Self::Hosted(hosted) => Arc::new(hosted),
            Self::Test => Arc::new(Test::new(installation)),
        };
        Some(Payments { provider })
    }
}

/// `POST /api/v4/payments/{slug}`: a provider tells of a payment.
pub(super) async fn confirm(door: &Door, slug: &str, request: Request) -> Result<Reply, QrError> {
    // Without a provider there is nobody who could have signed it.
    let Some(payments) = &door.payments else {
        return Err(QrError::InvalidSignature);
    };
    let signature = signature(request.headers());
    let body = body::read(request.into_body()).await?;
    let message = Confirmation {
        signature: &signature,
        body: &body,
        at: (door.clock)(),
    };
    // Whoever has no secret does not learn which instances there are.
    if !message.is_signed(payments.provider.secret()) {
        return Err(QrError::InvalidSignature);
    }
    let book = match door.ledger.find(slug) {
        Found::Open(book) => book,
        Found::Broken => return Err(QrError::Unavailable),
        Found::Unknown => return Err(QrError::NotFound),
    };
    message.record(&book).await?;
    Ok(Reply::ok(&json!({})))
}

fn signature(headers: &HeaderMap) -> String {
    let given = headers.get(SIGNATURE).and_then(|given| given.to_str().ok());
    given.unwrap_or_default().to_owned()
}

/// A payment that was begun on our own page.
pub(super) struct Tried {
    pub book: Book,
    pub begun: Begun,
    /// The guest's table link, to come back to.
    pub link: String,
}

/// The payment of this id, when guests pay on our own page.
pub(super) fn tried(door: &Door, payment: &str) -> Option<Tried> {
    door.payments
        .as_ref()
        .filter(|payments| payments.provider.is_ours())?;
    door.ledger.books().into_iter().find_map(|book| {
        let views = book.views();
        let begun = views.qr_event.payment(payment)?.clone();
        let link = link::table_link(&door.installation, &book.log, &views, begun.table.id);
        Some(Tried { book, begun, link })
    })
}

/// `POST /t/pay/{payment}/paid`: the button of our own page. Its server side then says, signed, what a
/// real provider would say.
pub(super) async fn pay_for_trying(door: &Door, payment: &str) -> Result<Response, QrError> {
    let (Some(payments), Some(tried)) = (&door.payments, tried(door, payment)) else {
        return Err(QrError::NotFound);
    };
    let views = tried.book.views();
    let currency = views
        .instance
        .described()
        .ok_or(QrError::Unavailable)?
        .currency;
    let sum = currency.decimal(tried.begun.amount).to_string();
    let (secret, at) = (payments.provider.secret(), (door.clock)());
    let (body, signature) = test::message(secret, payment, &sum, at);
    let message = Confirmation {
        signature: &signature,
        body: body.as_bytes(),
        at,
    };
    if !message.is_signed(secret) {
        return Err(QrError::InvalidSignature);
    }
    message.record(&tried.book).await?;
    let back = [(header::LOCATION, format!("/t/{}", tried.link))];
    Ok((StatusCode::SEE_OTHER, back).into_response())
}

impl From<Unconfirmed> for QrError {
    fn from(unconfirmed: Unconfirmed) -> Self {
        match unconfirmed {
            Unconfirmed::Body(why) => Self::Invalid(why.to_owned()),
            Unconfirmed::Refused(refusal) => refusal.into(),
        }
    }
}
