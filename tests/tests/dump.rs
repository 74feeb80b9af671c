//! Whoever has a copy of the database, or the key ring, has nothing that opens anything (TOK-6, rules part 7).

mod common;

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use common::{Api, PASSWORD, Site, browser::Browser, text, token, token_of};
use invite_domain::{
    id::{InvitationId, OrganizationId},
    secret::{
        code::TypedCode,
        credential::ParsedCredential,
        keyring::KeyRing,
        token::{self as tokens, GrantDigest, Nonce, Provenance, TokenBinding},
    },
};
use invite_testkit::SeededEntropy;
use invite_tests::{
    Failure, Result,
    requires::{Requirement, Suite},
    service::Sandbox,
};
use libtest_mimic::Failed;
use reqwest::header;
use serde_json::json;
use std::{collections::BTreeSet, process::ExitCode};

/// A pending invitation with its link and code, a key, a session, and the cookie of a page that was opened.
struct Story {
    organization: String,
    invitation: String,
    link: String,
    code: String,
    key: String,
    session: String,
    accept: String,
}

async fn story(site: &Site) -> Result<Story> {
    let (owner, anyone) = (site.owner()?, site.anyone()?);
    let (_, ada) = site.invite("ada@example.org").await?;
    anyone.redeem(&ada, PASSWORD).await?.expect(201)?;
    let sign_in = json!({ "email": "ada@example.org", "password": PASSWORD });
    let session = anyone.post("/v1/sessions", &sign_in).await?.expect(201)?;
    anyone.post("/v1/password-resets", &json!({ "email": "ada@example.org" })).await?.expect(202)?;
    site.mail("ada@example.org", 2).await?;
    let (invitation, link) = site.invite("bob@example.org").await?;
    let id = text(&invitation, "/id")?.to_owned();
    let revealed = owner.post(&format!("/v1/invitations/{id}/reveal"), &json!({})).await?.expect(200)?;
    let made = owner.post("/v1/api-keys", &json!({ "name": "CI" })).await?.expect(201)?;
    let opened = Browser::new(site.service.base_url())?.get(&format!("/i/{link}")).await?;
    let accept = opened.answer.cookies().into_iter().find(|cookie| cookie.starts_with("invite_accept_"));
    let accept = accept.ok_or_else(|| Failure::new("no cookie stands for the link"))?;
    Ok(Story {
        organization: text(&invitation, "/organization_id")?.to_owned(),
        invitation: id,
        link,
        code: text(&revealed, "/code")?.to_owned(),
        key: text(&made, "/api_key")?.to_owned(),
        session: text(&session, "/session/token")?.to_owned(),
        accept: accept.split(';').next().unwrap_or_default().to_owned(),
    })
}

/// What a thief makes of one word of the copy: the word, what it decodes to, and that dressed as each of our secrets, with
/// its checksum right.
fn candidates(word: &str) -> Vec<String> {
    let mut all = vec![word.to_owned()];
    let hex = word.trim_start_matches("\\x").trim_start_matches("\\\\x");
    let digits = hex.len() >= 8 && hex.len().is_multiple_of(2) && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    let bytes = digits.then(|| (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16)));
    let bytes: Vec<u8> = match bytes {
        Some(bytes) => bytes.collect::<std::result::Result<_, _>>().unwrap_or_default(),
        None => BASE64_STANDARD.decode(word).unwrap_or_default(),
    };
    for content in [bytes.as_slice(), word.as_bytes()] {
        if content.len() < 4 {
            continue;
        }
        all.extend([BASE64_STANDARD.encode(content), BASE64_URL_SAFE_NO_PAD.encode(content)]);
        all.extend(String::from_utf8(content.to_vec()));
        let mut whole = [0; 48];
        for (place, byte) in whole.iter_mut().zip(content.iter().cycle()) {
            *place = *byte;
        }
        all.push(token::encode(&whole));
        // The frame of a genuine one, with the stored bytes where the secret ones belong.
        let mut framed = whole;
        (framed[0], framed[1], framed[18], framed[19]) = (0x11, 1, 0, 1);
        all.push(token::encode(&framed));
        all.extend(["ivk_", "ivs_", "ivr_"].map(|prefix| token::credential(prefix, content)));
    }
    all
}

/// Which doors a text opens.
async fn opened(anyone: &Api, story: &Story, text: &str) -> Result<Vec<&'static str>> {
    let mut open = Vec::new();
    // What no header and no body can carry reaches nothing.
    let printable = !text.is_empty() && text.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    if printable {
        for path in ["/v1/me", "/v1/roles", "/v1/organizations"] {
            let request = anyone.request(reqwest::Method::GET, path).bearer_auth(text);
            if common::Answer::of(request).await?.status < 400 {
                open.push("a credential");
            }
        }
        for (name, path) in [("invite_session", "/v1/me"), ("invite_console_key", "/console")] {
            let request = anyone.request(reqwest::Method::GET, path).header(header::COOKIE, format!("{name}={text}"));
            if common::Answer::of(request).await?.status < 300 {
                open.push("a cookie");
            }
        }
        let name = story.accept.split('=').next().unwrap_or_default();
        let request = anyone.request(reqwest::Method::GET, "/accept").header(header::COOKIE, format!("{name}={text}"));
        if common::Answer::of(request).await?.text.contains("Acme") {
            open.push("a page's cookie");
        }
    }
    if anyone.post("/v1/redemptions/preview", &json!({ "token": text })).await?.status < 400 {
        open.push("a link");
    }
    // What is mistyped is refused before anything is looked up.
    if TypedCode::parse(text).is_ok() || text.len() == 10 {
        for text in with_check_characters(text) {
            let code = json!({ "organization": story.organization, "code": text });
            if anyone.post("/v1/redemptions/preview", &code).await?.status < 400 {
                open.push("a code");
            }
        }
    }
    Ok(open)
}

