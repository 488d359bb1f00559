//! What a session asks for besides sales: the drawer, copies, supplies, the display, pings.

use crate::ledger::command::CommandId;
use crate::ledger::decide::{Decision, Rejection, repeated};
use crate::ledger::desk::Wish;
use daybook_projections::Views;
use daybook_schema::facts::{CopyRequest, DeskAction, Ping, PingMark, SupplyState, SupplyUse};
use daybook_schema::id::{PingId, SessionId};
use daybook_schema::{Digest, Fact};

pub(super) fn act(
    views: &Views,
    session: SessionId,
    id: &CommandId,
    wish: &Wish,
) -> Result<Vec<Fact>, Rejection> {
    let request = id.request;
    let action = DeskAction { request, session };
    let fact = match wish {
        Wish::OpenDrawer => Fact::DrawerOpened(action),
        Wish::RequestSupply => Fact::SupplyRequested(action),
        Wish::AdvanceDisplay => Fact::DisplayAdvanced(action),
        Wish::CopyReceipt(transaction) => {
            let sale = views.transaction.sale(*transaction);
            sale.ok_or(Rejection::UnknownSale)?;
            Fact::CopyRequested(CopyRequest {
                request,
                session,
                transaction: *transaction,
            })
        }
        Wish::UseSupply(identifier) => use_supply(views, identifier, session, request)?,
        Wish::SendPing(secret) => Fact::PingSent(Ping {
            id: PingId(views.desk.last_ping().map_or(1, |last| last.0 + 1)),
            request,
            secret: secret.clone(),
            session,
        }),
        Wish::AnswerPing(secret) => {
            let ping = views.desk.ping_of(secret);
            // The first answer counts; to any other code there is nothing to say.
            let Some(ping) = ping.filter(|ping| ping.ponged.is_none()) else {
                return Ok(Vec::new());
            };
            let id = ping.id;
            Fact::PingAnswered(PingMark { id, request })
        }
        Wish::Book(_) | Wish::Reverse(_) => return Ok(Vec::new()),
    };
    Ok(vec![fact])
}

fn use_supply(
    views: &Views,
    identifier: &str,
    session: SessionId,
    request: Option<Digest>,
) -> Result<Fact, Rejection> {
    let found = views.desk.pack_of(identifier);
    let (pack, used) = found.ok_or(Rejection::UnknownSupply)?;
    if used {
        return Err(Rejection::SupplyUsed);
    }
    match pack.state {
        SupplyState::Backoffice => Err(Rejection::SupplyInStore),
        SupplyState::Dissolved => Err(Rejection::SupplyDissolved),
        SupplyState::Used => Err(Rejection::SupplyUsed),
        SupplyState::Troubleshooter => Ok(Fact::SupplyUsed(SupplyUse {
            amount: pack.amount,
            item: pack.item,
            pack: pack.id,
            request,
            session,
        })),
    }
}

/// Notes that somebody took note of a ping; a second time changes nothing.
pub(crate) fn sync_ping(
    views: &Views,
    id: &CommandId,
    ping: PingId,
) -> Result<Decision, Rejection> {
    if let Some(repeat) = repeated(views, id) {
        return repeat;
    }
    let found = views.desk.ping(ping).ok_or(Rejection::UnknownPing)?;
    let fact = found.synced.is_none().then_some(Fact::PingSynced(PingMark {
        id: ping,
        request: id.request,
    }));
    Ok(Decision::Record(fact.into_iter().collect()))
}
