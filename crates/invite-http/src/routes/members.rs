use super::tag;
use crate::{
    dto::{administration::MemberAnswer, request::ChangeMemberRequest},
    endpoint::{Endpoint, Parameter},
    extract::{
        call::{Answer, Call, nothing, ok},
        fields::Fields,
    },
    problem::table,
};
use actix_web::http::Method;
use invite_domain::{access::ChangeMember, service::MemberView};

const FILTERS: [Parameter; 1] = [Parameter {
    name: "query",
    description: "Only where this is a part of the name or the address.",
    kind: "string",
    example: "ada",
}];

pub(super) fn endpoints() -> Vec<Endpoint> {
    let one = "/v1/members/{id}";
    vec![
        Endpoint::new(Method::GET, "/v1/members", "listMembers", list)
            .about(tag::MEMBERS, "List members", "The organisation's members, oldest first. Needs `members.read`.")
            .filtered(&FILTERS)
            .lists::<MemberAnswer>("A page of members."),
        Endpoint::new(Method::GET, one, "getMember", get)
            .about(tag::MEMBERS, "Get a member", "One member, by the membership's id. Needs `members.read`.")
            .answers::<MemberAnswer>(200, "The member.")
            .refuses(&[&table::NOT_FOUND]),
        Endpoint::new(Method::PATCH, one, "changeMember", change)
            .about(tag::MEMBERS, "Change a member", "Changes role and permissions, switches off and on. Pending invitations of a member who loses what they grant are suspended. Needs `members.update`.")
            .takes::<ChangeMemberRequest>()
            .answers::<MemberAnswer>(200, "The member as it is now.")
            .refuses(&[&table::NOT_FOUND, &table::GRANT_EXCEEDS_AUTHORITY, &table::LAST_OWNER]),
        Endpoint::new(Method::DELETE, one, "removeMember", remove)
            .about(tag::MEMBERS, "Remove a member", "Ends the membership; the account stays. Its API keys end and its pending invitations are suspended. Needs `members.remove`, or is the member's own wish to leave.")
            .answers_nothing("It is gone.")
            .refuses(&[&table::NOT_FOUND, &table::GRANT_EXCEEDS_AUTHORITY, &table::LAST_OWNER]),
    ]
}

fn document(view: &MemberView) -> MemberAnswer {
    MemberAnswer::new(&view.record.member, &view.record.account, &view.effective)
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    let query = call.query.search("query")?;
    let paging = call.paging("members", Some(caller.organization_id))?;
    let page = call.api.directory.members(&caller, query.as_deref(), &paging.request).await?;
    ok(&call.page(&paging, page, |view| document(&view)))
}

async fn get(call: Call) -> Answer {
    let caller = call.caller().await?;
    let view = call.api.directory.member(&caller, call.id()?).await?;
    ok(&document(&view))
}

async fn change(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let id = call.id()?;
    let mut fields = call.body().await?.fields;
    let command = ChangeMember {
        role_id: fields.nullable("role_id", Fields::id),
        permissions: fields.present("permissions", Fields::permissions),
        active: fields.present("active", Fields::boolean),
        if_match: None,
    };
    fields.finish()?;
    let view = call.api.directory.change_member(&caller, id, command).await?;
    ok(&document(&view))
}

async fn remove(call: Call) -> Answer {
    let caller = call.caller().await?;
    call.api.directory.remove_member(&caller, call.id()?).await?;
    nothing()
}
