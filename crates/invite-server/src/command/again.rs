//! Many invitations sent again.

use super::{CommandError, administrator::Administrator};
use invite_domain::{
    directory::Organization,
    id::InvitationId,
    invitation::{Invitation, Status},
    page::PageRequest,
    port::{InvitationFilter, InvitationStore as _},
    service::{Caller, Issued, Resend},
};

/// An invitation, and the operator acting for its organisation.
pub(super) type Found = (Caller, InvitationId);

/// The invitations of these organisations in one of these states that are wanted. All are found before the first is sent:
/// sending would move them about in the list.
pub(super) async fn find(
    administrator: &Administrator,
    organizations: &[Organization],
    statuses: &[Status],
    wanted: impl Fn(&Invitation) -> bool,
) -> Result<Vec<Found>, CommandError> {
    let parts = &administrator.parts;
    let filter = InvitationFilter { statuses: statuses.to_vec(), ..InvitationFilter::default() };
    let mut found = Vec::new();
    for organization in organizations {
        let mut request = PageRequest::first(PageRequest::MAX_LIMIT);
        loop {
            let page = parts.store.list(organization.id, &filter, &request, parts.world.clock.now()).await?;
            let wanted = page.items.iter().filter(|record| wanted(&record.invitation));
            found.extend(wanted.map(|record| (administrator.caller(organization), record.invitation.id)));
            match page.next {
                Some(next) => request.after = Some(next),
                None => break,
            }
        }
    }
    Ok(found)
}

/// Sends each of them again and tells of each how it went, the reason being one line. One that fails holds up no other.
/// Answers how many failed.
pub(super) async fn send(
    administrator: &Administrator,
    found: Vec<Found>,
    mut tell: impl FnMut(InvitationId, Result<&Issued, String>) -> Result<(), CommandError>,
) -> Result<usize, CommandError> {
    let mut failed = 0;
    for (caller, id) in found {
        match administrator.parts.invitations.resend(&caller, id, Resend::default(), None).await {
            Ok(issued) => tell(id, Ok(&issued))?,
            Err(error) => {
                failed += 1;
                tell(id, Err(CommandError::from(error).to_string()))?;
            }
        }
    }
    Ok(failed)
}
