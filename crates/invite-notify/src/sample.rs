//! Mails to look at: of every kind, and invitations from facts of the caller's choice.
//!
//! Their links and codes are made with a key of no service, so none accepts them;
//! [`Renderer::preview`](crate::Renderer::preview) shows not even these.

use crate::template::MailKind;
use invite_domain::{
    directory::{
        Slug,
        look::{Accent, Logo},
    },
    email::EmailAddress,
    id::{AccountId, InvitationId, MessageId, OrganizationId},
    port::{Destination, Notification, NotificationContent, Occasion},
    secret::{
        AccountPurpose, AccountTokenBinding, AccountTokenText, CodeText, GrantDigest, KeyRing, KeyRingError, MintError,
        Nonce, Provenance, TokenBinding, TokenText, account_token, code,
        keyring::{KeyId, KeyState},
        token,
    },
    time::{Timestamp, seconds},
};
use invite_text::Language;
use uuid::Uuid;

/// A day, in seconds.
const DAY: i64 = 86_400;

/// Why no sample can be made. A test sees to it that one always can.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The key ring for samples is refused.
    #[error(transparent)]
    KeyRing(#[from] KeyRingError),
    /// The key for samples is missing.
    #[error(transparent)]
    Mint(#[from] MintError),
    /// A sample's address or slug is refused.
    #[error("a sample cannot be made")]
    Facts,
}

/// What an invitation's mail tells. Names and the message are as people wrote them.
#[derive(Clone, Debug)]
pub struct InvitationFacts {
    /// Why it is sent.
    pub occasion: Occasion,
    /// What the inviter is called, if known.
    pub inviter_name: Option<String>,
    /// What the organisation is called.
    pub organization_name: String,
    /// Where its codes are entered.
    pub organization_slug: Slug,
    /// What the role is called, if there is one.
    pub role_name: Option<String>,
    /// What the inviter adds.
    pub message: Option<String>,
    /// To whom.
    pub to: Destination,
    /// The languages to try in turn (BCP 47 tags).
    pub locales: Vec<Option<String>>,
    /// The IANA time zone for dates.
    pub time_zone: String,
    /// When the mail is made.
    pub created_at: Timestamp,
    /// When the invitation expires.
    pub expires_at: Timestamp,
    /// The organisation's colour.
    pub accent: Option<Accent>,
    /// The organisation's logo.
    pub logo: Option<Logo>,
}

/// The mail an invitation with these facts would lead to, with a link and a code that open nothing.
///
/// # Errors
/// Never, as far as tests can tell.
pub fn invitation(facts: InvitationFacts) -> Result<Notification, SampleError> {
    let (token, code) = invitation_secrets()?;
    Ok(Notification {
        message_id: MessageId::from_uuid(NIL),
        created_at: facts.created_at,
        to: facts.to,
        locales: facts.locales,
        time_zone: facts.time_zone,
        accent: facts.accent,
        logo: facts.logo,
        content: NotificationContent::Invitation {
            occasion: facts.occasion,
            inviter_name: facts.inviter_name,
            organization_name: facts.organization_name,
            role_name: facts.role_name,
            expires_at: facts.expires_at,
            message: facts.message,
            token,
            code: Some(code),
            organization_slug: facts.organization_slug,
        },
    })
}

/// A mail of this kind about made-up people.
///
/// # Errors
/// Never, as far as tests can tell.
pub fn mail(
    kind: MailKind,
    language: Language,
    created_at: Timestamp,
    (accent, logo): (Option<Accent>, Option<Logo>),
) -> Result<Notification, SampleError> {
    let address = |text| EmailAddress::parse(text).map_err(|_| SampleError::Facts);
    let organization_name = "Acme & Söhne".to_owned();
    let some = |text: &str| Some(text.to_owned());
    let to = match kind {
        MailKind::Accepted => "ada@example.org",
        MailKind::Suspended => "grace@example.org",
        _ => "zoe@example.org",
    };
    let occasion = match kind {
        MailKind::FreshLink => Occasion::Renewed,
        MailKind::Reminder => Occasion::Reminder,
        _ => Occasion::Issued,
    };
    let days = if kind == MailKind::Reminder { 2 } else { 7 };
    let mut notification = invitation(InvitationFacts {
        occasion,
        inviter_name: some("Ada Byron"),
        organization_name: organization_name.clone(),
        organization_slug: Slug::parse("acme").map_err(|_| SampleError::Facts)?,
        role_name: some("member"),
        message: some("Hi Zoë,\n\nwe look forward to you.\nAda"),
        to: Destination::Email(address(to)?),
        locales: vec![some(language.tag())],
        time_zone: "Europe/Paris".to_owned(),
        created_at,
        expires_at: created_at + seconds(days * DAY),
        accent,
        logo,
    })?;
    let invitation_id = InvitationId::from_uuid(NIL);
    let recipient = "zoe@example.org".to_owned();
    let expires_at = created_at + seconds(DAY);
    notification.content = match kind {
        MailKind::Invitation | MailKind::Reminder | MailKind::FreshLink => return Ok(notification),
        MailKind::Accepted => NotificationContent::Accepted {
            invitation_id,
            recipient,
            member_name: some("Zoë Müller"),
            organization_name,
            role_name: some("member"),
            at: created_at,
        },
        MailKind::Suspended => NotificationContent::Suspended {
            invitation_id,
            recipient,
            inviter_name: some("Ada Byron"),
            organization_name,
        },
        MailKind::OwnerLink => NotificationContent::OwnerLink {
            organization_name: Some(organization_name),
            expires_at,
            token: account_secret(AccountPurpose::OwnerLink)?,
        },
        MailKind::PasswordReset => NotificationContent::PasswordReset {
            expires_at: created_at + seconds(3_600),
            token: account_secret(AccountPurpose::PasswordReset)?,
        },
        MailKind::AddressChange => {
            NotificationContent::AddressChange { expires_at, token: account_secret(AccountPurpose::ChangeAddress)? }
        }
        MailKind::AddressChanged => {
            let new_masked = address("zoe.mueller@example.org")?.masked();
            NotificationContent::AddressChanged { new_masked, at: created_at }
        }
    };
    Ok(notification)
}

/// Names nobody and nothing.
const NIL: Uuid = Uuid::nil();

/// A ring no service has.
fn ring() -> Result<(KeyRing, KeyId), SampleError> {
    let id = KeyId::new(1).ok_or(SampleError::Facts)?;
    let key = *b"a key to make samples of mails, ";
    Ok((KeyRing::from_keys(vec![(id, KeyState::Active, key)])?, id))
}

fn invitation_secrets() -> Result<(TokenText, CodeText), SampleError> {
    let (ring, key_id) = ring()?;
    let binding = TokenBinding {
        key_id,
        invitation: InvitationId::from_uuid(NIL),
        generation: 1,
        organization: OrganizationId::from_uuid(NIL),
        nonce: &Nonce::from_bytes([0; 32]),
        grant_digest: &GrantDigest::from_bytes([0; 32]),
    };
    Ok((token::mint(&ring, &binding, Provenance::Mailed)?, code::make(&ring, &binding)?))
}

fn account_secret(purpose: AccountPurpose) -> Result<AccountTokenText, SampleError> {
    let (ring, key_id) = ring()?;
    let account = AccountId::from_uuid(NIL);
    let binding = AccountTokenBinding { key_id, account, purpose, counter: 1, nonce: &Nonce::from_bytes([0; 32]) };
    Ok(account_token::mint(&ring, &binding, Provenance::Mailed)?)
}
