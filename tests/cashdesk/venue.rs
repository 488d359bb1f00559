//! A venue with every kind of product, ticket and person that the cash desk's rules tell apart.
//! It calls itself the festival, so that the tests' tills and auditors find it.

#![expect(unreachable_pub, reason = "every story may name whom it finds here")]

use crate::support::{ADMIN_KEY, AUDIT_KEY, TILL_KEY};
use serde_json::{Value, json};

pub const KIM: &str = "kim-session-token";
pub const TONI: &str = "toni-session-token";
pub const BO: &str = "bo-session-token";
pub const SAM: &str = "sam-session-token";
pub const LU: &str = "lu-session-token";
pub const TONIS_BADGE: &str = "toni-badge-7421";
/// A badge that overrides nothing: its owner is no troubleshooter.
pub const BOS_BADGE: &str = "bo-badge-1234";

/// The file.
pub fn venue() -> Value {
    let mut venue = json!({
        "instance": {"slug": "festival", "name": "Judge's fair", "currency": "EUR", "time_zone": "UTC"},
        "points_of_sale": [{"id": 1, "name": "Entrance"}, {"id": 2, "name": "Bar"}],
        // Cash is not the first method, nor the same one everywhere.
        "payment_methods": [
            {"id": 1, "name": "Card", "kind": "card", "points_of_sale": [1, 2]},
            {"id": 2, "name": "Cash", "kind": "cash", "points_of_sale": [1]},
            {"id": 3, "name": "Bar cash", "kind": "cash", "points_of_sale": [2]},
        ],
        "products": products(),
        "deposit": {"price": "2.00", "product": 18},
        "quotas": [
            {"id": 1, "name": "Shirts", "size": 3, "products": [8]},
            {"id": 2, "name": "Textiles", "size": 5, "products": [8, 9]},
            {"id": 3, "name": "Gala", "size": 2, "products": [20]},
        ],
        "time_constraints": [
            {"id": 1, "name": "Breakfast", "start": "2020-01-01T06:00:00+01:00",
             "end": "2020-01-01T11:00:00+01:00", "products": [5, 6]},
            {"id": 2, "name": "From noon on", "start": "2020-01-01T12:00:00Z", "products": [6]},
            {"id": 3, "name": "Early birds", "end": "2020-02-01T00:00:00Z", "products": [7]},
        ],
        "api_keys": [
            {"id": 1, "name": "till", "key": TILL_KEY, "scopes": ["pos"]},
            {"id": 2, "name": "auditor", "key": AUDIT_KEY, "scopes": ["audit"]},
            {"id": 3, "name": "operator", "key": ADMIN_KEY, "scopes": ["admin", "audit", "pos"]},
        ],
    });
    let more = [constraints(), people()].into_iter();
    let sections = more.flat_map(|sections| sections.as_object().unwrap().clone());
    let venue = venue.as_object_mut().unwrap();
    venue.extend(sections);
    venue.insert("preorders".to_owned(), preorders());
    json!(venue)
}

fn products() -> Value {
    let band = json!({"id": 2, "name": "Wristband"});
    let voucher = json!({"id": 1, "name": "Voucher", "amount": 2});
    let strip = json!({"id": 3, "name": "Counting strip", "visible": false});
    // Name, price, tax rate, and what is special. Ids count from 1.
    let products = json!([
        ["Day ticket", "23.00", "19.00", {"pack": [voucher, band]}],
        ["Season ticket", "80.00", "19.00", {"pack": [band, strip], "needs_receipt": true}],
        ["Special", "10.00", "7.00", {"requires_authorization": true}],
        ["Backstage", "50.00", "19.00", {"visible": false}],
        ["Breakfast", "9.90", "7.00", {}],
        ["Lunch", "12.00", "7.00", {}],
        ["Early bird", "15.00", "19.00", {}],
        ["Shirt", "20.00", "19.00", {"points_of_sale": [1, 2]}],
        ["Hoodie", "35.00", "19.00", {"pack": [strip]}],
        ["Camping", "15.00", "7.00", {"pack": [strip, band]}],
        // At 28 % some amounts hold a tax of half a cent.
        ["Fireworks", "16.16", "28.00", {}],
        ["Camping by the fire", "40.00", "19.00", {}],
        ["Member ticket", "11.00", "19.00", {"pack": [band]}],
        ["Crew ticket", "0.00", "0", {}],
        ["Pupil ticket", "5.00", "7.00", {}],
        ["Member camping", "21.00", "19.00", {}],
        ["Bottle return", "-1.00", "19.00", {"points_of_sale": [1, 2]}],
        ["Deposit", "2.00", "19.00", {"points_of_sale": [2]}],
        ["Beer", "4.50", "19.00", {"points_of_sale": [1, 2], "deposit": true}],
        ["Gala", "120.00", "19.00", {"requires_authorization": true}],
        ["Loud tent", "8.33", "28.00", {}],
    ]);
    let rows = products.as_array().unwrap().iter().zip(1..);
    rows.map(|(row, id): (_, u32)| {
        let mut product = json!({"id": id, "points_of_sale": [1],
            "name": row[0], "price": row[1], "tax_rate": row[2]});
        let special = row[3].as_object().cloned().unwrap();
        product.as_object_mut().unwrap().extend(special);
        product
    })
    .collect()
}

