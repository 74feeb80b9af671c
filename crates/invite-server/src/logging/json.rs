//! An event of the log as a line of JSON, written into one buffer. `tracing-subscriber` writes the same line a few bytes at a
//! time, which costs several times as much; it still writes what is not as plain.

use crate::runtime::SystemClock;
use chrono::{Datelike as _, Timelike as _};
use invite_domain::port::Clock as _;
use serde::Serialize;
use std::fmt::{self, Write as _};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Json, Writer},
    },
    registry::LookupSpan,
};

/// What libraries log with `log` comes under this target, and says in fields where it is from.
const FOREIGN: &str = "log";

/// Writes plain events, and leaves others to the format it stands for.
pub(super) struct Plain(pub(super) Format<Json>);

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        if metadata.target() == FOREIGN || event.parent().is_some() || ctx.lookup_current().is_some() {
            return self.0.format_event(ctx, writer, event);
        }
        let mut line = Line(Vec::with_capacity(384));
        line.0.extend_from_slice(b"{\"timestamp\":\"");
        line.now();
        line.0.extend_from_slice(b"\",\"level\":\"");
        line.0.extend_from_slice(metadata.level().as_str().as_bytes());
        line.0.push(b'"');
        event.record(&mut line);
        line.member("target", &metadata.target());
        line.0.extend_from_slice(b"}\n");
        writer.write_str(std::str::from_utf8(&line.0).map_err(|_| fmt::Error)?)
    }
}

/// The line as far as it is written.
struct Line(Vec<u8>);

impl Line {
    /// The present, as RFC 3339 with microseconds.
    fn now(&mut self) {
        let now = SystemClock.now();
        let year = u32::try_from(now.year()).unwrap_or_default();
        for (number, width, end) in [
            (year, 4, b'-'),
            (now.month(), 2, b'-'),
            (now.day(), 2, b'T'),
            (now.hour(), 2, b':'),
            (now.minute(), 2, b':'),
            (now.second(), 2, b'.'),
            (now.timestamp_subsec_micros(), 6, b'Z'),
        ] {
            self.digits(number, width);
            self.0.push(end);
        }
    }

    fn digits(&mut self, number: u32, width: usize) {
        let mut rest = number;
        let from = self.0.len();
        self.0.resize(from + width, b'0');
        for place in self.0.iter_mut().skip(from).rev() {
            *place = b'0' + (rest % 10).to_le_bytes()[0];
            rest /= 10;
        }
    }

    fn member(&mut self, name: &str, value: &impl Serialize) {
        self.0.push(b',');
        let before = self.0.len();
        let name = serde_json::to_writer(&mut self.0, name);
        self.0.push(b':');
        if name.and_then(|()| serde_json::to_writer(&mut self.0, value)).is_err() {
            // A value that cannot be written leaves the rest of the line whole.
            self.0.truncate(before - 1);
        }
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field.name(), &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field.name(), &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field.name(), &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.member(field.name(), &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing to a text fails where the value itself does; then what it said is what there is.
        let _said = write!(text, "{value:?}");
        self.member(field.name(), &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::{
        io,
        sync::{Arc, Mutex},
    };
    use tracing_subscriber::{Layer as _, layer::SubscriberExt as _};

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines, in our way or in the library's.
    fn lines(ours: bool, events: impl FnOnce()) -> Vec<Value> {
        let buffer = Buffer::default();
        let into = buffer.clone();
        let layer = tracing_subscriber::fmt::layer().with_writer(move || into.clone()).json().flatten_event(true);
        let layer = if ours { layer.map_event_format(Plain).boxed() } else { layer.boxed() };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), events);
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn all() {
        tracing::info!(method = "GET", status = 404_u16, code = Some("not_found"), duration_ms = 0.415_234, "request");
        tracing::warn!(negative = -7, flag = true, none = None::<&str>, nothing = f64::NAN, "odd \"text\"\n\u{1} é");
        tracing::error!(shown = %"a b", debugged = ?Some("x\"y"), "it failed: {}", 7);
        tracing::debug!(target: "elsewhere", "no field");
        tracing::info!(without = "a message");
        let span = tracing::info_span!("outer", of = 1);
        let _inside = span.enter();
        tracing::info!("within");
    }

    #[test]
    fn a_line_is_the_one_the_library_writes() {
        let (mut ours, mut theirs) = (lines(true, all), lines(false, all));
        assert_eq!(ours.len(), 6);
        for (ours, theirs) in ours.iter_mut().zip(&mut theirs) {
            let (own, other) = (ours["timestamp"].take(), theirs["timestamp"].take());
            let (own, other) = (own.as_str().unwrap(), other.as_str().unwrap());
            assert_eq!(own.len(), other.len(), "{own} {other}");
            assert!(own.parse::<chrono::DateTime<chrono::Utc>>().is_ok() && own.ends_with('Z'), "{own}");
            // Members stand in the same order, too.
            assert_eq!(ours.to_string(), theirs.to_string());
        }
        assert_eq!(ours[5]["span"]["name"], "outer");
    }
}
