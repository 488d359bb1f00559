//! The document of `/openapi.json` says what is: every route is in it, and every route answers as it says.

use crate::support::{ADMIN_KEY, Server, Store, TILL_KEY};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The routes as the program has them.
const ROUTER: &str = include_str!("../../src/http/mod.rs");
const CASH_DESK: &str = include_str!("../../src/cashdesk/route.rs");
const QR_MENU: &str = include_str!("../../src/qr/route.rs");
const PRINTERS: &str = include_str!("../../src/netfp/route.rs");

fn document() -> Value {
    serde_json::from_str(include_str!("../../src/http/openapi.json")).unwrap()
}

#[tokio::test]
async fn the_document_is_served_as_it_is() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let (status, body) = server.get("/openapi.json", None).await;
    assert_eq!(
        (status, serde_json::from_str::<Value>(&body).unwrap()),
        (200, document())
    );
    assert_eq!(document()["info"]["version"], env!("CARGO_PKG_VERSION"));
}

/// The texts of a list's lines that stand first in quotes, with the rest of their lines.
fn listed<'a>(source: &'a str, start: &str) -> Vec<(&'a str, &'a str)> {
    let start = source.find(start).expect(start);
    let list = &source[start..start + source[start..].find("];\n").unwrap()];
    let quoted = |line: &'a str| line.split_once('"')?.1.split_once('"');
    list.lines().filter_map(quoted).collect()
}

/// The routes of the cash desk, of which the program has tables.
fn cash_desk() -> BTreeSet<(String, &'static str)> {
    let mut routes = BTreeSet::from([
        ("/api/".to_owned(), "get"),
        ("/api/transactions/".to_owned(), "post"),
        ("/api/transactions/{id}/reverse/".to_owned(), "post"),
        ("/api/pings/{id}/mark_synced/".to_owned(), "post"),
    ]);
    for (list, _) in listed(CASH_DESK, "const LISTS: ") {
        routes.insert((format!("/api/{list}/"), "get"));
        routes.insert((format!("/api/{list}/{{id}}/"), "get"));
    }
    for (action, _) in listed(CASH_DESK, "const ACTIONS: ") {
        let method = if action == "current-time" {
            "get"
        } else {
            "post"
        };
        routes.insert((format!("/api/cashdesk/{action}/"), method));
    }
    routes
}

/// The routes of the QR menu, of which the program has a table.
fn qr_menu() -> BTreeSet<(String, &'static str)> {
    let mut routes = BTreeSet::from([
        ("/api/v4/events".to_owned(), "get"),
        ("/api/v4/payments/{slug}".to_owned(), "post"),
        ("/t/{link}/menu".to_owned(), "get"),
        ("/t/{link}/bill".to_owned(), "get"),
    ]);
    for (command, _) in listed(QR_MENU, "const COMMANDS: ") {
        routes.insert((format!("/api/v4/tables/{{table}}/{command}"), "post"));
    }
    routes
}

/// The routes of the print server, of which the program has tables.
fn printers() -> BTreeSet<(String, &'static str)> {
    let mut routes = BTreeSet::from([
        ("/printers".to_owned(), "get"),
        ("/printers/taskinfo".to_owned(), "get"),
        ("/printers/{printer}".to_owned(), "get"),
        ("/printers/{printer}/status".to_owned(), "get"),
    ]);
    for (action, _) in listed(PRINTERS, "const ACTIONS: ") {
        let method = if action == "cash" { "get" } else { "post" };
        routes.insert((format!("/printers/{{printer}}/{action}"), method));
    }
    for (path, rest) in listed(PRINTERS, "const SERVICE: ") {
        for (method, name) in [("\"GET", "get"), ("POST", "post")] {
            if rest.contains(method) {
                routes.insert((format!("/service/{path}"), name));
            }
        }
    }
    routes
}

#[test]
fn every_route_is_in_the_document_and_no_other() {
    let mut routes = cash_desk();
    assert!(routes.len() >= 26, "{routes:?}");
    let qr_menu = qr_menu();
    assert!(qr_menu.len() >= 6, "{qr_menu:?}");
    routes.extend(qr_menu);
    let printers = printers();
    assert!(printers.len() >= 29, "{printers:?}");
    routes.extend(printers);
    let others = listed(ROUTER, "let routes = [")
        .into_iter()
        .map(|(path, rest)| {
            let method = if rest.contains(" post(") {
                "post"
            } else {
                "get"
            };
            (path.to_owned(), method)
        });
    let others: Vec<_> = others.collect();
    assert!(others.len() >= 10, "{others:?}");
    routes.extend(others);
    // The page for people is no route of its own: it is what else is there.
    routes.insert(("/".to_owned(), "get"));
    let document = document();
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        documented.extend(
            operations
                .as_object()
                .unwrap()
                .keys()
                .map(|method| (path.clone(), method.as_str())),
        );
    }
    assert_eq!(documented, routes);
}

