//! A program written for the Gatego API, against the built binary: the printed request, an invitation from one end to the
//! other, and many who accept at once.

mod common;

use common::{Answer, Api, PASSWORD, Site, browser::Browser, text, token_of};
use invite_domain::secret::code::TypedCode;
use invite_tests::{
    Failure, Result,
    contract::{self, Nulls, assert_shape},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use tokio::{sync::Barrier, task::JoinSet};

const ADA: &str = "ada@example.org";
const ACCEPT: &str = "/api/public/account/invited-account";
const INVITE: &str = "/api/account/invite";
const ME: &str = "/api/account/me";

/// Invites with the owner's key, and answers what was answered and the mailed token.
async fn invite(site: &Site, body: &Value) -> Result<(Value, String)> {
    let invited = site.owner()?.post(INVITE, body).await?.expect(201)?;
    assert_shape("gatego_invitation", &invited, Nulls::Allowed);
    Ok((invited, site.mailed_token(text(body, "/email")?, 1).await?))
}

fn look(code: &str) -> String {
    format!("/api/public/account/invite?code={code}")
}

/// A new person's acceptance.
fn acceptance(code: &str, password: &str) -> Value {
    let account = json!({ "name": "Ada Lovelace", "password": password, "password_confirmation": password });
    json!({ "code": code, "account_invited": account })
}

/// The refusal's code, if the status is this one.
fn refused(answer: &Answer, status: u16) -> Result<String> {
    let body = answer.expect(status)?;
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(2), "{body}");
    Ok(text(&body, "/error_code")?.to_owned())
}

async fn login(anyone: &Api, username: &str, password: &str) -> Result<Answer> {
    anyone.post("/auth/login", &json!({ "username": username, "password": password })).await
}

/// The short code in the mail.
async fn mailed_code(site: &Site, address: &str) -> Result<String> {
    let mail = site.mail(address, 1).await?;
    let shaped = |word: &&str| word.len() == 13 && word.bytes().filter(|b| *b == b'-').count() == 2;
    let code = mail.text.split_whitespace().find(shaped);
    Ok(code.ok_or_else(|| Failure::new(format!("no code: {}", mail.text)))?.to_owned())
}

#[tokio::test]
async fn gg_1_the_printed_request_gets_the_printed_answer() -> Result<()> {
    let site = Site::start().await?;
    let body = json!({
        "email": ADA, "role": "YARD_ADMIN", "carrier_id": 42, "yard_id": 42, "can_view_carrier_ids": [42],
        "can_view_other_carriers": true,
    });
    let (_, token) = invite(&site, &body).await?;
    let sample = contract::sample("gatego_create_invited_account");
    let printed = sample.filled(&[("code", json!(token))])?;
    let mut request = site.anyone()?.request(Method::from_bytes(printed.method.as_bytes())?, &printed.path);
    for (name, value) in &printed.headers {
        request = request.header(name, value);
    }
    let body = printed.body.unwrap_or_default().to_string();
    let answer = Answer::of(request.body(body)).await?.expect(sample.status)?;
    assert_shape("gatego_create_invited_account", &answer, Nulls::Allowed);
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    for (member, word) in [
        (".id", "[id]"),
        (".organization.id", "[id]"),
        (".hmac", "[mac]"),
        (".hmac_android", "[mac]"),
        (".hmac_ios", "[mac]"),
    ] {
        settings.add_redaction(member, word);
    }
    settings.bind(|| insta::assert_json_snapshot!("gatego_create_invited_account", answer));
    Ok(())
}

