//! Who is erased is nowhere any more, and the trail stays whole.

use super::Subject;
use crate::Scene;
use chrono::Duration;
use invite_domain::{
    access::{Actor, ActorKind},
    directory::{Account, AccountToken, Identity, Pseudonym, Session, erasure},
    email::EmailAddress,
    id::{OrganizationId, SessionId},
    invitation::{
        AdministrationChange, Bounds, Budget, Channel, Context, DirectoryChange, Event, EventData, EventKind, Fact,
        Guard, Invitation, MessageKind, Origin, Plan, State,
    },
    page::PageRequest,
    port::{EventFilter, IssueQuery, Lease, Limiter, PersonFacts, Principal, Spending},
    secret::{account_token::AccountPurpose, credential::CredentialDigest, token::Nonce},
};
use uuid::Uuid;

/// Every case of the part. A case that does not stand here is dead code, which the compiler reports.
#[doc(hidden)]
#[macro_export]
macro_rules! __erasure_cases {
    ($then:ident $part:ident $args:tt) => {
        $crate::$then! { $part $args
            a_person_is_found_in_every_organization_and_state
            who_was_removed_is_found_in_the_trail
            who_is_erased_is_nowhere_and_the_trail_stays_whole
            what_others_have_stays_where_somebody_is_erased
            an_erasure_that_was_overtaken_is_stale
            deleted_organizations_are_listed_apart_and_come_back
        }
    };
}

const ADDRESS: &str = "ana@example.org";

/// A person who is a member of one organisation, was invited by a second, and by a third that is deleted.
struct Life {
    acme: Scene,
    beta: Scene,
    gone: Scene,
    account: Account,
    redeemed: Invitation,
    open: Invitation,
    buried: Invitation,
}

impl Life {
    async fn lived(subject: &Subject) -> Self {
        let acme = subject.scene("acme").await;
        let (beta, gone) = (subject.scene("beta").await, subject.scene("gone").await);
        let redeemed = acme.issue("ana").await;
        let account = Account { name: Some("Ana Muster".to_owned()), ..acme.account("ana") };
        acme.apply(acme.plan_redeem(&redeemed, &account)).await;
        let open = beta.issue("Ana@EXAMPLE.org").await;
        let buried = gone.issue("ana").await;
        let next = crate::fixtures::plans::deleted(&gone.organization, gone.now());
        gone.apply(gone.plan_organization(gone.organization.authority_epoch, next)).await;
        let life = Self { acme, beta, gone, account, redeemed, open, buried };
        life.belongings().await;
        life
    }

    /// A session, a link, an identity, a message, a block.
    async fn belongings(&self) {
        let (acme, now) = (&self.acme, self.acme.now());
        let session = Session {
            id: SessionId::new(now, &*acme.entropy),
            account_id: self.account.id,
            digest: digest(),
            created_at: now,
            last_seen_at: now,
            organization_id: None,
            refresh: None,
            expires_at: now + Duration::days(30),
        };
        let identity = Identity {
            issuer: "https://id.example".to_owned(),
            subject: "ana-7".to_owned(),
            account_id: self.account.id,
            created_at: now,
        };
        let kind =
            MessageKind::Account { account_id: self.account.id, purpose: AccountPurpose::PasswordReset, counter: 1 };
        acme.apply(Plan {
            administration: vec![
                AdministrationChange::PutAccountToken(Box::new(link(acme, &self.account, None))),
                AdministrationChange::Block(self.beta.organization.id, self.open.recipient.live_key(), now),
            ],
            directory: vec![
                DirectoryChange::InsertSession(Box::new(session)),
                DirectoryChange::LinkIdentity(Box::new(identity)),
            ],
            messages: vec![acme.message_about(kind)],
            ..Plan::default()
        })
        .await;
    }
}

fn digest() -> CredentialDigest {
    CredentialDigest::from_bytes([9; 32])
}

fn link(scene: &Scene, account: &Account, address: Option<EmailAddress>) -> AccountToken {
    AccountToken {
        account_id: account.id,
        purpose: if address.is_some() { AccountPurpose::ChangeAddress } else { AccountPurpose::PasswordReset },
        counter: 1,
        key_id: scene.ring.active().unwrap(),
        nonce: Some(Nonce::generate(&*scene.entropy)),
        created_at: scene.now(),
        expires_at: scene.now() + Duration::hours(1),
        used_at: None,
        address,
    }
}

