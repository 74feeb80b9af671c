//! A program written for the Dailys API, against the built binary: the printed requests, and what comes of an invite.

mod common;

use common::{Answer, Api, PASSWORD, Site, browser::Browser, redemption, text, token_of};
use invite_tests::{
    Failure, Result,
    contract::{self, Nulls, assert_shape},
};
use reqwest::Method;
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";
const INVITES: &str = "/api/v1/invites";

/// Somebody with a program for the Dailys API.
struct Client {
    api: Api,
}

impl Client {
    fn of(site: &Site, credential: &str) -> Result<Self> {
        Ok(Self { api: site.bearer(credential)? })
    }

    fn owner(site: &Site) -> Result<Self> {
        Ok(Self { api: site.owner()? })
    }

    async fn send(&self, method: Method, path: &str) -> Result<Answer> {
        Answer::of(self.api.request(method, path)).await
    }

    async fn put(&self, path: &str) -> Result<Answer> {
        self.send(Method::PUT, path).await
    }

    /// Stores an invite and answers it.
    async fn store(&self, body: &Value) -> Result<Value> {
        let stored = self.api.post(INVITES, body).await?.expect(200)?;
        assert_shape("dailys_store", &stored, Nulls::Allowed);
        Ok(stored["invite"].clone())
    }

    async fn list(&self, query: &str) -> Result<Value> {
        let page = self.api.get(&format!("{INVITES}?{query}")).await?.expect(200)?;
        assert_shape("dailys_index", &page, Nulls::Allowed);
        Ok(page)
    }

    async fn emails(&self, query: &str) -> Result<Vec<String>> {
        let page = self.list(query).await?;
        let invites = page["data"].as_array().ok_or_else(|| Failure::new("no data"))?;
        invites.iter().map(|invite| Ok(text(invite, "/email")?.to_owned())).collect()
    }

    /// The number of a role, found as a client finds it.
    async fn role(&self, name: &str) -> Result<i64> {
        let page = self.api.get(&format!("/api/v1/roles?query={name}")).await?.expect(200)?;
        assert_shape("dailys_role_index", &page, Nulls::Allowed);
        page["data"][0]["id"].as_i64().ok_or_else(|| Failure::new(format!("no role {name}: {page}")))
    }
}

/// Sends a sample of the pages as it is printed.
async fn send_sample(site: &Site, name: &str, values: &[(&str, Value)]) -> Result<Value> {
    let mut all = vec![("credential", json!(text(&site.setup, "/api_key")?))];
    all.extend(values.iter().cloned());
    let sample = contract::sample(name);
    let printed = sample.filled(&all)?;
    let method = Method::from_bytes(printed.method.as_bytes())?;
    let mut request = site.anyone()?.request(method, &printed.path);
    for (name, value) in &printed.headers {
        request = request.header(name, value);
    }
    if let Some(body) = &printed.body {
        request = request.json(body);
    }
    let answer = Answer::of(request).await?.expect(sample.status)?;
    assert_shape(name, &answer, Nulls::Forbidden);
    Ok(answer)
}

/// An invite's path.
fn at(invite: &Value) -> String {
    format!("{INVITES}/{}", invite["id"])
}

/// Holds that this is the refusal whose body the pages print.
fn assert_printed(answer: &Answer, status: u16) -> Result<()> {
    assert_eq!((answer.status, &answer.json()?), (status, contract::dailys_error(status)));
    Ok(())
}

