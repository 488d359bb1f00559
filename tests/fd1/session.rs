//! Logins: who is heard, and what each may do.

use super::stand::{ALL_KEY, DISPLAY_KEY, Lane, served, shop};
use crate::support::{Server, Store, TILL_KEY};
use daybook::concertpos::rate_limit::RateLimit;
use daybook::ledger::Ledger;
use daybook::metrics::Metrics;
use daybook::print::wire::Opener;
use daybook::print::{Printers, Setup};
use daybook::{clock, http};
use daybook_schema::EventLog;
use daybook_schema::contract::MemoryLog;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

const LOGIN: &str = "fd1.session.login";
const OPEN: &str = "fd1.firehose.open_firehose";

#[tokio::test]
async fn nothing_is_answered_before_a_login() {
    let (_store, server) = served().await;
    let mut lane = Lane::connect(server.address, "/fd1/open_websocket").await;
    for text in [
        "{",
        "",
        "[]",
        "null",
        "{}",
        r#"{"a":"nothing","rq":1}"#,
        r#"{"a":"fd1.firehose.open_firehose","rq":1,"v":{"event":"custdisp.sale.*"}}"#,
        r#"{"a":"fd1.session.ignore","rq":1}"#,
        r#"{"a":"fd1.session.login","rq":1,"v":{"apikey":"wrong"}}"#,
        r#"{"a":"fd1.session.login","rq":{},"v":{}}"#,
        r#"{"a":"fd1.session.login","pt":"fd2","v":{}}"#,
    ] {
        lane.till.send(text).await.unwrap();
    }
    lane.is_silent().await;
    lane.row(LOGIN, json!({ "v": { "token": DISPLAY_KEY } }))
        .await;
}

#[tokio::test]
async fn five_failed_logins_close_the_socket() {
    let (_store, server) = served().await;
    let mut lane = Lane::connect(server.address, "/fd1/open_websocket").await;
    for v in [
        json!({ "apikey": "wrong" }),
        json!({ "apikey": DISPLAY_KEY, "token": DISPLAY_KEY }),
        json!({ "encryption_user": "x" }),
        json!({ "apikey": TILL_KEY }),
        json!({ "apikey": DISPLAY_KEY, "lane": 77 }),
    ] {
        lane.say(&json!({ "a": LOGIN, "rq": 1, "v": v })).await;
    }
    assert_eq!(lane.closes_with().await, 1008);
}

/// In this process, whose time the test moves on.
#[tokio::test]
async fn a_minute_without_login_closes_the_socket() {
    let stop = CancellationToken::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(http::serve(parts(&stop).await, vec![listener]));
    let mut lane = Lane::connect(address, "/fd1/open_websocket").await;
    // What was sent is read before time moves on: a failed login is counted, and says nothing.
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(59)).await;
    tokio::time::resume();
    lane.is_silent().await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(2)).await;
    tokio::time::resume();
    assert_eq!(lane.closes_with().await, 1008);
    stop.cancel();
    serving.await.unwrap();
}

/// A server of an empty log in memory.
async fn parts(stop: &CancellationToken) -> http::Parts {
    let store: Arc<dyn EventLog> = Arc::new(MemoryLog::reliable());
    let (clock, metrics) = (clock::system(), Arc::new(Metrics::default()));
    let installation = store.secret().await.unwrap();
    let ledger = Ledger::open(store, clock.clone(), metrics.clone()).await;
    let ledger = ledger.unwrap();
    let printers = Printers::new(
        ledger.clone(),
        (clock.clone(), metrics.clone()),
        "test".to_owned(),
        Setup::default(),
        Opener::system(None),
    );
    http::Parts {
        ledger,
        printers,
        metrics,
        installation,
        node: "test".to_owned(),
        clock,
        rate_limit: RateLimit::new(false),
        trusted_proxies: Vec::new(),
        instance: None,
        trust_loopback: true,
        payments: None,
        stop: stop.clone(),
    }
}

/// Without a credential: only from this machine, only where that is allowed, only without a proxy.
#[tokio::test]
async fn this_machine_needs_no_key() {
    let (store, server) = served().await;
    let row = Lane::connect(server.address, "/fd1/open_websocket")
        .await
        .row(LOGIN, json!({}))
        .await;
    assert_eq!(row["purpose"], Value::Null);
    let strict = Server::start_with(&store, &["--trust-loopback", "off"]).await;
    for (address, headers, welcome) in [
        (server.address, "", true),
        (server.address, "X-Forwarded-For: 127.0.0.1\r\n", false),
        (server.address, "Origin: http://evil.example\r\n", false),
        (strict.address, "", false),
    ] {
        assert_eq!(answered(address, headers).await, welcome, "{headers}");
    }
}

/// Whether a login without a credential is answered.
async fn answered(address: std::net::SocketAddr, headers: &str) -> bool {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "GET /fd1/open_websocket HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{headers}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let text = br#"{"a":"fd1.session.login"}"#;
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
    frame.extend_from_slice(text);
    stream.write_all(&frame).await.unwrap();
    let mut heard = Vec::new();
    let hearing = async {
        while !String::from_utf8_lossy(&heard).contains("lane-1") {
            assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0);
        }
    };
    tokio::time::timeout(Duration::from_millis(800), hearing)
        .await
        .is_ok()
}

