//! What a credential leads to.

use crate::{Scene, contract::Subject};
use chrono::{DateTime, Duration};
use invite_domain::{
    directory::{Account, Session},
    invitation::{AdministrationChange, DirectoryChange, Plan},
    port::CredentialFacts,
    secret::credential::{CredentialDigest, CredentialKind, CredentialText},
    time::Timestamp,
};

async fn found(subject: &Subject, digest: &CredentialDigest) -> Option<CredentialFacts> {
    subject.directory().credential(digest).await.unwrap()
}

async fn sign_in(scene: &Scene, account: &Account, now: Timestamp) -> Session {
    let (_, session) = Session::begin(account.id, now, &*scene.entropy);
    let directory = vec![DirectoryChange::InsertSession(Box::new(session.clone()))];
    scene.apply(Plan { directory, ..Plan::default() }).await;
    session
}

pub(in crate::contract) async fn a_credential_is_found_by_its_digest(subject: Subject) {
    let scene = subject.scene("acme").await;
    let digest = scene.api_key.digest;
    assert_eq!(found(&subject, &digest).await, Some(CredentialFacts::ApiKey(Box::new(scene.api_key.clone()))));
    let unknown = CredentialText::generate(CredentialKind::ApiKey, &*scene.entropy).digest();
    assert_eq!(found(&subject, &unknown).await, None);

    // After a rotation the present and the previous text lead to the key, an older one to nothing.
    let mut rotated = scene.api_key.clone();
    for version in 2..=3 {
        rotated.previous = Some((rotated.digest, scene.now() + Duration::hours(version)));
        rotated.digest = CredentialText::generate(CredentialKind::ApiKey, &*scene.entropy).digest();
        rotated.version = version;
        scene.administer(AdministrationChange::UpdateApiKey(Box::new(rotated.clone()))).await;
    }
    let facts = Some(CredentialFacts::ApiKey(Box::new(rotated.clone())));
    assert_eq!(found(&subject, &rotated.digest).await, facts);
    let previous = rotated.previous.as_ref().unwrap().0;
    assert_eq!(found(&subject, &previous).await, facts, "the previous text");
    assert_eq!(found(&subject, &digest).await, None, "the one before that");

    // Whether a key still counts is not for the store to say.
    (rotated.revoked_at, rotated.expires_at, rotated.version) = (Some(scene.now()), Some(scene.now()), 4);
    scene.administer(AdministrationChange::UpdateApiKey(Box::new(rotated.clone()))).await;
    let revoked = Some(CredentialFacts::ApiKey(Box::new(rotated.clone())));
    assert_eq!(found(&subject, &rotated.digest).await, revoked);

    let (operator, text) = scene.new_operator_key();
    scene.administer(AdministrationChange::InsertOperatorKey(Box::new(operator.clone()))).await;
    let facts = found(&subject, &text.digest()).await;
    assert_eq!(facts, Some(CredentialFacts::Operator(Box::new(operator.clone()))));
    scene.administer(AdministrationChange::RevokeOperatorKey(operator.id, scene.now())).await;
    let Some(CredentialFacts::Operator(revoked)) = found(&subject, &text.digest()).await else {
        unreachable!("a revoked operator key is found")
    };
    assert_eq!(revoked.revoked_at, Some(scene.now()));
}

pub(in crate::contract) async fn a_session_leads_to_its_account_until_it_ends(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (mia, adam) = (&scene.member.account, &scene.admin.account);
    let one = sign_in(&scene, mia, scene.now()).await;
    let two = sign_in(&scene, mia, scene.now()).await;
    let other = sign_in(&scene, adam, scene.now()).await;
    let facts = |session: &Session, account: &Account| {
        Some(CredentialFacts::Session(Box::new(session.clone()), Box::new(account.clone())))
    };
    assert_eq!(found(&subject, &one.digest).await, facts(&one, mia));
    assert_eq!(found(&subject, &other.digest).await, facts(&other, adam));
    scene.administer(AdministrationChange::EndSession(one.id)).await;
    assert_eq!(found(&subject, &one.digest).await, None);
    assert_eq!(found(&subject, &two.digest).await, facts(&two, mia));
    scene.administer(AdministrationChange::EndSessions(mia.id)).await;
    assert_eq!(found(&subject, &two.digest).await, None);
    assert_eq!(found(&subject, &other.digest).await, facts(&other, adam));

    // The row is gone, so one of the same id can follow in the same plan.
    let next = Session { last_seen_at: adam.created_at + Duration::hours(2), ..other.clone() };
    let plan = Plan {
        administration: vec![AdministrationChange::EndSessions(adam.id)],
        directory: vec![DirectoryChange::InsertSession(Box::new(next.clone()))],
        ..Plan::default()
    };
    scene.apply(plan).await;
    assert_eq!(found(&subject, &next.digest).await, facts(&next, adam));
}

