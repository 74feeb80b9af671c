//! What a deed means in a state: who acts, which invitation, which secret, which command. Store and model get the same.

use super::{
    deeds::{Deed, Rights, Shown, Who},
    model::Model,
};
use invite_domain::{
    access::{Actor, ChangeMember, Grant, NewRole, PermissionSet, RoleScope},
    directory::ChangeOrganization,
    email::EmailAddress,
    id::{AccountId, EventId, InvitationId, MembershipId, RoleId},
    invitation::{Event, EventData, EventKind, Invitation, Origin, Recipient},
    phone::PhoneNumber,
    port::{Entropy, Principal},
    secret::{
        code,
        token::{self, Provenance},
    },
    service::{Amend, Issue, NewAccount, Redeem, Resend, Secret},
};
use uuid::Uuid;

/// What can be granted beside a role.
pub(super) const PERMISSIONS: [&[&str]; 5] = [
    &[],
    &["timesheets.read"],
    &["invitations.read", "members.read"],
    &["invitations.issue", "invitations.resend", "invitations.revoke"],
    &["organization.write"],
];
/// How many recipients have an address; the others have a phone.
const ADDRESSES: usize = 6;

pub(super) fn permissions(place: usize) -> PermissionSet {
    let names = PERMISSIONS.get(place).copied().unwrap_or_default();
    PermissionSet::parse(names).unwrap_or_default()
}

impl Model {
    pub(super) fn principal(&self, who: Who) -> Principal {
        if who == 3 { Principal::ApiKey(self.key.id) } else { Principal::Person(self.person(who)) }
    }

    pub(super) fn person(&self, who: Who) -> AccountId {
        let place = if who > 3 { who - 1 } else { who };
        self.accounts[place % self.accounts.len()].id
    }

    /// An invitation by its place from the end; one there is not where there is none.
    pub(super) fn at(&self, place: usize) -> InvitationId {
        let count = self.invitations.len();
        let found = place.checked_rem(count).and_then(|place| self.invitations.get(count - 1 - place));
        found.map_or(InvitationId::from_uuid(Uuid::from_u128(1)), |invitation| invitation.id)
    }

    pub(super) fn whom(&self, place: usize) -> MembershipId {
        // Now and then somebody who is not there.
        let found = place.checked_rem(self.members.len() + 1).and_then(|place| self.members.get(place));
        found.map_or(MembershipId::from_uuid(Uuid::from_u128(1)), |member| member.id)
    }

    pub(super) fn role_at(&self, place: usize) -> RoleId {
        self.roles[place % self.roles.len()].id
    }

    fn recipient(&self, place: usize) -> Recipient {
        let address = EmailAddress::parse(&format!("person{place}@{}", self.domain)).ok();
        let phone = || PhoneNumber::parse(&format!("+4179000000{}", place % 10)).ok().map(Recipient::Phone);
        let by_address = address.filter(|_| place < ADDRESSES).map(Recipient::Email);
        // Both are texts that can be read, so there is one or the other.
        by_address.or_else(phone).unwrap_or(Recipient::subject(invite_domain::id::SubjectId::from_uuid(Uuid::nil())))
    }

    fn grant(&self, rights: Rights) -> Grant {
        Grant {
            role_id: rights.role.map(|place| self.role_at(place)),
            permissions: permissions(rights.permissions),
            ..Grant::default()
        }
    }

    pub(super) fn issue_command(&self, deed: &Deed) -> Option<(Who, Issue)> {
        let Deed::Issue { by, to, rights, expires_in, silent, on_conflict, reveal } = deed else { return None };
        let command = Issue {
            expires_in: *expires_in,
            channels: silent.then(Vec::new),
            on_conflict: *on_conflict,
            reveal: *reveal,
            message: (*to % 2 == 0).then(|| "Grüezi".to_owned()),
            ..Issue::new(self.recipient(*to), self.grant(*rights))
        };
        Some((*by, command))
    }

    pub(super) fn resend_command(
        expires_in: Option<i64>,
        silent: bool,
        reveal: invite_domain::service::Reveal,
    ) -> Resend {
        Resend { expires_in, channels: silent.then(Vec::new), reveal, ..Resend::default() }
    }

