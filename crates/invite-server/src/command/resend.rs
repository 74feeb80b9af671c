use super::{CommandError, OrganizationArg, administrator::Administrator, show};
use crate::config::Config;
use clap::Args;
use invite_domain::{id::InvitationId, service::Resend};
use std::io::Write;

/// `invite resend`: a new link to the same recipient; the old one ends.
#[derive(Debug, Clone, Args)]
pub struct ResendArgs {
    /// The invitation
    #[arg(value_name = "ID")]
    pub id: InvitationId,
    #[command(flatten)]
    /// The organisation.
    pub organization: OrganizationArg,
}

/// Sends an invitation again as the operator.
pub(super) async fn run(
    arguments: &ResendArgs,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let administrator = Administrator::open(config).await?;
    let organization = administrator.organization(&arguments.organization).await?;
    let parts = &administrator.parts;
    let caller = administrator.caller(&organization);
    let issued = parts.invitations.resend(&caller, arguments.id, Resend::default(), None).await?;
    show::lines(out, "resent", &issued.record, None, parts.world.clock.now())?;
    show::queued(hint, &issued.record, config)?;
    Ok(())
}
