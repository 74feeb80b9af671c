#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]
//! Notifications to try things with.

use invite_domain::{
    directory::{
        Slug,
        look::{Accent, Logo},
    },
    email::EmailAddress,
    id::{AccountId, InvitationId, MessageId, OrganizationId},
    phone::PhoneNumber,
    port::{Destination, Notification, NotificationContent, Occasion},
    secret::{
        AccountPurpose, AccountTokenBinding, AccountTokenText, CodeText, GrantDigest, KeyRing, Nonce, Provenance,
        TokenBinding, TokenText, account_token, code, token,
    },
    time::{Timestamp, seconds},
};
use invite_notify::{Renderer, TemplateSet};
use uuid::Uuid;

pub(crate) const BASE: &str = "https://invite.example";

pub(crate) fn renderer() -> Renderer {
    Renderer::new(&BASE.parse().unwrap(), TemplateSet::builtin().unwrap()).unwrap()
}

pub(crate) fn created_at() -> Timestamp {
    "2026-11-21T14:05:09.123456Z".parse().unwrap()
}

pub(crate) fn message_id() -> MessageId {
    MessageId::from_uuid(Uuid::from_u128(0x0190_f3c2_a4b5_7c3d_8e9f_a0b1_c2d3_e4f5))
}

fn ring() -> KeyRing {
    KeyRing::parse(&format!("3 active {}", "0123456789abcdef".repeat(4))).unwrap()
}

fn of_row<T>(derive: impl FnOnce(&KeyRing, &TokenBinding<'_>) -> T) -> T {
    let ring = ring();
    let binding = TokenBinding {
        key_id: ring.active().unwrap(),
        invitation: InvitationId::from_uuid(Uuid::from_u128(1)),
        generation: 1,
        organization: OrganizationId::from_uuid(Uuid::from_u128(2)),
        nonce: &Nonce::from_bytes([0xa5; 32]),
        grant_digest: &GrantDigest::from_bytes([0x5a; 32]),
    };
    derive(&ring, &binding)
}

pub(crate) fn invitation_token() -> TokenText {
    of_row(|ring, binding| token::mint(ring, binding, Provenance::Mailed).unwrap())
}

pub(crate) fn invitation_code() -> CodeText {
    of_row(|ring, binding| code::make(ring, binding).unwrap())
}

pub(crate) fn account_token() -> AccountTokenText {
    let ring = ring();
    let binding = AccountTokenBinding {
        key_id: ring.active().unwrap(),
        account: AccountId::from_uuid(Uuid::from_u128(3)),
        purpose: AccountPurpose::PasswordReset,
        counter: 1,
        nonce: &Nonce::from_bytes([0xa5; 32]),
    };
    account_token::mint(&ring, &binding, Provenance::Mailed).unwrap()
}

pub(crate) fn notification(locale: &str, content: NotificationContent) -> Notification {
    Notification {
        message_id: message_id(),
        created_at: created_at(),
        to: Destination::Email(EmailAddress::parse("zoe.mueller@example.org").unwrap()),
        locales: vec![None, Some(locale.to_owned())],
        time_zone: "Europe/Paris".to_owned(),
        accent: None,
        logo: None,
        content,
    }
}

/// The same message to a phone.
pub(crate) fn text_message(locale: &str, content: NotificationContent) -> Notification {
    Notification {
        to: Destination::Phone(PhoneNumber::parse("+33199001234").unwrap()),
        ..notification(locale, content)
    }
}

pub(crate) fn invitation(
    inviter: Option<&str>,
    organization: &str,
    role: Option<&str>,
    message: Option<&str>,
) -> NotificationContent {
    NotificationContent::Invitation {
        occasion: Occasion::Issued,
        inviter_name: inviter.map(str::to_owned),
        organization_name: organization.to_owned(),
        role_name: role.map(str::to_owned),
        expires_at: created_at() + seconds(7 * 86_400),
        message: message.map(str::to_owned),
        token: invitation_token(),
        code: Some(invitation_code()),
        organization_slug: Slug::parse("acme").unwrap(),
    }
}

/// One that was issued before there were codes.
pub(crate) fn without_code(mut content: NotificationContent) -> NotificationContent {
    if let NotificationContent::Invitation { code, .. } = &mut content {
        *code = None;
    }
    content
}

pub(crate) fn plain_invitation() -> NotificationContent {
    invitation(Some("Ada Byron"), "Acme", None, None)
}

pub(crate) fn owner_link(organization: Option<&str>) -> NotificationContent {
    NotificationContent::OwnerLink {
        organization_name: organization.map(str::to_owned),
        expires_at: created_at() + seconds(86_400),
        token: account_token(),
    }
}

pub(crate) fn password_reset() -> NotificationContent {
    NotificationContent::PasswordReset { expires_at: created_at() + seconds(3_600), token: account_token() }
}

/// A logo of 320 by 96 pixels, as far as anybody here reads it.
pub(crate) fn logo() -> Logo {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(320_u32.to_be_bytes());
    bytes.extend(96_u32.to_be_bytes());
    bytes.extend((0..=255).cycle().take(2_000));
    Logo::parse(&bytes).unwrap()
}

/// The same from an organisation with a colour and a logo.
pub(crate) fn dressed(notification: Notification) -> Notification {
    Notification { accent: Accent::parse("#ffd23f").ok(), logo: Some(logo()), ..notification }
}

pub(crate) fn invitation_id() -> InvitationId {
    InvitationId::from_uuid(Uuid::from_u128(0x0190_f3c2_0000_7000_8000_0000_0000_0009))
}

pub(crate) fn address_change() -> NotificationContent {
    NotificationContent::AddressChange { expires_at: created_at() + seconds(86_400), token: account_token() }
}

pub(crate) fn address_changed(new_masked: &str) -> NotificationContent {
    NotificationContent::AddressChanged { new_masked: new_masked.to_owned(), at: created_at() }
}

pub(crate) fn accepted(recipient: &str, member: Option<&str>, role: Option<&str>) -> NotificationContent {
    NotificationContent::Accepted {
        invitation_id: invitation_id(),
        recipient: recipient.to_owned(),
        member_name: member.map(str::to_owned),
        organization_name: "Acme".to_owned(),
        role_name: role.map(str::to_owned),
        at: created_at(),
    }
}

pub(crate) fn suspended(recipient: &str, inviter: Option<&str>) -> NotificationContent {
    NotificationContent::Suspended {
        invitation_id: invitation_id(),
        recipient: recipient.to_owned(),
        inviter_name: inviter.map(str::to_owned),
        organization_name: "Acme".to_owned(),
    }
}

/// The same invitation, sent for another reason.
pub(crate) fn on(new: Occasion, mut content: NotificationContent) -> NotificationContent {
    if let NotificationContent::Invitation { occasion, .. } = &mut content {
        *occasion = new;
    }
    content
}
