//! Selling a product at a cash desk. The checks stand in their documented order.

use super::cart::Cart;
use super::conditions::{self, Purse};
use super::{plain_line, troubleshooter};
use crate::ledger::desk::{PositionRefusal, Sell};
use daybook_schema::facts::SaleLine;
use daybook_schema::id::ProductId;

pub(super) fn sell(
    cart: &Cart<'_>,
    asked: &Sell,
) -> Result<(ProductId, SaleLine), PositionRefusal> {
    let product = cart.views.product.product(asked.product.clone()?);
    let product = product.ok_or(PositionRefusal::UnknownProduct)?;
    let available = product.visible && cart.in_window(product) && !cart.sold_out(product);
    let mut authorized_by = None;
    if !available || product.requires_authorization {
        let refusal = if available {
            PositionRefusal::NeedsAuthorization
        } else {
            PositionRefusal::SoldOut
        };
        let user = troubleshooter(cart.views, asked.auth.as_ref()).ok_or(refusal)?;
        authorized_by = Some(user.id);
    }
    let mut nothing = Purse::none();
    conditions::warnings(cart, product, &asked.answers, &mut nothing)?;
    let pass = conditions::list(cart, product, &asked.answers, &mut nothing)?;
    let line = SaleLine {
        authorized_by: pass.authorized_by.or(authorized_by),
        list_entry: pass.entry,
        ..plain_line(product)
    };
    Ok((product.id, line))
}
