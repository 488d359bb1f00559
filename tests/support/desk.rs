//! A cash desk: a real HTTP client that keeps its connection.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// A desk with its session's token.
pub struct Desk {
    pub address: SocketAddr,
    pub token: String,
    connection: Option<SendRequest<Body>>,
}

/// What a desk was told.
#[derive(Clone, Debug)]
pub struct Told {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
}

impl Told {
    /// The body, which must be JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    /// A header's text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }
}

impl Desk {
    pub fn new(address: SocketAddr, token: &str) -> Self {
        Self {
            address,
            token: token.to_owned(),
            connection: None,
        }
    }

    /// Another desk's token, on this connection.
    pub fn with_token(&mut self, token: &str) -> &mut Self {
        token.clone_into(&mut self.token);
        self
    }

    /// GET with the token.
    pub async fn get(&mut self, path: &str) -> Told {
        let request = self.request("GET", path);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// The JSON of a GET that must succeed.
    pub async fn shown(&mut self, path: &str) -> Value {
        let told = self.get(path).await;
        assert_eq!(told.status, 200, "{path}: {}", told.text);
        told.json()
    }

    /// All objects of a list, page after page.
    pub async fn all(&mut self, list: &str) -> Vec<Value> {
        let mut objects = Vec::new();
        for page in 1.. {
            let separator = if list.contains('?') { '&' } else { '?' };
            let mut shown = self.shown(&format!("{list}{separator}page={page}")).await;
            objects.append(shown["results"].as_array_mut().unwrap());
            if shown["next"].is_null() {
                assert_eq!(shown["count"], objects.len());
                break;
            }
        }
        objects
    }

    /// POST of JSON with the token; null is no body at all.
    pub async fn post(&mut self, path: &str, key: Option<&str>, body: &Value) -> Told {
        let mut request = self.request("POST", path);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }

    /// A request with the token, still without a body.
    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("host", self.address.to_string());
        request.header("authorization", format!("Token {}", self.token))
    }

    /// Sends any request, over a new connection where the last one ended.
    pub async fn send(&mut self, request: Request<Body>) -> Told {
        let mut connection = match self.connection.take().filter(|kept| !kept.is_closed()) {
            Some(connection) => connection,
            None => self.connect().await,
        };
        if connection.ready().await.is_err() {
            connection = self.connect().await;
        }
        let response: Response<_> = connection.send_request(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(Body::new(body), usize::MAX).await.unwrap();
        self.connection = Some(connection);
        Told {
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    async fn connect(&self) -> SendRequest<Body> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        sender
    }
}
