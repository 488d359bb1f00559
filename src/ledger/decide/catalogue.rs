//! Importing a catalogue: the difference between what the file says and what the views hold.
//!
//! Catalogue sections are the whole truth when the file has them, so what they lack is withdrawn.
//! Keys, sessions, preorders and list entries also come into being by other ways; a file only adds
//! or changes them. A section that is absent is left as it is.

use super::Rejection;
use super::references;
use daybook_catalogue::{Catalogue, Change};
use daybook_projections::Views;
use daybook_schema::Fact;
use daybook_schema::facts::{ListEntry, Nothing, Preorder, Setting, SettingKey, Withdrawn};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The facts that bring the venue to the state of the file; none when it is there already.
pub(super) fn import(views: &Views, wanted: &Catalogue) -> Result<Vec<Fact>, Rejection> {
    let mut problems = references::dangling(views, wanted);
    let mut facts = Vec::new();
    instance(views, wanted, &mut facts, &mut problems);
    goods(views, wanted, &mut facts);
    constraints(views, wanted, &mut facts);
    places(views, wanted, &mut facts);
    people(views, wanted, &mut facts, &mut problems);
    if problems.is_empty() {
        Ok(facts)
    } else {
        Err(Rejection::Catalogue(problems))
    }
}

/// One section: defines what is new or changed; withdraws what the file lacks, where that is its
/// right.
fn section<'a, T: Clone + PartialEq + 'a, Id: Ord>(
    facts: &mut Vec<Fact>,
    wanted: Option<&Vec<T>>,
    current: impl Iterator<Item = &'a Arc<T>>,
    id: fn(&T) -> Id,
    define: fn(T) -> Fact,
    withdraw: Option<fn(Withdrawn<Id>) -> Fact>,
) {
    let Some(wanted) = wanted else { return };
    let mut current: BTreeMap<Id, &Arc<T>> = current.map(|entry| (id(entry), entry)).collect();
    for entry in wanted {
        if current.remove(&id(entry)).map(Arc::as_ref) != Some(entry) {
            facts.push(define(entry.clone()));
        }
    }
    let withdraw = withdraw.into_iter();
    facts.extend(withdraw.flat_map(|withdraw| {
        let gone = std::mem::take(&mut current).into_keys();
        gone.map(move |id| withdraw(Withdrawn { id }))
    }));
}

fn instance(views: &Views, wanted: &Catalogue, facts: &mut Vec<Fact>, problems: &mut Vec<String>) {
    let current = views.instance.described();
    if let Some(current) = current.filter(|current| current.currency != wanted.instance.currency) {
        problems.push(format!(
            "instance.currency: this ledger is kept in {} and cannot change to {}",
            current.currency, wanted.instance.currency
        ));
    }
    if current.map(Arc::as_ref) != Some(&wanted.instance) {
        facts.push(Fact::InstanceDescribed(wanted.instance.clone()));
    }
    if let Some(settings) = &wanted.settings {
        let mut current: BTreeMap<&String, &String> = views.instance.settings().collect();
        for Setting { key, value } in settings {
            if current.remove(key) != Some(value) {
                facts.push(Fact::SettingSet(Setting {
                    key: key.clone(),
                    value: value.clone(),
                }));
            }
        }
        let cleared = current
            .into_keys()
            .map(|key| SettingKey { key: key.clone() });
        facts.extend(cleared.map(Fact::SettingCleared));
    }
    match (&wanted.license, views.instance.license()) {
        (Change::Set(license), current) if current.map(Arc::as_ref) != Some(license) => {
            facts.push(Fact::Licensed(license.clone()));
        }
        (Change::Remove, Some(_)) => facts.push(Fact::LicenseWithdrawn(Nothing {})),
        _ => {}
    }
}

