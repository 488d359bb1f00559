//! One damaged log: it stays closed and says so, and the others are served.

use crate::support::{FESTIVAL, Server, Store, Till};
use serde_json::json;
use sqlx::Connection;

const RESTAURANT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/restaurant.json"
);

/// Changes the database as its owner could, past every guard.
async fn as_owner(store: &Store, change: &str) {
    let Store::Postgres(url) = store else {
        panic!("this needs Postgres")
    };
    let mut owner = sqlx::PgConnection::connect(url).await.unwrap();
    let sql = format!(
        "ALTER TABLE daybook.event DISABLE TRIGGER USER; {change}; \
         ALTER TABLE daybook.event ENABLE TRIGGER USER"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(&mut owner)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_damaged_log_stays_closed_and_the_others_are_served() {
    let store = Store::postgres().await;
    store.run_ok(&["import", FESTIVAL]).await;
    store.run_ok(&["import", RESTAURANT]).await;
    as_owner(
        &store,
        "DELETE FROM daybook.event WHERE log = 'festival' AND seq = 30",
    )
    .await;
    let server = Server::start(&store).await;
    let mut guest = Till::connect(server.address, "/restaurant").await.unwrap();
    let sale = json!({ "api_key": "restaurant-admin-key", "POSID": 1, "PaymentMethod": 1,
        "Products": [{ "ID": 1_000_062, "Amount": 1 }] });
    assert_eq!(guest.event("payitems", sale).await["Items"], 1);
    // The festival is not unknown: it is damaged, and that is our fault.
    let mut till = server.till().await;
    assert_eq!(
        till.error("listpos", json!({})).await,
        ("internal_error".to_owned(), json!(0))
    );
    let path = "/ledger/festival/head";
    assert_eq!(
        server.get(path, Some(crate::support::AUDIT_KEY)).await.0,
        503
    );
    assert_eq!(server.get("/readyz", None).await.0, 503);
    let address = server.address.to_string();
    let (code, stdout, stderr) = crate::cli::daybook(&["health", "--address", &address]).await;
    assert_eq!((code, stderr.as_str()), (1, ""));
    assert_eq!(
        stdout.trim(),
        "daybook is degraded: 1 ready, 0 failing, 1 broken"
    );
    let (code, stdout, _) = store.run(&["verify"]).await;
    assert_eq!(code, 1);
    assert!(stdout.contains("festival: BROKEN at seq 30"), "{stdout}");
    assert!(stdout.contains("restaurant: whole"), "{stdout}");
    assert_eq!(server.stop().await, 0);
}
