//! Invitations to whom a record stands for, and what becomes of them with the record (rules 3.1, 3.3, 3.8, 7.4).

use super::{
    subjects::{PHONE, code_of, new_subject, open, phone, pointers, to_address},
    *,
};
use invite_domain::{
    access::PermissionSet,
    directory::{ChangeSubject, NewSubject, Subject, SubjectKind},
    id::InvitationId,
    invitation::{Channel, EventKind, State, Status},
    page::PageRequest,
    port::{SubjectFilter, SubjectRef},
    service::{OnConflict, Revoke},
};

#[tokio::test]
async fn a_change_of_address_revokes_the_invitation_that_went_there_and_no_other() {
    let house = House::new().await;
    let subject = house.trucker(Some("adele"), None).await;
    let view = house.invite_subject(&house.owner(), &subject).await.unwrap();
    let (id, code) = (open(&view).id, code_of(&view));
    // It went to the address alone: a phone that comes later, and goes again, is nothing to it.
    house.change(&subject, ChangeSubject { phone: Some(Some(phone(PHONE))), ..ChangeSubject::default() }).await;
    house.change(&subject, ChangeSubject { phone: Some(None), ..ChangeSubject::default() }).await;
    let kept = house.change(&subject, ChangeSubject { name: Some("Adele".into()), ..ChangeSubject::default() }).await;
    assert_eq!((kept.is_pending(), open(&kept).id), (true, id));
    assert!(house.preview_code(&code).await.is_ok());
    let moved = house.change(&subject, to_address(Some(house.scene.address("elsewhere")))).await;
    assert!(moved.record.invitation.is_none() && moved.secrets.is_none());
    let ended = house.scene.record(id).await.unwrap().invitation;
    assert!(matches!(&ended.state, State::Revoked { reason: Some(reason), .. } if reason == "address_changed"));
    assert_eq!(rejection(house.preview_code(&code).await), Rejection::NotGenuine);
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().claimed, 0, "nothing leaves to the old address");
    let again = house.invite_subject(&house.owner(), &subject).await.unwrap();
    house.mailed_token("elsewhere").await;
    // The phone was none of this invitation's either, and the address is.
    house.change(&subject, to_address(None)).await;
    assert!(matches!(house.scene.record(open(&again).id).await.unwrap().invitation.state, State::Revoked { .. }));
}

#[tokio::test]
async fn deleting_a_record_revokes_its_invitation_and_keeps_who_came_from_it() {
    let house = House::new().await;
    let subject = house.trucker(None, Some(PHONE)).await;
    let first = house.invite_subject(&house.owner(), &subject).await.unwrap();
    let came = house.redeem_code(&code_of(&first)).await.unwrap();
    let second = house.invite_subject(&house.owner(), &subject).await.unwrap();
    house.delete(&subject).await.unwrap();
    assert_eq!(rejection(house.redeem_code(&code_of(&second)).await), Rejection::NotGenuine);
    let ended = house.scene.record(open(&second).id).await.unwrap().invitation;
    assert!(matches!(&ended.state, State::Revoked { reason: Some(reason), .. } if reason == "subject_deleted"));
    assert!(matches!(house.scene.record(open(&first).id).await.unwrap().invitation.state, State::Redeemed { .. }));
    let member = house.directory.member(&house.owner(), came.redemption.membership_id).await.unwrap();
    assert!(member.record.member.membership.active);
    assert_eq!(rejection(house.invite_subject(&house.owner(), &subject).await), Rejection::NotFound);
}

/// A record with an invitation that expired and gave way to another, which is over too: its link and its id.
async fn displaced(house: &House) -> (Subject, String, InvitationId) {
    let subject = house.trucker(Some("adele"), None).await;
    let first = house.invite_subject(&house.owner(), &subject).await.unwrap();
    let link = house.mailed_token("adele").await;
    house.scene.clock.set(open(&first).expires_at);
    let second = house.invite_subject(&house.owner(), &subject).await.unwrap();
    house.service.revoke(&house.owner(), open(&second).id, Revoke::default()).await.unwrap();
    (subject, link, open(&first).id)
}

/// Neither the old link's holder nor a colleague brings the invitation back.
async fn stays_dead(house: &House, link: &str, id: InvitationId) {
    house.service.request_new_link(link, Origin::none()).await.unwrap();
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 0, "no new link leaves");
    let extended = house.service.extend(&house.owner(), id, 100_000, None).await;
    let opened = house.redeem(link, None).await;
    assert!(opened.is_err(), "extended: {}, and it opens", extended.is_ok());
}

#[tokio::test]
async fn r4_3_an_expired_invitation_of_a_record_that_was_deleted_since_does_not_come_back() {
    let house = House::new().await;
    let (subject, link, id) = Box::pin(displaced(&house)).await;
    house.delete(&subject).await.unwrap();
    stays_dead(&house, &link, id).await;
}

