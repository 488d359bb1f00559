//! Packets: what a client sends, and what it is answered.

use super::error::Fault;
use crate::json::{self, Value};
use serde::Serialize;
use serde_json::value::RawValue;

/// A request id is shorter than this many characters.
const RQ_CHARACTERS: usize = 200;

/// A request, as far as it can be understood.
#[derive(Debug, Default)]
pub(super) struct Packet {
    /// The endpoint; empty when there is none.
    pub a: String,
    /// The request id as text.
    pub rq: Option<String>,
    /// The tab tag, as it came.
    pub rt: Option<Value>,
    body: Option<Value>,
}

/// An answer.
#[derive(Serialize)]
struct Reply<'a, B: Serialize> {
    r: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rp: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rt: Option<&'a Value>,
    #[serde(flatten)]
    body: B,
}

#[derive(Serialize)]
struct Data<T: Serialize> {
    data: Rows<T>,
}

#[derive(Serialize)]
struct Rows<T: Serialize> {
    rows: [T; 1],
}

#[derive(Serialize)]
struct Refused<'a> {
    error: &'a Fault,
}

#[derive(Serialize)]
struct Delivered<'a> {
    rp: &'a str,
    sc: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    v: &'a RawValue,
}

impl Packet {
    /// Reads a message. What can be told of a wrong one comes with the fault.
    pub(super) fn read(message: &[u8]) -> (Self, Result<(), Fault>) {
        let mut packet = Self::default();
        let read = packet.fill(message);
        (packet, read)
    }

    fn fill(&mut self, message: &[u8]) -> Result<(), Fault> {
        let text = std::str::from_utf8(message);
        let text = text.map_err(|_| Fault::bad_packet("the message is not UTF-8"))?;
        let body = json::read(text);
        let body = body.map_err(|error| Fault::bad_packet(format!("no JSON: {error}")))?;
        if !matches!(body, Value::Object(_)) {
            return Err(Fault::bad_packet("a packet is a JSON object"));
        }
        let body = self.body.insert(body);
        self.rt = body.take("rt");
        let a = body.member("a").and_then(Value::as_str).unwrap_or_default();
        a.clone_into(&mut self.a);
        if let Some(rq) = body.member("rq").filter(|rq| !rq.is_null()) {
            let rq = text_of(rq).filter(|rq| rq.chars().count() < RQ_CHARACTERS);
            let why = "rq is a text, number or boolean of less than 200 characters";
            self.rq = Some(rq.ok_or_else(|| Fault::bad_request(why))?);
        }
        if self.a.is_empty() {
            return Err(Fault::bad_packet("the member a names no endpoint"));
        }
        match body.member("pt") {
            None | Some(Value::Null) => Ok(()),
            Some(Value::Text(pt)) if pt.is_empty() || pt == "fd1" => Ok(()),
            Some(_) => Err(Fault::bad_request("pt is empty or fd1")),
        }
    }

    /// A member; null counts as none.
    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        let member = self.body.as_ref()?.member(name);
        member.filter(|member| !member.is_null())
    }

    /// A member of `v`; null counts as none.
    ///
    /// # Errors
    /// When `v` is no object.
    pub(super) fn value(&self, name: &str) -> Result<Option<&Value>, Fault> {
        match self.member("v") {
            None => Ok(None),
            Some(v @ Value::Object(_)) => Ok(v.member(name).filter(|member| !member.is_null())),
            Some(_) => Err(Fault::bad_request("v must be an object")),
        }
    }

    /// The key of what the request is about, as text.
    pub(super) fn key(&self) -> Result<String, Fault> {
        let key = self.member("k").and_then(text_of);
        key.ok_or_else(|| Fault::bad_request("k is missing, or no text and no number"))
    }

    /// The answer of one row.
    pub(super) fn answer(&self, row: &impl Serialize) -> String {
        self.reply(Data {
            data: Rows { rows: [row] },
        })
    }

    /// The answer that something is wrong.
    pub(super) fn refuse(&self, fault: &Fault) -> String {
        self.reply(Refused { error: fault })
    }

    fn reply(&self, body: impl Serialize) -> String {
        text(&Reply {
            r: &self.a,
            rp: self.rq.as_deref(),
            rt: self.rt.as_ref(),
            body,
        })
    }
}

/// A message of a firehose.
pub(super) fn delivered(rp: &str, sc: &str, seq: Option<u64>, v: &RawValue) -> String {
    text(&Delivered { rp, sc, seq, v })
}

/// A call of ours: no answer is expected.
pub(super) fn call(endpoint: &str, v: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Call<'a, V: Serialize> {
        a: &'a str,
        v: V,
    }
    text(&Call { a: endpoint, v })
}

/// Serialises what we send. Ours never fail: their keys are texts and their numbers finite.
fn text(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

/// What a text, number or boolean reads as. `None` for anything else.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Number(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::List(_) | Value::Object(_) => None,
    }
}
