//! Redeeming a ticket. The checks stand in their documented order.

use super::cart::{Cart, priced};
use super::conditions::{self, Purse};
use super::plain_line;
use crate::ledger::desk::{PositionRefusal, Redeem, Redemption};
use daybook_schema::TaxRate;
use daybook_schema::facts::{SaleLine, Ticket};
use daybook_schema::id::ProductId;

pub(super) fn redeem(
    cart: &Cart<'_>,
    asked: &Redeem,
) -> Result<(ProductId, SaleLine), PositionRefusal> {
    let secret = asked.secret.as_ref().ok_or(PositionRefusal::NoSecret)?;
    let found = cart.views.preorder.ticket_of(secret);
    let found = found.ok_or(PositionRefusal::UnknownTicket)?;
    let (preorder, position) = (found.preorder, found.position);
    if preorder.is_canceled {
        return Err(PositionRefusal::Canceled);
    }
    let product = cart.views.product.product(position.product);
    let rate = product.map_or_else(TaxRate::default, |product| product.tax_rate);
    let mut purse = Purse::new(asked.bypass_price);
    if !preorder.is_paid && !purse.pay(position.price, rate)? {
        return Err(PositionRefusal::Unpaid(position.price));
    }
    // A product that is gone has no window either.
    let product = product.filter(|product| cart.in_window(product));
    let product = product.ok_or(PositionRefusal::NotAvailable)?;
    let here = cart.has_redeemed(position.id).then_some(cart.at);
    if let Some(at) = here.or(found.redeemed) {
        let secret = secret.clone();
        return Err(PositionRefusal::AlreadyRedeemed(Redemption { secret, at }));
    }
    if !preorder.warning_text.is_empty() && !asked.warning_acknowledged {
        return Err(PositionRefusal::TicketWarning(
            preorder.warning_text.clone(),
        ));
    }
    conditions::warnings(cart, product, &asked.answers, &mut purse)?;
    let pass = conditions::list(cart, product, &asked.answers, &mut purse)?;
    let (value, tax_rate) = purse.value();
    let line = SaleLine {
        authorized_by: pass.authorized_by,
        list_entry: pass.entry,
        tax_rate,
        ticket: Some(Ticket {
            is_paid: preorder.is_paid,
            position: position.id,
            preorder: preorder.id,
            secret: secret.clone(),
        }),
        ..priced(plain_line(product), value)
    };
    Ok((product.id, line))
}
