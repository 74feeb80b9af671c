//! Bars by week, as what a template writes SVG of. Pure: from numbers to places.
//!
//! Across, everything is measured in per cent of the drawing's width, and down in pixels: so the drawing is as wide as its
//! panel, and its words are as large as all others on a telephone and on a wide screen. Where it is narrow, it shows fewer
//! dates: which ones, the style sheet decides.

use std::fmt;

/// How high the bars can be, in pixels.
const HEIGHT: u64 = 176;
/// The room above them, for the highest line's number.
const ABOVE: u64 = 8;
/// The room below them, for the dates.
const BELOW: u64 = 24;
/// The most steps between the lines.
const STEPS: u64 = 4;
/// How many hundredths of a week's width its bars take together.
const FILLED: u64 = 78;
/// How many hundredths of its share a bar among several takes.
const SHARE: u64 = 82;

/// Which dates are shown: from so many pixels of the drawing's width on, every third, every second, every one, counted from
/// the last. Where there is less room, every fourth. The style sheet says the same.
#[cfg(test)]
const ROOM: [(u32, u32); 3] = [(240, 3), (360, 2), (720, 1)];

/// A number of hundredths, written with a decimal point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Hundredths(u64);

impl fmt::Display for Hundredths {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0 / 100)?;
        match self.0 % 100 {
            0 => Ok(()),
            rest => write!(out, ".{rest:02}"),
        }
    }
}

/// How a bar is filled: shapes that differ also where colours do not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fill {
    Plain,
    Hollow,
    Hatched,
    Dotted,
}

/// What is counted, week by week.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Series {
    /// The class of its bars.
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) fill: Fill,
    pub(super) counts: Vec<u64>,
}

/// How the bars of a week stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Arrangement {
    Grouped,
    Stacked,
}

/// A line across with its number.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Tick {
    pub(super) y: Hundredths,
    pub(super) count: u64,
}

/// A bar. One of nothing is left out.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Bar {
    pub(super) name: &'static str,
    /// The pattern it is filled with; what its class says where `None`.
    pub(super) pattern: Option<String>,
    pub(super) x: Hundredths,
    pub(super) y: Hundredths,
    pub(super) width: Hundredths,
    pub(super) height: Hundredths,
}

/// A week.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Column {
    pub(super) label: String,
    /// What is told of it where somebody points at it.
    pub(super) told: String,
    /// Which of the rooms have its date.
    pub(super) class: String,
    pub(super) x: Hundredths,
    pub(super) width: Hundredths,
    pub(super) middle: Hundredths,
    pub(super) bars: Vec<Bar>,
}

/// What a series looks like.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) total: u64,
    pub(super) fill: Fill,
    pub(super) pattern: Option<String>,
    /// Names the pattern.
    pub(super) id: String,
}

/// A plot, ready to be written.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Plot {
    /// Its id in the page, from which the ids of its parts are made.
    pub(super) id: &'static str,
    pub(super) title: String,
    /// All of it in words.
    pub(super) told: String,
    pub(super) ticks: Vec<Tick>,
    pub(super) columns: Vec<Column>,
    pub(super) keys: Vec<Key>,
    /// How high the drawing is, in pixels.
    pub(super) height: u64,
    /// How far down the bars reach.
    pub(super) base: u64,
    /// Where the dates stand.
    pub(super) date_y: u64,
}

/// The distance between two lines: 1, 2 or 5 with noughts, so that few lines are enough.
fn step(most: u64) -> u64 {
    let mut decade: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = decade.saturating_mul(factor);
            if step.saturating_mul(STEPS) >= most {
                return step;
            }
        }
        decade = decade.saturating_mul(10);
    }
}

/// What the bars are drawn by.
struct Scale {
    arrangement: Arrangement,
    step: u64,
    /// What the highest line stands for.
    top: u64,
}

impl Scale {
    /// For weeks whose counts are these.
    fn of(arrangement: Arrangement, weeks: &[Vec<u64>]) -> Self {
        let highest = |counts: &Vec<u64>| match arrangement {
            Arrangement::Grouped => counts.iter().copied().max().unwrap_or_default(),
            Arrangement::Stacked => counts.iter().copied().fold(0, u64::saturating_add),
        };
        let most = weeks.iter().map(highest).max().unwrap_or_default();
        let step = step(most);
        Self { arrangement, step, top: step.saturating_mul(most.div_ceil(step).max(1)) }
    }

