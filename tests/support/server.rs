//! A server process of the test's own.

use super::{AUDIT_KEY, Store, Till};
use serde_json::Value;
use std::net::SocketAddr;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A running `daybook serve`. It is killed when dropped.
pub struct Server {
    pub address: SocketAddr,
    pub child: Child,
}

impl Server {
    /// Starts a server on a free port, without budgets, and waits until it listens.
    pub async fn start(store: &Store) -> Self {
        Self::start_with(store, &["--rate-limit", "off"]).await
    }

    /// Starts a server with flags.
    pub async fn start_with(store: &Store, flags: &[&str]) -> Self {
        Self::start_logged(store, flags, Stdio::inherit()).await
    }

    /// Starts a server with flags, and its log (standard error) to a place of the test's own.
    pub async fn start_logged(store: &Store, flags: &[&str], log: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_daybook"))
            .args(["--json", "serve", "--listen", "127.0.0.1:0"])
            // Flags beat the environment, so a test may ask for more.
            .env("DAYBOOK_LOG", "warn")
            .args(store.flags())
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("the server says where it listens");
        let said: Value = serde_json::from_str(&line).unwrap();
        let address = said["listen"].as_str().unwrap().parse().unwrap();
        Self { address, child }
    }

    /// kill -9, now.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end, and returns its exit code.
    pub async fn stop(mut self) -> i32 {
        let pid = self.child.id().unwrap().to_string();
        let status = Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .await
            .unwrap();
        assert!(status.success());
        self.child.wait().await.unwrap().code().unwrap_or(-1)
    }

    /// A till at the festival.
    pub async fn till(&self) -> Till {
        Till::connect(self.address, "/festival").await.unwrap()
    }

    /// GET with a key; returns status and body.
    pub async fn get(&self, path: &str, key: Option<&str>) -> (u16, String) {
        let (status, _, body) = self.request("GET", path, key, "").await;
        (status, body)
    }

    /// The JSON body of a GET that must succeed with the auditor's key.
    pub async fn audit(&self, path: &str) -> Value {
        let (status, body) = self.get(path, Some(AUDIT_KEY)).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// A plain HTTP request; returns status, head and body.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: &str,
    ) -> (u16, String, String) {
        let answer = self.try_request(method, path, key, body).await;
        answer.expect("an answer")
    }

    /// The same of a server that may die meanwhile: nothing when there is no whole answer.
    pub async fn try_request(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: &str,
    ) -> Option<(u16, String, String)> {
        let mut stream = TcpStream::connect(self.address).await.ok()?;
        let auth = key.map_or_else(String::new, |key| {
            format!("authorization: Bearer {key}\r\n")
        });
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{auth}content-length: {length}\r\n\r\n{body}",
            self.address
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, head.to_owned(), body.to_owned()))
    }
}
