//! Guests pay at a hosted payment page: what they bring along, and what becomes of the provider's
//! messages. And the sheet of codes, as the program prints it.

use crate::support::desk::Told;
use crate::support::{Desk, FESTIVAL, Server, Store, Till};
use axum::body::Body;
use daybook_schema::hash;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const SECRET: &str = "whsec_0123456789abcdef";
const STAFF: &str = "qr-menu-secret-key";
const OPERATOR: &str = "restaurant-admin-key";
const TABLE: &str = "1000028";
const DISH: u32 = 1_000_062;

/// A served restaurant with a payment page, and a guest at its first table.
struct Stand {
    server: Server,
    store: Store,
    desk: Desk,
    link: String,
}

impl Stand {
    async fn open(flags: &[&str]) -> Self {
        let store = Store::sqlite();
        store
            .run_ok(&[
                "import",
                &FESTIVAL.replace("festival.json", "restaurant.json"),
            ])
            .await;
        let dir = tempfile::tempdir().unwrap();
        let sheet = dir.path().join("tables.svg");
        let file = sheet.to_str().unwrap();
        let asked = [
            "--json",
            "qr",
            file,
            "--base-url",
            "https://menu.example/",
            "--table",
            TABLE,
        ];
        let said: Value = serde_json::from_str(&store.run_ok(&asked).await).unwrap();
        let url = said["tables"][0]["url"].as_str().unwrap();
        let link = url
            .strip_prefix("https://menu.example/t/")
            .unwrap()
            .to_owned();
        assert!(std::fs::read_to_string(&sheet).unwrap().contains(url));
        let server = Server::start_with(&store, flags).await;
        let desk = Desk::new(server.address, "");
        Self {
            server,
            store,
            desk,
            link,
        }
    }

    async fn post(&mut self, path: &str, header: (&str, &str), body: String) -> Told {
        let builder = axum::http::Request::builder().method("POST").uri(path);
        let builder = builder
            .header("host", "menu.example")
            .header(header.0, header.1);
        self.desk
            .send(builder.body(Body::from(body)).unwrap())
            .await
    }

    /// A guest's command at the table.
    async fn guest(&mut self, command: &str, body: Value) -> Told {
        let link = self.link.clone();
        let path = format!("/api/v4/tables/{TABLE}/{command}");
        self.post(&path, ("table-link", &link), body.to_string())
            .await
    }

    async fn order(&mut self) {
        let items = json!({ "items": [{ "id": DISH, "count": 2 }] });
        let told = self.guest("order", items).await;
        assert_eq!(told.status, 200, "{}", told.text);
    }

    /// Begins to pay; returns the payment's id and where the guest goes.
    async fn begin(&mut self) -> (String, String) {
        let told = self.guest("online_payment", json!({})).await;
        assert_eq!(told.status, 200, "{}", told.text);
        let payment = told.json()["data"]["payment"].clone();
        let text = |name: &str| payment[name].as_str().unwrap().to_owned();
        assert_eq!(text("status"), "pending");
        (text("id"), text("url"))
    }

    /// The provider's message, signed with a secret so many seconds ago; the status and the code.
    async fn told(&mut self, secret: &str, ago: u64, body: &Value) -> (u16, String) {
        let body = body.to_string();
        let time = (now() - ago).to_string();
        let signed = [time.as_bytes(), b".", body.as_bytes()];
        let header = format!("t={time},v1={}", hash::sign(secret.as_bytes(), &signed));
        let told = self
            .post("/api/v4/payments/restaurant", ("signature", &header), body)
            .await;
        let code = told.json()["error"]["code"].clone();
        (told.status, code.as_str().unwrap_or_default().to_owned())
    }

    async fn confirm(&mut self, body: &Value) -> (u16, String) {
        self.told(SECRET, 0, body).await
    }

    /// Types of the log's last events.
    async fn last(&self, count: usize) -> Vec<String> {
        let (_, body) = self
            .server
            .get("/ledger/restaurant/events?limit=1000", Some(OPERATOR))
            .await;
        let lines = body
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let types = lines.map(|event| event["type"].as_str().unwrap().to_owned());
        let types: Vec<_> = types.collect();
        types[types.len() - count..].to_vec()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the provider has a clock of its own"
)]
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

