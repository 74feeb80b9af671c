//! The bundled directory's port.

use super::{
    MemoryStore,
    lists::{Begin, contains, position},
};
use crate::broken::Fault;
use async_trait::async_trait;
use chrono::Duration;
use invite_domain::{
    access::{Held, MemberFacts, PermissionSet, Role},
    directory::{
        Account, AccountToken, ApiKey, IdentityKey, Login, Logo, LogoId, OperatorKey, Organization, Session, Slug,
        Username,
    },
    email::EmailAddress,
    id::{AccountId, ApiKeyId, OrganizationId, SessionId},
    page::{Page, PageRequest},
    port::{
        AdministrationFacts, AdministrationQuery, CredentialFacts, Directory, MemberRecord, OrganizationRef, PortError,
    },
    secret::{account_token::AccountPurpose, credential::CredentialDigest},
    time::Timestamp,
};
use std::sync::Arc;
use uuid::Uuid;

#[async_trait]
impl Directory for MemoryStore {
    async fn credential(&self, digest: &CredentialDigest) -> Result<Option<CredentialFacts>, PortError> {
        let state = self.state();
        let previous = |key: &ApiKey| {
            key.previous.as_ref().is_some_and(|(old, _)| old == digest) && !self.has(Fault::PreviousKeyTextForgotten)
        };
        let key = state.api_keys.values().find(|key| key.digest == *digest || previous(key));
        let operator = state.operator_keys.values().find(|key| key.digest == *digest);
        let led = |session: &Session| session.digest == *digest || session.refresh == Some(*digest);
        let session = state.sessions.values().find(|session| led(session));
        let session = session.and_then(|session| {
            let account = Box::new((**state.accounts.get(&session.account_id)?).clone());
            let session = Box::new((**session).clone());
            Some(if session.digest == *digest || self.has(Fault::RefreshOpensSession) {
                CredentialFacts::Session(session, account)
            } else {
                CredentialFacts::Refresh(session, account)
            })
        });
        Ok(key
            .map(|key| CredentialFacts::ApiKey(Box::new((**key).clone())))
            .or_else(|| operator.map(|key| CredentialFacts::Operator(Box::new((**key).clone()))))
            .or(session))
    }

    async fn note_key_used(&self, key: ApiKeyId, now: Timestamp) {
        let mut state = self.state();
        if let Some(key) = state.api_keys.get_mut(&key)
            && key.last_used_at.is_none_or(|at| at + Duration::minutes(1) <= now)
        {
            Arc::make_mut(key).last_used_at = Some(now);
        }
    }

    async fn note_session_used(&self, session: SessionId, now: Timestamp) {
        let mut state = self.state();
        if let Some(session) = state.sessions.get_mut(&session)
            && session.last_seen_at + Duration::hours(1) <= now
        {
            Arc::make_mut(session).last_seen_at = now;
        }
    }

    async fn organization(&self, reference: &OrganizationRef) -> Result<Option<Organization>, PortError> {
        Ok(self.state().find_organization(reference, self.clock.now()))
    }

    async fn slug_holder(&self, slug: &Slug) -> Result<Option<OrganizationId>, PortError> {
        Ok(self.state().slug_holder(slug, self.clock.now()))
    }

    async fn logo(&self, id: &LogoId) -> Result<Option<Logo>, PortError> {
        Ok(self.state().logo(id, self.has(Fault::LogosOfDeletedShown)))
    }

    async fn memberships_of(&self, account: AccountId) -> Result<Vec<(Organization, MemberFacts)>, PortError> {
        let state = self.state();
        let mut members: Vec<_> = state
            .memberships
            .values()
            .filter(|member| member.account_id == account)
            .filter(|member| member.active || self.has(Fault::InactiveMembershipsListed))
            .collect();
        members.sort_by_key(|member| (member.created_at, member.id));
        Ok(members
            .into_iter()
            .filter_map(|member| Some((state.organization(member.organization_id)?, state.member_facts(member))))
            .collect())
    }

    async fn account_by_address(&self, key: &str) -> Result<Option<Account>, PortError> {
        Ok(self.state().account_at(key))
    }

    async fn account_of_identity(&self, key: &IdentityKey) -> Result<Option<Account>, PortError> {
        let state = self.state();
        let account = state.identities.get(key).and_then(|id| state.accounts.get(id));
        Ok(account.map(|account| (**account).clone()))
    }

