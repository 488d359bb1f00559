//! WebSocket mechanics that every door shares: upgrade, pings, limits, a clean end.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, Interval, MissedTickBehavior, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

/// The largest message a client may send; a larger one closes the socket with code 1009.
pub const MAX_MESSAGE_BYTES: usize = 256 << 10;

/// Pause between two pings. A socket that leaves two unanswered is closed.
pub const PING_EVERY: Duration = Duration::from_secs(30);

/// How long a client may take to read an answer, or a ping, before its socket is closed.
const SEND_PATIENCE: Duration = Duration::from_secs(30);

/// How much is still read, and for how long, after the socket's end was announced, so that the
/// client sees the reason and not a reset connection.
const DRAIN_BYTES: u64 = 16 << 20;
const DRAIN_PATIENCE: Duration = Duration::from_secs(2);

/// What a client sent, or that there is nothing more to come.
pub enum Incoming {
    /// A text message, or a binary one taken for text.
    Message(Bytes),
    /// The socket is closed.
    Closed,
}

/// The client cannot be reached any more.
#[derive(Debug)]
pub struct Gone;

/// One client's socket.
pub struct Socket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    ping: Interval,
    unanswered: u32,
}

/// Whether the request asks for a WebSocket.
#[must_use]
pub fn is_upgrade(headers: &HeaderMap) -> bool {
    let says = |name, word: &str| {
        let value = headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        value
            .split(',')
            .any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    says(header::CONNECTION, "upgrade") && says(header::UPGRADE, "websocket")
}

/// Accepts the upgrade, and hands the socket to `serve` once it is there.
pub fn upgrade<F>(
    mut request: Request<Body>,
    serve: impl FnOnce(Socket) -> F + Send + 'static,
) -> Response
where
    F: Future<Output = ()> + Send + 'static,
{
    let headers = request.headers();
    let version = headers
        .get(header::SEC_WEBSOCKET_VERSION)
        .map(|v| v.as_bytes() == b"13");
    let (Some(true), Some(key)) = (version, headers.get(header::SEC_WEBSOCKET_KEY)) else {
        let text = "a WebSocket needs Sec-WebSocket-Version: 13 and Sec-WebSocket-Key\n";
        return (
            StatusCode::BAD_REQUEST,
            [(header::SEC_WEBSOCKET_VERSION, "13")],
            text,
        )
            .into_response();
    };
    let accept = derive_accept_key(key.as_bytes());
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgraded.await {
            Ok(io) => serve(Socket::new(io).await).await,
            Err(error) => tracing::debug!(%error, "a client left during the upgrade"),
        }
    });
    let headers = [
        (header::CONNECTION, "upgrade"),
        (header::UPGRADE, "websocket"),
        (header::SEC_WEBSOCKET_ACCEPT, accept.as_str()),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

impl Socket {
    async fn new(io: Upgraded) -> Self {
        // Small buffers: thousands of tills are idle most of the time.
        let config = WebSocketConfig::default()
            .read_buffer_size(4 << 10)
            .write_buffer_size(0)
            .max_message_size(Some(MAX_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_MESSAGE_BYTES));
        let io = TokioIo::new(io);
        let stream = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
        let mut ping = tokio::time::interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            stream,
            ping,
            unanswered: 0,
        }
    }

    /// The next message. Pings and pongs are dealt with here; an oversized message closes the
    /// socket. Nothing is lost when the future is dropped.
    pub async fn receive(&mut self) -> Incoming {
        loop {
            let frame = tokio::select! {
                frame = self.stream.next() => frame,
                _ = self.ping.tick() => {
                    let ping = self.stream.send(Message::Ping(Bytes::new()));
                    if self.unanswered >= 2 || !matches!(timeout(SEND_PATIENCE, ping).await, Ok(Ok(()))) {
                        return Incoming::Closed;
                    }
                    self.unanswered += 1;
                    continue;
                }
            };
            self.unanswered = 0;
            match frame {
                Some(Ok(Message::Text(text))) => return Incoming::Message(text.into()),
                Some(Ok(Message::Binary(bytes))) => return Incoming::Message(bytes),
                Some(Err(Error::Capacity(_))) => {
                    self.close(1009, "messages are limited to 256 KiB").await;
                    return Incoming::Closed;
                }
                Some(Err(Error::Utf8(_))) => {
                    self.close(1007, "text must be UTF-8").await;
                    return Incoming::Closed;
                }
                // Pings are answered by the library; after a close, reading on completes it.
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Incoming::Closed,
            }
        }
    }

    /// Sends a text.
    ///
    /// # Errors
    /// When the client is gone, or does not read.
    pub async fn send(&mut self, text: &str) -> Result<(), Gone> {
        match timeout(SEND_PATIENCE, self.stream.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    /// Closes the socket and says why.
    pub async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: reason.into(),
        };
        let goodbye = async {
            self.stream.send(Message::Close(Some(frame))).await.ok();
            // Beyond the WebSocket's own limits now: whatever comes is read and thrown away.
            let mut rest = self.stream.get_mut().take(DRAIN_BYTES);
            tokio::io::copy(&mut rest, &mut tokio::io::sink())
                .await
                .ok();
        };
        timeout(DRAIN_PATIENCE, goodbye).await.ok();
    }
}