    /// Where so many are.
    fn y(&self, count: u64) -> Hundredths {
        let height = u128::from(count.min(self.top)) * u128::from(HEIGHT * 100) / u128::from(self.top);
        Hundredths((ABOVE + HEIGHT) * 100 - u64::try_from(height).unwrap_or_default())
    }

    fn ticks(&self) -> Vec<Tick> {
        let counts = (0..=self.top / self.step).map(|line| line * self.step);
        counts.map(|count| Tick { y: self.y(count), count }).collect()
    }

    /// The bars of a week that reaches from `left` to `right`, in hundredths of a per cent.
    fn bars(&self, keys: &[Key], counts: &[u64], (left, right): (u64, u64)) -> Vec<Bar> {
        let room = (right - left) * FILLED / 100;
        let start = left + (right - left - room) / 2;
        let share = room / counts.len().max(1) as u64;
        let mut below = 0;
        let mut bars = Vec::new();
        for ((key, count), place) in keys.iter().zip(counts).zip(0..) {
            let foot = below;
            let (x, width) = match self.arrangement {
                Arrangement::Grouped => (start + share * place, share * SHARE / 100),
                Arrangement::Stacked => {
                    below = u64::saturating_add(below, *count);
                    (start + room / 8, room * 3 / 4)
                }
            };
            let (y, base) = (self.y(foot.saturating_add(*count)), self.y(foot));
            if *count > 0 {
                bars.push(Bar {
                    name: key.name,
                    pattern: key.pattern.clone(),
                    x: Hundredths(x),
                    y,
                    width: Hundredths(width),
                    height: Hundredths(base.0 - y.0),
                });
            }
        }
        bars
    }
}

impl Plot {
    /// Draws what is counted over some weeks, each with its short date and what is told of it.
    pub(super) fn of(
        id: &'static str,
        (title, told): (String, String),
        weeks: Vec<(String, String)>,
        series: Vec<Series>,
        arrangement: Arrangement,
    ) -> Self {
        let of_week = |week| series.iter().map(|each| each.counts.get(week).copied().unwrap_or_default()).collect();
        let counts: Vec<Vec<u64>> = (0..weeks.len()).map(of_week).collect();
        let keys: Vec<Key> = series.into_iter().map(|series| Key::of(id, series)).collect();
        let scale = Scale::of(arrangement, &counts);
        let all = weeks.len() as u64;
        let place = |week: u64| week * 100 * 100 / all;
        let column = |(((label, told), counts), week): (((String, String), &Vec<u64>), u64)| {
            let sides = (place(week), place(week + 1));
            Column {
                label,
                told,
                class: class(all - 1 - week),
                x: Hundredths(sides.0),
                width: Hundredths(sides.1 - sides.0),
                middle: Hundredths(u64::midpoint(sides.0, sides.1)),
                bars: scale.bars(&keys, counts, sides),
            }
        };
        let columns = weeks.into_iter().zip(&counts).zip(0..).map(column).collect();
        let height = ABOVE + HEIGHT + BELOW;
        Self { id, title, told, ticks: scale.ticks(), columns, keys, height, base: ABOVE + HEIGHT, date_y: height - 5 }
    }
}

impl Key {
    fn of(plot: &str, series: Series) -> Self {
        let id = format!("{plot}-{}", series.name);
        let is_pattern = matches!(series.fill, Fill::Hatched | Fill::Dotted);
        Self {
            name: series.name,
            label: series.label,
            total: series.counts.iter().copied().fold(0, u64::saturating_add),
            fill: series.fill,
            pattern: is_pattern.then(|| format!("url(#{id})")),
            id,
        }
    }

    /// Whether it is filled with a pattern of strokes.
    pub(super) fn is_hatched(&self) -> bool {
        self.fill == Fill::Hatched
    }
}

