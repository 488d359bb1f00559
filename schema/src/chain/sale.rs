//! What makes the parts of a sale one sale, and its figures agree.

use super::Broken;
use crate::event::Event;
use crate::facts::{Door, Sale, SaleLine, SalePayment, SalePlace, TaxShare, Tx};
use crate::hash::Digest;
use crate::id::SessionId;
use crate::line::canonical;
use crate::money::{Currency, Money, Quantity, TaxRate};
use crate::time::At;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Display;

/// A sale of which parts are missing: what they must repeat, and the sums so far.
#[derive(Clone, Debug)]
pub(super) struct OpenSale {
    cmd: String,
    at: At,
    part: u32,
    parts: u32,
    point_of_sale: SalePlace,
    payment: SalePayment,
    request: Option<Digest>,
    session: Option<SessionId>,
    cash_given: Option<Money>,
    currency: Currency,
    kind: &'static str,
    door: Door,
    sums: Sums,
}

impl OpenSale {
    /// Behind a part that is not the last.
    pub(super) fn behind(event: &Event, sale: &Sale, sums: Sums) -> Self {
        Self {
            cmd: event.cmd.clone(),
            at: event.at,
            part: sale.part,
            parts: sale.parts,
            point_of_sale: sale.point_of_sale.clone(),
            payment: sale.payment.clone(),
            request: sale.request,
            session: sale.session,
            cash_given: sale.cash_given,
            kind: event.fact.type_name(),
            door: sale.door,
            currency: sale.currency,
            sums,
        }
    }

    /// What stands where the next part should.
    pub(super) fn interrupted(&self, by: impl Display) -> Broken {
        let (next, parts) = (self.part + 1, self.parts);
        contradiction(format!("part {next} of {parts} of a sale"), by)
    }
}

/// The sums that a part continues: those of the open sale, or none when it opens one.
pub(super) fn next_part(
    open: Option<OpenSale>,
    event: &Event,
    sale: &Sale,
) -> Result<Sums, Broken> {
    let part = || format!("part {} of {}", sale.part, sale.parts);
    let Some(open) = open else {
        if sale.part != 1 || sale.parts < 1 {
            let expected = format!("part 1 of {} of a sale", sale.parts.max(1));
            return Err(contradiction(expected, part()));
        }
        return Ok(Sums::default());
    };
    if (sale.part, sale.parts) != (open.part + 1, open.parts) {
        return Err(open.interrupted(part()));
    }
    same("type", &open.kind, &event.fact.type_name())?;
    same("cmd", &open.cmd, &event.cmd)?;
    same("at", &open.at, &event.at)?;
    same("point_of_sale", &open.point_of_sale, &sale.point_of_sale)?;
    same("payment", &open.payment, &sale.payment)?;
    same("request", &open.request, &sale.request)?;
    same("door", &open.door, &sale.door)?;
    same("session", &open.session, &sale.session)?;
    same("cash_given", &open.cash_given, &sale.cash_given)?;
    same("currency", &open.currency, &sale.currency)?;
    Ok(open.sums)
}

/// What a record shares with its line, its sale and its event.
pub(super) fn check_record(at: At, sale: &Sale, line: &SaleLine, tx: &Tx) -> Result<(), Broken> {
    let of = |member: &str| format!("{member} of transaction {}", tx.id);
    let total = line.price.times(line.quantity);
    if total != Ok(line.total) {
        let expected = total.map_or_else(|error| error.to_string(), |total| text(&total));
        let expected = format!("{} {expected}", of("total"));
        return Err(contradiction(expected, text(&line.total)));
    }
    let amount = sale.currency.decimal(line.total);
    if tx.amount_money != amount {
        let expected = format!("{} {}", of("AmountMoney"), text(&amount));
        return Err(contradiction(expected, text(&tx.amount_money)));
    }
    if Quantity::pieces(tx.amount_product) != Ok(line.quantity) {
        let expected = format!(
            "{} for quantity {}",
            of("AmountProduct"),
            text(&line.quantity)
        );
        return Err(contradiction(expected, tx.amount_product));
    }
    if tx.payment_id != sale.payment.id {
        let expected = format!("{} {}", of("Payment_ID"), sale.payment.id);
        return Err(contradiction(expected, tx.payment_id));
    }
    if tx.point_of_sale_id != sale.point_of_sale.id {
        let expected = format!("{} {}", of("PointOfSaleID"), sale.point_of_sale.id);
        return Err(contradiction(expected, tx.point_of_sale_id));
    }
    if tx.timestamp != at.second() {
        let expected = format!("{} {}", of("timestamp"), at.second());
        return Err(contradiction(expected, tx.timestamp));
    }
    Ok(())
}

/// What the lines of a sale sum up to, exactly: only the totals have a range.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    by_rate: BTreeMap<TaxRate, i128>,
}

impl Sums {
    pub(super) fn add(&mut self, line: &SaleLine) -> Result<(), Broken> {
        if line.deposit && self.by_rate.is_empty() {
            return Err(contradiction(
                "a line before its deposit",
                "a deposit first",
            ));
        }
        *self.by_rate.entry(line.tax_rate).or_default() += i128::from(line.total.units());
        Ok(())
    }

    /// The totals stand in the last part, and are those of the lines.
    pub(super) fn check_totals(&self, sale: &Sale) -> Result<(), Broken> {
        let totals = match (&sale.totals, sale.part == sale.parts) {
            (None, false) => return Ok(()),
            (Some(totals), true) => totals,
            (None, true) => return Err(contradiction("totals in the last part", "none")),
            (Some(_), false) => {
                return Err(contradiction("no totals before the last part", "totals"));
            }
        };
        let gross: i128 = self.by_rate.values().sum();
        if gross != i128::from(totals.gross.units()) {
            return Err(contradiction(
                format!("totals.gross {gross}"),
                text(&totals.gross),
            ));
        }
        same(
            "number of tax rates",
            &self.by_rate.len(),
            &totals.taxes.len(),
        )?;
        for ((rate, gross), found) in self.by_rate.iter().zip(&totals.taxes) {
            let expected = share(*rate, *gross).ok_or_else(|| {
                let expected = format!("gross {gross} at rate {}", rate.basis_points());
                contradiction(expected, text(found))
            })?;
            same("taxes", &expected, found)?;
        }
        Ok(())
    }
}

/// `None` when the sum is outside of what can be written.
fn share(rate: TaxRate, gross: i128) -> Option<TaxShare> {
    let gross = Money::new(i64::try_from(gross).ok()?).ok()?;
    let tax = gross.tax_contained(rate);
    let net = Money::new(gross.units() - tax.units()).ok()?;
    Some(TaxShare {
        gross,
        net,
        rate,
        tax,
    })
}

/// Whether a member is what the rest of the sale says.
pub(super) fn same<T: PartialEq + Serialize>(
    member: &str,
    expected: &T,
    found: &T,
) -> Result<(), Broken> {
    if expected == found {
        return Ok(());
    }
    let expected = format!("{member} {}", text(expected));
    Err(contradiction(expected, text(found)))
}

fn contradiction(expected: impl Display, found: impl Display) -> Broken {
    let (expected, found) = (expected.to_string(), found.to_string());
    Broken::Sale { expected, found }
}

/// As it stands in a line.
fn text<T: Serialize>(value: &T) -> String {
    String::from_utf8_lossy(&canonical(value)).into_owned()
}
