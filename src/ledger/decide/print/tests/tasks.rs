//! What may be asked of tasks, one row after another.

use super::shop::{Shop, begin, begin_as, done};
use crate::ledger::command::{Action, Command, CommandId};
use crate::ledger::decide::{Decision, Rejection, attempt, decide};
use crate::ledger::print::{PrintCommand, PrintOrder, TaskEnd, TaskFailure};
use daybook_projections::Views;
use daybook_projections::printer_job::{Ending, TaskState};
use daybook_schema::facts::{PrintItem, PrintJob, PrintReceipt};
use daybook_schema::{Actor, At, Fact};

fn order(task: &str, node: Option<&str>) -> PrintOrder {
    PrintOrder {
        task: task.to_owned(),
        printer: "DESK".to_owned(),
        job: PrintJob::Drawer,
        node: node.map(str::to_owned),
        deadline: None,
        numbered: false,
        sale: None,
        again: None,
    }
}

fn request(order: PrintOrder) -> PrintCommand {
    PrintCommand::Request(Box::new(order))
}

fn printed(task: &str) -> TaskEnd {
    TaskEnd::Printed(done(task))
}

fn without(task: &str) -> TaskFailure {
    TaskFailure {
        task: task.to_owned(),
        messages: Vec::new(),
    }
}

fn ends(node: &str, end: TaskEnd) -> PrintCommand {
    PrintCommand::End {
        node: node.to_owned(),
        end,
        frames: Vec::new(),
    }
}

fn receipt() -> PrintJob {
    PrintJob::Receipt(PrintReceipt {
        items: vec![PrintItem::Comment("Hello".to_owned())],
        ..PrintReceipt::default()
    })
}

impl Shop {
    fn accepts(&mut self, command: PrintCommand) -> Vec<Fact> {
        self.print(command).unwrap()
    }

    fn refuses(&mut self, command: PrintCommand) -> Rejection {
        self.print(command).unwrap_err()
    }

    fn state(&self, task: &str) -> TaskState {
        self.views.printer_job.task(task).unwrap().state.clone()
    }

    fn how(&self, task: &str) -> Option<Ending> {
        match self.state(task) {
            TaskState::Ended { how, .. } => Some(how),
            _ => None,
        }
    }
}

#[test]
fn a_name_is_used_once() {
    let mut shop = Shop::open();
    shop.accepts(request(order("a", None)));
    let used = Rejection::TaskUsed("a".to_owned());
    assert_eq!(shop.refuses(request(order("a", None))), used);
    shop.accepts(PrintCommand::Cancel {
        task: "a".to_owned(),
    });
    assert_eq!(shop.refuses(request(order("a", Some("exon")))), used);
}

#[test]
fn a_venue_that_is_not_described_has_no_tasks() {
    let command = Command {
        by: Actor::Operator,
        id: CommandId::fresh(),
        action: Action::Print(request(order("a", None))),
    };
    let refused = decide(&Views::default(), &command, At::default());
    assert_eq!(refused, Err(Rejection::NoCatalogue));
}

#[test]
fn the_same_request_again_is_the_same_task() {
    let mut shop = Shop::open();
    let again = |meaning: &[u8]| Command {
        by: Actor::Operator,
        id: CommandId::chosen("print", "a", meaning),
        action: Action::Print(request(order("a", None))),
    };
    let Ok(Decision::Record(facts)) = decide(&shop.views, &again(b"1"), shop.at) else {
        panic!("refused")
    };
    let first = shop.views.head.size;
    let [Fact::PrintRequested(requested)] = &facts[..] else {
        panic!("{facts:?}")
    };
    assert!(requested.request.is_some());
    // The shop records under an id of its own, so the fold knows the task only.
    shop.record(&facts);
    assert_eq!(shop.views.head.size, first + 1);
    let used = Err(Rejection::TaskUsed("a".to_owned()));
    assert_eq!(decide(&shop.views, &again(b"2"), shop.at), used);
}

#[test]
fn a_receipt_that_the_device_does_not_number_gets_one_of_the_ledger() {
    let mut shop = Shop::open();
    for (task, job, numbered, number) in [
        ("a", receipt(), true, Some(1)),
        ("b", receipt(), false, None),
        ("c", PrintJob::Drawer, true, None),
        ("d", receipt(), true, Some(2)),
    ] {
        let facts = shop.accepts(request(PrintOrder {
            job,
            numbered,
            ..order(task, None)
        }));
        let Some(Fact::PrintRequested(requested)) = facts.last() else {
            panic!("{facts:?}")
        };
        let on_it = match &requested.job {
            PrintJob::Receipt(receipt) => receipt.number,
            _ => None,
        };
        let given = facts.iter().find_map(|fact| match fact {
            Fact::ReceiptNumbered(one) => Some((one.number, one.sale, one.task.clone())),
            _ => None,
        });
        assert_eq!(on_it, number, "{task}");
        assert_eq!(given, number.map(|number| (number, None, task.to_owned())));
    }
    assert_eq!(shop.book(super::shop::OWN, &[super::shop::WINE]).len(), 3);
    assert_eq!(shop.views.printer_job.last_number(), 3);
}