#[tokio::test]
async fn dl_1_dl_14_dl_17_dl_18_dl_20_dl_22_dl_24_the_printed_requests_get_the_printed_answers() -> Result<()> {
    let site = Site::start().await?;
    let role = Client::owner(&site)?.role("admin").await?;
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    for member in [".**.expires_at", ".**.created_at", ".**.updated_at"] {
        settings.add_redaction(member, "[at]");
    }
    settings.add_redaction(".**.id", "[id]");
    settings.add_redaction(".path", "[url]");
    let _bound = settings.bind_to_scope();
    let stored = send_sample(&site, "dailys_store", &[("email", json!(ADA)), ("role_id", json!(role))]).await?;
    insta::assert_json_snapshot!("dailys_store", stored);
    let id = stored["invite"]["id"].clone();
    let listed = send_sample(&site, "dailys_index", &[]).await?;
    insta::assert_json_snapshot!("dailys_index", listed);
    let shown = send_sample(&site, "dailys_show", &[("id", id.clone())]).await?;
    assert_eq!((&shown, &listed["data"][0]), (&stored["invite"], &stored["invite"]));
    insta::assert_json_snapshot!("dailys_show", shown);
    let resent = send_sample(&site, "dailys_resend", &[("id", id.clone())]).await?;
    insta::assert_json_snapshot!("dailys_resend", resent);
    let deleted = send_sample(&site, "dailys_delete", &[("id", id.clone())]).await?;
    insta::assert_json_snapshot!("dailys_delete", deleted);
    assert_eq!(deleted["invite"], resent["invite"]);
    let owner = Client::owner(&site)?;
    assert_printed(&owner.api.get(&format!("{INVITES}/{id}")).await?, 404)?;
    assert_eq!(owner.list("").await?["total"], 0);
    let empty = owner.api.post(INVITES, &json!({ "email": ADA, "default_rate": 15000 })).await?.expect(200)?;
    assert_shape("dailys_store", &empty, Nulls::Allowed);
    assert_eq!((&empty["invite"]["role"], &empty["invite"]["permissions"]), (&Value::Null, &Value::Null));
    Ok(())
}

#[tokio::test]
async fn dl_15_dl_16_dl_19_an_invite_is_mailed_accepted_on_the_page_and_gives_what_it_says() -> Result<()> {
    let site = Site::start().await?;
    let owner = Client::owner(&site)?;
    let role = owner.role("member").await?;
    let body = json!({
        "email": ADA, "default_rate": 15000, "role_id": role, "permissions": ["invites.store", "tours.plan"],
    });
    let invite = owner.store(&body).await?;
    assert_eq!(invite["permissions"], json!({ "invites.store": true, "tours.plan": true }));
    let link = site.mail(ADA, 1).await?.only_link()?;
    let browser = Browser::new(site.service.base_url())?;
    let page = browser.open(&link).await?;
    let typed = [("name", "Ada"), ("password", PASSWORD), ("password_repeat", PASSWORD)];
    let done = browser.submit(&page.form("action", "accept")?, &typed).await?;
    assert_eq!(done.answer.status, 200, "{}", done.answer.text);
    let member = site.member(ADA).await?.ok_or_else(|| Failure::new("no member"))?;
    assert_eq!((&member["role"]["number"], &member["role"]["name"]), (&json!(role), &json!("member")));
    assert_eq!(member["permissions"], json!(["invitations.issue", "tours.plan"]), "apart from the role");
    assert_eq!(member["default_rate"], 15000);
    // Once accepted it is no invite any more, and nobody is invited twice.
    assert_printed(&owner.api.get(&at(&invite)).await?, 404)?;
    assert_printed(&owner.put(&at(&invite)).await?, 404)?;
    assert_printed(&owner.api.delete(&at(&invite)).await?, 404)?;
    assert_eq!(owner.list("").await?["total"], 0);
    let again = owner.api.post(INVITES, &json!({ "email": ADA, "default_rate": 1 })).await?.expect(422)?;
    assert_eq!(again["errors"], json!(["The email has already been taken."]));
    assert_eq!(site.mails_to(ADA), 1);
    // Her session invites too, within what she has.
    let session =
        site.anyone()?.post("/v1/sessions", &json!({ "email": ADA, "password": PASSWORD })).await?.expect(201)?;
    let ada = Client::of(&site, text(&session, "/session/token")?)?;
    ada.store(&json!({ "email": "bob@example.org", "default_rate": 1, "role_id": role })).await?;
    let more = json!({ "email": "eve@example.org", "default_rate": 1, "role_id": owner.role("admin").await? });
    assert_eq!(ada.api.post(INVITES, &more).await?.expect(401)?["message"], "Unauthorised");
    site.mail("bob@example.org", 1).await?;
    assert_eq!(site.mails_to("eve@example.org"), 0);
    Ok(())
}

