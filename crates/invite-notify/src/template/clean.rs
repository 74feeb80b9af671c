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
//! | `例え。テスト/x` | `例え。 テスト/x` |
//! | `你好。世界` | unchanged: two sentences |
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
    let readable = readable(text);
    let words: Vec<&str> = readable.split_whitespace().collect();
    cut(&break_encoded_words(&words.join(" ")), max)
}

/// Whether a name shows nothing: there is no character in it that can be seen by itself.
pub(crate) fn is_blank(name: &str) -> bool {
    line(name, NAME_IN_BODY).chars().all(combines)
}

/// An inviter's message as lines without links; no lines where it says nothing.
pub(crate) fn message(text: &str) -> Vec<String> {
    let readable = readable(&text.replace("\r\n", "\n"));
    let text = cut(readable.trim(), MESSAGE);
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

/// The text without what controls, hides or turns it, and without what cannot be seen. Line ends become `\n`.
fn readable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().filter_map(visible).peekable();
    while let Some(c) = chars.next() {
        let before = out.chars().next_back().filter(|before| carries(*before));
        let stays = match c {
            // The joiners: some scripts and some pictures are written with them, always between two other characters.
            '\u{200C}' | '\u{200D}' => [before, chars.peek().copied()].into_iter().all(|side| side.is_some_and(joined)),
            c if selects_variation(c) => before.is_some(),
            _ => true,
        };
        if stays {
            out.push(c);
        }
    }
    out
}

/// White space other than line ends becomes a blank; what controls, hides or turns text, or fills room with nothing, is
/// dropped.
fn visible(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        // Soft hyphen, grapheme joiner, direction marks, Hangul fillers, inherent vowels, Mongolian vowel separator, zero
        // width space, embeddings, overrides and isolates, word joiner and the invisible operators, Braille blank, byte
        // order mark, interlinear annotations, shorthand and musical controls, tags, and what stands empty among them: what
        // Unicode calls default ignorable, and its blank pictures.
        '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}'
        | '\u{180E}'
        | '\u{200B}'
        | '\u{200E}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E00FF}'
        | '\u{E01F0}'..='\u{E0FFF}' => None,
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// Whether something invisible may follow: not behind a blank, and not behind what a blank may be put behind later.
fn carries(c: char) -> bool {
    !c.is_whitespace() && c != ':' && !is_dot(c)
}

/// Whether a joiner may stand beside this: a letter or picture of a script that has joiners, not of the Latin one.
fn joined(c: char) -> bool {
    carries(c) && !c.is_ascii() && !matches!(c, '\u{200C}' | '\u{200D}')
}

/// Variation selectors choose the form of the character before.
fn selects_variation(c: char) -> bool {
    matches!(c, '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Marks that stand on another character, of no script in particular.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Whether this shows nothing of its own.
fn combines(c: char) -> bool {
    c.is_whitespace() || is_mark(c) || selects_variation(c)
}

/// What IDNA (UTS #46) reads as a dot.
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{2024}' | '\u{3002}' | '\u{FE52}' | '\u{FF0E}' | '\u{FF61}')
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
        // The ideographic full stop ends sentences in its own scripts, and no blank follows it there.
        '\u{3002}' if is_cjk(previous) && is_cjk(next) => in_address(chars, at),
        '\u{3002}' => is_label(previous) && joins_labels(chars, at, previous, next),
        dot if is_dot(dot) => joins_labels(chars, at, previous, next),
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

/// Whether the labels around this stop have something beside them that addresses have and sentences have not: a path, a
/// port, or a person at it.
fn in_address(chars: &[char], stop: usize) -> bool {
    let behind = chars[stop + 1..].iter().find(|c| !is_label(**c));
    let before = chars[..stop].iter().rev().find(|c| !is_label(**c));
    behind.is_some_and(|c| matches!(c, '/' | '\\' | ':' | '?' | '#'))
        || before.is_some_and(|c| matches!(c, '@' | '/' | '\\'))
}

/// Chinese, Japanese and Korean letters and marks, without the wide forms of Latin ones: these are Latin letters to
/// browsers.
fn is_cjk(c: char) -> bool {
    matches!(
        c,
        '\u{2E80}'..='\u{2FDF}'
            | '\u{3000}'..='\u{31FF}'
            | '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}'
            | '\u{AC00}'..='\u{D7AF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{FF01}'..='\u{FF0D}'
            | '\u{FF5F}'..='\u{FF9F}'
            | '\u{20000}'..='\u{3FFFF}'
    )
}

fn is_label(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_' || (!c.is_ascii() && !c.is_whitespace())
}

/// Whether the digits and dots around this dot have the look of an IPv4 address; prices, dates and versions have not. There are
/// programs that count beyond the colon of a port.
fn in_dotted_quad(chars: &[char], dot: usize) -> bool {
    let part = |c: &&char| c.is_ascii_digit() || matches!(**c, '.' | ':');
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
