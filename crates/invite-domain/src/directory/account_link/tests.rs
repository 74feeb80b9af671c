use super::*;
use crate::{
    access::test_support::{World, now},
    email::EmailAddress,
    secret::{account_token::mint, test_support::vector_ring},
};
use uuid::Uuid;

fn account() -> Account {
    let email = EmailAddress::parse("olga@example.org").ok();
    Account { number: 1, version: 2, ..Account::new(AccountId::from_uuid(Uuid::from_u128(7)), email, now()) }
}

fn row() -> AccountToken {
    let world = World::default();
    new_link(&world.context(), account().id, AccountPurpose::PasswordReset, None, RESET_LIFETIME)
}

fn token_of(row: &AccountToken) -> ParsedAccountToken {
    token_that_left(row, Provenance::Mailed)
}

fn token_that_left(row: &AccountToken, provenance: Provenance) -> ParsedAccountToken {
    let ring = vector_ring();
    let text = mint(&ring, &binding(row).unwrap(), provenance).unwrap();
    ParsedAccountToken::parse(text.expose(), &ring).unwrap()
}

fn judge(token: &ParsedAccountToken, row: Option<&AccountToken>, now: Timestamp) -> Result<(), Rejection> {
    examine(&vector_ring(), token, Some(&account()), row, now)
}

#[test]
fn r7_9_a_link_is_good_until_its_end_to_the_microsecond() {
    let row = row();
    let (token, micro) = (token_of(&row), Duration::microseconds(1));
    assert_eq!(row.expires_at, now() + Duration::hours(1));
    assert_eq!(judge(&token, Some(&row), now()), Ok(()));
    assert_eq!(judge(&token, Some(&row), row.expires_at - micro), Ok(()));
    for at in [row.expires_at, row.expires_at + micro] {
        assert_eq!(judge(&token, Some(&row), at), Err(Rejection::AccountLinkEnded { expired: true }));
    }
}

#[test]
fn r7_9_a_used_deleted_or_replaced_link_has_ended_and_a_strangers_is_not_genuine() {
    let row = row();
    let token = token_of(&row);
    let ended = Err(Rejection::AccountLinkEnded { expired: false });
    let used = AccountToken { nonce: None, used_at: Some(now()), ..row.clone() };
    let replaced = AccountToken { counter: row.counter.wrapping_add(1), ..row.clone() };
    assert_eq!(judge(&token, Some(&used), now()), ended);
    assert_eq!(judge(&token, Some(&replaced), now()), ended);
    assert_eq!(judge(&token, None, now()), ended, "deleted");
    assert_eq!(examine(&vector_ring(), &token, None, None, now()), Err(Rejection::NotGenuine));
    let other = AccountToken { nonce: Some(Nonce::from_bytes([1; 32])), ..row };
    assert_eq!(judge(&token, Some(&other), now()), Err(Rejection::NotGenuine));
}

#[test]
fn r7_9_a_link_that_was_not_mailed_ends_with_the_first_password_or_proof() {
    let row = row();
    let judged = |provenance, email_verified, password: bool| {
        let password = password.then(|| PasswordHash::new("hash"));
        let account = Account { email_verified, password, ..account() };
        examine(&vector_ring(), &token_that_left(&row, provenance), Some(&account), Some(&row), now())
    };
    for provenance in [Provenance::Answer, Provenance::Revealed, Provenance::Export] {
        assert_eq!(judged(provenance, false, false), Ok(()));
        for (verified, password) in [(true, false), (false, true), (true, true)] {
            let ended = Err(Rejection::AccountLinkEnded { expired: false });
            assert_eq!(judged(provenance, verified, password), ended, "{provenance:?} {verified} {password}");
        }
    }
    for (verified, password) in [(false, false), (true, false), (false, true), (true, true)] {
        assert_eq!(judged(Provenance::Mailed, verified, password), Ok(()));
    }
    // Whoever does not hold the link itself learns nothing of the account.
    let other = AccountToken { nonce: Some(Nonce::from_bytes([1; 32])), ..row.clone() };
    let verified = Account { email_verified: true, ..account() };
    let token = token_that_left(&row, Provenance::Answer);
    let judged = examine(&vector_ring(), &token, Some(&verified), Some(&other), now());
    assert_eq!(judged, Err(Rejection::NotGenuine));
}

