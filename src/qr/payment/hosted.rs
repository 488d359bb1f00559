//! A hosted payment page of someone else: the guest brings along what is to be paid, signed.

use super::{PaymentAsk, PaymentProvider};
use daybook_schema::hash;
use std::fmt;

/// Fewest bytes of the secret: a shorter one could be guessed.
const SHORTEST_SECRET: usize = 16;

/// A hosted payment page.
pub struct Hosted {
    url: String,
    secret: Vec<u8>,
}

/// Why a payment page cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostedError {
    /// No address of a page.
    #[error("the payment URL \"{0}\" is none: write it like https://pay.example/checkout")]
    Url(String),
    /// Too short.
    #[error("the payment secret has fewer than {SHORTEST_SECRET} characters")]
    Secret,
}

impl Hosted {
    /// The page at a URL, which shares a secret with us.
    ///
    /// # Errors
    /// When the URL is none, or the secret too short.
    pub fn new(url: &str, secret: &str) -> Result<Self, HostedError> {
        let (url, secret) = (url.trim(), secret.trim());
        let rest = ["https://", "http://"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme));
        let host = rest
            .unwrap_or_default()
            .split(['/', '?'])
            .next()
            .unwrap_or_default();
        let odd = |byte: u8| !byte.is_ascii_graphic() || matches!(byte, b'#' | b'"' | b'<' | b'>');
        if host.is_empty() || url.bytes().any(odd) {
            return Err(HostedError::Url(url.chars().take(200).collect()));
        }
        if secret.len() < SHORTEST_SECRET {
            return Err(HostedError::Secret);
        }
        Ok(Self {
            url: url.to_owned(),
            secret: secret.into(),
        })
    }
}

impl fmt::Debug for Hosted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Secrets are never shown.
        f.debug_struct("Hosted")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl PaymentProvider for Hosted {
    fn start(&self, ask: &PaymentAsk<'_>) -> String {
        let sum = ask.currency.decimal(ask.sum).to_string();
        let signed = form_urlencoded::Serializer::new(String::new())
            .append_pair("payment", ask.payment)
            .append_pair("instance", ask.instance.as_str())
            .append_pair("sum", &sum)
            .append_pair("currency", ask.currency.code())
            .append_pair("return", &format!("{}t/{}", ask.root, ask.link))
            .finish();
        // What is signed is the text as it stands in the URL, so nobody has to agree on an encoding.
        let signature = hash::sign(&self.secret, &[signed.as_bytes()]);
        let joint = match self.url.find('?') {
            None => "?",
            Some(mark) if mark + 1 == self.url.len() => "",
            Some(_) => "&",
        };
        format!("{}{joint}{signed}&signature={signature}", self.url)
    }

    fn secret(&self) -> &[u8] {
        &self.secret
    }

    fn is_ours(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daybook_schema::{Currency, Money};

    const SECRET: &str = "0123456789abcdef";

    #[test]
    fn the_guest_brings_along_what_is_to_be_paid() {
        let ask = PaymentAsk {
            payment: "5f1d",
            instance: &"restaurant".parse().unwrap(),
            sum: Money::new(2450).unwrap(),
            currency: Currency::new("EUR").unwrap(),
            root: "https://menu.example/",
            link: "restaurant.7.00",
        };
        let signed = "payment=5f1d&instance=restaurant&sum=24.5&currency=EUR\
            &return=https%3A%2F%2Fmenu.example%2Ft%2Frestaurant.7.00";
        let signature = hash::sign(SECRET.as_bytes(), &[signed.as_bytes()]);
        for (url, start) in [
            ("https://pay.example", "https://pay.example?"),
            ("https://pay.example/c?", "https://pay.example/c?"),
            (
                " http://pay.example/c?shop=1\n",
                "http://pay.example/c?shop=1&",
            ),
        ] {
            let hosted = Hosted::new(url, &format!("{SECRET}\n")).unwrap();
            let expected = format!("{start}{signed}&signature={signature}");
            assert_eq!(hosted.start(&ask), expected);
            assert!(!format!("{hosted:?}").contains(SECRET));
        }
    }

    #[test]
    fn what_is_no_page_or_no_secret_is_refused() {
        let texts = [
            "",
            "pay.example",
            "ftp://x",
            "https://",
            "https:///x",
            "https://a b",
            "https://a#b",
        ];
        for url in texts {
            let refused = Hosted::new(url, SECRET).unwrap_err();
            assert_eq!(refused, HostedError::Url(url.to_owned()));
        }
        let refused = Hosted::new("https://pay.example", &SECRET[1..]).unwrap_err();
        assert_eq!(refused, HostedError::Secret);
    }
}
