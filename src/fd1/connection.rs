//! One socket from its first message to its end. A task of its own serves it, so that whoever reads
//! slowly waits alone.

use super::client::{Client, Step};
use super::endpoint::{self, LOGIN};
use super::packet::{self, Packet};
use super::{Arrival, Door, session};
use crate::socket::{Gone, Incoming, Socket};
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout};

/// How long a client may take to log in.
const LOGIN_PATIENCE: Duration = Duration::from_mins(1);

/// Logins that may fail.
const FAILURES: u32 = 5;

/// Pause between two repetitions of the status of an open sale.
const REPEAT_EVERY: Duration = Duration::from_secs(10);

/// Pause after the store did not answer.
const RETRY: Duration = Duration::from_secs(1);

/// How long a client may take to read what is on its way when the server stops.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

/// A policy of ours ends the socket.
const POLICY: u16 = 1008;

/// A socket and what is known of its client.
pub(super) struct Connection<'a> {
    door: &'a Door,
    socket: Socket,
    arrival: Arrival,
    failures: u32,
    client: Option<Client>,
}

/// Whether there is more to deliver.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Now,
    /// When the store answers again.
    Later,
    WithNews,
}

impl<'a> Connection<'a> {
    pub(super) const fn new(door: &'a Door, socket: Socket, arrival: Arrival) -> Self {
        Self {
            door,
            socket,
            arrival,
            failures: 0,
            client: None,
        }
    }

    /// Serves the socket until it closes or the server stops.
    pub(super) async fn run(mut self) {
        let deadline = Instant::now() + LOGIN_PATIENCE;
        let mut repeat = interval_at(Instant::now() + REPEAT_EVERY, REPEAT_EVERY);
        repeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut due = Due::WithNews;
        loop {
            let done = tokio::select! {
                biased;
                () = self.door.stop.cancelled() => return self.goodbye().await,
                incoming = self.socket.receive() => match incoming {
                    Incoming::Message(message) => self.hear(&message).await,
                    Incoming::Closed => return,
                },
                () = sleep_until(deadline), if self.client.is_none() => {
                    return self.socket.close(POLICY, "no login within 60 seconds").await;
                }
                _ = repeat.tick(), if self.client.is_some() => self.repeat().await,
                () = wake(&mut self.client, due) => Ok(()),
            };
            if done.is_err() {
                return;
            }
            if let (true, Some(client)) = (due != Due::Now, &mut self.client) {
                client.wake();
            }
            due = match self.deliver().await {
                Ok(due) => due,
                Err(Gone) => return,
            };
        }
    }

    /// Hears a message. Until a login has succeeded, nothing is answered.
    async fn hear(&mut self, message: &[u8]) -> Result<(), Gone> {
        let (packet, read) = Packet::read(message);
        let Some(client) = &mut self.client else {
            if read.is_ok() && packet.a == LOGIN {
                return self.log_in(&packet).await;
            }
            return Ok(());
        };
        let Some(mut messages) = client.still_allowed() else {
            return self.revoked().await;
        };
        let (name, told) = match read {
            Ok(()) => endpoint::answer((self.door, self.arrival), client, &packet).await,
            Err(fault) => ("unknown", Err(fault)),
        };
        let outcome = told.as_ref().map_or_else(|fault| fault.code, |_| "ok");
        self.door.metrics.answered("fd1", name, outcome);
        let failed = outcome == "login_failed";
        messages.extend(told.unwrap_or_else(|fault| vec![packet.refuse(&fault)]));
        self.send_all(messages).await?;
        if failed { self.failed().await } else { Ok(()) }
    }

    async fn log_in(&mut self, packet: &Packet) -> Result<(), Gone> {
        let client = session::check(self.door, self.arrival, packet).and_then(|asked| {
            let purpose = asked.login.purpose;
            let client = Client::new(self.door.hub(&asked.book), asked)?;
            Ok((client, purpose))
        });
        let outcome = client.as_ref().map_or_else(|fault| fault.code, |_| "ok");
        self.door.metrics.answered("fd1", LOGIN, outcome);
        match client {
            Ok((client, purpose)) => {
                let text = packet.answer(&client.welcome(purpose));
                self.client = Some(client);
                self.send(&text).await
            }
            Err(fault) => {
                tracing::debug!(why = fault.text, "a login failed");
                self.failed().await
            }
        }
    }

    /// Counts a login that failed; too many of them end the socket.
    async fn failed(&mut self) -> Result<(), Gone> {
        self.failures += 1;
        if self.failures < FAILURES {
            return Ok(());
        }
        self.socket.close(POLICY, "too many failed logins").await;
        Err(Gone)
    }

    async fn revoked(&mut self) -> Result<(), Gone> {
        self.socket.close(POLICY, "the key was revoked").await;
        Err(Gone)
    }

    async fn repeat(&mut self) -> Result<(), Gone> {
        let Some(client) = &mut self.client else {
            return Ok(());
        };
        let Some(mut messages) = client.still_allowed() else {
            return self.revoked().await;
        };
        messages.extend(client.repeats());
        self.send_all(messages).await
    }

    /// Delivers a page to each firehose.
    async fn deliver(&mut self) -> Result<Due, Gone> {
        let mut due = Due::WithNews;
        let mut index = 0;
        loop {
            let Some(client) = &mut self.client else {
                return Ok(due);
            };
            let open = client.firehoses.len();
            if index >= open {
                return Ok(due);
            }
            let messages = client.show(index);
            self.send_all(messages).await?;
            let Some(client) = &mut self.client else {
                return Ok(due);
            };
            match client.advance(index).await {
                Step::Retry if due == Due::WithNews => due = Due::Later,
                Step::Wait | Step::Retry => {}
                Step::Send(messages) => {
                    due = Due::Now;
                    // One that was closed made room for the next.
                    index -= usize::from(client.firehoses.len() < open).min(index);
                    self.send_all(messages).await?;
                }
            }
            index += 1;
        }
    }

    async fn send_all(&mut self, messages: Vec<String>) -> Result<(), Gone> {
        for text in messages {
            self.send(&text).await?;
        }
        Ok(())
    }

    /// Sends a text. A client that does not read holds nobody up when the server stops.
    async fn send(&mut self, text: &str) -> Result<(), Gone> {
        let mut sending = std::pin::pin!(self.socket.send(text));
        tokio::select! {
            biased;
            sent = &mut sending => sent,
            () = self.door.stop.cancelled() => {
                timeout(LAST_PATIENCE, sending).await.unwrap_or(Err(Gone))
            }
        }
    }

    /// Tells the client that the server stops.
    async fn goodbye(mut self) {
        let v = json!({ "message": "the server is going away", "servers": [] });
        let text = packet::call("fn1.link.link_status", &v);
        let sending = self.socket.send(&text);
        if matches!(timeout(LAST_PATIENCE, sending).await, Ok(Ok(()))) {
            self.socket.close(1001, "the server is going away").await;
        }
    }
}

/// Returns when something may have to be delivered.
async fn wake(client: &mut Option<Client>, due: Due) {
    let Some(client) = client else {
        return std::future::pending().await;
    };
    match due {
        Due::Now => {}
        Due::Later => sleep(RETRY).await,
        Due::WithNews => client.news().await,
    }
}
