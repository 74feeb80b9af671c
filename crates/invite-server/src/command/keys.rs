mod retire;

use super::{CommandError, administrator::block_on};
use crate::{
    config::{Config, KeyringSource},
    keyring,
};
use clap::{Args, Subcommand};
use invite_domain::{
    port::Entropy,
    secret::keyring::{KeyId, KeyRing, KeyRingError},
};
use std::{io::Write, num::NonZeroU8};

/// `invite keys`: the key ring.
#[derive(Debug, Clone, Args)]
pub struct KeysArgs {
    /// What to do with it
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// What to do with the key ring.
#[derive(Debug, Clone, Subcommand)]
pub enum KeysCommand {
    /// Make a ring: write the configured file if there is none yet, else print it
    New,
    /// Add a key that only verifies; activate it once every replica has it
    Rotate,
    /// Make a key the one new links use
    Activate {
        /// The key, 1 to 255
        #[arg(value_name = "ID")]
        id: NonZeroU8,
    },
    /// End a key; refused while live invitations carry it
    Retire {
        /// The key, 1 to 255
        #[arg(value_name = "ID")]
        id: NonZeroU8,
        /// Send those invitations again, under the active key
        #[arg(long)]
        resend: bool,
    },
    /// Show the keys' ids and states, never the keys
    List,
}

/// Changes or shows the ring. `out` is standard output: keys go there only where they have no file to go to; `hint` is
/// standard error, for what the operator does next.
pub(super) fn run(
    command: &KeysCommand,
    config: &Config,
    entropy: &dyn Entropy,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    if let KeysCommand::New = command {
        return new(config.keyring.as_ref(), &KeyRing::generate(entropy), out, hint);
    }
    let source = config.required_keyring()?;
    let ring = keyring::load(source)?;
    match command {
        KeysCommand::New => Ok(()),
        KeysCommand::List => {
            for (id, state) in ring.ids() {
                writeln!(out, "{id} {state}")?;
            }
            Ok(())
        }
        KeysCommand::Rotate => {
            let (ring, id) = ring.rotate(entropy).map_err(refused)?;
            store(source, &ring, out, hint)?;
            writeln!(hint, "key {id} verifies; once every replica has it: invite keys activate {id}")?;
            Ok(())
        }
        KeysCommand::Activate { id } => {
            let ring = ring.activate(key_id(*id)?).map_err(refused)?;
            store(source, &ring, out, hint)?;
            writeln!(hint, "key {id} is active: new links use it")?;
            Ok(())
        }
        KeysCommand::Retire { id, resend } => {
            let id = key_id(*id)?;
            // What the ring itself refuses comes first: nothing is sent for it.
            let without = ring.retire(id).map_err(refused)?;
            block_on(retire::release(config, id, *resend, hint))?;
            store(source, &without, out, hint)?;
            writeln!(hint, "key {id} is retired: links made under it open nothing")?;
            Ok(())
        }
    }
}

fn new(
    source: Option<&KeyringSource>,
    ring: &KeyRing,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    if let Some(KeyringSource::File(path)) = source {
        if keyring::create(path, ring)? {
            writeln!(hint, "wrote a new key ring to {}; keep a copy of it apart from the database", path.display())?;
            return Ok(());
        }
        writeln!(hint, "{} exists already and was not touched; this is another ring", path.display())?;
    }
    out.write_all(ring.to_text().expose().as_bytes())?;
    Ok(())
}

/// Writes the ring back to its file, or prints it where it has none.
fn store(
    source: &KeyringSource,
    ring: &KeyRing,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    match source {
        KeyringSource::File(path) => keyring::replace(path, ring)?,
        KeyringSource::Inline(_) => {
            out.write_all(ring.to_text().expose().as_bytes())?;
            writeln!(hint, "set INVITE_KEYRING to the lines above, parted by `;`")?;
        }
    }
    Ok(())
}

fn key_id(id: NonZeroU8) -> Result<KeyId, CommandError> {
    KeyId::new(id.get()).ok_or_else(|| CommandError::Usage("a key id is a number from 1 to 255".to_owned()))
}

fn refused(error: KeyRingError) -> CommandError {
    CommandError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::OsEntropy;
    use std::path::Path;

    /// Runs a command; answers its standard output and error.
    fn keys(command: &KeysCommand, source: Option<(&str, &str)>) -> Result<(String, String), String> {
        let config = Config::load(None, Vec::new(), source.map(|(name, value)| (name.into(), value.into()))).unwrap();
        let (mut out, mut hint) = (Vec::new(), Vec::new());
        run(command, &config, &OsEntropy, &mut out, &mut hint).map_err(|error| error.to_string())?;
        Ok((String::from_utf8(out).unwrap(), String::from_utf8(hint).unwrap()))
    }

    fn in_file(path: &Path, command: &KeysCommand) -> Result<(String, String), String> {
        keys(command, Some(("INVITE_KEYRING_FILE", path.to_str().unwrap())))
    }

    #[test]
    fn r7_8_new_writes_the_configured_file_once_and_prints_no_key_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        let (out, hint) = in_file(&path, &KeysCommand::New).unwrap();
        assert_eq!(out, "");
        assert!(hint.starts_with("wrote a new key ring to "), "{hint}");
        let first = std::fs::read_to_string(&path).unwrap();
        let (out, hint) = in_file(&path, &KeysCommand::New).unwrap();
        assert!(KeyRing::parse(&out).is_ok() && out != first);
        assert!(hint.contains("exists already and was not touched"), "{hint}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    }

    #[test]
    fn r7_8_new_without_a_file_prints_a_ring() {
        let (out, _) = keys(&KeysCommand::New, None).unwrap();
        assert!(KeyRing::parse(&out).unwrap().active().is_some());
    }

    #[test]
    fn r7_8_rotate_adds_a_verifying_key_and_activate_makes_it_the_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        in_file(&path, &KeysCommand::New).unwrap();
        let (out, hint) = in_file(&path, &KeysCommand::Rotate).unwrap();
        assert_eq!(out, "");
        assert!(hint.contains("invite keys activate 2"), "{hint}");
        assert_eq!(in_file(&path, &KeysCommand::List).unwrap().0, "1 active\n2 verify\n");
        in_file(&path, &KeysCommand::Activate { id: NonZeroU8::new(2).unwrap() }).unwrap();
        assert_eq!(in_file(&path, &KeysCommand::List).unwrap().0, "1 verify\n2 active\n");
        let refusal = in_file(&path, &KeysCommand::Activate { id: NonZeroU8::new(9).unwrap() }).unwrap_err();
        assert_eq!(refusal, "the key ring has no key 9");
    }

    #[test]
    fn r7_8_a_ring_in_the_environment_is_printed_for_the_operator_to_set() {
        let ring = keys(&KeysCommand::New, None).unwrap().0.replace('\n', ";");
        let (out, hint) = keys(&KeysCommand::Rotate, Some(("INVITE_KEYRING", &ring))).unwrap();
        assert_eq!(KeyRing::parse(&out).unwrap().ids().count(), 2);
        assert!(hint.starts_with("set INVITE_KEYRING to the lines above"), "{hint}");
    }

    #[test]
    fn without_a_ring_the_refusal_says_what_to_set() {
        let refusal = keys(&KeysCommand::List, None).unwrap_err();
        assert!(refusal.contains("set INVITE_KEYRING_FILE"), "{refusal}");
    }
}
