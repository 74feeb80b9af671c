use crate::{Admission, Background, Throughput, config::HttpConfig};
use async_trait::async_trait;
use invite_domain::{
    directory::{Accent, Logo, Slug},
    email::EmailAddress,
    port::PortError,
    service::{
        DeadLetterService, DirectoryService, ErasureService, GroupService, InvitationService, StatisticsService,
        SubjectService, World,
    },
    time::Timestamp,
};
use std::sync::Arc;

/// Everything the application needs. A clone shares it.
#[derive(Clone)]
pub struct Api {
    /// The use cases of invitations.
    pub invitations: InvitationService,
    /// The use cases of the bundled directory.
    pub directory: DirectoryService,
    /// The use cases of groups of organisations.
    pub groups: GroupService,
    /// The use cases of the records invitations are for.
    pub subjects: SubjectService,
    /// The use cases of messages that were given up.
    pub dead_letters: DeadLetterService,
    /// The use case that erases people.
    pub erasure: ErasureService,
    /// The use cases of statistics.
    pub statistics: StatisticsService,
    /// Time, randomness and keys.
    pub world: World,
    /// What the operator decided.
    pub config: Arc<HttpConfig>,
    /// Work behind answers that were given already.
    pub background: Background,
    /// Whether there is room for another request.
    pub admission: Admission,
    /// How many requests each credential made in the last second.
    pub throughput: Throughput,
    /// What `/readyz` tells.
    pub health: Arc<dyn Health>,
    /// The text `/metrics` answers, in the exposition format of Prometheus; no such path where `None`.
    pub metrics: Option<Arc<dyn Fn() -> String + Send + Sync>>,
    /// The mailbox of `invite dev`; no `/mailbox` where `None`.
    pub mailbox: Option<Arc<dyn DevMailbox>>,
    /// Who writes mails to look at before they are sent; no preview where `None`.
    pub mail_preview: Option<Arc<dyn MailPreview>>,
}

/// Whether the service can do its work.
#[async_trait]
pub trait Health: Send + Sync {
    /// How it stands now. MUST answer within a few seconds, whatever the database does.
    async fn ready(&self) -> Readiness;
}

/// How the service stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Readiness {
    /// Whether the database answers.
    pub database: bool,
    /// Whether its schema is the one this program expects.
    pub migrations_current: bool,
    /// How many milliseconds the database's clock is ahead of ours; `None` where it does not answer.
    pub clock_difference_ms: Option<i64>,
    /// The ids of the keys in the ring, so that a rotation can wait for all replicas.
    pub key_ids: Vec<u8>,
    /// The key new secrets are made with.
    pub active_key: Option<u8>,
    /// Whether it is shutting down.
    pub draining: bool,
}

impl Readiness {
    /// The most the database's clock and ours may differ (rule 2.6).
    pub const CLOCKS_AGREE_MS: i64 = 2_000;

    /// Whether requests should come here.
    pub fn is_ready(&self) -> bool {
        self.database && self.migrations_current && self.clocks_agree() && self.active_key.is_some() && !self.draining
    }

    /// Whether the database's clock is ours, as far as it answers.
    pub fn clocks_agree(&self) -> bool {
        self.clock_difference_ms.is_none_or(|difference| difference.abs() <= Self::CLOCKS_AGREE_MS)
    }
}

/// The mails a developer's service sent, instead of sending them.
#[async_trait]
pub trait DevMailbox: Send + Sync {
    /// All mails, the newest first.
    async fn list(&self) -> Result<Vec<MailSummary>, PortError>;

    /// One mail.
    async fn read(&self, id: &str) -> Result<Option<Mail>, PortError>;
}

/// A mail in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MailSummary {
    /// Names the mail; 1 to 200 of letters, digits, dots, underscores, hyphens and `@`.
    pub id: String,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// When it was written.
    pub at: Option<Timestamp>,
}

/// A mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    /// Its headers.
    pub summary: MailSummary,
    /// Its text part.
    pub text: String,
    /// Its HTML part.
    pub html: Option<String>,
}

/// Writes the mail an invitation would be sent with, to be looked at.
pub trait MailPreview: Send + Sync {
    /// The mail; `None` where it cannot be written. MUST hold neither a link nor a code that opens anything.
    fn invitation(&self, facts: PreviewFacts) -> Option<PreviewedMail>;
}

/// What an invitation's mail tells. Names and the message are as people wrote them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PreviewFacts {
    /// What the organisation is called.
    pub organization_name: String,
    /// Where its codes are entered.
    pub organization_slug: Slug,
    /// What the inviter is called, if known.
    pub inviter_name: Option<String>,
    /// What the role is called, if there is one.
    pub role_name: Option<String>,
    /// What the inviter adds.
    pub message: Option<String>,
    /// To whom.
    pub to: EmailAddress,
    /// The languages to try in turn (BCP 47 tags).
    pub locales: Vec<Option<String>>,
    /// The IANA time zone for dates.
    pub time_zone: String,
    /// When the mail is made.
    pub created_at: Timestamp,
    /// When the invitation would expire.
    pub expires_at: Timestamp,
    /// The organisation's colour.
    pub accent: Option<Accent>,
    /// The organisation's logo.
    pub logo: Option<Logo>,
}

/// A mail to look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PreviewedMail {
    /// Its subject.
    pub subject: String,
    /// Its text part.
    pub text: String,
    /// Its HTML part, which loads nothing: images stand in it as `data:` URLs.
    pub html: String,
}
