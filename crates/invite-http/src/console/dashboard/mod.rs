//! The overview: how the organisation's invitations stand, what happened in the last weeks, what expires soon.

mod plot;

use super::{
    entry::Desk,
    frame::{Frame, Section, answer},
    invitations::{self, shown},
};
use crate::{extract::call::Answer, routes::WEEKS};
use askama::Template;
use chrono::SecondsFormat;
use invite_domain::{
    access::permission,
    invitation::{DeliveryState, Status},
    port::{InvitationRecord, WeekFigures},
    service::{Dashboard, StatisticsService, Week},
};
use invite_text::{Arg, duration, short_date, weeks};
use plot::{Arrangement, Fill, Plot, Series};

/// One of the figures at the top.
struct Fact {
    label: String,
    value: String,
    /// Whether the value is words, which need more room than a number.
    is_words: bool,
    /// A sentence below it.
    about: Option<String>,
    /// Where more is told, and the words of the link.
    link: Option<(String, String)>,
    /// Whether somebody should look.
    warns: bool,
}

/// A week of the table of numbers.
struct NumbersRow {
    date: String,
    machine: String,
    running: bool,
    counts: Vec<u64>,
}

/// An invitation that expires soon.
struct SoonRow {
    href: String,
    recipient: String,
    role: String,
    expires: shown::Instant,
}

/// What there is to see once something happened.
struct Overview {
    facts: Vec<Fact>,
    plots: Vec<Plot>,
    weeks_text: String,
    columns: Vec<String>,
    rows: Vec<NumbersRow>,
    totals: Vec<u64>,
    soon_title: String,
    soon_none: String,
    soon: Vec<SoonRow>,
    soon_more: i64,
    soon_href: String,
}

#[derive(Template)]
#[template(path = "console/dashboard.html")]
struct DashboardPage {
    frame: Frame,
    new_href: Option<String>,
    /// `None` where nobody was ever invited.
    overview: Option<Overview>,
}

/// What a series counts of a week.
type Count = fn(&WeekFigures) -> u64;

/// What is counted of a week, in the order of the table's columns.
const SERIES: [(&str, Fill, Count); 5] = [
    ("issued", Fill::Hollow, |week| week.issued),
    ("sent", Fill::Hatched, |week| week.sent),
    ("accepted", Fill::Plain, |week| week.accepted),
    ("declined", Fill::Hatched, |week| week.declined),
    ("expired", Fill::Dotted, |week| week.expired),
];

/// As the catalogue counts.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn counted(desk: &Desk, key: &str, count: i64) -> String {
    desk.say(key, &[("count", Arg::Number(count))])
}

/// How many of a hundred: neither none nor all unless it is so.
fn percent(part: u64, whole: u64) -> Option<i64> {
    if whole == 0 {
        return None;
    }
    let rounded = (u128::from(part) * 200 + u128::from(whole)) / (u128::from(whole) * 2);
    let rounded = i64::try_from(rounded).unwrap_or(100);
    Some(if part == 0 || part >= whole { rounded.min(100) } else { rounded.clamp(1, 99) })
}

fn is_empty(dashboard: &Dashboard) -> bool {
    let happened = |week: &Week| week.figures != WeekFigures::default();
    dashboard.statuses.values().all(|count| *count == 0) && !dashboard.weeks.iter().any(happened)
}

/// The list, of what is open, that which ends soonest first.
fn soon_href(desk: &Desk) -> String {
    format!("{}?status={}&sort=expires_at", desk.href(invitations::PATH), Status::Pending.name())
}

