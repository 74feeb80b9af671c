//! Instants and text of the directory at their boundaries, and pages that stand while rows come and go.

use crate::contract::{Subject, boundary_instants, stood, walk_by_two};
use chrono::Duration;
use invite_domain::{
    access::Role,
    directory::{Account, AccountToken, ApiKey, Membership, Organization, Session},
    invitation::{AdministrationChange, DirectoryChange, Plan},
    port::{CredentialFacts, OrganizationRef},
    secret::{account_token::AccountPurpose, credential::CredentialText, token::Nonce},
};
use uuid::Uuid;

pub(in crate::contract) async fn pages_of_roles_members_and_keys_stand_while_rows_come_and_go(subject: Subject) {
    let scene = subject.scene("acme").await;
    let organization = scene.organization.id;
    let (mut roles, mut members, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..7 {
        scene.pass(Duration::microseconds(1));
        let role = scene.role(&format!("Rolle {i}"), &["a.b"]);
        scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
        roles.push(role);
        members.push(scene.join(&format!("a{i}"), &scene.roles.guest).await.membership);
        let (key, _) = scene.new_api_key(&scene.owner.membership);
        scene.administer(AdministrationChange::InsertApiKey(Box::new(key.clone()))).await;
        keys.push(key);
    }
    let mut come = 0;
    let walked = walk_by_two(
        async |page| subject.directory().roles(organization, page).await,
        |role| role.id.as_uuid(),
        async |last| {
            come += 1;
            for gone in roles.iter().filter(|role| role.id.as_uuid() == last) {
                scene.administer(AdministrationChange::DeleteRole(organization, gone.id)).await;
            }
            // One before wherever the reader is.
            let before =
                Role { created_at: scene.now() - Duration::days(1), ..scene.role(&format!("Frühe {come}"), &[]) };
            scene.administer(AdministrationChange::InsertRole(Box::new(before))).await;
        },
    )
    .await;
    stood(&walked, roles.iter().map(|role| role.id.as_uuid()), "roles");

    let walked = walk_by_two(
        async |page| subject.directory().members(organization, None, page).await,
        |record| record.member.membership.id.as_uuid(),
        async |last| {
            come += 1;
            for gone in members.iter().filter(|member| member.id.as_uuid() == last) {
                scene.administer(AdministrationChange::RemoveMembership(organization, gone.id)).await;
            }
            let account = scene.account(&format!("early{come}"));
            let member = Membership { created_at: scene.now() - Duration::days(1), ..scene.membership(&account, None) };
            let directory = vec![
                DirectoryChange::InsertAccount(Box::new(account)),
                DirectoryChange::InsertMembership(Box::new(member)),
            ];
            scene.apply(Plan { directory, ..Plan::default() }).await;
        },
    )
    .await;
    stood(&walked, members.iter().map(|member| member.id.as_uuid()), "members");

    let walked = walk_by_two(
        async |page| subject.directory().api_keys(organization, page).await,
        |key| key.id.as_uuid(),
        async |last: Uuid| {
            for gone in keys.iter().filter(|key| key.id.as_uuid() == last) {
                let revoked = ApiKey { revoked_at: Some(scene.now()), version: 2, ..gone.clone() };
                scene.administer(AdministrationChange::UpdateApiKey(Box::new(revoked))).await;
            }
        },
    )
    .await;
    stood(&walked, keys.iter().map(|key| key.id.as_uuid()), "keys");
}

pub(in crate::contract) async fn people_keep_instants_and_text_as_they_were_written(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut organization = scene.organization.clone();
    let texts = ["", " both ", "e\u{301}", "\u{e9}", "👩‍👩‍👧‍👦", "a\nb", "null", "'\\\"", "\u{10FFFD}", "ﬁ"];
    for (i, (at, text)) in boundary_instants().into_iter().zip(texts).enumerate() {
        let mut account = Account {
            name: Some(text.into()),
            profile: Some(text.into()),
            last_sign_in_at: Some(at),
            previous_sign_in_at: Some(at),
            created_at: at,
            ..scene.account(&format!("a{i}"))
        };
        let (text_of_session, session) = Session::begin(account.id, scene.now(), &*scene.entropy);
        let session = Session { created_at: at, last_seen_at: at, expires_at: at, ..session };
        let directory = vec![
            DirectoryChange::InsertAccount(Box::new(account.clone())),
            DirectoryChange::InsertSession(Box::new(session.clone())),
        ];
        let link = AccountToken {
            account_id: account.id,
            purpose: AccountPurpose::PasswordReset,
            counter: 1,
            key_id: scene.ring.active().unwrap(),
            nonce: Some(Nonce::generate(&*scene.entropy)),
            created_at: at,
            expires_at: at,
            used_at: Some(at),
            address: None,
        };
        let (key, text_of_key) = scene.new_api_key(&scene.owner.membership);
        let (_, older) = scene.new_operator_key();
        let mut key = ApiKey {
            name: text.into(),
            previous: Some((CredentialText::digest(&older), at)),
            created_at: at,
            expires_at: Some(at),
            last_used_at: Some(at),
            revoked_at: Some(at),
            ..key
        };
        organization = Organization {
            name: text.into(),
            profile: text.into(),
            updated_at: at,
            version: organization.version + 1,
            ..organization
        };
        let administration = vec![
            AdministrationChange::PutAccountToken(Box::new(link.clone())),
            AdministrationChange::InsertApiKey(Box::new(key.clone())),
            AdministrationChange::UpdateOrganization(Box::new(organization.clone())),
        ];
        let written = scene.apply(Plan { administration, directory, ..Plan::default() }).await;
        account.number = written.number_of(account.id.as_uuid());
        key.number = written.number_of(key.id.as_uuid());

        let directory = subject.directory();
        assert_eq!(directory.account(account.id).await.unwrap().as_ref(), Some(&account), "{at} {text:?}");
        let found = directory.credential(&text_of_session.digest()).await.unwrap();
        assert_eq!(found, Some(CredentialFacts::Session(Box::new(session), Box::new(account.clone()))), "{at}");
        assert_eq!(directory.account_token(account.id, link.purpose).await.unwrap(), Some(link), "{at}");
        let found = directory.credential(&text_of_key.digest()).await.unwrap();
        assert_eq!(found, Some(CredentialFacts::ApiKey(Box::new(key))), "{at} {text:?}");
        let found = directory.organization(&OrganizationRef::Id(organization.id)).await.unwrap();
        assert_eq!(found.as_ref(), Some(&organization), "{at} {text:?}");
    }
}
