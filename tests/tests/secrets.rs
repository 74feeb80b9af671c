//! After a whole story the database, the log and the metrics are searched for every secret there was.

mod common;

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD},
};
use common::{OWNER, PASSWORD, Site, browser::Browser, redemption, text, token, token_of};
use invite_tests::{Result, service::Sandbox};
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    path::Path,
};

const ADA: &str = "ada.secret-keeper@example.org";
const OWNERS_PASSWORD: &str = "copper lantern drifts 97";
const WRONG_PASSWORD: &str = "mistyped lantern drifts 98";

/// How a secret can be written down.
fn spellings(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex = secret.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let percent = secret.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "%{byte:02X}");
        text
    });
    vec![
        ("plain", secret.to_vec()),
        ("upper-case hex", hex.to_uppercase().into_bytes()),
        ("hex", hex.into_bytes()),
        ("percent-encoding", percent.into_bytes()),
        ("base64", BASE64_STANDARD.encode(secret).into_bytes()),
        ("base64 without padding", BASE64_STANDARD_NO_PAD.encode(secret).into_bytes()),
        ("base64url", BASE64_URL_SAFE.encode(secret).into_bytes()),
        ("base64url without padding", BASE64_URL_SAFE_NO_PAD.encode(secret).into_bytes()),
    ]
}

/// A text with the places where each run of four bytes begins, so that hundreds of searches are quick.
struct Place {
    content: Vec<u8>,
    starts: HashMap<[u8; 4], Vec<usize>>,
}

impl Place {
    fn new(content: Vec<u8>) -> Self {
        let mut starts: HashMap<[u8; 4], Vec<usize>> = HashMap::new();
        for (at, run) in content.windows(4).enumerate() {
            starts.entry([run[0], run[1], run[2], run[3]]).or_default().push(at);
        }
        Self { content, starts }
    }

    fn contains(&self, needle: &[u8]) -> bool {
        let begins = self.starts.get(&[needle[0], needle[1], needle[2], needle[3]]);
        begins.is_some_and(|begins| begins.iter().any(|at| self.content[*at..].starts_with(needle)))
    }

    /// The spellings of a secret that stand here.
    fn spellings_of(&self, secret: &[u8]) -> Vec<&'static str> {
        spellings(secret).into_iter().filter(|(_, spelling)| self.contains(spelling)).map(|(name, _)| name).collect()
    }
}

/// What is searched, by name.
#[derive(Default)]
struct Places(BTreeMap<String, Place>);

impl Places {
    fn add(&mut self, name: &str, content: impl Into<Vec<u8>>) {
        self.0.insert(name.to_owned(), Place::new(content.into()));
    }

    /// Everything in the installation's folder but the key ring, at this moment; and the tables of a database elsewhere.
    async fn add_database(&mut self, when: &str, sandbox: &Sandbox) -> Result<()> {
        self.add_files(when, sandbox.path())?;
        if sandbox.engine() != "sqlite" {
            for (table, rows) in sandbox.rows().await? {
                self.add(&format!("invite.db {table} ({when})"), rows.join("\n"));
            }
        }
        Ok(())
    }

    /// Everything in a folder but the key ring.
    fn add_files(&mut self, when: &str, folder: &Path) -> Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_file() && name != "keyring" {
                self.add(&format!("{name} ({when})"), std::fs::read(&path)?);
            }
        }
        Ok(())
    }

    fn holding(&self, secret: &[u8]) -> Vec<&str> {
        let holding = self.0.iter().filter(|(_, content)| !content.spellings_of(secret).is_empty());
        holding.map(|(name, _)| name.as_str()).collect()
    }
}

#[test]
fn the_search_finds_a_planted_secret_in_every_spelling() {
    let secret = [0_u8, 255, 62, 63, 250, 10, 13];
    for (name, spelling) in spellings(&secret) {
        let whole = Place::new([b"before\0".as_slice(), &spelling, b"after"].concat());
        assert!(whole.spellings_of(&secret).contains(&name), "{name}");
        let cut = Place::new([b"before\0".as_slice(), &spelling[..spelling.len() / 2]].concat());
        assert!(cut.spellings_of(&secret).is_empty(), "{name}");
    }
}

#[test]
fn a_token_is_taken_apart_as_the_format_says() -> Result<()> {
    let text = "inv_0VSTem8nho5xipGKoiTGrMdGNayehGAxCa36Dld8leyCY3W9OQk40ffxGAMrgKmU61JxeOV";
    let bytes = token::decode(text)?;
    let hex = spellings(&bytes).swap_remove(2).1;
    let expected = "11070190f3c2a4b57c3d8e9fa0b1c2d3e4f500038b459312a6f827f4362ffd4707a002efa666da3c48959ca1186059ea";
    assert_eq!(String::from_utf8(hex)?, expected);
    assert_eq!(token::encode(&bytes), text);
    assert!(token::decode(&text.replace("0VST", "0VSU")).is_err());
    Ok(())
}

