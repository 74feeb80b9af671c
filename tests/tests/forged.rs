//! Forged tokens, ten thousand or as many as a soak asks for: one answer, and not one statement to the database.

mod common;

use common::{Site, redemption, token};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use invite_domain::{
    access::Grant,
    invitation::{Channel, Origin, Recipient, Rejection},
    port::Entropy,
    service::{Caller, InvitationService, Issue, Redeem, Reveal, Secret, ServiceError, Settings, World},
};
use invite_storage::{SqlOptions, SqlStore};
use invite_testkit::{PlainHasher, Scene, SeededEntropy, test_keys};
use invite_tests::{
    Failure, Result,
    soak::{self, Figure},
};
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc, time::Instant};

const FORGERIES: u64 = 10_000;
const AT_ONCE: usize = 8;

/// Random numbers that are the same every time.
struct Dice(SeededEntropy);

impl Dice {
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }

    fn below(&self, limit: usize) -> usize {
        usize::try_from(u64::from_be_bytes(self.bytes()) % u64::try_from(limit).unwrap_or(1)).unwrap_or(0)
    }
}

/// Texts that are not the genuine one: whole tokens with a changed bit or random content and the right checksum, changed
/// characters, cut and lengthened ones, other text.
fn forgeries(genuine: &str, count: u64) -> Result<Vec<String>> {
    let count = usize::try_from(count)?;
    let dice = Dice(SeededEntropy::of("forgeries"));
    let genuine_bytes = token::decode(genuine)?;
    let forge = |number: usize| {
        let mut bytes = genuine_bytes;
        match number % 8 {
            // Every bit in turn, so that no byte is left out.
            0 | 1 => {
                let bit = (number / 8 * 2 + number % 8) % 384;
                bytes[bit / 8] ^= 1 << (bit % 8);
                token::encode(&bytes)
            }
            2 => {
                bytes[20..].copy_from_slice(&dice.bytes::<28>());
                token::encode(&bytes)
            }
            3 => {
                bytes[2..].copy_from_slice(&dice.bytes::<46>());
                token::encode(&bytes)
            }
            4 => token::encode(&dice.bytes::<48>()),
            5 => {
                let at = 4 + dice.below(genuine.len() - 4);
                let old = genuine.as_bytes()[at];
                let new = if old == b'z' { 'a' } else { 'z' };
                format!("{}{new}{}", &genuine[..at], &genuine[at + 1..])
            }
            6 => genuine[..=dice.below(genuine.len() - 1)].to_owned(),
            _ => format!("{genuine}{number}"),
        }
    };
    let all: Vec<String> = (0..count).map(forge).collect();
    let different: BTreeSet<&String> = all.iter().collect();
    assert!(different.len() > count / 2, "only {} different forgeries", different.len());
    assert!(!all.iter().any(|forged| forged == genuine));
    Ok(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_8_the_running_service_answers_every_forgery_alike() -> Result<()> {
    let site = Site::start_with(&[("INVITE_LOG", "warn")]).await?;
    let (id, genuine) = site.invite_silently("ada@example.org").await?;
    let before = site.invitation(&id).await?;
    let anyone = site.anyone()?;
    let ask = async |number: usize, forged: String| -> Result<(usize, String)> {
        let body = json!({ "token": forged });
        let answer = match number % 4 {
            0 => anyone.post("/v1/redemptions/preview", &body).await?,
            1 => anyone.post("/v1/redemptions", &redemption(&forged, "a long and odd phrase")).await?,
            2 => anyone.post("/v1/redemptions/decline", &body).await?,
            _ => anyone.get(&format!("/i/{forged}")).await?,
        };
        if number % 4 == 3 {
            assert_eq!(answer.status, 404, "{forged}");
            assert!(answer.cookies().is_empty(), "{forged}: {:?}", answer.cookies());
            return Ok((3, answer.text));
        }
        let mut problem = answer.refused(404, "invitation_not_found")?;
        problem["request_id"].take();
        Ok((number % 4, problem.to_string()))
    };
    // Each way of asking gets every kind of forgery: the kinds change faster than the ways.
    let asked = forgeries(&genuine, FORGERIES)?
        .into_iter()
        .enumerate()
        .map(|(number, forged)| ask(number + number / 8, forged));
    let answers: BTreeSet<(usize, String)> = stream::iter(asked).buffer_unordered(AT_ONCE).try_collect().await?;
    assert_eq!(answers.len(), 4, "one answer a way of asking: {answers:#?}");
    assert_eq!(site.invitation(&id).await?, before);
    anyone.redeem(&genuine, "a long and odd phrase").await?.expect(201)?;
    Ok(())
}

/// The use cases over a database whose statements are counted, and a genuine token.
async fn counted(folder: &std::path::Path) -> Result<(SqlStore, InvitationService, String)> {
    let store = SqlStore::open(&SqlOptions::new(format!("sqlite://{}", folder.join("invite.db").display()))).await?;
    store.migrate().await?;
    let shared = Arc::new(store.clone());
    let scene = Scene::create(shared.clone(), "acme").await;
    let world =
        World { clock: Arc::new(scene.clock.clone()), entropy: scene.entropy.clone(), keys: Arc::new(test_keys()) };
    let hasher = Arc::new(PlainHasher::default());
    let service = InvitationService::new(shared.clone(), shared, hasher, world, Settings::default());
    let issue = Issue {
        channels: Some(Vec::<Channel>::new()),
        reveal: Reveal::Asked,
        ..Issue::new(Recipient::Email(scene.address("ada")), Grant::default())
    };
    let caller = Caller {
        principal: scene.owner.principal(),
        organization_id: scene.organization.id,
        origin: Origin::default(),
    };
    let issued = service.issue(&caller, issue, None).await.map_err(|error| Failure::new(error.to_string()))?;
    let genuine = issued.secrets.ok_or_else(|| Failure::new("no link"))?.link.expose().to_owned();
    Ok((store, service, genuine))
}

fn redeem(token: &str) -> Redeem {
    Redeem {
        secret: Secret::Token(token.to_owned()),
        caller: None,
        account: None,
        idempotency: None,
        client: Some("192.0.2.1".to_owned()),
        origin: Origin::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tok_1_and_r7_2_a_forgery_costs_no_statement_and_a_genuine_token_does() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (store, service, genuine) = counted(folder.path()).await?;
    let not_genuine = |error: ServiceError| matches!(error, ServiceError::Rejected(Rejection::NotGenuine));
    let (count, started) = (soak::rounds(FORGERIES)?, Instant::now());
    let before = store.statements();
    for forged in forgeries(&genuine, count)? {
        assert!(service.preview(&Secret::Token(forged.clone()), None, None).await.is_err_and(not_genuine), "{forged}");
        assert!(service.redeem(redeem(&forged)).await.is_err_and(not_genuine), "{forged}");
        assert!(service.decline(&forged, true, Origin::none()).await.is_err_and(not_genuine), "{forged}");
        service.request_new_link(&forged, Origin::none()).await?;
    }
    assert_eq!(store.statements(), before);
    service.preview(&Secret::Token(genuine.clone()), None, None).await?;
    assert!(store.statements() > before, "the counter does not count");
    let words = "4 ways of use each, all refused alike, 0 statements";
    Figure::new("forged tokens", "sqlite").rounds(count).started(started).result(words).record()?;
    Ok(())
}
