//! What every mail must keep to, whoever wrote its template: nothing people wrote becomes markup, nothing is loaded from
//! outside, and there is no link but one.
//!
//! It looks at the mail, not at the template, so it need not know what a template may do.

/// The name of a tag and of an attribute that names in the trial mails try to become.
pub(super) const MARK: &str = "invite-check";
/// What has no place in a mail: mail programs drop it, or do worse.
const FORBIDDEN: [&str; 10] = ["script", "iframe", "frame", "object", "embed", "form", "base", "link", "svg", "video"];
/// Attributes that load something.
const LOADING: [&str; 6] = ["src", "srcset", "background", "poster", "data", "action"];

/// What is wrong with a mail, and what its template may have in the line that makes it so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) traces: Vec<String>,
}

fn fault<T>(message: &str, traces: &[&str]) -> Result<T, Fault> {
    Err(Fault { message: message.to_owned(), traces: traces.iter().map(|trace| (*trace).to_owned()).collect() })
}

/// A tag: its name and its attributes with their values, in lower case but for the values.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

/// Checks a text part.
pub(super) fn text(text: &str, link: &str) -> Result<(), Fault> {
    link_is_there(text, link)?;
    no_other_link(text, link)
}

/// Checks an HTML part.
pub(super) fn html(html: &str, link: &str) -> Result<(), Fault> {
    let Parts { tags, visible, conditional } = Parts::of(html);
    let escaped_link = super::facts::escape_attribute(link);
    for Tag { name, attributes } in &tags {
        if name.contains(MARK) || attributes.iter().any(|(name, _)| name.contains(MARK)) {
            let message =
                "what people write becomes markup here: leave values escaped, and attributes in quotation marks";
            return fault(message, &["autoescape", "={{", "= {{"]);
        }
        if FORBIDDEN.contains(&name.as_str()) {
            return fault(&format!("<{name}> has no place in a mail"), &[&format!("<{name}")]);
        }
        for (attribute, value) in attributes {
            if LOADING.contains(&attribute.as_str()) && !value.starts_with("cid:") {
                return fault("a mail loads nothing from outside: only `{{ logo }}`", &[value, attribute]);
            }
            if attribute.starts_with("on") {
                return fault("a mail has no scripts", &[attribute]);
            }
            if attribute == "href" && *value != escaped_link {
                return fault("a mail has one link: `{{ link }}`", &[value, "href"]);
            }
            if attribute == "style" && loads(value) {
                return fault("a mail loads nothing from outside", &["url("]);
            }
        }
    }
    // What only some mail programs show has to keep to everything, but does not count as a link that is there.
    for shown in [&visible, &conditional] {
        if loads(shown) {
            return fault("a mail loads nothing from outside", &["url(", "@import"]);
        }
        no_other_link(shown, &escaped_link)?;
    }
    link_is_there(&visible, &escaped_link)
}

fn loads(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    style.contains("url(") || style.contains("@import")
}

fn link_is_there(text: &str, link: &str) -> Result<(), Fault> {
    if text.contains(link) { Ok(()) } else { fault("the mail does not contain `{{ link }}`", &[]) }
}

fn no_other_link(text: &str, link: &str) -> Result<(), Fault> {
    let others = if link.is_empty() { text.to_owned() } else { text.replace(link, "") };
    match ["https://", "http://", "www.", "mailto:"].iter().find(|start| others.to_ascii_lowercase().contains(**start))
    {
        Some(start) => fault("a mail has one link: `{{ link }}`", &[start]),
        None => Ok(()),
    }
}

/// A document's tags, those in conditional comments too, and the text between them, references left as they are. Other
/// comments are neither.
#[derive(Default)]
struct Parts {
    tags: Vec<Tag>,
    /// What every program shows.
    visible: String,
    /// What stands in conditional comments (`<!--[if mso]>…<![endif]-->`): the Word family reads it as part of the document.
    conditional: String,
}