fn goods(views: &Views, wanted: &Catalogue, facts: &mut Vec<Fact>) {
    let view = &views.product;
    section(
        facts,
        wanted.points_of_sale.as_ref(),
        view.points_of_sale(),
        |pos| pos.id,
        Fact::PointOfSaleDefined,
        Some(Fact::PointOfSaleWithdrawn),
    );
    section(
        facts,
        wanted.payment_methods.as_ref(),
        view.payment_methods(),
        |method| method.id,
        Fact::PaymentMethodDefined,
        Some(Fact::PaymentMethodWithdrawn),
    );
    section(
        facts,
        wanted.products.as_ref(),
        view.products(),
        |product| product.id,
        Fact::ProductDefined,
        Some(Fact::ProductWithdrawn),
    );
    match (&wanted.deposit, view.deposit()) {
        (Change::Set(deposit), current) if current != Some(deposit) => {
            facts.push(Fact::DepositSet(*deposit));
        }
        (Change::Remove, Some(_)) => facts.push(Fact::DepositCleared(Nothing {})),
        _ => {}
    }
}

fn constraints(views: &Views, wanted: &Catalogue, facts: &mut Vec<Fact>) {
    let view = &views.constraint;
    section(
        facts,
        wanted.quotas.as_ref(),
        view.quotas(),
        |quota| quota.id,
        Fact::QuotaDefined,
        Some(Fact::QuotaWithdrawn),
    );
    section(
        facts,
        wanted.time_constraints.as_ref(),
        view.time_constraints(),
        |constraint| constraint.id,
        Fact::TimeConstraintDefined,
        Some(Fact::TimeConstraintWithdrawn),
    );
    section(
        facts,
        wanted.warning_constraints.as_ref(),
        view.warning_constraints(),
        |constraint| constraint.id,
        Fact::WarningConstraintDefined,
        Some(Fact::WarningConstraintWithdrawn),
    );
    section(
        facts,
        wanted.list_constraints.as_ref(),
        view.list_constraints(),
        |constraint| constraint.id,
        Fact::ListConstraintDefined,
        Some(Fact::ListConstraintWithdrawn),
    );
    section(
        facts,
        wanted.list_entries.as_ref(),
        view.list_entries(),
        |entry| entry.id,
        Fact::ListEntryDefined,
        None,
    );
}

fn places(views: &Views, wanted: &Catalogue, facts: &mut Vec<Fact>) {
    section(
        facts,
        wanted.printers.as_ref(),
        views.printer.printers(),
        |printer| printer.id.clone(),
        Fact::PrinterDefined,
        Some(Fact::PrinterWithdrawn),
    );
    section(
        facts,
        wanted.waiters.as_ref(),
        views.table.waiters(),
        |waiter| waiter.id,
        Fact::WaiterDefined,
        Some(Fact::WaiterWithdrawn),
    );
    section(
        facts,
        wanted.tables.as_ref(),
        views.table.tables(),
        |table| table.id,
        Fact::TableDefined,
        Some(Fact::TableWithdrawn),
    );
    section(
        facts,
        wanted.cashdesks.as_ref(),
        views.session.cash_desks(),
        |desk| desk.id,
        Fact::CashDeskDefined,
        Some(Fact::CashDeskWithdrawn),
    );
    section(
        facts,
        wanted.supply_packs.as_ref(),
        views.desk.packs(),
        |pack| pack.id,
        Fact::SupplyPackDefined,
        None,
    );
}

