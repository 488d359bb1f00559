//! The body of an HTTP request, within limits of size and time that every door shares.

use axum::body::{Body, Bytes, HttpBody};
use futures_util::StreamExt;
use std::time::Duration;

/// The largest HTTP body.
pub const MAX_BYTES: usize = 1 << 20;

/// How much of a body that is too large is still taken, so that a client which sends first and listens
/// then gets to hear why. More than this ends the connection.
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
    if announced > MAX_DISCARDED as u64 {
        return Err(Unread::TooLarge);
    }
    let gathered = tokio::time::timeout(PATIENCE, gather(body)).await;
    gathered.map_err(|_| Unread::Late)?
}

async fn gather(body: Body) -> Result<Bytes, Unread> {
    let mut parts = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| Unread::Broken)?;
        length += part.len();
        if length > MAX_DISCARDED {
            return Err(Unread::TooLarge);
        }
        if length > MAX_BYTES {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&part);
        }
    }
    if length > MAX_BYTES {
        return Err(Unread::TooLarge);
    }
    Ok(bytes.into())
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
