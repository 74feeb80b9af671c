//! The mailbox on disk.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::common::{
    invitation, invitation_code, message_id, notification, password_reset, plain_invitation, renderer, text_message,
};
use futures_util::future::join_all;
use invite_domain::{
    id::MessageId,
    invitation::{Channel, Reason},
    port::{DeliveryError, Notifier},
    time::seconds,
};
use invite_notify::{MailboxTransport, Router, Sender};
use std::{path::Path, sync::Arc};

fn open(folder: &Path) -> (Router, MailboxTransport) {
    let mailbox = MailboxTransport::open(folder).unwrap();
    let sender = Sender::new(None, "invite@localhost").unwrap();
    let router = Router::new(renderer()).with_email(sender, Arc::new(mailbox.clone()));
    (router.with_sms(Arc::new(mailbox.clone())), mailbox)
}

#[tokio::test]
async fn mails_are_listed_newest_first_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let (router, mailbox) = open(&folder.path().join("not/there/yet"));
    assert_eq!(router.channels(), [Channel::Email, Channel::Sms]);
    assert_eq!(mailbox.list().await.unwrap(), []);

    let first = notification("en", plain_invitation());
    let mut second = notification("en", password_reset());
    second.message_id = MessageId::from_uuid(uuid::Uuid::from_u128(1));
    second.created_at += seconds(1);
    router.deliver(&second).await.unwrap();
    router.deliver(&first).await.unwrap();

    let list = mailbox.list().await.unwrap();
    let shown: Vec<_> = list.iter().map(|it| (it.subject.as_str(), it.to.as_str(), it.date)).collect();
    assert_eq!(
        shown,
        [
            ("Choose a new password", "zoe.mueller@example.org", second.created_at),
            ("Ada Byron invites you to join Acme", "zoe.mueller@example.org", first.created_at),
        ]
    );
    let mail = mailbox.read(&list[0].id).await.unwrap().unwrap();
    assert_eq!(mail.header("subject"), Some("Choose a new password"));
    assert!(mail.text.contains("https://invite.example/account/ina_") && mail.html.starts_with("<!doctype html>\n"));
    assert!(mail.raw.starts_with(b"From: "));
}

#[tokio::test]
async fn a_text_message_lies_among_the_mails() {
    let folder = tempfile::tempdir().unwrap();
    let (router, mailbox) = open(folder.path());
    let content = invitation(Some("Zoë\r\nBcc: x\r\n\r\n"), "株式会社 👋", None, None);
    let notification = text_message("fr", content);
    for _ in 0..2 {
        router.deliver(&notification).await.unwrap();
    }
    let list = mailbox.list().await.unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!((list[0].to.as_str(), list[0].subject.as_str()), ("+33199001234", "SMS"));
    assert_eq!(list[0].date, notification.created_at);
    let stored = mailbox.read(&list[0].id).await.unwrap().unwrap();
    assert_eq!(stored.html, "");
    assert!(
        stored.text.starts_with("Zoë Bcc: x vous invite à rejoindre 株式会社 👋. Entrez le code "),
        "{}",
        stored.text
    );
    assert!(stored.text.contains(invitation_code().expose()) && stored.text.ends_with("UTC+1.\n"), "{}", stored.text);
    let names: Vec<&str> = stored.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Date", "To", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]);
    assert_eq!(stored.header("Date"), Some("Sat, 21 Nov 2026 14:05:09 +0000"));
}

#[tokio::test]
async fn a_repeated_attempt_replaces_the_mail_and_leaves_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    let (router, mailbox) = open(folder.path());
    let notification = notification("en", plain_invitation());
    let attempts = (0..8).map(|_| router.deliver(&notification));
    for outcome in join_all(attempts).await {
        assert_eq!(outcome, Ok(()));
    }
    let expected = format!("20261121T140509123456Z-{}.eml", message_id());
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(files, [expected.as_str()]);
    assert_eq!(mailbox.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_mail_of_the_mailbox_is_neither_listed_nor_read() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("mailbox");
    let (_, mailbox) = open(&inner);
    std::fs::write(folder.path().join("secret.eml"), "Subject: secret\r\n\r\n").unwrap();
    std::fs::write(inner.join("other.eml"), "Subject: other\r\n\r\n").unwrap();
    std::fs::write(inner.join("20261121T140509123456Z-0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5.txt"), "x").unwrap();
    assert_eq!(mailbox.list().await.unwrap(), []);
    for id in [
        "",
        ".",
        "other",
        "../secret",
        "..%2fsecret",
        "/etc/passwd",
        "20261121T140509123456Z-0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5",
        "20261121T140509123456Z-../../../../../../../../../secret.eml",
    ] {
        assert!(mailbox.read(id).await.unwrap().is_none(), "{id}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_mails() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("mailbox");
    let (router, mailbox) = open(&inner);
    router.deliver(&notification("en", plain_invitation())).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&inner.join(format!("{}.eml", mailbox.list().await.unwrap()[0].id))), 0o600);
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_written_puts_the_mail_off() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("mailbox");
    let (router, _) = open(&inner);
    std::fs::remove_dir(&inner).unwrap();
    let outcome = router.deliver(&notification("en", plain_invitation())).await;
    assert_eq!(outcome, Err(DeliveryError::Transient(Reason::Unreachable)));
}
