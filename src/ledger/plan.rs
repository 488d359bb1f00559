//! A batch before it is appended: commands decided one after another, each seeing the effects of
//! those before it, over a copy of the views that nobody else sees.

use super::book::{Done, Refusal, Request};
use super::decide::{self, Decision, Rejection};
use daybook_projections::Views;
use daybook_schema::log::MAX_APPEND_LINES;
use daybook_schema::{Actor, At, Event, Fact, LogName, SealedLine, line};
use std::collections::VecDeque;

/// Most commands in one batch.
pub(super) const MAX_BATCH_COMMANDS: usize = 1024;

/// A batch takes no further command once its lines have this many bytes.
const MAX_BATCH_BYTES: usize = 8 << 20;

/// A decided batch: what would be appended, the views after it, and what everyone gets to hear.
pub(super) struct Plan {
    pub lines: Vec<SealedLine>,
    pub views: Views,
    pub batch: Vec<Request>,
    pub answers: Vec<Result<Done, Refusal>>,
}

/// What the events of one command have in common.
struct Seal<'a> {
    log: &'a LogName,
    at: At,
    by: Actor,
    cmd: &'a str,
}

impl Plan {
    /// Takes commands from the front of `waiting` and decides them. A command that its door has
    /// withdrawn is dropped: its client was told that nothing is recorded.
    pub(super) fn make(
        log: &LogName,
        views: &Views,
        now: At,
        waiting: &mut VecDeque<Request>,
    ) -> Self {
        let (lines, batch, answers) = (Vec::new(), Vec::new(), Vec::new());
        let mut plan = Self {
            lines,
            views: views.clone(),
            batch,
            answers,
        };
        let at = now.max(views.at);
        plan.clock_step(log, now);
        let mut bytes = 0;
        while plan.has_room(bytes)
            && let Some(mut request) = waiting.pop_front()
        {
            if !request.take() {
                continue;
            }
            let before = plan.lines.len();
            let answer = plan.decide(log, &request, at);
            plan.answers.push(answer);
            plan.batch.push(request);
            bytes += plan.lines[before..]
                .iter()
                .map(|line| line.bytes.len())
                .sum::<usize>();
        }
        plan
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.batch.len() < MAX_BATCH_COMMANDS
            && bytes <= MAX_BATCH_BYTES
            && self.lines.len() <= MAX_APPEND_LINES / 2
    }

    /// Puts the fact that the clock fell behind the log before everything else.
    fn clock_step(&mut self, log: &LogName, now: At) {
        let Some(fact) = decide::clock_step(&self.views, now) else {
            return;
        };
        let at = self.views.at;
        tracing::warn!(%log, %now, last = %at, "the clock is behind the log");
        let cmd = format!("clock/{}", self.views.head.size);
        // A fact of two times always fits a line.
        drop(self.record(
            &Seal {
                log,
                at,
                by: Actor::Ledger,
                cmd: &cmd,
            },
            vec![fact],
        ));
    }

    /// Decides one command; its facts are sealed and folded into the plan.
    fn decide(&mut self, log: &LogName, request: &Request, at: At) -> Result<Done, Refusal> {
        let command = &request.command;
        let first = self.views.head.size;
        let facts = match decide::decide(&self.views, command, at)? {
            Decision::Repeat { first, end } => {
                return Ok(Done {
                    first,
                    end,
                    repeated: true,
                });
            }
            Decision::Record(facts) => facts,
        };
        if facts.len() > MAX_APPEND_LINES / 2 {
            return Err(Rejection::TooManyEvents(facts.len()).into());
        }
        self.record(
            &Seal {
                log,
                at,
                by: command.by,
                cmd: &command.id.cmd,
            },
            facts,
        )?;
        Ok(Done {
            first,
            end: self.views.head.size,
            repeated: false,
        })
    }

    /// Seals facts and folds them. All or nothing: nothing is folded before the last line is sealed.
    fn record(&mut self, seal: &Seal<'_>, facts: Vec<Fact>) -> Result<(), Rejection> {
        let mut head = self.views.head;
        let mut sealed = Vec::with_capacity(facts.len());
        for fact in facts {
            let (prev, seq) = (head.leaf, head.size);
            let (cmd, log) = (seal.cmd.to_owned(), seal.log.clone());
            let event = Event {
                at: seal.at,
                by: seal.by,
                cmd,
                fact,
                log,
                prev,
                seq,
            };
            let line = line::seal(&event).map_err(|error| Rejection::TooLong(error.to_string()))?;
            head = line.head();
            sealed.push((event, line));
        }
        for (event, line) in sealed {
            self.views.apply(&event, line.leaf);
            self.lines.push(line);
        }
        Ok(())
    }
}
