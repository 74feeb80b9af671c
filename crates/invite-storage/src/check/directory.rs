//! Memberships and accounts, as far as redemptions made them.

use super::{Horizon, Invariant, differ, invitations, part, rows_of, some};
use crate::{
    entity::{account, event, invitation, membership, redemption},
    sql::{col, table},
};
use invite_domain::{directory::erasure, invitation::EventKind};
use sea_orm::{
    JoinType,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement},
};

use invitation::Column as I;
use membership::{Column as M, Entity};
use redemption::Column as R;

pub(super) fn invariants(horizon: &Horizon) -> [Invariant; 4] {
    let redemptions = || vec![table::<redemption::Entity>()];
    [
        Invariant {
            name: "one_membership_an_account",
            meaning: "an account has at most one membership in an organisation",
            tables: vec![table::<Entity>()],
            parts: vec![part::<account::Entity>(twice_a_member())],
        },
        Invariant {
            name: "one_membership_a_redemption",
            meaning: "the membership a redemption names is its account's, and is there unless it was removed",
            tables: redemptions(),
            parts: vec![
                part::<redemption::Entity>(somebody_elses()),
                part::<redemption::Entity>(without_membership(horizon)),
            ],
        },
        Invariant {
            name: "membership_is_the_grant",
            meaning: "what a redemption made gives what the invitation granted, until somebody changes it",
            tables: redemptions(),
            parts: vec![part::<Entity>(not_the_grant())],
        },
        Invariant {
            name: "address_is_the_invited_one",
            meaning: "who redeemed an invitation to an address has that address",
            tables: redemptions(),
            parts: vec![part::<redemption::Entity>(another_address())],
        },
    ]
}

fn twice_a_member() -> SelectStatement {
    let mut rows = rows_of::<Entity>("m", M::AccountId);
    rows.add_group_by([col("m", M::OrganizationId), col("m", M::AccountId)]).and_having(col("m", M::Id).count().gt(1));
    rows
}

/// Redemptions `r` of invitations `i` with their memberships `m`.
fn joined(by: JoinType) -> SelectStatement {
    let mut rows = invitations::redemptions();
    rows.join_as(by, table::<Entity>(), Alias::new("m"), col("m", M::Id).eq(col("r", R::MembershipId)));
    rows
}

fn somebody_elses() -> SelectStatement {
    let mut rows = joined(JoinType::InnerJoin);
    rows.and_where(col("m", M::AccountId).ne(col("r", R::AccountId)));
    rows
}

/// Where a host has accounts of its own, an organisation has no members here: then there is nothing to miss.
fn without_membership(horizon: &Horizon) -> SelectStatement {
    use event::Column as E;
    // As a table of its own: no index leads from a membership to its events.
    let mut removed = Query::select();
    removed
        .expr_as(col("e", E::OrganizationId), Alias::new("organization_id"))
        .expr_as(col("e", E::MembershipId), Alias::new("membership_id"))
        .from_as(table::<event::Entity>(), Alias::new("e"))
        .and_where(col("e", E::Kind).eq(EventKind::MembershipRemoved.name()));
    let mut bundled = some::<Entity>("own");
    bundled.and_where(col("own", M::OrganizationId).eq(col("r", R::OrganizationId)));
    let on = col("x", E::OrganizationId)
        .eq(col("r", R::OrganizationId))
        .and(col("x", E::MembershipId).eq(col("r", R::MembershipId)));
    let mut rows = joined(JoinType::LeftJoin);
    rows.join_subquery(JoinType::LeftJoin, removed, Alias::new("x"), on)
        .and_where(col("r", R::RedeemedAt).gt(Expr::val(horizon.events)))
        .and_where(col("m", M::Id).is_null())
        .and_where(col("x", E::MembershipId).is_null())
        .and_where(Expr::exists(bundled));
    rows
}

/// A change of a membership raises its version, whoever makes it.
fn not_the_grant() -> SelectStatement {
    let unlike = |own, granted| differ(&col("m", own), &col("i", granted));
    let other =
        unlike(M::RoleId, I::RoleId).or(unlike(M::Permissions, I::Permissions)).or(unlike(M::SubjectId, I::SubjectId));
    let mut rows = joined(JoinType::InnerJoin);
    rows.clear_selects()
        .expr_as(col("m", M::Id), Alias::new("id"))
        .and_where(col("m", M::Version).eq(1))
        .and_where(col("m", M::CreatedAt).eq(col("r", R::RedeemedAt)))
        .and_where(other);
    rows
}

/// No account's address ever changes. Who came from a record may have come before it had an address; a new account gets the one the
/// record had when it was invited.
fn another_address() -> SelectStatement {
    use account::Column as A;
    // Who was erased has no address, and a pseudonym stands in the invitation.
    let pseudonym = format!("%@{}", erasure::PSEUDONYMS);
    let mail = col("i", I::RecipientKind)
        .eq("email")
        .and(col("a", A::AddressKey).ne(col("i", I::RecipientKey)))
        .and(col("i", I::RecipientKey).like(pseudonym).not());
    let of_record = col("i", I::RecipientKind)
        .eq("subject")
        .and(col("i", I::RecipientOriginal).like("%@%"))
        .and(col("a", A::CreatedAt).eq(col("r", R::RedeemedAt)))
        .and(col("a", A::Address).ne(col("i", I::RecipientOriginal)));
    let mut rows = invitations::redemptions();
    rows.join_as(
        JoinType::InnerJoin,
        table::<account::Entity>(),
        Alias::new("a"),
        col("a", A::Id).eq(col("r", R::AccountId)),
    )
    .and_where(mail.or(of_record));
    rows
}
