//! Lots, and what two lists of times say of each other.

/// Heads or tails, the same ones for the same seed (xorshift64*).
pub(crate) struct Lots(u64);

impl Lots {
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn draw(&mut self) -> bool {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 63 == 1
    }
}

/// What two lists of nanoseconds say.
pub(crate) struct Found {
    /// Welch's t.
    pub(crate) t: f64,
    /// The medians, in microseconds.
    pub(crate) medians: [f64; 2],
    /// How much longer the second takes on average, in microseconds.
    pub(crate) apart: f64,
}

#[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^52 samples")]
fn len(times: &[f64]) -> f64 {
    times.len() as f64
}

fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / len(times)
}

/// The variance of the mean.
fn spread(times: &[f64]) -> f64 {
    let mean = mean(times);
    let sum: f64 = times.iter().map(|time| (time - mean).powi(2)).sum();
    sum / (len(times) - 1.0) / len(times)
}

/// Welch's t of two lists, without what is slower than 95 of a hundred of both together.
pub(crate) fn welch(times: &[Vec<f64>; 2]) -> Found {
    let mut pooled: Vec<f64> = times.iter().flatten().copied().collect();
    pooled.sort_by(f64::total_cmp);
    let most = pooled[(pooled.len() * 95 / 100).min(pooled.len() - 1)];
    let kept = times.each_ref().map(|times| {
        let mut kept: Vec<f64> = times.iter().copied().filter(|time| *time <= most).collect();
        kept.sort_by(f64::total_cmp);
        kept
    });
    let apart = mean(&kept[1]) - mean(&kept[0]);
    Found {
        t: apart / (spread(&kept[0]) + spread(&kept[1])).sqrt(),
        medians: kept.each_ref().map(|kept| kept[kept.len() / 2] / 1000.0),
        apart: apart / 1000.0,
    }
}

#[test]
fn welchs_t_is_that_of_the_book_and_tells_a_difference_from_none() {
    // Nineteen of twenty each are kept: 1..=19 and 2..=20 have variance 30 and 19 members.
    let one: Vec<f64> = (1..=20).map(f64::from).collect();
    let same = welch(&[one.clone(), one.clone()]);
    assert!(same.t.abs() < 1e-9 && same.apart.abs() < 1e-9);
    let shifted: Vec<f64> = one.iter().map(|time| time + 10.0).collect();
    assert!(welch(&[one.clone(), shifted.clone()]).t > 4.5);
    assert!(welch(&[shifted, one]).t < -4.5);
    let mut lots = Lots::of(8);
    let heads = (0..10_000).filter(|_| lots.draw()).count();
    assert!((4_800..5_200).contains(&heads), "{heads}");
}