/// Whose guesses are counted by this.
const COUNTED: &str = "guess:ana";

/// Spends one of one, and answers whether there was one.
async fn spent(limiter: &dyn Limiter, key: &str, scene: &Scene) -> bool {
    let budget = Budget { limit: 1, window: Duration::days(1_000) };
    limiter.take(&[Spending { key: key.to_owned(), budget }], scene.now()).await.unwrap().is_none()
}

async fn found(subject: &Subject, scene: &Scene) -> PersonFacts {
    subject.erasure().person(&scene.address(ADDRESS)).await.unwrap()
}

/// What the rule decides on what the store found.
fn plan(scene: &Scene, facts: &PersonFacts) -> Plan {
    let (bounds, origin) = (Bounds::default(), Origin::default());
    let context = Context {
        now: scene.now(),
        entropy: &*scene.entropy,
        bounds: &bounds,
        key_id: scene.ring.active().unwrap(),
        ring: &scene.ring,
        origin: &origin,
    };
    let actor = Actor { kind: ActorKind::Operator, id: Some(Uuid::from_u128(7)) };
    let pseudonym = Pseudonym::of(Uuid::from_u128(1)).unwrap();
    erasure::erase(&context, actor, &scene.address(ADDRESS), facts, &pseudonym, vec![COUNTED.to_owned()]).unwrap().0
}

async fn events(subject: &Subject, organization: OrganizationId) -> Vec<Event> {
    subject.invitations.events(organization, &EventFilter::default(), &PageRequest::first(200)).await.unwrap().items
}

pub(super) async fn a_person_is_found_in_every_organization_and_state(subject: Subject) {
    let life = Box::pin(Life::lived(&subject)).await;
    let facts = found(&subject, &life.acme).await;
    assert_eq!(facts.account.as_ref().map(|account| account.id), Some(life.account.id));
    assert_eq!(facts.memberships.len(), 1, "{:?}", facts.memberships);
    let held = &facts.memberships[0];
    assert_eq!(held.member.membership.organization_id, life.acme.organization.id);
    assert!(held.other_active_owners);
    let mut ids: Vec<_> = facts.invitations.iter().map(|invitation| invitation.id).collect();
    let mut expected = vec![life.redeemed.id, life.open.id, life.buried.id];
    ids.sort_unstable();
    expected.sort_unstable();
    assert_eq!(ids, expected, "of a deleted organisation too");
    let mut places: Vec<_> = facts.organizations.iter().map(|organization| organization.id).collect();
    let mut expected = [&life.acme, &life.beta, &life.gone].map(|scene| scene.organization.id).to_vec();
    places.sort_unstable();
    expected.sort_unstable();
    assert_eq!(places, expected);
    assert!(!facts.events.is_empty(), "the person's own events");

    let stranger = subject.erasure().person(&life.acme.address("nobody")).await.unwrap();
    assert_eq!(stranger, PersonFacts::default());
}

pub(super) async fn who_was_removed_is_found_in_the_trail(subject: Subject) {
    let life = Box::pin(Life::lived(&subject)).await;
    let place = subject.scene("left").await;
    let bob = place.join("bob", &place.roles.member).await;
    // No invitation brought her here, as none brings a founder.
    let member = place.membership(&life.account, None);
    place
        .apply(Plan { directory: vec![DirectoryChange::InsertMembership(Box::new(member.clone()))], ..Plan::default() })
        .await;
    let acted = Event {
        actor: Actor { kind: ActorKind::Member, id: Some(member.id.as_uuid()) },
        ..place.event(EventKind::RoleChanged, None)
    };
    let says = |kind, membership, account: &Account| Event {
        membership_id: Some(membership),
        data: EventData::from([("account_id".to_owned(), Fact::from(account.id.to_string().as_str()))]),
        ..place.event(kind, None)
    };
    let others = says(EventKind::MembershipRemoved, bob.membership.id, &bob.account);
    // Whatever else names an account removes nobody.
    let changed = says(EventKind::MembershipChanged, bob.membership.id, &life.account);
    let removed = says(EventKind::MembershipRemoved, member.id, &life.account);
    let removal = Plan { events: vec![acted.clone(), others, changed, removed], ..place.plan_remove(&member) };
    place.apply(removal).await;

    let facts = found(&subject, &place).await;
    let organization = place.organization.id;
    assert_eq!(facts.former_memberships, [(organization, member.id)]);
    assert!(facts.events.contains(&(organization, acted.id)), "what she did there");
    assert!(facts.organizations.iter().any(|it| it.id == organization));
    place.apply(plan(&place, &facts)).await;
    let after = events(&subject, organization).await;
    let cleared = Event { address: None, ..acted.clone() };
    assert_eq!(after.iter().find(|event| event.id == acted.id), Some(&cleared));
    let told = after.iter().find(|event| event.kind == EventKind::AccountErased);
    assert_eq!(told.map(|event| event.membership_id), Some(Some(member.id)));
}

