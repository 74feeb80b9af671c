//! Conversations with mail servers, over loopback.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::common::{notification, plain_invitation, renderer};
use crate::server::{Authority, Reply, Script, Server};
use invite_domain::{
    email::EmailAddress,
    invitation::Reason,
    port::{DeliveryError, Destination, Notification, Notifier},
};
use invite_notify::{Router, Sender, SmtpCredentials, SmtpSecurity, SmtpSettings, SmtpTransport};
use std::{sync::Arc, time::Duration};

const REFUSED: DeliveryError = DeliveryError::Permanent(Reason::SmtpRefused);
const REFUSED_US: DeliveryError = DeliveryError::Transient(Reason::SmtpRefused);
const DEFERRED: DeliveryError = DeliveryError::Transient(Reason::SmtpDeferred);
const UNREACHABLE: DeliveryError = DeliveryError::Transient(Reason::Unreachable);
const TLS_FAILED: DeliveryError = DeliveryError::Transient(Reason::TlsFailed);

fn settings(security: SmtpSecurity, server: &Server) -> SmtpSettings {
    SmtpSettings::new(security, "localhost", server.port())
}

fn router(settings: SmtpSettings) -> Router {
    let sender = Sender::new(Some("Acme"), "invitations@acme.example").unwrap();
    Router::new(renderer()).with_email(sender, Arc::new(SmtpTransport::new(settings).unwrap()))
}

fn invitation() -> Notification {
    notification("en", plain_invitation())
}

async fn outcome(settings: SmtpSettings) -> Result<(), DeliveryError> {
    router(settings).deliver(&invitation()).await
}

#[tokio::test]
async fn a_mail_arrives_with_one_recipient_on_the_envelope() {
    let server = Server::start(Script::default()).await;
    assert_eq!(outcome(settings(SmtpSecurity::Plaintext, &server)).await, Ok(()));
    let commands = server.commands();
    assert!(commands[0].starts_with("EHLO "), "{commands:?}");
    assert_eq!(commands[1..4], ["MAIL FROM:<invitations@acme.example>", "RCPT TO:<zoe.mueller@example.org>", "DATA"]);
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let mail = mailparse::parse_mail(mails[0].as_bytes()).unwrap();
    let message_id = mailparse::MailHeaderMap::get_first_value(&mail.headers[..], "Message-ID");
    assert_eq!(message_id.as_deref(), Some("<0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5@invite.example>"));
    assert!(mail.subparts[0].get_body().unwrap().contains("https://invite.example/i/inv_"));
}

#[tokio::test]
async fn the_connection_is_used_again_and_replaced_when_it_died() {
    let server = Server::start(Script::default()).await;
    let router = router(settings(SmtpSecurity::Plaintext, &server));
    for _ in 0..3 {
        assert_eq!(router.deliver(&invitation()).await, Ok(()));
    }
    assert_eq!((server.connections(), server.mails().len()), (1, 3));

    let server = Server::start(Script::default().on("NOOP", Reply::Close)).await;
    let router = self::router(settings(SmtpSecurity::Plaintext, &server));
    for _ in 0..2 {
        assert_eq!(router.deliver(&invitation()).await, Ok(()));
    }
    assert_eq!((server.connections(), server.mails().len()), (2, 2));
}

#[tokio::test]
async fn out_5_a_5xx_answer_to_the_message_is_final() {
    for step in ["MAIL", "RCPT", "DATA", "."] {
        let server = Server::start(Script::default().on(step, Reply::Text("550 5.1.1 <zoe@example.org> no\r\n"))).await;
        assert_eq!(outcome(settings(SmtpSecurity::Plaintext, &server)).await, Err(REFUSED), "{step}");
        assert_eq!(server.commands().last().unwrap(), "QUIT");
    }
}

#[tokio::test]
async fn out_6_a_5xx_answer_to_us_is_tried_again() {
    for step in ["greeting", "EHLO"] {
        let server = Server::start(Script::default().on(step, Reply::Text("554 blocked\r\n"))).await;
        assert_eq!(outcome(settings(SmtpSecurity::Plaintext, &server)).await, Err(REFUSED_US), "{step}");
    }
    let server = Server::start(Script::default().on("MAIL", Reply::Text("530 5.7.0 sign in first\r\n"))).await;
    assert_eq!(outcome(settings(SmtpSecurity::Plaintext, &server)).await, Err(REFUSED_US));
}

