//! Messages that were given up.

use super::{CommandError, OrganizationArg, administrator::Administrator, json, refusal::instant, show};
use crate::config::Config;
use clap::{Args, Subcommand};
use invite_domain::{
    directory::Organization,
    id::MessageId,
    invitation::{DeadLetter, Rejection},
    page::PageRequest,
    service::{Caller, ServiceError},
};
use std::io::Write;

/// `invite dead-letters`: messages that were given up, the last first.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DeadLettersArgs {
    #[command(flatten)]
    /// The organisation.
    pub organization: OrganizationArg,
    /// At most so many, 1 to 200
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub limit: u16,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// What to do with them instead of listing them
    #[command(subcommand)]
    pub command: Option<DeadLettersCommand>,
}

/// What to do with messages that were given up.
#[derive(Debug, Clone, Subcommand)]
pub enum DeadLettersCommand {
    /// Queue messages again, with all their attempts before them
    Replay {
        /// The messages
        #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
        ids: Vec<MessageId>,
        #[command(flatten)]
        /// The organisation.
        organization: OrganizationArg,
        /// Queue all of them again, those of all organisations unless one is named
        #[arg(long)]
        all: bool,
    },
}

/// Lists or replays dead letters as the operator.
pub(super) async fn run(
    arguments: &DeadLettersArgs,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let administrator = Administrator::open(config).await?;
    match &arguments.command {
        None => list(&administrator, arguments, out, hint).await,
        Some(DeadLettersCommand::Replay { ids, organization, all: false }) => {
            let caller = administrator.caller(&administrator.organization(organization).await?);
            let wanted = ids.iter().map(|id| (caller.clone(), *id)).collect();
            replay(&administrator, wanted, false, config, out, hint).await
        }
        Some(DeadLettersCommand::Replay { ids: _, organization, all: true }) => {
            let organizations = match organization.organization {
                Some(_) => vec![administrator.organization(organization).await?],
                None => administrator.organizations().await?,
            };
            let wanted = find(&administrator, &organizations).await?;
            replay(&administrator, wanted, true, config, out, hint).await
        }
    }
}

async fn list(
    administrator: &Administrator,
    arguments: &DeadLettersArgs,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let organization = administrator.organization(&arguments.organization).await?;
    let request = PageRequest { include_total: true, ..PageRequest::first(arguments.limit.into()) };
    let page = administrator.parts.dead_letters.list(&administrator.caller(&organization), &request).await?;
    if arguments.json {
        let items: Vec<_> = page.items.iter().map(json::dead_letter).collect();
        let document = serde_json::json!({ "items": items, "total": page.total });
        writeln!(out, "{document:#}")?;
        return Ok(());
    }
    if page.items.is_empty() {
        writeln!(hint, "no message was given up")?;
        return Ok(());
    }
    let mut rows = vec![["ID", "INVITATION", "CHANNEL", "ATTEMPTS", "REASON", "GIVEN UP"].map(str::to_owned).to_vec()];
    rows.extend(page.items.iter().map(|letter| {
        vec![
            letter.id.to_string(),
            letter.invitation_id.to_string(),
            letter.channel.name().to_owned(),
            letter.attempts.to_string(),
            letter.reason.name().to_owned(),
            instant(letter.at),
        ]
    }));
    show::table(out, &rows)?;
    let shown = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
    if let Some(total) = page.total.filter(|total| *total > shown) {
        writeln!(hint, "the last {shown} of {total}: --limit shows more")?;
    }
    Ok(())
}

/// All dead letters of these organisations, the first that was given up first. They are found before the first is queued:
/// that takes it out of the list.
async fn find(
    administrator: &Administrator,
    organizations: &[Organization],
) -> Result<Vec<(Caller, MessageId)>, CommandError> {
    let mut found = Vec::new();
    for organization in organizations {
        let caller = administrator.caller(organization);
        let mut request = PageRequest::first(PageRequest::MAX_LIMIT);
        loop {
            let page = administrator.parts.dead_letters.list(&caller, &request).await?;
            found.extend(page.items.iter().map(|letter| (caller.clone(), letter.id)));
            match page.next {
                Some(next) => request.after = Some(next),
                None => break,
            }
        }
    }
    found.reverse();
    Ok(found)
}

/// Queues each of them again and tells of each how it went. One that fails holds up no other; of all there are, `every`, those
/// whose invitation has ended are no failures.
async fn replay(
    administrator: &Administrator,
    wanted: Vec<(Caller, MessageId)>,
    every: bool,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let all = wanted.len();
    let (mut replayed, mut ended): (Vec<DeadLetter>, usize) = (Vec::new(), 0);
    for (caller, id) in wanted {
        match administrator.parts.dead_letters.replay(&caller, id).await {
            Ok(letter) => {
                let (channel, invitation) = (letter.channel.name(), letter.invitation_id);
                writeln!(out, "queued again {id}: {channel} of {invitation}")?;
                replayed.push(letter);
            }
            // It came to an end meanwhile: whoever wants all that are still wanted does not want this one.
            Err(ServiceError::Rejected(Rejection::Ended(_))) if every => {
                ended += 1;
                writeln!(hint, "{id}: its invitation has ended; the message is not wanted any more")?;
            }
            Err(error) => writeln!(hint, "{id}: {}", reason(error))?,
        }
    }
    let mut channels: Vec<_> = replayed.iter().map(|letter| letter.channel).collect();
    channels.sort_unstable();
    channels.dedup();
    for channel in channels {
        show::waits(hint, channel, config)?;
    }
    match all - replayed.len() - ended {
        0 if all == 0 => writeln!(hint, "no message was given up")?,
        0 => {}
        failed => return Err(CommandError::Failed(format!("{failed} of {all} messages could not be queued again"))),
    }
    Ok(())
}

/// Why a message was not queued again, in one line.
fn reason(error: ServiceError) -> String {
    match error {
        ServiceError::Rejected(Rejection::NotFound) => {
            "this organisation has no such message that was given up".to_owned()
        }
        other => CommandError::from(other).to_string(),
    }
}
