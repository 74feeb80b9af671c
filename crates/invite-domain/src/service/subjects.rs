//! Records of the host's directory and the invitations to them.

use super::{
    Caller, InvitationService, Secrets, ServiceError,
    attempt::{Step, attempt},
    invitations::Moment,
};
use crate::{
    access::{Administrator, Authority, permission},
    directory::{
        ChangeSubject, NewSubject, SubjectKind,
        subject_edit::{self},
    },
    id::SubjectId,
    invitation::{
        Origin, Outcome, Plan, Recipient, Rejection, Status,
        context::{CameFrom, establish, require},
        issue::{self, Issue},
        sponsor::may_see_link,
    },
    page::{Page, PageRequest},
    port::{
        IssueQuery, SubjectAdministration, SubjectFacts, SubjectFilter, SubjectQuery, SubjectRecord, SubjectRef,
        Subjects,
    },
    secret::token::Provenance,
};
use std::sync::Arc;

/// The use cases of records that invitations are for.
#[derive(Clone)]
pub struct SubjectService {
    subjects: Arc<dyn Subjects>,
    invitations: InvitationService,
}

/// A record as a caller sees it.
#[derive(Debug)]
pub struct SubjectView {
    /// The record.
    pub record: SubjectRecord,
    /// The status of its invitation now, where it has one.
    pub status: Option<Status>,
    /// Link and code of its live invitation, where the caller may see them (rule 7.4).
    pub secrets: Option<Secrets>,
}

impl SubjectView {
    /// Whether an invitation can be issued for it, or sent again, now.
    pub fn is_invitable(&self) -> bool {
        self.record.subject.may_be_invited(self.record.person.is_some()).is_ok()
    }

    /// Whether an invitation is out and unanswered.
    pub fn is_pending(&self) -> bool {
        self.status == Some(Status::Pending)
    }
}

impl SubjectService {
    /// Puts the use cases over their ports.
    pub fn new(subjects: Arc<dyn Subjects>, invitations: InvitationService) -> Self {
        Self { subjects, invitations }
    }

    /// One record.
    ///
    /// # Errors
    /// Without `subjects.read`; `NotFound` alike for an unknown one and one of another organisation.
    pub async fn get(
        &self,
        caller: &Caller,
        kind: SubjectKind,
        subject: SubjectRef,
    ) -> Result<SubjectView, ServiceError> {
        let moment = self.invitations.moment(&caller.origin)?;
        let (facts, authority) = self.allowed(&named(caller, kind, subject), &moment).await?;
        require(&authority, permission::SUBJECTS_READ)?;
        Ok(self.view(facts.record.ok_or(Rejection::NotFound)?, &authority, &moment))
    }

    /// A page of the organisation's records of a kind, by number.
    ///
    /// # Errors
    /// Without `subjects.read`.
    pub async fn list(
        &self,
        caller: &Caller,
        kind: SubjectKind,
        filter: &SubjectFilter,
        page: &PageRequest,
    ) -> Result<Page<SubjectView>, ServiceError> {
        let moment = self.invitations.moment(&caller.origin)?;
        let query = SubjectQuery::of(caller.organization_id, caller.principal, kind);
        let (_, authority) = self.allowed(&query, &moment).await?;
        require(&authority, permission::SUBJECTS_READ)?;
        let page = self.subjects.subjects(caller.organization_id, kind, filter, page).await?;
        Ok(page.map(|record| self.view(record, &authority, &moment)))
    }

