//! What guests do on their phones, and what staff and books say afterwards.

use super::chromium::Browser;
use super::phone::Phone;
use crate::demo::demo;
use crate::support::{Server, Till};
use serde_json::{Value, json};

/// The dish with modifiers of the restaurant's file, and what its page says.
const DISH: &str = "Блюдо с модификатором";
const ADD_DISH: &str = "Добавить: Блюдо с модификатором";
const ADD_TEA: &str = "Добавить: Чай с чабрецом";

const OPERATOR: &str = "restaurant-admin-key";

/// Amounts as pages show them: with a space that does not break.
fn shown(amount: &str) -> String {
    format!("{amount}\u{a0}₽")
}

/// A demo with a browser, and the link of a table.
async fn table(dir: &tempfile::TempDir) -> (Server, Browser, String, String) {
    let (server, said) = demo(dir).await;
    let text = |name: &str| said[name].as_str().unwrap().to_owned();
    (
        server,
        Browser::start().await,
        text("guest_url"),
        text("staff_token"),
    )
}

async fn sales(server: &Server) -> Vec<Value> {
    let mut till = Till::connect(server.address, "/restaurant").await.unwrap();
    let list = json!({ "api_key": OPERATOR, "POSID": 1 });
    let mut answer = till.event("listtransactions", list).await;
    match answer["Transactions"].take() {
        Value::Array(rows) => rows,
        other => panic!("{other}"),
    }
}

fn total(rows: &[Value]) -> i64 {
    rows.iter()
        .map(|row| row["AmountMoney"].as_i64().unwrap())
        .sum()
}

/// Chooses the dish with double cheese, twice, and a tea.
async fn choose(browser: &mut Browser, phone: &Phone) {
    phone.press(browser, ADD_DISH).await;
    phone.tap(browser, "[...document.querySelectorAll('#dish label')].find((l) => l.innerText.includes('Двойной сыр'))").await;
    phone
        .tap(
            browser,
            "document.querySelector('#dish-count button:last-child')",
        )
        .await;
    phone
        .until(
            browser,
            &format!(
                "document.querySelector('#dish-sum').textContent === {}",
                json!(shown("380,00"))
            ),
        )
        .await;
    phone.is_named(browser).await;
    phone.picture(browser, "2-dish").await;
    phone
        .tap(browser, "document.querySelector('#dish button.main')")
        .await;
    // The page takes the dish once its dialog has closed, which is a moment after the tap.
    cart_comes_to(browser, phone, "380,00").await;
    phone.press(browser, ADD_TEA).await;
    cart_comes_to(browser, phone, "470,00").await;
}

/// Waits until the choice has this sum.
async fn cart_comes_to(browser: &mut Browser, phone: &Phone, sum: &str) {
    let sum = json!(shown(sum));
    let script = format!("document.querySelector('#cart-sum').textContent === {sum}");
    phone.until(browser, &script).await;
}

async fn order(browser: &mut Browser, phone: &Phone) {
    phone
        .tap(browser, "document.querySelector('#open-cart')")
        .await;
    phone.tap(browser, "document.querySelector('#order')").await;
    phone.reads(browser, "Спасибо, заказ принят.").await;
}

