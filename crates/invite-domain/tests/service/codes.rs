//! Short codes (rule 7.5, and what of part 5 speaks of them).

use super::*;
use chrono::Duration;
use invite_domain::{
    directory::ChangeOrganization,
    id::{InvitationId, OrganizationId},
    invitation::{Channel, EventKind, Fact, State},
    page::PageRequest,
    port::{Directory as _, EventFilter},
    secret::{
        code,
        token::{GrantDigest, Nonce, TokenBinding},
    },
    service::{Resend, Revoke},
};
use uuid::Uuid;

/// The attempts an address has where nothing else is said (rule 7.6).
pub(crate) const BUDGET: usize = 20;

impl House {
    /// A well-formed code of the house that nobody gave out.
    pub(crate) fn guess(&self, number: u16) -> String {
        let nonce = Nonce::from_bytes([7; 32]);
        let binding = TokenBinding {
            key_id: self.scene.ring.active().unwrap(),
            invitation: InvitationId::from_uuid(Uuid::nil()),
            generation: number,
            organization: self.scene.organization.id,
            nonce: &nonce,
            grant_digest: &GrantDigest::from_bytes([0; 32]),
        };
        code::make(&self.scene.ring, &binding).unwrap().expose().to_owned()
    }

    /// What somebody types who was told the house's slug.
    pub(crate) fn typed(&self, code: &str) -> Secret {
        typed_for(self.scene.organization.slug.as_str(), code)
    }

    pub(crate) async fn preview_code(&self, code: &str) -> Result<Preview, ServiceError> {
        self.service.preview(&self.typed(code), None, Some(CLIENT)).await
    }

    pub(crate) async fn redeem_code(&self, code: &str) -> Result<Redeemed, ServiceError> {
        self.service.redeem(with(self.typed(code))).await
    }

    /// How many attempts an address has left. It has none afterwards.
    pub(crate) async fn attempts_left(&self, client: &str) -> usize {
        for tried in 0..1_000 {
            let guess = self.typed(&self.guess(u16::MAX));
            match rejection(self.service.preview(&guess, None, Some(client)).await) {
                Rejection::NotGenuine => {}
                Rejection::TooManyAttempts { .. } => return tried,
                other => panic!("{other:?}"),
            }
        }
        panic!("there is no limit")
    }
}

pub(crate) fn typed_for(organization: &str, code: &str) -> Secret {
    Secret::Code { organization: organization.to_owned(), code: code.to_owned() }
}

pub(crate) fn with(secret: Secret) -> Redeem {
    Redeem { secret, ..redeem("", None) }
}

pub(crate) fn code_of(issued: &Issued) -> String {
    issued.secrets.as_ref().unwrap().code.as_ref().unwrap().expose().to_owned()
}

/// Of the preview's successes the organisation, for comparing.
fn led_to(preview: Result<Preview, ServiceError>) -> OrganizationId {
    preview.unwrap().organization.id
}

/// The code with one character exchanged for another of the alphabet.
fn mistyped(code: &str, place: usize) -> String {
    let mut characters: Vec<char> = code.chars().collect();
    characters[place] = if characters[place] == '7' { '8' } else { '7' };
    characters.into_iter().collect()
}

