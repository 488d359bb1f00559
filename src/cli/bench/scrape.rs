//! What the server says about itself: its `/metrics` before and after.

use super::target::Target;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The server's figures at a moment, or their growth between two.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Figures {
    /// Processor time of the server's process.
    pub cpu_seconds: f64,
    /// Events appended.
    pub events: f64,
    /// Appends.
    pub batches: f64,
    /// Upper bounds of the append time in seconds, and how many took at most that.
    pub append: Vec<(f64, f64)>,
}

impl Figures {
    /// The figures now. `None` when the server does not tell.
    pub(super) async fn of(target: &Target) -> Option<Self> {
        let page = tokio::time::timeout(PATIENCE, get(target))
            .await
            .ok()?
            .ok()?;
        Self::parse(&page)
    }

    fn parse(page: &str) -> Option<Self> {
        let value = |name: &str| {
            let line = page
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
            line.split(' ').next()?.parse::<f64>().ok()
        };
        let bucket = |line: &str| {
            let (bound, count) = line
                .strip_prefix("daybook_append_seconds_bucket{le=\"")?
                .split_once("\"} ")?;
            let bound = if bound == "+Inf" {
                f64::INFINITY
            } else {
                bound.parse().ok()?
            };
            Some((bound, count.split(' ').next()?.parse().ok()?))
        };
        Some(Self {
            cpu_seconds: value("daybook_process_cpu_seconds_total")?,
            events: value("daybook_append_batch_events_sum")?,
            batches: value("daybook_append_batch_events_count")?,
            append: page.lines().filter_map(bucket).collect(),
        })
    }

    /// How much came since an earlier moment.
    pub(super) fn since(&self, before: &Self) -> Self {
        let grown = |(now, then): (&(f64, f64), &(f64, f64))| (now.0, now.1 - then.1);
        Self {
            cpu_seconds: self.cpu_seconds - before.cpu_seconds,
            events: self.events - before.events,
            batches: self.batches - before.batches,
            append: self.append.iter().zip(&before.append).map(grown).collect(),
        }
    }

    /// The median append in microseconds, as well as the histogram's buckets tell: each bound is
    /// twice the one before.
    pub(super) fn append_p50_micros(&self) -> Option<f64> {
        let half = self.append.last()?.1 / 2.0;
        let place = self
            .append
            .iter()
            .position(|(_, count)| *count >= half && *count > 0.0)?;
        let (bound, count) = self.append[place];
        let (from, below) = place
            .checked_sub(1)
            .map_or((bound / 2.0, 0.0), |i| self.append[i]);
        let share = (half - below) / (count - below).max(1.0);
        let micros = 1e6
            * if bound.is_finite() {
                from + (bound - from) * share
            } else {
                from
            };
        Some(micros)
    }
}

async fn get(target: &Target) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(target.address).await?;
    let host = &target.authority;
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut page = String::new();
    stream.read_to_string(&mut page).await?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_growth_between_two_pages_gives_the_figures() {
        let metrics = crate::metrics::Metrics::default();
        let Some(before) = Figures::parse(&metrics.render()) else {
            return;
        };
        for micros in [300, 400, 500, 20_000] {
            metrics.committed(8);
            metrics.append_seconds(Duration::from_micros(micros));
        }
        let grown = Figures::parse(&metrics.render()).unwrap().since(&before);
        assert_eq!((grown.events, grown.batches), (32.0, 4.0));
        let median = grown.append_p50_micros().unwrap();
        assert!((200.0..800.0).contains(&median), "{median}");
        assert_eq!(Figures::default().append_p50_micros(), None);
    }
}
