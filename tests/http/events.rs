//! Reading the log page by page, and checking it while reading.

use crate::support::{AUDIT_KEY, Server, Store, entry, festival};
use daybook_schema::hash;
use serde_json::{Value, json};

const EVENTS: &str = "/ledger/festival/events";

async fn page(server: &Server, query: &str) -> String {
    let (status, head, body) = server
        .request("GET", &format!("{EVENTS}{query}"), Some(AUDIT_KEY), "")
        .await;
    assert_eq!(status, 200, "{query}: {body}");
    assert!(
        head.to_lowercase()
            .contains("content-type: application/x-ndjson"),
        "{head}"
    );
    assert!(body.is_empty() || body.ends_with('\n'));
    body
}

fn seqs(page: &str) -> Vec<u64> {
    let seq = |line| {
        serde_json::from_str::<Value>(line).unwrap()["seq"]
            .as_u64()
            .unwrap()
    };
    page.lines().map(seq).collect()
}

#[tokio::test]
async fn each_line_names_the_hash_of_the_one_before_and_the_head_that_of_the_last() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 2, "Amount": 3 }] });
    till.event("payitems", sale).await;
    let body = page(&server, "").await;
    let mut expected = "0".repeat(64);
    for (seq, line) in body.lines().enumerate() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (&event["seq"], &event["prev"]),
            (&json!(seq), &json!(expected))
        );
        assert_eq!(
            (&event["log"], &event["$"]),
            (&json!("festival"), &json!("event/1"))
        );
        expected = hash::leaf(line.as_bytes()).to_string();
    }
    let head = server.audit("/ledger/festival/head").await;
    let size = body.lines().count();
    let last: Value = serde_json::from_str(body.lines().last().unwrap()).unwrap();
    assert_eq!(
        head,
        json!({ "log": "festival", "size": size, "leaf": expected, "at": last["at"] })
    );
    // What is served is what is stored, and another server serves the same bytes.
    assert_eq!(server.stop().await, 0);
    let again = Server::start(&store).await;
    assert_eq!(page(&again, "").await, body);
    assert_eq!(again.audit("/ledger/festival/head").await, head);
}

#[tokio::test]
async fn pages_join_to_the_whole() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let whole = page(&server, "").await;
    let mut joined = page(&server, "?limit=7").await;
    loop {
        let after = seqs(&joined).last().copied().unwrap();
        let next = page(&server, &format!("?after={after}&limit=7")).await;
        if next.is_empty() {
            break;
        }
        assert!(next.lines().count() <= 7);
        joined.push_str(&next);
    }
    assert_eq!(joined, whole);
    assert_eq!(seqs(&page(&server, "?after=2&limit=3").await), [3, 4, 5]);
    assert_eq!(
        seqs(&page(&server, "?limit=3&after=2&unknown=1").await),
        [3, 4, 5]
    );
    assert_eq!(seqs(&page(&server, "?limit=1").await), [0]);
    let last = whole.lines().count() as u64 - 1;
    for nothing in [
        "?limit=0".to_owned(),
        format!("?after={last}"),
        "?after=18446744073709551615".to_owned(),
    ] {
        assert_eq!(page(&server, &nothing).await, "", "{nothing}");
    }
}

#[tokio::test]
async fn queries_that_make_no_sense_are_refused() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    for query in [
        "after=-1",
        "after=x",
        "after=",
        "limit=1.5",
        "limit=99999999999999999999",
    ] {
        let (status, body) = server
            .get(&format!("{EVENTS}?{query}"), Some(AUDIT_KEY))
            .await;
        assert_eq!(status, 400, "{query}");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["error"], "bad_request");
        assert!(
            body["message"]
                .as_str()
                .unwrap()
                .contains(query.split('=').next().unwrap())
        );
    }
}

/// Fingerprints are of the views alone: a restart, and another node, have the same ones.
#[tokio::test]
async fn fingerprints_outlive_a_restart() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let path = "/ledger/festival/fingerprints";
    let before = server.audit(path).await;
    let views = before["views"].as_object().unwrap();
    assert!(views.len() >= 8, "{before}");
    assert!(
        views
            .values()
            .all(|print| print.as_str().unwrap().len() == 64)
    );
    assert_eq!(server.stop().await, 0);
    let server = Server::start(&store).await;
    assert_eq!(server.audit(path).await, before);
    let mut till = server.till().await;
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 1 }] });
    till.event("payitems", sale).await;
    let after = server.audit(path).await;
    assert_ne!(
        after["views"]["transaction"],
        before["views"]["transaction"]
    );
    assert_eq!(after["views"]["product"], before["views"]["product"]);
}

/// A page ends at 16 MiB; read on, and nothing is missing. The list that tills see of it is whole.
#[tokio::test]
async fn large_logs_come_in_pages_that_join_to_the_whole() {
    let store = Store::sqlite();
    let mut catalogue = festival();
    // The longest name there is, full of characters that must be escaped.
    entry(&mut catalogue, "products", 36)["name"] = json!("\"\\".repeat(100));
    store.import_ok(&catalogue).await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let lines = vec![json!({ "ID": 36, "Amount": 1 }); 1000];
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": lines });
    let mut sales = 0;
    let mut largest = page(&server, "?limit=10000").await;
    while largest.len() < 16 << 20 {
        for _ in 0..8 {
            till.event("payitems", sale.clone()).await;
            sales += 1;
        }
        largest = page(&server, "?limit=10000").await;
    }
    assert!(
        largest.len() <= (16 << 20) + (64 << 10),
        "{}",
        largest.len()
    );
    let size = server.size().await;
    let mut seen = seqs(&largest);
    loop {
        let last = seen.last().copied().unwrap();
        let next = page(&server, &format!("?limit=10000&after={last}")).await;
        if next.is_empty() {
            break;
        }
        seen.extend(seqs(&next));
    }
    assert_eq!(seen, (0..size).collect::<Vec<_>>());
    // Two tills ask for all rows at once, and one for a few.
    let mut other = server.till().await;
    let all = json!({ "POSID": 1 });
    let (first, second) = tokio::join!(
        till.event("listtransactions", all.clone()),
        other.event("listtransactions", all)
    );
    assert_eq!(first["Count"], sales * 1000);
    assert!(first == second, "the same list");
    let rows = first["Transactions"].as_array().unwrap();
    assert_eq!(rows.len(), sales * 1000);
    let cut = json!({ "POSID": 1, "Limit": 1500 });
    let cut = till.event("listtransactions", cut).await;
    let cut = cut["Transactions"].as_array().unwrap();
    assert_eq!(cut[..1499], rows[..1499]);
    assert_eq!(cut[1499]["prev"], rows[1500]["hash"]);
}