fn constraints() -> Value {
    let entry = |id: u32, name: &str, identifier: &str| json!({"id": id, "name": name, "identifier": identifier});
    json!({
        "warning_constraints": [
            {"id": 1, "message": "No tents left: floor only.", "products": [
                {"product": 10, "price": "5.00", "tax_rate": "7.00"},
                {"product": 16, "price": "3.00", "tax_rate": "19.00"},
            ]},
            {"id": 2, "message": "Check the ID (18).", "products": [{"product": 11}, {"product": 20}]},
            {"id": 3, "message": "Bring your own \"wood\".", "products": [
                {"product": 12, "price": "4.00", "tax_rate": "19.00"},
            ]},
            {"id": 4, "message": "Sparks fly.", "products": [
                {"product": 12, "price": "2.50", "tax_rate": "7.00"},
            ]},
            {"id": 5, "message": "Hand out ear plugs.", "products": [
                {"product": 21, "price": "0.00", "tax_rate": "28.00"},
            ]},
        ],
        "list_constraints": [
            {"id": 1, "name": "Members", "products": [
                {"product": 13, "price": "12.00", "tax_rate": "19.00"},
                {"product": 16, "price": "12.05", "tax_rate": "19.00"},
            ], "entries": [
                entry(1, "Ada Example", "10001"), entry(2, "Bob Example", "10002"),
                entry(3, "Cy Example", "10003"), entry(4, "Dee Example", "10004"),
                entry(5, "Eve Example", "ö-10005"),
            ]},
            {"id": 2, "name": "Crew \"A\"", "products": [{"product": 14}, {"product": 20}], "entries": [
                // The same identifier as a member, who is someone else.
                entry(6, "Fay Example", "10001"), entry(7, "Gus Example", "20002"),
                entry(8, "Hal Example", "20003"),
            ]},
            {"id": 3, "name": "Pupils", "products": [
                {"product": 15, "price": "0.00", "tax_rate": "7.00"},
            ], "entries": [entry(9, "Ida Example", "30001"), entry(10, "Jo Example", "30002")]},
            {"id": 4, "name": "Nobody", "products": []},
        ],
    })
}

fn people() -> Value {
    let user = |id: u32, name: &str, roles: &[&str], badge: Option<&str>| json!({"id": id, "name": name, "username": name, "roles": roles, "auth_token": badge});
    let session = |id: u32, desk: u32, user: u32, token: &str| json!({"id": id, "cashdesk": desk, "user": user, "token": token, "cash_before": "100.00"});
    json!({
        "users": [
            user(1, "kim", &["cashier"], None),
            user(2, "toni", &["cashier", "troubleshooter"], Some(TONIS_BADGE)),
            user(3, "bo", &["backoffice"], Some(BOS_BADGE)),
            user(4, "sam", &["superuser"], Some("sam-badge-8888")),
            user(5, "lu", &["cashier"], None),
        ],
        "cashdesks": [
            {"id": 1, "name": "Desk 1", "point_of_sale": 1},
            {"id": 2, "name": "Desk 2", "point_of_sale": 1},
            {"id": 3, "name": "Desk 3", "point_of_sale": 2},
        ],
        "sessions": [
            session(1, 1, 1, KIM), session(2, 2, 2, TONI), session(3, 3, 3, BO),
            session(4, 3, 4, SAM), session(5, 1, 5, LU),
        ],
    })
}

/// A preorder of one ticket.
fn preorder(id: u32, secret: &str, product: u32) -> Value {
    json!({
        "id": id, "order_code": format!("O{id:04}"), "is_paid": true,
        "positions": [{"id": 100 + id, "secret": secret, "product": product}],
    })
}

fn unpaid(id: u32, secret: &str, product: u32, price: Option<&str>) -> Value {
    let mut order = preorder(id, secret, product);
    order["is_paid"] = json!(false);
    order["positions"][0]["price"] = json!(price);
    order
}

fn with(mut order: Value, member: &str, value: Value) -> Value {
    order[member] = value;
    order
}

fn preorders() -> Value {
    let paid = (1..=21).map(|product| preorder(product, &format!("paid-{product:02}-x"), product));
    let again = [1, 1, 10, 11, 12, 13, 13, 16, 16, 21].into_iter().zip(22..);
    let again = again.map(|(product, id)| preorder(id, &format!("again-{id}"), product));
    let special = [
        unpaid(40, "unpaid-priced", 1, Some("23.00")),
        unpaid(41, "unpaid-free", 1, Some("0.00")),
        unpaid(42, "unpaid-hopeless", 1, None),
        // Paying for the ticket is at 19 %, for the warning at 19 % or at 7 %.
        unpaid(43, "unpaid-member", 16, Some("21.00")),
        unpaid(44, "unpaid-fire", 12, Some("40.00")),
        unpaid(45, "unpaid-late", 5, Some("9.90")),
        with(preorder(46, "canceled-paid", 1), "is_canceled", json!(true)),
        with(
            unpaid(47, "canceled-unpaid", 1, None),
            "is_canceled",
            json!(true),
        ),
        with(
            preorder(48, "warned-plain", 1),
            "warning_text",
            json!("Minor: needs company"),
        ),
        with(
            preorder(49, "warned-member", 16),
            "warning_text",
            json!("Ask \"Öle\"\nfirst"),
        ),
        with(
            unpaid(50, "warned-unpaid", 11, Some("16.16")),
            "warning_text",
            json!("0"),
        ),
        // Secrets are told apart by case, and cut after six characters, not bytes.
        preorder(51, "Mixed-Case", 1),
        preorder(52, "mixed-case", 2),
        preorder(53, "äöü€ß🎟-ticket", 1),
        preorder(54, "tiny", 2),
    ];
    let mut orders: Vec<_> = paid.chain(again).chain(special).collect();
    // A preorder with several tickets.
    orders.push(json!({"id": 60, "order_code": "Family", "is_paid": true, "positions": [
        {"id": 200, "secret": "family-1", "product": 1}, {"id": 201, "secret": "family-2", "product": 1},
        {"id": 202, "secret": "family-3", "product": 15},
    ]}));
    json!(orders)
}
