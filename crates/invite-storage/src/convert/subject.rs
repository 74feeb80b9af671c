use super::Place;
use crate::entity;
use invite_domain::{
    directory::{Subject, SubjectKind},
    email::EmailAddress,
    id::{OrganizationId, SubjectId},
    port::PortError,
};

pub(crate) fn subject(row: entity::subject::Model) -> Result<Subject, PortError> {
    let place = Place { table: "invite_subjects", id: &row.id };
    let email = match (&row.email, &row.email_key) {
        (Some(original), Some(key)) => Some(place.known("email", EmailAddress::from_parts(original, key).ok())?),
        (None, None) => None,
        _ => return Err(place.corrupt("email_key")),
    };
    Ok(Subject {
        id: SubjectId::from_uuid(row.id),
        number: row.number,
        organization_id: OrganizationId::from_uuid(row.organization_id),
        kind: place.known("kind", SubjectKind::from_name(&row.kind))?,
        parent_id: row.parent_id.map(SubjectId::from_uuid),
        own: row.own == Some(true),
        remote_id: row.remote_id,
        email,
        phone: place.phone("phone", row.phone.as_deref())?,
        name: row.name,
        profile: row.profile,
        created_at: row.created_at,
        updated_at: row.updated_at,
        deleted_at: row.deleted_at,
        version: row.version,
    })
}

pub(crate) fn subject_row(subject: &Subject) -> entity::subject::Model {
    let remote_key = subject.remote_id.as_ref().filter(|_| subject.deleted_at.is_none());
    entity::subject::Model {
        number: subject.number,
        id: subject.id.as_uuid(),
        organization_id: subject.organization_id.as_uuid(),
        kind: subject.kind.name().to_owned(),
        parent_id: subject.parent_id.map(|id| id.as_uuid()),
        own: subject.own.then_some(true),
        remote_id: subject.remote_id.clone(),
        remote_key: remote_key.cloned(),
        email: subject.email.as_ref().map(|email| email.as_str().to_owned()),
        email_key: subject.email.as_ref().map(|email| email.key().to_owned()),
        phone: subject.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        name: subject.name.clone(),
        name_key: name_key(&subject.name),
        profile: subject.profile.clone(),
        created_at: subject.created_at,
        updated_at: subject.updated_at,
        deleted_at: subject.deleted_at,
        version: subject.version,
    }
}

/// What makes two names the same in a list's filter.
pub(crate) fn name_key(name: &str) -> String {
    name.to_ascii_lowercase()
}
