//! The consumers of docs/kafka.md, as they stand there: Python and SQL that share no code with ours,
//! beside a server that publishes.

use super::analyst::{Analyst, page};
use super::records::{figure, holds, node, records};
use super::story::sell;
use crate::support::kafka::{broker, topic};
use crate::support::{Server, Store, entry, eventually, festival};
use daybook_kafka::Settings;
use daybook_kafka::record::HEADERS;
use daybook_kafka::topic::{Kind, make};
use daybook_projections::entity::ENTITIES;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};

/// Sells barrels and beers, and takes cups back.
async fn trade(server: &Server, rounds: usize) {
    let mut till = server.till().await;
    for round in 0..rounds {
        let products = json!([{ "ID": 1, "Amount": 1 + round % 3 }, { "ID": 2, "Amount": 2 }]);
        let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": products });
        till.event("payitems", sale).await;
    }
}

/// What each product brought in by the ledger's own lines, in minor units.
async fn takings(server: &Server) -> BTreeMap<u64, i64> {
    let mut takings = BTreeMap::new();
    for event in server.events().await {
        if event["type"] == "sale.recorded" {
            let (lines, records) = (&event["data"]["lines"], &event["data"]["tx"]);
            let pairs = lines
                .as_array()
                .unwrap()
                .iter()
                .zip(records.as_array().unwrap());
            for (line, record) in pairs {
                let product = record["Product_ID"].as_u64().unwrap();
                *takings.entry(product).or_default() += line["total"].as_i64().unwrap();
            }
        }
    }
    assert!(takings.len() > 2, "{takings:?}");
    takings
}

/// The same as a consumer says it: rows with the product and the money in these columns.
fn told(rows: &[Vec<String>], product: usize, money: usize) -> BTreeMap<u64, i64> {
    let mut takings = BTreeMap::new();
    for row in rows {
        let amount: f64 = row[money].parse().unwrap();
        #[expect(clippy::cast_possible_truncation, reason = "a few sales")]
        let cents = (amount * 100.0).round() as i64;
        *takings.entry(row[product].parse().unwrap()).or_default() += cents;
    }
    takings
}

/// The name that rows give to product 2.
fn beer(rows: &[Vec<String>]) -> &str {
    let row = rows
        .iter()
        .find(|row| row[0] == "festival" && row[1] == "2");
    &row.unwrap()[2]
}

async fn head(server: &Server) -> (u64, String) {
    let head = server.audit("/ledger/festival/head").await;
    let leaf = head["leaf"].as_str().unwrap().to_owned();
    (head["size"].as_u64().unwrap(), leaf)
}

#[tokio::test]
async fn the_documented_consumers_agree_with_the_ledger() {
    let Some(brokers) = broker("the_documented_consumers_agree_with_the_ledger") else {
        return;
    };
    let topic = topic();
    let store = Store::festival().await;
    let server = node(&store, &brokers, &topic).await;
    let analyst = Analyst::new(&brokers, &topic, Some(&store));
    trade(&server, 3).await;
    holds(&brokers, &topic, server.size().await).await;

    // One follows while the trade goes on.
    let mut following = analyst.script("prove.py", &["follow"]).spawn().unwrap();
    let mut heard = BufReader::new(following.stdout.take().unwrap()).lines();
    trade(&server, 20).await;
    let (size, leaf) = head(&server).await;
    let last = format!("festival: nothing is missing: {size} events, head {size}:{leaf}");
    let hears = async { while heard.next_line().await.unwrap().expect("it follows") != last {} };
    let patience = Duration::from_mins(1);
    tokio::time::timeout(patience, hears).await.unwrap();
    following.kill().await.unwrap();

    // The others read to the end.
    let takings = takings(&server).await;
    let mut rows = analyst.python("prove.py", &[]).await.rows();
    assert_eq!(rows.pop().unwrap(), [last]);
    assert_eq!(told(&rows, 1, 3), takings);

    let rows = analyst.shell("sql.sh").await.rows();
    let asked: Vec<&[Vec<String>]> = rows.split(|row| row[0] == "instance").collect();
    let [_, revenue, gaps, chain, heads] = asked[..] else {
        panic!("four answers, and nothing before them: {rows:?}")
    };
    assert_eq!(told(revenue, 2, 4), takings);
    assert!(gaps.is_empty() && chain.is_empty(), "{rows:?}");
    assert_eq!(heads, [["festival", &size.to_string(), &leaf]]);

    let count = recorded(&server).await;
    let said = analyst.shell("check.sh").await.content();
    for expected in [
        format!("festival: whole: {size} events, {count} transactions, head {size}:{leaf}\n"),
        format!("festival: equal: {size} events, head {size}:{leaf}\n"),
        "the same books\n".to_owned(),
        format!("festival: {size} events written, head {size}:{leaf}\n"),
    ] {
        assert!(said.contains(&expected), "{expected}{said}");
    }
}

