//! Invitations to a record from whom somebody came already: they sign in and give nothing (rule 3.3).

use super::subjects::{PHONE, code_of, phone};
use super::*;
use chrono::Duration;
use invite_domain::{
    access::{ChangeMember, PermissionSet},
    directory::{Account, ChangeSubject, Membership, Session, Subject},
    id::AccountId,
    invitation::{DirectoryChange, EventKind, Plan},
    port::Directory as _,
    secret::credential::CredentialText,
    service::{Authenticated, ChangeMe, Next},
};

impl House {
    /// Somebody who came from this record by a code.
    async fn came(&self, subject: &Subject) -> Redeemed {
        let view = self.invite_subject(&self.owner(), subject).await.unwrap();
        self.redeem_code(&code_of(&view)).await.unwrap()
    }

    async fn account(&self, id: AccountId) -> Account {
        self.store.account(id).await.unwrap().unwrap()
    }

    async fn membership(&self, redeemed: &Redeemed) -> Membership {
        let id = redeemed.redemption.membership_id;
        self.directory.member(&self.owner(), id).await.unwrap().record.member.membership
    }

    async fn update(&self, next: Membership) {
        let next = Membership { version: next.version + 1, ..next };
        let directory = vec![DirectoryChange::UpdateMembership(Box::new(next))];
        self.scene.apply(Plan { directory, ..Plan::default() }).await;
    }

    /// The token in the last text message.
    async fn texted_token(&self) -> String {
        self.dispatcher.run_once(100).await.unwrap();
        self.notifier.last_to_phone(&phone(PHONE)).unwrap().token.expose().to_owned()
    }

    async fn who(&self, text: &CredentialText) -> Authenticated {
        self.directory.authenticate(text.expose()).await.unwrap().unwrap()
    }
}

fn session(redeemed: &Redeemed) -> &(CredentialText, Session) {
    redeemed.session.as_ref().unwrap()
}

#[tokio::test]
async fn r3_1_a_driver_with_a_phone_alone_gets_an_account_without_an_address_and_a_session() {
    let house = House::new().await;
    let subject = house.trucker(None, Some(PHONE)).await;
    let view = house.invite_subject(&house.owner(), &subject).await.unwrap();
    let preview = house.preview_code(&code_of(&view)).await.unwrap();
    assert!(!preview.recipient_masked.is_empty() && !preview.recipient_masked.contains("600000000"));
    let command = Redeem { secret: house.typed(&code_of(&view)), account: None, ..redeem("", None) };
    let redeemed = house.service.redeem(command).await.unwrap();
    let account = &redeemed.account;
    assert_eq!((account.email.as_ref(), account.email_verified), (None, false));
    assert_eq!((account.phone.as_ref(), account.name.as_deref()), (Some(&phone(PHONE)), Some("Adèle Bouvet")));
    assert_eq!(house.account(account.id).await.phone, Some(phone(PHONE)));
    assert_eq!(redeemed.member.as_ref().unwrap().membership.subject_id, Some(subject.id));
    let (text, session) = session(&redeemed);
    assert_eq!(session.organization_id, None);
    assert_eq!(house.who(text).await.redeemer(), Some(account.id));
}

