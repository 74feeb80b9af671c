//! The organisation's settings: its name, its dates, how its invitations work, how it looks.

mod limits;
mod logo;

pub(super) use logo::act as upload_logo;

use super::{
    entry::Desk,
    fault::Fault,
    frame::{Choice, Frame, Section, answer},
    stale::is_stale,
};
use crate::{Problem, extract::call::Answer, pages::Sent};
use askama::Template;
use invite_domain::{
    access::permission,
    directory::{Accent, ChangeOrganization, Logo, Organization, Slug},
    invitation::{Bounds, FieldCode, Rejection},
    service::ServiceError,
};
use invite_text::{Arg, Language, duration, time_zones};

const PATH: &str = "/console/settings";
const DAY: i64 = 86_400;
/// The colour a picker begins with where the organisation has none: the service's own.
const USUAL: &str = "#1f5fc4";

/// Time zones of one part of the world.
struct Area {
    name: String,
    zones: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "console/settings.html")]
struct SettingsPage {
    frame: Frame,
    writable: bool,
    typed: Typed,
    languages: Vec<Choice>,
    areas: Vec<Area>,
    code_page: String,
    default_hint: String,
    max_hint: String,
    limits: limits::Part,
    accent: String,
    has_accent: bool,
    logo_hint: String,
}

/// What the forms say: what is so now, or what was typed.
struct Typed {
    /// The organisation's, which the forms are made for.
    version: i64,
    /// The form that was refused, and what it was made for: shown again, it is of no later one.
    refused: Option<(String, i64)>,
    name: String,
    slug: String,
    locale: String,
    time_zone: String,
    mailbox: bool,
    sign_in: bool,
    ttl_default: String,
    ttl_max: String,
    limits: [String; 3],
}

/// A length of time in days, as a person types it.
fn days(seconds: i64) -> String {
    if seconds % DAY == 0 {
        return (seconds / DAY).to_string();
    }
    let (whole, rest) = (seconds / DAY, seconds % DAY);
    // Ten thousandths of a day are finer than ten seconds.
    let decimals = format!("{:04}", rest * 10_000 / DAY);
    format!("{whole}.{}", decimals.trim_end_matches('0'))
}

/// What was typed as a number of days, in seconds; `None` for what is no number.
fn seconds(text: &str) -> Option<i64> {
    let (whole, rest) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |text: &str, most: usize| text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole, 6) || !digits(rest, 6) {
        return None;
    }
    let days: i64 = whole.parse().ok()?;
    let millionths: i64 = format!("{rest:0<6}").parse().ok()?;
    Some(days * DAY + (millionths * DAY + 500_000) / 1_000_000)
}

impl Typed {
    fn of(organization: &Organization) -> Self {
        let policy = &organization.policy;
        Self {
            version: organization.version,
            refused: None,
            name: organization.name.clone(),
            slug: organization.slug.to_string(),
            locale: organization.locale.clone().unwrap_or_default(),
            time_zone: organization.time_zone.clone(),
            mailbox: policy.require_mailbox_proof,
            sign_in: policy.require_verified_sign_in,
            ttl_default: policy.ttl_default.map(days).unwrap_or_default(),
            ttl_max: policy.ttl_max.map(days).unwrap_or_default(),
            limits: limits::of(&organization.limits),
        }
    }

    /// What a form is made for.
    fn version(&self, form: &str) -> i64 {
        match &self.refused {
            Some((refused, version)) if refused == form => *version,
            _ => self.version,
        }
    }

    /// With what was typed into one of the forms, which was made for this version.
    fn with(mut self, sent: &Sent, version: i64) -> Self {
        self.refused = Some((sent.typed("action").to_owned(), version));
        let typed = |name: &str| sent.typed(name).to_owned();
        match sent.typed("action") {
            "general" => {
                (self.name, self.slug) = (typed("name"), typed("slug"));
                (self.locale, self.time_zone) = (typed("locale"), typed("time_zone"));
            }
            "policy" => {
                (self.mailbox, self.sign_in) = (sent.get("mailbox").is_some(), sent.get("sign_in").is_some());
                (self.ttl_default, self.ttl_max) = (typed("ttl_default"), typed("ttl_max"));
            }
            "limits" => self.limits = limits::typed(sent),
            _ => {}
        }
        self
    }
}

/// The languages there are, and the organisation's own where it is another one.
fn languages(desk: &Desk, chosen: &str) -> Vec<Choice> {
    let none =
        Choice { value: String::new(), label: desk.text().get("settings-language-none"), chosen: chosen.is_empty() };
    let ours = |language: &Language| Choice {
        value: language.tag().to_owned(),
        label: language.name_in_itself().to_owned(),
        chosen: language.tag() == chosen,
    };
    let mut choices: Vec<Choice> = std::iter::once(none).chain(Language::ALL.iter().map(ours)).collect();
    if choices.iter().all(|choice| !choice.chosen) {
        choices.push(Choice { value: chosen.to_owned(), label: chosen.to_owned(), chosen: true });
    }
    choices
}

