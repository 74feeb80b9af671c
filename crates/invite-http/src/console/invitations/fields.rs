//! What an invitation is made of, as fields of a form: to issue one and to change one.

use crate::{
    Problem,
    console::{
        entry::Desk,
        frame::Choice,
        permissions::{self, Group, role_label},
    },
    pages::Sent,
};
use invite_domain::{
    access::{PermissionSet, Role, SystemRole, permission},
    id::RoleId,
    invitation::Recipient,
    time::seconds,
};
use invite_text::{Arg, Language, duration};

/// The most characters of an inviter's message.
pub(super) const MESSAGE: usize = 2_000;
/// The most characters of the reason for which an invitation is withdrawn.
pub(super) const REASON: usize = 500;
const DAY: i64 = 86_400;

/// How long invitations live here, in seconds (rule 2.3).
#[derive(Clone, Copy)]
pub(super) struct Life {
    pub(super) usual: i64,
    pub(super) most: i64,
}

impl Life {
    /// Of invitations to such a recipient; to an address where `None`.
    pub(super) fn of(desk: &Desk, recipient: Option<&Recipient>) -> Self {
        let (bounds, policy) = (desk.visit.api.invitations.bounds(), &desk.organization().policy);
        let of_record = recipient.is_some_and(|recipient| recipient.subject_id().is_some());
        let bound = if of_record { bounds.ttl_subject_max } else { bounds.ttl_max };
        let most = policy.ttl_max.map_or(bound, |own| seconds(own).min(bound)).max(bounds.ttl_min);
        let usual = policy.ttl_default.map_or(bounds.ttl_default, seconds).clamp(bounds.ttl_min, most);
        Self { usual: usual.num_seconds(), most: most.num_seconds() }
    }

    /// The most whole days; 0 where days are too long to choose.
    pub(super) const fn days(self) -> i64 {
        self.most / DAY
    }

    /// The usual life in days, where it is whole ones.
    pub(super) fn usual_days(self) -> String {
        if self.usual % DAY == 0 { (self.usual / DAY).to_string() } else { String::new() }
    }

    /// Reads a number of days; `None` where nothing was typed.
    pub(super) fn read(self, desk: &Desk, typed: &str) -> Result<Option<i64>, String> {
        if typed.is_empty() {
            return Ok(None);
        }
        let days = typed.parse::<i64>().ok().filter(|days| (1..=self.days()).contains(days));
        let wrong = || desk.say("invitation-days-wrong", &[("count", Arg::Number(self.days()))]);
        days.map(|days| Some(days * DAY)).ok_or_else(wrong)
    }

    /// What may be typed, in words.
    pub(super) fn hint(self, desk: &Desk, key: &str) -> String {
        let (usual, most) = (duration(desk.language, self.usual), duration(desk.language, self.most));
        desk.say(key, &[("usual", Arg::Text(&usual)), ("most", Arg::Text(&most))])
    }
}

/// What was chosen and typed.
#[derive(Clone, Default)]
pub(super) struct Typed {
    pub(super) role: String,
    pub(super) permissions: PermissionSet,
    pub(super) days: String,
    pub(super) locale: String,
    pub(super) message: String,
}

/// The same, understood.
pub(super) struct Wanted {
    pub(super) role_id: Option<RoleId>,
    pub(super) expires_in: Option<i64>,
    pub(super) locale: Option<String>,
    pub(super) message: Option<String>,
}

impl Typed {
    pub(super) fn of(sent: &Sent) -> Self {
        Self {
            role: sent.typed("role_id").to_owned(),
            permissions: permissions::readable(sent),
            days: sent.typed("expires_in").to_owned(),
            locale: sent.typed("locale").to_owned(),
            // A form's line breaks are CRLF, whatever was typed.
            message: sent.typed("message").replace("\r\n", "\n"),
        }
    }

