//! The key ring where the operator keeps it: a file, or the configuration itself.

use crate::config::KeyringSource;
use invite_domain::secret::keyring::{KeyRing, KeyRingError, KeyRingText};
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Why the key ring cannot be used. Never holds key material.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file cannot be read or written.
    #[error("the key ring file {path}: {cause}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's word.
        cause: std::io::Error,
    },
    /// There is no such file.
    #[error("the key ring file {path} does not exist: run `invite keys new`", path = path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The text is no key ring.
    #[error("{place}: {cause}")]
    Text {
        /// Where the text stands.
        place: String,
        /// What is wrong with it.
        cause: KeyRingError,
    },
}

/// Reads the ring.
pub fn load(source: &KeyringSource) -> Result<KeyRing, KeyringError> {
    match source {
        KeyringSource::Inline(text) => KeyRing::parse(text.expose())
            .map_err(|cause| KeyringError::Text { place: "INVITE_KEYRING".to_owned(), cause }),
        KeyringSource::File(path) => {
            let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|cause| match cause.kind() {
                ErrorKind::NotFound => KeyringError::Missing { path: path.clone() },
                _ => failed(path, cause),
            })?;
            KeyRing::parse(&text)
                .map_err(|cause| KeyringError::Text { place: format!("the key ring file {}", path.display()), cause })
        }
    }
}

/// Writes a new file that only its owner can read; answers `false`, and touches nothing, if there is one already.
pub fn create(path: &Path, ring: &KeyRing) -> Result<bool, KeyringError> {
    match write(path, &ring.to_text()) {
        Ok(()) => sync_folder(path).map(|()| true).map_err(|cause| failed(path, cause)),
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(cause) => Err(failed(path, cause)),
    }
}

/// Puts another ring in the file's place, as a whole: a reader sees the old one or the new one.
pub fn replace(path: &Path, ring: &KeyRing) -> Result<(), KeyringError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    // The name is also a lock: two changes at once would lose one.
    write(&beside, &ring.to_text()).map_err(|cause| failed(&beside, cause))?;
    std::fs::rename(&beside, path).and_then(|()| sync_folder(path)).map_err(|cause| failed(path, cause))
}

fn failed(path: &Path, cause: std::io::Error) -> KeyringError {
    KeyringError::File { path: path.to_owned(), cause }
}

fn write(path: &Path, text: &KeyRingText) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.expose().as_bytes())?;
    file.sync_all()
}

/// Makes a new name durable.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Redacted, runtime::OsEntropy};
    use invite_domain::secret::keyring::KeyId;

    #[test]
    fn a_new_file_is_for_its_owner_alone_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        let ring = KeyRing::generate(&OsEntropy);
        assert!(create(&path, &ring).unwrap());
        assert!(!create(&path, &KeyRing::generate(&OsEntropy)).unwrap());
        let kept = load(&KeyringSource::File(path.clone())).unwrap();
        assert_eq!(kept.to_text().expose(), ring.to_text().expose());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_change_replaces_the_file_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        let ring = KeyRing::generate(&OsEntropy);
        create(&path, &ring).unwrap();
        let (rotated, id) = ring.rotate(&OsEntropy).unwrap();
        replace(&path, &rotated).unwrap();
        assert_eq!(id, KeyId::new(2).unwrap());
        assert_eq!(load(&KeyringSource::File(path)).unwrap().ids().count(), 2);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_change_beside_another_change_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        let ring = KeyRing::generate(&OsEntropy);
        create(&path, &ring).unwrap();
        std::fs::write(folder.path().join("keyring.new"), "").unwrap();
        let message = replace(&path, &ring).unwrap_err().to_string();
        assert!(message.contains("keyring.new: "), "{message}");
    }

    #[test]
    fn a_ring_that_cannot_be_used_is_refused_with_its_place_and_without_its_keys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        let message = load(&KeyringSource::File(path.clone())).unwrap_err().to_string();
        assert!(message.ends_with("does not exist: run `invite keys new`"), "{message}");
        std::fs::write(&path, "1 active c0ffee\n").unwrap();
        let message = load(&KeyringSource::File(path)).unwrap_err().to_string();
        assert!(message.contains("keyring: line 1: ") && !message.contains("c0ffee"), "{message}");
        let message = load(&KeyringSource::Inline(Redacted::new("x"))).unwrap_err().to_string();
        assert!(message.starts_with("INVITE_KEYRING: line 1: "), "{message}");
    }
}
