//! Lists of records.

use super::shown;
use crate::{
    Scene,
    contract::{Subject, stood, walk_by_two},
};
use chrono::Duration;
use invite_domain::{
    directory::{self, SubjectKind},
    id::SubjectId,
    page::{Page, PageRequest},
    port::{SubjectFilter, SubjectRecord},
    time::Timestamp,
};

async fn page_of(
    subject: &Subject,
    scene: &Scene,
    kind: SubjectKind,
    filter: &SubjectFilter,
    page: &PageRequest,
) -> Page<SubjectRecord> {
    subject.subjects().subjects(scene.organization.id, kind, filter, page).await.unwrap()
}

/// Who is listed under a filter, in order.
async fn listed(subject: &Subject, scene: &Scene, kind: SubjectKind, filter: &SubjectFilter) -> Vec<SubjectId> {
    let page = page_of(subject, scene, kind, filter, &PageRequest::numbered(1, 200)).await;
    assert_eq!(page.total, Some(page.items.len() as u64), "{filter:?}");
    page.items.iter().map(|record| record.subject.id).collect()
}

/// Companies in another order by number than by name, id and time; the numbers rise with the place in the answer.
async fn companies(scene: &Scene, count: usize) -> Vec<directory::Subject> {
    let drafts: Vec<_> = (0..count).map(|i| scene.company(&format!("Company {i}"))).collect();
    let mut stored = Vec::new();
    for draft in drafts.into_iter().rev() {
        stored.push(scene.add_subject(draft).await);
    }
    stored
}

pub(in crate::contract) async fn records_are_listed_by_number(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let stored = companies(&scene, 12).await;
    let trucker = scene.add_subject(scene.trucker(&stored[0], "Toni", "+41 79 555 01 01")).await;
    companies(&other, 2).await;
    let expected: Vec<_> = stored.iter().map(|record| record.id).collect();
    let filter = SubjectFilter::default();
    assert_eq!(listed(&subject, &scene, SubjectKind::Company, &filter).await, expected);
    assert_eq!(listed(&subject, &scene, SubjectKind::Trucker, &filter).await, [trucker.id]);
    assert!(listed(&subject, &scene, SubjectKind::Contact, &filter).await.is_empty());
    for limit in [1_u32, 5, 11, 12, 13] {
        let (mut page, mut walked) = (PageRequest::first(limit), Vec::new());
        for _ in 0..=expected.len() {
            let found = page_of(&subject, &scene, SubjectKind::Company, &filter, &page).await;
            assert_eq!(found.total, None, "counted only where that is asked for");
            for record in &found.items {
                let alone = shown(&subject, &scene, &record.subject).await;
                assert_eq!(alone.as_ref(), Some(record), "as it is shown alone");
            }
            walked.extend(found.items.iter().map(|record| record.subject.id));
            page.after = found.next;
            if page.after.is_none() {
                break;
            }
            assert_eq!(found.items.len(), usize::try_from(limit).unwrap(), "a page that is not the last is full");
        }
        assert_eq!(walked, expected, "by {limit}");
    }
}

pub(in crate::contract) async fn pages_of_records_stand_while_records_come_and_go(subject: Subject) {
    let scene = subject.scene("acme").await;
    let there = companies(&scene, 7).await;
    let (filter, mut count) = (SubjectFilter::default(), 0);
    let walked = walk_by_two(
        async |page| subject.subjects().subjects(scene.organization.id, SubjectKind::Company, &filter, page).await,
        |record| record.subject.id.as_uuid(),
        async |last| {
            count += 1;
            // The row the next page is to begin after is deleted, and so is the first; another comes at the end.
            for gone in there.iter().filter(|row| row.id.as_uuid() == last || (count == 1 && row.id == there[0].id)) {
                scene.apply(scene.plan_subject_delete(gone)).await;
            }
            if count == 1 {
                scene.add_subject(scene.company("Another AG")).await;
                let renamed = directory::Subject { name: "AAA AG".into(), ..there[4].clone() };
                scene.apply(scene.plan_subject_update(&there[4], renamed)).await;
            }
        },
    )
    .await;
    stood(&walked, there.iter().map(|row| row.id.as_uuid()), "records");
}

