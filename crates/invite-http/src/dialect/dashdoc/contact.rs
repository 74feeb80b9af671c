//! A contact on the wire.

use super::{
    company::DashdocCompany,
    fields::{Field, Kind, Profile, field, required},
};
use crate::{
    HttpConfig,
    problem::{Problem, table},
};
use chrono::{DateTime, Utc};
use invite_domain::{email::EmailAddress, service::SubjectView};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Its fields that are not ours.
pub(super) const FIELDS: &[Field] = &[
    field("first_name", Kind::Text(200)),
    required("last_name", Kind::Name(200)),
    field("phone_number", Kind::Text(100)),
    field("fax_number", Kind::Text(100)),
];

/// A person at a company, whom one can invite.
#[derive(Serialize, ToSchema)]
pub(super) struct DashdocContact {
    /// Names the contact.
    #[schema(example = "687cddac-dbd2-11ea-9024-0242ac130006")]
    uid: Uuid,
    /// When it was made.
    #[schema(example = "2020-12-22T15:31:39.261670Z")]
    created: DateTime<Utc>,
    /// Where the person works.
    company: DashdocCompany,
    /// The first name.
    #[schema(example = "Adèle")]
    first_name: Option<String>,
    /// The last name.
    #[schema(example = "Bouvet")]
    last_name: String,
    /// The address an invitation is sent to.
    #[schema(example = "adele.bouvet@bouvet.example")]
    email: Option<String>,
    /// The phone number, as you wrote it.
    #[schema(example = "+33199000000")]
    phone_number: Option<String>,
    /// The fax number, as you wrote it.
    #[schema(example = "+33199000001")]
    fax_number: Option<String>,
    /// Your own id for the contact, unique among yours.
    #[schema(example = "CONTACT_123")]
    remote_id: Option<String>,
    /// Whether the person is a member already.
    #[schema(example = false)]
    is_manager: bool,
    /// Whether an invitation is out and unanswered.
    #[schema(example = true)]
    has_pending_invite: bool,
    /// Whether the contact can be invited now.
    #[schema(example = true)]
    is_invitable: bool,
    /// The link of that invitation; null where there is none and for who may not see it.
    #[schema(example = "https://invite.example.org/i/inv_0VSTem8…")]
    invitation_link: Option<String>,
}

impl DashdocContact {
    pub(super) fn new(view: &SubjectView, config: &HttpConfig) -> Result<Self, Problem> {
        let record = &view.record;
        let (subject, profile) = (&record.subject, Profile::of(&record.subject));
        let company = record.company.as_ref();
        let company = company.ok_or_else(|| Problem::new(&table::INTERNAL).because("a contact without a company"))?;
        let is_manager = record.person.as_ref().is_some_and(|person| person.member.is_some());
        Ok(Self {
            uid: subject.id.as_uuid(),
            created: subject.created_at,
            company: DashdocCompany::new(company, &record.managers),
            first_name: profile.text("first_name"),
            last_name: profile.words("last_name"),
            email: subject.email.as_ref().map(EmailAddress::as_str).map(str::to_owned),
            phone_number: profile.text("phone_number"),
            fax_number: profile.text("fax_number"),
            remote_id: subject.remote_id.clone(),
            is_manager,
            has_pending_invite: view.is_pending(),
            is_invitable: view.is_invitable(),
            invitation_link: view.secrets.as_ref().map(|secrets| config.invitation_link(secrets.link.expose())),
        })
    }
}
