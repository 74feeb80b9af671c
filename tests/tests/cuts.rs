//! Connections are cut where it matters most: at `COMMIT`, a request's or the dispatcher's, and after the dot that ends a mail. Whoever repeats a request with
//! its Idempotency-Key has asked once, and whoever is invited has one mail, or the same one twice.

mod common;
mod faults;

use common::{Answer, Api};
use faults::{
    Attempt, Outage, Random, Request, Seen,
    ground::{Engine, Ground},
    ledger::{self, Entry, Verb},
    mails::Post,
    run,
};
use invite_tests::{
    Failure, Result,
    proxy::{Moment, Protocol, Proxy},
    requires::Suite,
    soak,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    process::ExitCode,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Cuts where nobody asks for more: each moment is among them several times.
const COMMITS: u64 = 40;
const DOTS: u64 = 8;
const SETTLEMENTS: u64 = 8;
const SEED: u64 = 1;
/// A transaction is a request's, and not the dispatcher's, if it notes an Idempotency-Key.
const OF_A_REQUEST: &str = "INSERT INTO \"invite_idempotency\"";
/// A transaction is the dispatcher's, and says what became of a message, if it writes its state. Where nobody sends again,
/// revokes or redeems, nothing else does; a claim begins with the lease.
const OF_A_SETTLEMENT: &str = "UPDATE \"invite_messages\" SET \"state\"";
/// What the dispatcher says when it could not record what became of a message.
const GIVEN_UP: &str = "messages cannot be dispatched";
/// More often than it tries.
const STUBBORN: usize = 100;
/// How many settlements are cut before what hangs on a lease is waited for.
const BATCH: u64 = 25;
/// In this time the settlements of a batch are cut, or messages of its beginning come again and are among them. A lease is two
/// minutes.
const WITHIN_A_LEASE: Duration = Duration::from_secs(100);
/// The answer to `COMMIT`, in bytes: `CommandComplete` (12) and `ReadyForQuery` (6).
const COMMITTED: u64 = 18;
/// What the mail server says after the dot, in bytes.
const TAKEN: u64 = "250 2.0.0 taken\r\n".len() as u64;
/// How long all cuts after the dot may take to happen, the first wait of the retries apart.
const SOON: Duration = Duration::from_mins(1);
/// The same with that wait, and more if the connection was cut twice.
const LATER: Duration = Duration::from_mins(5);

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    suite.trial("ops_4_a_commit_that_was_cut_is_safe_to_repeat", Engine::Postgres.requirement(), || run(commits()));
    suite.trial("out_2_a_mail_cut_after_the_dot_comes_once_or_again_as_the_same", None, || run(dots()));
    suite.trial(
        "out_2_a_settlement_cut_short_leaves_one_mail_or_the_same_one_twice",
        Engine::Postgres.requirement(),
        || run(settlements()),
    );
    suite.run()
}

/// One of the moments; of an answer, so many bytes that something is missing.
fn moment(random: &mut Random, answer: u64) -> Moment {
    match random.below(4) {
        0 => Moment::Before,
        1 => Moment::AtOnce,
        2 => Moment::Unanswered,
        _ => Moment::Within(usize::try_from(1 + random.below(answer - 1)).unwrap_or(1)),
    }
}

/// What the cuts came to.
#[derive(Default)]
struct Tally {
    /// The client was told 503.
    unavailable: u64,
    /// It was told of the success at once.
    answered: u64,
    /// The request had no effect before it was repeated; it had one; nobody can say.
    before: u64,
    after: u64,
    at_once: u64,
    seen: Seen,
}

