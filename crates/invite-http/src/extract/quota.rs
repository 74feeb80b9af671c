//! What limits an answer was counted under, and how they stand: the headers `RateLimit-Policy` and `RateLimit`
//! ([draft-ietf-httpapi-ratelimit-headers](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/), 10).

use super::{call::client_address, client::Network, throughput::Standing};
use crate::{
    Api,
    dialect::Dialect,
    problem::{Problem, Retry, Spent, retry_seconds, table},
};
use actix_web::{
    HttpMessage as _, HttpRequest,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};
use invite_domain::{directory::Limits, invitation::Budget, port::Principal, time::Timestamp};

/// A policy, and how it stands for who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Quota {
    policy: &'static str,
    /// How many within the window.
    most: u32,
    /// Seconds.
    window: i64,
    remaining: u32,
    /// Seconds until the whole quota is there again.
    reset: u64,
}

/// Those an answer tells.
#[derive(Default)]
struct Quotas(Vec<Quota>);

/// That the request was counted: it counts once, whoever asks first.
struct Counted;

/// The effective organisation's own limits.
struct Own(Limits);

fn note(request: &HttpRequest, quota: Quota) {
    let mut extensions = request.extensions_mut();
    match extensions.get_mut::<Quotas>() {
        Some(quotas) => quotas.0.push(quota),
        None => drop(extensions.insert(Quotas(vec![quota]))),
    }
}

/// Whether the request was not counted before. It is from now on.
fn first(request: &HttpRequest) -> bool {
    request.extensions_mut().insert(Counted).is_none()
}

/// Counts a request of nobody known against what its network may make in a second, once.
///
/// # Errors
/// `too_many_requests`.
pub(crate) fn of_network(request: &HttpRequest, api: &Api) -> Result<(), Problem> {
    let Some(limit) = api.config.requests_second else { return Ok(()) };
    let Some(address) = client_address(request, api) else { return Ok(()) };
    if !first(request) {
        return Ok(());
    }
    let standing = api.throughput.count_network(Network::of(address), limit, api.world.clock.now());
    settle(request, "default", limit, standing)
}

/// Counts a request against what its credential may make of this API in a second, once.
///
/// # Errors
/// `too_many_requests`.
pub(crate) fn of_principal(
    request: &HttpRequest,
    api: &Api,
    dialect: Option<&'static Dialect>,
    principal: Principal,
) -> Result<(), Problem> {
    let own = dialect.and_then(|dialect| Some((dialect.throughput?, dialect.policy)));
    let (limit, policy) = match own {
        Some((limit, policy)) => (limit(&api.config), policy),
        None => (api.config.requests_second, "default"),
    };
    match limit {
        Some(limit) if first(request) => {
            let standing = api.throughput.count(policy, principal, limit, api.world.clock.now());
            settle(request, policy, limit, standing)
        }
        _ => Ok(()),
    }
}

/// In a whole second there is room in any case.
fn settle(request: &HttpRequest, policy: &'static str, limit: u32, standing: Standing) -> Result<(), Problem> {
    note(request, Quota { policy, most: limit, window: 1, remaining: standing.remaining, reset: 1 });
    if standing.admitted { Ok(()) } else { Err(Problem::new(&table::TOO_MANY_REQUESTS).retry(Retry::In(1))) }
}

/// Remembers the effective organisation's own limits: they are what it is told where one of them refuses.
pub(crate) fn of_organization(request: &HttpRequest, limits: &Limits) {
    request.extensions_mut().insert(Own(limits.clone()));
}

/// Tells which budget in the database a refusal comes from.
pub(crate) fn refused(problem: &Problem, request: &HttpRequest, api: &Api) {
    if let (Some(spent), Some(Retry::At(at))) = (problem.spent, problem.retry) {
        spent_until(spent, at, request, api);
    }
}

/// Tells that a budget is used up until then.
///
/// A store says when, not which. A fixed window ends at a multiple of its length, so the first of the budgets in question
/// whose window ends then is named.
pub(crate) fn spent_until(spent: Spent, at: Timestamp, request: &HttpRequest, api: &Api) {
    let now = api.world.clock.now();
    let ends = |budget: &Budget| {
        let window = budget.window.num_seconds();
        at.timestamp_subsec_nanos() == 0 && window > 0 && at.timestamp() % window == 0 && at - now <= budget.window
    };
    let candidates = candidates(spent, request, api);
    let found = candidates.into_iter().find_map(|(policy, budget)| Some((policy, budget.filter(ends)?)));
    // Messages of one invitation are counted within any stretch of time (rule 4.4).
    let sliding = || {
        let budgets = api.invitations.bounds().messages.iter().filter(|budget| at - now <= budget.window);
        let budget = budgets.min_by_key(|budget| budget.window)?;
        (spent == Spent::Messages).then_some(("invitation", *budget))
    };
    if let Some((policy, budget)) = found.or_else(sliding) {
        let (most, window) = (budget.limit, budget.window.num_seconds());
        note(request, Quota { policy, most, window, remaining: 0, reset: retry_seconds(Retry::At(at), now) });
    }
}

/// The budgets a refusal can come from, by the names of their policies.
fn candidates(spent: Spent, request: &HttpRequest, api: &Api) -> Vec<(&'static str, Option<Budget>)> {
    let (settings, bounds) = (api.invitations.settings(), api.invitations.bounds());
    let extensions = request.extensions();
    let own = extensions.get::<Own>().map(|own| &own.0);
    let within = |operators: Option<u32>, own: Option<i64>, window| {
        let own = own.map(|own| u32::try_from(own).unwrap_or(u32::MAX));
        let limit = [operators, own].into_iter().flatten().min()?;
        Some(Budget { limit, window })
    };
    let (hour, day) = (chrono::Duration::hours(1), chrono::Duration::days(1));
    match spent {
        Spent::Codes => vec![("code", settings.code_address), ("code-organization", settings.code_organization)],
        Spent::Guesses => vec![("sign-in", settings.sign_in_account), ("sign-in-address", settings.sign_in_address)],
        Spent::Issues => vec![("issues", within(bounds.issues_hour, own.and_then(|own| own.issues_hour), hour))],
        Spent::Messages => vec![
            ("recipient", within(bounds.messages_recipient_day, own.and_then(|own| own.messages_recipient_day), day)),
            ("recipient-all", within(bounds.messages_recipient_day_all, None, day)),
        ],
    }
}

/// Writes what the request was counted under into its answer.
pub(crate) fn write(request: &HttpRequest, headers: &mut HeaderMap) {
    let extensions = request.extensions();
    let Some(Quotas(quotas)) = extensions.get::<Quotas>() else { return };
    let policies = quotas.iter().map(|each| format!("\"{}\";q={};w={}", each.policy, each.most, each.window));
    let standing = quotas.iter().map(|each| format!("\"{}\";r={};t={}", each.policy, each.remaining, each.reset));
    for (name, value) in [
        ("ratelimit-policy", policies.collect::<Vec<_>>().join(", ")),
        ("ratelimit", standing.collect::<Vec<_>>().join(", ")),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
