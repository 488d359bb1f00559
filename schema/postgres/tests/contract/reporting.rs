//! The books as people read them with SQL.

use crate::{Database, log, run};
use daybook_postgres::{PostgresLog, open};
use daybook_schema::facts::{
    Door, Fact, Instance, Message, PaymentKind, PaymentMethod, PointOfSale, Product, Sale,
    SaleLine, SalePayment, SalePlace, SaleTotals, TaxShare, Tx, Withdrawn,
};
use daybook_schema::id::{KeyId, PaymentMethodId, PosId, ProductId, TxId};
use daybook_schema::{
    Actor, At, Currency, Decimal, Event, EventLog, Head, Money, Quantity, TaxRate, TxHash, line,
};
use sqlx::{AssertSqlSafe, PgConnection};

pub(crate) fn money(cents: i64) -> Money {
    Money::new(cents).unwrap()
}

fn product(id: u32, name: &str, cents: i64) -> Fact {
    Fact::ProductDefined(Product {
        category: None,
        crew_blocked: false,
        deposit: false,
        id: ProductId(id),
        modifiers: vec![],
        name: name.to_owned(),
        needs_receipt: false,
        pack: vec![],
        points_of_sale: vec![PosId(1)],
        price: money(cents),
        receipt_name: name.to_owned(),
        requires_authorization: false,
        tax_group: 1,
        tax_rate: TaxRate::new(1900).unwrap(),
        visible: true,
    })
}

fn sale() -> Fact {
    let rate = TaxRate::new(1900).unwrap();
    let mut tx = Tx {
        amount_money: Decimal::new(700, 2),
        amount_product: 2,
        id: TxId(1),
        note: None,
        payment_id: PaymentMethodId(1),
        point_of_sale_id: PosId(1),
        product_id: ProductId(7),
        hash: TxHash::ZERO,
        timestamp: At::from_micros(1_795_341_600_000_000).second(),
    };
    tx.hash = tx.hash_after(&log(), &TxHash::ZERO);
    let tax = money(700).tax_contained(rate);
    let net = money(700 - tax.units());
    Fact::SaleRecorded(Sale {
        cash_given: None,
        currency: Currency::new("EUR").unwrap(),
        door: Door::ConcertPos,
        lines: vec![SaleLine {
            authorized_by: None,
            items: Vec::new(),
            list_entry: None,
            reverses: None,
            ticket: None,
            deposit: false,
            name: "Pils \0 0,5".to_owned(),
            price: money(350),
            quantity: Quantity::pieces(2).unwrap(),
            tax_rate: rate,
            total: money(700),
        }],
        part: 1,
        parts: 1,
        payment: SalePayment {
            id: PaymentMethodId(1),
            kind: PaymentKind::Cash,
            name: "Bar".to_owned(),
        },
        point_of_sale: SalePlace {
            id: PosId(1),
            name: "Main bar".to_owned(),
        },
        request: None,
        session: None,
        totals: Some(SaleTotals {
            gross: money(700),
            taxes: vec![TaxShare {
                gross: money(700),
                net,
                rate,
                tax,
            }],
        }),
        tx: vec![tx],
    })
}

fn facts() -> Vec<Fact> {
    let place = |id, name: &str| {
        Fact::PointOfSaleDefined(PointOfSale {
            admin: false,
            enabled: true,
            id: PosId(id),
            name: name.to_owned(),
            password_hash: Some(daybook_schema::hash::fingerprint(b"secret")),
            printer: None,
            special: false,
        })
    };
    vec![
        Fact::InstanceDescribed(Instance {
            address: None,
            currency: Currency::new("EUR").unwrap(),
            day_starts_at: "06:00".to_owned(),
            name: "Festival".to_owned(),
            slug: log(),
            time_zone: "Europe/Berlin".to_owned(),
        }),
        place(1, "Bar"),
        place(1, "Main bar"),
        place(2, "Closed bar"),
        Fact::PointOfSaleWithdrawn(Withdrawn { id: PosId(2) }),
        Fact::PaymentMethodDefined(PaymentMethod {
            color: "green".to_owned(),
            id: PaymentMethodId(1),
            kind: PaymentKind::Cash,
            name: "Bar".to_owned(),
            points_of_sale: vec![PosId(1)],
        }),
        product(7, "Pils", 300),
        product(7, "Pils", 350),
        product(8, "Gone", 100),
        Fact::ProductWithdrawn(Withdrawn { id: ProductId(8) }),
        product(9, "Bottle return", -25),
        sale(),
        Fact::MessageSent(Message {
            text: "\0 and \\u0000 and \\\0".to_owned(),
        }),
    ]
}

