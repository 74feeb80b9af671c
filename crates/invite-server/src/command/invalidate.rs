use super::{
    CommandError, OrganizationArg,
    administrator::Administrator,
    again::{self, Found},
    instant, show,
};
use crate::config::Config;
use clap::{ArgGroup, Args};
use invite_domain::{
    invitation::{Invitation, Rejection, Status, revoke::INVALIDATED},
    page::PageRequest,
    secret::keyring::KeyId,
    service::{Revoke, ServiceError},
    time::Timestamp,
};
use std::io::Write;

/// `invite invalidate`: makes links dead that were made before an instant, or under a key.
#[derive(Debug, Clone, Args)]
#[command(group(ArgGroup::new("which").required(true).args(["issued_before", "key"])))]
pub struct InvalidateArgs {
    /// Links that were made before then: when the backup was restored, for instance
    #[arg(long, value_name = "INSTANT", value_parser = instant::parse)]
    pub issued_before: Option<Timestamp>,
    /// Links that were made under this key
    #[arg(long, value_name = "KEY", value_parser = key)]
    pub key: Option<KeyId>,
    #[command(flatten)]
    /// The organisation.
    pub organization: OrganizationArg,
    /// Send new links in their place instead of revoking the invitations
    #[arg(long)]
    pub resend: bool,
}

fn key(text: &str) -> Result<KeyId, String> {
    text.parse().ok().and_then(KeyId::new).ok_or_else(|| "a key is named by 1 to 255".to_owned())
}

/// How many are done between two lines of progress.
const PROGRESS: usize = 500;

/// Makes links dead as the operator, those of all organisations unless one is named. What has ended is left aside, so a
/// second run goes on where the first was cut off.
pub(super) async fn run(
    arguments: &InvalidateArgs,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let administrator = Administrator::open(config).await?;
    let world = &administrator.parts.world;
    if arguments.issued_before.is_some_and(|at| at > world.clock.now()) {
        return Err(CommandError::Usage("--issued-before lies in the future: links are made meanwhile".to_owned()));
    }
    if arguments.resend && arguments.key.is_some() && arguments.key == world.keys.ring().active() {
        return Err(CommandError::Usage(
            "new links would be made under the same key: make another one active first (`invite keys activate`)"
                .to_owned(),
        ));
    }
    let organizations = if arguments.organization.organization.is_some() {
        vec![administrator.organization(&arguments.organization).await?]
    } else {
        administrator.organizations().await?
    };
    let wanted = |invitation: &Invitation| {
        arguments.issued_before.is_some_and(|at| invitation.generated_at < at)
            || arguments.key.is_some_and(|key| invitation.key_id == key)
    };
    // Suspended ones come to life again with the inviter's rights, expired ones when they are sent again or extended: the
    // latter with the same link.
    let open = [Status::Pending, Status::Suspended, Status::Expired];
    let live = [Status::Pending, Status::Suspended];
    let statuses: &[Status] = if arguments.resend { &live } else { &open };
    let found = again::find(&administrator, &organizations, statuses, wanted).await?;
    // Nobody is waiting for an expired one: it is withdrawn, lest an extension gives its old link life again.
    let lapsed = if arguments.resend {
        again::find(&administrator, &organizations, &[Status::Expired], wanted).await?
    } else {
        Vec::new()
    };
    let all = found.len() + lapsed.len();
    let withdrawn = revoke(&administrator, lapsed, hint).await?;
    let failed = withdrawn
        + if arguments.resend {
            resend(&administrator, found, config, hint).await?
        } else {
            revoke(&administrator, found, hint).await?
        };
    let (noun, done) = (
        if all - failed == 1 { "link is" } else { "links are" },
        if arguments.resend {
            "dead, and new ones were sent where they had not expired"
        } else {
            "dead, their invitations revoked"
        },
    );
    writeln!(out, "{} {noun} {done}", all - failed)?;
    if arguments.organization.organization.is_none() {
        let one = PageRequest::first(1);
        let deleted = administrator.parts.directory.deleted_organizations(administrator.principal(), &one).await?;
        if !deleted.items.is_empty() {
            writeln!(hint, "links of deleted organisations open again once these are restored: run this again then")?;
        }
    }
    if failed > 0 {
        return Err(CommandError::Failed(format!("{failed} of {all} could not be made invalid: run this again")));
    }
    Ok(())
}

async fn revoke(administrator: &Administrator, found: Vec<Found>, hint: &mut dyn Write) -> Result<usize, CommandError> {
    let (all, mut failed) = (found.len(), 0);
    for (done, (caller, id)) in found.into_iter().enumerate() {
        let command = Revoke { reason: Some(INVALIDATED.to_owned()), if_match: None };
        match administrator.parts.invitations.revoke(&caller, id, command).await {
            // It ended meanwhile, and its link with it.
            Ok(_) | Err(ServiceError::Rejected(Rejection::Ended(_))) => {}
            Err(error) => {
                failed += 1;
                writeln!(hint, "{id}: {}", CommandError::from(error))?;
            }
        }
        progress(done + 1, all, hint)?;
    }
    Ok(failed)
}

async fn resend(
    administrator: &Administrator,
    found: Vec<Found>,
    config: &Config,
    hint: &mut dyn Write,
) -> Result<usize, CommandError> {
    let (all, mut done, mut last) = (found.len(), 0, None);
    let failed = again::send(administrator, found, |id, result| {
        match result {
            Ok(issued) => last = Some(issued.record.clone()),
            Err(reason) => writeln!(hint, "{id}: {reason}")?,
        }
        done += 1;
        progress(done, all, hint)
    })
    .await?;
    if let Some(record) = last {
        show::queued(hint, &record, config)?;
    }
    Ok(failed)
}

fn progress(done: usize, all: usize, hint: &mut dyn Write) -> Result<(), CommandError> {
    if done.is_multiple_of(PROGRESS) && done < all {
        writeln!(hint, "{done} of {all}")?;
    }
    Ok(())
}