impl Parts {
    fn of(html: &str) -> Self {
        let (mut parts, mut rest) = (Self::default(), html);
        while let Some((before, after)) = rest.split_once('<') {
            parts.visible.push_str(before);
            rest = parts.markup(after);
        }
        parts.visible.push_str(rest);
        parts
    }

    /// Takes what begins with a `<`, as browsers do (HTML, 13.2.5.6); answers what is behind it.
    fn markup<'a>(&mut self, after: &'a str) -> &'a str {
        if let Some(comment) = after.strip_prefix("!--") {
            let (inner, behind) = comment_end(comment);
            if inner.trim_start().starts_with('[') {
                // No comment ends in there, so the mark of a second one hides nothing: what follows it is read as well.
                let inner = Self::of(&inner.replace("<!--", " "));
                self.tags.extend(inner.tags);
                self.conditional.push(' ');
                self.conditional.push_str(&inner.visible);
            }
            return behind;
        }
        let name = after.strip_prefix('/').unwrap_or(after);
        if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (tag, behind) = tag(name);
            self.tags.extend(tag);
            self.visible.push(' ');
            return behind;
        }
        // A declaration or something broken: it ends at the first `>`, in quotation marks too. Anything else is text.
        if after.starts_with(['!', '?', '/']) {
            return after.split_once('>').map_or("", |(_, behind)| behind);
        }
        self.visible.push('<');
        after
    }
}

/// A comment's content and what is behind the comment.
fn comment_end(comment: &str) -> (&str, &str) {
    for empty in [">", "->"] {
        if let Some(behind) = comment.strip_prefix(empty) {
            return ("", behind);
        }
    }
    let end = |mark: &str| comment.find(mark).map(|at| (at, at + mark.len()));
    let first = ["-->", "--!>"].into_iter().filter_map(end).min();
    first.map_or((comment, ""), |(at, behind)| (&comment[..at], &comment[behind..]))
}

/// Reads a tag behind its `<` or `</`; answers what is behind its `>`.
fn tag(text: &str) -> (Option<Tag>, &str) {
    let is_end = |c: char| c.is_whitespace() || c == '>' || c == '/';
    let name = &text[..text.find(is_end).unwrap_or(text.len())];
    let (mut attributes, mut rest) = (Vec::new(), &text[name.len()..]);
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            break;
        }
        let end = rest.find(|c: char| is_end(c) || c == '=').filter(|end| *end > 0).unwrap_or(1.min(rest.len()));
        let Some((attribute, behind)) = rest.split_at_checked(end) else { break };
        rest = behind.trim_start();
        let mut value = "";
        if let Some(behind) = rest.strip_prefix('=') {
            (value, rest) = self::value(behind.trim_start());
        }
        attributes.push((attribute.to_ascii_lowercase(), value.to_owned()));
    }
    let tag = (!name.is_empty()).then(|| Tag { name: name.to_ascii_lowercase(), attributes });
    (tag, rest.strip_prefix('>').unwrap_or(rest))
}

fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    text.split_at(text.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://invite.example/i/x?a&b";

    fn wrong(document: &str) -> String {
        html(document, LINK).map_or_else(|fault| fault.message, |()| "nothing".to_owned())
    }

    #[test]
    fn a_plain_mail_passes() {
        let mail = "<!doctype html><!-- www.evil.example <b> --><p style=\"color:red\" title='a > b'>Hi</p>\
                    <img src=\"cid:logo@x\"><a href=\"https://invite.example/i/x?a&amp;b\">x</a>\
                    https://invite.example/i/x?a&amp;b";
        assert_eq!(wrong(mail), "nothing");
        assert_eq!(html("<p>Hi", ""), Ok(()));
        assert_eq!(text(&format!("Hi {LINK}."), LINK), Ok(()));
    }

    #[test]
    fn markup_links_and_remote_content_are_found() {
        let link = "https://invite.example/i/x?a&amp;b";
        for (bad, expected) in [
            ("<invite-check a=b>", "becomes markup"),
            ("</invite-check>", "becomes markup"),
            ("<p class=Ada invite-check=x>", "becomes markup"),
            ("<p title='\"'><invite-check>", "becomes markup"),
            ("<SCRIPT>", "<script> has no place"),
            ("<img\nSRC = https://evil.example/x.png>", "loads nothing"),
            ("<img src=//evil.example>", "loads nothing"),
            ("<td background='x.png'>", "loads nothing"),
            ("<p style='background:URL(x)'>", "loads nothing"),
            ("<style>@import 'x'</style>", "loads nothing"),
            ("<p onclick=x>", "no scripts"),
            ("<a href='mailto:a@b.example'>", "one link"),
            ("<a href=\"https://invite.example/i/x?a&b&c\">", "one link"),
            ("<p>www.evil.example", "one link"),
        ] {
            let found = wrong(&format!("<p>{link}</p>{bad}"));
            assert!(found.contains(expected), "{bad}: {found}");
        }
        assert!(wrong("<p>Hi").contains("does not contain"));
        assert!(wrong("<p title=\"https://invite.example/i/x?a&amp;b\">Hi").contains("does not contain"));
        assert!(text(&format!("{LINK} https://evil.example"), LINK).is_err() && text("Hi", LINK).is_err());
        assert!(text("https://evil.example", "").is_err());
    }

    #[test]
    fn what_only_some_programs_show_keeps_to_the_same() {
        let link = "https://invite.example/i/x?a&amp;b";
        let of_word = format!("<!--[if mso]><table width=\"600\"><tr><td><![endif]--><p>{link}</p>");
        assert_eq!(wrong(&format!("{of_word}<!--[if mso]></td></tr></table><![endif]-->")), "nothing");
        for (bad, expected) in [
            ("<!--[if mso]><img src=https://evil.example/x.png><![endif]-->", "loads nothing"),
            ("<!-- [if gte mso 9]><v:fill SRC='x.png'/><![endif]-->", "loads nothing"),
            ("<!--[if mso]><style>@import 'x'</style><![endif]-->", "loads nothing"),
            ("<!--[if mso]><invite-check a=b><![endif]-->", "becomes markup"),
            ("<!--[if mso]><a href='https://evil.example'>x</a><![endif]-->", "one link"),
            ("<!--[if mso]>www.evil.example<![endif]-->", "one link"),
            ("<!--[if mso]><script>x<![endif]-->", "no place"),
            ("<!--[if mso]><!--[if mso]><!--<!--<img src=x.png><![endif]-->", "loads nothing"),
            // Never ended.
            ("<!--[if mso]><img src=x.png>", "loads nothing"),
            // What looks like a comment or a tag and is none, or a shorter one.
            ("<!--[if !mso]><!--><img src=x.png><!--<![endif]-->", "loads nothing"),
            ("<!--><img src=x.png>-->", "loads nothing"),
            ("<!---><img src=x.png>-->", "loads nothing"),
            ("<!-- x --!><img src=x.png> -->", "loads nothing"),
            ("<!x a=\"><img src=x.png>\">", "loads nothing"),
            ("<?x a=\"><img src=x.png>\">", "loads nothing"),
            ("</ a=\"><img src=x.png>\">", "loads nothing"),
            ("< a=\"><img src=x.png>\">", "loads nothing"),
        ] {
            let found = wrong(&format!("<p>{link}</p>{bad}"));
            assert!(found.contains(expected), "{bad}: {found}");
        }
        assert!(wrong(&format!("<!--[if mso]>{link}<![endif]-->")).contains("does not contain"));
    }

    #[test]
    fn any_text_is_read_to_its_end() {
        for odd in [
            "<",
            "<>",
            "</",
            "<a",
            "<a b",
            "<a b=",
            "<a b='",
            "<a =",
            "<é =é",
            "<!--[<!--<!",
            "<<!<!-<!----!",
            "<!--",
            "<a / / b",
            "<p =\"\"=>x",
        ] {
            let _ = html(odd, "");
        }
        // However deep it seems to go.
        assert_eq!(html(&"<!--[".repeat(50_000), ""), Ok(()));
    }
}
