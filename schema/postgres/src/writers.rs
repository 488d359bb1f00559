//! Connections for appends: few, warm, and never shared with reads.
//!
//! A book has one writer, so this is one connection per busy log. It is no pool, since a pool
//! either asks the server before each use (a second round trip) or hands out dead connections one
//! after the other; here the last used one comes first, and one failure empties the stack.

use crate::{CONNECT_TIMEOUT, migrate};
use daybook_schema::AppendError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

const MAX_WRITERS: usize = 4;

pub(crate) struct Writers {
    options: PgConnectOptions,
    idle: Mutex<Vec<PgConnection>>,
    permits: Semaphore,
}

/// A connection in use. Dropping it closes the connection, since nobody knows its state.
pub(crate) struct Writer<'a> {
    connection: PgConnection,
    home: &'a Writers,
    _permit: SemaphorePermit<'a>,
}

impl Writers {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            idle: Mutex::default(),
            permits: Semaphore::new(MAX_WRITERS),
        }
    }

    /// The last used connection, or a new one.
    pub(crate) async fn take(&self) -> Result<Writer<'_>, AppendError> {
        let not_stored = |why: String| AppendError::NotStored(why);
        let permit = self
            .permits
            .acquire()
            .await
            .map_err(|_| not_stored("the log is closed".to_owned()))?;
        let warm = self.with_idle(Vec::pop);
        let connection = match warm {
            Some(connection) => connection,
            None => migrate::connect(&self.options)
                .await
                .map_err(|e| not_stored(e.to_string()))?,
        };
        Ok(Writer {
            connection,
            home: self,
            _permit: permit,
        })
    }

    /// Forgets the idle connections: one has died, so the others of its age probably have too.
    pub(crate) fn distrust(&self) {
        drop(self.with_idle(std::mem::take));
    }

    pub(crate) async fn close(&self) {
        self.permits.close();
        for connection in self.with_idle(std::mem::take) {
            // A polite goodbye; the server notices either way.
            drop(tokio::time::timeout(CONNECT_TIMEOUT, connection.close()).await);
        }
    }

    fn with_idle<T>(&self, act: impl FnOnce(&mut Vec<PgConnection>) -> T) -> T {
        act(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Writer<'_> {
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Keeps the connection for the next append.
    pub(crate) fn give_back(self) {
        if !self.home.permits.is_closed() {
            self.home.with_idle(|idle| idle.push(self.connection));
        }
    }
}