/// Appends facts, a microsecond after one another.
pub(crate) async fn fold(store: &PostgresLog, facts: Vec<Fact>) {
    let mut head = Head::default();
    for (micros, fact) in (1_795_341_600_000_123..).zip(facts) {
        let event = Event {
            at: At::from_micros(micros),
            by: Actor::Key(KeyId(3)),
            cmd: format!("cmd-{}", head.size),
            fact,
            log: log(),
            prev: head.leaf,
            seq: head.size,
        };
        let line = line::seal(&event).unwrap();
        store
            .append(&log(), head, std::slice::from_ref(&line))
            .await
            .unwrap();
        head = line.head();
    }
}

/// The rows of a query as text: cells with bars, rows with line feeds.
pub(crate) async fn rows(connection: &mut PgConnection, sql: &str) -> String {
    let sql = format!(
        "SELECT coalesce(string_agg(concat_ws('|', VARIADIC t.cells), E'\\n'), '')
                       FROM (SELECT ARRAY(SELECT value FROM json_each_text(row_to_json(q))) AS cells
                             FROM ({sql}) q) t"
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn people_read_the_books_with_sql() {
    let database = Database::new().await;
    let store = open(&database.url).await.unwrap();
    fold(&store, facts()).await;
    let mut reader = crate::admin(&database.url).await;
    run(&mut reader, "SET timezone = 'UTC'; SET ROLE daybook_reader").await;
    let expected = [
        ("SELECT count(*), min(seq), max(seq) FROM reporting.events", "13|0|12"),
        (
            "SELECT seq, at, type, by, cmd, data FROM reporting.events WHERE seq = 2",
            "2|2026-11-22T10:00:00.000125+00:00|catalogue.point_of_sale_defined|key:3|cmd-2|\
             {\"id\": 1, \"name\": \"Main bar\", \"admin\": false, \"enabled\": true, \"special\": false}",
        ),
        (
            "SELECT data ->> 'text' FROM reporting.events WHERE seq = 12",
            "\u{fffd} and \\u0000 and \\\u{fffd}",
        ),
        (
            "SELECT id, \"timestamp\", point_of_sale, product_id, product, pieces, amount, currency,
                    tax_percent, payment_method, payment_kind, length(hash) FROM reporting.transactions",
            "1|2026-11-22T10:00:00+00:00|Main bar|7|Pils \u{fffd} 0,5|2|7|EUR|19.00|Bar|cash|128",
        ),
        (
            "SELECT seq, by, door, point_of_sale, payment_method, gross, net, tax, currency
             FROM reporting.sales",
            "11|key:3|concertpos|Main bar|Bar|7.00|5.88|1.12|EUR",
        ),
        (
            "SELECT id, name, price, currency, tax_percent, visible FROM reporting.products ORDER BY id",
            "7|Pils|3.50|EUR|19.00|true\n9|Bottle return|-0.25|EUR|19.00|true",
        ),
        ("SELECT id, name, kind FROM reporting.payment_methods", "1|Bar|cash"),
        ("SELECT id, name, enabled FROM reporting.points_of_sale", "1|Main bar|true"),
        ("SELECT name, currency, time_zone FROM reporting.instances", "Festival|EUR|Europe/Berlin"),
    ];
    for (sql, rows_expected) in expected {
        assert_eq!(rows(&mut reader, sql).await, rows_expected, "{sql}");
    }
    let denied = sqlx::query("SELECT line FROM daybook.event")
        .execute(&mut reader)
        .await;
    assert!(
        denied.is_err(),
        "the lines themselves, with their hashes of secrets, are not for readers"
    );
    store.close().await;
    database.discard().await;
}
