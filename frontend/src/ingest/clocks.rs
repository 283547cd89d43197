//! A quiet line for each device whose clock is wrong: by how much, and what that costs.
//! Which clock is wrong is the server's decision; setting it is done at the device.

use std::time::Duration;

use leptos::prelude::*;
use shared::ingest::{WrongClock, WrongClocks};
use shared::layer::Layer;

use crate::http;
use crate::live::bursts;
use crate::map::MapState;
use crate::t;
use crate::ui::{Icon, known};

/// A clock is known to be wrong by what has come for a quarter of an hour; while alerts come, so often is enough.
const ASK_AFTER: Duration = Duration::from_secs(60);
const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3600;
const DAY_S: i64 = 86_400;

/// Nothing while every clock is right. Where they cannot be asked for, what was known of them stays: the list below says what failed.
#[component]
pub fn WrongClocksNotice() -> impl IntoView {
    let state: MapState = expect_context();
    let changes = bursts(state.live, &[Layer::CameraAlert.name()], ASK_AFTER);
    let answer = LocalResource::new(move || {
        changes.track();
        async move { http::get::<WrongClocks>("/api/ingest/clocks").await.map(|clocks| clocks.wrong) }
    });
    let clocks = known(answer, |_| true);
    let line = |clock: WrongClock| {
        let id = clock.device_id.to_string();
        view! { <p class="panel-note clock-notice" data-testid="wrong-clock" data-device=id><Icon name="clock"/><span>{move || told(&clock)}</span></p> }
    };
    let lines = move || Some(clocks.get()?.ok()?.into_iter().map(line).collect_view());
    // There before anything is in it, so that what comes is read out.
    view! { <div class="clock-notices" role="status">{lines}</div> }
}

fn told(clock: &WrongClock) -> String {
    let device = match clock.cameras.as_slice() {
        [] => clock.device_name.clone(),
        cameras => format!("{} ({})", clock.device_name, cameras.join(", ")),
    };
    let by = how_long(clock.behind_s.abs());
    let clock_is =
        if clock.is_ahead() { t!("clock-ahead", device = device, time = by) } else { t!("clock-behind", device = device, time = by) };
    let costs = if clock.is_refused() {
        t!("clock-refused")
    } else if clock.asks_nobody() {
        t!("clock-asks-nobody")
    } else {
        t!("clock-wrong-hour")
    };
    t!("clock-told", clock = clock_is, costs = costs)
}

fn how_long(seconds: i64) -> String {
    match seconds {
        long if long >= 2 * DAY_S => t!("days", count = long / DAY_S),
        middle if middle >= 2 * HOUR_S => t!("hours", count = middle / HOUR_S),
        short => t!("minutes", count = short / MINUTE_S),
    }
}
