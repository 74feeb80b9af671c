//! Messages that cannot be delivered: what becomes of them, and that they keep nobody else back.

mod common;

use common::{Answer, PASSWORD, PATIENCE, Site, eventually, items, text, token_of};
use invite_tests::{
    Result,
    smtp::{Fault, Step},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use tokio::{net::TcpListener, time::timeout};

const ADA: &str = "ada@example.org";

/// Issues an invitation and does not wait for its message.
async fn issue(site: &Site, recipient: Value) -> Result<String> {
    let body = json!({ "recipient": recipient });
    let issued = site.owner()?.post("/v1/invitations", &body).await?.expect(201)?;
    Ok(text(&issued, "/id")?.to_owned())
}

async fn issue_mail(site: &Site, address: &str) -> Result<String> {
    issue(site, json!({ "email": address })).await
}

/// Waits until the invitation's message was given up, and answers what it shows then.
async fn wait_until_failed(site: &Site, id: &str) -> Result<Value> {
    eventually(&format!("the message of {id} was never given up"), async || {
        let shown = site.invitation(id).await?["deliveries"][0].clone();
        Ok((shown["state"] == "failed").then_some(shown))
    })
    .await
}

async fn dead_letters(site: &Site) -> Result<Vec<Value>> {
    let list = site.owner()?.get("/v1/dead-letters").await?.expect(200)?;
    Ok(items(&list)?.clone())
}

#[tokio::test]
async fn r8_2_a_refused_mail_is_listed_replayed_and_lets_its_recipient_in() -> Result<()> {
    let site = Site::start().await?;
    site.smtp.fail_next(Fault::Reject5xx(Step::Recipient));
    let id = issue_mail(&site, ADA).await?;
    let shown = wait_until_failed(&site, &id).await?;
    assert_eq!((&shown["reason"], &shown["attempts"]), (&json!("smtp_refused"), &json!(1)));
    assert_eq!(site.smtp.messages().len(), 0);

    let letters = dead_letters(&site).await?;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!((&letters[0]["invitation_id"], &letters[0]["attempts"]), (&json!(id), &json!(1)));
    let letter = text(&letters[0], "/id")?;
    let path = format!("/v1/dead-letters/{letter}/replay");
    let replay = async || Answer::of(site.owner()?.request(Method::POST, &path)).await;
    assert_eq!(replay().await?.expect(202)?, letters[0]);
    let sent = site.wait_until_sent(&id).await?;
    assert_eq!(sent["deliveries"][0]["attempts"], 1, "counted anew: {sent}");
    replay().await?.refused(404, "not_found")?;
    assert_eq!(dead_letters(&site).await?.len(), 0);

    let mail = site.mail(ADA, 1).await?;
    assert!(mail.header("Message-ID")?.starts_with(&format!("<{letter}@")), "{}", mail.header("Message-ID")?);
    let token = token_of(&mail.only_link()?)?;
    site.anyone()?.redeem(&token, PASSWORD).await?.expect(201)?;
    assert_eq!(site.mails_to(ADA), 1);
    eventually("the trail says nothing of it", async || {
        let history = site.owner()?.get(&format!("/v1/invitations/{id}/events")).await?.expect(200)?;
        let event = items(&history)?.iter().find(|event| event["type"] == "invitation.delivery_replayed");
        Ok(event.map(|event| assert_eq!(event["data"]["reason"], "smtp_refused")))
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn r8_2_dead_letters_are_listed_and_replayed_at_a_terminal() -> Result<()> {
    let site = Site::start().await?;
    let run = async |arguments: &[&str]| site.sandbox.run(&[&["dead-letters"], arguments].concat()).await;
    let none = run(&[]).await?;
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "no message was given up\n"));
    let none = run(&["replay", "--all"]).await?;
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "no message was given up\n"));

    let mut invitations = Vec::new();
    for (address, step) in [(ADA, Step::Recipient), ("bob@example.org", Step::Message), ("eve@example.org", Step::Mail)]
    {
        site.smtp.fail_next(Fault::Reject5xx(step));
        invitations.insert(0, issue_mail(&site, address).await?);
        wait_until_failed(&site, &invitations[0]).await?;
    }
    let listed = run(&["--json"]).await?.json()?;
    assert_eq!(listed["total"], 3);
    let letters = items(&listed)?.clone();
    assert_eq!(letters, dead_letters(&site).await?, "as the API has them");
    let of: Vec<_> = letters.iter().map(|letter| text(letter, "/invitation_id")).collect::<Result<_>>()?;
    assert_eq!(of, invitations, "the last first");
    let ids: Vec<_> = letters.iter().map(|letter| text(letter, "/id")).collect::<Result<_>>()?;
    let [eve, bob, ada] = ids.as_slice() else { panic!("{letters:?}") };

    let table = run(&["--limit", "1"]).await?;
    assert!(table.stdout.contains(eve) && table.stdout.contains("smtp_refused"), "{table:?}");
    assert!(!table.stdout.contains(bob) && !table.stdout.contains(ada), "{table:?}");
    assert_eq!(table.stderr, "the last 1 of 3: --limit shows more\n");

    let replayed = run(&["replay", bob]).await?;
    assert_eq!(replayed.stdout, format!("queued again {bob}: email of {}\n", invitations[1]), "{replayed:?}");
    assert_eq!(replayed.stderr, "`invite serve` or `invite worker` sends the mail\n");
    let mail = site.mail("bob@example.org", 1).await?;
    assert!(mail.header("Message-ID")?.starts_with(&format!("<{bob}@")), "{}", mail.header("Message-ID")?);
    let again = run(&["replay", bob]).await?;
    assert_eq!(again.status.code(), Some(1));
    let nothing = format!("{bob}: this organisation has no such message that was given up\n");
    assert_eq!(again.stderr, format!("{nothing}invite: 1 of 1 messages could not be queued again\n"));

    // One whose invitation has ended holds up no other; of all that are still wanted it is none, so nothing has failed.
    let revoked = format!("/v1/invitations/{}/revoke", invitations[0]);
    site.owner()?.post(&revoked, &json!({})).await?.expect(200)?;
    let all = run(&["replay", "--all"]).await?;
    assert_eq!(all.stdout, format!("queued again {ada}: email of {}\n", invitations[2]));
    assert!(all.stderr.starts_with(&format!("{eve}: its invitation has ended")), "{all:?}");
    assert_eq!(all.status.code(), Some(0), "{all:?}");
    let named = run(&["replay", eve]).await?;
    assert!(named.stderr.starts_with(&format!("{eve}: the invitation is revoked already")), "{named:?}");
    assert!(named.stderr.ends_with("invite: 1 of 1 messages could not be queued again\n"), "{named:?}");
    let token = site.mailed_token(ADA, 1).await?;
    site.anyone()?.redeem(&token, PASSWORD).await?.expect(201)?;
    Ok(())
}

