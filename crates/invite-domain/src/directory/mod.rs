//! Who and where: organisations, accounts, memberships and credentials of the bundled directory. A host with accounts
//! of its own keeps its own, and tells the domain of them in these shapes.

mod account;
pub mod account_link;
pub mod address_change;
mod api_key;
pub mod erasure;
pub mod founding;
mod group;
pub mod group_edit;
mod identity;
pub mod limits_edit;
pub mod look;
mod membership;
mod organization;
pub mod organization_edit;
mod session;
mod subject;
pub mod subject_edit;
pub(crate) mod words;

pub use account::{Account, AccountToken, InvalidUsername, Login, Password, PasswordError, PasswordHash, Username};
pub use api_key::{ApiKey, OperatorKey};
pub use erasure::{Erased, Erasing, Pseudonym};
pub use founding::NewOrganization;
pub use group::OrganizationGroup;
pub use group_edit::{ChangeGroup, NewGroup};
pub use identity::{Identity, IdentityKey, VerifiedIdentity};
pub use limits_edit::ChangeLimits;
pub use look::{Accent, InvalidAccent, InvalidLogo, Logo, LogoId, Look};
pub use membership::Membership;
pub use organization::{InvalidSlug, Limits, Organization, Policy, Slug};
pub use organization_edit::ChangeOrganization;
pub use session::Session;
pub use subject::{Subject, SubjectKind};
pub use subject_edit::{ChangeSubject, NewSubject};
