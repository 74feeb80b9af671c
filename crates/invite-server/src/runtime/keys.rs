use crate::{
    config::KeyringSource,
    keyring::{self, KeyringError},
};
use invite_domain::{port::Keys, secret::keyring::KeyRing};
use std::{
    cell::RefCell,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

thread_local! {
    /// The ring this thread asked for last, with its edition.
    static OWN: RefCell<Option<(u64, Arc<KeyRing>)>> = const { RefCell::new(None) };
}

/// An edition no ring of this process had before.
fn next_edition() -> u64 {
    static EDITIONS: AtomicU64 = AtomicU64::new(0);
    EDITIONS.fetch_add(1, Ordering::Relaxed)
}

/// The key ring of the configuration, read again on demand (rule 7.8).
///
/// Each thread gets a copy of its own: every request asks for the ring, and a lock or a count that all threads write would
/// make them wait for each other.
#[derive(Debug)]
pub struct ReloadingKeys {
    source: KeyringSource,
    ring: RwLock<KeyRing>,
    /// Of `ring`, and stored after it: who sees a new edition sees its ring.
    edition: AtomicU64,
}

impl ReloadingKeys {
    /// Reads the ring for the first time.
    pub fn load(source: KeyringSource) -> Result<Self, KeyringError> {
        let ring = keyring::load(&source)?;
        Ok(Self { source, ring: RwLock::new(ring), edition: AtomicU64::new(next_edition()) })
    }

    /// Reads the ring again. Answers whether ids or states have changed. Where it cannot be read the ring stays as it was:
    /// a file caught half-written by an editor must not take the service down.
    pub fn reload(&self) -> Result<bool, KeyringError> {
        let ring = keyring::load(&self.source)?;
        // Only whole values are ever written, so what a panicking thread left behind is sound.
        let mut current = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let changed = !current.ids().eq(ring.ids());
        *current = ring;
        self.edition.store(next_edition(), Ordering::Release);
        Ok(changed)
    }
}

impl Keys for ReloadingKeys {
    fn ring(&self) -> Arc<KeyRing> {
        let edition = self.edition.load(Ordering::Acquire);
        OWN.with_borrow_mut(|own| match own {
            Some((of, ring)) if *of == edition => Arc::clone(ring),
            _ => {
                // May be a later ring already, which is then copied once more.
                let ring = Arc::new(self.ring.read().unwrap_or_else(PoisonError::into_inner).clone());
                *own = Some((edition, Arc::clone(&ring)));
                ring
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::OsEntropy;

    #[test]
    fn r7_8_a_changed_file_is_seen_at_the_next_reload_and_a_broken_one_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        let ring = KeyRing::generate(&OsEntropy);
        keyring::create(&path, &ring).unwrap();
        let keys = ReloadingKeys::load(KeyringSource::File(path.clone())).unwrap();
        assert!(!keys.reload().unwrap());
        keyring::replace(&path, &ring.rotate(&OsEntropy).unwrap().0).unwrap();
        assert_eq!(keys.ring().ids().count(), 1, "nothing changes by itself");
        assert!(keys.reload().unwrap());
        assert_eq!(keys.ring().ids().count(), 2);
        let elsewhere = std::thread::scope(|scope| scope.spawn(|| keys.ring().ids().count()).join());
        assert_eq!(elsewhere.unwrap(), 2);
        std::fs::write(&path, "2 act").unwrap();
        assert!(keys.reload().is_err());
        assert_eq!(keys.ring().ids().count(), 2);
    }

    #[test]
    fn two_rings_on_one_thread_are_not_taken_for_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let load = |name: &str| {
            let path = folder.path().join(name);
            keyring::create(&path, &KeyRing::generate(&OsEntropy)).unwrap();
            ReloadingKeys::load(KeyringSource::File(path)).unwrap()
        };
        let (one, other) = (load("one"), load("other"));
        let text = |keys: &ReloadingKeys| keys.ring().to_text().expose().to_owned();
        assert_eq!(text(&one), text(&one));
        assert_ne!(text(&one), text(&other));
        assert_ne!(text(&other), text(&one));
    }
}
