//! Applying what the administration changes.

use super::{
    MemoryStore,
    commit::{Refused, number},
    state::State,
};
use crate::broken::Fault;
use invite_domain::directory::Organization;
use invite_domain::{
    access::Role,
    directory::{AccountToken, LogoId, Subject},
    invitation::AdministrationChange,
};
use std::sync::Arc;
use uuid::Uuid;

impl MemoryStore {
    pub(super) fn apply_administration(
        &self,
        draft: &mut State,
        change: &AdministrationChange,
        numbers: &mut Vec<(Uuid, i64)>,
    ) -> Result<(), Refused> {
        match change {
            AdministrationChange::InsertOrganization(organization)
            | AdministrationChange::UpdateOrganization(organization) => {
                let inserts = matches!(change, AdministrationChange::InsertOrganization(_));
                self.put_organization(draft, organization, inserts, numbers)?;
            }
            AdministrationChange::PutLogo(organization, logo, _) => {
                if !self.has(Fault::ReplacedLogosKept) {
                    draft.logos.retain(|(of, _), _| of != organization);
                }
                draft.logos.insert((*organization, logo.id()), logo.clone());
            }
            AdministrationChange::RemoveLogo(organization) => {
                let given_up = draft.logos.keys().find(|(of, _)| of == organization).map(|(_, id)| id.clone());
                let shared = |id: &LogoId| self.has(Fault::LogosSharedByContent) && given_up.as_ref() == Some(id);
                draft.logos.retain(|(of, id), _| of != organization && !shared(id));
            }
            AdministrationChange::InsertSubject(subject) | AdministrationChange::UpdateSubject(subject) => {
                let inserts = matches!(change, AdministrationChange::InsertSubject(_));
                self.apply_subject(draft, (**subject).clone(), inserts, numbers)?;
            }
            AdministrationChange::InsertRole(role) | AdministrationChange::UpdateRole(role) => {
                let mut row = (**role).clone();
                let inserts = matches!(change, AdministrationChange::InsertRole(_));
                let known = draft.roles.get(&row.id).cloned();
                let numbered = known.as_ref().map(|known| known.number);
                row.number = number(draft, "role", row.id.as_uuid(), inserts, numbered, numbers)?;
                if let Some(known) = known.filter(|_| self.has(Fault::ChangeTimesForgotten)) {
                    row.updated_at = known.updated_at;
                }
                let taken = |other: &Arc<_>| named_alike(other, &row);
                if draft.roles.values().any(taken) {
                    return Err(Refused);
                }
                draft.roles.insert(row.id, Arc::new(row));
            }
            AdministrationChange::DeleteRole(organization, role) => {
                draft.roles.retain(|id, held| id != role || held.organization_id != *organization);
            }
            AdministrationChange::RemoveMembership(organization, member) => {
                draft.memberships.retain(|id, held| id != member || held.organization_id != *organization);
            }
            AdministrationChange::InsertGroup(_)
            | AdministrationChange::UpdateGroup(_)
            | AdministrationChange::DeleteGroup(_)
            | AdministrationChange::PutGroupAdministrator(..)
            | AdministrationChange::RemoveGroupAdministrator(..) => self.apply_group(draft, change, numbers)?,
            AdministrationChange::InsertApiKey(key) | AdministrationChange::UpdateApiKey(key) => {
                let mut row = (**key).clone();
                let inserts = matches!(change, AdministrationChange::InsertApiKey(_));
                let known = draft.api_keys.get(&row.id).map(|key| key.number);
                row.number = number(draft, "api_key", row.id.as_uuid(), inserts, known, numbers)?;
                draft.api_keys.insert(row.id, Arc::new(row));
            }
            AdministrationChange::InsertOperatorKey(key) => {
                if draft.operator_keys.insert(key.id, Arc::new((**key).clone())).is_some() {
                    return Err(Refused);
                }
            }
            AdministrationChange::RevokeOperatorKey(id, at) => {
                let key = draft.operator_keys.get_mut(id).ok_or(Refused)?;
                Arc::make_mut(key).revoked_at.get_or_insert(*at);
            }
            AdministrationChange::EndSession(id) => drop(draft.sessions.remove(id)),
            AdministrationChange::EndSessions(account) => draft.sessions.retain(|_, held| held.account_id != *account),
            AdministrationChange::EndLink(account, purpose) => {
                if self.has(Fault::EndedLinksForgotten) {
                    draft.account_tokens.remove(&(*account, *purpose));
                } else if !self.has(Fault::LinksNotEnded) {
                    let links = draft.account_tokens.iter_mut();
                    end_links(links.filter(|(place, _)| **place == (*account, *purpose)).map(|(_, link)| link));
                }
            }
            AdministrationChange::PutAccountToken(token) => {
                let mut row = (**token).clone();
                row.address = row.address.filter(|_| !self.has(Fault::LinkAddressForgotten));
                draft.account_tokens.insert((row.account_id, row.purpose), Arc::new(row));
            }
            AdministrationChange::Block(organization, key, _) => {
                let keys = self.blocked_keys(draft, *organization, key);
                draft.blocks.extend(keys.into_iter().map(|key| (*organization, key)));
            }
            AdministrationChange::ErasePerson(erasing) => self.apply_erasure(draft, erasing)?,
        }
        Ok(())
    }

