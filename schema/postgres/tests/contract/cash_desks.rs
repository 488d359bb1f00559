//! What cash desks booked, as people read it with SQL.

use crate::reporting::{fold, money, rows};
use crate::{Database, run};
use daybook_postgres::open;
use daybook_schema::facts::{
    CashDesk, Door, Fact, HandedOut, Instance, PaymentKind, Ping, Reversed, Sale, SaleLine,
    SalePayment, SalePlace, SaleTotals, Session, SessionEnd, TaxShare, Ticket, Tx,
};
use daybook_schema::id::{
    CashDeskId, ItemId, ListEntryId, PaymentMethodId, PingId, PosId, PreorderId,
    PreorderPositionId, ProductId, SessionId, TxId, UserId,
};
use daybook_schema::{At, Currency, Decimal, EventLog, Money, Quantity, TaxRate, TxHash, hash};

fn line(cents: i64) -> SaleLine {
    SaleLine {
        authorized_by: None,
        deposit: false,
        items: Vec::new(),
        list_entry: None,
        name: "Day ticket".to_owned(),
        price: money(cents),
        quantity: Quantity::PIECE,
        reverses: None,
        tax_rate: TaxRate::new(1900).unwrap(),
        ticket: None,
        total: money(cents),
    }
}

/// One sold by authority, with an item; one redeemed, with what must stay between guest and desk.
fn lines() -> [SaleLine; 2] {
    let mut sold = line(2300);
    sold.authorized_by = Some(UserId(2));
    sold.items = vec![HandedOut {
        amount: Quantity::PIECE,
        hidden: false,
        id: Some(ItemId(5)),
        name: "Wristband".to_owned(),
    }];
    let mut redeemed = line(0);
    redeemed.tax_rate = TaxRate::default();
    redeemed.list_entry = Some(ListEntryId(31));
    redeemed.ticket = Some(Ticket {
        is_paid: true,
        position: PreorderPositionId(77),
        preorder: PreorderId(7),
        secret: "ticket-code".to_owned(),
    });
    [sold, redeemed]
}

fn tx(id: u64, line: &SaleLine) -> Tx {
    Tx {
        amount_money: Decimal::new(line.total.units(), 2),
        amount_product: 1,
        id: TxId(id),
        note: None,
        payment_id: PaymentMethodId(1),
        point_of_sale_id: PosId(1),
        product_id: ProductId(7),
        hash: TxHash::ZERO,
        timestamp: At::default().second(),
    }
}

fn totals(gross: i64) -> SaleTotals {
    let rate = TaxRate::new(1900).unwrap();
    let gross = money(gross);
    let tax = gross.tax_contained(rate);
    let net = money(gross.units() - tax.units());
    let free = TaxShare {
        gross: Money::ZERO,
        net: Money::ZERO,
        rate: TaxRate::default(),
        tax: Money::ZERO,
    };
    let share = TaxShare {
        gross,
        net,
        rate,
        tax,
    };
    let taxes = vec![free, share];
    SaleTotals { gross, taxes }
}

fn sale(part: u32, parts: u32, id: u64, lines: Vec<SaleLine>, gross: i64) -> Sale {
    Sale {
        cash_given: (gross > 0).then(|| money(5000)),
        currency: Currency::new("EUR").unwrap(),
        door: Door::CashDesk,
        tx: (id..).zip(&lines).map(|(id, line)| tx(id, line)).collect(),
        lines,
        part,
        parts,
        payment: SalePayment {
            id: PaymentMethodId(1),
            kind: PaymentKind::Cash,
            name: "Cash".to_owned(),
        },
        point_of_sale: SalePlace {
            id: PosId(1),
            name: "Box office".to_owned(),
        },
        request: None,
        session: Some(SessionId(4)),
        totals: (part == parts).then(|| totals(gross)),
    }
}

fn taken_back((id, line): (u64, SaleLine)) -> SaleLine {
    let mut line = line;
    line.price = money(-line.price.units());
    line.total = line.price;
    line.authorized_by = None;
    line.reverses = Some(Reversed {
        hash: TxHash::ZERO,
        id: TxId(id),
    });
    line
}

