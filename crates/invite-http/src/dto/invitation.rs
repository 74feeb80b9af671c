use super::opaque;
use chrono::{DateTime, Utc};
use invite_domain::{
    access::Role,
    invitation::{Delivery, Event, Fact, Recipient, Redemption, State},
    port::InvitationRecord,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A role where it is named, not described.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoleName {
    /// The role's id.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000a1")]
    pub(crate) id: Uuid,
    /// The role's number, for systems that need integers.
    #[schema(example = 3)]
    pub(crate) number: i64,
    /// What it is called.
    #[schema(example = "member")]
    pub(crate) name: String,
}

impl From<&Role> for RoleName {
    fn from(role: &Role) -> Self {
        Self { id: role.id.as_uuid(), number: role.number, name: role.name.clone() }
    }
}

/// Whom an invitation is for, as the request said it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum RecipientAnswer {
    Email(EmailRecipientAnswer),
    Phone(PhoneRecipientAnswer),
    Subject(SubjectRecipientAnswer),
}

/// Who reads mail at an address.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmailRecipientAnswer {
    /// The e-mail address, as it was written when the invitation was issued.
    #[schema(example = "Ada@example.org")]
    email: String,
}

/// Who reads messages at a phone number.
#[derive(Serialize, ToSchema)]
pub(crate) struct PhoneRecipientAnswer {
    /// The phone number (E.164).
    #[schema(example = "+33199001234")]
    phone: String,
}

/// Whom a record of the directory stands for.
#[derive(Serialize, ToSchema)]
pub(crate) struct SubjectRecipientAnswer {
    /// The record's id.
    #[schema(example = "0190f3c2-0000-7000-8000-00000000abcd")]
    subject_id: Uuid,
}

impl From<&Recipient> for RecipientAnswer {
    fn from(recipient: &Recipient) -> Self {
        match recipient {
            Recipient::Email(address) => Self::Email(EmailRecipientAnswer { email: address.as_str().to_owned() }),
            Recipient::Phone(number) => Self::Phone(PhoneRecipientAnswer { phone: number.as_str().to_owned() }),
            Recipient::Subject(subject) => Self::Subject(SubjectRecipientAnswer { subject_id: subject.id.as_uuid() }),
        }
    }
}

/// Who answers for an invitation.
#[derive(Serialize, ToSchema)]
pub(crate) struct InviterAnswer {
    /// `member`, `api_key` or `operator`.
    #[schema(example = "api_key")]
    kind: &'static str,
    /// The id; a member's is the membership's.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000b1")]
    id: Uuid,
    /// What the inviter is called, where that is known.
    #[schema(example = "CI")]
    name: Option<String>,
}

/// What became of the message on one channel.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryAnswer {
    /// `email` or `sms`.
    #[schema(example = "email")]
    channel: &'static str,
    /// `queued`, `sent`, `failed` or `cancelled`.
    #[schema(example = "sent")]
    state: &'static str,
    /// A fixed word for why it is not sent, or not yet.
    #[schema(example = "smtp_deferred")]
    reason: Option<&'static str>,
    /// Since when it is in that state.
    #[schema(example = "2026-11-21T10:00:02Z")]
    at: DateTime<Utc>,
    /// How often delivery was tried.
    #[schema(example = 1)]
    attempts: u32,
    /// When the next attempt is due, while queued.
    #[schema(example = "2026-11-21T10:05:00Z")]
    next_attempt_at: Option<DateTime<Utc>>,
}

impl From<&Delivery> for DeliveryAnswer {
    fn from(delivery: &Delivery) -> Self {
        Self {
            channel: delivery.channel.name(),
            state: delivery.state.name(),
            reason: delivery.reason.map(invite_domain::invitation::Reason::name),
            at: delivery.at,
            attempts: delivery.attempts,
            next_attempt_at: delivery.next_attempt_at,
        }
    }
}

/// The last redemption of an invitation.
#[derive(Serialize, ToSchema)]
pub(crate) struct LastRedemption {
    /// The redemption's id.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000c1")]
    id: Uuid,
    /// Who redeemed.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000d1")]
    account_id: Uuid,
    /// The membership it made or widened.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000e1")]
    membership_id: Uuid,
    /// When.
    #[schema(example = "2026-11-22T08:30:00Z")]
    redeemed_at: DateTime<Utc>,
}

impl From<&Redemption> for LastRedemption {
    fn from(redemption: &Redemption) -> Self {
        Self {
            id: redemption.id.as_uuid(),
            account_id: redemption.account_id.as_uuid(),
            membership_id: redemption.membership_id.as_uuid(),
            redeemed_at: redemption.redeemed_at,
        }
    }
}

