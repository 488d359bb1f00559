//! What stands around every request and answer: paths, methods and their absence.

use super::stand::{CREATE, Stand, ask, detail, heard, sell};
use super::venue::{KIM, SAM};
use crate::support::Desk;
use crate::support::desk::Told;
use serde_json::{Value, json};

async fn plain(desk: &mut Desk, method: &str, path: &str) -> Told {
    let request = desk.request(method, path);
    desk.send(request.body("".into()).unwrap()).await
}

const LISTS: [&str; 7] = [
    "transactions",
    "products",
    "preorders",
    "preorderpositions",
    "listconstraints",
    "listconstraintentries",
    "pings",
];

#[tokio::test]
async fn the_root_names_every_list() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(SAM);
    for path in ["/api/", "/api", "/api/?x=1"] {
        let told = desk.get(path).await;
        let shown = told.json();
        let members = LISTS.map(|list| {
            let url = format!("http://{}/api/{list}/", desk.address);
            assert_eq!(shown[list], url);
            told.text.find(&format!("\"{list}\"")).unwrap()
        });
        assert_eq!(shown.as_object().unwrap().len(), members.len(), "{shown}");
        for list in LISTS {
            assert_eq!(
                desk.get(&format!("/api/{list}/")).await.status,
                200,
                "{list}"
            );
        }
    }
}

/// Where what may be done.
const ROUTES: [(&str, &str); 13] = [
    ("/api/", "GET, HEAD, OPTIONS"),
    (CREATE, "GET, HEAD, POST, OPTIONS"),
    ("/api/transactions/1/", "GET, HEAD, OPTIONS"),
    ("/api/transactions/1/reverse/", "POST, OPTIONS"),
    ("/api/products/", "GET, HEAD, OPTIONS"),
    ("/api/products/1/", "GET, HEAD, OPTIONS"),
    ("/api/preorderpositions/", "GET, HEAD, OPTIONS"),
    ("/api/listconstraints/", "GET, HEAD, OPTIONS"),
    ("/api/listconstraintentries/", "GET, HEAD, OPTIONS"),
    ("/api/pings/", "GET, HEAD, OPTIONS"),
    ("/api/pings/1/mark_synced/", "POST, OPTIONS"),
    ("/api/cashdesk/open-drawer/", "POST, OPTIONS"),
    ("/api/cashdesk/current-time/", "GET, HEAD, OPTIONS"),
];

#[tokio::test]
async fn every_route_takes_its_methods_and_names_them() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let size = stand.server.size().await;
    for (path, allow) in ROUTES {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "BREW", "get"] {
            if allow.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let told = plain(&mut desk, method, path).await;
            let text = format!("Method \"{method}\" not allowed.");
            assert_eq!(heard(&told), (405, detail(&text)), "{method} {path}");
            assert_eq!(told.header("allow"), allow, "{method} {path}");
        }
        // Without a token, too: a browser asks before it has one.
        let told = ask(&mut desk, ("OPTIONS", path), &[], "").await;
        assert_eq!((told.status, told.header("allow")), (200, allow), "{path}");
        assert!(told.json().is_object());
        let bare = path.trim_end_matches('/');
        let told = ask(
            &mut desk,
            ("OPTIONS", bare),
            &[("origin", "http://x.example")],
            "",
        )
        .await;
        assert_eq!((told.status, told.header("allow")), (200, allow), "{bare}");
    }
    assert_eq!(stand.server.size().await, size);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    for path in [
        "/api/",
        CREATE,
        "/api/products/1/",
        "/api/products/999/",
        "/api/preorders/",
    ] {
        let get = desk.get(path).await;
        let head = plain(&mut desk, "HEAD", path).await;
        assert_eq!(
            (head.status, head.text.as_str()),
            (get.status, ""),
            "{path}"
        );
        for name in ["content-type", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{path}");
        }
    }
    let told = plain(&mut desk, "HEAD", "/api/cashdesk/open-drawer/").await;
    assert_eq!(told.status, 405);
}

/// A redirect would drop the body of a POST, so there is none.
#[tokio::test]
async fn a_slash_at_the_end_is_tolerated_both_ways() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    for path in [
        "/api/transactions",
        CREATE,
        "/api/transactions?x=/",
        "/api/transactions/?x=1",
    ] {
        assert_eq!(
            desk.post(path, None, &json!({"positions": [sell(1)]}))
                .await
                .status,
            201,
            "{path}"
        );
        assert_eq!(desk.get(path).await.status, 200, "{path}");
    }
    for (number, slash) in [(1, ""), (2, "/")] {
        let path = format!("/api/transactions/{number}/reverse{slash}");
        assert_eq!(
            desk.post(&path, None, &Value::Null).await.status,
            200,
            "{path}"
        );
        let path = format!("/api/products/{number}{slash}");
        assert_eq!(desk.get(&path).await.status, 200, "{path}");
        let path = format!("/api/cashdesk/open-drawer{slash}");
        assert_eq!(
            desk.post(&path, None, &Value::Null).await.status,
            200,
            "{path}"
        );
        let path = format!("/api/cashdesk/current-time{slash}");
        assert_eq!(desk.get(&path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(SAM);
    for list in LISTS {
        for id in [
            "0",
            "999",
            "99999999999999999999",
            "-1",
            "+1",
            "1.0",
            "x",
            "%31",
            "1%20",
            "null",
            "last",
        ] {
            let told = desk.get(&format!("/api/{list}/{id}/")).await;
            assert_eq!(heard(&told), (404, detail("Not found.")), "{list} {id}");
        }
    }
    for path in [
        "/api/nothing/",
        "/api/product/",
        "/api/Products/",
        "/api/products/1/2/",
        "/api/products/1/reverse/",
        "/api/cashdesk/",
        "/api/cashdesk/nothing/",
        "/api/cashdesk/open-drawer/1/",
        "/api/pings/1/nothing/",
        "/api/transactions/1/reverse/2/",
        "/api/transactions//",
        "/api/products//1/",
        "/api/%70roducts/",
        "/api/v1/products/",
    ] {
        for method in ["GET", "POST", "DELETE", "OPTIONS"] {
            let told = plain(&mut desk, method, path).await;
            assert_eq!(heard(&told), (404, detail("Not found.")), "{method} {path}");
        }
    }
    for id in [
        "0",
        "999",
        "99999999999999999999",
        "-1",
        "x",
        "1.0",
        "%31",
        "null",
    ] {
        let told = desk
            .post(&format!("{CREATE}{id}/reverse/"), None, &Value::Null)
            .await;
        let unknown = json!({"success": false, "message": "Transaction ID not known."});
        assert_eq!(heard(&told), (400, unknown), "{id}");
    }
}
