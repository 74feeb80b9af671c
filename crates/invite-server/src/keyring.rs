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
    /// There is a file beside it that a change makes and takes away.
    #[error("another change of the key ring is running; if none is, remove {path}", path = path.display())]
    Changing {
        /// That file.
        path: PathBuf,
    },
    /// New links cannot be made with it.
    #[error("the key ring has no active key: run `invite keys activate ID`")]
    NoActive,
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
    let mut file = match new_file(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => return Ok(false),
        Err(cause) => return Err(failed(path, cause)),
    };
    or_remove(path, fill(&mut file, &ring.to_text()))?;
    sync_folder(path).map(|()| true).map_err(|cause| failed(path, cause))
}

/// Puts another ring in the file's place, as a whole: a reader sees the old one or the new one. The file keeps its mode and
/// its owner; where the path is a symbolic link, what it leads to is replaced.
pub fn replace(path: &Path, ring: &KeyRing) -> Result<(), KeyringError> {
    let target = path.canonicalize().map_err(|cause| failed(path, cause))?;
    let old = target.metadata().map_err(|cause| failed(&target, cause))?;
    let mut beside = target.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    // The name is also a lock: two changes at once would lose one.
    let mut file = new_file(&beside).map_err(|cause| match cause.kind() {
        ErrorKind::AlreadyExists => KeyringError::Changing { path: beside.clone() },
        _ => failed(&beside, cause),
    })?;
    let replaced = keep_access(&file, &old)
        .and_then(|()| fill(&mut file, &ring.to_text()))
        .and_then(|()| std::fs::rename(&beside, &target));
    or_remove(&beside, replaced)?;
    sync_folder(&target).map_err(|cause| failed(&target, cause))
}

fn failed(path: &Path, cause: std::io::Error) -> KeyringError {
    KeyringError::File { path: path.to_owned(), cause }
}

/// A new file that only its owner can read.
fn new_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn fill(file: &mut File, text: &KeyRingText) -> std::io::Result<()> {
    file.write_all(text.expose().as_bytes())?;
    file.sync_all()
}

/// Takes a file that could not be finished away again: it holds keys.
fn or_remove(path: &Path, finished: std::io::Result<()>) -> Result<(), KeyringError> {
    finished.map_err(|cause| match std::fs::remove_file(path) {
        Ok(()) => failed(path, cause),
        Err(left) => {
            let words = format!("{cause}; remove what is left of it ({left})");
            failed(path, std::io::Error::new(cause.kind(), words))
        }
    })
}

/// Gives a new file the owner, group and mode of the one it replaces: the service must be able to read it, and nobody else.
/// The owner comes first, since from then on the mode speaks of the right people.
#[cfg(unix)]
fn keep_access(file: &File, old: &std::fs::Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid())).map_err(|cause| {
            let words = format!("its owner cannot be kept ({cause}): run this as its owner or as root");
            std::io::Error::new(cause.kind(), words)
        })?;
    }
    file.set_permissions(old.permissions())
}

#[cfg(not(unix))]
fn keep_access(_: &File, _: &std::fs::Metadata) -> std::io::Result<()> {
    Ok(())
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
        let beside = folder.path().canonicalize().unwrap().join("keyring.new");
        let told = format!("another change of the key ring is running; if none is, remove {}", beside.display());
        assert_eq!(message, told);
        assert!(beside.exists(), "it belongs to the other change");
    }

    #[cfg(unix)]
    #[test]
    fn a_change_keeps_mode_and_owner_and_goes_through_a_link() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let folder = tempfile::tempdir().unwrap();
        let (target, path) = (folder.path().join("secret"), folder.path().join("keyring"));
        let ring = KeyRing::generate(&OsEntropy);
        create(&target, &ring).unwrap();
        std::os::unix::fs::symlink("secret", &path).unwrap();
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o640)).unwrap();
        // Only root can give files away; for everybody else the owner is the same before and after anyway.
        let given = std::os::unix::fs::chown(&target, Some(4321), Some(4322));
        assert_eq!(given.is_ok(), std::fs::metadata(&target).unwrap().uid() == 4321);
        let before = std::fs::metadata(&target).unwrap();
        replace(&path, &ring.rotate(&OsEntropy).unwrap().0).unwrap();
        let after = std::fs::metadata(&target).unwrap();
        assert_ne!(before.ino(), after.ino(), "it was not replaced as a whole");
        assert_eq!(after.mode() & 0o7777, 0o640);
        assert_eq!((before.uid(), before.gid()), (after.uid(), after.gid()));
        assert_eq!(std::fs::read_link(&path).unwrap(), Path::new("secret"));
        assert_eq!(load(&KeyringSource::File(target)).unwrap().ids().count(), 2);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_change_that_fails_leaves_no_keys_beside_the_file() {
        let folder = tempfile::tempdir().unwrap();
        // A file cannot take a folder's place.
        let path = folder.path().join("keyring");
        std::fs::create_dir(&path).unwrap();
        replace(&path, &KeyRing::generate(&OsEntropy)).unwrap_err();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
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
