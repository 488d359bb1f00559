//! The lists and their details.

use super::caller::Caller;
use super::error::DeskError;
use super::objects::{
    ListConstraint, ListEntry, Ping, Preorder, PreorderPosition, Product, Scene, Transaction,
};
use super::page::{Page, Query};
use super::reply::Reply;
use super::route::{self, Kind};
use daybook_projections::Views;
use daybook_schema::At;
use daybook_schema::facts;
use daybook_schema::id::{
    ConstraintId, ListEntryId, PingId, PreorderId, PreorderPositionId, ProductId, TxId,
};
use serde::Serialize;
use std::sync::Arc;

/// Fewest characters of a search for tickets, and for people on a list by a part of their name.
const TICKET_SEARCH: usize = 6;
const ENTRY_SEARCH: usize = 3;

/// A page as it is shown.
#[derive(Serialize)]
struct Shown<T> {
    count: usize,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<T>,
}

/// What a list request asks for.
pub(super) struct Asked<'a> {
    /// The list's own absolute URL, without a query.
    pub url: String,
    pub query: Query,
    pub caller: &'a Caller,
    pub at: At,
}

impl Asked<'_> {
    fn scene(&self) -> Result<Scene<'_>, DeskError> {
        Ok(Scene {
            views: &self.caller.views,
            currency: self.caller.currency().ok_or(DeskError::Unavailable)?,
            zone: self.caller.zone(),
            at: self.at,
        })
    }

    /// One page of a list of `count` objects; `from` gives those behind the first so many.
    fn page<T: Serialize, I: Iterator<Item = T>>(
        &self,
        count: usize,
        from: impl FnOnce(usize) -> I,
    ) -> Result<Reply, DeskError> {
        let page = Page::of(&self.query, count).map_err(|_| DeskError::InvalidPage)?;
        Ok(Reply::ok(&Shown {
            count: page.count(),
            next: page.next(&self.url, &self.query),
            previous: page.previous(&self.url, &self.query),
            results: from(page.offset()).take(page.len()).collect(),
        }))
    }

    /// `GET /api/{list}/`
    pub(super) fn list(&self, kind: Kind) -> Result<Reply, DeskError> {
        let scene = self.scene()?;
        let views = &*self.caller.views;
        match kind {
            Kind::Transactions => {
                let sales = views.transaction.sales(self.caller.pos());
                self.page(sales.count(), |skip| {
                    sales.skip(skip).map(|sale| Transaction::of(&sale, &scene))
                })
            }
            Kind::Products => {
                let products = || views.product.products();
                self.page(products().count(), |skip| {
                    products()
                        .skip(skip)
                        .map(|product| Product::of(product, &scene))
                })
            }
            Kind::Preorders => {
                let preorders = views.preorder.preorders();
                self.page(views.preorder.count(), |skip| {
                    preorders
                        .skip(skip)
                        .map(|preorder| Preorder::of(preorder, &scene))
                })
            }
            Kind::PreorderPositions => {
                let found = tickets(views, &self.query);
                self.page(found.len(), |skip| {
                    let tickets = found[skip..]
                        .iter()
                        .filter_map(|id| views.preorder.ticket(*id));
                    tickets.map(|ticket| PreorderPosition::of(&ticket, &scene))
                })
            }
            Kind::ListConstraints => {
                let lists = || views.constraint.list_constraints();
                self.page(lists().count(), |skip| {
                    lists().skip(skip).map(|list| ListConstraint::of(list))
                })
            }
            Kind::ListConstraintEntries => {
                let found = entries(views, &self.query);
                self.page(found.len(), |skip| {
                    found[skip..].iter().map(|entry| ListEntry::of(entry))
                })
            }
            Kind::Pings => {
                let (ponged, synced) = (flag(&self.query, "ponged"), flag(&self.query, "synced"));
                let pings = views.desk.pings().filter(|ping| {
                    ponged.is_none_or(|wanted| ping.ponged.is_some() == wanted)
                        && synced.is_none_or(|wanted| ping.synced.is_some() == wanted)
                });
                let pings: Vec<_> = pings.collect();
                self.page(pings.len(), |skip| {
                    pings[skip..].iter().map(|ping| Ping::of(ping, &scene.zone))
                })
            }
        }
    }

    /// `GET /api/{list}/{id}/`, which needs no filter.
    pub(super) fn detail(&self, kind: Kind, id: &str) -> Result<Reply, DeskError> {
        let scene = self.scene()?;
        let views = &*self.caller.views;
        let number = route::id::<u32>(id).ok_or(DeskError::NotFound);
        let reply = match kind {
            Kind::Transactions => {
                let id = TxId(route::id(id).ok_or(DeskError::NotFound)?);
                let sale = views.transaction.sale(id);
                let pos = self.caller.pos();
                // What the list does not show is not here either.
                let sale = sale.filter(|sale| sale.session.is_some() || sale.pos == pos);
                sale.map(|sale| Reply::ok(&Transaction::of(&sale, &scene)))
            }
            Kind::Products => {
                let product = views.product.product(ProductId(number?));
                product.map(|product| Reply::ok(&Product::of(product, &scene)))
            }
            Kind::Preorders => {
                let preorder = views.preorder.preorder(PreorderId(number?));
                preorder.map(|preorder| Reply::ok(&Preorder::of(preorder, &scene)))
            }
            Kind::PreorderPositions => {
                let ticket = views.preorder.ticket(PreorderPositionId(number?));
                ticket.map(|ticket| Reply::ok(&PreorderPosition::of(&ticket, &scene)))
            }
            Kind::ListConstraints => {
                let list = views.constraint.list_constraint(ConstraintId(number?));
                list.map(|list| Reply::ok(&ListConstraint::of(list)))
            }
            Kind::ListConstraintEntries => {
                let entry = views.constraint.list_entry(ListEntryId(number?));
                entry.map(|entry| Reply::ok(&ListEntry::of(entry)))
            }
            Kind::Pings => {
                let ping = views.desk.ping(PingId(number?));
                ping.map(|ping| Reply::ok(&Ping::of(ping, &scene.zone)))
            }
        };
        reply.ok_or(DeskError::NotFound)
    }
}

