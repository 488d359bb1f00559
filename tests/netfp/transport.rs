//! The way to the door: keys, statuses, problem objects, web pages.

use super::stand::{Stand, codes, documented};
use crate::support::desk::Told;
use crate::support::{ADMIN_KEY, FESTIVAL, Server, Store, TILL_KEY, eventually};
use daybook::simulator::{Act, Gate, Simulator};
use daybook_printers::simulator::paper::Simulated;
use daybook_printers::uri::Driver;
use serde_json::{Value, json};

const STATUS: (&str, &str) = ("GET", "/printers/bg.dt.p.isl/status");
/// A request that a proxy passed on comes from elsewhere, whoever the proxy is.
const FORWARDED: (&str, &str) = ("x-forwarded-for", "192.0.2.7");

/// Checks that the answer is a problem object with this status.
fn assert_problem(told: &Told, status: u16) {
    assert_eq!(told.status, status, "{}", told.text);
    let kind = told.header("content-type");
    assert!(kind.starts_with("application/problem+json"), "{kind}");
    let body = told.json();
    assert_eq!(body["status"], status);
    assert!(
        body["title"].is_string() && body["traceId"].is_string(),
        "{body}"
    );
}

#[tokio::test]
async fn others_than_this_machine_need_a_key() {
    let stand = Stand::open().await;
    let key = |scheme: &str, key: &str| format!("{scheme} {key}");
    for (authorization, status) in [
        (String::new(), 401),
        (key("Token", "x"), 401),
        (key("Token", TILL_KEY), 401),
        (key("Token", ADMIN_KEY), 401),
        (key("Basic", &stand.key), 401),
        (key("Token", &stand.key), 200),
        (key("bearer", &stand.key), 200),
    ] {
        let headers = [FORWARDED, ("authorization", authorization.as_str())];
        let told = stand.ask(STATUS, &headers, "").await;
        assert_eq!(told.status, status, "{authorization}");
        if status == 401 {
            assert_problem(&told, 401);
            assert_eq!(told.header("www-authenticate"), "Token");
        }
    }
    // A key that is given must be right, also here.
    let told = stand.ask(STATUS, &[("authorization", "Token x")], "").await;
    assert_problem(&told, 401);
}

#[tokio::test]
async fn who_asked_stands_in_the_log() {
    let stand = Stand::open().await;
    let path = ("POST", "/printers/bg.dt.p.isl/zreport");
    stand.ask(path, &[], "").await;
    let authorization = format!("Token {}", stand.key);
    let headers = [FORWARDED, ("authorization", authorization.as_str())];
    stand.ask(path, &headers, "").await;
    let events = stand.server.events().await;
    let asked = events
        .iter()
        .filter(|event| event["type"] == "print.requested");
    let by: Vec<&str> = asked.map(|event| event["by"].as_str().unwrap()).collect();
    assert_eq!(by[0], "anyone");
    assert!(by[1].starts_with("key:"), "{by:?}");
}

