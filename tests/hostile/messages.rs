//! Messages that no till would send.

use super::Fortress;
use crate::support::{Dice, Till, rounds};
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// Values of every type and size that JSON has.
fn values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1),
        json!(1.5),
        json!(1e300),
        json!(-0.0),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1_000_000_000_000u64),
        json!(4_294_967_296u64),
        json!(""),
        json!("1"),
        json!("-1"),
        json!("x"),
        json!("\u{0}"),
        json!("'; DROP TABLE events; --"),
        json!("ü".repeat(1000)),
        json!([]),
        json!([1]),
        json!([[]]),
        json!([null]),
        json!({}),
        json!({ "ID": 1 }),
        json!([{ "ID": 1, "Amount": {} }]),
        json!([{ "ID": {}, "Amount": 1 }]),
    ]
}

/// Every parameter of every command with every value: always one answer, never a sale, except where
/// the value is a right one.
#[tokio::test]
async fn every_parameter_takes_every_value_without_harm() {
    let fortress = Fortress::build().await;
    let mut till = fortress.server.till().await;
    let commands: [(&str, Value); 6] = [
        ("listpm", json!({ "POSID": 1, "posPassword": "x" })),
        ("listproducts", json!({ "POSID": 1, "posPassword": "x" })),
        (
            "listtransactions",
            json!({ "POSID": 1, "posPassword": "x", "Limit": 1 }),
        ),
        ("registerdevice", json!({ "UUID": "u", "workplace": 1 })),
        ("verifyauth", json!({ "password": "x", "workplace": 1 })),
        (
            "payitems",
            json!({ "POSID": 1, "Products": [], "PaymentMethod": 1, "posPassword": "x", "request_id": "r" }),
        ),
    ];
    for (command, right) in &commands {
        for parameter in right.as_object().unwrap().keys() {
            for value in values() {
                let mut parameters = right.clone();
                parameters[parameter] = value.clone();
                let answer = till.ask(command, parameters).await.unwrap();
                let known = ["event", "error"].contains(&answer["type"].as_str().unwrap());
                assert!(known, "{command} {parameter} {value}: {answer}");
                assert_ne!(
                    answer["result"]["error"], "internal_error",
                    "{command} {parameter} {value}"
                );
            }
        }
    }
    for value in values() {
        for message in [
            value.clone(),
            json!({ "command": value, "parameters": value }),
            json!({ "parameters": { "api_key": value } }),
        ] {
            let answer = till.exchange(&message.to_string()).await.unwrap();
            assert_eq!(answer["type"], "error", "{message}");
        }
    }
    fortress.stands(0).await;
}

/// Amounts that are no whole number from 1 to 10,000 book nothing.
#[tokio::test]
async fn no_strange_amount_is_booked() {
    let fortress = Fortress::build().await;
    let mut till = fortress.server.till().await;
    for amount in [
        "0",
        "-1",
        "-0",
        "0.5",
        "-0.5",
        "1.0000001",
        "2.99999999999999999999",
        "1.00000000000000000001",
        "0.99999999999999999999",
        "10000.00000000000000001",
        "1e-1",
        "10001",
        "1000000000000",
        "1e12",
        "1e400",
        "-1e400",
        "99999999999999999999",
        "NaN",
        "Infinity",
        "-Infinity",
        "0x7fffffff",
        "\"\"",
        "\"1e3\"",
        "\" 1\"",
        "\"0x1\"",
        "\"1.0\"",
        "true",
        "{}",
        "[1]",
    ] {
        let text = format!(
            r#"{{"command":"payitems","parameters":{{"api_key":"YOUR_API_KEY","POSID":1,"PaymentMethod":1,"Products":[{{"ID":1,"Amount":{amount}}}]}}}}"#
        );
        let answer = till.exchange(&text).await.unwrap();
        let refused = answer["type"] == "error";
        assert!(
            refused || answer["result"]["parameters"]["Items"] == 0,
            "{amount}: {answer}"
        );
    }
    fortress.stands(0).await;
}

