//! Where somebody stands in an organisation: what a console shows and offers is made from it. It decides nothing: every
//! use case establishes the authority anew.

use super::{Authenticated, DirectoryService, ServiceError};
use crate::{
    access::{Held, PermissionSet},
    directory::Organization,
    port::AdministrationQuery,
    service::Caller,
};

/// What a caller is in an organisation now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The organisation.
    pub organization: Organization,
    /// What the caller may do there.
    pub held: Held,
    /// What the caller is called there, if known.
    pub name: Option<String>,
    /// What the person is called who acts there, for a key the one who made it, if known: the name mails say.
    pub person_name: Option<String>,
    /// Every permission any role, membership or key of the organisation names.
    pub known_permissions: PermissionSet,
}

impl Place {
    /// Whether the caller may do this.
    pub fn may(&self, permission: &str) -> bool {
        self.held.allows(permission)
    }

    /// The permissions the caller holds, by name.
    pub fn permissions(&self) -> PermissionSet {
        self.held.printed(&self.known_permissions)
    }
}

impl DirectoryService {
    /// Where the caller stands.
    ///
    /// # Errors
    /// [`Rejection::NotFound`](crate::invitation::Rejection::NotFound) where a person is no active member,
    /// [`Rejection::Unauthenticated`](crate::invitation::Rejection::Unauthenticated) for a key that counts no more.
    pub async fn place(&self, caller: &Caller) -> Result<Place, ServiceError> {
        let query = AdministrationQuery::of(caller.organization_id, caller.principal);
        let (facts, authority) = self.standing(&query, self.now()).await?;
        Ok(Place {
            name: facts.actor.name().map(str::to_owned),
            person_name: facts.actor.person_name().map(str::to_owned),
            organization: facts.organization,
            held: authority.held().clone(),
            known_permissions: facts.known_permissions,
        })
    }

    /// The organisations somebody can act in, oldest membership first: those of a person, by a session of one that one
    /// alone, and a key's own. An operator is in none.
    ///
    /// # Errors
    /// A port's failure; [`Rejection::Unauthenticated`](crate::invitation::Rejection::Unauthenticated) for the key of a
    /// deleted organisation.
    pub async fn organizations_of(&self, who: &Authenticated) -> Result<Vec<Organization>, ServiceError> {
        match who {
            Authenticated::Person { account, .. } | Authenticated::Identified(account) => {
                let own = self.directory.memberships_of(account.id).await?.into_iter().map(|(own, _)| own);
                Ok(own.filter(|own| who.only_organization().is_none_or(|only| only == own.id)).collect())
            }
            Authenticated::ApiKey(_) => Ok(vec![self.effective_organization(who, None).await?]),
            Authenticated::Operator(_) => Ok(Vec::new()),
        }
    }
}
