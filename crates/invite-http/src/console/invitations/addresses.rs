//! Addresses as people paste them: one below the other, in one line, with names and angle brackets as mail programs write
//! them ([RFC 5322](https://www.rfc-editor.org/rfc/rfc5322), 3.4, read forgivingly).

use invite_domain::email::EmailAddress;
use std::collections::BTreeSet;

/// The most addresses one form issues to.
pub(super) const MOST: usize = 100;

/// Something that is no address, and the line it stands on, from 1.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Wrong {
    pub(super) line: usize,
    pub(super) text: String,
}

/// What was pasted.
#[derive(Default)]
pub(super) struct Pasted {
    /// Every address once, in the order of its first mention.
    pub(super) addresses: Vec<EmailAddress>,
    pub(super) wrong: Vec<Wrong>,
}

/// Reads what was pasted.
pub(super) fn read(text: &str) -> Pasted {
    let mut pasted = Pasted::default();
    let mut seen = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        for found in of_line(line) {
            match EmailAddress::parse(&found) {
                Ok(address) if seen.insert(address.key().to_owned()) => pasted.addresses.push(address),
                Ok(_) => {}
                Err(_) => pasted.wrong.push(Wrong { line: index + 1, text: found }),
            }
        }
    }
    pasted
}

/// What stands for addresses in a line: what is in angle brackets, else every word.
fn of_line(line: &str) -> Vec<String> {
    let entries = entries(line);
    let mut found = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        if let Some((_, bracketed)) = entry.rsplit_once('<') {
            let address = bracketed.split('>').next().unwrap_or_default().trim();
            found.push(if address.is_empty() { entry.trim().to_owned() } else { address.to_owned() });
            continue;
        }
        // "Byron, Ada <ada@example.org>": the comma stands in the name.
        let next_is_bracketed = entries.get(index + 1).is_some_and(|next| next.contains('<') && next.ends_with('>'));
        if next_is_bracketed && !entry.contains('@') {
            continue;
        }
        found.extend(entry.split_whitespace().map(str::to_owned));
    }
    found
}

/// A line's parts between commas and semicolons that stand neither in quotation marks nor in angle brackets. A closing
/// bracket ends a part, too.
fn entries(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut bracketed) = (0, false, false);
    for (at, c) in line.char_indices() {
        let end = match c {
            // One that is never closed is an ordinary character.
            '"' if !bracketed => {
                quoted = !quoted && line[at + 1..].contains('"');
                continue;
            }
            '<' if !quoted => {
                bracketed = line[at..].contains('>');
                continue;
            }
            '>' if bracketed => {
                bracketed = false;
                at + 1
            }
            ',' | ';' if !quoted && !bracketed => at,
            _ => continue,
        };
        parts.push(&line[start..end]);
        start = at + c.len_utf8();
    }
    parts.push(&line[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(text: &str) -> Vec<String> {
        let pasted = read(text);
        assert_eq!(pasted.wrong, [], "{text}");
        pasted.addresses.iter().map(|address| address.as_str().to_owned()).collect()
    }

    #[test]
    fn addresses_are_parted_by_commas_semicolons_blanks_and_lines() {
        let all = ["a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"];
        assert_eq!(good("a@x.example, b@x.example;c@x.example\td@x.example\r\n\n e@x.example ;, "), all);
        assert_eq!(good("  "), [""; 0]);
    }

    #[test]
    fn names_beside_angle_brackets_are_left_out() {
        for (text, expected) in [
            ("Ada Byron <ada@x.example>", vec!["ada@x.example"]),
            ("\"Byron, Ada\" <ada@x.example>, zoe@x.example", vec!["ada@x.example", "zoe@x.example"]),
            ("Byron, Ada <ada@x.example>; Müller, Zoë <zoe@x.example>", vec!["ada@x.example", "zoe@x.example"]),
            ("Ada <ada@x.example> Zoë <zoe@x.example>", vec!["ada@x.example", "zoe@x.example"]),
            ("<ada@x.example>", vec!["ada@x.example"]),
            ("\"A \"quoted\" name\" < ada@x.example >", vec!["ada@x.example"]),
            ("ada@x.example, Zoë <zoe@x.example>", vec!["ada@x.example", "zoe@x.example"]),
        ] {
            assert_eq!(good(text), expected, "{text}");
        }
    }

    #[test]
    fn an_address_is_read_once_however_it_is_written() {
        assert_eq!(good("Ada@Example.org ada@example.ORG\nada@example.org"), ["Ada@Example.org"]);
    }

    #[test]
    fn whatever_is_no_address_is_named_with_its_line() {
        let wrong = read("ada@x.example\nno-address, b@x.example <\n\n\"open <x@@y> <>").wrong;
        let wrong: Vec<(usize, &str)> = wrong.iter().map(|it| (it.line, it.text.as_str())).collect();
        assert_eq!(wrong, [(2, "no-address"), (2, "b@x.example <"), (4, "x@@y"), (4, "<>")]);
    }

    #[test]
    fn no_text_is_too_odd_to_be_read() {
        for text in ["<", ">", "\"", "\"<\">", "<\"<>\">,", "é<é>é\"é", "<<>><>", ",;,\";\"", "\u{202e}<\u{0}>"] {
            let _ = read(text);
        }
    }
}
