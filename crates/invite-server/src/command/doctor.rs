use super::CommandError;
use crate::{
    app,
    config::{Config, ConfigError},
    failure::Chain,
    health, keyring,
    parts::{self, PartsError, Schema},
    runtime::SystemClock,
};
use clap::Args;
use invite_domain::{
    port::{Clock as _, DeliveryError, Directory as _},
    secret::keyring::{KeyRing, KeyState},
};
use std::{io::Write, path::PathBuf};

/// `invite doctor`: looks at everything the service needs and says what to change.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {}

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    Doubtful,
    Bad,
}

/// Writes a line for each check and remembers whether one failed.
struct Report<'a> {
    out: &'a mut dyn Write,
    failures: usize,
}

impl Report<'_> {
    fn line(&mut self, verdict: Verdict, what: &str, words: &str) -> Result<(), CommandError> {
        let word = match verdict {
            Verdict::Good => "ok",
            Verdict::Doubtful => "warn",
            Verdict::Bad => "FAIL",
        };
        self.failures += usize::from(verdict == Verdict::Bad);
        writeln!(self.out, "{word:<4}  {what}: {words}")?;
        Ok(())
    }
}

/// Looks at everything. `config` is what reading the configuration came to.
pub(super) async fn run(config: Result<Config, ConfigError>, out: &mut dyn Write) -> Result<(), CommandError> {
    let mut report = Report { out, failures: 0 };
    match config {
        Err(error) => report.line(Verdict::Bad, "configuration", &error.to_string())?,
        Ok(config) => {
            report.line(Verdict::Good, "configuration", "read")?;
            public_url(&config, &mut report)?;
            let ring = key_ring(&config, &mut report)?;
            database(&config, ring.as_ref(), &mut report).await?;
            templates(&config, &mut report)?;
            mail(&config, &mut report).await?;
            text_messages(&config, &mut report)?;
            issuers(&config, &mut report).await?;
        }
    }
    match report.failures {
        0 => Ok(()),
        1 => Err(CommandError::Failed("one check failed".to_owned())),
        many => Err(CommandError::Failed(format!("{many} checks failed"))),
    }
}

fn public_url(config: &Config, report: &mut Report<'_>) -> Result<(), CommandError> {
    match config.required_public_url() {
        Err(error) => report.line(Verdict::Bad, "public URL", &error.to_string()),
        Ok(url) if url.is_https() => {
            report.line(Verdict::Good, "public URL", url.as_str())?;
            if config.trusted_proxies.is_empty() {
                report.line(
                    Verdict::Doubtful,
                    "proxies",
                    "none is trusted: behind one, every client has its address; set INVITE_TRUSTED_PROXIES",
                )?;
            }
            Ok(())
        }
        Ok(url) => report.line(
            Verdict::Doubtful,
            "public URL",
            &format!("{url} works on this machine only: links need https:"),
        ),
    }
}

fn key_ring(config: &Config, report: &mut Report<'_>) -> Result<Option<KeyRing>, CommandError> {
    const WHAT: &str = "key ring";
    let source = match config.required_keyring() {
        Ok(source) => source,
        Err(error) => return report.line(Verdict::Bad, WHAT, &error.to_string()).map(|()| None),
    };
    let ring = match keyring::load(source) {
        Ok(ring) => ring,
        Err(error) => return report.line(Verdict::Bad, WHAT, &error.to_string()).map(|()| None),
    };
    match ring.active() {
        Some(active) => {
            let keys = ring.ids().count();
            report.line(Verdict::Good, WHAT, &format!("key {active} of {keys} is active"))?;
        }
        None => report.line(Verdict::Bad, WHAT, "no key is active: run `invite keys activate ID`")?,
    }
    if let crate::config::KeyringSource::File(path) = source {
        privacy(WHAT, std::slice::from_ref(path), report)?;
    }
    Ok(Some(ring))
}

