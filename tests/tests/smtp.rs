//! The main job: issue by API key, one mail over SMTP, redeem by its link, and what the list says of it.

mod common;

use common::{OWNER, PASSWORD, Site, eventually, items, redemption, text, token, token_of};
use invite_tests::{Failure, Result, mail::Mail};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

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

/// The base of links: neither where the service listens, nor what any request below names.
const BASE: &str = "https://invite.example.org:8443/join";

/// What a request says about where it was sent to: what stands before its path, and its headers.
const POISON: [(&str, &str); 9] = [
    ("", "Host: evil.test\r\n"),
    ("", "Host: invite.example.org:1337@evil.test\r\n"),
    ("", "Host: invite.example.org\r\nHost: evil.test\r\n"),
    ("", "Host: x\r\nX-Forwarded-Host: evil.test\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 1337\r\n"),
    (
        "",
        "Host: x\r\nX-Forwarded-For: 10.0.0.2\r\nX-Forwarded-Prefix: //evil.test/\r\nX-Forwarded-Server: evil.test\r\n",
    ),
    ("", "Host: x\r\nForwarded: for=10.0.0.2;host=evil.test;proto=http\r\n"),
    ("", "Host: x\r\nX-Original-URL: https://evil.test/\r\nX-Host: evil.test\r\nX-Original-Host: evil.test\r\n"),
    ("", "Host: x\r\nReferer: https://evil.test/\r\nX-Base-Url: https://evil.test\r\nVia: 1.1 evil.test\r\n"),
    ("http://evil.test:1337", "Host: evil.test\r\n"),
];