#[tokio::test]
async fn out_6_a_4xx_answer_at_any_step_is_tried_again() {
    for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        let script = Script::default().on(step, Reply::Text("451-later\r\n451 4.3.0 please\r\n"));
        let server = Server::start(script).await;
        assert_eq!(outcome(settings(SmtpSecurity::Plaintext, &server)).await, Err(DEFERRED), "{step}");
        assert_eq!(server.mails().len(), usize::from(step == "."), "{step}");
    }
}

#[tokio::test]
async fn out_6_a_connection_that_breaks_at_any_step_is_tried_again() {
    for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        for reply in [Reply::Close, Reply::Reset] {
            let server = Server::start(Script::default().on(step, reply)).await;
            assert_eq!(outcome(settings(SmtpSecurity::Plaintext, &server)).await, Err(UNREACHABLE), "{step}");
        }
    }
    let server = Server::start(Script::default()).await;
    let settings = settings(SmtpSecurity::Plaintext, &server);
    server.stop().await;
    assert_eq!(outcome(settings).await, Err(UNREACHABLE));
}

#[tokio::test]
async fn out_6_a_silent_server_at_any_step_is_tried_again() {
    for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        let server = Server::start(Script::default().on(step, Reply::Silence)).await;
        let settings =
            SmtpSettings { timeout: Duration::from_millis(150), ..settings(SmtpSecurity::Plaintext, &server) };
        assert_eq!(outcome(settings).await, Err(UNREACHABLE), "{step}");
    }
}

#[tokio::test]
async fn out_6_an_answer_that_is_none_or_never_ends_is_tried_again() {
    let answers = ["nonsense\r\n", "250-\u{fffd}\r\n", "\r\n", "99999 x\r\n"].map(Reply::Text);
    for reply in answers.into_iter().chain([Reply::Endless]) {
        let server = Server::start(Script::default().on("RCPT", reply)).await;
        let settings =
            SmtpSettings { timeout: Duration::from_millis(300), ..settings(SmtpSecurity::Plaintext, &server) };
        assert_eq!(outcome(settings).await, Err(UNREACHABLE), "{reply:?}");
    }
}

#[tokio::test]
async fn an_address_with_other_than_ascii_letters_needs_a_server_that_takes_it() {
    let mut notification = invitation();
    notification.to = Destination::Email(EmailAddress::parse("zoë@bücher.example").unwrap());
    let server = Server::start(Script::default()).await;
    let outcome = router(settings(SmtpSecurity::Plaintext, &server)).deliver(&notification).await;
    assert_eq!(outcome, Err(DeliveryError::Permanent(Reason::AddressUnsupported)));
    assert!(!server.commands().iter().any(|line| line.starts_with("MAIL")));

    let server = Server::start(Script::default().offering("SMTPUTF8").offering("8BITMIME")).await;
    assert_eq!(router(settings(SmtpSecurity::Plaintext, &server)).deliver(&notification).await, Ok(()));
    assert_eq!(
        server.commands()[1..3],
        ["MAIL FROM:<invitations@acme.example> SMTPUTF8 BODY=8BITMIME", "RCPT TO:<zoë@xn--bcher-kva.example>"]
    );
    assert!(server.mails()[0].contains("\r\nTo: zoë@xn--bcher-kva.example\r\n"));
}

fn credentials() -> SmtpCredentials {
    SmtpCredentials::new("me@acme.example", "hunter2")
}

/// `\0me@acme.example\0hunter2`
const PLAIN: &str = "AUTH PLAIN AG1lQGFjbWUuZXhhbXBsZQBodW50ZXIy";

