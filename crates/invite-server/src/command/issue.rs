use super::{CommandError, OrganizationArg, administrator::Administrator, show};
use crate::config::Config;
use chrono::Duration;
use clap::Args;
use invite_domain::{
    access::Grant,
    email::EmailAddress,
    invitation::Recipient,
    phone::PhoneNumber,
    service::{Issue, Reveal},
};
use std::io::Write;

/// `invite issue`: issues an invitation to an e-mail address or a phone number.
#[derive(Debug, Clone, Args)]
pub struct IssueArgs {
    /// The recipient's e-mail address, or phone number such as +33600000000
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    #[command(flatten)]
    /// The organisation.
    pub organization: OrganizationArg,
    /// Role given on redemption, by name or id
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Life of the invitation, such as 15m or 7d
    #[arg(long, value_name = "TIME", value_parser = crate::config::duration)]
    pub expires_in: Option<Duration>,
    /// Language of the message, such as en or fr
    #[arg(long, value_name = "LOCALE")]
    pub locale: Option<String>,
    /// A word to the recipient
    #[arg(long, value_name = "TEXT")]
    pub message: Option<String>,
    /// Print link and code; whoever has one of them can redeem the invitation
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
    let recipient = recipient(&arguments.address)?;
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
        reveal: if base.is_some() { Reveal::Asked } else { Reveal::No },
        ..Issue::new(recipient, Grant { role_id, ..Grant::default() })
    };
    let parts = &administrator.parts;
    let issued = parts.invitations.issue(&administrator.caller(&organization), command, None).await?;
    let secrets = issued.secrets.as_ref();
    let link = base.zip(secrets).map(|(base, secrets)| format!("{base}/i/{}", secrets.link.expose()));
    let code = base.zip(secrets.and_then(|secrets| secrets.code.as_ref()));
    let code = code.map(|(base, code)| format!("{} at {base}/code/{}", code.expose(), organization.slug));
    show::lines(out, "issued", &issued.record, link.as_deref(), code.as_deref(), parts.world.clock.now())?;
    show::queued(hint, &issued.record, config)?;
    Ok(())
}

/// What begins with a plus sign is a phone number: no address does that has any sense at a terminal.
fn recipient(text: &str) -> Result<Recipient, CommandError> {
    let usage = |error: &dyn std::fmt::Display| CommandError::Usage(format!("`{}`: {error}", show::plain(text)));
    if text.starts_with('+') && !text.contains('@') {
        return PhoneNumber::parse(text).map(Recipient::Phone).map_err(|error| usage(&error));
    }
    EmailAddress::parse(text).map(Recipient::Email).map_err(|error| usage(&error))
}
