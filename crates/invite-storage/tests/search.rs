//! Searches in an organisation that has more invitations than are looked through, on every engine: all that match are found, each once
//! and in order, whichever way leads to them.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use invite_domain::{
    page::PageRequest,
    port::{InvitationFilter, InvitationStore as _, SortKey},
};
use invite_tests::requires::Suite;
use std::process::ExitCode;
use support::{
    engines::{self, Engine},
    place::{EveryEngine, Place, is_written},
};

/// How many there are: twice as many as are looked through at first, and some.
const MANY: usize = 2_600;

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let engines = EveryEngine::of(&mut suite)
        .add("a_search_finds_all_of_many_in_order_whichever_way_leads_to_them", search)
        .engines();
    let conclusion = suite.run();
    engines::end(engines);
    conclusion
}

/// One in forty is a guest, one in five hundred a customer, the others are persons.
fn name(number: usize) -> String {
    match number {
        number if number % 500 == 7 => format!("customer-{number:06}"),
        number if number % 40 == 3 => format!("guest-{number:06}"),
        number => format!("person-{number:06}"),
    }
}

async fn search(engine: Option<Engine>) {
    let place = Place::new(engine).await;
    let names: Vec<String> = (0..MANY).map(name).collect();
    for names in names.chunks(650) {
        let plans: Vec<_> = names.iter().map(|name| place.scene.plan_issue(&place.scene.invitation(name))).collect();
        for outcome in place.store.commit(&plans).await {
            assert!(is_written(&outcome.unwrap()));
        }
    }
    // By time, guests lie evenly: a page of thirty takes two thousand rows. By address, what is searched lies together: at the
    // beginning, or so far that nothing of it is near. Some are few, and one is nobody.
    let searches = ["person-", "GUEST", "customer", "person-000123", "-001", "1234", "nobody"];
    for (sort, descending, limit) in
        [(SortKey::Email, false, 200), (SortKey::Email, true, 30), (SortKey::Number, true, 30)]
    {
        let all = InvitationFilter { sort, descending, ..InvitationFilter::default() };
        let (every, _) = pages(&place, &all, 200, MANY).await;
        assert_eq!(every.len(), MANY);
        for part in searches {
            let lower = part.to_ascii_lowercase();
            let expected: Vec<&String> = every.iter().filter(|address| address.contains(&lower)).collect();
            let filter = InvitationFilter { query: Some(part.to_owned()), ..all.clone() };
            let (found, total) = pages(&place, &filter, limit, 3).await;
            assert_eq!(total, Some(expected.len() as u64), "{part}");
            let first = Ord::min(expected.len(), 3 * limit as usize);
            assert!(
                found.iter().eq(expected[..first].iter().copied()),
                "{part} by {sort:?}: {} of {first}",
                found.len()
            );
        }
    }
}

/// The addresses of the first pages, in their order, and how many there are in all.
async fn pages(place: &Place, filter: &InvitationFilter, limit: u32, most: usize) -> (Vec<String>, Option<u64>) {
    let mut request = PageRequest { include_total: true, ..PageRequest::first(limit) };
    let (mut found, mut total) = (Vec::new(), None);
    for _ in 0..most {
        let page = place.store.list(place.scene.organization.id, filter, &request, place.scene.now()).await.unwrap();
        total = total.or(page.total);
        request.include_total = false;
        found.extend(page.items.iter().map(|record| record.invitation.recipient.key().into_owned()));
        request.after = page.next;
        if request.after.is_none() {
            break;
        }
    }
    (found, total)
}