#[tokio::test]
async fn r5_4_a_code_makes_an_account_whose_address_stays_unverified() {
    let house = House::without_mailbox_proof().await;
    let issued = house.issue(&house.owner(), "Ada@Example.org").await;
    let code = code_of(&issued);
    house.dispatcher.run_once(10).await.unwrap();
    let mailed = house.notifier.last_to(&house.scene.address("ada@example.org")).unwrap();
    assert_eq!(mailed.code.unwrap().expose(), code, "the mail says the code that the answer said");
    let preview = house.preview_code(&code).await.unwrap();
    assert!(!preview.mailed && !preview.recipient_masked.contains("ada"), "{}", preview.recipient_masked);
    let before = house.counted.commits();
    let redeemed = house.redeem_code(&code).await.unwrap();
    assert_eq!(house.counted.commits() - before, 1, "all of it at once");
    assert_eq!(redeemed.account.email_key(), Some("ada@example.org"));
    assert!(!redeemed.account.email_verified && !redeemed.replayed);
    let (text, session) = redeemed.session.unwrap();
    assert_eq!(session.organization_id, None, "it is the person's own account");
    assert!(house.directory.authenticate(text.expose()).await.unwrap().is_some());
    assert_eq!(redeemed.member.unwrap().role.unwrap().name, "member");
    assert_eq!(redeemed.redemption.generation, 1);
    assert_eq!((redeemed.invitation.code_index, redeemed.invitation.nonce), (None, None));
    let filter = EventFilter { kind: Some(EventKind::InvitationRedeemed), ..EventFilter::default() };
    let trail = house.store.events(house.scene.organization.id, &filter, &PageRequest::first(9)).await.unwrap().items;
    assert_eq!(trail[0].data.get("provenance"), Some(&Fact::from("code")));
    assert!(!format!("{trail:?}").contains(&code));
}

#[tokio::test]
async fn r7_5_a_code_is_read_in_any_case_and_spacing_and_with_letters_for_digits() {
    let house = House::new().await;
    let mut ambiguous = 0;
    for person in 0..12 {
        let issued = house.issue(&house.owner(), &format!("person{person}@example.org")).await;
        let code = code_of(&issued);
        ambiguous += usize::from(code.contains(['0', '1']));
        for typed in [
            code.clone(),
            code.to_lowercase(),
            code.replace('-', ""),
            code.replace('-', " "),
            format!("  {}\t", code.replace('-', " \u{2013} ")),
            code.replace('0', "O").replace('1', "I"),
            code.to_lowercase().replace('0', "o").replace('1', "l"),
            code.chars().flat_map(|character| [character, ' ']).collect(),
        ] {
            let preview = house.preview_code(&typed).await.unwrap();
            assert_eq!(preview.invitation_id, issued.record.invitation.id, "{typed:?}");
        }
    }
    assert!(ambiguous > 0, "no code had a digit that is read in two ways: there were too few");
}

#[tokio::test]
async fn r7_5_a_mistyped_code_is_told_apart_and_costs_no_attempt() {
    let house = House::new().await;
    let code = code_of(&house.issue(&house.owner(), "ada@example.org").await);
    let before = house.counted.looked_up();
    for place in (0..code.len()).filter(|place| !code[*place..].starts_with('-')) {
        let wrong = mistyped(&code, place);
        assert_eq!(rejection(house.redeem_code(&wrong).await), Rejection::CodeMistyped, "{wrong}");
        assert_eq!(rejection(house.preview_code(&wrong).await), Rejection::CodeMistyped, "{wrong}");
    }
    let (start, end) = code.split_at(1);
    let exchanged = format!("{}{start}{}", &end[..1], &end[1..]);
    assert_ne!(exchanged, code, "two characters that differ");
    assert_eq!(rejection(house.redeem_code(&exchanged).await), Rejection::CodeMistyped);
    assert_eq!(house.counted.looked_up(), before, "nobody was asked for");
    assert_eq!(house.attempts_left(CLIENT).await, BUDGET);
}

#[tokio::test]
async fn r5_8_a_text_that_is_no_code_is_answered_as_an_unknown_one_and_costs_no_attempt() {
    let house = House::new().await;
    let code = code_of(&house.issue(&house.owner(), "ada@example.org").await);
    let before = house.counted.looked_up();
    let too_long = format!("{code}0");
    for text in
        ["", "-", "ABCD", &code[..12], &too_long, "UUUU-UUUU-UUU", "АВСЕ-АВСЕ-АВС", "inv_0VSTem8nho5xipGKoiTGrM"]
    {
        assert_eq!(rejection(house.redeem_code(text).await), Rejection::NotGenuine, "{text:?}");
    }
    // A token is no code, and a code no token.
    assert_eq!(rejection(house.redeem(&code, None).await), Rejection::NotGenuine);
    assert_eq!(house.counted.looked_up(), before);
    assert_eq!(house.attempts_left(CLIENT).await, BUDGET);
}

