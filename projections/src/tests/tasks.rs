//! Tasks of printers and the receipts of sales, folded event by event.

use crate::Views;
use crate::printer_job::{Ending, KEPT_DAYS, KEPT_SETTING, TaskState};
use daybook_schema::facts::{
    PrintCopy, PrintDone, PrintEnd, PrintJob, PrintOriginal, PrintReason, PrintReceipt,
    PrintRequest, PrintReversal, PrintStart, ReceiptNumber, Setting,
};
use daybook_schema::id::TxId;
use daybook_schema::{Actor, At, Event, Fact, LogName, line};

const DAY: i64 = 86_400_000_000;
const SALE: TxId = TxId(7);

/// A log whose clock tests turn.
#[derive(Default)]
struct Log {
    views: Views,
    now: i64,
}

impl Log {
    /// Folds a fact, and tells its seq. What is folded on from a snapshot is the same.
    fn fold(&mut self, fact: Fact) -> u64 {
        let head = self.views.head;
        let event = Event {
            at: At::from_micros(self.now),
            by: Actor::Ledger,
            cmd: format!("cmd-{}", head.size),
            fact,
            log: LogName::new("festival").unwrap(),
            prev: head.leaf,
            seq: head.size,
        };
        let leaf = line::seal(&event).unwrap().leaf;
        let mut restored = Views::restore(&self.views.snapshot()).unwrap();
        restored.apply(&event, leaf);
        self.views.apply(&event, leaf);
        assert_eq!(restored.fingerprints(), self.views.fingerprints());
        head.size
    }

    fn request(&mut self, task: &str, sale: Option<TxId>, job: PrintJob) -> u64 {
        self.fold(Fact::PrintRequested(PrintRequest {
            deadline: None,
            job,
            node: None,
            printer: "bar".to_owned(),
            request: None,
            sale,
            task: task.to_owned(),
        }))
    }

    fn drawer(&mut self, task: &str) -> u64 {
        self.request(task, None, PrintJob::Drawer)
    }

    fn number(&mut self, number: u32, sale: Option<TxId>) {
        let task = "any".to_owned();
        self.fold(Fact::ReceiptNumbered(ReceiptNumber { number, sale, task }));
    }

    fn start(&mut self, task: &str) -> u64 {
        self.fold(Fact::PrintStarted(PrintStart {
            before: None,
            device: None,
            node: "exon".to_owned(),
            task: task.to_owned(),
            unique_sale_number: None,
        }))
    }

    fn end(&mut self, task: &str, how: Ending) -> u64 {
        let task = task.to_owned();
        let messages = Vec::new();
        self.fold(match how {
            Ending::Printed => Fact::Printed(PrintDone {
                task,
                ..PrintDone::default()
            }),
            Ending::Failed => Fact::PrintFailed(PrintEnd { messages, task }),
            Ending::Unknown => Fact::PrintUnknown(PrintEnd { messages, task }),
        })
    }

    fn names(&self) -> Vec<&str> {
        self.views
            .printer_job
            .tasks()
            .map(|(name, _)| name)
            .collect()
    }

    fn queue(&self) -> Vec<&str> {
        let queue = self.views.printer_job.queue("bar");
        queue.map(|(name, _)| name).collect()
    }
}

#[test]
fn a_task_stands_in_the_queue_until_it_ends() {
    let mut log = Log::default();
    let requested = log.drawer("b");
    log.drawer("a");
    assert_eq!(log.queue(), ["b", "a"], "in order of arrival");
    log.now = 5;
    let started = log.start("b");
    assert_eq!(log.queue(), ["b", "a"]);
    let task = log.views.printer_job.task("b").unwrap();
    assert_eq!((task.requested, task.started), (requested, Some(started)));
    assert_eq!(task.at.micros(), 5);
    let seq = log.end("b", Ending::Unknown);
    assert_eq!(log.queue(), ["a"]);
    let state = |log: &Log| log.views.printer_job.task("b").unwrap().state.clone();
    let how = Ending::Unknown;
    assert_eq!(state(&log), TaskState::Ended { how, seq });
    assert_eq!(log.views.printer_job.unknown().count(), 1);
    let seq = log.end("b", Ending::Printed);
    let how = Ending::Printed;
    assert_eq!(state(&log), TaskState::Ended { how, seq });
    assert_eq!(log.views.printer_job.unknown().count(), 0);
    assert_eq!(log.views.printer_job.busy().collect::<Vec<_>>(), ["bar"]);
    log.end("a", Ending::Failed);
    assert_eq!(log.views.printer_job.busy().count(), 0);
}