/// Where the date of a week is shown that so many weeks follow: `every-3` is the class of every third one.
fn class(following: u64) -> String {
    let rooms = (2..=4).filter(|every| following.is_multiple_of(*every)).map(|every| format!(" every-{every}"));
    std::iter::once("date".to_owned()).chain(rooms).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Duration, Utc};
    use invite_text::{Language, short_date};

    const STYLE: &str = include_str!("../../../assets/console.css");

    fn plot(arrangement: Arrangement, counts: &[&[u64]]) -> Plot {
        let names = ["issued", "sent", "accepted"];
        let fills = [Fill::Hollow, Fill::Hatched, Fill::Plain];
        let series = counts.iter().zip(names).zip(fills).map(|((counts, name), fill)| Series {
            name,
            label: name.to_owned(),
            fill,
            counts: counts.to_vec(),
        });
        let weeks = (0..counts[0].len()).map(|week| (week.to_string(), String::new())).collect();
        Plot::of("flow", (String::new(), String::new()), weeks, series.collect(), arrangement)
    }

    fn heights(plot: &Plot) -> Vec<Vec<(&'static str, u64)>> {
        let of_column = |column: &Column| column.bars.iter().map(|bar| (bar.name, bar.height.0)).collect();
        plot.columns.iter().map(of_column).collect()
    }

    #[test]
    fn bars_are_as_high_as_their_counts_in_proportion() {
        let plot = plot(Arrangement::Grouped, &[&[10, 0, 5], &[20, 1, 0]]);
        // The highest line is 20.
        let unit = HEIGHT * 100 / 20;
        assert_eq!(
            heights(&plot),
            [vec![("issued", 10 * unit), ("sent", 20 * unit)], vec![("sent", unit)], vec![("issued", 5 * unit)]]
        );
        for bar in plot.columns.iter().flat_map(|column| &column.bars) {
            assert_eq!(bar.y.0 + bar.height.0, plot.base * 100, "it stands on the ground: {bar:?}");
        }
    }

    #[test]
    fn stacked_bars_stand_on_one_another_without_a_gap() {
        let plot = plot(Arrangement::Stacked, &[&[3, 0, 7], &[4, 0, 0], &[2, 0, 1]]);
        assert_eq!(plot.ticks.iter().map(|tick| tick.count).collect::<Vec<_>>(), [0, 5, 10]);
        let first = &plot.columns[0].bars;
        assert_eq!(first.len(), 3);
        for pair in first.windows(2) {
            assert_eq!(pair[1].y.0 + pair[1].height.0, pair[0].y.0);
            assert_eq!((pair[1].x, pair[1].width), (pair[0].x, pair[0].width));
        }
        assert_eq!(first.iter().map(|bar| bar.height.0).sum::<u64>(), HEIGHT * 100 * 9 / 10);
        assert!(plot.columns[1].bars.is_empty());
    }

    #[test]
    fn bars_stay_in_their_week_and_do_not_overlap() {
        let full: Vec<u64> = vec![7; 12];
        let plot = plot(Arrangement::Grouped, &[&full, &full, &full]);
        for column in &plot.columns {
            assert_eq!(column.bars.len(), 3);
            assert!(column.x < column.bars[0].x);
            assert!(column.bars.windows(2).all(|pair| pair[0].x.0 + pair[0].width.0 < pair[1].x.0));
            assert!(column.bars[2].x.0 + column.bars[2].width.0 < column.x.0 + column.width.0);
        }
        let mut ends = plot.columns.iter().map(|column| column.x.0 + column.width.0);
        assert_eq!(ends.next_back(), Some(100 * 100));
    }

    #[test]
    fn nothing_at_all_is_an_empty_drawing_with_a_scale() {
        for arrangement in [Arrangement::Grouped, Arrangement::Stacked] {
            let plot = plot(arrangement, &[&[0; 12], &[0; 12]]);
            assert!(plot.columns.len() == 12 && plot.columns.iter().all(|column| column.bars.is_empty()));
            let ticks: Vec<(u64, u64)> = plot.ticks.iter().map(|tick| (tick.count, tick.y.0)).collect();
            assert_eq!(ticks, [(0, (ABOVE + HEIGHT) * 100), (1, ABOVE * 100)]);
        }
        let none = Plot::of("flow", (String::new(), String::new()), Vec::new(), Vec::new(), Arrangement::Grouped);
        assert!(none.columns.is_empty());
    }

    #[test]
    fn lines_are_few_and_round_and_the_highest_is_above_every_bar() {
        for most in (0..2_000).chain([9_999, 10_000, 123_456_789, u64::MAX / 2, u64::MAX]) {
            let plot = plot(Arrangement::Grouped, &[&[most, 0]]);
            let counts: Vec<u64> = plot.ticks.iter().map(|tick| tick.count).collect();
            assert!((2..=5).contains(&counts.len()), "{most}: {counts:?}");
            assert!(counts.is_sorted_by(|one, next| one < next) && counts[0] == 0, "{most}: {counts:?}");
            let first = counts[1].to_string();
            let (digit, noughts) = first.split_at(1);
            assert!(["1", "2", "5"].contains(&digit) && noughts.bytes().all(|b| b == b'0'), "{most}: {counts:?}");
            assert!(most > u64::MAX / 2 || *counts.last().unwrap() >= most, "{most}: {counts:?}");
            let bars = plot.columns.iter().flat_map(|column| &column.bars);
            assert!(bars.clone().all(|bar| bar.y.0 >= ABOVE * 100 && bar.height.0 <= HEIGHT * 100), "{most}");
        }
    }

    #[test]
    fn numbers_are_written_with_a_point_and_only_the_digits_they_need() {
        let written = [0, 5, 100, 833, 1_050, 10_000].map(|n| Hundredths(n).to_string());
        assert_eq!(written, ["0", "0.05", "1", "8.33", "10.50", "100"]);
    }

    /// How wide a text of twelve pixels is at most, in common fonts without serifs.
    fn width(text: &str) -> u32 {
        let of = |c: char| match c {
            '.' | ' ' | 'i' | 'j' | 'l' => 4,
            'f' | 't' | 'r' => 5,
            'm' | 'M' => 11,
            c if c.is_uppercase() => 9,
            _ => 7,
        };
        text.chars().map(of).sum()
    }

    #[test]
    fn the_dates_of_twelve_weeks_do_not_overlap_in_any_language_and_room() {
        let day: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let days = (0..365).map(|days| day + Duration::days(days));
        let dates = days.flat_map(|at| Language::ALL.iter().map(move |language| short_date(*language, at, "UTC")));
        let widest = dates.map(|date| width(&date)).max().unwrap();
        assert!(widest >= 50, "a test that measures nothing: {widest}");
        // 320 pixels are the narrowest a page has to work at (WCAG 2.2, 1.4.10); less the margins and the scale.
        for (wide, every) in std::iter::once((200, 4)).chain(ROOM) {
            let distance = wide * every / 12;
            assert!(distance >= widest + 2, "{wide}: {distance} for {widest}");
            if every == 4 {
                continue;
            }
            // The scale stands beside the drawing, within the room that the style sheet asks for.
            let rule = format!("@container plot (min-width: {}px)", wide + 44);
            let shown = STYLE.split(&rule).nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default();
            let class = if every == 1 { ".date".to_owned() } else { format!(".every-{every}") };
            assert!(shown.contains(&format!("{class} {{ display: inline")), "{rule}: {shown}");
        }
    }

    #[test]
    fn dates_are_left_out_from_the_last_one_on() {
        let plot = plot(Arrangement::Grouped, &[&[1; 12]]);
        let shown = |class: &str| {
            let columns = plot.columns.iter().filter(|column| column.class.split(' ').any(|each| each == class));
            columns.map(|column| column.label.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown("date"), "0 1 2 3 4 5 6 7 8 9 10 11");
        assert_eq!(shown("every-2"), "1 3 5 7 9 11");
        assert_eq!(shown("every-3"), "2 5 8 11");
        assert_eq!(shown("every-4"), "3 7 11");
    }

    #[test]
    fn every_series_has_a_fill_of_its_own_and_is_named_in_the_key() {
        let plot = plot(Arrangement::Stacked, &[&[1, 2], &[3, 4], &[5, 6]]);
        let keys: Vec<_> =
            plot.keys.iter().map(|key| (key.label.as_str(), key.total, key.pattern.as_deref())).collect();
        assert_eq!(keys, [("issued", 3, None), ("sent", 7, Some("url(#flow-sent)")), ("accepted", 11, None)]);
        assert!(plot.columns.iter().flat_map(|column| &column.bars).all(|bar| {
            bar.pattern.as_deref()
                == plot.keys.iter().find(|key| key.name == bar.name).and_then(|key| key.pattern.as_deref())
        }));
        for name in ["issued", "sent", "accepted", "declined", "expired"] {
            assert!(STYLE.contains(&format!(".plot .{name} ")), "{name} has no colour");
        }
    }
}
