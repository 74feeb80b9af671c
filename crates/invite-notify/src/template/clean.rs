//! What people wrote, made fit for a mail (rule 8.3).
//!
//! A mail has one link, ours. Mail programs make links of anything that looks like one, so text from people is changed
//! until nothing does: a blank is put behind what joins the parts of an address. No program makes a link across a blank,
//! the text stays readable, and what is copied out of it leads nowhere:
//!
//! | written | shown |
//! |---|---|
//! | `https://evil.example/x` | `https: //evil. example/x` |
//! | `www.evil.example` | `www. evil. example` |
//! | `me@evil.example` | `me@evil. example` |
//! | `10.0.0.1/x` | `10. 0. 0. 1/x` |
//! | `3.50`, `e.g.`, `12:30`, `J.R.R. Tolkien` | unchanged |
//!
//! The price is a blank in a company's name like "Example.com". Look-alike dots and invisible characters would hide the
//! change, but browsers read some of them as dots again, and spam filters take both for deceit.

use invite_domain::email::EmailAddress;

/// Longest name in a subject, in characters.
pub(crate) const NAME_IN_SUBJECT: usize = 100;
/// Longest name elsewhere, in characters.
pub(crate) const NAME_IN_BODY: usize = 200;
/// Longest message of an inviter, in characters.
pub(crate) const MESSAGE: usize = 2_000;

/// A name: one line, without links, at most `max` characters.
pub(crate) fn name(text: &str, max: usize) -> String {
    cut(&defuse(&line(text, max)), max)
}

/// One line: no control or direction characters, single blanks, at most `max` characters, nothing that a mail program
/// would decode as an encoded word (RFC 2047). Links stay what they are.
pub(crate) fn line(text: &str, max: usize) -> String {
    let visible: String = text.chars().filter_map(visible).map(|c| if c == '\n' { ' ' } else { c }).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    cut(&break_encoded_words(&words.join(" ")), max)
}

/// An inviter's message as lines without links; no lines where it says nothing.
pub(crate) fn message(text: &str) -> Vec<String> {
    let visible: String = text.replace("\r\n", "\n").chars().filter_map(visible).collect();
    let text = cut(visible.trim(), MESSAGE);
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = defuse(&break_encoded_words(line.trim_end()));
        // At most one empty line after another: nobody pushes our link out of sight.
        if !(line.is_empty() && lines.last().is_some_and(String::is_empty)) {
            lines.push(line);
        }
    }
    lines
}

/// The reader's own address, as it was written. Where its local part is dressed up as a link, it loses that.
pub(crate) fn address(address: &EmailAddress) -> String {
    let local = address.local();
    let dressed_up = local.contains('/')
        || ["www.", "ftp."].iter().any(|start| local.get(..4).is_some_and(|it| it.eq_ignore_ascii_case(start)));
    if dressed_up { defuse(address.as_str()) } else { address.as_str().to_owned() }
}

/// White space other than line ends becomes a blank; what controls, hides or turns text is dropped.
fn visible(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        // Soft hyphen, direction marks, embeddings, overrides and isolates, zero width space, word joiner and the
        // invisible operators, byte order mark, interlinear annotations, tags. The joiners U+200C and U+200D stay: some
        // scripts need them.
        '\u{AD}'
        | '\u{61C}'
        | '\u{180E}'
        | '\u{200B}'
        | '\u{200E}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}' => None,
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    }
}

fn break_encoded_words(text: &str) -> String {
    text.replace("=?", "= ?")
}

fn cut(text: &str, max: usize) -> String {
    if text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Puts a blank behind every character that would join the parts of a link.
pub(crate) fn defuse(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in chars.iter().enumerate() {
        out.push(*c);
        if joins(&chars, at) {
            out.push(' ');
        }
    }
    out
}

fn joins(chars: &[char], at: usize) -> bool {
    let Some(next) = chars.get(at + 1).copied().filter(|next| !next.is_whitespace()) else { return false };
    let Some(previous) = at.checked_sub(1).map(|before| chars[before]).filter(|c| !c.is_whitespace()) else {
        return false;
    };
    match chars[at] {
        // After a scheme: `https://x`, `mailto:x`, `tel:1`. Not in a time of day.
        ':' => matches!(next, '/' | '\\') || previous.is_ascii_alphabetic(),
        // What IDNA (UTS #46) reads as a dot is one.
        '.' | '\u{2024}' | '\u{FE52}' | '\u{FF0E}' | '\u{FF61}' => joins_labels(chars, at, previous, next),
        // The ideographic full stop ends sentences in its own scripts.
        '\u{3002}' => previous.is_ascii() && next.is_ascii() && joins_labels(chars, at, previous, next),
        _ => false,
    }
}

fn joins_labels(chars: &[char], dot: usize, previous: char, next: char) -> bool {
    if previous == '.' || (next.is_ascii() && !next.is_ascii_alphanumeric()) {
        return false;
    }
    let after = &chars[dot + 1..];
    let label = after.iter().take_while(|c| is_label(**c)).count();
    if previous.is_ascii_digit() && after[..label].iter().all(char::is_ascii_digit) {
        return in_dotted_quad(chars, dot);
    }
    // No domain ends in a label of one letter, so abbreviations stay as they are. But `www.` alone makes a link.
    label >= 2 || !next.is_ascii() || follows_www(&chars[..dot])
}

fn is_label(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_' || (!c.is_ascii() && !c.is_whitespace())
}

/// Whether the digits and dots around this dot have the look of an IPv4 address; prices, dates and versions have not.
fn in_dotted_quad(chars: &[char], dot: usize) -> bool {
    let part = |c: &&char| c.is_ascii_digit() || **c == '.';
    let before = chars[..dot].iter().rev().take_while(part).filter(|c| **c == '.').count();
    let after = chars[dot + 1..].iter().take_while(part).filter(|c| **c == '.').count();
    before + after + 1 >= 3
}

fn follows_www(before: &[char]) -> bool {
    let label: String = before.iter().rev().take_while(|c| is_label(**c)).map(char::to_ascii_lowercase).collect();
    matches!(label.as_str(), "www" | "ptf")
}

#[cfg(test)]
mod tests;