#[tokio::test]
async fn r5_8_every_code_that_opens_nothing_gets_one_answer_and_changes_nothing_but_the_count() {
    let house = House::without_mailbox_proof().await;
    let owner = house.owner();
    let other = Scene::create(Arc::new(house.store.clone()), "other").await;
    let foreign = other.issue("bob@example.org").await;
    let foreign = code::make(&other.ring, &foreign.token_binding().unwrap()).unwrap().expose().to_owned();
    let issue = async |address: &str| {
        let issued = house.issue(&owner, address).await;
        (code_of(&issued), issued.record.invitation.id)
    };
    let (used, _) = issue("used@example.org").await;
    house.redeem_code(&used).await.unwrap();
    let (superseded, id) = issue("superseded@example.org").await;
    house.service.resend(&owner, id, Resend::default(), None).await.unwrap();
    let (revoked, id) = issue("revoked@example.org").await;
    house.service.revoke(&owner, id, Revoke::default()).await.unwrap();
    let (declined, _) = issue("declined@example.org").await;
    let link = house.mailed_token("declined@example.org").await;
    house.service.decline(&link, false, Origin::none()).await.unwrap();
    let (good, _) = issue("good@example.org").await;

    let slug = house.scene.organization.slug.as_str();
    let (commits, trail) = (house.counted.commits(), events(&house).await);
    let nothing = [
        (slug, house.guess(1)),
        (slug, foreign),
        (slug, used),
        (slug, superseded),
        (slug, revoked),
        (slug, declined),
        ("other", good.clone()),
        ("nobody-s", good.clone()),
        ("not a slug at all", good.clone()),
    ];
    let tried = nothing.len();
    for (organization, code) in nothing {
        let shown = typed_for(organization, &code);
        assert_eq!(
            rejection(house.service.redeem(with(shown.clone())).await),
            Rejection::NotGenuine,
            "{shown:?} {code}"
        );
        assert_eq!(rejection(house.service.preview(&shown, None, Some("192.0.2.2")).await), Rejection::NotGenuine);
    }
    assert_eq!((house.counted.commits(), events(&house).await), (commits, trail), "nothing was written");
    assert!(house.preview_code(&good).await.is_ok());
    assert_eq!(house.attempts_left(CLIENT).await, BUDGET - tried);
    assert_eq!(house.attempts_left("192.0.2.2").await, BUDGET - tried);
}

#[tokio::test]
async fn r7_5_a_code_lives_exactly_as_long_as_its_invitation() {
    let house = House::without_mailbox_proof().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    let (code, invitation) = (code_of(&issued), issued.record.invitation);
    house.scene.clock.set(invitation.expires_at);
    assert!(matches!(rejection(house.preview_code(&code).await), Rejection::Dead(_)));
    house.scene.clock.set(invitation.expires_at - Duration::microseconds(1));
    assert!(house.preview_code(&code).await.is_ok());
    let extended = house.service.extend(&house.owner(), invitation.id, 200_000, None).await.unwrap();
    house.scene.clock.set(extended.invitation.expires_at - Duration::microseconds(1));
    assert!(house.redeem_code(&code).await.is_ok(), "extending keeps the code");
}

#[tokio::test]
async fn r7_5_slug_and_id_name_the_organisation_and_so_does_a_slug_it_had() {
    let house = House::new().await;
    let id = house.scene.organization.id;
    let code = code_of(&house.issue(&house.owner(), "ada@example.org").await);
    let opens = async |organization: &str| {
        let secret = typed_for(organization, &code);
        house.service.preview(&secret, None, Some(CLIENT)).await
    };
    for name in ["house", &id.to_string(), &id.to_string().to_uppercase()] {
        assert_eq!(led_to(opens(name).await), id, "{name}");
    }
    let slug = Some(invite_domain::directory::Slug::parse("mansion").unwrap());
    let command = ChangeOrganization { slug, ..ChangeOrganization::default() };
    house.directory.change_organization(&house.owner(), command).await.unwrap();
    for name in ["house", "mansion", &id.to_string()] {
        assert_eq!(led_to(opens(name).await), id, "{name}");
    }
    house.directory.delete_organization(operator(&house).await, id, Origin::none()).await.unwrap();
    for name in ["house", "mansion", &id.to_string()] {
        assert_eq!(rejection(opens(name).await), Rejection::NotGenuine, "{name}");
    }
}

