//! Who may speak at the door: tokens, sessions, desks, roles, and the order of what is checked.

use super::stand::{CREATE, Stand, ask, detail, heard, sell};
use super::venue::{BO, KIM, LU, SAM, TONI, venue};
use crate::support::desk::Told;
use crate::support::{Desk, entry};
use serde_json::{Value, json};

const PRODUCTS: &str = "/api/products/";
const ENDED: &str = "Your session has ended.";

fn elsewhere(ip: &str) -> String {
    format!("Your token is valid for a different cashdesk. Your IP is: {ip}")
}

/// Desk 2 is closed, desk 3 stands at an address, and Lu's shift has not begun.
fn guarded() -> Value {
    let mut venue = venue();
    entry(&mut venue, "cashdesks", 2)["active"] = json!(false);
    entry(&mut venue, "cashdesks", 3)["ip_address"] = json!("192.0.2.7");
    entry(&mut venue, "sessions", 5)["starts"] = json!("2999-01-01T00:00:00Z");
    venue
}

async fn show(desk: &mut Desk, headers: &[(&str, &str)]) -> Told {
    ask(desk, ("GET", PRODUCTS), headers, "").await
}

fn refused(told: &Told, text: &str, what: &str) {
    assert_eq!(heard(told), (401, detail(text)), "{what}");
    assert_eq!(told.header("www-authenticate"), "Token", "{what}");
    assert_eq!(told.header("content-type"), "application/json", "{what}");
}

#[tokio::test]
async fn the_header_is_checked_in_the_documented_order() {
    let stand = Stand::open().await;
    let mut desk = stand.desk("");
    let none = "Authentication credentials were not provided.";
    let empty = "Invalid token header. No credentials provided.";
    let spaces = "Invalid token header. Token string should not contain spaces.";
    refused(&show(&mut desk, &[]).await, none, "no header");
    let bearer = format!("Bearer {KIM}");
    let (a_b, glued) = (format!("Token {KIM} {KIM}"), format!("Token{KIM}"));
    let upper = format!("Token {}", KIM.to_uppercase());
    for (value, text) in [
        ("", none),
        (bearer.as_str(), none),
        ("Basic a2ltOmtpbQ==", none),
        (KIM, none),
        (glued.as_str(), none),
        ("Token", empty),
        ("token   ", empty),
        ("Token a b", spaces),
        (a_b.as_str(), spaces),
        ("TOKEN a b c", spaces),
        ("Token nobody", "Invalid token."),
        // The word may be written in any case, the token not.
        (upper.as_str(), "Invalid token."),
    ] {
        let told = show(&mut desk, &[("authorization", value)]).await;
        refused(&told, text, value);
        assert!(
            !told.text.contains(KIM),
            "a token was sent back: {}",
            told.text
        );
    }
    for scheme in ["Token", "token", "TOKEN", "tOkEn", "Token  "] {
        let value = format!("{scheme} {KIM}");
        let told = show(&mut desk, &[("authorization", &value)]).await;
        assert_eq!(told.status, 200, "{value}: {}", told.text);
    }
    // Keys and badges are no tokens.
    for secret in [crate::support::ADMIN_KEY, super::venue::TONIS_BADGE] {
        let told = show(&mut desk, &[("authorization", &format!("Token {secret}"))]).await;
        refused(&told, "Invalid token.", secret);
    }
}

/// The table's last rows: the session before the desk, the desk's state and its address alike.
#[tokio::test]
async fn sessions_and_desks_are_checked_in_order() {
    let mut catalogue = guarded();
    let session = json!({"id": 6, "cashdesk": 2, "user": 5, "token": "late-and-closed",
        "starts": "2999-01-01T00:00:00Z"});
    catalogue["sessions"].as_array_mut().unwrap().push(session);
    let stand = Stand::of(&catalogue).await;
    let mut desk = stand.desk("");
    for (token, text) in [
        (LU, ENDED.to_owned()),
        ("late-and-closed", ENDED.to_owned()),
        (TONI, elsewhere("127.0.0.1")),
        (BO, elsewhere("127.0.0.1")),
        (SAM, elsewhere("127.0.0.1")),
    ] {
        let size = stand.server.size().await;
        desk.with_token(token);
        refused(&desk.get(PRODUCTS).await, &text, token);
        let body = json!({"positions": [sell(1)]});
        refused(&desk.post(CREATE, None, &body).await, &text, token);
        assert_eq!(stand.server.size().await, size);
    }
    assert_eq!(desk.with_token(KIM).get(PRODUCTS).await.status, 200);
}

