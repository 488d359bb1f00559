//! What operators import, read as they would write it.

#![expect(clippy::unwrap_used, reason = "a test that panics has said enough")]

mod any_text;
mod members;
mod orders;
mod printers;
mod refusals;

use daybook_catalogue::{Catalogue, CatalogueError, Change, Format, read, secrets};
use daybook_schema::facts::{PaymentKind, Role, Scope};
use daybook_schema::id::{ListEntryId, PosId, ProductId};
use daybook_schema::money::TaxRate;
use serde_json::{Value, json};

const FESTIVAL: &str = include_str!("../../../tests/fixtures/festival.json");
const FESTIVAL_TOML: &str = include_str!("../festival.toml");
const RESTAURANT: &str = include_str!("../../../tests/fixtures/restaurant.json");
const SECRET: [u8; 32] = [42; 32];

/// Every secret of the festival.
const SECRETS: [&str; 15] = [
    "crew-only",
    "toni-badge-7421",
    "abcdefgh1234567890",
    "troubleshooter1234567890",
    "YOUR_API_KEY",
    "demo-audit-key",
    "demo-admin-key",
    "demo-display-key",
    "abcde",
    "efghij",
    "unpaid-secret-1",
    "canceled-secret-1",
    "warned-secret-1",
    "camping-secret-1",
    "abcdefgh",
];

fn read_json(text: &str) -> Result<Catalogue, CatalogueError> {
    read(text, Format::Json, &SECRET)
}

