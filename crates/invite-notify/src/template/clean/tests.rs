use super::*;
use linkify::{LinkFinder, LinkKind};
use proptest::prelude::*;

fn links(text: &str) -> Vec<String> {
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false).kinds(&[LinkKind::Url, LinkKind::Email]);
    finder.links(text).map(|link| link.as_str().to_owned()).collect()
}

#[test]
fn r8_3_what_looks_like_a_link_is_taken_apart() {
    let cases = [
        ("https://evil.example/x", "https: //evil. example/x"),
        ("HTTP://EVIL.EXAMPLE", "HTTP: //EVIL. EXAMPLE"),
        ("see www.evil.example now", "see www. evil. example now"),
        ("www.x", "www. x"),
        ("FTP.x", "FTP. x"),
        ("evil.example/x?y=z#a", "evil. example/x?y=z#a"),
        ("me@evil.example", "me@evil. example"),
        ("mailto:me@evil.example", "mailto: me@evil. example"),
        ("javascript:alert(1)", "javascript: alert(1)"),
        ("http:\\\\evil.example", "http: \\\\evil. example"),
        ("http://localhost:8080/x", "http: //localhost: 8080/x"),
        ("http://3232235777/", "http: //3232235777/"),
        ("10.0.0.1/x", "10. 0. 0. 1/x"),
        ("0.0:1.0.1/x", "0. 0:1. 0. 1/x"),
        ("1.0:1.0.1", "1. 0:1. 0. 1"),
        ("evil．example", "evil． example"),
        ("evil。example", "evil。 example"),
        ("evil․example", "evil․ example"),
        ("пример。рф", "пример。 рф"),
        ("münchen。example", "münchen。 example"),
        ("例え。com", "例え。 com"),
        ("ｅｖｉｌ。ｃｏｍ", "ｅｖｉｌ。 ｃｏｍ"),
        ("www。例え", "www。 例え"),
        ("例え。テスト/x", "例え。 テスト/x"),
        ("一。例え。テスト:8080", "一。 例え。 テスト:8080"),
        ("我@例え。テスト", "我@例え。 テスト"),
        ("例え｡テスト", "例え｡ テスト"),
        ("münchen.example", "münchen. example"),
        ("i❤.ws", "i❤. ws"),
        ("пример.рф", "пример. рф"),
        ("a.b.com", "a.b. com"),
        ("(evil.example)", "(evil. example)"),
        ("evil-.example", "evil-. example"),
        ("web2.0example.com", "web2. 0example. com"),
        ("Booking.com", "Booking. com"),
    ];
    for (text, expected) in cases {
        assert_eq!(defuse(text), expected);
        assert_eq!(links(&defuse(text)), [""; 0], "{text}");
    }
}

#[test]
fn r8_3_ordinary_text_stays_as_it_is() {
    for text in [
        "",
        "Hello. How are you?",
        "3.50",
        "1.2.3",
        "12.05.2026",
        "e.g. this",
        "z.B. das",
        "J.R.R. Tolkien",
        "U.S.A.",
        "wait...",
        "...what",
        ".NET",
        "at 12:30",
        "Note: bring a pen",
        "a/b",
        "@zoe",
        "#1",
        "你好。世界",
        "はじめまして。よろしくお願いします。",
        "「こんにちは。」と言った。（終）。次へ",
        "안녕하세요。반갑습니다",
        "Acme へようこそ。 Zoë",
        "O’Neill & Sons, Ltd.",
        "👩‍🚀 team",
    ] {
        assert_eq!(defuse(text), text);
    }
}

#[test]
fn a_name_is_one_line_without_what_controls_hides_or_turns_text() {
    let cases = [
        ("Zoë Müller", "Zoë Müller"),
        ("  Ada \t Byron  ", "Ada Byron"),
        ("Ada\r\nBcc: all@example.org", "Ada Bcc: all@example. org"),
        ("Ada\u{2028}Byron\u{2029}x\u{85}y\u{b}z", "Ada Byron x y z"),
        ("A\0d\u{1b}[31ma\u{7f}", "Ad[31ma"),
        ("\u{202e}evil\u{2066}\u{2069}\u{200f}\u{200e}\u{202c}", "evil"),
        ("ev\u{200b}il\u{2060}.exa\u{ad}mple\u{feff}", "evil. example"),
        ("=?utf-8?Q?=0D=0ABcc:_x?=", "= ?utf-8?Q?=0D=0ABcc: _x?="),
        ("کتاب\u{200c}ها", "کتاب\u{200c}ها"),
        ("\u{200b}\r\n", ""),
        ("क्\u{200d}ष", "क्\u{200d}ष"),
        ("👩\u{200d}🚀 ❤\u{fe0f}\u{200d}🔥 1\u{fe0f}\u{20e3}", "👩\u{200d}🚀 ❤\u{fe0f}\u{200d}🔥 1\u{fe0f}\u{20e3}"),
        // Joiners that join nothing, or Latin letters.
        ("\u{200c}کتاب\u{200d}", "کتاب"),
        ("ک\u{200c}\u{200c}ت", "ک\u{200c}ت"),
        ("A\u{200d}d\u{200c}a\u{200d} \u{200c}Byron", "Ada Byron"),
        ("A\u{3164}d\u{115f}\u{1160}\u{ffa0}a\u{2800}\u{34f}\u{17b4}\u{17b5}", "Ada"),
        (" \u{fe0f}Ada \u{e0100}", "Ada"),
    ];
    for (text, expected) in cases {
        assert_eq!(name(text, 100), expected, "{text:?}");
    }
}