/// An invitation.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct InvitationAnswer {
    /// The invitation's id, the same over all resends.
    #[schema(example = "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5")]
    id: Uuid,
    /// The invitation's number, for systems that need integers.
    #[schema(example = 42)]
    number: i64,
    /// The organisation it is to.
    #[schema(example = "0190f3c2-0000-7000-8000-000000000001")]
    organization_id: Uuid,
    /// Whom it is for.
    recipient: RecipientAnswer,
    /// `pending`, `redeemed`, `declined`, `revoked`, `expired`, `exhausted` or `suspended`.
    #[schema(example = "pending")]
    status: &'static str,
    /// The role it grants.
    role: Option<RoleName>,
    /// Permissions it grants apart from the role.
    #[schema(example = json!(["members.read"]))]
    permissions: Vec<String>,
    /// Who answers for it.
    inviter: InviterAnswer,
    /// Counts its links, from 1; every resend makes a new one.
    #[schema(example = 1)]
    generation: u16,
    /// Counts its changes, from 1; the `ETag` is made of it.
    #[schema(example = 1)]
    version: i64,
    /// How often it can be used.
    #[schema(example = 1)]
    max_uses: u32,
    /// How often it was.
    #[schema(example = 0)]
    uses: u32,
    /// When it was issued.
    #[schema(example = "2026-11-21T10:00:00Z")]
    created_at: DateTime<Utc>,
    /// When it stops being good.
    #[schema(example = "2026-11-28T10:00:00Z")]
    expires_at: DateTime<Utc>,
    /// When it was last used.
    #[schema(example = "2026-11-22T08:30:00Z")]
    redeemed_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    #[schema(example = "2026-11-22T08:30:00Z")]
    revoked_at: Option<DateTime<Utc>>,
    /// By whom.
    revoked_by: Option<ActorAnswer>,
    /// Why, in the words of who did it; `replaced` where a new one took its place.
    #[schema(example = "left the team")]
    revoke_reason: Option<String>,
    /// When the invitee said no.
    #[schema(example = "2026-11-22T08:30:00Z")]
    declined_at: Option<DateTime<Utc>>,
    /// A fixed word for why it is suspended: `inviter_lost_authority`.
    #[schema(example = "inviter_lost_authority")]
    suspended_reason: Option<&'static str>,
    /// The last redemption.
    redemption: Option<LastRedemption>,
    /// What the inviter adds.
    #[schema(example = "Looking forward to working with you.")]
    message: Option<String>,
    /// An object carried to the membership.
    #[schema(schema_with = super::metadata_schema)]
    metadata: Option<Value>,
    /// A rate carried to the membership, in cents an hour.
    #[schema(example = 4500)]
    default_rate: Option<i64>,
    /// The language to write to the invitee in.
    #[schema(example = "fr")]
    locale: Option<String>,
    /// Where a success leads.
    #[schema(example = "https://app.example.org/welcome")]
    redirect_url: Option<String>,
    /// The group it was issued in.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000f1")]
    batch_id: Option<Uuid>,
    /// The latest message on each channel.
    deliveries: Vec<DeliveryAnswer>,
    /// The link, where the request asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "https://invite.example.org/i/inv_0VSTem8…")]
    pub(crate) link: Option<SecretMember>,
    /// The short code, where the request asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "6KNS-4129-2BR")]
    pub(crate) code: Option<SecretMember>,
}

/// A link or code that was asked for: null where there is none, or where the request is a repeat and it is no longer the
/// present one.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct SecretMember(pub(crate) Option<String>);