/// A proxy's word counts, a stranger's does not.
#[tokio::test]
async fn a_desks_address_is_seen_through_trusted_proxies_only() {
    let plain = Stand::of(&guarded()).await;
    let proxied = Stand::with(&guarded(), &["--trusted-proxy", "127.0.0.1"]).await;
    let bo = format!("Token {BO}");
    let ours = [
        ("x-forwarded-for", "192.0.2.7"),
        ("x-forwarded-for", "203.0.113.9, 192.0.2.7"),
        ("x-forwarded-for", "192.0.2.7, 127.0.0.1"),
        ("forwarded", "for=192.0.2.7"),
        (
            "forwarded",
            "for=203.0.113.9, For=\"192.0.2.7:4711\";proto=https",
        ),
    ];
    for header in ours {
        let headers = [("authorization", bo.as_str()), header];
        let told = show(&mut plain.desk(""), &headers).await;
        refused(&told, &elsewhere("127.0.0.1"), header.1);
        let told = show(&mut proxied.desk(""), &headers).await;
        assert_eq!(told.status, 200, "{header:?}: {}", told.text);
    }
    for (name, value, ip) in [
        // What the client claims stands before what the proxy saw.
        ("x-forwarded-for", "192.0.2.7, 203.0.113.9", "203.0.113.9"),
        ("forwarded", "for=192.0.2.7, for=203.0.113.9", "203.0.113.9"),
        ("x-forwarded-for", "2001:db8::7", "2001:db8::7"),
        ("forwarded", "for=\"[2001:db8::7]:4711\"", "2001:db8::7"),
        ("x-forwarded-for", "unknown", "127.0.0.1"),
        ("x-real-ip", "192.0.2.7", "127.0.0.1"),
    ] {
        let headers = [("authorization", bo.as_str()), (name, value)];
        let told = show(&mut proxied.desk(""), &headers).await;
        refused(&told, &elsewhere(ip), value);
    }
    // A desk without an address takes anyone.
    let kim = format!("Token {KIM}");
    let headers = [
        ("authorization", kim.as_str()),
        ("x-forwarded-for", "203.0.113.9"),
    ];
    assert_eq!(show(&mut proxied.desk(""), &headers).await.status, 200);
}

#[tokio::test]
async fn an_address_may_be_of_either_kind() {
    for (bound, forwarded) in [
        ("127.0.0.1", None),
        ("::ffff:127.0.0.1", None),
        ("2001:db8::7", Some("2001:0db8:0:0:0:0:0:7")),
        ("192.0.2.7", Some("::ffff:192.0.2.7")),
    ] {
        let mut catalogue = venue();
        entry(&mut catalogue, "cashdesks", 1)["ip_address"] = json!(bound);
        let stand = Stand::with(&catalogue, &["--trusted-proxy", "127.0.0.0/8"]).await;
        let token = format!("Token {KIM}");
        let mut headers = vec![("authorization", token.as_str())];
        headers.extend(forwarded.map(|ip| ("x-forwarded-for", ip)));
        let told = show(&mut stand.desk(""), &headers).await;
        assert_eq!(told.status, 200, "{bound}: {}", told.text);
    }
}

/// Path, token, method, permission, key, body: the first that is wrong is told.
#[tokio::test]
async fn what_is_wrong_first_is_told() {
    let stand = Stand::of(&guarded()).await;
    let mut desk = stand.desk("");
    let kim = format!("Token {KIM}");
    let kim = [("authorization", kim.as_str())];
    let nothing = detail("Not found.");
    let told = ask(&mut desk, ("PUT", "/api/nothing/"), &[], "").await;
    assert_eq!(heard(&told), (404, nothing.clone()));
    let none = "Authentication credentials were not provided.";
    refused(
        &ask(&mut desk, ("PUT", "/api/preorders/"), &[], "").await,
        none,
        "before 405",
    );
    let told = ask(&mut desk, ("DELETE", "/api/preorders/"), &kim, "").await;
    assert_eq!(
        heard(&told),
        (405, detail("Method \"DELETE\" not allowed."))
    );
    let wrong = [
        kim[0],
        ("idempotency-key", ""),
        ("content-type", "text/xml"),
    ];
    let told = ask(&mut desk, ("POST", "/api/preorders/"), &wrong, "<a/>").await;
    assert_eq!(told.status, 405);
    let told = ask(&mut desk, ("POST", CREATE), &wrong, "<a/>").await;
    assert_eq!(heard(&told), (400, detail("Invalid Idempotency-Key.")));
    let told = ask(&mut desk, ("POST", CREATE), &[kim[0], wrong[2]], "<a/>").await;
    assert_eq!(told.status, 415);
    // A stranger is told nothing about a body that is too large, or an object that is not there.
    let told = ask(&mut desk, ("POST", CREATE), &[wrong[2]], "<a/>").await;
    refused(&told, none, "before 415");
    let told = ask(&mut desk, ("GET", "/api/products/9999/"), &[], "").await;
    refused(&told, none, "before an object's 404");
    refused(
        &ask(&mut desk, ("GET", "/api/"), &[], "").await,
        none,
        "the root",
    );
}
