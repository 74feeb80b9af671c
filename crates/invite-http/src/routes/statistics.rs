use super::tag;
use crate::{
    dto::statistics::StatisticsAnswer,
    endpoint::Endpoint,
    extract::call::{Answer, Call, ok},
};
use actix_web::http::Method;

/// How many weeks are told of, with the running one.
pub(crate) const WEEKS: u32 = 12;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/v1/statistics", "getStatistics", get)
            .about(tag::STATISTICS, "Get the statistics", "What happened with the organisation's invitations in the last twelve weeks, and how they stand now. Needs `invitations.read`.")
            .answers::<StatisticsAnswer>(200, "The statistics."),
    ]
}

async fn get(call: Call) -> Answer {
    let caller = call.caller().await?;
    let weeks = |zone: &str, now| invite_text::weeks(zone, now, WEEKS);
    let dashboard = call.api.statistics.dashboard(&caller, weeks).await?;
    ok(&StatisticsAnswer::from(&dashboard))
}