#[tokio::test]
async fn r3_3_a_second_code_signs_in_for_this_organisation_alone_and_changes_no_membership() {
    let house = House::new().await;
    let subject = house.trucker(None, Some(PHONE)).await;
    let first = house.came(&subject).await;
    let id = first.account.id;
    // The same person is somebody in another organisation too.
    let other = Scene::create(Arc::new(house.store.clone()), "other").await;
    let elsewhere = other.membership(&first.account, Some(&other.roles.admin));
    let directory = vec![DirectoryChange::InsertMembership(Box::new(elsewhere))];
    other.apply(Plan { directory, ..Plan::default() }).await;
    let before = house.membership(&first).await;
    let made_before = events(&house).await.iter().filter(|kind| **kind == EventKind::MembershipChanged).count();

    let signed_in_at = house.scene.pass(Duration::hours(1));
    // It grants more than a guest has: for who is a member already that is nothing.
    let grant = Grant {
        role_id: Some(house.scene.roles.member.id),
        permissions: PermissionSet::parse(["timesheets.write"]).unwrap(),
        default_rate: Some(1),
        metadata: None,
    };
    let command = Issue { grant, ..house.guest() };
    let named = invite_domain::port::SubjectRef::Id(subject.id);
    let view = house.subjects.invite(&house.owner(), subject.kind, named, command).await.unwrap();
    let preview = house.preview_code(&code_of(&view)).await.unwrap();
    assert_eq!(preview.next, Next::Accept);
    let again = house.redeem_code(&code_of(&view)).await.unwrap();
    assert_eq!((again.account.id, again.replayed), (id, false));
    assert_ne!(again.redemption.id, first.redemption.id);
    assert_eq!(again.redemption.membership_id, first.redemption.membership_id);
    assert_eq!(house.membership(&first).await, before, "no right, no rate, no second place");
    assert_eq!(house.store.memberships_of(id).await.unwrap().len(), 2);
    let made_after = events(&house).await.iter().filter(|kind| **kind == EventKind::MembershipChanged).count();
    assert_eq!(made_after, made_before);
    let account = house.account(id).await;
    assert_eq!((account.last_sign_in_at, account.version), (Some(signed_in_at), first.account.version));

    let (text, session) = session(&again);
    assert_eq!(session.organization_id, Some(house.scene.organization.id));
    let who = house.who(text).await;
    assert_eq!(who.redeemer(), None, "it accepts nothing in the person's name");
    let here = house.directory.effective_organization(&who, None).await.unwrap();
    assert_eq!(here.id, house.scene.organization.id, "it is plain which one, though the person is in two");
    for name in ["other".to_owned(), other.organization.id.to_string(), other.organization.number.to_string()] {
        let there = house.directory.effective_organization(&who, Some(&name)).await;
        assert_eq!(rejection(there), Rejection::NotFound, "{name}");
    }
    let me = house.directory.me(id, session.organization_id).await.unwrap();
    assert_eq!(me.memberships.iter().map(|(own, _)| own.id).collect::<Vec<_>>(), [house.scene.organization.id]);
    let rename = ChangeMe { name: Some(Some("Eve".into())), ..ChangeMe::default() };
    let refused = house.directory.change_me(id, Some(session.clone()), rename).await;
    assert_eq!(rejection(refused), Rejection::OwnSessionRequired);
    assert!(house.directory.authenticate(self::session(&first).0.expose()).await.unwrap().is_some(), "the first stays");
    let used = house.redeem_code(&code_of(&view)).await;
    assert_eq!(rejection(used), Rejection::NotGenuine, "it signs in once");
}

#[tokio::test]
async fn r3_3_each_sign_in_is_noted_with_the_one_before() {
    let house = House::new().await;
    let subject = house.trucker(None, Some(PHONE)).await;
    let id = house.came(&subject).await.account.id;
    let at = [house.scene.pass(Duration::hours(1)), house.scene.pass(Duration::hours(2))];
    for now in at {
        house.scene.clock.set(now);
        house.came(&subject).await;
    }
    let account = house.account(id).await;
    assert_eq!((account.previous_sign_in_at, account.last_sign_in_at), (Some(at[0]), Some(at[1])));
}

#[tokio::test]
async fn r3_3_a_member_who_is_switched_off_is_not_let_in_again() {
    let house = House::new().await;
    let subject = house.trucker(None, Some(PHONE)).await;
    let first = house.came(&subject).await;
    let view = house.invite_subject(&house.owner(), &subject).await.unwrap();
    let off = ChangeMember { active: Some(false), ..ChangeMember::default() };
    house.directory.change_member(&house.owner(), first.redemption.membership_id, off).await.unwrap();
    let commits = house.counted.commits();
    assert_eq!(rejection(house.redeem_code(&code_of(&view)).await), Rejection::MembershipInactive);
    assert_eq!(house.counted.commits(), commits);
    let on = ChangeMember { active: Some(true), ..ChangeMember::default() };
    house.directory.change_member(&house.owner(), first.redemption.membership_id, on).await.unwrap();
    assert!(house.redeem_code(&code_of(&view)).await.is_ok(), "the code was not used up");
}

