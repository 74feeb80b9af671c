//! What the domain asks before it decides. Each of these runs under one lock, so that all parts of an answer are of one
//! moment; over a database it is one statement, or one snapshot.

use crate::tables::{Seat, Tables, Team, TeamRole, User};
use invite_domain::{
    access::{ActorFacts, Inviter, InviterKind, MemberFacts, Role},
    directory::{Account, Organization},
    email::EmailAddress,
    id::{AccountId, ApiKeyId, InvitationId, MembershipId, OrganizationId, RoleId},
    invitation::{Delivery, IdempotencyRecord, Invitation, LiveKey, MessageKind, OutboxMessage},
    port::{
        AccountFacts, DeliveryFacts, IdempotencyRef, InvitationFacts, InvitationQuery, InvitationRecord, InvitationRef,
        IssueFacts, IssueQuery, OrganizationRef, PortError, Principal, RedemptionFacts, RedemptionQuery, SecretRef,
        ViewFacts, ViewQuery,
    },
    secret::account_token::AccountPurpose,
    time::Timestamp,
};
use std::collections::BTreeMap;

/// The answers.
impl Tables {
    pub(crate) fn load_issue(&self, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
        let Some(team) = self.open_team(query.organization_id) else { return Ok(None) };
        let holder = self.holder(query.organization_id, &query.live_key);
        let seat = query.email.as_ref().and_then(|email| self.seat_of(team, self.user_at(email)?));
        let replay = self.answer_to(query.idempotency.as_ref()).map(|answer| {
            let about = self.invitation(query.organization_id, InvitationId::from_uuid(answer.answer));
            Ok::<_, PortError>((answer.clone(), about.map(|about| self.record(about)).transpose()?))
        });
        Ok(Some(IssueFacts {
            organization: team.organization()?,
            actor: self.actor(team, query.principal)?,
            role: self.role_named(team, query.role_id)?,
            holder: holder.map(|holder| self.record(holder)).transpose()?,
            holder_messages: holder.map_or_else(Vec::new, |held| self.messages_since(held.id, query.messages_since)),
            member: seat.map(|seat| self.membership(seat)).transpose()?,
            // This host keeps no records that invitations are for: one to such a record is refused as to an unknown one.
            subject: None,
            blocked: self.is_blocked(query.organization_id, &query.live_key),
            replay: replay.transpose()?,
            is_recent: false,
        }))
    }

    pub(crate) fn load_view(&self, query: &ViewQuery) -> Result<Option<ViewFacts>, PortError> {
        let Some(team) = self.open_team(query.organization_id) else { return Ok(None) };
        let invitation = query.invitation.and_then(|named| self.invitation_named(query.organization_id, named));
        Ok(Some(ViewFacts {
            organization: team.organization()?,
            actor: self.actor(team, query.principal)?,
            record: invitation.map(|invitation| self.record(invitation)).transpose()?,
        }))
    }

    pub(crate) fn load_invitation(&self, query: &InvitationQuery) -> Result<Option<InvitationFacts>, PortError> {
        let Some(team) = self.open_team(query.organization_id) else { return Ok(None) };
        let invitation = self.invitation_named(query.organization_id, query.invitation);
        Ok(Some(InvitationFacts {
            organization: team.organization()?,
            actor: self.actor(team, query.principal)?,
            record: invitation.map(|invitation| self.record(invitation)).transpose()?,
            role: self.role_named(team, query.role_id)?,
            other_holder: invitation.and_then(|invitation| self.other_holder(invitation)),
            messages: invitation.map_or_else(Vec::new, |it| self.messages_since(it.id, query.messages_since)),
            blocked: invitation.is_some_and(|it| self.is_blocked(it.organization_id, &it.recipient.live_key())),
            replay: self.answer_to(query.idempotency.as_ref()).cloned(),
        }))
    }

