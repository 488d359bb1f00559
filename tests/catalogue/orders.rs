//! A ticket shop's export, from the file to the cash desk, before and while it sells.

use crate::support::{Desk, FESTIVAL, Server, Store, eventually};
use serde_json::{Value, json};

const KIM: &str = "abcdefgh1234567890";
const MAPPED: [&str; 6] = ["--map", "101=3", "--map", "102/7=4", "--map", "103=skip"];

fn position(item: u32, secret: &str) -> Value {
    json!({"item": item, "variation": null, "price": "35.00", "secret": secret,
        "attendee_name": "Ada Example", "canceled": false, "blocked": null})
}

fn order(code: &str, status: &str, positions: &[Value]) -> Value {
    json!({"code": code, "status": status, "testmode": false, "email": "ada@example.org",
        "checkin_attention": false, "checkin_text": null, "positions": positions})
}

/// A shop with an order of each kind.
fn export() -> Value {
    let mut reduced = position(102, "reduced-1");
    reduced["variation"] = json!(7);
    let mut test = order("TEST1", "p", &[position(999, "test-1")]);
    test["testmode"] = json!(true);
    let orders = [
        order(
            "PAID1",
            "p",
            &[position(101, "paid-1"), position(101, "paid-2")],
        ),
        order("PAID2", "p", &[reduced, position(103, "shirt-1")]),
        order("OPEN1", "n", &[position(101, "open-1")]),
        order("GONE1", "c", &[position(101, "gone-1")]),
        order("SHIRT", "p", &[position(103, "shirt-2")]),
        test,
    ];
    json!({"event": {"name": "Sommerfest", "items": [{"id": 102, "name": "Day ticket"}], "orders": orders}})
}

/// Imports an export with flags; returns exit code and what was said.
async fn import(store: &Store, export: &Value, flags: &[&str]) -> (i32, Value) {
    let (_dir, path) = Store::file("export.json", &export.to_string());
    let args = [&["--json", "import", path.to_str().unwrap()], flags].concat();
    let (code, stdout, stderr) = store.run(&args).await;
    let said = serde_json::from_str(&stdout);
    (
        code,
        said.unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}")),
    )
}

/// Imports an export that must be taken; returns how many events that wrote.
async fn import_ok(store: &Store, export: &Value) -> u64 {
    let (code, said) = import(store, export, &MAPPED).await;
    assert_eq!(code, 0, "{said}");
    said["events"].as_u64().unwrap()
}

/// Redeems a ticket; "booked", or why not.
async fn redeem(desk: &mut Desk, secret: &str) -> String {
    let cart = json!({"positions": [{"type": "redeem", "secret": secret}]});
    let told = desk.post("/api/transactions/", None, &cart).await;
    match told.status {
        201 => "booked".to_owned(),
        400 => told.json()["positions"][0]["message"]
            .as_str()
            .unwrap()
            .to_owned(),
        status => panic!("{status} {}", told.text),
    }
}

/// The orders of a shop as the cash desk sees them, by code: whether they are canceled, and
/// the ids and secrets of their tickets.
async fn shown(server: &Server) -> Value {
    let mut desk = Desk::new(server.address, "troubleshooter1234567890");
    let mut orders = json!({});
    for order in desk.all("/api/preorders/").await {
        let tickets = order["positions"].as_array().unwrap().iter();
        let tickets: Vec<Value> = tickets.map(|t| json!([t["id"], t["secret"]])).collect();
        let code = order["order_code"].as_str().unwrap();
        orders[code] = json!([order["is_canceled"], tickets]);
    }
    orders
}

#[tokio::test]
async fn tickets_of_a_shop_are_redeemed_at_the_cash_desk() {
    let store = Store::festival().await;
    let (code, said) = import(&store, &export(), &MAPPED).await;
    let expected = json!({"instance": "festival", "events": 4,
        "skipped": {"test_orders": 1, "positions": 2}});
    assert_eq!((code, &said), (0, &expected));
    assert_eq!(
        import_ok(&store, &export()).await,
        0,
        "again writes nothing"
    );
    let server = Server::start(&store).await;
    let mut desk = Desk::new(server.address, KIM);
    for secret in ["paid-1", "reduced-1"] {
        assert_eq!(redeem(&mut desk, secret).await, "booked", "{secret}");
        let again = redeem(&mut desk, secret).await;
        assert!(again.contains("already been redeemed"), "{again}");
    }
    for (secret, word) in [
        ("open-1", "not been paid"),
        ("gone-1", "canceled"),
        ("shirt-1", "No ticket"),
        ("test-1", "No ticket"),
    ] {
        let why = redeem(&mut desk, secret).await;
        assert!(why.contains(word), "{secret}: {why}");
    }
    // Nothing personal came along.
    let log = server.lines().await.join("\n");
    assert!(!log.contains("Ada") && !log.contains("example.org"));
}

