//! How much guests may ask at one table: enough for a full table, too little to bury the staff.
//!
//! All guests of a table share it on a node; nodes count for themselves. Time is an argument.

use daybook_schema::LogName;
use daybook_schema::id::TableId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Requests at one table within [`WINDOW`].
const REQUESTS: usize = 30;

/// How long a request counts.
const WINDOW: Duration = Duration::from_mins(1);

/// The requests that still count, oldest first. Only tables with a valid link have an entry.
#[derive(Debug, Default)]
pub(super) struct RateLimit {
    counted: Mutex<BTreeMap<(LogName, TableId), VecDeque<Instant>>>,
}

impl RateLimit {
    /// Admits a request and counts it, or says in how many seconds one would be admitted.
    pub(super) fn admit(&self, log: &LogName, table: TableId, now: Instant) -> Result<(), u64> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = counted.entry((log.clone(), table)).or_default();
        while requests.pop_front_if(|at| now >= *at + WINDOW).is_some() {}
        if requests.len() < REQUESTS {
            requests.push_back(now);
            return Ok(());
        }
        let oldest = requests.front().copied().unwrap_or(now);
        let wait = (oldest + WINDOW).saturating_duration_since(now);
        Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_served_thirty_times_a_minute() {
        let limit = RateLimit::default();
        let (here, there) = (LogName::new("a").unwrap(), LogName::new("b").unwrap());
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        for request in 0..30 {
            assert_eq!(limit.admit(&here, TableId(1), at(request * 100)), Ok(()));
        }
        assert_eq!(limit.admit(&here, TableId(1), at(3_000)), Err(57));
        assert_eq!(limit.admit(&here, TableId(2), at(3_000)), Ok(()));
        assert_eq!(limit.admit(&there, TableId(1), at(3_000)), Ok(()));
        // A refused request does not count, and the oldest lapses after its minute.
        assert_eq!(limit.admit(&here, TableId(1), at(59_999)), Err(1));
        assert_eq!(limit.admit(&here, TableId(1), at(60_000)), Ok(()));
        assert_eq!(limit.admit(&here, TableId(1), at(60_001)), Err(1));
        assert_eq!(limit.admit(&here, TableId(1), at(60_100)), Ok(()));
    }
}