/// Warns of those of the files that others than their owner may read. A file that is not there is no matter.
#[cfg(unix)]
fn privacy(what: &str, paths: &[PathBuf], report: &mut Report<'_>) -> Result<(), CommandError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut open = Vec::new();
    for path in paths {
        match path.metadata() {
            Ok(file) if file.permissions().mode() & 0o077 != 0 => open.push(path.display().to_string()),
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(cause.into()),
            _ => {}
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    report.line(Verdict::Doubtful, what, &format!("others can read it: chmod 600 {}", open.join(" ")))
}

#[cfg(not(unix))]
fn privacy(_: &str, _: &[PathBuf], _: &mut Report<'_>) -> Result<(), CommandError> {
    Ok(())
}

async fn database(config: &Config, ring: Option<&KeyRing>, report: &mut Report<'_>) -> Result<(), CommandError> {
    const WHAT: &str = "database";
    if let Some(path) = parts::sqlite_path(&config.database_url) {
        let beside = |end| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        privacy(WHAT, &["", "-wal", "-shm"].map(beside), report)?;
    }
    let store = match parts::open_store(&config.database_url, Schema::Require).await {
        Ok(store) => store,
        Err(error @ PartsError::Pending(_)) => {
            report.line(Verdict::Good, WHAT, "answers")?;
            return report.line(Verdict::Bad, "migrations", &error.to_string());
        }
        Err(error) => return report.line(Verdict::Bad, WHAT, &error.to_string()),
    };
    report.line(Verdict::Good, WHAT, "answers")?;
    report.line(Verdict::Good, "migrations", "all are applied")?;
    let asked = SystemClock.now();
    match store.database_time().await {
        Err(error) => report.line(Verdict::Bad, "clock", &Chain(&error).to_string())?,
        Ok(told) => {
            let difference = health::ahead(asked, told, SystemClock.now());
            let words = format!("the database's is {} ms ahead of this machine's", difference.num_milliseconds());
            if health::agree(difference) {
                report.line(Verdict::Good, "clock", &words)?;
            } else {
                report.line(Verdict::Bad, "clock", &format!("{words}: set both by NTP"))?;
            }
        }
    }
    if store.is_empty().await? {
        report.line(Verdict::Doubtful, "installation", "nothing is set up: run `invite setup`")?;
    }
    let Some(ring) = ring else { return Ok(()) };
    let provable = |id| ring.ids().any(|(known, state)| known == id && state != KeyState::Retired);
    for (id, live) in store.key_ids_in_use(SystemClock.now()).await? {
        if !provable(id) {
            let words = format!(
                "key {id} is missing or retired, but live invitations need it ({live}): run `invite resend --all-pending`"
            );
            report.line(Verdict::Bad, "key ring", &words)?;
        }
    }
    Ok(())
}

/// Whether the operator's own templates can be used.
fn templates(config: &Config, report: &mut Report<'_>) -> Result<(), CommandError> {
    const WHAT: &str = "mail templates";
    let Ok(url) = config.required_public_url() else { return Ok(()) };
    let base = url::Url::parse(url.as_str()).map_err(|error| CommandError::Failed(error.to_string()))?;
    match (app::renderer(config, &base), &config.templates) {
        (Err(error), _) => report.line(Verdict::Bad, WHAT, &error.to_string()),
        (Ok(_), Some(folder)) => report.line(Verdict::Good, WHAT, &format!("those in {} are good", folder.display())),
        (Ok(_), None) => report.line(Verdict::Good, WHAT, "the built-in ones"),
    }
}

/// Whether the gateway's settings can be used. Nothing is sent: every message costs money.
fn text_messages(config: &Config, report: &mut Report<'_>) -> Result<(), CommandError> {
    const WHAT: &str = "SMS gateway";
    match app::sms(config) {
        Err(error) => report.line(Verdict::Bad, WHAT, &error.to_string()),
        Ok(None) => report.line(Verdict::Good, WHAT, "none: text messages are queued until INVITE_SMS_URL is set"),
        Ok(Some(gateway)) => report.line(Verdict::Good, WHAT, &format!("{}, not tried", gateway.host())),
    }
}

/// Whether the keys can be had that the tokens of other issuers are verified with.
async fn issuers(config: &Config, report: &mut Report<'_>) -> Result<(), CommandError> {
    const WHAT: &str = "issuers";
    let verifier = match parts::issuers(config) {
        Err(error) => return report.line(Verdict::Bad, WHAT, &Chain(&error).to_string()),
        Ok(None) => return report.line(Verdict::Good, WHAT, "none: no token of another issuer counts"),
        Ok(Some(verifier)) => verifier,
    };
    for (issuer, keys) in verifier.ask().await {
        match keys {
            Ok(0) => report.line(Verdict::Bad, WHAT, &format!("{issuer} publishes no key that can be used"))?,
            Ok(keys) => report.line(Verdict::Good, WHAT, &format!("{issuer} publishes {keys} that can be used"))?,
            Err(reason) => {
                report.line(Verdict::Bad, WHAT, &format!("no keys of {issuer}: {reason}: check its jwks_url"))?;
            }
        }
    }
    Ok(())
}

async fn mail(config: &Config, report: &mut Report<'_>) -> Result<(), CommandError> {
    const WHAT: &str = "mail server";
    match app::smtp(config) {
        Err(error) => report.line(Verdict::Bad, WHAT, &error.to_string()),
        Ok(None) => {
            report.line(Verdict::Doubtful, WHAT, "none: mails are queued; set INVITE_SMTP_URL and INVITE_MAIL_FROM")
        }
        Ok(Some(transport)) => match transport.check().await {
            Ok(()) => report.line(Verdict::Good, WHAT, "answers and lets us in"),
            Err(DeliveryError::Transient(reason) | DeliveryError::Permanent(reason)) => {
                let words = format!("{}: check host, port, user and password of INVITE_SMTP_URL", reason.name());
                report.line(Verdict::Bad, WHAT, &words)
            }
        },
    }
}
