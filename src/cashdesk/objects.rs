//! The objects that are shown, member for member.

use super::amount::{decimal, rate};
use super::local;
use super::refusal;
use crate::ledger::desk::Redemption;
use daybook_projections::Views;
use daybook_projections::desk::Ping as PingState;
use daybook_projections::preorder::TicketOf;
use daybook_projections::transaction::{Record, Redeemed, SaleOf};
use daybook_schema::facts;
use daybook_schema::id::{ItemId, ListEntryId, PreorderPositionId, SessionId, TxId, UserId};
use daybook_schema::{At, Currency};
use jiff::tz::TimeZone;
use serde::Serialize;

/// What rendering needs to know besides the object.
pub(super) struct Scene<'a> {
    pub views: &'a Views,
    pub currency: Currency,
    pub zone: TimeZone,
    /// Now.
    pub at: At,
}

/// What is sold.
#[derive(Serialize)]
pub(super) struct Product<'a> {
    id: u32,
    name: &'a str,
    price: String,
    tax_rate: String,
    requires_authorization: bool,
    is_available: bool,
    is_availably_by_time: bool,
    pack_list: String,
}

impl<'a> Product<'a> {
    pub(super) fn of(product: &'a facts::Product, scene: &Scene<'_>) -> Self {
        let constraints = &scene.views.constraint;
        let in_window = constraints.in_window(product.id, scene.at);
        let sold_out = constraints.sold_out(product.id, |_| 0);
        Self {
            id: product.id.0,
            name: &product.name,
            price: decimal(product.price, scene.currency),
            tax_rate: rate(product.tax_rate),
            requires_authorization: product.requires_authorization,
            is_available: product.visible && in_window && !sold_out,
            is_availably_by_time: in_window,
            pack_list: pack_list(&product.pack),
        }
    }
}

/// What a cashier hands out, as text: `2x Voucher, Wristband`.
fn pack_list(pack: &[facts::PackItem]) -> String {
    let shown = pack.iter().filter(|item| item.visible);
    let shown = shown.map(|item| match item.amount {
        1 => item.name.clone(),
        amount => format!("{amount}x {}", item.name),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// An order of the presale.
#[derive(Serialize)]
pub(super) struct Preorder<'a> {
    order_code: &'a str,
    is_paid: bool,
    is_canceled: bool,
    warning_text: &'a str,
    positions: Vec<PreorderPosition>,
}

impl<'a> Preorder<'a> {
    pub(super) fn of(preorder: &'a facts::Preorder, scene: &Scene<'_>) -> Self {
        let tickets = preorder.positions.iter();
        let tickets = tickets.filter_map(|position| scene.views.preorder.ticket(position.id));
        Self {
            order_code: &preorder.order_code,
            is_paid: preorder.is_paid,
            is_canceled: preorder.is_canceled,
            warning_text: &preorder.warning_text,
            positions: tickets
                .map(|ticket| PreorderPosition::of(&ticket, scene))
                .collect(),
        }
    }
}

/// A ticket.
#[derive(Serialize)]
pub(super) struct PreorderPosition {
    id: u32,
    preorder: u32,
    secret: String,
    product: u32,
    is_redeemed: bool,
    is_paid: bool,
    product_name: String,
    pack_list: String,
    redemption_message: Option<String>,
}

impl PreorderPosition {
    /// As it is now.
    pub(super) fn of(ticket: &TicketOf<'_>, scene: &Scene<'_>) -> Self {
        let redemption = ticket.redeemed.map(|at| Redemption {
            secret: ticket.position.secret.clone(),
            at,
        });
        Self {
            is_redeemed: redemption.is_some(),
            redemption_message: redemption.map(|r| refusal::already_redeemed(&r, &scene.zone)),
            ..Self::unredeemed(ticket, scene.views)
        }
    }

    /// As it was before it was redeemed.
    pub(super) fn unredeemed(ticket: &TicketOf<'_>, views: &Views) -> Self {
        let position = ticket.position;
        let product = views.product.product(position.product);
        Self {
            id: position.id.0,
            preorder: ticket.preorder.id.0,
            secret: position.secret.clone(),
            product: position.product.0,
            is_redeemed: false,
            is_paid: ticket.preorder.is_paid,
            product_name: product.map_or_else(String::new, |product| product.name.clone()),
            pack_list: product.map_or_else(String::new, |product| pack_list(&product.pack)),
            redemption_message: None,
        }
    }

    /// As it was before a record redeemed it: a repetition shows the same, whatever the catalogue
    /// says by then.
    pub(super) fn redeemed_by(record: &Record<'_>, ticket: &Redeemed) -> Self {
        let good = record.good();
        Self {
            id: ticket.position.0,
            preorder: ticket.preorder.0,
            secret: ticket.secret.to_string(),
            product: good.product.0,
            is_redeemed: false,
            is_paid: ticket.is_paid,
            product_name: good.name.to_string(),
            pack_list: good.pack_list(),
            redemption_message: None,
        }
    }
}

/// A list of people.
#[derive(Serialize)]
pub(super) struct ListConstraint<'a> {
    id: u32,
    name: &'a str,
}

impl<'a> ListConstraint<'a> {
    pub(super) fn of(list: &'a facts::ListConstraint) -> Self {
        Self {
            id: list.id.0,
            name: &list.name,
        }
    }
}

/// Somebody on a list.
#[derive(Serialize)]
pub(super) struct ListEntry<'a> {
    id: u32,
    name: &'a str,
    identifier: &'a str,
}

