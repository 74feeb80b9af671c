//! An installation as its people use it: the use cases over a store, with a clock that is moved by hand. What comes of it is a
//! legal history, for nothing writes but the rules' own plans.

use chrono::Duration;
use invite_domain::{
    access::{ChangeMember, Grant, PermissionSet},
    directory::{ChangeGroup, NewGroup, NewOrganization, NewSubject, SubjectKind},
    email::EmailAddress,
    id::{AccountId, InvitationId, OrganizationId, SubjectId},
    invitation::{Bounds, Cutoffs, Origin, Reason, Recipient},
    page::PageRequest,
    phone::PhoneNumber,
    port::{Clock as _, DeliveryError, Retention, SubjectRef},
    service::{
        Amend, Caller, DeadLetterService, DirectoryService, Dispatcher, GroupService, Idempotency, InvitationService,
        Issue, NewAccount, OnConflict, Redeem, Redeemed, Resend, Reveal, Revoke, Secret, SetUp, Settings,
        SubjectService, World,
    },
    time::Timestamp,
};
use invite_storage::{Finding, SqlStore};
use invite_testkit::{ManualClock, PlainHasher, RecordingNotifier, SeededEntropy, test_keys};
use std::sync::Arc;

pub(crate) struct House {
    pub(crate) store: SqlStore,
    clock: ManualClock,
    notifier: Arc<RecordingNotifier>,
    invitations: InvitationService,
    directory: DirectoryService,
    subjects: SubjectService,
    dispatcher: Dispatcher,
    letters: DeadLetterService,
    owner: Caller,
    operator: String,
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(&format!("{text}@example.org")).unwrap()
}

/// What is broken, with its examples.
pub(crate) fn broken(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter(|finding| finding.violations > 0).collect()
}

