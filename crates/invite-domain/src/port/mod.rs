//! Ports: what the domain asks of the world. Each has a mock behind the feature `mock` (`MockClock`, `MockInvitationStore`
//! …). Every MUST of a store port has a case of the contract suite in `invite-testkit`.

mod clock;
#[cfg_attr(feature = "mock", expect(clippy::ref_option_ref, reason = "mockall writes it"))]
mod directory;
mod entropy;
mod erasure;
mod error;
mod groups;
pub(crate) mod invitation_store;
mod keys;
mod limiter;
mod notifier;
mod outbox;
#[cfg_attr(feature = "mock", expect(clippy::ref_option_ref, reason = "mockall writes it"))]
mod password;
mod retention;
mod statistics;
mod subjects;
mod token_verifier;

pub use clock::Clock;
pub use directory::{
    AdministrationFacts, AdministrationQuery, CredentialFacts, Directory, MemberRecord, OrganizationRef,
};
pub use entropy::Entropy;
pub use erasure::{Erasure, HeldMembership, PersonFacts};
pub use error::PortError;
pub use groups::{GroupAdministrator, GroupFacts, GroupPlace, GroupQuery, GroupRecord, Groups};
pub use invitation_store::{
    AccountFacts, EventFilter, IdempotencyRef, InvitationFacts, InvitationFilter, InvitationQuery, InvitationRecord,
    InvitationRef, InvitationStore, IssueFacts, IssueQuery, Principal, RedemptionFacts, RedemptionQuery, ReminderFacts,
    SecretRef, SortKey, SubjectFacts, ViewFacts, ViewQuery,
};
pub use keys::{FixedKeys, Keys};
pub use limiter::{Limiter, Spending};
pub use notifier::{DeliveryError, Destination, Notification, NotificationContent, Notifier, Occasion};
pub use outbox::{DeliveryFacts, Lease, Outbox, Settlement};
pub use password::{PasswordHasher, Turn};
pub use retention::{Purged, Retention};
pub use statistics::{Figures, FiguresQuery, Statistics, WeekFigures};
pub use subjects::{SubjectAdministration, SubjectFilter, SubjectQuery, SubjectRecord, SubjectRef, Subjects};
pub use token_verifier::TokenVerifier;

#[cfg(feature = "mock")]
pub use self::{
    clock::MockClock, directory::MockDirectory, entropy::MockEntropy, erasure::MockErasure, groups::MockGroups,
    invitation_store::MockInvitationStore, keys::MockKeys, limiter::MockLimiter, notifier::MockNotifier,
    outbox::MockOutbox, password::MockPasswordHasher, retention::MockRetention, statistics::MockStatistics,
    subjects::MockSubjects, token_verifier::MockTokenVerifier,
};