#[tokio::test]
async fn r6_2_nobody_is_let_in_as_somebody_who_holds_more_than_the_inviter() {
    let house = House::new().await;
    let subject = house.trucker(None, Some(PHONE)).await;
    let first = house.came(&subject).await;
    let bo = house.colleague("bo", &["invitations.issue", "invitations.reveal", "subjects.read"]).await;
    let view = house.invite_subject(&bo, &subject).await.unwrap();
    assert!(house.preview_code(&code_of(&view)).await.is_ok());
    // The driver becomes an admin: whoever reads the code, Bo among them, would be one.
    let member = house.membership(&first).await;
    house.update(Membership { role_id: Some(house.scene.roles.admin.id), ..member.clone() }).await;
    let commits = house.counted.commits();
    assert!(matches!(rejection(house.redeem_code(&code_of(&view)).await), Rejection::Suspended { .. }));
    assert_eq!(house.counted.commits(), commits);
    let by_admin = Issue { on_conflict: invite_domain::service::OnConflict::Replace, ..house.guest() };
    let named = invite_domain::port::SubjectRef::Id(subject.id);
    let view = house.subjects.invite(&house.owner(), subject.kind, named, by_admin).await.unwrap();
    assert_eq!(house.redeem_code(&code_of(&view)).await.unwrap().account.id, first.account.id);
}

#[tokio::test]
async fn r3_3_the_link_mailed_to_the_accounts_own_address_gives_a_whole_session_and_no_other_way_does() {
    let house = House::without_mailbox_proof().await;
    let subject = house.trucker(Some("adele"), Some(PHONE)).await;
    house.invite_subject(&house.owner(), &subject).await.unwrap();
    let link = house.mailed_token("adele").await;
    let first = house.redeem(&link, None).await.unwrap();
    assert!(first.account.email_verified);
    let organization = Some(house.scene.organization.id);

    let view = house.invite_subject(&house.owner(), &subject).await.unwrap();
    let by_code = house.redeem_code(&code_of(&view)).await.unwrap();
    assert_eq!(session(&by_code).1.organization_id, organization, "a code");
    let view = house.invite_subject(&house.owner(), &subject).await.unwrap();
    let copied = view.secrets.unwrap().link.expose().to_owned();
    let by_copy = house.redeem(&copied, None).await.unwrap();
    assert_eq!(session(&by_copy).1.organization_id, organization, "a copied link");
    house.invite_subject(&house.owner(), &subject).await.unwrap();
    let link = house.mailed_token("adele").await;
    let by_mail = house.redeem(&link, None).await.unwrap();
    assert_eq!((by_mail.account.id, session(&by_mail).1.organization_id), (first.account.id, None), "the mailed link");
    assert_eq!(house.who(&session(&by_mail).0).await.redeemer(), Some(first.account.id));

    // Whoever changes the record reads the mail: that says nothing of the account.
    let elsewhere = Some(Some(house.scene.address("elsewhere")));
    house.change(&subject, ChangeSubject { email: elsewhere, ..ChangeSubject::default() }).await;
    house.invite_subject(&house.owner(), &subject).await.unwrap();
    let link = house.mailed_token("elsewhere").await;
    let by_other_mail = house.redeem(&link, None).await.unwrap();
    assert_eq!(by_other_mail.account.email_key(), Some("adele@example.org"));
    assert_eq!(session(&by_other_mail).1.organization_id, organization, "mailed to another address");
}

#[tokio::test]
async fn r5_6_a_link_mailed_to_an_address_the_account_never_proved_takes_it_over() {
    let house = House::without_mailbox_proof().await;
    let subject = house.trucker(Some("adele"), None).await;
    let first = house.came(&subject).await;
    assert!(!first.account.email_verified, "it came by code");
    house.invite_subject(&house.owner(), &subject).await.unwrap();
    let before = house.who(&session(&first).0).await;
    assert_eq!(before.redeemer(), Some(first.account.id));
    let link = house.mailed_token("adele").await;
    let again = house.redeem(&link, None).await.unwrap();
    assert_eq!((again.account.id, again.account.email_verified), (first.account.id, true));
    assert_eq!(session(&again).1.organization_id, None);
    let ended = house.directory.authenticate(session(&first).0.expose()).await.unwrap();
    assert_eq!(ended, None, "whoever used the first code is out");
}

