//! The one error of the helpers: a text for the person who reads the test's output.

use std::error::Error;
use std::fmt;

/// What every helper of this library answers.
pub type Result<T> = std::result::Result<T, Failure>;

/// Why a helper could not do what it was asked, in words.
///
/// `Debug` prints the text as it is, with its line breaks, because that is what a test returning it shows. It is
/// deliberately no [`Error`] itself, so that `?` takes any error.
pub struct Failure(String);

impl Failure {
    /// A failure with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_from_an_error_names_it() {
        let failure = Failure::from(std::io::Error::other("the disk is full"));
        assert_eq!(format!("{failure:?}"), "the disk is full");
    }
}