    pub(super) fn amend_command(&self, rights: Option<Rights>, words: bool, expires_in: Option<i64>) -> Amend {
        let grant = rights.map(|rights| self.grant(rights));
        Amend {
            role_id: grant.as_ref().map(|grant| grant.role_id),
            permissions: grant.map(|grant| grant.permissions),
            message: words.then(|| Some(format!("Nachricht {}", self.step))),
            expires_in,
            ..Amend::default()
        }
    }

    pub(super) fn member_command(&self, rights: Option<Rights>, active: Option<bool>) -> ChangeMember {
        ChangeMember {
            role_id: rights.map(|rights| rights.role.map(|place| self.role_at(place))),
            permissions: rights.map(|rights| permissions(rights.permissions)),
            active,
            if_match: None,
        }
    }

    pub(super) fn role_command(&self, place: usize) -> NewRole {
        NewRole {
            name: format!("role {}", self.step),
            description: None,
            permissions: permissions(place),
            scope: RoleScope::Organization,
        }
    }

    pub(super) fn policy_command(proof: bool, ttl_default: Option<i64>) -> ChangeOrganization {
        ChangeOrganization {
            require_mailbox_proof: Some(proof),
            ttl_default: Some(ttl_default),
            ..ChangeOrganization::default()
        }
    }

    pub(super) fn redeem_command(&self, at: usize, shown: Shown, caller: Option<Who>) -> Redeem {
        Redeem {
            secret: self.secret(at, shown),
            caller: caller.map(|who| self.person(who)),
            account: Some(NewAccount { name: Some("Kim".to_owned()), ..NewAccount::default() }),
            idempotency: None,
            client: None,
            origin: Origin::default(),
        }
    }

    /// The text of a link, whatever is shown: who says no or asks for a link has no code.
    pub(super) fn link(&self, at: usize, shown: Shown) -> String {
        let Some(last) = self.invitation(self.at(at)) else { return "inv_nothing".to_owned() };
        let back = if let Shown::Older(back) = shown { back } else { 0 };
        let wanted = (last.id, last.generation.saturating_sub(back).max(1));
        let Some(made) = self.generations.get(&wanted) else { return "inv_nothing".to_owned() };
        let mut made: Invitation = (**made).clone();
        match shown {
            Shown::Next => made.generation += 1,
            Shown::Unknown => made.id = InvitationId::from_uuid(Uuid::from_u128(2)),
            _ => {}
        }
        let sent = if made.recipient.email().is_some() { Provenance::Mailed } else { Provenance::Texted };
        let provenance = if shown == Shown::Copied { Provenance::Revealed } else { sent };
        let text = made.token_binding().and_then(|binding| token::mint(&self.ring, &binding, provenance).ok());
        let text = text.map(|text| text.expose().to_owned()).unwrap_or_default();
        if shown == Shown::Mangled { text.chars().rev().collect() } else { text }
    }

    fn secret(&self, at: usize, shown: Shown) -> Secret {
        if shown != Shown::Code {
            return Secret::Token(self.link(at, shown));
        }
        let last = self.invitation(self.at(at)).and_then(|last| self.generations.get(&(last.id, last.generation)));
        let code = last.and_then(|made| code::make(&self.ring, &made.token_binding()?).ok());
        Secret::KnownCode {
            organization: self.organization.id.to_string(),
            code: code.map_or_else(|| "nothing".to_owned(), |code| code.expose().to_owned()),
        }
    }

    /// What a claim of this moment is named by.
    pub(super) fn lease_token(&self) -> Uuid {
        Uuid::from_u64_pair(self.seed, self.step)
    }

    /// What the trail says of a message that was given up.
    pub(super) fn failed_event(&self, invitation: InvitationId, entropy: &dyn Entropy) -> Event {
        self.system_event(invitation, EventKind::InvitationDeliveryFailed, 1, EventData::new(), entropy)
    }

    pub(super) fn system_event(
        &self,
        invitation: InvitationId,
        kind: EventKind,
        sequence: i64,
        data: EventData,
        entropy: &dyn Entropy,
    ) -> Event {
        Event {
            id: EventId::new(self.now, entropy),
            organization_id: self.organization.id,
            kind,
            invitation_id: Some(invitation),
            membership_id: None,
            sequence,
            actor: Actor::SYSTEM,
            recorded_at: self.now,
            request_id: None,
            address: None,
            data,
        }
    }
}
