//! Notices commits of others, by a counter that `SQLite` keeps for every connection.

use sqlx::{Connection, SqliteConnection};
use std::time::Duration;
use tokio::sync::Mutex;

/// How often the counter is read.
const POLL: Duration = Duration::from_millis(250);

/// Polls before [`Watch::changed`] returns without reason.
const POLLS: u32 = 4;

/// A connection of its own: the counter moves when any other connection commits.
pub(crate) struct Watch(Mutex<Option<(SqliteConnection, i64)>>);

impl Watch {
    pub(crate) fn new(connection: SqliteConnection) -> Self {
        // No real counter is this low, so the first call returns at once.
        Self(Mutex::new(Some((connection, i64::MIN))))
    }

    /// Without a connection: wakes by the time only.
    pub(crate) fn of_time() -> Self {
        Self(Mutex::new(None))
    }

    pub(crate) async fn changed(&self) {
        for _ in 0..POLLS {
            if self.moved().await {
                return;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn moved(&self) -> bool {
        let mut watch = self.0.lock().await;
        let Some((connection, seen)) = watch.as_mut() else {
            return false;
        };
        let version = sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(connection)
            .await;
        // A counter that cannot be read says nothing; the caller is woken by the time.
        version.is_ok_and(|version| std::mem::replace(seen, version) != version)
    }

    pub(crate) async fn close(&self) {
        if let Some((connection, _)) = self.0.lock().await.take() {
            drop(connection.close().await);
        }
    }
}
