//! What tests of the invitation system stand on: fakes of the small ports, a store in memory, builders for plausible
//! rows and plans, and the contract every store has to keep.
//!
//! # For whom
//!
//! - For the tests of this workspace.
//! - For a team that embeds `invite-domain` and writes a store of its own: the suite that the bundled stores pass is
//!   here to be run against theirs, and says which promise is broken.
//!
//! # Not for
//!
//! Production. [`SeededEntropy`] can be foretold, [`PlainHasher`] protects nothing, [`test_ring`] is printed in this
//! crate, and [`MemoryStore`] forgets everything when it is dropped. Make this crate a dev-dependency. It says nothing
//! about speed, migrations or what a database does when it crashes.
//!
//! # To test a store
//!
//! One line in a file under `tests/`. The closure makes a fresh, empty store for every case; each case is a `#[test]` of
//! its own, named for its promise.
//!
//! ```
//! use invite_testkit::{MemoryStore, store_contract};
//!
//! async fn my_store() -> MemoryStore {
//!     MemoryStore::default()
//! }
//!
//! store_contract!(async || my_store().await);
//! # fn main() {}
//! ```
//!
//! What must live as long as the store goes into [`Subject::keeping`](contract::Subject::keeping). A host with accounts
//! of its own implements `InvitationStore` and `Outbox` alone and runs those parts:
//!
//! ```
//! use invite_testkit::{MemoryStore, contract::Subject, store_contract};
//!
//! async fn my_host() -> Subject {
//!     let file = tempfile();
//!     Subject::of_host(MemoryStore::default()).keeping(file).with_races(5)
//! }
//! # fn tempfile() {}
//!
//! store_contract!(invitations, list, outbox; async || my_host().await);
//! # fn main() {}
//! ```
//!
//! The cases build their organisation, people and roles through `commit`, with the changes of
//! [`Scene`]. A host's store has to write those, at least in its tests: `InsertOrganization`, `UpdateOrganization`,
//! `InsertRole`, `UpdateRole`, `DeleteRole`, `InsertApiKey`, `UpdateApiKey`, `InsertOperatorKey`, `RevokeOperatorKey`,
//! `RemoveMembership`, `PutAccountToken` and `Block` of the administration, and all of the directory's but
//! `InsertSession`, `LinkIdentity` and `NoteSignIn`. A host that has records of its own that invitations are for implements `Subjects`
//! too, adds it by [`Subject::with_subjects`](contract::Subject::with_subjects) and runs the part `subjects`, which writes
//! `InsertSubject` and `UpdateSubject`.
//!
//! # To soak a store
//!
//! [`soak`] runs the use cases over it, many at once and for long: races of redeemers and issuers, every pair of operations
//! against both of its orders, random sequences against the pure rules.
//!
//! # To test a use case
//!
//! ```
//! use invite_domain::{invitation::Status, port::InvitationStore};
//! use invite_testkit::{MemoryStore, Scene};
//! use std::sync::Arc;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let store: Arc<dyn InvitationStore> = Arc::new(MemoryStore::default());
//! let scene = Scene::create(store, "acme").await;
//! let invitation = scene.issue("ana@example.org").await;
//! scene.apply(scene.plan_revoke(&invitation)).await;
//! let record = scene.record(invitation.id).await.unwrap();
//! assert_eq!(record.status(scene.now()), Status::Revoked);
//! # }
//! ```
//!
//! # That the suite is worth something
//!
//! [`broken::Fault`] lists mistakes a store can have. `tests/broken.rs` makes each in the store in memory and demands
//! that the case named for it fails. `tests/soaks.rs` does the same for the soaks.

pub mod broken;
pub mod contract;
pub mod fake;
pub mod fixtures;
pub mod memory;
pub mod soak;

pub use fake::{FakeIssuer, ManualClock, PlainHasher, RecordingNotifier, SeededEntropy, test_keys, test_ring};
pub use fixtures::Scene;
pub use memory::MemoryStore;