    /// Makes a record, and with it, in the same commit, an invitation to whom it stands for. `invite` gets the record's id
    /// where an invitation is wanted.
    ///
    /// # Errors
    /// Without `subjects.write`; as [`subject_edit::create`] and [`issue::issue`].
    pub async fn create(
        &self,
        caller: &Caller,
        command: NewSubject,
        invite: Option<Issue>,
    ) -> Result<SubjectView, ServiceError> {
        let query = SubjectQuery {
            company: command.company.clone(),
            wanted_id: command.id,
            wanted_remote_id: command.remote_id.clone(),
            ..SubjectQuery::of(caller.organization_id, caller.principal, command.kind)
        };
        let done = attempt!(&*self.invitations.store, async {
            let moment = self.invitations.moment(&caller.origin)?;
            let (facts, authority) = self.allowed(&query, &moment).await?;
            require(&authority, permission::SUBJECTS_WRITE)?;
            let context = moment.context();
            let administrator =
                Administrator { context: &context, organization: &facts.organization, authority: &authority };
            let (mut plan, subject) = subject_edit::create(&administrator, &facts, &command)?;
            let mut record = SubjectRecord {
                subject: subject.clone(),
                company: facts.company.clone().filter(|_| subject.parent_id.is_some()),
                person: None,
                invitation: None,
                managers: Vec::new(),
            };
            let mut shown = true;
            if let Some(invite) = &invite {
                let invite = Issue { recipient: Recipient::subject(subject.id), ..invite.clone() };
                let query = IssueQuery { email: subject.email.clone(), ..self.issue_query(caller, &invite, &moment) };
                let issue_facts = self.invitations.store.load_issue(&query).await?.ok_or(Rejection::NotFound)?;
                let subject_facts = SubjectFacts { subject, person: None };
                let issue_facts = crate::port::IssueFacts { subject: Some(subject_facts), ..issue_facts };
                if issue_facts.organization.authority_epoch != facts.organization.authority_epoch {
                    return Ok(Step::Again);
                }
                let decided = issue::issue(&issue_facts, &invite, &context)?;
                shown = decided.shown;
                record.invitation = Some(decided.record);
                plan = joined(plan, decided.plan.unwrap_or_default());
            }
            Ok(Step::Commit(Box::new(plan), (record, authority, shown)))
        });
        let ((mut record, authority, shown), outcome) = done?;
        numbered(&mut record, &outcome);
        let moment = self.invitations.moment(Origin::none())?;
        let view = self.view(record, &authority, &moment);
        // What the trail says was not shown is not.
        Ok(SubjectView { secrets: view.secrets.filter(|_| shown), ..view })
    }

    /// Changes a record.
    ///
    /// # Errors
    /// Without `subjects.write`; as [`subject_edit::change`].
    pub async fn change(
        &self,
        caller: &Caller,
        kind: SubjectKind,
        subject: SubjectRef,
        command: ChangeSubject,
    ) -> Result<SubjectView, ServiceError> {
        let query = SubjectQuery {
            company: command.company.clone(),
            wanted_remote_id: command.remote_id.clone().flatten(),
            ..named(caller, kind, subject)
        };
        let id = self
            .edit(caller, &query, |administrator, facts| {
                let id = facts.record.as_ref().map(|record| record.subject.id);
                let plan = subject_edit::change(administrator, facts, &command)?.map(|(plan, _)| plan);
                Ok((plan, id))
            })
            .await?;
        let id = id.ok_or(Rejection::NotFound)?;
        // What is shown with the record may be another company's by now: it is read anew.
        let moment = self.invitations.moment(&caller.origin)?;
        let (facts, authority) = self.allowed(&named(caller, kind, SubjectRef::Id(id)), &moment).await?;
        Ok(self.view(facts.record.ok_or(Rejection::NotFound)?, &authority, &moment))
    }

    /// Deletes a record; its open invitation is revoked.
    ///
    /// # Errors
    /// Without `subjects.write`; as [`subject_edit::delete`].
    pub async fn delete(&self, caller: &Caller, kind: SubjectKind, subject: SubjectRef) -> Result<(), ServiceError> {
        self.edit(caller, &named(caller, kind, subject), |administrator, facts| {
            subject_edit::delete(administrator, facts).map(|plan| (Some(plan), ()))
        })
        .await
    }

