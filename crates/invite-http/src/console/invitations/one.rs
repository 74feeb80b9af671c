//! One invitation: what it is, what became of it, and what can be done with it.

use super::{
    PATH, elsewhere,
    fields::{Life, locales},
    reveal::Revealed,
    shown::{self, Badge, Instant, Sending},
    timeline::{self, Timeline},
};
use crate::{
    Problem,
    console::{
        entry::Desk,
        fault::Fault,
        frame::{Choice, Frame, Section, answer},
        permissions::{self, Group},
    },
    extract::call::Answer,
};
use askama::Template;
use invite_domain::{
    access::permission,
    id::InvitationId,
    invitation::{Rejection, State, Status, lifecycle::is_covered},
    port::InvitationRecord,
    service::ServiceError,
};
use invite_text::{Arg, Language};

/// Which forms the page has: where status and permission allow it.
pub(super) struct Possible {
    pub(super) resend: bool,
    pub(super) extend: bool,
    pub(super) edit: bool,
    pub(super) revoke: bool,
    pub(super) sponsor: bool,
    pub(super) reveal: bool,
    /// Whether something is left out because the invitation gives more than the reader holds.
    pub(super) beyond: bool,
}

impl Possible {
    fn any(&self) -> bool {
        self.resend || self.extend || self.edit || self.revoke || self.sponsor || self.reveal
    }

    /// What a reader may do with an invitation. The use cases decide anew.
    pub(super) fn of(desk: &Desk, record: &InvitationRecord) -> Self {
        let invitation = &record.invitation;
        let open = invitation.state == State::Pending;
        let status = desk.visit.api.invitations.status(record);
        let covered = is_covered(&invitation.grant, record.role.as_ref(), &record.inviter);
        let role_is_there = invitation.grant.role_id.is_none() || record.role.is_some();
        let within = desk.place.held.covers(&invitation.grant.held(record.role.as_ref()));
        let may_give = within || shown::is_own(desk, &record.inviter);
        let sends = open && covered && may_give;
        Self {
            resend: sends && desk.may(permission::INVITATIONS_RESEND),
            extend: sends && desk.may(permission::INVITATIONS_AMEND),
            edit: open && may_give && desk.may(permission::INVITATIONS_AMEND),
            revoke: open && desk.may(permission::INVITATIONS_REVOKE),
            sponsor: open && !covered && role_is_there && within && desk.may(permission::INVITATIONS_SPONSOR),
            reveal: status == Status::Pending && within && desk.may(permission::INVITATIONS_REVEAL),
            beyond: open && !within,
        }
    }
}

#[derive(Template)]
#[template(path = "console/invitations_one.html")]
struct OnePage {
    frame: Frame,
    href: String,
    path: String,
    version: i64,
    recipient: String,
    status: Badge,
    /// What the status means for what can be done.
    status_text: Option<String>,
    role: String,
    groups: Vec<Group>,
    inviter: String,
    issued: Instant,
    expires: Instant,
    /// When and why it ended.
    ended: Option<Instant>,
    reason: Option<String>,
    uses: String,
    locale: String,
    message: Option<String>,
    sendings: Vec<Sending>,
    timeline: Timeline,
    possible: Possible,
    anything: bool,
    resend: Waiting,
    extend: Waiting,
    revoke_reason: String,
    days_hint: String,
    most_days: i64,
    locales: Vec<Choice>,
    revealed: Option<Revealed>,
}

/// A form behind a press.
#[derive(Default)]
struct Waiting {
    open: bool,
    days: String,
}

/// What was typed into the form that was refused.
#[derive(Default)]
pub(super) struct Typed<'a> {
    pub(super) form: &'a str,
    pub(super) days: &'a str,
    pub(super) locale: &'a str,
    pub(super) reason: &'a str,
}

