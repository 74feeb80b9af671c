//! Making, changing and deleting records of the host's directory.

use super::{
    Subject, SubjectKind,
    words::{self, Faults},
};
use crate::{
    access::{Administrator, member_edit::below},
    email::EmailAddress,
    id::SubjectId,
    invitation::{
        AdministrationChange, EventKind, FieldCode, Guard, InvitationChange, Plan, Reason, Recipient, Rejection, State,
        UniqueKey, context::same_epoch, revoke,
    },
    phone::PhoneNumber,
    port::{SubjectAdministration, SubjectRecord, SubjectRef},
};

/// The most characters of a record's name.
const NAME: usize = 500;
/// The most characters of the host's own id.
const REMOTE_ID: usize = 200;

/// Asks for a new record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSubject {
    /// What it is.
    pub kind: SubjectKind,
    /// The id it is to have; a new one where `None`.
    pub id: Option<SubjectId>,
    /// The company it belongs to; the organisation's own where `None`, but a contact names one. A company belongs to none.
    pub company: Option<SubjectRef>,
    /// The host's own id for it.
    pub remote_id: Option<String>,
    /// Its address.
    pub email: Option<EmailAddress>,
    /// Its phone number.
    pub phone: Option<PhoneNumber>,
    /// What it is called, 1 to 500 characters.
    pub name: String,
    /// A JSON object of the fields that are not ours, as text.
    pub profile: String,
}

/// Asks for changes of a record; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ChangeSubject {
    /// Another company.
    pub company: Option<SubjectRef>,
    /// Another id of the host's own, or none any more.
    pub remote_id: Option<Option<String>>,
    /// Another address, or none any more.
    pub email: Option<Option<EmailAddress>>,
    /// Another phone number, or none any more.
    pub phone: Option<Option<PhoneNumber>>,
    /// Another name.
    pub name: Option<String>,
    /// Another profile, whole.
    pub profile: Option<String>,
    /// The version the caller read; any where `None`.
    pub if_match: Option<i64>,
}

/// Decides on a new record.
///
/// # Errors
/// Names every field that cannot be.
pub fn create(
    administrator: &Administrator<'_>,
    facts: &SubjectAdministration,
    command: &NewSubject,
) -> Result<(Plan, Subject), Rejection> {
    let (context, organization) = (administrator.context, administrator.organization);
    let mut faults = Faults::default();
    let name = faults.keep(words::name("/name", &command.name, NAME)).unwrap_or_default();
    let remote_id = remote_id(command.remote_id.as_deref(), facts, None, &mut faults);
    if facts.id_taken {
        faults.add("/id", FieldCode::Invalid, "there is a record of this id already");
    }
    let company = match (command.kind, &command.company) {
        (SubjectKind::Company, _) => None,
        (SubjectKind::Contact, None) => {
            faults.add("/company", FieldCode::Required, "name the company the contact belongs to");
            None
        }
        (SubjectKind::Contact | SubjectKind::Trucker, _) => company(facts, &mut faults),
    };
    faults.end()?;
    let subject = Subject {
        id: command.id.unwrap_or_else(|| SubjectId::new(context.now, context.entropy)),
        number: 0,
        organization_id: organization.id,
        kind: command.kind,
        parent_id: company.map(|company| company.id),
        own: false,
        remote_id,
        email: command.email.clone(),
        phone: command.phone.clone(),
        name,
        profile: command.profile.clone(),
        created_at: context.now,
        updated_at: context.now,
        deleted_at: None,
        version: 1,
    };
    let mut plan = Plan {
        guards: vec![same_epoch(organization), Guard::Free(UniqueKey::Subject(organization.id, subject.id))],
        administration: vec![AdministrationChange::InsertSubject(Box::new(subject.clone()))],
        events: vec![event(administrator, EventKind::SubjectCreated, &subject)],
        ..Plan::default()
    };
    plan.guards.extend(company.map(|company| Guard::SubjectAt(organization.id, company.id, company.version)));
    plan.guards.extend(free_remote_id(&subject));
    Ok((plan, subject))
}

