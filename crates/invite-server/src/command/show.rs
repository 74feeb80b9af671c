//! Invitations as the command line shows them.

use super::refusal::instant;
use crate::config::Config;
use invite_domain::{
    email::EmailAddress,
    invitation::{Channel, Delivery, DeliveryState, Recipient},
    phone::PhoneNumber,
    port::InvitationRecord,
    time::Timestamp,
};
use std::io::{self, Write};

/// The recipient in its original spelling. What a terminal would take for a command is shown as an escape.
pub(super) fn recipient(record: &InvitationRecord) -> String {
    match &record.invitation.recipient {
        Recipient::Email(address) => plain(address.as_str()),
        Recipient::Phone(number) => plain(number.as_str()),
        Recipient::Subject(subject) => {
            let email = subject.email.as_ref().map(EmailAddress::as_str);
            let address = email.or(subject.phone.as_ref().map(PhoneNumber::as_str));
            plain(&address.map_or_else(|| subject.id.to_string(), str::to_owned))
        }
    }
}

/// A text of other people, fit for a terminal: control characters are escaped.
pub(super) fn plain(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// What became of the latest message on each channel.
pub(super) fn deliveries(record: &InvitationRecord) -> String {
    let words = record.deliveries.iter().map(delivery);
    let text = words.collect::<Vec<_>>().join(", ");
    if text.is_empty() { "not sent".to_owned() } else { text }
}

fn delivery(delivery: &Delivery) -> String {
    let reason = delivery.reason.map(|reason| format!(" ({})", reason.name())).unwrap_or_default();
    format!("{} {}{reason}", delivery.channel.name(), delivery.state.name())
}

/// One invitation, in lines, after it was changed.
pub(super) fn lines(
    out: &mut dyn Write,
    done: &str,
    record: &InvitationRecord,
    link: Option<&str>,
    code: Option<&str>,
    now: Timestamp,
) -> io::Result<()> {
    let invitation = &record.invitation;
    writeln!(out, "{done} {} to {}", invitation.id, recipient(record))?;
    writeln!(out, "{} until {}", record.status(now).name(), instant(invitation.expires_at))?;
    if let Some(role) = &record.role {
        writeln!(out, "role {}", plain(&role.name))?;
    }
    writeln!(out, "{}", deliveries(record))?;
    if let Some(link) = link {
        writeln!(out, "{link}")?;
    }
    if let Some(code) = code {
        writeln!(out, "{code}")?;
    }
    Ok(())
}

/// Says who will send what is queued: this command does not.
pub(super) fn queued(hint: &mut dyn Write, record: &InvitationRecord, config: &Config) -> io::Result<()> {
    for channel in Channel::ALL {
        let queued = |delivery: &Delivery| delivery.channel == channel && delivery.state == DeliveryState::Queued;
        if record.deliveries.iter().any(queued) {
            waits(hint, channel, config)?;
        }
    }
    Ok(())
}

/// Says who will send what waits on a channel.
pub(super) fn waits(hint: &mut dyn Write, channel: Channel, config: &Config) -> io::Result<()> {
    match (channel, config.smtp.is_some(), config.sms.is_some()) {
        (Channel::Email, true, _) => writeln!(hint, "`invite serve` or `invite worker` sends the mail"),
        (Channel::Email, false, _) => {
            writeln!(hint, "no mail server is configured: the mail is queued until INVITE_SMTP_URL is set")
        }
        (Channel::Sms, _, true) => writeln!(hint, "`invite serve` or `invite worker` sends the text message"),
        (Channel::Sms, _, false) => {
            writeln!(hint, "no SMS gateway is configured: the message is queued until INVITE_SMS_URL is set")
        }
    }
}

/// A table: columns as wide as their widest cell.
pub(super) fn table(out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_by_characters() {
        let mut out = Vec::new();
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        table(&mut out, &[row(["ÉÉÉ", "b"]), row(["a", ""])]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "ÉÉÉ  b\na\n");
    }

    #[test]
    fn a_name_cannot_command_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\r\né"), "a\\u{1b}[2Jb\\r\\né");
    }
}
