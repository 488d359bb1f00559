//! What lists can be asked for.

use super::pages::{crowded, ids};
use super::stand::{Stand, book, sell};
use super::venue::{KIM, SAM, venue};
use crate::support::Desk;
use serde_json::json;

async fn found(desk: &mut Desk, path: &str) -> Vec<u64> {
    let page = desk.shown(&format!("/api/{path}")).await;
    assert_eq!(page["count"], ids(&page).len(), "{path}");
    ids(&page)
}

#[tokio::test]
async fn tickets_are_found_by_secret_or_by_its_beginning() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let list = "preorderpositions/";
    for (query, expected) in [
        ("", vec![]),
        ("?page=1", vec![]),
        ("?secret=tiny", vec![154]),
        ("?secret=TINY", vec![154]),
        ("?secret=tin", vec![]),
        ("?secret=", vec![]),
        // Two tickets are told apart by case, but not here.
        ("?secret=MIXED-case", vec![151, 152]),
        (
            "?secret=%C3%84%C3%96%C3%BC%E2%82%AC%C3%9F%F0%9F%8E%9F-ticket",
            vec![153],
        ),
        ("?secret=tiny&search=family", vec![154]),
        ("?search=family&secret=nobody", vec![]),
        ("?search=family", vec![200, 201, 202]),
        ("?search=FAMILY-2", vec![201]),
        ("?search=famil", vec![]),
        ("?search=amily-", vec![]),
        ("?search=", vec![]),
        // Six characters, not bytes.
        ("?search=%C3%A4%C3%B6%C3%BC", vec![]),
        (
            "?search=%C3%A4%C3%B6%C3%BC%E2%82%AC%C3%9F%F0%9F%8E%9F",
            vec![153],
        ),
        ("?search=______", vec![]),
        ("?search=%25%25%25%25%25%25", vec![]),
    ] {
        assert_eq!(
            found(&mut desk, &format!("{list}{query}")).await,
            expected,
            "{query}"
        );
    }
    // A ticket by its id needs no filter, and looks at none.
    for query in ["", "?secret=nobody"] {
        let shown = desk.shown(&format!("/api/{list}154/{query}")).await;
        assert_eq!(shown["secret"], "tiny");
    }
}

#[tokio::test]
async fn people_are_found_on_their_list() {
    let stand = Stand::of(&crowded()).await;
    let mut desk = stand.desk(KIM);
    let list = "listconstraintentries/";
    for (query, expected) in [
        ("", vec![]),
        ("?listid=1", vec![]),
        ("?search=Example", vec![]),
        ("?listid=1&search=Example", vec![1, 2, 3, 4, 5]),
        ("?listid=1&search=EXAM", vec![1, 2, 3, 4, 5]),
        ("?listid=1&search=ada%20", vec![1]),
        ("?listid=1&search=003", vec![3]),
        // The same identifier on another list is somebody else.
        ("?listid=2&search=10001", vec![6]),
        ("?listid=1&search=%C3%96-1", vec![5]),
        // Short ones must be the whole identifier.
        ("?listid=1&search=Ad", vec![]),
        ("?listid=1&search=01", vec![]),
        ("?listid=1&search=", vec![]),
        ("?listid=9&search=Example", vec![]),
        ("?listid=x&search=Example", vec![]),
        ("?listid=&search=Example", vec![]),
        ("?listid=1.0&search=Example", vec![]),
        ("?listid=99999999999999999999&search=Example", vec![]),
        ("?listid=4&search=crowd-1059", vec![1059]),
    ] {
        assert_eq!(
            found(&mut desk, &format!("{list}{query}")).await,
            expected,
            "{query}"
        );
    }
    let page = desk
        .shown("/api/listconstraintentries/?listid=4&search=%C3%B6de&page=3")
        .await;
    assert_eq!(
        (&page["count"], ids(&page)),
        (&json!(60), (1050..1060).collect())
    );
    assert_eq!(
        desk.shown("/api/listconstraintentries/6/").await["identifier"],
        "10001"
    );
}

/// A short search is an identifier.
#[tokio::test]
async fn short_identifiers_are_found_whole() {
    let mut catalogue = venue();
    let entries = json!([{"id": 90, "name": "Zoe Example", "identifier": "Z7"},
        {"id": 91, "name": "Z7", "identifier": "77"}]);
    catalogue["list_constraints"][3]["entries"] = entries;
    let stand = Stand::of(&catalogue).await;
    let mut desk = stand.desk(KIM);
    for (search, expected) in [
        ("z7", vec![90]),
        ("Z7", vec![90]),
        ("77", vec![91]),
        ("7", vec![]),
    ] {
        let path = format!("listconstraintentries/?listid=4&search={search}");
        assert_eq!(found(&mut desk, &path).await, expected, "{search}");
    }
}

/// Lists without filters show everything, whatever is asked.
#[tokio::test]
async fn other_lists_have_no_filters() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(SAM);
    book(&mut desk, &[sell(1)]).await;
    for (list, count) in [
        ("transactions", 1),
        ("products", 21),
        ("preorders", 47),
        ("listconstraints", 4),
    ] {
        let page = desk
            .shown(&format!(
                "/api/{list}/?id=2&search=nobody&secret=x&ponged=1"
            ))
            .await;
        assert_eq!(page["count"], count, "{list}");
    }
}
