//! The single steps of a commit: is a guard true, and what does one change write.
//!
//! Nothing is decided here. A guard compares, a change writes what the plan says; each key that may be there once is held
//! by the table, as a unique index would.

use crate::{
    facts::carries_link_of,
    tables::{Conflict, Queued, Seat, Table, Tables, Team, TeamRole, User},
};
use invite_domain::{
    access::SystemRole,
    directory::{Account, AccountToken, ApiKey, Membership, Organization, Session},
    id::{AccountId, InvitationId, MessageId, OrganizationId, RoleId},
    invitation::{
        AdministrationChange, DeliveryState, DirectoryChange, Guard, IdempotencyRecord, Invitation, InvitationChange,
        OutboxMessage, Reason, State, UniqueKey,
    },
    secret::code::CodeIndex,
    time::Timestamp,
};
use uuid::Uuid;

/// The numbers given to new rows, by the rows' ids: what a commit answers.
pub(crate) type Numbers = Vec<(Uuid, i64)>;

/// Guards.
impl Tables {
    /// Whether a guard of the time before the plan holds. A guard that raises the epoch raises it.
    pub(crate) fn holds(&mut self, guard: &Guard, answer: Option<&IdempotencyRecord>) -> bool {
        match guard {
            Guard::InvitationAt(id, version) => self.invitations.has(|it| it.id == *id && it.version == *version),
            Guard::AccountAt(id, version) => {
                self.users.has(|user| user.uuid == id.as_uuid() && user.revision == *version)
            }
            Guard::MembershipAt(id, version) => self.seat(*id).is_some_and(|seat| seat.revision == *version),
            Guard::Epoch { organization_id, epoch, raise } => {
                let holds = self.open_team(*organization_id).is_some_and(|team| team.rights_epoch == *epoch);
                if holds && *raise {
                    self.teams.change(|team| team.uuid == organization_id.as_uuid(), |team| team.rights_epoch += 1);
                }
                holds
            }
            // Speaks of the time after the plan: `still_holds`.
            Guard::OwnerRemains(_) => true,
            Guard::RoleUnused(organization, role) => !self.is_role_used(*organization, *role),
            Guard::LinkUnused { account_id, purpose, counter } => self.account_links.has(|link| {
                link.account_id == *account_id
                    && link.purpose == *purpose
                    && link.counter == *counter
                    && link.used_at.is_none()
                    && link.nonce.is_some()
            }),
            Guard::Unhindered(organization, key, address) => {
                let team = self.teams.find(|team| team.uuid == organization.as_uuid());
                let user = address.as_ref().and_then(|key| self.users.find(|user| user.mail_key.as_ref() == Some(key)));
                let is_member = team.zip(user).is_some_and(|(team, user)| self.seat_of(team, user).is_some());
                let is_blocked = self.blocks.has(|(team, blocked)| *team == organization.as_uuid() && blocked == key);
                self.holder(*organization, key).is_none() && !is_member && !is_blocked
            }
            // This host keeps no such records and no groups.
            Guard::SubjectAt(..) | Guard::GroupAt(..) => false,
            Guard::DeletedAt(organization, version) => self
                .teams
                .has(|team| team.uuid == organization.as_uuid() && team.revision == *version && team.closed.is_some()),
            Guard::SessionLasts(id) => self.logins.has(|login| login.id == *id),
            Guard::Free(key) => self.is_free(key, answer),
        }
    }

    /// Whether a guard of the time after the plan holds.
    pub(crate) fn still_holds(&self, guard: &Guard) -> bool {
        let Guard::OwnerRemains(organization) = guard else { return true };
        let owns = |seat: &Seat| {
            let role = self.team_roles.find(|role| Some(role.id) == seat.role);
            seat.enabled && role.is_some_and(|role| role.built_in == Some(SystemRole::Owner))
        };
        let team = self.teams.find(|team| team.uuid == organization.as_uuid());
        team.is_some_and(|team| self.seats.has(|seat| seat.team == team.id && owns(seat)))
    }

