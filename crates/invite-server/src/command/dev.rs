mod first;

use super::{CommandError, administrator::Administrator};
use crate::{
    app::{self, AppOptions, Application, MailRoute},
    config::{Config, KeyringSource, PublicUrl, Redacted},
    keyring,
    parts::{Parts, Schema},
    runtime::OsEntropy,
};
use clap::Args;
use first::Installation;
use invite_domain::secret::keyring::KeyRing;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

/// `invite dev`: everything embedded, to try it. Refuses any address but loopback.
#[derive(Debug, Clone, Args)]
pub struct DevArgs {
    /// Folder of the database, the key ring and the mailbox; made if there is none
    #[arg(long, value_name = "FOLDER", default_value = "invite-dev")]
    pub folder: PathBuf,
    /// Write the chosen address to this file once the service listens
    #[arg(long, value_name = "FILE")]
    pub port_file: Option<PathBuf>,
}

/// What a path may hold in the URL of a database.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// Runs everything on a loopback address, over a folder of its own.
///
/// Database, key ring, public URL and mail server of the configuration are left aside: what is tried out here reaches
/// neither the real database nor a real mailbox.
pub(super) async fn run(arguments: DevArgs, config: &Config, out: &mut dyn Write) -> Result<(), CommandError> {
    if !config.listen.ip().is_loopback() {
        return Err(CommandError::Usage(format!(
            "`invite dev` is for this machine only: {} is no loopback address; set INVITE_LISTEN to 127.0.0.1:8080, or \
             use `invite serve`",
            config.listen
        )));
    }
    let (listener, address) = app::bind(config.listen, "INVITE_LISTEN, such as INVITE_LISTEN=127.0.0.1:0")?;
    let folder = &arguments.folder;
    let unusable = |cause| CommandError::Failed(format!("{} cannot be used: {cause}", folder.display()));
    make_folder(folder).map_err(unusable)?;
    let ring = folder.join("keys");
    keyring::create(&ring, &KeyRing::generate(&OsEntropy))?;
    let url = PublicUrl::of_loopback(address);
    let keyring = KeyringSource::File(ring);
    let config = Config {
        database_url: database_url(&folder.join("invite.db"))?,
        public_url: Some(url.clone()),
        keyring: Some(keyring.clone()),
        smtp: None,
        mail_from: None,
        trusted_proxies: Vec::new(),
        operations_listen: None,
        ..config.clone()
    };
    let parts = Parts::open_to_serve(&config, &keyring, Schema::Apply).await?;
    let installation = first::prepare(&parts, &folder.join("dev.json")).await?;
    let member = member_role(parts.clone(), &installation).await?;
    let options = AppOptions {
        mail: MailRoute::Mailbox(folder.join("mailbox")),
        worker: true,
        port_file: arguments.port_file,
        this_machine_only: true,
        notice: Duration::ZERO,
    };
    let application = Application::build(&parts, &config, url.as_str(), listener, options)?;
    welcome(out, &url, &installation, &member)?;
    Ok(application.run_until_stopped().await?)
}

fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn database_url(path: &Path) -> Result<Redacted, CommandError> {
    let path = path.to_str().ok_or_else(|| CommandError::Usage("--folder must be UTF-8".to_owned()))?;
    Ok(Redacted::new(format!("sqlite://{}", utf8_percent_encode(path, PATH))))
}

/// The id of the role the example gives.
async fn member_role(parts: Parts, installation: &Installation) -> Result<String, CommandError> {
    let administrator = Administrator::over(parts).await?;
    Ok(administrator.role(&installation.organization, "member").await?.id.to_string())
}

fn welcome(out: &mut dyn Write, url: &PublicUrl, it: &Installation, member: &str) -> std::io::Result<()> {
    let key = it.api_key.as_str();
    writeln!(out, "The invitation service is running, for this machine only:\n")?;
    writeln!(out, "{url}\n")?;
    writeln!(out, "  {url}/docs     the API, to read and to try")?;
    writeln!(out, "  {url}/console  to look after invitations, members and roles")?;
    writeln!(out, "  {url}/mailbox  every mail it sends\n")?;
    writeln!(out, "Organisation \"{}\", owner {}", it.organization.name, it.owner_email)?;
    writeln!(out, "API key: {key}")?;
    match &it.owner_link {
        Some(token) => writeln!(out, "Set the owner's password: {url}/account/{token}\n")?,
        None => writeln!(out)?,
    }
    writeln!(out, "Paste this to invite somebody, then open the mailbox:\n")?;
    writeln!(
        out,
        "curl -sS {url}/v1/invitations -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d \
         '{{\"recipient\":{{\"email\":\"zoe@example.org\"}},\"role_id\":\"{member}\",\
         \"permissions\":[\"timesheets.write\"],\"default_rate\":4500}}'\n"
    )?;
    writeln!(out, "Ctrl-C stops it; everything is kept for the next start.")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::sqlite_path;

    #[test]
    fn the_folder_may_have_any_name() {
        for name in ["invite-dev", "/tmp/a b", "100%", "what?#", "Zoë"] {
            let path = Path::new(name).join("invite.db");
            let url = database_url(&path).unwrap();
            assert_eq!(sqlite_path(&url).unwrap(), path, "{}", url.expose());
        }
    }
}
