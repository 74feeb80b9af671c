//! Errors with their causes, in one line.

use std::{error::Error, fmt};

/// Shows an error and what caused it, parted by colons. A cause that repeats what stands before it is left out.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = one_line(self.0);
        f.write_str(&last)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            let text = one_line(cause);
            if !last.contains(&text) {
                write!(f, ": {text}")?;
                last = text;
            }
            next = cause.source();
        }
        Ok(())
    }
}

fn one_line(error: &dyn Error) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use invite_domain::port::PortError;

    #[derive(Debug, thiserror::Error)]
    #[error("outer: {0}")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn causes_follow_in_one_line_and_are_not_repeated() {
        let cause = std::io::Error::other("no\n such   file");
        assert_eq!(
            Chain(&PortError::unavailable(cause)).to_string(),
            "a part of the service is not available: no such file"
        );
        assert_eq!(Chain(&Outer(std::io::Error::other("inner"))).to_string(), "outer: inner");
    }
}