#[tokio::test]
async fn r4_3_an_expired_invitation_that_went_to_another_address_does_not_come_back() {
    let house = House::new().await;
    let (subject, link, id) = Box::pin(displaced(&house)).await;
    house.change(&subject, to_address(Some(house.scene.address("elsewhere")))).await;
    stays_dead(&house, &link, id).await;
}

#[tokio::test]
async fn a_trucker_and_the_invitation_are_one_commit() {
    let house = House::new().await;
    let company = house.company().await;
    let new =
        || NewSubject { phone: Some(phone(PHONE)), ..new_subject(SubjectKind::Trucker, Some(&company), "Adèle") };
    let before = house.counted.commits();
    let made = house.subjects.create(&house.owner(), new(), Some(house.guest())).await.unwrap();
    assert_eq!(house.counted.commits() - before, 1);
    assert!(made.is_pending() && open(&made).number > 0 && made.record.subject.number > 0);
    assert_eq!(open(&made).channels, [Channel::Sms]);
    let stored = house.stored(&made.record.subject).await.unwrap();
    assert_eq!(open(&stored).id, open(&made).id);
    assert!(house.preview_code(&code_of(&made)).await.is_ok());
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 1);
    let said = house.notifier.last_to_phone(&phone(PHONE)).unwrap();
    assert_eq!(said.code.unwrap().expose(), code_of(&made));

    let (commits, trail) = (house.counted.commits(), events(&house).await);
    let too_much = Grant { permissions: PermissionSet::parse(["payroll.run"]).unwrap(), ..Grant::default() };
    let too_much = Issue { grant: too_much, ..house.guest() };
    let refused = house.subjects.create(&house.admin(), new(), Some(too_much)).await;
    assert!(matches!(rejection(refused), Rejection::GrantExceedsAuthority { .. }));
    let too_long = Issue { expires_in: Some(91 * 86_400), ..house.guest() };
    assert_eq!(pointers(house.subjects.create(&house.owner(), new(), Some(too_long)).await), ["/expires_in"]);
    assert_eq!((house.counted.commits(), events(&house).await), (commits, trail), "neither record nor invitation");
    assert_eq!(house.named(SubjectKind::Trucker).await.len(), 1);
}

#[tokio::test]
async fn r3_1_a_contact_without_an_address_a_registered_one_and_a_company_are_not_invited() {
    let house = House::new().await;
    let owner = house.owner();
    let company = house.company().await;
    assert_eq!(rejection(house.invite_subject(&owner, &company).await), Rejection::NotInvitable);
    let mute = house.contact(None).await;
    assert_eq!(rejection(house.invite_subject(&owner, &mute).await), Rejection::NoAddress);
    let zoe = house.contact(Some("zoe")).await;
    house.invite_subject(&owner, &zoe).await.unwrap();
    assert!(matches!(rejection(house.invite_subject(&owner, &zoe).await), Rejection::AlreadyInvited { .. }));
    let link = house.mailed_token("zoe").await;
    house.redeem(&link, None).await.unwrap();
    assert_eq!(rejection(house.invite_subject(&owner, &zoe).await), Rejection::AlreadyMember { switched_off: false });
    // A second record of the same person is no way round it.
    let twin = house.contact(Some("ZOE@example.org")).await;
    assert_eq!(rejection(house.invite_subject(&owner, &twin).await), Rejection::AlreadyMember { switched_off: false });
}

