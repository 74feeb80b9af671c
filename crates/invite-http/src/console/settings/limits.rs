//! The organisation's own limits: shown with the operator's, and narrowed. Seats are the operator's alone.

use super::{Read, Typed};
use crate::{
    console::{entry::Desk, fault::Fault},
    pages::Sent,
};
use invite_domain::{
    directory::{ChangeLimits, ChangeOrganization, Limits, Organization},
    invitation::Bounds,
};
use invite_text::Arg;

/// A field of the form.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) value: String,
}

/// The part of the page.
pub(super) struct Part {
    pub(super) seats: String,
    pub(super) fields: Vec<Field>,
}

/// Name, words and the operator's limit of each.
fn all(bounds: &Bounds) -> [(&'static str, &'static str, Option<u32>); 3] {
    [
        ("live", "settings-limit-live", bounds.live),
        ("issues_hour", "settings-limit-issues", bounds.issues_hour),
        ("messages_recipient_day", "settings-limit-messages", bounds.messages_recipient_day),
    ]
}

fn own(limits: &Limits, name: &str) -> Option<i64> {
    match name {
        "live" => limits.live,
        "issues_hour" => limits.issues_hour,
        _ => limits.messages_recipient_day,
    }
}

/// What the fields say now.
pub(super) fn of(limits: &Limits) -> [String; 3] {
    [limits.live, limits.issues_hour, limits.messages_recipient_day]
        .map(|limit| limit.map(|number| number.to_string()).unwrap_or_default())
}

/// What was typed into them.
pub(super) fn typed(sent: &Sent) -> [String; 3] {
    ["live", "issues_hour", "messages_recipient_day"].map(|name| sent.typed(name).to_owned())
}

pub(super) fn part(desk: &Desk, organization: &Organization, typed: &Typed) -> Part {
    let text = desk.text();
    let seats = match organization.limits.seats {
        Some(seats) => desk.say("settings-seats", &[("count", Arg::Number(seats))]),
        None => text.get("settings-seats-none"),
    };
    let field = |((name, label, most), value): ((&'static str, &'static str, Option<u32>), &String)| Field {
        name,
        label: text.get(label),
        hint: match most {
            Some(most) => desk.say("settings-limit-hint", &[("count", Arg::Number(most.into()))]),
            None => text.get("settings-limit-hint-none"),
        },
        value: value.clone(),
    };
    let fields = all(desk.visit.api.invitations.bounds()).into_iter().zip(&typed.limits).map(field).collect();
    Part { seats, fields }
}

/// What the form asks for. Which numbers can be, the domain says.
pub(super) fn read(desk: &Desk, sent: &Sent) -> Read {
    let limits = &desk.organization().limits;
    let mut wrong = Vec::new();
    let mut number = |name: &'static str| match sent.typed(name) {
        "" => own(limits, name).is_some().then_some(None),
        digits if digits.len() <= 12 && digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok().map(Some),
        _ => {
            wrong.push((name, desk.text().get("settings-limit-number")));
            None
        }
    };
    let limits = ChangeLimits {
        seats: None,
        live: number("live"),
        issues_hour: number("issues_hour"),
        messages_recipient_day: number("messages_recipient_day"),
    };
    if wrong.is_empty() {
        Read::Command("saved", Box::new(ChangeOrganization { limits, ..ChangeOrganization::default() }))
    } else {
        Read::Wrong(wrong)
    }
}

/// Says the operator's limits where they were passed.
pub(super) fn explain(desk: &Desk, fault: &mut Fault) {
    for (name, _, most) in all(desk.visit.api.invitations.bounds()) {
        if let (Some(said), Some(most)) = (fault.fields.get_mut(name), most) {
            *said = desk.say("settings-limit-range", &[("count", Arg::Number(most.into()))]);
        }
    }
}
