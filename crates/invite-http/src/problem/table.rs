//! The one table of problems: code, status, title and what to do. `docs/reference/errors.md` and the OpenAPI document are
//! made from it.

/// One kind of problem.
#[derive(PartialEq, Eq, Debug)]
pub struct Kind {
    /// The status of the answer.
    pub status: u16,
    /// The stable code.
    pub code: &'static str,
    /// A few words, the same for every occurrence.
    pub title: &'static str,
    /// What a person can do about it. An occurrence may say it more exactly.
    pub detail: &'static str,
    /// Members its document has beside those all have.
    pub members: &'static [&'static str],
    /// How the document of an occurrence in these words begins, up to what is its own: who sends forged tokens causes many.
    pub(super) begin: &'static str,
}

macro_rules! problems {
    ($($status:literal $name:ident $code:literal $title:literal $detail:literal $([$($member:literal),+])?;)+) => {
        $(
            #[doc = $title]
            pub const $name: Kind =
                Kind {
                    status: $status,
                    code: $code,
                    title: $title,
                    detail: $detail,
                    members: &[$($($member),+)?],
                    // None of it has to be escaped, which a test of `render.rs` holds it to.
                    begin: concat!(
                        r#"{"type":"urn:invite:problem:"#, $code, r#"","title":""#, $title, r#"","status":"#, $status,
                        r#","detail":""#, $detail, r#"","instance":"#
                    ),
                };
        )+
        /// All of them, by status.
        pub const ALL: &[&Kind] = &[$(&$name),+];
    };
}

