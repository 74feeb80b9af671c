//! SMTP, as far as it tells of the dot after a message (RFC 5321, 4.1.1.4).

use super::link::Head;

/// Follows one client that waits for each answer.
#[derive(Default)]
pub(super) struct Reader {
    state: State,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Commands,
    /// `DATA` was sent and not answered.
    Asked,
    Message,
}

impl Reader {
    pub(super) fn head(&mut self, sent: &[u8]) -> Head {
        let Some(end) = sent.iter().position(|byte| *byte == b'\n') else { return Head::Incomplete };
        let line = &sent[..=end];
        if self.state == State::Message && line == b".\r\n" {
            self.state = State::Commands;
            return Head::Landmark(line.len());
        }
        if self.state == State::Commands && line.trim_ascii_end().eq_ignore_ascii_case(b"DATA") {
            self.state = State::Asked;
        }
        Head::Plain(line.len())
    }

    pub(super) fn answered(&mut self, answer: &[u8]) {
        if self.state == State::Asked {
            self.state = if answer.starts_with(b"354") { State::Message } else { State::Commands };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dot_after_a_message_is_a_landmark_and_no_other() {
        let mut reader = Reader::default();
        assert_eq!(reader.head(b".\r\n"), Head::Plain(3), "no message began");
        assert_eq!(reader.head(b"DATA\r\n"), Head::Plain(6));
        reader.answered(b"451 not now\r\n");
        assert_eq!(reader.head(b".\r\n"), Head::Plain(3), "it was refused");
        reader.head(b"data\r\n");
        reader.answered(b"354 go ahead\r\n");
        for line in [&b"DATA\r\n"[..], b"..\r\n", b". \r\n", b"text\r\n"] {
            assert_eq!(reader.head(line), Head::Plain(line.len()));
        }
        assert_eq!(reader.head(b"."), Head::Incomplete);
        assert_eq!(reader.head(b".\r\nQUIT\r\n"), Head::Landmark(3));
        assert_eq!(reader.head(b".\r\n"), Head::Plain(3), "the message is over");
    }
}
