//! Another attempt at what failed: one at a time, and none once it is on paper.

use super::shop::{OWN, Shop, WATER, begin, done};
use crate::ledger::decide::{Rejection, attempt};
use crate::ledger::print::{PrintCommand, PrintOrder, TaskEnd, TaskFailure};
use daybook_schema::Fact;
use daybook_schema::facts::{PrintJob, PrintRequest};
use serde_json::json;

fn fails(task: &str) -> PrintCommand {
    PrintCommand::End {
        node: "exon".to_owned(),
        end: TaskEnd::Failed(TaskFailure {
            task: task.to_owned(),
            messages: Vec::new(),
        }),
        frames: Vec::new(),
    }
}

/// The same job once more, as `daybook print again` asks for it.
fn again(request: &PrintRequest, of: &str, name: String) -> PrintCommand {
    PrintCommand::Request(Box::new(PrintOrder {
        task: name,
        printer: request.printer.clone(),
        job: request.job.clone(),
        node: request.node.clone(),
        deadline: None,
        numbered: false,
        sale: request.sale,
        again: Some(of.to_owned()),
    }))
}

/// A sale with its receipt, whose request is returned.
fn sold(shop: &mut Shop) -> PrintRequest {
    let facts = shop.book(OWN, &[WATER]);
    let receipt = facts.iter().find_map(|fact| match fact {
        Fact::PrintRequested(request) if matches!(request.job, PrintJob::Receipt(_)) => {
            Some(request.clone())
        }
        _ => None,
    });
    receipt.unwrap()
}

#[test]
fn a_sales_receipt_is_asked_for_again_until_it_is_on_paper() {
    let mut shop = Shop::with(&[("/printers/0/receipts", json!("all"))]);
    let first = sold(&mut shop);
    let name = first.task.clone();
    let settled = Rejection::TaskSettled(name.clone());
    let second = || again(&first, &name, attempt(&name, 2));
    assert_eq!(shop.print(second()).unwrap_err(), settled, "it still waits");
    shop.print(fails(&name)).unwrap();
    shop.print(second()).unwrap();
    let third = || again(&first, &name, attempt(&name, 3));
    assert_eq!(
        shop.print(third()).unwrap_err(),
        settled,
        "one is on its way"
    );
    let task = attempt(&name, 2);
    shop.print(begin("exon", &task)).unwrap();
    shop.print(PrintCommand::End {
        node: "exon".to_owned(),
        end: TaskEnd::Printed(done(&task)),
        frames: Vec::new(),
    })
    .unwrap();
    assert_eq!(shop.print(third()).unwrap_err(), settled, "it is on paper");
    let sale = shop.views.printer_job.receipt(first.sale.unwrap()).unwrap();
    assert!(sale.printed.is_some());
}