#[test]
fn what_ended_is_forgotten_after_its_days_and_nothing_else() {
    let days = i64::from(KEPT_DAYS);
    let mut log = Log::default();
    for task in ["open", "lost", "old", "learned late"] {
        log.drawer(task);
    }
    log.end("old", Ending::Printed);
    log.end("lost", Ending::Unknown);
    log.end("learned late", Ending::Unknown);
    log.now = DAY;
    log.end("learned late", Ending::Failed);
    log.now = days * DAY;
    log.drawer("on the day");
    let all = ["learned late", "lost", "old", "on the day", "open"];
    assert_eq!(log.names(), all);
    log.now += 1;
    log.drawer("behind it");
    assert_eq!(
        log.names(),
        ["behind it", "learned late", "lost", "on the day", "open"]
    );
    log.now += DAY;
    log.drawer("next");
    assert!(!log.names().contains(&"learned late"));
    log.now += 1000 * days * DAY;
    log.drawer("much later");
    let kept = [
        "behind it",
        "lost",
        "much later",
        "next",
        "on the day",
        "open",
    ];
    assert_eq!(log.names(), kept);
    // What was forgotten leaves its name free, and what is asked for under it is a task of its own.
    log.drawer("old");
    assert_eq!(log.queue().last(), Some(&"old"));
}

#[test]
fn a_setting_says_how_many_days() {
    for (value, kept) in [
        ("0", 0),
        (" 2 ", 2),
        ("two", 90),
        ("-1", 90),
        ("", 90),
        ("4294967295", 4_294_967_295),
        ("4294967296", 90),
    ] {
        let mut log = Log::default();
        log.fold(Fact::SettingSet(Setting {
            key: KEPT_SETTING.to_owned(),
            value: value.to_owned(),
        }));
        log.drawer("a");
        log.end("a", Ending::Printed);
        for (day, task) in [(1, "b"), (3, "c"), (91, "d"), (10_000, "e")] {
            log.now = day * DAY;
            log.drawer(task);
            assert_eq!(log.names().contains(&"a"), day <= kept, "{value:?} {day}");
        }
    }
}

fn receipt() -> PrintJob {
    PrintJob::Receipt(PrintReceipt::default())
}

#[test]
fn a_receipt_is_the_first_request_of_its_sale_until_it_was_printed() {
    let mut log = Log::default();
    log.number(3, Some(SALE));
    let first = log.request("a", Some(SALE), receipt());
    let known = |log: &Log| {
        let receipt = log.views.printer_job.receipt(SALE).unwrap();
        (receipt.requested, receipt.printed, receipt.copies)
    };
    assert_eq!(known(&log), (first, None, 0));
    // A copy, however it ends, is not the receipt.
    let copy = |copy, of| PrintJob::Copy(PrintCopy { copy, of });
    log.request("a copy", Some(SALE), copy(1, first));
    log.end("a copy", Ending::Printed);
    assert_eq!(known(&log), (first, None, 1));
    log.end("a", Ending::Failed);
    assert_eq!(known(&log), (first, None, 1));
    // One more attempt, and what is asked for after it was printed is none.
    let again = log.request("a#2", Some(SALE), receipt());
    assert_eq!(known(&log), (again, None, 1));
    let printed = log.end("a#2", Ending::Printed);
    assert_eq!(known(&log), (again, Some(printed), 1));
    log.request("a#3", Some(SALE), receipt());
    log.end("a#3", Ending::Printed);
    log.request("b copy", Some(SALE), copy(2, again));
    assert_eq!(known(&log), (again, Some(printed), 2));
    // It is not forgotten with its task.
    log.now = 1000 * DAY;
    log.drawer("later");
    assert_eq!(known(&log), (again, Some(printed), 2));
    assert_eq!(log.views.printer_job.receipt(SALE).unwrap().number, 3);
    assert!(log.views.printer_job.task("a#2").is_none());
}

#[test]
fn a_reversal_is_a_receipt_of_its_own() {
    let mut log = Log::default();
    log.number(1, Some(SALE));
    let first = log.request("a", Some(SALE), receipt());
    let back = TxId(8);
    log.number(2, Some(back));
    let original = PrintOriginal::Request(first);
    let reversal = PrintJob::Reversal(PrintReversal {
        original,
        reason: PrintReason::default(),
        receipt: PrintReceipt::default(),
    });
    let second = log.request("b", Some(back), reversal);
    let printed = log.end("b", Ending::Printed);
    let receipt = log.views.printer_job.receipt(back).unwrap();
    assert_eq!((receipt.number, receipt.requested), (2, second));
    assert_eq!(receipt.printed, Some(printed));
    assert_eq!(log.views.printer_job.receipt(SALE).unwrap().printed, None);
    // A number that belongs to no sale counts on all the same.
    log.number(3, None);
    assert_eq!(log.views.printer_job.last_number(), 3);
}

/// Logs are folded whatever stands in them; what names no task changes nothing.
#[test]
fn what_names_no_task_is_no_news() {
    let mut log = Log::default();
    log.drawer("a");
    let before = log.views.printer_job.clone();
    log.start("b");
    for how in [Ending::Printed, Ending::Failed, Ending::Unknown] {
        log.end("b", how);
    }
    log.request("c", Some(SALE), receipt());
    log.end("c", Ending::Printed);
    let task = log.views.printer_job.task("a");
    assert_eq!((log.queue(), task), (vec!["a"], before.task("a")));
    assert!(log.views.printer_job.receipt(SALE).is_none());
}
