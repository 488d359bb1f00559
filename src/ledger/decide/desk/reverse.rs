//! Taking back a whole sale: a new record for each old one, with its price and rate, negated.

use super::{Desk, is_troubleshooter};
use crate::ledger::command::CommandId;
use crate::ledger::decide::Rejection;
use crate::ledger::decide::receipt::{self, Priced, Receipt};
use daybook_projections::Views;
use daybook_projections::transaction::{Item, Record};
use daybook_schema::facts::{Door, HandedOut, Reversed, SaleLine, SalePayment, Ticket};
use daybook_schema::id::TxId;
use daybook_schema::{At, Fact, Money, Quantity};

pub(super) fn reverse(
    views: &Views,
    desk: &Desk<'_>,
    id: &CommandId,
    sale: TxId,
    at: At,
) -> Result<Vec<Fact>, Rejection> {
    let sale = views.transaction.sale(sale).ok_or(Rejection::UnknownSale)?;
    if sale.session != Some(desk.session.id) && !is_troubleshooter(desk.user) {
        return Err(Rejection::ForeignSale);
    }
    if sale.records().any(|record| record.reversed_by().is_some()) {
        return Err(Rejection::AlreadyReversed);
    }
    if sale.records().any(|record| record.reverses().is_some()) {
        return Err(Rejection::IsReversal);
    }
    let first = sale.records().next().ok_or(Rejection::UnknownSale)?;
    let payment = first.payment();
    let lines = sale.records().map(negated).collect::<Result<_, _>>()?;
    let receipt = Receipt {
        cash_given: None,
        door: Door::CashDesk,
        lines,
        payment: SalePayment {
            id: payment.id,
            kind: payment.kind,
            name: payment.name.to_string(),
        },
        point_of_sale: receipt::place(desk.pos),
        request: id.request,
        session: Some(desk.session.id),
    };
    receipt::facts(views, receipt, at, Fact::SaleReversed)
}

fn negated(record: Record<'_>) -> Result<Priced, Rejection> {
    let out_of_range = |_| Rejection::AmountOutOfRange;
    let (pieces, good) = (record.pieces(), record.good());
    let total = Money::new(-record.amount().units()).map_err(out_of_range)?;
    // A total is a whole number of prices.
    let price = total.units().checked_div(i64::from(pieces));
    let price = Money::new(price.unwrap_or_default()).map_err(out_of_range)?;
    let ticket = record.ticket().map(|ticket| Ticket {
        is_paid: ticket.is_paid,
        position: ticket.position,
        preorder: ticket.preorder,
        secret: ticket.secret.to_string(),
    });
    let line = SaleLine {
        authorized_by: None,
        deposit: record.deposit(),
        items: good.items.iter().map(taken_back).collect(),
        list_entry: record.list_entry(),
        name: good.name.to_string(),
        price,
        quantity: Quantity::pieces(pieces).map_err(out_of_range)?,
        reverses: Some(Reversed {
            hash: record.hash(),
            id: record.id(),
        }),
        tax_rate: good.tax_rate,
        ticket,
        total,
    };
    Ok(Priced {
        product: good.product,
        pieces,
        line,
    })
}

fn taken_back(item: &Item) -> HandedOut {
    HandedOut {
        amount: Quantity::new(-item.amount.units()).unwrap_or_default(),
        hidden: item.hidden,
        id: item.id,
        name: item.name.to_string(),
    }
}
