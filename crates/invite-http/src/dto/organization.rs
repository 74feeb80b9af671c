use super::opaque;
use crate::{HttpConfig, logos};
use chrono::{DateTime, Utc};
use invite_domain::directory::{Limits, Organization, Policy};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// How an organisation's invitations work.
#[derive(Serialize, ToSchema)]
#[schema(as = Policy)]
pub(crate) struct PolicyAnswer {
    /// A link that was copied, not mailed, only sends the mailed one.
    #[schema(example = false)]
    require_mailbox_proof: bool,
    /// An existing account has to sign in; the mailed link alone does not join it.
    #[schema(example = false)]
    require_verified_sign_in: bool,
    /// Seconds an invitation lives where its issuer names none; null: the operator's default.
    #[schema(example = 604_800)]
    ttl_default: Option<i64>,
    /// The most seconds an invitation may live; null: the operator's maximum.
    #[schema(example = 2_592_000)]
    ttl_max: Option<i64>,
}

impl From<&Policy> for PolicyAnswer {
    fn from(policy: &Policy) -> Self {
        Self {
            require_mailbox_proof: policy.require_mailbox_proof,
            require_verified_sign_in: policy.require_verified_sign_in,
            ttl_default: policy.ttl_default,
            ttl_max: policy.ttl_max,
        }
    }
}

/// An organisation's own limits; null leaves the operator's.
#[derive(Serialize, ToSchema)]
#[schema(as = Limits)]
pub(crate) struct LimitsAnswer {
    /// The most members and live invitations together.
    #[schema(example = 100)]
    seats: Option<i64>,
    /// The most live invitations.
    #[schema(example = 1000)]
    live: Option<i64>,
    /// The most invitations issued in an hour.
    #[schema(example = 500)]
    issues_hour: Option<i64>,
    /// The most messages to one recipient a day.
    #[schema(example = 20)]
    messages_recipient_day: Option<i64>,
}

impl From<&Limits> for LimitsAnswer {
    fn from(limits: &Limits) -> Self {
        Self {
            seats: limits.seats,
            live: limits.live,
            issues_hour: limits.issues_hour,
            messages_recipient_day: limits.messages_recipient_day,
        }
    }
}

/// How an organisation looks on pages and in mails.
#[derive(Serialize, ToSchema)]
#[schema(as = Look)]
pub(crate) struct LookAnswer {
    /// Its colour; null: the service's own.
    #[schema(example = "#1a56b0")]
    accent: Option<String>,
    /// Where its logo is, for anybody; null: it has none.
    #[schema(example = "https://invite.example.org/logos/9f86d081884c7d659a2feaa0c55ad015.png")]
    logo_url: Option<String>,
}

/// An organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
pub(crate) struct OrganizationAnswer {
    /// The organisation's id.
    #[schema(example = "0190f3c2-0000-7000-8000-000000000001")]
    id: Uuid,
    /// The organisation's number, for systems that need integers.
    #[schema(example = 1)]
    number: i64,
    /// What people call it.
    #[schema(example = "Acme")]
    name: String,
    /// Its name in addresses: 3 to 40 of a–z, 0–9 and hyphen.
    #[schema(example = "acme")]
    slug: String,
    /// The language its mails are written in where nothing says otherwise.
    #[schema(example = "en")]
    locale: Option<String>,
    /// The time zone its dates are shown in (IANA).
    #[schema(example = "Europe/Paris")]
    time_zone: String,
    /// How its invitations work.
    policy: PolicyAnswer,
    /// Its own limits.
    limits: LimitsAnswer,
    /// How it looks on pages and in mails.
    look: LookAnswer,
    /// Fields other systems print; never interpreted.
    #[schema(schema_with = super::own_profile_schema)]
    profile: Value,
    /// When it was made.
    #[schema(example = "2026-11-01T09:00:00Z")]
    created_at: DateTime<Utc>,
    /// When it was deleted; null for one that is not.
    #[schema(example = "2026-11-20T09:00:00Z")]
    deleted_at: Option<DateTime<Utc>>,
}

impl OrganizationAnswer {
    pub(crate) fn new(organization: &Organization, config: &HttpConfig) -> Self {
        let look = &organization.look;
        Self {
            id: organization.id.as_uuid(),
            number: organization.number,
            name: organization.name.clone(),
            slug: organization.slug.as_str().to_owned(),
            locale: organization.locale.clone(),
            time_zone: organization.time_zone.clone(),
            policy: (&organization.policy).into(),
            limits: (&organization.limits).into(),
            look: LookAnswer {
                accent: look.accent.map(|accent| accent.to_string()),
                logo_url: look.logo.as_ref().map(|id| logos::url(config, id)),
            },
            profile: opaque(&organization.profile),
            created_at: organization.created_at,
            deleted_at: organization.deleted_at,
        }
    }
}

/// A new organisation, with the secrets that are shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedOrganization)]
pub(crate) struct CreatedOrganizationAnswer {
    /// The organisation.
    pub(crate) organization: OrganizationAnswer,
    /// Its first API key, in this answer only.
    #[schema(example = "ivk_…")]
    pub(crate) api_key: String,
    /// Where its owner sets a password, within 24 hours; null where there was an account at the address: its person signs in, or gets the link by mail.
    #[schema(example = "https://invite.example.org/account/ina_…")]
    pub(crate) owner_link: Option<String>,
}