#[test]
fn tasks_begin_in_order_and_one_at_a_time() {
    let mut shop = Shop::open();
    let unknown = Rejection::UnknownTask("a".to_owned());
    assert_eq!(shop.refuses(begin("exon", "a")), unknown);
    for (task, node) in [("far", Some("other")), ("a", None), ("b", Some("exon"))] {
        shop.accepts(request(order(task, node)));
    }
    let busy = Rejection::PrinterBusy("DESK".to_owned());
    // What only another node may do is not in the way; what anybody may do is.
    assert_eq!(shop.refuses(begin("exon", "far")), busy);
    assert_eq!(shop.refuses(begin("exon", "b")), busy);
    assert_eq!(shop.refuses(begin("other", "a")), busy);
    shop.accepts(begin("exon", "a"));
    assert_eq!(
        shop.refuses(begin("exon", "a")),
        Rejection::TaskBegun("a".to_owned())
    );
    assert_eq!(shop.refuses(begin("other", "far")), busy);
    assert_eq!(shop.refuses(begin("exon", "b")), busy);
    shop.accepts(ends("exon", printed("a")));
    shop.accepts(begin("other", "far"));
    assert_eq!(shop.refuses(begin("exon", "b")), busy);
    shop.accepts(ends("other", printed("far")));
    shop.accepts(begin("exon", "b"));
}

/// Or else tasks of its own would wait for ever behind those of sales, which it does not do.
#[test]
fn a_node_that_does_nothing_for_sales_passes_them_by() {
    let mut shop = Shop::open();
    shop.accepts(request(order("of a sale", None)));
    shop.accepts(request(order("mine", Some("exon"))));
    let busy = Rejection::PrinterBusy("DESK".to_owned());
    assert_eq!(shop.refuses(begin("exon", "mine")), busy);
    assert_eq!(shop.refuses(begin_as("exon", "of a sale", false)), busy);
    shop.accepts(begin_as("exon", "mine", false));
    assert_eq!(shop.refuses(begin("other", "of a sale")), busy);
    shop.accepts(ends("exon", printed("mine")));
    shop.accepts(begin("other", "of a sale"));
}

fn again(task: &str) -> PrintCommand {
    request(PrintOrder {
        again: Some("a".to_owned()),
        ..order(task, None)
    })
}

#[test]
fn what_failed_is_tried_again_and_nothing_else() {
    let mut shop = Shop::open();
    let settled = Rejection::TaskSettled("a".to_owned());
    let unknown = Rejection::UnknownTask("a".to_owned());
    assert_eq!(shop.refuses(again(&attempt("a", 2))), unknown);
    shop.accepts(request(order("a", None)));
    assert_eq!(shop.refuses(again(&attempt("a", 2))), settled);
    shop.accepts(begin("exon", "a"));
    assert_eq!(shop.refuses(again(&attempt("a", 2))), settled);
    shop.accepts(ends("exon", TaskEnd::Unknown(without("a"))));
    assert_eq!(
        shop.refuses(again(&attempt("a", 2))),
        settled,
        "it may be on paper"
    );
    shop.accepts(ends("exon", TaskEnd::Failed(without("a"))));
    shop.accepts(again(&attempt("a", 2)));
    // One at a time, until one of them is done.
    assert_eq!(shop.refuses(again(&attempt("a", 3))), settled);
    let task = attempt("a", 2);
    shop.accepts(PrintCommand::Cancel { task });
    shop.accepts(again(&attempt("a", 3)));
    shop.accepts(begin("exon", &attempt("a", 3)));
    shop.accepts(ends("exon", printed(&attempt("a", 3))));
    assert_eq!(shop.refuses(again(&attempt("a", 4))), settled);
}

#[test]
fn a_task_that_waited_too_long_fails_instead_of_beginning() {
    let mut shop = Shop::open();
    let deadline = Some(shop.at);
    for task in ["in time", "late"] {
        let order = order(task, None);
        shop.accepts(request(PrintOrder { deadline, ..order }));
    }
    shop.accepts(begin("exon", "in time"));
    shop.accepts(ends("exon", printed("in time")));
    shop.at = At::from_micros(shop.at.micros() + 1);
    let facts = shop.accepts(begin("exon", "late"));
    let [Fact::PrintFailed(end)] = &facts[..] else {
        panic!("{facts:?}")
    };
    assert_eq!(end.messages[0].code.as_deref(), Some("E999"));
    assert_eq!(shop.how("late"), Some(Ending::Failed));
}