#[tokio::test]
async fn gg_4_gg_5_gg_6_gg_14_gg_17_an_invitation_from_one_end_to_the_other() -> Result<()> {
    let site = Site::start().await?;
    let anyone = site.anyone()?;
    let body = json!({
        "email": ADA, "role": "CARRIER_ADMIN", "carrier_id": 7, "yard_id": 8, "can_view_carrier_ids": [9],
        "can_view_other_carriers": false,
    });
    let (invited, token) = invite(&site, &body).await?;
    let seen = anyone.get(&look(&token)).await?.expect(200)?;
    assert_eq!(seen, invited);
    let mut hostile = acceptance(&token, PASSWORD);
    for (name, value) in [
        ("email", json!("eve@evil.example")),
        ("role", json!("ADMIN")),
        ("carrier_id", json!(666)),
        ("yard_id", json!("666")),
        ("can_view_carrier_ids", json!([666])),
        ("can_view_other_carriers", json!(true)),
        ("organization_id", json!(666)),
    ] {
        hostile["account_invited"][name] = value.clone();
        hostile[name] = value;
    }
    let full = json!({
        "username": "ada.l", "phone_number": "+33 1 99 00 12 34", "language_code": "fr", "driver_license": "99",
        "driver_license_expiration": "2030-05-04T09:42:00Z", "driver_license_picture_id": 1, "driver_photo_id": 2,
        "driver_safety_card_picture_id": 3, "driver_truck_number": "T-7",
    });
    for (name, value) in full.as_object().into_iter().flatten() {
        hostile["account_invited"][name] = value.clone();
    }
    let made = anyone.post(ACCEPT, &hostile).await?.expect(201)?;
    assert_shape("gatego_create_invited_account", &made, Nulls::Allowed);
    for name in ["email", "role", "carrier_id", "yard_id", "can_view_carrier_ids", "can_view_other_carriers"] {
        assert_eq!(made[name], invited[format!("target_{name}")], "{name}");
    }
    assert_eq!(made["organization"]["id"], invited["organization_id"]);
    let role = site.member(ADA).await?.ok_or_else(|| Failure::new("no member"))?["role"]["name"].clone();
    assert_eq!(role, "CARRIER_ADMIN");
    assert!(contract::gatego_roles().contains(&"CARRIER_ADMIN".to_owned()));

    for name in [ADA, "ada.l", "+33199001234"] {
        let tokens = login(&anyone, name, PASSWORD).await?.expect(200)?;
        assert_shape("gatego_tokens", &tokens, Nulls::Forbidden);
        let me = site.bearer(text(&tokens, "/access_token")?)?.get(ME).await?.expect(200)?;
        assert_shape("gatego_create_invited_account", &me, Nulls::Allowed);
        assert_eq!((&me["id"], &me["hmac"], &me["driver"]), (&made["id"], &made["hmac"], &made["driver"]));
        assert!(me["last_login"].as_str().is_some_and(|at| at.ends_with("+00:00")), "{me}");
        let renewal = json!({ "refresh_token": tokens["refresh_token"] });
        let renewed = anyone.post("/auth/refresh-token", &renewal).await?.expect(200)?;
        assert_shape("gatego_tokens", &renewed, Nulls::Forbidden);
        assert_eq!(refused(&anyone.post("/auth/refresh-token", &renewal).await?, 401)?, "bad-credentials");
    }
    assert_eq!(refused(&login(&anyone, "eve@evil.example", PASSWORD).await?, 401)?, "bad-credentials");
    let owner = site.owner()?.get(ME).await?.expect(200)?;
    assert_shape("gatego_create_invited_account", &owner, Nulls::Allowed);
    Ok(())
}

/// An invitation made over the native API that nobody is told of: its token and its code.
struct Quiet {
    id: String,
    token: String,
    code: String,
}

async fn quietly(api: &Api, address: &str, seconds: Option<u32>) -> Result<Quiet> {
    let mut body = json!({ "recipient": { "email": address }, "channels": [], "return": ["link", "code"] });
    if let Some(seconds) = seconds {
        body["expires_in"] = json!(seconds);
    }
    let issued = api.post("/v1/invitations", &body).await?.expect(201)?;
    let of = |pointer| text(&issued, pointer).map(str::to_owned);
    Ok(Quiet { id: of("/id")?, token: token_of(text(&issued, "/link")?)?, code: of("/code")? })
}

