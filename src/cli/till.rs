//! A till for the demo: asks one command at a time over a real WebSocket.

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

impl Till {
    pub(super) async fn connect(url: &str) -> Result<Self, CliError> {
        let connected = connect_async(url).await;
        let (socket, _) = connected.map_err(|error| unreachable(url, &error))?;
        Ok(Self { socket })
    }

    /// Sends a command and returns its event's parameters.
    pub(super) async fn ask(
        &mut self,
        command: &str,
        parameters: Value,
    ) -> Result<Value, CliError> {
        let message = json!({ "command": command, "parameters": parameters }).to_string();
        let sent = self.socket.send(Message::text(message)).await;
        sent.map_err(|error| unreachable(command, &error))?;
        while let Some(frame) = self.socket.next().await {
            let frame = frame.map_err(|error| unreachable(command, &error))?;
            let Message::Text(text) = frame else { continue };
            let mut answer: Value = serde_json::from_str(&text).unwrap_or_default();
            match answer["type"].as_str() {
                Some("event") => return Ok(answer["result"]["parameters"].take()),
                Some("error") => {
                    return Err(CliError::No(format!("{command} was refused: {text}")));
                }
                _ => {}
            }
        }
        Err(CliError::Outside(format!(
            "the server closed the socket during {command}"
        )))
    }
}

fn unreachable(what: &str, error: &impl std::fmt::Display) -> CliError {
    CliError::Outside(format!("{what}: {error}"))
}
