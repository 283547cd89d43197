//! Lịch trực on the screen: who is on now, the week as a table, the form of one duty, what shifts hand to each other.
//! Who may change it, and whose an alert becomes by it, is the server's decision.

mod answer_times;
mod form;
mod handover;
mod on_now;
mod shifts;
mod week;

use std::time::Duration;

use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::camera_alert::{AlertHandler, AlertKind};
use shared::duty::{ANSWER_TIMES_TOPIC, AnswerTimes, DUTY_TOPIC, Duty, DutyRoster, HANDOVER_TOPIC, HandoverList, RepeatWeek, RepeatedWeek};
use shared::layer::Layer;

pub use form::DutyDialog;
pub use handover::Handovers;
pub use on_now::OnNow;
pub use week::WeekTable;

use crate::http::{self, Answer, Call, Failure};
use crate::lasting::Lasting;
use crate::live::bursts;
use crate::map::MapState;
use crate::t;
use crate::text::kinds;
use crate::ui::{known, now};

use shifts::Draft;

/// A roster is edited a few rows at a time: they are read once.
const ROSTER_AFTER: Duration = Duration::from_millis(250);
/// How many alerts are one's own changes with alerts, which come in bursts.
const HANDOVERS_AFTER: Duration = Duration::from_secs(1);

/// The roster of one area and one week, as the page has it and as the feed keeps it.
#[derive(Clone, Copy)]
pub struct Board {
    pub area_id: i32,
    /// Its Monday.
    pub week: Memo<NaiveDate>,
    roster: LocalResource<Answer<DutyRoster>>,
    handovers: LocalResource<Answer<HandoverList>>,
    /// What is known of both: it stays while they are read again, because somebody else has changed them.
    known: Memo<Option<Answer<DutyRoster>>>,
    left: Memo<Option<Answer<HandoverList>>>,
    /// What the form is about, while it is open.
    draft: RwSignal<Option<Draft>>,
    form_open: Lasting<bool>,
    failure: RwSignal<Option<Failure>>,
    /// What repeating last week came to.
    repeated: RwSignal<Option<RepeatedWeek>>,
    /// Today's row has been brought into view.
    today_shown: StoredValue<bool>,
}

impl Board {
    pub fn follow(area_id: i32, week: Memo<NaiveDate>) -> Board {
        let state: MapState = expect_context();
        let roster_changes = bursts(state.live, &[DUTY_TOPIC, ANSWER_TIMES_TOPIC], ROSTER_AFTER);
        let handover_changes = bursts(state.live, &[HANDOVER_TOPIC, Layer::CameraAlert.name()], HANDOVERS_AFTER);
        let roster = LocalResource::new(move || {
            roster_changes.track();
            let monday = week.get();
            async move {
                let (from, until) = (shifts::begins(monday), shifts::begins(monday + TimeDelta::days(7)));
                http::get::<DutyRoster>(&format!("/api/duty?area_id={area_id}&from={}&until={}", shifts::wire(from), shifts::wire(until)))
                    .await
            }
        });
        let handovers = LocalResource::new(move || {
            handover_changes.track();
            async move { http::get::<HandoverList>(&format!("/api/duty/handovers?area_id={area_id}&limit=5")).await }
        });
        let board = Board {
            area_id,
            week,
            roster,
            handovers,
            known: known(roster, move |roster| roster.from == shifts::begins(week.get_untracked())),
            left: known(handovers, |_| true),
            draft: RwSignal::new(None),
            form_open: Lasting::new(false),
            failure: RwSignal::new(None),
            repeated: RwSignal::new(None),
            today_shown: StoredValue::new(false),
        };
        board.keep_present();
        // What was said of one week is not said of the next.
        Effect::new(move |_| {
            week.track();
            board.repeated.set(None);
            board.failure.set(None);
        });
        board
    }

