//! PostgreSQL's messages, as far as they tell of a `COMMIT`.
//! [Message formats](https://www.postgresql.org/docs/current/protocol-message-formats.html).

use super::link::Head;
use std::collections::HashMap;

/// The codes of the two requests for encryption, which are answered with one byte before the conversation begins.
const ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];

/// Follows one client.
pub(super) struct Reader {
    /// What a transaction must have said for its `COMMIT` to count.
    about: Option<&'static str>,
    /// Whether the client has said who it is: from then on a message begins with its type.
    begun: bool,
    /// Prepared statements that hold the text.
    prepared: HashMap<Vec<u8>, bool>,
    /// Whether the present transaction has said it.
    said: bool,
}

impl Reader {
    pub(super) fn new(about: Option<&'static str>) -> Self {
        Self { about, begun: false, prepared: HashMap::new(), said: false }
    }

    pub(super) fn head(&mut self, sent: &[u8]) -> Head {
        let tag = usize::from(self.begun);
        let Some(length) = number(sent, tag) else { return Head::Incomplete };
        // The length counts itself and not the type. One that is too small is nonsense the server will refuse.
        let whole = tag + (length as usize).max(4);
        let Some(message) = sent.get(..whole) else { return Head::Incomplete };
        if !self.begun {
            self.begun = !number(message, 4).is_some_and(|code| ENCRYPTION.contains(&code));
            return Head::Plain(whole);
        }
        let (kind, content) = (message[0], &message[5..]);
        match kind {
            b'Q' => {
                let text = first(content);
                if text.trim_ascii().eq_ignore_ascii_case(b"COMMIT") {
                    let counts = self.about.is_none() || self.said;
                    self.said = false;
                    return if counts { Head::Landmark(whole) } else { Head::Plain(whole) };
                }
                if text.trim_ascii().get(..5).is_some_and(|verb| verb.eq_ignore_ascii_case(b"BEGIN")) {
                    self.said = false;
                }
                self.said |= self.speaks(text);
            }
            // Parse: the statement's name, its text.
            b'P' => {
                let name = first(content);
                let speaks = self.speaks(first(content.get(name.len() + 1..).unwrap_or_default()));
                self.prepared.insert(name.to_vec(), speaks);
            }
            // Bind: the portal's name, the statement's name.
            b'B' => {
                let portal = first(content);
                let statement = first(content.get(portal.len() + 1..).unwrap_or_default());
                self.said |= self.prepared.get(statement).copied().unwrap_or_default();
            }
            _ => {}
        }
        Head::Plain(whole)
    }

    fn speaks(&self, text: &[u8]) -> bool {
        self.about.is_some_and(|about| text.windows(about.len().max(1)).any(|part| part == about.as_bytes()))
    }
}

/// The big-endian number at a place.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

/// The text before the first NUL.
fn first(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 4).unwrap();
        [&[kind][..], &length.to_be_bytes(), content].concat()
    }

    fn opening(code: u32) -> Vec<u8> {
        [8_u32.to_be_bytes(), code.to_be_bytes()].concat()
    }

    fn begun(about: Option<&'static str>) -> Reader {
        let mut reader = Reader::new(about);
        assert_eq!(reader.head(&opening(80_877_103)), Head::Plain(8), "a request for TLS");
        assert_eq!(reader.head(&opening(196_608)), Head::Plain(8), "version 3.0");
        reader
    }

    #[test]
    fn a_commit_is_a_landmark_once_it_is_there_as_a_whole() {
        let mut reader = begun(None);
        let commit = message(b'Q', b"COMMIT\0");
        for end in 0..commit.len() {
            assert_eq!(reader.head(&commit[..end]), Head::Incomplete, "{end}");
        }
        let more = [&commit[..], b"X"].concat();
        assert_eq!(reader.head(&more), Head::Landmark(commit.len()));
        assert_eq!(reader.head(&message(b'Q', b"SELECT 'COMMIT'\0")), Head::Plain(21));
        assert_eq!(reader.head(&message(b'Q', b"RELEASE SAVEPOINT a\0")), Head::Plain(25));
    }

    #[test]
    fn only_the_commit_of_a_transaction_with_that_text_counts() {
        let mut reader = begun(Some("invite_idempotency"));
        let commit = message(b'Q', b"COMMIT\0");
        reader.head(&message(b'P', b"s1\0INSERT INTO \"invite_idempotency\" VALUES ($1)\0\0\0"));
        reader.head(&message(b'P', b"s2\0SELECT 1\0\0\0"));
        reader.head(&message(b'Q', b"BEGIN\0"));
        reader.head(&message(b'B', b"\0s2\0"));
        assert_eq!(reader.head(&commit), Head::Plain(commit.len()));
        for _ in 0..2 {
            reader.head(&message(b'Q', b"BEGIN ISOLATION LEVEL READ COMMITTED\0"));
            reader.head(&message(b'B', b"\0s1\0"));
            assert_eq!(reader.head(&commit), Head::Landmark(commit.len()), "a statement is prepared once");
            assert_eq!(reader.head(&commit), Head::Plain(commit.len()));
        }
        reader.head(&message(b'B', b"\0s1\0"));
        reader.head(&message(b'Q', b"BEGIN\0"));
        assert_eq!(reader.head(&commit), Head::Plain(commit.len()), "said before the transaction began");
    }
}
