//! The database goes away and comes back: every request is answered meanwhile, and nothing has to be started again after.

mod common;

use common::{Answer, Api, PASSWORD, Site, browser::Browser, eventually, text};
use futures_util::future::join_all;
use invite_tests::{
    Failure, Result,
    proxy::{Mode, Protocol, Proxy},
    requires::{Requirement, Suite},
    servers::Server,
    service::Sandbox,
};
use libtest_mimic::Failed;
use serde_json::json;
use std::{
    net::SocketAddr,
    process::ExitCode,
    time::{Duration, Instant},
};

/// How long a request may take while the database is away.
const ANSWERED: Duration = Duration::from_secs(3);
/// What a machine that is busy elsewhere may take beside that.
const AND: Duration = Duration::from_secs(2);

/// A service whose database is behind a proxy.
struct Place {
    site: Site,
    server: Server,
    proxy: Proxy,
}

impl Place {
    async fn start() -> Result<Self> {
        let server = Server::start_to_kill().map_err(Failure::new)?;
        let direct = server.maintenance_url();
        let port = direct.rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], port.parse()?)), Protocol::Postgres).await?;
        let mut sandbox = Sandbox::alone("what one process does without its database is the matter here")?;
        sandbox
            .set("INVITE_DATABASE_URL", direct.replace(&format!(":{port}/"), &format!(":{}/", proxy.address().port())));
        Ok(Self { site: Site::start_in(sandbox, &[]).await?, server, proxy })
    }
}

/// What is asked while the database is away; each needs it.
async fn ask(callers: &(Api, Api), what: usize, id: &str, token: &str) -> Result<(&'static str, Answer)> {
    let (owner, anyone) = callers;
    let new = json!({ "recipient": { "email": "new@example.org" } });
    Ok(match what {
        0 => ("issue", owner.post_once("/v1/invitations", "new", &new).await?),
        1 => ("list", owner.get("/v1/invitations").await?),
        2 => ("resend", owner.post(&format!("/v1/invitations/{id}/resend"), &json!({})).await?),
        3 => ("preview", anyone.post("/v1/redemptions/preview", &json!({ "token": token })).await?),
        4 => ("redeem", anyone.redeem(token, PASSWORD).await?),
        5 => {
            ("sign in", anyone.post("/v1/sessions", &json!({ "email": "a@example.org", "password": PASSWORD })).await?)
        }
        _ => ("members", owner.get("/v1/members").await?),
    })
}

/// How many questions there are.
const QUESTIONS: usize = 7;

/// While the database is away: 503 for what needs it, in time; alive, not ready.
async fn away(site: &Site, id: &str, token: &str) -> Result<()> {
    // Made before the time is taken: a client reads its certificates.
    let callers = (site.owner()?, site.anyone()?);
    // Each question by itself would do; three of each at once wait for nobody before them.
    let timed = (0..3 * QUESTIONS).map(async |number| {
        let began = Instant::now();
        let (name, answer) = ask(&callers, number % QUESTIONS, id, token).await?;
        Ok::<_, Failure>((name, answer, began.elapsed()))
    });
    for answered in join_all(timed).await {
        let (name, answer, took) = answered?;
        answer.refused(503, "unavailable").map_err(|failure| Failure::new(format!("{name}: {failure}")))?;
        let seconds: u64 = answer.header("retry-after").parse()?;
        assert!((1..=60).contains(&seconds), "{name}: Retry-After {seconds}");
        assert!(took < ANSWERED + AND, "{name} took {took:?}");
    }
    let (_, anyone) = callers;
    // People get a page that says so.
    let page = Browser::new(site.service.base_url())?.open(&format!("/i/{token}")).await?.answer;
    assert_eq!(page.status, 503, "{}", page.text);
    assert!(page.text.contains("<html") && !page.header("retry-after").is_empty(), "{}", page.text);
    assert_eq!(anyone.get("/readyz").await?.status, 503);
    assert_eq!(anyone.get("/livez").await?.status, 200);
    Ok(())
}

/// Once the database is back: ready, and everything works; what was refused can be repeated.
async fn back(site: &Site, id: &str, token: &str) -> Result<()> {
    let callers = (site.owner()?, site.anyone()?);
    let began = Instant::now();
    eventually("the service never became ready again", async || {
        Ok((callers.1.get("/readyz").await?.status == 200).then_some(()))
    })
    .await?;
    println!("ready again after {:?}", began.elapsed());
    for what in 0..QUESTIONS {
        let (name, answer) = ask(&callers, what, id, token).await?;
        assert!(answer.status < 500, "{name}: {}", answer.text);
    }
    let issued = ask(&callers, 0, id, token).await?.1.expect(201)?;
    site.wait_until_sent(text(&issued, "/id")?).await?;
    assert_eq!(site.mails_to("new@example.org"), 1);
    Ok(())
}

async fn outage(
    place: &mut Place,
    begin: impl AsyncFnOnce(&mut Place) -> Result<()>,
    end: impl AsyncFnOnce(&mut Place) -> Result<()>,
) -> Result<()> {
    let (id, token) = place.site.invite_silently("ada@example.org").await?;
    let process = place.site.service.process_id();
    begin(place).await?;
    away(&place.site, &id, &token).await?;
    end(place).await?;
    back(&place.site, &id, &token).await?;
    assert_eq!(place.site.service.process_id(), process);
    assert_eq!(place.site.service.terminate().await?.code(), Some(0), "{}", place.site.service.stderr());
    Ok(())
}

async fn refused() -> Result<()> {
    let mut place = Place::start().await?;
    outage(
        &mut place,
        async |place| place.proxy.set(Mode::Refuse).await,
        async |place| place.proxy.set(Mode::Pass).await,
    )
    .await
}

async fn swallowed() -> Result<()> {
    let mut place = Place::start().await?;
    let begin = async |place: &mut Place| place.proxy.set(Mode::BlackHole).await;
    outage(&mut place, begin, async |place| place.proxy.set(Mode::Pass).await).await
}

async fn killed() -> Result<()> {
    let mut place = Place::start().await?;
    let begin = async |place: &mut Place| place.server.kill_dash_nine().map_err(Failure::new);
    outage(&mut place, begin, async |place| place.server.start_again().map_err(Failure::new)).await
}

async fn late() -> Result<()> {
    let mut place = Place::start().await?;
    place.proxy.set(Mode::Delay(Duration::from_millis(20))).await?;
    let (_, token) = place.site.invite_silently("ada@example.org").await?;
    place.site.anyone()?.redeem(&token, PASSWORD).await?.expect(201)?;
    assert_eq!(place.site.service.terminate().await?.code(), Some(0));
    Ok(())
}

/// Runs a trial to its end.
fn run(trial: impl Future<Output = Result<()>>) -> std::result::Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(trial).map_err(|failure| failure.to_string().into())
}

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let postgres = Some(Requirement::Postgres);
    suite
        .trial("a_database_that_refuses_connections_gives_503_in_time_and_no_restart_is_needed", postgres, || {
            run(refused())
        })
        .trial("a_database_that_answers_nothing_gives_503_in_time_and_no_restart_is_needed", postgres, || {
            run(swallowed())
        })
        .trial("a_database_that_was_killed_gives_503_in_time_and_no_restart_is_needed", postgres, || run(killed()))
        .trial("a_database_that_is_far_away_is_waited_for", postgres, || run(late()));
    suite.run()
}
