use invite_domain::port::Entropy;

/// The operating system's generator.
///
/// Where the system gives no randomness the process is aborted: the port cannot answer an error, and a nonce, a key or a
/// salt that somebody can guess is worse than a service that is down. It happens only where the system forbids the call
/// (a seccomp filter) on a kernel without it and without `/dev/urandom`.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            tracing::error!(%error, "the operating system gives no randomness; stopping");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_buffer_is_filled_and_never_twice_alike() {
        let (mut one, mut two) = ([0_u8; 256], [0_u8; 256]);
        OsEntropy.fill(&mut one);
        OsEntropy.fill(&mut two);
        assert_ne!(one, two);
        // 128 bytes of zeros at the end would mean a fill that stopped early; by chance it is one in 2^1024.
        assert!(one[128..].iter().any(|byte| *byte != 0) && two[128..].iter().any(|byte| *byte != 0));
    }
}