async fn operator(house: &House) -> Principal {
    let (key, _) = house.scene.new_operator_key();
    let principal = Principal::Operator(key.id);
    house.scene.administer(AdministrationChange::InsertOperatorKey(Box::new(key))).await;
    principal
}

#[tokio::test]
async fn r5_4_where_proof_is_required_a_code_only_sends_the_mailed_link() {
    let house = House::new().await;
    let command = Issue {
        reveal: Reveal::Asked,
        channels: Some(Vec::new()),
        ..house.invite("ada@example.org", &house.scene.roles.member)
    };
    let issued = house.service.issue(&house.owner(), command, None).await.unwrap();
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().claimed, 0);
    assert_eq!(rejection(house.redeem_code(&code_of(&issued)).await), Rejection::MailboxProofRequired);
    assert_eq!(house.store.account_by_address("ada@example.org").await.unwrap(), None);
    let link = house.mailed_token("ada@example.org").await;
    assert!(house.redeem(&link, None).await.unwrap().account.email_verified);
    assert_eq!(house.attempts_left(CLIENT).await, BUDGET);
}

#[tokio::test]
async fn r5_4_the_link_that_a_code_sends_goes_to_the_mailbox_also_where_the_code_came_by_sms() {
    let house = House::new().await;
    let subject = house.trucker(Some("adele"), Some(super::subjects::PHONE)).await;
    let by_sms = Issue { channels: Some(vec![Channel::Sms]), ..house.guest() };
    let named = invite_domain::port::SubjectRef::Id(subject.id);
    let view = house.subjects.invite(&house.owner(), subject.kind, named, by_sms).await.unwrap();
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 1);
    let code = view.secrets.unwrap().code.unwrap().expose().to_owned();
    assert_eq!(rejection(house.redeem_code(&code).await), Rejection::MailboxProofRequired);
    house.dispatcher.run_once(10).await.unwrap();
    let mailed = house.notifier.last_to(&house.scene.address("adele")).expect("a mail to the stored address");
    assert!(house.redeem(mailed.token.expose(), None).await.unwrap().account.email_verified);
}

#[tokio::test]
async fn r5_3_a_code_never_replays() {
    let house = House::without_mailbox_proof().await;
    let code = code_of(&house.issue(&house.owner(), "ada@example.org").await);
    let first = Redeem {
        secret: house.typed(&code),
        idempotency: Some(keyed("mine", 1)),
        ..redeem("", Some("a long enough one"))
    };
    let redeemed = house.service.redeem(first.clone()).await.unwrap();
    let (verified, commits) = (house.hasher.verified(), house.counted.commits());
    let signed_in = Redeem { caller: Some(redeemed.account.id), ..first.clone() };
    for again in [first.clone(), signed_in, Redeem { idempotency: None, ..first }] {
        assert_eq!(rejection(house.service.redeem(again).await), Rejection::NotGenuine);
    }
    assert_eq!((house.hasher.verified(), house.counted.commits()), (verified, commits), "no password was compared");
}

#[tokio::test]
async fn r7_8_a_code_made_under_a_key_that_verifies_still_opens_and_a_retired_keys_does_not() {
    let house = House::without_mailbox_proof().await;
    let [ada, bob] = ["ada@example.org", "bob@example.org"];
    let (ada, bob) = (house.issue(&house.owner(), ada).await, house.issue(&house.owner(), bob).await);
    let old = house.scene.ring.active().unwrap();
    let (rotated, new) = house.scene.ring.rotate(&*house.scene.entropy).unwrap();
    let activated = rotated.activate(new).unwrap();
    house.keys.put(activated.clone());
    assert_eq!(house.redeem_code(&code_of(&ada)).await.unwrap().invitation.key_id, old);
    house.keys.put(activated.retire(old).unwrap());
    assert_eq!(rejection(house.redeem_code(&code_of(&bob)).await), Rejection::NotGenuine);
    let again = Resend { reveal: Reveal::Asked, ..Resend::default() };
    let resent = house.service.resend(&house.owner(), bob.record.invitation.id, again, None).await.unwrap();
    let redeemed = house.redeem_code(&code_of(&resent)).await.unwrap();
    assert_eq!((redeemed.invitation.key_id, redeemed.redemption.generation), (new, 2));
}

