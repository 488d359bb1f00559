//! The conditions that sold and redeemed products share: warnings and lists, and the purse that buys
//! free of them.

use super::cart::Cart;
use super::troubleshooter;
use crate::ledger::desk::{Answers, ListFault, PositionRefusal};
use daybook_schema::facts::{ListConstraint, Product};
use daybook_schema::id::{ListEntryId, UserId};
use daybook_schema::{Money, TaxRate};

/// What a customer pays instead of what is asked for: spent in the order of the checks, each
/// constraint for its own price.
pub(super) struct Purse {
    /// Whether anything can be bought free at all.
    quotes: bool,
    given: Option<Money>,
    left: Money,
    rate: Option<TaxRate>,
}

impl Purse {
    pub(super) fn new(given: Option<Money>) -> Self {
        Self {
            quotes: true,
            given,
            left: given.unwrap_or_default(),
            rate: None,
        }
    }

    /// A purse for sales, where nothing can be bought free.
    pub(super) fn none() -> Self {
        Self {
            quotes: false,
            ..Self::new(None)
        }
    }

    /// The price that a cashier is told.
    fn quote(&self, price: Option<Money>) -> Option<Money> {
        price.filter(|_| self.quotes)
    }

    /// Pays a price, if there is one and enough is left. A price of 0 is paid only by who gave a
    /// purse at all: nothing passes unasked.
    pub(super) fn pay(
        &mut self,
        price: Option<Money>,
        rate: TaxRate,
    ) -> Result<bool, PositionRefusal> {
        let Some(price) = price.filter(|price| self.given.is_some() && *price <= self.left) else {
            return Ok(false);
        };
        if self.rate.is_some_and(|paid| paid != rate) {
            return Err(PositionRefusal::MixedTaxRates);
        }
        self.rate = Some(rate);
        // Neither is negative and the price is not larger, so the difference is an amount.
        self.left = Money::new(self.left.units() - price.units()).unwrap_or_default();
        Ok(true)
    }

    /// What is booked: once anything was paid for, the whole purse at the last rate.
    pub(super) fn value(&self) -> (Money, TaxRate) {
        match (self.given, self.rate) {
            (Some(given), Some(rate)) => (given, rate),
            _ => (Money::ZERO, TaxRate::default()),
        }
    }
}

/// Redeem 9 and sell 5: every warning of the product, acknowledged or paid for. The acknowledgement
/// is looked at first, so that it costs nothing.
pub(super) fn warnings(
    cart: &Cart<'_>,
    product: &Product,
    answers: &Answers,
    purse: &mut Purse,
) -> Result<(), PositionRefusal> {
    for (warning, entry) in cart.views.constraint.warnings_of(product.id) {
        if answers.acknowledged.contains(&warning.id) {
            continue;
        }
        if !purse.pay(entry.price, entry.tax_rate.unwrap_or(product.tax_rate))? {
            return Err(PositionRefusal::Warning {
                id: warning.id,
                message: warning.message.clone(),
                price: purse.quote(entry.price),
            });
        }
    }
    Ok(())
}

/// How a list was passed.
#[derive(Default)]
pub(super) struct ListPass {
    pub entry: Option<ListEntryId>,
    pub authorized_by: Option<UserId>,
}

/// Redeem 10 to 12 and sell 6: the product's list, paid for, overridden, or answered with an entry
/// that is free. The purse is looked at first: what was paid for uses up no entry.
pub(super) fn list(
    cart: &Cart<'_>,
    product: &Product,
    answers: &Answers,
    purse: &mut Purse,
) -> Result<ListPass, PositionRefusal> {
    let Some((list, entry)) = cart.views.constraint.list_of(product.id) else {
        return Ok(ListPass::default());
    };
    if purse.pay(entry.price, entry.tax_rate.unwrap_or(product.tax_rate))? {
        return Ok(ListPass::default());
    }
    answered(cart, list, answers).map_err(|fault| PositionRefusal::List {
        id: list.id,
        name: list.name.clone(),
        price: purse.quote(entry.price),
        fault,
    })
}

fn answered(
    cart: &Cart<'_>,
    list: &ListConstraint,
    answers: &Answers,
) -> Result<ListPass, ListFault> {
    let value = answers.lists.get(&list.id).ok_or(ListFault::Missing)?;
    if let Some(user) = troubleshooter(cart.views, value.badge.as_ref()) {
        return Ok(ListPass {
            entry: None,
            authorized_by: Some(user.id),
        });
    }
    let identifier = value.identifier.as_deref().ok_or(ListFault::Unknown)?;
    let entries = cart.views.constraint.entries_of(list.id, identifier);
    let mut known = false;
    for entry in entries {
        known = true;
        if !cart.is_used(entry) {
            return Ok(ListPass {
                entry: Some(entry),
                authorized_by: None,
            });
        }
    }
    Err(if known {
        ListFault::Used
    } else {
        ListFault::Unknown
    })
}
