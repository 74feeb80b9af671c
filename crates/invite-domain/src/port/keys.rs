use crate::secret::keyring::KeyRing;
use std::sync::Arc;

/// Where the key ring comes from. It is reloaded while the service runs (rule 7.8), so a use case asks once and works
/// with what it got.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Keys: Send + Sync {
    /// The ring as it is now.
    fn ring(&self) -> Arc<KeyRing>;
}

/// A ring that never changes.
#[derive(Clone, Debug)]
pub struct FixedKeys(pub Arc<KeyRing>);

impl Keys for FixedKeys {
    fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.0)
    }
}
