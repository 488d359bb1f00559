//! What a customer display shows of the sales of other doors.

use super::stand::{DISPLAY_KEY, Lane, sell, served};
use crate::support::Desk;
use serde_json::{Value, json};

async fn display(address: std::net::SocketAddr, lane: u32) -> Lane {
    let v = json!({ "apikey": DISPLAY_KEY, "purpose": "customerdisplay", "lane": lane });
    let mut display = Lane::open(address, v).await;
    display
        .firehose("d", json!({ "event": "custdisp.sale.*" }))
        .await;
    assert_eq!(display.hear().await["v"]["salephyskey"], Value::Null);
    display
}

#[tokio::test]
async fn a_tills_sale_is_shown_at_its_lane_only() {
    let (_store, server) = served().await;
    let mut here = display(server.address, 1).await;
    let mut there = display(server.address, 2).await;
    let mut till = server.till().await;
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 2, "Amount": 3 }, { "ID": 1, "Amount": 1 }] });
    till.event("payitems", sale).await;
    let heard = here.hear().await;
    assert_eq!(
        (&heard["sc"], &heard["v"]["salephyskey"]),
        (&json!("custdisp.sale.add"), &json!("S1-000001"))
    );
    assert_eq!(heard.get("seq"), None);
    let lines = heard["v"]["lines"].as_array().unwrap();
    let shown: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["seqnce"].as_u64(),
                line["pid"].as_u64(),
                line["qty"].as_u64(),
            )
        })
        .collect();
    assert_eq!(shown[0], (Some(1), Some(2), Some(3)));
    assert_eq!((shown.len(), &heard["v"]["saletotal"]), (3, &json!(34.5)));
    sell(&mut till).await;
    assert_eq!(here.hear().await["v"]["salephyskey"], "S1-000004");
    there.is_silent().await;
    // Whoever comes later sees the current sale at once.
    let v = json!({ "apikey": DISPLAY_KEY, "purpose": "customerdisplay" });
    let mut late = Lane::open(server.address, v).await;
    late.firehose("d", json!({ "event": "custdisp.sale.*" }))
        .await;
    let heard = late.hear().await;
    assert_eq!(
        (&heard["sc"], &heard["v"]["salephyskey"]),
        (&json!("custdisp.sale.status"), &json!("S1-000004"))
    );
}

#[tokio::test]
async fn a_cash_desks_sale_is_shown_until_the_next_customer() {
    let (_store, server) = served().await;
    let mut display = display(server.address, 2).await;
    let mut desk = Desk::new(server.address, "abcdefgh1234567890");
    let cart = json!({ "positions": [{ "type": "sell", "product": 4 }], "cash_given": "50.00" });
    let told = desk.post("/api/transactions/", None, &cart).await;
    assert_eq!(told.status, 201, "{}", told.text);
    let heard = display.hear().await;
    assert_eq!(heard["sc"], "custdisp.sale.add");
    assert_eq!(heard["v"]["payments"][0]["amount"], 50);
    assert_eq!(heard["v"]["lines"][0]["pid"], 4);
    let told = desk
        .post("/api/cashdesk/signal-next/", None, &json!({}))
        .await;
    assert_eq!(told.status, 200, "{}", told.text);
    let heard = display.hear().await;
    assert_eq!(
        (&heard["sc"], &heard["v"]["salephyskey"]),
        (&json!("custdisp.sale.status"), &Value::Null)
    );
}