    pub(crate) fn load_redemption(&self, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError> {
        let Some(invitation) = self.invitation_opened_by(&query.secret) else { return Ok(None) };
        let Some(team) = self.open_team(invitation.organization_id) else { return Ok(None) };
        let record = self.record(invitation)?;
        let facts = |user: &User| self.account_facts(team, user);
        let by_id = |id: AccountId| self.users.find(|user| user.uuid == id.as_uuid());
        let at_address = invitation.recipient.email().and_then(|email| self.user_at(email));
        let redeemer = record.redemption.as_ref().and_then(|redemption| by_id(redemption.account_id));
        Ok(Some(RedemptionFacts {
            organization: team.organization()?,
            messages: self.messages_since(invitation.id, query.messages_since),
            at_address: at_address.map(facts).transpose()?,
            caller: query.caller.and_then(by_id).map(facts).transpose()?,
            other_holder: self.other_holder(invitation),
            subject: None,
            redeemer: redeemer.map(facts).transpose()?,
            username_taken: query.username.as_deref().is_some_and(|name| self.user_called(name).is_some()),
            blocked: self.is_blocked(invitation.organization_id, &invitation.recipient.live_key()),
            replay: self.answer_to(query.idempotency.as_ref()).cloned(),
            record,
        }))
    }

    pub(crate) fn load_delivery(&self, message: &OutboxMessage) -> Result<DeliveryFacts, PortError> {
        match message.kind {
            MessageKind::Invitation { invitation_id, .. } | MessageKind::Reminder { invitation_id, .. } => {
                let invitation = self.invitations.find(|it| it.id == invitation_id);
                let team = invitation.and_then(|it| self.open_team(it.organization_id));
                let (Some(invitation), Some(team)) = (invitation, team) else { return Ok(DeliveryFacts::Gone) };
                let user = invitation.recipient.email().and_then(|email| self.user_at(email));
                Ok(DeliveryFacts::Invitation {
                    organization: Box::new(team.organization()?),
                    record: Box::new(self.record(invitation)?),
                    account_locale: user.and_then(|user| user.language.clone()),
                    blocked: self.is_blocked(invitation.organization_id, &invitation.recipient.live_key()),
                })
            }
            // Links for passwords belong to the bundled directory. A host that sends its own answers `Gone`.
            MessageKind::Account { account_id, purpose, .. } => {
                self.account_delivery(message, account_id, Some(purpose))
            }
            MessageKind::AddressChanged { account_id } => self.account_delivery(message, account_id, None),
            MessageKind::Notice { invitation_id, account_id, .. } => {
                let invitation = self.invitations.find(|it| it.id == invitation_id);
                let team = invitation.and_then(|it| self.open_team(it.organization_id));
                let user = |id: AccountId| self.users.find(|user| user.uuid == id.as_uuid());
                let (Some(invitation), Some(team), Some(reader)) = (invitation, team, user(account_id)) else {
                    return Ok(DeliveryFacts::Gone);
                };
                let record = self.record(invitation)?;
                let redeemer = record.redemption.as_ref().and_then(|redemption| user(redemption.account_id));
                let redeemer = redeemer.map(|user| self.account_facts(team, user)).transpose()?;
                Ok(DeliveryFacts::Notice {
                    organization: Box::new(team.organization()?),
                    record: Box::new(record),
                    reader: Box::new(self.account_facts(team, reader)?),
                    redeemer: redeemer.map(Box::new),
                })
            }
        }
    }

    fn account_delivery(
        &self,
        message: &OutboxMessage,
        account_id: AccountId,
        purpose: Option<AccountPurpose>,
    ) -> Result<DeliveryFacts, PortError> {
        let Some(user) = self.users.find(|user| user.uuid == account_id.as_uuid()) else {
            return Ok(DeliveryFacts::Gone);
        };
        let link = self.account_links.find(|link| link.account_id == account_id && Some(link.purpose) == purpose);
        Ok(DeliveryFacts::Account {
            account: Box::new(user.account()?),
            token: link.cloned().map(Box::new),
            organization: self.organization_for(message.organization_id, user)?.map(Box::new),
        })
    }

    /// An invitation with what is needed to judge and show it.
    pub(crate) fn record(&self, invitation: &Invitation) -> Result<InvitationRecord, PortError> {
        let team = self.teams.find(|team| team.uuid == invitation.organization_id.as_uuid());
        let (role, inviter) = match team {
            Some(team) => (self.role_named(team, invitation.grant.role_id)?, self.inviter(team, invitation.inviter)?),
            None => (None, ActorFacts::Unknown),
        };
        let mut latest = BTreeMap::<_, &OutboxMessage>::new();
        for message in self.messages_of(invitation.id).filter(|message| message.kind.is_invitation(invitation.id)) {
            let newest = latest.entry(message.channel).or_insert(message);
            if (newest.created_at, newest.id) < (message.created_at, message.id) {
                *newest = message;
            }
        }
        let redemptions = self.redemptions.rows().filter(|redemption| redemption.invitation_id == invitation.id);
        Ok(InvitationRecord {
            invitation: invitation.clone(),
            role,
            inviter,
            deliveries: latest.into_values().map(Delivery::from).collect(),
            redemption: redemptions.max_by_key(|redemption| (redemption.redeemed_at, redemption.id)).cloned(),
        })
    }
}

/// Who is who in a team.
impl Tables {
    fn actor(&self, team: &Team, principal: Principal) -> Result<ActorFacts, PortError> {
        match principal {
            Principal::Person(id) => {
                let user = self.users.find(|user| user.uuid == id.as_uuid());
                self.member_or_unknown(user.and_then(|user| self.seat_of(team, user)))
            }
            Principal::ApiKey(id) => self.api_key(team, id),
            Principal::Operator(id) => Ok(self.operator(id)),
        }
    }