#[test]
fn r8_3_a_name_in_which_nothing_can_be_seen_is_blank() {
    let unseen = "\u{3164}\u{115f}\u{1160}\u{ffa0}\u{2800}\u{34f}\u{17b4}\u{17b5}\u{200c}\u{200d}\u{ad}\u{61c}\u{180e}\
                  \u{200b}\u{200e}\u{202e}\u{2060}\u{2064}\u{2066}\u{206f}\u{feff}\u{fff9}\u{1bca0}\u{1d173}\u{e0001}\u{e0041}\
                  \u{fe0f}\u{e0100}\u{180b}\u{301}\u{20dd}\u{a0}\u{3000}\u{2003}\0\u{7f}";
    for c in unseen.chars() {
        assert!(is_blank(&c.to_string()) && is_blank(&format!("{c} {c}{c}")), "{c:?}");
        assert!(!is_blank(&format!("{c}A")) && !is_blank(&format!("언{c}")), "{c:?}");
    }
    assert!(is_blank("") && is_blank(unseen) && is_blank(&unseen.repeat(20)));
    assert_eq!(message(&format!("{}\n{}", "\u{3164}".repeat(9), "\u{2800}\u{200d}")), [""; 0]);
    for seen in ["Ada", "株", "👋", "-", "ㄱ", "é", "က"] {
        assert!(!is_blank(seen), "{seen}");
    }
}

#[test]
fn a_long_name_is_cut_with_an_ellipsis() {
    assert_eq!(name(&"x".repeat(100), 100), "x".repeat(100));
    let cut = name(&"ö".repeat(10_000), 100);
    assert_eq!(cut, format!("{}…", "ö".repeat(99)));
}

#[test]
fn a_message_keeps_its_lines_but_not_its_empty_space() {
    let lines = message("\n\nHi Zoë,\r\n\r\n\r\n\n  indented\t!\u{2028}see http://evil.example\r\n");
    assert_eq!(lines, ["Hi Zoë,", "", "  indented !", "see http: //evil. example"]);
    assert_eq!(message(" \n\u{200b}\n "), [""; 0]);
    let long = message(&"a".repeat(2_001));
    assert_eq!(long, [format!("{}…", "a".repeat(1_999))]);
}

#[test]
fn the_readers_address_is_shown_as_written_unless_it_is_dressed_up_as_a_link() {
    let shown = |text: &str| address(&EmailAddress::parse(text).unwrap());
    assert_eq!(shown("Zoe.Mueller@Example.org"), "Zoe.Mueller@Example.org");
    assert_eq!(shown("www.evil.example/x@example.org"), "www. evil. example/x@example. org");
    assert_eq!(shown("evil.example/x@example.org"), "evil. example/x@example. org");
}

proptest! {
    #[test]
    fn r8_3_no_text_from_people_holds_a_link(text in "[a-z./:@ w%\\\\\u{200b}．é\n-]{0,60}|\\PC{0,60}") {
        prop_assert_eq!(links(&name(&text, 200)), Vec::<String>::new());
        for line in message(&text) {
            prop_assert_eq!(links(&line), Vec::<String>::new());
        }
    }

    #[test]
    fn r8_3_the_ideographic_full_stop_joins_no_address_that_is_not_wholly_ideographic(
        text in "([a-zéияαｅ]{2,5}[。｡]){1,3}[a-zéияα例え]{2,5}"
    ) {
        prop_assert_eq!(links(&name(&text, 200).replace(['。', '｡'], ".")), Vec::<String>::new());
    }

    #[test]
    fn no_name_keeps_what_is_invisible_by_itself(text in "[a-aék例\u{3164}\u{200c}\u{200d}\u{fe0f}\u{34f} .。．:]{0,20}") {
        let once = name(&text, 1000);
        prop_assert_eq!(&name(&once, 1000), &once);
        prop_assert!(!once.starts_with(['\u{200c}', '\u{200d}', '\u{fe0f}']), "{:?}", once);
        prop_assert!(!once.ends_with(['\u{200c}', '\u{200d}']) && !once.contains(['\u{3164}', '\u{34f}']), "{:?}", once);
        prop_assert!(is_blank(&text) == once.is_empty(), "{:?}", once);
    }

    #[test]
    fn taking_apart_twice_changes_nothing_more(text in "\\PC{0,60}") {
        let once = name(&text, 1000);
        prop_assert_eq!(name(&once, 1000), once);
    }
}
