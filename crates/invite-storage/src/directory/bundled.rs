use super::{Applied, DirectoryPart, PeopleQuery, SqlDirectory, apply, facts};
use crate::{error::Failure, sql::SqlConnection};
use async_trait::async_trait;
use invite_domain::{
    access::{ActorFacts, Inviter, MemberFacts},
    id::{OrganizationId, SubjectId},
    port::{AccountFacts, PortError, Principal},
};

/// Accounts and memberships in the bundled tables `invite_accounts`, `invite_memberships` and `invite_sessions`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BundledDirectory;

#[async_trait]
impl SqlDirectory for BundledDirectory {
    async fn holds(&self, sql: &SqlConnection<'_>, part: &DirectoryPart<'_>) -> Result<bool, PortError> {
        match apply::check(sql, part).await {
            Ok(()) => Ok(true),
            Err(Failure::Stale) => Ok(false),
            Err(failure) => Err(failure.into_port()),
        }
    }

    async fn apply(&self, sql: &SqlConnection<'_>, part: &DirectoryPart<'_>) -> Result<Applied, PortError> {
        match apply::apply(sql, part).await.map_err(Failure::taken_is_stale) {
            Ok(numbers) => Ok(Applied::Done(numbers)),
            Err(Failure::Stale) => Ok(Applied::Stale),
            Err(failure) => Err(failure.into_port()),
        }
    }

    async fn principal(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        principal: Principal,
    ) -> Result<ActorFacts, PortError> {
        facts::principal(sql, organization, principal).await.map_err(Failure::into_port)
    }

    async fn inviters(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        inviters: &[Inviter],
    ) -> Result<Vec<ActorFacts>, PortError> {
        facts::inviters(sql, organization, inviters).await.map_err(Failure::into_port)
    }

    fn people_are_bundled(&self) -> bool {
        true
    }

    async fn people(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        query: PeopleQuery<'_>,
    ) -> Result<Vec<AccountFacts>, PortError> {
        facts::people(sql, organization, query).await.map_err(Failure::into_port)
    }

    async fn people_of_companies(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        companies: &[SubjectId],
        limit: u32,
    ) -> Result<Vec<AccountFacts>, PortError> {
        facts::people_of_companies(sql, organization, companies, limit).await.map_err(Failure::into_port)
    }

    async fn members_with(
        &self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
        permission: &'static str,
        limit: u32,
    ) -> Result<Vec<MemberFacts>, PortError> {
        facts::members_with(sql, organization, permission, limit).await.map_err(Failure::into_port)
    }
}
