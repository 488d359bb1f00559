//! The budget of this protocol: 100 points for each API key and command, over 30 seconds.
//!
//! A call adds its cost, and its points lapse 30 s later. All sockets of a node share the budget;
//! nodes count for themselves. Time is an argument.

use daybook_schema::LogName;
use daybook_schema::id::KeyId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Points that a key may spend on one command within [`WINDOW`].
pub const BUDGET: u32 = 100;

/// How long a call's points count.
pub const WINDOW: Duration = Duration::from_secs(30);

/// All budgets of a node.
#[derive(Debug)]
pub struct RateLimit {
    enabled: bool,
    spent: Mutex<BTreeMap<(LogName, KeyId, &'static str), Spent>>,
}

/// The calls that still count, oldest first.
#[derive(Debug, Default)]
struct Spent {
    calls: VecDeque<(Instant, u32)>,
    points: u32,
}

impl RateLimit {
    /// With budgets, or without for load tests.
    #[must_use]
    pub fn new(enabled: bool) -> Self {
        Self {
            enabled,
            spent: Mutex::default(),
        }
    }

    /// Admits a call and charges it, or says in how many milliseconds it would be admitted and
    /// charges nothing.
    ///
    /// # Errors
    /// The milliseconds to wait, at least 1.
    pub fn admit(
        &self,
        (log, key): (&LogName, KeyId),
        command: &'static str,
        cost: u32,
        now: Instant,
    ) -> Result<(), u64> {
        if !self.enabled {
            return Ok(());
        }
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent
            .entry((log.clone(), key, command))
            .or_default()
            .admit(cost, now)
    }
}

impl Spent {
    fn admit(&mut self, cost: u32, now: Instant) -> Result<(), u64> {
        while let Some((_, points)) = self.calls.pop_front_if(|(at, _)| now >= *at + WINDOW) {
            self.points -= points;
        }
        if self.points + cost <= BUDGET {
            self.points += cost;
            self.calls.push_back((now, cost));
            return Ok(());
        }
        // Walk the calls in the order in which they lapse until there would be room.
        let mut points = self.points;
        let mut lapse = now;
        for (at, given_back) in &self.calls {
            points -= given_back;
            lapse = *at + WINDOW;
            if points + cost <= BUDGET {
                break;
            }
        }
        let wait = lapse
            .saturating_duration_since(now)
            .as_micros()
            .div_ceil(1000);
        Err(u64::try_from(wait).unwrap_or(u64::MAX).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn festival() -> LogName {
        LogName::new("festival").unwrap()
    }

    #[test]
    fn four_product_lists_in_thirty_seconds() {
        let limit = RateLimit::new(true);
        let (log, start) = (festival(), Instant::now());
        let call = |seconds| {
            limit.admit(
                (&log, KeyId(1)),
                "listproducts",
                25,
                start + Duration::from_secs(seconds),
            )
        };
        for second in 0..4 {
            assert_eq!(call(second), Ok(()));
        }
        assert_eq!(call(4), Err(26_000));
        assert_eq!(call(29), Err(1000));
        assert_eq!(call(30), Ok(()));
        assert_eq!(
            limit.admit((&log, KeyId(2)), "listproducts", 25, start),
            Ok(())
        );
        assert_eq!(limit.admit((&log, KeyId(1)), "listpm", 20, start), Ok(()));
    }

    proptest! {
        /// The documented rule, told without bookkeeping: what lies within the window counts.
        #[test]
        fn equals_the_rule_in_words(calls in prop::collection::vec((0u64..20_000, 1u32..60), 1..60)) {
            let limit = RateLimit::new(true);
            let (log, start) = (festival(), Instant::now());
            let mut admitted: Vec<(Instant, u32)> = Vec::new();
            let mut now = start;
            for (wait, cost) in calls {
                now += Duration::from_millis(wait);
                let used = |at: Instant| -> u32 {
                    admitted.iter().filter(|(then, _)| at < *then + WINDOW).map(|(_, cost)| cost).sum()
                };
                let answer = limit.admit((&log, KeyId(1)), "x", cost, now);
                prop_assert_eq!(answer.is_ok(), used(now) + cost <= BUDGET);
                if let Err(wait) = answer {
                    prop_assert!(used(now + Duration::from_millis(wait)) + cost <= BUDGET);
                    prop_assert!(used(now + Duration::from_millis(wait - 1)) + cost > BUDGET);
                } else {
                    admitted.push((now, cost));
                }
            }
        }
    }
}
