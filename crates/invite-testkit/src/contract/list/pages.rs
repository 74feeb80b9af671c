//! Order and pages.

use super::filters::listed;
use crate::{Scene, contract::Subject};
use chrono::Duration;
use invite_domain::{
    id::InvitationId,
    invitation::Invitation,
    page::PageRequest,
    port::{InvitationFilter, SortKey},
};

const SORTS: [SortKey; 3] = [SortKey::CreatedAt, SortKey::ExpiresAt, SortKey::Email];

/// Walks all pages of this many rows; `between` runs after each.
async fn walk(
    scene: &Scene,
    filter: &InvitationFilter,
    limit: u32,
    mut between: impl AsyncFnMut(usize),
) -> Vec<InvitationId> {
    let mut page = PageRequest::first(limit);
    let mut walked = Vec::new();
    for count in 0..100 {
        let found = scene.store.list(scene.organization.id, filter, &page, scene.now()).await.unwrap();
        assert!(found.items.len() <= usize::try_from(limit).unwrap(), "at most as many rows as asked for");
        assert_eq!(found.total, None, "counted only where that is asked for");
        walked.extend(found.items.iter().map(|record| record.invitation.id));
        let Some(next) = found.next else { return walked };
        assert_eq!(found.items.len(), usize::try_from(limit).unwrap(), "a page that is not the last is full");
        page.after = Some(next);
        between(count).await;
    }
    unreachable!("the pages do not end");
}

/// Issues invitations whose three sort keys each go another way.
async fn issue_some(scene: &Scene) -> Vec<Invitation> {
    let mut issued = Vec::new();
    for (i, address) in ["mia", "Zoe", "ana", "zoë", "Bob", "a_b"].into_iter().enumerate() {
        scene.pass(Duration::microseconds(1));
        let mut invitation = scene.invitation(address);
        let days = [3, 1, 2, 6, 4, 5][i];
        invitation.expires_at = invitation.created_at + Duration::days(days);
        issued.push(scene.issue_this(invitation).await);
    }
    issued
}

pub(in crate::contract) async fn the_list_sorts_by_every_key_in_both_directions(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut issued = issue_some(&scene).await;
    for sort in SORTS {
        issued.sort_by(|one, other| match sort {
            SortKey::CreatedAt => one.created_at.cmp(&other.created_at),
            SortKey::ExpiresAt => one.expires_at.cmp(&other.expires_at),
            SortKey::Email => one.recipient.key().cmp(other.recipient.key()),
        });
        let mut expected: Vec<_> = issued.iter().map(|invitation| invitation.id).collect();
        for descending in [false, true] {
            let filter = InvitationFilter { sort, descending, ..InvitationFilter::default() };
            let found: Vec<_> = listed(&scene, &filter).await.iter().map(|record| record.invitation.id).collect();
            assert_eq!(found, expected, "{sort:?}, descending: {descending}");
            for limit in [1, 2, 5, 6, 7] {
                assert_eq!(walk(&scene, &filter, limit, async |_| ()).await, expected, "{sort:?} by {limit}");
            }
            expected.reverse();
        }
    }
}

pub(in crate::contract) async fn pages_of_rows_with_one_key_neither_skip_nor_repeat(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut expected = Vec::new();
    for i in 0..7 {
        // One instant for all, so that only the ids part them.
        expected.push(scene.issue(&format!("a{i}")).await.id);
    }
    expected.sort_unstable();
    for sort in [SortKey::CreatedAt, SortKey::ExpiresAt] {
        for descending in [false, true] {
            let filter = InvitationFilter { sort, descending, ..InvitationFilter::default() };
            for limit in [1, 2, 3, 7] {
                let walked = walk(&scene, &filter, limit, async |_| ()).await;
                assert_eq!(walked, expected, "{sort:?} by {limit}, descending: {descending}");
            }
            expected.reverse();
        }
    }
}

pub(in crate::contract) async fn pages_neither_skip_nor_repeat_while_rows_are_added(subject: Subject) {
    let scene = subject.scene("acme").await;
    let there: Vec<_> = issue_some(&scene).await.iter().map(|invitation| invitation.id).collect();
    for (round, sort) in SORTS.into_iter().enumerate() {
        for descending in [false, true] {
            let filter = InvitationFilter { sort, descending, ..InvitationFilter::default() };
            let walked = walk(&scene, &filter, 2, async |count| {
                // One before, one behind wherever the reader is.
                for name in ["0", "zzz"] {
                    let mut invitation = scene.invitation(&format!("{name}{round}{descending}{count}"));
                    let days = if name == "0" { 0 } else { 60 };
                    invitation.expires_at = invitation.created_at + Duration::days(days) + Duration::seconds(1);
                    if count < 3 {
                        scene.issue_this(invitation).await;
                    }
                }
            })
            .await;
            let mut unique = walked.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), walked.len(), "no row twice: {sort:?}, descending: {descending}");
            assert!(there.iter().all(|id| unique.contains(id)), "no row skipped: {sort:?}, descending: {descending}");
        }
    }
}

pub(in crate::contract) async fn a_total_counts_every_row_that_matches(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    issue_some(&scene).await;
    other.issue("ana").await;
    let mut page = PageRequest { include_total: true, ..PageRequest::first(2) };
    let query = Some("o".to_owned());
    let filter = InvitationFilter { query, role_id: Some(scene.roles.member.id), ..InvitationFilter::default() };
    for (filter, total) in [(InvitationFilter::default(), 6), (filter, 6)] {
        page.after = None;
        let first = scene.store.list(scene.organization.id, &filter, &page, scene.now()).await.unwrap();
        assert_eq!((first.items.len(), first.total), (2, Some(total)));
        page.after = first.next;
        let second = scene.store.list(scene.organization.id, &filter, &page, scene.now()).await.unwrap();
        assert_eq!(second.total, Some(total), "on every page");
    }
    let query = Some("zo".to_owned());
    let some = InvitationFilter { query, ..InvitationFilter::default() };
    page.after = None;
    let found = scene.store.list(scene.organization.id, &some, &page, scene.now()).await.unwrap();
    assert_eq!((found.items.len(), found.total, found.next), (2, Some(2), None));
}
