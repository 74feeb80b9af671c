//! Dates and durations as people write them.

use crate::{Arg, Language, Text};
use chrono::{DateTime, Datelike, Offset, Timelike, Utc};
use chrono_tz::Tz;

/// Date and time in a time zone, to the minute: "Saturday, 28 November 2026 at 14:05 UTC".
///
/// `zone` is a name of the IANA time zone database (`Europe/Paris`); an unknown one counts as UTC. The zone is shown as
/// its difference to UTC ("UTC+1"): abbreviations like "CST" mean several zones, and city names would need translation.
/// Seconds are cut off, so that a deadline is never told later than it is.
pub fn date_time(language: Language, at: DateTime<Utc>, zone: &str) -> String {
    let local = at.with_timezone(&parse_zone(zone));
    let time = format!("{:02}:{:02}", local.hour(), local.minute());
    let zone = difference(local.offset().fix().local_minus_utc());
    let date = written(language, &local);
    Text::new(language)
        .with("date-time", &[("date", Arg::Text(&date)), ("time", Arg::Text(&time)), ("zone", Arg::Text(&zone))])
}

/// The date alone in a time zone: "Saturday, 28 November 2026". `zone` as in [`date_time`].
pub fn date(language: Language, at: DateTime<Utc>, zone: &str) -> String {
    written(language, &at.with_timezone(&parse_zone(zone)))
}

/// Day and month in a time zone, for where there is little room: "28 Nov". `zone` as in [`date_time`].
pub fn short_date(language: Language, at: DateTime<Utc>, zone: &str) -> String {
    let local = at.with_timezone(&parse_zone(zone));
    let text = Text::new(language);
    let month = text.with("date-month-short", &[("month", Arg::Number(i64::from(local.month())))]);
    text.with("date-short", &[("day", Arg::Number(i64::from(local.day()))), ("month", Arg::Text(&month))])
}

/// A length of time in its largest unit and, where it is not even, the next smaller one: "7 days", "1 hour and 30
/// minutes". What is smaller is cut off, so that it is never told longer than it is; a negative length counts as none.
pub fn duration(language: Language, seconds: i64) -> String {
    const UNITS: [(&str, i64); 4] =
        [("duration-days", 86_400), ("duration-hours", 3_600), ("duration-minutes", 60), ("duration-seconds", 1)];
    let text = Text::new(language);
    let count = |key: &str, count: i64| text.with(key, &[("count", Arg::Number(count))]);

    let seconds = seconds.max(0);
    let Some(largest) = UNITS.iter().position(|(_, length)| seconds >= *length) else {
        return count("duration-seconds", 0);
    };
    let (key, length) = UNITS[largest];
    let first = count(key, seconds / length);
    match UNITS.get(largest + 1) {
        Some((smaller_key, smaller)) if seconds % length >= *smaller => {
            let second = count(smaller_key, seconds % length / smaller);
            text.with("duration-two-units", &[("first", Arg::Text(&first)), ("second", Arg::Text(&second))])
        }
        _ => first,
    }
}

fn parse_zone(zone: &str) -> Tz {
    zone.parse().unwrap_or(Tz::UTC)
}

fn written(language: Language, local: &DateTime<Tz>) -> String {
    let text = Text::new(language);
    let weekday = i64::from(local.weekday().number_from_monday());
    let weekday = text.with("date-weekday", &[("weekday", Arg::Number(weekday))]);
    let month = text.with("date-month", &[("month", Arg::Number(i64::from(local.month())))]);
    text.with(
        "date-day",
        &[
            ("weekday", Arg::Text(&weekday)),
            ("day", Arg::Number(i64::from(local.day()))),
            ("month", Arg::Text(&month)),
            ("year", Arg::Number(i64::from(local.year()))),
        ],
    )
}