pub(super) async fn who_is_erased_is_nowhere_and_the_trail_stays_whole(subject: Subject) {
    let life = Box::pin(Life::lived(&subject)).await;
    if let Some(limiter) = &subject.limiter {
        for key in [COUNTED, "guess:ana2", "guess:an"] {
            assert!(spent(&**limiter, key, &life.acme).await, "{key}");
        }
    }
    let before = events(&subject, life.acme.organization.id).await;
    let facts = found(&subject, &life.acme).await;
    life.acme.apply(plan(&life.acme, &facts)).await;

    assert_eq!(found(&subject, &life.acme).await, PersonFacts::default(), "there is nobody at the address");
    let shell = subject.directory().account(life.account.id).await.unwrap().unwrap();
    assert_eq!((shell.email, shell.name, shell.password), (None, None, None));
    assert!(subject.directory().credential(&digest()).await.unwrap().is_none(), "the session ended");
    let token = subject.directory().account_token(life.account.id, AccountPurpose::PasswordReset).await.unwrap();
    assert!(token.is_none(), "the link is gone");
    let identity = Identity {
        issuer: "https://id.example".to_owned(),
        subject: "ana-7".to_owned(),
        account_id: life.account.id,
        created_at: life.acme.now(),
    };
    assert!(subject.directory().account_of_identity(&identity.key()).await.unwrap().is_none());
    assert!(subject.directory().memberships_of(life.account.id).await.unwrap().is_empty());

    let ended = life.acme.record(life.redeemed.id).await.unwrap().invitation;
    assert!(Pseudonym::is_one(ended.recipient.email().unwrap()));
    assert_eq!((ended.version, ended.message, ended.grant.metadata), (life.redeemed.version + 1, None, None));
    let open = life.beta.record(life.open.id).await.unwrap().invitation;
    assert!(Pseudonym::is_one(open.recipient.email().unwrap()));
    assert!(matches!(&open.state, State::Revoked { reason: Some(reason), .. } if reason == erasure::ERASED));

    let after = events(&subject, life.acme.organization.id).await;
    assert!(after.len() > before.len());
    for event in &before {
        let now = after.iter().find(|now| now.id == event.id).unwrap();
        let of_person = event.actor == Actor::invitee(Some(life.account.id));
        let expected = Event { address: event.address.filter(|_| !of_person), ..event.clone() };
        assert_eq!(*now, expected, "an event changes by nothing but the person's own client");
    }
    assert!(before.iter().any(|event| event.actor == Actor::invitee(Some(life.account.id))));

    let lease = Lease { token: Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let queued = subject.outbox.claim(&[Channel::Email], &lease, 100, life.acme.now()).await.unwrap();
    assert!(queued.iter().all(|message| !matches!(message.kind, MessageKind::Account { .. })), "{queued:?}");
    assert!(queued.iter().all(|message| message.kind.invitation_id() != Some(life.open.id)));
    if let Some(limiter) = &subject.limiter {
        assert!(spent(&**limiter, COUNTED, &life.acme).await, "what was counted of them is gone");
        for key in ["guess:ana2", "guess:an"] {
            assert!(!spent(&**limiter, key, &life.acme).await, "{key} is somebody else's");
        }
    }
}

pub(super) async fn what_others_have_stays_where_somebody_is_erased(subject: Subject) {
    let life = Box::pin(Life::lived(&subject)).await;
    let acme = &life.acme;
    let (other, theirs) = (acme.join("bob", &acme.roles.member).await, acme.issue("eve").await);
    // Bob wants the address; a link that would give it to him ends.
    let wanted = link(acme, &other.account, Some(acme.address(ADDRESS)));
    let kept = link(acme, &other.account, None);
    for token in [wanted, kept] {
        acme.administer(AdministrationChange::PutAccountToken(Box::new(token))).await;
    }
    let facts = found(&subject, acme).await;
    acme.apply(plan(acme, &facts)).await;

    let token = async |purpose| subject.directory().account_token(other.account.id, purpose).await.unwrap();
    let ended = token(AccountPurpose::ChangeAddress).await;
    assert!(ended.is_none_or(|token| token.nonce.is_none() && token.address.is_none()));
    assert!(token(AccountPurpose::PasswordReset).await.unwrap().nonce.is_some());
    let bob = subject.directory().account(other.account.id).await.unwrap().unwrap();
    assert_eq!(bob.email, other.account.email);
    let eve = acme.record(theirs.id).await.unwrap().invitation;
    assert_eq!((eve.recipient, eve.state), (theirs.recipient, State::Pending));
    let query = |scene: &Scene, address: &str| IssueQuery {
        organization_id: scene.organization.id,
        principal: Principal::Person(scene.owner.account.id),
        live_key: scene.invitation(address).live_key.unwrap(),
        email: None,
        subject_id: None,
        role_id: None,
        idempotency: None,
        messages_since: scene.now(),
        accepts_recent: false,
    };
    let issue = subject.invitations.load_issue(&query(&life.beta, "ana")).await.unwrap().unwrap();
    assert!(!issue.blocked && issue.holder.is_none(), "the address is like any other again");
}

pub(super) async fn an_erasure_that_was_overtaken_is_stale(subject: Subject) {
    let life = Box::pin(Life::lived(&subject)).await;
    let facts = found(&subject, &life.acme).await;
    let late = life.acme.issue("ana").await;
    life.acme.refuse(plan(&life.acme, &facts)).await;
    assert_eq!(life.acme.record(late.id).await.unwrap().invitation.state, State::Pending, "nothing was written");

    // A membership that came meanwhile.
    let facts = found(&subject, &life.acme).await;
    let member = life.beta.membership(&life.account, None);
    let joins = Plan { directory: vec![DirectoryChange::InsertMembership(Box::new(member))], ..Plan::default() };
    life.beta.apply(joins).await;
    life.acme.refuse(plan(&life.acme, &facts)).await;

    let facts = found(&subject, &life.acme).await;
    life.acme.apply(plan(&life.acme, &facts)).await;
    assert_eq!(found(&subject, &life.acme).await, PersonFacts::default());
}

pub(super) async fn deleted_organizations_are_listed_apart_and_come_back(subject: Subject) {
    let life = Box::pin(Life::lived(&subject)).await;
    let gone = &life.gone.organization;
    let page = subject.directory().deleted_organizations(&PageRequest::first(10)).await.unwrap();
    assert_eq!(page.items.iter().map(|it| it.id).collect::<Vec<_>>(), [gone.id]);
    let listed = subject.directory().organizations(&PageRequest::first(10)).await.unwrap();
    assert!(listed.items.iter().all(|it| it.id != gone.id) && listed.items.len() == 2);
    assert!(subject.directory().deleted_organization(life.acme.organization.id).await.unwrap().is_none());
    let deleted = subject.directory().deleted_organization(gone.id).await.unwrap().unwrap();
    assert!(deleted.deleted_at.is_some());

    let mut back = deleted.clone();
    (back.deleted_at, back.version) = (None, deleted.version + 1);
    let restore = |guard| Plan {
        guards: vec![guard],
        administration: vec![AdministrationChange::UpdateOrganization(Box::new(back.clone()))],
        ..Plan::default()
    };
    life.gone.refuse(restore(Guard::DeletedAt(gone.id, deleted.version + 1))).await;
    life.gone.apply(restore(Guard::DeletedAt(gone.id, deleted.version))).await;
    life.gone.refuse(restore(Guard::DeletedAt(gone.id, deleted.version))).await;
    assert_eq!(life.gone.record(life.buried.id).await.unwrap().invitation.state, State::Pending, "as it was");
}
