//! The kinds of loads that are shared: for issuing, for holders of tokens, for commands on one invitation, for views.

use super::{
    issuing, load, load_many, one, recent, redeeming,
    shared::{InFull, Kind, Load, Looks, SharedInFull, alone, at_first, in_full},
    view,
};
use crate::{directory::SqlDirectory, error::Failure, group::Queue, sql::SqlConnection, store::SqlStore};
use invite_domain::{
    id::OrganizationId,
    port::{
        InvitationFacts, InvitationQuery, InvitationRef, IssueFacts, IssueQuery, PortError, Principal, RedemptionFacts,
        RedemptionQuery, ViewFacts, ViewQuery,
    },
};
use std::time::Instant;

/// For issuing: first looks of one caller each, loads in full in one organisation each.
pub(crate) struct Issues;

impl Kind for Issues {
    type Query = IssueQuery;
    type Facts = IssueFacts;
    type Line = recent::Line;

    const MOST: usize = 64;

    fn lanes(store: &SqlStore) -> usize {
        store.engine().writers()
    }

    fn looks(store: &SqlStore) -> &Queue<Looks<Self>> {
        &store.queues().issue_looks
    }

    async fn look(store: &SqlStore, queries: &[IssueQuery]) -> Result<Vec<Load<IssueFacts>>, Failure> {
        let read_at = Instant::now();
        let loads = issuing::issues(&store.reading(), queries).await?;
        let facts =
            loads.iter().find_map(|load| if let Load::Done(Ok(Some(facts))) = load { Some(facts) } else { None });
        if let (Some(facts), Some(query)) = (facts, queries.first())
            && store.looks_while_writing()
        {
            store.recent().keep(line_of(query), read_at, IssueFacts { is_recent: true, ..facts.clone() });
        }
        Ok(loads)
    }

    async fn one(
        sql: &SqlConnection<'_>,
        directory: &dyn SqlDirectory,
        query: &IssueQuery,
    ) -> Result<Option<IssueFacts>, Failure> {
        load::issue(sql, directory, query).await
    }
}

impl SharedInFull for Issues {
    type Line = OrganizationId;

    fn loads(store: &SqlStore) -> &Queue<InFull<Self>> {
        &store.queues().issue_loads
    }

    async fn many(
        sql: &SqlConnection<'_>,
        directory: &dyn SqlDirectory,
        queries: &[IssueQuery],
    ) -> Result<Vec<Option<IssueFacts>>, Failure> {
        let Some(organization) = queries.first().map(|query| query.organization_id) else { return Ok(Vec::new()) };
        load_many::issues(sql, directory, organization, queries).await
    }
}

fn line_of(query: &IssueQuery) -> recent::Line {
    (query.organization_id, query.principal, query.role_id)
}

/// What issuing needs.
pub(super) async fn load_issue(store: &SqlStore, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
    if store.directory().people_are_bundled() && issuing::answers(query) {
        let line = line_of(query);
        // Where plans are not written with a look at what is in their way, one beforehand costs no more.
        if query.takes_recent()
            && store.looks_while_writing()
            && let Some(facts) = store.recent().get(&line, Instant::now())
        {
            return Ok(Some(facts));
        }
        if let Some(facts) = at_first::<Issues>(store, line, query).await? {
            return Ok(facts);
        }
    }
    // Boxed, as what is rare: whoever has his answer at once stays small.
    Box::pin(in_full::<Issues>(store, query.organization_id, query)).await
}

/// For holders of tokens.
pub(crate) struct Redemptions;

impl Kind for Redemptions {
    type Query = RedemptionQuery;
    type Facts = RedemptionFacts;
    type Line = ();

    /// They may be of as many organisations, each of which is asked for its people: fewer than of one organisation.
    const MOST: usize = 32;

    fn lanes(store: &SqlStore) -> usize {
        store.engine().writers() * 2
    }

    fn looks(store: &SqlStore) -> &Queue<Looks<Self>> {
        &store.queues().redemption_looks
    }

    async fn look(store: &SqlStore, queries: &[RedemptionQuery]) -> Result<Vec<Load<RedemptionFacts>>, Failure> {
        redeeming::redemptions(&store.reading(), queries).await
    }