    fn put_organization(
        &self,
        draft: &mut State,
        organization: &Organization,
        inserts: bool,
        numbers: &mut Vec<(Uuid, i64)>,
    ) -> Result<(), Refused> {
        let mut row = organization.clone();
        let known = draft.organizations.get(&row.id).cloned();
        let numbered = known.as_ref().map(|known| known.number);
        row.number = number(draft, "organization", row.id.as_uuid(), inserts, numbered, numbers)?;
        let now = self.clock.now();
        if let Some(known) = known {
            if self.has(Fault::ChangeTimesForgotten) {
                row.updated_at = known.updated_at;
            }
            row.authority_epoch = known.authority_epoch;
            if known.slug != row.slug {
                draft.old_slugs.push((known.slug.clone(), row.id, now));
            }
        }
        if draft.slug_holder(&row.slug, now).is_some_and(|holder| holder != row.id) {
            return Err(Refused);
        }
        draft.organizations.insert(row.id, Arc::new(row));
        Ok(())
    }

    fn apply_subject(
        &self,
        draft: &mut State,
        mut row: Subject,
        inserts: bool,
        numbers: &mut Vec<(Uuid, i64)>,
    ) -> Result<(), Refused> {
        let place = (row.organization_id, row.id);
        let known = draft.subjects.get(&place).map(|subject| subject.number);
        row.number = number(draft, "subject", row.id.as_uuid(), inserts, known, numbers)?;
        let counts = |subject: &Subject| subject.deleted_at.is_none() || self.has(Fault::DeletedRecordsKeepRemoteIds);
        let taken = draft.subjects.values().any(|other| {
            let same_kind = other.kind == row.kind || self.has(Fault::RemoteIdUniqueOverKinds);
            let same_place = other.organization_id == row.organization_id;
            other.id != row.id && same_place && same_kind && counts(other) && other.remote_id == row.remote_id
        });
        if taken && row.remote_id.is_some() && counts(&row) && !self.has(Fault::RemoteIdNotUnique) {
            return Err(Refused);
        }
        draft.subjects.insert(place, Arc::new(row));
        Ok(())
    }
}

fn named_alike(other: &Role, row: &Role) -> bool {
    other.id != row.id && other.organization_id == row.organization_id && other.name == row.name
}

/// Ends the links that were not used. The rows stay, so that their counters go on.
pub(super) fn end_links<'a>(links: impl Iterator<Item = &'a mut Arc<AccountToken>>) {
    for link in links.filter(|link| link.used_at.is_none()) {
        let link = Arc::make_mut(link);
        link.nonce = None;
        link.address = None;
    }
}