#[tokio::test]
async fn out_6_with_a_trusted_certificate_mail_and_credentials_travel_encrypted() {
    let authority = Authority::new();
    for security in [SmtpSecurity::StartTls, SmtpSecurity::Tls] {
        let script = Script::default().offering("AUTH PLAIN LOGIN").tls(security, authority.server("localhost"));
        let server = Server::start(script).await;
        let settings = SmtpSettings {
            credentials: Some(credentials()),
            extra_root_pem: Some(authority.pem()),
            ..settings(security, &server)
        };
        assert_eq!(outcome(settings).await, Ok(()), "{security:?}");
        assert_eq!(server.mails().len(), 1);
        assert!(server.commands().iter().any(|line| line == PLAIN), "{:?}", server.commands());
        let plain = server.commands_in_plaintext();
        assert!(plain.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"), "{plain:?}");
    }
}

#[tokio::test]
async fn out_6_an_untrusted_certificate_or_a_wrong_host_gets_nothing() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    for security in [SmtpSecurity::StartTls, SmtpSecurity::Tls] {
        for (certificate, root, why) in [
            (theirs.server("localhost"), Some(ours.pem()), "another authority"),
            (theirs.server("localhost"), None, "unknown to the system"),
            (ours.server("mail.example.com"), Some(ours.pem()), "wrong host"),
        ] {
            let server = Server::start(Script::default().offering("AUTH PLAIN").tls(security, certificate)).await;
            let settings =
                SmtpSettings { credentials: Some(credentials()), extra_root_pem: root, ..settings(security, &server) };
            assert_eq!(outcome(settings).await, Err(TLS_FAILED), "{security:?}: {why}");
            let seen = server.commands();
            assert!(seen.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"), "{seen:?}");
            assert_eq!(server.mails(), [""; 0]);
        }
    }
}

#[tokio::test]
async fn out_6_a_server_without_starttls_gets_neither_credentials_nor_mail() {
    let stripped = Script::default().offering("AUTH PLAIN LOGIN");
    let refusing =
        Script::default().offering("STARTTLS").offering("AUTH PLAIN").on("STARTTLS", Reply::Text("502 no\r\n"));
    let busy = Script::default().offering("STARTTLS").on("STARTTLS", Reply::Text("454 not now\r\n"));
    let answering_in_plain =
        Script::default().offering("STARTTLS").on("STARTTLS", Reply::Text("220 ok\r\n250 plain\r\n"));
    for (script, expected) in
        [(stripped, TLS_FAILED), (refusing, TLS_FAILED), (busy, DEFERRED), (answering_in_plain, TLS_FAILED)]
    {
        let server = Server::start(script).await;
        let settings = SmtpSettings { credentials: Some(credentials()), ..settings(SmtpSecurity::StartTls, &server) };
        assert_eq!(outcome(settings).await, Err(expected));
        let seen = server.commands();
        assert!(!seen.iter().any(|line| line.contains("AUTH") || line.contains("MAIL")), "{seen:?}");
        assert_eq!(server.mails(), [""; 0]);
    }
}

#[tokio::test]
async fn out_6_a_plaintext_server_behind_smtps_gets_nothing() {
    let server = Server::start(Script::default().offering("AUTH PLAIN")).await;
    let settings = SmtpSettings { credentials: Some(credentials()), ..settings(SmtpSecurity::Tls, &server) };
    assert_eq!(outcome(settings).await, Err(TLS_FAILED));
    assert_eq!(server.mails(), [""; 0]);
}

#[tokio::test]
async fn out_6_refused_credentials_are_tried_again_and_no_mail_is_sent() {
    let authority = Authority::new();
    let refused = [("535 5.7.8 no\r\n", REFUSED_US), ("454 4.7.0 later\r\n", DEFERRED)];
    for (answer, expected) in refused {
        let script = Script::default().offering("AUTH PLAIN").on("AUTH", Reply::Text(answer));
        let server = Server::start(script.tls(SmtpSecurity::Tls, authority.server("localhost"))).await;
        let settings = SmtpSettings {
            credentials: Some(credentials()),
            extra_root_pem: Some(authority.pem()),
            ..settings(SmtpSecurity::Tls, &server)
        };
        assert_eq!(outcome(settings).await, Err(expected));
        assert!(!server.commands().iter().any(|line| line.starts_with("MAIL")));
    }
}

#[tokio::test]
async fn a_check_signs_in_and_leaves() {
    let server = Server::start(Script::default()).await;
    let transport = SmtpTransport::new(settings(SmtpSecurity::Plaintext, &server)).unwrap();
    assert_eq!(transport.check().await, Ok(()));
    assert_eq!(server.commands().last().unwrap(), "QUIT");
    let server = Server::start(Script::default().on("EHLO", Reply::Close)).await;
    let transport = SmtpTransport::new(settings(SmtpSecurity::Plaintext, &server)).unwrap();
    assert_eq!(transport.check().await, Err(UNREACHABLE));
}