/// `secret` is exact but for case, and beats `search`, which is a beginning of enough characters.
fn tickets(views: &Views, query: &Query) -> Vec<PreorderPositionId> {
    if let Some(secret) = query.get("secret") {
        return views.preorder.with_secret(secret);
    }
    let search = query
        .get("search")
        .filter(|text| text.chars().count() >= TICKET_SEARCH);
    search.map_or_else(Vec::new, |start| views.preorder.starting_with(start))
}

/// The people of a list whom a search finds.
fn entries<'a>(views: &'a Views, query: &Query) -> Vec<&'a Arc<facts::ListEntry>> {
    let list = query.get("listid").and_then(route::id).map(ConstraintId);
    let (Some(list), Some(search)) = (list, query.get("search")) else {
        return Vec::new();
    };
    if views.constraint.list_constraint(list).is_none() {
        return Vec::new();
    }
    let wanted = search.to_lowercase();
    let part = wanted.chars().count() >= ENTRY_SEARCH;
    let entries = views.constraint.list_entries().filter(|entry| {
        if entry.list != list {
            return false;
        }
        let identifier = || entry.identifier.to_lowercase();
        if part {
            identifier().contains(&wanted) || entry.name.to_lowercase().contains(&wanted)
        } else {
            identifier() == wanted
        }
    });
    entries.collect()
}

/// A filter that is true, false, or not given.
fn flag(query: &Query, name: &str) -> Option<bool> {
    let value = query.get(name)?;
    Some(matches!(value, "true" | "True" | "1"))
}
