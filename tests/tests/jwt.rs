//! Somebody who is signed in elsewhere joins and works here with that issuer's token (rule 5.10).

mod common;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use common::{Site, items, text};
use invite_tests::{Failure, Result, service::Sandbox};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use std::time::UNIX_EPOCH;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

const ISSUER: &str = "https://id.example.com/";
const AUDIENCE: &str = "https://invite.example.com";
const ADA: &str = "ada@example.org";

/// An issuer that publishes its key on loopback.
struct Issuer {
    key: Ed25519KeyPair,
    jwks_url: String,
}

impl Issuer {
    async fn start() -> Result<Self> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| Failure::new("no key"))?;
        let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| Failure::new("no key"))?;
        let x = URL_SAFE_NO_PAD.encode(key.public_key());
        let set =
            json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k1", "x": x }] });
        let set = set.to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let jwks_url = format!("http://{}/jwks.json", listener.local_addr()?);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let length = set.len();
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{set}");
                let _ = stream.read(&mut [0; 4_096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Ok(Self { key, jwks_url })
    }

    /// A token that ends so many seconds from now.
    fn token(&self, subject: &str, audience: &str, lasts: i64) -> Result<String> {
        let ends = i64::try_from(UNIX_EPOCH.elapsed()?.as_secs())? + lasts;
        let header = json!({ "alg": "EdDSA", "kid": "k1", "typ": "JWT" });
        let claims = json!({
            "iss": ISSUER, "aud": audience, "sub": subject, "exp": ends, "name": "Ada", "email": ADA,
            "email_verified": true,
        });
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes()));
        Ok(format!("{signed}.{signature}"))
    }
}

#[tokio::test]
async fn r5_10_a_person_of_a_configured_issuer_joins_and_works_with_its_token() -> Result<()> {
    let issuer = Issuer::start().await?;
    let sandbox = Sandbox::for_serve()?;
    let file = sandbox.path().join("invite.toml");
    let table = format!(
        "[[jwt]]\nissuer = \"{ISSUER}\"\njwks_url = \"{}\"\naudience = \"{AUDIENCE}\"\ntrust_email = true\n",
        issuer.jwks_url
    );
    std::fs::write(&file, table)?;
    let site = Site::start_in(sandbox, &[("INVITE_CONFIG", &file.display().to_string())]).await?;

    let member = site.role("member").await?;
    let body = json!({
        "recipient": { "email": ADA }, "role_id": member, "channels": [], "return": ["link"],
    });
    let invitation = site.owner()?.post("/v1/invitations", &body).await?.expect(201)?;
    let link = common::token_of(text(&invitation, "/link")?)?;

    let jwt = issuer.token("ada-1", AUDIENCE, 300)?;
    let ada = site.bearer(&jwt)?;
    ada.get("/v1/me").await?.refused(401, "unauthenticated")?;
    let redeemed = ada.post("/v1/redemptions", &json!({ "token": link })).await?.expect(201)?;
    assert_eq!(redeemed["account"]["email_verified"], Value::Bool(true), "the issuer is trusted for addresses");
    assert_eq!(redeemed["account"]["name"], "Ada");
    assert_eq!(items(&ada.get("/v1/invitations").await?.expect(200)?)?.len(), 1);

    for bad in [
        issuer.token("ada-1", "https://else.example", 300)?,
        issuer.token("ada-1", AUDIENCE, -120)?,
        Issuer::start().await?.token("ada-1", AUDIENCE, 300)?,
        jwt.replace('.', ".."),
    ] {
        site.bearer(&bad)?.get("/v1/me").await?.refused(401, "unauthenticated")?;
    }
    let place = format!("/v1/members/{}", text(&redeemed, "/membership/id")?);
    site.owner()?.delete(&place).await?.expect(204)?;
    ada.get("/v1/invitations").await?.refused(400, "organization_required")?;
    let said = format!("{}{}", site.service.stdout(), site.service.stderr());
    assert!(!said.contains(&jwt), "the log holds no token");
    Ok(())
}
