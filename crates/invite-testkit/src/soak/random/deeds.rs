//! What a sequence is made of. A deed names everything by place, so that it means something in whatever state there is:
//! sequences can be shortened.

use invite_domain::service::{OnConflict, Reveal};
use proptest::{
    prelude::{Just, Strategy, any},
    prop_oneof,
    strategy::BoxedStrategy,
};

/// Who acts: the owner, the admin, the member, the API key, or somebody who joined.
pub(super) type Who = usize;

/// What is shown to be let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shown {
    /// The last link, as it was mailed or texted.
    Sent,
    /// The last link, as it was copied.
    Copied,
    /// The link so many generations before.
    Older(u16),
    /// A link of the next generation, which nobody made.
    Next,
    /// The last link with one character changed.
    Mangled,
    /// A link to an invitation there is not.
    Unknown,
    /// The last code.
    Code,
}

/// Which rights a grant, a member or a role gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Rights {
    /// A place among the roles there are, or none.
    pub(super) role: Option<usize>,
    /// A place in [`super::naming::PERMISSIONS`].
    pub(super) permissions: usize,
}

/// What becomes of a claimed message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    Sent,
    Retried(i64),
    Failed,
    Cancelled,
}

/// One operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    Issue {
        by: Who,
        to: usize,
        rights: Rights,
        expires_in: Option<i64>,
        silent: bool,
        on_conflict: OnConflict,
        reveal: Reveal,
    },
    Resend {
        by: Who,
        at: usize,
        expires_in: Option<i64>,
        silent: bool,
        reveal: Reveal,
    },
    Extend {
        by: Who,
        at: usize,
        expires_in: i64,
    },
    Amend {
        by: Who,
        at: usize,
        rights: Option<Rights>,
        words: bool,
        expires_in: Option<i64>,
    },
    Revoke {
        by: Who,
        at: usize,
    },
    Sponsor {
        by: Who,
        at: usize,
    },
    Reveal {
        by: Who,
        at: usize,
    },
    Redeem {
        at: usize,
        shown: Shown,
        caller: Option<Who>,
    },
    Decline {
        at: usize,
        shown: Shown,
        block: bool,
    },
    RequestNewLink {
        at: usize,
        shown: Shown,
    },
    ChangeMember {
        by: Who,
        whom: usize,
        rights: Option<Rights>,
        active: Option<bool>,
    },
    RemoveMember {
        by: Who,
        whom: usize,
    },
    CreateRole {
        by: Who,
        permissions: usize,
    },
    ChangeRole {
        by: Who,
        role: usize,
        permissions: usize,
    },
    DeleteRole {
        by: Who,
        role: usize,
    },
    ChangePolicy {
        by: Who,
        proof: bool,
        ttl_default: Option<i64>,
    },
    /// So many microseconds pass.
    Pass(i64),
    /// So many microseconds from the invitation's expiry, unless that is past.
    PassToExpiry {
        at: usize,
        micros: i64,
    },
    Claim {
        limit: u32,
    },
    Settle {
        claim: usize,
        fate: Fate,
    },
    NoteLapses,
    List {
        status: usize,
    },
}

impl Deed {
    /// Whether the store has to have a directory for it.
    pub(super) fn needs_directory(&self) -> bool {
        matches!(
            self,
            Self::ChangeMember { .. }
                | Self::RemoveMember { .. }
                | Self::CreateRole { .. }
                | Self::ChangeRole { .. }
                | Self::DeleteRole { .. }
                | Self::ChangePolicy { .. }
        )
    }
}

/// The owner most often, who may do most.
fn who() -> impl Strategy<Value = Who> {
    prop_oneof![5 => Just(0_usize), 3 => Just(1), 1 => Just(2), 2 => Just(3), 2 => 4_usize..12]
}

/// A place from the end: the last ones most often.
fn recent() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 0_usize..3, 1 => 0_usize..40]
}

fn rights() -> impl Strategy<Value = Rights> {
    let role = prop_oneof![1 => Just(None), 6 => (0_usize..8).prop_map(Some)];
    (role, 0_usize..5).prop_map(|(role, permissions)| Rights { role, permissions })
}

/// Seconds, the bounds and beyond them among these.
fn lifetime() -> impl Strategy<Value = i64> {
    prop_oneof![
        1 => Just(299_i64),
        3 => Just(300),
        4 => 301_i64..7_200,
        3 => 7_200_i64..21_600,
        1 => Just(21_600),
        1 => Just(21_601),
    ]
}

fn shown() -> impl Strategy<Value = Shown> {
    prop_oneof![
        10 => Just(Shown::Sent),
        3 => Just(Shown::Copied),
        2 => (1_u16..3).prop_map(Shown::Older),
        1 => Just(Shown::Next),
        1 => Just(Shown::Mangled),
        1 => Just(Shown::Unknown),
        3 => Just(Shown::Code),
    ]
}

fn reveal() -> impl Strategy<Value = Reveal> {
    prop_oneof![3 => Just(Reveal::No), 1 => Just(Reveal::Asked), 1 => Just(Reveal::WherePermitted)]
}

fn on_conflict() -> impl Strategy<Value = OnConflict> {
    prop_oneof![
        3 => Just(OnConflict::Error),
        2 => Just(OnConflict::Return),
        2 => Just(OnConflict::Resend),
        2 => Just(OnConflict::Replace),
        1 => Just(OnConflict::ReplaceExpired),
    ]
}