/// Decides on a change; `None` where nothing changes.
///
/// An open invitation that went, or would go, to an address the record no longer has is revoked: a link in the wrong
/// mailbox must not open.
///
/// # Errors
/// `NotFound`; `GrantExceedsAuthority` for the addresses of a record whose person stands above the editor; `VersionMismatch` where somebody else changed it since; names every field that cannot be.
pub fn change(
    administrator: &Administrator<'_>,
    facts: &SubjectAdministration,
    command: &ChangeSubject,
) -> Result<Option<(Plan, Subject)>, Rejection> {
    let record = facts.record.as_ref().ok_or(Rejection::NotFound)?;
    let old = &record.subject;
    if command.if_match.is_some_and(|version| version != old.version) {
        return Err(Rejection::VersionMismatch { current: old.version });
    }
    let mut next = old.clone();
    let mut faults = Faults::default();
    if let Some(name) = &command.name {
        next.name = faults.keep(words::name("/name", name, NAME)).unwrap_or_default();
    }
    if let Some(wanted) = &command.remote_id {
        next.remote_id = remote_id(wanted.as_deref(), facts, Some(old.id), &mut faults);
    }
    let mut moved_to = None;
    if command.company.is_some() && old.kind != SubjectKind::Company {
        moved_to = company(facts, &mut faults);
        next.parent_id = moved_to.map_or(old.parent_id, |company| Some(company.id));
    }
    faults.end()?;
    if let Some(email) = &command.email {
        next.email.clone_from(email);
    }
    if let Some(phone) = &command.phone {
        next.phone.clone_from(phone);
    }
    if let Some(profile) = &command.profile {
        next.profile.clone_from(profile);
    }
    if next == *old {
        return Ok(None);
    }
    next.updated_at = administrator.context.now;
    next.version += 1;
    let mut plan = written(administrator, old, &next, EventKind::SubjectChanged);
    plan.guards.extend(moved_to.map(|company| Guard::SubjectAt(company.organization_id, company.id, company.version)));
    if next.remote_id != old.remote_id {
        plan.guards.extend(free_remote_id(&next));
    }
    let lost_email = old.email != next.email;
    let lost_phone = old.phone != next.phone;
    let reaches_lost = |recipient: &Recipient| {
        (lost_email && recipient.email().is_some() && recipient.email() == old.email.as_ref())
            || (lost_phone && recipient.phone().is_some() && recipient.phone() == old.phone.as_ref())
    };
    let came = record.person.as_ref().and_then(|person| person.member.as_ref());
    if let Some(member) = came.filter(|_| lost_email || lost_phone) {
        // Where the record's messages go, its person can be let in again (rule 3.3): nobody turns those of one above them.
        below(administrator, member)?;
    }
    let withdrawn = match &record.invitation {
        Some(open) => reaches_lost(&open.invitation.recipient),
        // One that is issued to the old address meanwhile makes the plan stale.
        None => lost_email || lost_phone,
    };
    if withdrawn {
        withdraw(administrator, record, "address_changed", &mut plan);
    }
    Ok(Some((plan, next)))
}

/// Decides on deleting a record. Its open invitation is revoked; who came from it stays a member.
///
/// # Errors
/// `NotFound`; the organisation's own company stays.
pub fn delete(administrator: &Administrator<'_>, facts: &SubjectAdministration) -> Result<Plan, Rejection> {
    let record = facts.record.as_ref().ok_or(Rejection::NotFound)?;
    let old = &record.subject;
    if old.own {
        return Err(Rejection::field("", FieldCode::Invalid, "the organisation's own company stays"));
    }
    let now = administrator.context.now;
    let mut next = Subject { deleted_at: Some(now), updated_at: now, version: old.version + 1, ..old.clone() };
    if old.kind != SubjectKind::Company {
        // What was known of a person goes with the record.
        (next.email, next.phone, next.name, next.profile) = (None, None, String::new(), "{}".to_owned());
    }
    let mut plan = written(administrator, old, &next, EventKind::SubjectDeleted);
    withdraw(administrator, record, "subject_deleted", &mut plan);
    Ok(plan)
}

fn written(administrator: &Administrator<'_>, old: &Subject, next: &Subject, kind: EventKind) -> Plan {
    Plan {
        guards: vec![
            same_epoch(administrator.organization),
            Guard::SubjectAt(old.organization_id, old.id, old.version),
        ],
        administration: vec![AdministrationChange::UpdateSubject(Box::new(next.clone()))],
        events: vec![event(administrator, kind, next)],
        ..Plan::default()
    }
}

/// Revokes the record's open invitation, or makes sure that there is none.
fn withdraw(administrator: &Administrator<'_>, record: &SubjectRecord, reason: &str, plan: &mut Plan) {
    let subject = &record.subject;
    match &record.invitation {
        Some(open) if open.invitation.state == State::Pending => {
            let old = &open.invitation;
            let actor = administrator.authority.actor();
            let (revoked, event) = revoke::revoked(old, actor, Some(reason), administrator.context);
            plan.guards.push(Guard::InvitationAt(old.id, old.version));
            plan.cancel_messages.push((old.id, Reason::InvitationEnded));
            plan.invitations.push(InvitationChange::Update(Box::new(revoked)));
            plan.events.push(event);
        }
        _ => {
            let live_key = Recipient::subject(subject.id).live_key();
            plan.guards.push(Guard::Free(UniqueKey::Live(subject.organization_id, live_key)));
        }
    }
}

fn company<'a>(facts: &'a SubjectAdministration, faults: &mut Faults) -> Option<&'a Subject> {
    if facts.company.is_none() {
        faults.add("/company", FieldCode::Invalid, "there is no such company");
    }
    facts.company.as_ref()
}

/// The remote id that was asked for, where the record may have it.
fn remote_id(
    wanted: Option<&str>,
    facts: &SubjectAdministration,
    own: Option<SubjectId>,
    faults: &mut Faults,
) -> Option<String> {
    let wanted = wanted?;
    if facts.remote_id_holder.is_some_and(|holder| Some(holder) != own) {
        faults.add("/remote_id", FieldCode::Invalid, "another record has this remote id");
    }
    faults.keep(words::name("/remote_id", wanted, REMOTE_ID))
}

fn free_remote_id(subject: &Subject) -> Option<Guard> {
    let remote_id = subject.remote_id.clone()?;
    Some(Guard::Free(UniqueKey::SubjectRemoteId(subject.organization_id, subject.kind, remote_id)))
}

fn event(administrator: &Administrator<'_>, kind: EventKind, subject: &Subject) -> crate::invitation::Event {
    let data = [("subject_id", subject.id.to_string().as_str().into()), ("kind", subject.kind.name().into())];
    administrator.event(kind, subject.version, data)
}

#[cfg(test)]
mod tests;
