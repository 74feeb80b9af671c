use async_trait::async_trait;
use invite_domain::port::PortError;
use invite_http::{DevMailbox, Mail, MailSummary};
use invite_notify::{MailboxEntry, MailboxTransport, StoredMail};

/// The mailbox on disk, as the pages show it.
pub(super) struct Mailbox(pub(super) MailboxTransport);

fn summary(entry: MailboxEntry) -> MailSummary {
    MailSummary { id: entry.id, to: entry.to, subject: entry.subject, at: Some(entry.date) }
}

fn mail(id: &str, stored: StoredMail) -> Mail {
    let header = |name| stored.header(name).unwrap_or_default().to_owned();
    let at = chrono::DateTime::parse_from_rfc2822(&header("Date")).ok();
    let summary =
        MailSummary { id: id.to_owned(), to: header("To"), subject: header("Subject"), at: at.map(Into::into) };
    Mail { summary, text: stored.text, html: Some(stored.html).filter(|html| !html.is_empty()) }
}

#[async_trait]
impl DevMailbox for Mailbox {
    async fn list(&self) -> Result<Vec<MailSummary>, PortError> {
        Ok(self.0.list().await.map_err(PortError::other)?.into_iter().map(summary).collect())
    }

    async fn read(&self, id: &str) -> Result<Option<Mail>, PortError> {
        Ok(self.0.read(id).await.map_err(PortError::other)?.map(|stored| mail(id, stored)))
    }
}
