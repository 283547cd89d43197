//! What the doctor says of the clocks of devices: which is wrong, since when, what that costs and what to do.
//! Which clock is wrong is decided elsewhere (`ingest::clocks`).

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use shared::ingest::WrongClock;
use sqlx::PgPool;

use super::{Finding, State};
use crate::ingest::clocks;

/// What began more than a week before it comes asks nobody, what lies in the future is refused: a device that is wrong by so much is
/// as good as away.
pub(super) async fn examine(owner: &PgPool, now: DateTime<Utc>) -> Vec<Finding> {
    let told = async { clocks::last_day(&mut *owner.acquire().await?, now).await };
    let day = match told.await {
        Ok(day) => day,
        Err(cause) => return vec![Finding::new("device clocks", State::Bad, cause.to_string())],
    };
    let of_wrong = |clock: &WrongClock| {
        let (state, costs) = if clock.asks_nobody() {
            (State::Bad, "what it reports asks nobody, because it seems to be over long ago; look at /alerts under those days")
        } else if clock.is_refused() {
            (State::Bad, "what it reports is refused for its time and waits at /quarantine")
        } else {
            (State::Note, "its alerts stand under a wrong hour")
        };
        let which = if clock.cameras.is_empty() { String::new() } else { format!(" for {}", clock.cameras.join(", ")) };
        let way = if clock.is_ahead() { "ahead" } else { "behind" };
        let (name, by, since) =
            (&clock.device_name, said(TimeDelta::seconds(clock.behind_s)), clock.since.to_rfc3339_opts(SecondsFormat::Secs, true));
        let detail = format!("{name} runs {by} {way}{which}, since {since} at least: {costs}; {}", clocks::hint(clock));
        Finding::new("device clocks", state, detail)
    };
    let mut findings: Vec<Finding> = day.wrong.iter().map(of_wrong).collect();
    if !day.backlogs.is_empty() {
        let told: Vec<String> = day.backlogs.iter().map(|(name, by)| format!("{name} up to {}", said(*by))).collect();
        let detail = format!("within a day alerts came late, as after a time without a line: {}; nothing need be done", told.join(", "));
        findings.push(Finding::new("device clocks", State::Good, detail));
    }
    if findings.is_empty() {
        findings.push(Finding::new("device clocks", State::Good, "what devices reported within a day bore the right time"));
    }
    findings
}

/// "8 days", "7 h", "12 min".
fn said(time: TimeDelta) -> String {
    match time.abs() {
        long if long >= TimeDelta::days(2) => format!("{} days", long.num_days()),
        middle if middle >= TimeDelta::hours(2) => format!("{} h", middle.num_hours()),
        short => format!("{} min", short.num_minutes()),
    }
}
