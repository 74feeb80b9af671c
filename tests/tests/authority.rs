//! Nobody gives what he does not hold, neither when inviting nor by the time somebody accepts.

mod common;

use common::{Api, OWNER, PASSWORD, Site, items, text};
use invite_tests::Result;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const RITA: &str = "rita.recruiter@example.org";
const ADA: &str = "ada@example.org";

/// A member, with the permissions she was given apart from a role, and her session.
struct Recruiter {
    membership: String,
    api: Api,
}

async fn recruiter(site: &Site, permissions: &[&str]) -> Result<Recruiter> {
    let body = json!({
        "recipient": { "email": RITA }, "permissions": permissions, "channels": [], "return": ["link"],
    });
    let invitation = site.owner()?.post("/v1/invitations", &body).await?.expect(201)?;
    let token = common::token_of(text(&invitation, "/link")?)?;
    let redeemed = site.anyone()?.redeem(&token, PASSWORD).await?.expect(201)?;
    let membership = text(&redeemed, "/membership/id")?.to_owned();
    Ok(Recruiter { membership, api: site.bearer(text(&redeemed, "/session/token")?)? })
}

/// What a refused request must not add to.
async fn stored(site: &Site) -> Result<[Value; 2]> {
    let owner = site.owner()?;
    let invitations = owner.get("/v1/invitations?include_total=true").await?.expect(200)?;
    let members = owner.get("/v1/members?include_total=true").await?.expect(200)?;
    Ok([invitations, members])
}

#[tokio::test]
async fn r6_2_an_inviter_without_a_permission_cannot_grant_it_and_nothing_is_stored_or_sent() -> Result<()> {
    let site = Site::start().await?;
    let rita = recruiter(&site, &["invitations.issue", "invitations.read", "timesheets.write"]).await?;
    let body = json!({ "name": "CI", "permissions": ["invitations.issue"] });
    let key = site.owner()?.post("/v1/api-keys", &body).await?.expect(201)?;
    let key = site.bearer(text(&key, "/api_key")?)?;
    let (member, owner) = (site.role("member").await?, site.role("owner").await?);
    let before = stored(&site).await?;
    for (caller, grant, missing) in [
        (&rita.api, json!({ "permissions": ["timesheets.write", "members.remove"] }), json!(["members.remove"])),
        (&rita.api, json!({ "role_id": member }), json!(["members.read", "roles.read"])),
        (&rita.api, json!({ "role_id": owner }), Value::Null),
        (&key, json!({ "permissions": ["timesheets.write"] }), json!(["timesheets.write"])),
        (&key, json!({ "role_id": member }), json!(["invitations.read", "members.read", "roles.read"])),
    ] {
        let mut body = json!({ "recipient": { "email": ADA } });
        body.as_object_mut().unwrap().extend(grant.as_object().cloned().unwrap_or_default());
        let problem = caller.post("/v1/invitations", &body).await?.refused(403, "grant_exceeds_authority")?;
        assert!(missing.is_null() || problem["missing"] == missing, "{problem}");
    }
    // Showing a link is a permission of its own.
    let body = json!({ "recipient": { "email": ADA }, "return": ["link"] });
    rita.api.post("/v1/invitations", &body).await?.refused(403, "forbidden")?;
    assert_eq!(stored(&site).await?, before);

    // What she holds she may give; that mail is the first there is.
    let body = json!({ "recipient": { "email": ADA }, "permissions": ["timesheets.write"] });
    let issued = rita.api.post("/v1/invitations", &body).await?.expect(201)?;
    assert_eq!((&issued["inviter"]["kind"], &issued["inviter"]["id"]), (&json!("member"), &json!(rita.membership)));
    let token = site.mailed_token(ADA, 1).await?;
    assert_eq!(site.smtp.messages().len(), 1);
    let redeemed = site.anyone()?.redeem(&token, PASSWORD).await?.expect(201)?;
    assert_eq!(redeemed["membership"]["effective_permissions"], json!(["timesheets.write"]));
    Ok(())
}

#[tokio::test]
async fn r6_4_the_invitation_of_a_demoted_inviter_is_suspended_until_somebody_sponsors_it() -> Result<()> {
    let site = Site::start().await?;
    let owner = site.owner()?;
    let rita = recruiter(&site, &["invitations.issue", "timesheets.write"]).await?;
    let body = json!({ "recipient": { "email": ADA }, "permissions": ["timesheets.write"] });
    let issued = rita.api.post("/v1/invitations", &body).await?.expect(201)?;
    let id = text(&issued, "/id")?;
    let token = site.mailed_token(ADA, 1).await?;
    let member = format!("/v1/members/{}", rita.membership);

    owner.patch(&member, &json!({ "permissions": ["invitations.issue"] })).await?.expect(200)?;
    let suspended = site.invitation(id).await?;
    assert_eq!(suspended["status"], "suspended");
    assert_eq!(suspended["suspended_reason"], "inviter_lost_authority");
    let anyone = site.anyone()?;
    let problem = anyone.redeem(&token, PASSWORD).await?.refused(409, "suspended")?;
    assert_eq!(problem["organization_name"], "Acme");
    anyone.post("/v1/redemptions/preview", &json!({ "token": token })).await?.refused(409, "suspended")?;
    assert_eq!(site.member(ADA).await?, None);

    // Nothing is stored for it: with the right it lifts, by being switched off it returns.
    let both = json!({ "permissions": ["invitations.issue", "timesheets.write"] });
    owner.patch(&member, &both).await?.expect(200)?;
    assert_eq!(site.invitation(id).await?["status"], "pending");
    owner.patch(&member, &json!({ "active": false })).await?.expect(200)?;
    assert_eq!(site.invitation(id).await?["status"], "suspended");

    let sponsored = owner.post(&format!("/v1/invitations/{id}/sponsor"), &json!({})).await?.expect(200)?;
    assert_eq!((&sponsored["status"], &sponsored["generation"]), (&json!("pending"), &json!(2)), "{sponsored}");
    assert_eq!(sponsored["inviter"]["kind"], "api_key");
    let new = site.mailed_token(ADA, 2).await?;
    anyone.redeem(&token, PASSWORD).await?.refused(410, "superseded")?;
    let redeemed = anyone.redeem(&new, PASSWORD).await?.expect(201)?;
    assert_eq!(redeemed["membership"]["permissions"], json!(["timesheets.write"]));
    Ok(())
}

