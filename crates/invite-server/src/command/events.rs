use super::{CommandError, OrganizationArg, administrator::Administrator, instant};
use crate::config::Config;
use clap::Args;
use invite_domain::{invitation::EventKind, page::PageRequest, port::EventFilter, time::Timestamp};
use std::io::Write;

/// `invite events`: the audit trail, a line of JSON an event, the oldest first.
#[derive(Debug, Clone, Args)]
pub struct EventsArgs {
    #[command(flatten)]
    /// The organisation.
    pub organization: OrganizationArg,
    /// Only recorded then or later
    #[arg(long, value_name = "INSTANT", value_parser = instant::parse)]
    pub since: Option<Timestamp>,
    /// Only of this type, like `invitation.issued`
    #[arg(long = "type", value_name = "TYPE", value_parser = kind)]
    pub kind: Option<EventKind>,
}

fn kind(text: &str) -> Result<EventKind, String> {
    EventKind::from_name(text).ok_or_else(|| "there is no such type of event, see docs/reference/events.md".to_owned())
}

/// Prints the trail as the operator, a page at a time: what `GET /v1/events/export` answers.
pub(super) async fn run(arguments: &EventsArgs, config: &Config, out: &mut dyn Write) -> Result<(), CommandError> {
    let administrator = Administrator::open(config).await?;
    let organization = administrator.organization(&arguments.organization).await?;
    let caller = administrator.caller(&organization);
    let invitations = &administrator.parts.invitations;
    let filter = EventFilter {
        kind: arguments.kind,
        since: arguments.since,
        before: Some(invitations.feed_end()),
        ..EventFilter::default()
    };
    let mut request = PageRequest::first(PageRequest::MAX_LIMIT);
    loop {
        let page = invitations.events(&caller, &filter, &request).await?;
        for event in &page.items {
            out.write_all(invite_http::event_line(event).as_bytes())?;
        }
        match page.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    out.flush()?;
    Ok(())
}
