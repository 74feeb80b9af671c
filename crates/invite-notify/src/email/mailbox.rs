//! A mailbox on disk, for development: mails and text messages are kept where they can be read instead of being sent.
//!
//! Each mail is one file, as it would have gone to a mail server; a text message is put into the form of a mail, with the
//! number for an address. The file's name tells when the message was made and which
//! message it is, so an attempt that is repeated replaces the file. The files hold secret links: on Unix only their owner
//! can read them.

use super::{Email, EmailTransport};
use crate::sms::{Sms, SmsTransport};
use async_trait::async_trait;
use chrono::NaiveDateTime;
use invite_domain::{id::MessageId, invitation::Reason, port::DeliveryError, time::Timestamp};
use mailparse::{MailHeaderMap as _, ParsedMail};
use std::{
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use zeroize::Zeroizing;

/// What stands for a text message's subject, which it has none of.
const SMS_SUBJECT: &str = "SMS";
/// How many mails a list shows.
const LISTED: usize = 200;
/// `20261121T120000000000Z` and a UUID of 36 characters.
const ID_LENGTH: usize = 22 + 1 + 36;
const TIME_FORMAT: &str = "%Y%m%dT%H%M%S%6fZ";
const EXTENSION: &str = "eml";

/// One line in the list of mails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MailboxEntry {
    /// Names the mail within the mailbox: digits, letters and hyphens only.
    pub id: String,
    /// To whom it goes: an address, or a phone number.
    pub to: String,
    /// What it is about; `SMS` for a text message.
    pub subject: String,
    /// When the message was made.
    pub date: Timestamp,
}

/// A mail, taken apart. It holds the secret link.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredMail {
    /// Its headers in their order, decoded.
    pub headers: Vec<(String, String)>,
    /// The plain text.
    pub text: String,
    /// The HTML document, empty for a text message. Somebody wrote names and a message in it: show it in a frame without rights.
    pub html: String,
    /// The file as it is.
    pub raw: Vec<u8>,
}

impl StoredMail {
    /// The value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for StoredMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredMail(…)")
    }
}

/// The mailbox. Clones are the same mailbox.
#[derive(Clone, Debug)]
pub struct MailboxTransport {
    folder: Arc<Path>,
    written: Arc<AtomicU64>,
}

