//! Pages of lists, the links between them.

use super::stand::{CREATE, Stand, ask, book, detail, heard, sell};
use super::venue::{KIM, SAM, TONI, venue};
use serde_json::{Value, json};

/// Three pages of tickets that begin alike.
pub(super) fn crowded() -> Value {
    let mut venue = venue();
    let orders = (1000..1060).map(|id| {
        json!({"id": id, "order_code": format!("C{id}"), "is_paid": true, "positions": [
            {"id": id, "secret": format!("Crowd-{id}"), "product": 1}]})
    });
    venue["preorders"].as_array_mut().unwrap().extend(orders);
    let entries = (1000..1060).map(|id| {
        json!({"id": id, "name": format!("Öde Example {id}"), "identifier": format!("crowd-{id}")})
    });
    let list = venue["list_constraints"][3].as_object_mut().unwrap();
    list.insert("entries".to_owned(), entries.collect());
    venue
}

pub(super) fn ids(page: &Value) -> Vec<u64> {
    let results = page["results"].as_array().unwrap();
    results
        .iter()
        .map(|one| one["id"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_page_has_25_objects_and_links_to_its_neighbours() {
    let stand = Stand::of(&crowded()).await;
    let mut desk = stand.desk(SAM);
    let address = desk.address;
    let url = |query: &str| json!(format!("http://{address}/api/preorderpositions/{query}"));
    let search = "?search=CROWD-&x=%C3%A9+1";
    let link = |page: &str| format!("?search=CROWD-&x=%C3%A9+1{page}");
    for (page, first, length, next, previous) in [
        ("", 1000, 25, url(&link("&page=2")), Value::Null),
        ("&page=1", 1000, 25, url(&link("&page=2")), Value::Null),
        ("&page=2", 1025, 25, url(&link("&page=3")), url(&link(""))),
        ("&page=3", 1050, 10, Value::Null, url(&link("&page=2"))),
        ("&page=last", 1050, 10, Value::Null, url(&link("&page=2"))),
        (
            "&page=7&page=2",
            1025,
            25,
            url(&link("&page=3")),
            url(&link("")),
        ),
    ] {
        let told = desk
            .get(&format!("/api/preorderpositions/{search}{page}"))
            .await;
        let shown = told.json();
        assert_eq!(shown["count"], 60, "{page}");
        assert_eq!(
            ids(&shown),
            (first..first + length).collect::<Vec<_>>(),
            "{page}"
        );
        assert_eq!(
            (&shown["next"], &shown["previous"]),
            (&next, &previous),
            "{page}"
        );
    }
    for page in [
        "0",
        "4",
        "-1",
        "+1",
        "x",
        "",
        "1.0",
        "LAST",
        "99999999999999999999",
        "%00",
    ] {
        let told = desk
            .get(&format!("/api/preorderpositions/{search}&page={page}"))
            .await;
        assert_eq!(heard(&told), (404, detail("Invalid page.")), "{page}");
    }
    // An empty list has one page, an empty one.
    let empty = json!({"count": 0, "next": null, "previous": null, "results": []});
    for page in ["", "?page=1", "?page=last"] {
        assert_eq!(desk.shown(&format!("{CREATE}{page}")).await, empty);
    }
    assert_eq!(desk.get("/api/transactions/?page=2").await.status, 404);
}

/// Links lead back to where the client came from.
#[tokio::test]
async fn links_are_built_from_the_requests_host_and_scheme() {
    let plain = Stand::of(&crowded()).await;
    let proxied = Stand::with(&crowded(), &["--trusted-proxy", "127.0.0.1"]).await;
    let token = format!("Token {SAM}");
    let next = async |stand: &Stand, more: &[(&str, &str)]| {
        let headers = [&[("authorization", token.as_str())], more].concat();
        let told = ask(&mut stand.desk(""), ("GET", "/api/preorders"), &headers, "").await;
        told.json()["next"].as_str().unwrap().to_owned()
    };
    let https = ("x-forwarded-proto", "https");
    let host = ("host", "desk.example");
    let query = "/api/preorders/?page=2";
    assert_eq!(
        next(&plain, &[host]).await,
        format!("http://desk.example{query}")
    );
    assert_eq!(
        next(&plain, &[host, https]).await,
        format!("http://desk.example{query}")
    );
    assert_eq!(
        next(&proxied, &[host, https]).await,
        format!("https://desk.example{query}")
    );
    let forwarded = ("forwarded", "for=192.0.2.7;proto=https");
    assert_eq!(
        next(&proxied, &[host, forwarded]).await,
        format!("https://desk.example{query}")
    );
    let port = ("host", "desk.example:8443");
    assert_eq!(
        next(&proxied, &[port, https]).await,
        format!("https://desk.example:8443{query}")
    );
    let headers = [("authorization", token.as_str()), host, https];
    let told = ask(&mut proxied.desk(""), ("GET", "/api"), &headers, "").await;
    assert_eq!(
        told.json()["products"],
        "https://desk.example/api/products/"
    );
}

/// Oldest first; pings newest first.
#[tokio::test]
async fn lists_are_in_order() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let mut booked = Vec::new();
    for _ in 0..27 {
        booked.push(book(&mut desk, &[sell(1), sell(1)]).await);
        desk.post("/api/cashdesk/print-ping/", None, &Value::Null)
            .await;
    }
    let first = desk.shown(CREATE).await;
    assert_eq!(ids(&first), booked[..25]);
    assert_eq!(
        ids(&desk.shown("/api/transactions/?page=last").await),
        booked[25..]
    );
    let pings = desk.shown("/api/pings/").await;
    assert_eq!(ids(&pings), (3..=27).rev().collect::<Vec<_>>());
    assert_eq!(ids(&desk.shown("/api/pings/?page=2").await), [2, 1]);
    for list in ["products", "listconstraints"] {
        let all = desk.all(&format!("/api/{list}/")).await;
        assert!(
            all.iter().map(|one| one["id"].as_u64()).is_sorted(),
            "{list}"
        );
    }
    let mut toni = stand.desk(TONI);
    let orders = toni.all("/api/preorders/").await;
    let firsts = orders
        .iter()
        .map(|one| one["positions"][0]["preorder"].as_u64());
    assert!(firsts.is_sorted() && orders.len() > 25);
}