    fn inviter(&self, team: &Team, inviter: Inviter) -> Result<ActorFacts, PortError> {
        match inviter.kind {
            InviterKind::Member => {
                self.member_or_unknown(self.seats.find(|seat| seat.uuid == inviter.id && seat.team == team.id))
            }
            InviterKind::ApiKey => self.api_key(team, ApiKeyId::from_uuid(inviter.id)),
            InviterKind::Operator => Ok(self.operator(ApiKeyId::from_uuid(inviter.id))),
        }
    }

    fn member_or_unknown(&self, seat: Option<&Seat>) -> Result<ActorFacts, PortError> {
        Ok(match seat {
            Some(seat) => ActorFacts::Member(self.member(seat)?),
            None => ActorFacts::Unknown,
        })
    }

    fn api_key(&self, team: &Team, id: ApiKeyId) -> Result<ActorFacts, PortError> {
        let Some(key) = self.api_keys.find(|key| key.id == id && key.organization_id.as_uuid() == team.uuid) else {
            return Ok(ActorFacts::Unknown);
        };
        let maker = self.seats.find(|seat| seat.uuid == key.created_by.as_uuid());
        let creator = maker.map(|seat| self.member(seat)).transpose()?;
        Ok(ActorFacts::ApiKey { key: key.clone(), creator })
    }

    fn operator(&self, id: ApiKeyId) -> ActorFacts {
        let counts = self.operator_keys.has(|key| key.id == id && key.revoked_at.is_none());
        if counts { ActorFacts::Operator { id } } else { ActorFacts::Unknown }
    }

    pub(crate) fn member(&self, seat: &Seat) -> Result<MemberFacts, PortError> {
        let user = self.users.find(|user| user.id == seat.user);
        Ok(MemberFacts {
            membership: self.membership(seat)?,
            role: self.role_of(seat)?.map(|role| self.role(role)).transpose()?,
            name: user.and_then(|user| user.display_name.clone()),
        })
    }

    fn account_facts(&self, team: &Team, user: &User) -> Result<AccountFacts, PortError> {
        let account: Account = user.account()?;
        Ok(AccountFacts { account, member: self.seat_of(team, user).map(|seat| self.member(seat)).transpose()? })
    }

    /// The organisation a message about an account is of, or the one the account is longest in.
    fn organization_for(&self, named: Option<OrganizationId>, user: &User) -> Result<Option<Organization>, PortError> {
        let mut seats: Vec<_> = self.seats.rows().filter(|seat| seat.user == user.id).collect();
        seats.sort_by_key(|seat| (seat.since, seat.uuid));
        let own = seats.iter().find_map(|seat| self.teams.find(|team| team.id == seat.team && team.closed.is_none()));
        named.and_then(|id| self.open_team(id)).or(own).map(Team::organization).transpose()
    }
}

/// Rows by what they are looked up by.
impl Tables {
    pub(crate) fn open_team(&self, id: OrganizationId) -> Option<&Team> {
        self.teams.find(|team| team.uuid == id.as_uuid() && team.closed.is_none())
    }