    /// Who has this nickname, by its key. In SQL this is an index over `lower(nickname)`: nicknames are ASCII.
    pub(crate) fn user_called(&self, key: &str) -> Option<&User> {
        self.users.find(|user| user.nickname.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(key)))
    }

    /// Which invitation of a team has a short code of this index.
    fn coded(&self, organization: OrganizationId, index: CodeIndex) -> Option<&Invitation> {
        self.invitations.find(|it| it.organization_id == organization && it.code_index == Some(index))
    }

    fn is_role_used(&self, organization: OrganizationId, id: RoleId) -> bool {
        let role = self.team_roles.find(|role| role.uuid == id.as_uuid());
        let by_seat = role.is_some_and(|role| self.seats.has(|seat| seat.role == Some(role.id)));
        by_seat
            || self.invitations.has(|it| {
                it.organization_id == organization && it.state == State::Pending && it.grant.role_id == Some(id)
            })
    }

    fn is_free(&self, key: &UniqueKey, answer: Option<&IdempotencyRecord>) -> bool {
        let team = |id: &OrganizationId| self.teams.find(|team| team.uuid == id.as_uuid());
        match key {
            UniqueKey::Live(organization, key) => self.holder(*organization, key).is_none(),
            UniqueKey::AccountAddress(key) => !self.users.has(|user| user.mail_key.as_ref() == Some(key)),
            UniqueKey::Username(key) => self.user_called(key).is_none(),
            UniqueKey::Code(organization, index) => self.coded(*organization, *index).is_none(),
            UniqueKey::Subject(..) | UniqueKey::SubjectRemoteId(..) | UniqueKey::Identity(_) => true,
            UniqueKey::Membership(organization, account) => {
                let user = self.users.find(|user| user.uuid == account.as_uuid());
                team(organization).zip(user).is_none_or(|(team, user)| self.seat_of(team, user).is_none())
            }
            // The bundled directory keeps a handle for its last owner for 90 days; this host, for good.
            UniqueKey::Slug(slug) => !self.teams.has(|team| team.is_called(slug.as_str())),
            UniqueKey::RoleName(organization, name) => team(organization)
                .is_none_or(|team| !self.team_roles.has(|role| role.team == team.id && role.title == *name)),
            UniqueKey::Idempotency { scope, key } => {
                let held = self.answers.find(|held| held.scope == *scope && held.key == *key);
                held.is_none_or(|held| answer.is_some_and(|answer| !held.is_live(answer.created_at)))
            }
            UniqueKey::Installation => self.teams.rows().next().is_none() && self.operator_keys.rows().next().is_none(),
        }
    }
}

/// What came with invitations.
impl Tables {
    pub(crate) fn write_invitation(
        &mut self,
        change: &InvitationChange,
        numbers: &mut Numbers,
    ) -> Result<(), Conflict> {
        let next = change.invitation();
        let holder = next.live_key.as_ref().and_then(|key| self.holder(next.organization_id, key));
        let coded = next.code_index.and_then(|index| self.coded(next.organization_id, index));
        if holder.into_iter().chain(coded).any(|other| other.id != next.id) {
            return Err(Conflict);
        }
        let known = self.invitations.find(|it| it.id == next.id).map(|it| it.number);
        let row = |number| Invitation { number, ..next.clone() };
        let inserts = matches!(change, InvitationChange::Insert(_));
        write(&mut self.invitations, inserts, known, |it| it.id == next.id, row, next.id.as_uuid(), numbers)
    }

    /// Cancels what is queued of an invitation. A message that somebody is just sending loses its claim: the dispatcher
    /// cannot settle it any more.
    pub(crate) fn cancel_messages(&mut self, id: InvitationId, reason: Reason, at: Option<Timestamp>) {
        self.messages.change(
            |queued| queued.message.state == DeliveryState::Queued && carries_link_of(&queued.message, id),
            |queued| {
                queued.claim = None;
                queued.message.state = DeliveryState::Cancelled;
                queued.message.reason = Some(reason);
                queued.message.settled_at = at.or(Some(queued.message.created_at));
            },
        );
    }

