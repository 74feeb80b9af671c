//! Invitations and their redemptions.

use super::{CLOCKS, Horizon, Invariant, part, rows_of};
use crate::{
    entity::{
        invitation::{Column, Entity},
        redemption,
    },
    sql::{col, table},
};
use sea_orm::{
    JoinType,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

pub(super) fn invariants(horizon: &Horizon) -> [Invariant; 6] {
    let invitations = || vec![table::<Entity>()];
    let redemptions = || vec![table::<redemption::Entity>()];
    [
        Invariant {
            name: "uses_within_bounds",
            meaning: "no invitation was used more often than it can be",
            tables: invitations(),
            parts: vec![part::<Entity>(beyond_bounds())],
        },
        Invariant {
            name: "uses_are_redemptions",
            meaning: "an invitation counts as many uses as it has redemptions",
            tables: invitations(),
            parts: vec![part::<Entity>(miscounted())],
        },
        Invariant {
            name: "states_agree",
            meaning: "what was used is redeemed, and nothing else is; what has ended says when and holds no secret, no code \
                      and no live key",
            tables: invitations(),
            parts: vec![part::<Entity>(wrong_state()), part::<Entity>(not_quite_ended())],
        },
        Invariant {
            name: "one_live_invitation_a_recipient",
            meaning: "a recipient has at most one live invitation in an organisation, and that one holds its live key",
            tables: invitations(),
            parts: vec![part::<Entity>(wrong_key(horizon)), part::<crate::entity::organization::Entity>(shared_key())],
        },
        Invariant {
            name: "redeemed_before_expiry",
            meaning: "nothing was redeemed at or after its expiry",
            tables: redemptions(),
            parts: vec![part::<redemption::Entity>(late())],
        },
        Invariant {
            name: "redeemed_by_its_own_link",
            meaning: "what was redeemed was redeemed by the link of its present generation, at the moment it ended",
            tables: redemptions(),
            parts: vec![part::<redemption::Entity>(superseded())],
        },
    ]
}

fn i(column: Column) -> SimpleExpr {
    col("i", column)
}

fn is_state(state: &'static str) -> SimpleExpr {
    i(Column::State).eq(state)
}

fn beyond_bounds() -> SelectStatement {
    let mut rows = rows_of::<Entity>("i", Column::Id);
    rows.and_where(i(Column::Uses).lt(0).or(i(Column::MaxUses).lt(1)).or(i(Column::Uses).gt(i(Column::MaxUses))));
    rows
}

fn miscounted() -> SelectStatement {
    use redemption::Column as R;
    let mut counted = Query::select();
    counted
        .expr(col("r", R::Id).count())
        .from_as(table::<redemption::Entity>(), Alias::new("r"))
        .and_where(col("r", R::OrganizationId).eq(i(Column::OrganizationId)))
        .and_where(col("r", R::InvitationId).eq(i(Column::Id)));
    let mut rows = rows_of::<Entity>("i", Column::Id);
    rows.and_where(i(Column::Uses).ne(SimpleExpr::SubQuery(None, Box::new(counted.into()))));
    rows
}

fn wrong_state() -> SelectStatement {
    let once = i(Column::MaxUses).eq(1);
    let unused = is_state("redeemed").and(i(Column::Uses).lt(1));
    let used_otherwise = once.and(is_state("redeemed").not()).and(i(Column::Uses).ne(0));
    let unknown = i(Column::State).is_not_in(["pending", "redeemed", "declined", "revoked"]);
    let mut rows = rows_of::<Entity>("i", Column::Id);
    rows.and_where(unused.or(used_otherwise).or(unknown));
    rows
}

fn not_quite_ended() -> SelectStatement {
    let keeps =
        i(Column::Nonce).is_not_null().or(i(Column::CodeIndex).is_not_null()).or(i(Column::LiveKey).is_not_null());
    let ended = is_state("pending").not().and(i(Column::EndedAt).is_null().or(keeps));
    let open = is_state("pending").and(i(Column::EndedAt).is_not_null().or(i(Column::Nonce).is_null()));
    let mut rows = rows_of::<Entity>("i", Column::Id);
    rows.and_where(ended.or(open));
    rows
}

/// An invitation gives its live key up when it ends, or once it has expired, to a newer one of the same recipient.
fn wrong_key(horizon: &Horizon) -> SelectStatement {
    let holder = || i(Column::HolderKey);
    let other = i(Column::LiveKey).is_not_null().and(holder().is_null().or(holder().ne(i(Column::LiveKey))));
    let live = is_state("pending").and(i(Column::ExpiresAt).gt(Expr::val(horizon.now + CLOCKS)));
    let mut rows = rows_of::<Entity>("i", Column::Id);
    rows.and_where(other.or(live.and(i(Column::LiveKey).is_null())));
    rows
}

/// The organisations in which one live key is held twice.
fn shared_key() -> SelectStatement {
    let mut rows = rows_of::<Entity>("i", Column::OrganizationId);
    rows.and_where(i(Column::LiveKey).is_not_null())
        .add_group_by([i(Column::OrganizationId), i(Column::LiveKey)])
        .and_having(i(Column::Id).count().gt(1));
    rows
}

/// Redemptions `r` of invitations `i`.
pub(super) fn redemptions() -> SelectStatement {
    use redemption::Column as R;
    let mut rows = rows_of::<redemption::Entity>("r", R::Id);
    let on = i(Column::OrganizationId).eq(col("r", R::OrganizationId)).and(i(Column::Id).eq(col("r", R::InvitationId)));
    rows.join_as(JoinType::InnerJoin, table::<Entity>(), Alias::new("i"), on);
    rows
}

/// No expiry is ever set into the past, so also that of an invitation that can be used on lies after each of its uses.
fn late() -> SelectStatement {
    let mut rows = redemptions();
    rows.and_where(col("r", redemption::Column::RedeemedAt).gte(i(Column::ExpiresAt)));
    rows
}

fn superseded() -> SelectStatement {
    use redemption::Column as R;
    let once = || i(Column::MaxUses).eq(1);
    let generation = || col("r", R::Generation);
    let other = generation().lt(1).or(generation().gt(i(Column::Generation)));
    let overtaken = once().and(generation().ne(i(Column::Generation)));
    let another_moment = once().and(is_state("redeemed")).and(col("r", R::RedeemedAt).ne(i(Column::EndedAt)));
    let mut rows = redemptions();
    rows.and_where(other.or(overtaken).or(another_moment));
    rows
}
