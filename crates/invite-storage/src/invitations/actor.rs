//! Who acts, as part of a statement that reads something of the organisation `o`, where the directory's tables are the bundled ones.

use super::text::{Text, all};
use crate::{
    convert::{Cells, api_key_cells, membership_cells, role_cells},
    entity,
    error::Failure,
};
use invite_domain::{
    access::{ActorFacts, MemberFacts},
    id::ApiKeyId,
    port::Principal,
};
use std::sync::LazyLock;
use uuid::Uuid;

/// A member with his role and name.
static MEMBER: LazyLock<String> =
    LazyLock::new(|| all::<entity::membership::Entity>("am") + &all::<entity::role::Entity>("ar") + "aa.name, ");

/// A key of an organisation.
static KEY: LazyLock<String> = LazyLock::new(|| all::<entity::api_key::Entity>("ak"));

/// The columns, each with a comma behind it, and the joins.
pub(super) fn actor(text: &mut Text, principal: Principal) -> (String, String) {
    let person = " LEFT JOIN invite_accounts aa ON aa.id = am.account_id LEFT JOIN invite_roles ar \
                  ON ar.organization_id = am.organization_id AND ar.id = am.role_id";
    match principal {
        Principal::Person(account) => {
            let account = text.value(account.as_uuid());
            let join = "LEFT JOIN invite_memberships am ON am.organization_id = o.id AND am.account_id =";
            (MEMBER.clone(), format!(" {join} {account}{person}"))
        }
        Principal::ApiKey(id) => {
            let id = text.value(id.as_uuid());
            let key = "LEFT JOIN invite_api_keys ak ON ak.organization_id = o.id AND ak.id =";
            let maker = "LEFT JOIN invite_memberships am ON am.organization_id = o.id AND am.id = ak.created_by";
            (KEY.clone() + &MEMBER, format!(" {key} {id} {maker}{person}"))
        }
        Principal::Operator(id) => {
            let id = text.value(id.as_uuid());
            let key = "LEFT JOIN invite_operator_keys ao ON ao.revoked_at IS NULL AND ao.id =";
            ("ao.id, ".to_owned(), format!(" {key} {id}"))
        }
    }
}

/// Reads those columns.
pub(super) fn actor_cells(cells: &mut Cells<'_>, principal: Principal) -> Result<ActorFacts, Failure> {
    let member = |cells: &mut Cells<'_>| -> Result<Option<MemberFacts>, Failure> {
        let (membership, role) = (membership_cells(cells)?, role_cells(cells)?);
        let name = cells.maybe::<String>()?;
        Ok(membership.map(|membership| MemberFacts { membership, role, name }))
    };
    Ok(match principal {
        Principal::Person(_) => member(cells)?.map_or(ActorFacts::Unknown, ActorFacts::Member),
        Principal::ApiKey(_) => {
            let key = api_key_cells(cells)?;
            let creator = member(cells)?;
            key.map_or(ActorFacts::Unknown, |key| ActorFacts::ApiKey { key, creator })
        }
        Principal::Operator(_) => {
            let id = cells.maybe::<Uuid>()?.map(ApiKeyId::from_uuid);
            id.map_or(ActorFacts::Unknown, |id| ActorFacts::Operator { id })
        }
    })
}
