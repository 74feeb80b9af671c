//! Everything that is known of a person. Some of it no index leads to: this is asked for rarely, and takes as long as it does.

use super::facts;
use crate::{
    commit, convert,
    entity::{account, api_key, event, invitation, membership, organization, redemption, subject},
    error::Failure,
    sql::{SqlConnection, col, exists, is, select_from, table},
    store::{Access, SqlStore},
};
use async_trait::async_trait;
use invite_domain::{
    access::ActorKind,
    directory::Account,
    email::EmailAddress,
    id::{EventId, InvitationId, MembershipId, OrganizationId},
    invitation::{EventKind, Invitation, RecipientKind},
    phone::PhoneNumber,
    port::{Erasure, HeldMembership, PersonFacts, PortError},
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, JoinType,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How many ids stand in one statement.
const AT_ONCE: usize = 500;

type Invitations = BTreeMap<(OrganizationId, InvitationId), Invitation>;

#[async_trait]
impl Erasure for SqlStore {
    async fn person(&self, address: &EmailAddress) -> Result<PersonFacts, PortError> {
        let transaction = self.begin(Access::Survey).await.map_err(Failure::into_port)?;
        let found = person(&transaction.sql(), address).await;
        transaction.finish(found).await
    }
}

async fn person(sql: &SqlConnection<'_>, address: &EmailAddress) -> Result<PersonFacts, Failure> {
    let mut facts = PersonFacts::default();
    let mut select = select_from::<account::Entity>("a");
    select.and_where(col("a", account::Column::AddressKey).eq(address.key()));
    if let Some(row) = sql.query_one(&select).await? {
        facts.account = Some(convert::account(account::Model::from_query_result(&row, "a_")?)?);
    }
    let mut invitations = Invitations::new();
    if let Some(account) = facts.account.clone() {
        memberships(sql, &account, &mut facts).await?;
        redeemed(sql, &account, &mut facts, &mut invitations).await?;
        // A number anybody can give himself; it is theirs who used an invitation sent to it.
        let used = |phone: &PhoneNumber| invitations.values().any(|it| it.recipient.phone() == Some(phone));
        if let Some(phone) = account.phone.as_ref().filter(|phone| used(phone))
            && !is_shared(sql, &account, phone).await?
        {
            let of = keyed(RecipientKind::Phone, phone.as_str());
            read(sql, of, &mut invitations, |_| true).await?;
        }
    }
    let made_by = all_memberships(&facts).into_iter().map(|id| id.as_uuid()).collect::<Vec<_>>();
    for ids in made_by.chunks(AT_ONCE) {
        let mut select = select_from::<api_key::Entity>("k");
        select.and_where(col("k", api_key::Column::CreatedBy).is_in(ids.iter().copied()));
        for row in sql.query_all(&select).await? {
            facts.api_keys.push(convert::api_key(api_key::Model::from_query_result(&row, "k_")?)?);
        }
    }
    subjects(sql, address, &mut facts).await?;
    read(sql, keyed(RecipientKind::Email, address.key()), &mut invitations, |_| true).await?;
    to_records(sql, address, &facts, &mut invitations).await?;
    facts.invitations = invitations.into_values().collect();
    facts.events = events(sql, &facts).await?;
    facts.organizations = organizations(sql, &facts).await?;
    Ok(facts)
}

async fn memberships(sql: &SqlConnection<'_>, account: &Account, facts: &mut PersonFacts) -> Result<(), Failure> {
    let mut select = facts::select_members();
    select.and_where(col("m", membership::Column::AccountId).eq(account.id.as_uuid()));
    for row in sql.query_all(&select).await? {
        let Some(record) = facts::member_record(&row)? else { continue };
        let (organization, id) = (record.member.membership.organization_id, record.member.membership.id);
        let other_active_owners = exists(sql, commit::active_owners(organization, Some(id))).await?;
        facts.memberships.push(HeldMembership { member: record.member, other_active_owners });
    }
    Ok(())
}

/// What the account redeemed, and the memberships of it that are gone.
async fn redeemed(
    sql: &SqlConnection<'_>,
    account: &Account,
    facts: &mut PersonFacts,
    invitations: &mut Invitations,
) -> Result<(), Failure> {
    use redemption::Column as R;
    let mut select = select_from::<redemption::Entity>("r");
    select.and_where(col("r", R::AccountId).eq(account.id.as_uuid()));
    let present: BTreeSet<_> = facts.memberships.iter().map(|held| held.member.membership.id).collect();
    let mut former = BTreeSet::new();
    for row in sql.query_all(&select).await? {
        let row = redemption::Model::from_query_result(&row, "r_")?;
        let membership = MembershipId::from_uuid(row.membership_id);
        if !present.contains(&membership) {
            former.insert((OrganizationId::from_uuid(row.organization_id), membership));
        }
        let mut used = select_from::<invitation::Entity>("i");
        used.and_where(col("i", invitation::Column::OrganizationId).eq(row.organization_id))
            .and_where(col("i", invitation::Column::Id).eq(row.invitation_id));
        read(sql, used, invitations, |_| true).await?;
    }
    let removals = removed(sql, account).await?;
    former.extend(removals.into_iter().filter(|(_, membership)| !present.contains(membership)));
    facts.former_memberships = former.into_iter().collect();
    Ok(())
}

/// The memberships whose removal names the account. Founders and administrators of groups redeemed nothing: once they have left,
/// only the trail knows them.
async fn removed(sql: &SqlConnection<'_>, account: &Account) -> Result<Vec<(OrganizationId, MembershipId)>, Failure> {
    use event::Column as E;
    let mut select = select_from::<event::Entity>("e");
    select
        .and_where(col("e", E::Kind).eq(EventKind::MembershipRemoved.name()))
        .and_where(sql.engine().contains(col("e", E::Data), &account.id.to_string()));
    let mut found = Vec::new();
    for row in sql.query_all(&select).await? {
        let event = convert::event(event::Model::from_query_result(&row, "e_")?)?;
        let removed = event.membership_id.filter(|_| event.removed_account() == Some(account.id));
        found.extend(removed.map(|membership| (event.organization_id, membership)));
    }
    Ok(found)
}

/// Whether somebody else named the same number.
async fn is_shared(sql: &SqlConnection<'_>, account: &Account, phone: &PhoneNumber) -> Result<bool, Failure> {
    let mut others = Query::select();
    others
        .from(table::<account::Entity>())
        .and_where(is(account::Column::Phone, phone.as_str()))
        .and_where(Expr::col(Alias::new("id")).ne(account.id.as_uuid()));
    Ok(exists(sql, others).await?)
}

/// The records that have the address, and those a membership came from.
async fn subjects(sql: &SqlConnection<'_>, address: &EmailAddress, facts: &mut PersonFacts) -> Result<(), Failure> {
    use subject::Column as S;
    let mut which = col("s", S::EmailKey).eq(address.key());
    for membership in facts.memberships.iter().map(|held| &held.member.membership) {
        if let Some(id) = membership.subject_id {
            let organization = col("s", S::OrganizationId).eq(membership.organization_id.as_uuid());
            which = which.or(organization.and(col("s", S::Id).eq(id.as_uuid())));
        }
    }
    let mut select = select_from::<subject::Entity>("s");
    select.and_where(which);
    for row in sql.query_all(&select).await? {
        facts.subjects.push(convert::subject(subject::Model::from_query_result(&row, "s_")?)?);
    }
    Ok(())
}

/// The invitations to a recipient of this kind and key, an organisation after the other: that is how the index leads there.
fn keyed(kind: RecipientKind, key: &str) -> SelectStatement {
    use invitation::Column as I;
    let of = col("o", organization::Column::Id).eq(col("i", I::OrganizationId));
    let mut select = select_from::<invitation::Entity>("i");
    select
        .join_as(JoinType::InnerJoin, table::<organization::Entity>(), Alias::new("o"), of)
        .and_where(col("i", I::RecipientKey).eq(key))
        .and_where(col("i", I::RecipientKind).eq(kind.name()));
    select
}

/// The invitations to the person's records, and those that went to the address when it was another record's.
async fn to_records(
    sql: &SqlConnection<'_>,
    address: &EmailAddress,
    facts: &PersonFacts,
    invitations: &mut Invitations,
) -> Result<(), Failure> {
    use invitation::Column as I;
    let of_records = || {
        let mut select = select_from::<invitation::Entity>("i");
        select.and_where(col("i", I::RecipientKind).eq(RecipientKind::Subject.name()));
        select
    };
    for record in &facts.subjects {
        let mut select = of_records();
        select
            .and_where(col("i", I::OrganizationId).eq(record.organization_id.as_uuid()))
            .and_where(col("i", I::RecipientKey).eq(record.id.to_string()));
        let persons = record.kind != invite_domain::directory::SubjectKind::Company;
        read(sql, select, invitations, |invitation| persons || invitation.recipient.email() == Some(address)).await?;
    }
    let local = format!("{}@", address.local());
    let mut select = of_records();
    select.and_where(sql.engine().contains(col("i", I::RecipientOriginal), &local));
    read(sql, select, invitations, |invitation| invitation.recipient.email() == Some(address)).await
}

async fn read(
    sql: &SqlConnection<'_>,
    select: SelectStatement,
    invitations: &mut Invitations,
    wanted: impl Fn(&Invitation) -> bool,
) -> Result<(), Failure> {
    for row in sql.query_all(&select).await? {
        let invitation = convert::invitation(&invitation::Model::from_query_result(&row, "i_")?)?;
        if wanted(&invitation) {
            invitations.insert((invitation.organization_id, invitation.id), invitation);
        }
    }
    Ok(())
}

fn all_memberships(facts: &PersonFacts) -> Vec<MembershipId> {
    let present = facts.memberships.iter().map(|held| held.member.membership.id);
    present.chain(facts.former_memberships.iter().map(|(_, id)| *id)).collect()
}

async fn events(sql: &SqlConnection<'_>, facts: &PersonFacts) -> Result<Vec<(OrganizationId, EventId)>, Failure> {
    use event::Column as E;
    let kind = |kind: ActorKind| col("e", E::ActorKind).eq(kind.name());
    let actors = |of: ActorKind, ids: &[Uuid]| kind(of).and(col("e", E::ActorId).is_in(ids.iter().copied()));
    let account: Vec<_> = facts.account.iter().map(|account| account.id.as_uuid()).collect();
    let memberships: Vec<_> = all_memberships(facts).into_iter().map(|id| id.as_uuid()).collect();
    let keys: Vec<_> = facts.api_keys.iter().map(|key| key.id.as_uuid()).collect();
    let invitations: Vec<_> = facts.invitations.iter().map(|invitation| invitation.id.as_uuid()).collect();
    let mut wanted: Vec<SimpleExpr> = Vec::new();
    for (of, ids) in [(ActorKind::Invitee, &account), (ActorKind::Member, &memberships), (ActorKind::ApiKey, &keys)] {
        wanted.extend(ids.chunks(AT_ONCE).map(|ids| actors(of, ids)));
    }
    wanted.extend(
        invitations
            .chunks(AT_ONCE)
            .map(|ids| kind(ActorKind::Invitee).and(col("e", E::InvitationId).is_in(ids.iter().copied()))),
    );
    let mut found = BTreeSet::new();
    for which in wanted {
        let mut select = Query::select();
        select
            .expr_as(col("e", E::OrganizationId), Alias::new("organization_id"))
            .expr_as(col("e", E::Id), Alias::new("id"))
            .from_as(table::<event::Entity>(), Alias::new("e"))
            .and_where(col("e", E::Address).is_not_null())
            .and_where(which);
        for row in sql.query_all(&select).await? {
            let organization = OrganizationId::from_uuid(row.try_get("", "organization_id")?);
            found.insert((organization, EventId::from_uuid(row.try_get("", "id")?)));
        }
    }
    Ok(found.into_iter().collect())
}

async fn organizations(
    sql: &SqlConnection<'_>,
    facts: &PersonFacts,
) -> Result<Vec<invite_domain::directory::Organization>, Failure> {
    let mut ids: BTreeSet<Uuid> = BTreeSet::new();
    ids.extend(facts.memberships.iter().map(|held| held.member.membership.organization_id.as_uuid()));
    ids.extend(facts.former_memberships.iter().map(|(organization, _)| organization.as_uuid()));
    ids.extend(facts.api_keys.iter().map(|key| key.organization_id.as_uuid()));
    ids.extend(facts.subjects.iter().map(|subject| subject.organization_id.as_uuid()));
    ids.extend(facts.invitations.iter().map(|invitation| invitation.organization_id.as_uuid()));
    let ids: Vec<_> = ids.into_iter().collect();
    let mut organizations = Vec::new();
    for ids in ids.chunks(AT_ONCE) {
        let mut select = select_from::<organization::Entity>("o");
        select.and_where(col("o", organization::Column::Id).is_in(ids.iter().copied()));
        for row in sql.query_all(&select).await? {
            organizations.push(convert::organization(organization::Model::from_query_result(&row, "o_")?)?);
        }
    }
    Ok(organizations)
}