/// "UTC", "UTC+1", "UTC+5:30", "UTC−3". The minus sign is U+2212, at which no line is broken.
fn difference(seconds_east: i32) -> String {
    let minutes = seconds_east.abs() / 60;
    let sign = if seconds_east < 0 { '\u{2212}' } else { '+' };
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{date, date_time, duration, short_date};
    use crate::Language::{self, De, En, Es, Fr};
    use chrono::{DateTime, TimeZone, Utc};
    use proptest::prelude::*;

    fn at(year: i32, month: u32, day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(year, month, day, hour, minute, 59).single().expect("a valid instant")
    }

    #[test]
    fn an_instant_is_written_as_people_of_the_language_do_in_the_zone() {
        let instant = at(2026, 11, 28, 14, 5);
        let cases = [
            (En, "UTC", "Saturday, 28 November 2026 at 14:05 UTC"),
            (Fr, "UTC", "samedi 28 novembre 2026 à 14:05 UTC"),
            (De, "UTC", "Samstag, 28. November 2026 um 14:05 Uhr UTC"),
            (Es, "UTC", "sábado 28 de noviembre de 2026, 14:05 UTC"),
            (En, "Europe/Paris", "Saturday, 28 November 2026 at 15:05 UTC+1"),
            (Fr, "Europe/Paris", "samedi 28 novembre 2026 à 15:05 UTC+1"),
            (De, "Europe/Vienna", "Samstag, 28. November 2026 um 15:05 Uhr UTC+1"),
            (Es, "America/Bogota", "sábado 28 de noviembre de 2026, 09:05 UTC−5"),
            (En, "Asia/Kolkata", "Saturday, 28 November 2026 at 19:35 UTC+5:30"),
            (Fr, "America/Sao_Paulo", "samedi 28 novembre 2026 à 11:05 UTC−3"),
            (En, "Pacific/Auckland", "Sunday, 29 November 2026 at 03:05 UTC+13"),
            (En, "Nowhere/Atlantis", "Saturday, 28 November 2026 at 14:05 UTC"),
            (En, "", "Saturday, 28 November 2026 at 14:05 UTC"),
        ];
        for (language, zone, expected) in cases {
            assert_eq!(date_time(language, instant, zone), expected, "{zone}");
        }
    }

    #[test]
    fn the_difference_to_utc_is_that_of_the_day() {
        assert_eq!(date_time(En, at(2026, 7, 1, 12, 0), "Europe/Paris"), "Wednesday, 1 July 2026 at 14:00 UTC+2");
        assert_eq!(date_time(En, at(2026, 1, 1, 12, 0), "Europe/Paris"), "Thursday, 1 January 2026 at 13:00 UTC+1");
    }

    #[test]
    fn the_first_of_a_month_has_its_own_form_in_french() {
        assert_eq!(date(Fr, at(2026, 12, 1, 12, 0), "UTC"), "mardi 1er décembre 2026");
        assert_eq!(date(Fr, at(2026, 12, 21, 12, 0), "UTC"), "lundi 21 décembre 2026");
        assert_eq!(date(En, at(2026, 12, 1, 12, 0), "UTC"), "Tuesday, 1 December 2026");
        assert_eq!(date(De, at(2026, 12, 1, 12, 0), "UTC"), "Dienstag, 1. Dezember 2026");
        assert_eq!(date(Es, at(2026, 12, 1, 12, 0), "UTC"), "martes 1 de diciembre de 2026");
    }

    /// The names of a year's months and of a week's days, from Monday on.
    fn names(language: Language) -> (&'static str, &'static str) {
        match language {
            En => (
                "January February March April May June July August September October November December",
                "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
            ),
            Fr => (
                "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
                "lundi mardi mercredi jeudi vendredi samedi dimanche",
            ),
            De => (
                "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
                "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
            ),
            Es => (
                "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
                "lunes martes miércoles jueves viernes sábado domingo",
            ),
        }
    }

    #[test]
    fn every_month_and_weekday_has_its_name() {
        for language in Language::ALL {
            let (months, weekdays) = names(*language);
            // In Spanish "de" stands between the day and the month.
            let place = if *language == Es { 3 } else { 2 };
            let written: Vec<String> =
                (1..=12).map(|month| word(&date(*language, at(2026, month, 2, 0, 0), "UTC"), place)).collect();
            assert_eq!(written.join(" "), months);
            // 1 June 2026 is a Monday.
            let written: Vec<String> =
                (1..=7).map(|day| word(&date(*language, at(2026, 6, day, 0, 0), "UTC"), 0)).collect();
            assert_eq!(written.join(" "), weekdays);
        }
    }

    fn word(text: &str, index: usize) -> String {
        text.split(' ').nth(index).unwrap_or_default().trim_end_matches(',').to_owned()
    }

    #[test]
    fn a_duration_has_its_plural_form_and_at_most_two_units() {
        let cases = [
            (604_800, ["7 days", "7 jours", "7 Tage", "7 días"]),
            (86_400, ["1 day", "1 jour", "1 Tag", "1 día"]),
            (3_600, ["1 hour", "1 heure", "1 Stunde", "1 hora"]),
            (7_200, ["2 hours", "2 heures", "2 Stunden", "2 horas"]),
            (
                5_400,
                ["1 hour and 30 minutes", "1 heure et 30 minutes", "1 Stunde und 30 Minuten", "1 hora y 30 minutos"],
            ),
            (90_000, ["1 day and 1 hour", "1 jour et 1 heure", "1 Tag und 1 Stunde", "1 día y 1 hora"]),
            (86_460, ["1 day", "1 jour", "1 Tag", "1 día"]),
            (172_800 + 7_199, ["2 days and 1 hour", "2 jours et 1 heure", "2 Tage und 1 Stunde", "2 días y 1 hora"]),
            (300, ["5 minutes", "5 minutes", "5 Minuten", "5 minutos"]),
            (61, ["1 minute and 1 second", "1 minute et 1 seconde", "1 Minute und 1 Sekunde", "1 minuto y 1 segundo"]),
            (59, ["59 seconds", "59 secondes", "59 Sekunden", "59 segundos"]),
            (1, ["1 second", "1 seconde", "1 Sekunde", "1 segundo"]),
            // Nothing is one in French and many elsewhere.
            (0, ["0 seconds", "0 seconde", "0 Sekunden", "0 segundos"]),
            (-5, ["0 seconds", "0 seconde", "0 Sekunden", "0 segundos"]),
        ];
        for (seconds, expected) in cases {
            assert_eq!([En, Fr, De, Es].map(|language| duration(language, seconds)), expected);
        }
    }

    #[test]
    fn a_short_date_has_the_day_and_the_month_in_the_time_zone() {
        let all = |at, zone| [En, Fr, De, Es].map(|language| short_date(language, at, zone));
        assert_eq!(all(at(2026, 11, 16, 12, 0), "UTC"), ["16 Nov", "16 nov.", "16. Nov.", "16 nov"]);
        assert_eq!(all(at(2026, 8, 31, 22, 0), "Europe/Paris"), ["1 Sep", "1er sept.", "1. Sept.", "1 sept"]);
        assert_eq!(all(at(2026, 3, 1, 0, 0), "America/Bogota"), ["28 Feb", "28 févr.", "28. Feb.", "28 feb"]);
    }

    proptest! {
        #[test]
        fn no_instant_and_no_zone_makes_it_fail(seconds in any::<i64>(), zone in ".{0,40}") {
            let instant = DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
            for zone in [zone.as_str(), "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
                for language in Language::ALL {
                    prop_assert!(date_time(*language, instant, zone).contains("UTC"));
                    prop_assert!(!duration(*language, seconds).is_empty());
                }
            }
        }
    }
}
