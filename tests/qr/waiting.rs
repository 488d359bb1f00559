//! Polls that wait: answered by the first event, by their time, or by the end of the server.

use super::client::{Client, Stand, coded, refusal};
use super::house::House;
use super::venue::{CAFE_STAFF, STAFF, TABLE};
use crate::support::{Server, Store};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The virtual time passes by itself when nobody has anything to do.
#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_its_time_or_with_an_event() {
    let house = House::open().await;
    let start = tokio::time::Instant::now();
    assert_eq!(house.poll("hash=none&wait=60").await.len(), 0);
    assert_eq!(start.elapsed().as_secs(), 60);
    // Whatever else happens in the house does not end it.
    let poll = house.poll("hash=none&wait=60");
    let others = async {
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_secs(5)).await;
            house.import(&super::venue::cafe()).await;
            let venue = super::venue::restaurant();
            house.import(&venue).await;
        }
        let told = house.post(TABLE, "waiter_call", None, "").await;
        (
            tokio::time::Instant::now(),
            told.json()["data"]["event"].clone(),
        )
    };
    let (heard, (at, event)) = tokio::join!(poll, others);
    assert_eq!(heard, std::slice::from_ref(&event));
    assert_eq!(at, tokio::time::Instant::now());
    // What is there already is not waited for.
    let start = tokio::time::Instant::now();
    assert_eq!(house.poll("hash=none&wait=60").await, [event]);
    assert_eq!(start.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_server_ends_all_waits() {
    let house = House::open().await;
    let start = tokio::time::Instant::now();
    let stop = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        house.stop.cancel();
    };
    let (heard, ()) = tokio::join!(house.poll("wait=60"), stop);
    assert_eq!((heard.len(), start.elapsed().as_secs()), (0, 3));
}

/// A key that is withdrawn while its poll waits hears nothing any more.
#[tokio::test(start_paused = true)]
async fn a_revoked_key_hears_nothing() {
    let house = House::open().await;
    let headers = [("token", STAFF)];
    let poll = house.ask(("GET", "/api/v4/events?wait=60"), &headers, "");
    let revoke = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        house.revoke(1).await;
        let link = house.link(TABLE).await;
        let path = format!("/api/v4/tables/{TABLE}/waiter_call");
        let told = house
            .ask(("POST", &path), &[("table-link", &link)], "")
            .await;
        assert_eq!(told.status, 200, "{}", told.text);
    };
    let (told, ()) = tokio::join!(poll, revoke);
    assert_eq!(refusal(&told), coded(401, "invalid_token"));
}

#[tokio::test]
async fn only_seconds_up_to_a_minute_are_waited() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    for wait in [
        "",
        "0",
        "61",
        "-1",
        "1.5",
        "x",
        "1e1",
        "999999999999999999999",
        "1%202",
    ] {
        let told = staff
            .get(&format!("/api/v4/events?hash=none&wait={wait}"))
            .await;
        assert_eq!(refusal(&told), coded(400, "invalid_request"), "{wait}");
    }
    let start = Instant::now();
    assert_eq!(staff.get("/api/v4/events?wait=1").await.status, 200);
    assert!(start.elapsed() >= Duration::from_secs(1));
}

/// A connection that polls and waits.
async fn waiter(server: &Server, key: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = format!(
        "GET /api/v4/events?hash=none&wait=60 HTTP/1.1\r\nhost: x\r\ntoken: {key}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn heard(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Two thousand polls wait at once, cost nothing meanwhile, and all hear of the same call.
#[tokio::test]
async fn two_thousand_polls_wait_at_once() {
    let stand = Stand::on(Store::sqlite()).await;
    let mut waiting = Vec::new();
    for _ in 0..2000 {
        waiting.push(waiter(&stand.server, STAFF).await);
    }
    let elsewhere = waiter(&stand.server, CAFE_STAFF).await;
    let mut staff = stand.staff();
    // Everyone who asked before is served before.
    let busy = seconds(&stand.server).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let idle = seconds(&stand.server).await - busy;
    let event = staff.event(TABLE, "waiter_call", &Value::Null).await;
    let start = Instant::now();
    let answers = futures_util::future::join_all(waiting.into_iter().map(heard)).await;
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    let hash = event["hash"].as_str().unwrap();
    for answer in &answers {
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains(hash),
            "{answer}"
        );
    }
    assert!(idle < 0.4, "waiting took {idle} s of processor time");
    // The other venue hears nothing of it, and its poll ends when the server does.
    let start = Instant::now();
    assert_eq!(stand.server.stop().await, 0);
    assert!(start.elapsed() < Duration::from_secs(20));
    let answer = heard(elsewhere).await;
    assert!(
        answer.ends_with(r#"{"result":true,"data":{"updates":[]}}"#),
        "{answer}"
    );
}

/// The processor time of a server so far.
async fn seconds(server: &Server) -> f64 {
    let mut client = Client::new(server.address, "x", "x");
    let text = client.get("/metrics").await.text;
    let line = text
        .lines()
        .find(|line| line.starts_with("daybook_process_cpu_seconds"));
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}
