//! Mails to look at before they are sent, by the writer of those that are.

use invite_domain::port::{Destination, Occasion};
use invite_http::{MailPreview, PreviewFacts, PreviewedMail};
use invite_notify::{Renderer, sample};

/// The writer of mails, of whom nothing is sent.
pub(super) struct Preview(pub(super) Renderer);

impl MailPreview for Preview {
    fn invitation(&self, facts: PreviewFacts) -> Option<PreviewedMail> {
        let notification = sample::invitation(sample::InvitationFacts {
            occasion: Occasion::Issued,
            inviter_name: facts.inviter_name,
            organization_name: facts.organization_name,
            organization_slug: facts.organization_slug,
            role_name: facts.role_name,
            message: facts.message,
            to: Destination::Email(facts.to),
            locales: facts.locales,
            time_zone: facts.time_zone,
            created_at: facts.created_at,
            expires_at: facts.expires_at,
            accent: facts.accent,
            logo: facts.logo,
        });
        let notification =
            notification.inspect_err(|error| tracing::error!(%error, "a mail to look at has no facts")).ok()?;
        let mail = self.0.preview(&notification);
        let mail = mail.inspect_err(|error| tracing::error!(%error, "a mail to look at cannot be written")).ok()?;
        Some(PreviewedMail { html: mail.html_for_browser(), subject: mail.subject, text: mail.text })
    }
}

#[cfg(test)]
mod tests {
    use super::Preview;
    use invite_domain::{directory::Slug, email::EmailAddress};
    use invite_http::{MailPreview as _, PreviewFacts};
    use invite_notify::{Renderer, TemplateSet};

    #[test]
    fn a_previewed_mail_says_what_it_is_given_and_opens_nothing() {
        let base = "https://invite.example".parse().unwrap();
        let preview = Preview(Renderer::new(&base, TemplateSet::builtin().unwrap()).unwrap());
        let created_at = "2026-11-22T10:00:00Z".parse().unwrap();
        let facts = PreviewFacts {
            organization_name: "Acme".to_owned(),
            organization_slug: Slug::parse("acme").unwrap(),
            inviter_name: Some("Ada <b>".to_owned()),
            role_name: Some("admin".to_owned()),
            message: Some("See you".to_owned()),
            to: EmailAddress::parse("zoe@example.org").unwrap(),
            locales: vec![Some("fr".to_owned())],
            time_zone: "Europe/Paris".to_owned(),
            created_at,
            expires_at: created_at + chrono::Duration::days(7),
            accent: None,
            logo: None,
        };
        let mail = preview.invitation(facts).unwrap();
        assert!(mail.subject.contains("vous invite"), "{}", mail.subject);
        for part in [&mail.text, &mail.html] {
            assert!(part.contains("See you") && part.contains("administrateur"), "{part}");
            assert!(part.contains("/i/inv_…") && !part.contains("inv_0"), "{part}");
        }
        assert!(mail.html.contains("Ada &lt;b&gt;") && mail.html.contains("lang=\"fr\""), "{}", mail.html);
    }
}