    /// Queues again what was given up.
    pub(crate) fn replay_message(&mut self, id: MessageId, at: Timestamp) -> Result<(), Conflict> {
        let is_dead = |queued: &Queued| queued.message.id == id && queued.message.state == DeliveryState::Failed;
        if !self.messages.has(is_dead) {
            return Err(Conflict);
        }
        self.messages.change(is_dead, |queued| queued.message = queued.message.clone().replayed(at));
        Ok(())
    }

    pub(crate) fn write_message(&mut self, message: &OutboxMessage) -> Result<(), Conflict> {
        if self.messages.has(|queued| queued.message.id == message.id) {
            return Err(Conflict);
        }
        self.messages.add(|_| Queued { message: message.clone(), claim: None });
        Ok(())
    }

    /// Keeps the answer to a request; one that no longer counts gives way.
    pub(crate) fn write_answer(&mut self, answer: &IdempotencyRecord) -> Result<(), Conflict> {
        let is_twin = |held: &IdempotencyRecord| held.scope == answer.scope && held.key == answer.key;
        if self.answers.has(|held| is_twin(held) && held.is_live(answer.created_at)) {
            return Err(Conflict);
        }
        self.answers.remove(is_twin);
        self.answers.add(|_| answer.clone());
        Ok(())
    }
}

/// What a redemption changes among the host's own rows.
impl Tables {
    pub(crate) fn write_directory(&mut self, change: &DirectoryChange, numbers: &mut Numbers) -> Result<(), Conflict> {
        match change {
            DirectoryChange::InsertAccount(account) => self.write_user(account, true, numbers),
            DirectoryChange::UpdateAccount(account) => self.write_user(account, false, numbers),
            DirectoryChange::InsertMembership(membership) => self.write_seat(membership, true, numbers),
            DirectoryChange::UpdateMembership(membership) => self.write_seat(membership, false, numbers),
            DirectoryChange::EndCredentials(account, at) => {
                self.end_credentials(*account, *at);
                Ok(())
            }
            // This host has no people who sign in elsewhere, and makes no use case that could link one.
            DirectoryChange::LinkIdentity(_) => Err(Conflict),
            DirectoryChange::InsertSession(session) => self.write_login(session),
            DirectoryChange::NoteSignIn(account, at) => {
                self.users.change(
                    |user| user.uuid == account.as_uuid(),
                    |user| {
                        user.visit_before = user.last_visit;
                        user.last_visit = Some(*at);
                    },
                );
                Ok(())
            }
        }
    }

    fn write_user(&mut self, account: &Account, inserts: bool, numbers: &mut Numbers) -> Result<(), Conflict> {
        let uuid = account.id.as_uuid();
        let at_address = account.email.as_ref().and_then(|email| self.user_at(email));
        let of_name = account.username.as_ref().and_then(|name| self.user_called(name.key()));
        if at_address.into_iter().chain(of_name).any(|holder| holder.uuid != uuid) {
            return Err(Conflict);
        }
        let known = self.users.find(|user| user.uuid == uuid).map(|user| user.id);
        let row = |id| User::new(id, account);
        write(&mut self.users, inserts, known, |user| user.uuid == uuid, row, uuid, numbers)
    }

    fn write_seat(&mut self, membership: &Membership, inserts: bool, numbers: &mut Numbers) -> Result<(), Conflict> {
        let uuid = membership.id.as_uuid();
        // References by UUID become references by number. One that leads nowhere is what a foreign key refuses.
        let team = self.teams.find(|team| team.uuid == membership.organization_id.as_uuid()).ok_or(Conflict)?;
        let user = self.users.find(|user| user.uuid == membership.account_id.as_uuid()).ok_or(Conflict)?;
        let role = membership.role_id.map(|id| self.team_role(team, id).ok_or(Conflict)).transpose()?;
        if self.seat_of(team, user).is_some_and(|holder| holder.uuid != uuid) {
            return Err(Conflict);
        }
        let known = self.seat(membership.id).map(|seat| seat.id);
        let template = Seat::new(0, team, user, role, membership);
        let row = |id| Seat { id, ..template };
        write(&mut self.seats, inserts, known, |seat| seat.uuid == uuid, row, uuid, numbers)
    }

