//! The main job: issue by API key, one mail over SMTP, redeem by its link, and what the list says of it.

mod common;

use common::{PASSWORD, Site, items, redemption, text, token_of};
use invite_tests::Result;
use serde_json::{Value, json};

const ADA: &str = "Ada.Lovelace@example.org";

/// What has to be the same in every answer to the same person.
fn ids(redeemed: &Value) -> [Value; 4] {
    ["/redemption/id", "/redemption/invitation_id", "/account/id", "/membership/id"].map(|pointer| {
        let id = redeemed.pointer(pointer).cloned().unwrap_or_default();
        assert!(id.is_string(), "no {pointer}: {redeemed}");
        id
    })
}

#[tokio::test]
async fn an_invitation_arrives_as_one_mail_and_lets_exactly_one_person_in() -> Result<()> {
    let site = Site::start().await?;
    let owner = site.owner()?;
    let member = site.role("member").await?;
    let body = json!({
        "recipient": { "email": ADA }, "role_id": member, "permissions": ["timesheets.write"], "default_rate": 4500,
        "message": "Welcome aboard, see https://elsewhere.example/ for more.",
    });
    let issued = owner.post_once("/v1/invitations", "first", &body).await?.expect(201)?;
    assert_eq!(issued["deliveries"][0]["state"], "queued", "{issued}");
    assert!(issued.get("link").is_none(), "a link nobody asked for: {issued}");
    let id = text(&issued, "/id")?;
    // The same request again is the same invitation and the same mail.
    assert_eq!(owner.post_once("/v1/invitations", "first", &body).await?.expect(201)?["id"], issued["id"]);

    let sent = site.wait_until_sent(id).await?;
    assert_eq!((&sent["status"], &sent["deliveries"][0]["attempts"]), (&json!("pending"), &json!(1)), "{sent}");
    let received = site.smtp.messages();
    assert_eq!(received.len(), 1);
    assert_eq!((received[0].from.as_str(), received[0].to.as_slice()), ("invite@example.org", &[ADA.to_owned()][..]));
    let mail = site.mail(ADA, 1).await?;
    assert_eq!(mail.media_type, "multipart/alternative");
    assert_eq!(mail.parts, ["text/plain", "text/html"]);
    assert!(mail.header("To")?.contains(ADA) && mail.header("From")?.contains("invite@example.org"));
    assert!(mail.header("Subject")?.contains("Acme"), "{}", mail.header("Subject")?);
    assert!(mail.text.contains("Welcome aboard") && mail.html.contains("Welcome aboard"), "{}", mail.text);
    let link = mail.only_link()?;
    assert!(link.starts_with(&format!("{}/i/inv_", site.service.base_url())), "{link}");
    let token = token_of(&link)?;

    let anyone = site.anyone()?;
    let preview = anyone.post("/v1/redemptions/preview", &json!({ "token": token })).await?.expect(200)?;
    assert_eq!((&preview["organization"]["name"], &preview["role"]["name"]), (&json!("Acme"), &json!("member")));
    assert_eq!(preview["next"], "sign_up");

    let request = redemption(&token, PASSWORD);
    let redeemed = anyone.post_once("/v1/redemptions", "ada-1", &request).await?.expect(201)?;
    let same = ids(&redeemed);
    let session = text(&redeemed, "/session/token")?.to_owned();
    assert_eq!((&redeemed["account"]["email"], &redeemed["account"]["email_verified"]), (&json!(ADA), &json!(true)));
    assert_eq!(redeemed["membership"]["role"]["name"], "member");

    // Rule 5.3, each of the three ways: the same request, token and password, signed in.
    let again = anyone.post_once("/v1/redemptions", "ada-1", &request).await?.expect(200)?;
    let with_password = anyone.redeem(&token, PASSWORD).await?.expect(200)?;
    let signed_in = site.bearer(&session)?.post("/v1/redemptions", &json!({ "token": token })).await?.expect(200)?;
    for retry in [again, with_password, signed_in] {
        assert_eq!(ids(&retry), same);
        assert!(retry.get("session").is_none(), "a retry got a session: {retry}");
    }

    // Everybody else, whatever they send.
    let (_, other) = site.invite("bob@example.org").await?;
    let bob = anyone.redeem(&other, "another fine phrase 7").await?.expect(201)?;
    let bob = site.bearer(text(&bob, "/session/token")?)?;
    let wrong = redemption(&token, "not the password of hers");
    let refusals = [
        anyone.post("/v1/redemptions", &wrong).await?,
        anyone.post_once("/v1/redemptions", "somebody-else", &wrong).await?,
        anyone.post("/v1/redemptions", &json!({ "token": token })).await?,
        anyone.post("/v1/redemptions", &json!({ "token": token, "account": { "name": "Ada Lovelace" } })).await?,
        bob.post("/v1/redemptions", &json!({ "token": token })).await?,
        owner.post("/v1/redemptions", &json!({ "token": token })).await?,
        anyone.post("/v1/redemptions/preview", &json!({ "token": token })).await?,
        anyone.post("/v1/redemptions/decline", &json!({ "token": token })).await?,
    ];
    for refusal in refusals {
        let problem = refusal.refused(410, "redeemed")?;
        assert_eq!(problem["organization_name"], "Acme", "{problem}");
    }

    let list = owner.get("/v1/invitations?status=redeemed&query=lovelace&include_total=true").await?.expect(200)?;
    assert_eq!(list["total"], 1, "{list}");
    let listed = &items(&list)?[0];
    assert_eq!((&listed["id"], &listed["status"], &listed["uses"]), (&issued["id"], &json!("redeemed"), &json!(1)));
    assert_eq!(listed["redemption"]["account_id"], redeemed["account"]["id"]);
    assert_eq!(listed["redemption"]["membership_id"], redeemed["membership"]["id"]);
    assert_eq!(listed["redeemed_at"], redeemed["redemption"]["redeemed_at"]);
    let joined = site.member(ADA).await?.unwrap();
    assert_eq!(joined["id"], redeemed["membership"]["id"]);
    assert_eq!((&joined["permissions"], &joined["default_rate"]), (&json!(["timesheets.write"]), &json!(4500)));
    assert_eq!(
        joined["effective_permissions"],
        json!(["invitations.read", "members.read", "roles.read", "timesheets.write"])
    );
    assert_eq!(site.mails_to(ADA), 1);
    Ok(())
}

