//! Who a socket is: its logins, and what they let it do.

use super::error::Fault;
use super::packet::{Packet, text_of};
use super::{Arrival, Door, schema};
use crate::json;
use crate::ledger::Book;
use daybook_catalogue::secrets;
use daybook_projections::Views;
use daybook_schema::Actor;
use daybook_schema::facts::{Key, Scope};
use daybook_schema::id::PosId;
use std::sync::Arc;

/// What a client logged in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Nothing in particular.
    None,
    CustomerDisplay,
    DebugScope,
    /// A tablet that builds sales; said in the URL.
    Presell,
}

/// What the logins of a socket let it do, all together.
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rights {
    /// Firehoses of all kinds that need nothing more.
    pub firehose: bool,
    /// Firehoses that show the current sale.
    pub display: bool,
    /// How this node fares.
    pub debug: bool,
    /// The ledger's events.
    pub audit: bool,
    /// Building sales.
    pub presell: bool,
    /// Taking payments for what tablets built.
    pub pay: bool,
}

impl Rights {
    /// Whether firehoses may deliver the schema.
    pub(super) fn cover(self, name: &str) -> bool {
        if schema::is_ledger(name) {
            self.firehose && self.audit
        } else if name == schema::NODE {
            self.debug
        } else if schema::is_display(name) || name == schema::FIREHOSES {
            self.firehose || self.display
        } else {
            self.firehose
        }
    }
}

/// A login that succeeded.
pub(super) struct Login {
    /// Whose key it was; none for one without.
    pub key: Option<Arc<Key>>,
    pub purpose: Purpose,
}

/// What a login asks for.
pub(super) struct Asked {
    pub login: Login,
    pub book: Book,
    /// The lane that it names.
    pub lane: Option<PosId>,
}

impl Purpose {
    /// What answers call it.
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::CustomerDisplay => Some("customerdisplay"),
            Self::DebugScope => Some("debugscope"),
            Self::Presell => Some("presell"),
        }
    }
}

impl Login {
    /// Whether the key is still what it was.
    pub(super) fn holds(&self, views: &Views) -> bool {
        let Some(key) = &self.key else { return true };
        views
            .access
            .key_of(&key.hash)
            .is_some_and(|found| found == key)
    }

    pub(super) fn actor(&self) -> Actor {
        self.key
            .as_ref()
            .map_or(Actor::Anyone, |key| Actor::Key(key.id))
    }

    pub(super) fn rights(&self) -> Rights {
        let scope = |scope| {
            self.key
                .as_ref()
                .is_some_and(|key| key.scopes.contains(&scope))
        };
        let lane = Rights {
            firehose: true,
            audit: scope(Scope::Audit),
            pay: self.key.is_none() || scope(Scope::Pos),
            ..Rights::default()
        };
        match self.purpose {
            Purpose::None => lane,
            Purpose::DebugScope => Rights {
                debug: true,
                ..lane
            },
            Purpose::CustomerDisplay => Rights {
                display: true,
                ..Rights::default()
            },
            Purpose::Presell => Rights {
                presell: true,
                ..Rights::default()
            },
        }
    }
}

/// The rights of all logins.
pub(super) fn rights<'a>(logins: impl Iterator<Item = &'a Login>) -> Rights {
    logins
        .map(Login::rights)
        .fold(Rights::default(), |all, one| Rights {
            firehose: all.firehose | one.firehose,
            display: all.display | one.display,
            debug: all.debug | one.debug,
            audit: all.audit | one.audit,
            presell: all.presell | one.presell,
            pay: all.pay | one.pay,
        })
}

/// Checks a login packet.
///
/// # Errors
/// When its credential opens nothing here, or its lane is none.
pub(super) fn check(door: &Door, arrival: Arrival, packet: &Packet) -> Result<Asked, Fault> {
    let purpose = match packet.value("purpose")?.and_then(json::Value::as_str) {
        _ if arrival.presell => Purpose::Presell,
        Some("customerdisplay") => Purpose::CustomerDisplay,
        Some("debugscope") => Purpose::DebugScope,
        _ => Purpose::None,
    };
    let (book, key) = credential(door, arrival, packet)?;
    let views = book.views();
    let lane = match packet.value("lane")? {
        None => None,
        Some(lane) => {
            let pos = json::whole(lane)
                .and_then(|id| u32::try_from(id).ok())
                .map(PosId);
            let pos = pos.filter(|pos| views.product.point_of_sale(*pos).is_some());
            Some(pos.ok_or_else(|| Fault::login_failed("There is no such lane"))?)
        }
    };
    let login = Login { key, purpose };
    Ok(Asked { login, book, lane })
}

fn credential(
    door: &Door,
    arrival: Arrival,
    packet: &Packet,
) -> Result<(Book, Option<Arc<Key>>), Fault> {
    let refused = |why: &str| Err(Fault::login_failed(why));
    if packet.value("encryption_user")?.is_some() {
        return refused("encryption_user is not supported: use apikey or token");
    }
    let text = match (packet.value("apikey")?, packet.value("token")?) {
        (Some(_), Some(_)) => return refused("One credential is enough: apikey or token"),
        (Some(key), None) | (None, Some(key)) => text_of(key).unwrap_or_default(),
        (None, None) if !arrival.local || !door.trust_loopback => {
            return refused("A key is missing: apikey or token");
        }
        (None, None) => {
            let book = door.ledger.default_book(door.instance.as_ref());
            let none = || Fault::login_failed("No instance is the default: use a key");
            return Ok((book.ok_or_else(none)?, None));
        }
    };
    let hash = secrets::key_hash(&door.installation, &text);
    let found = door.ledger.books().into_iter().find_map(|book| {
        let key = book.views().access.key_of(&hash)?.clone();
        Some((book, key))
    });
    match found {
        Some((book, key)) if key.scopes.contains(&Scope::Fd1) => Ok((book, Some(key))),
        _ => refused("The key opens nothing here"),
    }
}
