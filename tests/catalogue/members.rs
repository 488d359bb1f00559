//! A list of members, from the file to the cash desk.

use crate::support::{Desk, Server, Store, eventually};
use serde_json::{Value, json};

const KIM: &str = "abcdefgh1234567890";

async fn import(store: &Store, csv: &str, flags: &[&str]) -> (i32, Value) {
    let (_dir, path) = Store::file("members.csv", csv);
    let args = [&["--json", "import", path.to_str().unwrap()], flags].concat();
    let (code, stdout, stderr) = store.run(&args).await;
    let said = serde_json::from_str(&stdout);
    (
        code,
        said.unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}")),
    )
}

async fn import_ok(store: &Store, csv: &str) -> u64 {
    let flags = ["--instance", "festival", "--list", "1"];
    let (code, said) = import(store, csv, &flags).await;
    assert_eq!(code, 0, "{said}");
    said["events"].as_u64().unwrap()
}

/// Sells the ticket for members; "booked", or why not.
async fn sell(desk: &mut Desk, identifier: &str) -> String {
    let cart = json!({"positions": [{"type": "sell", "product": 5, "list_1": identifier}]});
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

/// A member keeps the entry, used or not, whatever the name becomes.
#[tokio::test]
async fn members_buy_once_under_any_name() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut desk = Desk::new(server.address, KIM);
    let csv = "identifier;name\n12345;Rainer Zufall\n99;\"Example; Ada\"\n100;Ben\n";
    assert_eq!(import_ok(&store, csv).await, 2);
    assert_eq!(import_ok(&store, csv).await, 0, "again writes nothing");
    eventually("the members are known", async || {
        let mut desk = Desk::new(server.address, KIM);
        desk.get("/api/listconstraintentries/5/").await.status == 200
    })
    .await;
    let ada = "/api/listconstraintentries/4/";
    let shown = json!({"id": 4, "name": "Example; Ada", "identifier": "99"});
    assert_eq!(desk.shown(ada).await, shown);
    assert_eq!(sell(&mut desk, "99").await, "booked");
    let used = sell(&mut desk, "99").await;
    let size = server.size().await;
    assert_eq!(
        import_ok(&store, "name,identifier\nAda Married,99\nNew,7\n").await,
        2
    );
    server.reaches(size + 2).await;
    assert_eq!(desk.shown(ada).await["name"], "Ada Married");
    assert_eq!(sell(&mut desk, "99").await, used);
    assert_ne!(used, "booked");
    // Who is not in the file stays.
    assert_eq!(sell(&mut desk, "100").await, "booked");
    assert_eq!(sell(&mut desk, "7").await, "booked");
}

#[tokio::test]
async fn a_list_that_cannot_be_imported_says_why() {
    let store = Store::festival().await;
    let csv = "name,identifier\nAda,1\n";
    let map = ["--list", "1", "--map", "101=3"];
    for (text, flags, exit, words) in [
        (
            csv,
            &[][..],
            2,
            &["members.csv is a list of members", "--list"][..],
        ),
        (csv, &map, 2, &["--map does not belong"]),
        (
            csv,
            &["--list", "2"],
            1,
            &["nothing was imported", "there is no list constraint 2"],
        ),
        (
            "name,identifier\n",
            &["--list", "2"],
            1,
            &["there is no list constraint 2"],
        ),
        (
            "Ada,1\n",
            &["--list", "1"],
            1,
            &["members.csv", "nothing was imported", "header"],
        ),
        (
            "name,identifier\nAda,1\nBen,1\n",
            &["--list", "1"],
            1,
            &["line 3"],
        ),
        (
            csv,
            &["--list", "1", "--instance", "other"],
            1,
            &["there are: festival"],
        ),
    ] {
        let (code, said) = import(&store, text, flags).await;
        assert_eq!(code, exit, "{text} {flags:?}: {said}");
        for word in words {
            let error = said["error"].as_str().unwrap();
            assert!(error.contains(word), "{flags:?}: {error}\nlacks {word}");
        }
    }
    assert_eq!(import_ok(&store, "name,identifier\n").await, 0);
    let rows = (1..=10_001).map(|n| format!("Member {n},m{n}\n"));
    let many = format!("name,identifier\n{}", rows.collect::<String>());
    assert_eq!(import_ok(&store, &many).await, 10_001);
    assert_eq!(import_ok(&store, &many).await, 0);
}
