//! What every reader shares: the currency, who wrote the file, and the problems so far.
//!
//! A reader that meets a problem notes it and goes on with a placeholder, so that one run reports
//! many; `conclude` lets no placeholder out.

use crate::error::{CatalogueError, Problem};
use crate::limits::MAX_PROBLEMS;
use crate::scalar::shorten;
use daybook_schema::money::Currency;
use std::cell::{Cell, RefCell};

pub(crate) struct Context {
    /// Set once the instance is read; amounts cannot be judged without it.
    pub(crate) currency: Cell<Option<Currency>>,
    /// Whether another program wrote the file: it may say more than is read here.
    pub(crate) foreign: bool,
    problems: RefCell<Vec<Problem>>,
    count: Cell<usize>,
}

/// Most characters of a message; some carry text of the file.
const MAX_MESSAGE_CHARS: usize = 400;

impl Context {
    /// For a file that a person writes by our rules.
    pub(crate) const fn new() -> Self {
        Self {
            currency: Cell::new(None),
            foreign: false,
            problems: RefCell::new(Vec::new()),
            count: Cell::new(0),
        }
    }

    /// For a file that another program wrote.
    pub(crate) const fn foreign(currency: Currency) -> Self {
        Self {
            currency: Cell::new(Some(currency)),
            foreign: true,
            problems: RefCell::new(Vec::new()),
            count: Cell::new(0),
        }
    }

    /// Notes a problem. Control characters of the file do not reach a terminal.
    pub(crate) fn refuse(&self, path: &str, message: &str) {
        self.count.set(self.count.get() + 1);
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MAX_PROBLEMS {
            let (path, message) = (
                shorten(path, MAX_MESSAGE_CHARS),
                shorten(message, MAX_MESSAGE_CHARS),
            );
            problems.push(Problem { path, message });
        }
    }

    /// How many problems there are so far.
    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    /// What was read, unless anything was wrong with it.
    pub(crate) fn conclude<T>(self, read: Option<T>) -> Result<T, CatalogueError> {
        let problems = self.problems.into_inner();
        match read {
            Some(read) if problems.is_empty() => Ok(read),
            _ => Err(CatalogueError::Refused {
                more: self.count.get() - problems.len(),
                problems,
            }),
        }
    }
}