#[tokio::test]
async fn dl_21_dl_25_dl_26_dl_30_resending_replaces_the_link_and_deleting_ends_it() -> Result<()> {
    let site = Site::start().await?;
    let owner = Client::owner(&site)?;
    let invite = owner.store(&json!({ "email": ADA, "default_rate": 7 })).await?;
    let first = site.mailed_token(ADA, 1).await?;
    let resent = owner.put(&at(&invite)).await?.expect(200)?["invite"].clone();
    for key in ["id", "email", "default_rate", "role", "permissions"] {
        assert_eq!(resent[key], invite[key], "{key}");
    }
    assert!(text(&resent, "/expires_at")? > text(&invite, "/expires_at")?);
    for place in ["/expires_at", "/organisation/created_at", "/organisation/updated_at"] {
        let shape: String = text(&resent, place)?.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        assert_eq!(shape, "9999-99-99 99:99:99");
    }
    let second = site.mailed_token(ADA, 2).await?;
    site.anyone()?.redeem(&first, PASSWORD).await?.refused(410, "superseded")?;
    owner.api.delete(&at(&invite)).await?.expect(200)?;
    site.anyone()?.redeem(&second, PASSWORD).await?.refused(410, "revoked")?;
    assert_eq!(site.member(ADA).await?, None);
    let anew = owner.store(&json!({ "email": ADA, "default_rate": 8 })).await?;
    assert_ne!(anew["id"], invite["id"]);
    let third = site.mailed_token(ADA, 3).await?;
    site.anyone()?.redeem(&third, PASSWORD).await?.expect(201)?;
    assert_eq!(site.mails_to(ADA), 3);
    Ok(())
}

#[tokio::test]
async fn dl_13_dl_23_dl_27_an_expired_invite_is_dead_until_sent_again_and_gives_way_to_a_new_one() -> Result<()> {
    let site = Site::start_with(&[("INVITE_TTL_MIN", "1s")]).await?;
    let owner = Client::owner(&site)?;
    let short = async |address: &str| {
        let body = json!({
            "recipient": { "email": address }, "default_rate": 5, "expires_in": 1, "channels": [], "return": ["link"],
        });
        let issued = owner.api.post("/v1/invitations", &body).await?.expect(201)?;
        site.wait_for_status(text(&issued, "/id")?, "expired").await?;
        Ok::<_, Failure>((format!("{INVITES}/{}", issued["number"]), token_of(text(&issued, "/link")?)?))
    };
    let (path, token) = short(ADA).await?;
    site.anyone()?.redeem(&token, PASSWORD).await?.refused(410, "expired")?;
    let shown = owner.api.get(&path).await?.expect(200)?;
    assert_eq!(owner.list("").await?["data"], json!([shown]), "it is still in the list");
    owner.put(&path).await?.expect(200)?;
    let token = site.mailed_token(ADA, 1).await?;
    site.anyone()?.redeem(&token, PASSWORD).await?.expect(201)?;
    // Storing over another one replaces it; storing over a live one is refused.
    let (old, _) = short("bob@example.org").await?;
    let body = json!({ "email": "BOB@example.org", "default_rate": 6 });
    let new = owner.store(&body).await?;
    assert_printed(&owner.api.get(&old).await?, 404)?;
    assert_eq!(owner.list("").await?["data"], json!([new]));
    let refused = owner.api.post(INVITES, &body).await?.expect(422)?;
    assert_shape("dailys_error", &refused, Nulls::Forbidden);
    assert_eq!(refused["errors"], json!(["The email has already been taken."]));
    site.mail("BOB@example.org", 1).await?;
    assert_eq!(site.smtp.messages().len(), 2);
    Ok(())
}

