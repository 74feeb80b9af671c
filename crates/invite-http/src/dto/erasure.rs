use invite_domain::directory::Erased;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What was erased of a person. Nothing where nobody was known at the address.
#[derive(Serialize, ToSchema)]
#[schema(as = Erased)]
pub(crate) struct ErasedAnswer {
    /// The account, which is nobody's any more; null where there was none.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000a1")]
    account_id: Option<Uuid>,
    /// Organisations in which something was erased, deleted ones too.
    #[schema(example = 2)]
    organizations: usize,
    /// Memberships that were removed.
    #[schema(example = 1)]
    memberships: usize,
    /// API keys that were revoked.
    #[schema(example = 0)]
    api_keys: usize,
    /// Invitations that name nobody any more.
    #[schema(example = 3)]
    invitations: usize,
    /// Those of them that were open and are revoked now.
    #[schema(example = 1)]
    revoked: usize,
    /// Records of the host's directory that name nobody any more.
    #[schema(example = 0)]
    records: usize,
}

impl From<&Erased> for ErasedAnswer {
    fn from(erased: &Erased) -> Self {
        Self {
            account_id: erased.account_id.map(|id| id.as_uuid()),
            organizations: erased.organizations,
            memberships: erased.memberships,
            api_keys: erased.api_keys,
            invitations: erased.invitations,
            revoked: erased.revoked,
            records: erased.records,
        }
    }
}
