//! The table as a page of the reference.

use super::table::ALL;
use std::fmt::Write as _;

/// The reference page of all problems, in Markdown.
pub fn reference() -> String {
    let mut page = String::from(
        "# Problems\n\n<!-- Generated from the table in `invite-http`; a test compares. `UPDATE_DOCS=1 cargo test -p invite-http` \
         writes it anew. -->\n\nEvery refusal is a document of type `application/problem+json` ([RFC \
         9457](https://www.rfc-editor.org/rfc/rfc9457)) with the members `type` (`urn:invite:problem:<code>`), `title`, \
         `status`, `detail`, `instance` (the path without query), `code` and `request_id`; the last one is also the header \
         `X-Request-Id` of every answer and stands in the log. Programs decide by `code`. A problem with `Retry-After` can be \
         tried again after that many seconds.\n\n| status | code | what it means and what to do | further members |\n|---|---|---|---|\n",
    );
    for kind in ALL {
        let members = kind.members.iter().map(|member| format!("`{member}`")).collect::<Vec<_>>().join(", ");
        let _ = writeln!(page, "| {} | `{}` | {}. {} | {members} |", kind.status, kind.code, kind.title, kind.detail);
    }
    page.push_str(
        "\n`errors` is a list of `{ \"pointer\", \"code\", \"detail\" }`: where in the request (a JSON pointer), one of \
         `required`, `unknown_field`, `wrong_type`, `out_of_range` and `invalid`, and a sentence.\n\nWhat the protocol layer \
         itself refuses, a request it cannot read or headers that are too large or too slow, is answered without a document \
         and the connection is closed.\n",
    );
    page
}
