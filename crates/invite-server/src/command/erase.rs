use super::{CommandError, administrator::Administrator};
use crate::config::Config;
use clap::Args;
use invite_domain::{email::EmailAddress, invitation::Origin};
use std::io::Write;

/// `invite erase`: takes a person out of everything that is stored.
#[derive(Debug, Clone, Args)]
pub struct EraseArgs {
    /// The person's address
    #[arg(value_name = "ADDRESS")]
    pub address: String,
}

/// Erases a person as the operator and says what was there. The address is not repeated: what a command prints may be kept.
pub(super) async fn run(
    arguments: &EraseArgs,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let address = EmailAddress::parse(&arguments.address)
        .map_err(|error| CommandError::Usage(format!("the address cannot be used: {error}")))?;
    let administrator = Administrator::open(config).await?;
    let erasure = &administrator.parts.erasure;
    let erased = erasure.erase(administrator.principal(), &address, Origin::none()).await?;
    if erased.organizations == 0 && erased.account_id.is_none() {
        writeln!(hint, "nobody is known at this address")?;
        return Ok(());
    }
    if let Some(account) = erased.account_id {
        writeln!(out, "account {account} is nobody's now")?;
    }
    for (count, one, several) in [
        (erased.memberships, "membership removed", "memberships removed"),
        (erased.api_keys, "API key revoked", "API keys revoked"),
        (erased.invitations, "invitation names nobody now", "invitations name nobody now"),
        (erased.revoked, "of them was open and is revoked", "of them were open and are revoked"),
        (erased.records, "record emptied", "records emptied"),
        (erased.organizations, "organisation was touched", "organisations were touched"),
    ] {
        if count > 0 {
            writeln!(out, "{count} {}", if count == 1 { one } else { several })?;
        }
    }
    writeln!(hint, "backups and logs made before still name the person: keep them no longer than you must")?;
    Ok(())
}
