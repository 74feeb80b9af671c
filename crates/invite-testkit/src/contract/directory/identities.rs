//! Identities of other issuers and the accounts they open (rule 5.10).

use crate::{
    Scene,
    contract::{
        Subject,
        invitations::{race, winners},
    },
};
use invite_domain::{
    directory::{Account, IdentityKey, VerifiedIdentity},
    id::AccountId,
    invitation::{DirectoryChange, Guard, Plan, UniqueKey},
};

fn identity(subject: &str) -> VerifiedIdentity {
    VerifiedIdentity {
        issuer: "https://issuer.example/\u{e9}".into(),
        subject: subject.into(),
        email: None,
        email_trusted: false,
        name: None,
    }
}

fn link(scene: &Scene, subject: &str, account: AccountId) -> Plan {
    let identity = identity(subject).linked_to(account, scene.now());
    Plan {
        guards: vec![Guard::Free(UniqueKey::Identity(identity.key()))],
        directory: vec![DirectoryChange::LinkIdentity(Box::new(identity))],
        ..Plan::default()
    }
}

async fn opened(subject: &Subject, key: &IdentityKey) -> Option<Account> {
    subject.directory().account_of_identity(key).await.unwrap()
}

pub(in crate::contract) async fn an_identity_opens_one_account(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (mia, adam) = (&scene.member.account, &scene.admin.account);
    // Longer than a database's key can be, and different in case alone.
    let long = "x".repeat(2_000);
    for (name, owner) in [("one", mia), ("ONE", adam), (&*long, mia)] {
        let key = identity(name).key();
        assert_eq!(opened(&subject, &key).await, None);
        let free = Plan { guards: vec![Guard::Free(UniqueKey::Identity(key))], ..Plan::default() };
        scene.apply(free.clone()).await;
        scene.apply(link(&scene, name, owner.id)).await;
        assert_eq!(opened(&subject, &key).await.as_ref(), Some(owner));
        scene.refuse(free).await;
    }
    for owner in [mia, adam] {
        let taken = link(&scene, "one", owner.id);
        scene.refuse(Plan { guards: Vec::new(), ..taken.clone() }).await;
        scene.refuse(taken).await;
    }
    assert_eq!(opened(&subject, &identity("one").key()).await.as_ref(), Some(mia));

    // The account may be one of the same plan.
    let new = Account { email: None, email_verified: false, ..scene.account("unused") };
    let mut plan = link(&scene, "new", new.id);
    plan.directory.insert(0, DirectoryChange::InsertAccount(Box::new(new.clone())));
    scene.apply(plan).await;
    assert_eq!(opened(&subject, &identity("new").key()).await.map(|account| account.id), Some(new.id));
}

pub(in crate::contract) async fn ended_credentials_forget_identities_and_nobody_elses(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (mia, adam) = (&scene.member.account, &scene.admin.account);
    for (name, owner) in [("squatter", mia), ("another", mia), ("others", adam)] {
        scene.apply(link(&scene, name, owner.id)).await;
    }
    let mut plan = link(&scene, "true owner", mia.id);
    plan.directory.insert(0, DirectoryChange::EndCredentials(mia.id, scene.now()));
    scene.apply(plan).await;
    for gone in ["squatter", "another"] {
        assert_eq!(opened(&subject, &identity(gone).key()).await, None, "{gone}");
    }
    assert_eq!(opened(&subject, &identity("true owner").key()).await.as_ref(), Some(mia), "linked afterwards");
    assert_eq!(opened(&subject, &identity("others").key()).await.as_ref(), Some(adam));
    // What was forgotten is nobody's, and may be linked again.
    scene.apply(link(&scene, "squatter", adam.id)).await;
    assert_eq!(opened(&subject, &identity("squatter").key()).await.as_ref(), Some(adam));
}

pub(in crate::contract) async fn of_concurrent_links_of_one_identity_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    let owners = [&scene.owner, &scene.admin, &scene.member].map(|person| person.account.id);
    for round in 0..subject.races {
        let name = format!("person {round}");
        let won = race(&scene, owners.map(|owner| link(&scene, &name, owner)).into()).await;
        assert_eq!(winners(&won), 1);
        let winner = owners.iter().zip(&won).find(|(_, won)| **won).map(|(owner, _)| *owner);
        assert_eq!(opened(&subject, &identity(&name).key()).await.map(|account| account.id), winner);
    }
}