fn facts(desk: &Desk, dashboard: &Dashboard) -> Vec<Fact> {
    let text = desk.text();
    let now = |status| dashboard.statuses.get(&status).copied().unwrap_or_default();
    let total = |of: Count| dashboard.weeks.iter().map(|week| of(&week.figures)).sum::<u64>();
    let [accepted, declined, expired] =
        [total(|week| week.accepted), total(|week| week.declined), total(|week| week.expired)];
    let rate = percent(accepted, accepted + declined + expired);
    let suspended = number(now(Status::Suspended));
    let failed = dashboard.failed_deliveries;
    let failed_href = if desk.may(permission::DEAD_LETTERS_READ) {
        desk.href(Section::DeadLetters.path())
    } else {
        format!("{}?delivery={}", desk.href(invitations::PATH), DeliveryState::Failed.name())
    };
    let fact =
        |label: String, value: String| Fact { label, value, is_words: false, about: None, link: None, warns: false };
    vec![
        Fact {
            about: (suspended > 0).then(|| counted(desk, "dashboard-suspended", suspended)),
            ..fact(text.get("dashboard-open"), now(Status::Pending).to_string())
        },
        Fact {
            about: Some(rate.map_or_else(
                || text.get("dashboard-rate-none"),
                |percent| desk.say("dashboard-rate", &[("percent", Arg::Number(percent))]),
            )),
            ..fact(counted(desk, "dashboard-accepted", number(dashboard.weeks.len() as u64)), accepted.to_string())
        },
        match dashboard.median_wait {
            Some(wait) => Fact {
                is_words: true,
                about: Some(text.get("dashboard-median-text")),
                ..fact(text.get("dashboard-median"), duration(desk.language, wait.num_seconds()))
            },
            None => Fact {
                about: Some(text.get("dashboard-median-none")),
                ..fact(text.get("dashboard-median"), "–".to_owned())
            },
        },
        Fact {
            link: (dashboard.expiring > 0).then(|| ("#soon".to_owned(), text.get("dashboard-expiring-see"))),
            ..fact(
                counted(desk, "dashboard-expiring", StatisticsService::SOON.num_days()),
                dashboard.expiring.to_string(),
            )
        },
        Fact {
            link: (failed > 0).then(|| (failed_href, text.get("dashboard-undelivered-see"))),
            about: (failed == 0).then(|| text.get("dashboard-undelivered-none")),
            warns: failed > 0,
            ..fact(text.get("dashboard-undelivered"), failed.to_string())
        },
    ]
}

/// The series of these names.
fn series(desk: &Desk, dashboard: &Dashboard, names: &[&str]) -> Vec<Series> {
    let of = |(name, fill, count): (&'static str, Fill, Count)| Series {
        name,
        label: desk.text().get(&format!("dashboard-series-{name}")),
        fill,
        counts: dashboard.weeks.iter().map(|week| count(&week.figures)).collect(),
    };
    SERIES.into_iter().filter(|(name, ..)| names.contains(name)).map(of).collect()
}

/// "Issued: 3, Sent: 2".
fn pairs(desk: &Desk, series: &[Series], count: impl Fn(&Series) -> u64) -> String {
    let pair = |series: &Series| {
        let args = [("label", Arg::Text(&series.label)), ("count", Arg::Number(number(count(series))))];
        desk.say("dashboard-pair", &args)
    };
    series.iter().map(pair).collect::<Vec<_>>().join(", ")
}

fn plot(desk: &Desk, dashboard: &Dashboard, id: &'static str, names: &[&str], arrangement: Arrangement) -> Plot {
    let series = series(desk, dashboard, names);
    let dates: Vec<String> = dashboard.weeks.iter().map(|week| date(desk, dashboard, week)).collect();
    let all = pairs(desk, &series, |series| series.counts.iter().sum());
    let side = |week: Option<&String>| week.cloned().unwrap_or_default();
    let (from, until) = (side(dates.first()), side(dates.last()));
    let args = [("from", Arg::Text(&from)), ("until", Arg::Text(&until)), ("pairs", Arg::Text(&all))];
    let told = desk.say("dashboard-plot-text", &args);
    let title = desk.text().get(&format!("dashboard-{id}"));
    let week = |(week, date): (usize, String)| {
        let pairs = pairs(desk, &series, |series| series.counts.get(week).copied().unwrap_or_default());
        let of = desk.say("dashboard-week-of", &[("date", Arg::Text(&date))]);
        (date, format!("{of}\n{pairs}"))
    };
    let weeks = dates.into_iter().enumerate().map(week).collect();
    Plot::of(id, (title, told), weeks, series, arrangement)
}