async fn pay(browser: &mut Browser, phone: &Phone) {
    phone.tap(browser, "document.querySelector('#pay')").await;
    phone
        .until(browser, "location.pathname.startsWith('/t/pay/')")
        .await;
    phone.reads(browser, "Тестовая оплата").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_orders_calls_and_pays() {
    let dir = tempfile::tempdir().unwrap();
    let (server, mut browser, url, token) = table(&dir).await;
    let browser = &mut browser;
    let phone = Phone::open(browser, &url).await;
    phone.reads(browser, "Ресторан «У реки»").await;
    phone.reads(browser, "Стол 6").await;
    phone.reads(browser, DISH).await;
    phone.is_named(browser).await;
    phone.picture(browser, "1-menu").await;
    choose(browser, &phone).await;
    phone
        .tap(browser, "document.querySelector('#open-cart')")
        .await;
    phone.is_named(browser).await;
    phone.picture(browser, "3-choice").await;
    phone
        .tap(browser, "document.querySelector('#close-cart')")
        .await;
    order(browser, &phone).await;
    phone.reads(browser, &shown("470,00")).await;
    phone.picture(browser, "4-bill").await;
    phone.press(browser, "Позвать официанта").await;
    phone.reads(browser, "Официант уже идёт.").await;
    // First the guest thinks better of it, and then goes on with the same payment.
    pay(browser, &phone).await;
    phone.picture(browser, "5-payment").await;
    phone.is_named(browser).await;
    let payment = phone.find(browser, "location.pathname").await;
    phone
        .tap(browser, "document.querySelector('a.button')")
        .await;
    phone.reads(browser, "Продолжить оплату").await;
    phone.picture(browser, "6-pending").await;
    pay(browser, &phone).await;
    assert_eq!(phone.find(browser, "location.pathname").await, payment);
    phone
        .tap(browser, "document.querySelector('button.main')")
        .await;
    phone.reads(browser, "Спасибо, оплата получена.").await;
    phone.reads(browser, "Пока ничего не заказано.").await;
    phone.picture(browser, "7-paid").await;

    let events = phone.events(browser, &token).await;
    let codes = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["code"].as_str().unwrap());
    let codes: Vec<_> = codes.collect();
    assert_eq!(codes, ["additional_order", "waiter_call", "online_payment"]);
    let line = &events[0]["order"]["dishes"][0];
    let cheese =
        json!([{ "id": 502, "name": "Двойной сыр", "price": 40.0, "count": 2.0, "sum": 80.0 }]);
    assert_eq!(
        (&line["sum"], &line["modifiers"]),
        (&json!(380.0), &cheese),
        "{line}"
    );
    assert_eq!(events[2]["order"]["sum"], 470.0);
    let rows = sales(&server).await;
    let total = total(&rows);
    assert_eq!((rows.len(), total), (2, 470), "{rows:?}");
    assert_eq!(browser.complaints, [""; 0]);
    assert_eq!(server.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_link_gets_a_friendly_page_that_tells_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (server, mut browser, url, _) = table(&dir).await;
    let browser = &mut browser;
    let root = format!("http://{}", server.address);
    let proof = url.rsplit('.').next().unwrap();
    let mut pages = Vec::new();
    for path in [
        format!("/t/restaurant.1000029.{proof}"),
        format!("/t/nowhere.1000028.{proof}"),
        "/t/restaurant.1000028.".to_owned(),
        "/t/x".to_owned(),
        "/t/pay/00000000000000000000000000000000".to_owned(),
    ] {
        let (status, head, body) = server.request("GET", &path, None, "").await;
        assert_eq!(status, 404, "{path}");
        assert!(
            head.contains("content-security-policy: default-src 'none'"),
            "{head}"
        );
        pages.push(body);
    }
    pages.dedup();
    assert_eq!(
        pages.len(),
        1,
        "what is told does not depend on what is wrong"
    );
    let phone = Phone::open(browser, &format!("{root}/t/restaurant.1000028.0")).await;
    phone.reads(browser, "This link is not valid").await;
    phone.picture(browser, "8-wrong-link").await;
    // A link that is withdrawn while the page is open.
    phone.go(browser, &url).await;
    phone.reads(browser, DISH).await;
    let gone = "const real = fetch; fetch = () => real('/t/x/bill'); true";
    phone.find(browser, gone).await;
    phone.press(browser, "Позвать официанта").await;
    phone.reads(browser, "Ссылка недействительна").await;
    assert_eq!(server.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_share_a_table_and_nothing_is_paid_twice() {
    let dir = tempfile::tempdir().unwrap();
    let (server, mut browser, url, token) = table(&dir).await;
    let browser = &mut browser;
    let anna = Phone::open(browser, &url).await;
    let boris = Phone::open(browser, &url).await;
    choose(browser, &anna).await;
    order(browser, &anna).await;
    boris.press(browser, ADD_TEA).await;
    order(browser, &boris).await;
    // Each sees what the other has ordered, without doing anything.
    for phone in [&anna, &boris] {
        phone.reads(browser, &shown("560,00")).await;
    }
    pay(browser, &anna).await;
    boris.reads(browser, "ещё не подтверждена").await;
    let payable = "document.querySelector('#pay')";
    assert_eq!(
        boris.find(browser, payable).await,
        Value::Null,
        "the amount is kept for Anna"
    );
    // Boris orders another tea meanwhile: only that is his to pay.
    boris.press(browser, ADD_TEA).await;
    order(browser, &boris).await;
    boris
        .until(
            browser,
            &format!("{payable}.textContent.includes({})", json!(shown("90,00"))),
        )
        .await;
    anna.tap(browser, "document.querySelector('button.main')")
        .await;
    anna.reads(browser, "Спасибо, оплата получена.").await;
    pay(browser, &boris).await;
    boris
        .tap(browser, "document.querySelector('button.main')")
        .await;
    boris.reads(browser, "Пока ничего не заказано.").await;
    let events = boris.events(browser, &token).await;
    let paid = events
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["code"] == "online_payment");
    let paid: Vec<_> = paid.collect();
    assert_eq!(paid.len(), 2);
    assert_eq!(paid[1]["order"]["payments"][0]["sum"], 560.0);
    let rows = sales(&server).await;
    let total = total(&rows);
    assert_eq!(total, 650, "{rows:?}");
    assert_eq!(browser.complaints, [""; 0]);
    assert_eq!(server.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_orders_nothing_twice_and_keys_are_enough() {
    let dir = tempfile::tempdir().unwrap();
    let (server, mut browser, url, token) = table(&dir).await;
    let browser = &mut browser;
    let phone = Phone::open(browser, &url).await;
    phone.reads(browser, DISH).await;
    // The order arrives; its answer does not, twice.
    let lost = json!({ "patterns": [{ "urlPattern": "*/order", "requestStage": "Response" }] });
    phone.call(browser, "Fetch.enable", lost).await;
    // By keys alone: to the tea's button, then to the choice, then to the order.
    let focused = |name: &str| {
        let name = json!(name);
        format!(
            "[document.activeElement.innerText, document.activeElement.ariaLabel].some((t) => t?.startsWith({name}))"
        )
    };
    for name in [ADD_TEA, "Ваш выбор", "Заказать"] {
        let mut steps = 0;
        while phone.find(browser, &focused(name)).await != true {
            phone.key(browser, "Tab", 9).await;
            steps += 1;
            assert!(steps < 30, "{name} is not reached by keys");
        }
        phone.key(browser, "Enter", 13).await;
    }
    for _ in 0..2 {
        let paused = phone.event(browser, "Fetch.requestPaused").await;
        assert_eq!(paused["responseStatusCode"], 200, "{paused}");
        let fail = json!({ "requestId": paused["requestId"], "errorReason": "ConnectionReset" });
        phone.call(browser, "Fetch.failRequest", fail).await;
    }
    phone.reads(browser, "Нет связи").await;
    phone.call(browser, "Fetch.disable", json!({})).await;
    phone.reads(browser, "Спасибо, заказ принят.").await;
    let events = phone.events(browser, &token).await;
    assert_eq!(events.as_array().unwrap().len(), 1, "{events}");
    assert_eq!(events[0]["order"]["sum"], 90.0);
    assert_eq!(server.stop().await, 0);
}
