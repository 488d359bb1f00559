//! A small shop, imported from a file, and the words in which tests ask for something there.

use crate::ledger::command::{Action, Command, CommandId, PayItems};
use crate::ledger::decide::{Decision, Rejection, decide};
use crate::ledger::desk::{Answers, Cart, DeskCommand, Sell, Wanted, Wish};
use crate::ledger::print::{PrintCommand, TaskEnd};
use crate::ledger::table::{Chance, Dish, TableCommand, TableWish};
use daybook_catalogue::Format;
use daybook_projections::Views;
use daybook_schema::facts::{
    PrintDone, PrintItem, PrintJob, PrintModifier, PrintReceipt, PrintRequest, PrintStart,
};
use daybook_schema::id::{PaymentMethodId, PosId, ProductId, SessionId, TableId};
use daybook_schema::{Actor, At, Chain, Event, Fact, LogName, Money, TxChains, line};
use serde_json::{Value, json};

/// Products. In brackets: the tax group.
pub(super) const WINE: u32 = 1; // 12.00 [1], needs a receipt
pub(super) const TICKET: u32 = 2; // 10.00 [2], its paper serves as a receipt
pub(super) const BEER: u32 = 3; // 4.50 [2], needs a receipt, has a deposit, from the cellar
pub(super) const PLEDGE: u32 = 4; // the deposit of 1.00 [3]
pub(super) const VOUCHER: u32 = 5; // -3.00 [2], needs a receipt
pub(super) const WATER: u32 = 6; // 2.00 [2], no receipt, has a deposit, from the cellar
pub(super) const SMILE: u32 = 7; // 0.00 [2], needs a receipt
pub(super) const SOUP: u32 = 8; // 7.00 [2], needs a receipt, has modifiers 81 and 82, from the kitchen

/// Sessions. That of `DOOR` is at a desk that has no printer, at a place that has none.
pub(super) const OWN: u32 = 1;
pub(super) const SHARED: u32 = 2;
pub(super) const DOOR: u32 = 3;

pub(super) const BAR: PosId = PosId(1);
pub(super) const TABLE: TableId = TableId(1);

pub(super) struct Shop {
    pub views: Views,
    pub at: At,
    chain: Chain,
    txs: TxChains,
}

/// The shop's file. `DESK` is the printer of desk 1, `BAR` that of its place.
pub(super) fn file() -> Value {
    let product = |id: u32, name: &str, price: &str, group: u32, needs: bool| {
        json!({"id": id, "name": name, "price": price, "tax_rate": "20", "tax_group": group,
            "needs_receipt": needs, "points_of_sale": [1, 2]})
    };
    let mut ticket = product(TICKET, "Ticket", "10.00", 2, true);
    ticket["pack"] = json!([{"name": "Printed ticket", "is_receipt": true}]);
    let mut beer = product(BEER, "Beer", "4.50", 2, true);
    let mut water = product(WATER, "Water", "2.00", 2, false);
    for drink in [&mut beer, &mut water] {
        drink["deposit"] = json!(true);
        drink["category"] = json!("drinks");
    }
    let mut soup = product(SOUP, "Soup", "7.00", 2, true);
    soup["category"] = json!("food");
    soup["modifiers"] = json!([
        {"id": 81, "name": "No onions", "price": "0.00"},
        {"id": 82, "name": "Cream", "price": "0.50"},
    ]);
    let session = |id: u32| {
        json!({"id": id, "cashdesk": id, "user": 1, "token": format!("token-of-{id}"),
            "cash_before": "0.00"})
    };
    json!({
        "instance": {"slug": "shop", "name": "Shop", "currency": "EUR", "time_zone": "UTC"},
        "printers": [
            {"id": "DESK", "uri": "escpos.tcp://127.0.0.1:9101", "receipts": "needed"},
            {"id": "BAR", "uri": "escpos.tcp://127.0.0.1:9102", "receipts": "all"},
            {"id": "KITCHEN", "uri": "escpos.tcp://127.0.0.1:9103", "categories": ["food"]},
            {"id": "CELLAR", "uri": "escpos.tcp://127.0.0.1:9104", "categories": ["drinks"]},
        ],
        "points_of_sale": [
            {"id": 1, "name": "Bar", "printer": "BAR"},
            {"id": 2, "name": "Door"},
        ],
        "payment_methods": [
            {"id": 1, "name": "Cash", "kind": "cash", "points_of_sale": [1, 2]},
            {"id": 2, "name": "Card", "kind": "card", "points_of_sale": [1, 2]},
        ],
        "products": [
            product(WINE, "Wine", "12.00", 1, true),
            ticket,
            beer,
            product(PLEDGE, "Pledge", "1.00", 3, false),
            product(VOUCHER, "Voucher", "-3.00", 2, true),
            water,
            product(SMILE, "Smile", "0.00", 2, true),
            soup,
        ],
        "deposit": {"price": "1.00", "product": PLEDGE},
        "users": [{"id": 1, "name": "Kim", "username": "kim", "roles": ["superuser"]}],
        "cashdesks": [
            {"id": 1, "name": "Own", "point_of_sale": 1, "printer": "DESK"},
            {"id": 2, "name": "Shared", "point_of_sale": 1},
            {"id": 3, "name": "Door", "point_of_sale": 2},
        ],
        "sessions": [session(OWN), session(SHARED), session(DOOR)],
        "waiters": [{"id": 1, "name": "Ada"}],
        "tables": [{"id": 1, "name": "6", "max_guests": 4, "waiter": 1, "point_of_sale": 1}],
        "supply_packs": [],
    })
}