#[tokio::test]
async fn r7_3_a_link_that_came_by_sms_proves_no_mailbox() {
    let house = House::without_mailbox_proof().await;
    let subject = house.trucker(Some("adele"), Some(PHONE)).await;
    house.invite_subject(&house.owner(), &subject).await.unwrap();
    let link = house.texted_token().await;
    assert!(!house.preview(&link).await.unwrap().mailed);
    let redeemed = house.redeem(&link, None).await.unwrap();
    assert_eq!(redeemed.account.email_key(), Some("adele@example.org"));
    assert!(!redeemed.account.email_verified, "nobody read the mail");
}

#[tokio::test]
async fn r3_3_a_sign_in_link_that_came_by_sms_gives_no_whole_session() {
    let house = House::without_mailbox_proof().await;
    let subject = house.trucker(Some("adele"), None).await;
    house.invite_subject(&house.owner(), &subject).await.unwrap();
    let link = house.mailed_token("adele").await;
    let first = house.redeem(&link, None).await.unwrap();
    assert!(first.account.email_verified);
    // Whoever may change the record puts a phone of their own beside the address, and opens what comes there.
    house.change(&subject, ChangeSubject { phone: Some(Some(phone(PHONE))), ..ChangeSubject::default() }).await;
    house.invite_subject(&house.owner(), &subject).await.unwrap();
    let link = house.texted_token().await;
    let again = house.redeem(&link, None).await.unwrap();
    assert_eq!(again.account.id, first.account.id);
    assert_eq!(session(&again).1.organization_id, Some(house.scene.organization.id));
}

#[tokio::test]
async fn r3_3_who_is_signed_in_as_somebody_else_is_told_so_and_as_oneself_needs_no_session() {
    let house = House::new().await;
    let subject = house.trucker(None, Some(PHONE)).await;
    let first = house.came(&subject).await;
    let view = house.invite_subject(&house.owner(), &subject).await.unwrap();
    let secret = house.typed(&code_of(&view));
    let mia = Some(house.scene.member.account.id);
    let preview = house.service.preview(&secret, mia, Some(CLIENT)).await.unwrap();
    assert_eq!(preview.next, Next::SwitchAccount);
    let commits = house.counted.commits();
    let by = |caller| Redeem { secret: secret.clone(), caller, ..redeem("", None) };
    let Rejection::WrongRecipient { recipient_masked } = rejection(house.service.redeem(by(mia)).await) else {
        panic!("it was not Mia's")
    };
    assert!(!recipient_masked.contains("600000000"), "{recipient_masked}");
    assert_eq!(house.counted.commits(), commits);
    let again = house.service.redeem(by(Some(first.account.id))).await.unwrap();
    assert!(again.session.is_none() && again.account.id == first.account.id);
}

#[tokio::test]
async fn r5_1_a_password_sent_with_a_sign_in_invitation_is_not_looked_at() {
    let house = House::new().await;
    let subject = house.trucker(None, Some(PHONE)).await;
    let first = house.came(&subject).await;
    let view = house.invite_subject(&house.owner(), &subject).await.unwrap();
    let command = Redeem { secret: house.typed(&code_of(&view)), ..redeem("", Some("somebody else's idea")) };
    let again = house.service.redeem(command).await.unwrap();
    assert_eq!(house.hasher.hashed(), 0);
    let account = house.account(first.account.id).await;
    assert_eq!((account.password, account.name.as_deref()), (None, Some("Ada")), "name and password are the account's");
    assert_eq!(again.account.id, first.account.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r3_3_of_16_who_sign_in_by_one_code_at_once_one_does() {
    let house = Arc::new(House::new().await);
    let subject = house.trucker(None, Some(PHONE)).await;
    house.came(&subject).await;
    let view = house.invite_subject(&house.owner(), &subject).await.unwrap();
    let code = code_of(&view);
    let tries: Vec<_> = (0..16)
        .map(|number| {
            let (house, code) = (Arc::clone(&house), code.clone());
            tokio::spawn(async move {
                let client = Some(format!("192.0.2.{number}"));
                let secret = house.typed(&code);
                house.service.redeem(Redeem { secret, client, ..redeem("", None) }).await.is_ok()
            })
        })
        .collect();
    let mut won = 0;
    for one in tries {
        won += usize::from(one.await.unwrap());
    }
    assert_eq!(won, 1);
}