    /// A team by any of its names, also one it had before.
    pub(crate) fn find_team(&self, reference: &OrganizationRef) -> Option<&Team> {
        let named = |team: &Team| match reference {
            OrganizationRef::Id(id) => team.uuid == id.as_uuid(),
            OrganizationRef::Slug(slug) => team.is_called(slug.as_str()),
            OrganizationRef::Number(number) => team.id == *number,
        };
        self.teams.find(|team| team.closed.is_none() && named(team))
    }

    pub(crate) fn team_role(&self, team: &Team, id: RoleId) -> Option<&TeamRole> {
        self.team_roles.find(|role| role.uuid == id.as_uuid() && role.team == team.id)
    }

    pub(crate) fn user_at(&self, email: &EmailAddress) -> Option<&User> {
        self.users.find(|user| user.mail_key.as_deref() == Some(email.key()))
    }

    pub(crate) fn seat(&self, id: MembershipId) -> Option<&Seat> {
        self.seats.find(|seat| seat.uuid == id.as_uuid())
    }

    pub(crate) fn seat_of(&self, team: &Team, user: &User) -> Option<&Seat> {
        self.seats.find(|seat| seat.team == team.id && seat.user == user.id)
    }

    /// Who holds a live key, live or expired.
    pub(crate) fn holder(&self, organization: OrganizationId, key: &LiveKey) -> Option<&Invitation> {
        self.invitations.find(|it| it.organization_id == organization && it.live_key.as_ref() == Some(key))
    }

    fn other_holder(&self, invitation: &Invitation) -> Option<Invitation> {
        let holder = self.holder(invitation.organization_id, &invitation.recipient.live_key())?;
        (holder.id != invitation.id).then(|| holder.clone())
    }

    /// An invitation of this organisation; another one's is not found.
    fn invitation(&self, organization: OrganizationId, id: InvitationId) -> Option<&Invitation> {
        self.invitations.find(|it| it.id == id && it.organization_id == organization)
    }

    fn invitation_named(&self, organization: OrganizationId, name: InvitationRef) -> Option<&Invitation> {
        match name {
            InvitationRef::Id(id) => self.invitation(organization, id),
            InvitationRef::Number(number) => {
                self.invitations.find(|it| it.number == number && it.organization_id == organization)
            }
        }
    }

    /// Where a secret leads. A token says which invitation; a code is looked up in one team, under each of its indexes.
    fn invitation_opened_by(&self, secret: &SecretRef) -> Option<&Invitation> {
        match secret {
            SecretRef::Token(id) => self.invitations.find(|it| it.id == *id),
            SecretRef::Code(organization, indexes) => self.invitations.find(|it| {
                it.organization_id == *organization && it.code_index.is_some_and(|index| indexes.contains(&index))
            }),
        }
    }

    fn role_named(&self, team: &Team, id: Option<RoleId>) -> Result<Option<Role>, PortError> {
        id.and_then(|id| self.team_role(team, id)).map(|role| self.role(role)).transpose()
    }

    fn messages_of(&self, id: InvitationId) -> impl Iterator<Item = &OutboxMessage> {
        self.messages.rows().map(|queued| &queued.message).filter(move |message| carries_link_of(message, id))
    }

    pub(crate) fn messages_since(&self, id: InvitationId, since: Timestamp) -> Vec<Timestamp> {
        self.messages_of(id).map(|message| message.created_at).filter(|at| *at >= since).collect()
    }

    pub(crate) fn is_blocked(&self, organization: OrganizationId, key: &LiveKey) -> bool {
        self.blocks.has(|(team, blocked)| *team == organization.as_uuid() && blocked == key)
    }

    fn answer_to(&self, wanted: Option<&IdempotencyRef>) -> Option<&IdempotencyRecord> {
        let wanted = wanted?;
        self.answers.find(|answer| answer.scope == wanted.scope && answer.key == wanted.key)
    }
}

/// Whether a message carries a link of this invitation.
pub(crate) fn carries_link_of(message: &OutboxMessage, id: InvitationId) -> bool {
    message.kind.carries_link_of(id)
}
