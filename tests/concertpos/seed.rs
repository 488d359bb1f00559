//! The samples of the protocol's documentation, letter by letter. The key of the samples is the
//! key of the festival.

use crate::support::{Server, Store};
use serde_json::json;

/// Each sample request, and the event that answers it.
const SAMPLES: [(&str, &str); 10] = [
    (
        "getconfig",
        "{\n\t\"command\": \"getconfig\",\n\t\"parameters\": {\n\t\t\"api_key\": \"YOUR_API_KEY\"\n\t}\n}",
    ),
    (
        "getdeposit",
        "{\n\t\"command\": \"getdeposit\",\n\t\"parameters\": {\n\t\t\"api_key\": \"YOUR_API_KEY\"\n\t}\n}",
    ),
    (
        "getlicense",
        "{\n\t\"command\": \"getlicense\",\n\t\"parameters\": {\n\t\t\"api_key\": \"YOUR_API_KEY\"\n\t}\n}",
    ),
    (
        "listpm",
        "{\n\t\"command\": \"listpm\",\n\t\"parameters\": {\n\t\t\"api_key\": \"YOUR_API_KEY\",\n\t\t\"POSID\": 1\n\t}\n}",
    ),
    (
        "listproducts",
        "{\n\t\"command\": \"listproducts\",\n\t\"parameters\": {\n\t\t\"api_key\": \"YOUR_API_KEY\",\n\t\t\"POSID\": 1\n\t}\n}",
    ),
    (
        "payitem",
        "{\n\t\"command\": \"payitems\",\n\t\"parameters\": {\n\t\t\"api_key\": \"YOUR_API_KEY\",\n\t\t\"POSID\": 1,\n\t\t\"PaymentMethod\": 1,\n\t\t\"Products\": [{\n\t\t\t\"ID\": 1,\n\t\t\t\"Amount\": 1\n\t\t}]\n\t}\n}",
    ),
    (
        "registerdevice",
        "{\n\t\"command\": \"registerdevice\",\n\t\"parameters\": {\n\t\t\"api_key\": \"YOUR_API_KEY\",\n\t\t\"UUID\": \"13e12ff5-c853-4049-acbc-b1307c00691d\"\n\t}\n}",
    ),
    (
        "version",
        "{\n\t\"command\": \"version\",\n\t\"parameters\": {\n\t\t\"api_key\": \"YOUR_API_KEY\",\n\t}\n}",
    ),
    (
        "getstatus",
        "{\n\t\"command\": \"getstatus\",\n\t\"parameters\": {\n\t\t\"api_key\": \"YOUR_API_KEY\",\n\t}\n}",
    ),
    (
        "listtransactions",
        "{\n\t\"command\": \"listtransactions\",\n\t\"parameters\": {\n\t\t\"api_key\": \"YOUR_API_KEY\",\n\t\t\"Limit\": 50,\n\t\t\"POSID\": 1\n\t}\n}",
    ),
];

/// Every sample works as it stands, trailing commas included, within the budgets.
#[tokio::test]
async fn every_sample_message_works_verbatim() {
    let store = Store::festival().await;
    let server = Server::start_with(&store, &[]).await;
    let mut till = server.till().await;
    for (event, sample) in SAMPLES {
        let answer = till.exchange(sample).await.unwrap();
        assert_eq!(answer["type"], "event", "{sample}: {answer}");
        assert_eq!(answer["result"]["event"], event);
        assert!(answer["result"]["parameters"].is_object());
    }
    let template = "{\n\t\"command\": \"YOUR_COMMAND\",\n\t\"parameters\": {\n\t\t\"api_key\": \"YOUR_API_KEY\"\n\t}\n}";
    let answer = till.exchange(template).await.unwrap();
    assert_eq!(
        answer["result"],
        json!({ "error": "unknown_command", "code": 102 })
    );
}

/// The rows of the sample answer: barrels at 18, a return at -1, a plate at 10, five barrels at 90.
#[tokio::test]
async fn the_samples_rows_come_about() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let pay = |products| json!({ "POSID": 1, "PaymentMethod": 1, "Products": products });
    till.event("payitems", pay(json!([{ "ID": 1, "Amount": 5 }])))
        .await;
    till.event(
        "payitems",
        pay(json!([{ "ID": 36, "Amount": 1 }, { "ID": 15, "Amount": 1 }])),
    )
    .await;
    till.event("payitems", pay(json!([{ "ID": 1, "Amount": 1 }])))
        .await;
    let list = till
        .event("listtransactions", json!({ "POSID": 1, "Limit": 50 }))
        .await;
    assert_eq!(list["Count"], 4);
    let rows = list["Transactions"].as_array().unwrap();
    let short = |row: &serde_json::Value| {
        json!([
            row["Payment_ID"],
            row["PointOfSaleID"],
            row["Product_ID"],
            row["AmountProduct"],
            row["AmountMoney"],
            row["Note"]
        ])
    };
    let expected = json!([
        [1, 1, 1, 1, 18, null],
        [1, 1, 15, 1, -1, null],
        [1, 1, 36, 1, 10, null],
        [1, 1, 1, 5, 90, null]
    ]);
    assert_eq!(
        rows.iter().map(short).collect::<serde_json::Value>(),
        expected
    );
}
