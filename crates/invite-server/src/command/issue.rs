use super::{CommandError, OrganizationArg, administrator::Administrator, show};
use crate::config::Config;
use chrono::Duration;
use clap::Args;
use invite_domain::{access::Grant, email::EmailAddress, invitation::Recipient, service::Issue};
use std::io::Write;

/// `invite issue`: issues an invitation to an e-mail address.
#[derive(Debug, Clone, Args)]
pub struct IssueArgs {
    /// The recipient's e-mail address
    #[arg(value_name = "EMAIL")]
    pub email: String,
    #[command(flatten)]
    /// The organisation.
    pub organization: OrganizationArg,
    /// Role given on redemption, by name or id
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Life of the invitation, such as 15m or 7d
    #[arg(long, value_name = "TIME", value_parser = crate::config::duration)]
    pub expires_in: Option<Duration>,
    /// Language of the mail, such as en or fr
    #[arg(long, value_name = "LOCALE")]
    pub locale: Option<String>,
    /// A word to the recipient
    #[arg(long, value_name = "TEXT")]
    pub message: Option<String>,
    /// Print the link; whoever has it can redeem the invitation
    #[arg(long)]
    pub return_link: bool,
}

/// Issues an invitation as the operator.
pub(super) async fn run(
    arguments: &IssueArgs,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let recipient = EmailAddress::parse(&arguments.email)
        .map_err(|error| CommandError::Usage(format!("`{}`: {error}", show::plain(&arguments.email))))?;
    // Checked before anything is made: a link that cannot be printed would be lost.
    let base = arguments.return_link.then(|| config.required_public_url()).transpose()?;
    let administrator = Administrator::open(config).await?;
    let organization = administrator.organization(&arguments.organization).await?;
    let role_id = match &arguments.role {
        Some(named) => Some(administrator.role(&organization, named).await?.id),
        None => None,
    };
    let command = Issue {
        expires_in: arguments.expires_in.map(|life| life.num_seconds()),
        locale: arguments.locale.clone(),
        message: arguments.message.clone(),
        reveal_link: base.is_some(),
        ..Issue::new(Recipient::Email(recipient), Grant { role_id, ..Grant::default() })
    };
    let parts = &administrator.parts;
    let issued = parts.invitations.issue(&administrator.caller(&organization), command, None).await?;
    let link = base.zip(issued.link.as_ref()).map(|(base, token)| format!("{base}/i/{}", token.expose()));
    show::lines(out, "issued", &issued.record, link.as_deref(), parts.world.clock.now())?;
    show::queued(hint, &issued.record, config)?;
    Ok(())
}