fn paid(payment: &str, sum: f64) -> Value {
    json!({ "payment": payment, "sum": sum, "status": "paid", "name": "Онлайн" })
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// The flags of a server with a payment page, and the file they name.
fn page() -> (tempfile::TempDir, Vec<String>) {
    let (dir, file) = Store::file("secret", &format!("{SECRET}\n"));
    let flags = [
        "--payment-url",
        "https://pay.example/checkout?shop=7",
        "--payment-secret-file",
    ];
    let mut flags: Vec<_> = flags.iter().map(|&flag| flag.to_owned()).collect();
    flags.push(file.display().to_string());
    (dir, flags)
}

async fn with_page() -> (tempfile::TempDir, Stand) {
    let (dir, flags) = page();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    (dir, Stand::open(&flags).await)
}

/// Nothing but the provider's own, recent word counts.
async fn is_believed_from_the_provider_alone(stand: &mut Stand, payment: &str, right: &Value) {
    let invalid = refused(401, "invalid_signature");
    assert_eq!(
        stand.told("whsec_0123456789abcdeF", 0, right).await,
        invalid
    );
    assert_eq!(stand.told(SECRET, 310, right).await, invalid);
    let told = stand
        .post("/api/v4/payments/restaurant", ("x", "y"), right.to_string())
        .await;
    assert_eq!(told.status, 401);
    let told = stand
        .post(
            "/api/v4/payments/nowhere",
            ("signature", "t=1,v1=0"),
            right.to_string(),
        )
        .await;
    assert_eq!(
        told.status, 401,
        "strangers do not learn which instances there are"
    );
    assert_eq!(
        stand.confirm(&paid("0123", 24.0)).await,
        refused(404, "not_found")
    );
    assert_eq!(
        stand.confirm(&paid(payment, 23.99)).await,
        refused(409, "invalid_sum")
    );
    assert_eq!(
        stand.confirm(&json!({ "payment": payment })).await,
        refused(400, "invalid_request")
    );
    let failed = json!({ "payment": payment, "sum": 24.0, "status": "failed" });
    assert_eq!(stand.confirm(&failed).await, refused(200, ""));
    assert_eq!(
        stand.last(1).await,
        ["payment.started"],
        "nothing was recorded"
    );
}

#[tokio::test]
async fn a_hosted_payment_counts_when_the_provider_says_so_and_only_once() {
    let (_dir, mut stand) = with_page().await;
    stand.order().await;
    let (payment, url) = stand.begin().await;
    let (page, signed) = url.split_once("shop=7&").unwrap();
    assert_eq!(page, "https://pay.example/checkout?");
    let (signed, signature) = signed.split_once("&signature=").unwrap();
    let back = format!("http%3A%2F%2Fmenu.example%2Ft%2F{}", stand.link);
    let expected =
        format!("payment={payment}&instance=restaurant&sum=24&currency=RUB&return={back}");
    assert_eq!(signed, expected);
    let right = hash::sign(SECRET.as_bytes(), &[signed.as_bytes()]).to_string();
    assert_eq!(signature, right);

    let right = paid(&payment, 24.0);
    is_believed_from_the_provider_alone(&mut stand, &payment, &right).await;
    assert_eq!(stand.confirm(&right).await, refused(200, ""));
    let booked = ["payment.started", "payment.received", "sale.recorded"];
    assert_eq!(stand.last(3).await, booked);
    for _ in 0..3 {
        assert_eq!(stand.told(SECRET, 200, &right).await, refused(200, ""));
    }
    assert_eq!(stand.last(3).await, booked, "a replay records nothing");
    let mut till = Till::connect(stand.server.address, "/restaurant")
        .await
        .unwrap();
    let list = json!({ "api_key": OPERATOR, "POSID": 1 });
    let rows = till.event("listtransactions", list).await;
    assert_eq!(rows["Transactions"][0]["AmountMoney"], 24);
    assert_eq!(
        rows["Transactions"][0]["Payment_ID"], 2,
        "by its name: {rows}"
    );
    stand.store.run_ok(&["verify"]).await;
}

#[tokio::test]
async fn money_that_is_not_due_any_more_is_still_written_down() {
    let (_dir, mut stand) = with_page().await;
    stand.order().await;
    let (payment, _) = stand.begin().await;
    // The guest pays, and so does the waiter, in cash.
    let cash = format!("/api/v4/tables/{TABLE}/online_payment");
    let told = stand
        .post(
            &cash,
            ("token", STAFF),
            json!({ "name": "Наличные" }).to_string(),
        )
        .await;
    assert_eq!(told.status, 200, "{}", told.text);
    for _ in 0..2 {
        assert_eq!(stand.confirm(&paid(&payment, 24.0)).await, refused(200, ""));
        let last = ["payment.received", "sale.recorded", "payment.exceeded"];
        assert_eq!(stand.last(3).await, last);
    }
}

#[tokio::test]
async fn without_a_provider_guests_pay_their_waiter() {
    let mut stand = Stand::open(&[]).await;
    stand.order().await;
    let told = stand.guest("online_payment", json!({})).await;
    assert_eq!(told.status, 409);
    assert_eq!(told.json()["error"]["code"], "payments_unavailable");
    assert_eq!(
        stand.confirm(&paid("0123", 24.0)).await,
        refused(401, "invalid_signature")
    );
    let (status, head, _) = stand.server.request("GET", "/t/pay/0123", None, "").await;
    assert!(status == 404 && head.contains("text/html"), "{head}");
    let told = stand
        .post("/t/pay/0123/paid", ("x", "y"), String::new())
        .await;
    assert_eq!(told.status, 404);
}

#[tokio::test]
async fn sheets_are_printed_for_the_tables_that_there_are() {
    let stand = Stand::open(&[]).await;
    let dir = tempfile::tempdir().unwrap();
    let sheet = |name: &str| dir.path().join(name).display().to_string();
    let starts: [(&str, &[u8]); 3] = [
        ("a.pdf", b"%PDF-"),
        ("a.PNG", b"\x89PNG"),
        ("a.svg", b"<svg "),
    ];
    for (name, start) in starts {
        let file = sheet(name);
        let said = stand
            .store
            .run_ok(&["qr", &file, "--base-url", "http://10.0.0.5:8080"])
            .await;
        assert!(said.contains("3 codes for restaurant"), "{said}");
        assert!(std::fs::read(file).unwrap().starts_with(start), "{name}");
    }
    for (file, more, code, why) in [
        (
            "a.gif",
            ["--base-url", "https://x"].as_slice(),
            2,
            "must end in .pdf, .svg or .png",
        ),
        (
            "a.pdf",
            &["--base-url", "x"],
            2,
            "write it like https://menu.example",
        ),
        (
            "a.pdf",
            &["--base-url", "https://x", "--table", "5"],
            1,
            "there is no table 5",
        ),
        ("no/a.pdf", &["--base-url", "https://x"], 3, "No such file"),
    ] {
        let file = sheet(file);
        let args = [&["qr", file.as_str()], more].concat();
        let (exit, _, said) = stand.store.run(&args).await;
        assert_eq!(exit, code, "{said}");
        assert!(said.contains(why), "{said}");
    }
}