    /// Invites whom a record stands for, or does to the live invitation there is what `command` says of a conflict. Its
    /// recipient is the record, whatever `command` names.
    ///
    /// # Errors
    /// Without `subjects.read`; as [`InvitationService::issue`].
    pub async fn invite(
        &self,
        caller: &Caller,
        kind: SubjectKind,
        subject: SubjectRef,
        command: Issue,
    ) -> Result<SubjectView, ServiceError> {
        let SubjectView { mut record, .. } = self.get(caller, kind, subject).await?;
        let command = Issue { recipient: Recipient::subject(record.subject.id), ..command };
        let issued = self.invitations.issue(caller, command, None).await?;
        let status = Some(self.invitations.status(&issued.record));
        record.invitation = Some(issued.record);
        Ok(SubjectView { record, status, secrets: issued.secrets })
    }

    fn view(&self, record: SubjectRecord, authority: &Authority, moment: &Moment<'_>) -> SubjectView {
        let status = record.invitation.as_ref().map(|invitation| invitation.status(moment.now));
        let open = record.invitation.as_ref().filter(|_| status == Some(Status::Pending));
        let came = CameFrom::of(record.person.as_ref());
        let shown = open.filter(|invitation| may_see_link(authority, invitation, came).is_ok());
        // A key that is retired makes no link any more: there is none to show.
        let secrets =
            shown.and_then(|invitation| self.invitations.secrets(invitation, Provenance::Answer, &moment.ring).ok());
        SubjectView { record, status, secrets }
    }

    fn issue_query(&self, caller: &Caller, command: &Issue, moment: &Moment<'_>) -> IssueQuery {
        IssueQuery {
            organization_id: caller.organization_id,
            principal: caller.principal,
            live_key: command.recipient.live_key(),
            email: None,
            subject_id: None,
            role_id: command.grant.role_id,
            idempotency: None,
            messages_since: self.invitations.messages_since(moment.now),
            accepts_recent: false,
        }
    }

    async fn allowed(
        &self,
        query: &SubjectQuery,
        moment: &Moment<'_>,
    ) -> Result<(SubjectAdministration, Authority), ServiceError> {
        let facts = self.subjects.load_subject(query).await?.ok_or(Rejection::NotFound)?;
        let authority = establish(&facts.actor, &facts.organization, moment.now)?;
        Ok((facts, authority))
    }

    async fn edit<T>(
        &self,
        caller: &Caller,
        query: &SubjectQuery,
        rule: impl Fn(&Administrator<'_>, &SubjectAdministration) -> Result<(Option<Plan>, T), Rejection>,
    ) -> Result<T, ServiceError> {
        let done = attempt!(&*self.invitations.store, async {
            let moment = self.invitations.moment(&caller.origin)?;
            let (facts, authority) = self.allowed(query, &moment).await?;
            require(&authority, permission::SUBJECTS_WRITE)?;
            let context = moment.context();
            let administrator =
                Administrator { context: &context, organization: &facts.organization, authority: &authority };
            Ok(match rule(&administrator, &facts)? {
                (Some(plan), value) => Step::Commit(Box::new(plan), value),
                (None, value) => Step::Done(value),
            })
        });
        Ok(done?.0)
    }
}

fn named(caller: &Caller, kind: SubjectKind, subject: SubjectRef) -> SubjectQuery {
    SubjectQuery { subject: Some(subject), ..SubjectQuery::of(caller.organization_id, caller.principal, kind) }
}

/// The record's plan and the invitation's as one. The invitation's guard on the record is dropped: the record is made here.
fn joined(record: Plan, invitation: Plan) -> Plan {
    let of_new = |guard: &crate::invitation::Guard| !matches!(guard, crate::invitation::Guard::SubjectAt(..));
    let mut plan = record;
    let guards = invitation.guards.into_iter().filter(of_new).filter(|guard| !plan.guards.contains(guard));
    let guards: Vec<_> = guards.collect();
    plan.guards.extend(guards);
    plan.limits.extend(invitation.limits);
    plan.invitations.extend(invitation.invitations);
    plan.events.extend(invitation.events);
    plan.messages.extend(invitation.messages);
    plan
}

fn numbered(record: &mut SubjectRecord, outcome: &Outcome) {
    let id: SubjectId = record.subject.id;
    record.subject.number = outcome.number_of(id.as_uuid());
    if let Some(open) = &mut record.invitation {
        open.invitation.number = outcome.number_of(open.invitation.id.as_uuid());
    }
}
