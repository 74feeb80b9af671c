//! Rows that a record is joined with, read by their place: all columns of a table, in the order of its row.

use super::Cells;
use crate::{entity, error::Failure};
use invite_domain::{
    access::Role,
    directory::{ApiKey, Membership, Organization},
    id::{AccountId, InvitationId, MembershipId, OrganizationId, RedemptionId},
    invitation::Redemption,
    time::Timestamp,
};
use sea_orm::{EntityTrait, Iterable};
use uuid::Uuid;

/// How many columns `E` has.
fn columns<E: EntityTrait>() -> usize {
    E::Column::iter().count()
}

/// Reads an organisation from the next values of a row.
pub(crate) fn organization_cells(cells: &mut Cells<'_>) -> Result<Organization, Failure> {
    // Fields are read in the order they are written in, here and below.
    let row = entity::organization::Model {
        number: cells.next()?,
        id: cells.next()?,
        name: cells.next()?,
        slug: cells.next()?,
        locale: cells.maybe()?,
        time_zone: cells.next()?,
        require_mailbox_proof: cells.next()?,
        require_verified_sign_in: cells.next()?,
        ttl_default: cells.maybe()?,
        ttl_max: cells.maybe()?,
        limit_seats: cells.maybe()?,
        limit_live: cells.maybe()?,
        limit_issues_hour: cells.maybe()?,
        limit_messages_recipient_day: cells.maybe()?,
        accent: cells.maybe()?,
        logo_id: cells.maybe()?,
        profile: cells.next()?,
        authority_epoch: cells.next()?,
        suspension_due: cells.next()?,
        version: cells.next()?,
        created_at: cells.next()?,
        updated_at: cells.maybe()?,
        deleted_at: cells.maybe()?,
        group_id: cells.maybe()?,
    };
    Ok(super::organization(row)?)
}

/// Reads a role from the next values of a row; `None` where there is none.
pub(crate) fn role_cells(cells: &mut Cells<'_>) -> Result<Option<Role>, Failure> {
    if cells.is_empty::<i64>()? {
        cells.skip(columns::<entity::role::Entity>());
        return Ok(None);
    }
    let row = entity::role::Model {
        number: cells.next()?,
        id: cells.next()?,
        organization_id: cells.next()?,
        name: cells.next()?,
        description: cells.maybe()?,
        scope: cells.next()?,
        system_role: cells.maybe()?,
        permissions: cells.next()?,
        created_at: cells.next()?,
        updated_at: cells.maybe()?,
        version: cells.next()?,
    };
    Ok(Some(super::role(row)?))
}

/// Reads a membership from the next values of a row; `None` where there is none.
pub(crate) fn membership_cells(cells: &mut Cells<'_>) -> Result<Option<Membership>, Failure> {
    if cells.is_empty::<i64>()? {
        cells.skip(columns::<entity::membership::Entity>());
        return Ok(None);
    }
    let row = entity::membership::Model {
        number: cells.next()?,
        id: cells.next()?,
        organization_id: cells.next()?,
        account_id: cells.next()?,
        role_id: cells.maybe()?,
        permissions: cells.next()?,
        active: cells.next()?,
        default_rate: cells.maybe()?,
        metadata: cells.maybe()?,
        subject_id: cells.maybe()?,
        group_id: cells.maybe()?,
        created_at: cells.next()?,
        version: cells.next()?,
    };
    Ok(Some(super::membership(row)?))
}

/// Reads an API key from the next values of a row; `None` where there is none.
pub(crate) fn api_key_cells(cells: &mut Cells<'_>) -> Result<Option<ApiKey>, Failure> {
    if cells.is_empty::<i64>()? {
        cells.skip(columns::<entity::api_key::Entity>());
        return Ok(None);
    }
    let row = entity::api_key::Model {
        number: cells.next()?,
        id: cells.next()?,
        organization_id: cells.next()?,
        name: cells.next()?,
        prefix: cells.next()?,
        digest: cells.next()?,
        previous_digest: cells.maybe()?,
        previous_until: cells.maybe()?,
        everything: cells.next()?,
        permissions: cells.next()?,
        created_by: cells.next()?,
        created_at: cells.next()?,
        expires_at: cells.maybe()?,
        by_operator: cells.next()?,
        last_used_at: cells.maybe()?,
        revoked_at: cells.maybe()?,
        version: cells.next()?,
    };
    Ok(Some(super::api_key(row)?))
}

/// The columns [`redemption_cells`] reads, in its order: the rest stands in the invitation it is of.
pub(crate) const REDEMPTION_COLUMNS: [&str; 5] = ["id", "generation", "account_id", "membership_id", "redeemed_at"];

/// Reads a redemption of an invitation from the next values of a row; `None` where there is none.
pub(crate) fn redemption_cells(
    cells: &mut Cells<'_>,
    organization: OrganizationId,
    invitation: InvitationId,
) -> Result<Option<Redemption>, Failure> {
    let Some(id) = cells.maybe::<Uuid>()? else {
        cells.skip(REDEMPTION_COLUMNS.len() - 1);
        return Ok(None);
    };
    let place = super::Place { table: "invite_redemptions", id: &id };
    Ok(Some(Redemption {
        id: RedemptionId::from_uuid(id),
        invitation_id: invitation,
        organization_id: organization,
        generation: place.narrow("generation", cells.next()?)?,
        account_id: AccountId::from_uuid(cells.next()?),
        membership_id: MembershipId::from_uuid(cells.next()?),
        redeemed_at: cells.next::<Timestamp>()?,
    }))
}
