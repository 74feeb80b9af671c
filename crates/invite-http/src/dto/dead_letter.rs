use chrono::{DateTime, Utc};
use invite_domain::invitation::DeadLetter;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A message that was given up.
#[derive(Serialize, ToSchema)]
#[schema(as = DeadLetter)]
pub(crate) struct DeadLetterAnswer {
    /// The message's id.
    #[schema(example = "0190f3c2-0000-7000-8000-000000000d11")]
    id: Uuid,
    /// The invitation it is of.
    #[schema(example = "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5")]
    invitation_id: Uuid,
    /// How it travels: `email` or `sms`.
    #[schema(example = "email")]
    channel: &'static str,
    /// How often delivery was tried.
    #[schema(example = 1)]
    attempts: u32,
    /// Why it was given up; one fixed word, as in an invitation's `deliveries`.
    #[schema(example = "smtp_refused")]
    reason: &'static str,
    /// When it was given up.
    #[schema(example = "2026-11-21T10:00:00Z")]
    at: DateTime<Utc>,
}

impl From<&DeadLetter> for DeadLetterAnswer {
    fn from(letter: &DeadLetter) -> Self {
        Self {
            id: letter.id.as_uuid(),
            invitation_id: letter.invitation_id.as_uuid(),
            channel: letter.channel.name(),
            attempts: letter.attempts,
            reason: letter.reason.name(),
            at: letter.at,
        }
    }
}
