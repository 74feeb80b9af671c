//! Use cases: load, decide, commit. The order of calls is here, the rules are in [`crate::invitation`] and
//! [`crate::access`]. HTTP, the command line, the dispatcher and embedders call the same methods.

mod attempt;
mod change;
mod dead_letters;
mod directory;
mod dispatch;
mod erasure;
mod error;
pub(crate) mod guesses;
mod identities;
mod invitations;
mod issue;
mod notices;
mod redeem;
mod retry;
mod shown;
mod statistics;
mod subjects;

pub use crate::invitation::{
    Origin,
    amend::Amend,
    issue::{Issue, IssueResult, OnConflict, Reveal},
    redeem::{NewAccount, Next},
    resend::Resend,
    revoke::Revoke,
};
pub use dead_letters::DeadLetterService;
pub use directory::{
    AccountLink, AddressProof, ApiKeyView, Authenticated, Bearer, ChangeMe, CreatedOrganization, DirectoryService,
    Ending, GroupService, Installed, Me, MemberView, Place, RecentKeys, RoleView, Scope, SetUp, SignIn, SignedIn,
};
pub use dispatch::{DispatchReport, Dispatcher};
pub use erasure::ErasureService;
pub use error::ServiceError;
pub use invitations::InvitationService;
pub use issue::{Issued, Secrets};
pub use redeem::{Declined, Preview, Redeem, Redeemed};
pub use shown::Secret;
pub use statistics::{Dashboard, StatisticsService, Week};
pub use subjects::{SubjectService, SubjectView};

use crate::{
    id::OrganizationId,
    invitation::{Bounds, Budget},
    port::{Clock, Entropy, Keys, PortError, Principal},
    secret::keyring::KeyRing,
};
use std::sync::Arc;

/// The operator's settings for the use cases.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Bounds of invitations.
    pub bounds: Bounds,
    /// Failed sign-ins an account may have; `None` lifts the limit.
    pub sign_in_account: Option<Budget>,
    /// Failed sign-ins a client address may have; `None` lifts the limit.
    pub sign_in_address: Option<Budget>,
    /// Codes a client address may try in vain; `None` lifts the limit.
    pub code_address: Option<Budget>,
    /// Codes that may be tried in vain in one organisation; `None` lifts the limit.
    pub code_organization: Option<Budget>,
}

impl Default for Settings {
    fn default() -> Self {
        let window = chrono::Duration::minutes(15);
        Self {
            bounds: Bounds::default(),
            sign_in_account: Some(Budget { limit: 10, window }),
            sign_in_address: Some(Budget { limit: 100, window }),
            code_address: Some(Budget { limit: 20, window: chrono::Duration::minutes(10) }),
            code_organization: Some(Budget { limit: 10_000, window: chrono::Duration::hours(1) }),
        }
    }
}

/// Who calls for which organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// The effective organisation.
    pub organization_id: OrganizationId,
    /// Where it came from, for the trail.
    pub origin: Origin,
}

/// An Idempotency-Key with the request's fingerprint (rule 3.7).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Idempotency {
    /// The key as the client sent it, 1 to 255 visible ASCII characters.
    pub key: String,
    /// HMAC-SHA-256 under the idempotency key of method, path and body.
    pub fingerprint: [u8; 32],
}

/// Where the present, randomness and keys come from: what every use case shares.
#[derive(Clone)]
pub struct World {
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The key ring.
    pub keys: Arc<dyn Keys>,
}

impl World {
    /// The ring and its active key's id.
    pub(crate) fn active_key(&self) -> Result<(Arc<KeyRing>, crate::secret::keyring::KeyId), PortError> {
        let ring = self.keys.ring();
        let id = ring.active().ok_or_else(|| PortError::other("the key ring has no active key"))?;
        Ok((ring, id))
    }
}
