//! What can be asked of a printer besides receipts.

use super::stand::{Stand, codes, documented, fiscal, nowhere};
use daybook_printers::simulator::till::Kind;
use daybook_printers::uri::Driver;
use serde_json::{Value, json};

/// The kinds of what came out, in order.
fn kinds(stand: &Stand, driver: Driver) -> Vec<Option<Kind>> {
    let paper = stand.device(driver).documents();
    paper.iter().map(|sheet| sheet.kind).collect()
}

fn plain() -> Value {
    json!({"ok": true, "messages": []})
}

#[tokio::test]
async fn every_fiscal_device_does_everything() {
    let stand = Stand::with(&fiscal()).await;
    for driver in fiscal() {
        let name = driver.name();
        let done = async |action: &str, body: Value| {
            let mut answer = stand.act(driver, action, &body).await;
            assert_eq!(answer["ok"], true, "{name} {action}: {answer}");
            answer["messages"] = json!([]);
            answer
        };
        let cash = json!({"amount": "12.345", "text": "float"});
        assert_eq!(done("deposit", cash).await, plain(), "{name}");
        let drawer = stand.get(&format!("/printers/{name}/cash")).await;
        assert_eq!(drawer["amount"].to_string(), "12.35", "{name}: {drawer}");
        assert_eq!(done("withdraw", json!({"amount": 2.35})).await, plain());
        let drawer = stand.get(&format!("/printers/{name}/cash")).await;
        assert_eq!(drawer["amount"].to_string(), "10", "{name}: {drawer}");
        let time = json!({"deviceDateTime": "2026-05-01T12:00:00"});
        assert_eq!(done("datetime", time).await, plain(), "{name}");
        let status = stand.get(&format!("/printers/{name}/status")).await;
        let clock = status["deviceDateTime"].as_str().unwrap();
        assert!(clock.starts_with("2026-05-01T12:0"), "{name}: {status}");
        done("receipt", documented()).await;
        assert_eq!(done("duplicate", Value::Null).await, plain(), "{name}");
        assert_eq!(done("xreport", json!({"operator": "1"})).await, plain());
        assert_eq!(done("zreport", Value::Null).await, plain(), "{name}");
        let reset = done("reset", Value::Null).await;
        assert!(reset["deviceDateTime"].is_string(), "{name}: {reset}");
        let printed: Vec<Kind> = kinds(&stand, driver).into_iter().flatten().collect();
        let expected = [
            Kind::Transfer,
            Kind::Transfer,
            Kind::Receipt,
            Kind::Duplicate,
            Kind::InterimReport,
            Kind::DailyReport,
        ];
        assert_eq!(printed, expected, "{name}");
    }
}

#[tokio::test]
async fn raw_requests_reach_the_device() {
    let stand = Stand::with(&[Driver::DatecsP, Driver::Icp, Driver::Zfp]).await;
    for (driver, command) in [
        (Driver::DatecsP, "J"),
        (Driver::Icp, "F807"),
        (Driver::Zfp, "!"),
    ] {
        let answer = stand
            .act(driver, "rawrequest", &json!({"rawRequest": command}))
            .await;
        assert_eq!(answer["ok"], true, "{driver:?}: {answer}");
        assert_ne!(answer["rawResponse"], "", "{driver:?}: {answer}");
    }
}

/// Paper that came out is out. A command that was refused was not done.
#[tokio::test]
async fn what_a_device_complains_of_is_an_error_of_its_own_commands_only() {
    let stand = Stand::open().await;
    stand.get("/printers").await;
    let device = stand.device(Driver::DatecsP);
    device.device(|device| device.set_paper(false));
    let raw = json!({"rawRequest": "J"});
    for (path, body) in [("rawrequest", &raw), ("reset", &Value::Null)] {
        let answer = stand.act(Driver::DatecsP, path, body).await;
        assert_eq!(answer["ok"], false, "{path}: {answer}");
        let told = answer["messages"].as_array().unwrap();
        assert!(told.iter().any(|one| one["type"] == "error"), "{answer}");
    }
    let cash = stand.get("/printers/bg.dt.p.isl/cash").await;
    assert_eq!(cash["ok"], true, "{cash}");
    assert!(codes(&cash).contains(&"E301"), "{cash}");
}