impl MailboxTransport {
    /// Opens the mailbox in this folder, which is made if it does not exist.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(Self { folder: folder.into(), written: Arc::default() })
    }

    /// The newest 200 mails, newest first.
    pub async fn list(&self) -> io::Result<Vec<MailboxEntry>> {
        self.on_disk(|mailbox| {
            let mut ids = Vec::new();
            for entry in fs::read_dir(&mailbox.folder)? {
                let path = entry?.path();
                let stem = path.file_stem().and_then(|stem| stem.to_str());
                ids.extend(stem.filter(|id| path == mailbox.path(id) && time_of(id).is_some()).map(str::to_owned));
            }
            // The names begin with the time.
            ids.sort_unstable_by(|a, b| b.cmp(a));
            ids.truncate(LISTED);
            Ok(ids.into_iter().filter_map(|id| mailbox.entry(id)).collect())
        })
        .await
    }

    /// One mail; `None` where there is none, or the text is no id.
    pub async fn read(&self, id: &str) -> io::Result<Option<StoredMail>> {
        if time_of(id).is_none() {
            return Ok(None);
        }
        let id = id.to_owned();
        self.on_disk(move |mailbox| match fs::read(mailbox.path(&id)) {
            Ok(raw) => Ok(taken_apart(raw)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let mailbox = self.clone();
        tokio::task::spawn_blocking(move || work(&mailbox)).await.map_err(io::Error::other)?
    }

    async fn keep(
        &self,
        created_at: Timestamp,
        message: MessageId,
        bytes: Zeroizing<Vec<u8>>,
    ) -> Result<(), DeliveryError> {
        let id = format!("{}-{message}", created_at.format(TIME_FORMAT));
        self.on_disk(move |mailbox| mailbox.write(&id, &bytes)).await.map_err(|error| {
            tracing::warn!(kind = %error.kind(), "a message could not be written to the mailbox on disk");
            DeliveryError::Transient(Reason::Unreachable)
        })
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.{EXTENSION}"))
    }

    /// A mail that vanished or is none is left out.
    fn entry(&self, id: String) -> Option<MailboxEntry> {
        let raw = fs::read(self.path(&id)).ok()?;
        let (headers, _) = mailparse::parse_headers(&raw).ok()?;
        let value = |name| headers.get_first_value(name).unwrap_or_default();
        Some(MailboxEntry { to: value("To"), subject: value("Subject"), date: time_of(&id)?, id })
    }

    fn write(&self, id: &str, bytes: &[u8]) -> io::Result<()> {
        let count = self.written.fetch_add(1, Ordering::Relaxed);
        let temporary = self.folder.join(format!(".{id}.{}.{count}.tmp", std::process::id()));
        let written = write_private(&temporary, bytes).and_then(|()| fs::rename(&temporary, self.path(id)));
        if written.is_err() {
            // The first error is the one to tell.
            drop(fs::remove_file(&temporary));
        }
        written
    }
}

#[async_trait]
impl EmailTransport for MailboxTransport {
    async fn send(&self, email: &Email) -> Result<(), DeliveryError> {
        self.keep(email.created_at, email.message_id, email.bytes.clone()).await
    }
}

#[async_trait]
impl SmsTransport for MailboxTransport {
    async fn send(&self, sms: &Sms) -> Result<(), DeliveryError> {
        self.keep(sms.created_at(), sms.message_id(), as_mail(sms)).await
    }
}

/// A text message in the form of a mail. It never leaves this machine, so its text needs no encoding; number and text
/// are one line each.
fn as_mail(sms: &Sms) -> Zeroizing<Vec<u8>> {
    let (date, to, text) = (sms.created_at().to_rfc2822(), sms.to().as_str(), sms.expose());
    let mail = format!(
        "Date: {date}\r\nTo: {to}\r\nSubject: {SMS_SUBJECT}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    );
    Zeroizing::new(mail.into_bytes())
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The time in an id; `None` where the text is no id. An id has no dot and no slash, so it leads nowhere else.
fn time_of(id: &str) -> Option<Timestamp> {
    if id.len() != ID_LENGTH || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return None;
    }
    let (time, message) = id.split_once('-')?;
    message.parse::<MessageId>().ok()?;
    NaiveDateTime::parse_from_str(time, TIME_FORMAT).ok().map(|time| time.and_utc())
}

fn taken_apart(raw: Vec<u8>) -> Option<StoredMail> {
    let mail = mailparse::parse_mail(&raw).ok()?;
    let headers = mail.headers.iter().map(|header| (header.get_key(), header.get_value())).collect();
    let (text, html) = (body(&mail, "text/plain"), body(&mail, "text/html"));
    Some(StoredMail { headers, text, html, raw })
}

fn body(mail: &ParsedMail<'_>, content_type: &str) -> String {
    mail.parts()
        .find(|part| part.ctype.mimetype == content_type)
        .and_then(|part| part.get_body().ok())
        .map(|body| body.replace("\r\n", "\n"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::time_of;

    #[test]
    fn only_what_the_mailbox_names_itself_is_an_id() {
        let id = "20261121T120000123456Z-0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5";
        assert_eq!(time_of(id), Some("2026-11-21T12:00:00.123456Z".parse().unwrap()));
        for text in [
            "",
            "..",
            "../../etc/passwd",
            "20261121T120000123456Z",
            "20261321T120000123456Z-0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5",
            "20261121T120000123456Z-0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f",
            "20261121T120000123456Z/0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5",
            "20261121T120000123456Z-../../../../../../../../../etc/passwd",
            "20261121T120000123456Z-0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f\0",
        ] {
            assert_eq!(time_of(text), None, "{text:?}");
        }
    }
}
