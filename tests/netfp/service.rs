//! The settings that programs on the server's own machine may change.

use super::stand::{Stand, documented};
use daybook::simulator::Simulator;
use daybook_printers::simulator::paper::Simulated;
use daybook_printers::uri::Driver;
use serde_json::{Value, json};
use std::net::TcpListener;

const CHANGES: [(&str, &str); 8] = [
    ("POST", "/service/printers/configure"),
    ("POST", "/service/printers/delete"),
    ("POST", "/service/printersprops"),
    ("POST", "/service/excludeports"),
    ("POST", "/service/detectiontimeout"),
    ("POST", "/service/webaccess"),
    ("GET", "/service/toggleautodetect"),
    ("GET", "/service/detect"),
];

#[tokio::test]
async fn it_is_changed_from_its_own_machine_alone() {
    let stand = Stand::open().await;
    let before = stand.get("/service/vars").await;
    assert_eq!(before["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(before["udpBeaconPort"], 0);
    assert_eq!(before["autoDetect"], false);
    let admin = format!("Token {}", stand.admin);
    let elsewhere = [
        ("x-forwarded-for", "192.0.2.7"),
        ("authorization", admin.as_str()),
    ];
    let page = [("origin", "https://shop.example")];
    for path in CHANGES {
        for headers in [elsewhere.as_slice(), page.as_slice()] {
            let told = stand.ask(path, headers, "{}").await;
            assert_eq!(told.status, 423, "{path:?}: {}", told.text);
            assert_eq!(told.json()["title"], "Locked");
        }
    }
    let told = stand.ask(("GET", "/service/vars"), &elsewhere, "").await;
    assert_eq!(told.json(), before);
    // Nobody stops it.
    let told = stand.ask(("GET", "/service/stop"), &[], "").await;
    assert_eq!(told.status, 423);
}

#[tokio::test]
async fn printers_come_and_go() {
    let stand = Stand::open().await;
    let (mut simulator, _) = Simulator::new(Simulated::new(Driver::Daisy));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = simulator.serve_tcp(listener).unwrap();
    let uri = format!("bg.dy.isl.tcp://{address}");
    let named = json!({"id": "Bar 2", "uri": uri});
    let all = stand.post("/service/printers/configure", &named).await;
    assert_eq!(all["Bar 2"], json!({"uri": uri}));
    assert_eq!(stand.get("/service/printers").await, all);
    let answer = stand.post("/printers/bar%202/receipt", &documented()).await;
    assert_eq!(answer["ok"], true, "{answer}");
    assert_eq!(simulator.documents().len(), 1);
    let gone = json!({"id": "Bar 2"});
    let left = stand.post("/service/printers/delete", &gone).await;
    assert!(left.get("Bar 2").is_none());
    let told = stand.ask(("GET", "/printers/Bar%202"), &[], "").await;
    assert_eq!(told.status, 404);
    let told = stand
        .ask(("POST", "/service/printers/delete"), &[], &gone.to_string())
        .await;
    assert_eq!(told.status, 423);
}

#[tokio::test]
async fn variables_change_one_by_one() {
    let stand = Stand::open().await;
    for (path, body, expected) in [
        (
            "/service/excludeports",
            json!({"excludePortList": "COM1 COM2"}),
            json!({"excludePortList": "COM1,COM2"}),
        ),
        (
            "/service/detectiontimeout",
            json!({"detectionTimeout": 7}),
            json!({"detectionTimeout": 7}),
        ),
        (
            "/service/webaccess",
            json!({"enablePrivateNetwork": true}),
            json!({"webAccess": {"allowedOrigins": [], "enablePrivateNetwork": true}}),
        ),
    ] {
        let vars = stand.post(path, &body).await;
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&vars[name], value, "{path}");
        }
        assert_eq!(stand.get("/service/vars").await, vars);
    }
    let properties = json!({"DT279013": {"printerOptions": {"posId": 1}}});
    let kept = stand.post("/service/printersprops", &properties).await;
    assert_eq!(kept, properties);
    assert_eq!(stand.get("/service/printersprops").await, properties);
    let told = stand.ask(("GET", "/service/detect"), &[], "").await;
    assert_eq!(told.status, 200);
    let told = stand
        .ask(
            ("POST", "/service/printers/configure"),
            &[],
            "{\"id\":\"x\",\"uri\":\"COM5\"}",
        )
        .await;
    assert_eq!(told.status, 400);
    assert!(told.json()["errors"]["uri"].is_array());
    // Changes end with the process.
    let stand = stand.restart().await;
    let vars: Value = stand.get("/service/vars").await;
    assert_eq!(vars["excludePortList"], "");
}