impl<'a> ListEntry<'a> {
    pub(super) fn of(entry: &'a facts::ListEntry) -> Self {
        Self {
            id: entry.id.0,
            name: &entry.name,
            identifier: &entry.identifier,
        }
    }
}

/// A sale or a reversal.
#[derive(Serialize)]
pub(super) struct Transaction {
    id: TxId,
    datetime: String,
    session: Option<SessionId>,
    cash_given: Option<String>,
    positions: Vec<Position>,
}

impl Transaction {
    pub(super) fn of(sale: &SaleOf<'_>, scene: &Scene<'_>) -> Self {
        let positions = sale.records().map(|record| Position::of(&record, scene));
        Self {
            id: sale.id(),
            datetime: local::datetime(sale.at(), &scene.zone),
            session: sale.session,
            cash_given: sale.cash_given.map(|cash| decimal(cash, scene.currency)),
            positions: positions.collect(),
        }
    }
}

/// One record of a sale.
#[derive(Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are the protocol's own words"
)]
struct Position {
    id: TxId,
    #[serde(rename = "type")]
    type_: &'static str,
    value: String,
    tax_rate: String,
    tax_value: String,
    product: u32,
    reverses: Option<TxId>,
    listentry: Option<ListEntryId>,
    preorder_position: Option<PreorderPositionId>,
    items: Vec<ItemId>,
    authorized_by: Option<UserId>,
}

impl Position {
    fn of(record: &Record<'_>, scene: &Scene<'_>) -> Self {
        let (good, value) = (record.good(), record.amount());
        let type_ = match (record.reverses(), record.ticket()) {
            (Some(_), _) => "reverse",
            (None, Some(_)) => "redeem",
            (None, None) => "sell",
        };
        Self {
            id: record.id(),
            type_,
            value: decimal(value, scene.currency),
            tax_rate: rate(good.tax_rate),
            tax_value: decimal(value.tax_contained(good.tax_rate), scene.currency),
            product: good.product.0,
            reverses: record.reverses(),
            listentry: record.list_entry(),
            preorder_position: record.ticket().map(|ticket| ticket.position),
            items: good.items.iter().filter_map(|item| item.id).collect(),
            authorized_by: record.authorized_by(),
        }
    }
}

/// A code that a desk printed.
#[derive(Serialize)]
pub(super) struct Ping<'a> {
    id: u32,
    pinged: String,
    ponged: Option<String>,
    secret: &'a str,
    synced: bool,
}

impl<'a> Ping<'a> {
    /// As it is now.
    pub(super) fn of(ping: &'a PingState, zone: &TimeZone) -> Self {
        Self::before(ping, zone, u64::MAX)
    }

    /// As it was before the event with this seq.
    pub(super) fn before(ping: &'a PingState, zone: &TimeZone, seq: u64) -> Self {
        let ponged = ping.ponged.filter(|mark| mark.seq < seq);
        Self {
            id: ping.id.0,
            pinged: local::datetime(ping.pinged.at, zone),
            ponged: ponged.map(|mark| local::datetime(mark.at, zone)),
            secret: &ping.secret,
            synced: ping.synced.is_some_and(|mark| mark.seq < seq),
        }
    }
}