pub(in crate::contract) async fn ended_credentials_are_gone_and_nobody_elses(subject: Subject) {
    let scene = subject.scene("acme").await;
    let theirs = sign_in(&scene, &scene.admin.account, scene.now()).await;
    let others = sign_in(&scene, &scene.member.account, scene.now()).await;
    let (key, _) = scene.new_api_key(&scene.admin.membership);
    scene.administer(AdministrationChange::InsertApiKey(Box::new(key.clone()))).await;
    let (mut made, _) = scene.new_api_key(&scene.admin.membership);
    made.by_operator = true;
    scene.administer(AdministrationChange::InsertApiKey(Box::new(made.clone()))).await;
    let at = scene.pass(Duration::seconds(1));
    let directory = vec![DirectoryChange::EndCredentials(scene.admin.account.id, at)];
    scene.apply(Plan { directory, ..Plan::default() }).await;
    assert_eq!(found(&subject, &theirs.digest).await, None, "the session ended");
    let Some(CredentialFacts::ApiKey(ended)) = found(&subject, &key.digest).await else {
        unreachable!("a revoked key is found")
    };
    assert_eq!(ended.revoked_at, Some(at), "the key was revoked");
    let Some(CredentialFacts::ApiKey(kept)) = found(&subject, &made.digest).await else {
        unreachable!("the operator's key is found")
    };
    assert_eq!((kept.by_operator, kept.revoked_at), (true, None), "the operator's own key is nobody's left-over");
    assert!(found(&subject, &others.digest).await.is_some());
    let Some(CredentialFacts::ApiKey(owners)) = found(&subject, &scene.api_key.digest).await else {
        unreachable!("the owner's key is found")
    };
    assert_eq!(*owners, scene.api_key);
    let account = subject.directory().account(scene.admin.account.id).await.unwrap();
    assert_eq!(account, Some(scene.admin.account.clone()), "the account itself is changed by a change of its own");
}

/// A whole hour, so that a store that keeps whole minutes or hours answers the same.
fn whole_hour() -> Timestamp {
    DateTime::from_timestamp_micros(1_800_000_000_000_000).unwrap()
}

pub(in crate::contract) async fn a_used_key_is_noted_once_a_minute(subject: Subject) {
    let scene = subject.scene("acme").await;
    let used = async |at| {
        subject.directory().note_key_used(scene.api_key.id, at).await;
        match found(&subject, &scene.api_key.digest).await {
            Some(CredentialFacts::ApiKey(key)) => key.last_used_at,
            other => unreachable!("no key: {other:?}"),
        }
    };
    let first = whole_hour();
    assert_eq!(used(first).await, Some(first));
    assert_eq!(used(first + Duration::seconds(30)).await, Some(first), "not again within the minute");
    assert_eq!(used(first + Duration::minutes(1)).await, Some(first + Duration::minutes(1)));
    subject.directory().note_key_used(scene.new_operator_key().0.id, first).await;
}

pub(in crate::contract) async fn a_used_session_is_noted_once_an_hour(subject: Subject) {
    let scene = subject.scene("acme").await;
    let first = whole_hour();
    let session = sign_in(&scene, &scene.member.account, first).await;
    let used = async |at| {
        subject.directory().note_session_used(session.id, at).await;
        match found(&subject, &session.digest).await {
            Some(CredentialFacts::Session(session, _)) => session.last_seen_at,
            other => unreachable!("no session: {other:?}"),
        }
    };
    assert_eq!(used(first + Duration::minutes(30)).await, first);
    assert_eq!(used(first + Duration::hours(1)).await, first + Duration::hours(1));
    assert_eq!(used(first + Duration::minutes(90)).await, first + Duration::hours(1));
}

pub(in crate::contract) async fn operator_keys_that_still_count_are_told(subject: Subject) {
    let scene = subject.scene("acme").await;
    assert!(subject.directory().operator_keys().await.unwrap().is_empty());
    let ((one, _), (two, _)) = (scene.new_operator_key(), scene.new_operator_key());
    for key in [&one, &two] {
        scene.administer(AdministrationChange::InsertOperatorKey(Box::new(key.clone()))).await;
    }
    scene.administer(AdministrationChange::RevokeOperatorKey(one.id, scene.now())).await;
    assert_eq!(subject.directory().operator_keys().await.unwrap(), [two]);
}

pub(in crate::contract) async fn nothing_is_there_before_the_installation(subject: Subject) {
    assert!(subject.directory().is_empty().await.unwrap());
    let scene = subject.scene("acme").await;
    assert!(!subject.directory().is_empty().await.unwrap());
    let deleted = crate::fixtures::plans::deleted(&scene.organization, scene.now());
    scene.apply(scene.plan_organization(1, deleted)).await;
    assert!(!subject.directory().is_empty().await.unwrap(), "a deleted organisation was one");
}
