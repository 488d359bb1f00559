//! A broker of the test's own, which it may stop, kill and start again.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::Command;

/// A broker in a directory that goes with the test. It is killed when dropped.
pub(super) struct Broker {
    dir: TempDir,
    pub(super) address: String,
}

impl Broker {
    /// Starts a new one.
    pub(super) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// One that tells its clients to come by a port of somebody else's.
    pub(super) async fn behind(port: u16) -> Self {
        let advertised = format!("advertised.listeners=CLIENTS://127.0.0.1:{port},SELF://@SELF@");
        Self::start_with(&[&advertised]).await
    }

    /// One with settings of its own.
    pub(super) async fn start_with(settings: &[&str]) -> Self {
        Self::start_knowing(settings, "").await
    }

    /// One that knows a user by SCRAM besides.
    pub(super) async fn start_knowing(settings: &[&str], scram: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("settings"), settings.join("\n") + "\n").unwrap();
        std::fs::write(dir.path().join("scram"), scram).unwrap();
        let address = run("start", dir.path()).await;
        Self { dir, address }
    }

    /// Starts it again, where it was.
    pub(super) async fn restart(&self) {
        assert_eq!(run("start", self.dir.path()).await, self.address);
    }

    /// Ends it as an operator would.
    pub(super) async fn stop(&self) {
        run("stop", self.dir.path()).await;
    }

    /// kill -9.
    pub(super) async fn kill(&self) {
        run("kill", self.dir.path()).await;
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let killed = std::process::Command::new(script())
            .arg("kill")
            .arg(self.dir.path())
            .status();
        if !killed.is_ok_and(|status| status.success()) {
            eprintln!("a broker may be left in {}", self.dir.path().display());
        }
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kafka")
}

async fn run(what: &str, dir: &Path) -> String {
    let mut command = Command::new(script());
    let command = command.arg(what).arg(dir).stderr(Stdio::inherit());
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "tests/kafka {what}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