#[tokio::test]
async fn out_5_mails_that_hang_or_are_refused_or_cannot_be_written_keep_nobody_back() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let fails =
        "{% for line in message_lines %}{% if line == \"Boom\" %}{{ nobody_knows_this }}{% endif %}{% endfor %}";
    std::fs::write(folder.path().join("invitation.txt"), format!("{fails}{{{{ body }}}}\n{{{{ link }}}}\n"))?;
    let path = folder.path().to_str().unwrap_or_default();
    let site = Site::start_with(&[("INVITE_TEMPLATES", path)]).await?;
    let mut hanging = Vec::new();
    for n in 0..3 {
        site.smtp.fail_next(Fault::HangAt(Step::Recipient));
        hanging.push(issue_mail(&site, &format!("hanging{n}@example.org")).await?);
    }
    let begun = || site.smtp.commands().iter().filter(|command| command.starts_with("RCPT")).count();
    eventually("they were never begun", async || Ok((begun() == 3).then_some(()))).await?;

    let body = json!({ "recipient": { "email": "boom@example.org" }, "message": "Boom" });
    let unwritable = site.owner()?.post("/v1/invitations", &body).await?.expect(201)?;
    let shown = wait_until_failed(&site, text(&unwritable, "/id")?).await?;
    assert_eq!(shown["reason"], "template_failed");
    site.smtp.fail_next(Fault::Reject5xx(Step::Message));
    let refused = issue_mail(&site, "refused@example.org").await?;
    wait_until_failed(&site, &refused).await?;
    site.invite(ADA).await?;
    for id in hanging {
        let shown = site.invitation(&id).await?["deliveries"][0].clone();
        assert_eq!((&shown["state"], &shown["attempts"]), (&json!("queued"), &json!(0)), "it hangs still");
    }
    Ok(())
}

#[tokio::test]
async fn out_5_an_sms_gateway_that_hangs_keeps_no_mail_back() -> Result<()> {
    let gateway = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}/", gateway.local_addr()?);
    let site = Site::start_with(&[("INVITE_SMS_URL", &url)]).await?;
    let mut hanging = Vec::new();
    for n in 0..8 * site.sandbox.replicas().max(1) {
        hanging.push(issue(&site, json!({ "phone": format!("+3319900{n:04}") })).await?);
    }
    // As many as are delivered at once: it takes the connections, and says nothing.
    let mut connections = Vec::new();
    while connections.len() < 4 {
        connections.push(timeout(PATIENCE, gateway.accept()).await??);
    }
    site.invite(ADA).await?;
    for id in hanging {
        let shown = site.invitation(&id).await?["deliveries"][0].clone();
        assert_eq!((&shown["state"], &shown["attempts"]), (&json!("queued"), &json!(0)), "it hangs still");
    }
    Ok(())
}
