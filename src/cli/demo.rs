//! `daybook demo`: a venue to try, with a little trade.

mod paper;

use super::import::import;
use super::serve::stop_on_signal;
use super::till::Till;
use super::{CliError, Desk, Output};
use crate::qr::payment::Setup;
use crate::qr::table_link;
use crate::server::{Options, Server};
use crate::store::{Missing, StoreArgs};
use clap::Args;
use daybook_catalogue::Format;
use daybook_schema::LogName;
use daybook_schema::id::TableId;
use paper::Devices;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// Start two venues with data on an embedded store, and print what to try.
///
/// The festival "Sommerfest am See" with its bars, products, tickets and keys, and a restaurant whose
/// guests order at the table. The first start plays a little trade through the WebSocket. The data stays in the directory until you remove it.
#[derive(Args)]
pub(super) struct DemoArgs {
    /// Directory of the demo's store
    #[arg(long, value_name = "DIR", default_value = "./daybook-demo")]
    data: PathBuf,

    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

/// The venues of the demo.
const FESTIVAL: &str = include_str!("../../tests/fixtures/festival.json");
const RESTAURANT: &str = include_str!("../../tests/fixtures/restaurant.json");

/// The table whose link is printed: the first one of the restaurant's file.
const TABLE: TableId = TableId(1_000_028);

/// Keys of the venues, as their files have them. They are for trying only.
const TILL_KEY: &str = "YOUR_API_KEY";
const AUDIT_KEY: &str = "demo-audit-key";
const DESK_TOKEN: &str = "abcdefgh1234567890";
const STAFF_TOKEN: &str = "qr-menu-secret-key";

/// The first sales at the bar: payment method, and products with their amounts.
const TRADE: [(u32, &[(u32, u32)]); 6] = [
    (1, &[(1, 1)]),
    (1, &[(2, 3), (36, 1)]),
    (2, &[(36, 2), (8, 2)]),
    (1, &[(15, 2)]),
    (2, &[(2, 8)]),
    (1, &[(8, 1), (15, 1)]),
];

pub(super) async fn run(args: DemoArgs, output: &Output) -> Result<(), CliError> {
    let store = StoreArgs {
        data: Some(args.data.clone()),
        database_url: None,
    };
    let desk = Desk::open(store.open(Missing::Create).await?).await?;
    let prepared = prepare(&desk).await;
    desk.close().await;
    let (link, events) = prepared?;
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone())?;
    let opened = store.open(Missing::Refuse).await?;
    let mut devices = Devices::start(events)?;
    let options = Options {
        listen: vec![args.listen],
        node: "demo".to_owned(),
        rate_limit: true,
        trusted_proxies: Vec::new(),
        // There are two: what names none means the festival.
        instance: LogName::new("festival").ok(),
        trust_loopback: true,
        payments: Setup::Test,
        printers: std::mem::take(&mut devices.setup),
        publish: None,
    };
    let server = Server::start(opened, options, stop.clone()).await;
    let server = server.map_err(|error| {
        CliError::Outside(format!(
            "{error}\nAnother address may be free: --listen 127.0.0.1:0"
        ))
    })?;
    let address = server.addresses().first().copied().unwrap_or(args.listen);
    let running = tokio::spawn(server.run());
    let paper = tokio::spawn(devices.show(output.is_json()));
    let played = play(address).await;
    match &played {
        Ok(rows) => {
            let data = args.data.display().to_string();
            introduce(output, address, (&data, &link), *rows);
        }
        Err(_) => stop.cancel(),
    }
    running
        .await
        .map_err(|error| CliError::Outside(error.to_string()))?;
    paper.abort();
    played.map(|_| ())
}

/// Brings both venues to the state of their files; returns the link of a table, and how many events
/// there are.
async fn prepare(desk: &Desk) -> Result<(String, u64), CliError> {
    let mut events = 0;
    let mut link = String::new();
    for (what, file) in [("festival", FESTIVAL), ("restaurant", RESTAURANT)] {
        let file = paper::printing(file)?;
        let what = format!("the demo's {what}");
        let imported = import(desk, &what, &file, Format::Json).await?;
        let log = LogName::new(&imported.0).map_err(|error| CliError::No(error.to_string()))?;
        let views = desk.book(&log).await?.views();
        events += views.head.size;
        link = table_link(&desk.installation, &log, &views, TABLE);
    }
    Ok((link, events))
}

