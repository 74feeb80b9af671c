//! Records of the host's directory that invitations are for.

mod list;
mod load;
mod record;

use crate::{
    error::Failure,
    store::{Access, SqlStore},
};
use async_trait::async_trait;
use invite_domain::{
    directory::SubjectKind,
    id::OrganizationId,
    page::{Page, PageRequest},
    port::{PortError, SubjectAdministration, SubjectFilter, SubjectQuery, SubjectRecord, Subjects},
};

#[async_trait]
impl Subjects for SqlStore {
    async fn load_subject(&self, query: &SubjectQuery) -> Result<Option<SubjectAdministration>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let facts = load::administration(&transaction.sql(), self.directory(), query).await;
        transaction.finish(facts).await
    }

    async fn subjects(
        &self,
        organization: OrganizationId,
        kind: SubjectKind,
        filter: &SubjectFilter,
        page: &PageRequest,
    ) -> Result<Page<SubjectRecord>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let found = list::list(&transaction.sql(), self.directory(), organization, kind, filter, page).await;
        transaction.finish(found).await
    }
}