problems! {
    400 MALFORMED_JSON "malformed_json" "Malformed JSON"
        "The body is not one well-formed JSON document. Check quotes, commas and encoding (UTF-8), repeated names, NUL characters and nesting (32 levels at most).";
    400 INVALID_HEADER "invalid_header" "Invalid header"
        "A request header has a value it cannot have. Correct or leave out the header named in the detail.";
    400 INVALID_CURSOR "invalid_cursor" "Invalid cursor"
        "The cursor is not one this list gave out for these filters. Start again without a cursor.";
    400 INVALID_QUERY "invalid_query" "Invalid query"
        "A query parameter is unknown or has a value it cannot have. Correct or leave out the parameter named in the detail.";
    400 ORGANIZATION_REQUIRED "organization_required" "Organisation required"
        "You act for several organisations or for none. Name one, by id or slug, in the header X-Organization-Id.";
    400 CREDENTIAL_IN_URL "credential_in_url" "Credential in the URL"
        "A credential or token stands in the query of the URL, where logs and histories keep it. Treat it as leaked; send it in the Authorization header or the body.";
    401 UNAUTHENTICATED "unauthenticated" "Not signed in"
        "Send a valid API key or session as `Authorization: Bearer …`. It may be missing, mistyped, expired or revoked.";
    401 BAD_CREDENTIALS "bad_credentials" "Address or password is wrong"
        "Check the address and the password, or ask for a password reset.";
    403 FORBIDDEN "forbidden" "Not allowed"
        "You are not allowed to do this. Ask an administrator of the organisation." ["permission"];
    403 GRANT_EXCEEDS_AUTHORITY "grant_exceeds_authority" "The grant exceeds your own rights"
        "You can only give what you hold yourself. Leave out the permissions listed, choose another role, or ask somebody who holds them." ["missing"];
    403 WRONG_RECIPIENT "wrong_recipient" "The invitation is for another address"
        "You are signed in with another address than the invited one. Sign out, or sign in with the invited address." ["recipient_masked"];
    403 SIGN_IN_REQUIRED "sign_in_required" "Sign in to accept"
        "The invited address has an account. Sign in with it and send its session with the request.";
    403 MAILBOX_PROOF_REQUIRED "mailbox_proof_required" "The mailed link is needed"
        "The organisation wants the link that was sent by mail. Open that one, or ask for a new link.";
    403 MEMBERSHIP_INACTIVE "membership_inactive" "The membership is switched off"
        "An administrator switched this membership off. Ask an administrator of the organisation to switch it on.";
    404 NOT_FOUND "not_found" "Not found"
        "There is nothing here that you may see. Check the path and the id.";
    404 INVITATION_NOT_FOUND "invitation_not_found" "No such invitation"
        "The link, token or code is not a good one of ours. A link may be incomplete: use the one from the mail again, in full. A code works once, in its own organisation.";
    405 METHOD_NOT_ALLOWED "method_not_allowed" "Method not allowed"
        "This path does not take that method. The header Allow lists those it takes.";
    406 NOT_ACCEPTABLE "not_acceptable" "Not acceptable"
        "This path answers application/json. Accept that, or leave the Accept header out.";
    408 REQUEST_TIMEOUT "request_timeout" "The request took too long"
        "The body did not arrive in time. Send it again, in one go.";
    409 ALREADY_INVITED "already_invited" "Already invited"
        "There is a live invitation for this recipient. Use it, resend it or revoke it, or issue with `on_conflict`." ["invitation_id"];
    409 ALREADY_MEMBER "already_member" "Already a member"
        "The recipient is a member already. Change the member's role or permissions instead." ["switched_off"];
    409 USERNAME_TAKEN "username_taken" "The username is taken"
        "Another account has this username. Choose another one.";
    409 ALREADY_REDEEMED "already_redeemed" "Already redeemed"
        "The invitation was accepted already, so this can no longer be done. Change the member instead.";
    409 ALREADY_DECLINED "already_declined" "Already declined"
        "The invitee declined. Issue a new invitation if it is wanted.";
    409 ALREADY_REVOKED "already_revoked" "Already revoked"
        "The invitation was revoked. Issue a new one if it is wanted.";
    409 ALREADY_EXPIRED "already_expired" "Expired"
        "The invitation has expired, so this can no longer be done. Resend or extend it first.";
    409 SUSPENDED "suspended" "Suspended"
        "The inviter may no longer give what the invitation grants. Somebody who may can sponsor it." ["organization_name", "can_request_new"];
    409 NOT_SUSPENDED "not_suspended" "Not suspended"
        "Only a suspended invitation can be sponsored; this one is not.";
    409 SEATS_FULL "seats_full" "No seat is free"
        "Members and live invitations take all the seats the organisation has. Revoke an invitation, remove a member, or ask for more seats.";
    409 INVITATIONS_FULL "invitations_full" "Too many live invitations"
        "The organisation has as many live invitations as it may. Revoke some, or wait until some are used or expire.";
    409 LAST_OWNER "last_owner" "Last owner"
        "An organisation keeps at least one owner. Make somebody else owner first.";
    409 ROLE_IN_USE "role_in_use" "Role in use"
        "A member or a live invitation has this role. Give them another one first.";
    409 KEY_RETIRED "key_retired" "The link's key is retired"
        "The present link was made under a key that is retired and cannot be shown. Resend the invitation to make a new one.";
    409 ALREADY_SET_UP "already_set_up" "Already set up"
        "The installation has an organisation already. Use the operator key to make another one.";
    410 SUPERSEDED "superseded" "Superseded"
        "A newer message took the place of this link. Use the link in the newest one." ["organization_name", "superseded_at", "can_request_new"];
    410 EXPIRED "expired" "Expired"
        "The invitation has expired. Ask for a new link." ["organization_name", "ended_at", "can_request_new"];
    410 REVOKED "revoked" "Revoked"
        "The organisation withdrew the invitation. Ask the person who invited you." ["organization_name", "ended_at", "can_request_new"];
    410 REDEEMED "redeemed" "Redeemed"
        "The invitation was accepted already and works only once. Sign in if that was you." ["organization_name", "ended_at", "can_request_new"];
    410 DECLINED "declined" "Declined"
        "The invitation was declined. Ask the person who invited you for a new one." ["organization_name", "ended_at", "can_request_new"];
    410 EXHAUSTED "exhausted" "Exhausted"
        "The invitation was used as often as it can be. Ask the person who invited you for a new one." ["organization_name", "ended_at", "can_request_new"];
    410 LINK_ENDED "link_ended" "The link is no longer good"
        "This link was used, replaced or has expired. Ask for a new one." ["expired"];
    412 VERSION_MISMATCH "version_mismatch" "Changed in the meantime"
        "Somebody changed it since you read it. Read it again and send the change with its new ETag." ["current_version"];
    413 BODY_TOO_LARGE "body_too_large" "Body too large"
        "The body is larger than 64 KiB. Send less.";
    415 UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" "Unsupported media type"
        "Send the body as JSON, with `Content-Type: application/json` and no Content-Encoding.";
    422 INVALID_INPUT "invalid_input" "Invalid input"
        "Some fields cannot be as they are. `errors` lists each with its place and what to change." ["errors"];
    422 CODE_MISTYPED "code_mistyped" "The code has a typing error"
        "The last character of the code does not fit the others, so one of them is mistyped. Compare it with the message. This counted as no attempt.";
    422 IDEMPOTENCY_MISMATCH "idempotency_mismatch" "Idempotency-Key used for another request"
        "This Idempotency-Key was used for another request within 24 hours. Use a new key.";
    422 NOT_AVAILABLE "not_available" "Not available"
        "This version does not offer that yet. Leave out the field named in `errors`." ["errors"];
    429 TOO_MANY_MESSAGES "too_many_messages" "Too many messages"
        "This invitation, or mail to its recipient, was sent often enough for now. Try again after the time in Retry-After." ["possible_at"];
    429 TOO_MANY_ATTEMPTS "too_many_attempts" "Too many attempts"
        "There were too many attempts. Try again after the time in Retry-After." ["possible_at"];
    429 TOO_MANY_REQUESTS "too_many_requests" "Too many requests"
        "There were too many requests. Try again after the time in Retry-After." ["possible_at"];
    500 INTERNAL "internal" "Internal error"
        "Something went wrong on our side. If it happens again, report the request id.";
    503 UNAVAILABLE "unavailable" "Unavailable"
        "The service cannot answer right now. Send the request again after the time in Retry-After; with an Idempotency-Key that is safe.";
    503 OVERLOADED "overloaded" "Overloaded"
        "The service has too much to do right now. Send the request again after the time in Retry-After.";
}

/// The kind of this code.
pub fn by_code(code: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|kind| kind.code == code)
}
