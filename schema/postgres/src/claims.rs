//! Names of nodes that this handle has to itself: advisory locks of the database.
//!
//! They belong to a connection that does nothing else and that the server is never to end for being
//! idle. When it ends all the same, the names are free; the next call connects and asks anew.

use crate::{CONNECT_TIMEOUT, answer, migrate, unavailable};
use daybook_schema::LogError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::sync::Mutex;

/// Locks of one connection do not exclude each other, so a name may be asked for again.
const TRY: &str = "SELECT pg_try_advisory_lock(hashtextextended('daybook node ' || $1, 0))";

pub(crate) struct Claims {
    options: PgConnectOptions,
    own: Mutex<Own>,
}

/// The connection that holds the locks.
enum Own {
    Missing,
    Connected(PgConnection),
    Closed,
}

impl Claims {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        Self {
            options: options.options([("idle_session_timeout", "0")]),
            own: Mutex::new(Own::Missing),
        }
    }

    /// Whether the node's name is this handle's, now or already.
    pub(crate) async fn claim(&self, node: &str) -> Result<bool, LogError> {
        let mut own = self.own.lock().await;
        match &mut *own {
            // It stays in its place while it is asked: a caller who gives up must not end it.
            Own::Connected(warm) => match try_lock(warm, node).await {
                Ok(claimed) => return Ok(claimed),
                // It has probably died, and its locks with it.
                Err(_) => *own = Own::Missing,
            },
            Own::Missing => {}
            Own::Closed => return Err(LogError::Unavailable("the log is closed".to_owned())),
        }
        let fresh = migrate::connect(&self.options).await;
        let mut fresh = fresh.map_err(unavailable)?;
        let claimed = try_lock(&mut fresh, node).await?;
        *own = Own::Connected(fresh);
        Ok(claimed)
    }

    pub(crate) async fn close(&self) {
        let mut own = self.own.lock().await;
        let Own::Connected(mut last) = std::mem::replace(&mut *own, Own::Closed) else {
            return;
        };
        let goodbye = async {
            // The server notices the end of a connection a moment later; the names are free now.
            let unlock = sqlx::query("SELECT pg_advisory_unlock_all()");
            drop(unlock.execute(&mut last).await);
            last.close().await
        };
        drop(tokio::time::timeout(CONNECT_TIMEOUT, goodbye).await);
    }
}

async fn try_lock(connection: &mut PgConnection, node: &str) -> Result<bool, LogError> {
    answer(sqlx::query_scalar(TRY).bind(node).fetch_one(connection)).await
}
