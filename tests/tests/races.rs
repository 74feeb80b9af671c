//! Many at once: one gets in, the others get an answer.

mod common;

use common::{Answer, Site, crowd, redemption};
use invite_tests::{Result, soak};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use tokio::{sync::Barrier, task::JoinSet};

const CROWD: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn r5_2_of_64_at_once_one_redeems_and_63_are_refused_with_410() -> Result<()> {
    let site = Site::start().await?;
    let (_, token) = site.invite("ada@example.org").await?;
    let start = Arc::new(Barrier::new(CROWD));
    let mut crowd = JoinSet::new();
    for number in 0..CROWD {
        let (api, start) = (site.anyone()?, Arc::clone(&start));
        let body = redemption(&token, &format!("own password of number {number}"));
        crowd.spawn(async move {
            start.wait().await;
            api.post_once("/v1/redemptions", &format!("key-{number}"), &body).await
        });
    }
    let mut seen = BTreeMap::new();
    while let Some(answer) = crowd.join_next().await {
        let answer = answer??;
        let code = answer.json()?["code"].as_str().unwrap_or_default().to_owned();
        *seen.entry((answer.status, code)).or_insert(0_usize) += 1;
    }
    let expected = BTreeMap::from([((201, String::new()), 1), ((410, "redeemed".to_owned()), CROWD - 1)]);
    assert_eq!(seen, expected);
    // A member twice would be an error here.
    assert!(site.member("ada@example.org").await?.is_some());
    Ok(())
}

/// Sends two requests at the same moment.
async fn both(
    one: impl Future<Output = Result<Answer>> + Send + 'static,
    other: impl Future<Output = Result<Answer>> + Send + 'static,
) -> Result<(Answer, Answer)> {
    let start = Arc::new(Barrier::new(2));
    let at_once = |start: Arc<Barrier>, what: std::pin::Pin<Box<dyn Future<Output = Result<Answer>> + Send>>| {
        tokio::spawn(async move {
            start.wait().await;
            what.await
        })
    };
    let one = at_once(Arc::clone(&start), Box::pin(one));
    let other = at_once(start, Box::pin(other));
    Ok((one.await??, other.await??))
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_6_of_a_revocation_and_a_redemption_at_once_exactly_one_wins() -> Result<()> {
    let site = Site::start().await?;
    for round in 0..10 {
        let address = format!("person-{round}@example.org");
        let (id, token) = site.invite_silently(&address).await?;
        // Without a password there is nothing to hash, and both take about as long.
        let mut body = json!({ "token": token, "account": { "name": "Ada" } });
        if round % 2 == 0 {
            body["account"]["password"] = json!("a long and odd phrase");
        }
        let (owner, anyone, path) = (site.owner()?, site.anyone()?, format!("/v1/invitations/{id}/revoke"));
        let (revoked, redeemed) =
            both(async move { owner.post(&path, &json!({ "reason": "race" })).await }, async move {
                anyone.post("/v1/redemptions", &body).await
            })
            .await?;
        let status = site.invitation(&id).await?["status"].clone();
        let member = site.member(&address).await?;
        if revoked.status == 200 {
            redeemed.refused(410, "revoked")?;
            assert_eq!((status, member), (json!("revoked"), None), "round {round}");
        } else {
            revoked.refused(409, "already_redeemed")?;
            let redeemed = redeemed.expect(201)?;
            assert_eq!(status, "redeemed", "round {round}");
            assert_eq!(member.unwrap_or(Value::Null)["id"], redeemed["membership"]["id"], "round {round}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r3_2_of_two_issues_to_one_address_at_once_one_is_live_and_names_itself_to_the_other() -> Result<()> {
    let site = Site::start().await?;
    let issue = || -> Result<_> {
        let owner = site.owner()?;
        let body = json!({ "recipient": { "email": "ada@example.org" }, "channels": [] });
        Ok(async move { owner.post("/v1/invitations", &body).await })
    };
    let (one, other) = both(issue()?, issue()?).await?;
    let (won, lost) = if one.status == 201 { (one, other) } else { (other, one) };
    assert_eq!(lost.refused(409, "already_invited")?["invitation_id"], won.expect(201)?["id"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_2_of_every_crowd_with_one_link_one_gets_in_and_nobody_sees_an_error() -> Result<()> {
    crowd::one_of_each_crowd_gets_in(&Site::start().await?, soak::rounds(5)?, soak::seed(4)?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_people_with_sixty_four_invitations_at_once_all_get_in() -> Result<()> {
    crowd::everybody_gets_in(&Site::start().await?, CROWD).await
}