/// What must be found nowhere, with a name each.
#[derive(Default)]
struct Secrets(Vec<(String, Vec<u8>)>);

impl Secrets {
    fn add(&mut self, name: &str, secret: &[u8]) {
        self.0.push((name.to_owned(), secret.to_vec()));
    }

    /// A token's text and what it is made of; not the invitation's id inside it.
    fn token(&mut self, name: &str, token: &str) -> Result<()> {
        let bytes = if token.starts_with("ina_") { token::decode_account(token)? } else { token::decode(token)? };
        self.add(&format!("{name} token"), token.as_bytes());
        self.add(&format!("{name} token's digits"), &token.as_bytes()[4..]);
        self.add(&format!("{name} token's bytes"), &bytes);
        self.add(&format!("{name} token's tag"), &bytes[20..40]);
        self.add(&format!("{name} token's gate"), &bytes[40..]);
        Ok(())
    }

    /// An API key or a session. A list shows the first digits of a key; the others are what makes it a secret.
    fn credential(&mut self, name: &str, credential: &str) {
        assert!(credential.len() == 40 && credential.starts_with("iv"), "{name} is no credential");
        self.add(name, credential.as_bytes());
        self.add(&format!("{name}'s secret part"), &credential.as_bytes()[8..34]);
    }
}

/// Mailed, shown and returned tokens; links that are looked at, mangled, put where they do not belong, used, tried again.
async fn invitations(site: &Site, secrets: &mut Secrets) -> Result<()> {
    let (owner, anyone, base) = (site.owner()?, site.anyone()?, site.service.base_url());
    let member = site.role("member").await?;
    let body = json!({ "recipient": { "email": ADA }, "role_id": member, "return": ["link"], "message": "Hello Ada" });
    let issued = owner.post_once("/v1/invitations", "story", &body).await?.expect(201)?;
    let path = format!("/v1/invitations/{}", text(&issued, "/id")?);
    let superseded = token_of(text(&issued, "/link")?)?;
    secrets.token("superseded", &superseded)?;
    secrets.token("first mailed", &site.mailed_token(ADA, 1).await?)?;
    let resent = owner.post(&format!("{path}/resend"), &json!({ "return": ["link"] })).await?.expect(200)?;
    secrets.token("answered", &token_of(text(&resent, "/link")?)?)?;
    let revealed = owner.post(&format!("{path}/reveal"), &json!({})).await?.expect(200)?;
    secrets.token("revealed", &token_of(text(&revealed, "/link")?)?)?;
    let (_, pending) = site.invite("bob@example.org").await?;
    secrets.token("pending", &pending)?;
    let (declined_id, declined) = site.invite_silently("eve@example.org").await?;
    secrets.token("declined", &declined)?;
    anyone.post("/v1/redemptions/decline", &json!({ "token": declined })).await?.expect(200)?;
    owner.post(&format!("/v1/invitations/{declined_id}/resend"), &json!({})).await?.refused(409, "already_declined")?;

    let mailed = site.mailed_token(ADA, 2).await?;
    secrets.token("mailed", &mailed)?;
    let browser = Browser::new(base)?;
    let page = browser.open(&format!("/i/{mailed}")).await?;
    for odd in [&mailed.to_lowercase(), &format!("{mailed}."), &superseded, &pending] {
        Browser::new(base)?.get(&format!("/i/{odd}")).await?;
    }
    owner.get(&format!("/v1/invitations?token={mailed}")).await?.refused(400, "credential_in_url")?;
    anyone.post(&format!("/v1/redemptions/{mailed}"), &json!({})).await?.refused(404, "not_found")?;
    for misplaced in
        [json!([mailed]), json!({ "token": mailed, mailed.as_str(): PASSWORD }), json!({ "token": [mailed] })]
    {
        assert!([400, 422].contains(&anyone.post("/v1/redemptions", &misplaced).await?.status));
    }
    site.bearer(&mailed)?.get("/v1/me").await?.refused(401, "unauthenticated")?;
    let form = page.form("action", "accept")?;
    let typed = [("name", "Ada"), ("password", PASSWORD), ("password_repeat", PASSWORD)];
    let joined = browser.submit(&form, &typed).await?;
    assert_eq!(joined.answer.status, 200, "{}", joined.answer.text);
    let cookies = joined.answer.cookies();
    let session = cookies.iter().find_map(|cookie| cookie.strip_prefix("invite_session=")).unwrap_or_default();
    secrets.credential("session of the page", session.split(';').next().unwrap_or_default());
    anyone.post_once("/v1/redemptions", "retry", &redemption(&mailed, PASSWORD)).await?.expect(200)?;
    anyone.redeem(&mailed, WRONG_PASSWORD).await?.refused(410, "redeemed")?;
    Ok(())
}