#[tokio::test]
async fn the_documented_table_follows_what_there_is() {
    let Some(brokers) = broker("the_documented_table_follows_what_there_is") else {
        return;
    };
    let topic = topic();
    let view = |name: &str| format!("{}.view.{name}", topic.strip_suffix(".events").unwrap());
    let store = Store::festival().await;
    let server = node(&store, &brokers, &topic).await;
    let analyst = Analyst::new(&brokers, &topic, Some(&store));
    trade(&server, 5).await;
    let count = recorded(&server).await;
    eventually("the view holds every record", async || {
        let view = records(&brokers, &view("transaction")).await;
        view.len() as u64 == count
    })
    .await;
    let takings = takings(&server).await;
    let rows = analyst.python("table.py", &["table.db"]).await.rows();
    assert_eq!(
        (told(&rows, 1, 3), beer(&rows)),
        (takings.clone(), "Bier 0,5")
    );

    // One product is called otherwise, another is gone; the table goes on where it was.
    let mut catalogue = festival();
    entry(&mut catalogue, "products", 1)["name"] = json!("Fässchen");
    let products = catalogue["products"].as_array_mut().unwrap();
    products.retain(|product| product["id"] != 2);
    store.import_ok(&catalogue).await;
    eventually("the tombstone is there", async || {
        let view = records(&brokers, &view("product")).await;
        let mut of_beer = view.iter().filter(|record| record.key == "festival/2");
        of_beer.any(|record| record.value.is_none())
    })
    .await;
    let rows = analyst.python("table.py", &["table.db"]).await.rows();
    assert_eq!(
        (told(&rows, 1, 3), beer(&rows)),
        (takings, "not sold any more")
    );
    assert!(rows.iter().any(|row| row[2] == "Fässchen"), "{rows:?}");

    let (_, metrics) = server.get("/metrics", None).await;
    let page = page();
    let figures = named(&page, |word| word.starts_with("daybook_kafka_"));
    assert!(figures.len() >= 6, "{figures:?}");
    for name in figures {
        assert!(metrics.contains(&format!("\n{name}")), "{name}");
    }
}

/// How many public records the ledger holds.
async fn recorded(server: &Server) -> u64 {
    let events = server.events().await;
    let sales = events
        .iter()
        .filter_map(|event| event["data"]["tx"].as_array());
    sales.map(|records| records.len() as u64).sum()
}

/// A record of somebody else's making.
#[derive(Clone, Debug, Default)]
struct Forged {
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    /// The header `ce_type`, if it has headers.
    kind: Option<&'static str>,
}

impl Forged {
    /// As Daybook writes lines of the festival.
    fn line(line: &str) -> Self {
        Self {
            key: Some("festival".into()),
            value: Some(line.into()),
            kind: Some("any"),
        }
    }

    /// What consumers must not trip over: records without headers.
    fn foreign() -> Vec<Self> {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let no_text = Some(vec![0xff]);
        let records = [
            (None, text("{}")),
            (no_text.clone(), text("{}")),
            (text("festival"), None),
            (text("festival"), text("{}")),
            (text("festival"), no_text),
        ];
        let kind = None;
        let records = records.into_iter();
        records
            .map(|(key, value)| Self { key, value, kind })
            .collect()
    }
}

