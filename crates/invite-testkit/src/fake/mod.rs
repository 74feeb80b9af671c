//! Fakes of the small ports: foretellable, scriptable, never for production.

mod clock;
mod entropy;
mod issuer;
mod keys;
mod notifier;
mod password;

pub use clock::ManualClock;
pub use entropy::SeededEntropy;
pub use issuer::FakeIssuer;
pub use keys::{test_keys, test_ring};
pub use notifier::{Delivered, DeliveredContent, DeliveredToken, RecordingNotifier};
pub use password::PlainHasher;
