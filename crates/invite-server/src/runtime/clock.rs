use invite_domain::{
    port::Clock,
    time::{Timestamp, to_micros},
};
use std::time::{SystemTime, UNIX_EPOCH};

/// The operating system's clock, cut to whole microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock port's implementation, the one place that asks the system"
    )]
    fn now(&self) -> Timestamp {
        // Made of whole microseconds at once: every request asks, and cutting a timestamp costs as much as making one.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        let whole = since.and_then(|since| {
            let seconds = i64::try_from(since.as_secs()).ok()?;
            Timestamp::from_timestamp(seconds, since.subsec_micros() * 1000)
        });
        whole.unwrap_or_else(|| to_micros(chrono::Utc::now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_answers_whole_microseconds_of_the_present() {
        // The build of this test lies in the past, and nobody runs it in a hundred years.
        let now = SystemClock.now();
        assert_eq!(now.timestamp_subsec_nanos() % 1000, 0);
        assert!((1_760_000_000..4_900_000_000).contains(&now.timestamp()), "{now}");
    }
}
