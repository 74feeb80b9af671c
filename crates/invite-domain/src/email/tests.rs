use super::*;
use proptest::prelude::*;
use std::collections::{BTreeSet, HashSet};

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn key(text: &str) -> String {
    address(text).key().to_owned()
}

#[test]
fn r3_4_the_key_is_lower_case_ascii_and_the_a_label() {
    let table = [
        ("User@X.org", "user@x.org"),
        ("user@x.ORG", "user@x.org"),
        ("First.Last+Tag@Example.ORG", "first.last+tag@example.org"),
        ("firstlast@example.org", "firstlast@example.org"),
        ("a@straße.de", "a@xn--strae-oqa.de"),
        ("a@XN--STRAE-OQA.de", "a@xn--strae-oqa.de"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("a@bu\u{308}cher.example", "a@xn--bcher-kva.example"),
        ("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@ｅxample。org", "a@example.org"),
        ("a@ab--cd.org", "a@ab--cd.org"),
        ("mıke@x.org", "mıke@x.org"),
        ("\u{212A}@x.org", "\u{212A}@x.org"),
        ("STRAßE@x.org", "straße@x.org"),
        ("ÄÖ@x.org", "ÄÖ@x.org"),
        ("!#$%&'*+-/=?^_`{|}~@x.org", "!#$%&'*+-/=?^_`{|}~@x.org"),
    ];
    for (text, expected) in table {
        assert_eq!(key(text), expected, "{text}");
        assert_eq!(address(text).as_str(), text);
        assert_eq!(address(text).to_string(), text);
    }
}

#[test]
fn mail_1_two_spellings_are_one_person_only_by_ascii_case() {
    assert_eq!(address("User@X.org"), address("user@x.ORG"));
    let people = [
        "mike@x.org",
        "mıke@x.org",
        "k@x.org",
        "\u{212A}@x.org",
        "straße@x.org",
        "strasse@x.org",
        "STRAẞE@x.org",
        "a.b@x.org",
        "ab@x.org",
        "a+b@x.org",
        "\u{e9}@x.org",
        "e\u{301}@x.org",
        "É@x.org",
        "a@x.org",
        "а@x.org", // Cyrillic
        "a@strasse.de",
        "a@straße.de",
        "a@sub.x.org",
    ];
    assert_eq!(people.iter().map(|text| address(text)).collect::<HashSet<_>>().len(), people.len());
    assert_eq!(people.iter().map(|text| address(text)).collect::<BTreeSet<_>>().len(), people.len());
    for text in ["user@x.org ", " user@x.org", "user @x.org", "user@ x.org"] {
        assert_eq!(EmailAddress::parse(text), Err(EmailError::Space), "{text:?}");
    }
}

#[test]
fn mail_3_a_domain_is_compared_whole_by_its_a_label() {
    let rule = normalize_domain("Example.org").unwrap();
    assert_eq!(address("a@EXAMPLE.org").domain(), rule);
    for other in ["a@sub.example.org", "a@evil-example.org", "a@example.org.evil", "a@exаmple.org", "a@example.or"] {
        assert_ne!(address(other).domain(), rule, "{other}");
    }
    assert_eq!(normalize_domain("пример.рф").as_deref(), Ok("xn--e1afmkfd.xn--p1ai"));
    assert_eq!(normalize_domain(""), Err(EmailError::MissingDomain));
    assert_eq!(normalize_domain("org"), Err(EmailError::DomainWithoutDot));
    assert_eq!(normalize_domain("a@example.org"), Err(EmailError::InvalidDomain));
    assert_eq!(normalize_domain("*.example.org"), Err(EmailError::InvalidDomain));
    assert_eq!(normalize_domain("example.org\n"), Err(EmailError::ControlCharacter));
    assert_eq!(normalize_domain(&"a.".repeat(5_000)), Err(EmailError::TooLong));
}

#[test]
fn r3_4_what_is_refused_is_refused_with_its_reason() {
    use EmailError as E;
    let table = [
        ("", E::NotOneAt),
        ("a", E::NotOneAt),
        ("a.example.org", E::NotOneAt),
        ("a@b@x.org", E::NotOneAt),
        ("a@@x.org", E::NotOneAt),
        ("a＠x.org", E::NotOneAt),
        ("a\u{FE6B}x.org", E::NotOneAt),
        ("a＠b@x.org", E::NotOneAt),
        ("a@b＠x.org", E::NotOneAt),
        ("\"a@b\"@x.org", E::NotOneAt),
        ("a@x.org\r\nBcc: b@x.org", E::ControlCharacter),
        ("a\r@x.org", E::ControlCharacter),
        ("a\n@x.org", E::ControlCharacter),
        ("a@x.org\n", E::ControlCharacter),
        ("a\0@x.org", E::ControlCharacter),
        ("a\t@x.org", E::ControlCharacter),
        ("a\u{7F}@x.org", E::ControlCharacter),
        ("a\u{85}@x.org", E::ControlCharacter),
        ("a b@x.org", E::Space),
        ("a\u{A0}@x.org", E::Space),
        ("a\u{2028}@x.org", E::Space),
        ("a\u{3000}@x.org", E::Space),
        ("a@x\u{2029}.org", E::Space),
        ("a\u{202E}@x.org", E::InvisibleCharacter),
        ("a\u{200B}@x.org", E::InvisibleCharacter),
        ("a\u{200D}@x.org", E::InvisibleCharacter),
        ("a\u{AD}@x.org", E::InvisibleCharacter),
        ("a\u{FE0F}@x.org", E::InvisibleCharacter),
        ("a\u{E0041}@x.org", E::InvisibleCharacter),
        ("\u{FEFF}a@x.org", E::InvisibleCharacter),
        ("a@x\u{2066}.org", E::InvisibleCharacter),
        ("a@x\u{AD}.org", E::InvisibleCharacter),
        ("@x.org", E::MissingLocal),
        ("a@", E::MissingDomain),
        ("\"a\"@x.org", E::QuotedLocal),
        ("\"a@x.org", E::QuotedLocal),
        ("a,b@x.org", E::LocalSyntax),
        ("<a@x.org", E::LocalSyntax),
        ("a(b)@x.org", E::LocalSyntax),
        ("a:b@x.org", E::LocalSyntax),
        ("a;b@x.org", E::LocalSyntax),
        ("a\\b@x.org", E::LocalSyntax),
        (".a@x.org", E::LocalSyntax),
        ("a.@x.org", E::LocalSyntax),
        ("a..b@x.org", E::LocalSyntax),
        ("=?utf-8?q?a?=@x.org", E::LocalSyntax),
        ("x=?x?q?=41?=foo@x.org", E::LocalSyntax),
        ("a@[127.0.0.1]", E::AddressLiteral),
        ("a@[IPv6:::1]", E::AddressLiteral),
        ("a@127.0.0.1", E::AddressLiteral),
        ("a@x.1", E::AddressLiteral),
        ("a@localhost", E::DomainWithoutDot),
        ("a@рф", E::DomainWithoutDot),
        ("a@x.org.", E::InvalidDomain),
        ("a@.x.org", E::InvalidDomain),
        ("a@x..org", E::InvalidDomain),
        ("a@-x.org", E::InvalidDomain),
        ("a@x-.org", E::InvalidDomain),
        ("a@x_y.org", E::InvalidDomain),
        ("a@x.org>", E::InvalidDomain),
        ("a@x,y.org", E::InvalidDomain),
        ("a@xn--.org", E::InvalidDomain),
        ("a@xn--a.org", E::InvalidDomain),
        ("a@xn--abc-.org", E::InvalidDomain),
        ("a@xn--strasse-.de", E::InvalidDomain),
        ("a@xn--BCHER-KVA\u{FC}.de", E::InvalidDomain),
        ("a@x\u{200D}y.org", E::InvalidDomain),
        // `Über` and a decomposed `bücher`: no A-label holds an upper-case letter or is not in NFC.
        ("a@xn--ber-ska.de", E::InvalidDomain),
        ("a@xn--bucher-xyd.de", E::InvalidDomain),
    ];
    for (text, expected) in table {
        assert_eq!(EmailAddress::parse(text), Err(expected), "{text:?}");
    }
}

#[test]
fn r3_4_the_local_part_has_at_most_64_octets() {
    let parse = |local: String| EmailAddress::parse(&format!("{local}@x.org")).map(|address| address.local().len());
    assert_eq!(parse("a".repeat(64)), Ok(64));
    assert_eq!(parse("a".repeat(65)), Err(EmailError::LocalTooLong));
    assert_eq!(parse("é".repeat(32)), Ok(64));
    assert_eq!(parse("é".repeat(32) + "a"), Err(EmailError::LocalTooLong));
}

#[test]
fn r3_4_the_address_has_at_most_254_octets_as_written() {
    let of = |last: usize| format!("{}@{}.{}.{}", "a".repeat(64), "b".repeat(63), "c".repeat(63), "d".repeat(last));
    assert_eq!(of(61).len(), 254);
    assert_eq!(address(&of(61)).key().len(), 254);
    assert_eq!(EmailAddress::parse(&of(62)), Err(EmailError::TooLong));
    // A spelling that would be short enough with its A-label is still too long to store.
    let wide = format!("{}@{}.org", "a".repeat(64), "ｂ".repeat(63));
    assert!(wide.len() > 254 && wide.chars().count() < 254);
    assert_eq!(EmailAddress::parse(&wide), Err(EmailError::TooLong));
}

#[test]
fn r3_4_the_address_has_at_most_254_octets_with_its_a_label() {
    let of = |last: &str| format!("{}@{}{last}", "a".repeat(64), "ü.".repeat(23));
    assert_eq!(address(&of("abcde")).key().len(), 254);
    assert!(of("abcdef").len() < 254);
    assert_eq!(EmailAddress::parse(&of("abcdef")), Err(EmailError::TooLong));
}

#[test]
fn r3_4_a_label_has_at_most_63_octets() {
    let of = |length| format!("a@{}.org", "b".repeat(length));
    assert_eq!(address(&of(63)).domain().len(), 67);
    assert_eq!(EmailAddress::parse(&of(64)), Err(EmailError::InvalidDomain));
}

#[test]
fn r3_4_sending_uses_the_a_label_and_a_non_ascii_local_part_needs_smtputf8() {
    let plain = address("Ann.B+x@Bücher.example");
    assert_eq!(plain.ascii_address().as_deref(), Some("Ann.B+x@xn--bcher-kva.example"));
    assert_eq!((plain.local(), plain.domain()), ("Ann.B+x", "xn--bcher-kva.example"));
    assert!(!plain.needs_smtputf8());
    let wide = address("jürgen@x.org");
    assert_eq!(wide.ascii_address(), None);
    assert_eq!((wide.local(), wide.domain()), ("jürgen", "x.org"));
    assert!(wide.needs_smtputf8());
}

#[test]
fn a_masked_address_keeps_two_letters_and_the_top_level_domain() {
    let table = [
        ("ann@example.org", "a•••@e•••.org"),
        ("Ann@mail.example.co.uk", "A•••@m•••.uk"),
        ("x@y.de", "x•••@y•••.de"),
        ("жанна@пример.рф", "ж•••@п•••.рф"),
        ("a@xn--bcher-kva.example", "a•••@b•••.example"),
    ];
    for (text, expected) in table {
        assert_eq!(address(text).masked(), expected);
    }
}

#[test]
fn an_address_comes_back_from_a_store_only_with_its_own_key() {
    let stored = EmailAddress::from_parts("User@Bücher.example", "user@xn--bcher-kva.example").unwrap();
    assert_eq!(stored.as_str(), "User@Bücher.example");
    for key in ["User@xn--bcher-kva.example", "user@bücher.example", "other@xn--bcher-kva.example", ""] {
        assert_eq!(EmailAddress::from_parts("User@Bücher.example", key), Err(EmailError::KeyMismatch), "{key}");
    }
    assert_eq!(EmailAddress::from_parts("user", "user"), Err(EmailError::NotOneAt));
}

#[test]
fn what_most_addresses_are_is_read_by_the_short_way_and_nothing_else() {
    for text in ["ada@example.org", "First.Last+Tag@Sub-1.Example.ORG", "a_b-c@1a.b2", &("a".repeat(64) + "@x.org")] {
        assert!(EmailAddress::parse_plain(text).is_some(), "{text}");
    }
    let long = ["a".repeat(65) + "@x.org", format!("a@{}.org", "b".repeat(64)), format!("a@{}org", "b.".repeat(126))];
    let others = [
        "a",
        "@",
        "a@",
        "@x.org",
        "a@org",
        "a@x.",
        "a@.org",
        "a@x..org",
        "a@-x.org",
        "a@x-.org",
        "a.@x.org",
        ".a@x.org",
        "a@b@x.org",
        "a..b@x.org",
        "a@xn--strae-oqa.de",
        "a@ab--cd.org",
        "a@1.2",
        "a@x.1",
        "a b@x.org",
        "\"a\"@x.org",
        "=?a?=@x.org",
        "é@x.org",
        "a@é.org",
        "a@x.org\n",
        "a@[1.2.3.4]",
    ];
    for text in others.into_iter().chain(long.iter().map(String::as_str)) {
        assert!(EmailAddress::parse_plain(text).is_none(), "{text}");
    }
}

proptest! {
    #[test]
    fn the_short_way_reads_what_the_long_one_does(text in "[a-zA-Z0-9+._-]{1,66}@([a-zA-Z0-9-]{1,65}\\.){1,5}[a-zA-Z0-9-]{1,8}") {
        if let Some(plain) = EmailAddress::parse_plain(&text) {
            let any = EmailAddress::parse_any(&text).unwrap();
            prop_assert_eq!((plain.as_str(), plain.key(), plain.at), (any.as_str(), any.key(), any.at));
        }
    }

    #[test]
    fn r3_4_a_key_is_an_address_whose_key_it_is(text in "[a-zA-Z0-9éıßК+.-]{1,20}@[a-zA-Z0-9éıßКאα.-]{1,20}\\.[a-zé]{2,5}") {
        if let Ok(first) = EmailAddress::parse(&text) {
            let again = EmailAddress::parse(first.key()).unwrap();
            prop_assert_eq!(again.key(), first.key());
            prop_assert_eq!(&again, &first);
            prop_assert!(first.domain().is_ascii() && first.domain().contains('.'));
            prop_assert_eq!(first.as_str(), &text);
        }
    }

    #[test]
    fn ascii_case_never_matters(text in "[a-z0-9+]{1,20}@[a-z0-9]{1,20}\\.[a-z]{2,5}") {
        prop_assert_eq!(address(&text), address(&text.to_ascii_uppercase()));
    }

    #[test]
    fn whatever_is_accepted_holds_every_bound(text in "\\PC{0,12}[@＠]\\PC{0,12}(\\.org)?") {
        if let Ok(address) = EmailAddress::parse(&text) {
            prop_assert!(address.local().len() <= MAX_LOCAL_OCTETS && address.key().len() <= MAX_ADDRESS_OCTETS);
            prop_assert!(!text.chars().any(|c| c.is_control() || c.is_whitespace()));
            prop_assert_eq!(address.key().matches('@').count(), 1);
            prop_assert!(!address.masked().is_empty());
        }
    }
}
