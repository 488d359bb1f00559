//! Queues as somebody would keep them on a sheet of paper, beside what the ledger does.

use super::shop::{Shop, begin, done};
use crate::ledger::decide::Rejection;
use crate::ledger::print::{PrintCommand, PrintOrder, TaskEnd, TaskFailure};
use daybook_projections::printer_job::{Ending, TaskState};
use daybook_schema::At;
use daybook_schema::facts::PrintJob;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

const PRINTERS: [&str; 2] = ["DESK", "BAR"];
const NODES: [&str; 2] = ["exon", "intron"];
const HOUR: i64 = 3_600_000_000;

/// What somebody does; names are small numbers, so that they meet.
#[derive(Clone, Debug)]
enum Step {
    Request {
        task: u8,
        printer: usize,
        node: Option<usize>,
        hours: Option<i64>,
    },
    Start(u8, usize),
    End(u8, usize, Ending),
    Resolve(u8, Ending),
    Cancel(u8),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let task = || 0u8..8;
    let ending = || {
        let printed = Just(Ending::Printed);
        prop_oneof![printed, Just(Ending::Failed), Just(Ending::Unknown)]
    };
    let node = prop::option::of(0usize..2);
    let hours = prop::option::weighted(0.3, 0i64..3);
    prop_oneof![
        4 => (task(), 0usize..2, node, hours).prop_map(|(task, printer, node, hours)| {
            Step::Request { task, printer, node, hours }
        }),
        4 => (task(), 0usize..2).prop_map(|(task, node)| Step::Start(task, node)),
        4 => (task(), 0usize..2, ending()).prop_map(|(task, node, end)| Step::End(task, node, end)),
        1 => (task(), ending()).prop_map(|(task, end)| Step::Resolve(task, end)),
        1 => task().prop_map(Step::Cancel),
        2 => prop_oneof![0i64..3, 20i64..30, 2000i64..2200].prop_map(Step::Wait),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stands {
    Waiting,
    Running(usize),
    Ended(Ending, i64),
}

#[derive(Clone, Debug)]
struct Entry {
    printer: usize,
    node: Option<usize>,
    deadline: Option<i64>,
    /// Its turn: smaller came earlier.
    turn: usize,
    stands: Stands,
}

#[derive(Debug, PartialEq)]
enum No {
    Used,
    Unknown,
    Begun,
    Busy,
    Settled,
}

/// The sheet of paper.
#[derive(Default)]
struct Sheet {
    tasks: BTreeMap<u8, Entry>,
    turns: usize,
    kept: i64,
    now: i64,
}

impl Sheet {
    fn entry(&mut self, task: u8) -> Result<&mut Entry, No> {
        self.tasks.get_mut(&task).ok_or(No::Unknown)
    }

    fn take(&mut self, step: &Step) -> Result<(), No> {
        match *step {
            Step::Wait(hours) => self.now += hours * HOUR,
            Step::Request {
                task,
                printer,
                node,
                hours,
            } => self.request(task, printer, (node, hours))?,
            Step::Start(task, node) => self.start(task, node)?,
            Step::End(task, node, how) => self.end(task, how, |entry| match entry.stands {
                Stands::Running(running) => running == node,
                Stands::Waiting => {
                    how == Ending::Failed && entry.node.is_none_or(|own| own == node)
                }
                Stands::Ended(before, _) => before == Ending::Unknown && how != Ending::Unknown,
            })?,
            Step::Resolve(task, how) => self.end(task, how, |entry| match entry.stands {
                Stands::Running(_) | Stands::Ended(Ending::Unknown, _) => how != Ending::Unknown,
                _ => false,
            })?,
            Step::Cancel(task) => {
                if self.entry(task)?.stands != Stands::Waiting {
                    return Err(No::Begun);
                }
                self.end(task, Ending::Failed, |_| true)?;
            }
        }
        Ok(())
    }

    fn request(
        &mut self,
        task: u8,
        printer: usize,
        (node, hours): (Option<usize>, Option<i64>),
    ) -> Result<(), No> {
        if self.tasks.contains_key(&task) {
            return Err(No::Used);
        }
        // Whatever ended for certain, and long ago, is struck out.
        let long_ago = self.now - self.kept * 24 * HOUR;
        self.tasks.retain(|_, entry| match entry.stands {
            Stands::Ended(Ending::Printed | Ending::Failed, at) => at >= long_ago,
            _ => true,
        });
        self.turns += 1;
        let entry = Entry {
            printer,
            node,
            deadline: hours.map(|hours| self.now + hours * HOUR),
            turn: self.turns,
            stands: Stands::Waiting,
        };
        self.tasks.insert(task, entry);
        Ok(())
    }

    fn start(&mut self, task: u8, node: usize) -> Result<(), No> {
        let now = self.now;
        let entry = self.entry(task)?.clone();
        if entry.stands != Stands::Waiting {
            return Err(No::Begun);
        }
        let may = |other: &Entry| other.node.is_none_or(|own| own == node);
        let here = || {
            self.tasks
                .values()
                .filter(|one| one.printer == entry.printer)
        };
        let runs = here().any(|one| matches!(one.stands, Stands::Running(_)));
        let waits = |one: &&Entry| one.stands == Stands::Waiting && may(one);
        let earlier = here().filter(waits).any(|one| one.turn < entry.turn);
        if runs || earlier || !may(&entry) {
            return Err(No::Busy);
        }
        let late = entry.deadline.is_some_and(|deadline| deadline < now);
        self.entry(task)?.stands = if late {
            Stands::Ended(Ending::Failed, now)
        } else {
            Stands::Running(node)
        };
        Ok(())
    }

    fn end(&mut self, task: u8, how: Ending, may: impl FnOnce(&Entry) -> bool) -> Result<(), No> {
        let now = self.now;
        let entry = self.entry(task)?;
        if !may(entry) {
            return Err(No::Settled);
        }
        entry.stands = Stands::Ended(how, now);
        Ok(())
    }

    /// What waits for a printer or is being printed there, in turn.
    fn queue(&self, printer: usize) -> Vec<String> {
        let open = |entry: &Entry| !matches!(entry.stands, Stands::Ended(..));
        let here = self
            .tasks
            .iter()
            .filter(|(_, entry)| entry.printer == printer);
        let mut queue: Vec<_> = here.filter(|(_, entry)| open(entry)).collect();
        queue.sort_by_key(|(_, entry)| entry.turn);
        queue.into_iter().map(|(task, _)| name(*task)).collect()
    }
}

fn name(task: u8) -> String {
    format!("task {task}")
}

fn end(task: u8, how: Ending) -> TaskEnd {
    let task = name(task);
    let messages = Vec::new();
    match how {
        Ending::Printed => TaskEnd::Printed(done(&task)),
        Ending::Failed => TaskEnd::Failed(TaskFailure { task, messages }),
        Ending::Unknown => TaskEnd::Unknown(TaskFailure { task, messages }),
    }
}

fn command(step: &Step, now: i64) -> Option<PrintCommand> {
    Some(match *step {
        Step::Wait(_) => return None,
        Step::Request {
            task,
            printer,
            node,
            hours,
        } => PrintCommand::Request(Box::new(PrintOrder {
            task: name(task),
            printer: PRINTERS[printer].to_owned(),
            job: PrintJob::Drawer,
            node: node.map(|node| NODES[node].to_owned()),
            deadline: hours.map(|hours| At::from_micros(now + hours * HOUR)),
            numbered: false,
            sale: None,
            again: None,
        })),
        Step::Start(task, node) => begin(NODES[node], &name(task)),
        Step::End(task, node, how) => PrintCommand::End {
            node: NODES[node].to_owned(),
            end: end(task, how),
            frames: Vec::new(),
        },
        Step::Resolve(task, how) => PrintCommand::Resolve(end(task, how)),
        Step::Cancel(task) => PrintCommand::Cancel { task: name(task) },
    })
}

fn refusal(rejection: &Rejection) -> No {
    match rejection {
        Rejection::TaskUsed(_) => No::Used,
        Rejection::UnknownTask(_) => No::Unknown,
        Rejection::TaskBegun(_) => No::Begun,
        Rejection::PrinterBusy(_) => No::Busy,
        Rejection::TaskSettled(_) => No::Settled,
        other => panic!("{other}"),
    }
}

/// The view says of every task what the sheet says, and no printer has two at once.
fn compare(shop: &Shop, sheet: &Sheet) -> Result<(), TestCaseError> {
    let jobs = &shop.views.printer_job;
    let known: Vec<_> = jobs.tasks().map(|(name, _)| name.to_owned()).collect();
    let noted: Vec<_> = sheet.tasks.keys().map(|task| name(*task)).collect();
    prop_assert_eq!(known, noted);
    for (task, entry) in &sheet.tasks {
        let stands = match &jobs.task(&name(*task)).unwrap().state {
            TaskState::Waiting => Stands::Waiting,
            TaskState::Running { node } => {
                Stands::Running(NODES.iter().position(|one| one == node).unwrap())
            }
            TaskState::Ended { how, .. } => {
                Stands::Ended(*how, jobs.task(&name(*task)).unwrap().at.micros())
            }
        };
        prop_assert_eq!(stands, entry.stands);
    }
    for (index, printer) in PRINTERS.iter().enumerate() {
        let queue: Vec<_> = jobs.queue(printer).collect();
        let running = queue
            .iter()
            .filter(|(_, task)| matches!(task.state, TaskState::Running { .. }));
        prop_assert!(running.count() <= 1);
        let names: Vec<_> = queue.into_iter().map(|(name, _)| name.to_owned()).collect();
        prop_assert_eq!(jobs.busy().any(|busy| busy == *printer), !names.is_empty());
        prop_assert_eq!(names, sheet.queue(index));
    }
    let mut unknown: Vec<_> = jobs.unknown().map(|(name, _)| name.to_owned()).collect();
    unknown.sort();
    let open = |entry: &Entry| matches!(entry.stands, Stands::Ended(Ending::Unknown, _));
    let noted = sheet.tasks.iter().filter(|(_, entry)| open(entry));
    prop_assert_eq!(
        unknown,
        noted.map(|(task, _)| name(*task)).collect::<Vec<_>>()
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn queues_are_those_on_paper(
        days in prop::option::of(prop::sample::select(vec!["0", "1", "4294967295", "soon"])),
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let settings = days.map(|days| json!({ "print_task_days": days }));
        let settings = settings.unwrap_or_else(|| json!({}));
        let mut shop = Shop::with(&[("/settings", settings)]);
        let kept = days.and_then(|days| days.parse().ok()).unwrap_or(90);
        let mut sheet = Sheet { kept: kept.min(1_000_000), now: shop.at.micros(), ..Sheet::default() };
        for step in &steps {
            let expected = sheet.take(step);
            shop.at = At::from_micros(sheet.now);
            if let Some(command) = command(step, sheet.now) {
                let size = shop.views.head.size;
                let answer = shop.print(command).map_err(|no| refusal(&no));
                prop_assert_eq!(shop.views.head.size > size, answer.is_ok());
                prop_assert_eq!(answer.map(|_| ()), expected, "{:?}", step);
            }
            compare(&shop, &sheet)?;
        }
    }
}
