use super::{CommandError, OrganizationArg, administrator::Administrator, again, show};
use crate::config::Config;
use clap::Args;
use invite_domain::{id::InvitationId, invitation::Status, service::Resend};
use std::io::Write;

/// `invite resend`: a new link to the same recipient; the old one ends.
#[derive(Debug, Clone, Args)]
pub struct ResendArgs {
    /// The invitation
    #[arg(value_name = "ID", required_unless_present = "all_pending", conflicts_with = "all_pending")]
    pub id: Option<InvitationId>,
    #[command(flatten)]
    /// The organisation.
    pub organization: OrganizationArg,
    /// Send every pending invitation again, those of all organisations unless one is named
    #[arg(long)]
    pub all_pending: bool,
}

/// Sends an invitation, or all that are pending, again as the operator.
pub(super) async fn run(
    arguments: &ResendArgs,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let administrator = Administrator::open(config).await?;
    let Some(id) = arguments.id else {
        return all_pending(&administrator, &arguments.organization, config, out, hint).await;
    };
    let organization = administrator.organization(&arguments.organization).await?;
    let parts = &administrator.parts;
    let caller = administrator.caller(&organization);
    let issued = parts.invitations.resend(&caller, id, Resend::default(), None).await?;
    show::lines(out, "resent", &issued.record, None, None, parts.world.clock.now())?;
    show::queued(hint, &issued.record, config)?;
    Ok(())
}

/// After the loss of a ring: every link is dead, and each gets a new one (rule 7.8).
async fn all_pending(
    administrator: &Administrator,
    named: &OrganizationArg,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let organizations = if named.organization.is_some() {
        vec![administrator.organization(named).await?]
    } else {
        administrator.organizations().await?
    };
    let found = again::find(administrator, &organizations, &[Status::Pending], |_| true).await?;
    let all = found.len();
    let mut last = None;
    let failed = again::send(administrator, found, |id, result| {
        match result {
            Ok(issued) => {
                writeln!(out, "resent {id} to {}", show::recipient(&issued.record))?;
                last = Some(issued.record.clone());
            }
            Err(reason) => writeln!(hint, "{id}: {reason}")?,
        }
        Ok(())
    })
    .await?;
    if let Some(record) = last {
        show::queued(hint, &record, config)?;
    }
    if failed > 0 {
        return Err(CommandError::Failed(format!("{failed} of {all} pending invitations could not be sent again")));
    }
    let noun = if all == 1 { "invitation" } else { "invitations" };
    writeln!(hint, "{all} pending {noun} sent again")?;
    Ok(())
}