#[tokio::test]
async fn without_a_mail_server_an_invitation_is_issued_and_waits() -> Result<()> {
    let mut site = Site::start().await?;
    site.service.terminate().await?;
    let smtp_url = site.smtp.url();
    site.sandbox.unset("INVITE_SMTP_URL");
    site.service = site.sandbox.serve(&[]).await?;
    let body = json!({ "recipient": { "email": ADA } });
    let issued = site.owner()?.post("/v1/invitations", &body).await?.expect(201)?;
    assert_eq!(issued["deliveries"][0]["state"], "queued", "{issued}");
    let list = site.owner()?.get("/v1/invitations?delivery=queued").await?.expect(200)?;
    assert_eq!(items(&list)?.len(), 1, "{list}");
    site.service.terminate().await?;
    assert_eq!(site.smtp.messages().len(), 0);

    site.sandbox.set("INVITE_SMTP_URL", smtp_url);
    site.service = site.sandbox.serve(&[]).await?;
    let token = site.mailed_token(ADA, 1).await?;
    site.anyone()?.redeem(&token, PASSWORD).await?.expect(201)?;
    Ok(())
}

#[tokio::test]
async fn an_operators_own_templates_and_language_are_used() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let own = "{{ greeting }}\n\n{{ body }}\n\nRound the corner, second door:\n{{ link }}\n";
    std::fs::write(folder.path().join("invitation.txt"), own)?;
    let path = folder.path().to_str().unwrap();
    let site = Site::start_with(&[("INVITE_TEMPLATES", path), ("INVITE_LOCALE", "fr")]).await?;
    site.invite(ADA).await?;
    let mail = site.mail(ADA, 1).await?;
    assert!(mail.text.contains("Round the corner, second door:"), "{}", mail.text);
    assert!(mail.text.contains("Bonjour"), "{}", mail.text);
    assert!(mail.html.contains("Bonjour"), "the other part is the built-in one: {}", mail.html);
    let page = site.anyone()?.get("/accept").await?;
    assert!(page.text.contains("lang=\"fr\""), "{}", page.text);
    Ok(())
}
