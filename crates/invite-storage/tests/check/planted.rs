//! Rows no plan writes, written past the store: each is found, and by no other invariant than those it breaks.

use chrono::Duration;
use invite_domain::{
    directory::{Organization, OrganizationGroup, SubjectKind},
    id::GroupId,
    invitation::{AdministrationChange, EventKind, Guard, Invitation, Plan},
    time::Timestamp,
};
use invite_storage::{Finding, SqlStore};
use invite_testkit::Scene;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, Value,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};
use uuid::Uuid;

/// What may be broken, and the connection that breaks it: it looks at no reference.
pub(crate) struct Site {
    pub(crate) store: SqlStore,
    scene: Scene,
    other: Scene,
    plain: DatabaseConnection,
}

type Deed = for<'s> fn(&'s Site) -> Pin<Box<dyn Future<Output = ()> + 's>>;

/// What a deed is, what it breaks, how it is done.
pub(crate) struct Plant {
    name: &'static str,
    breaks: &'static [&'static str],
    deed: Deed,
}

macro_rules! plants {
    ($($name:ident breaks $($invariant:ident)* |$site:ident| $deed:block)+) => {
        pub(crate) const PLANTS: &[Plant] = &[$(Plant {
            name: stringify!($name),
            breaks: &[$(stringify!($invariant)),*],
            deed: |$site| Box::pin(async move { $deed }),
        }),+];
    };
}

const ORGANIZATIONS: &str = "invite_organizations";
const INVITATIONS: &str = "invite_invitations";
const REDEMPTIONS: &str = "invite_redemptions";
const MEMBERSHIPS: &str = "invite_memberships";
const ACCOUNTS: &str = "invite_accounts";
const EVENTS: &str = "invite_events";
const MESSAGES: &str = "invite_messages";
const SUBJECTS: &str = "invite_subjects";
const ANSWERS: &str = "invite_idempotency";

fn is(column: &str, value: impl Into<Value>) -> SimpleExpr {
    Expr::col(Alias::new(column)).eq(Expr::val(value))
}

fn none() -> Value {
    Value::Bytes(None)
}

/// A way to drop what keeps two rows from one key. SQLite's primary keys stay.
const UNBOUND: &[(DatabaseBackend, &[&str])] = &[
    (
        DatabaseBackend::Sqlite,
        &["DROP INDEX uq_invitations_organization_id_live_key", "DROP INDEX uq_memberships_organization_id_account_id"],
    ),
    (
        DatabaseBackend::Postgres,
        &[
            "SET session_replication_role = replica",
            "DROP INDEX uq_invitations_organization_id_live_key",
            "DROP INDEX uq_memberships_organization_id_account_id",
        ],
    ),
    (
        DatabaseBackend::MySql,
        &[
            "SET foreign_key_checks = 0",
            "DROP INDEX uq_invitations_organization_id_live_key ON invite_invitations",
            "DROP INDEX uq_memberships_organization_id_account_id ON invite_memberships",
        ],
    ),
];

impl Site {
    pub(crate) async fn open(store: SqlStore, plain: DatabaseConnection) -> Self {
        let backend = plain.get_database_backend();
        for (_, statements) in UNBOUND.iter().filter(|(engine, _)| *engine == backend) {
            for statement in *statements {
                plain.execute_unprepared(statement).await.unwrap();
            }
        }
        let shared = Arc::new(store.clone());
        let scene = Scene::create(Arc::clone(&shared) as _, "acme").await;
        let other = Scene::create(shared, "other").await;
        Self { store, scene, other, plain }
    }