async fn commits() -> Result<()> {
    let began = Instant::now();
    let (seed, rounds) = (soak::seed(SEED)?, soak::rounds(COMMITS)?);
    let mut random = Random::new(seed);
    let ground = Ground::behind(Engine::Postgres, Some(Protocol::PostgresAfter(OF_A_REQUEST)), None).await?;
    let (owner, anyone, proxy) = (ground.owner()?, ground.anyone()?, ground.database_proxy()?);
    let (mut entries, mut tally): (Vec<Entry>, Tally) = (Vec::new(), Tally::default());
    for round in 0..rounds {
        let cut = Cut { proxy, moment: moment(&mut random, COMMITTED), owner: &owner };
        let address = format!("person-{round}@example.org");
        let done = one_commit(&cut, &anyone, &address, &mut random, &mut tally).await;
        let entry =
            done.map_err(|failure| Failure::new(format!("round {round}, seed {seed}, {:?}: {failure}", cut.moment)))?;
        entries.push(entry);
    }
    if tally.unavailable == 0 || tally.before == 0 || tally.after == 0 {
        return Err(Failure::new("the cuts fell to one side of the commit"));
    }
    ground.drained(SOON).await?;
    for entry in &entries {
        entry.verify(&owner).await?;
    }
    let post = Post::read(&ground.smtp.messages())?;
    post.verify(&entries, &ground).await?;
    if post.duplicates() > 0 {
        return Err(Failure::new(format!("{} mails came again, and no delivery was cut", post.duplicates())));
    }
    ground.check().await?;
    let Tally { unavailable, answered, before, after, at_once, seen } = tally;
    let result = format!(
        "{} cuts: {before} before the commit, {after} after it, {at_once} at the same moment; answered 503 {unavailable}, success {answered}; \
         repeated: one invitation, one redemption, one generation each; {} mails, lost 0, duplicates 0; longest wait {:.1} s",
        proxy.cuts(),
        post.total,
        seen.slowest.as_secs_f64(),
    );
    soak::Figure::new("cuts at COMMIT", "postgres").seed(seed).rounds(rounds).started(began).result(result).record()
}

/// A cut that is to happen to one request.
struct Cut<'a> {
    proxy: &'a Proxy,
    moment: Moment,
    owner: &'a Api,
}

/// Issues, sends again or redeems an invitation with the connection cut at its `COMMIT`, and repeats the request.
async fn one_commit(
    cut: &Cut<'_>,
    anyone: &Api,
    address: &str,
    random: &mut Random,
    tally: &mut Tally,
) -> Result<Entry> {
    let verb = match random.below(3) {
        0 => None,
        1 => Some(Verb::Resend),
        _ => Some(Verb::Redeem),
    };
    let issue = ledger::issue(address);
    let Some(verb) = verb else {
        let state = format!("/v1/invitations?query={address}&include_total=true");
        let (answer, repeated) = cut.strike(&issue, (cut.owner, &state, "/total"), tally).await?;
        let entry = Entry::issued(address, &answer, repeated)?;
        entry.verify(cut.owner).await?;
        return Ok(entry);
    };
    let (answer, _) = issue.until_answered(cut.owner, &Outage::Database, &mut tally.seen).await?;
    let mut entry = Entry::issued(address, &answer, false)?;
    let (api, place) = if verb == Verb::Redeem { (anyone, "/uses") } else { (cut.owner, "/generation") };
    let state = format!("/v1/invitations/{}", entry.id);
    let (answer, repeated) = cut.strike(&entry.request(verb), (api, &state, place), tally).await?;
    entry.acknowledge(verb, &answer, repeated)?;
    entry.verify(cut.owner).await?;
    Ok(entry)
}

impl Cut<'_> {
    /// Sends a request whose transaction is cut at its `COMMIT`, looks whether it had an effect, and repeats it.
    async fn strike(
        &self,
        request: &Request,
        (api, state, place): (&Api, &str, &str),
        tally: &mut Tally,
    ) -> Result<(Answer, bool)> {
        let look = async || -> Result<Value> {
            let shown = self.owner.get(state).await?.expect(200)?;
            shown.pointer(place).cloned().ok_or_else(|| Failure::new(format!("no {place}: {shown}")))
        };
        let (before, cuts) = (look().await?, self.proxy.cuts());
        self.proxy.cut_next(self.moment);
        let first = request.send(api, &mut tally.seen).await?;
        if self.proxy.cuts() != cuts + 1 {
            return Err(Failure::new("the request came and went without the COMMIT that was to be cut"));
        }
        match &first {
            Attempt::Lost => return Err(Failure::new("the service cut off its own client")),
            Attempt::InProgress => return Err(Failure::new("the first of its key, and told to be a repetition")),
            Attempt::Unavailable => tally.unavailable += 1,
            Attempt::Answered(answer) if (200..300).contains(&answer.status) => tally.answered += 1,
            Attempt::Answered(answer) => {
                return Err(Failure::new(format!("a cut commit was answered {}: {}", answer.status, answer.text)));
            }
        }
        if self.moment == Moment::AtOnce {
            // The server may still be at it: the repetition races with the commit.
            tally.at_once += 1;
        } else {
            let effect = look().await? != before;
            match (self.moment, &first, effect) {
                (_, Attempt::Answered(_), false) => return Err(Failure::new("acknowledged, and nothing was done")),
                // The harness itself is wrong: this is not what was cut.
                (Moment::Before, Attempt::Unavailable, true) => return Err(Failure::new("done without its commit")),
                (Moment::Unanswered | Moment::Within(_), _, false) => {
                    return Err(Failure::new("committed, and nothing was done"));
                }
                _ => {}
            }
            *(if effect { &mut tally.after } else { &mut tally.before }) += 1;
        }
        let (answer, _) = request.until_answered(api, &Outage::Database, &mut tally.seen).await?;
        if let Attempt::Answered(first) = &first
            && named(first)? != named(&answer)?
        {
            return Err(Failure::new(format!("answered {}, and then {}", first.text, answer.text)));
        }
        Ok((answer, true))
    }
}