/// The time zones by their parts of the world, and the organisation's own where it is none of them.
fn areas(chosen: &str) -> Vec<Area> {
    let mut zones: Vec<&str> = time_zones().filter(|zone| *zone != "UTC").collect();
    zones.insert(0, "UTC");
    if !zones.contains(&chosen) {
        zones.insert(0, chosen);
    }
    let mut areas: Vec<Area> = Vec::new();
    for zone in zones {
        let (area, place) = zone.split_once('/').unwrap_or(("UTC", zone));
        let label = place.replace('_', " ").replace('/', " / ");
        let choice = Choice { value: zone.to_owned(), label, chosen: zone == chosen };
        match areas.iter_mut().find(|known| known.name == area) {
            Some(known) => known.zones.push(choice),
            None => areas.push(Area { name: area.to_owned(), zones: vec![choice] }),
        }
    }
    areas
}

/// The longest life of an invitation the organisation can allow, in seconds.
fn longest(bounds: &Bounds, organization: &Organization) -> i64 {
    let operators = bounds.ttl_max.num_seconds();
    organization.policy.ttl_max.map_or(operators, |own| own.min(operators))
}

fn page(desk: &Desk, organization: &Organization, typed: Typed, fault: Option<Fault>) -> Answer {
    let bounds = desk.visit.api.invitations.bounds();
    let lasting = |key: &str, seconds: i64| {
        let said = duration(desk.language, seconds);
        desk.say(key, &[("duration", Arg::Text(&said))])
    };
    let default = bounds.ttl_default.num_seconds().min(longest(bounds, organization));
    let frame = desk.frame(Section::Settings, desk.text().get("settings-title"))?.with_fault(fault);
    let path = format!("/code/{}", organization.slug);
    answer!(SettingsPage {
        writable: desk.may(permission::ORGANIZATION_WRITE),
        languages: languages(desk, &typed.locale),
        areas: areas(&typed.time_zone),
        code_page: desk.visit.api.config.absolute(&path),
        default_hint: lasting("settings-ttl-default-hint", default),
        max_hint: lasting("settings-ttl-max-hint", bounds.ttl_max.num_seconds()),
        limits: limits::part(desk, organization, &typed),
        accent: organization.look.accent.map_or_else(|| USUAL.to_owned(), |accent| accent.to_string()),
        has_accent: organization.look.accent.is_some(),
        logo_hint: desk.say("settings-logo-hint", &[("bytes", kibibytes()), ("pixels", pixels())]),
        frame,
        typed,
    })
}

fn kibibytes() -> Arg<'static> {
    Arg::Number(i64::try_from(Logo::MAX_BYTES / 1024).unwrap_or(i64::MAX))
}

fn pixels() -> Arg<'static> {
    Arg::Number(i64::from(Logo::MAX_SIDE))
}

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    let organization = desk.visit.api.directory.organization(&desk.caller).await?;
    page(&desk, &organization, Typed::of(&organization), None)
}

