//! The body of an HTTP request, within limits of size and time that every door shares.

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use futures_util::StreamExt;
use std::time::Duration;

/// The largest HTTP body.
pub const MAX_BYTES: usize = 1 << 20;

/// How much of a body that is too large is still taken.
const MAX_DISCARDED: usize = 8 << 20;

/// How long a client may take to send a body.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no body to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is larger than any may be.
    TooLarge,
    /// It did not come in time. The rest may yet come: the connection serves nothing else.
    Late,
    /// It ended early.
    Broken,
}

/// Reads a body as a whole.
///
/// # Errors
/// See [`Unread`].
pub async fn read(body: Body) -> Result<Bytes, Unread> {
    let announced = HttpBody::size_hint(&body).lower();
    let parts = body.into_data_stream();
    if announced > MAX_BYTES as u64 {
        tokio::spawn(discard(parts));
        return Err(Unread::TooLarge);
    }
    let gathered = tokio::time::timeout(PATIENCE, gather(parts)).await;
    gathered.map_err(|_| Unread::Late)?
}

async fn gather(mut parts: BodyDataStream) -> Result<Bytes, Unread> {
    let mut bytes = Vec::new();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| Unread::Broken)?;
        if bytes.len() + part.len() > MAX_BYTES {
            tokio::spawn(discard(parts));
            return Err(Unread::TooLarge);
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes.into())
}

/// Takes what is still sent, beside the answer: a client that sends first and listens then would
/// otherwise find the connection closed, and never hear why.
async fn discard(mut parts: BodyDataStream) {
    let discarding = async {
        let mut length = 0;
        while let Some(Ok(part)) = parts.next().await
            && length <= MAX_DISCARDED
        {
            length += part.len();
        }
    };
    // Too slow or too much: the connection ends, which is all that is left to say.
    tokio::time::timeout(PATIENCE, discarding).await.ok();
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn streamed(parts: Vec<Result<Vec<u8>, std::io::Error>>) -> Body {
        Body::from_stream(stream::iter(parts))
    }

    #[tokio::test]
    async fn bodies_are_read_within_their_limit() {
        assert_eq!(read(Body::empty()).await.unwrap(), "");
        let parts = vec![Ok(b"ab".to_vec()), Ok(Vec::new()), Ok(b"c".to_vec())];
        assert_eq!(read(streamed(parts)).await.unwrap(), "abc");
        let full = vec![b' '; MAX_BYTES];
        assert_eq!(
            read(Body::from(full.clone())).await.unwrap().len(),
            MAX_BYTES
        );
        // One byte more, whether it is announced or not.
        let more = [full.clone(), vec![b' ']].concat();
        assert_eq!(read(Body::from(more)).await, Err(Unread::TooLarge));
        let parts = vec![Ok(full), Ok(vec![b' '])];
        assert_eq!(read(streamed(parts)).await, Err(Unread::TooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_breaks_off_or_hesitates_is_none() {
        let broken = std::io::Error::other("reset");
        let parts = vec![Ok(b"ab".to_vec()), Err(broken)];
        assert_eq!(read(streamed(parts)).await, Err(Unread::Broken));
        let endless = stream::pending::<Result<Vec<u8>, std::io::Error>>();
        assert_eq!(read(Body::from_stream(endless)).await, Err(Unread::Late));
    }
}