    fn write_login(&mut self, session: &Session) -> Result<(), Conflict> {
        if self.logins.has(|login| login.id == session.id) {
            return Err(Conflict);
        }
        self.logins.add(|_| session.clone());
        Ok(())
    }

    fn end_credentials(&mut self, account: AccountId, at: Timestamp) {
        self.logins.remove(|login| login.account_id == account);
        self.end_links(|link| link.account_id == account);
        let (users, seats) = (&self.users, &self.seats);
        let is_theirs = |key: &ApiKey| {
            let maker = seats.find(|seat| seat.uuid == key.created_by.as_uuid());
            maker.is_some_and(|seat| is_user(users, seat.user, account))
        };
        self.api_keys.change(
            |key| key.revoked_at.is_none() && !key.by_operator && is_theirs(key),
            |key| {
                key.revoked_at = Some(at);
                key.version += 1;
            },
        );
        let has_seat = |team: &Team| seats.has(|seat| seat.team == team.id && is_user(users, seat.user, account));
        self.teams.change(has_seat, |team| team.rights_epoch += 1);
    }

    /// Ends links that were not used. The rows stay, so that their counters go on.
    fn end_links(&mut self, which: impl Fn(&AccountToken) -> bool) {
        self.account_links.change(
            |link| link.used_at.is_none() && which(link),
            |link| {
                link.nonce = None;
                link.address = None;
            },
        );
    }
}

fn is_user(users: &Table<User>, id: i64, account: AccountId) -> bool {
    users.has(|user| user.id == id && user.uuid == account.as_uuid())
}

/// What the use cases of the bundled directory change. A host with its own administration never meets most of these; the
/// contract suite builds its teams with them. `Block` every host meets: an invitee who wants no more mail.
impl Tables {
    pub(crate) fn write_administration(
        &mut self,
        change: &AdministrationChange,
        numbers: &mut Numbers,
    ) -> Result<(), Conflict> {
        match change {
            AdministrationChange::InsertOrganization(organization) => self.write_team(organization, true, numbers)?,
            AdministrationChange::UpdateOrganization(organization) => self.write_team(organization, false, numbers)?,
            // Made by use cases this host does not have; it keeps no such records, no logos and no groups.
            AdministrationChange::InsertSubject(_)
            | AdministrationChange::UpdateSubject(_)
            | AdministrationChange::ErasePerson(_)
            | AdministrationChange::PutLogo(..)
            | AdministrationChange::RemoveLogo(_)
            | AdministrationChange::InsertGroup(_)
            | AdministrationChange::UpdateGroup(_)
            | AdministrationChange::DeleteGroup(_)
            | AdministrationChange::PutGroupAdministrator(..)
            | AdministrationChange::RemoveGroupAdministrator(..) => return Err(Conflict),
            AdministrationChange::InsertRole(role) => self.write_role(role, true, numbers)?,
            AdministrationChange::UpdateRole(role) => self.write_role(role, false, numbers)?,
            AdministrationChange::DeleteRole(organization, role) => self.delete_role(*organization, *role)?,
            AdministrationChange::RemoveMembership(organization, id) => {
                let team = self.teams.find(|team| team.uuid == organization.as_uuid()).map(|team| team.id);
                self.seats.remove(|seat| seat.uuid == id.as_uuid() && Some(seat.team) == team);
            }
            AdministrationChange::InsertApiKey(key) => self.write_api_key(key, true, numbers)?,
            AdministrationChange::UpdateApiKey(key) => self.write_api_key(key, false, numbers)?,
            AdministrationChange::InsertOperatorKey(key) => {
                if self.operator_keys.has(|known| known.id == key.id) {
                    return Err(Conflict);
                }
                self.operator_keys.add(|_| (**key).clone());
            }
            AdministrationChange::RevokeOperatorKey(id, at) => {
                self.operator_keys.change(|key| key.id == *id, |key| key.revoked_at = key.revoked_at.or(Some(*at)));
            }
            AdministrationChange::EndSession(id) => self.logins.remove(|login| login.id == *id),
            AdministrationChange::EndSessions(account) => self.logins.remove(|login| login.account_id == *account),
            AdministrationChange::EndLink(account, purpose) => {
                self.end_links(|link| link.account_id == *account && link.purpose == *purpose);
            }
            AdministrationChange::PutAccountToken(link) => {
                self.account_links.remove(|old| old.account_id == link.account_id && old.purpose == link.purpose);
                self.account_links.add(|_| (**link).clone());
            }
            AdministrationChange::Block(organization, key, _) => {
                let block = (organization.as_uuid(), key.clone());
                if !self.blocks.has(|known| *known == block) {
                    self.blocks.add(|_| block);
                }
            }
        }
        Ok(())
    }

