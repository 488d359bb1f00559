//! Headers say what the line says, or are found.

use super::forge::{Raw, Topic};
use super::{json, row, trade};
use daybook_kafka::record::HEADERS;
use serde_json::json;

/// Each instance has one record with one wrong header.
#[tokio::test]
async fn a_header_that_contradicts_its_line_is_found() {
    let Some(topic) = Topic::new("a_header_that_contradicts_its_line_is_found").await else {
        return;
    };
    let mut records = Vec::new();
    let mut cases = Vec::new();
    let mut case = |name: String, header: &str, change: &dyn Fn(&mut Raw)| {
        let mut own = Raw::all(0, &name, &trade(&name, 3));
        change(&mut own[1]);
        cases.push((name, format!("{header} "), records.len() + 1));
        records.extend(own);
    };
    for (index, (header, _)) in HEADERS.iter().enumerate() {
        let header = format!("header {header}");
        case(format!("changed-{index}"), &header, &|record| {
            record.headers[index].1 += "0";
        });
        case(format!("missing-{index}"), &header, &|record| {
            record.headers.remove(index);
        });
        case(format!("twice-{index}"), &header, &|record| {
            record.headers.push(record.headers[index].clone());
        });
    }
    // The timestamp, too.
    for (name, by) in [("sooner", -1), ("later", 1)] {
        case(name.to_owned(), "timestamp", &|record| {
            record.millis = record.millis.map(|millis| millis + by);
        });
    }
    case("now".to_owned(), "timestamp", &|record| {
        record.millis = None;
    });
    // What others add is theirs.
    let mut traced = Raw::all(0, "traced", &trade("traced", 3));
    traced[1]
        .headers
        .push(("traceparent".to_owned(), "00-1".to_owned()));
    traced[2].headers.reverse();
    records.extend(traced);
    topic.write(records).await;

    let (code, said) = json(&topic.flags("verify")).await;
    assert_eq!(code, 1);
    assert_eq!(row(&said, "traced")["whole"], true, "{said}");
    for (name, header, offset) in cases {
        let failure = &row(&said, &name)["failure"];
        let place = json!({ "partition": 0, "offset": offset });
        let found = (&failure["seq"], &failure["place"], &failure["layer"]);
        assert_eq!(
            found,
            (&json!(1), &place, &json!("record")),
            "{name}: {failure}"
        );
        let expected = failure["expected"].as_str().unwrap();
        assert!(expected.starts_with(&header), "{name}: {failure}");
    }
}
