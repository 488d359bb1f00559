//! A provider that takes no money: its page is ours, and a button says whether it did.

use super::signature::Header;
use super::{PaymentAsk, PaymentProvider};
use daybook_schema::{At, hash};

/// A page of our own on which nobody pays, for trying.
pub struct Test {
    secret: [u8; 32],
}

impl Test {
    /// The provider of an installation, whose secret it derives its own from.
    #[must_use]
    pub fn new(installation: &[u8; 32]) -> Self {
        Self {
            secret: hash::secret(installation, "test-payments", "").0,
        }
    }
}

impl PaymentProvider for Test {
    fn start(&self, ask: &PaymentAsk<'_>) -> String {
        format!("{}t/pay/{}", ask.root, ask.payment)
    }

    fn secret(&self) -> &[u8] {
        &self.secret
    }

    fn is_ours(&self) -> bool {
        true
    }
}

/// What the test page's server side says when its button was pressed: the message of a real
/// provider, body and header, for the same code that reads those.
pub(super) fn message(secret: &[u8], payment: &str, sum: &str, at: At) -> (String, String) {
    // Ids of payments are hex digits and sums are digits: nothing needs escaping.
    let body = format!("{{\"payment\":\"{payment}\",\"sum\":{sum},\"status\":\"paid\"}}");
    let header = Header::sign(secret, at, body.as_bytes());
    (body, header)
}
