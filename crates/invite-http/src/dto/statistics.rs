use chrono::{DateTime, Utc};
use invite_domain::{
    invitation::Status,
    service::{Dashboard, Week},
};
use serde::Serialize;
use utoipa::ToSchema;

/// What happened in a week.
#[derive(Serialize, ToSchema)]
#[schema(as = StatisticsWeek)]
pub(crate) struct WeekAnswer {
    /// Its first instant: Monday as the day begins in the organisation's time zone.
    #[schema(example = "2026-11-16T00:00:00Z")]
    starts_at: DateTime<Utc>,
    /// The first instant after it.
    #[schema(example = "2026-11-23T00:00:00Z")]
    ends_at: DateTime<Utc>,
    /// Invitations that were issued.
    #[schema(example = 12)]
    issued: u64,
    /// Messages with a link that were handed to their channel. One that a later message of the same invitation followed is
    /// forgotten after 30 days.
    #[schema(example = 13)]
    sent: u64,
    /// Redemptions.
    #[schema(example = 8)]
    accepted: u64,
    /// Invitations whose invitee said no.
    #[schema(example = 1)]
    declined: u64,
    /// Invitations whose time was over in that week, and that are expired still.
    #[schema(example = 2)]
    expired: u64,
}

impl From<&Week> for WeekAnswer {
    fn from(week: &Week) -> Self {
        let figures = week.figures;
        Self {
            starts_at: week.starts_at,
            ends_at: week.ends_at,
            issued: figures.issued,
            sent: figures.sent,
            accepted: figures.accepted,
            declined: figures.declined,
            expired: figures.expired,
        }
    }
}

/// How many invitations have each status now.
#[derive(Serialize, ToSchema)]
#[schema(as = StatusCounts)]
pub(crate) struct StatusCountsAnswer {
    /// Open, can be redeemed.
    #[schema(example = 4)]
    pending: u64,
    /// Used.
    #[schema(example = 90)]
    redeemed: u64,
    /// The invitee said no.
    #[schema(example = 3)]
    declined: u64,
    /// Withdrawn.
    #[schema(example = 5)]
    revoked: u64,
    /// Their time is over.
    #[schema(example = 7)]
    expired: u64,
    /// Their uses are over.
    #[schema(example = 0)]
    exhausted: u64,
    /// Their inviter may no longer give what they grant.
    #[schema(example = 1)]
    suspended: u64,
}

/// What happened in an organisation, in numbers.
#[derive(Serialize, ToSchema)]
#[schema(as = Statistics)]
pub(crate) struct StatisticsAnswer {
    /// The organisation's time zone, in which the weeks are weeks (IANA).
    #[schema(example = "Europe/Paris")]
    time_zone: String,
    /// The last twelve weeks, the running one last.
    weeks: Vec<WeekAnswer>,
    /// How many invitations have each status now.
    statuses: StatusCountsAnswer,
    /// The median time from an invitation's issue to its acceptance, over the last 5,000 acceptances within the weeks, without
    /// invitations for several people; null where nobody accepted.
    #[schema(example = 5400)]
    median_seconds_to_accept: Option<i64>,
    /// How many pending and suspended invitations expire within seven days.
    #[schema(example = 2)]
    expiring: u64,
    /// How many messages of invitations are given up: the dead letters.
    #[schema(example = 0)]
    failed_deliveries: u64,
}

impl From<&Dashboard> for StatisticsAnswer {
    fn from(dashboard: &Dashboard) -> Self {
        let count = |status| dashboard.statuses.get(&status).copied().unwrap_or_default();
        Self {
            time_zone: dashboard.time_zone.clone(),
            weeks: dashboard.weeks.iter().map(WeekAnswer::from).collect(),
            statuses: StatusCountsAnswer {
                pending: count(Status::Pending),
                redeemed: count(Status::Redeemed),
                declined: count(Status::Declined),
                revoked: count(Status::Revoked),
                expired: count(Status::Expired),
                exhausted: count(Status::Exhausted),
                suspended: count(Status::Suspended),
            },
            median_seconds_to_accept: dashboard.median_wait.map(|wait| wait.num_seconds()),
            expiring: dashboard.expiring,
            failed_deliveries: dashboard.failed_deliveries,
        }
    }
}
