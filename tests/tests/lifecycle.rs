//! An invitation's life after it was issued: sent again, expired, declined, withdrawn.

mod common;

use common::{Answer, PASSWORD, Site, eventually, redemption, text, token};
use invite_tests::Result;
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";

/// Preview, redemption and decline refuse a token alike.
async fn all_refuse(site: &Site, token: &str, status: u16, code: &str) -> Result<Value> {
    let anyone = site.anyone()?;
    let preview = anyone.post("/v1/redemptions/preview", &json!({ "token": token })).await?.refused(status, code)?;
    anyone.redeem(token, PASSWORD).await?.refused(status, code)?;
    anyone.post("/v1/redemptions/decline", &json!({ "token": token })).await?.refused(status, code)?;
    Ok(preview)
}

#[tokio::test]
async fn r4_1_after_a_resend_the_old_link_is_superseded_and_the_new_one_works() -> Result<()> {
    let site = Site::start().await?;
    let (issued, old) = site.invite(ADA).await?;
    let path = format!("/v1/invitations/{}", text(&issued, "/id")?);
    let resent = site.owner()?.post(&format!("{path}/resend"), &json!({})).await?.expect(200)?;
    assert_eq!((&resent["id"], &resent["generation"]), (&issued["id"], &json!(2)), "{resent}");
    let new = site.mailed_token(ADA, 2).await?;
    assert_ne!(old, new);
    let problem = all_refuse(&site, &old, 410, "superseded").await?;
    assert_eq!(problem["organization_name"], "Acme");
    assert!(text(&problem, "/superseded_at")? >= text(&issued, "/created_at")?, "{problem}");
    let redeemed = site.anyone()?.redeem(&new, PASSWORD).await?.expect(201)?;
    assert_eq!(redeemed["redemption"]["generation"], 2);
    // Both tell of the redemption now; the first of what happened to it first.
    site.anyone()?.redeem(&new, "somebody else's phrase").await?.refused(410, "redeemed")?;
    site.owner()?.post(&format!("{path}/resend"), &json!({})).await?.refused(409, "already_redeemed")?;
    Ok(())
}

#[tokio::test]
async fn r4_3_resend_of_an_expired_invitation_makes_it_redeemable_again() -> Result<()> {
    let site = Site::start_with(&[("INVITE_TTL_MIN", "1s")]).await?;
    let body = json!({ "recipient": { "email": ADA }, "expires_in": 1, "channels": [], "return": ["link"] });
    let issued = site.owner()?.post("/v1/invitations", &body).await?.expect(201)?;
    let id = text(&issued, "/id")?;
    let old = common::token_of(text(&issued, "/link")?)?;
    let expired = site.wait_for_status(id, "expired").await?;
    assert_eq!(expired["version"], issued["version"], "expiry is derived, not stored");
    let problem = all_refuse(&site, &old, 410, "expired").await?;
    assert_eq!(problem["ended_at"], issued["expires_at"]);
    assert!(site.member(ADA).await?.is_none());

    let again = json!({ "channels": ["email"] });
    let resent = site.owner()?.post(&format!("/v1/invitations/{id}/resend"), &again).await?.expect(200)?;
    assert_eq!((&resent["status"], &resent["id"]), (&json!("pending"), &issued["id"]), "{resent}");
    let new = site.mailed_token(ADA, 1).await?;
    all_refuse(&site, &old, 410, "superseded").await?;
    let redeemed = site.anyone()?.redeem(&new, PASSWORD).await?.expect(201)?;
    assert_eq!(redeemed["redemption"]["invitation_id"], issued["id"]);
    Ok(())
}

#[tokio::test]
async fn r4_3_an_expired_invitation_yields_to_a_newer_one() -> Result<()> {
    let site = Site::start_with(&[("INVITE_TTL_MIN", "1s")]).await?;
    let owner = site.owner()?;
    let body = json!({ "recipient": { "email": ADA }, "expires_in": 1, "channels": [] });
    let first = owner.post("/v1/invitations", &body).await?.expect(201)?;
    let first = text(&first, "/id")?;
    site.wait_for_status(first, "expired").await?;
    let (second, _) = site.invite_silently(ADA).await?;
    let problem = owner.post(&format!("/v1/invitations/{first}/resend"), &json!({})).await?;
    assert_eq!(problem.refused(409, "already_invited")?["invitation_id"], json!(second));
    Ok(())
}