#[test]
fn only_who_runs_a_task_tells_its_end() {
    let mut shop = Shop::open();
    for (task, node) in [("a", None), ("mine", Some("exon"))] {
        shop.accepts(request(order(task, node)));
    }
    let settled = |task: &str| Rejection::TaskSettled(task.to_owned());
    // Before it began it can only have failed, at a node that may do it.
    assert_eq!(shop.refuses(ends("exon", printed("a"))), settled("a"));
    let lost = TaskEnd::Unknown(without("a"));
    assert_eq!(shop.refuses(ends("exon", lost)), settled("a"));
    let failed = || TaskEnd::Failed(without("mine"));
    assert_eq!(shop.refuses(ends("other", failed())), settled("mine"));
    shop.accepts(ends("exon", failed()));
    shop.accepts(begin("exon", "a"));
    assert_eq!(shop.refuses(ends("other", printed("a"))), settled("a"));
    shop.accepts(ends("exon", printed("a")));
    assert_eq!(shop.refuses(ends("exon", printed("a"))), settled("a"));
    assert_eq!(shop.how("mine"), Some(Ending::Failed));
}

#[test]
fn what_nobody_knew_is_learned_once_or_decided() {
    let mut shop = Shop::open();
    let settled = |task: &str| Rejection::TaskSettled(task.to_owned());
    for task in ["learned", "decided"] {
        shop.accepts(request(order(task, None)));
        shop.accepts(begin("exon", task));
        shop.accepts(ends("exon", TaskEnd::Unknown(without(task))));
        let lost = || TaskEnd::Unknown(without(task));
        assert_eq!(shop.refuses(ends("exon", lost())), settled(task));
        assert_eq!(shop.refuses(PrintCommand::Resolve(lost())), settled(task));
    }
    let unknown: Vec<_> = shop
        .views
        .printer_job
        .unknown()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(unknown, ["learned", "decided"]);
    // Whichever node asks the device may tell.
    shop.accepts(ends("other", printed("learned")));
    shop.accepts(PrintCommand::Resolve(TaskEnd::Failed(without("decided"))));
    assert_eq!(shop.how("learned"), Some(Ending::Printed));
    assert_eq!(shop.how("decided"), Some(Ending::Failed));
    for task in ["learned", "decided"] {
        assert_eq!(shop.refuses(ends("exon", printed(task))), settled(task));
        let decided = PrintCommand::Resolve(printed(task));
        assert_eq!(shop.refuses(decided), settled(task));
    }
    assert_eq!(shop.views.printer_job.unknown().count(), 0);
}

/// The node that ran it may be gone for good.
#[test]
fn a_person_may_decide_what_is_running_and_not_what_waits() {
    let mut shop = Shop::open();
    shop.accepts(request(order("a", None)));
    let decide = || PrintCommand::Resolve(printed("a"));
    let settled = Rejection::TaskSettled("a".to_owned());
    assert_eq!(shop.refuses(decide()), settled);
    shop.accepts(begin("exon", "a"));
    shop.accepts(decide());
    assert_eq!(shop.refuses(ends("exon", printed("a"))), settled);
    let unknown = PrintCommand::Resolve(printed("b"));
    assert_eq!(
        shop.refuses(unknown),
        Rejection::UnknownTask("b".to_owned())
    );
}

#[test]
fn only_what_waits_can_be_cancelled() {
    let mut shop = Shop::open();
    let cancel = || PrintCommand::Cancel {
        task: "a".to_owned(),
    };
    assert_eq!(
        shop.refuses(cancel()),
        Rejection::UnknownTask("a".to_owned())
    );
    shop.accepts(request(order("a", None)));
    shop.accepts(request(order("b", None)));
    shop.accepts(begin("exon", "a"));
    let begun = Rejection::TaskBegun("a".to_owned());
    assert_eq!(shop.refuses(cancel()), begun);
    shop.accepts(ends("exon", printed("a")));
    assert_eq!(shop.refuses(cancel()), begun);
    shop.accepts(PrintCommand::Cancel {
        task: "b".to_owned(),
    });
    assert_eq!(shop.how("b"), Some(Ending::Failed));
    assert_eq!(shop.views.printer_job.busy().count(), 0);
}

/// That each line fits is seen when the shop seals it.
#[test]
fn a_long_talk_is_told_in_as_many_events_as_it_takes() {
    let mut shop = Shop::open();
    shop.accepts(request(order("a", None)));
    shop.accepts(begin("exon", "a"));
    let mut frames: Vec<String> = (0..5000)
        .map(|i| format!(">{:0>1$X}", i, 20 + i % 90))
        .collect();
    frames.push(format!("<{}", "F".repeat(200_000)));
    frames.push("<06".to_owned());
    let facts = shop.accepts(PrintCommand::End {
        node: "exon".to_owned(),
        end: printed("a"),
        frames: frames.clone(),
    });
    let told = facts.iter().filter_map(|fact| match fact {
        Fact::PrintSpoken(talk) => Some(talk.frames.clone()),
        _ => None,
    });
    let told: Vec<String> = told.flatten().collect();
    assert_eq!(told.len(), frames.len());
    // Only the frame that fits no event is cut.
    let cut: Vec<_> = (0..frames.len())
        .filter(|i| told[*i] != frames[*i])
        .collect();
    assert_eq!(cut, [5000]);
    assert!(frames[5000].starts_with(&told[5000]) && told[5000].len() > 40_000);
    assert!(matches!(facts.last(), Some(Fact::Printed(_))));
}
