//! What was stored outlives the server process.

use crate::{log, variable};
use daybook_postgres::open;
use daybook_schema::contract::seal_chain;
use daybook_schema::{AppendError, EventLog, Head, LogError};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A cluster of its own, for a test that kills it.
struct Cluster(PathBuf);

impl Cluster {
    fn new() -> Self {
        let name = format!("daybook-crash-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn tool(&self, command: &str) -> String {
        let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/postgres");
        let output = Command::new(tool)
            .arg(command)
            .arg(&self.0)
            .env(
                "DAYBOOK_TEST_POSTGRES_BIN",
                variable("DAYBOOK_TEST_POSTGRES_BIN"),
            )
            .output()
            .expect("tests/postgres runs");
        assert!(
            output.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.tool("stop");
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_survives_the_death_of_the_server() {
    let cluster = Cluster::new();
    let store = open(&cluster.tool("start")).await.unwrap();
    let log = log();
    let mut head = Head::default();
    for round in 1..3 {
        for _ in 0..20 * round {
            let lines = seal_chain(&log, head, 3);
            store.append(&log, head, &lines).await.unwrap();
            head = lines[2].head();
        }
        let lines = seal_chain(&log, head, 2);
        let log_of_append = log.clone();
        let (dying, _) = tokio::join!(
            store.append(&log_of_append, head, &lines),
            tokio::task::spawn_blocking({
                let path = cluster.0.clone();
                move || std::mem::ManuallyDrop::new(Cluster(path)).tool("kill")
            }),
        );
        let said_stored = dying.is_ok();
        assert!(
            matches!(
                dying,
                Ok(()) | Err(AppendError::Unknown(_) | AppendError::NotStored(_))
            ),
            "{dying:?}"
        );
        let refused = store.append(&log, head, &lines).await;
        assert!(
            matches!(
                refused,
                Err(AppendError::NotStored(_) | AppendError::Unknown(_))
            ),
            "nobody is there: {refused:?}"
        );
        if round == 1 {
            assert!(matches!(
                store.head(&log).await,
                Err(LogError::Unavailable(_))
            ));
        }

        cluster.tool("start");
        let after = store.head(&log).await.expect("the same handle goes on");
        assert!(
            after == head || after == lines[1].head(),
            "the stored head is {head:?}: {after:?}"
        );
        assert!(
            !said_stored || after == lines[1].head(),
            "an answered append is lost"
        );
        match store.append(&log, head, &lines).await {
            Ok(()) => assert_eq!(after, head),
            Err(AppendError::Conflict) => assert_eq!(after, lines[1].head()),
            Err(error) => panic!("{error}"),
        }
        head = lines[1].head();
    }
    let all = store.read(&log, 0, usize::MAX).await.unwrap();
    assert_eq!(all.len() as u64, head.size);
    store.close().await;
}
