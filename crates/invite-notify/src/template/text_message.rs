//! A text message: one line, short, with nothing a name could add to it.

use super::clean;
use invite_text::{Arg, Language, Text};
use zeroize::Zeroizing;

/// How long a message is at most, in characters. A phone shows it in one piece, and it is sent in few. Only a long address
/// of the service can make it longer: names are cut, the code and its place never.
const LONGEST: usize = 300;
/// How long a name is at most, in characters.
const LONGEST_NAME: usize = 60;
/// What is left of a name in any case, in characters.
const SHORTEST_NAME: usize = 12;

/// What a text message says. Names are as people wrote them.
pub(super) struct TextMessage<'a> {
    pub(super) language: Language,
    pub(super) inviter: Option<&'a str>,
    pub(super) organization: &'a str,
    pub(super) code: &'a str,
    pub(super) place: &'a str,
    pub(super) until: &'a str,
}

impl TextMessage<'_> {
    pub(super) fn write(&self) -> Zeroizing<String> {
        let cleaned = |name: &str| clean::name(name, LONGEST_NAME);
        let (inviter, organization) = (self.inviter.map(cleaned).unwrap_or_default(), cleaned(self.organization));
        let room = LONGEST.saturating_sub(self.words("", "").chars().count());
        let (first, second) = shares(room, inviter.chars().count(), organization.chars().count());
        self.words(&clean::name(&inviter, first), &clean::name(&organization, second))
    }

    fn words(&self, inviter: &str, organization: &str) -> Zeroizing<String> {
        let key = if self.inviter.is_some() { "sms-invitation" } else { "sms-invitation-organization" };
        Zeroizing::new(Text::new(self.language).with(
            key,
            &[
                ("inviter", Arg::Text(inviter)),
                ("organization", Arg::Text(organization)),
                ("code", Arg::Text(self.code)),
                ("place", Arg::Text(self.place)),
                ("until", Arg::Text(self.until)),
            ],
        ))
    }
}

/// How many characters each of two names gets: half the room, and what the other leaves of its half.
fn shares(room: usize, first: usize, second: usize) -> (usize, usize) {
    let half = room / 2;
    let of = |own: usize, other: usize| own.min(room.saturating_sub(other).max(half)).max(SHORTEST_NAME);
    (of(first, second), of(second, first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_names_share_the_room_and_neither_wastes_any() {
        assert_eq!(shares(100, 20, 30), (20, 30));
        assert_eq!(shares(100, 60, 60), (50, 50));
        assert_eq!(shares(100, 20, 90), (20, 80));
        assert_eq!(shares(100, 90, 20), (80, 20));
        assert_eq!(shares(0, 60, 60), (12, 12));
    }

    fn message(place: &str, inviter: Option<&str>, organization: &str) -> String {
        let until = "Saturday, 28 November 2026 at 15:05 UTC+1";
        let language = Language::En;
        TextMessage { language, inviter, organization, code: "6KNS-4129-2BR", place, until }.write().to_string()
    }

    #[test]
    fn names_are_cut_and_the_code_and_its_place_are_not() {
        let (place, long) = ("https://invite.example/code/acme", "x".repeat(1_000));
        let text = message(place, Some(&long), &long);
        let cut = format!("{}…", "x".repeat(LONGEST_NAME - 1));
        assert!(text.starts_with(&format!("{cut} invites you to join {cut}. Enter the code ")), "{text}");
        let place = format!("https://{}.example/code/{}", "long".repeat(20), "s".repeat(40));
        let text = message(&place, Some(&long), &long);
        assert!(text.contains(&format!("Enter the code 6KNS-4129-2BR at {place} before ")), "{text}");
        assert!(text.chars().count() <= LONGEST, "{text}");
        let place = format!("https://invite.example/{}/code/acme", "p".repeat(400));
        assert!(message(&place, None, &long).contains(&format!("6KNS-4129-2BR at {place} before ")));
    }
}
