//! Records of the host's directory.

use super::{
    MemoryStore,
    lists::{Begin, contains},
    state::State,
};
use crate::broken::Fault;
use async_trait::async_trait;
use invite_domain::{
    directory::{Membership, Subject, SubjectKind},
    id::{OrganizationId, SubjectId},
    invitation::Recipient,
    page::{Page, PageRequest},
    port::{
        AccountFacts, PortError, SubjectAdministration, SubjectFacts, SubjectFilter, SubjectQuery, SubjectRecord,
        SubjectRef, Subjects,
    },
};
use std::sync::Arc;

#[async_trait]
impl Subjects for MemoryStore {
    async fn load_subject(&self, query: &SubjectQuery) -> Result<Option<SubjectAdministration>, PortError> {
        let state = self.state();
        let Some(organization) = state.organization(query.organization_id) else { return Ok(None) };
        let id = organization.id;
        let found = query.subject.as_ref().and_then(|named| self.find(&state, id, query.kind, named));
        let company = match &query.company {
            Some(named) => self.find(&state, id, SubjectKind::Company, named),
            None => state.subjects_of(id).find(|subject| subject.own && subject.deleted_at.is_none()),
        };
        let wanted_remote = query.wanted_remote_id.as_deref();
        Ok(Some(SubjectAdministration {
            actor: state.actor(id, query.principal),
            record: found.map(|subject| self.subject_record(&state, subject)),
            company: company.cloned(),
            id_taken: query.wanted_id.is_some_and(|wanted| {
                let holder = state.subjects.get(&(id, wanted));
                holder.is_some_and(|held| held.deleted_at.is_none() || !self.has(Fault::DeletedRecordsFreeIds))
            }),
            remote_id_holder: wanted_remote.and_then(|remote| state.remote_holder(id, query.kind, remote)),
            organization,
        }))
    }

    async fn subjects(
        &self,
        organization_id: OrganizationId,
        kind: SubjectKind,
        filter: &SubjectFilter,
        page: &PageRequest,
    ) -> Result<Page<SubjectRecord>, PortError> {
        let state = self.state();
        let rows = state
            .subjects
            .values()
            .filter(|row| row.organization_id == organization_id || self.has(Fault::ForeignSubjectVisible))
            .filter(|row| row.deleted_at.is_none() || self.has(Fault::DeletedSubjectVisible))
            .filter(|row| row.kind == kind && self.is_wanted(&state, row, filter))
            .map(|row| {
                let key =
                    if self.has(Fault::SubjectsByName) { row.name.clone() } else { format!("{:020}", row.number) };
                ((key, row.id.as_uuid()), self.subject_record(&state, row))
            })
            .collect();
        let begin = self.begin(&[(Fault::RecordPagesNeedTheirLastRow, Begin::AtLastRow)]);
        Ok(self.cut_from(begin, rows, page, false))
    }
}