/// People who sign in or cannot, links to accounts, keys that are made, changed and mistyped.
async fn people_and_keys(site: &Site, secrets: &mut Secrets) -> Result<()> {
    let (owner, anyone) = (site.owner()?, site.anyone()?);
    for name in ["api_key", "operator_key"] {
        secrets.credential(name, text(&site.setup, &format!("/{name}"))?);
    }
    let sign_in = json!({ "email": ADA, "password": PASSWORD });
    let signed_in = anyone.post("/v1/sessions", &sign_in).await?.expect(201)?;
    let session = text(&signed_in, "/session/token")?;
    secrets.credential("session", session);
    site.bearer(session)?.get("/v1/me").await?.expect(200)?;
    let wrong = json!({ "email": ADA, "password": WRONG_PASSWORD });
    anyone.post("/v1/sessions", &wrong).await?.refused(401, "bad_credentials")?;

    let browser = Browser::new(site.service.base_url())?;
    let link = text(&site.setup, "/owner_link")?;
    secrets.token("owner's", link.rsplit('/').next().unwrap_or_default())?;
    let form = browser.open(link).await?.only_form()?;
    let typed = [("password", OWNERS_PASSWORD), ("password_repeat", OWNERS_PASSWORD)];
    assert_eq!(browser.submit(&form, &typed).await?.answer.status, 200);
    anyone.post("/v1/password-resets", &json!({ "email": OWNER })).await?.expect(202)?;
    let link = site.mail(OWNER, 1).await?.only_link()?;
    secrets.token("reset", link.rsplit('/').next().unwrap_or_default())?;

    let made = owner.post("/v1/api-keys", &json!({ "name": "CI" })).await?.expect(201)?;
    let first = text(&made, "/api_key")?;
    secrets.credential("second key", first);
    let path = format!("/v1/api-keys/{}/rotate", text(&made, "/id")?);
    let changed = owner.post(&path, &json!({})).await?.expect(200)?;
    let second = text(&changed, "/api_key")?;
    secrets.credential("rotated key", second);
    site.bearer(second)?.get("/v1/roles").await?.expect(200)?;
    site.bearer(&first[..first.len() - 1])?.get("/v1/roles").await?.refused(401, "unauthenticated")?;
    Ok(())
}

#[tokio::test]
async fn log_1_after_a_whole_story_no_secret_stands_in_database_log_or_metrics() -> Result<()> {
    // The most a log can say.
    let mut site = Site::start_with(&[("INVITE_LOG", "trace")]).await?;
    let (mut secrets, mut places) = (Secrets::default(), Places::default());
    for password in [PASSWORD, OWNERS_PASSWORD, WRONG_PASSWORD] {
        secrets.add(password, password.as_bytes());
    }
    let ring = std::fs::read_to_string(site.sandbox.path().join("keyring"))?;
    let key = ring.split_whitespace().find(|word| word.len() == 64).unwrap();
    secrets.add("key of the ring", key.as_bytes());
    invitations(&site, &mut secrets).await?;
    people_and_keys(&site, &mut secrets).await?;

    let metrics = site.anyone()?.get("/metrics").await?;
    assert!(metrics.text.contains("invite_http_requests_total{"), "{}", metrics.text);
    places.add("metrics", metrics.text);
    places.add_database("running", &site.sandbox).await?;
    site.service.terminate().await?;
    places.add_database("stopped", &site.sandbox).await?;
    places.add("standard output", site.service.stdout());
    places.add("standard error", site.service.stderr());
    if site.sandbox.engine() == "sqlite" {
        assert!(places.0.keys().any(|name| name.ends_with("-wal (running)")), "{:?}", places.0.keys());
    }

    // What has to be found, so that the search is worth something.
    for planted in [ADA, "Hello Ada"] {
        let holding = places.holding(planted.as_bytes());
        for when in ["running", "stopped"] {
            let database = |place: &&str| place.starts_with("invite.db") && place.contains(when);
            assert!(holding.iter().any(database), "{planted} is in no database file while {when}: {holding:?}");
        }
    }
    assert!(places.holding(b"invitation.issued").contains(&"standard error"));
    let mails: Vec<u8> = site.smtp.messages().into_iter().flat_map(|mail| mail.raw).collect();
    assert!(Place::new(mails).spellings_of(OWNER.as_bytes()).contains(&"plain"));

    assert!(secrets.0.len() > 50, "only {} secrets", secrets.0.len());
    for (name, secret) in &secrets.0 {
        let holding = places.holding(secret);
        assert!(holding.is_empty(), "the {name} stands in {holding:?}");
    }
    Ok(())
}
