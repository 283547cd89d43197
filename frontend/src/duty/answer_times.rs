//! How long somebody has to take an alert, by how grave it is; whoever keeps the roster may set it.
//! What happens when the time runs out is the server's business.

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::camera_alert::Severity;
use shared::duty::{AnswerTimes, EditAnswerTimes};

use super::{Board, Failed, write};
use crate::number;
use crate::t;
use crate::text::kinds;

/// 120 as "2", 90 as "1.5": the field is a number's, which knows no comma.
fn minutes(seconds: i32) -> String {
    match seconds % 60 {
        0 => (seconds / 60).to_string(),
        rest => format!("{}.{}", seconds / 60, rest * 10 / 60),
    }
}

fn seconds(minutes: &str) -> Option<i32> {
    let minutes = number::read(&minutes.trim().replace(',', "."))?;
    (0.5..=1440.0).contains(&minutes).then_some((minutes * 60.0).round() as i32)
}

const FIELDS: [Severity; 3] = [Severity::Critical, Severity::High, Severity::Medium];

fn seconds_of(times: &AnswerTimes) -> [i32; 3] {
    [times.critical_s, times.high_s, times.medium_s]
}

#[component]
pub fn AnswerTimesOf(board: Board) -> impl IntoView {
    let times = board.answer_times();
    // The times that the form was opened on. What a colleague sets meanwhile takes nothing from under somebody who types: the
    // server says who was faster.
    let edited = RwSignal::new(None::<AnswerTimes>);
    let told = move || {
        let of = |(severity, seconds)| t!("answer-time", severity = kinds::named("severity", severity), minutes = minutes(seconds));
        times.with(|times| times.as_ref().map(|times| FIELDS.into_iter().zip(seconds_of(times)).map(of).collect::<Vec<_>>().join(" · ")))
    };
    let is_editable = Memo::new(move |_| times.with(|times| times.as_ref().is_some_and(|times| times.editable)));
    let toggle = move |_| edited.update(|edited| *edited = if edited.is_none() { times.get_untracked() } else { None });
    view! {
        <p class="quiet-text" data-testid="answer-times">{move || t!("answer-times")}" "{told}</p>
        {move || is_editable.get().then(|| view! {
            <button type="button" class="link" aria-expanded=move || edited.with(Option::is_some).to_string() data-testid="edit-answer-times" on:click=toggle>
                {move || t!("answer-times-edit")}
            </button>
        })}
        {move || edited.get().map(|standing| view! { <TimesForm standing edited board/> })}
    }
}

#[component]
fn TimesForm(standing: AnswerTimes, edited: RwSignal<Option<AnswerTimes>>, board: Board) -> impl IntoView {
    let failure = RwSignal::new(None);
    let [critical, high, medium] = seconds_of(&standing).map(|seconds| RwSignal::new(minutes(seconds)));
    let AnswerTimes { area_id, version, .. } = standing;
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let [critical, high, medium] = [critical, high, medium].map(|field| seconds(&field.get_untracked()));
        let (Some(critical_s), Some(high_s), Some(medium_s)) = (critical, high, medium) else { return };
        let edit = EditAnswerTimes { area_id, critical_s, high_s, medium_s };
        failure.set(None);
        spawn_local(async move {
            match write::<AnswerTimes>(Method::PUT, "/api/answer-times", version, &edit).await {
                Ok(_) => {
                    edited.try_set(None);
                    board.roster.refetch();
                }
                Err(refused) => _ = failure.try_set(Some(refused)),
            }
        });
    };
    let input = move |(severity, field): (Severity, RwSignal<String>)| {
        view! {
            <label>
                {move || kinds::named("severity", severity)}
                <input type="number" class="num" min="0.5" max="1440" step="0.5" required data-testid=format!("answer-{}", severity.name())
                    prop:value=field on:input:target=move |event| field.set(event.target().value())/>
            </label>
        }
    };
    view! {
        <form class="answer-form" on:submit=submit>
            {FIELDS.into_iter().zip([critical, high, medium]).map(input).collect_view()}
            <button type="submit" class="button primary">{move || t!("save")}</button>
        </form>
        <Failed failure/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_seconds_and_back() {
        for (kept, written) in [(120, "2"), (90, "1.5"), (3600, "60"), (30, "0.5")] {
            assert_eq!(minutes(kept), written);
            assert_eq!(seconds(written), Some(kept));
        }
        assert_eq!(seconds("1,5"), Some(90));
        for wrong in ["", "0", "x", "2000"] {
            assert_eq!(seconds(wrong), None, "{wrong:?}");
        }
    }
}
