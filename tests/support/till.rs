//! A till: a real WebSocket client.

use super::TILL_KEY;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// A connected till.
pub struct Till {
    pub socket: WebSocketStream<TcpStream>,
}

impl Till {
    /// Connects to a path of a server.
    pub async fn connect(address: SocketAddr, path: &str) -> Result<Self, Error> {
        let stream = TcpStream::connect(address).await?;
        let (socket, _) = client_async(format!("ws://{address}{path}"), stream).await?;
        Ok(Self { socket })
    }

    /// Sends a text as it is.
    pub async fn send(&mut self, text: &str) -> Result<(), Error> {
        self.socket.send(Message::text(text)).await
    }

    /// The next text, whatever it is. An error when the socket ends.
    pub async fn hear(&mut self) -> Result<String, Error> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(_))) | None => return Err(Error::ConnectionClosed),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
            }
        }
    }

    /// The reason the server gives for closing; texts before it are passed over.
    pub async fn hear_close(&mut self) -> Option<CloseFrame> {
        while let Some(Ok(message)) = self.socket.next().await {
            if let Message::Close(frame) = message {
                return frame;
            }
        }
        None
    }

    /// Sends a text and returns the next answer (broadcasts are passed over).
    pub async fn exchange(&mut self, text: &str) -> Result<Value, Error> {
        self.send(text).await?;
        loop {
            let answer: Value = serde_json::from_str(&self.hear().await?).unwrap();
            if answer["type"] != "broadcast" {
                return Ok(answer);
            }
        }
    }

    /// Asks a command with the festival's till key; `parameters` may replace it.
    pub async fn ask(&mut self, command: &str, parameters: Value) -> Result<Value, Error> {
        let mut all = json!({ "api_key": TILL_KEY });
        all.as_object_mut()
            .unwrap()
            .extend(parameters.as_object().unwrap().clone());
        self.exchange(&json!({ "command": command, "parameters": all }).to_string())
            .await
    }

    /// Asks a command that must be answered with an event, and returns its parameters.
    pub async fn event(&mut self, command: &str, parameters: Value) -> Value {
        let answer = self.ask(command, parameters).await.unwrap();
        assert_eq!(answer["type"], "event", "{command}: {answer}");
        answer["result"]["parameters"].clone()
    }

    /// Asks a command that must be answered with an error, and returns its name and code.
    pub async fn error(&mut self, command: &str, parameters: Value) -> (String, Value) {
        let answer = self.ask(command, parameters).await.unwrap();
        assert_eq!(answer["type"], "error", "{command}: {answer}");
        let result = &answer["result"];
        (
            result["error"].as_str().unwrap().to_owned(),
            result["code"].clone(),
        )
    }
}