#[tokio::test]
async fn r5_6_a_code_joins_an_existing_account_only_where_that_is_signed_in() {
    let house = House::without_mailbox_proof().await;
    let other = Scene::create(Arc::new(house.store.clone()), "other").await;
    let mia = &other.member.account;
    let code = code_of(&house.issue(&house.owner(), mia.email_key().unwrap()).await);
    let commits = house.counted.commits();
    assert_eq!(rejection(house.redeem_code(&code).await), Rejection::SignInRequired);
    let by_another = Redeem { caller: Some(other.admin.account.id), ..with(house.typed(&code)) };
    assert!(matches!(rejection(house.service.redeem(by_another).await), Rejection::WrongRecipient { .. }));
    assert_eq!(house.counted.commits(), commits);
    let own = Redeem { caller: Some(mia.id), ..with(house.typed(&code)) };
    let redeemed = house.service.redeem(own).await.unwrap();
    assert_eq!((redeemed.account.id, redeemed.account.version), (mia.id, mia.version), "it is untouched");
    assert!(redeemed.session.is_none(), "who is signed in has a session");
    assert_eq!(redeemed.member.unwrap().membership.account_id, mia.id);
}

#[tokio::test]
async fn r5_6_a_code_takes_no_address_from_a_squatter() {
    let house = House::without_mailbox_proof().await;
    let squatter =
        invite_domain::directory::Account { email_verified: false, ..house.scene.account("ada@example.org") };
    let insert = invite_domain::invitation::DirectoryChange::InsertAccount(Box::new(squatter.clone()));
    house.scene.apply(invite_domain::invitation::Plan { directory: vec![insert], ..Default::default() }).await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    assert_eq!(rejection(house.redeem_code(&code_of(&issued)).await), Rejection::SignInRequired);
    let link = house.mailed_token("ada@example.org").await;
    let redeemed = house.redeem(&link, None).await.unwrap();
    assert_eq!(redeemed.account.id, squatter.id);
    assert!(redeemed.account.email_verified && redeemed.account.password.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r4_6_of_16_people_with_one_code_and_a_revocation_exactly_one_wins() {
    for _ in 0..20 {
        let house = Arc::new(House::without_mailbox_proof().await);
        let issued = house.issue(&house.owner(), "ada@example.org").await;
        let (id, code) = (issued.record.invitation.id, code_of(&issued));
        let people: Vec<_> = (0..16)
            .map(|number| {
                let (house, code) = (Arc::clone(&house), code.clone());
                tokio::spawn(async move {
                    let client = Some(format!("192.0.2.{number}"));
                    house.service.redeem(Redeem { client, ..with(house.typed(&code)) }).await
                })
            })
            .collect();
        let revoked = house.service.revoke(&house.owner(), id, Revoke::default()).await.is_ok();
        let mut won = usize::from(revoked);
        for person in people {
            match person.await.unwrap() {
                Ok(_) => won += 1,
                refused => {
                    let refused = rejection(refused);
                    // Who had looked the code up before it was used is told of that.
                    assert!(matches!(refused, Rejection::NotGenuine | Rejection::Dead(_)), "{refused:?}");
                }
            }
        }
        assert_eq!(won, 1);
        let state = house.scene.record(id).await.unwrap().invitation.state;
        assert_eq!(matches!(state, State::Revoked { .. }), revoked);
    }
}

#[test]
fn log_1_a_code_is_in_no_debug_text() {
    let printed = format!("{:?}", typed_for("acme", "6KNS-4129-2BR"));
    assert!(printed.contains("acme") && !printed.contains("6KNS"), "{printed}");
}