#[test]
fn r7_9_a_reset_puts_the_next_link_and_one_message_that_names_it() {
    let world = World::default();
    let first = password_reset(&world.context(), &account(), None);
    let [AdministrationChange::PutAccountToken(first)] = &first.administration[..] else {
        unreachable!("{:?}", first.administration)
    };
    let previous = AccountToken { counter: 255, ..(**first).clone() };
    let plan = password_reset(&world.context(), &account(), Some(&previous));
    let [AdministrationChange::PutAccountToken(link)] = &plan.administration[..] else {
        unreachable!("{:?}", plan.administration)
    };
    assert_eq!((link.counter, link.purpose), (0, AccountPurpose::PasswordReset));
    assert_ne!(link.nonce, previous.nonce);
    let kind = MessageKind::Account { account_id: account().id, purpose: AccountPurpose::PasswordReset, counter: 0 };
    let [message] = &plan.messages[..] else { unreachable!("{:?}", plan.messages) };
    assert_eq!((&message.kind, message.organization_id), (&kind, None));
}

#[test]
fn r7_3_only_a_mailed_link_verifies_the_address() {
    let world = World::default();
    for (provenance, verified) in
        [(Provenance::Mailed, true), (Provenance::Answer, false), (Provenance::Revealed, false)]
    {
        let hash = PasswordHash::new("hash");
        let (plan, next) = confirm(&world.context(), &account(), &row(), provenance, hash.clone());
        assert_eq!((next.email_verified, next.version, next.password), (verified, 3, Some(hash)));
        let link = Guard::LinkUnused { account_id: next.id, purpose: AccountPurpose::PasswordReset, counter: 1 };
        assert_eq!(plan.guards, [link, Guard::AccountAt(next.id, 2)]);
        let Some(AdministrationChange::PutAccountToken(used)) = plan.administration.last() else {
            unreachable!("{:?}", plan.administration)
        };
        assert_eq!((used.nonce.as_ref(), used.used_at), (None, Some(now())));
    }
    let verified = Account { email_verified: true, ..account() };
    let (_, next) = confirm(&world.context(), &verified, &row(), Provenance::Answer, PasswordHash::new("hash"));
    assert!(next.email_verified, "what was shown once stays shown");
}

#[test]
fn r5_6_the_first_proof_of_the_mailbox_ends_all_credentials_and_later_ones_the_sessions() {
    let world = World::default();
    for (was_verified, provenance, all) in [
        (false, Provenance::Mailed, true),
        (true, Provenance::Mailed, false),
        (false, Provenance::Answer, false),
        (false, Provenance::Revealed, false),
    ] {
        let account = Account { email_verified: was_verified, ..account() };
        let (plan, next) = confirm(&world.context(), &account, &row(), provenance, PasswordHash::new("hash"));
        let updated = DirectoryChange::UpdateAccount(Box::new(next));
        let ended = DirectoryChange::EndCredentials(account.id, now());
        assert_eq!(plan.directory, if all { vec![ended, updated] } else { vec![updated] });
        let ends_sessions = plan.administration.contains(&AdministrationChange::EndSessions(account.id));
        assert_eq!(ends_sessions, !all, "{was_verified} {provenance:?}");
    }
}

#[test]
fn r5_7_a_chosen_password_is_held_to_the_rules() {
    let refused = |text: &str| choose("/password", &Password::typed(text)).unwrap_err();
    let code = |rejection: Rejection| match rejection {
        Rejection::Invalid(errors) => (errors[0].pointer.clone(), errors[0].code),
        other => (format!("{other:?}"), FieldCode::Unknown),
    };
    assert_eq!(code(refused("short")), ("/password".into(), FieldCode::OutOfRange));
    assert_eq!(code(refused(&"x".repeat(129))), ("/password".into(), FieldCode::OutOfRange));
    assert_eq!(code(refused("Password1")), ("/password".into(), FieldCode::Invalid));
    assert!(choose("/password", &Password::typed("correct horse battery")).is_ok());
}