fn refused(text: &str, format: Format) -> Vec<String> {
    match read(text, format, &SECRET) {
        Err(CatalogueError::Refused { problems, .. }) => {
            problems.iter().map(ToString::to_string).collect()
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// The festival with some members set: by JSON pointer, the last step may be new.
fn festival_with(changes: &[(&str, Value)]) -> String {
    let mut document: Value = serde_json::from_str(FESTIVAL).unwrap();
    for (pointer, value) in changes {
        set(&mut document, pointer, value.clone());
    }
    document.to_string()
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(members) => {
            members.insert(last.to_owned(), value);
        }
        Value::Array(items) => match items.get_mut(last.parse::<usize>().unwrap()) {
            Some(item) => *item = value,
            None => items.push(value),
        },
        _ => panic!("{parent} has no members"),
    }
}

#[test]
fn the_festival_is_read() {
    let festival = read_json(FESTIVAL).unwrap();
    assert_eq!(festival.instance.slug.as_str(), "festival");
    assert_eq!(festival.settings.unwrap()[0].key, "license_key");
    let Change::Set(deposit) = festival.deposit else {
        panic!("no deposit")
    };
    assert_eq!(
        (deposit.price.units(), deposit.product),
        (100, ProductId(15))
    );

    let products = festival.products.unwrap();
    assert_eq!(products.len(), 12);
    let keg = &products[0];
    assert_eq!(
        (keg.price.units(), keg.tax_rate),
        (1800, TaxRate::new(1900).unwrap())
    );
    assert!(keg.visible && !keg.deposit && !keg.needs_receipt && keg.pack.is_empty());
    assert_eq!(products.last().unwrap().id, ProductId(36));
    assert_eq!(products[10].price.units(), -100);

    let places = festival.points_of_sale.unwrap();
    let password = secrets::pos_password_hash(&SECRET, PosId(3), "crew-only");
    assert_eq!(places[2].password_hash, Some(password));
    assert_eq!(places[0].password_hash, None);
    assert_eq!(
        festival.payment_methods.unwrap()[2].kind,
        PaymentKind::InternalUsage
    );

    let window = &festival.time_constraints.unwrap()[0];
    assert_eq!(
        window.start.unwrap().to_string(),
        "2020-01-01T05:00:00.000000Z"
    );
    assert_eq!(festival.list_constraints.unwrap().len(), 2);
    assert_eq!(festival.list_entries.unwrap()[2].id, ListEntryId(3));
    assert_eq!(
        festival.preorders.unwrap()[2].positions[0]
            .price
            .unwrap()
            .units(),
        3500
    );

    let toni = &festival.users.unwrap()[1];
    assert_eq!(toni.roles, [Role::Cashier, Role::Troubleshooter]);
    assert_eq!(
        toni.badge_hash,
        Some(secrets::badge_hash(&SECRET, "toni-badge-7421"))
    );
    let session = &festival.sessions.unwrap()[0];
    assert_eq!(
        session.token_hash,
        secrets::session_hash(&SECRET, "abcdefgh1234567890")
    );
    let keys = festival.api_keys.unwrap();
    assert_eq!(keys[0].hash, secrets::key_hash(&SECRET, "YOUR_API_KEY"));
    assert_eq!(
        keys[2].scopes,
        [
            Scope::Admin,
            Scope::Audit,
            Scope::Fd1,
            Scope::Pos,
            Scope::Qr
        ]
    );
    assert!(festival.waiters.is_none() && festival.tables.is_none());
}

#[test]
fn the_restaurant_is_read() {
    let restaurant = read_json(RESTAURANT).unwrap();
    assert_eq!(restaurant.instance.currency.code(), "RUB");
    assert_eq!(restaurant.tables.unwrap().len(), 3);
    assert_eq!(
        restaurant.products.unwrap()[0].modifiers[1].price.units(),
        4000
    );
    assert_eq!(
        (restaurant.license, restaurant.deposit),
        (Change::Keep, Change::Keep)
    );
    assert!(restaurant.preorders.is_none() && restaurant.list_entries.is_none());
}

#[test]
fn the_sample_of_the_reference_is_read() {
    let sample = include_str!("../../README.md").split("```").nth(1).unwrap();
    assert_eq!(
        read_json(sample.strip_prefix("json").unwrap())
            .unwrap()
            .products
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn toml_says_the_same_as_json() {
    assert!(read(FESTIVAL_TOML, Format::Toml, &SECRET).unwrap() == read_json(FESTIVAL).unwrap());
}

#[test]
fn what_is_left_out_has_its_default() {
    let text = r#"{"instance": {"slug": "s", "name": "S", "currency": "JPY", "time_zone": "UTC"},
        "products": [{"id": 2, "name": "Tea", "price": "90", "tax_rate": "8", "points_of_sale": [9, 1],
            "pack": [{"name": "Cup"}]}],
        "points_of_sale": [{"id": 9, "name": "B"}, {"id": 1, "name": "A"}],
        "payment_methods": [{"id": 1, "name": "Cash", "kind": "cash", "points_of_sale": []}],
        "license": null, "deposit": null}"#;
    let read = read_json(text).unwrap();
    assert_eq!(read.instance.day_starts_at, "00:00");
    assert_eq!(
        (read.license, read.deposit),
        (Change::Remove, Change::Remove)
    );
    let tea = &read.products.unwrap()[0];
    assert_eq!(
        (tea.price.units(), tea.tax_group, tea.receipt_name.as_str()),
        (90, 2, "Tea")
    );
    assert_eq!(tea.points_of_sale, [PosId(1), PosId(9)]);
    assert!(tea.pack[0].amount == 1 && tea.pack[0].visible && !tea.pack[0].is_receipt);
    let places = read.points_of_sale.unwrap();
    assert_eq!(places[0].name, "A");
    assert!(places[0].enabled && !places[0].special && !places[0].admin);
    assert_eq!(read.payment_methods.unwrap()[0].color, "btn-secondary");
}

#[test]
fn toml_removes_with_false() {
    let text = "license = false\ndeposit = false\n[instance]\nslug = \"s\"\nname = \"S\"\n\
        currency = \"EUR\"\ntime_zone = \"UTC\"\n";
    let read = read(text, Format::Toml, &SECRET).unwrap();
    assert_eq!(
        (read.license, read.deposit),
        (Change::Remove, Change::Remove)
    );
}

#[test]
fn a_section_that_is_absent_is_not_judged() {
    let mut document: Value = serde_json::from_str(FESTIVAL).unwrap();
    document.as_object_mut().unwrap().retain(|name, _| {
        matches!(
            name.as_str(),
            "instance" | "sessions" | "preorders" | "cashdesks" | "deposit"
        )
    });
    let read = read_json(&document.to_string()).unwrap();
    assert!(read.products.is_none() && read.users.is_none());
    assert_eq!(read.sessions.unwrap().len(), 2);
}

#[test]
fn the_format_is_told_by_the_name() {
    assert_eq!(Format::of_file_name("a/festival.json"), Some(Format::Json));
    assert_eq!(Format::of_file_name("venue.TOML"), Some(Format::Toml));
    assert_eq!(Format::of_file_name("venue"), None);
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", read_json(FESTIVAL).unwrap());
    assert!(
        SECRETS.iter().all(|secret| !shown.contains(secret)),
        "{shown}"
    );
}

/// Two entries whose secrets are equal but whose purposes differ do not look alike in the log.
#[test]
fn equal_secrets_of_different_kinds_have_different_hashes() {
    let text = festival_with(&[
        ("/sessions/0/token", json!("one-and-the-same")),
        ("/api_keys/0/key", json!("one-and-the-same")),
    ]);
    let read = read_json(&text).unwrap();
    assert_ne!(
        read.sessions.unwrap()[0].token_hash,
        read.api_keys.unwrap()[0].hash
    );
}
