//! The restaurant of the fixtures, with what its guests had better not order.

#![expect(unreachable_pub, reason = "every story may stand here")]

use crate::support::entry;
use serde_json::{Value, json};

/// The staff's key; the second one also audits; the third is for tills.
pub const STAFF: &str = "qr-menu-secret-key";
pub const ADMIN: &str = "restaurant-admin-key";
pub const TILL: &str = "till-of-the-house";

/// The key of the café, whose tables have the same numbers.
pub const CAFE_STAFF: &str = "cafe-secret-key";

/// A table in the hall, another one, and one that another point of sale serves.
pub const TABLE: u32 = 1_000_028;
pub const OTHER: u32 = 1_000_029;
pub const TERRACE: u32 = 1_000_030;

/// 150.00 with modifiers, 12.00, tea for 12.00 and cheese for 80.10 a kilogram.
pub const BIG: u32 = 1_000_041;
pub const SMALL: u32 = 1_000_062;
pub const TEA: u32 = 1_000_050;
pub const CHEESE: u32 = 1_000_082;

/// What is not on the menu of the hall: hidden, a return, sold on the terrace alone.
pub const OFF_THE_MENU: [u32; 3] = [1_000_080, 1_000_081, 1_000_083];

/// Modifiers of the big dish: free, 40.00, and one that lowers the price by 30.00.
pub const FREE: u32 = 501;
pub const DEAR: u32 = 502;
pub const LESS: u32 = 503;

pub fn restaurant() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/restaurant.json"
    );
    let mut venue: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let product = |id: u32, name: &str, price: &str, more: Value| {
        let mut product = json!({"id": id, "name": name, "price": price, "tax_rate": "20.00", "points_of_sale": [1]});
        let more = more.as_object().unwrap().clone();
        product.as_object_mut().unwrap().extend(more);
        product
    };
    let products = [
        product(TEA, "Чай", "12.00", json!({"points_of_sale": [1, 2]})),
        product(CHEESE, "Сыр", "80.10", json!({"tax_rate": "10.00"})),
        product(OFF_THE_MENU[0], "Тайное", "1.00", json!({"visible": false})),
        product(OFF_THE_MENU[1], "Возврат", "-5.00", json!({})),
        product(
            OFF_THE_MENU[2],
            "Шашлык",
            "99.00",
            json!({"points_of_sale": [2]}),
        ),
    ];
    venue["products"].as_array_mut().unwrap().extend(products);
    let less = json!({"id": LESS, "name": "Без сыра", "price": "-30.00"});
    let dish = entry(&mut venue, "products", u64::from(BIG));
    dish["modifiers"].as_array_mut().unwrap().push(less);
    let places = venue["points_of_sale"].as_array_mut().unwrap();
    places.push(json!({"id": 2, "name": "Терраса"}));
    for method in venue["payment_methods"].as_array_mut().unwrap() {
        method["points_of_sale"] = json!([1, 2]);
    }
    entry(&mut venue, "tables", u64::from(TERRACE))["point_of_sale"] = json!(2);
    let till = json!({"id": 3, "name": "касса", "key": TILL, "scopes": ["pos"]});
    venue["api_keys"].as_array_mut().unwrap().push(till);
    venue
}

pub fn cafe() -> Value {
    let mut venue = restaurant();
    venue["instance"]["slug"] = json!("cafe");
    venue["api_keys"] = json!([{"id": 1, "name": "staff", "key": CAFE_STAFF, "scopes": ["qr"]}]);
    venue
}
