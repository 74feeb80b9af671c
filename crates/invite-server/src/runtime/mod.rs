//! What only the operating system can give: the present, randomness, cores for hashing, files.

mod clock;
mod entropy;
mod keys;
mod password;

pub use clock::SystemClock;
pub use entropy::OsEntropy;
pub use keys::ReloadingKeys;
pub use password::Argon2Hasher;