impl InvitationAnswer {
    pub(crate) fn new(record: &InvitationRecord, now: DateTime<Utc>) -> Self {
        let invitation = &record.invitation;
        let status = record.status(now);
        let (mut revoked, mut declined_at, mut ended_redeemed) = (None, None, None);
        match &invitation.state {
            State::Pending => {}
            State::Redeemed { at } => ended_redeemed = Some(*at),
            State::Declined { at, .. } => declined_at = Some(*at),
            State::Revoked { at, by, reason } => revoked = Some((*at, *by, reason.clone())),
        }
        let suspended = status == invite_domain::invitation::Status::Suspended;
        Self {
            id: invitation.id.as_uuid(),
            number: invitation.number,
            organization_id: invitation.organization_id.as_uuid(),
            recipient: (&invitation.recipient).into(),
            status: status.name(),
            role: record.role.as_ref().map(RoleName::from),
            permissions: invitation.grant.permissions.names().map(str::to_owned).collect(),
            inviter: InviterAnswer {
                kind: invitation.inviter.kind.name(),
                id: invitation.inviter.id,
                name: record.inviter.name().map(str::to_owned),
            },
            generation: invitation.generation,
            version: invitation.version,
            max_uses: invitation.max_uses,
            uses: invitation.uses,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            redeemed_at: record.redemption.as_ref().map(|redemption| redemption.redeemed_at).or(ended_redeemed),
            revoked_at: revoked.as_ref().map(|(at, _, _)| *at),
            revoked_by: revoked.as_ref().map(|(_, by, _)| ActorAnswer { kind: by.kind.name(), id: by.id }),
            revoke_reason: revoked.and_then(|(_, _, reason)| reason),
            declined_at,
            suspended_reason: suspended.then_some("inviter_lost_authority"),
            redemption: record.redemption.as_ref().map(LastRedemption::from),
            message: invitation.message.clone(),
            metadata: invitation.grant.metadata.as_deref().map(opaque),
            default_rate: invitation.grant.default_rate,
            locale: invitation.locale.clone(),
            redirect_url: invitation.redirect_url.clone(),
            batch_id: invitation.batch_id.map(|id| id.as_uuid()),
            deliveries: record.deliveries.iter().map(DeliveryAnswer::from).collect(),
            link: None,
            code: None,
        }
    }
}

/// Link and code that were shown.
#[derive(Serialize, ToSchema)]
#[schema(as = Revealed)]
pub(crate) struct RevealAnswer {
    /// The link. Whoever has it can use the invitation.
    #[schema(example = "https://invite.example.org/i/inv_0XJ1jTx…")]
    pub(crate) link: String,
    /// The short code, to type at `/code/{slug}` of the organisation. An invitation of before there were codes has none.
    #[schema(example = "6KNS-4129-2BR")]
    pub(crate) code: Option<String>,
}

/// Who did something.
#[derive(Serialize, ToSchema)]
#[schema(as = Actor)]
pub(crate) struct ActorAnswer {
    /// `member`, `api_key`, `operator`, `invitee` or `system`.
    #[schema(example = "member")]
    kind: &'static str,
    /// The id, where the actor has one; a member's is the membership's, an invitee's the account's.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000e1")]
    id: Option<Uuid>,
}

/// One entry of the audit trail.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventAnswer {
    /// The event's id.
    #[schema(example = "0190f3c2-0000-7000-8000-000000000e11")]
    id: Uuid,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "invitation.issued")]
    kind: &'static str,
    /// The invitation it happened to.
    #[schema(example = "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5")]
    invitation_id: Option<Uuid>,
    /// The membership it happened to.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000e1")]
    membership_id: Option<Uuid>,
    /// The version of the thing after it.
    #[schema(example = 1)]
    sequence: i64,
    /// Who did it.
    actor: ActorAnswer,
    /// When.
    #[schema(example = "2026-11-21T10:00:00Z")]
    recorded_at: DateTime<Utc>,
    /// The request in which it happened.
    #[schema(example = "0190f3c2-0000-7000-8000-00000000aaaa")]
    request_id: Option<String>,
    /// The address the request came from; null in an invitation's own history, where there was none, and once the person was
    /// erased.
    #[schema(example = "203.0.113.7")]
    address: Option<String>,
    /// What else there is to say. Never a secret, a name or an address.
    #[schema(schema_with = super::facts_schema)]
    data: Map<String, Value>,
}

impl From<&Event> for EventAnswer {
    fn from(event: &Event) -> Self {
        let fact = |fact: &Fact| match fact {
            Fact::Text(text) => Value::from(text.as_str()),
            Fact::Number(number) => Value::from(*number),
            Fact::Flag(flag) => Value::from(*flag),
            Fact::Words(words) => Value::from(words.clone()),
        };
        Self {
            id: event.id.as_uuid(),
            kind: event.kind.name(),
            invitation_id: event.invitation_id.map(|id| id.as_uuid()),
            membership_id: event.membership_id.map(|id| id.as_uuid()),
            sequence: event.sequence,
            actor: ActorAnswer { kind: event.actor.kind.name(), id: event.actor.id },
            recorded_at: event.recorded_at,
            request_id: event.request_id.clone(),
            address: event.address.map(|address| address.to_string()),
            data: event.data.iter().map(|(name, value)| (name.clone(), fact(value))).collect(),
        }
    }
}
