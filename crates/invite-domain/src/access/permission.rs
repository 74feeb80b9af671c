//! Permissions and sets of them (rule 6.1).

use std::{
    borrow::{Borrow, Cow},
    collections::BTreeSet,
    fmt,
    str::FromStr,
};

/// A right to do one thing, `resource.action`.
///
/// The set of permissions is open, so that a host can use names of its own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Permission(Cow<'static, str>);

/// A text that names no permission.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a permission is written `resource.action` in lower case, at most {} characters", Permission::MAX_LENGTH)]
pub struct InvalidPermission;

impl Permission {
    /// The most characters a permission may have.
    pub const MAX_LENGTH: usize = 100;

    /// The permission as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_valid(text: &str) -> bool {
        let mut parts = text.split('.');
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        let resource = parts.next().unwrap_or_default();
        let mut actions = parts.peekable();
        text.len() <= Self::MAX_LENGTH
            && resource.starts_with(|c: char| c.is_ascii_lowercase())
            && resource.chars().all(word)
            && actions.peek().is_some()
            && actions.all(|part| !part.is_empty() && part.chars().all(word))
    }
}

impl FromStr for Permission {
    type Err = InvalidPermission;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Most are ours, and those are there already.
        match OURS.binary_search(&text).ok().and_then(|place| OURS.get(place)) {
            Some(ours) => Ok(Self(Cow::Borrowed(ours))),
            None if Self::is_valid(text) => Ok(Self(Cow::Owned(text.to_owned()))),
            None => Err(InvalidPermission),
        }
    }
}

impl Borrow<str> for Permission {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! ours {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub const $name: &str = $text;)+
        /// Every permission this system itself checks, in alphabetical order.
        pub const OURS: &[&str] = &[$($text),+];
    };
}

ours! {
    /// See the API keys, never their secrets.
    API_KEYS_READ = "api_keys.read";
    /// Make and rotate API keys.
    API_KEYS_WRITE = "api_keys.write";
    /// See messages that could not be delivered.
    DEAD_LETTERS_READ = "dead_letters.read";
    /// Send a message again that could not be delivered.
    DEAD_LETTERS_REPLAY = "dead_letters.replay";
    /// Read the audit trail.
    EVENTS_READ = "events.read";
    /// Change the grant or the words of a pending invitation, or extend it.
    INVITATIONS_AMEND = "invitations.amend";
    /// Make invitations.
    INVITATIONS_ISSUE = "invitations.issue";
    /// See invitations.
    INVITATIONS_READ = "invitations.read";
    /// Send an invitation again.
    INVITATIONS_RESEND = "invitations.resend";
    /// See an invitation's link.
    INVITATIONS_REVEAL = "invitations.reveal";
    /// Withdraw an invitation.
    INVITATIONS_REVOKE = "invitations.revoke";
    /// Take over a suspended invitation.
    INVITATIONS_SPONSOR = "invitations.sponsor";
    /// See the members.
    MEMBERS_READ = "members.read";
    /// Remove a member.
    MEMBERS_REMOVE = "members.remove";
    /// Change a member's role and permissions, switch a member off and on.
    MEMBERS_UPDATE = "members.update";
    /// See the organisation's settings.
    ORGANIZATION_READ = "organization.read";
    /// Change the organisation's settings.
    ORGANIZATION_WRITE = "organization.write";
    /// See the roles.
    ROLES_READ = "roles.read";
    /// Make, change and delete roles.
    ROLES_WRITE = "roles.write";
    /// See the records invitations can be for.
    SUBJECTS_READ = "subjects.read";
    /// Change the records invitations can be for.
    SUBJECTS_WRITE = "subjects.write";
    /// See webhooks.
    WEBHOOKS_READ = "webhooks.read";
    /// Change webhooks.
    WEBHOOKS_WRITE = "webhooks.write";
}

/// A finite set of permissions.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PermissionSet(BTreeSet<Permission>);

impl PermissionSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Parses every name, or says which one is none.
    ///
    /// # Errors
    /// The index of the first text that names no permission.
    pub fn parse<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self, (usize, InvalidPermission)> {
        names
            .into_iter()
            .enumerate()
            .map(|(index, name)| name.as_ref().parse().map_err(|error| (index, error)))
            .collect::<Result<BTreeSet<_>, _>>()
            .map(Self)
    }

    /// The set of the permissions this system itself checks, without those named.
    pub fn ours_without(excluded: &[&str]) -> Self {
        Self(OURS.iter().filter(|name| !excluded.contains(name)).map(|name| Permission(Cow::Borrowed(name))).collect())
    }

    /// Whether the set holds the permission of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether every permission of `self` is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// The permissions of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// The permissions that are in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// The permissions of `self` that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The permissions in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &Permission> {
        self.0.iter()
    }

    /// The names in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Permission::as_str)
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<T: IntoIterator<Item = Permission>>(iter: T) -> Self {
        Self(iter.into_iter().collect())
    }
}

/// What somebody may do: a finite set, or everything, present and future (an owner, an operator).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Held {
    /// Every permission there is or will be.
    Everything,
    /// Just these.
    Only(PermissionSet),
}