    /// Writes every planted row, one after the other, and looks each time at what is new.
    pub(crate) async fn sees_each(&self) {
        let mut before = self.counts().await;
        assert!(before.values().all(|violations| *violations == 0), "{before:?}");
        let mut wrong = Vec::new();
        for Plant { name, breaks, deed } in PLANTS {
            if *name == "two_answers_to_one_key" && self.backend() == DatabaseBackend::Sqlite {
                continue;
            }
            deed(self).await;
            let after = self.counts().await;
            let risen: Vec<_> =
                after.iter().filter(|(name, now)| **now > before[*name]).map(|(name, _)| *name).collect();
            let mut expected = breaks.to_vec();
            expected.sort_unstable();
            if risen != expected {
                wrong.push((name, risen));
            }
            before = after;
        }
        assert!(wrong.is_empty(), "these were seen otherwise: {wrong:#?}");
        let never: Vec<_> = before.iter().filter(|(_, violations)| **violations == 0).collect();
        assert!(never.is_empty(), "these were never seen to find anything: {never:?}");
    }

    async fn findings(&self) -> Vec<Finding> {
        self.store.check(self.scene.now()).await.unwrap()
    }

    /// Violations by invariant. What SQLite says of its file is looked at elsewhere.
    async fn counts(&self) -> BTreeMap<&'static str, u64> {
        let findings = self.findings().await.into_iter().filter(|finding| finding.invariant != "file_is_sound");
        findings.map(|finding| (finding.invariant, finding.violations)).collect()
    }

    fn backend(&self) -> DatabaseBackend {
        self.plain.get_database_backend()
    }

    /// An instant as the engine's rows have it.
    fn at(&self, at: Timestamp) -> Value {
        match self.backend() {
            DatabaseBackend::Sqlite => at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true).into(),
            DatabaseBackend::MySql => at.naive_utc().into(),
            _ => at.into(),
        }
    }

    /// No instant.
    fn never(&self) -> Value {
        match self.backend() {
            DatabaseBackend::Sqlite => Value::String(None),
            DatabaseBackend::MySql => Value::ChronoDateTime(None),
            _ => Value::ChronoDateTimeUtc(None),
        }
    }

    async fn set(&self, table: &str, which: SimpleExpr, values: impl IntoIterator<Item = (&str, Value)>) {
        let mut update = Query::update();
        update.table(Alias::new(table)).and_where(which);
        for (column, value) in values {
            update.value(Alias::new(column), Expr::val(value));
        }
        assert!(self.plain.execute(&update).await.unwrap().rows_affected() > 0, "{table}");
    }

    /// How many seats of an organisation are taken.
    async fn taken(&self, scene: &Scene) -> i64 {
        let mut taken = 0;
        let lives = is("state", "pending").and(Expr::col("expires_at").gt(Expr::val(self.at(scene.now()))));
        for (table, counts) in [(MEMBERSHIPS, Expr::val(1).eq(1)), (INVITATIONS, lives)] {
            let mut count = Query::select();
            count.expr_as(Expr::col(Asterisk).count(), Alias::new("found")).from(Alias::new(table));
            count.and_where(is("organization_id", scene.organization.id.as_uuid())).and_where(counts);
            let row = self.plain.query_one(&count).await.unwrap().unwrap();
            taken += row.try_get::<i64>("", "found").unwrap();
        }
        taken
    }

    /// Adds one to a number.
    async fn raise(&self, table: &str, which: SimpleExpr, column: &str) {
        let mut update = Query::update();
        update
            .table(Alias::new(table))
            .value(Alias::new(column), Expr::col(Alias::new(column)).add(1))
            .and_where(which);
        assert_eq!(self.plain.execute(&update).await.unwrap().rows_affected(), 1, "{table}");
    }

    async fn delete(&self, table: &str, which: SimpleExpr) {
        let mut delete = Query::delete();
        delete.from_table(Alias::new(table)).and_where(which);
        assert!(self.plain.execute(&delete).await.unwrap().rows_affected() > 0, "{table}");
    }

    async fn id(&self, mut select: SelectStatement, column: &str) -> Uuid {
        select.column(Alias::new(column));
        self.plain.query_one(&select).await.unwrap().unwrap().try_get("", column).unwrap()
    }

    async fn event_of(&self, id: Uuid, kind: EventKind) -> Uuid {
        let mut select = Query::select();
        select.from(Alias::new(EVENTS)).and_where(is("invitation_id", id)).and_where(is("kind", kind.name()));
        self.id(select, "id").await
    }

    async fn of_redemption(&self, id: Uuid, column: &str) -> Uuid {
        let mut select = Query::select();
        select.from(Alias::new(REDEMPTIONS)).and_where(is("invitation_id", id));
        self.id(select, column).await
    }

    /// A group with the other organisation in it.
    async fn grouped(&self) -> Uuid {
        let (id, created_at) = (GroupId::from_uuid(Uuid::from_u128(0xD4)), self.scene.now());
        let group = OrganizationGroup { id, number: 0, name: "group".to_owned(), created_at, version: 1 };
        let version = self.other.organization.version + 1;
        let organization = Organization { group_id: Some(id), version, ..self.other.organization.clone() };
        let administration = vec![
            AdministrationChange::InsertGroup(Box::new(group)),
            AdministrationChange::UpdateOrganization(Box::new(organization)),
        ];
        self.other.apply(Plan { administration, ..Plan::default() }).await;
        id.as_uuid()
    }

    async fn pending(&self, word: &str) -> Uuid {
        self.scene.issue(word).await.id.as_uuid()
    }

    async fn revoked(&self, word: &str) -> Uuid {
        let invitation = self.scene.issue(word).await;
        self.scene.apply(self.scene.plan_revoke(&invitation)).await;
        invitation.id.as_uuid()
    }

    async fn redeem(&self, invitation: &Invitation, word: &str) {
        self.scene.pass(Duration::minutes(1));
        self.scene.apply(self.scene.plan_redeem(invitation, &self.scene.account(word))).await;
    }

    async fn redeemed(&self, word: &str) -> Uuid {
        let invitation = self.scene.issue(word).await;
        self.redeem(&invitation, word).await;
        invitation.id.as_uuid()
    }

    /// Redeemed by somebody who came from a record with this address.
    async fn redeemed_contact(&self, word: &str) -> Uuid {
        let company = self.scene.add_subject(self.scene.company(word)).await;
        let contact = self.scene.add_subject(self.scene.contact(&company, word, word)).await;
        let invitation = self.scene.issue_for(&contact).await;
        self.redeem(&invitation, word).await;
        invitation.id.as_uuid()
    }

    /// An invitation with an event that changes nothing of it.
    async fn revealed(&self, word: &str) -> (Uuid, Uuid) {
        let invitation = self.scene.issue(word).await;
        let event = self.scene.event(EventKind::InvitationRevealed, Some(&invitation));
        let id = event.id.as_uuid();
        let guards = vec![Guard::InvitationAt(invitation.id, invitation.version)];
        self.scene.apply(Plan { guards, events: vec![event], ..Plan::default() }).await;
        (invitation.id.as_uuid(), id)
    }

    async fn answered(&self, key: &str, about: Uuid) {
        let idempotency = Some(self.scene.answer(key, about));
        self.scene.apply(Plan { idempotency, ..Plan::default() }).await;
    }
}

