//! Recipients other than an address.

use super::loads::{issue_query, load_redemption, redemption_query};
use crate::contract::Subject;
use invite_domain::{
    id::SubjectId,
    invitation::{EventKind, Invitation, Recipient, SubjectRecipient},
    port::IssueQuery,
};

pub(in crate::contract) async fn a_phone_or_a_record_as_recipient_comes_back_equal_in_every_field(subject: Subject) {
    let scene = subject.scene("acme").await;
    let record = |email: Option<&str>, phone: Option<&str>| {
        Recipient::Subject(SubjectRecipient {
            id: SubjectId::new(scene.now(), &*scene.entropy),
            email: email.map(|text| scene.address(text)),
            phone: phone.map(|text| scene.phone(text)),
        })
    };
    let recipients = [
        Recipient::Phone(scene.phone("+33 6 39 98 12 34")),
        record(None, None),
        record(Some("Zoë@München.example"), None),
        record(None, Some("+33 6 39 98 12 34")),
        record(Some("Zoë@München.example"), Some("+41 79 555 01 01")),
    ];
    for recipient in recipients {
        let invitation = scene.issue_this(scene.invitation_to(recipient.clone())).await;
        let record = scene.record(invitation.id).await.unwrap();
        assert_eq!(record.invitation, invitation);
        let spelling = |recipient: &Recipient| recipient.email().map(|email| email.as_str().to_owned());
        assert_eq!(spelling(&record.invitation.recipient), spelling(&recipient), "the original spelling");
        let query = IssueQuery { live_key: recipient.live_key(), email: None, ..issue_query(&scene, "unasked") };
        let facts = scene.store.load_issue(&query).await.unwrap().unwrap();
        assert_eq!(facts.holder.map(|holder| holder.invitation), Some(invitation.clone()), "{}", recipient.key());
        scene.refuse(scene.plan_issue(&scene.invitation_to(recipient.clone()))).await;

        let next = Invitation { generation: 2, version: 2, ..invitation.clone() };
        scene.apply(scene.plan_update(&invitation, next.clone(), EventKind::InvitationResent)).await;
        assert_eq!(scene.record(invitation.id).await.unwrap().invitation, next, "a next state too");
    }
}

pub(in crate::contract) async fn a_redemption_learns_of_the_account_at_the_address_the_invitation_went_to(
    subject: Subject,
) {
    let scene = subject.scene("acme").await;
    let member = &scene.member.account;
    let to = |email: Option<&str>| {
        Recipient::Subject(SubjectRecipient {
            id: SubjectId::new(scene.now(), &*scene.entropy),
            email: email.map(|text| scene.address(text)),
            phone: Some(scene.phone("+41 79 555 01 01")),
        })
    };
    for (recipient, expected) in [
        (to(Some("mia@acme.example")), Some(member.id)),
        (to(Some("nobody@acme.example")), None),
        (to(None), None),
        (Recipient::Phone(scene.phone("+33 6 39 98 12 34")), None),
    ] {
        let invitation = scene.issue_this(scene.invitation_to(recipient)).await;
        let facts = load_redemption(&scene, &redemption_query(&scene, invitation.id)).await;
        assert_eq!(facts.at_address.map(|at| at.account.id), expected);
        assert_eq!(facts.subject, None, "there is no such record");
    }
}