/// A sale in two parts, another one, and the reversal of the first.
fn facts() -> Vec<Fact> {
    let [sold, redeemed] = lines();
    let back: Vec<_> = (1..).zip(lines()).map(taken_back).collect();
    let id = SessionId(4);
    vec![
        Fact::InstanceDescribed(Instance {
            address: None,
            currency: Currency::new("EUR").unwrap(),
            day_starts_at: "06:00".to_owned(),
            name: "Festival".to_owned(),
            slug: crate::log(),
            time_zone: "Europe/Berlin".to_owned(),
        }),
        Fact::CashDeskDefined(CashDesk {
            id: CashDeskId(3),
            inactive: false,
            ip_address: None,
            name: "Left".to_owned(),
            point_of_sale: PosId(1),
            printer: None,
        }),
        Fact::SessionOpened(Session {
            cash_before: money(10_000),
            cash_desk: CashDeskId(3),
            id,
            starts: None,
            token_hash: hash::fingerprint(b"token"),
            user: UserId(9),
        }),
        Fact::SaleRecorded(sale(1, 2, 1, vec![sold], 0)),
        Fact::SaleRecorded(sale(2, 2, 2, vec![redeemed], 2300)),
        Fact::SaleRecorded(sale(1, 1, 3, lines().to_vec(), 2300)),
        Fact::SaleReversed(sale(1, 1, 5, back, -2300)),
        Fact::PingSent(Ping {
            id: PingId(1),
            request: None,
            secret: "/ping a".to_owned(),
            session: id,
        }),
        Fact::SessionClosed(SessionEnd {
            cash_after: Some(money(12_250)),
            id,
        }),
    ]
}

#[tokio::test]
async fn cash_desks_are_read_with_sql() {
    let database = Database::new().await;
    let store = open(&database.url).await.unwrap();
    fold(&store, facts()).await;
    let mut reader = crate::admin(&database.url).await;
    run(&mut reader, "SET timezone = 'UTC'; SET ROLE daybook_reader").await;
    let expected = [
        (
            "SELECT id, sale_id, product, amount, tax_percent, pieces, net_pieces, door, session_id,
                    coalesce(reverses, 0) AS r, coalesce(authorized_by, 0) AS a,
                    coalesce(list_entry_id, 0) AS l, coalesce(preorder_position_id, 0) AS p,
                    coalesce(preorder_id, 0) AS o
             FROM reporting.transactions ORDER BY id",
            "1|1|Day ticket|23|19.00|1|1|cashdesk|4|0|2|0|0|0\n\
             2|1|Day ticket|0|0.00|1|1|cashdesk|4|0|0|31|77|7\n\
             3|3|Day ticket|23|19.00|1|1|cashdesk|4|0|2|0|0|0\n\
             4|3|Day ticket|0|0.00|1|1|cashdesk|4|0|0|31|77|7\n\
             5|5|Day ticket|-23|19.00|1|-1|cashdesk|4|1|0|0|0|0\n\
             6|5|Day ticket|0|0.00|1|-1|cashdesk|4|2|0|31|77|7",
        ),
        (
            "SELECT id, seq, session_id, gross, net, tax, cash_given, is_reversal
             FROM reporting.sales WHERE NOT is_reversal ORDER BY id",
            "1|4|4|23.00|19.33|3.67|50.00|false\n3|5|4|23.00|19.33|3.67|50.00|false",
        ),
        (
            "SELECT id, gross, net, tax, coalesce(cash_given, 0) AS c FROM reporting.sales
             WHERE is_reversal",
            "5|-23.00|-19.33|-3.67|0",
        ),
        (
            "SELECT t.id FROM reporting.transactions t
             WHERE NOT EXISTS (SELECT FROM reporting.transactions r
                               WHERE r.log = t.log AND r.reverses = t.id) AND t.reverses IS NULL
             ORDER BY 1",
            "3\n4",
        ),
        (
            "SELECT id, cash_desk_id, user_id, cash_before, turnover, cash_turnover, cash_after,
                    closed_at > opened_at AS ended, starts_at = opened_at AS at_once, currency
             FROM reporting.sessions",
            "4|3|9|100.00|23.00|23.00|122.50|true|true|EUR",
        ),
        (
            "SELECT id, name, active, point_of_sale_id FROM reporting.cash_desks",
            "3|Left|true|1",
        ),
        (
            "SELECT items #>> '{0,name}' AS item FROM reporting.transactions WHERE items IS NOT NULL",
            "Wristband\nWristband\nWristband",
        ),
        (
            "SELECT data #> '{lines,0,ticket}' AS ticket, data #> '{lines,0,list_entry}' AS entry
             FROM reporting.events WHERE seq = 4",
            "{\"is_paid\": true, \"position\": 77, \"preorder\": 7}|31",
        ),
        (
            "SELECT count(*) FROM reporting.events WHERE data::text LIKE '%ticket-code%'
                OR data::text LIKE '%token_hash%'",
            "0",
        ),
    ];
    for (sql, rows_expected) in expected {
        assert_eq!(rows(&mut reader, sql).await, rows_expected, "{sql}");
    }
    store.close().await;
    database.discard().await;
}
