//! What clients send: kinds of commands in given shares, written out before the clock starts.

use serde_json::json;
use std::str::FromStr;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// Kinds of commands, as `--mix` names them.
pub(super) const KINDS: [&str; 3] = ["sale", "list", "products"];

/// Rows that a "list" asks for.
const LIST_ROWS: u32 = 10;

/// Largest share, so that a schedule stays short.
const MAX_SHARE: u32 = 1000;

/// A share for each of [`KINDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mix([u32; KINDS.len()]);

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut shares = [0; KINDS.len()];
        for part in text.split(',') {
            let wrong = || format!("\"{part}\" is not one of {}=SHARE", KINDS.join("=SHARE, "));
            let (name, share) = part.split_once('=').ok_or_else(wrong)?;
            let kind = KINDS
                .iter()
                .position(|kind| *kind == name)
                .ok_or_else(wrong)?;
            let share: u32 = share.parse().map_err(|_| wrong())?;
            if share > MAX_SHARE {
                return Err(format!("{part}: at most {MAX_SHARE}"));
            }
            shares[kind] = share;
        }
        if shares == [0; KINDS.len()] {
            return Err("all shares are 0".to_owned());
        }
        Ok(Self(shares))
    }
}

/// Ids and keys that the commands carry.
pub(super) struct Offer<'a> {
    pub keys: &'a [String],
    pub pos: u32,
    pub payment_method: u32,
    pub product: u32,
}

/// What a client sends, over and over: kinds in their shares, and the message of each kind.
#[derive(Clone, Debug)]
pub(super) struct Script {
    order: std::sync::Arc<[usize]>,
    messages: [Utf8Bytes; KINDS.len()],
}

impl Script {
    /// The kind and message of the `n`-th command. Cheap: the text is shared.
    pub(super) fn command(&self, n: usize) -> (usize, Message) {
        let kind = self.order[n % self.order.len()];
        (kind, Message::Text(self.messages[kind].clone()))
    }

    /// One command of each kind that occurs.
    pub(super) fn samples(&self) -> impl Iterator<Item = (usize, Message)> {
        let occurs = |kind: &usize| self.order.contains(kind);
        (0..KINDS.len())
            .filter(occurs)
            .map(|kind| (kind, Message::Text(self.messages[kind].clone())))
    }
}

impl Mix {
    /// A script for each key.
    pub(super) fn scripts(self, offer: &Offer<'_>) -> Vec<Script> {
        let order: std::sync::Arc<[usize]> = self.order().into();
        let script = |key: &String| Script {
            order: order.clone(),
            messages: messages(offer, key),
        };
        offer.keys.iter().map(script).collect()
    }

    /// Kinds in their shares, evenly spread: whoever is owed most comes next.
    fn order(self) -> Vec<usize> {
        let total: u32 = self.0.iter().sum();
        let mut owed = [0i64; KINDS.len()];
        let mut order = Vec::new();
        for _ in 0..total {
            for (owed, share) in owed.iter_mut().zip(self.0) {
                *owed += i64::from(share);
            }
            let next = (0..KINDS.len())
                .max_by_key(|kind| owed[*kind])
                .unwrap_or_default();
            owed[next] -= i64::from(total);
            order.push(next);
        }
        order
    }
}

fn messages(offer: &Offer<'_>, key: &str) -> [Utf8Bytes; KINDS.len()] {
    let sale = json!({ "command": "payitems", "parameters": {
        "api_key": key, "POSID": offer.pos, "PaymentMethod": offer.payment_method,
        "Products": [{ "ID": offer.product, "Amount": 1 }],
    }});
    let list = json!({ "command": "listtransactions", "parameters": {
        "api_key": key, "POSID": offer.pos, "Limit": LIST_ROWS,
    }});
    let products = json!({ "command": "listproducts", "parameters": {
        "api_key": key, "POSID": offer.pos,
    }});
    [sale, list, products].map(|message| message.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_kept_and_spread() {
        let order = "sale=2,list=1,products=0".parse::<Mix>().unwrap().order();
        assert_eq!(order.iter().filter(|kind| **kind == 0).count(), 2);
        assert_eq!(order.iter().filter(|kind| **kind == 1).count(), 1);
        assert_ne!(order[..2], [1, 1]);
        for wrong in ["", "sale", "sale=x", "beer=1", "sale=0,list=0", "sale=1001"] {
            assert!(wrong.parse::<Mix>().is_err(), "{wrong}");
        }
    }
}