impl Default for Held {
    fn default() -> Self {
        Self::nothing()
    }
}

impl Held {
    /// Nothing at all.
    pub fn nothing() -> Self {
        Self::Only(PermissionSet::new())
    }

    /// Whether the permission of this name is held.
    pub fn allows(&self, name: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(set) => set.contains(name),
        }
    }

    /// Whether everything `other` allows is held too: the ceiling's comparison (rule 6.2).
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Everything, _) => true,
            (Self::Only(_), Self::Everything) => false,
            (Self::Only(mine), Self::Only(theirs)) => theirs.is_subset(mine),
        }
    }

    /// What either holds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(mine), Self::Only(theirs)) => Self::Only(mine.union(theirs)),
            _ => Self::Everything,
        }
    }

    /// What both hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Everything, held) | (held, Self::Everything) => held.clone(),
            (Self::Only(mine), Self::Only(theirs)) => Self::Only(mine.intersection(theirs)),
        }
    }

    /// The permissions to print: everything prints as our own list and every other name in `known`.
    pub fn printed(&self, known: &PermissionSet) -> PermissionSet {
        match self {
            Self::Everything => PermissionSet::ours_without(&[]).union(known),
            Self::Only(set) => set.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r6_1_a_permission_is_resource_dot_action() {
        for good in ["a.b", "invitations.read", "x-y_1.z.9", "a.-"] {
            assert!(good.parse::<Permission>().is_ok(), "{good}");
        }
        for bad in ["", ".", "a", "a.", ".b", "A.b", "1a.b", "a..b", "a.b ", "a.B", "-a.b", "é.b"] {
            assert!(bad.parse::<Permission>().is_err(), "{bad}");
        }
        let long = format!("a.{}", "b".repeat(98));
        assert!(long.parse::<Permission>().is_ok());
        assert!(format!("{long}b").parse::<Permission>().is_err());
    }

    #[test]
    fn every_permission_of_ours_is_well_formed_and_listed_once() {
        for name in OURS {
            assert!(Permission::is_valid(name), "{name}");
        }
        assert!(OURS.is_sorted_by(|before, after| before < after), "they are sought as sorted");
        let set = PermissionSet::parse(OURS.iter().copied()).unwrap();
        assert_eq!(set.names().collect::<Vec<_>>(), OURS);
    }

    #[test]
    fn r6_2_everything_covers_all_and_only_everything_covers_everything() {
        let some = Held::Only(PermissionSet::parse(["a.b"]).unwrap());
        let more = Held::Only(PermissionSet::parse(["a.b", "a.c"]).unwrap());
        assert!(more.covers(&some) && !some.covers(&more));
        assert!(Held::Everything.covers(&more) && !more.covers(&Held::Everything));
        assert_eq!(Held::Everything.intersection(&some), some);
        assert_eq!(more.union(&Held::Everything), Held::Everything);
    }

    #[test]
    fn r6_1_everything_prints_ours_and_every_known_name() {
        let known = PermissionSet::parse(["timesheets.write"]).unwrap();
        let printed = Held::Everything.printed(&known);
        assert_eq!(printed.len(), OURS.len() + 1);
        assert!(printed.contains("timesheets.write"));
    }
    #[test]
    fn r6_1_a_permission_that_is_none_is_named_by_its_place() {
        assert_eq!(PermissionSet::parse(["a.b", "members.read", "Members"]), Err((2, InvalidPermission)));
        let said = InvalidPermission.to_string();
        assert!(said.contains("at most 100 characters"), "{said}");
    }

    #[test]
    fn r6_1_a_set_lists_what_is_in_it_once_and_in_alphabetical_order() {
        let set = PermissionSet::parse(["roles.read", "a.b", "roles.read"]).unwrap();
        assert_eq!((set.len(), set.is_empty(), PermissionSet::new().is_empty()), (2, false, true));
        assert_eq!(set.names().collect::<Vec<_>>(), ["a.b", "roles.read"]);
        let printed: Vec<_> = set.iter().map(ToString::to_string).collect();
        assert_eq!(printed, ["a.b", "roles.read"]);
        assert_eq!(set.iter().cloned().collect::<PermissionSet>(), set);
    }

    #[test]
    fn r6_2_what_somebody_lacks_is_the_difference_and_what_two_share_the_intersection() {
        let mine = PermissionSet::parse(["a.b", "a.c"]).unwrap();
        let theirs = PermissionSet::parse(["a.c", "a.d"]).unwrap();
        assert_eq!(mine.difference(&theirs).names().collect::<Vec<_>>(), ["a.b"]);
        assert_eq!(mine.intersection(&theirs).names().collect::<Vec<_>>(), ["a.c"]);
        let both = Held::Only(mine.clone()).union(&Held::Only(theirs.clone()));
        assert_eq!(both, Held::Only(PermissionSet::parse(["a.b", "a.c", "a.d"]).unwrap()));
        let shared = Held::Only(mine).intersection(&Held::Only(theirs));
        assert!(shared.allows("a.c") && !shared.allows("a.b") && !shared.allows("a.d"));
        assert!(!Held::default().allows("a.c"));
    }
}
