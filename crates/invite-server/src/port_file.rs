//! The file that tells another program where the service listens.

use std::{
    fs,
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Writes the address as one line, as a whole: a reader sees nothing or all of it.
pub(crate) fn write(path: &Path, address: SocketAddr) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file = fs::File::create(&beside)?;
    writeln!(file, "{address}")?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_the_address_and_replaces_an_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("port");
        fs::write(&path, "127.0.0.1:1 and much more").unwrap();
        write(&path, "127.0.0.1:41234".parse().unwrap()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "127.0.0.1:41234\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
