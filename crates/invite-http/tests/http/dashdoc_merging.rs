//! What others do at the same moment: change a record that is being changed, make a company that is being made.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    dashdoc_support::{Dash, path},
    store::Store,
    support::{Bench, config},
};
use async_trait::async_trait;
use invite_domain::invitation::Origin;
use invite_domain::{
    directory::{ChangeSubject, NewSubject, SubjectKind},
    id::OrganizationId,
    page::{Page, PageRequest},
    port::{PortError, SubjectAdministration, SubjectFilter, SubjectQuery, SubjectRecord, SubjectRef, Subjects},
    service::{Caller, SubjectService},
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A store beside which somebody else is faster, so many times: right after a record was read a member of it is changed,
/// right after a remote id was found free a record has it.
struct Restless {
    store: Arc<Store>,
    others: SubjectService,
    member: &'static str,
    left: AtomicUsize,
}

impl Restless {
    async fn change(&self, caller: &Caller, record: &SubjectRecord, left: usize) {
        let subject = &record.subject;
        let mut profile: Value = serde_json::from_str(&subject.profile).unwrap();
        profile[self.member] = json!(left.to_string());
        let command = ChangeSubject { profile: Some(profile.to_string()), ..ChangeSubject::default() };
        self.others.change(caller, subject.kind, SubjectRef::Id(subject.id), command).await.unwrap();
    }

    async fn make(&self, caller: &Caller, kind: SubjectKind, remote_id: &str) {
        let (name, profile) = ("Faster".to_owned(), json!({ "country": "BE" }).to_string());
        let remote_id = Some(remote_id.to_owned());
        let command = NewSubject { kind, id: None, company: None, remote_id, email: None, phone: None, name, profile };
        self.others.create(caller, command, None).await.unwrap();
    }
}

#[async_trait]
impl Subjects for Restless {
    async fn load_subject(&self, query: &SubjectQuery) -> Result<Option<SubjectAdministration>, PortError> {
        let read = self.store.load_subject(query).await?;
        let left = self.left.load(Ordering::SeqCst);
        let record = read.as_ref().and_then(|read| read.record.as_ref());
        let caller =
            Caller { organization_id: query.organization_id, principal: query.principal, origin: Origin::default() };
        match (record, &query.wanted_remote_id) {
            _ if left == 0 => return Ok(read),
            (Some(record), _) => self.change(&caller, record, left).await,
            (None, Some(remote_id)) => self.make(&caller, query.kind, remote_id).await,
            (None, None) => return Ok(read),
        }
        self.left.store(left - 1, Ordering::SeqCst);
        Ok(read)
    }

    async fn subjects(
        &self,
        organization_id: OrganizationId,
        kind: SubjectKind,
        filter: &SubjectFilter,
        page: &PageRequest,
    ) -> Result<Page<SubjectRecord>, PortError> {
        self.store.subjects(organization_id, kind, filter, page).await
    }
}

/// A record of each kind, a member the client changes and one that somebody else does.
const RECORDS: [(&str, &str, &str); 3] =
    [("companies", "comments", "siren"), ("contacts", "first_name", "fax_number"), ("truckers", "city", "platform")];

async fn unlimited() -> Dash {
    let mut config = config();
    config.dashdoc_requests_second = None;
    Dash::on(Bench::with(config).await)
}

/// Lets somebody else be faster so many times.
fn disturb(dash: &mut Dash, member: &'static str, times: usize) {
    let (store, others) = (dash.bench.spy.store.clone(), dash.bench.api.subjects.clone());
    let restless = Restless { store, others, member, left: AtomicUsize::new(times) };
    dash.bench.api.subjects = SubjectService::new(Arc::new(restless), dash.bench.api.invitations.clone());
}

/// The client's change of one record while somebody else changes another member of it after each of `times` readings.
async fn changed(kind: &str, mine: &str, theirs: &'static str, times: usize, status: u16) -> (Value, Value) {
    let mut dash = unlimited().await;
    let record = match kind {
        "companies" => dash.company("Petit").await,
        "contacts" => dash.contact("adele@bouvet.example").await,
        _ => dash.trucker(json!({})).await,
    };
    let quiet = dash.bench.api.subjects.clone();
    disturb(&mut dash, theirs, times);
    let answer = dash.ask("PATCH", &path(&record, ""), json!({ mine: "mine" }), status).await;
    dash.bench.api.subjects = quiet;
    (answer, dash.get(&path(&record, "")).await)
}

#[actix_web::test]
async fn a_company_that_is_made_while_it_is_looked_for_is_answered_as_one_that_is_there_already() {
    let mut dash = unlimited().await;
    disturb(&mut dash, "", 1);
    let body = json!({ "name": "Slower", "country": "FR", "remote_id": "COMP_1" });
    let found = dash.ask("POST", "/api/v4/companies/", body, 201).await;
    assert_eq!((&found["name"], &found["country"]), (&json!("Faster"), &json!("BE")));
    assert_eq!(dash.get("/api/v4/companies/").await["count"], 2, "this one and the organisation's own");
    // A change to a remote id that is taken is refused as ever.
    let other = dash.company("Other").await;
    let faults = dash.faults("PATCH", &path(&other, ""), json!({ "remote_id": "COMP_1" })).await;
    assert_eq!(faults, [("remote_id".to_owned(), "invalid".to_owned())]);
}

#[actix_web::test]
async fn a_partial_change_that_meets_others_keeps_theirs_and_its_own() {
    for (kind, mine, theirs) in RECORDS {
        for times in 1..=5 {
            let (answer, now) = changed(kind, mine, theirs, times, 200).await;
            assert_eq!((&now[mine], &now[theirs]), (&json!("mine"), &json!("1")), "{kind}, {times} times");
            assert_eq!(answer[mine], "mine", "{kind}, {times} times");
        }
    }
}

#[actix_web::test]
async fn a_partial_change_that_others_are_always_faster_than_is_refused_and_changes_nothing() {
    for (kind, mine, theirs) in RECORDS {
        let (refused, now) = changed(kind, mine, theirs, 1_000, 400).await;
        let detail = "Others changed this at the same time. Nothing was changed. Send it again.";
        let expected = json!({ "non_field_errors": { "code": ["version_mismatch"], "detail": [detail] } });
        assert_eq!(refused, expected, "{kind}");
        assert!(now[mine].is_null(), "{kind}: {now}");
        let readings = 1_001 - now[theirs].as_str().unwrap().parse::<usize>().unwrap();
        assert!((2..=16).contains(&readings), "{kind} was read {readings} times: a refusal comes soon");
    }
}
