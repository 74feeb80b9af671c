//! Guesses of short codes against the built binary and a real database.

mod common;

use common::{Answer, Site, redemption};
use invite_domain::secret::code::TypedCode;
use invite_tests::{Failure, Result};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use tokio::{sync::Barrier, task::JoinSet};

const CROWD: usize = 64;
/// How many attempts an address has, and how many of them are used up beforehand.
const BUDGET: (usize, usize) = (20, 15);
/// Seconds of a window. Windows are counted from the epoch.
const WINDOW: i64 = 600;

/// A well-formed code nobody has.
fn wrong(number: usize) -> Result<String> {
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let code = alphabet.chars().map(|check| format!("{number:010}{check}")).find(|code| TypedCode::parse(code).is_ok());
    code.ok_or_else(|| Failure::new("no check character fits"))
}

fn guess(number: usize) -> Result<Value> {
    Ok(json!({ "organization": "acme", "code": wrong(number)?, "account": { "name": "Eve" } }))
}

/// The window in which the service answered, by its own clock.
fn window(answer: &Answer) -> Result<i64> {
    Ok(chrono::DateTime::parse_from_rfc2822(answer.header("date"))?.timestamp().div_euclid(WINDOW))
}

/// What the guesses were answered, how often each; `None` where a window ended in between, so that there were two budgets.
async fn guessed(site: &Site) -> Result<Option<BTreeMap<(u16, String), usize>>> {
    let anyone = site.anyone()?;
    let (_, token) = site.invite("ada@example.org").await?;
    let first = window(&anyone.get("/livez").await?)?;
    for number in 0..BUDGET.1 {
        let answer = anyone.post("/v1/redemptions", &guess(number)?).await?;
        // The last window was over in the middle of this.
        if answer.status == 429 || window(&answer)? != first {
            return Ok(None);
        }
        answer.refused(404, "invitation_not_found")?;
    }
    let start = Arc::new(Barrier::new(CROWD + 1));
    let mut crowd = JoinSet::new();
    for number in 0..CROWD {
        let (api, start, body) = (site.anyone()?, Arc::clone(&start), guess(100 + number)?);
        crowd.spawn(async move {
            start.wait().await;
            api.post("/v1/redemptions", &body).await
        });
    }
    start.wait().await;
    let joined = anyone.post("/v1/redemptions", &redemption(&token, common::PASSWORD)).await?;
    assert_eq!(joined.expect(201)?["account"]["email"], "ada@example.org");
    let mut seen = BTreeMap::new();
    let mut last = first;
    while let Some(answer) = crowd.join_next().await {
        let answer = answer??;
        last = last.max(window(&answer)?);
        if answer.status == 429 {
            let seconds: i64 = answer.header("retry-after").parse()?;
            assert!((1..=WINDOW + 1).contains(&seconds), "{seconds}");
        }
        let code = answer.json()?["code"].as_str().unwrap_or_default().to_owned();
        *seen.entry((answer.status, code)).or_insert(0) += 1;
    }
    Ok((first == last).then_some(seen))
}

#[tokio::test(flavor = "multi_thread")]
async fn code_2_of_64_guesses_at_once_with_5_left_exactly_5_are_evaluated_and_a_link_works_meanwhile() -> Result<()> {
    // A window ends every ten minutes; two in a row cannot end in the middle of this.
    for _ in 0..2 {
        let site = Site::start_with(&[("INVITE_LIMIT_CODE_ADDRESS", "20/10m")]).await?;
        if let Some(seen) = guessed(&site).await? {
            let evaluated = BUDGET.0 - BUDGET.1;
            let expected = BTreeMap::from([
                ((404, "invitation_not_found".to_owned()), evaluated),
                ((429, "too_many_attempts".to_owned()), CROWD - evaluated),
            ]);
            assert_eq!(seen, expected);
            return Ok(());
        }
    }
    Err(Failure::new("a window ended twice within a test"))
}
