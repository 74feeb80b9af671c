//! Whether the service can do its work.

use async_trait::async_trait;
use chrono::Duration;
use invite_domain::{port::Directory as _, service::World, time::Timestamp};
use invite_http::{Health, Readiness};
use invite_storage::{MigrateError, SqlStore};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// How long the database has to answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);
/// How far the database's clock may be from ours (rule 2.6).
const CLOCKS_AGREE: Duration = Duration::seconds(2);

/// Looks at the database and the key ring.
pub(crate) struct ServiceHealth {
    pub(crate) store: SqlStore,
    pub(crate) world: World,
    pub(crate) draining: Arc<AtomicBool>,
}

/// How far the database's clock is ahead of ours. Its answer was given somewhere between our question and having it, so
/// half the way is the best guess.
pub(crate) fn ahead(asked: Timestamp, database: Timestamp, answered: Timestamp) -> Duration {
    database - (asked + (answered - asked) / 2)
}

/// Whether two clocks agree well enough (rule 2.6).
pub(crate) fn agree(difference: Duration) -> bool {
    difference.abs() <= CLOCKS_AGREE
}

impl ServiceHealth {
    async fn database(&self) -> (Option<Duration>, bool) {
        let looks = async {
            let asked = self.world.clock.now();
            let told = self.store.database_time().await;
            let difference = told.map(|told| ahead(asked, told, self.world.clock.now()));
            let pending = self.store.pending_migrations().await;
            (difference, pending)
        };
        let Ok((difference, pending)) = tokio::time::timeout(PATIENCE, looks).await else {
            tracing::warn!("the database does not answer in time");
            return (None, false);
        };
        let difference = difference.inspect_err(|error| {
            tracing::warn!(error = %crate::failure::Chain(error), "the database does not tell its time");
        });
        let current = match &pending {
            Ok(missing) => missing.is_empty(),
            // A successor has migrated. Whoever serves already goes on until it is replaced: a process that starts refuses.
            Err(MigrateError::Newer(_)) => true,
            Err(_) => false,
        };
        if let Err(error) = pending {
            tracing::warn!(error = %crate::failure::Chain(&error), "the database's schema cannot be looked at");
        }
        (difference.ok(), current)
    }
}

#[async_trait]
impl Health for ServiceHealth {
    async fn ready(&self) -> Readiness {
        let (difference, migrations_current) = self.database().await;
        if !difference.is_none_or(agree) {
            tracing::error!(?difference, "the database's clock and this machine's differ by more than 2 s");
        }
        let ring = self.world.keys.ring();
        Readiness {
            database: difference.is_some(),
            migrations_current,
            clock_difference_ms: difference.map(|difference| difference.num_milliseconds()),
            key_ids: ring.ids().map(|(id, _)| id.get()).collect(),
            active_key: ring.active().map(invite_domain::secret::KeyId::get),
            draining: self.draining.load(Ordering::SeqCst),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r2_6_clocks_agree_within_two_seconds_measured_at_half_the_way() {
        let at = |millis: i64| chrono::DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap();
        assert_eq!(ahead(at(0), at(1000), at(400)), Duration::milliseconds(800));
        assert_eq!(ahead(at(0), at(-1000), at(0)), Duration::milliseconds(-1000));
        assert!(agree(Duration::seconds(2)) && agree(Duration::seconds(-2)));
        assert!(!agree(Duration::milliseconds(2001)) && !agree(Duration::milliseconds(-2001)));
    }
}
