//! Metrics in the text format of Prometheus.

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

/// Upper bounds of the histograms' buckets, in seconds: from a cached answer to a request that timed out.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Why there are no metrics.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// A recorder has been installed already.
    #[error("the metrics cannot be set up twice")]
    Twice,
    /// The recorder cannot be built.
    #[error("the metrics cannot be set up")]
    Build(#[from] BuildError),
}

/// What was recorded so far.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Installs the recorder of the process: from now on the macros of `metrics` count here.
    pub fn install() -> Result<Self, MetricsError> {
        let recorder = recorder()?;
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Twice)?;
        Ok(Self(handle))
    }

    /// The page `/metrics`.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Moves what was recorded into the buckets. To be called every few seconds: where nobody asks for `/metrics` the
    /// recorded values would fill the memory otherwise.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

fn recorder() -> Result<PrometheusRecorder, BuildError> {
    Ok(PrometheusBuilder::new().set_buckets(BUCKETS)?.build_recorder())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_and_histograms_are_rendered_as_prometheus_reads_them() {
        let recorder = recorder().unwrap();
        let page = Metrics(recorder.handle());
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("invite_issued_total", "outcome" => "created").increment(3);
            metrics::histogram!("invite_request_seconds").record(0.02);
        });
        page.upkeep();
        let text = page.render();
        assert!(text.contains("invite_issued_total{outcome=\"created\"} 3"), "{text}");
        assert!(text.contains("invite_request_seconds_bucket{le=\"0.025\"} 1"), "{text}");
        assert!(text.contains("invite_request_seconds_bucket{le=\"0.01\"} 0"), "{text}");
    }
}