#[tokio::test]
async fn dl_3_dl_4_dl_5_dl_6_dl_7_dl_8_dl_9_the_list_is_sorted_searched_and_paged() -> Result<()> {
    let site = Site::start().await?;
    let owner = Client::owner(&site)?;
    let (admin, guest) = (owner.role("admin").await?, owner.role("guest").await?);
    for (email, rate, role) in [
        ("dora@example.org", 300, None),
        ("ada@example.org", 100, Some(admin)),
        ("carl_1@example.net", 1000, Some(guest)),
        ("bob@example.org", 200, None),
    ] {
        owner.store(&json!({ "email": email, "default_rate": rate, "role_id": role })).await?;
    }
    // The first one ends last from here on, so that no two of the orders are the same.
    owner.put(&at(&owner.list("query=dora").await?["data"][0])).await?.expect(200)?;
    for (query, expected) in [
        ("", "dacb"),
        ("sortAsc=0", "bcad"),
        ("sortKey=email&sortAsc=1", "abcd"),
        ("sortKey=email&sortAsc=0", "dcba"),
        ("sortKey=expires_at&sortAsc=1", "acbd"),
        ("sortKey=expires_at&sortAsc=0", "dbca"),
        ("sortKey=default_rate&sortAsc=1", "abdc"),
        ("sortKey=default_rate&sortAsc=0", "cdba"),
        ("query=RL_1%40", "c"),
        ("query=gues", "c"),
        ("query=min", "a"),
        ("query=%25", ""),
        ("query=example.org&sortKey=email&limit=2&page=2", "d"),
        ("limit=1&page=3", "c"),
        ("limit=2&page=9", ""),
    ] {
        let initials: String = owner.emails(query).await?.iter().filter_map(|email| email.chars().next()).collect();
        assert_eq!(initials, expected, "{query}");
    }
    let base = site.service.url(INVITES);
    let page = owner.list("query=example.org&limit=1&page=2").await?;
    assert_eq!((&page["total"], &page["last_page"], &page["per_page"]), (&json!(3), &json!(3), &json!(1)));
    assert_eq!(page["prev_page_url"], format!("{base}?query=example.org&limit=1&page=1"));
    let next = text(&page, "/next_page_url")?.strip_prefix(site.service.base_url()).unwrap_or_default().to_owned();
    let last = owner.api.get(&next).await?.expect(200)?;
    assert_eq!((&last["next_page_url"], &last["data"][0]["email"]), (&Value::Null, &json!("bob@example.org")));
    assert_eq!(owner.list("limit=100").await?["per_page"], 100);
    for query in ["limit=0", "limit=101", "sortKey=role", "sortAsc=2"] {
        let refused = owner.api.get(&format!("{INVITES}?{query}")).await?.expect(422)?;
        assert_shape("dailys_error", &refused, Nulls::Forbidden);
    }
    Ok(())
}

#[tokio::test]
async fn dl_2_dl_10_dl_11_dl_12_dl_28_dl_29_whoever_may_not_changes_and_sends_nothing() -> Result<()> {
    let site = Site::start().await?;
    let owner = Client::owner(&site)?;
    let invite = owner.store(&json!({ "email": ADA, "default_rate": 1 })).await?;
    let path = at(&invite);
    let operator = site.bearer(text(&site.setup, "/operator_key")?)?;
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = operator.post("/v1/organizations", &body).await?.expect(201)?;
    let stranger = Client::of(&site, text(&globex, "/api_key")?)?;
    let nobody = Client { api: site.anyone()? };
    let (guest_id, guest) = ("guest@example.org", owner.role("guest").await?);
    owner.store(&json!({ "email": guest_id, "default_rate": 1, "role_id": guest })).await?;
    let token = site.mailed_token(guest_id, 1).await?;
    let joined = site.anyone()?.post("/v1/redemptions", &redemption(&token, PASSWORD)).await?.expect(201)?;
    let weak = Client::of(&site, text(&joined, "/session/token")?)?;
    let before = owner.list("").await?;
    let eve = json!({ "email": "eve@example.org", "default_rate": 1 });
    for (client, status) in [(&nobody, 403), (&weak, 401)] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            assert_printed(&client.send(method, &path).await?, status)?;
        }
        assert_printed(&client.api.get(INVITES).await?, status)?;
        assert_printed(&client.api.get("/api/v1/roles").await?, status)?;
        assert_printed(&client.api.get(&format!("/api/v1/roles/{guest}")).await?, status)?;
        assert_printed(&client.api.post(INVITES, &eve).await?, status)?;
    }
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let foreign = stranger.send(method.clone(), &path).await?;
        let random = stranger.send(method, &format!("{INVITES}/987654")).await?;
        assert_printed(&foreign, 404)?;
        assert_eq!(foreign.text, random.text);
    }
    assert_printed(&stranger.api.get(&format!("/api/v1/roles/{guest}")).await?, 404)?;
    assert_eq!(stranger.list("").await?["total"], 0);
    for incomplete in [json!({ "email": "eve@example.org" }), json!({ "default_rate": 1 }), json!({})] {
        owner.api.post(INVITES, &incomplete).await?.expect(422)?;
    }
    assert_printed(&owner.api.post(&path, &json!({})).await?, 405)?;
    assert_eq!(owner.list("").await?, before);
    // Whatever was to be sent would be sent before this one.
    owner.store(&json!({ "email": "last@example.org", "default_rate": 1 })).await?;
    site.mail("last@example.org", 1).await?;
    let sent = site.smtp.messages();
    let addresses: Vec<&str> = sent.iter().flat_map(|mail| &mail.to).map(String::as_str).collect();
    assert!(!addresses.contains(&"eve@example.org"), "{addresses:?}");
    assert_eq!(addresses.iter().filter(|address| **address == ADA).count(), 1);
    Ok(())
}
