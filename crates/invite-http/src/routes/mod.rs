//! The native API. Every handler reads its request in one order: who calls, then the body, then the use case.

mod api_keys;
mod dead_letters;
mod erasures;
mod events;
mod invitation_changes;
mod invitations;
mod me;
mod members;
mod organization;
mod organization_groups;
mod organizations;
mod password_resets;
mod redemptions;
mod roles;
mod sessions;
mod statistics;

pub use events::event_line;
pub(crate) use statistics::WEEKS;

use crate::{
    dto::invitation::InvitationAnswer,
    endpoint::Endpoint,
    extract::{
        call::{Answer, Call, json},
        fields::Fields,
        header,
    },
};
use actix_web::{HttpResponse, http::StatusCode};
use invite_domain::{invitation::FieldCode, port::InvitationRecord};

/// What every path of the native API begins with, and no path of a dialect.
pub(crate) const NATIVE: &str = "/v1/";

/// Every operation of the native API.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    [
        invitations::endpoints(),
        invitation_changes::endpoints(),
        roles::endpoints(),
        members::endpoints(),
        api_keys::endpoints(),
        events::endpoints(),
        dead_letters::endpoints(),
        statistics::endpoints(),
        organization::endpoints(),
        organizations::endpoints(),
        erasures::endpoints(),
        organization_groups::endpoints(),
        me::endpoints(),
        redemptions::endpoints(),
        sessions::endpoints(),
        password_resets::endpoints(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Groups of operations, in the document's order.
pub(crate) mod tag {
    pub(crate) const INVITATIONS: &str = "Invitations";
    pub(crate) const REDEMPTIONS: &str = "Redemptions";
    pub(crate) const ROLES: &str = "Roles";
    pub(crate) const MEMBERS: &str = "Members";
    pub(crate) const API_KEYS: &str = "API keys";
    pub(crate) const EVENTS: &str = "Events";
    pub(crate) const DEAD_LETTERS: &str = "Dead letters";
    pub(crate) const STATISTICS: &str = "Statistics";
    pub(crate) const ORGANIZATION: &str = "Organisation";
    pub(crate) const OPERATOR: &str = "Operator";
    pub(crate) const ACCOUNT: &str = "Account";
    pub(crate) const OPERATION: &str = "Operation";
}

/// An invitation with its `ETag`.
#[expect(clippy::unnecessary_wraps, reason = "it is how handlers end, and they can fail")]
fn invitation(call: &Call, record: &InvitationRecord) -> Answer {
    Ok(tagged(StatusCode::OK, record, &InvitationAnswer::new(record, call.api.world.clock.now())))
}

fn tagged(status: StatusCode, record: &InvitationRecord, document: &InvitationAnswer) -> HttpResponse {
    let mut answer = json(status, document);
    let etag = format!("\"{}\"", record.invitation.version);
    if let Ok(etag) = actix_web::http::header::HeaderValue::from_str(&etag) {
        answer.headers_mut().insert(actix_web::http::header::ETAG, etag);
    }
    answer
}

/// Readers of values several requests have.
impl Fields {
    fn locale(&mut self, name: &str) -> Option<String> {
        self.checked(name, |text| {
            let good = header::is_language_tag(text);
            if good { Ok(text.to_owned()) } else { Err("This has to be a language tag like `en` or `fr-CA`.") }
        })
    }

    fn time_to_live(&mut self, name: &str) -> Option<i64> {
        self.integer(name, 1..=MAX_SECONDS)
    }

    fn id<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        self.checked(name, |text| {
            let id = (text.len() == 36).then(|| text.parse().ok()).flatten();
            id.ok_or("This has to be an id: a hyphenated UUID.")
        })
    }

    fn password(&mut self, name: &str) -> Option<invite_domain::directory::Password> {
        self.string(name).map(invite_domain::directory::Password::typed)
    }

    fn address(&mut self, name: &str) -> Option<invite_domain::email::EmailAddress> {
        self.checked(name, invite_domain::email::EmailAddress::parse)
    }

    fn slug(&mut self, name: &str) -> Option<invite_domain::directory::Slug> {
        self.checked(name, invite_domain::directory::Slug::parse)
    }

    /// One of some words; says which, where it is none.
    fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.string(name)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known = words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            self.wrong(name, FieldCode::Invalid, format!("This has to be one of {known}."));
        }
        found
    }

    /// An address where a success may lead (LINK-6).
    fn redirect(&mut self, name: &str, config: &crate::HttpConfig) -> Option<String> {
        self.checked(name, |text| {
            let allowed = config.allowed_redirect(text).is_some();
            if allowed { Ok(text.to_owned()) } else { Err("This has to be a destination the operator allowed.") }
        })
    }
}

/// About a century: more is a mistake, and no sum with an instant overflows.
const MAX_SECONDS: i64 = 3_155_760_000;
/// The most characters of an inviter's message.
const MAX_MESSAGE: usize = 2000;
/// The most bytes of metadata and profiles.
const MAX_OBJECT: usize = 8 * 1024;
