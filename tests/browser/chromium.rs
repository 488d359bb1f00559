//! A headless Chromium of the test's own, and the protocol that it is driven by.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long the browser may take to start, and to answer anything.
const START_PATIENCE: Duration = Duration::from_mins(1);
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);

/// What the browser is called by different systems.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// No sandbox, since tests run as root in containers; nobody but this machine is asked for anything.
const FLAGS: [&str; 14] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--lang=en",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "about:blank",
];

/// A running browser. It is killed when dropped.
pub(super) struct Browser {
    socket: WebSocketStream<TcpStream>,
    last: u64,
    events: VecDeque<Value>,
    /// What pages complained of: exceptions, and whatever their policy forbade.
    pub(super) complaints: Vec<String>,
    _child: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser, and says what is wrong when there is none.
    pub(super) async fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let (mut child, name) = spawn(&profile);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let starting = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(url) = line.strip_prefix("DevTools listening on ") {
                    return Some(url.to_owned());
                }
                said.push(line);
            }
            None
        };
        let started = tokio::time::timeout(START_PATIENCE, starting).await;
        let Ok(Some(url)) = started else {
            panic!("{name} does not start: {}", said.join("\n"));
        };
        // Nobody reads what it says later, and it must not wait for somebody who does.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let host = url
            .strip_prefix("ws://")
            .unwrap()
            .split('/')
            .next()
            .unwrap();
        let stream = TcpStream::connect(host).await.unwrap();
        let (socket, _) = client_async(&url, stream).await.unwrap();
        Self {
            socket,
            last: 0,
            events: VecDeque::new(),
            complaints: Vec::new(),
            _child: child,
            _profile: profile,
        }
    }

    /// Asks the browser, or one of its pages, and returns the result.
    pub(super) async fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Value {
        let answer = self.ask(session, method, parameters).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Asks, and returns the result or what the browser says is wrong.
    pub(super) async fn ask(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<Value, Value> {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
        loop {
            let mut heard = self.hear(method).await;
            if heard["id"] == self.last {
                return match heard.get_mut("error") {
                    Some(error) => Err(error.take()),
                    None => Ok(heard["result"].take()),
                };
            }
            self.keep(heard);
        }
    }

    /// Waits for an event of a page.
    pub(super) async fn event(&mut self, session: &str, method: &str) -> Value {
        let wanted = |event: &Value| event["sessionId"] == session && event["method"] == method;
        loop {
            if let Some(index) = self.events.iter().position(wanted) {
                return self.events.remove(index).unwrap()["params"].take();
            }
            let heard = self.hear(method).await;
            self.keep(heard);
        }
    }

    async fn hear(&mut self, what: &str) -> Value {
        let hearing = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                    Some(Ok(_)) => {}
                    other => panic!("the browser has gone at {what}: {other:?}"),
                }
            }
        };
        let heard = tokio::time::timeout(ANSWER_PATIENCE, hearing).await;
        heard.unwrap_or_else(|_| panic!("the browser does not answer {what}"))
    }

    fn keep(&mut self, event: Value) {
        match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.complaints.push(event.to_string()),
            Some("Log.entryAdded") if event["params"]["entry"]["source"] == "security" => {
                self.complaints.push(event.to_string());
            }
            Some("Fetch.requestPaused" | "Page.loadEventFired") => self.events.push_back(event),
            _ => {}
        }
    }
}

fn spawn(profile: &TempDir) -> (Child, &'static str) {
    for name in NAMES {
        let mut command = Command::new(name);
        command
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if let Ok(child) = command.kill_on_drop(true).spawn() {
            return (child, name);
        }
    }
    panic!("there is no Chromium: run tests/prepare, which installs it");
}
