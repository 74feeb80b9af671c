use super::*;
use crate::{
    access::{ActorKind, test_support::World},
    directory::PasswordHash,
    invitation::MessageKind,
    secret::{credential::CredentialKind, test_support::Counting},
};

const OPERATOR: Actor = Actor { kind: ActorKind::Operator, id: None };

fn command(name: &str) -> NewOrganization {
    let owner_email = EmailAddress::parse("Olga@Example.org").unwrap();
    NewOrganization { name: name.into(), slug: None, owner_email, locale: Some("fr".into()) }
}

fn founded(at_address: Option<&OwnerFacts>) -> Founded {
    let key = CredentialText::generate(CredentialKind::ApiKey, &Counting::default());
    let (world, slug) = (World::default(), Slug::parse("acme").unwrap());
    found(&world.context(), OPERATOR, &command(" Acme "), slug, at_address, "owner", &key).unwrap()
}

fn account(email_verified: bool, password: bool) -> Account {
    let DirectoryChange::InsertAccount(account) = founded(None).plan.directory.remove(0) else { unreachable!() };
    let password = password.then(|| PasswordHash::new("hash"));
    Account { email_verified, password, version: 8, ..*account }
}

fn links(plan: &Plan) -> Vec<&AccountToken> {
    let links = plan.administration.iter().filter_map(|change| match change {
        AdministrationChange::PutAccountToken(link) => Some(&**link),
        _ => None,
    });
    links.collect()
}

#[test]
fn r6_1_a_new_organisation_has_the_system_roles_an_owner_and_his_key() {
    let Founded { plan, organization, owner, api_key, owner_link } = founded(None);
    assert_eq!((organization.name.as_str(), organization.slug.as_str()), ("Acme", "acme"));
    assert_eq!((organization.authority_epoch, organization.version, organization.number), (1, 1, 0));
    let roles = plan.administration.iter().filter_map(|change| match change {
        AdministrationChange::InsertRole(role) => Some(role),
        _ => None,
    });
    let roles: Vec<_> = roles.collect();
    let systems: Vec<_> = roles.iter().filter_map(|role| role.system).collect();
    assert_eq!(systems, SystemRole::ALL);
    assert_eq!(owner.role_id, Some(roles[0].id));
    assert!(roles.iter().all(|role| role.organization_id == organization.id && role.permissions.is_empty()));
    assert_eq!(
        (&api_key.permissions, api_key.created_by, api_key.name.as_str()),
        (&Held::Everything, owner.id, "owner")
    );
    assert_eq!(owner_link.unwrap().account_id, owner.account_id);
    let kinds: Vec<_> = plan.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::MembershipCreated, EventKind::ApiKeyCreated]);
    assert!(plan.events.iter().all(|event| event.actor == OPERATOR && event.organization_id == organization.id));
}

#[test]
fn r7_9_a_new_owner_has_an_unverified_account_and_a_link_of_a_day() {
    let Founded { plan, owner_link, .. } = founded(None);
    let DirectoryChange::InsertAccount(account) = &plan.directory[0] else { unreachable!("{:?}", plan.directory) };
    assert!(!account.email_verified && account.password.is_none() && account.name.is_none());
    assert!(plan.guards.contains(&Guard::Free(UniqueKey::AccountAddress("Olga@example.org".to_lowercase()))));
    let link = owner_link.unwrap();
    assert_eq!((links(&plan), &plan.messages[..]), (vec![&link], &[][..]));
    assert_eq!(link.expires_at - link.created_at, Duration::hours(24));
    assert_eq!((link.purpose, link.counter, link.used_at), (AccountPurpose::OwnerLink, 1, None));
}

#[test]
fn r7_9_no_link_is_made_to_an_account_whose_address_is_verified() {
    let link = founded(None).owner_link;
    for (password, owner_link) in [(true, None), (false, None), (true, link)] {
        let facts = OwnerFacts { account: account(true, password), owner_link };
        let Founded { plan, owner, owner_link, .. } = founded(Some(&facts));
        assert_eq!((owner_link, links(&plan), &plan.messages[..]), (None, vec![], &[][..]));
        assert_eq!(owner.account_id, facts.account.id);
        assert!(plan.guards.contains(&Guard::AccountAt(facts.account.id, 8)));
        let [DirectoryChange::InsertMembership(_)] = &plan.directory[..] else { unreachable!("{:?}", plan.directory) };
    }
}

#[test]
fn r7_9_the_link_to_an_older_unverified_account_is_mailed_and_never_answered() {
    let link = founded(None).owner_link.unwrap();
    for (password, previous, counter) in [(true, None, 1), (false, None, 1), (true, Some(1), 2), (false, Some(255), 0)]
    {
        let previous = previous.map(|counter| AccountToken { counter, ..link.clone() });
        let facts = OwnerFacts { account: account(false, password), owner_link: previous };
        let Founded { plan, organization, owner, owner_link, .. } = founded(Some(&facts));
        assert_eq!(owner_link, None);
        assert_eq!(owner.account_id, facts.account.id);
        let [put] = &links(&plan)[..] else { unreachable!("{:?}", plan.administration) };
        assert_eq!((put.account_id, put.purpose, put.counter), (owner.account_id, AccountPurpose::OwnerLink, counter));
        assert_eq!(put.expires_at - put.created_at, Duration::hours(24));
        let [message] = &plan.messages[..] else { unreachable!("{:?}", plan.messages) };
        let kind = MessageKind::Account { account_id: owner.account_id, purpose: AccountPurpose::OwnerLink, counter };
        assert_eq!((&message.kind, message.organization_id), (&kind, Some(organization.id)));
        assert!(plan.guards.contains(&Guard::AccountAt(facts.account.id, 8)));
        let [
            DirectoryChange::EndCredentials(ended, _),
            DirectoryChange::UpdateAccount(emptied),
            DirectoryChange::InsertMembership(_),
        ] = &plan.directory[..]
        else {
            unreachable!("{:?}", plan.directory)
        };
        // Who holds the credentials of an unverified account is not owner of the new organisation by them.
        assert_eq!((*ended, emptied.id, emptied.password.as_ref()), (owner.account_id, owner.account_id, None));
    }
}

#[test]
fn a_name_or_language_that_cannot_be_is_named() {
    let key = CredentialText::generate(CredentialKind::ApiKey, &Counting::default());
    let command = NewOrganization { locale: Some("?".into()), ..command(" ") };
    let (world, slug) = (World::default(), Slug::parse("acme").unwrap());
    let refused = found(&world.context(), OPERATOR, &command, slug, None, "owner", &key).unwrap_err();
    let Rejection::Invalid(errors) = refused else { unreachable!("{refused:?}") };
    assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), ["/name", "/locale"]);
}
