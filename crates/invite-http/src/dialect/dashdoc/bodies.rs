//! What requests and pages look like, for the OpenAPI document. What a body says is read by [`super::fields`].
#![expect(dead_code, reason = "these describe documents; nothing makes one")]

use super::{company::DashdocCompany, contact::DashdocContact, trucker::DashdocTrucker};
use utoipa::ToSchema;
use uuid::Uuid;

/// A company by one of its ids.
#[derive(ToSchema)]
pub(super) struct DashdocCompanyName {
    /// Our number for it.
    #[schema(example = 928)]
    pk: Option<i64>,
    /// Your own id for it; not looked at where `pk` is there.
    #[schema(example = "COMP_1")]
    remote_id: Option<String>,
}

/// A company. Every other member of an answer is taken too and stored, but `pk`, `created`, `updated`, `deleted`,
/// `managers` and `has_loggable_managers`, which are ignored.
#[derive(ToSchema)]
pub(super) struct DashdocCompanyBody {
    /// What it is called. Has to be there but in a PATCH.
    #[schema(example = "Transport Bouvet", max_length = 500)]
    name: Option<String>,
    /// Its country (ISO 3166-1 alpha-2). Has to be there but in a PATCH.
    #[schema(example = "FR")]
    country: Option<String>,
    /// Your own id for it, unique among your companies.
    #[schema(example = "COMP_1", max_length = 200)]
    remote_id: Option<String>,
    /// Its id in your invoicing system.
    #[schema(example = "COMP_456")]
    invoicing_remote_id: Option<String>,
    /// Its phone number.
    #[schema(example = "0601020304")]
    phone_number: Option<String>,
    /// Its address.
    #[schema(example = "office@bouvet.example")]
    email: Option<String>,
    /// Its SIREN.
    #[schema(example = "123456789")]
    siren: Option<String>,
    /// Its trade number.
    #[schema(example = "12345678900011")]
    trade_number: Option<String>,
    /// Its VAT number.
    #[schema(example = "FR40303265045")]
    vat_number: Option<String>,
    /// Notes of your own team.
    #[schema(example = "Rings twice.")]
    comments: Option<String>,
}

/// A contact. `created`, `is_manager`, `has_pending_invite`, `is_invitable` and `invitation_link` are ignored.
#[derive(ToSchema)]
pub(super) struct DashdocContactBody {
    /// The id the contact is to have; ours where left out. Ignored later.
    #[schema(example = "687cddac-dbd2-11ea-9024-0242ac130006")]
    uid: Option<Uuid>,
    /// Where the person works. Has to be there at creation.
    company: Option<DashdocCompanyName>,
    /// The first name.
    #[schema(example = "Adèle", max_length = 200)]
    first_name: Option<String>,
    /// The last name. Has to be there but in a PATCH.
    #[schema(example = "Bouvet", max_length = 200)]
    last_name: Option<String>,
    /// The address an invitation is sent to.
    #[schema(example = "adele.bouvet@bouvet.example", max_length = 254)]
    email: Option<String>,
    /// The phone number.
    #[schema(example = "+33199000000", max_length = 100)]
    phone_number: Option<String>,
    /// The fax number.
    #[schema(example = "+33199000001", max_length = 100)]
    fax_number: Option<String>,
    /// Your own id for the contact, unique among your contacts.
    #[schema(example = "CONTACT_123", max_length = 200)]
    remote_id: Option<String>,
}

/// The person a trucker is. The other members of an answer are ignored.
#[derive(ToSchema)]
pub(super) struct DashdocUserBody {
    /// The first name.
    #[schema(example = "Adèle", max_length = 200)]
    first_name: Option<String>,
    /// The last name.
    #[schema(example = "Bouvet", max_length = 200)]
    last_name: Option<String>,
    /// The address the code is sent to.
    #[schema(example = "adele.bouvet@bouvet.example", max_length = 254)]
    email: Option<String>,
}

/// A trucker. Every other member of an answer is taken too and stored, but `pk` and `invite_code`, which are ignored.
#[derive(ToSchema)]
pub(super) struct DashdocTruckerBody {
    /// The person.
    user: Option<DashdocUserBody>,
    /// The phone number the code is sent to, in E.164; any other is stored and nothing is sent.
    #[schema(example = "+33199000000")]
    phone_number: Option<String>,
    /// A further phone number, for a code where the first is not in E.164.
    #[schema(example = "0601020304")]
    phone_number_personal: Option<String>,
    /// Your own id for the trucker, unique among your truckers.
    #[schema(example = "TRUCKER_1", max_length = 200)]
    remote_id: Option<String>,
    /// Whom the trucker drives for; your own company where left out.
    carrier: Option<DashdocCompanyName>,
    /// The country (ISO 3166-1 alpha-2).
    #[schema(example = "FR")]
    country_code: Option<String>,
    /// A deadline, as the others are: UTC with its `Z`.
    #[schema(example = "2020-12-22T15:31:39.26167Z")]
    driving_license_deadline: Option<String>,
}

macro_rules! page {
    ($(#[$doc:meta])* $name:ident of $row:ident) => {
        $(#[$doc])*
        #[derive(ToSchema)]
        pub(super) struct $name {
            /// How many there are on all pages.
            #[schema(example = 1)]
            count: u64,
            /// The URL of the next page; null on the last.
            #[schema(example = "https://invite.example.org/api/v4/contacts/?page=3")]
            next: Option<String>,
            /// The URL of the page before; null on the first.
            #[schema(example = "https://invite.example.org/api/v4/contacts/?page=1")]
            previous: Option<String>,
            /// The rows, by number.
            results: Vec<$row>,
        }
    };
}

page! {
    /// A page of companies, 20 at most.
    DashdocCompanyPage of DashdocCompany
}
page! {
    /// A page of contacts, 100 at most.
    DashdocContactPage of DashdocContact
}
page! {
    /// A page of truckers, 100 at most.
    DashdocTruckerPage of DashdocTrucker
}