/// Plays the trade when the bar has sold nothing yet; returns how many transactions it has.
async fn play(address: SocketAddr) -> Result<usize, CliError> {
    let mut till = Till::connect(&format!("ws://{address}/festival")).await?;
    let list = json!({ "api_key": TILL_KEY, "POSID": 1 });
    let count = |answer: &Value| answer["Transactions"].as_array().map_or(0, Vec::len);
    let before = count(&till.ask("listtransactions", list.clone()).await?);
    if before > 0 {
        return Ok(before);
    }
    for (method, lines) in TRADE {
        let products: Vec<Value> = lines
            .iter()
            .map(|(id, amount)| json!({ "ID": id, "Amount": amount }))
            .collect();
        let sale = json!({ "api_key": TILL_KEY, "POSID": 1, "PaymentMethod": method, "Products": products });
        till.ask("payitems", sale).await?;
    }
    Ok(count(&till.ask("listtransactions", list).await?))
}

fn introduce(output: &Output, address: SocketAddr, (data, link): (&str, &str), rows: usize) {
    // As it was called, so that the lines below can be typed as they stand.
    let program = std::env::args()
        .next()
        .unwrap_or_else(|| "daybook".to_owned());
    let text = format!(
        "Sommerfest am See is open on http://{address}   (Ctrl-C ends it, the data stays in {data})

  Till        ws://{address}/festival        api_key {TILL_KEY}
  Cash desk   http://{address}/api/          token {DESK_TOKEN}
  The log     http://{address}/ledger/festival/events      key {AUDIT_KEY}
  A table     http://{address}/t/{link}
  A display   http://{address}/display/1        what the bar's customers see
  A printer   http://{address}/printers/FP_Room1        simulated: what it prints is shown here
  Booked      {rows} transactions at the bar so far

Sell five small barrels, from another terminal:

  {program} ask --url ws://{address}/festival payitems '{{\"POSID\":1,\"PaymentMethod\":1,\"Products\":[{{\"ID\":1,\"Amount\":5}}]}}'

Or with any WebSocket client:

  npx wscat -c ws://{address}/festival -x '{{\"command\":\"payitems\",\"parameters\":{{\"api_key\":\"{TILL_KEY}\",\"POSID\":1,\"PaymentMethod\":1,\"Products\":[{{\"ID\":1,\"Amount\":5}}]}}}}'

Redeem a member's ticket and sell a day ticket at the cash desk:

  curl -H 'Authorization: Token {DESK_TOKEN}' --json '{{\"positions\":[{{\"type\":\"redeem\",\"secret\":\"abcdefgh\",\"list_1\":\"12345\"}},{{\"type\":\"sell\",\"product\":4}}]}}' http://{address}/api/transactions/

Print a fiscal receipt (the cash desk above prints those of its sales by itself):

  curl --json '{{\"items\":[{{\"text\":\"Cheese\",\"quantity\":1,\"unitPrice\":12,\"taxGroup\":2}}]}}' http://{address}/printers/FP_Room1/receipt

Order and pay as a guest of the restaurant, at the table above; its staff see that here:

  curl -H 'token: {STAFF_TOKEN}' 'http://{address}/api/v4/events?hash=none'

Read the log, and check it while it grows:

  curl -H 'Authorization: Bearer {AUDIT_KEY}' 'http://{address}/ledger/festival/events?limit=3'
  {program} verify --data {data}"
    );
    let value = json!({ "listen": address, "instance": "festival", "api_key": TILL_KEY,
        "audit_key": AUDIT_KEY, "desk_token": DESK_TOKEN, "transactions": rows,
        "guest_url": format!("http://{address}/t/{link}"), "staff_token": STAFF_TOKEN });
    output.result(&text, &value);
}
