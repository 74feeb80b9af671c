//! The main journey, each request at another replica.

use super::{REPLICAS, replicated};
use crate::common::{OWNER, PASSWORD, browser::Browser, items, text, token_of};
use invite_domain::secret::code::TypedCode;
use invite_tests::{Failure, Result, net};
use serde_json::json;
use std::collections::BTreeSet;

const ADA: &str = "ada@example.org";

pub(crate) async fn one_service() -> Result<()> {
    let mut site = replicated(&[]).await?;
    let (owner, anyone) = (site.owner()?, site.anyone()?);

    // The same key at three replicas is one invitation and one mail.
    let body = json!({ "recipient": { "email": ADA }, "role_id": site.role("member").await? });
    let mut ids = BTreeSet::new();
    for _ in 0..REPLICAS {
        let issued = owner.post_once("/v1/invitations", "first", &body).await?.expect(201)?;
        ids.insert(text(&issued, "/id")?.to_owned());
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    let id = ids.pop_first().unwrap_or_default();
    let first = site.mailed_token(ADA, 1).await?;
    site.wait_until_sent(&id).await?;
    assert_eq!(site.mails_to(ADA), 1);

    // A resend at one is known at all others.
    owner.post(&format!("/v1/invitations/{id}/resend"), &json!({})).await?.expect(200)?;
    let token = site.mailed_token(ADA, 2).await?;
    for _ in 0..REPLICAS {
        anyone.post("/v1/redemptions/preview", &json!({ "token": first })).await?.refused(410, "superseded")?;
        let preview = anyone.post("/v1/redemptions/preview", &json!({ "token": token })).await?.expect(200)?;
        assert_eq!(preview["next"], "sign_up");
    }

    // A page of one replica, its form at another: cookies, seals and tokens of forms are good everywhere.
    let browser = Browser::new(site.service.base_url())?;
    let page = browser.open(&format!("/i/{token}")).await?;
    let form = page.form("action", "accept")?;
    let typed = [("name", "Ada"), ("password", PASSWORD), ("password_repeat", PASSWORD)];
    let joined = browser.submit(&form, &typed).await?;
    assert_eq!(joined.answer.status, 200, "{}", joined.answer.text);
    let sign_in = json!({ "email": ADA, "password": PASSWORD });
    let signed_in = anyone.post("/v1/sessions", &sign_in).await?.expect(201)?;
    let ada = site.bearer(text(&signed_in, "/session/token")?)?;
    for _ in 0..REPLICAS {
        assert_eq!(ada.get("/v1/me").await?.expect(200)?["account"]["email"], ADA);
        anyone.redeem(&token, "somebody else's words").await?.refused(410, "redeemed")?;
    }

    // What is revoked at one is revoked at the others.
    let (revoked, dead) = site.invite_silently("bob@example.org").await?;
    owner.post(&format!("/v1/invitations/{revoked}/revoke"), &json!({})).await?.expect(200)?;
    for _ in 0..REPLICAS {
        anyone.redeem(&dead, PASSWORD).await?.refused(410, "revoked")?;
    }

    // A cursor of one replica is good at the next.
    for number in 0..5 {
        site.invite_silently(&format!("page-{number}@example.org")).await?;
    }
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let list = owner.get(&format!("/v1/invitations?limit=2{cursor}")).await?.expect(200)?;
        for item in items(&list)? {
            listed.push(text(item, "/id")?.to_owned());
        }
        match list["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((listed.len(), listed.iter().collect::<BTreeSet<_>>().len()), (7, 7), "{listed:?}");

    // A page's reset, asked for at one, followed at another.
    anyone.post("/v1/password-resets", &json!({ "email": OWNER })).await?.expect(202)?;
    let reset = site.mail(OWNER, 1).await?.only_link()?;
    assert_eq!(Browser::new(site.service.base_url())?.open(&reset).await?.answer.status, 200);

    // All three have answered, and every mail went out once.
    for replica in 0..REPLICAS {
        let base = site.service.replica_url(replica).ok_or_else(|| Failure::new("no such replica"))?;
        let metrics = net::http()?.get(format!("{base}/metrics")).send().await?.text().await?;
        assert!(metrics.contains("invite_http_requests_total{"), "replica {replica} has answered nothing: {metrics}");
        assert!(metrics.contains("/v1/redemptions"), "replica {replica} was asked for nothing that matters: {metrics}");
    }
    assert_eq!((site.mails_to(ADA), site.smtp.messages().len()), (2, 3));
    assert_eq!(site.service.terminate().await?.code(), Some(0), "{}", site.service.stderr());
    assert!(!site.service.stderr().contains("\"level\":\"ERROR\""), "{}", site.service.stderr());
    Ok(())
}

/// A well-formed code nobody has.
fn wrong(number: usize) -> Result<String> {
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let code = alphabet.chars().map(|check| format!("{number:010}{check}")).find(|code| TypedCode::parse(code).is_ok());
    code.ok_or_else(|| Failure::new("no check character fits"))
}

pub(crate) async fn attempts() -> Result<()> {
    const ALLOWED: usize = 4;
    const SENT: usize = 3 * REPLICAS;
    let budget = format!("{ALLOWED}/1h");
    let settings = [("INVITE_LIMIT_CODE_ADDRESS", budget.as_str()), ("INVITE_LIMIT_SIGN_IN_ACCOUNT", budget.as_str())];
    // A window of an hour ends now and then; two in a row cannot end in the middle of this.
    for _ in 0..2 {
        let site = replicated(&settings).await?;
        let anyone = site.anyone()?;
        let token = site.invite(ADA).await?.1;
        anyone.redeem(&token, PASSWORD).await?.expect(201)?;
        let (mut codes, mut passwords) = (Vec::new(), Vec::new());
        for number in 0..SENT {
            let code = json!({ "organization": "acme", "code": wrong(number)?, "account": { "name": "Eve" } });
            codes.push(anyone.post("/v1/redemptions", &code).await?.status);
            let guess = json!({ "email": ADA, "password": format!("guess number {number}") });
            passwords.push(anyone.post("/v1/sessions", &guess).await?.status);
        }
        let expected = |refused: u16| [vec![refused; ALLOWED], vec![429; SENT - ALLOWED]].concat();
        if codes == expected(404) && passwords == expected(401) {
            // Whatever replica is asked, also the right password is not looked at any more; links go on.
            for _ in 0..REPLICAS {
                let right = json!({ "email": ADA, "password": PASSWORD });
                anyone.post("/v1/sessions", &right).await?.refused(429, "too_many_attempts")?;
            }
            let link = token_of(&format!("/i/{}", site.invite_silently("eve@example.org").await?.1))?;
            anyone.redeem(&link, PASSWORD).await?.expect(201)?;
            return Ok(());
        }
        let fits = |statuses: &[u16]| statuses.iter().filter(|status| **status != 429).count() <= 2 * ALLOWED;
        assert!(fits(&codes) && fits(&passwords), "{codes:?} {passwords:?}");
        println!("a window ended within the test: {codes:?} {passwords:?}");
    }
    Err(Failure::new("an attempt too many was let through twice"))
}
