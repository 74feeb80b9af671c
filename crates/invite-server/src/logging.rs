//! The log: structured, to standard error, without secrets.

mod json;
mod lines;

use crate::config::{LogConfig, LogFormat};
use json::Plain;
use lines::Lines;
use std::io::IsTerminal as _;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterFn, filter_fn},
    fmt::MakeWriter,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// Libraries that see requests, mails or statements. Below `info` they may print what passes through them: headers with
/// credentials, paths with tokens, dialogues with a mail server. No filter can open them further.
const CLOSED_BELOW_INFO: &[&str] = &[
    "actix_http",
    "actix_server",
    "actix_web",
    "h2",
    "hyper",
    "hyper_rustls",
    "hyper_util",
    "lettre",
    "mio",
    "reqwest",
    "rustls",
    "sea_orm",
    "sea_orm_migration",
    "sqlx",
];

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is none.
    #[error("INVITE_LOG: write a level (error, warn, info, debug, trace) or a filter such as info,invite_domain=debug")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// There is no thread to write it from.
    #[error("the log cannot be written: {0}")]
    Thread(#[from] std::io::Error),
    /// A log has been set up already.
    #[error("the log cannot be set up twice")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// The log of the process. Dropped, it has written everything, and writes what still comes at once.
#[derive(Debug)]
#[must_use = "the last lines are written when this is dropped"]
pub struct Log(Option<Lines>);

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(lines) = &self.0 {
            lines.end();
        }
    }
}

/// Sets the log of the process up: as text on a terminal, as JSON otherwise, unless the configuration says which. Text is for
/// somebody who looks on, and is written line by line; machines get a few lines together.
pub fn init(config: &LogConfig) -> Result<Log, LogError> {
    let format =
        config.format.unwrap_or(if std::io::stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json });
    let lines = match format {
        LogFormat::Text => None,
        LogFormat::Json => Some(Lines::to(std::io::stderr())?),
    };
    match lines.clone() {
        Some(lines) => subscriber(&config.filter, format, lines)?.try_init()?,
        None => subscriber(&config.filter, format, std::io::stderr)?.try_init()?,
    }
    Ok(Log(lines))
}

fn subscriber<W>(filter: &str, format: LogFormat, writer: W) -> Result<Box<dyn Subscriber + Send + Sync>, LogError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse(filter)?;
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer = match format {
        LogFormat::Text => layer.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).map_event_format(Plain).boxed(),
    };
    Ok(Box::new(tracing_subscriber::registry().with(filter).with(closed()).with(layer)))
}

fn closed() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    filter_fn(|metadata| {
        let library = metadata.target().split("::").next().unwrap_or_default();
        *metadata.level() <= Level::INFO || !CLOSED_BELOW_INFO.contains(&library)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: &str, format: LogFormat, events: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let subscriber = subscriber(filter, format, {
            let buffer = buffer.clone();
            move || buffer.clone()
        })
        .unwrap();
        tracing::subscriber::with_default(subscriber, events);
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_has_an_object_a_line_with_the_fields_at_its_top() {
        let text = logged("info", LogFormat::Json, || {
            tracing::info!(organization = "acme", "issued");
            tracing::debug!("not asked for");
            tracing::warn!("late");
        });
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0]["message"], "issued");
        assert_eq!(lines[0]["organization"], "acme");
        assert_eq!(lines[1]["level"], "WARN");
    }

    #[test]
    fn a_filter_opens_one_module() {
        let text = logged("warn,invite_domain=debug", LogFormat::Text, || {
            tracing::debug!(target: "invite_domain::service", "wanted");
            tracing::info!(target: "invite_http", "unwanted");
        });
        assert!(text.contains("wanted") && !text.contains("unwanted"), "{text}");
    }

    #[test]
    fn libraries_that_see_secrets_stay_closed_whatever_the_filter_says() {
        let text = logged("trace,actix_http=trace,sqlx=debug", LogFormat::Text, || {
            tracing::trace!(target: "actix_http::h1::dispatcher", "authorization: ivk_secret");
            tracing::debug!(target: "sqlx::query", "secret bound");
            tracing::debug!(target: "lettre", "secret dialogue");
            tracing::info!(target: "actix_server::builder", "starting");
            tracing::trace!(target: "invite_http::extract", "ours");
        });
        assert!(!text.contains("secret"), "{text}");
        assert!(text.contains("starting") && text.contains("ours"), "{text}");
    }
}
