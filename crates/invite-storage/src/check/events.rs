//! The trail: one event a transition, and no transition after an end.

use super::{Horizon, Invariant, invitations, part, rows_of, some};
use crate::{
    entity::{
        event::{Column as E, Entity},
        invitation, membership, redemption,
    },
    sql::{col, table},
};
use invite_domain::invitation::EventKind;
use sea_orm::{
    JoinType,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

use invitation::Column as I;
use redemption::Column as R;

/// Each of these is a change of the invitation and raises its version. The others only tell of it.
const TRANSITIONS: [EventKind; 11] = [
    EventKind::InvitationIssued,
    EventKind::InvitationResent,
    EventKind::InvitationExtended,
    EventKind::InvitationAmended,
    EventKind::InvitationSponsored,
    EventKind::InvitationRedeemed,
    EventKind::InvitationDeclined,
    EventKind::InvitationRevoked,
    EventKind::InvitationExpired,
    EventKind::InvitationSuspended,
    EventKind::InvitationReminded,
];

/// When one of these happens, the invitation is good until later, or ends. An amendment or a note may come when it has long
/// expired.
const KEEPING: [EventKind; 7] = [
    EventKind::InvitationIssued,
    EventKind::InvitationResent,
    EventKind::InvitationExtended,
    EventKind::InvitationSponsored,
    EventKind::InvitationRedeemed,
    EventKind::InvitationDeclined,
    EventKind::InvitationRevoked,
];

/// The state an invitation ends in, and what the trail says then.
const ENDS: [(&str, EventKind); 3] = [
    ("redeemed", EventKind::InvitationRedeemed),
    ("declined", EventKind::InvitationDeclined),
    ("revoked", EventKind::InvitationRevoked),
];

pub(super) fn invariants(horizon: &Horizon) -> [Invariant; 4] {
    let events = || vec![table::<Entity>()];
    [
        Invariant {
            name: "every_transition_has_its_event",
            meaning: "the trail tells of every issue, every new generation, every redemption, every membership that came of \
                      one, and every end",
            tables: vec![table::<invitation::Entity>(), table::<redemption::Entity>()],
            parts: vec![
                part::<invitation::Entity>(unissued(horizon)),
                part::<invitation::Entity>(unended(horizon)),
                part::<invitation::Entity>(ungenerated(horizon)),
                part::<redemption::Entity>(unredeemed(horizon)),
                part::<redemption::Entity>(unjoined(horizon)),
            ],
        },
        Invariant {
            name: "every_event_has_its_transition",
            meaning: "what the trail tells of an invitation happened to one that exists, and to none of a later version",
            tables: events(),
            parts: vec![part::<Entity>(of_nothing(horizon)), part::<Entity>(ahead())],
        },
        Invariant {
            name: "one_event_a_transition",
            meaning: "no version of an invitation has two transitions in the trail",
            tables: events(),
            parts: vec![part::<invitation::Entity>(numbered_twice())],
        },
        Invariant {
            name: "ends_absorb",
            meaning: "an invitation is in the state it ended in, and nothing became of it afterwards",
            tables: events(),
            parts: vec![part::<Entity>(revived())],
        },
    ]
}

fn names(kinds: &[EventKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.name()).collect()
}

fn e(column: E) -> SimpleExpr {
    col("e", column)
}

fn i(column: I) -> SimpleExpr {
    col("i", column)
}

/// That there is no event of this kind of the invitation `i` for which the condition holds.
fn untold(kind: EventKind, condition: SimpleExpr) -> SimpleExpr {
    let mut events = some::<Entity>("e");
    events
        .and_where(e(E::OrganizationId).eq(i(I::OrganizationId)))
        .and_where(e(E::InvitationId).eq(i(I::Id)))
        .and_where(e(E::Kind).eq(kind.name()))
        .and_where(condition);
    Expr::not_exists(events)
}

fn unissued(horizon: &Horizon) -> SelectStatement {
    let mut rows = rows_of::<invitation::Entity>("i", I::Id);
    rows.and_where(i(I::CreatedAt).gt(Expr::val(horizon.events)))
        .and_where(untold(EventKind::InvitationIssued, e(E::Sequence).eq(1)));
    rows
}

fn unended(horizon: &Horizon) -> SelectStatement {
    let untold_ends =
        ENDS.map(|(state, kind)| i(I::State).eq(state).and(untold(kind, e(E::Sequence).eq(i(I::Version)))));
    let mut rows = rows_of::<invitation::Entity>("i", I::Id);
    rows.and_where(i(I::EndedAt).gt(Expr::val(horizon.events)))
        .and_where(untold_ends.into_iter().reduce(ExprTrait::or).unwrap_or_else(|| Expr::val(false)));
    rows
}

/// A new generation is a resend, an amendment or a sponsorship; not every one of these is a new generation.
fn ungenerated(horizon: &Horizon) -> SelectStatement {
    let kinds = [EventKind::InvitationResent, EventKind::InvitationAmended, EventKind::InvitationSponsored];
    let mut told = Query::select();
    told.expr(e(E::Id).count())
        .from_as(table::<Entity>(), Alias::new("e"))
        .and_where(e(E::OrganizationId).eq(i(I::OrganizationId)))
        .and_where(e(E::InvitationId).eq(i(I::Id)))
        .and_where(e(E::Kind).is_in(names(&kinds)));
    let told = SimpleExpr::SubQuery(None, Box::new(told.into()));
    let mut rows = rows_of::<invitation::Entity>("i", I::Id);
    rows.and_where(i(I::CreatedAt).gt(Expr::val(horizon.events))).and_where(i(I::Generation).sub(1).gt(told));
    rows
}

fn unredeemed(horizon: &Horizon) -> SelectStatement {
    let then = e(E::RecordedAt).eq(col("r", R::RedeemedAt));
    let mut rows = invitations::redemptions();
    rows.and_where(col("r", R::RedeemedAt).gt(Expr::val(horizon.events)))
        .and_where(untold(EventKind::InvitationRedeemed, then));
    rows
}

/// A redemption by which somebody from a record signed in again makes and changes no membership (rule 3.3).
fn unjoined(horizon: &Horizon) -> SelectStatement {
    use membership::Column as M;
    let of_membership = || e(E::MembershipId).eq(col("r", R::MembershipId));
    let mut rows = invitations::redemptions();
    rows.join_as(
        JoinType::LeftJoin,
        table::<membership::Entity>(),
        Alias::new("m"),
        col("m", M::Id).eq(col("r", R::MembershipId)),
    )
    .and_where(col("r", R::RedeemedAt).gt(Expr::val(horizon.events)))
    .and_where(i(I::RecipientKind).ne("subject").or(col("m", M::CreatedAt).eq(col("r", R::RedeemedAt))))
    .and_where(untold(EventKind::MembershipCreated, of_membership()))
    .and_where(untold(EventKind::MembershipChanged, of_membership()));
    rows
}

fn of_nothing(horizon: &Horizon) -> SelectStatement {
    let mut its = some::<invitation::Entity>("i");
    its.and_where(i(I::OrganizationId).eq(e(E::OrganizationId))).and_where(i(I::Id).eq(e(E::InvitationId)));
    let mut rows = rows_of::<Entity>("e", E::Id);
    rows.and_where(e(E::RecordedAt).gt(Expr::val(horizon.invitations)))
        .and_where(e(E::Kind).is_in(names(&KEEPING)))
        .and_where(Expr::not_exists(its));
    rows
}

/// Events `e` of invitations `i`.
fn joined() -> SelectStatement {
    let on = i(I::OrganizationId).eq(e(E::OrganizationId)).and(i(I::Id).eq(e(E::InvitationId)));
    let mut rows = rows_of::<Entity>("e", E::Id);
    rows.join_as(JoinType::InnerJoin, table::<invitation::Entity>(), Alias::new("i"), on);
    rows
}

fn ahead() -> SelectStatement {
    let mut rows = joined();
    // An event of a membership is numbered by the membership.
    rows.and_where(e(E::Kind).like("invitation.%"))
        .and_where(e(E::Sequence).lt(1).or(e(E::Sequence).gt(i(I::Version))));
    rows
}

/// The invitations of which two transitions bear one number.
fn numbered_twice() -> SelectStatement {
    let mut rows = rows_of::<Entity>("e", E::InvitationId);
    rows.and_where(e(E::InvitationId).is_not_null())
        .and_where(e(E::Kind).is_in(names(&TRANSITIONS)))
        .add_group_by([e(E::OrganizationId), e(E::InvitationId), e(E::Sequence)])
        .and_having(e(E::Id).count().gt(1));
    rows
}

/// One that can be used several times is not ended by one use.
fn revived() -> SelectStatement {
    let revived = ENDS.map(|(state, kind)| {
        let goes_on = i(I::State).ne(state).or(i(I::Version).ne(e(E::Sequence)));
        let told = e(E::Kind).eq(kind.name()).and(goes_on);
        if kind == EventKind::InvitationRedeemed { told.and(i(I::MaxUses).eq(1)) } else { told }
    });
    let mut rows = joined();
    rows.and_where(revived.into_iter().reduce(ExprTrait::or).unwrap_or_else(|| Expr::val(false)));
    rows
}
