use super::{CommandError, OrganizationArg, administrator::Administrator, json, refusal::instant, show};
use crate::config::Config;
use clap::{Args, ValueEnum};
use invite_domain::{
    invitation::Status,
    page::PageRequest,
    port::{InvitationFilter, SortKey},
};
use std::io::Write;

/// `invite list`: invitations, the newest first.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    #[command(flatten)]
    /// The organisation.
    pub organization: OrganizationArg,
    /// Only of this status; can be given several times
    #[arg(long, value_name = "STATUS", value_enum)]
    pub status: Vec<StatusArg>,
    /// Only where address, name, role or inviter contains this
    #[arg(long, value_name = "TEXT")]
    pub query: Option<String>,
    /// At most so many, 1 to 200
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub limit: u16,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A status of an invitation (rules, part 2), as the command line writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatusArg {
    /// Open, can be redeemed.
    Pending,
    /// Used.
    Redeemed,
    /// The invitee said no.
    Declined,
    /// Withdrawn.
    Revoked,
    /// Too old.
    Expired,
    /// The inviter may no longer give what it grants.
    Suspended,
}

impl From<StatusArg> for Status {
    fn from(status: StatusArg) -> Self {
        match status {
            StatusArg::Pending => Self::Pending,
            StatusArg::Redeemed => Self::Redeemed,
            StatusArg::Declined => Self::Declined,
            StatusArg::Revoked => Self::Revoked,
            StatusArg::Expired => Self::Expired,
            StatusArg::Suspended => Self::Suspended,
        }
    }
}

/// Lists invitations as the operator.
pub(super) async fn run(
    arguments: &ListArgs,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let administrator = Administrator::open(config).await?;
    let organization = administrator.organization(&arguments.organization).await?;
    let filter = InvitationFilter {
        statuses: arguments.status.iter().copied().map(Status::from).collect(),
        query: arguments.query.clone(),
        sort: SortKey::CreatedAt,
        descending: true,
        ..InvitationFilter::default()
    };
    let request = PageRequest { include_total: true, ..PageRequest::first(arguments.limit.into()) };
    let parts = &administrator.parts;
    let page = parts.invitations.list(&administrator.caller(&organization), &filter, &request).await?;
    let now = parts.world.clock.now();
    if arguments.json {
        let items: Vec<_> = page.items.iter().map(|record| json::invitation(record, now)).collect();
        let document = serde_json::json!({ "items": items, "total": page.total });
        writeln!(out, "{document:#}")?;
        return Ok(());
    }
    if page.items.is_empty() {
        writeln!(hint, "no invitations")?;
        return Ok(());
    }
    let mut rows = vec![["ID", "RECIPIENT", "STATUS", "ROLE", "EXPIRES", "DELIVERY"].map(str::to_owned).to_vec()];
    rows.extend(page.items.iter().map(|record| {
        vec![
            record.invitation.id.to_string(),
            show::recipient(record),
            record.status(now).name().to_owned(),
            record.role.as_ref().map_or_else(|| "-".to_owned(), |role| show::plain(&role.name)),
            instant(record.invitation.expires_at),
            show::deliveries(record),
        ]
    }));
    show::table(out, &rows)?;
    let shown = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
    if let Some(total) = page.total.filter(|total| *total > shown) {
        writeln!(hint, "the newest {shown} of {total}: --limit, --status and --query show others")?;
    }
    Ok(())
}