impl MemoryStore {
    fn find<'a>(
        &self,
        state: &'a State,
        organization: OrganizationId,
        kind: SubjectKind,
        named: &SubjectRef,
    ) -> Option<&'a Subject> {
        let is_named = |subject: &Subject| match named {
            SubjectRef::Id(id) => subject.id == *id,
            SubjectRef::Number(number) => subject.number == *number,
            SubjectRef::RemoteId(remote) => subject.remote_id.as_deref() == Some(remote),
        };
        let rows = state.subjects.values().filter(|row| is_named(row));
        let rows = rows.filter(|row| row.kind == kind || self.has(Fault::SubjectKindIgnored));
        let mut rows = rows
            .filter(|row| row.organization_id == organization || self.has(Fault::ForeignSubjectVisible))
            .filter(|row| row.deleted_at.is_none() || self.has(Fault::DeletedSubjectVisible));
        rows.next().map(|row| &**row)
    }

    /// Whose membership names the record; for a contact from whom nobody came, who has its address.
    fn person_of(&self, state: &State, subject: &Subject) -> Option<AccountFacts> {
        let came = state.came_from(subject);
        came.or_else(|| {
            let by_address = subject.kind == SubjectKind::Contact || self.has(Fault::TruckersFoundByAddress);
            let address = subject.email.as_ref().filter(|_| by_address)?;
            let account = state.account_at(address.key())?;
            let facts = state.account_facts(subject.organization_id, &account);
            facts.member.is_some().then_some(facts)
        })
    }

    fn subject_record(&self, state: &State, subject: &Subject) -> SubjectRecord {
        let organization = subject.organization_id;
        let company_id = if subject.kind == SubjectKind::Company { Some(subject.id) } else { subject.parent_id };
        let mut contacts: Vec<_> = state
            .subjects_of(organization)
            .filter(|other| other.kind == SubjectKind::Contact && company_id.is_some())
            .filter(|other| other.parent_id == company_id)
            .filter(|other| other.deleted_at.is_none() || self.has(Fault::DeletedContactsManage))
            .filter_map(|contact| Some((contact.clone(), state.came_from(contact)?)))
            .collect();
        contacts.sort_by_key(|(contact, _)| contact.number);
        contacts.truncate(SubjectRecord::MANAGERS);
        let parent = subject.parent_id.and_then(|id| state.subjects.get(&(organization, id)));
        let holder = state.holder(organization, &Recipient::subject(subject.id).live_key());
        SubjectRecord {
            company: parent
                .filter(|parent| parent.deleted_at.is_none() || !self.has(Fault::DeletedCompaniesHidden))
                .map(|parent| (**parent).clone()),
            person: self.person_of(state, subject),
            invitation: holder.map(|invitation| state.record(invitation)),
            managers: contacts,
            subject: subject.clone(),
        }
    }

    fn is_wanted(&self, state: &State, row: &Subject, filter: &SubjectFilter) -> bool {
        let company = if row.kind == SubjectKind::Company { None } else { row.parent_id };
        let company = company.and_then(|id| state.subjects.get(&(row.organization_id, id)));
        let number = company.map(|company| company.number);
        let jokers = |text: &str| self.has(Fault::WildcardsNotLiteral) && text.contains(['%', '_']);
        let at = row.updated_at;
        filter.text.as_deref().is_none_or(|part| contains(&row.name, part) || jokers(part))
            && filter.name.as_deref().is_none_or(|name| row.name.eq_ignore_ascii_case(name))
            && filter.remote_id.as_ref().is_none_or(|remote| row.remote_id.as_ref() == Some(remote))
            && filter.company_numbers.as_ref().is_none_or(|these| number.is_some_and(|of| these.contains(&of)))
            && number.is_none_or(|of| !filter.other_company_numbers.contains(&of))
            && filter.updated_from.is_none_or(|from| at >= from)
            && filter
                .updated_after
                .is_none_or(|after| at > after || (at == after && self.has(Fault::AfterTakenForFrom)))
            && filter.updated_until.is_none_or(|until| at <= until)
            && filter.updated_before.is_none_or(|before| at < before)
    }
}

impl State {
    pub(super) fn subjects_of(&self, organization: OrganizationId) -> impl Iterator<Item = &Subject> {
        self.subjects.values().filter(move |row| row.organization_id == organization).map(|row| &**row)
    }

    /// Which record that is not deleted has a remote id.
    pub(super) fn remote_holder(&self, organization: OrganizationId, kind: SubjectKind, id: &str) -> Option<SubjectId> {
        let holds =
            |row: &&Subject| row.kind == kind && row.deleted_at.is_none() && row.remote_id.as_deref() == Some(id);
        self.subjects_of(organization).find(holds).map(|row| row.id)
    }

    /// The member whose membership names the record; the first, should a host have let in several.
    fn came_from(&self, subject: &Subject) -> Option<AccountFacts> {
        let names = |member: &&Arc<Membership>| {
            member.organization_id == subject.organization_id && member.subject_id == Some(subject.id)
        };
        let member = self.memberships.values().filter(names).min_by_key(|member| (member.created_at, member.id))?;
        let account = self.accounts.get(&member.account_id)?;
        Some(AccountFacts { account: (**account).clone(), member: Some(self.member_facts(member)) })
    }

    /// The record an invitation is for, with who came from it.
    pub(super) fn subject_facts(&self, organization: OrganizationId, id: SubjectId) -> Option<SubjectFacts> {
        let subject = self.subjects.get(&(organization, id)).filter(|subject| subject.deleted_at.is_none())?;
        Some(SubjectFacts { person: self.came_from(subject), subject: (**subject).clone() })
    }
}
