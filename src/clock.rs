//! The one place that asks what time it is. Everything else is told.

use daybook_schema::At;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time. Tests pass their own.
pub type Clock = Arc<dyn Fn() -> At + Send + Sync>;

/// The system's clock.
#[must_use]
pub fn system() -> Clock {
    Arc::new(now)
}

/// The time now.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place where the clock is asked"
)]
pub fn now() -> At {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    At::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
