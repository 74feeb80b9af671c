//! Making, rotating and revoking API keys (rules 6.2, 6.7).

use super::{ActorFacts, Administrator, Held, InviterKind, PermissionSet, permission};
use crate::{
    directory::{
        ApiKey,
        words::{self, Faults},
    },
    id::{ApiKeyId, MembershipId},
    invitation::{
        AdministrationChange, EventKind, Fact, FieldCode, Plan, Rejection,
        context::{raise_epoch, same_epoch, same_version, within_authority},
    },
    secret::credential::CredentialText,
    time::seconds,
};

/// The longest life a key can be given, in seconds: ten years.
const LONGEST_LIFE: i64 = 10 * 365 * 86_400;

/// Asks for a new API key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewApiKey {
    /// What people call it, 1 to 100 characters.
    pub name: String,
    /// What it may do at most; what its maker may at this moment where `None`.
    pub permissions: Option<PermissionSet>,
    /// After how many seconds it stops working; never where `None`.
    pub expires_in: Option<i64>,
    /// The id it gets, where who asks chose a fresh one beforehand: asked twice, there is one key.
    pub id: Option<ApiKeyId>,
}

/// Makes a key whose text is `text`. A key made with a key belongs to the member who made that one. `made` is the key of
/// the organisation that has the id the command names.
///
/// Under an id that was chosen beforehand the epoch rises: two such commands at once follow each other, so that the second
/// finds the key of the first.
///
/// # Errors
/// Where the maker lacks a permission of it, or a field cannot be. A key belongs to a member, so the operator makes one
/// only together with an organisation: here he is refused. `VersionMismatch` where the key was made already.
pub fn create_api_key(
    administrator: &Administrator<'_>,
    actor: &ActorFacts,
    command: &NewApiKey,
    made: Option<&ApiKey>,
    text: &CredentialText,
) -> Result<(Plan, ApiKey), Rejection> {
    let Administrator { context, organization, authority } = administrator;
    let created_by = maker(actor).ok_or(Rejection::Forbidden { permission: permission::API_KEYS_WRITE })?;
    if let Some(made) = made.filter(|made| command.id == Some(made.id)) {
        return Err(Rejection::VersionMismatch { current: made.version });
    }
    let mut faults = Faults::default();
    let name = faults.keep(words::name("/name", &command.name, words::LABEL)).unwrap_or_default();
    if command.expires_in.is_some_and(|life| !(1..=LONGEST_LIFE).contains(&life)) {
        faults.add("/expires_in", FieldCode::OutOfRange, format!("a key lives 1 to {LONGEST_LIFE} seconds"));
    }
    faults.end()?;
    let permissions = command.permissions.clone().map_or_else(|| authority.held().clone(), Held::Only);
    within_authority(authority, &permissions)?;
    let key = ApiKey {
        id: command.id.unwrap_or_else(|| ApiKeyId::new(context.now, context.entropy)),
        organization_id: organization.id,
        number: 0,
        name,
        prefix: text.prefix(),
        digest: text.digest(),
        previous: None,
        permissions,
        created_by,
        by_operator: false,
        created_at: context.now,
        expires_at: command.expires_in.map(|life| context.now + seconds(life)),
        last_used_at: None,
        revoked_at: None,
        version: 1,
    };
    let plan = Plan {
        guards: vec![if command.id.is_some() { raise_epoch(organization) } else { same_epoch(organization) }],
        administration: vec![AdministrationChange::InsertApiKey(Box::new(key.clone()))],
        events: vec![administrator.event(EventKind::ApiKeyCreated, key.version, facts(&key))],
        ..Plan::default()
    };
    Ok((plan, key))
}

/// Gives a key a new text; the old one counts for `overlap` seconds more. One text before is kept and no more: `if_match`
/// says for which version of the key this was asked, so that a repeat does not end the text in use.
///
/// Nobody's rights change, yet the epoch rises: two rotations at once must follow each other, else the text one of them
/// handed out would open nothing.
///
/// # Errors
/// Where the key holds what the caller does not, unless it is the caller itself: its new text would give it to him.
/// Where it is revoked, as an unknown one; where it is expired; where the overlap cannot be; `VersionMismatch` where it was
/// rotated since.
pub fn rotate_api_key(
    administrator: &Administrator<'_>,
    key: &ApiKey,
    overlap: i64,
    if_match: Option<i64>,
    text: &CredentialText,
) -> Result<(Plan, ApiKey), Rejection> {
    let Administrator { context, organization, authority } = administrator;
    living(key)?;
    let inviter = authority.inviter();
    let by_itself = inviter.kind == InviterKind::ApiKey && inviter.id == key.id.as_uuid();
    if !by_itself {
        within_authority(authority, &key.permissions)?;
    }
    same_version(key.version, if_match)?;
    if key.is_expired(context.now) {
        return Err(Rejection::field("", FieldCode::Invalid, "the key has expired; make a new one"));
    }
    if !(0..=ApiKey::LONGEST_OVERLAP).contains(&overlap) {
        let detail = format!("the old key counts for 0 to {} seconds more", ApiKey::LONGEST_OVERLAP);
        return Err(Rejection::field("/overlap", FieldCode::OutOfRange, detail));
    }
    let mut next = key.clone();
    next.previous = Some((key.digest, context.now + seconds(overlap)));
    next.prefix = text.prefix();
    next.digest = text.digest();
    // A text that somebody else asked for is that person's, whoever made the key.
    next.by_operator &= by_itself;
    next.version += 1;
    let plan = Plan {
        guards: vec![raise_epoch(organization)],
        administration: vec![AdministrationChange::UpdateApiKey(Box::new(next.clone()))],
        events: vec![administrator.event(EventKind::ApiKeyRotated, next.version, facts(&next))],
        ..Plan::default()
    };
    Ok((plan, next))
}

/// Revokes a key: from this commit on it opens nothing, and what it answers for is suspended (rule 6.4). No ceiling: who
/// may make keys may end any, so that a leaked one is ended by whoever notices.
///
/// # Errors
/// Where it is revoked already, as for an unknown one.
pub fn revoke_api_key(administrator: &Administrator<'_>, key: &ApiKey) -> Result<Plan, Rejection> {
    living(key)?;
    let mut next = key.clone();
    next.revoked_at = Some(administrator.context.now);
    next.version += 1;
    Ok(Plan {
        guards: vec![raise_epoch(administrator.organization)],
        events: vec![administrator.event(EventKind::ApiKeyRevoked, next.version, facts(&next))],
        administration: vec![AdministrationChange::UpdateApiKey(Box::new(next))],
        ..Plan::default()
    })
}

fn living(key: &ApiKey) -> Result<(), Rejection> {
    if key.revoked_at.is_none() { Ok(()) } else { Err(Rejection::NotFound) }
}

fn maker(actor: &ActorFacts) -> Option<MembershipId> {
    match actor {
        ActorFacts::Member(member) => Some(member.membership.id),
        ActorFacts::ApiKey { creator, .. } => creator.as_ref().map(|creator| creator.membership.id),
        ActorFacts::Unknown | ActorFacts::Operator { .. } => None,
    }
}

/// Neither the name, which may be a person's, nor anything of the text.
pub(crate) fn facts(key: &ApiKey) -> [(&'static str, Fact); 2] {
    let permissions = match &key.permissions {
        Held::Everything => Fact::Text("everything".to_owned()),
        Held::Only(set) => Fact::Words(set.names().map(str::to_owned).collect()),
    };
    [("api_key_id", key.id.to_string().as_str().into()), ("permissions", permissions)]
}

#[cfg(test)]
mod tests;
