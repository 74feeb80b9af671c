//! A power cut right after an invitation was acknowledged loses neither the invitation nor its mail.

mod common;

use common::{Api, eventually, text, token_of};
use invite_tests::{Result, mail::Mail, net, service::Sandbox, smtp::SmtpServer, soak};
use serde_json::json;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

const ROUNDS: u64 = 20;
/// A mail comes within a second. Where this machine was so slow that the killed process had taken the message up already,
/// it comes when that one's lease has ended.
const PATIENCE: Duration = Duration::from_mins(7);

#[tokio::test]
async fn out_1_what_was_acknowledged_before_kill_dash_nine_is_mailed_once_after_a_restart() -> Result<()> {
    let (began, rounds) = (Instant::now(), soak::rounds(ROUNDS)?);
    let address = net::free_port()?;
    let mut sandbox = Sandbox::alone("the process that has acknowledged is the one that is killed")?;
    sandbox.set("INVITE_SMTP_URL", format!("smtp://{address}")).set("INVITE_MAIL_FROM", "invite@example.org");
    let setup = sandbox.set_up("Acme", "owner@example.org").await?;
    let mut links = BTreeSet::new();
    let mut service = sandbox.serve(&[]).await?;
    for round in 1..=rounds {
        // Nobody listens where the mail server should be.
        let api = Api::new(service.base_url(), Some(text(&setup, "/api_key")?))?;
        let recipient = format!("person-{round}@example.org");
        let body = json!({ "recipient": { "email": recipient } });
        let issued = api.post("/v1/invitations", &body).await?;
        service.kill_dash_nine().await?;
        let issued = issued.expect(201)?;
        assert_eq!(issued["deliveries"][0]["state"], "queued", "{issued}");
        let id = text(&issued, "/id")?;

        let smtp = SmtpServer::start_at(address).await?;
        service = sandbox.serve(&[]).await?;
        let received = smtp.wait_for(1, PATIENCE).await?;
        assert_eq!(received[0].to, [recipient.as_str()], "round {round}");
        let link = Mail::parse(&received[0].raw)?.only_link()?;
        let api = Api::new(service.base_url(), Some(text(&setup, "/api_key")?))?;
        eventually("the delivery never showed as sent", async || {
            let invitation = api.get(&format!("/v1/invitations/{id}")).await?.expect(200)?;
            Ok((invitation["deliveries"][0]["state"] == "sent").then_some(()))
        })
        .await?;
        let preview = json!({ "token": token_of(&link)? });
        let preview = Api::new(service.base_url(), None)?.post("/v1/redemptions/preview", &preview).await?;
        assert_eq!(preview.expect(200)?["next"], "sign_up", "round {round}");
        assert!(links.insert(link), "round {round}: the link of an earlier mail");
        let all = smtp.stop().await;
        assert_eq!(all.len(), 1, "round {round}: {:?}", all.iter().map(|mail| &mail.to).collect::<Vec<_>>());
        println!("round {round}: killed, restarted, mailed once");
    }
    let api = Api::new(service.base_url(), Some(text(&setup, "/api_key")?))?;
    let list = api.get("/v1/invitations?delivery=sent&include_total=true").await?.expect(200)?;
    assert_eq!(list["total"], rounds, "{list}");
    let figure = soak::Figure::new("kill -9 right after an issue", sandbox.engine()).rounds(rounds).started(began);
    figure.result("acknowledged issues lost 0, mails lost 0, duplicates 0").record()
}
