use crate::{
    config::KeyringSource,
    keyring::{self, KeyringError},
};
use invite_domain::{port::Keys, secret::keyring::KeyRing};
use std::sync::{Arc, PoisonError, RwLock};

/// The key ring of the configuration, read again on demand (rule 7.8).
#[derive(Debug)]
pub struct ReloadingKeys {
    source: KeyringSource,
    ring: RwLock<Arc<KeyRing>>,
}

impl ReloadingKeys {
    /// Reads the ring for the first time.
    pub fn load(source: KeyringSource) -> Result<Self, KeyringError> {
        let ring = keyring::load(&source)?;
        Ok(Self { source, ring: RwLock::new(Arc::new(ring)) })
    }

    /// Reads the ring again. Answers whether ids or states have changed. Where it cannot be read the ring stays as it was:
    /// a file caught half-written by an editor must not take the service down.
    pub fn reload(&self) -> Result<bool, KeyringError> {
        let ring = keyring::load(&self.source)?;
        // Only whole values are ever written, so what a panicking thread left behind is sound.
        let mut current = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let changed = !current.ids().eq(ring.ids());
        *current = Arc::new(ring);
        Ok(changed)
    }
}

impl Keys for ReloadingKeys {
    fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
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
        std::fs::write(&path, "2 act").unwrap();
        assert!(keys.reload().is_err());
        assert_eq!(keys.ring().ids().count(), 2);
    }
}
