//! What cash desk sessions ask for: booking, taking back, and the small things.

mod actions;
mod cart;
mod conditions;
mod redeem;
mod reverse;
mod sell;
#[cfg(test)]
mod tests;

pub(super) use actions::sync_ping;

use super::receipt::{self, Receipt};
use super::sale::check_enabled;
use super::{Decision, Rejection, repeated};
use crate::ledger::command::CommandId;
use crate::ledger::desk::{Cart as Wished, DeskCommand, Wanted, Wish};
use cart::Cart;
use daybook_projections::Views;
use daybook_schema::facts::{
    Door, PaymentKind, PaymentMethod, PointOfSale, Product, Role, SaleLine, Session, User,
};
use daybook_schema::{At, Digest, Fact, Quantity};
use std::sync::Arc;

/// Who asks, and where.
struct Desk<'a> {
    session: &'a Arc<Session>,
    user: &'a Arc<User>,
    pos: &'a Arc<PointOfSale>,
}

pub(super) fn decide(
    views: &Views,
    id: &CommandId,
    command: &DeskCommand,
    at: At,
) -> Result<Decision, Rejection> {
    if let Some(repeat) = repeated(views, id) {
        return repeat;
    }
    let desk = open(views, command, at)?;
    let facts = match &command.wish {
        Wish::Book(wished) => book(views, &desk, id, wished, at)?,
        Wish::Reverse(sale) => reverse::reverse(views, &desk, id, *sale, at)?,
        other => actions::act(views, desk.session.id, id, other)?,
    };
    Ok(Decision::Record(facts))
}

/// A session that is open, at a desk where one may work.
fn open<'a>(views: &'a Views, command: &DeskCommand, at: At) -> Result<Desk<'a>, Rejection> {
    let session = views.session.session(command.session);
    let session = session.filter(|session| views.session.is_open(session, at));
    let session = session.ok_or(Rejection::SessionEnded)?;
    let user = views.access.user(session.user);
    let user = user.ok_or(Rejection::SessionEnded)?;
    let cash_desk = views.session.cash_desk(session.cash_desk);
    let cash_desk = cash_desk.filter(|cash_desk| !cash_desk.inactive);
    let pos = cash_desk.and_then(|desk| views.product.point_of_sale(desk.point_of_sale));
    let pos = pos.ok_or(Rejection::CashDeskInactive)?;
    Ok(Desk { session, user, pos })
}

/// Evaluates every position, also behind a refused one, and records all of them or none.
fn book(
    views: &Views,
    desk: &Desk<'_>,
    id: &CommandId,
    wished: &Wished,
    at: At,
) -> Result<Vec<Fact>, Rejection> {
    check_enabled(views, desk.pos.id)?;
    let method = cash(views, desk.pos)?;
    let mut cart = Cart::new(views, at);
    let mut refusals = Vec::with_capacity(wished.positions.len());
    for wanted in &wished.positions {
        let line = match wanted {
            Wanted::Refused(refusal) => Err(refusal.clone()),
            Wanted::Redeem(ticket) => redeem::redeem(&cart, ticket),
            Wanted::Sell(sell) => sell::sell(&cart, sell),
        };
        refusals.push(line.map(|line| cart.take(line)).err());
    }
    if refusals.iter().any(Option::is_some) {
        return Err(Rejection::Positions(refusals));
    }
    let receipt = Receipt {
        cash_given: wished.cash_given,
        door: Door::CashDesk,
        lines: cart.lines,
        payment: receipt::payment(method),
        point_of_sale: receipt::place(desk.pos),
        request: id.request,
        session: Some(desk.session.id),
    };
    receipt::facts(views, receipt, at, Fact::SaleRecorded)
}

/// How cash desks are paid: the first cash method of their point of sale.
fn cash<'a>(views: &'a Views, pos: &PointOfSale) -> Result<&'a PaymentMethod, Rejection> {
    let mut methods = views.product.payment_methods();
    let cash = methods
        .find(|m| m.kind == PaymentKind::Cash && m.points_of_sale.contains(&pos.id))
        .ok_or(Rejection::NoCash(pos.id))?;
    Ok(cash)
}

/// Whether the user may override refusals and reverse what others booked.
fn is_troubleshooter(user: &User) -> bool {
    let overrides = |role: &Role| matches!(role, Role::Troubleshooter | Role::Superuser);
    user.roles.iter().any(overrides)
}

/// The troubleshooter with this badge.
fn troubleshooter<'a>(views: &'a Views, badge: Option<&Digest>) -> Option<&'a Arc<User>> {
    let user = views.access.user_of_badge(badge?)?;
    is_troubleshooter(user).then_some(user)
}

/// One piece of a product at its price, with what is handed out.
fn plain_line(product: &Product) -> SaleLine {
    let price = (product.price, Quantity::PIECE, product.price);
    SaleLine {
        items: cart::handed_out(product),
        ..receipt::line(&product.name, product.tax_rate, price)
    }
}
