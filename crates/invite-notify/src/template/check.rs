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
    links(text, link)
}

/// Checks an HTML part.
pub(super) fn html(html: &str, link: &str) -> Result<(), Fault> {
    let (tags, visible) = taken_apart(html);
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
    if loads(&visible) {
        return fault("a mail loads nothing from outside", &["url(", "@import"]);
    }
    links(&visible, &escaped_link)
}

fn loads(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    style.contains("url(") || style.contains("@import")
}

fn links(text: &str, link: &str) -> Result<(), Fault> {
    if !link.is_empty() && !text.contains(link) {
        return fault("the mail does not contain `{{ link }}`", &[]);
    }
    let others = if link.is_empty() { text.to_owned() } else { text.replace(link, "") };
    match ["https://", "http://", "www.", "mailto:"].iter().find(|start| others.to_ascii_lowercase().contains(**start))
    {
        Some(start) => fault("a mail has one link: `{{ link }}`", &[start]),
        None => Ok(()),
    }
}

/// The tags of a document and the text between them, references left as they are. Comments are neither.
fn taken_apart(html: &str) -> (Vec<Tag>, String) {
    let (mut tags, mut visible, mut rest) = (Vec::new(), String::new(), html);
    while let Some((before, after)) = rest.split_once('<') {
        visible.push_str(before);
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
            continue;
        }
        let (tag, behind) = tag(after);
        tags.extend(tag);
        visible.push(' ');
        rest = behind;
    }
    visible.push_str(rest);
    (tags, visible)
}

/// Reads a tag behind its `<`; answers what is behind its `>`.
fn tag(text: &str) -> (Option<Tag>, &str) {
    let is_end = |c: char| c.is_whitespace() || c == '>' || c == '/';
    let text = text.strip_prefix('/').unwrap_or(text);
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
    fn any_text_is_read_to_its_end() {
        for odd in
            ["<", "<>", "</", "<a", "<a b", "<a b=", "<a b='", "<a =", "<é =é", "<!--", "<a / / b", "<p =\"\"=>x"]
        {
            let _ = html(odd, "");
        }
    }
}
