//! A till for the command line: asks one command at a time over a real WebSocket.

use super::CliError;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A connected till.
pub(super) struct Till {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What the server answered: the text as it came, and what it says.
pub(super) struct Answer {
    pub(super) text: String,
    value: Value,
}

impl Answer {
    /// Whether the command was done.
    pub(super) fn is_event(&self) -> bool {
        self.value["type"] == "event"
    }
}

impl Till {
    pub(super) async fn connect(url: &str) -> Result<Self, CliError> {
        let connected = connect_async(url).await;
        let (socket, _) = connected.map_err(|error| unreachable(url, &error))?;
        Ok(Self { socket })
    }

    /// Sends a command and returns the answer, whatever it is. Broadcasts are passed over.
    pub(super) async fn exchange(
        &mut self,
        command: &str,
        parameters: &Value,
    ) -> Result<Answer, CliError> {
        let message = json!({ "command": command, "parameters": parameters }).to_string();
        let sent = self.socket.send(Message::text(message)).await;
        sent.map_err(|error| unreachable(command, &error))?;
        while let Some(frame) = self.socket.next().await {
            let frame = frame.map_err(|error| unreachable(command, &error))?;
            let Message::Text(text) = frame else { continue };
            let value: Value = serde_json::from_str(&text).unwrap_or_default();
            if value["type"] != "broadcast" {
                let text = text.to_string();
                return Ok(Answer { text, value });
            }
        }
        Err(CliError::Outside(format!(
            "the server closed the socket during {command}"
        )))
    }

    /// Sends a command and returns its event's parameters.
    pub(super) async fn ask(
        &mut self,
        command: &str,
        parameters: Value,
    ) -> Result<Value, CliError> {
        let mut answer = self.exchange(command, &parameters).await?;
        if answer.is_event() {
            return Ok(answer.value["result"]["parameters"].take());
        }
        Err(CliError::No(format!(
            "{command} was refused: {}",
            answer.text
        )))
    }
}

fn unreachable(what: &str, error: &impl std::fmt::Display) -> CliError {
    CliError::Outside(format!("{what}: {error}"))
}
