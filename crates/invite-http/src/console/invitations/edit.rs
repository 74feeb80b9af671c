//! Changing what an invitation grants or says. Another role or other permissions send it anew; words alone send nothing.

use super::{
    PATH, elsewhere,
    fields::{Fields, Life, Typed, Wanted, only_with},
    one::{self, Possible},
    shown,
};
use crate::{
    console::{
        entry::Desk,
        fault::Fault,
        frame::{Frame, Section, answer},
        permissions::roles_to_give,
    },
    extract::call::Answer,
    pages::Sent,
};
use askama::Template;
use invite_domain::{
    access::{Held, PermissionSet, permission},
    id::InvitationId,
    port::InvitationRecord,
    service::Amend,
};

#[derive(Template)]
#[template(path = "console/invitations_edit.html")]
struct EditPage {
    frame: Frame,
    fields: Fields,
    href: String,
    version: i64,
    recipient: String,
    expires: shown::Instant,
    role_is_gone: bool,
    sends: bool,
}

/// What the invitation is now.
fn present(record: &InvitationRecord) -> Typed {
    let invitation = &record.invitation;
    Typed {
        role: record.role.as_ref().map(|role| role.id.to_string()).unwrap_or_default(),
        permissions: invitation.grant.permissions.clone(),
        days: String::new(),
        locale: invitation.locale.clone().unwrap_or_default(),
        message: invitation.message.clone().unwrap_or_default(),
    }
}

async fn page(desk: &Desk, record: &InvitationRecord, typed: &Typed, version: i64, fault: Option<Fault>) -> Answer {
    let invitation = &record.invitation;
    let life = Life::of(desk, Some(&invitation.recipient));
    let roles = roles_to_give(desk).await?;
    let days = (life.hint(desk, "invitation-keep-hint"), life.days());
    answer!(EditPage {
        fields: Fields::new(desk, typed, &roles, record.role.as_ref(), days),
        frame: desk.frame(Section::Invitations, desk.text().get("invitation-edit-title"))?.with_fault(fault),
        href: desk.href(&format!("{PATH}/{}", invitation.id)),
        version,
        recipient: shown::recipient(desk, &invitation.recipient),
        expires: shown::instant(desk, invitation.expires_at),
        role_is_gone: invitation.grant.role_id.is_some() && record.role.is_none(),
        sends: !invitation.channels.is_empty(),
    })
}

/// The form.
pub(super) async fn show(desk: Desk) -> Answer {
    only_with(&desk, permission::INVITATIONS_AMEND)?;
    let id: InvitationId = desk.id()?;
    let Some(record) = one::load(&desk, id).await? else { return elsewhere::or_unknown(&desk, id).await };
    if !Possible::of(&desk, &record).edit {
        // What has ended is looked at, not changed.
        return Ok(desk.lead(&format!("{PATH}/{id}")));
    }
    page(&desk, &record, &present(&record), record.invitation.version, None).await
}

/// Changes it.
pub(super) async fn act(desk: Desk, sent: Sent) -> Answer {
    only_with(&desk, permission::INVITATIONS_AMEND)?;
    let id: InvitationId = desk.id()?;
    let Some(record) = one::load(&desk, id).await? else { return elsewhere::or_unknown(&desk, id).await };
    let Some(version) = sent.typed("version").parse::<i64>().ok() else { return desk.visit.form_expired() };
    let mut typed = Typed::of(&sent);
    typed.permissions = typed.permissions.union(&kept(&desk.place.held, &record.invitation.grant.permissions));
    let wanted = match typed.read(&desk, Life::of(&desk, Some(&record.invitation.recipient))) {
        Ok(wanted) => wanted,
        Err(wrong) => return page(&desk, &record, &typed, version, Fault::fields(desk.language, wrong)).await,
    };
    let command = command(&record, &typed, wanted, version);
    match desk.visit.api.invitations.amend(&desk.caller, id, command).await {
        Ok(changed) => {
            let sent_anew = changed.invitation.generation != record.invitation.generation;
            let word = if sent_anew { "invitation-amended-sent" } else { "invitation-amended" };
            Ok(desk.lead(&format!("{PATH}/{id}?done={word}")))
        }
        Err(error) => page(&desk, &record, &typed, version, Some(Fault::of(&desk, error)?)).await,
    }
}

/// Permissions the reader could not untick: those only others can give stay.
fn kept(held: &Held, present: &PermissionSet) -> PermissionSet {
    present.iter().filter(|permission| !held.allows(permission.as_str())).cloned().collect()
}

/// Only what differs is said, so that nothing changes that was left alone.
fn command(record: &InvitationRecord, typed: &Typed, wanted: Wanted, version: i64) -> Amend {
    let invitation = &record.invitation;
    Amend {
        role_id: (wanted.role_id != invitation.grant.role_id).then_some(wanted.role_id),
        permissions: (typed.permissions != invitation.grant.permissions).then(|| typed.permissions.clone()),
        message: (wanted.message != invitation.message).then_some(wanted.message),
        locale: (wanted.locale != invitation.locale).then_some(wanted.locale),
        expires_in: wanted.expires_in,
        if_match: Some(version),
        ..Amend::default()
    }
}