/// What an answer is about.
fn named(answer: &Answer) -> Result<[Option<Value>; 5]> {
    let document = answer.json()?;
    let places = ["/id", "/generation", "/redemption/id", "/account/id", "/membership/id"];
    Ok(places.map(|place| document.pointer(place).cloned()))
}

async fn dots() -> Result<()> {
    let began = Instant::now();
    let (seed, rounds) = (soak::seed(SEED)?, soak::rounds(DOTS)?);
    let mut random = Random::new(seed);
    let mut ground = Ground::behind(Engine::Sqlite, None, Some(Protocol::Smtp)).await?;
    // Each message is cut once, the first time, since the others come before anybody tries again.
    let mut kept = 0;
    for _ in 0..rounds {
        let moment = moment(&mut random, TAKEN);
        kept += u64::from(matches!(moment, Moment::Unanswered | Moment::Within(_)));
        ground.mail_proxy()?.cut_next(moment);
    }
    let mut entries = Vec::new();
    for _ in 0..rounds {
        entries.push(issued(&ground.owner()?, entries.len()).await?);
    }
    wait_for_cuts(ground.mail_proxy()?, rounds).await?;
    let long = rounds > DOTS;
    if !long {
        for entry in &entries {
            queued_again(&ground.owner()?, entry).await?;
        }
        ground.skip_waits().await?;
    }
    ground.drained(LATER).await?;
    let post = Post::read(&ground.smtp.messages())?;
    post.verify(&entries, &ground).await?;
    let owner = ground.owner()?;
    for entry in &entries {
        entry.verify(&owner).await?;
        sent_at_last(&owner, entry, 2).await?;
        let copies = post.copies(&entry.address);
        if !matches!(copies[..], [1 | 2]) {
            return Err(Failure::new(format!("neither one mail nor the same one twice: {copies:?} to {entry:#?}")));
        }
    }
    let duplicates = post.duplicates() as u64;
    if duplicates < kept || duplicates > rounds {
        return Err(Failure::new(format!("{duplicates} mails came again, {kept} were taken and not acknowledged")));
    }
    ground.check().await?;
    let result = format!(
        "{} cuts; {} mails to {rounds} people, lost 0, duplicates {duplicates}, each with its first Message-ID and link",
        ground.mail_proxy()?.cuts(),
        post.total,
    );
    soak::Figure::new("cuts after SMTP's dot", "sqlite")
        .seed(seed)
        .rounds(rounds)
        .started(began)
        .result(result)
        .record()
}

