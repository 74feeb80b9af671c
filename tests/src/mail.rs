//! A received mail as a person's mail program would show it: headers unfolded and decoded, the text and the HTML
//! part, the links in each.

use crate::{Failure, Result};
use mailparse::ParsedMail;

/// A parsed mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Name and value in their order, unfolded, RFC 2047 words decoded.
    pub headers: Vec<(String, String)>,
    /// The media type of the whole, such as `multipart/alternative`.
    pub media_type: String,
    /// The media types of the parts that hold content, in their order.
    pub parts: Vec<String>,
    /// The decoded `text/plain` part; empty where there is none.
    pub text: String,
    /// The decoded `text/html` part; empty where there is none.
    pub html: String,
}

impl Mail {
    /// Reads a raw message (RFC 5322, MIME). Refuses one with two text or two HTML parts: a mail of ours has one each.
    pub fn parse(raw: &[u8]) -> Result<Self> {
        let parsed = mailparse::parse_mail(raw)?;
        let mut mail = Self {
            headers: parsed.headers.iter().map(|header| (header.get_key(), header.get_value())).collect(),
            media_type: parsed.ctype.mimetype.clone(),
            parts: Vec::new(),
            text: String::new(),
            html: String::new(),
        };
        mail.collect(&parsed)?;
        Ok(mail)
    }

    fn collect(&mut self, part: &ParsedMail<'_>) -> Result<()> {
        for child in &part.subparts {
            self.collect(child)?;
        }
        if !part.subparts.is_empty() {
            return Ok(());
        }
        let media_type = part.ctype.mimetype.clone();
        let place = match media_type.as_str() {
            "text/plain" => Some(&mut self.text),
            "text/html" => Some(&mut self.html),
            _ => None,
        };
        if let Some(place) = place {
            if self.parts.contains(&media_type) {
                return Err(Failure::new(format!("two {media_type} parts in one mail")));
            }
            *place = part.get_body()?;
        }
        self.parts.push(media_type);
        Ok(())
    }

    /// The value of a header that must be there exactly once.
    pub fn header(&self, name: &str) -> Result<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Ok(value),
            (None, _) => Err(Failure::new(format!("the mail has no {name}"))),
            (Some(_), Some(_)) => Err(Failure::new(format!("the mail has {name} more than once"))),
        }
    }

    /// The addresses behind `http:` and `https:` in the text part, in their order.
    pub fn text_links(&self) -> Vec<String> {
        urls(&self.text)
    }

    /// What the HTML part's `href` attributes lead to, in their order.
    pub fn html_links(&self) -> Vec<String> {
        let mut links = Vec::new();
        let mut rest = self.html.as_str();
        while let Some((_, after)) = rest.split_once("href=") {
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let value = match quote {
                Some(quote) => after[1..].split(quote).next(),
                None => after.split([' ', '>', '\n']).next(),
            };
            links.extend(value.map(unescaped));
            rest = after;
        }
        links
    }

    /// The one link of a mail: the same in text and HTML, and no other beside it, however often it is repeated.
    pub fn only_link(&self) -> Result<String> {
        let mut links = self.text_links();
        links.extend(self.html_links());
        // All of the HTML part counts: programs make plain addresses clickable, and an image can track its reader.
        links.extend(urls(&unescaped(&self.html)));
        links.sort();
        links.dedup();
        match links.as_slice() {
            [link] => Ok(link.clone()),
            _ => Err(Failure::new(format!("expected one link, found {}: {}", links.len(), links.join(" ")))),
        }
    }
}

/// Every `http://` and `https://` address in running text, without the punctuation of the sentence around it.
fn urls(text: &str) -> Vec<String> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '(' | ')' | '[' | ']');
    text.split(ends)
        .filter_map(|word| {
            let start = word.find("https://").or_else(|| word.find("http://"))?;
            Some(word[start..].trim_end_matches(['.', ',', ';', ':', '!', '?']).to_owned())
        })
        .collect()
}

/// The character references that template engines write into attributes and text.
fn unescaped(text: &str) -> String {
    [
        ("&#x2f;", "/"),
        ("&#x2F;", "/"),
        ("&#47;", "/"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
    ]
    .into_iter()
    .chain([("&lt;", "<"), ("&#60;", "<"), ("&gt;", ">"), ("&#62;", ">"), ("&#38;", "&"), ("&amp;", "&")])
    .fold(text.to_owned(), |text, (reference, character)| text.replace(reference, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &str = "From: =?utf-8?b?w4lsb2Rpw6k=?= <invite@example.org>\r\n\
        To: ada@example.org\r\n\
        Subject: =?utf-8?q?Invitation_=C3=A0?=\r\n =?utf-8?q?_rejoindre?= Acme\r\n\
        Message-ID: <1@example.org>\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n\
        --b\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\n\
        Caf=C3=A9: open http://localhost:8080/i/inv_0abcdefghijklmnopqrstuvwxyz0123456=\r\n\
        789.\r\n\
        --b\r\n\
        Content-Type: text/html; charset=utf-8\r\n\
        Content-Transfer-Encoding: base64\r\n\r\n\
        PGEgaHJlZj0iaHR0cDomI3gyZjsmI3gyZjtsb2NhbGhvc3Q6ODA4MC9pL2ludl8wYWJjZGVmZ2hp\r\n\
        amtsbW5vcHFyc3R1dnd4eXowMTIzNDU2Nzg5Ij5BY2NlcHQ8L2E+\r\n\
        --b--\r\n";
    const LINK: &str = "http://localhost:8080/i/inv_0abcdefghijklmnopqrstuvwxyz0123456789";

    #[test]
    fn folded_and_encoded_headers_are_read() {
        let mail = Mail::parse(RAW.as_bytes()).unwrap();
        assert_eq!(mail.header("subject").unwrap(), "Invitation à rejoindre Acme");
        assert_eq!(mail.header("From").unwrap(), "Élodié <invite@example.org>");
        assert!(mail.header("Bcc").is_err());
    }

    #[test]
    fn both_parts_are_decoded_and_lead_to_one_link() {
        let mail = Mail::parse(RAW.as_bytes()).unwrap();
        assert_eq!(mail.media_type, "multipart/alternative");
        assert_eq!(mail.parts, ["text/plain", "text/html"]);
        assert!(mail.text.starts_with("Café: open "), "{}", mail.text);
        assert_eq!(mail.text_links(), [LINK]);
        assert_eq!(mail.html_links(), [LINK]);
        assert_eq!(mail.only_link().unwrap(), LINK);
    }

    #[test]
    fn a_second_link_is_noticed() {
        let raw = RAW.replace("Caf=C3=A9", "https://elsewhere.example/");
        assert!(Mail::parse(raw.as_bytes()).unwrap().only_link().is_err());
    }

    #[test]
    fn a_header_that_was_injected_is_noticed() {
        let raw = RAW.replace("To: ada", "To: mallory@example.org\r\nTo: ada");
        assert!(Mail::parse(raw.as_bytes()).unwrap().header("To").is_err());
    }

    #[test]
    fn a_second_text_part_is_refused() {
        let raw = RAW.replace("text/html", "text/plain");
        assert!(Mail::parse(raw.as_bytes()).is_err());
    }
}