#[tokio::test]
async fn r3_3_a_contact_made_with_an_invitation_at_a_members_address_is_refused_and_not_stored() {
    let house = House::new().await;
    let company = house.company().await;
    let mia = house.scene.member.account.email_key().unwrap().to_owned();
    let before = house.counted.commits();
    let new = house.new_contact(&company, Some(&mia));
    let refused = house.subjects.create(&house.owner(), new, Some(house.guest())).await;
    assert_eq!(rejection(refused), Rejection::AlreadyMember { switched_off: false });
    assert_eq!(house.counted.commits(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_deletion_and_an_invitation_at_once_no_live_invitation_of_a_deleted_record_remains() {
    let (mut invited_first, mut deleted_first) = (0, 0);
    for _ in 0..60 {
        let house = Arc::new(House::new().await);
        let subject = house.trucker(None, Some(PHONE)).await;
        let inviting = {
            let (house, subject) = (Arc::clone(&house), subject.clone());
            tokio::spawn(async move { house.invite_subject(&house.owner(), &subject).await })
        };
        let deleting = {
            let (house, subject) = (Arc::clone(&house), subject.clone());
            tokio::spawn(async move { house.delete(&subject).await })
        };
        deleting.await.unwrap().unwrap();
        match inviting.await.unwrap() {
            Ok(view) => {
                invited_first += 1;
                let state = house.scene.record(open(&view).id).await.unwrap().invitation.state;
                assert!(matches!(state, State::Revoked { .. }), "{state:?}");
                assert_eq!(rejection(house.redeem_code(&code_of(&view)).await), Rejection::NotGenuine);
            }
            Err(error) => {
                deleted_first += 1;
                let refused = rejection::<()>(Err(error));
                assert!(matches!(refused, Rejection::NotFound | Rejection::Invalid(_)), "{refused:?}");
                assert!(!events(&house).await.contains(&EventKind::InvitationIssued));
            }
        }
    }
    assert_eq!(invited_first + deleted_first, 60);
}

#[tokio::test]
async fn r3_8_a_contact_comes_as_a_guest_verified_and_named_like_the_record_it_belongs_to() {
    let house = House::new().await;
    let zoe = house.contact(Some("Zoe@Example.org")).await;
    let view = house.invite_subject(&house.owner(), &zoe).await.unwrap();
    assert_eq!(open(&view).recipient.subject_id(), Some(zoe.id));
    let link = house.mailed_token("zoe").await;
    let preview = house.preview(&link).await.unwrap();
    assert_eq!(preview.subject_name.as_deref(), Some("Zoé Martin"));
    let redeemed = house.service.redeem(Redeem { account: None, ..redeem(&link, None) }).await.unwrap();
    assert_eq!(redeemed.account.name.as_deref(), Some("Zoé Martin"), "nobody has to say who they are");
    assert!(redeemed.account.email_verified && redeemed.session.is_some());
    let member = redeemed.member.unwrap();
    assert_eq!((member.membership.subject_id, member.role.unwrap().name.as_str()), (Some(zoe.id), "guest"));
    assert!(!member.membership.permissions.names().any(|_| true));
    let seen = house.stored(&zoe).await.unwrap();
    let person = seen.record.person.unwrap();
    assert_eq!((person.account.id, seen.status), (redeemed.account.id, None), "it was used, and holds no key");
    assert!(seen.record.managers.iter().any(|(contact, _)| contact.id == zoe.id));
}

#[tokio::test]
async fn r7_4_link_and_code_are_left_out_for_who_may_not_see_them() {
    let house = House::new().await;
    let (company, subject) = (house.company().await, house.trucker(None, Some(PHONE)).await);
    let blind = house.colleague("bo", &["invitations.issue", "subjects.read", "subjects.write"]).await;
    let where_permitted = || Issue { reveal: Reveal::WherePermitted, grant: Grant::default(), ..house.guest() };
    let named = || SubjectRef::Id(subject.id);
    let kind = SubjectKind::Trucker;
    let asked = Issue { reveal: Reveal::Asked, ..where_permitted() };
    let refused = house.subjects.invite(&blind, kind, named(), asked).await;
    assert_eq!(rejection(refused), Rejection::Forbidden { permission: "invitations.reveal" });
    let invited = house.subjects.invite(&blind, kind, named(), where_permitted()).await.unwrap();
    assert!(invited.is_pending() && invited.secrets.is_none());
    let new = new_subject(kind, Some(&company), "X");
    assert!(house.subjects.create(&blind, new, Some(where_permitted())).await.unwrap().secrets.is_none());
    assert!(house.subjects.get(&blind, kind, named()).await.unwrap().secrets.is_none());
    let page = PageRequest::first(9);
    let listed = house.subjects.list(&blind, kind, &SubjectFilter::default(), &page).await.unwrap().items;
    assert!(listed.len() == 2 && listed.iter().all(|view| view.is_pending() && view.secrets.is_none()));
    assert!(house.stored(&subject).await.unwrap().secrets.is_some(), "the owner sees them");
    // The first one is answered again: with its secrets only to who may see them.
    let again = || Issue { on_conflict: OnConflict::Return, ..where_permitted() };
    assert!(house.subjects.invite(&blind, kind, named(), again()).await.unwrap().secrets.is_none());
    let shown = house.subjects.invite(&house.owner(), kind, named(), again()).await.unwrap();
    assert!(house.preview_code(&code_of(&shown)).await.is_ok());
    let told = events(&house).await;
    assert_eq!(told.iter().filter(|kind| **kind == EventKind::InvitationRevealed).count(), 1);
}

#[tokio::test]
async fn r2_1_an_expired_invitation_of_a_record_is_shown_as_such_and_a_new_one_takes_its_place() {
    let house = House::new().await;
    let subject = house.trucker(None, Some(PHONE)).await;
    let first = house.invite_subject(&house.owner(), &subject).await.unwrap();
    house.scene.clock.set(open(&first).expires_at);
    let seen = house.stored(&subject).await.unwrap();
    assert_eq!((seen.status, seen.is_pending()), (Some(Status::Expired), false));
    assert!(seen.secrets.is_none(), "what opens nothing is not shown");
    let command = Issue { on_conflict: OnConflict::ReplaceExpired, ..house.guest() };
    let kind = SubjectKind::Trucker;
    let second = house.subjects.invite(&house.owner(), kind, SubjectRef::Id(subject.id), command).await.unwrap();
    assert_ne!(open(&second).id, open(&first).id);
    assert!(matches!(house.scene.record(open(&first).id).await.unwrap().invitation.state, State::Revoked { .. }));
    assert!(house.redeem_code(&code_of(&second)).await.is_ok());
}
