/// Randomness fit for secrets.
///
/// In production an implementation MUST be a cryptographically secure generator seeded by the operating system; it
/// MUST NOT return without having filled the whole buffer.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}
