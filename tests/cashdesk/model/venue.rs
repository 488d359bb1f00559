//! What never changes: the venue as its file describes it.

use super::amount::hundredths;
use super::moment::Moment;
use serde_json::Value;
use std::collections::BTreeMap;

/// A price that buys free of a constraint, and the tax rate it is booked at.
pub type Price = Option<(i64, i64)>;

pub struct Item {
    /// Items without a number of their own are handed out and listed nowhere.
    pub id: Option<u32>,
    pub name: String,
    pub amount: u64,
    pub visible: bool,
}

pub struct Warning {
    pub id: u32,
    pub message: String,
    pub price: Price,
}

pub struct Product {
    pub id: u32,
    pub name: String,
    pub price: i64,
    pub rate: i64,
    pub visible: bool,
    pub needs_authorization: bool,
    pub deposit: bool,
    pub points_of_sale: Vec<u32>,
    pub pack: Vec<Item>,
    pub windows: Vec<(Option<Moment>, Option<Moment>)>,
    /// By id.
    pub warnings: Vec<Warning>,
    /// The list a buyer must be on, and what buys free of it.
    pub list: Option<(u32, Price)>,
}

pub struct Quota {
    pub size: i64,
    pub products: Vec<u32>,
}

pub struct List {
    pub name: String,
    /// From identifier to id.
    pub entries: BTreeMap<String, u32>,
}

pub struct Order {
    pub id: u32,
    pub code: String,
    pub is_paid: bool,
    pub is_canceled: bool,
    pub warning: String,
}

pub struct Ticket {
    pub id: u32,
    pub order: u32,
    pub secret: String,
    pub product: u32,
    pub price: Option<i64>,
}

pub struct Session {
    pub id: u32,
    pub token: String,
    pub is_troubleshooter: bool,
    pub point_of_sale: u32,
}

pub struct Method {
    pub id: u32,
    pub is_cash: bool,
    pub points_of_sale: Vec<u32>,
}

pub struct Venue {
    pub products: BTreeMap<u32, Product>,
    pub quotas: Vec<Quota>,
    pub lists: BTreeMap<u32, List>,
    pub orders: BTreeMap<u32, Order>,
    /// By secret.
    pub tickets: BTreeMap<String, Ticket>,
    /// Troubleshooters by their badges.
    pub badges: BTreeMap<String, u32>,
    pub sessions: Vec<Session>,
    pub methods: Vec<Method>,
    /// Price, and the product under which it is booked.
    pub deposit: Option<(i64, u32)>,
}

fn all<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn id(value: &Value, name: &str) -> u32 {
    u32::try_from(value[name].as_u64().unwrap()).unwrap()
}

