//! Order and pages.

use super::filters::listed;
use crate::{Scene, contract::Subject};
use chrono::Duration;
use invite_domain::{
    id::InvitationId,
    invitation::{Invitation, Status},
    page::PageRequest,
    port::{InvitationFilter, SortKey},
};

const SORTS: [SortKey; 5] =
    [SortKey::CreatedAt, SortKey::ExpiresAt, SortKey::Email, SortKey::Number, SortKey::DefaultRate];

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

/// Issues invitations whose sort keys each go another way, but for the number, which follows the time.
async fn issue_some(scene: &Scene) -> Vec<Invitation> {
    let mut issued = Vec::new();
    for (i, address) in ["mia", "Zoe", "ana", "zoë", "Bob", "a_b"].into_iter().enumerate() {
        scene.pass(Duration::microseconds(1));
        let mut invitation = scene.invitation(address);
        let days = [3, 1, 2, 6, 4, 5][i];
        invitation.expires_at = invitation.created_at + Duration::days(days);
        invitation.grant.default_rate = [Some(0), Some(-7), None, Some(i64::MAX), Some(2), Some(i64::MIN)][i];
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
            SortKey::Email => one.recipient.key().cmp(&other.recipient.key()),
            SortKey::Number => one.number.cmp(&other.number),
            SortKey::DefaultRate => one.grant.default_rate.cmp(&other.grant.default_rate),
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
    for sort in [SortKey::CreatedAt, SortKey::ExpiresAt, SortKey::DefaultRate] {
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

pub(in crate::contract) async fn no_rate_sorts_below_any_rate(subject: Subject) {
    let scene = subject.scene("acme").await;
    let rates = [Some(0), None, Some(-1), Some(i64::MAX), None, Some(10), Some(i64::MIN), Some(9), None, Some(0)];
    let mut issued = Vec::new();
    for (i, rate) in rates.into_iter().enumerate() {
        let mut invitation = scene.invitation(&format!("a{i}"));
        invitation.grant.default_rate = rate;
        issued.push(scene.issue_this(invitation).await);
    }
    issued.sort_by_key(|invitation| (invitation.grant.default_rate, invitation.id));
    let mut expected: Vec<_> = issued.iter().map(|invitation| invitation.id).collect();
    for descending in [false, true] {
        let filter = InvitationFilter { sort: SortKey::DefaultRate, descending, ..InvitationFilter::default() };
        for limit in [1, 2, 3, 10] {
            let walked = walk(&scene, &filter, limit, async |_| ()).await;
            assert_eq!(walked, expected, "by {limit}, descending: {descending}");
        }
        expected.reverse();
    }
}

pub(in crate::contract) async fn numbers_are_sorted_as_numbers(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitations: Vec<_> = (0..12).map(|i| scene.invitation(&format!("a{i}"))).collect();
    // The last first, so that neither ids nor time lead to the same order.
    for invitation in invitations.iter().rev() {
        scene.issue_this(invitation.clone()).await;
    }
    let mut expected: Vec<_> = invitations.iter().rev().map(|invitation| invitation.id).collect();
    for descending in [false, true] {
        let filter = InvitationFilter { sort: SortKey::Number, descending, ..InvitationFilter::default() };
        for limit in [1, 5, 12] {
            let walked = walk(&scene, &filter, limit, async |_| ()).await;
            assert_eq!(walked, expected, "by {limit}, descending: {descending}");
        }
        expected.reverse();
    }
}

pub(in crate::contract) async fn numbered_pages_are_cut_exactly_and_count_every_row(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    for i in 0..7 {
        let mut invitation = scene.invitation(&format!("a{i}"));
        invitation.grant.role_id = Some(if i == 3 { scene.roles.guest.id } else { scene.roles.member.id });
        let invitation = scene.issue_this(invitation).await;
        if i == 5 {
            scene.apply(scene.plan_revoke(&invitation)).await;
        }
        other.issue(&format!("a{i}")).await;
    }
    let all = InvitationFilter::default;
    let filters = [
        (all(), 7),
        (InvitationFilter { descending: true, sort: SortKey::Number, ..all() }, 7),
        (InvitationFilter { role_id: Some(scene.roles.member.id), sort: SortKey::DefaultRate, ..all() }, 6),
        (InvitationFilter { statuses: vec![Status::Pending], sort: SortKey::Email, ..all() }, 6),
        (InvitationFilter { statuses: vec![Status::Pending, Status::Revoked], sort: SortKey::Number, ..all() }, 7),
        (InvitationFilter { query: Some("nobody".into()), ..all() }, 0),
    ];
    for (filter, total) in filters {
        let rows: Vec<_> = listed(&scene, &filter).await.iter().map(|record| record.invitation.id).collect();
        assert_eq!(rows.len(), total);
        for limit in [1_u32, 2, 3, 7, 50] {
            let size = usize::try_from(limit).unwrap();
            for number in 1..=5_u64 {
                let page = PageRequest::numbered(number, limit);
                let found = scene.store.list(scene.organization.id, &filter, &page, scene.now()).await.unwrap();
                let ids: Vec<_> = found.items.iter().map(|record| record.invitation.id).collect();
                let skip = usize::try_from(page.skip).unwrap();
                let expected: Vec<_> = rows.iter().copied().skip(skip).take(size).collect();
                assert_eq!(ids, expected, "page {number} of {limit} rows: {filter:?}");
                assert_eq!(found.total, Some(total as u64), "page {number} of {limit} rows: {filter:?}");
                let more = skip + size < total;
                assert_eq!(found.next.is_some(), more && !expected.is_empty(), "page {number} of {limit} rows");
            }
        }
        // Further than engines count.
        for skip in [i64::MAX.unsigned_abs() - 1, i64::MAX.unsigned_abs(), u64::MAX] {
            let page = PageRequest { skip, include_total: true, ..PageRequest::first(2) };
            let found = scene.store.list(scene.organization.id, &filter, &page, scene.now()).await.unwrap();
            assert_eq!((found.items.len(), found.next, found.total), (0, None, Some(total as u64)), "{filter:?}");
        }
        // Left out after the row the page begins behind.
        let first =
            scene.store.list(scene.organization.id, &filter, &PageRequest::first(2), scene.now()).await.unwrap();
        if first.next.is_some() {
            let page = PageRequest { after: first.next, skip: 2, include_total: true, ..PageRequest::first(2) };
            let found = scene.store.list(scene.organization.id, &filter, &page, scene.now()).await.unwrap();
            let ids: Vec<_> = found.items.iter().map(|record| record.invitation.id).collect();
            assert_eq!((ids.as_slice(), found.total), (&rows[4..6], Some(total as u64)));
        }
    }
}