#[tokio::test]
async fn r6_4_a_removed_inviter_a_shrunk_role_and_a_revoked_key_suspend_too() -> Result<()> {
    let site = Site::start().await?;
    let owner = site.owner()?;
    // A role that shrinks under the one who gives it.
    let role = json!({ "name": "Recruiter", "permissions": ["invitations.issue", "timesheets.write"] });
    let role = owner.post("/v1/roles", &role).await?.expect(201)?;
    let role = format!("/v1/roles/{}", text(&role, "/id")?);
    let rita = recruiter(&site, &[]).await?;
    let member = format!("/v1/members/{}", rita.membership);
    owner.patch(&member, &json!({ "role_id": role.rsplit('/').next() })).await?.expect(200)?;
    let invite = async |caller: &Api, address: &str| -> Result<String> {
        let body = json!({
            "recipient": { "email": address }, "permissions": ["timesheets.write"],
        });
        let issued = caller.post("/v1/invitations", &body).await?.expect(201)?;
        site.mailed_token(address, 1).await?;
        Ok(text(&issued, "/id")?.to_owned())
    };
    let status = async |id: &str| -> Result<Value> { Ok(site.invitation(id).await?["status"].clone()) };
    let by_rita = invite(&rita.api, "one@example.org").await?;
    owner.patch(&role, &json!({ "permissions": ["invitations.issue"] })).await?.expect(200)?;
    assert_eq!(status(&by_rita).await?, "suspended");
    owner.patch(&role, &json!({ "permissions": ["invitations.issue", "timesheets.write"] })).await?.expect(200)?;
    assert_eq!(status(&by_rita).await?, "pending");
    owner.delete(&member).await?.expect(204)?;
    assert_eq!(status(&by_rita).await?, "suspended");
    rita.api.get("/v1/invitations").await?.expect(400)?;

    let body = json!({ "name": "CI", "permissions": ["invitations.issue", "timesheets.write"] });
    let key = owner.post("/v1/api-keys", &body).await?.expect(201)?;
    let by_key = invite(&site.bearer(text(&key, "/api_key")?)?, "two@example.org").await?;
    assert_eq!(status(&by_key).await?, "pending");
    owner.delete(&format!("/v1/api-keys/{}", text(&key, "/id")?)).await?.expect(204)?;
    assert_eq!(status(&by_key).await?, "suspended");
    let token = site.mailed_token("two@example.org", 1).await?;
    site.anyone()?.redeem(&token, PASSWORD).await?.refused(409, "suspended")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r6_5_the_last_owner_stays_also_when_two_are_removed_at_once() -> Result<()> {
    let site = Site::start().await?;
    // The operator outlives both owners, an owner's API key does not.
    let operator = site.bearer(text(&site.setup, "/operator_key")?)?;
    let operator = operator.for_organization(text(&site.setup, "/slug")?);
    let first = site.member(OWNER).await?.unwrap_or_default();
    let path = |membership: &Value| -> Result<String> { Ok(format!("/v1/members/{}", text(membership, "/id")?)) };
    let only = path(&first)?;
    let guest = site.role("guest").await?;
    operator.delete(&only).await?.refused(409, "last_owner")?;
    for change in [json!({ "role_id": guest }), json!({ "role_id": null }), json!({ "active": false })] {
        operator.patch(&only, &change).await?.refused(409, "last_owner")?;
    }
    assert_eq!(site.member(OWNER).await?.unwrap_or_default(), first);

    let role = site.role("owner").await?;
    let body = json!({ "recipient": { "email": ADA }, "role_id": role, "channels": [], "return": ["link"] });
    let issued = site.owner()?.post("/v1/invitations", &body).await?.expect(201)?;
    let token = common::token_of(text(&issued, "/link")?)?;
    let redeemed = site.anyone()?.redeem(&token, PASSWORD).await?.expect(201)?;
    let mut removals = JoinSet::new();
    for path in [only, path(&redeemed["membership"])?] {
        let operator = operator.clone();
        removals.spawn(async move { operator.delete(&path).await });
    }
    let mut seen = Vec::new();
    while let Some(answer) = removals.join_next().await {
        let answer = answer??;
        if answer.status != 204 {
            answer.refused(409, "last_owner")?;
        }
        seen.push(answer.status);
    }
    seen.sort_unstable();
    assert_eq!(seen, [204, 409]);
    let members = operator.get("/v1/members").await?.expect(200)?;
    let owners = items(&members)?.iter().filter(|member| member["role"]["name"] == "owner").count();
    assert_eq!(owners, 1, "{members}");
    Ok(())
}