    async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, PortError> {
        let state = self.state();
        let named = |account: &Account| match login {
            Login::Address(address) => account.email_key() == Some(address.key()),
            Login::Phone(number) => account.phone.as_ref() == Some(number),
            Login::Username(name) => account.username.as_ref().map(Username::key) == Some(name.key()),
        };
        let mut accounts = state.accounts.values().filter(|account| named(account));
        let first = accounts.next();
        let alone = accounts.next().is_none() || self.has(Fault::SharedPhoneSignsIn);
        Ok(first.filter(|_| alone).map(|account| (**account).clone()))
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, PortError> {
        Ok(self.state().accounts.get(&id).map(|account| (**account).clone()))
    }

    async fn account_token(
        &self,
        account: AccountId,
        purpose: AccountPurpose,
    ) -> Result<Option<AccountToken>, PortError> {
        Ok(self.state().account_tokens.get(&(account, purpose)).map(|token| (**token).clone()))
    }

    async fn load_administration(&self, query: &AdministrationQuery) -> Result<Option<AdministrationFacts>, PortError> {
        let state = self.state();
        let Some(organization) = state.organization(query.organization_id) else { return Ok(None) };
        let id = organization.id;
        let ours = |of: OrganizationId| of == id;
        let member = query.membership_id.and_then(|member| state.memberships.get(&member));
        let key = query.api_key_id.and_then(|key| state.api_keys.get(&key));
        let mut known = PermissionSet::new();
        let roles = state.roles.values().filter(|role| ours(role.organization_id)).map(|role| &role.permissions);
        let members = state.memberships.values().filter(|member| ours(member.organization_id));
        let keys = state.api_keys.values().filter(|key| ours(key.organization_id));
        for set in roles.chain(members.map(|member| &member.permissions)).chain(keys.filter_map(|key| {
            let Held::Only(set) = &key.permissions else { return None };
            Some(set)
        })) {
            known = known.union(set);
        }
        Ok(Some(AdministrationFacts {
            actor: state.actor(id, query.principal),
            role: query.role_id.and_then(|role| state.role(id, role)),
            member: member.filter(|member| ours(member.organization_id)).and_then(|member| {
                let account = state.accounts.get(&member.account_id)?;
                Some(MemberRecord { member: state.member_facts(member), account: (**account).clone() })
            }),
            api_key: key
                .filter(|key| ours(key.organization_id) || self.has(Fault::ForeignInvitationVisible))
                .map(|key| (**key).clone()),
            role_in_use: query.role_id.is_some_and(|role| state.is_role_used(id, role)),
            other_active_owners: query.membership_id.is_some_and(|member| state.has_active_owner(id, Some(member))),
            known_permissions: known,
            organization,
        }))
    }

    async fn is_empty(&self) -> Result<bool, PortError> {
        let state = self.state();
        Ok(state.organizations.is_empty() && state.operator_keys.is_empty())
    }

    async fn operator_keys(&self) -> Result<Vec<OperatorKey>, PortError> {
        let state = self.state();
        let counting = state.operator_keys.values().filter(|key| key.revoked_at.is_none());
        Ok(counting.map(|key| (**key).clone()).collect())
    }

    async fn roles(&self, organization: OrganizationId, page: &PageRequest) -> Result<Page<Role>, PortError> {
        let state = self.state();
        let rows = state.roles.values().filter(|role| role.organization_id == organization);
        let rows = rows.map(|role| (position(role.created_at, role.id.as_uuid()), (**role).clone()));
        Ok(self.cut_directory(rows.collect(), page))
    }

    async fn role_by_name(&self, organization: OrganizationId, name: &str) -> Result<Option<Role>, PortError> {
        let state = self.state();
        let role = state.roles.values().find(|role| role.organization_id == organization && role.name == name);
        Ok(role.map(|role| (**role).clone()))
    }

    async fn role_by_number(&self, organization: OrganizationId, number: i64) -> Result<Option<Role>, PortError> {
        let state = self.state();
        let ours = |role: &Role| role.organization_id == organization || self.has(Fault::ForeignRoleByNumber);
        let role = state.roles.values().find(|role| role.number == number && ours(role));
        Ok(role.map(|role| (**role).clone()))
    }

    async fn members<'a>(
        &self,
        organization: OrganizationId,
        query: Option<&'a str>,
        page: &PageRequest,
    ) -> Result<Page<MemberRecord>, PortError> {
        let state = self.state();
        let rows = state.memberships.values().filter(|member| member.organization_id == organization);
        let rows = rows.filter_map(|member| {
            let account = state.accounts.get(&member.account_id)?;
            if account.email.is_none() && self.has(Fault::MembersWithoutAddressMissed) {
                return None;
            }
            let address = account.email.as_ref().map(EmailAddress::as_str);
            let texts = [account.name.as_deref(), address, account.email_key()];
            let found = query.is_none_or(|part| texts.into_iter().flatten().any(|text| contains(text, part)));
            found.then(|| {
                let record = MemberRecord { member: state.member_facts(member), account: (**account).clone() };
                (position(member.created_at, member.id.as_uuid()), record)
            })
        });
        Ok(self.cut_directory(rows.collect(), page))
    }

    async fn api_keys(&self, organization: OrganizationId, page: &PageRequest) -> Result<Page<ApiKey>, PortError> {
        let state = self.state();
        let rows = state.api_keys.values().filter(|key| key.organization_id == organization);
        let rows = rows.filter(|key| key.revoked_at.is_none());
        let rows = rows.map(|key| (position(key.created_at, key.id.as_uuid()), (**key).clone()));
        Ok(self.cut_directory(rows.collect(), page))
    }

    async fn organizations(&self, page: &PageRequest) -> Result<Page<Organization>, PortError> {
        let state = self.state();
        let rows = state.organizations.values().filter(|organization| organization.deleted_at.is_none());
        let rows = rows.map(|row| (position(row.created_at, row.id.as_uuid()), (**row).clone()));
        Ok(self.cut_directory(rows.collect(), page))
    }

    async fn deleted_organizations(&self, page: &PageRequest) -> Result<Page<Organization>, PortError> {
        let state = self.state();
        let rows = state.organizations.values().filter(|organization| organization.deleted_at.is_some());
        let rows = rows.map(|row| (position(row.created_at, row.id.as_uuid()), (**row).clone()));
        Ok(self.cut_directory(rows.collect(), page))
    }

    async fn deleted_organization(&self, id: OrganizationId) -> Result<Option<Organization>, PortError> {
        let state = self.state();
        let found = state.organizations.get(&id).filter(|organization| organization.deleted_at.is_some());
        Ok(found.map(|organization| (**organization).clone()))
    }

    async fn database_time(&self) -> Result<Timestamp, PortError> {
        Ok(self.clock.now())
    }
}

impl MemoryStore {
    pub(super) fn cut_directory<T>(&self, rows: Vec<((String, Uuid), T)>, page: &PageRequest) -> Page<T> {
        let begin = self.begin(&[(Fault::DirectoryPagesNeedTheirLastRow, Begin::AtLastRow)]);
        self.cut_from(begin, rows, page, false)
    }
}