pub(in crate::contract) async fn numbered_pages_of_records_are_cut_exactly_and_count_every_row(subject: Subject) {
    let scene = subject.scene("acme").await;
    companies(&scene, 7).await;
    scene.add_subject(scene.company("Elsewhere")).await;
    let some = SubjectFilter { text: Some("company".into()), ..SubjectFilter::default() };
    for (filter, total) in [(SubjectFilter::default(), 8), (some, 7)] {
        let rows = listed(&subject, &scene, SubjectKind::Company, &filter).await;
        assert_eq!(rows.len(), total);
        for limit in [1_u32, 3, 7, 50] {
            let size = usize::try_from(limit).unwrap();
            for number in 1..=4_u64 {
                let page = PageRequest::numbered(number, limit);
                let found = page_of(&subject, &scene, SubjectKind::Company, &filter, &page).await;
                let ids: Vec<_> = found.items.iter().map(|record| record.subject.id).collect();
                let skip = usize::try_from(page.skip).unwrap();
                let expected: Vec<_> = rows.iter().copied().skip(skip).take(size).collect();
                assert_eq!(ids, expected, "page {number} of {limit} rows");
                assert_eq!(found.total, Some(total as u64), "page {number} of {limit} rows");
            }
        }
    }
}

pub(in crate::contract) async fn records_are_filtered_by_name_and_remote_id(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut stored = Vec::new();
    for (name, remote) in [
        ("Huber Transporte", Some("R_1")),
        ("huber", Some("RX1")),
        ("Müller 100% O'Hara", Some("r_1")),
        (r"Back\slash_", None),
    ] {
        let record = directory::Subject { remote_id: remote.map(Into::into), ..scene.company(name) };
        stored.push(scene.add_subject(record).await.id);
    }
    let names = async |filter: SubjectFilter| {
        let found = listed(&subject, &scene, SubjectKind::Company, &filter).await;
        found.iter().filter_map(|id| stored.iter().position(|stored| stored == id)).collect::<Vec<_>>()
    };
    let all = SubjectFilter::default;
    for (text, expected) in [
        ("huber", vec![0, 1]),
        ("HUBER T", vec![0]),
        ("müLLER", vec![2]),
        ("MÜLLER", vec![]),
        ("muller", vec![]),
        ("%", vec![2]),
        ("_", vec![3]),
        ("'", vec![2]),
        (r"\", vec![3]),
        ("r_1", vec![]),
        ("", vec![0, 1, 2, 3]),
    ] {
        assert_eq!(names(SubjectFilter { text: Some(text.into()), ..all() }).await, expected, "a part: {text}");
    }
    for (name, expected) in [
        ("HUBER", vec![1]),
        ("huber transporte", vec![0]),
        ("hube_", vec![]),
        ("%", vec![]),
        ("huber ", vec![]),
        ("müller 100% o'hara", vec![2]),
        ("MÜLLER 100% O'HARA", vec![]),
    ] {
        assert_eq!(names(SubjectFilter { name: Some(name.into()), ..all() }).await, expected, "the name: {name}");
    }
    for (remote, expected) in [("R_1", vec![0]), ("r_1", vec![2]), ("R_", vec![]), ("R%", vec![]), ("", vec![])] {
        let filter = SubjectFilter { remote_id: Some(remote.into()), ..all() };
        assert_eq!(names(filter).await, expected, "the remote id: {remote}");
    }
    let both = SubjectFilter { text: Some("huber".into()), remote_id: Some("RX1".into()), ..all() };
    assert_eq!(names(both).await, [1], "filters narrow each other");
}

pub(in crate::contract) async fn records_are_filtered_by_company(subject: Subject) {
    let scene = subject.scene("acme").await;
    let own = scene.own_company().await;
    let (one, two) =
        (scene.add_subject(scene.company("One AG")).await, scene.add_subject(scene.company("Two AG")).await);
    let mut ids = Vec::new();
    for (i, company) in [&one, &two, &own, &one].into_iter().enumerate() {
        ids.push(scene.add_subject(scene.contact(company, &format!("C{i}"), &format!("c{i}"))).await.id);
    }
    let alone = directory::Subject { parent_id: None, ..scene.contact(&own, "Alone", "alone") };
    ids.push(scene.add_subject(alone).await.id);
    let found = async |these: Option<Vec<i64>>, others: Vec<i64>| {
        let filter =
            SubjectFilter { company_numbers: these, other_company_numbers: others, ..SubjectFilter::default() };
        let found = listed(&subject, &scene, SubjectKind::Contact, &filter).await;
        found.iter().filter_map(|id| ids.iter().position(|stored| stored == id)).collect::<Vec<_>>()
    };
    assert_eq!(found(None, vec![]).await, [0, 1, 2, 3, 4]);
    assert_eq!(found(Some(vec![one.number]), vec![]).await, [0, 3]);
    assert_eq!(found(Some(vec![two.number, own.number, i64::MAX]), vec![]).await, [1, 2]);
    assert_eq!(found(Some(vec![i64::MAX]), vec![]).await, Vec::<usize>::new());
    assert_eq!(found(Some(vec![]), vec![]).await, Vec::<usize>::new(), "of one of no companies");
    assert_eq!(found(None, vec![one.number]).await, [1, 2, 4], "who belongs to none belongs to no other");
    assert_eq!(found(None, vec![one.number, two.number, own.number]).await, [4]);
    assert_eq!(found(Some(vec![one.number, two.number]), vec![one.number]).await, [1]);
}

pub(in crate::contract) async fn records_are_filtered_by_the_time_of_their_last_change(subject: Subject) {
    let scene = subject.scene("acme").await;
    let begin = scene.now();
    let at = |micros: i64| begin + Duration::microseconds(micros);
    let mut ids = Vec::new();
    for micros in 0..4 {
        let record = directory::Subject { updated_at: at(micros), ..scene.company(&format!("Co {micros}")) };
        ids.push(scene.add_subject(record).await);
    }
    let found = async |filter: SubjectFilter| {
        let found = listed(&subject, &scene, SubjectKind::Company, &filter).await;
        found.iter().filter_map(|id| ids.iter().position(|stored| stored.id == *id)).collect::<Vec<_>>()
    };
    let all = SubjectFilter::default;
    let some = |micros: i64| -> Option<Timestamp> { Some(at(micros)) };
    assert_eq!(found(SubjectFilter { updated_from: some(2), ..all() }).await, [2, 3]);
    assert_eq!(found(SubjectFilter { updated_after: some(2), ..all() }).await, [3]);
    assert_eq!(found(SubjectFilter { updated_until: some(1), ..all() }).await, [0, 1]);
    assert_eq!(found(SubjectFilter { updated_before: some(1), ..all() }).await, [0]);
    let between = SubjectFilter { updated_from: some(1), updated_before: some(3), ..all() };
    assert_eq!(found(between).await, [1, 2]);
    let inside = SubjectFilter { updated_after: some(0), updated_until: some(2), ..all() };
    assert_eq!(found(inside).await, [1, 2]);

    // By the last change, not by the first.
    let changed = directory::Subject { updated_at: at(9), name: "Changed".into(), ..ids[0].clone() };
    scene.apply(scene.plan_subject_update(&ids[0], changed)).await;
    assert_eq!(found(SubjectFilter { updated_from: some(3), ..all() }).await, [0, 3]);
}
