//! A node that has not heard of a command yet must not refuse its repetition.

use crate::support::festival;
use daybook::clock;
use daybook::ledger::{Action, Command, CommandId, Ledger, PayItems};
use daybook::metrics::Metrics;
use daybook_catalogue::Format;
use daybook_schema::contract::MemoryLog;
use daybook_schema::id::{PaymentMethodId, PosId, ProductId};
use daybook_schema::{Actor, EventLog, LogName};
use std::sync::Arc;

fn command(id: CommandId, action: Action) -> Command {
    let by = Actor::Operator;
    Command { by, id, action }
}

fn sale() -> Command {
    let pay = PayItems {
        point_of_sale: PosId(1),
        password: None,
        payment_method: PaymentMethodId(1),
        lines: vec![(ProductId(1), 5)],
    };
    let id = CommandId::chosen("concertpos/1", "till-1", &pay.meaningful());
    command(id, Action::PayItems(pay))
}

#[tokio::test]
async fn a_repetition_is_answered_by_a_node_that_is_behind() {
    let log = MemoryLog::reliable();
    let store: Arc<dyn EventLog> = Arc::new(log.clone());
    let secret = store.secret().await.unwrap();
    let node = || Ledger::new(store.clone(), clock::system(), Arc::new(Metrics::default()));
    let (here, behind) = (node(), node());
    let slug = LogName::new("festival").unwrap();
    // Nobody wakes this one: it has seen nothing but an empty log.
    let behind = behind.open_book(&slug).await.unwrap();
    let here = here.open_book(&slug).await.unwrap();
    let venue = festival().to_string();
    let venue = daybook_catalogue::read(&venue, Format::Json, &secret).unwrap();
    let import = command(CommandId::fresh(), Action::Import(Box::new(venue)));
    here.submit(import).await.unwrap();
    let first = here.submit(sale()).await.unwrap();
    assert!(!first.repeated);
    let again = behind.submit(sale()).await.unwrap();
    assert_eq!((again.first, again.end), (first.first, first.end));
    assert!(again.repeated);
    // What is refused for good is still refused.
    let mut other = sale();
    other.id = CommandId::chosen("concertpos/1", "till-1", b"something else");
    assert!(behind.submit(other).await.is_err());
}
