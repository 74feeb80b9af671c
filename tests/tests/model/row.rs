//! Values of the domain as parts of a state that can be told from others by a number.

use std::collections::hash_map::DefaultHasher;
use std::fmt::{self, Debug, Write as _};
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// A value of the domain and the digest of all it says. The domain's types cannot be hashed, and need not be.
pub(crate) struct Row<T> {
    value: Arc<T>,
    digest: u64,
}

impl<T: Debug> Row<T> {
    pub(crate) fn new(value: T) -> Self {
        Self::with_hidden(value, &[])
    }

    /// The same for a value that keeps these bytes out of its `Debug`.
    pub(crate) fn with_hidden(value: T, hidden: &[u8]) -> Self {
        let mut text = Digest(DefaultHasher::new());
        hidden.hash(&mut text.0);
        // Hashing cannot fail.
        let _ = write!(text, "{value:?}");
        Self { value: Arc::new(value), digest: text.0.finish() }
    }
}

/// Hashes a text while it is written.
struct Digest(DefaultHasher);

impl fmt::Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

impl<T> Deref for Row<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Clone for Row<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), digest: self.digest }
    }
}

impl<T> PartialEq for Row<T> {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl<T> Eq for Row<T> {}

impl<T> Hash for Row<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl<T> Debug for Row<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{:016x}", std::any::type_name::<T>().rsplit("::").next().unwrap_or_default(), self.digest)
    }
}