fn date(desk: &Desk, dashboard: &Dashboard, week: &Week) -> String {
    short_date(desk.language, week.starts_at, &dashboard.time_zone)
}

fn numbers(desk: &Desk, dashboard: &Dashboard) -> Vec<NumbersRow> {
    let last = dashboard.weeks.len().saturating_sub(1);
    let row = |(place, week): (usize, &Week)| NumbersRow {
        date: date(desk, dashboard, week),
        machine: week.starts_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        running: place == last,
        counts: SERIES.map(|(.., count)| count(&week.figures)).into(),
    };
    dashboard.weeks.iter().enumerate().map(row).collect()
}

fn soon_row(desk: &Desk, record: &InvitationRecord) -> SoonRow {
    let invitation = &record.invitation;
    SoonRow {
        href: desk.href(&format!("{}/{}", invitations::PATH, invitation.id)),
        recipient: shown::recipient(desk, &invitation.recipient),
        role: shown::role(desk, record),
        expires: shown::instant(desk, invitation.expires_at),
    }
}

impl Overview {
    fn of(desk: &Desk, dashboard: &Dashboard) -> Self {
        let rows = numbers(desk, dashboard);
        let total = |place: usize| rows.iter().filter_map(|row| row.counts.get(place)).sum();
        let days = StatisticsService::SOON.num_days();
        let named = dashboard.expiring_first.len() as u64;
        Self {
            facts: facts(desk, dashboard),
            plots: vec![
                plot(desk, dashboard, "flow", &["issued", "sent", "accepted"], Arrangement::Grouped),
                plot(desk, dashboard, "outcomes", &["accepted", "declined", "expired"], Arrangement::Stacked),
            ],
            weeks_text: desk.say("dashboard-weeks-text", &[("zone", Arg::Text(&dashboard.time_zone))]),
            columns: SERIES.map(|(name, ..)| desk.text().get(&format!("dashboard-series-{name}"))).into(),
            totals: (0..SERIES.len()).map(total).collect(),
            rows,
            soon_title: counted(desk, "dashboard-expiring", days),
            soon_none: counted(desk, "dashboard-soon-none", days),
            soon: dashboard.expiring_first.iter().map(|record| soon_row(desk, record)).collect(),
            soon_more: number(dashboard.expiring.saturating_sub(named)),
            soon_href: soon_href(desk),
        }
    }
}

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    let boundaries = |zone: &str, now| weeks(zone, now, WEEKS);
    let dashboard = desk.visit.api.statistics.dashboard(&desk.caller, boundaries).await?;
    let page = DashboardPage {
        new_href: desk.may(permission::INVITATIONS_ISSUE).then(|| desk.href("/console/invitations/new")),
        overview: (!is_empty(&dashboard)).then(|| Overview::of(&desk, &dashboard)),
        frame: desk.frame(Section::Dashboard, desk.text().get("console-nav-dashboard"))?,
    };
    answer!(page)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn nearly_all_is_not_all_and_hardly_any_is_not_none() {
        let cases = [
            (0, 0, None),
            (0, 5, Some(0)),
            (1, 1_000, Some(1)),
            (1, 3, Some(33)),
            (2, 3, Some(67)),
            (1, 2, Some(50)),
            (999, 1_000, Some(99)),
            (5, 5, Some(100)),
            (u64::MAX, u64::MAX, Some(100)),
        ];
        for (part, whole, expected) in cases {
            assert_eq!(percent(part, whole), expected, "{part} of {whole}");
        }
    }
}