/// Sends a request as it is written here: a client of a library would put it right.
async fn poisoned(site: &Site, poison: (&str, &str), key: &str, path: &str, body: &Value) -> Result<(u16, Value)> {
    let (before, headers) = poison;
    let body = body.to_string();
    let credential = if key.is_empty() { String::new() } else { format!("Authorization: Bearer {key}\r\n") };
    let request = format!(
        "POST {before}{path} HTTP/1.1\r\n{headers}{credential}Content-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(site.sandbox.address()).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| Failure::new("no answer"))?;
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
    let status = status.ok_or_else(|| Failure::new(format!("no status: {head}")))?;
    assert!(!answer.contains("evil") && !answer.contains("1337"), "{path} with {headers}: {answer}");
    Ok((status, if body.is_empty() { Value::Null } else { serde_json::from_str(body)? }))
}

/// What follows the base in the one link of a mail, which is in both parts, and nothing of a stranger beside it.
fn behind_the_base(raw: &[u8]) -> Result<String> {
    let mail = Mail::parse(raw)?;
    let link = mail.only_link()?;
    assert!(mail.text_links().contains(&link) && mail.html_links().contains(&link), "{link}");
    let whole = format!("{:?} {} {} {}", mail.headers, mail.text, mail.html, String::from_utf8_lossy(raw));
    assert!(!whole.contains("evil") && !whole.contains("1337"), "{whole}");
    match link.as_bytes().strip_prefix(BASE.as_bytes()) {
        Some(rest) => Ok(String::from_utf8(rest.to_vec())?),
        None => Err(Failure::new(format!("{link} does not begin with {BASE}"))),
    }
}

#[tokio::test]
async fn link_1_whatever_requests_say_of_the_host_every_mailed_link_begins_with_the_configured_base() -> Result<()> {
    let off = ["MESSAGES_INVITATION", "MESSAGES_RECIPIENT_DAY", "MESSAGES_RECIPIENT_DAY_ALL"];
    let off = off.map(|limit| format!("INVITE_LIMIT_{limit}"));
    let off = off.iter().map(|limit| (limit.as_str(), "off"));
    // Whoever is here is believed as a proxy, as far as a proxy can be.
    let settings: Vec<_> =
        [("INVITE_PUBLIC_URL", BASE), ("INVITE_TRUSTED_PROXIES", "127.0.0.0/8")].into_iter().chain(off).collect();
    let site = Site::start_with(&settings).await?;
    let key = text(&site.setup, "/api_key")?;
    let link = text(&site.setup, "/owner_link")?.strip_prefix(&format!("{BASE}/account/"));
    let link = link.ok_or_else(|| Failure::new("the owner's link leads elsewhere"))?;
    let anyone = site.anyone()?;
    let confirm = json!({ "token": link, "password": PASSWORD });
    anyone.post("/v1/password-resets/confirm", &confirm).await?.expect(200)?;
    let signed_in = anyone.post("/v1/sessions", &json!({ "email": OWNER, "password": PASSWORD })).await?.expect(201)?;
    let session = text(&signed_in, "/session/token")?;
    let mut expected: Vec<(String, usize)> = Vec::new();
    let mut owners = 0;
    for (number, poison) in POISON.into_iter().enumerate() {
        let ask = async |key: &str, path: &str, body: Value, status: u16| {
            let (told, answer) = poisoned(&site, poison, key, path, &body).await?;
            if told == status { Ok(answer) } else { Err(Failure::new(format!("{path}: {told} {answer}"))) }
        };
        if poisoned(&site, poison, "", "/v1/redemptions/preview", &json!({ "token": "x" })).await?.0 == 400 {
            continue; // Not HTTP: it was never looked at.
        }
        let address = |who: &str| format!("{who}-{number}@example.org");
        let (person, daily, gate) = (address("person"), address("daily"), address("gate"));
        let body = json!({ "recipient": { "email": person }, "return": ["link"] });
        let issued = ask(session, "/v1/invitations", body, 201).await?;
        let link = text(&issued, "/link")?;
        assert!(link.starts_with(&format!("{BASE}/i/inv_")), "{link}");
        // A mail that is still waiting would be overtaken by the next.
        site.mail(&person, 1).await?;
        let id = text(&issued, "/id")?;
        let resend = format!("/v1/invitations/{id}/resend");
        ask(session, &resend, json!({}), 200).await?;
        let renewed = site.mailed_token(&person, 2).await?;
        // While one waits to be noted as sent, nobody is sent another.
        eventually("a mail is never noted as sent", async || {
            let invitation = site.invitation(id).await?;
            let waits =
                invitation["deliveries"].as_array().is_some_and(|all| all.iter().any(|it| it["state"] == "queued"));
            Ok((!waits).then_some(()))
        })
        .await?;
        ask("", "/v1/redemptions/new-link", json!({ "token": renewed }), 202).await?;
        ask(key, "/api/v1/invites", json!({ "email": daily, "default_rate": 0 }), 200).await?;
        ask(key, "/api/account/invite", json!({ "email": gate, "role": "DRIVER", "carrier_id": 7 }), 201).await?;
        ask("", "/v1/password-resets", json!({ "email": OWNER }), 202).await?;
        // Who invited is told, with a link to the console.
        let last = site.mailed_token(&person, 3).await?;
        ask("", "/v1/redemptions", redemption(&last, PASSWORD), 201).await?;
        owners += 2;
        site.mail(OWNER, owners).await?;
        expected.extend([(person, 3), (daily, 1), (gate, 1), (OWNER.to_owned(), owners)]);
    }
    assert!(expected.len() >= 4 * 7, "most of them are HTTP: {expected:?}");
    for (address, count) in &expected {
        site.mail(address, *count).await?;
    }
    let mut kinds = [0; 3];
    for mail in site.smtp.messages() {
        let rest = behind_the_base(&mail.raw)?;
        if let Some(text) = rest.strip_prefix("/i/") {
            token::decode(text)?;
            kinds[0] += 1;
        } else if let Some(text) = rest.strip_prefix("/account/") {
            token::decode_account(text)?;
            kinds[1] += 1;
        } else {
            let id = rest.strip_prefix("/console/invitations/").map(uuid::Uuid::parse_str);
            assert!(matches!(id, Some(Ok(_))), "{rest}");
            kinds[2] += 1;
        }
    }
    let rounds = expected.len() / 4;
    assert_eq!(kinds, [rounds * 5, rounds, rounds], "invitations, resets, notices");
    Ok(())
}
