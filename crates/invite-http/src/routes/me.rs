use super::tag;
use crate::{
    dto::{
        administration::{MeAnswer, MemberAnswer, MyMembership, OwnAccountAnswer},
        organization::OrganizationAnswer,
        request::ChangeMeRequest,
    },
    endpoint::{Access, Endpoint},
    extract::{
        call::{Answer, Call, ok},
        fields::Fields,
    },
    problem::table,
};
use actix_web::http::Method;
use invite_domain::service::ChangeMe;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let path = "/v1/me";
    vec![
        Endpoint::new(Method::GET, path, "getMe", get)
            .about(tag::ACCOUNT, "Get one's own account", "The account and its memberships. By a session a sign-in invitation began, the membership of its organisation alone.")
            .by(Access::Person)
            .answers::<MeAnswer>(200, "The account."),
        Endpoint::new(Method::PATCH, path, "changeMe", change)
            .about(
                tag::ACCOUNT,
                "Change one's own account",
                "Changes name or password, and asks for another address. Both a new password and a new address need the present \
                 password. A new password ends all other sessions. An address changes once the link that is mailed there \
                 was confirmed, within 24 hours; until then it is `pending_email`, whoever has the address.",
            )
            .by(Access::Person)
            .takes::<ChangeMeRequest>()
            .answers::<OwnAccountAnswer>(200, "The account as it is now.")
            .refuses(&[&table::BAD_CREDENTIALS, &table::TOO_MANY_ATTEMPTS, &table::NOT_AVAILABLE, &table::OVERLOADED]),
    ]
}

async fn get(call: Call) -> Answer {
    let person = call.person().await?;
    let me = call.api.directory.me(person.account.id, person.only_organization()).await?;
    let membership =
        |(organization, view): &(invite_domain::directory::Organization, invite_domain::service::MemberView)| {
            let member = MemberAnswer::new(&view.record.member, &view.record.account, &view.effective);
            MyMembership { organization: OrganizationAnswer::new(organization, &call.api.config), member }
        };
    let pending = call.api.directory.pending_address(me.account.id).await?;
    let account = OwnAccountAnswer::new(&me.account, pending.as_ref());
    ok(&MeAnswer { account, memberships: me.memberships.iter().map(membership).collect() })
}

async fn change(mut call: Call) -> Answer {
    let person = call.person().await?;
    let mut fields = call.body().await?.fields;
    let command = ChangeMe {
        name: fields.nullable("name", |fields, name| fields.name(name, 200)),
        password: fields.present("password", Fields::password),
        email: fields.present("email", Fields::string),
        current_password: fields.password("current_password"),
        client: call.client(),
    };
    fields.finish()?;
    let account = call.api.directory.change_me(person.account.id, person.session, command).await?;
    let pending = call.api.directory.pending_address(account.id).await?;
    ok(&OwnAccountAnswer::new(&account, pending.as_ref()))
}
