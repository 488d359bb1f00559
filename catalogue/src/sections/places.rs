//! Where things happen: `points_of_sale`, `printers`, `cashdesks`, `waiters` and `tables`.

use super::Known;
use crate::limits::{
    CODE_CHARS, COLUMNS, MAX_COPIES, MAX_ENTRIES, MAX_GUESTS, MAX_HEADER, MAX_PARTS, NAME_CHARS,
    PASSWORD_CHARS,
};
use crate::record::Record;
use crate::registry::Registry;
use crate::scalar;
use crate::secrets;
use crate::value::Value;
use daybook_schema::facts::{CashDesk, PointOfSale, Printer, Table, Waiter};
use daybook_schema::id::{CashDeskId, PosId, TableId, WaiterId};
use std::net::IpAddr;

pub(super) fn points_of_sale(
    root: &mut Record<'_>,
    known: &mut Known<'_>,
) -> Option<Vec<PointOfSale>> {
    let secret = known.secret;
    let Known {
        points_of_sale,
        printers,
        ..
    } = known;
    root.section(
        "points_of_sale",
        MAX_ENTRIES,
        points_of_sale,
        |pos| pos.id,
        |r| {
            let id = r.id("id", PosId);
            let password = r.optional_line("password", &PASSWORD_CHARS);
            PointOfSale {
                admin: r.flag_or("admin", false),
                enabled: r.flag_or("enabled", true),
                id,
                name: r.name("name"),
                password_hash: password.map(|text| secrets::pos_password_hash(secret, id, &text)),
                printer: printer(r, printers),
                special: r.flag_or("special", false),
            }
        },
    )
}

pub(super) fn printers(root: &mut Record<'_>, known: &mut Known<'_>) -> Option<Vec<Printer>> {
    root.section(
        "printers",
        MAX_ENTRIES,
        &mut known.printers,
        |printer| printer.id.clone(),
        |r| {
            // As products name them.
            let category = |value: &Value| scalar::line(value, &CODE_CHARS);
            let heading = |value: &Value| scalar::line(value, &NAME_CHARS);
            let columns = |value: &Value| scalar::number(value, &COLUMNS);
            let mut categories = r.texts("categories", MAX_PARTS, category);
            categories.sort();
            categories.dedup();
            Printer {
                categories,
                code_page: r.optional("code_page", scalar::word),
                columns: r
                    .optional("columns", columns)
                    .and_then(|n| n.try_into().ok()),
                copies: r.number_or("copies", &(0..=MAX_COPIES), 0),
                drawer: r.flag_or("drawer", false),
                header: r.texts("header", MAX_HEADER, heading),
                id: r.required("id", printer_id).unwrap_or_default(),
                receipts: r.optional("receipts", scalar::word),
                uri: r
                    .required("uri", |value| scalar::parsed(value, uri))
                    .unwrap_or_default(),
            }
        },
    )
}

/// The print server has this word for something else.
fn printer_id(value: &Value) -> Result<String, String> {
    let id = scalar::code(value, &CODE_CHARS)?;
    if id.eq_ignore_ascii_case("taskinfo") {
        return Err("\"taskinfo\" is no printer's id: choose another".to_owned());
    }
    Ok(id)
}

/// The printer that a place names.
fn printer(r: &mut Record<'_>, printers: &Registry<String>) -> Option<String> {
    r.optional("printer", |value| {
        let printer = scalar::code(value, &CODE_CHARS)?;
        printers.check(&printer).map(|()| printer)
    })
}

/// `driver.transport://address`; the driver judges the rest. An address may hold a password, so the
/// message does not repeat it.
fn uri(text: &str) -> Result<String, &'static str> {
    let scheme = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b);
    match text.split_once("://") {
        Some((driver, address))
            if !driver.is_empty()
                && driver.bytes().all(scheme)
                && text.bytes().all(|b| b.is_ascii_graphic())
                && !address.is_empty()
                && text.len() <= *NAME_CHARS.end() =>
        {
            Ok(text.to_owned())
        }
        _ => Err("is no printer address: write it like escpos.tcp://192.168.1.20:9100"),
    }
}

pub(super) fn cash_desks(root: &mut Record<'_>, known: &mut Known<'_>) -> Option<Vec<CashDesk>> {
    let Known {
        cash_desks,
        points_of_sale,
        printers,
        ..
    } = known;
    root.section(
        "cashdesks",
        MAX_ENTRIES,
        cash_desks,
        |desk| desk.id,
        |r| CashDesk {
            id: r.id("id", CashDeskId),
            inactive: !r.flag_or("active", true),
            ip_address: r.optional("ip_address", |value| scalar::parsed(value, ip_address)),
            name: r.name("name"),
            point_of_sale: r.reference("point_of_sale", points_of_sale, PosId),
            printer: printer(r, printers),
        },
    )
}

fn ip_address(text: &str) -> Result<String, String> {
    let parsed = text.parse::<IpAddr>().map(|address| address.to_string());
    parsed.map_err(|_| format!("\"{}\" is no IP address", scalar::shorten(text, 40)))
}

pub(super) fn waiters(root: &mut Record<'_>, known: &mut Known<'_>) -> Option<Vec<Waiter>> {
    root.section(
        "waiters",
        MAX_ENTRIES,
        &mut known.waiters,
        |waiter| waiter.id,
        |r| Waiter {
            id: r.id("id", WaiterId),
            name: r.name("name"),
        },
    )
}

pub(super) fn tables(root: &mut Record<'_>, known: &Known<'_>) -> Option<Vec<Table>> {
    let mut ids = Registry::new("table", "id");
    root.section(
        "tables",
        MAX_ENTRIES,
        &mut ids,
        |table| table.id,
        |r| Table {
            id: r.id("id", TableId),
            max_guests: r.number("max_guests", &(1..=MAX_GUESTS)),
            name: r.name("name"),
            point_of_sale: r.optional_reference("point_of_sale", &known.points_of_sale, PosId),
            waiter: r.optional_reference("waiter", &known.waiters, WaiterId),
        },
    )
}
