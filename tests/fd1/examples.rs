//! The examples of the protocol's documentation, and the URLs.

use super::stand::{DISPLAY_KEY, Lane, served};
use crate::support::Till;
use serde_json::json;

#[tokio::test]
async fn the_documented_conversation() {
    let (_store, server) = served().await;
    let mut lane = Lane::connect(server.address, "/fd1/open_websocket").await;
    let login = json!({"a":"fd1.session.login","rq":1,"v":{"apikey":DISPLAY_KEY,"purpose":"customerdisplay"}});
    lane.say(&login).await;
    let version = env!("CARGO_PKG_VERSION");
    let expected = json!({"r":"fd1.session.login","rp":"1","data":{"rows":[{"purpose":"customerdisplay","server":"lane-1","version":version}]}});
    assert_eq!(lane.hear().await, expected);
    lane.say(&json!({"a":"fd1.customerdisplay.get_info","rq":3}))
        .await;
    let expected = json!({"r":"fd1.customerdisplay.get_info","rp":"3","data":{"rows":[{
        "storename":"Sommerfest am See","address":["Seeweg 1","12345 Seestadt"],"phone":"+49 30 123",
        "taxid":"DE123456789","lane":1,"lanename":"Hauptbühne Bar","currency":"EUR","decimals":2,
        "timezone":"Europe/Berlin","logourl":null,"message":"Willkommen!"}]}});
    assert_eq!(lane.hear().await, expected);
    lane.say(&json!({"a":"fd1.firehose.open_firehose","rq":2,"v":{"event":"custdisp.sale.*"}}))
        .await;
    let expected = json!({"r":"fd1.firehose.open_firehose","rp":"2","data":{"rows":[{"k":"2","event":"custdisp.sale.*"}]}});
    assert_eq!(lane.hear().await, expected);
    let expected = json!({"rp":"2","sc":"custdisp.sale.status","v":{"salephyskey":null,
        "source":{"faid":1,"plevel":0},"datetimelocal":null,"saletotal":0,"lines":[],"payments":[],"cash_item_name":"Bar"}});
    assert_eq!(lane.hear().await, expected);
    let option =
        json!({"a":"fd1.firehose.set_firehose_option","rq":4,"k":2,"v":{"include_status":false}});
    lane.say(&option).await;
    let expected = json!({"r":"fd1.firehose.set_firehose_option","rp":"4","data":{"rows":[{"k":"2","paused":false,"include_status":false}]}});
    assert_eq!(lane.hear().await, expected);
    let close = json!({"a":"fd1.firehose.close_firehose","rq":9,"k":2});
    lane.say(&close).await;
    let expected = json!({"r":"fd1.firehose.close_firehose","rp":"9","data":{"rows":[{"k":"2","closed":true}]}});
    assert_eq!(lane.hear().await, expected);
    lane.say(&close).await;
    let expected = json!({"r":"fd1.firehose.close_firehose","rp":"9","error":{"code":"unknown_firehose","text":"No open firehose with id 2"}});
    assert_eq!(lane.hear().await, expected);
    let row = lane.row("fd1.session.cancel_request", json!({"k":7})).await;
    assert_eq!(row, json!({"k":"7","cancelled":false}));
}

#[tokio::test]
async fn both_paths_are_sockets_and_nothing_else_is() {
    let (_store, server) = served().await;
    for path in [
        "/fd1/open_websocket",
        "/ws/open_websocket/",
        "/fd1/open_websocket?purpose=presell",
    ] {
        let v = json!({ "apikey": DISPLAY_KEY });
        Lane::open_at(server.address, path, v).await;
        let (status, head, _) = server.request("GET", path, None, "").await;
        assert_eq!(status, 426, "{path}");
        assert!(head.contains("upgrade: websocket"), "{head}");
    }
    for path in [
        "/fd1",
        "/fd1/",
        "/fd1/open",
        "/ws",
        "/ws/open_websocket/x",
        "/display",
        "/display/x",
        "/display/01",
    ] {
        assert_eq!(server.get(path, None).await.0, 404, "{path}");
        assert!(Till::connect(server.address, path).await.is_err(), "{path}");
    }
}

/// The page of a lane comes whole from here, and speaks to nobody else.
#[tokio::test]
async fn the_display_page_is_served() {
    let (_store, server) = served().await;
    for (path, kind) in [
        ("/display/1", "text/html"),
        ("/display/7/", "text/html"),
        ("/display/display.css", "text/css"),
        ("/display/display.js", "text/javascript"),
    ] {
        let (status, head, body) = server.request("GET", path, None, "").await;
        assert_eq!(status, 200, "{path}");
        assert!(
            head.contains(&format!("content-type: {kind}; charset=utf-8")),
            "{head}"
        );
        let policy = head
            .lines()
            .find_map(|line| line.strip_prefix("content-security-policy: "))
            .unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
            "{policy}"
        );
        assert!(
            policy.contains(&format!(" ws://{} ", server.address)),
            "{policy}"
        );
        // No inline code, no style attribute, nothing from elsewhere.
        for foreign in [
            "http://",
            "https://",
            "<style",
            "style=",
            "onclick=",
            "innerHTML",
            "eval(",
        ] {
            assert!(!body.contains(foreign), "{path}: {foreign}");
        }
    }
}