#[tokio::test]
async fn a_plain_printer_says_what_it_cannot_do() {
    let stand = Stand::with(&[Driver::EscPos]).await;
    for (action, code) in [
        ("zreport", "E412"),
        ("xreport", "E412"),
        ("duplicate", "E412"),
        ("reset", "E412"),
        ("datetime", "E412"),
        ("invoice", "E413"),
        ("creditnote", "E413"),
    ] {
        let answer = stand.act(Driver::EscPos, action, &json!({})).await;
        assert_eq!(codes(&answer), [code], "{action}");
        assert_eq!(answer["ok"], false);
    }
    let raw = json!({"rawRequest": "J"});
    let answer = stand.act(Driver::EscPos, "rawrequest", &raw).await;
    assert_eq!(codes(&answer), ["E413"]);
    let answer = stand.get("/printers/escpos/cash").await;
    assert_eq!(codes(&answer), ["E412"]);
    assert_eq!(stand.tasks().await, 0);
    let answer = stand
        .act(Driver::EscPos, "deposit", &json!({"amount": 5}))
        .await;
    assert_eq!(answer["ok"], true, "{answer}");
    assert_eq!(kinds(&stand, Driver::EscPos).len(), 1);
}

#[tokio::test]
async fn a_printer_that_is_not_there_is_told() {
    let stand = Stand::open().await;
    let uri = format!("bg.dt.p.isl.tcp://{}", nowhere());
    let named = json!({"id": "Gone", "uri": uri});
    stand.post("/service/printers/configure", &named).await;
    for path in ["/printers/Gone", "/printers/gone/status"] {
        let answer = stand.get(path).await;
        assert_eq!(answer["ok"], false, "{path}");
        assert_eq!(codes(&answer), ["E101"], "{path}: {answer}");
    }
    let answer = stand.post("/printers/Gone/receipt", &documented()).await;
    assert_eq!(codes(&answer), ["E101"], "{answer}");
    // What needs no look at the device is a task all the same, and fails as one.
    assert_eq!(stand.tasks().await, 0);
    let answer = stand.post("/printers/Gone/zreport", &Value::Null).await;
    assert_eq!(codes(&answer), ["E101"], "{answer}");
    assert_eq!(stand.tasks().await, 1);
    let all = stand.get("/printers").await;
    assert!(all.get("Gone").is_none() && all.get("bg.dt.p.isl").is_some());
}

#[tokio::test]
async fn no_password_is_ever_written() {
    let stand = Stand::open().await;
    let mut receipt = documented();
    receipt["operator"] = "1".into();
    receipt["operatorPassword"] = "0000".into();
    let answer = stand.act(Driver::DatecsP, "receipt", &receipt).await;
    assert_eq!(answer["ok"], true, "{answer}");
    // Long enough not to stand in a hash by chance.
    receipt["operatorPassword"] = "73910264".into();
    let answer = stand.act(Driver::DatecsP, "receipt", &receipt).await;
    assert_eq!(answer["ok"], false, "the device knows another password");
    let events = stand.server.events().await;
    let text: String = events.iter().map(Value::to_string).collect();
    assert!(text.contains("\"secret\":true"));
    for password in ["73910264", "3733393130323634", "operatorPassword"] {
        assert!(!text.contains(password), "{password}");
    }
    // A digest of a short password would give it away.
    let asked = events
        .iter()
        .filter(|event| event["type"] == "print.requested");
    let digests: Vec<&Value> = asked.map(|event| &event["data"]["request"]).collect();
    assert!(digests.len() == 2 && digests[0].is_string(), "{digests:?}");
    assert_eq!(digests[0], digests[1]);
}