    /// Asks again once a shift has begun or ended: who is on now is the server's answer.
    fn keep_present(self) {
        let minute = now().by_the_minute();
        Effect::new(move |_| {
            let now = minute.get();
            if self.roster_as_known(|roster| shifts::is_past(roster, now)).unwrap_or(false) {
                self.roster.refetch();
            }
        });
    }

    /// Something of the roster, as it is known now.
    fn roster_as_known<R>(self, pick: impl FnOnce(&DutyRoster) -> R) -> Option<R> {
        self.known.with_untracked(|known| known.as_ref().and_then(|answer| answer.as_ref().ok()).map(pick))
    }

    /// Something of the roster: whoever reads it is told when that has changed, and of nothing else.
    fn of_roster<R: Clone + PartialEq + Send + Sync + 'static>(
        self,
        pick: impl Fn(&DutyRoster) -> R + Send + Sync + 'static,
    ) -> Memo<Option<R>> {
        Memo::new(move |_| self.known.with(|known| known.as_ref().and_then(|answer| answer.as_ref().ok()).map(&pick)))
    }

    fn people(self) -> Memo<Option<Vec<AlertHandler>>> {
        self.of_roster(|roster| roster.people.clone())
    }

    fn answer_times(self) -> Memo<Option<AnswerTimes>> {
        self.of_roster(|roster| roster.answer_times.clone())
    }

    fn read_roster(self) -> Callback<()> {
        Callback::new(move |()| self.roster.refetch())
    }

    fn open(self, draft: Draft) {
        self.draft.set(Some(draft));
        self.form_open.set(true);
    }

    /// Last week's roster once more, in the week that is shown.
    pub fn repeat_week(self) {
        let request = RepeatWeek { area_id: self.area_id, week: self.week.get_untracked() };
        self.failure.set(None);
        spawn_local(async move {
            match http::post::<RepeatedWeek>("/api/duty/repeat-week", &request).await {
                Ok(repeated) => {
                    self.repeated.try_set(Some(repeated));
                    self.roster.refetch();
                }
                Err(failure) => _ = self.failure.try_set(Some(failure)),
            }
        });
    }
}

/// The Monday of a day's week.
pub fn monday_of(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))).unwrap_or(day)
}

/// An edit of what stands, made from `version`.
async fn write<T: serde::de::DeserializeOwned>(method: Method, path: &str, version: i32, body: &impl serde::Serialize) -> Answer<T> {
    Call::new(method, path).header("If-Match", &format!("\"{version}\"")).body(body)?.receive().await
}

/// "Trộm cắp, Xâm nhập", or all kinds.
fn kinds_of(named: &Option<Vec<AlertKind>>) -> String {
    match named {
        None => t!("duty-all-kinds"),
        Some(named) => named.iter().map(|kind| kinds::named("alert-kind", *kind)).collect::<Vec<_>>().join(", "),
    }
}

/// Why something was not kept, where it was tried.
#[component]
fn Failed(failure: RwSignal<Option<Failure>>) -> impl IntoView {
    move || {
        failure.get().map(|failure| {
            let code = failure.code().unwrap_or("failure").to_owned();
            let words = move || kinds::failure(&failure, now().get_untracked());
            view! { <p class="error" role="alert" data-testid="duty-failed" data-code=code>{words}</p> }
        })
    }
}

/// Who, at which step and for which kinds.
#[component]
fn DutyWords(duty: Duty) -> impl IntoView {
    let Duty { account_name, step, kinds: named, area_id, area_name, note, .. } = duty;
    let board_area = use_context::<Board>().map(|board| board.area_id);
    view! {
        <strong>{account_name}</strong>
        <span class="duty-step" data-step=step.name()>{move || kinds::named("duty-step", step)}</span>
        <span class="quiet-text">{move || kinds_of(&named)}</span>
        {(board_area != Some(area_id)).then(|| view! { <span class="quiet-text">{area_name}</span> })}
        {note.map(|note| view! { <span class="quiet-text">{note}</span> })}
    }
}
