use super::{CommandError, OrganizationArg, administrator::Administrator, show};
use crate::config::Config;
use clap::Args;
use invite_domain::{id::InvitationId, service::Revoke};
use std::io::Write;

/// `invite revoke`: withdraws an invitation.
#[derive(Debug, Clone, Args)]
pub struct RevokeArgs {
    /// The invitation
    #[arg(value_name = "ID")]
    pub id: InvitationId,
    #[command(flatten)]
    /// The organisation.
    pub organization: OrganizationArg,
    /// Why; kept with the invitation
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Withdraws an invitation as the operator. One that is withdrawn already stays as it is.
pub(super) async fn run(arguments: &RevokeArgs, config: &Config, out: &mut dyn Write) -> Result<(), CommandError> {
    let administrator = Administrator::open(config).await?;
    let organization = administrator.organization(&arguments.organization).await?;
    let command = Revoke { reason: arguments.reason.clone(), if_match: None };
    let caller = administrator.caller(&organization);
    let record = administrator.parts.invitations.revoke(&caller, arguments.id, command).await?;
    writeln!(out, "revoked {} to {}", record.invitation.id, show::recipient(&record))?;
    Ok(())
}