#[tokio::test]
async fn r4_7_a_decline_ends_the_invitation_and_a_block_ends_all_further_mail() -> Result<()> {
    let site = Site::start().await?;
    let (owner, anyone) = (site.owner()?, site.anyone()?);
    let (issued, link) = site.invite(ADA).await?;
    let path = format!("/v1/invitations/{}", text(&issued, "/id")?);
    let declined = anyone.post("/v1/redemptions/decline", &json!({ "token": link })).await?.expect(200)?;
    assert_eq!(declined, json!({ "status": "declined", "blocked": false }));
    all_refuse(&site, &link, 410, "declined").await?;
    let invitation = owner.get(&path).await?.expect(200)?;
    assert_eq!(invitation["status"], "declined");
    assert!(invitation["declined_at"].is_string(), "{invitation}");
    owner.post(&format!("{path}/resend"), &json!({})).await?.refused(409, "already_declined")?;

    // An ended one blocks no new one; its invitee can.
    let second = owner.post("/v1/invitations", &json!({ "recipient": { "email": ADA } })).await?.expect(201)?;
    let second_link = site.mailed_token(ADA, 2).await?;
    assert_ne!(second["id"], issued["id"]);
    let blocked = json!({ "token": second_link, "block": true });
    assert_eq!(anyone.post("/v1/redemptions/decline", &blocked).await?.expect(200)?["blocked"], true);
    let third = owner.post("/v1/invitations", &json!({ "recipient": { "email": ADA } })).await?.expect(201)?;
    let delivery = &third["deliveries"][0];
    assert_eq!((&delivery["state"], &delivery["reason"]), (&json!("cancelled"), &json!("recipient_blocked")));
    // The mail to somebody else, issued after it, overtakes nothing.
    site.invite("bob@example.org").await?;
    assert_eq!(site.mails_to(ADA), 2);
    Ok(())
}

#[tokio::test]
async fn r4_6_a_revoked_invitation_is_refused_and_a_second_revocation_changes_nothing() -> Result<()> {
    let site = Site::start().await?;
    let owner = site.owner()?;
    let (issued, link) = site.invite(ADA).await?;
    let path = format!("/v1/invitations/{}", text(&issued, "/id")?);
    // A mail on its way would be noted as sent after the revocation.
    site.wait_until_sent(text(&issued, "/id")?).await?;
    let revoke = json!({ "reason": "wrong address" });
    let revoked = owner.post(&format!("{path}/revoke"), &revoke).await?.expect(200)?;
    assert_eq!((&revoked["status"], &revoked["revoke_reason"]), (&json!("revoked"), &json!("wrong address")));
    assert!(revoked["revoked_at"].is_string() && revoked["revoked_by"]["id"].is_string(), "{revoked}");
    all_refuse(&site, &link, 410, "revoked").await?;
    let again = owner.post(&format!("{path}/revoke"), &json!({ "reason": "twice" })).await?.expect(200)?;
    assert_eq!(again, revoked);
    owner.post(&format!("{path}/resend"), &json!({})).await?.refused(409, "already_revoked")?;
    let events = owner.get(&format!("{path}/events")).await?.expect(200)?;
    let kinds: Vec<&Value> = common::items(&events)?.iter().map(|event| &event["type"]).collect();
    assert_eq!(kinds, ["invitation.issued", "invitation.revoked"]);
    Ok(())
}

/// The body without what differs from request to request.
fn bare(answer: &Answer) -> Result<Value> {
    let mut problem = answer.refused(404, "invitation_not_found")?;
    for of_this_request in ["request_id", "instance"] {
        assert!(problem[of_this_request].take().is_string(), "{answer:?}");
    }
    Ok(problem)
}