#[tokio::test]
async fn raw_requests_are_for_administrators() {
    let stand = Stand::open().await;
    let path = ("POST", "/printers/bg.dt.p.isl/rawrequest");
    let body = json!({"rawRequest": "J"}).to_string();
    let token = |key: &str| format!("Token {key}");
    for (headers, status) in [
        (vec![], 200),
        (vec![("origin", "https://shop.example")], 403),
        (vec![FORWARDED, ("authorization", &token(&stand.key))], 403),
        (
            vec![FORWARDED, ("authorization", &token(&stand.admin))],
            200,
        ),
    ] {
        let told = stand.ask(path, &headers, &body).await;
        assert_eq!(told.status, status, "{headers:?}: {}", told.text);
        if status == 403 {
            assert_problem(&told, 403);
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let stand = Stand::open().await;
    for path in [
        "/printers/other",
        "/printers/other/status",
        "/printers/bg.dt.p.isl/other",
        "/printers/bg.dt.p.isl/status/more",
        "/service",
        "/service/other",
    ] {
        assert_problem(&stand.ask(("GET", path), &[], "").await, 404);
    }
    let told = stand
        .ask(("POST", "/printers/other/receipt"), &[], "not even JSON")
        .await;
    assert_problem(&told, 404);
    for (method, path, allow) in [
        ("POST", "/printers", "GET, HEAD, OPTIONS"),
        ("DELETE", "/printers/bg.dt.p.isl", "GET, HEAD, OPTIONS"),
        ("GET", "/printers/bg.dt.p.isl/receipt", "POST, OPTIONS"),
        ("POST", "/printers/bg.dt.p.isl/cash", "GET, OPTIONS"),
        ("HEAD", "/service/toggleautodetect", "GET, OPTIONS"),
    ] {
        let told = stand.ask((method, path), &[], "").await;
        assert_eq!(told.status, 405, "{method} {path}");
        assert_eq!(told.header("allow"), allow, "{method} {path}");
        if method != "HEAD" {
            assert_problem(&told, 405);
        }
    }
    let told = stand.ask(("HEAD", STATUS.1), &[], "").await;
    assert_eq!((told.status, told.text.as_str()), (200, ""));
}

#[tokio::test]
async fn bodies_have_a_limit_and_must_bind() {
    let stand = Stand::open().await;
    let path = ("POST", "/printers/bg.dt.p.isl/receipt");
    for size in [500 * 1024 + 1, (1 << 20) + 1] {
        assert_problem(&stand.ask(path, &[], &" ".repeat(size)).await, 413);
    }
    let zreport = ("POST", "/printers/bg.dt.p.isl/zreport");
    let told = stand.ask(zreport, &[], &"x".repeat(500 * 1024 + 1)).await;
    assert_problem(&told, 413);
    let told = stand
        .ask(
            path,
            &[("content-type", "text/plain")],
            &json!({"items": [{"type": "gift"}], "payments": [{}, {"paymentType": "gold"}]})
                .to_string(),
        )
        .await;
    assert_problem(&told, 400);
    let body = told.json();
    assert_eq!(body["title"], "One or more validation errors occurred.");
    let paths: Vec<&String> = body["errors"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["items[0].type", "payments[1].paymentType"]);
    let told = stand
        .ask(
            ("POST", "/printers/bg.dt.p.isl/receipt?asyncTimeout=soon"),
            &[],
            "{}",
        )
        .await;
    assert_problem(&told, 400);
    assert!(told.json()["errors"]["asyncTimeout"].is_array());
    assert_problem(&stand.ask(path, &[], "{").await, 400);
    // A body that does not bind is told before a bad task id, and that before what makes no sense.
    let long = format!("{}?taskId={}", path.1, "x".repeat(61));
    assert_problem(&stand.ask(("POST", &long), &[], "5").await, 400);
    let told = stand.ask(("POST", &long), &[], "{}").await;
    assert_eq!(codes(&told.json()), ["E110"]);
    assert_eq!(stand.tasks().await, 0);
}

#[tokio::test]
async fn any_web_page_may_print_unless_some_are_named() {
    let stand = Stand::open().await;
    let shop = ("origin", "https://shop.example");
    let asks = [
        shop,
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    ];
    let path = "/printers/bg.dt.p.isl/receipt";
    let told = stand.ask(("OPTIONS", path), &asks, "").await;
    assert_eq!(told.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, POST"),
        ("access-control-allow-headers", "authorization"),
        ("access-control-allow-credentials", ""),
        ("access-control-allow-private-network", ""),
    ] {
        assert_eq!(told.header(name), value, "{name}");
    }
    let body = documented().to_string();
    let told = stand.ask(("POST", path), &[shop], &body).await;
    assert_eq!(told.json()["ok"], true, "{}", told.text);
    assert_eq!(told.header("access-control-allow-origin"), "*");
    let access = json!({
        "allowedOrigins": ["https://other.example"], "enablePrivateNetwork": true
    });
    stand.post("/service/webaccess", &access).await;
    let told = stand.ask(("POST", path), &[shop], &body).await;
    assert_problem(&told, 403);
    assert_eq!(told.header("access-control-allow-origin"), "");
    let other = ("origin", "https://other.example");
    let told = stand.ask(("POST", path), &[other], &body).await;
    assert_eq!(told.json()["ok"], true, "{}", told.text);
    assert_eq!(told.header("access-control-allow-origin"), other.1);
    assert_eq!(told.header("access-control-allow-private-network"), "true");
    assert_eq!(told.header("vary"), "origin");
    assert_eq!(stand.device(Driver::DatecsP).documents().len(), 2);
}

#[tokio::test]
async fn among_several_instances_a_key_says_which() {
    let restaurant = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/restaurant.json"
    );
    let stand = Stand::of_venues(&[Driver::DatecsP], &[FESTIVAL, restaurant]).await;
    let all = stand.get("/printers").await;
    assert!(all["bg.dt.p.isl"].is_object(), "{all}");
    let answer = stand
        .post("/printers/bg.dt.p.isl/receipt", &documented())
        .await;
    assert_eq!(codes(&answer), ["E999"]);
    let text = answer["messages"][0]["text"].as_str().unwrap();
    assert!(text.contains("--instance"), "{text}");
    let told = stand.get("/printers/taskinfo?id=x").await;
    assert_eq!(told["taskStatus"], "unknown");
    let authorization = format!("Token {}", stand.key);
    let headers = [("authorization", authorization.as_str())];
    let path = ("POST", "/printers/bg.dt.p.isl/receipt");
    let told = stand.ask(path, &headers, &documented().to_string()).await;
    assert_eq!(told.json()["ok"], true, "{}", told.text);
}

/// Until the search is over nobody knows which printers there are; what is found is called by its
/// serial number.
#[tokio::test]
async fn printers_at_serial_ports_are_found() {
    let store = Store::sqlite();
    store.run_ok(&["import", FESTIVAL]).await;
    let dir = tempfile::tempdir().unwrap();
    let (device, link) = (Simulated::new(Driver::DatecsP), dir.path().join("ttyFP"));
    let serial = device.serial().to_lowercase();
    let (mut simulator, _) = Simulator::new(device);
    simulator.serve_pty(&link).unwrap();
    let gate = Gate::new();
    simulator.script(0, Act::Pause(gate.clone()));
    let flags = [
        "--detect-printers",
        "on",
        "--serial-port",
        link.to_str().unwrap(),
    ];
    let server = Server::start_with(&store, &flags).await;
    let (status, body) = server.get("/printers", None).await;
    assert_eq!((status, body.as_str()), (405, ""));
    gate.open();
    eventually("the search is over", async || {
        server.get("/printers", None).await.0 == 200
    })
    .await;
    let (_, body) = server.get("/printers", None).await;
    let all: Value = serde_json::from_str(&body).unwrap();
    let uri = format!("bg.dt.p.isl.com://{}", link.display());
    assert_eq!(all[&serial]["uri"], uri, "{all}");
    let path = format!("/printers/{serial}/receipt");
    let body = documented().to_string();
    let (status, _, body) = server.request("POST", &path, None, &body).await;
    assert!(status == 200 && body.contains("\"ok\":true"), "{body}");
    assert_eq!(simulator.documents().len(), 1);
}
