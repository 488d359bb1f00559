//! Health, readiness and figures.

use crate::support::{AUDIT_KEY, FESTIVAL, Server, Store, eventually};
use serde_json::{Value, json};

#[tokio::test]
async fn health_and_readiness_of_a_node() {
    let store = Store::festival().await;
    let server = Server::start_with(&store, &["--node", "exon"]).await;
    store
        .run_ok(&[
            "import",
            &FESTIVAL.replace("festival.json", "restaurant.json"),
        ])
        .await;
    eventually("both are served", async || {
        server.get("/healthz", None).await.1.contains("\"ready\":2")
    })
    .await;
    let fine = json!({ "status": "ready", "detail": null });
    // A stranger learns how many instances there are, and not which.
    for (key, instances) in [
        (None, json!({})),
        (Some("wrong"), json!({})),
        (Some(AUDIT_KEY), json!({ "festival": fine })),
        (Some("restaurant-admin-key"), json!({ "restaurant": fine })),
    ] {
        for path in ["/healthz", "/ledger/health"] {
            let (status, body) = server.get(path, key).await;
            let expected = json!({ "status": "ready", "version": env!("CARGO_PKG_VERSION"), "node": "exon",
                "counts": { "ready": 2, "failing": 0, "broken": 0 }, "instances": instances });
            assert_eq!(
                (status, serde_json::from_str::<Value>(&body).unwrap()),
                (200, expected),
                "{path} {key:?}"
            );
        }
    }
    for path in ["/readyz", "/ledger/ready"] {
        assert_eq!(
            server.get(path, None).await,
            (200, "ready\n".to_owned()),
            "{path}"
        );
    }
}

/// An instance that is imported beside a running server appears by itself.
#[tokio::test]
async fn a_new_instance_appears() {
    let store = Store::sqlite();
    let server = Server::start(&store).await;
    assert_eq!(server.get("/readyz", None).await.0, 200);
    store.import_festival().await;
    eventually("the festival appears", async || {
        server
            .get("/healthz", Some(AUDIT_KEY))
            .await
            .1
            .contains("\"festival\"")
    })
    .await;
    server.till().await.event("listpos", json!({})).await;
}

/// The value of a figure, by the start of its line.
fn figure(metrics: &str, start: &str) -> Option<f64> {
    let line = metrics.lines().find(|line| line.starts_with(start))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

#[tokio::test]
async fn figures_count_what_happens() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 1 }] });
    for _ in 0..3 {
        till.event("payitems", sale.clone()).await;
    }
    till.error("payitems", json!({})).await;
    till.error("made-up\" command\n", json!({})).await;
    let (status, head, body) = server.request("GET", "/metrics", None, "").await;
    assert_eq!(status, 200);
    assert!(
        head.to_lowercase()
            .contains("content-type: application/openmetrics-text"),
        "{head}"
    );
    assert!(body.ends_with("# EOF\n"));
    let commands = |parts: &[&str]| {
        let line = body.lines().find(|line| {
            line.contains("commands_total") && parts.iter().all(|part| line.contains(part))
        });
        line.and_then(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok())
    };
    assert_eq!(commands(&["\"payitems\"", "\"ok\""]), Some(3), "{body}");
    assert_eq!(
        commands(&["\"payitems\"", "\"missing_parameter\""]),
        Some(1)
    );
    // Labels are words that we know: a client cannot make up new ones.
    assert_eq!(commands(&["\"unknown\"", "\"unknown_command\""]), Some(1));
    assert!(!body.contains("made-up"));
    let sockets = body
        .lines()
        .find(|line| line.contains("sockets") && !line.starts_with('#'));
    assert_eq!(
        sockets.and_then(|line| figure(line, "")),
        Some(1.0),
        "{body}"
    );
}