impl Shop {
    pub(super) fn open() -> Self {
        Self::of(&file())
    }

    /// The shop with members set, by JSON pointer; the last step may be new.
    pub(super) fn with(changes: &[(&str, Value)]) -> Self {
        let mut file = file();
        for (pointer, value) in changes {
            let (parent, last) = pointer.rsplit_once('/').unwrap();
            file.pointer_mut(parent).unwrap()[last] = value.clone();
        }
        Self::of(&file)
    }

    pub(super) fn of(file: &Value) -> Self {
        let mut shop = Self {
            views: Views::default(),
            at: At::parse("2026-05-01T10:00:00.000000Z").unwrap(),
            chain: Chain::new(log()),
            txs: TxChains::default(),
        };
        let catalogue = daybook_catalogue::read(&file.to_string(), Format::Json, &[7; 32]);
        shop.act(Action::Import(Box::new(catalogue.unwrap())))
            .unwrap();
        shop
    }

    pub(super) fn act(&mut self, action: Action) -> Result<Vec<Fact>, Rejection> {
        let command = Command {
            by: Actor::Operator,
            id: CommandId {
                cmd: format!("cmd-{}", self.views.head.size),
                request: None,
            },
            action,
        };
        let Decision::Record(facts) = decide(&self.views, &command, self.at)? else {
            panic!("nothing was asked before");
        };
        self.record(&facts);
        Ok(facts)
    }

    /// Seals, reads back, verifies and folds.
    pub(super) fn record(&mut self, facts: &[Fact]) {
        let cmd = format!("cmd-{}", self.views.head.size);
        for fact in facts {
            let event = Event {
                at: self.at,
                by: Actor::Operator,
                cmd: cmd.clone(),
                fact: fact.clone(),
                log: log(),
                prev: self.views.head.leaf,
                seq: self.views.head.size,
            };
            let line = line::seal(&event).unwrap();
            let (read, leaf) = self.chain.link(&line.bytes).unwrap();
            assert_eq!(read, event);
            self.txs.check(&event).unwrap();
            self.views.apply(&event, leaf);
        }
        self.txs.finish().unwrap();
    }

    pub(super) fn wish(&mut self, session: u32, wish: Wish) -> Vec<Fact> {
        let session = SessionId(session);
        self.act(Action::Desk(DeskCommand { session, wish }))
            .unwrap()
    }

    /// Books at a cash desk.
    pub(super) fn book(&mut self, session: u32, products: &[u32]) -> Vec<Fact> {
        self.book_for(session, products, None)
    }

    pub(super) fn book_for(
        &mut self,
        session: u32,
        products: &[u32],
        cash_given: Option<i64>,
    ) -> Vec<Fact> {
        let sell = |product: &u32| {
            Wanted::Sell(Sell {
                product: Ok(ProductId(*product)),
                auth: None,
                answers: Answers::default(),
            })
        };
        let cart = Cart {
            cash_given: cash_given.map(money),
            positions: products.iter().map(sell).collect(),
        };
        self.wish(session, Wish::Book(cart))
    }

