//! What requests and pages look like, for the OpenAPI document. What a body says is read by [`super::fields`], and its
//! schema is made of the same tables.
#![expect(dead_code, reason = "these describe documents; nothing makes one")]

use super::{
    companies::NAME,
    company::DashdocCompany,
    contact::DashdocContact,
    fields::{Extent, Field, Kind, field, required},
    schema::Answered,
    trucker::DashdocTrucker,
};
use crate::endpoint::schema_of;
use serde_json::json;
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr,
        schema::{KnownFormat, ObjectBuilder, OneOfBuilder, RefBuilder, Schema, SchemaFormat, SchemaType, Type},
    },
};

/// The most characters of the host's own id and of a name of a person.
const TEXT: usize = 200;

/// A company by one of its ids: one has to be there.
#[derive(ToSchema)]
pub(super) struct DashdocCompanyName {
    /// Our number for it.
    #[schema(example = 928)]
    pk: Option<i64>,
    /// Your own id for it; not looked at where `pk` is there.
    #[schema(example = "COMP_1")]
    remote_id: Option<String>,
}

macro_rules! body {
    ($(#[doc = $doc:literal])+ $name:ident = $members:expr) => {
        $(#[doc = $doc])+
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let about = concat!($($doc),+).trim();
                $members(ObjectBuilder::new().schema_type(Type::Object).description(Some(about))).build().into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                schema_of::<DashdocCompanyName>(schemas);
            }
        }
    };
}

body! {
    /// A company as it is made or replaced. `pk`, `created`, `updated`, `deleted`, `managers` and `has_loggable_managers` are ignored.
    DashdocCompanyBody = |body| company(body, Extent::Whole)
}
body! {
    /// What is to be changed of a company. What is ignored in a whole one is ignored here.
    DashdocCompanyPatch = |body| company(body, Extent::Partial)
}
body! {
    /// A contact as it is made. `created`, `is_manager`, `has_pending_invite`, `is_invitable` and `invitation_link` are ignored.
    DashdocContactBody = |body| {
        let uid = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
            .description(Some("The id the contact is to have; ours where left out."))
            .examples([json!("687cddac-dbd2-11ea-9024-0242ac130006")]);
        contact(body, Extent::Whole).property("uid", uid).required("company")
    }
}
body! {
    /// A contact as it replaces what was there. `uid` is ignored, and what is ignored at creation.
    DashdocContactReplacement = |body| contact(body, Extent::Whole)
}
body! {
    /// What is to be changed of a contact. `uid` is ignored, and what is ignored at creation.
    DashdocContactPatch = |body| contact(body, Extent::Partial)
}
body! {
    /// A trucker as it is made, replaced or changed: nothing has to be there. `pk`, `invite_code` and what `user` has beside name and address are ignored.
    DashdocTruckerBody = trucker
}

fn company(body: ObjectBuilder, extent: Extent) -> ObjectBuilder {
    const OWN: &[Field] = &[required("name", Kind::Name(NAME)), field("remote_id", Kind::Text(TEXT))];
    let answered = Answered::of::<DashdocCompany>();
    answered.describe(answered.describe(body, OWN, extent), super::company::FIELDS, extent)
}

fn contact(body: ObjectBuilder, extent: Extent) -> ObjectBuilder {
    const OWN: &[Field] = &[field("email", Kind::Email), field("remote_id", Kind::Text(TEXT))];
    let answered = Answered::of::<DashdocContact>();
    let body = answered.describe(answered.describe(body, super::contact::FIELDS, extent), OWN, extent);
    body.property("company", company_name("Where the person works."))
}

fn trucker(body: ObjectBuilder) -> ObjectBuilder {
    const NAMED: &[Field] =
        &[field("first_name", Kind::Text(TEXT)), field("last_name", Kind::Text(TEXT)), field("email", Kind::Email)];
    const OWN: &[Field] = &[field("user", Kind::Object(NAMED)), field("remote_id", Kind::Text(TEXT))];
    let answered = Answered::of::<DashdocTrucker>();
    let body = answered.describe(answered.describe(body, OWN, Extent::Whole), super::trucker::FIELDS, Extent::Whole);
    let null = ObjectBuilder::new().schema_type(Type::Null);
    let carrier = company_name("Whom the trucker drives for; your own company where it is left out of a creation.");
    body.property("carrier", OneOfBuilder::new().item(carrier).item(null))
}

fn company_name(description: &str) -> Ref {
    RefBuilder::new().ref_location_from_schema_name(DashdocCompanyName::name()).description(Some(description)).build()
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
