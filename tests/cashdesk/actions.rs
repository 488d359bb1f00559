//! What a desk asks for besides sales: the drawer, receipts, supplies, the display.

use super::stand::{Stand, book, heard, sell};
use super::venue::{BO, KIM, LU, venue};
use crate::support::Desk;
use serde_json::{Value, json};

pub(super) fn done() -> (u16, Value) {
    (200, json!({"success": true}))
}

pub(super) async fn act(desk: &mut Desk, action: &str, body: &Value) -> (u16, Value) {
    heard(
        &desk
            .post(&format!("/api/cashdesk/{action}/"), None, body)
            .await,
    )
}

/// Type, data and author of the log's last event.
pub(super) async fn last(stand: &Stand) -> (Value, Value, Value) {
    let mut events = stand.server.events().await;
    let event = events.pop().unwrap();
    (
        event["type"].clone(),
        event["data"].clone(),
        event["by"].clone(),
    )
}

#[tokio::test]
async fn what_a_session_asked_for_is_in_the_log_by_its_name() {
    let stand = Stand::open().await;
    let (mut kim, mut lu) = (stand.desk(KIM), stand.desk(LU));
    for (action, event) in [
        ("open-drawer", "cash.drawer_opened"),
        ("request-resupply", "supply.requested"),
        ("signal-next", "display.advanced"),
    ] {
        for (desk, session) in [(&mut kim, 1), (&mut lu, 5)] {
            let size = stand.server.size().await;
            // Whatever is sent along is not asked for.
            for body in [Value::Null, json!({}), json!({"session": 3}), json!([1])] {
                assert_eq!(act(desk, action, &body).await, done(), "{action} {body}");
            }
            assert_eq!(stand.server.size().await, size + 4);
            let by = format!("session:{session}");
            let expected = (json!(event), json!({"session": session}), json!(by));
            assert_eq!(last(&stand).await, expected);
        }
    }
}

#[tokio::test]
async fn a_receipt_is_printed_once_more() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let id = book(&mut desk, &[sell(1), sell(1)]).await;
    for body in [
        json!({"transaction": id}),
        json!({"transaction": id.to_string()}),
    ] {
        assert_eq!(
            act(&mut desk, "reprint-receipt", &body).await,
            done(),
            "{body}"
        );
        let data = json!({"session": 1, "transaction": id});
        let by = json!("session:1");
        assert_eq!(
            last(&stand).await,
            (json!("receipt.copy_requested"), data, by)
        );
    }
    let size = stand.server.size().await;
    let missing = (
        400,
        json!({"success": false, "error": "Transaction not found."}),
    );
    let wrong = [
        Value::Null,
        json!({}),
        json!([id]),
        json!({"transaction": null}),
        json!({"transaction": 0}),
        json!({"transaction": -1}),
        json!({"transaction": "x"}),
        json!({"transaction": 1.5}),
        json!({"transaction": [1]}),
        // A position's number, and one far away.
        json!({"transaction": id + 1}),
        json!({"transaction": 1e20}),
        json!({"transaction": "99999999999999999999"}),
    ];
    for body in wrong {
        assert_eq!(
            act(&mut desk, "reprint-receipt", &body).await,
            missing,
            "{body}"
        );
    }
    assert_eq!(stand.server.size().await, size);
}

fn supplied() -> Value {
    let mut venue = venue();
    let pack = |id: u32, identifier: &str, state: &str| {
        json!({"id": id, "identifier": identifier,
        "item": 1, "amount": 50, "state": state})
    };
    venue["supply_packs"] = json!([
        pack(1, "P-17", "troubleshooter"),
        pack(2, "P-18", "backoffice"),
        pack(3, "P-19", "dissolved"),
        pack(4, "P-20", "used"),
        pack(5, "4711", "troubleshooter"),
    ]);
    venue
}

/// It is always 200; what is wrong stands in the message.
#[tokio::test]
async fn a_supply_pack_is_used_once() {
    let stand = Stand::of(&supplied()).await;
    let (mut kim, mut bo) = (stand.desk(KIM), stand.desk(BO));
    let refused = |text: &str| (200, json!({"success": false, "message": text}));
    let unknown = refused("Unknown supply pack barcode.");
    let in_store = refused(
        "This supply pack has not been transferred to the troubleshooter yet, you cannot use it.",
    );
    let size = stand.server.size().await;
    for (body, answer) in [
        (Value::Null, &unknown),
        (json!({}), &unknown),
        (json!({"identifier": null}), &unknown),
        (json!({"identifier": ""}), &unknown),
        (json!({"identifier": "p-17"}), &unknown),
        (json!({"identifier": ["P-17"]}), &unknown),
        (json!(["P-17"]), &unknown),
        (json!({"identifier": "P-18"}), &in_store),
        (
            json!({"identifier": "P-19"}),
            &refused("This supply pack does not exist any more."),
        ),
        (
            json!({"identifier": "P-20"}),
            &refused("This supply pack has already been used."),
        ),
    ] {
        assert_eq!(act(&mut kim, "supply", &body).await, *answer, "{body}");
    }
    assert_eq!(stand.server.size().await, size);
    assert_eq!(
        act(&mut bo, "supply", &json!({"identifier": "P-17"})).await,
        done()
    );
    let data = json!({"amount": 50, "item": 1, "pack": 1, "session": 3});
    let expected = (json!("supply.used"), data, json!("session:3"));
    assert_eq!(last(&stand).await, expected);
    let used = refused("This supply pack has already been used.");
    for desk in [&mut kim, &mut bo] {
        assert_eq!(
            act(desk, "supply", &json!({"identifier": "P-17"})).await,
            used
        );
    }
    // A scanner's digits may come as a number.
    assert_eq!(
        act(&mut kim, "supply", &json!({"identifier": 4711})).await,
        done()
    );
    assert_eq!(stand.server.size().await, size + 2);
}

/// A call for more items reaches whoever manages the desks.
#[tokio::test]
async fn a_call_for_items_is_shown_beside_its_session() {
    let stand = Stand::open().await;
    let mut kim = stand.desk(KIM);
    assert_eq!(
        act(&mut kim, "request-resupply", &Value::Null).await,
        done()
    );
    let listed = stand.store.run_ok(&["session", "list"]).await;
    let calling: Vec<_> = listed
        .lines()
        .filter(|line| line.contains("wants items since"))
        .collect();
    assert_eq!(calling.len(), 1, "{listed}");
    assert!(calling[0].trim_start().starts_with("1 "), "{listed}");
}