    async fn one(
        sql: &SqlConnection<'_>,
        directory: &dyn SqlDirectory,
        query: &RedemptionQuery,
    ) -> Result<Option<RedemptionFacts>, Failure> {
        load::redemption(sql, directory, query).await
    }
}

impl SharedInFull for Redemptions {
    type Line = ();

    fn loads(store: &SqlStore) -> &Queue<InFull<Self>> {
        &store.queues().redemption_loads
    }

    async fn many(
        sql: &SqlConnection<'_>,
        directory: &dyn SqlDirectory,
        queries: &[RedemptionQuery],
    ) -> Result<Vec<Option<RedemptionFacts>>, Failure> {
        load_many::redemptions(sql, directory, queries).await
    }
}

/// What the holder of a secret needs. A code is looked for by its index, and a wanted username among all: by themselves.
pub(super) async fn load_redemption(
    store: &SqlStore,
    query: &RedemptionQuery,
) -> Result<Option<RedemptionFacts>, PortError> {
    if !load_many::goes_with_others(query) {
        return alone::<Redemptions>(store, query).await;
    }
    if store.directory().people_are_bundled()
        && redeeming::answers(query)
        && let Some(facts) = at_first::<Redemptions>(store, (), query).await?
    {
        return Ok(facts);
    }
    Box::pin(in_full::<Redemptions>(store, (), query)).await
}

/// Of one invitation. Whoever needs more than a look reads it by himself.
pub(crate) struct Invitations;

impl Kind for Invitations {
    type Query = InvitationQuery;
    type Facts = InvitationFacts;
    /// Where, who, and whether by the number.
    type Line = (OrganizationId, Principal, bool);

    const MOST: usize = 32;

    fn lanes(store: &SqlStore) -> usize {
        store.engine().writers() * 2
    }

    fn looks(store: &SqlStore) -> &Queue<Looks<Self>> {
        &store.queues().invitation_looks
    }

    async fn look(store: &SqlStore, queries: &[InvitationQuery]) -> Result<Vec<Load<InvitationFacts>>, Failure> {
        one::invitations(&store.reading(), queries).await
    }

    async fn one(
        sql: &SqlConnection<'_>,
        directory: &dyn SqlDirectory,
        query: &InvitationQuery,
    ) -> Result<Option<InvitationFacts>, Failure> {
        load::invitation(sql, directory, query).await
    }
}

/// What a command on one invitation needs.
pub(super) async fn load_invitation(
    store: &SqlStore,
    query: &InvitationQuery,
) -> Result<Option<InvitationFacts>, PortError> {
    if store.directory().people_are_bundled() && one::answers(query) {
        let line = (query.organization_id, query.principal, matches!(query.invitation, InvitationRef::Number(_)));
        if let Some(facts) = at_first::<Invitations>(store, line, query).await? {
            return Ok(facts);
        }
    }
    alone::<Invitations>(store, query).await
}

/// Views of one caller. Whoever finds no rest reads by himself.
pub(crate) struct Views;

impl Kind for Views {
    type Query = ViewQuery;
    type Facts = ViewFacts;
    /// Where, who, and whether by the number.
    type Line = (OrganizationId, Principal, bool);

    const MOST: usize = 32;

    fn lanes(store: &SqlStore) -> usize {
        store.engine().writers() * 2
    }

    fn looks(store: &SqlStore) -> &Queue<Looks<Self>> {
        &store.queues().views
    }

    async fn look(store: &SqlStore, queries: &[ViewQuery]) -> Result<Vec<Load<ViewFacts>>, Failure> {
        view::views(&store.reading(), store.directory(), store.known(), queries).await
    }

    async fn one(
        sql: &SqlConnection<'_>,
        directory: &dyn SqlDirectory,
        query: &ViewQuery,
    ) -> Result<Option<ViewFacts>, Failure> {
        load::view(sql, directory, query).await
    }
}

/// What a view needs.
pub(super) async fn load_view(store: &SqlStore, query: &ViewQuery) -> Result<Option<ViewFacts>, PortError> {
    if store.directory().people_are_bundled() {
        let by_number = matches!(query.invitation, Some(InvitationRef::Number(_)));
        let line = (query.organization_id, query.principal, by_number);
        if let Some(facts) = at_first::<Views>(store, line, query).await? {
            return Ok(facts);
        }
    }
    alone::<Views>(store, query).await
}
