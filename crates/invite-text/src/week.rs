//! Weeks of a calendar.

use chrono::{DateTime, Datelike as _, Days, Duration, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

/// The instants at which the last `count` weeks begin, the running one the last of them, and the instant at which it ends: one
/// more than `count`, in order. A week begins on Monday (ISO 8601) as the day begins in the time zone.
///
/// `zone` is a name of the IANA time zone database; an unknown one counts as UTC. Where the clocks change, a week has an
/// hour more or less. Where Monday's midnight does not exist, its day begins at the first instant that does; where it comes
/// twice, at the first.
pub fn weeks(zone: &str, now: DateTime<Utc>, count: u32) -> Vec<DateTime<Utc>> {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let today = now.with_timezone(&zone).date_naive();
    let since_monday = u64::from(today.weekday().num_days_from_monday());
    let end = today.checked_sub_days(Days::new(since_monday)).and_then(|monday| monday.checked_add_days(Days::new(7)));
    let end = end.unwrap_or(today);
    let mondays = (0..=count).rev().filter_map(|back| end.checked_sub_days(Days::new(7 * u64::from(back))));
    mondays.map(|monday| first_instant(zone, monday)).collect()
}

/// The first instant of a day.
fn first_instant(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    // Clocks skip an hour at most times, and a day once in a while: where a line of dates was moved.
    let mut minutes = (0..=48).map(|half_hours| midnight + Duration::minutes(30 * half_hours));
    let first = minutes.find_map(|local| zone.from_local_datetime(&local).earliest());
    first.map_or_else(|| midnight.and_utc(), |first| first.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn written(all: &[DateTime<Utc>]) -> Vec<String> {
        all.iter().map(|at| at.format("%Y-%m-%dT%H:%MZ").to_string()).collect()
    }

    #[test]
    fn the_running_week_is_the_last_and_begins_on_monday() {
        // A Sunday's last minute and the Monday after it.
        let expected = ["2026-11-02T00:00Z", "2026-11-09T00:00Z", "2026-11-16T00:00Z", "2026-11-23T00:00Z"];
        assert_eq!(written(&weeks("UTC", at("2026-11-22T23:59:59Z"), 3)), expected);
        assert_eq!(
            written(&weeks("UTC", at("2026-11-23T00:00:00Z"), 2))[1..],
            ["2026-11-23T00:00Z", "2026-11-30T00:00Z"]
        );
        assert_eq!(weeks("Nowhere/Else", at("2026-11-22T23:59:59Z"), 12).len(), 13);
    }

    #[test]
    fn days_begin_in_the_time_zone_also_where_clocks_change() {
        // Sunday evening in UTC is Monday in Paris already.
        let paris = weeks("Europe/Paris", at("2026-10-25T23:30:00Z"), 2);
        assert_eq!(written(&paris), ["2026-10-18T22:00Z", "2026-10-25T23:00Z", "2026-11-01T23:00Z"]);
        for zone in chrono_tz::TZ_VARIANTS {
            let all = weeks(zone.name(), at("2026-11-22T12:00:00Z"), 53);
            assert_eq!(all.len(), 54, "{zone}");
            assert!(
                all.windows(2).all(|pair| (pair[1] - pair[0] - Duration::days(7)).abs() <= Duration::hours(3)),
                "{zone}"
            );
            assert!(all[52] <= at("2026-11-22T12:00:00Z") && at("2026-11-22T12:00:00Z") < all[53], "{zone}");
        }
    }

    #[test]
    fn a_day_without_a_midnight_begins_at_its_first_instant() {
        let day = NaiveDate::from_ymd_opt(2018, 11, 4).unwrap();
        // São Paulo, Sunday 4 November 2018: 0:00 did not exist.
        assert_eq!(first_instant(chrono_tz::America::Sao_Paulo, day), at("2018-11-04T03:00:00Z"));
    }
}