/// The same in JSON5, beside an amount that is right: nothing is rounded to what it nearly is. What
/// is not above 0 is skipped, whole or not.
#[tokio::test]
async fn amounts_are_decimals_in_both_formats() {
    let fortress = Fortress::build().await;
    let mut till = fortress.server.till().await;
    let json = |amount: &str| {
        format!(
            r#"{{"command":"payitems","parameters":{{"api_key":"YOUR_API_KEY","POSID":1,"PaymentMethod":1,"Products":[{{"ID":1,"Amount":1}},{{"ID":36,"Amount":{amount}}}]}}}}"#
        )
    };
    let json5 = |amount: &str| json(amount).replace('"', "'") + "// 5";
    for near in ["2.99999999999999999999", "1.00000000000000000001", "1.5"] {
        for text in [json(near), json5(near)] {
            let answer = till.exchange(&text).await.unwrap();
            let error = &answer["result"]["error"];
            assert_eq!(error, "invalid_parameter_products", "{text}");
        }
    }
    let mut sales = 0;
    for (amount, items) in [
        ("-1.5", 1),
        ("0.0", 1),
        ("-1e-9", 1),
        ("3.00", 2),
        ("30e-1", 2),
    ] {
        for text in [json(amount), json5(amount)] {
            let answer = till.exchange(&text).await.unwrap();
            assert_eq!(answer["result"]["parameters"]["Items"], items, "{text}");
            sales += 1;
        }
    }
    for text in [json5("+3."), json5("0x3")] {
        let answer = till.exchange(&text).await.unwrap();
        let row = &answer["result"]["parameters"]["Transactions"][1];
        assert_eq!(row["AmountProduct"], 3, "{text}");
        sales += 1;
    }
    fortress.stands(sales).await;
}

/// NaN and the infinities are no numbers of this protocol, not even in JSON5: a sale that holds one
/// is refused as a whole, rather than booked without that line.
#[tokio::test]
async fn a_sale_with_a_number_that_is_none_is_refused_as_a_whole() {
    let fortress = Fortress::build().await;
    let mut till = Till::connect(fortress.server.address, "/festival?Content-Type=json5")
        .await
        .unwrap();
    for amount in ["NaN", "Infinity", "-Infinity", "1e400", "+1e999"] {
        let text = format!(
            "{{command:'payitems',parameters:{{api_key:'YOUR_API_KEY',POSID:1,PaymentMethod:1,Products:[{{ID:1,Amount:1}},{{ID:36,Amount:{amount}}}]}}}}"
        );
        let answer = till.exchange(&text).await.unwrap();
        assert_eq!(answer["type"], "error", "{amount}: {answer}");
    }
    fortress.stands(0).await;
}

#[tokio::test]
async fn deep_nesting_is_refused_and_not_followed() {
    let fortress = Fortress::build().await;
    for (path, error) in [
        ("/festival", "invalid_json"),
        ("/festival?Content-Type=json5", "invalid_json5"),
    ] {
        let mut till = Till::connect(fortress.server.address, path).await.unwrap();
        for open in ["[", "{\"a\":", "{a:", "[{a:[", "/**/["] {
            let text = open.repeat(200_000 / open.len());
            assert_eq!(
                till.exchange(&text).await.unwrap()["result"]["error"],
                error,
                "{open}"
            );
        }
        let closed = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(
            till.exchange(&closed).await.unwrap()["result"]["error"],
            error
        );
        let inside = format!(r#"{{"command":"listpos","parameters":{{"api_key":{closed}}}}}"#);
        assert_eq!(
            till.exchange(&inside).await.unwrap()["result"]["error"],
            error
        );
    }
    fortress.stands(0).await;
}

/// Noise, and noise made of a sale's own words: each message is answered, in order, on one socket.
#[tokio::test]
async fn thousands_of_random_messages_are_answered_each() {
    let fortress = Fortress::build().await;
    let mut till = fortress.server.till().await;
    let sale = r#"{"command":"payitems","parameters":{"api_key":"WRONG","POSID":1,"PaymentMethod":1,"Products":[{"ID":1,"Amount":1}]}}"#;
    for seed in 0..1500 * rounds(2) as u64 {
        let mut dice = Dice(seed);
        let mut bytes = sale.as_bytes().to_vec();
        if dice.roll(3) == 0 {
            bytes = (0..dice.roll(300))
                .map(|_| u8::try_from(dice.roll(256)).unwrap())
                .collect();
        }
        for _ in 0..dice.roll(6) {
            let at = dice.index(bytes.len() + 1);
            let end = at + dice.index(20).min(bytes.len() - at);
            let noise = (0..dice.roll(5)).map(|_| u8::try_from(dice.roll(256)).unwrap());
            bytes.splice(at..end, noise.collect::<Vec<_>>());
        }
        till.socket.send(Message::binary(bytes)).await.unwrap();
        let answer: Value = serde_json::from_str(&till.hear().await.unwrap()).unwrap();
        assert_eq!(answer["type"], "error", "seed {seed}: {answer}");
    }
    fortress.stands(0).await;
}