    /// What is meant, or what is wrong in which field. Whether it may be is for the use case to say.
    pub(super) fn read(&self, desk: &Desk, life: Life) -> Result<Wanted, Vec<(&'static str, String)>> {
        let mut wrong = Vec::new();
        let role_id = (!self.role.is_empty()).then(|| self.role.parse::<RoleId>());
        let role_id = role_id.transpose().unwrap_or_else(|_| {
            wrong.push(("role_id", desk.text().get("fault-field-invalid")));
            None
        });
        let expires_in = life.read(desk, &self.days).unwrap_or_else(|said| {
            wrong.push(("expires_in", said));
            None
        });
        if self.message.chars().count() > MESSAGE {
            wrong.push(("message", desk.text().get("fault-field-range")));
        }
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let wanted = Wanted { role_id, expires_in, locale: some(&self.locale), message: some(&self.message) };
        if wrong.is_empty() { Ok(wanted) } else { Err(wrong) }
    }
}

/// The fields of a form, filled in.
pub(super) struct Fields {
    pub(super) roles: Vec<Choice>,
    /// Whether the caller may choose among the roles there are.
    pub(super) sees_roles: bool,
    pub(super) groups: Vec<Group>,
    pub(super) any_permission: bool,
    pub(super) days: String,
    pub(super) days_hint: String,
    /// 0 where no number of days can be chosen.
    pub(super) most_days: i64,
    pub(super) locales: Vec<Choice>,
    pub(super) message: String,
}

impl Fields {
    /// `roles` are those the caller may give, `now` the role an invitation has already.
    pub(super) fn new(desk: &Desk, typed: &Typed, roles: &[Role], now: Option<&Role>, days: (String, i64)) -> Self {
        let none = Choice {
            value: String::new(),
            label: desk.text().get("invitation-role-none"),
            chosen: typed.role.is_empty(),
        };
        let choice = |role: &Role| Choice {
            value: role.id.to_string(),
            label: role_label(desk, role),
            chosen: role.id.to_string() == typed.role,
        };
        let own = now.filter(|role| roles.iter().all(|each| each.id != role.id));
        let mut groups = permissions::groups(desk, &desk.place.held, &typed.permissions);
        for group in &mut groups {
            group.ticks.retain(|tick| tick.open || tick.chosen);
        }
        groups.retain(|group| !group.ticks.is_empty());
        Self {
            roles: std::iter::once(none).chain(roles.iter().chain(own).map(choice)).collect(),
            sees_roles: desk.may(permission::ROLES_READ),
            groups,
            any_permission: !typed.permissions.is_empty(),
            days: typed.days.clone(),
            days_hint: days.0,
            most_days: days.1,
            locales: locales(desk, &typed.locale),
            message: typed.message.clone(),
        }
    }
}

/// The role a new invitation begins with: that of an ordinary member, where the caller may give it.
pub(super) fn usual_role(roles: &[Role]) -> String {
    let member = roles.iter().find(|role| role.system == Some(SystemRole::Member));
    member.map(|role| role.id.to_string()).unwrap_or_default()
}

/// Languages to write to somebody in; the first choice leaves it to the organisation.
pub(super) fn locales(desk: &Desk, chosen: &str) -> Vec<Choice> {
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label, chosen: value == chosen };
    let mut choices = vec![choice("", desk.text().get("invitation-locale-usual"))];
    choices.extend(Language::ALL.iter().map(|each| choice(each.tag(), each.name_in_itself().to_owned())));
    // One that was chosen elsewhere, by a program perhaps: "fr-CA".
    if choices.iter().all(|each| !each.chosen) {
        choices.push(choice(chosen, chosen.to_owned()));
    }
    choices
}

/// A fresh text that names one showing of a form: sent twice, it does what it does once.
pub(super) fn once(desk: &Desk) -> String {
    let mut bytes = [0; 16];
    desk.visit.api.world.entropy.fill(&mut bytes);
    u128::from_be_bytes(bytes).to_string()
}

/// Refuses who lacks a permission even to see a form.
pub(super) fn only_with(desk: &Desk, permission: &str) -> Result<(), Problem> {
    if desk.may(permission) { Ok(()) } else { Err(Problem::new(&crate::problem::table::FORBIDDEN)) }
}
