//! Names of nodes that this handle has to itself: a locked file beside the database for each.
//!
//! The kernel releases the lock when the process dies, so no name outlives its holder. The files
//! stay: removing one that another process is about to lock would let two have the name.

use crate::{closed, migrate};
use daybook_schema::{LogError, hash};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

pub(crate) struct Claims {
    dir: PathBuf,
    /// The locked files by their names. `None` once closed.
    held: Mutex<Option<BTreeMap<String, File>>>,
}

impl Claims {
    pub(crate) fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            held: Mutex::new(Some(BTreeMap::new())),
        }
    }

    /// Whether the node's name is this handle's, now or already.
    pub(crate) async fn claim(&self, node: &str) -> Result<bool, LogError> {
        let mut held = self.held.lock().await;
        let held = held.as_mut().ok_or_else(closed)?;
        // Hashed, so that any name makes a file's name.
        let name = format!("node-{}.lock", hash::fingerprint(node.as_bytes()));
        if held.contains_key(&name) {
            return Ok(true);
        }
        let path = self.dir.join(&name);
        match tokio::task::spawn_blocking(move || try_lock(&path)).await {
            Ok(Ok(Some(file))) => {
                held.insert(name, file);
                Ok(true)
            }
            Ok(Ok(None)) => Ok(false),
            Ok(Err(e)) => Err(LogError::Unavailable(format!("{name}: {e}"))),
            Err(e) => Err(LogError::Unavailable(e.to_string())),
        }
    }

    pub(crate) async fn close(&self) {
        *self.held.lock().await = None;
    }
}

/// The locked file, or `None` when another has the lock.
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = migrate::lock_file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(e),
    }
}