impl House {
    pub(crate) async fn open(store: SqlStore) -> Self {
        let (clock, entropy) = (ManualClock::default(), Arc::new(SeededEntropy::of("house")));
        let world = World { clock: Arc::new(clock.clone()), entropy, keys: Arc::new(test_keys()) };
        let shared = Arc::new(store.clone());
        let hasher = Arc::new(PlainHasher::default());
        let settings = Settings::default();
        let (limiter, outbox) = (Arc::clone(&shared), Arc::clone(&shared));
        let invitations = InvitationService::new(
            Arc::clone(&shared) as _,
            Arc::clone(&limiter) as _,
            Arc::clone(&hasher) as _,
            world.clone(),
            settings.clone(),
        );
        let directory = DirectoryService::new(
            Arc::clone(&shared) as _,
            Arc::clone(&shared) as _,
            limiter,
            hasher,
            world.clone(),
            settings,
        );
        let notifier = Arc::new(RecordingNotifier::default());
        let dispatcher =
            Dispatcher::new(Arc::clone(&outbox) as _, Arc::clone(&shared) as _, Arc::clone(&notifier) as _, world);
        let command =
            SetUp { organization: "Acme".to_owned(), owner_email: address("owner"), locale: Some("de".to_owned()) };
        let installed = directory.set_up(command).await.unwrap();
        let owner = Caller {
            principal: invite_domain::port::Principal::Person(installed.owner.account_id),
            organization_id: installed.organization.id,
            origin: Origin { request_id: Some("r".to_owned()), ..Origin::default() },
        };
        let subjects = SubjectService::new(shared, invitations.clone());
        let letters = DeadLetterService::new(outbox, invitations.clone());
        let operator = installed.operator_key.expose().to_owned();
        Self { store, clock, notifier, invitations, directory, subjects, dispatcher, letters, owner, operator }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Fails where any invariant is broken.
    pub(crate) async fn is_sound(&self, moment: &str) {
        assert_eq!(broken(self.store.check(self.now()).await.unwrap()), [], "{moment}");
    }

    async fn deliver(&self) {
        self.dispatcher.run_once(100).await.unwrap();
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.dispatcher.note_lapses(100).await.unwrap();
        self.dispatcher.remind(&Bounds::default(), 100).await.unwrap();
        self.deliver().await;
    }

    fn grant(permissions: &[&str]) -> Grant {
        let permissions = PermissionSet::parse(permissions).unwrap();
        Grant { role_id: None, permissions, default_rate: Some(7), metadata: None }
    }

    fn command(name: &str) -> Issue {
        Issue::new(Recipient::Email(address(name)), Self::grant(&["timesheets.read"]))
    }

    async fn issue(&self, command: Issue) -> InvitationId {
        self.issue_as(&self.owner, command).await
    }

    async fn issue_as(&self, caller: &Caller, command: Issue) -> InvitationId {
        self.clock.advance(Duration::minutes(3));
        let key = Idempotency { key: format!("k{}", self.now().timestamp_micros()), fingerprint: [7; 32] };
        let issued = self.invitations.issue(caller, command, Some(key)).await.unwrap();
        self.deliver().await;
        issued.record.invitation.id
    }

    fn mailed(&self, name: &str) -> String {
        self.notifier.last_to(&address(name)).unwrap().token.expose().to_owned()
    }

    fn texted(&self, number: &PhoneNumber) -> String {
        self.notifier.last_to_phone(number).unwrap().token.expose().to_owned()
    }

    async fn redeem(&self, token: String, caller: Option<AccountId>) -> Redeemed {
        self.clock.advance(Duration::seconds(30));
        let command = Redeem {
            secret: Secret::Token(token),
            caller,
            account: Some(NewAccount { name: Some("Nova".to_owned()), ..NewAccount::default() }),
            idempotency: Some(Idempotency { key: "again".to_owned(), fingerprint: [8; 32] }),
            client: None,
            origin: Origin::default(),
        };
        self.invitations.redeem(command).await.unwrap()
    }

    async fn join(&self, name: &str) -> Redeemed {
        self.issue(Self::command(name)).await;
        self.redeem(self.mailed(name), None).await
    }

    /// Everything people do with invitations to addresses.
    pub(crate) async fn live_by_mail(&self) {
        let owner = &self.owner;
        self.join("ana").await;
        self.is_sound("a redemption").await;

        let first = self.issue(Self::command("bob")).await;
        self.pass(Duration::days(8)).await;
        let second = self.issue(Self::command("bob")).await;
        self.is_sound("an expired one gave its key up").await;
        self.pass(Duration::days(8)).await;
        self.invitations.resend(owner, first, Resend::default(), None).await.unwrap();
        self.deliver().await;
        self.is_sound("and took it back").await;
        self.redeem(self.mailed("bob"), None).await;
        self.invitations.extend(owner, second, 86_400, None).await.unwrap();
        self.is_sound("an expired one extended").await;

        let cleo = self.issue(Self::command("cleo")).await;
        let words = Amend { message: Some(Some("Hallo".to_owned())), ..Amend::default() };
        self.invitations.amend(owner, cleo, words).await.unwrap();
        self.clock.advance(Duration::minutes(11));
        let rights = Amend { permissions: Some(PermissionSet::parse(["x.y"]).unwrap()), ..Amend::default() };
        self.invitations.amend(owner, cleo, rights).await.unwrap();
        self.invitations.reveal(owner, cleo).await.unwrap();
        self.is_sound("amendments").await;
        self.invitations.revoke(owner, cleo, Revoke { reason: Some("ach".to_owned()), if_match: None }).await.unwrap();
        self.is_sound("a revocation before the message left").await;

        self.issue(Self::command("dan")).await;
        self.invitations.decline(&self.mailed("dan"), true, Origin::none()).await.unwrap();
        self.issue(Self::command("dan")).await;
        self.is_sound("a block").await;

        self.issue(Self::command("eva")).await;
        for on_conflict in [OnConflict::Replace, OnConflict::Return, OnConflict::Resend] {
            self.clock.advance(Duration::minutes(11));
            self.issue(Issue { on_conflict, reveal: Reveal::Asked, ..Self::command("eva") }).await;
            self.is_sound("a second invitation").await;
        }
        let silent = Resend { channels: Some(Vec::new()), ..Resend::default() };
        let unsent = self.issue(Issue { channels: Some(Vec::new()), ..Self::command("ugo") }).await;
        self.invitations.resend(owner, unsent, silent, None).await.unwrap();
        self.is_sound("links nobody is sent").await;

        self.issue(Self::command("hal")).await;
        let token = self.mailed("hal");
        self.invitations.request_new_link(&token, Origin::none()).await.unwrap();
        self.deliver().await;
        self.pass(Duration::days(9)).await;
        self.invitations.request_new_link(&token, Origin::none()).await.unwrap();
        self.deliver().await;
        self.is_sound("new links asked for").await;
        self.redeem(self.mailed("hal"), None).await;

        // Its inviter is told first.
        self.deliver().await;
        self.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
        self.issue(Self::command("ida")).await;
        self.is_sound("a dead letter").await;
        let letters = self.letters.list(owner, &PageRequest::first(10)).await.unwrap();
        self.letters.replay(owner, letters.items[0].id).await.unwrap();
        self.is_sound("a replay").await;
        self.deliver().await;
    }

    /// Members come, change and go; an inviter loses what he gave.
    pub(crate) async fn live_with_members(&self) {
        let owner = &self.owner;
        let fay = self.join("fay").await;
        let membership = fay.member.unwrap().membership.id;
        self.directory.remove_member(owner, membership).await.unwrap();
        self.is_sound("a removal").await;
        let again = self.join("fay").await;
        let membership = again.member.unwrap().membership.id;
        let less = ChangeMember { permissions: Some(PermissionSet::new()), ..ChangeMember::default() };
        self.directory.change_member(owner, membership, less).await.unwrap();
        self.is_sound("a member with less than was granted").await;

        let admin = self.directory.role_named(owner, "admin").await.unwrap().unwrap().id;
        let promoted = ChangeMember { role_id: Some(Some(admin)), ..ChangeMember::default() };
        self.directory.change_member(owner, membership, promoted).await.unwrap();
        let fay = Caller { principal: invite_domain::port::Principal::Person(again.account.id), ..owner.clone() };
        let grant = Self::grant(&["invitations.issue"]);
        let gus = self.issue_as(&fay, Issue { grant, ..Self::command("gus") }).await;
        let demoted = ChangeMember { role_id: Some(None), ..ChangeMember::default() };
        self.directory.change_member(owner, membership, demoted).await.unwrap();
        self.pass(Duration::hours(1)).await;
        self.is_sound("a suspension").await;
        self.invitations.sponsor(owner, gus, None).await.unwrap();
        self.deliver().await;
        self.redeem(self.mailed("gus"), None).await;
        self.is_sound("a sponsor").await;
    }

    /// Records, and signing in by their codes.
    pub(crate) async fn live_with_records(&self) {
        let owner = &self.owner;
        let new = |kind, name: &str| NewSubject {
            kind,
            id: None,
            company: None,
            remote_id: None,
            email: None,
            phone: None,
            name: name.to_owned(),
            profile: "{}".to_owned(),
        };
        let invite = || Issue::new(Recipient::subject(SubjectId::from_uuid(uuid())), Self::grant(&[]));
        let number = PhoneNumber::parse("+41 79 555 01 01").unwrap();
        let driver = NewSubject { phone: Some(number.clone()), ..new(SubjectKind::Trucker, "Tom") };
        let driver = self.subjects.create(owner, driver, Some(invite())).await.unwrap().record.subject.id;
        self.deliver().await;
        let redeemed = self.redeem(self.texted(&number), None).await;
        self.is_sound("a driver").await;
        for _ in 0..2 {
            self.clock.advance(Duration::minutes(30));
            self.subjects.invite(owner, SubjectKind::Trucker, SubjectRef::Id(driver), invite()).await.unwrap();
            self.deliver().await;
            let again = self.redeem(self.texted(&number), None).await;
            assert_eq!(again.redemption.membership_id, redeemed.redemption.membership_id);
            self.is_sound("a driver who signs in again").await;
        }

        let company = self.subjects.create(owner, new(SubjectKind::Company, "Spedition"), None).await.unwrap();
        let company = company.record.subject.id;
        for name in ["kim", "leo"] {
            let contact = NewSubject {
                company: Some(SubjectRef::Id(company)),
                email: Some(address(name)),
                ..new(SubjectKind::Contact, name)
            };
            let contact = self.subjects.create(owner, contact, Some(invite())).await.unwrap().record.subject.id;
            self.deliver().await;
            if name == "kim" {
                self.redeem(self.mailed(name), None).await;
            } else {
                self.subjects.delete(owner, SubjectKind::Contact, SubjectRef::Id(contact)).await.unwrap();
            }
            self.is_sound("a contact").await;
        }
        // A member who is invited once more as a record: the union.
        let contact = NewSubject {
            company: Some(SubjectRef::Id(company)),
            email: Some(address("ana")),
            ..new(SubjectKind::Contact, "Ana")
        };
        self.subjects.create(owner, contact, None).await.unwrap();
        self.is_sound("records").await;
    }

    /// A second organisation, with an invitation, deleted.
    pub(crate) async fn live_elsewhere(&self) {
        let principal = self.directory.authenticate(&self.operator).await.unwrap().unwrap().principal();
        let command =
            NewOrganization { name: "Other".to_owned(), slug: None, owner_email: address("other-owner"), locale: None };
        let other =
            self.directory.create_organization(principal, command, Origin::none()).await.unwrap().organization.id;
        let caller = Caller { principal, organization_id: other, origin: Origin::default() };
        self.issue_as(&caller, Self::command("ana")).await;
        self.redeem(self.mailed("ana"), None).await;
        self.issue_as(&caller, Self::command("zoe")).await;
        self.is_sound("a second organisation").await;
        self.directory.delete_organization(principal, other, Origin::none()).await.unwrap();
        self.pass(Duration::days(8)).await;
        self.is_sound("its deletion").await;
    }

    /// A group of two organisations, with an administrator who has a place of her own in one of them.
    pub(crate) async fn live_in_a_group(&self) {
        let principal = self.directory.authenticate(&self.operator).await.unwrap().unwrap().principal();
        let groups = GroupService::new(Arc::new(self.store.clone()), self.directory.clone());
        let command = NewOrganization {
            name: "Grouped".to_owned(),
            slug: None,
            owner_email: address("grouped-owner"),
            locale: None,
        };
        let none = Origin::none();
        let grouped = self.directory.create_organization(principal, command, none).await.unwrap().organization.id;
        let both = vec![self.owner.organization_id, grouped];
        let command =
            NewGroup { name: "Group".to_owned(), organizations: both.clone(), administrators: vec![address("ana")] };
        let group = groups.create(principal, command, none).await.unwrap().group.id;
        self.is_sound("a group").await;
        let to = |organizations: &[OrganizationId], people: &[&str]| ChangeGroup {
            organizations: Some(organizations.to_vec()),
            administrators: Some(people.iter().map(|name| address(name)).collect()),
            ..ChangeGroup::default()
        };
        groups.change(principal, group, to(&both, &["ana", "bob"]), none).await.unwrap();
        self.is_sound("one more administrator").await;
        groups.change(principal, group, to(&[grouped], &["ana", "bob"]), none).await.unwrap();
        self.is_sound("one organisation less").await;
        self.directory.delete_organization(principal, grouped, none).await.unwrap();
        self.is_sound("a deleted one").await;
        groups.change(principal, group, to(&[], &["bob"]), none).await.unwrap();
        self.is_sound("who leaves it").await;
        groups.delete(principal, group, none).await.unwrap();
        self.is_sound("the group's end").await;
    }

    pub(crate) async fn live(&self) {
        self.live_by_mail().await;
        self.live_with_members().await;
        Box::pin(self.live_with_records()).await;
        self.live_elsewhere().await;
        Box::pin(self.live_in_a_group()).await;
        // For the copies: something live, something queued.
        self.issue(Self::command("max")).await;
        self.clock.advance(Duration::minutes(1));
        self.invitations.issue(&self.owner, Self::command("mia"), None).await.unwrap();
        self.is_sound("the end").await;
    }

    /// Time goes by until retention has deleted nearly everything, a few rows at a time.
    pub(crate) async fn grow_old(&self) {
        for days in [2, 31, 335, 366, 400] {
            self.pass(Duration::days(days)).await;
            self.is_sound("time has gone by").await;
            loop {
                let purged = self.store.purge(&Cutoffs::at(self.now()), 25).await.unwrap();
                self.is_sound("retention is at work").await;
                if !purged.more {
                    break;
                }
            }
            self.join(&format!("late{days}")).await;
        }
    }
}

/// The record's id takes its place.
fn uuid() -> uuid::Uuid {
    uuid::Uuid::nil()
}
