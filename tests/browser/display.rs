//! The customer display in a real browser: it follows tills and cash desks, and says when it hears
//! nothing.

use super::chromium::Browser;
use super::phone::Phone;
use crate::support::{Desk, Server, Store};
use serde_json::{Value, json};

const CASH_DESK: &str = "abcdefgh1234567890";

/// A display of a lane, as wide as the screens that stand on counters.
async fn display(browser: &mut Browser, server: &Server, lane: u32) -> Phone {
    let url = format!("http://{}/display/{lane}", server.address);
    let display = Phone::open(browser, &url).await;
    let screen = json!({ "width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": false });
    display
        .call(browser, "Emulation.setDeviceMetricsOverride", screen)
        .await;
    display.reads(browser, "Sommerfest am See").await;
    display
}

/// How high the letters of an element are, in hundredths of the screen's height.
async fn height(browser: &mut Browser, display: &Phone, selector: &str) -> f64 {
    let script = format!(
        "100 * parseFloat(getComputedStyle(document.querySelector('{selector}')).fontSize) / innerHeight"
    );
    display.find(browser, &script).await.as_f64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_display_follows_the_sales_of_its_lane() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut browser = Browser::start().await;
    let browser = &mut browser;
    let bar = display(browser, &server, 1).await;
    let tickets = display(browser, &server, 2).await;

    let mut till = server.till().await;
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 5 }] });
    till.event("payitems", sale).await;
    bar.reads(browser, "Kleines Fass").await;
    bar.until(
        browser,
        "document.querySelector('#total output').textContent.includes('90')",
    )
    .await;
    // From two metres, letters of 15 mm are read with ease; a counter's screen is 20 cm high.
    assert!(height(browser, &bar, "#total output").await >= 8.0);
    assert!(height(browser, &bar, "#lines li").await >= 4.0);
    bar.picture(browser, "9-display").await;

    let mut desk = Desk::new(server.address, CASH_DESK);
    let cart = json!({ "positions": [{ "type": "sell", "product": 4 }] });
    let told = desk.post("/api/transactions/", None, &cart).await;
    assert_eq!(told.status, 201, "{}", told.text);
    tickets.reads(browser, "Tagesticket").await;
    // Nothing of the other lane.
    bar.until(browser, "!document.body.innerText.includes('Tagesticket')")
        .await;
    let told = desk
        .post("/api/cashdesk/signal-next/", None, &Value::Null)
        .await;
    assert_eq!(told.status, 200, "{}", told.text);
    tickets
        .until(browser, "document.body.classList.contains('idle')")
        .await;
    bar.reads(browser, "Kleines Fass").await;

    server.kill().await;
    for display in [&bar, &tickets] {
        display
            .until(browser, "!document.querySelector('#offline').hidden")
            .await;
    }
}
