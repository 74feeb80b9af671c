//! Messages that were given up: what became of them, and another try.

use super::tag;
use crate::{
    dto::dead_letter::DeadLetterAnswer,
    endpoint::Endpoint,
    extract::call::{Answer, Call, json, ok},
    problem::table,
};
use actix_web::http::{Method, StatusCode};
use invite_domain::id::MessageId;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/v1/dead-letters", "listDeadLetters", list)
            .about(tag::DEAD_LETTERS, "List dead letters", "Messages of the organisation's invitations that were given up: refused for good, or tried too often. The last one first. Needs `dead_letters.read`.")
            .lists::<DeadLetterAnswer>("A page of dead letters."),
        Endpoint::new(Method::POST, "/v1/dead-letters/{id}/replay", "replayDeadLetter", replay)
            .about(tag::DEAD_LETTERS, "Replay a dead letter", "Queues the message again, with the same link and `Message-ID` and all its attempts before it. Before it is sent it is looked at as every message is: one that a newer message has overtaken, or whose invitation has expired, is cancelled then. Needs `dead_letters.replay`.")
            .answers::<DeadLetterAnswer>(202, "The dead letter as it was. The message waits to be sent.")
            .refuses(&[
                &table::NOT_FOUND,
                &table::ALREADY_REDEEMED,
                &table::ALREADY_DECLINED,
                &table::ALREADY_REVOKED,
            ]),
    ]
}

async fn list(call: Call) -> Answer {
    let caller = call.caller().await?;
    let paging = call.paging("dead-letters", Some(caller.organization_id))?;
    let page = call.api.dead_letters.list(&caller, &paging.request).await?;
    ok(&call.page(&paging, page, |letter| DeadLetterAnswer::from(&letter)))
}

async fn replay(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let id: MessageId = call.id()?;
    call.no_body().await?;
    let letter = call.api.dead_letters.replay(&caller, id).await?;
    Ok(json(StatusCode::ACCEPTED, &DeadLetterAnswer::from(&letter)))
}