/// The code itself, or the one code its first ten characters belong to.
fn with_check_characters(text: &str) -> Vec<String> {
    if TypedCode::parse(text).is_ok() {
        return vec![text.to_owned()];
    }
    let all = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().map(|check| format!("{text}{check}"));
    all.filter(|code| TypedCode::parse(code).is_ok()).collect()
}

async fn a_copy_of_the_database_opens_nothing(sandbox: Sandbox) -> Result<()> {
    let off = ["INVITE_LIMIT_CODE_ADDRESS", "INVITE_LIMIT_CODE_ORGANIZATION", "INVITE_LIMIT_REQUESTS_SECOND"];
    let site = Site::start_in(sandbox, &off.map(|name| (name, "off"))).await?;
    let (story, anyone) = (story(&site).await?, site.anyone()?);

    // The doors open to who has the real thing: else nothing that follows would say anything.
    for (secret, door) in [
        (&story.key, "a credential"),
        (&story.session, "a credential"),
        (&story.session, "a cookie"),
        (&story.link, "a link"),
        (&story.code, "a code"),
    ] {
        let open = opened(&anyone, &story, secret).await?;
        assert!(open.contains(&door), "{door} opens {open:?}");
    }
    let sealed = story.accept.split_once('=').map(|(_, sealed)| sealed).unwrap_or_default();
    assert!(opened(&anyone, &story, sealed).await?.contains(&"a page's cookie"));

    let rows = site.sandbox.rows().await?;
    assert!(rows.len() > 15, "{:?}", rows.keys());
    let mut words = BTreeSet::new();
    for line in rows.values().flatten() {
        words.extend(line.split(['"', '\'', ',', '{', '}', '[', ']', ':', ' ']).filter(|word| word.len() >= 6));
        // Instants and the like hold colons.
        words.extend(line.split(['"', '\'']).filter(|word| (6..200).contains(&word.len())));
    }
    let tried: BTreeSet<String> = words.iter().flat_map(|word| candidates(word)).collect();
    assert!(tried.len() > 500, "only {} candidates", tried.len());
    for secret in [&story.key, &story.session, &story.link, &story.code] {
        assert!(!tried.contains(secret), "the copy holds what opens a door");
    }
    for candidate in &tried {
        let open = opened(&anyone, &story, candidate).await?;
        assert!(open.is_empty(), "{candidate:?} of the copy opens {open:?}");
    }
    println!("{}: {} words, {} candidates, none opens anything", site.sandbox.engine(), words.len(), tried.len());
    the_key_ring_alone_opens_nothing(&site, &story, &anyone).await
}

/// With the ring one makes a token that passes the gate; without the row's nonce it is nobody's.
async fn the_key_ring_alone_opens_nothing(site: &Site, story: &Story, anyone: &Api) -> Result<()> {
    let ring = KeyRing::parse(&std::fs::read_to_string(site.sandbox.path().join("keyring"))?)?;
    let invitation: InvitationId = story.invitation.parse()?;
    let organization: OrganizationId = story.organization.parse()?;
    let guesses = SeededEntropy::of("a thief's guesses");
    let unknown = anyone.post("/v1/redemptions/preview", &json!({ "token": "inv_x" })).await?;
    for _ in 0..200 {
        let (nonce, digest) =
            (Nonce::generate(&guesses), GrantDigest::compute("email", "bob@example.org", None, [].into_iter()));
        let binding = TokenBinding {
            key_id: ring.active().ok_or_else(|| Failure::new("no active key"))?,
            invitation,
            generation: 1,
            organization,
            nonce: &nonce,
            // Whoever knows whom it is for knows this.
            grant_digest: &digest,
        };
        let link = tokens::mint(&ring, &binding, Provenance::Mailed)?;
        let answer = anyone.post("/v1/redemptions/preview", &json!({ "token": link.expose() })).await?;
        answer.refused(404, "invitation_not_found")?;
        assert_eq!(answer.json()?["detail"], unknown.json()?["detail"]);
        let code = invite_domain::secret::code::make(&ring, &binding)?;
        let body = json!({ "organization": story.organization, "code": code.expose() });
        anyone.post("/v1/redemptions/preview", &body).await?.refused(404, "invitation_not_found")?;
    }
    assert!(ParsedCredential::parse(&story.key).is_some());
    // And who was invited still gets in.
    let bob = site.mailed_token("bob@example.org", 1).await?;
    assert_eq!(bob, token_of(&format!("/i/{}", story.link))?);
    anyone.redeem(&bob, PASSWORD).await?.expect(201)?;
    Ok(())
}

fn run(sandbox: impl FnOnce() -> Result<Sandbox>) -> std::result::Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let trial = async { a_copy_of_the_database_opens_nothing(sandbox()?).await };
    runtime.block_on(trial).map_err(|failure| failure.to_string().into())
}

fn main() -> ExitCode {
    const NAME: &str = "tok_6_neither_a_copy_of_the_database_nor_the_key_ring_opens_anything";
    let mut suite = Suite::from_environment();
    suite
        .trial(&format!("sqlite::{NAME}"), None, || run(|| Sandbox::alone("the dump is of each engine in turn")))
        .trial(&format!("postgres::{NAME}"), Some(Requirement::Postgres), || run(|| Sandbox::on(Requirement::Postgres)))
        .trial(&format!("mariadb::{NAME}"), Some(Requirement::Mariadb), || run(|| Sandbox::on(Requirement::Mariadb)));
    suite.run()
}
