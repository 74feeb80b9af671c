//! Several requests of a program at the same moment.

use super::{Place, ask_all, company};
use crate::common::{Answer, PATIENCE, text};
use futures_util::future::join_all;
use invite_tests::{Failure, Result, service::Sandbox};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

#[tokio::test(flavor = "multi_thread")]
async fn companies_with_one_remote_id_at_once_are_one_company_and_all_are_answered_with_it() -> Result<()> {
    const CROWD: usize = 6;
    let place = Place::start().await?;
    for round in 0..5 {
        let bodies = (0..CROWD).map(|n| {
            // Nothing but the remote id is the same.
            json!({ "name": format!("Company {n} of {round}"), "country": "FR", "remote_id": format!("ROUND_{round}") })
        });
        let requests = bodies.map(|body| ("POST", "/api/v4/companies/".to_owned(), body));
        let answers = ask_all(&place, requests.collect()).await?;
        let made: BTreeSet<String> =
            answers.iter().map(|answer| Ok(answer.expect(201)?["pk"].to_string())).collect::<Result<_>>()?;
        assert_eq!((answers.len(), made.len()), (CROWD, 1), "{made:?}");
    }
    let all = place.ask("GET", "/api/v4/companies/", Value::Null, 200).await?;
    assert_eq!(all["count"], 6, "one a round, and the organisation's own");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn partial_changes_at_once_are_all_kept() -> Result<()> {
    let place = Place::start().await?;
    let company = place.ask("POST", "/api/v4/companies/", company(), 201).await?;
    let body = json!({ "company": { "pk": company["pk"] }, "last_name": "Bouvet" });
    let contact = place.ask("POST", "/api/v4/contacts/", body, 201).await?;
    let trucker = place.ask("POST", "/api/v4/manager-truckers/", json!({}), 201).await?;
    for (path, members) in [
        (format!("/api/v4/companies/{}/", company["pk"]), ["comments", "siren", "logo", "vat_number"]),
        (
            format!("/api/v4/contacts/{}/", text(&contact, "/uid")?),
            ["first_name", "phone_number", "fax_number", "remote_id"],
        ),
        (
            format!("/api/v4/manager-truckers/{}/", trucker["pk"]),
            ["city", "platform", "phone_number_personal", "driving_license_number"],
        ),
    ] {
        for round in 0..3 {
            let value = |member: &str| json!(format!("{member} of {round}"));
            let requests = members.map(|member| ("PATCH", path.clone(), json!({ member: value(member) })));
            for answer in ask_all(&place, requests.to_vec()).await? {
                answer.expect(200)?;
            }
            let now = place.ask("GET", &path, Value::Null, 200).await?;
            for member in members {
                assert_eq!(now[member], value(member), "{path}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn dd_21_a_program_in_a_hurry_is_throttled() -> Result<()> {
    /// What is documented, and twice as many.
    const LIMIT: usize = 10;
    const SENT: usize = 2 * LIMIT;
    let sandbox = Sandbox::alone("requests a second are counted by each process for itself (rule 9.3)")?;
    let place = Place::start_in(sandbox).await?;
    let (client, key) = (place.site.anyone()?, place.key()?);
    let ask = || {
        let request = client.request(Method::GET, "/api/v4/manager-truckers/");
        Answer::of(request.header("Authorization", format!("Token {key}")))
    };
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        // What was counted before counts no more.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        let begun = Instant::now();
        let answers = join_all((0..SENT).map(|_| ask())).await.into_iter().collect::<Result<Vec<_>>>()?;
        let seconds = usize::try_from(begun.elapsed().as_secs())?;
        let granted = answers.iter().filter(|answer| answer.status == 200).count();
        let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
        assert_eq!(granted + refused.len(), SENT, "{answers:?}");
        assert!(refused.iter().all(|answer| answer.header("retry-after") == "1"), "{refused:?}");
        assert!((LIMIT..=LIMIT * (seconds + 1)).contains(&granted), "{granted} in {seconds} seconds");
        // Within one second it is exactly the limit. A machine that is busy elsewhere takes longer: then once more.
        if seconds == 0 {
            return Ok(());
        }
    }
    Err(Failure::new(format!("{SENT} requests never came through within a second")))
}