/// A topic of somebody else's making, which holds these records.
async fn forge(brokers: &str, topic: &str, records: Vec<Forged>) {
    let settings = Settings::new(brokers);
    let topics = [(topic.to_owned(), Kind::Events)];
    make(&settings, &topics, 1, None).await.unwrap();
    let (brokers, topic) = (brokers.to_owned(), topic.to_owned());
    let writing = tokio::task::spawn_blocking(move || {
        let mut config = rdkafka::ClientConfig::new();
        let producer: BaseProducer = config.set("bootstrap.servers", brokers).create().unwrap();
        for Forged { key, value, kind } in &records {
            let mut record: BaseRecord<'_, Vec<u8>, Vec<u8>> = BaseRecord::to(&topic).partition(0);
            (record.key, record.payload) = (key.as_ref(), value.as_ref());
            record.headers = kind.map(|kind| {
                OwnedHeaders::new().insert(Header {
                    key: "ce_type",
                    value: Some(kind),
                })
            });
            let sent = producer.send(record);
            sent.map_err(|(error, _)| error).unwrap();
        }
        producer.flush(Duration::from_secs(20)).unwrap();
    });
    writing.await.unwrap();
}

/// A change to the lines of a topic.
type Tamper = fn(&mut Vec<String>);

#[tokio::test]
async fn the_proving_consumer_says_where_a_topic_is_wrong() {
    let Some(brokers) = broker("the_proving_consumer_says_where_a_topic_is_wrong") else {
        return;
    };
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    sell(&server, 5).await;
    let lines = server.lines().await;
    assert_eq!(server.stop().await, 0);
    let tampers: [(&str, u64, Tamper); 7] = [
        ("nothing", 0, |_| {}),
        ("a gap", 20, |lines| drop(lines.remove(20))),
        ("no beginning", 0, |lines| drop(lines.remove(0))),
        ("a repetition", 21, |lines| {
            lines.insert(21, lines[20].clone());
        }),
        ("two exchanged", 20, |lines| lines.swap(20, 21)),
        ("a changed byte", 53, |lines| {
            lines[52] = lines[52].replacen("Bier", "Bird", 1);
        }),
        ("another's line", 20, |lines| {
            lines[20] = lines[20].replacen("\"log\":\"festival\"", "\"log\":\"carnival\"", 1);
        }),
    ];
    for (what, seq, tamper) in tampers {
        let mut tampered = lines.clone();
        tamper(&mut tampered);
        assert_eq!(tampered == lines, what == "nothing", "{what}");
        let topic = topic();
        let records = tampered.iter().map(|line| Forged::line(line)).collect();
        forge(&brokers, &topic, records).await;
        let analyst = Analyst::new(&brokers, &topic, None);
        let said = analyst.python("prove.py", &[]).await;
        if what == "nothing" {
            assert!(said.content().contains("nothing is missing"));
        } else {
            let complaint = said.complaint();
            let expected = format!("BROKEN at festival seq {seq}: ");
            assert!(complaint.starts_with(&expected), "{what}: {complaint}");
        }
        let gaps = analyst.ask(&tampered, "gaps.sql").await;
        let chain = analyst.ask(&tampered, "chain.sql").await;
        let suspects: Vec<&str> = chain
            .iter()
            .map_while(|row| row.get(1))
            .map(String::as_str)
            .collect();
        match what {
            "a gap" => assert_eq!(gaps, [["festival", "20", "20"]]),
            "no beginning" => assert_eq!(gaps, [["festival", "0", "0"]]),
            "a changed byte" => assert_eq!(suspects[0], "52", "{chain:?}"),
            "nothing" => assert!(gaps.is_empty() && suspects[0] == "events", "{chain:?}"),
            _ => {}
        }
    }
    // What is no topic proves nothing.
    let analyst = Analyst::new(&brokers, &topic(), None);
    for (script, args) in [
        ("prove.py", &[][..]),
        ("table.py", &["t.db"]),
        ("export.py", &[]),
    ] {
        let complaint = analyst.python(script, args).await.complaint();
        assert!(complaint.contains("there "), "{script}: {complaint}");
    }
}