/// What a form asks for, or what is wrong with it.
enum Read {
    Command(&'static str, Box<ChangeOrganization>),
    Wrong(Vec<(&'static str, String)>),
    Unknown,
}

fn general(desk: &Desk, sent: &Sent) -> Read {
    let text = desk.text();
    let Ok(slug) = Slug::parse(sent.typed("slug")) else {
        return Read::Wrong(vec![("slug", text.get("settings-slug-wrong"))]);
    };
    let zone = sent.typed("time_zone");
    if zone != desk.organization().time_zone && time_zones().all(|known| known != zone) {
        return Read::Wrong(vec![("time_zone", text.get("fault-field-invalid"))]);
    }
    let locale = sent.typed("locale");
    let command = ChangeOrganization {
        name: Some(sent.typed("name").to_owned()),
        slug: Some(slug),
        locale: Some((!locale.is_empty()).then(|| locale.to_owned())),
        time_zone: Some(zone.to_owned()),
        ..ChangeOrganization::default()
    };
    Read::Command("saved", Box::new(command))
}

fn policy(desk: &Desk, sent: &Sent) -> Read {
    let own = &desk.organization().policy;
    let mut wrong = Vec::new();
    // What was not touched stays as it is, to the second.
    let mut life = |name: &'static str, own: Option<i64>| match sent.typed(name) {
        "" => own.is_some().then_some(None),
        text if own.is_some_and(|own| days(own) == text) => None,
        text => {
            let typed = seconds(text);
            if typed.is_none() {
                wrong.push((name, desk.text().get("settings-ttl-number")));
            }
            typed.map(Some)
        }
    };
    let command = ChangeOrganization {
        require_mailbox_proof: Some(sent.get("mailbox").is_some()),
        require_verified_sign_in: Some(sent.get("sign_in").is_some()),
        ttl_default: life("ttl_default", own.ttl_default),
        ttl_max: life("ttl_max", own.ttl_max),
        ..ChangeOrganization::default()
    };
    if wrong.is_empty() { Read::Command("saved", Box::new(command)) } else { Read::Wrong(wrong) }
}

fn accent(desk: &Desk, sent: &Sent) -> Read {
    match Accent::parse(sent.typed("accent")) {
        Ok(accent) => {
            let command = ChangeOrganization { accent: Some(Some(accent)), ..ChangeOrganization::default() };
            Read::Command("saved", Box::new(command))
        }
        Err(_) => Read::Wrong(vec![("accent", desk.text().get("settings-accent-wrong"))]),
    }
}

fn read(desk: &Desk, sent: &Sent) -> Read {
    match sent.typed("action") {
        "general" => general(desk, sent),
        "policy" => policy(desk, sent),
        "limits" => limits::read(desk, sent),
        "accent" => accent(desk, sent),
        "accent-remove" => {
            let command = ChangeOrganization { accent: Some(None), ..ChangeOrganization::default() };
            Read::Command("saved", Box::new(command))
        }
        _ => Read::Unknown,
    }
}

/// What was refused, with the operator's bounds where they were passed.
fn refused(desk: &Desk, sent: &Sent, error: ServiceError) -> Result<Fault, Problem> {
    let taken = matches!(&error, ServiceError::Rejected(Rejection::Invalid(errors))
        if errors.iter().any(|error| error.pointer == "/slug" && error.code == FieldCode::Invalid));
    let mut fault = Fault::of(desk, error)?;
    if taken {
        fault.fields.insert("slug".to_owned(), desk.text().get("settings-slug-taken"));
    }
    limits::explain(desk, &mut fault);
    let bounds = desk.visit.api.invitations.bounds();
    let (least, operators) = (bounds.ttl_min.num_seconds(), bounds.ttl_max.num_seconds());
    let own = seconds(sent.typed("ttl_max")).map_or(operators, |own| own.min(operators));
    for (name, most) in [("ttl_default", own), ("ttl_max", operators)] {
        if let Some(said) = fault.fields.get_mut(name) {
            let (min, max) = (duration(desk.language, least), duration(desk.language, most));
            *said = desk.say("settings-ttl-range", &[("min", Arg::Text(&min)), ("max", Arg::Text(&max))]);
        }
    }
    Ok(fault)
}

/// Changes what its form says.
pub(super) async fn act(desk: Desk, sent: Sent) -> Answer {
    let directory = &desk.visit.api.directory;
    if sent.typed("action") == "logo-remove" {
        return logo::remove(&desk).await;
    }
    let Some(version) = sent.typed("version").parse::<i64>().ok() else { return desk.visit.form_expired() };
    let mut stale = false;
    let fault = match read(&desk, &sent) {
        Read::Unknown => return desk.visit.form_expired(),
        Read::Wrong(wrong) => {
            // Whoever may not change anything hears that and nothing else.
            if !desk.may(permission::ORGANIZATION_WRITE) {
                return Err(Rejection::Forbidden { permission: permission::ORGANIZATION_WRITE }.into());
            }
            Fault::fields(desk.language, wrong)
        }
        Read::Command(done, mut command) => {
            command.if_match = Some(version);
            match directory.change_organization(&desk.caller, *command).await {
                Ok(_) => return Ok(desk.lead(&format!("{PATH}?done={done}"))),
                Err(error) => {
                    stale = is_stale(&error);
                    Some(refused(&desk, &sent, error)?)
                }
            }
        }
    };
    let organization = directory.organization(&desk.caller).await?;
    let now = Typed::of(&organization);
    // What somebody else has changed meanwhile is shown as it is now: typed over it, it would be undone unseen.
    let typed = if stale { now } else { now.with(&sent, version) };
    page(&desk, &organization, typed, fault)
}

#[cfg(test)]
mod tests {
    use super::{areas, days, seconds};

    #[test]
    fn a_number_of_days_is_read_as_it_is_written() {
        for (text, expected) in
            [("7", 604_800), ("0.5", 43_200), ("0,25", 21_600), ("30.", 2_592_000), ("1.000012", 86_401)]
        {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for bad in ["", ".5", "-1", "1e3", "seven", "1.2.3", "9999999", "1.1234567", " 1", "+1"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
        for (length, text) in [(604_800, "7"), (43_200, "0.5"), (21_600, "0.25"), (300, "0.0034")] {
            assert_eq!(days(length), text);
        }
    }

    #[test]
    fn the_zone_of_an_organisation_is_always_among_those_offered() {
        for zone in ["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "CET", "Etc/GMT+5"] {
            let chosen = areas(zone).into_iter().flat_map(|area| area.zones).filter(|choice| choice.chosen);
            assert_eq!(chosen.map(|choice| choice.value).collect::<Vec<_>>(), [zone]);
        }
    }
}