    /// Sells at the till of the bar: products and pieces.
    pub(super) fn pay(&mut self, lines: &[(u32, u32)]) -> Vec<Fact> {
        let lines = lines.iter().map(|(id, pieces)| (ProductId(*id), *pieces));
        self.act(Action::PayItems(PayItems {
            point_of_sale: BAR,
            password: None,
            payment_method: PaymentMethodId(2),
            lines: lines.collect(),
        }))
        .unwrap()
    }

    pub(super) fn at_table(&mut self, wish: TableWish) -> Vec<Fact> {
        let chance = Chance {
            hash: 1,
            guid: [3; 16],
        };
        self.act(Action::Table(TableCommand {
            table: TABLE,
            wish,
            chance,
        }))
        .unwrap()
    }

    pub(super) fn order(&mut self, dishes: Vec<Dish>) -> Vec<Fact> {
        self.at_table(TableWish::Order(dishes))
    }

    pub(super) fn print(&mut self, command: PrintCommand) -> Result<Vec<Fact>, Rejection> {
        self.act(Action::Print(command))
    }

    /// Begins a task and ends it well.
    pub(super) fn come_out(&mut self, task: &str) {
        self.print(begin("exon", task)).unwrap();
        self.print(PrintCommand::End {
            node: "exon".to_owned(),
            end: TaskEnd::Printed(done(task)),
            frames: Vec::new(),
        })
        .unwrap();
    }
}

fn log() -> LogName {
    LogName::new("shop").unwrap()
}

pub(super) fn money(units: i64) -> Money {
    Money::new(units).unwrap()
}

/// A node that also does what sales ask for begins a task.
pub(super) fn begin(node: &str, task: &str) -> PrintCommand {
    begin_as(node, task, true)
}

pub(super) fn begin_as(node: &str, task: &str, sales: bool) -> PrintCommand {
    let start = PrintStart {
        before: None,
        device: None,
        node: node.to_owned(),
        task: task.to_owned(),
        unique_sale_number: None,
    };
    PrintCommand::Start { start, sales }
}

pub(super) fn done(task: &str) -> PrintDone {
    PrintDone {
        task: task.to_owned(),
        ..PrintDone::default()
    }
}

/// What is given to printers, in order.
pub(super) fn requests(facts: &[Fact]) -> Vec<&PrintRequest> {
    let requests = facts.iter().filter_map(|fact| match fact {
        Fact::PrintRequested(request) => Some(request),
        _ => None,
    });
    requests.collect()
}

/// The one receipt among facts, with its printer; none when there is none.
pub(super) fn receipt(facts: &[Fact]) -> Option<(&str, &PrintReceipt)> {
    let receipt = |request: &&'_ PrintRequest| matches!(request.job, PrintJob::Receipt(_));
    let all: Vec<_> = requests(facts).into_iter().filter(receipt).collect();
    assert!(all.len() <= 1, "{all:?}");
    let PrintRequest { job, printer, .. } = all.first()?;
    match job {
        PrintJob::Receipt(receipt) => Some((printer, receipt)),
        _ => None,
    }
}

/// What stands on the one receipt among facts.
pub(super) fn printed(facts: &[Fact]) -> Vec<String> {
    receipt(facts).map_or_else(Vec::new, |(_, receipt)| shown(receipt))
}

/// Items as a person would note them: `2 x Wine 12.00 [1] -3.00`. Footers are left out.
pub(super) fn shown(receipt: &PrintReceipt) -> Vec<String> {
    let cents = |money: Money| {
        let units = money.units();
        let sign = if units < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", units.abs() / 100, units.abs() % 100)
    };
    let item = |item: &PrintItem| match item {
        PrintItem::Footer(_) => None,
        PrintItem::Comment(text) => Some(text.clone()),
        PrintItem::Subtotal(amount) => Some(cents(*amount)),
        PrintItem::Sale(sale) => {
            let quantity = daybook_schema::Decimal::new(sale.quantity.units(), 3);
            let (text, group) = (&sale.text, sale.tax_group);
            let price = cents(sale.unit_price);
            let off = match sale.modifier {
                None => String::new(),
                Some(PrintModifier::Amount(amount)) => format!(" {}", cents(amount)),
                Some(PrintModifier::Percent(_)) => panic!("nothing is sold like that"),
            };
            Some(format!("{quantity} x {text} {price} [{group}]{off}"))
        }
    };
    receipt.items.iter().filter_map(item).collect()
}