/// The invitation, or `None` where the organisation has no such one.
pub(super) async fn load(desk: &Desk, id: InvitationId) -> Result<Option<InvitationRecord>, Problem> {
    match desk.visit.api.invitations.get(&desk.caller, id).await {
        Ok(record) => Ok(Some(record)),
        Err(ServiceError::Rejected(Rejection::NotFound)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    let id: InvitationId = desk.id()?;
    match load(&desk, id).await? {
        Some(record) => page(&desk, &record, None, &Typed::default(), None).await,
        None => elsewhere::or_unknown(&desk, id).await,
    }
}

/// The page of an invitation, with a form that was refused or a link that was just shown.
pub(super) async fn page(
    desk: &Desk,
    record: &InvitationRecord,
    fault: Option<Fault>,
    typed: &Typed<'_>,
    revealed: Option<Revealed>,
) -> Answer {
    let invitation = &record.invitation;
    let possible = Possible::of(desk, record);
    let life = Life::of(desk, Some(&invitation.recipient));
    let status = desk.visit.api.invitations.status(record);
    let form = |name: &str, days: String| {
        let open = typed.form == name;
        Waiting { open, days: if open { typed.days.to_owned() } else { days } }
    };
    let recipient = shown::recipient(desk, &invitation.recipient);
    let locale = invitation.locale.as_deref().unwrap_or_default();
    let one = OnePage {
        frame: desk.frame(Section::Invitations, recipient.clone())?.with_fault(fault),
        href: desk.href(&format!("{PATH}/{}", invitation.id)),
        path: desk.href(PATH),
        version: invitation.version,
        recipient,
        status: shown::status(desk, status),
        status_text: status_text(desk, record, status),
        role: shown::role(desk, record),
        groups: permissions::listed(desk, &invitation.grant.permissions),
        inviter: shown::inviter(desk, record),
        issued: shown::instant(desk, invitation.created_at),
        expires: shown::instant(desk, invitation.expires_at),
        ended: invitation.state.ended_at().map(|at| shown::instant(desk, at)),
        reason: reason(desk, &invitation.state),
        uses: uses(desk, record),
        locale: language(desk, locale),
        message: invitation.message.clone(),
        sendings: record.deliveries.iter().map(|delivery| shown::sending(desk, delivery)).collect(),
        timeline: timeline::read(desk, record).await?,
        anything: possible.any(),
        possible,
        resend: form("resend", String::new()),
        extend: form("extend", longer(desk, record, life)),
        revoke_reason: typed.reason.to_owned(),
        days_hint: life.hint(desk, "invitation-again-hint"),
        most_days: life.days(),
        locales: locales(desk, if typed.form == "resend" { typed.locale } else { locale }),
        revealed,
    };
    answer!(one)
}

/// The days to suggest to whoever extends it: as many as usual beyond its present end, as far as that is possible.
fn longer(desk: &Desk, record: &InvitationRecord, life: Life) -> String {
    let left = (record.invitation.expires_at - desk.visit.api.world.clock.now()).num_days().max(-1) + 1;
    life.usual_days().parse::<i64>().map(|usual| (usual + left).min(life.days()).to_string()).unwrap_or_default()
}

fn status_text(desk: &Desk, record: &InvitationRecord, status: Status) -> Option<String> {
    let role_is_gone = record.invitation.grant.role_id.is_some() && record.role.is_none();
    let key = match status {
        Status::Suspended if role_is_gone => "invitation-suspended-role-gone",
        Status::Suspended => "invitation-suspended-text",
        Status::Expired => "invitation-expired-text",
        Status::Declined if matches!(record.invitation.state, State::Declined { blocked: true, .. }) => {
            "event-detail-blocked"
        }
        _ => return None,
    };
    Some(desk.text().get(key))
}

fn reason(desk: &Desk, state: &State) -> Option<String> {
    let State::Revoked { reason: Some(reason), .. } = state else { return None };
    Some(timeline::own_reason(desk, reason).unwrap_or_else(|| reason.clone()))
}

fn uses(desk: &Desk, record: &InvitationRecord) -> String {
    let invitation = &record.invitation;
    let (uses, most) = (i64::from(invitation.uses), i64::from(invitation.max_uses));
    desk.say("invitation-uses-value", &[("uses", Arg::Number(uses)), ("most", Arg::Number(most))])
}

/// The name of a language, as its own readers write it.
fn language(desk: &Desk, tag: &str) -> String {
    if tag.is_empty() {
        return desk.text().get("invitation-locale-usual");
    }
    Language::parse(tag).map_or_else(|| tag.to_owned(), |language| language.name_in_itself().to_owned())
}