    fn write_team(
        &mut self,
        organization: &Organization,
        inserts: bool,
        numbers: &mut Numbers,
    ) -> Result<(), Conflict> {
        let uuid = organization.id.as_uuid();
        let handle = organization.slug.as_str();
        if self.teams.has(|team| team.is_called(handle) && team.uuid != uuid) {
            return Err(Conflict);
        }
        let known = self.teams.find(|team| team.uuid == uuid);
        // The epoch of a team there is only a guard raises.
        let rights_epoch = known.map_or(organization.authority_epoch, |team| team.rights_epoch);
        let former_handles = known.map_or_else(Vec::new, |team| {
            let all = team.former_handles.iter().chain([&team.handle]);
            all.filter(|former| *former != handle).cloned().collect()
        });
        let known = known.map(|team| team.id);
        let row = |id| Team { former_handles, rights_epoch, ..Team::new(id, organization) };
        write(&mut self.teams, inserts, known, |team| team.uuid == uuid, row, uuid, numbers)
    }

    fn write_role(
        &mut self,
        role: &invite_domain::access::Role,
        inserts: bool,
        numbers: &mut Numbers,
    ) -> Result<(), Conflict> {
        let uuid = role.id.as_uuid();
        let team = self.teams.find(|team| team.uuid == role.organization_id.as_uuid()).ok_or(Conflict)?;
        if self.team_roles.has(|other| other.team == team.id && other.title == role.name && other.uuid != uuid) {
            return Err(Conflict);
        }
        let known = self.team_roles.find(|known| known.uuid == uuid).map(|known| known.id);
        let row = |id| TeamRole::new(id, team, role);
        write(&mut self.team_roles, inserts, known, |known| known.uuid == uuid, row, uuid, numbers)
    }

    fn delete_role(&mut self, organization: OrganizationId, id: RoleId) -> Result<(), Conflict> {
        let team = self.teams.find(|team| team.uuid == organization.as_uuid());
        let Some(role) = team.and_then(|team| self.team_role(team, id)).map(|role| role.id) else { return Ok(()) };
        // What the foreign key of a seat refuses.
        if self.seats.has(|seat| seat.role == Some(role)) {
            return Err(Conflict);
        }
        self.team_roles.remove(|row| row.id == role);
        Ok(())
    }

    fn write_api_key(&mut self, key: &ApiKey, inserts: bool, numbers: &mut Numbers) -> Result<(), Conflict> {
        let known = self.api_keys.find(|known| known.id == key.id).map(|known| known.number);
        let row = |number| ApiKey { number, ..key.clone() };
        write(&mut self.api_keys, inserts, known, |known| known.id == key.id, row, key.id.as_uuid(), numbers)
    }
}

/// Adds a row that must not be there, or replaces one that must; a new one's number is noted, a known one keeps its own.
fn write<R: Clone>(
    table: &mut Table<R>,
    inserts: bool,
    known: Option<i64>,
    is_it: impl Fn(&R) -> bool,
    row: impl FnOnce(i64) -> R,
    id: Uuid,
    numbers: &mut Numbers,
) -> Result<(), Conflict> {
    match (inserts, known) {
        (true, None) => {
            let number = table.add(row);
            numbers.push((id, number));
            Ok(())
        }
        (false, Some(number)) => table.replace(is_it, row(number)),
        _ => Err(Conflict),
    }
}
