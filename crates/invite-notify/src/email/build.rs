//! A mail's wire form: [RFC 5322](https://www.rfc-editor.org/rfc/rfc5322) headers and two alternatives, text and HTML. An
//! organisation's logo is a part beside the HTML ([RFC 2387](https://www.rfc-editor.org/rfc/rfc2387)), so nothing is loaded
//! when the mail is read.

use super::Email;
use crate::template::{InlineLogo, RenderedMail, clean};
use invite_domain::{email::EmailAddress, port::Notification, time::Timestamp};
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use std::time::{Duration, SystemTime};
use zeroize::Zeroizing;

/// The last second a mail's date can tell: the year has four digits.
const LAST_SECOND: u64 = 253_402_300_799;

/// Who the mails are from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sender(Mailbox);

/// Why a text is no sender.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the sender's address is not valid")]
pub struct SenderError;

impl Sender {
    /// A sender: a name, if it has one, and an address. The domain may be a single label (`localhost`) and may be
    /// written in any script; the local part must be ASCII, so that every mail server takes it.
    pub fn new(name: Option<&str>, address: &str) -> Result<Self, SenderError> {
        let ascii = match EmailAddress::parse(address) {
            Ok(address) => address.ascii_address().ok_or(SenderError)?,
            Err(_) => address.to_owned(),
        };
        let address: Address = ascii.parse().map_err(|_| SenderError)?;
        if !address.user().is_ascii() || !address.domain().is_ascii() || address.user().contains('"') {
            return Err(SenderError);
        }
        let name = name.map(|name| clean::line(name, clean::NAME_IN_BODY)).filter(|name| !name.is_empty());
        Ok(Self(Mailbox::new(name, address)))
    }
}

/// Why a mail could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The recipient's address has no form on the wire.
    #[error("the address cannot be written in a mail")]
    Address,
    /// The logo's part has no header.
    #[error("the logo cannot be put into a mail")]
    Logo,
    /// The headers do not make a message.
    #[error("the message cannot be put together")]
    Message(#[from] lettre::error::Error),
}

impl Email {
    /// Puts a mail together. `host` stands in its `Message-ID`.
    ///
    /// Everything in it comes from the notification, the date and the boundary between the parts too, so an attempt
    /// that is repeated sends the same bytes again. The price: `Date` tells when the message was made, however late it
    /// leaves. Nothing in the mail may count from that; what ends is told by the time it ends at.
    pub fn build(
        sender: &Sender,
        host: &str,
        notification: &Notification,
        rendered: &RenderedMail,
    ) -> Result<Self, BuildError> {
        let to = recipient(notification.to.email().ok_or(BuildError::Address)?)?;
        let from = sender.0.email.clone();
        let id = notification.message_id;
        let part = |content_type: ContentType, body: &str| SinglePart::builder().header(content_type).body(crlf(body));
        // `=_` cannot stand in quoted-printable text (RFC 2045 §6.7), and nobody can foretell the id.
        let boundary = id.as_uuid().simple();
        let alternatives = MultiPart::alternative()
            .boundary(format!("=_{boundary}"))
            .singlepart(part(ContentType::TEXT_PLAIN, &rendered.text));
        let html = part(ContentType::TEXT_HTML, &rendered.html);
        let alternatives = match &rendered.logo {
            None => alternatives.singlepart(html),
            Some(logo) => alternatives
                .multipart(related(&format!("=_logo_{boundary}"))?.singlepart(html).singlepart(attached(logo)?)),
        };
        let message = Message::builder()
            .from(sender.0.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(rendered.subject.clone())
            .date(date(notification.created_at))
            .message_id(Some(format!("<{id}@{host}>")))
            // No automatic answer is wanted: RFC 3834 §5, and the header Exchange listens to ([MS-OXCMAIL]). Not
            // `All`: that would also keep back the reports by which a mail that did not arrive becomes known.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "OOF, AutoReply, RN, NRN"))
            // RFC 3282.
            .raw_header(header("Content-Language", rendered.language.tag()))
            .envelope(Envelope::new(Some(from.clone()), vec![to.clone()])?)
            .multipart(alternatives)?;
        Ok(Self {
            message_id: id,
            created_at: notification.created_at,
            from,
            to,
            bytes: Zeroizing::new(message.formatted()),
        })
    }
}

/// A document and what it shows. Not lettre's own kind: that does not tell the type of the document, which RFC 2387 §3.1
/// wants.
fn related(boundary: &str) -> Result<MultiPart, BuildError> {
    let content_type = format!("multipart/related; boundary=\"{boundary}\"; type=\"text/html\"");
    Ok(MultiPart::builder().header(ContentType::parse(&content_type).map_err(|_| BuildError::Logo)?).build())
}

fn attached(InlineLogo { content_id, logo }: &InlineLogo) -> Result<SinglePart, BuildError> {
    let png = ContentType::parse("image/png").map_err(|_| BuildError::Logo)?;
    let attachment = Attachment::new_inline_with_name(content_id.clone(), "logo.png".to_owned());
    Ok(attachment.body(logo.bytes().to_vec(), png))
}

fn recipient(address: &EmailAddress) -> Result<Address, BuildError> {
    let text = address.ascii_address().unwrap_or_else(|| format!("{}@{}", address.local(), address.domain()));
    text.parse().map_err(|_| BuildError::Address)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn date(at: Timestamp) -> SystemTime {
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0).min(LAST_SECOND);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Line ends as mail has them.
fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_has_an_ascii_address_and_a_name_without_line_breaks() {
        let sender = Sender::new(Some("Acme\r\nBcc: x@y.example"), "invitations@münchen.example").unwrap();
        assert_eq!(sender.0.email.to_string(), "invitations@xn--mnchen-3ya.example");
        assert_eq!(sender.0.name.as_deref(), Some("Acme Bcc: x@y.example"));
        assert_eq!(Sender::new(Some(" "), "invite@localhost").unwrap().0.name, None);
        for address in ["", "acme", "a@b@c.example", "zoë@example.org", "a b@example.org", "a@example.org\r\nX: y"] {
            assert_eq!(Sender::new(None, address), Err(SenderError), "{address:?}");
        }
    }

    #[test]
    fn any_instant_has_a_date() {
        assert_eq!(date(Timestamp::MIN_UTC), SystemTime::UNIX_EPOCH);
        assert_eq!(date(Timestamp::MAX_UTC), SystemTime::UNIX_EPOCH + Duration::from_secs(LAST_SECOND));
    }
}