async fn settlements() -> Result<()> {
    let began = Instant::now();
    let (seed, rounds) = (soak::seed(SEED)?, soak::rounds(SETTLEMENTS)?);
    let long = rounds > SETTLEMENTS;
    let mut random = Random::new(seed);
    let mut ground = Ground::behind(Engine::Postgres, Some(Protocol::PostgresAfter(OF_A_SETTLEMENT)), None).await?;
    let (mut entries, mut given_up) = (Vec::new(), BTreeSet::new());
    let mut planned = 0;
    while planned < rounds {
        let batch_began = Instant::now();
        given_up.insert(entries.len());
        entries.push(cut_until_given_up(&ground, entries.len()).await?);
        let (proxy, owner) = (ground.database_proxy()?, ground.owner()?);
        let upto = rounds.min(planned + BATCH);
        let wanted = proxy.cuts() + (upto - planned);
        while planned < upto {
            // One of four at least is a settlement, or its repetition, that comes through: here nobody gives up.
            let nth = if planned % 4 == 0 { 3 } else { 1 + random.below(3) };
            proxy.cut_nth(nth, moment(&mut random, COMMITTED));
            for _ in 0..nth {
                entries.push(issued(&owner, entries.len()).await?);
            }
            planned += 1;
        }
        wait_for_cuts(proxy, wanted).await?;
        if batch_began.elapsed() > WITHIN_A_LEASE {
            return Err(Failure::new("this machine is too slow to tell a first delivery from a second"));
        }
        if !long {
            ground.skip_waits().await?;
        }
        ground.drained(LATER).await?;
    }
    let post = Post::read(&ground.smtp.messages())?;
    post.verify(&entries, &ground).await?;
    let owner = ground.owner()?;
    for (number, entry) in entries.iter().enumerate() {
        entry.verify(&owner).await?;
        // The second mail has the Message-ID and the link of the first.
        let copies = if given_up.contains(&number) { 2 } else { 1 };
        let came = post.copies(&entry.address);
        if came != [copies] {
            return Err(Failure::new(format!("{copies} of one mail expected, {came:?} came to {entry:#?}")));
        }
        sent_at_last(&owner, entry, 1).await?;
    }
    ground.check().await?;
    let lease = if long { "waited for" } else { "skipped" };
    let result = format!(
        "{} cuts; {} mails to {} people, lost 0; {rounds} settlements tried again at once: duplicates 0; {} given up and left to the \
         lease: duplicates {}, with the first Message-ID and link; all sent at last, leases {lease}",
        ground.database_proxy()?.cuts(),
        post.total,
        entries.len(),
        given_up.len(),
        post.duplicates(),
    );
    let figure = soak::Figure::new("cuts at the COMMIT of a settlement", "postgres").seed(seed).rounds(rounds);
    figure.started(began).result(result).record()
}

/// Invites somebody, and cuts every settlement until the dispatcher says that it leaves the message to its lease.
async fn cut_until_given_up(ground: &Ground, person: usize) -> Result<Entry> {
    let proxy = ground.database_proxy()?;
    let said = || ground.service.stderr().matches(GIVEN_UP).count();
    let before = said();
    for _ in 0..STUBBORN {
        proxy.cut_next(Moment::Before);
    }
    let entry = issued(&ground.owner()?, person).await?;
    common::eventually("the dispatcher never gave up", async || Ok((said() > before).then_some(()))).await?;
    if proxy.forget_cuts() == 0 {
        return Err(Failure::new("the dispatcher tried more often than it was cut"));
    }
    Ok(entry)
}

/// Invites somebody by a request that nothing happens to.
async fn issued(owner: &Api, person: usize) -> Result<Entry> {
    let address = format!("person-{person}@example.org");
    let mut seen = Seen::default();
    let (answer, repeated) = ledger::issue(&address).until_answered(owner, &Outage::Database, &mut seen).await?;
    if repeated {
        return Err(Failure::new(format!("a cut met the request for {address}, and was meant for the dispatcher")));
    }
    Entry::issued(&address, &answer, false)
}

/// The message shows as sent at this attempt, by its own count.
async fn sent_at_last(owner: &Api, entry: &Entry, attempts: u64) -> Result<()> {
    let shown = owner.get(&format!("/v1/invitations/{}", entry.id)).await?.expect(200)?;
    let delivery = &shown["deliveries"][0];
    if delivery["state"] != "sent" || delivery["attempts"] != attempts {
        return Err(entry.violation("not sent at the attempt that was to succeed", &shown));
    }
    Ok(())
}

async fn wait_for_cuts(proxy: &Proxy, wanted: u64) -> Result<()> {
    let began = Instant::now();
    while proxy.cuts() < wanted {
        if began.elapsed() > SOON {
            return Err(Failure::new(format!("{} of {wanted} cuts", proxy.cuts())));
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// The message waits for its second attempt, and says why and until when.
async fn queued_again(owner: &Api, entry: &Entry) -> Result<()> {
    common::eventually("the attempt was never noted", async || {
        let shown = owner.get(&format!("/v1/invitations/{}", entry.id)).await?.expect(200)?;
        let delivery = &shown["deliveries"][0];
        let noted = delivery["state"] == "queued"
            && delivery["attempts"] == 1
            && delivery["reason"].is_string()
            && delivery["next_attempt_at"].as_str() > delivery["at"].as_str();
        Ok(noted.then_some(()))
    })
    .await
}
