//! Several nodes, other devices, tasks that wait behind others: who may print, who may ask a device,
//! and who is told at once.

use super::bench::{Break, Node, Workshop, ending, example};
use daybook::ledger::print::{PrintCommand, TaskEnd, TaskFailure};
use daybook_printers::uri::Driver;
use daybook_projections::printer_job::Ending;
use daybook_schema::facts::PrintStart;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Long enough for everything that is done again and again.
const LONG: Duration = Duration::from_mins(5);

const GHOST: &str = "ghost";

/// A task that the node `ghost` began, on the device of the workshop, and lost.
async fn lost(node: &Node, task: &str, bound: bool) {
    let owner = bound.then(|| GHOST.to_owned());
    node.order_of(task, example(), false, owner).await;
    let start = PrintStart {
        before: Some("0000084".to_owned()),
        device: Some("DT279013".to_owned()),
        node: GHOST.to_owned(),
        task: task.to_owned(),
        unique_sale_number: None,
    };
    let sales = true;
    node.submit(PrintCommand::Start { start, sales })
        .await
        .unwrap();
    let end = TaskEnd::Unknown(TaskFailure {
        task: task.to_owned(),
        messages: Vec::new(),
    });
    let command = PrintCommand::End {
        node: GHOST.to_owned(),
        end,
        frames: Vec::new(),
    };
    node.submit(command).await.unwrap();
}

/// How a task stands after a long time in the life of a node.
fn later(workshop: &Workshop, name: &str, task: &str) -> Option<Ending> {
    workshop.live_as(name, true, async |node| {
        tokio::time::sleep(LONG).await;
        ending(&node.book.views(), task)
    })
}

/// Neither another node's device of the same name, nor one that took its place, may say that nothing
/// was printed.
#[test]
fn only_the_device_itself_says_what_became_of_a_receipt() {
    for bound in [true, false] {
        let workshop = Workshop::new(Driver::DatecsP, Break::Never, 0);
        workshop.off.store(true, Ordering::Relaxed);
        workshop.live_as("zeus", false, async |node| lost(&node, "a", bound).await);
        assert_eq!(later(&workshop, "zeus", "a"), Some(Ending::Unknown));
        workshop.off.store(false, Ordering::Relaxed);
        assert_eq!(later(&workshop, "zeus", "a"), Some(Ending::Unknown));
        workshop.device(|device| assert!(device.set_serial("DT111111")));
        assert_eq!(later(&workshop, GHOST, "a"), Some(Ending::Unknown));
        workshop.device(|device| assert!(device.set_serial("DT279013")));
        assert_eq!(later(&workshop, GHOST, "a"), Some(Ending::Failed));
    }
}

/// A node that leaves the sales to others does its own clients' tasks all the same, and does not
/// turn round and round.
#[test]
fn what_sales_ask_for_stands_in_nobodys_way_where_it_is_not_done() {
    let workshop = Workshop::new(Driver::DatecsP, Break::Never, 0);
    workshop.live_as("exon", false, async |node| {
        node.order_of("sale", example(), false, None).await;
        node.order("client", example(), false).await;
        assert_eq!(node.ended("client").await, Ending::Printed);
        let (size, carried) = (node.book.views().head.size, workshop.carried());
        tokio::time::sleep(LONG).await;
        assert_eq!(ending(&node.book.views(), "sale"), None);
        assert_eq!(node.book.views().head.size, size);
        assert_eq!(workshop.carried(), carried);
    });
    assert_eq!(later(&workshop, "zeus", "sale"), Some(Ending::Printed));
}

/// What sales ask for waits until the printer is back; clients behind it are told.
#[test]
fn clients_are_told_at_once_that_the_printer_is_off_and_sales_wait() {
    let workshop = Workshop::new(Driver::DatecsP, Break::Never, 0);
    workshop.off.store(true, Ordering::Relaxed);
    workshop.live(async |node| {
        node.order_of("sale", example(), false, None).await;
        node.order("client", example(), false).await;
        assert_eq!(node.ended("client").await, Ending::Failed);
        assert_eq!(ending(&node.book.views(), "sale"), None);
        workshop.off.store(false, Ordering::Relaxed);
        assert_eq!(node.ended("sale").await, Ending::Printed);
    });
}