fn people(views: &Views, wanted: &Catalogue, facts: &mut Vec<Fact>, problems: &mut Vec<String>) {
    section(
        facts,
        wanted.users.as_ref(),
        views.access.users(),
        |user| user.id,
        Fact::UserDefined,
        Some(Fact::UserWithdrawn),
    );
    let preorders = wanted.preorders.iter().flatten();
    problems.extend(preorders.flat_map(|preorder| taken(views, preorder)));
    let entries = wanted.list_entries.iter().flatten();
    problems.extend(entries.filter_map(|entry| somebody_else(views, entry)));
    let packs = wanted.supply_packs.iter().flatten();
    problems.extend(packs.filter_map(|pack| {
        let (known, _) = views.desk.pack_of(&pack.identifier)?;
        let (id, known) = (pack.id, known.id);
        (known != id)
            .then(|| format!("supply_packs: the code of pack {id} is that of pack {known}"))
    }));
    section(
        facts,
        wanted.preorders.as_ref(),
        views.preorder.preorders(),
        |preorder| preorder.id,
        Fact::PreorderPlaced,
        None,
    );
    for session in wanted.sessions.iter().flatten() {
        match views.session.session(session.id) {
            None => match views.session.session_of(&session.token_hash) {
                None => facts.push(Fact::SessionOpened(session.clone())),
                Some(other) => problems.push(format!(
                    "sessions: the token of session {} belongs to session {} already",
                    session.id, other.id
                )),
            },
            Some(open) if open.as_ref() == session => {}
            Some(_) => problems.push(format!(
                "sessions: session {} was opened otherwise before; take a new id",
                session.id
            )),
        }
    }
    for key in wanted.api_keys.iter().flatten() {
        let in_use = views
            .access
            .key_of(&key.hash)
            .filter(|other| other.id != key.id);
        if let Some(other) = in_use {
            problems.push(format!(
                "api_keys: key {} is in force already, as key {}",
                key.id, other.id
            ));
        }
        match views.access.key(key.id) {
            Some(state) if state.revoked && state.key.hash != key.hash => {
                problems.push(format!(
                    "api_keys: key {} was revoked; take a new id",
                    key.id
                ));
            }
            // Revoked stays revoked, though the file still names it.
            Some(state) if state.revoked || state.key.as_ref() == key => {}
            _ => facts.push(Fact::KeyIssued(key.clone())),
        }
    }
}

/// Why a preorder of the file may not take its id, its order code or its tickets' ids: another order
/// has them, perhaps one that came from a shop's export, and its tickets would vanish, or be redeemed
/// once more under another id. No message repeats a secret.
fn taken(views: &Views, wanted: &Preorder) -> Vec<String> {
    let view = &views.preorder;
    let (id, code) = (wanted.id, &wanted.order_code);
    let mut taken = Vec::new();
    if let Some(known) = view.preorder(id) {
        let secrets = || known.positions.iter().map(|position| &position.secret);
        let mut wanted_secrets = wanted.positions.iter().map(|position| &position.secret);
        let shared = wanted_secrets.any(|secret| secrets().any(|known| known == secret));
        if known.order_code != *code && !shared && !known.positions.is_empty() {
            let other = &known.order_code;
            taken.push(format!(
                "id {id} belongs to order {other} already; take a new id for order {code}"
            ));
        }
    }
    if let Some(known) = view.preorder_of(code).filter(|known| known.id != id) {
        let known = known.id;
        taken.push(format!(
            "order {code} is known under id {known}; use that id"
        ));
    }
    for position in &wanted.positions {
        let ticket = view.ticket(position.id);
        // A ticket of the same order may get a new code, as long as nobody was admitted with it.
        let foreign = ticket.filter(|ticket| {
            let renamed = ticket.position.secret != position.secret;
            renamed && (ticket.preorder.id != id || ticket.redeemed.is_some())
        });
        if let Some(foreign) = foreign {
            let (ticket, other) = (position.id, &foreign.preorder.order_code);
            taken.push(format!(
                "ticket id {ticket} belongs to order {other} already; take a new id"
            ));
        }
        if let Some(known) = view
            .id_of(&position.secret)
            .filter(|known| *known != position.id)
        {
            let ticket = position.id;
            taken.push(format!(
                "the ticket with id {ticket} is known as id {known}; use that id"
            ));
        }
    }
    taken
        .into_iter()
        .map(|problem| format!("preorders: {problem}"))
        .collect()
}

/// Why an entry of the file may not take its id: it is somebody else's, perhaps from a members list.
fn somebody_else(views: &Views, wanted: &ListEntry) -> Option<String> {
    let known = views.constraint.list_entry(wanted.id)?;
    let named = !wanted.name.is_empty() && known.name == wanted.name;
    let same = known.list == wanted.list && (known.identifier == wanted.identifier || named);
    let id = wanted.id;
    (!same).then(|| {
        format!("list_constraints: entry id {id} belongs to somebody else already; take a new id")
    })
}
