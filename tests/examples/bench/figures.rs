//! Times, and what is said of them.
#![expect(clippy::cast_precision_loss, reason = "figures to read: some thousands, some microseconds")]

use std::time::Duration;

/// What a generator has seen.
#[derive(Default)]
pub(crate) struct Run {
    /// How long each answer took, in nanoseconds.
    took: Vec<u32>,
    /// How long everything took.
    length: Duration,
}

impl Run {
    pub(crate) fn new(took: Vec<u32>, length: Duration) -> Self {
        Self { took, length }
    }

    /// Adds what was seen at the same time.
    pub(crate) fn add(&mut self, other: Self) {
        self.took.extend(other.took);
        self.length = self.length.max(other.length);
    }

    /// How many answers there were.
    pub(crate) fn count(&self) -> usize {
        self.took.len()
    }

    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.took.len() as f64 / self.length.as_secs_f64().max(f64::EPSILON)
    }

    /// What most of a hundred stay below, in microseconds.
    pub(crate) fn percentiles(&mut self) -> (f64, f64) {
        self.took.sort_unstable();
        let at = |percent: usize| {
            let found = self.took.get((self.took.len() * percent / 100).min(self.took.len().saturating_sub(1)));
            found.map_or(0.0, |nanos| f64::from(*nanos) / 1000.0)
        };
        (at(50), at(99))
    }
}

/// One round of something.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Round {
    /// Operations a second.
    pub(crate) rate: f64,
    /// Half of them took at most this, in microseconds.
    pub(crate) p50: f64,
    /// All but one in a hundred took at most this, in microseconds.
    pub(crate) p99: f64,
    /// CPU of the service for one, in microseconds.
    pub(crate) service: f64,
    /// CPU of the database for one, in microseconds.
    pub(crate) database: f64,
}

impl Round {
    /// What a run came to, with the CPU time spent meanwhile.
    pub(crate) fn of(mut run: Run, service: Duration, database: Duration) -> Self {
        let (p50, p99) = run.percentiles();
        let each = |spent: Duration| spent.as_secs_f64() * 1e6 / run.count().max(1) as f64;
        Self { rate: run.rate(), p50, p99, service: each(service), database: each(database) }
    }

    /// CPU of service and database for one, in microseconds.
    pub(crate) fn cpu(&self) -> f64 {
        self.service + self.database
    }

    /// The median of each figure.
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(rounds.iter().map(figure).collect());
        Self {
            rate: of(|round| round.rate),
            p50: of(|round| round.p50),
            p99: of(|round| round.p99),
            service: of(|round| round.service),
            database: of(|round| round.database),
        }
    }

    /// The cells of a table that [`HEAD`] heads.
    pub(crate) fn cells(&self) -> Vec<String> {
        let cpu = |micros: f64| if micros > 0.0 { format!("{micros:.0}") } else { "–".to_owned() };
        vec![count(self.rate), micros(self.p50), micros(self.p99), cpu(self.service), cpu(self.database)]
    }
}

/// What [`Round::cells`] are.
pub(crate) const HEAD: [&str; 5] = ["a second", "p50 µs", "p99 µs", "service CPU-µs", "database CPU-µs"];

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(mut all: Vec<f64>) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    match all.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => all[odd / 2],
        even => f64::midpoint(all[even / 2 - 1], all[even / 2]),
    }
}

/// A number with commas.
pub(crate) fn count(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The same of a count.
pub(crate) fn thousands(number: usize) -> String {
    count(number as f64)
}

/// Microseconds, with a place after the point where there are few.
pub(crate) fn micros(micros: f64) -> String {
    if micros < 100.0 { format!("{micros:.1}") } else { count(micros) }
}
