//! Colours and logos.

use crate::{Scene, contract::Subject, fixtures::plans::deleted};
use invite_domain::{
    directory::{Accent, Logo, Look, Organization},
    invitation::AdministrationChange,
    port::OrganizationRef,
};

/// An image of this width, as large as a logo may be, with every byte in it.
fn image(width: u8) -> Logo {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0".to_vec();
    bytes.push(width);
    bytes.extend(32_u32.to_be_bytes());
    bytes.extend((0..=u8::MAX).cycle().take(Logo::MAX_BYTES - bytes.len()));
    Logo::parse(&bytes).unwrap()
}

async fn put(scene: &Scene, logo: &Logo) {
    scene.administer(AdministrationChange::PutLogo(scene.organization.id, logo.clone(), scene.now())).await;
}

/// Both ports find the logo, or neither does.
async fn found(subject: &Subject, logo: &Logo) -> bool {
    let by_anybody = subject.directory().logo(&logo.id()).await.unwrap();
    assert_eq!(subject.outbox.load_logo(&logo.id()).await.unwrap(), by_anybody);
    assert!(by_anybody.as_ref().is_none_or(|found| found == logo), "not a byte is another");
    by_anybody.is_some()
}

pub(in crate::contract) async fn a_logo_is_found_by_its_content_until_another_takes_its_place(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (old, new) = (image(8), image(9));
    assert!(!found(&subject, &old).await);
    put(&scene, &old).await;
    assert!(found(&subject, &old).await);
    put(&scene, &old).await;
    assert!(found(&subject, &old).await, "the same once more");
    put(&scene, &new).await;
    assert!(!found(&subject, &old).await && found(&subject, &new).await);
    scene.administer(AdministrationChange::RemoveLogo(scene.organization.id)).await;
    assert!(!found(&subject, &new).await);
    put(&scene, &new).await;
    scene.apply(scene.plan_organization(1, deleted(&scene.organization, scene.now()))).await;
    assert!(!found(&subject, &new).await, "its organisation is deleted");
}

pub(in crate::contract) async fn two_organizations_may_have_one_logo(subject: Subject) {
    let (acme, globex) = (subject.scene("acme").await, subject.scene("globex").await);
    let logo = image(8);
    put(&acme, &logo).await;
    put(&globex, &logo).await;
    acme.administer(AdministrationChange::RemoveLogo(acme.organization.id)).await;
    assert!(found(&subject, &logo).await, "the other one has it still");
    globex.administer(AdministrationChange::RemoveLogo(globex.organization.id)).await;
    assert!(!found(&subject, &logo).await);
}

pub(in crate::contract) async fn an_organization_keeps_its_colour_and_the_name_of_its_logo(subject: Subject) {
    let scene = subject.scene("acme").await;
    let logo = image(8);
    put(&scene, &logo).await;
    let accents = ["#000000", "#1a56b0", "#ffffff"].map(|text| Some(Accent::parse(text).unwrap()));
    let accents = accents.into_iter().chain([None]);
    let looks = accents.flat_map(|accent| [Some(logo.id()), None].map(|logo| Look { accent, logo }));
    for (version, look) in (2..).zip(looks) {
        let next = Organization { look, version, ..scene.organization.clone() };
        scene.administer(AdministrationChange::UpdateOrganization(Box::new(next.clone()))).await;
        let found = subject.directory().organization(&OrganizationRef::Id(next.id)).await.unwrap();
        assert_eq!(found.unwrap(), next);
    }
}
