use super::administration::{AccountAnswer, MemberAnswer};
use crate::{HttpConfig, logos};
use chrono::{DateTime, Utc};
use invite_domain::{directory::Organization, invitation::Redemption};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An organisation as an invitee sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct InvitingOrganization {
    /// The organisation's id.
    #[schema(example = "0190f3c2-0000-7000-8000-000000000001")]
    id: Uuid,
    /// What people call it.
    #[schema(example = "Acme")]
    name: String,
    /// Its name in addresses.
    #[schema(example = "acme")]
    slug: String,
    /// Its logo, else the picture its profile's `logo_url` names.
    #[schema(example = "https://acme.example.org/logo.svg")]
    logo_url: Option<String>,
}

impl InvitingOrganization {
    pub(crate) fn new(organization: &Organization, config: &HttpConfig) -> Self {
        let logo_url = organization.look.logo.as_ref().map(|id| logos::url(config, id));
        let named = || super::opaque(&organization.profile)["logo_url"].as_str().map(str::to_owned);
        Self {
            id: organization.id.as_uuid(),
            name: organization.name.clone(),
            slug: organization.slug.as_str().to_owned(),
            logo_url: logo_url.or_else(named),
        }
    }
}

/// A name, where it is known.
#[derive(Serialize, ToSchema)]
pub(crate) struct InviterName {
    /// What the inviter is called.
    #[schema(example = "Grace Hopper")]
    pub(crate) name: Option<String>,
}

/// A role's name.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfferedRole {
    /// What the role is called.
    #[schema(example = "member")]
    pub(crate) name: String,
}

/// What an invitation offers, for the person who holds its link.
#[derive(Serialize, ToSchema)]
#[schema(as = Preview)]
pub(crate) struct PreviewAnswer {
    /// Where to.
    pub(crate) organization: InvitingOrganization,
    /// By whom.
    pub(crate) inviter: InviterName,
    /// As what.
    pub(crate) role: Option<OfferedRole>,
    /// For whom, masked.
    #[schema(example = "a•••@e•••.org")]
    pub(crate) recipient_masked: String,
    /// Until when.
    #[schema(example = "2026-11-28T10:00:00Z")]
    pub(crate) expires_at: DateTime<Utc>,
    /// What to do next: `accept`; for a mailed link or a signed-in person also `sign_up`, `sign_in`, `switch_account` or
    /// `already_member`.
    #[schema(example = "sign_up")]
    pub(crate) next: &'static str,
}

/// The proof that an invitation was used.
#[derive(Serialize, ToSchema)]
#[schema(as = Redemption)]
pub(crate) struct RedemptionAnswer {
    /// The redemption's id.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000c1")]
    id: Uuid,
    /// The invitation that was used.
    #[schema(example = "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5")]
    invitation_id: Uuid,
    /// Its organisation.
    #[schema(example = "0190f3c2-0000-7000-8000-000000000001")]
    organization_id: Uuid,
    /// The generation of the link.
    #[schema(example = 1)]
    generation: u16,
    /// When.
    #[schema(example = "2026-11-22T08:30:00Z")]
    redeemed_at: DateTime<Utc>,
}

impl From<&Redemption> for RedemptionAnswer {
    fn from(redemption: &Redemption) -> Self {
        Self {
            id: redemption.id.as_uuid(),
            invitation_id: redemption.invitation_id.as_uuid(),
            organization_id: redemption.organization_id.as_uuid(),
            generation: redemption.generation,
            redeemed_at: redemption.redeemed_at,
        }
    }
}

/// A session that began with this answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionAnswer {
    /// The session's secret, in this answer only: send it as `Authorization: Bearer …`.
    #[schema(example = "ivs_…")]
    pub(crate) token: String,
    /// When it ends whatever happens; unused it ends after 7 days.
    #[schema(example = "2026-12-22T08:30:00Z")]
    pub(crate) expires_at: DateTime<Utc>,
}

/// What came of a redemption.
#[derive(Serialize, ToSchema)]
#[schema(as = Redeemed)]
pub(crate) struct RedeemedAnswer {
    /// The redemption.
    pub(crate) redemption: RedemptionAnswer,
    /// Whose it is.
    pub(crate) account: AccountAnswer,
    /// The membership.
    pub(crate) membership: Option<MemberAnswer>,
    /// A session, where the redemption made the account or let somebody in again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<SessionAnswer>,
    /// Where to go from here.
    #[schema(example = "https://app.example.org/welcome?invitation_id=0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5")]
    pub(crate) redirect_url: Option<String>,
}

/// A "no", noted.
#[derive(Serialize, ToSchema)]
#[schema(as = Declined)]
pub(crate) struct DeclinedAnswer {
    /// `declined`.
    #[schema(example = "declined")]
    pub(crate) status: &'static str,
    /// Whether the organisation sends no further invitations to the address.
    #[schema(example = false)]
    pub(crate) blocked: bool,
}

/// A request that was taken; the answer is the same whatever comes of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Accepted)]
pub(crate) struct AcceptedAnswer {
    /// `accepted`.
    #[schema(example = "accepted")]
    pub(crate) status: &'static str,
}

/// A person signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub(crate) struct SignedInAnswer {
    /// The session.
    pub(crate) session: SessionAnswer,
    /// Whose it is.
    pub(crate) account: AccountAnswer,
}

/// A password that was set.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordSet)]
pub(crate) struct PasswordSetAnswer {
    /// Whose it is.
    pub(crate) account: AccountAnswer,
}