/// A code or a token that is no good, and what each of the three surfaces says of it.
struct Bad {
    what: &'static str,
    /// The organisation it is shown to.
    slug: &'static str,
    code: String,
    gatego: (u16, &'static str),
    /// Status and problem code. The page answers a code with the same status.
    native: (u16, &'static str),
}

/// Wrong, missing, expired, used, foreign, revoked and mistyped ones, and a good one of the first organisation.
async fn bad_codes(site: &Site) -> Result<(Vec<Bad>, Quiet)> {
    let (owner, anyone) = (site.owner()?, site.anyone()?);
    let used = quietly(&owner, "used@example.org", None).await?;
    let body = json!({ "organization": "acme", "code": used.code, "account": { "name": "Una", "password": PASSWORD } });
    anyone.post("/v1/redemptions", &body).await?.expect(201)?;
    let revoked = quietly(&owner, "revoked@example.org", None).await?;
    owner.post(&format!("/v1/invitations/{}/revoke", revoked.id), &json!({})).await?.expect(200)?;
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let operator = site.bearer(text(&site.setup, "/operator_key")?)?;
    let globex = operator.post("/v1/organizations", &body).await?.expect(201)?;
    let foreign = quietly(&site.bearer(text(&globex, "/api_key")?)?, "far@example.org", None).await?;
    let expired = quietly(&owner, "late@example.org", Some(1)).await?;
    site.wait_for_status(&expired.id, "expired").await?;
    let good = quietly(&owner, ADA, None).await?;
    let mistyped = format!("{}{}", if good.code.starts_with('7') { '8' } else { '7' }, &good.code[1..]);
    let short = good.token[..good.token.len() - 1].to_owned();

    let unknown = ((404, "invitation-not-found"), (404, "invitation_not_found"));
    let missing = ((400, "invalid-request"), (404, "invitation_not_found"));
    let typo = ((400, "invalid-request"), (422, "code_mistyped"));
    let late = ((410, "invitation-expired"), (410, "expired"));
    let gone = ((410, "invitation-already-used"), (410, "redeemed"));
    let off = ((410, "invitation-revoked"), (410, "revoked"));
    let all = [
        ("wrong", "acme", wrong_code()?, unknown),
        ("of the wrong form", "acme", "string".to_owned(), unknown),
        ("missing", "acme", String::new(), missing),
        ("expired", "acme", expired.code, late),
        ("used", "acme", used.code, unknown),
        ("revoked", "acme", revoked.code, unknown),
        ("foreign", "acme", foreign.code.clone(), unknown),
        ("good elsewhere", "globex", good.code.clone(), unknown),
        ("nobody's", "nowhere", good.code.clone(), unknown),
        ("mistyped", "acme", mistyped, typo),
        ("wrong token", "acme", short, unknown),
        ("expired token", "acme", expired.token, late),
        ("used token", "acme", used.token, gone),
        ("revoked token", "acme", revoked.token, off),
    ];
    let bad = |(what, slug, code, (gatego, native))| Bad { what, slug, code, gatego, native };
    let all = all.into_iter().map(bad).collect();
    // The second organisation's own code is a good one: what refuses it is the name of the first.
    let offer = json!({ "organization": "globex", "code": foreign.code });
    anyone.post("/v1/redemptions/preview", &offer).await?.expect(200)?;
    Ok((all, good))
}

/// A well-formed code nobody has.
fn wrong_code() -> Result<String> {
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let code = alphabet.chars().map(|check| format!("0000000001{check}")).find(|code| TypedCode::parse(code).is_ok());
    code.ok_or_else(|| Failure::new("no check character fits"))
}

/// Types a code on the organisation's page.
async fn entered(site: &Site, slug: &str, code: &str) -> Result<u16> {
    let browser = Browser::new(site.service.base_url())?;
    let page = browser.get(&format!("/code/{slug}")).await?;
    Ok(browser.submit(&page.only_form()?, &[("code", code)]).await?.answer.status)
}

/// Shows each to every surface.
async fn all_refused(site: &Site, bad: &[Bad]) -> Result<()> {
    let anyone = site.anyone()?;
    for Bad { what, slug, code, gatego, native } in bad {
        let organization = format!("organization_id={slug}");
        let body = acceptance(code, "another long password");
        let answer = anyone.post(&format!("{ACCEPT}?{organization}"), &body).await?;
        assert_eq!(refused(&answer, gatego.0)?, gatego.1, "{what}");
        let answer = anyone.get(&format!("{}&{organization}", look(code))).await?;
        assert_eq!(refused(&answer, gatego.0)?, gatego.1, "{what}");
        let is_token = code.starts_with("inv_");
        let mut body = if is_token { json!({ "token": code }) } else { json!({ "organization": slug, "code": code }) };
        for path in ["/v1/redemptions/preview", "/v1/redemptions"] {
            let answer = anyone.post(path, &body).await?;
            answer.refused(native.0, native.1).map_err(|error| Failure::new(format!("{what} at {path}: {error}")))?;
            body["account"] = json!({ "name": "Eve", "password": "another long password" });
        }
        if is_token {
            let browser = Browser::new(site.service.base_url())?;
            let opened = browser.get(&format!("/i/{code}")).await?.answer;
            let shown =
                if opened.status == 303 { browser.get(opened.header("location")).await?.answer } else { opened };
            assert_eq!(shown.status, native.0, "{what}: {}", shown.text);
        } else {
            // The form's own word for nothing typed.
            let status = if code.is_empty() { 422 } else { native.0 };
            assert_eq!(entered(site, slug, code).await?, status, "{what}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn gg_2_gg_3_gg_12_a_code_that_is_no_good_changes_no_row_but_the_counter_of_attempts() -> Result<()> {
    // So many attempts that the count is not what refuses them.
    let site = Site::start_with(&[("INVITE_TTL_MIN", "1s"), ("INVITE_LIMIT_CODE_ADDRESS", "1000/10m")]).await?;
    let anyone = site.anyone()?;
    let (bad, good) = bad_codes(&site).await?;
    // One that was mailed, as those of the dialect are.
    let (_, token) = invite(&site, &json!({ "email": "mia@example.org", "role": "DRIVER" })).await?;
    let code = mailed_code(&site, "mia@example.org").await?;
    let list = site.owner()?.get("/v1/invitations?query=mia").await?.expect(200)?;
    site.wait_until_sent(text(&list, "/items/0/id")?).await?;

    let before = site.sandbox.rows().await?;
    all_refused(&site, &bad).await?;
    let mut differing = acceptance(&token, PASSWORD);
    differing["account_invited"]["password_confirmation"] = json!("another long password");
    for (body, status, expected) in [
        (json!({}), 400, "invalid-request"),
        (json!({ "code": null }), 400, "invalid-request"),
        (differing, 400, "password-mismatch"),
        // Without an organisation a short code is nobody's.
        (acceptance(&code, PASSWORD), 404, "invitation-not-found"),
    ] {
        assert_eq!(refused(&anyone.post(ACCEPT, &body).await?, status)?, expected, "{body}");
    }
    anyone.post("/v1/redemptions", &json!({})).await?.refused(422, "invalid_input")?;
    anyone.get(&look(&token)).await?.expect(200)?;
    let after = site.sandbox.rows().await?;
    let changed: Vec<&str> = before
        .iter()
        .filter(|(table, rows)| after.get(*table) != Some(rows))
        .map(|(table, _)| table.as_str())
        .collect();
    assert_eq!(changed, ["invite_counters"]);
    assert!(before.len() > 10 && before.values().flatten().count() > 20, "the tables were read");
    // What was good still is, on every surface.
    assert_eq!(entered(&site, "acme", &good.code).await?, 303);
    anyone.redeem(&good.token, PASSWORD).await?.expect(201)?;
    anyone.post(&format!("{ACCEPT}?organization_id=acme"), &acceptance(&code, PASSWORD)).await?.expect(201)?;
    Ok(())
}

/// So many accept one code at the same moment, each with a password of his own.
async fn crowd(site: &Site, token: &str, count: usize) -> Result<BTreeMap<(u16, String), usize>> {
    let start = Arc::new(Barrier::new(count));
    let mut crowd = JoinSet::new();
    for number in 0..count {
        let (api, start) = (site.anyone()?, Arc::clone(&start));
        let body = acceptance(token, &format!("own password of number {number}"));
        crowd.spawn(async move {
            start.wait().await;
            api.post(ACCEPT, &body).await
        });
    }
    let mut seen = BTreeMap::new();
    while let Some(answer) = crowd.join_next().await {
        let answer = answer??;
        let code = answer.json()?["error_code"].as_str().unwrap_or_default().to_owned();
        *seen.entry((answer.status, code)).or_insert(0) += 1;
    }
    Ok(seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn gg_11_gg_19_of_two_and_of_sixteen_acceptances_at_once_one_makes_the_account() -> Result<()> {
    let site = Site::start().await?;
    for count in [2, 16] {
        let address = format!("crowd-{count}@example.org");
        let (_, token) = invite(&site, &json!({ "email": address, "role": "DRIVER" })).await?;
        let seen = crowd(&site, &token, count).await?;
        let one = ((201, String::new()), 1);
        assert_eq!(seen, BTreeMap::from([one, ((410, "invitation-already-used".to_owned()), count - 1)]));
        // Twice would be an error here.
        assert!(site.member(&address).await?.is_some());
    }
    Ok(())
}