/// What these doors say of their methods is what the document says.
#[tokio::test]
async fn these_doors_allow_what_is_documented() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    for (path, operations) in document()["paths"].as_object().unwrap() {
        let doors = ["/api/", "/t/", "/printers", "/service/"];
        if !doors.iter().any(|door| path.starts_with(door)) {
            continue;
        }
        let address = ["{id}", "{slug}", "{table}", "{link}", "{printer}"]
            .iter()
            .fold(path.clone(), |path, name| path.replace(name, "1"));
        let (status, head, _) = server.request("OPTIONS", &address, None, "").await;
        assert!([200, 204].contains(&status), "{path}");
        let allowed = head.lines().find_map(|line| line.strip_prefix("allow: "));
        let mut allowed: BTreeSet<String> = allowed
            .expect("it says what is allowed")
            .split(", ")
            .map(str::to_lowercase)
            .collect();
        assert!(allowed.remove("options"), "{path}");
        // What a GET changes, a HEAD would change.
        let changes = ["/cash", "/detect", "/stop", "/toggleautodetect"];
        let harmless = !changes.iter().any(|end| path.ends_with(end));
        let head = harmless && allowed.contains("get");
        assert_eq!(allowed.remove("head"), head, "{path}");
        let documented: BTreeSet<String> =
            operations.as_object().unwrap().keys().cloned().collect();
        assert_eq!(allowed, documented, "{path}");
    }
}

/// Follows a reference within the document.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document
            .pointer(reference.trim_start_matches('#'))
            .expect(reference),
        None => value,
    }
}

/// Whether a value fits what the document's schemas use: type, members, const, enum.
fn fits(document: &Value, schema: &Value, value: &Value) -> bool {
    let schema = resolve(document, schema);
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect::<Vec<_>>(),
    };
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "null" => value.is_null(),
        other => panic!("this check does not know the type {other}"),
    };
    let listed = schema["enum"]
        .as_array()
        .is_none_or(|listed| listed.contains(value));
    let required = schema["required"].as_array().into_iter().flatten();
    let complete = required
        .map(|name| name.as_str().unwrap())
        .all(|name| value.get(name).is_some());
    let members = value
        .as_object()
        .into_iter()
        .flatten()
        .all(|(name, member)| {
            let known = schema["properties"]
                .get(name)
                .or_else(|| schema.get("additionalProperties"));
            // A schema without properties leaves them open.
            match known {
                Some(known) => fits(document, known, member),
                None => schema.get("properties").is_none(),
            }
        });
    types.iter().any(|name| is(name)) && listed && complete && members
}

/// The answer is one that the operation documents: status, content type and shape.
fn check(document: &Value, operation: &Value, (status, head, body): &(u16, String, String)) {
    let name = &operation["operationId"];
    let response = &operation["responses"][status.to_string()];
    assert!(
        !response.is_null(),
        "{name} answers {status}, which is not documented: {body}"
    );
    let content = resolve(document, response)["content"].as_object().unwrap();
    let (kind, media) = content.iter().next().unwrap();
    let given = head.lines().find_map(|line| {
        let (header, value) = line.split_once(": ")?;
        header.eq_ignore_ascii_case("content-type").then_some(value)
    });
    let given = given.and_then(|value| value.split(';').next());
    assert_eq!(given, Some(kind.as_str()), "{name} {status}");
    if kind == "application/json" {
        let body: Value = serde_json::from_str(body).unwrap();
        assert!(
            fits(document, &media["schema"], &body),
            "{name} {status}: {body}"
        );
    }
}

#[tokio::test]
async fn every_route_answers_as_the_document_says() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let document = document();
    for (path, operations) in document["paths"].as_object().unwrap() {
        // Other keys, and objects that must first be: `schemathesis.rs` judges these doors.
        let doors = ["/api/", "/t/", "/printers", "/service/"];
        if doors.iter().any(|door| path.starts_with(door)) {
            continue;
        }
        let address = path.replace("{slug}", "festival");
        for (method, operation) in operations.as_object().unwrap() {
            let method = method.to_uppercase();
            let example = &operation["requestBody"]["content"]["application/json"]["example"];
            let body = if example.is_null() {
                String::new()
            } else {
                example.to_string()
            };
            let answer = server
                .request(&method, &address, Some(ADMIN_KEY), &body)
                .await;
            assert!((200..300).contains(&answer.0), "{path}: {answer:?}");
            check(&document, operation, &answer);
            // Nothing needed, or an empty choice among what is: open to all.
            let open = |ways: &Vec<Value>| ways.is_empty() || ways.contains(&json!({}));
            let locked = !operation["security"].as_array().is_some_and(open);
            for (key, refused) in [(None, 401), (Some(TILL_KEY), 403)] {
                let answer = server.request(&method, &address, key, &body).await;
                assert_eq!(answer.0 == refused, locked, "{path}: {answer:?}");
                check(&document, operation, &answer);
            }
        }
    }
    let operation = &document["paths"]["/ledger/{slug}/events"]["get"];
    let answer = server
        .request(
            "GET",
            "/ledger/festival/events?after=x",
            Some(ADMIN_KEY),
            "",
        )
        .await;
    assert_eq!(answer.0, 400);
    check(&document, operation, &answer);
    let operation = &document["paths"]["/ledger/{slug}/messages"]["post"];
    for (body, status) in [("{}".to_owned(), 400), (" ".repeat((1 << 20) + 1), 413)] {
        let answer = server
            .request("POST", "/ledger/festival/messages", Some(ADMIN_KEY), &body)
            .await;
        assert_eq!(answer.0, status);
        check(&document, operation, &answer);
    }
}