#[tokio::test]
async fn the_documented_consumers_know_foreign_records() {
    let Some(brokers) = broker("the_documented_consumers_know_foreign_records") else {
        return;
    };
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    sell(&server, 2).await;
    let lines = server.lines().await;
    assert_eq!(server.stop().await, 0);
    for foreign in Forged::foreign() {
        let topic = topic();
        let base = topic.strip_suffix(".events").unwrap();
        let mut records: Vec<Forged> = lines.iter().map(|line| Forged::line(line)).collect();
        records.push(foreign.clone());
        forge(&brokers, &topic, records).await;
        let entity = Forged {
            key: Some("festival/1".into()),
            value: Some(r#"{"data":{"id":1},"instance":"festival","seq":1}"#.into()),
            kind: Some("view.product"),
        };
        let records = vec![entity.clone(), foreign.clone()];
        forge(&brokers, &format!("{base}.view.product"), records).await;
        let records = vec![foreign.clone()];
        forge(&brokers, &format!("{base}.view.transaction"), records).await;

        let analyst = Analyst::new(&brokers, &topic, None);
        let place = format!("a foreign record at partition 0 offset {}\n", lines.len());
        let complaint = analyst.python("prove.py", &[]).await.complaint();
        assert_eq!(complaint, format!("BROKEN: {place}"), "{foreign:?}");

        let said = analyst.python("export.py", &[]).await;
        assert_eq!(said.stderr, format!("skipped: {place}"), "{foreign:?}");
        assert_eq!(said.content(), lines.join("\n") + "\n", "{foreign:?}");

        let said = analyst.python("table.py", &["table.db"]).await;
        let mut skipped: Vec<&str> = said.stderr.lines().collect();
        skipped.sort_unstable();
        let expected = [("product", 1), ("transaction", 0)].map(|(view, offset)| {
            format!("skipped: a foreign record at {base}.view.{view} partition 0 offset {offset}")
        });
        assert_eq!(skipped, expected, "{foreign:?}");
        assert_eq!(said.content(), "", "{foreign:?}");
        let count = "import sqlite3; print(*sqlite3.connect('table.db').execute('SELECT key FROM product'))";
        let asked = analyst.command("python3", &["-c", count]);
        let rows = Analyst::said(asked).await.content();
        assert_eq!(rows, "('festival/1',)\n", "{foreign:?}");
    }
}

#[tokio::test]
async fn the_page_names_what_there_is() {
    let page = page();
    let words = named(&page, |_| true);
    let headers = HEADERS.iter().map(|(name, _)| *name);
    for name in headers.chain(ENTITIES) {
        assert!(words.contains(name), "{name} is not in docs/kafka.md");
    }
    // Its settings start a server, whose brokers do not answer.
    let store = Store::festival().await;
    let analyst = Analyst::new("", "", None);
    let settings = analyst.dir.path().join("daybook.toml");
    let server = Server::start_with(&store, &["--config", settings.to_str().unwrap()]).await;
    let lag = "daybook_kafka_lag_events{instance=\"festival\"}";
    eventually("it shows the lag", async || {
        figure(&server, lag).await > Some(0.0)
    })
    .await;
    let (_, help, _) = store.run(&["serve", "--help"]).await;
    let settings = ["--kafka", "DAYBOOK_KAFKA"];
    let settings = named(&page, |word| {
        settings.iter().any(|begin| word.starts_with(begin))
    });
    assert!(settings.len() > 12, "{settings:?}");
    for name in settings {
        assert!(help.contains(name.trim_end_matches('…')), "{name}");
    }
}

/// The words of the page that stand in backticks.
fn named(page: &str, is_wanted: impl Fn(&str) -> bool) -> BTreeSet<&str> {
    let words = page.split('`').skip(1).step_by(2);
    let names = words.filter_map(|word| word.split(['{', ' ']).next());
    names.filter(|name| is_wanted(name)).collect()
}