#[tokio::test]
async fn r5_8_unknown_malformed_and_foreign_tokens_get_one_and_the_same_answer() -> Result<()> {
    let (site, elsewhere) = (Site::start().await?, Site::start().await?);
    let (_, genuine) = site.invite_silently(ADA).await?;
    let (_, foreign) = elsewhere.invite_silently(ADA).await?;
    let mut flipped = token::decode(&genuine)?;
    flipped[30] ^= 1;
    let other_digit = if genuine.ends_with('0') { "1" } else { "0" };
    let bad = [
        foreign,
        "inv_0VSTem8nho5xipGKoiTGrMdGNayehGAxCa36Dld8leyCY3W9OQk40ffxGAMrgKmU61JxeOV".to_owned(),
        token::encode(&flipped),
        format!("{}{other_digit}", &genuine[..genuine.len() - 1]),
        genuine[..genuine.len() - 1].to_owned(),
        format!("{genuine}0"),
        format!(" {genuine}"),
        genuine.to_uppercase(),
        genuine.replacen("inv_", "ina_", 1),
        String::new(),
        "x".to_owned(),
        "\u{7}\u{202e}Ω".to_owned(),
        "0".repeat(10_000),
        text(&site.setup, "/api_key")?.to_owned(),
        text(&site.setup, "/owner_link")?.rsplit('/').next().unwrap_or_default().to_owned(),
    ];
    let mut answers = Vec::new();
    for token in &bad {
        for path in ["/v1/redemptions/preview", "/v1/redemptions/decline"] {
            answers.push(bare(&site.anyone()?.post(path, &json!({ "token": token })).await?)?);
        }
        let redeem = site.anyone()?.post("/v1/redemptions", &redemption(token, PASSWORD)).await?;
        answers.push(bare(&redeem)?);
    }
    assert_eq!(answers.len(), 3 * bad.len());
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    // A wrong type is another mistake.
    let wrong = site.anyone()?.post("/v1/redemptions/preview", &json!({ "token": 1 })).await?;
    assert_eq!(wrong.refused(422, "invalid_input")?["errors"][0]["code"], "wrong_type");
    site.anyone()?.redeem(&genuine, PASSWORD).await?.expect(201)?;
    Ok(())
}

#[tokio::test]
async fn r4_9_whoever_asks_for_a_new_link_hears_the_same_and_only_the_invited_address_gets_one() -> Result<()> {
    let site = Site::start().await?;
    let owner = site.owner()?;
    let (issued, old) = site.invite(ADA).await?;
    owner.post(&format!("/v1/invitations/{}/resend", text(&issued, "/id")?), &json!({})).await?.expect(200)?;
    let current = site.mailed_token(ADA, 2).await?;
    let (revoked, dead) = site.invite("bob@example.org").await?;
    owner.post(&format!("/v1/invitations/{}/revoke", text(&revoked, "/id")?), &json!({})).await?.expect(200)?;
    let (_, used) = site.invite("eve@example.org").await?;
    site.anyone()?.redeem(&used, PASSWORD).await?.expect(201)?;

    // The one that leads to a mail comes last: when it is here, the others would have been.
    for token in ["x", "inv_0", &dead, &used, &old] {
        let answer = site.anyone()?.post("/v1/redemptions/new-link", &json!({ "token": token })).await?;
        assert_eq!(answer.expect(202)?, json!({ "status": "accepted" }));
    }
    // The invitation is live: the present link once more, not another one.
    assert_eq!(site.mailed_token(ADA, 3).await?, current);
    let settled = site.wait_until_sent(text(&issued, "/id")?).await?;
    assert_eq!(settled["generation"], 2, "{settled}");
    assert_eq!((site.mails_to("bob@example.org"), site.mails_to("eve@example.org")), (1, 1));
    Ok(())
}

#[tokio::test]
async fn r4_9_a_new_link_of_an_expired_invitation_makes_it_redeemable_again() -> Result<()> {
    let site = Site::start_with(&[("INVITE_TTL_MIN", "1s")]).await?;
    let body = json!({ "recipient": { "email": ADA }, "expires_in": 1, "channels": ["email"], "return": ["link"] });
    let issued = site.owner()?.post("/v1/invitations", &body).await?.expect(201)?;
    let id = text(&issued, "/id")?;
    let old = common::token_of(text(&issued, "/link")?)?;
    site.wait_for_status(id, "expired").await?;
    let before = site.mails_to(ADA);
    let problem = site.anyone()?.redeem(&old, PASSWORD).await?.refused(410, "expired")?;
    assert_eq!(problem["can_request_new"], true, "{problem}");
    site.anyone()?.post("/v1/redemptions/new-link", &json!({ "token": old })).await?.expect(202)?;
    let revived = eventually("it was never revived", async || {
        let invitation = site.invitation(id).await?;
        Ok((invitation["status"] == "pending").then_some(invitation))
    })
    .await?;
    assert_eq!(revived["generation"], 2, "{revived}");
    let new = site.mailed_token(ADA, before + 1).await?;
    site.anyone()?.redeem(&new, PASSWORD).await?.expect(201)?;
    Ok(())
}
