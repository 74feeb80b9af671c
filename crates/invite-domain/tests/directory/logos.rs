use super::{Desk, desk::rejection};
use invite_domain::{
    directory::{Accent, ChangeOrganization, Logo},
    invitation::{EventKind, Fact, Rejection},
    page::PageRequest,
    port::{EventFilter, InvitationStore as _},
};

fn png(width: u8) -> Logo {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend([0, 0, 0, width, 0, 0, 0, 8]);
    Logo::parse(&bytes).unwrap()
}

/// What the trail says was changed, in order.
async fn trail(desk: &Desk) -> Vec<Fact> {
    let filter = EventFilter { kind: Some(EventKind::OrganizationChanged), ..EventFilter::default() };
    let page = PageRequest::first(100);
    let events = desk.store.events(desk.scene.organization.id, &filter, &page).await.unwrap().items;
    events.into_iter().map(|event| event.data["fields"].clone()).collect()
}

#[tokio::test]
async fn a_logo_is_put_replaced_and_removed_and_anybody_may_see_it() {
    let desk = Desk::new().await;
    let (old, new) = (png(8), png(9));
    let changed = desk.service.set_logo(&desk.owner(), old.clone()).await.unwrap();
    assert_eq!((changed.look.logo, changed.version), (Some(old.id()), 2));
    assert_eq!(desk.service.logo(&old.id()).await.unwrap(), Some(old.clone()));
    let same = desk.service.set_logo(&desk.owner(), old.clone()).await.unwrap();
    assert_eq!(same.version, 2, "nothing changed");
    let changed = desk.service.set_logo(&desk.owner(), new.clone()).await.unwrap();
    assert_eq!((changed.look.logo.clone(), changed.version), (Some(new.id()), 3));
    assert_eq!(desk.service.organization(&desk.owner()).await.unwrap().look, changed.look);
    assert_eq!(desk.service.logo(&old.id()).await.unwrap(), None);
    let removed = desk.service.remove_logo(&desk.owner()).await.unwrap();
    assert_eq!((removed.look.logo, removed.version), (None, 4));
    assert_eq!(desk.service.remove_logo(&desk.owner()).await.unwrap().version, 4);
    assert_eq!(desk.service.logo(&new.id()).await.unwrap(), None);
    assert_eq!(trail(&desk).await, vec![Fact::Words(vec!["logo".to_owned()]); 3]);
}

#[tokio::test]
async fn a_colour_is_set_and_taken_away() {
    let desk = Desk::new().await;
    let accent = Accent::parse("#1a56b0").unwrap();
    for chosen in [Some(accent), None] {
        let change = ChangeOrganization { accent: Some(chosen), ..ChangeOrganization::default() };
        let changed = desk.service.change_organization(&desk.owner(), change).await.unwrap();
        assert_eq!(changed.look.accent, chosen);
    }
    assert_eq!(trail(&desk).await, vec![Fact::Words(vec!["accent".to_owned()]); 2]);
}

#[tokio::test]
async fn a_logo_is_for_those_who_may_change_the_organisation() {
    let desk = Desk::new().await;
    for refused in [desk.service.set_logo(&desk.member(), png(8)).await, desk.service.remove_logo(&desk.member()).await]
    {
        assert!(matches!(rejection(refused), Rejection::Forbidden { permission: "organization.write" }));
    }
    assert_eq!(desk.service.logo(&png(8).id()).await.unwrap(), None);
}