plants! {
    a_place_of_a_group_that_is_not_there breaks group_memberships_are_their_groups |site| {
        let id = site.scene.member.membership.id.as_uuid();
        site.set(MEMBERSHIPS, is("id", id), [("group_id", Uuid::from_u128(0xD1).into())]).await;
    }
    a_place_of_somebody_who_does_not_administer_the_group breaks group_memberships_are_their_groups |site| {
        let group = site.grouped().await;
        let member = site.other.member.membership.id.as_uuid();
        site.set(MEMBERSHIPS, is("id", member), [("group_id", group.into())]).await;
    }
    an_organization_of_a_group_that_is_not_there breaks group_memberships_are_their_groups |site| {
        let id = site.scene.organization.id.as_uuid();
        site.set(ORGANIZATIONS, is("id", id), [("group_id", Uuid::from_u128(0xD2).into())]).await;
    }
    an_administrator_of_a_group_that_is_not_there breaks group_memberships_are_their_groups |site| {
        let (group, account) = (GroupId::from_uuid(Uuid::from_u128(0xD3)), site.scene.owner.account.id);
        site.scene.administer(AdministrationChange::PutGroupAdministrator(group, account, site.scene.now())).await;
    }
    more_uses_than_there_may_be breaks uses_within_bounds uses_are_redemptions |site| {
        let id = site.redeemed("p1").await;
        site.raise(INVITATIONS, is("id", id), "uses").await;
        site.raise(INVITATIONS, is("id", id), "uses").await;
    }
    no_use_allowed breaks uses_within_bounds |site| {
        let id = site.pending("p2").await;
        site.set(INVITATIONS, is("id", id), [("max_uses", 0_i64.into())]).await;
    }
    a_use_without_its_redemption breaks uses_are_redemptions |site| {
        let id = site.redeemed("p3").await;
        site.delete(REDEMPTIONS, is("invitation_id", id)).await;
    }
    a_redemption_of_a_revoked_one breaks states_agree uses_are_redemptions |site| {
        let id = site.revoked("p4").await;
        site.raise(INVITATIONS, is("id", id), "uses").await;
    }
    a_secret_that_outlives_its_invitation breaks states_agree |site| {
        let id = site.revoked("p5").await;
        site.set(INVITATIONS, is("id", id), [("nonce", vec![7_u8; 32].into())]).await;
    }
    a_live_one_without_a_secret breaks states_agree |site| {
        let id = site.pending("p6").await;
        site.set(INVITATIONS, is("id", id), [("nonce", none())]).await;
    }
    a_state_nobody_knows breaks states_agree rows_say_what_they_mean messages_agree |site| {
        let id = site.pending("p7").await;
        site.set(INVITATIONS, is("id", id), [("state", "lost".into())]).await;
    }
    a_live_one_without_its_key breaks one_live_invitation_a_recipient |site| {
        let id = site.pending("p8").await;
        site.set(INVITATIONS, is("id", id), [("live_key", Value::String(None))]).await;
    }
    a_live_one_with_the_key_of_nobody breaks one_live_invitation_a_recipient |site| {
        let id = site.pending("p9").await;
        site.set(INVITATIONS, is("id", id), [("live_key", "email:nobody@example.org".into())]).await;
    }
    two_live_ones_of_one_recipient breaks one_live_invitation_a_recipient |site| {
        let scene = &site.scene;
        site.pending("p10").await;
        let second = scene.invitation("p10-second");
        scene.apply(scene.plan_issue(&second)).await;
        let first = scene.invitation("p10");
        let key = first.live_key.clone().unwrap().as_str().to_owned();
        let address = scene.address("p10");
        let digest = first.grant_digest.as_bytes().to_vec();
        site.set(INVITATIONS, is("id", second.id.as_uuid()), [
            ("live_key", key.clone().into()),
            ("holder_key", key.into()),
            ("recipient_key", address.key().into()),
            ("recipient_original", address.as_str().into()),
            ("grant_digest", digest.into()),
        ]).await;
    }
    a_redemption_at_the_instant_of_expiry breaks redeemed_before_expiry |site| {
        let id = site.redeemed("p11").await;
        site.set(INVITATIONS, is("id", id), [("expires_at", site.at(site.scene.now()))]).await;
    }
    a_redemption_by_a_generation_to_come breaks redeemed_by_its_own_link |site| {
        let id = site.redeemed("p12").await;
        site.raise(REDEMPTIONS, is("invitation_id", id), "generation").await;
    }
    a_redemption_by_a_superseded_link breaks redeemed_by_its_own_link |site| {
        let scene = &site.scene;
        let first = scene.issue("p13").await;
        scene.apply(scene.plan_resend(&first)).await;
        let second = scene.record(first.id).await.unwrap().invitation;
        site.redeem(&second, "p13").await;
        site.set(REDEMPTIONS, is("invitation_id", first.id.as_uuid()), [("generation", 1_i64.into())]).await;
    }
    an_end_at_another_moment_than_the_redemption breaks redeemed_by_its_own_link |site| {
        let id = site.redeemed("p14").await;
        let later = site.scene.now() + Duration::microseconds(1);
        site.set(INVITATIONS, is("id", id), [("ended_at", site.at(later))]).await;
    }
    clocks_that_differ_by_as_much_as_they_may breaks |site| {
        let id = site.redeemed("p15").await;
        site.set(INVITATIONS, is("id", id), [("created_at", site.at(site.scene.now() + Duration::seconds(5)))]).await;
    }
    a_redemption_long_before_the_issue breaks redeemed_while_open |site| {
        let id = site.redeemed("p16").await;
        let later = site.scene.now() + Duration::seconds(5) + Duration::microseconds(1);
        site.set(INVITATIONS, is("id", id), [("created_at", site.at(later))]).await;
    }
    two_memberships_of_one_account breaks one_membership_an_account |site| {
        let role = &site.scene.roles.guest;
        let (one, two) = (site.scene.join("p17", role).await, site.scene.join("p17-second", role).await);
        let account = one.account.id.as_uuid();
        site.set(MEMBERSHIPS, is("id", two.membership.id.as_uuid()), [("account_id", account.into())]).await;
    }
    a_membership_of_somebody_else breaks one_membership_a_redemption |site| {
        let id = site.redeemed("p18").await;
        let member = site.of_redemption(id, "membership_id").await;
        let account = site.scene.join("p18-second", &site.scene.roles.guest).await.account.id.as_uuid();
        site.delete(MEMBERSHIPS, is("account_id", account)).await;
        site.set(MEMBERSHIPS, is("id", member), [("account_id", account.into())]).await;
    }
    a_membership_that_is_gone_without_a_word breaks one_membership_a_redemption |site| {
        let id = site.redeemed("p19").await;
        site.delete(MEMBERSHIPS, is("id", site.of_redemption(id, "membership_id").await)).await;
    }
    a_membership_that_was_removed breaks |site| {
        let id = site.redeemed("p20").await;
        let member = site.of_redemption(id, "membership_id").await;
        site.delete(MEMBERSHIPS, is("id", member)).await;
        let mut event = site.scene.event(EventKind::MembershipRemoved, None);
        event.membership_id = Some(invite_domain::id::MembershipId::from_uuid(member));
        site.scene.apply(Plan { events: vec![event], ..Plan::default() }).await;
    }
    more_permissions_than_were_granted breaks membership_is_the_grant |site| {
        let id = site.redeemed("p21").await;
        let member = site.of_redemption(id, "membership_id").await;
        site.set(MEMBERSHIPS, is("id", member), [("permissions", "members.remove".into())]).await;
    }
    another_role_than_was_granted breaks membership_is_the_grant |site| {
        let id = site.redeemed("p22").await;
        let (member, owner) = (site.of_redemption(id, "membership_id").await, site.scene.roles.owner.id.as_uuid());
        site.set(MEMBERSHIPS, is("id", member), [("role_id", owner.into())]).await;
    }
    no_role_where_one_was_granted breaks membership_is_the_grant |site| {
        let id = site.redeemed("p23").await;
        let member = site.of_redemption(id, "membership_id").await;
        site.set(MEMBERSHIPS, is("id", member), [("role_id", Value::Uuid(None))]).await;
    }
    another_address_than_the_invited_one breaks address_is_the_invited_one |site| {
        let id = site.redeemed("p24").await;
        let account = site.of_redemption(id, "account_id").await;
        let values = ["address", "address_key"].map(|column| (column, "p24-other@example.org".into()));
        site.set(ACCOUNTS, is("id", account), values).await;
    }
    another_address_than_the_records breaks address_is_the_invited_one |site| {
        let id = site.redeemed_contact("p25").await;
        let account = site.of_redemption(id, "account_id").await;
        let values = ["address", "address_key"].map(|column| (column, "p25-other@example.org".into()));
        site.set(ACCOUNTS, is("id", account), values).await;
    }
    an_issue_that_is_not_told breaks every_transition_has_its_event |site| {
        let id = site.pending("p26").await;
        site.delete(EVENTS, is("invitation_id", id)).await;
    }
    an_end_that_is_not_told breaks every_transition_has_its_event |site| {
        let id = site.revoked("p27").await;
        site.delete(EVENTS, is("id", site.event_of(id, EventKind::InvitationRevoked).await)).await;
    }
    a_redemption_that_is_not_told breaks every_transition_has_its_event |site| {
        let id = site.redeemed("p28").await;
        site.delete(EVENTS, is("id", site.event_of(id, EventKind::InvitationRedeemed).await)).await;
    }
    a_generation_that_is_not_told breaks every_transition_has_its_event |site| {
        let scene = &site.scene;
        let first = scene.issue("p29").await;
        scene.apply(scene.plan_resend(&first)).await;
        site.delete(EVENTS, is("id", site.event_of(first.id.as_uuid(), EventKind::InvitationResent).await)).await;
    }
    a_member_that_is_not_told breaks every_transition_has_its_event |site| {
        let id = site.redeemed("p30").await;
        site.delete(EVENTS, is("id", site.event_of(id, EventKind::MembershipCreated).await)).await;
    }
    a_member_from_a_record_that_is_not_told breaks every_transition_has_its_event |site| {
        let id = site.redeemed_contact("p31").await;
        site.delete(EVENTS, is("id", site.event_of(id, EventKind::MembershipCreated).await)).await;
    }
    an_event_of_an_invitation_that_never_was breaks every_event_has_its_transition |site| {
        let event = site.scene.event(EventKind::InvitationIssued, Some(&site.scene.invitation("p32")));
        site.scene.apply(Plan { events: vec![event], ..Plan::default() }).await;
    }
    an_event_of_a_version_to_come breaks every_event_has_its_transition |site| {
        let (_, event) = site.revealed("p33").await;
        site.raise(EVENTS, is("id", event), "sequence").await;
    }
    two_transitions_to_one_version breaks one_event_a_transition |site| {
        let scene = &site.scene;
        let before = scene.issue("p34").await;
        scene.apply(scene.plan_update(&before, before.clone(), EventKind::InvitationAmended)).await;
        let event = site.event_of(before.id.as_uuid(), EventKind::InvitationAmended).await;
        site.set(EVENTS, is("id", event), [("sequence", 1_i64.into())]).await;
    }
    a_change_after_the_end breaks ends_absorb every_transition_has_its_event |site| {
        let id = site.revoked("p35").await;
        site.raise(INVITATIONS, is("id", id), "version").await;
    }
    an_end_that_is_told_of_an_open_one breaks ends_absorb |site| {
        let scene = &site.scene;
        let before = scene.issue("p36").await;
        scene.apply(scene.plan_update(&before, before.clone(), EventKind::InvitationAmended)).await;
        let event = site.event_of(before.id.as_uuid(), EventKind::InvitationAmended).await;
        site.set(EVENTS, is("id", event), [("kind", "invitation.declined".into())]).await;
    }
    a_link_that_was_never_queued breaks every_generation_has_its_messages |site| {
        let id = site.pending("p37").await;
        site.delete(MESSAGES, is("invitation_id", id)).await;
    }
    a_message_that_waits_for_an_ended_invitation breaks messages_agree |site| {
        let id = site.revoked("p38").await;
        let values = [("state", "queued".into()), ("settled_at", site.never())];
        site.set(MESSAGES, is("invitation_id", id), values).await;
    }
    a_message_of_a_generation_to_come breaks messages_agree every_generation_has_its_messages |site| {
        let id = site.pending("p39").await;
        site.raise(MESSAGES, is("invitation_id", id), "generation").await;
    }
    a_message_that_was_sent_at_no_time breaks messages_agree |site| {
        let id = site.pending("p40").await;
        site.set(MESSAGES, is("invitation_id", id), [("state", "sent".into())]).await;
    }
    a_notice_to_nobody breaks messages_agree every_generation_has_its_messages |site| {
        let id = site.pending("p48-told").await;
        site.set(MESSAGES, is("invitation_id", id), [("about", "accepted".into())]).await;
    }
    a_reminder_to_a_member breaks messages_agree every_generation_has_its_messages |site| {
        let id = site.pending("p49-told").await;
        let account = site.scene.owner.account.id.as_uuid();
        site.set(MESSAGES, is("invitation_id", id), [("about", "reminder".into()), ("account_id", account.into())]).await;
    }
    a_message_about_what_nobody_knows breaks messages_agree every_generation_has_its_messages |site| {
        let id = site.pending("p50-told").await;
        site.set(MESSAGES, is("invitation_id", id), [("about", "weather".into())]).await;
    }
    a_reminder_that_is_due_at_another_time breaks rows_say_what_they_mean |site| {
        let id = site.pending("p51-told").await;
        site.set(INVITATIONS, is("id", id), [("reminder_noted", 1_i64.into())]).await;
    }
    a_message_about_two_things breaks messages_agree |site| {
        let id = site.pending("p41").await;
        let account = site.scene.owner.account.id.as_uuid();
        site.set(MESSAGES, is("invitation_id", id), [("account_id", account.into())]).await;
    }
    an_answer_about_nothing breaks same_key_same_answer |site| {
        site.answered("p42", Uuid::from_u128(42)).await;
    }
    an_answer_about_no_redemption breaks same_key_same_answer |site| {
        let id = site.pending("p43").await;
        site.answered("p43", id).await;
        site.set(ANSWERS, is("request_key", "p43"), [("result", "redeemed".into())]).await;
    }
    two_answers_to_one_key breaks same_key_same_answer |site| {
        for key in ["p44", "p44-second"] {
            site.answered(key, site.pending(key).await).await;
        }
        let unbound = match site.backend() {
            DatabaseBackend::MySql => "ALTER TABLE invite_idempotency DROP PRIMARY KEY",
            _ => "ALTER TABLE invite_idempotency DROP CONSTRAINT invite_idempotency_pkey",
        };
        site.plain.execute_unprepared(unbound).await.unwrap();
        site.set(ANSWERS, is("request_key", "p44-second"), [("request_key", "p44".into())]).await;
    }
    a_grant_that_was_changed_behind_its_link breaks rows_say_what_they_mean |site| {
        let id = site.pending("p45").await;
        site.set(INVITATIONS, is("id", id), [("metadata", none_text()), ("rate_key", "x".into())]).await;
    }
    a_role_that_was_changed_behind_its_link breaks rows_say_what_they_mean |site| {
        let id = site.pending("p46").await;
        let owner = site.scene.roles.owner.id.as_uuid();
        site.set(INVITATIONS, is("id", id), [("role_id", owner.into())]).await;
    }
    a_recipient_nobody_can_read breaks rows_say_what_they_mean |site| {
        let id = site.pending("p47").await;
        site.set(INVITATIONS, is("id", id), [("recipient_kind", "pigeon".into())]).await;
    }
    a_member_with_the_role_of_another_organization breaks references_stay_in_one_organization |site| {
        let member = site.scene.join("p48", &site.scene.roles.guest).await.membership.id.as_uuid();
        let role = site.other.roles.guest.id.as_uuid();
        site.set(MEMBERSHIPS, is("id", member), [("role_id", role.into())]).await;
    }
    a_member_from_the_record_of_another_organization breaks references_stay_in_one_organization |site| {
        let member = site.scene.join("p49", &site.scene.roles.guest).await.membership.id.as_uuid();
        let record = site.other.add_subject(site.other.company("p49")).await.id.as_uuid();
        site.set(MEMBERSHIPS, is("id", member), [("subject_id", record.into())]).await;
    }
    a_redemption_in_another_organization breaks references_stay_in_one_organization uses_are_redemptions |site| {
        let id = site.redeemed("p50").await;
        let other = site.other.organization.id.as_uuid();
        site.set(REDEMPTIONS, is("invitation_id", id), [("organization_id", other.into())]).await;
    }
    a_message_in_another_organization breaks references_stay_in_one_organization every_generation_has_its_messages |site| {
        let id = site.pending("p51").await;
        let other = site.other.organization.id.as_uuid();
        site.set(MESSAGES, is("invitation_id", id), [("organization_id", other.into())]).await;
    }
    a_grant_of_another_organizations_role breaks references_stay_in_one_organization rows_say_what_they_mean |site| {
        let id = site.pending("p52").await;
        let role = site.other.roles.guest.id.as_uuid();
        site.set(INVITATIONS, is("id", id), [("role_id", role.into())]).await;
    }
    an_inviter_of_another_organization breaks references_stay_in_one_organization rows_say_what_they_mean |site| {
        let id = site.pending("p53").await;
        let inviter = site.other.owner.membership.id.as_uuid();
        site.set(INVITATIONS, is("id", id), [("inviter_id", inviter.into())]).await;
    }
    an_inviting_key_of_another_organization breaks references_stay_in_one_organization rows_say_what_they_mean |site| {
        let id = site.pending("p54").await;
        let key = site.other.api_key.id.as_uuid();
        site.set(INVITATIONS, is("id", id), [("inviter_id", key.into()), ("inviter_kind", "api_key".into())]).await;
    }
    an_invitation_to_another_organizations_record
        breaks references_stay_in_one_organization rows_say_what_they_mean |site| {
        let id = site.pending("p55").await;
        let record = site.other.add_subject(site.other.company("p55")).await.id.as_uuid();
        site.set(INVITATIONS, is("id", id), [("subject_id", record.into())]).await;
    }
    a_redemption_for_another_organizations_member
        breaks references_stay_in_one_organization one_membership_a_redemption every_transition_has_its_event |site| {
        let id = site.redeemed("p56").await;
        let member = site.other.member.membership.id.as_uuid();
        site.set(REDEMPTIONS, is("invitation_id", id), [("membership_id", member.into())]).await;
    }
    an_event_of_another_organizations_invitation breaks references_stay_in_one_organization |site| {
        let (_, event) = site.revealed("p57").await;
        let foreign = site.other.issue("p57").await.id.as_uuid();
        site.set(EVENTS, is("id", event), [("invitation_id", foreign.into())]).await;
    }
    an_event_of_another_organizations_member breaks references_stay_in_one_organization |site| {
        let (_, event) = site.revealed("p58").await;
        let member = site.other.member.membership.id.as_uuid();
        site.set(EVENTS, is("id", event), [("membership_id", member.into())]).await;
    }
    a_key_made_in_another_organization breaks references_stay_in_one_organization |site| {
        let maker = site.other.member.membership.id.as_uuid();
        let key = site.scene.api_key.id.as_uuid();
        site.set("invite_api_keys", is("id", key), [("created_by", maker.into())]).await;
    }
    a_contact_of_another_organizations_company breaks references_stay_in_one_organization |site| {
        let record = site.scene.add_subject(site.scene.subject(SubjectKind::Trucker, "p60")).await.id.as_uuid();
        let company = site.other.add_subject(site.other.company("p60")).await.id.as_uuid();
        site.set(SUBJECTS, is("id", record), [("parent_id", company.into())]).await;
    }
    more_members_than_seats breaks seats_suffice |site| {
        let taken = site.taken(&site.scene).await;
        let id = site.scene.organization.id.as_uuid();
        site.set(ORGANIZATIONS, is("id", id), [("limit_seats", (taken - 1).into())]).await;
    }
    as_many_members_as_seats breaks |site| {
        let taken = site.taken(&site.other).await;
        let id = site.other.organization.id.as_uuid();
        site.set(ORGANIZATIONS, is("id", id), [("limit_seats", taken.into())]).await;
    }
    rows_of_no_organization breaks references_stay_in_one_organization |site| {
        let role = site.scene.role("p61", &["a.b"]);
        let id = role.id.as_uuid();
        site.scene.administer(invite_domain::invitation::AdministrationChange::InsertRole(Box::new(role))).await;
        site.set("invite_roles", is("id", id), [("organization_id", Uuid::from_u128(61).into())]).await;
    }
}

fn none_text() -> Value {
    Value::String(None)
}
