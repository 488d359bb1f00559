//! What a session's user may do, what belongs to its instance, and its end.

use super::stand::{CREATE, Stand, book, detail, heard, sell, take_back};
use super::venue::{BO, KIM, LU, SAM, TONI, venue};
use crate::support::eventually;
use serde_json::{Value, json};

/// The lists of orders are not for cashiers; tickets are.
#[tokio::test]
async fn preorders_need_a_role() {
    let stand = Stand::open().await;
    let mut desk = stand.desk("");
    let denied = detail("You do not have permission to perform this action.");
    for (token, sees) in [
        (KIM, false),
        (LU, false),
        (TONI, true),
        (BO, true),
        (SAM, true),
    ] {
        desk.with_token(token);
        for path in ["/api/preorders/", "/api/preorders", "/api/preorders/1/"] {
            let told = desk.get(path).await;
            if sees {
                assert_eq!(told.status, 200, "{token} {path}");
            } else {
                assert_eq!(heard(&told), (403, denied.clone()), "{token} {path}");
            }
        }
        // Whether it exists is not told to who may not look.
        let status = desk.get("/api/preorders/9999/").await.status;
        assert_eq!(status, if sees { 404 } else { 403 }, "{token}");
        assert_eq!(desk.get("/api/preorderpositions/101/").await.status, 200);
        assert_eq!(
            desk.get("/api/preorderpositions/?secret=tiny").await.json()["count"],
            1
        );
    }
}

/// Superusers and troubleshooters take back what others booked, backoffice does not.
#[tokio::test]
async fn others_sales_are_taken_back_by_troubleshooters() {
    let stand = Stand::open().await;
    let (mut kim, mut bo) = (stand.desk(KIM), stand.desk(BO));
    let foreign = json!({"success": false,
        "message": "Only troubleshooters can reverse sales from other sessions."});
    for token in [TONI, SAM] {
        let id = book(&mut kim, &[sell(1)]).await;
        let path = format!("{CREATE}{id}/reverse/");
        let told = bo.post(&path, None, &Value::Null).await;
        assert_eq!(heard(&told), (400, foreign.clone()));
        let mut other = stand.desk(token);
        let back = take_back(&mut other, id).await;
        // It is booked in the session of the token, and is foreign to the first one.
        let shown = kim.shown(&format!("{CREATE}{back}/")).await;
        assert_eq!(shown["session"], if token == TONI { 2 } else { 4 });
        let told = kim
            .post(&format!("{CREATE}{back}/reverse/"), None, &Value::Null)
            .await;
        assert_eq!(heard(&told), (400, foreign.clone()));
        let again = "At least one position of this transaction has already been reversed.";
        let told = kim.post(&path, None, &Value::Null).await;
        assert_eq!(
            heard(&told),
            (400, json!({"success": false, "message": again}))
        );
    }
}

/// An instance's token opens that instance alone, whichever is the default.
#[tokio::test]
async fn a_token_belongs_to_its_instance() {
    let mut other = venue();
    other["instance"]["slug"] = json!("other");
    for (section, name) in [
        ("users", "auth_token"),
        ("sessions", "token"),
        ("api_keys", "key"),
    ] {
        for entry in other[section].as_array_mut().unwrap() {
            if let Some(secret) = entry[name].as_str().map(|secret| format!("other-{secret}")) {
                entry[name] = json!(secret);
            }
        }
    }
    other["products"][0]["name"] = json!("Elsewhere");
    let stand = Stand::with(&venue(), &["--instance", "other"]).await;
    stand.store.import_ok(&other).await;
    let stand = stand.restart().await;
    let name = async |token: &str| {
        let mut desk = stand.desk(token);
        desk.shown("/api/products/1/").await["name"].clone()
    };
    assert_eq!(name(KIM).await, "Day ticket");
    assert_eq!(name(&format!("other-{KIM}")).await, "Elsewhere");
    let size = stand.server.size().await;
    let mut desk = stand.desk(&format!("other-{KIM}"));
    assert_eq!(book(&mut desk, &[sell(1)]).await, 1);
    assert_eq!(stand.server.size().await, size);
    assert_eq!(book(&mut stand.desk(KIM), &[sell(1)]).await, 1);
}

/// A session that is ended while it is used says so, on every desk that holds its token; what it
/// booked stays, and a key opens nothing any more.
#[tokio::test]
async fn a_session_is_ended_while_it_is_used() {
    let stand = Stand::open().await;
    let (mut kim, mut lu) = (stand.desk(KIM), stand.desk(LU));
    let body = json!({"positions": [sell(1)]});
    let first = kim.post(CREATE, Some("k"), &body).await;
    assert_eq!(first.status, 201);
    stand
        .store
        .run_ok(&["session", "close", "1", "--cash-after", "123.00"])
        .await;
    eventually("the node knows the end", async || {
        stand.desk(KIM).get("/api/products/").await.status == 401
    })
    .await;
    let size = stand.server.size().await;
    let ended = (401, detail("Your session has ended."));
    assert_eq!(heard(&kim.get("/api/products/").await), ended);
    for key in [None, Some("k"), Some("other")] {
        let told = kim.post(CREATE, key, &body).await;
        assert_eq!(
            (heard(&told), told.header("www-authenticate")),
            (ended.clone(), "Token")
        );
    }
    let told = kim
        .post("/api/cashdesk/open-drawer/", None, &Value::Null)
        .await;
    assert_eq!(heard(&told), ended);
    assert_eq!(stand.server.size().await, size);
    // The other session at the same desk goes on, and sees what was booked.
    book(&mut lu, &[sell(1)]).await;
    assert_eq!(lu.shown("/api/transactions/1/").await["session"], 1);
    let told = lu
        .post("/api/transactions/1/reverse/", None, &Value::Null)
        .await;
    assert_eq!(told.status, 400);
    take_back(&mut stand.desk(TONI), 1).await;
    // After a restart it is still ended.
    let stand = stand.restart().await;
    assert_eq!(heard(&stand.desk(KIM).get("/api/products/").await), ended);
}