fn ids(value: &Value, name: &str) -> Vec<u32> {
    let ids = all(value, name).iter();
    ids.map(|id| u32::try_from(id.as_u64().unwrap()).unwrap())
        .collect()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn flag(value: &Value, name: &str, default: bool) -> bool {
    value[name].as_bool().unwrap_or(default)
}

fn money(value: &Value, name: &str) -> Option<i64> {
    value[name].as_str().map(hundredths)
}

/// What a constraint says of a product, if it names it.
fn price_of(constraint: &Value, product: u32) -> Option<Price> {
    let mut products = all(constraint, "products").iter();
    let named = products.find(|named| id(named, "product") == product)?;
    Some(money(named, "price").zip(money(named, "tax_rate")))
}

impl Product {
    fn of(catalogue: &Value, value: &Value) -> Self {
        let number = id(value, "id");
        let warnings = all(catalogue, "warning_constraints").iter();
        let warnings = warnings.filter_map(|warning| {
            Some(Warning {
                id: id(warning, "id"),
                message: text(warning, "message"),
                price: price_of(warning, number)?,
            })
        });
        let mut warnings: Vec<_> = warnings.collect();
        warnings.sort_by_key(|warning| warning.id);
        let windows = all(catalogue, "time_constraints").iter();
        let windows = windows.filter(|window| ids(window, "products").contains(&number));
        let end = |window: &Value, name: &str| window[name].as_str().map(Moment::of);
        let mut lists = all(catalogue, "list_constraints").iter();
        let pack = all(value, "pack").iter().map(|item| Item {
            id: item["id"].as_u64().map(|_| id(item, "id")),
            name: text(item, "name"),
            amount: item["amount"].as_u64().unwrap_or(1),
            visible: flag(item, "visible", true),
        });
        Self {
            id: number,
            name: text(value, "name"),
            price: money(value, "price").unwrap(),
            rate: money(value, "tax_rate").unwrap(),
            visible: flag(value, "visible", true),
            needs_authorization: flag(value, "requires_authorization", false),
            deposit: flag(value, "deposit", false),
            points_of_sale: ids(value, "points_of_sale"),
            pack: pack.collect(),
            windows: windows.map(|w| (end(w, "start"), end(w, "end"))).collect(),
            warnings,
            list: lists.find_map(|list| Some((id(list, "id"), price_of(list, number)?))),
        }
    }
}

fn list(value: &Value) -> List {
    let entries = all(value, "entries").iter();
    List {
        name: text(value, "name"),
        entries: entries
            .map(|entry| (text(entry, "identifier"), id(entry, "id")))
            .collect(),
    }
}

fn order(value: &Value) -> Order {
    Order {
        id: id(value, "id"),
        code: text(value, "order_code"),
        is_paid: flag(value, "is_paid", false),
        is_canceled: flag(value, "is_canceled", false),
        warning: text(value, "warning_text"),
    }
}

fn tickets(order: &Value) -> impl Iterator<Item = Ticket> {
    all(order, "positions").iter().map(|value| Ticket {
        id: id(value, "id"),
        order: id(order, "id"),
        secret: text(value, "secret"),
        product: id(value, "product"),
        price: money(value, "price"),
    })
}

/// A superuser may do what a troubleshooter may.
fn troubleshoots(user: &Value) -> bool {
    let mut roles = all(user, "roles").iter();
    roles.any(|role| role == "troubleshooter" || role == "superuser")
}

fn session(catalogue: &Value, value: &Value) -> Session {
    let of = |section: &str, number: u32| {
        let mut entries = all(catalogue, section).iter();
        entries.find(|entry| id(entry, "id") == number).unwrap()
    };
    Session {
        id: id(value, "id"),
        token: text(value, "token"),
        is_troubleshooter: troubleshoots(of("users", id(value, "user"))),
        point_of_sale: id(of("cashdesks", id(value, "cashdesk")), "point_of_sale"),
    }
}

impl Venue {
    pub fn of(catalogue: &Value) -> Self {
        let section = |name: &str| all(catalogue, name).iter();
        let products = section("products").map(|value| Product::of(catalogue, value));
        let quotas = section("quotas").map(|value| Quota {
            size: value["size"].as_i64().unwrap(),
            products: ids(value, "products"),
        });
        let tickets = section("preorders").flat_map(tickets);
        let badges = section("users").filter(|user| troubleshoots(user));
        let badges = badges.filter(|user| user["auth_token"].is_string());
        let mut methods: Vec<_> = section("payment_methods")
            .map(|value| Method {
                id: id(value, "id"),
                is_cash: value["kind"] == "cash",
                points_of_sale: ids(value, "points_of_sale"),
            })
            .collect();
        methods.sort_by_key(|method| method.id);
        let deposit = &catalogue["deposit"];
        Self {
            products: products.map(|product| (product.id, product)).collect(),
            quotas: quotas.collect(),
            lists: section("list_constraints")
                .map(|value| (id(value, "id"), list(value)))
                .collect(),
            orders: section("preorders")
                .map(|value| (id(value, "id"), order(value)))
                .collect(),
            tickets: tickets.map(|t| (t.secret.clone(), t)).collect(),
            badges: badges
                .map(|user| (text(user, "auth_token"), id(user, "id")))
                .collect(),
            sessions: section("sessions")
                .map(|value| session(catalogue, value))
                .collect(),
            methods,
            deposit: money(deposit, "price").map(|price| (price, id(deposit, "product"))),
        }
    }

    pub fn session(&self, token: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.token == token)
    }

    /// The method that a cash desk's sale is booked under.
    pub fn cash_at(&self, point_of_sale: u32) -> u32 {
        let mut methods = self.methods.iter().filter(|method| method.is_cash);
        let found = methods.find(|method| method.points_of_sale.contains(&point_of_sale));
        found
            .expect("a point of sale with a cash desk takes cash")
            .id
    }
}