/// The shop goes on while the desk sells: the running server learns of it, ids stay, and what was
/// redeemed stays redeemed.
#[tokio::test]
async fn a_shop_that_changes_is_imported_again_beside_a_running_server() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut desk = Desk::new(server.address, KIM);
    let mut export = export();
    import_ok(&store, &export).await;
    eventually("the tickets are known", async || {
        shown(&server).await["PAID1"].is_array()
    })
    .await;
    let before = shown(&server).await;
    assert_eq!(
        before["PAID1"],
        json!([false, [[8, "paid-1"], [9, "paid-2"]]])
    );
    assert_eq!(redeem(&mut desk, "paid-2").await, "booked");
    // The second ticket is blocked, the open order paid, PAID2 lost its ticket, and one is new.
    let orders = export["event"]["orders"].as_array_mut().unwrap();
    orders[0]["positions"][1]["blocked"] = json!(["admin"]);
    orders[1]["positions"][0]["canceled"] = json!(true);
    orders[2]["status"] = json!("p");
    orders.push(order("NEW01", "p", &[position(101, "new-1")]));
    let size = server.size().await;
    assert_eq!(import_ok(&store, &export).await, 4);
    server.reaches(size + 4).await;
    let after = shown(&server).await;
    assert_eq!(after["PAID1"], json!([false, [[8, "paid-1"]]]));
    assert_eq!(after["PAID2"], json!([true, [[10, "reduced-1"]]]));
    assert_eq!(after["OPEN1"], before["OPEN1"]);
    assert_eq!(after["NEW01"], json!([false, [[13, "new-1"]]]));
    assert_eq!(redeem(&mut desk, "open-1").await, "booked");
    assert_eq!(redeem(&mut desk, "new-1").await, "booked");
    let canceled = redeem(&mut desk, "reduced-1").await;
    assert!(canceled.contains("canceled"), "{canceled}");
    // The block is lifted, also for a server that starts anew: nobody gets in twice.
    export["event"]["orders"][0]["positions"][1]["blocked"] = json!([]);
    assert_eq!(import_ok(&store, &export).await, 1);
    assert_eq!(server.stop().await, 0);
    let server = Server::start(&store).await;
    assert_eq!(shown(&server).await["PAID1"], before["PAID1"]);
    let again = redeem(&mut Desk::new(server.address, KIM), "paid-2").await;
    assert!(again.contains("already been redeemed"), "{again}");
    store.run_ok(&["verify"]).await;
}

#[tokio::test]
async fn a_wrong_mapping_imports_nothing() {
    let store = Store::festival().await;
    for (flags, exit, words) in [
        (
            &[][..],
            1,
            &[
                "nothing was imported",
                "item 101",
                "--map 101=PRODUCT",
                "102/7",
            ][..],
        ),
        (&["--map", "101"], 2, &["--map 101: write ITEM=PRODUCT"]),
        (
            &["--map", "101=3", "--map", "101=4"],
            2,
            &["--map 101=4", "mapped already"],
        ),
        (
            &["--map", "101=77", "--map", "102=skip", "--map", "103=skip"],
            1,
            &[
                "nothing was imported",
                "product 77, which the ledger does not have",
            ],
        ),
        (
            &["--list", "1"],
            2,
            &["is a shop's export", "--list does not belong"],
        ),
        (&["--instance", "elsewhere"], 1, &["there are: festival"]),
    ] {
        let (code, said) = import(&store, &export(), flags).await;
        assert_eq!(code, exit, "{flags:?}: {said}");
        for word in words {
            let error = said["error"].as_str().unwrap();
            assert!(error.contains(word), "{flags:?}: {error}\nlacks {word}");
        }
    }
    assert_eq!(import_ok(&store, &export()).await, 4);
    // A catalogue has none of these flags.
    for flag in [
        ["--map", "101=3"],
        ["--list", "1"],
        ["--instance", "festival"],
    ] {
        let (code, _, stderr) = store
            .run(&[&["import", FESTIVAL][..], &flag].concat())
            .await;
        assert_eq!(code, 2, "{stderr}");
        assert!(
            stderr.contains("is a catalogue") && stderr.contains(flag[0]),
            "{stderr}"
        );
    }
}

/// What looks like an export is judged as one, and needs a venue.
#[tokio::test]
async fn an_export_needs_a_venue() {
    let store = Store::sqlite();
    let (code, said) = import(&store, &export(), &MAPPED).await;
    assert_eq!(code, 3, "{said}");
    assert!(said["error"].as_str().unwrap().contains("--data"), "{said}");
    let store = Store::festival().await;
    let (code, said) = import(&store, &json!({"event": {"name": "x"}}), &[]).await;
    let error = said["error"].as_str().unwrap();
    assert!(
        code == 1 && error.contains("event.orders: is required"),
        "{said}"
    );
    let text = store.run_ok(&["import", FESTIVAL]).await;
    assert_eq!(text, "festival is up to date: nothing to write\n");
}

/// Large exports are written in parts. A part that fails leaves the others, and says what to do.
#[tokio::test]
async fn a_large_export_is_written_in_parts() {
    let store = Store::festival().await;
    let tickets = |last: u32| {
        let mut orders: Vec<Value> = (1..=10_001)
            .map(|n| {
                order(
                    &format!("L{n}"),
                    "p",
                    &[position(101, &format!("large-{n}"))],
                )
            })
            .collect();
        orders[10_000]["positions"][0]["item"] = json!(last);
        json!({"event": {"orders": orders}})
    };
    let flags = ["--map", "101=3", "--map", "104=77"];
    let (code, said) = import(&store, &tickets(104), &flags).await;
    assert_eq!(code, 1, "{said}");
    for word in [
        "the first 10000 orders were imported (10000 events), the others not",
        "order L10001 refers to product 77",
        "import the file again",
    ] {
        assert!(
            said["error"].as_str().unwrap().contains(word),
            "{said}\nlacks {word}"
        );
    }
    assert_eq!(import_ok(&store, &tickets(101)).await, 1);
    assert_eq!(import_ok(&store, &tickets(101)).await, 0);
}