fn issue() -> impl Strategy<Value = Deed> {
    let expires_in = prop_oneof![2 => Just(None), 3 => lifetime().prop_map(Some)];
    (who(), 0_usize..9, rights(), expires_in, any::<bool>(), on_conflict(), reveal()).prop_map(
        |(by, to, rights, expires_in, silent, on_conflict, reveal)| Deed::Issue {
            by,
            to,
            rights,
            expires_in,
            silent,
            on_conflict,
            reveal,
        },
    )
}

fn change() -> impl Strategy<Value = Deed> {
    let maybe = || prop_oneof![3 => Just(None), 1 => lifetime().prop_map(Some)];
    let resend = (who(), recent(), maybe(), any::<bool>(), reveal())
        .prop_map(|(by, at, expires_in, silent, reveal)| Deed::Resend { by, at, expires_in, silent, reveal });
    let extend = (who(), recent(), lifetime()).prop_map(|(by, at, expires_in)| Deed::Extend { by, at, expires_in });
    let regranted = prop_oneof![Just(None), rights().prop_map(Some)];
    let amend = (who(), recent(), regranted, any::<bool>(), maybe())
        .prop_map(|(by, at, rights, words, expires_in)| Deed::Amend { by, at, rights, words, expires_in });
    let revoke = (who(), recent()).prop_map(|(by, at)| Deed::Revoke { by, at });
    let sponsor = (who(), recent()).prop_map(|(by, at)| Deed::Sponsor { by, at });
    let reveal = (who(), recent()).prop_map(|(by, at)| Deed::Reveal { by, at });
    prop_oneof![4 => resend, 3 => extend, 3 => amend, 2 => revoke, 2 => sponsor, 1 => reveal]
}

fn use_link() -> impl Strategy<Value = Deed> {
    let caller = prop_oneof![4 => Just(None), 1 => (0_usize..12).prop_map(Some)];
    let redeem = (recent(), shown(), caller).prop_map(|(at, shown, caller)| Deed::Redeem { at, shown, caller });
    let decline = (recent(), shown(), any::<bool>()).prop_map(|(at, shown, block)| Deed::Decline { at, shown, block });
    let request = (recent(), shown()).prop_map(|(at, shown)| Deed::RequestNewLink { at, shown });
    prop_oneof![6 => redeem, 1 => decline, 2 => request]
}

fn administer() -> impl Strategy<Value = Deed> {
    let regranted = prop_oneof![1 => Just(None), 3 => rights().prop_map(Some)];
    let active = prop_oneof![3 => Just(None), 1 => Just(Some(false)), 2 => Just(Some(true))];
    let member = (who(), 0_usize..12, regranted, active).prop_map(|(by, whom, rights, active)| Deed::ChangeMember {
        by,
        whom,
        rights,
        active,
    });
    let remove = (who(), 0_usize..12).prop_map(|(by, whom)| Deed::RemoveMember { by, whom });
    let create = (who(), 0_usize..5).prop_map(|(by, permissions)| Deed::CreateRole { by, permissions });
    let edit =
        (who(), 0_usize..8, 0_usize..5).prop_map(|(by, role, permissions)| Deed::ChangeRole { by, role, permissions });
    let delete = (who(), 0_usize..8).prop_map(|(by, role)| Deed::DeleteRole { by, role });
    let ttl = prop_oneof![Just(None), Just(Some(600_i64)), Just(Some(20_000))];
    let policy =
        (who(), any::<bool>(), ttl).prop_map(|(by, proof, ttl_default)| Deed::ChangePolicy { by, proof, ttl_default });
    prop_oneof![6 => member, 2 => remove, 1 => create, 3 => edit, 1 => delete, 1 => policy]
}

fn pass() -> impl Strategy<Value = Deed> {
    let micros = prop_oneof![
        1 => Just(1_i64),
        4 => 1_000_000_i64..600_000_000,
        1 => 3_600_000_000_i64..7_200_000_000,
    ];
    let to_expiry = (recent(), -1_i64..2).prop_map(|(at, micros)| Deed::PassToExpiry { at, micros });
    prop_oneof![4 => micros.prop_map(Deed::Pass), 2 => to_expiry]
}

fn dispatch() -> impl Strategy<Value = Deed> {
    let fate = prop_oneof![
        3 => Just(Fate::Sent),
        2 => (1_i64..600).prop_map(Fate::Retried),
        1 => Just(Fate::Failed),
        1 => Just(Fate::Cancelled),
    ];
    let claim = prop_oneof![1_u32..4, Just(1_000)].prop_map(|limit| Deed::Claim { limit });
    let settle = (recent(), fate).prop_map(|(claim, fate)| Deed::Settle { claim, fate });
    prop_oneof![2 => claim, 3 => settle, 1 => Just(Deed::NoteLapses)]
}

/// Any deed.
pub(super) fn any_deed() -> BoxedStrategy<Deed> {
    prop_oneof![
        20 => issue(),
        24 => change(),
        26 => use_link(),
        10 => administer(),
        10 => pass(),
        9 => dispatch(),
        4 => (0_usize..7).prop_map(|status| Deed::List { status }),
    ]
    .boxed()
}
