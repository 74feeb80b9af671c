//! Messages, and answers to repeat.

use super::{Horizon, Invariant, part, rows_of, some};
use crate::{
    convert::{ADDRESS_CHANGED, REMINDER, carries_link},
    entity::{
        idempotency, invitation,
        message::{Column as M, Entity},
        redemption,
    },
    sql::{col, table},
};
use invite_domain::invitation::NoticeKind;
use sea_orm::{
    EntityTrait, IdenStatic, JoinType,
    sea_query::{Alias, Expr, ExprTrait, SelectStatement, SimpleExpr},
};

use idempotency::Column as A;
use invitation::Column as I;

pub(super) fn invariants(horizon: &Horizon) -> [Invariant; 3] {
    [
        Invariant {
            name: "every_generation_has_its_messages",
            meaning: "a link that was to be sent is in the outbox",
            tables: vec![table::<invitation::Entity>()],
            parts: vec![part::<invitation::Entity>(unsent(horizon))],
        },
        Invariant {
            name: "messages_agree",
            meaning: "a message is of a generation there was, none waits for an invitation that has ended, and one that is \
                      settled says when",
            tables: vec![table::<Entity>()],
            parts: vec![part::<Entity>(of_no_link()), part::<Entity>(misshapen())],
        },
        Invariant {
            name: "same_key_same_answer",
            meaning: "an Idempotency-Key has one answer, and what the answer names is there",
            tables: vec![table::<idempotency::Entity>()],
            parts: vec![
                part::<idempotency::Entity>(answered_twice()),
                part::<idempotency::Entity>(answer_without::<invitation::Entity>(
                    &["issued", "returned", "resent", "replaced"],
                    I::Id,
                    horizon,
                )),
                part::<idempotency::Entity>(answer_without::<redemption::Entity>(
                    &["redeemed"],
                    redemption::Column::Id,
                    horizon,
                )),
            ],
        },
    ]
}

fn m(column: M) -> SimpleExpr {
    col("m", column)
}

fn i(column: I) -> SimpleExpr {
    col("i", column)
}

/// By which of its channels the present link was sent is the invitee's or the inviter's choice; at least one it was.
fn unsent(horizon: &Horizon) -> SelectStatement {
    let mut sent = some::<Entity>("m");
    sent.and_where(m(M::OrganizationId).eq(i(I::OrganizationId)))
        .and_where(m(M::InvitationId).eq(i(I::Id)))
        .and_where(m(M::About).is_null())
        .and_where(m(M::Generation).eq(i(I::Generation)));
    let mut rows = rows_of::<invitation::Entity>("i", I::Id);
    rows.and_where(i(I::Channels).ne(""))
        .and_where(i(I::GeneratedAt).gt(Expr::val(horizon.messages)))
        .and_where(Expr::not_exists(sent));
    rows
}

fn of_no_link() -> SelectStatement {
    let on = i(I::OrganizationId).eq(m(M::OrganizationId)).and(i(I::Id).eq(m(M::InvitationId)));
    let waits = m(M::State).eq("queued").and(i(I::State).ne("pending")).and(carries_link(m(M::About)));
    let unknown = m(M::Generation).lt(1).or(m(M::Generation).gt(i(I::Generation)));
    let mut rows = rows_of::<Entity>("m", M::Id);
    rows.join_as(JoinType::InnerJoin, table::<invitation::Entity>(), Alias::new("i"), on).and_where(waits.or(unknown));
    rows
}

fn misshapen() -> SelectStatement {
    let unsettled = m(M::State).ne("queued").and(m(M::SettledAt).is_null());
    let settled = m(M::State).eq("queued").and(m(M::SettledAt).is_not_null());
    let unknown = m(M::State).is_not_in(["queued", "sent", "failed", "cancelled"]);
    let of_invitation = || m(M::InvitationId).is_not_null();
    let is_link = || carries_link(m(M::About));
    let homeless = of_invitation().and(m(M::OrganizationId).is_null());
    let incomplete = of_invitation().and(is_link()).and(m(M::Generation).is_null());
    let of_both = of_invitation().and(is_link()).and(m(M::AccountId).is_not_null());
    let of_none = m(M::InvitationId).is_null().and(m(M::AccountId).is_null());
    let told = NoticeKind::ALL.map(NoticeKind::name);
    let half_told = m(M::About)
        .is_in(told)
        .and(m(M::InvitationId).is_null().or(m(M::AccountId).is_null()).or(m(M::Generation).is_not_null()));
    let changed = m(M::About).eq(ADDRESS_CHANGED);
    let half_changed = changed.and(of_invitation().or(m(M::AccountId).is_null()));
    let strange = m(M::About).is_not_in(told.into_iter().chain([REMINDER, ADDRESS_CHANGED]));
    let faults =
        [unsettled, settled, unknown, homeless, incomplete, of_both, of_none, half_told, half_changed, strange];
    let mut rows = rows_of::<Entity>("m", M::Id);
    rows.and_where(faults.into_iter().fold(none(), ExprTrait::or));
    rows
}

fn none() -> SimpleExpr {
    Expr::val(0).eq(1)
}

/// Told by the answer: scope and key may be anything.
fn answered_twice() -> SelectStatement {
    let mut other = some::<idempotency::Entity>("b");
    other
        .and_where(col("b", A::Scope).eq(col("a", A::Scope)))
        .and_where(col("b", A::RequestKey).eq(col("a", A::RequestKey)))
        .and_where(col("b", A::Answer).ne(col("a", A::Answer)));
    let mut rows = rows_of::<idempotency::Entity>("a", A::Answer);
    rows.and_where(Expr::exists(other));
    rows
}

/// Answers with one of these results whose row of `E` is not there.
fn answer_without<E: EntityTrait>(results: &[&'static str], id: impl IdenStatic, horizon: &Horizon) -> SelectStatement {
    let mut rows = rows_of::<idempotency::Entity>("a", A::Answer);
    rows.join_as(JoinType::LeftJoin, table::<E>(), Alias::new("t"), col("t", id).eq(col("a", A::Answer)))
        .and_where(col("a", A::Result).is_in(results.iter().copied()))
        .and_where(col("a", A::CreatedAt).gt(Expr::val(horizon.invitations)))
        .and_where(col("t", id).is_null());
    rows
}
