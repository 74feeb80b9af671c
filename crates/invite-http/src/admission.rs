//! Turning requests away at once while there is more to do than can be done (OPS-1).

use std::sync::Arc;

/// How many statements may be under way before nothing new is begun. Each waits for those before it: with a database that does a
/// thousand a second, this is a quarter of a second.
const MOST: usize = 256;

/// Tells how much is under way. By default nobody asks, and everything is begun.
#[derive(Clone, Default)]
pub struct Admission(Option<Arc<dyn Fn() -> usize + Send + Sync>>);

impl Admission {
    /// Asks this for the statements that wait for the database or are being done there now. It is asked at every request, so
    /// it has to be quick.
    pub fn by(under_way: impl Fn() -> usize + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(under_way)))
    }

    /// Whether a request of this path is not begun. Whoever watches the service is answered always.
    pub(crate) fn refuses(&self, path: &str) -> bool {
        let watching = matches!(path, "/livez" | "/readyz" | "/metrics");
        !watching && self.0.as_ref().is_some_and(|under_way| under_way() >= MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ops_1_nothing_is_begun_beyond_the_bound_but_what_watches_the_service() {
        let under_way = |count| Admission::by(move || count);
        assert!(!Admission::default().refuses("/v1/roles"));
        assert!(!under_way(MOST - 1).refuses("/v1/roles"));
        assert!(under_way(MOST).refuses("/v1/roles"));
        for path in ["/livez", "/readyz", "/metrics"] {
            assert!(!under_way(usize::MAX).refuses(path), "{path}");
        }
    }
}