#[tokio::test]
async fn each_purpose_has_its_own_rights() {
    let (_store, server) = served().await;
    let create = "fd1.salesbuilder.salesbuilder_create";
    let pay = "fd1.salesbuilder.salesbuilder_pay";
    // Purpose, key, and whether these are answered: a display, sales, the ledger, debug, building,
    // paying. A sale that may be paid for is looked up, and there is none.
    let rows = [
        ("", DISPLAY_KEY, "yes yes no no no no"),
        ("", ALL_KEY, "yes yes yes no no unknown"),
        ("customerdisplay", ALL_KEY, "yes no no no no no"),
        ("debugscope", ALL_KEY, "yes yes yes yes no unknown"),
        ("whatever", DISPLAY_KEY, "yes yes no no no no"),
        ("presell", DISPLAY_KEY, "yes yes no no no no"),
        ("URL", ALL_KEY, "no no no no yes no"),
    ];
    for (purpose, key, expected) in rows {
        let path = if purpose == "URL" {
            "/ws/open_websocket?purpose=presell"
        } else {
            "/ws/open_websocket"
        };
        let v = json!({ "apikey": key, "purpose": purpose });
        let mut lane = Lane::open_at(server.address, path, v).await;
        let mut found = Vec::new();
        for event in [
            "custdisp.sale.*",
            "sale.create",
            "ledger.sale.recorded",
            "debug.*",
        ] {
            found.push(lane.ask(OPEN, json!({ "v": { "event": event } })).await);
        }
        found.push(lane.ask(create, json!({})).await);
        found.push(
            lane.ask(pay, json!({ "k": "T1-999999", "v": { "pm": 1 } }))
                .await,
        );
        let words = found
            .iter()
            .map(|answer| match answer["error"]["code"].as_str() {
                None => "yes",
                Some("not_allowed") => "no",
                Some("unknown_sale") => "unknown",
                Some(other) => panic!("{other}"),
            });
        assert_eq!(
            words.collect::<Vec<_>>().join(" "),
            expected,
            "{purpose} {key}"
        );
        lane.row("fd1.customerdisplay.get_info", json!({})).await;
    }
}

#[tokio::test]
async fn logins_add_up_and_one_that_fails_changes_nothing() {
    let (_store, server) = served().await;
    let mut lane = Lane::open(
        server.address,
        json!({ "apikey": DISPLAY_KEY, "purpose": "customerdisplay", "lane": "2" }),
    )
    .await;
    let sales = json!({ "v": { "event": "sale.create" } });
    assert_eq!(lane.code(OPEN, sales.clone()).await, "not_allowed");
    let answer = lane.ask(LOGIN, json!({ "v": { "apikey": "wrong" } })).await;
    assert_eq!(answer["error"]["code"], "login_failed");
    assert_eq!(lane.code(OPEN, sales.clone()).await, "not_allowed");
    let row = lane
        .row(
            LOGIN,
            json!({ "v": { "token": ALL_KEY, "tz": "Europe/Sofia", "geo": {} } }),
        )
        .await;
    assert_eq!(
        (&row["server"], &row["purpose"]),
        (&json!("lane-2"), &Value::Null)
    );
    lane.row(OPEN, sales).await;
    lane.row(OPEN, json!({ "v": { "event": "ledger.*" } }))
        .await;
    let row = lane
        .row(LOGIN, json!({ "v": { "token": ALL_KEY, "lane": 3 } }))
        .await;
    assert_eq!(row["server"], "lane-3");
}

/// A key that is revoked closes what it had opened.
#[tokio::test]
async fn a_revoked_key_is_heard_no_more() {
    let (store, server) = served().await;
    let mut lane = Lane::open(server.address, json!({ "apikey": DISPLAY_KEY })).await;
    lane.row("fd1.customerdisplay.get_info", json!({})).await;
    store.run_ok(&["key", "revoke", "4"]).await;
    crate::support::eventually("the key opens nothing", async || {
        let mut other = Lane::connect(server.address, "/fd1/open_websocket").await;
        other
            .say(&json!({ "a": LOGIN, "v": { "apikey": DISPLAY_KEY } }))
            .await;
        let heard = tokio::time::timeout(Duration::from_millis(300), other.till.hear()).await;
        heard.is_err()
    })
    .await;
    lane.say(&json!({ "a": "fd1.customerdisplay.get_info" }))
        .await;
    assert_eq!(lane.closes_with().await, 1008);
}

#[tokio::test]
async fn a_key_belongs_to_its_instance() {
    let store = Store::sqlite();
    store.import_ok(&shop()).await;
    let restaurant = crate::support::FESTIVAL.replace("festival.json", "restaurant.json");
    store.run_ok(&["import", &restaurant]).await;
    let server = Server::start(&store).await;
    // Of two instances none is the default.
    assert!(!answered(server.address, "").await);
    let mut lane = Lane::open(server.address, json!({ "apikey": DISPLAY_KEY })).await;
    let info = lane.row("fd1.customerdisplay.get_info", json!({})).await;
    assert_eq!(info["storename"], "Sommerfest am See");
    drop(server);
    let server = Server::start_with(&store, &["--instance", "festival"]).await;
    assert!(answered(server.address, "").await);
}

#[tokio::test]
async fn sockets_are_told_before_the_server_stops() {
    let (_store, server) = served().await;
    let mut lane = Lane::open(server.address, json!({ "apikey": DISPLAY_KEY })).await;
    let told = async {
        let expected = json!({ "a": "fn1.link.link_status", "v": { "message": "the server is going away", "servers": [] } });
        assert_eq!(lane.hear().await, expected);
        assert_eq!(lane.closes_with().await, 1001);
    };
    let ((), code) = tokio::join!(told, server.stop());
    assert_eq!(code, 0);
}
