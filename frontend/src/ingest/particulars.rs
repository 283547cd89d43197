//! What is known of one item of the quarantine: why it could not be taken in, where it came from, what may be shown of it.
//! What can be done with it stands below; whether it can be done now is the server's decision.

use leptos::prelude::*;
use shared::ingest::{PutAwayNote, Quarantined};

use super::faults;
use super::putting_away::{PutAwayButton, PutAwayForm, PuttingAway};
use super::waiting::Waiting;
use crate::t;
use crate::text::{kinds, moment};
use crate::ui::{Fact, Icon, now};

#[component]
pub fn Particulars(waiting: Waiting, away: PuttingAway, item: Quarantined) -> impl IntoView {
    let now = now();
    let alike = {
        let item = item.clone();
        move || waiting.alike(&item)
    };
    let hint = match item.reason.as_str() {
        "ingest.unknown_camera" => Some((|| t!("quarantine-add-camera")) as fn() -> String),
        "ingest.ambiguous_camera" => Some((|| t!("quarantine-use-code")) as fn() -> String),
        "ingest.bad_time" => Some((|| t!("quarantine-set-clock")) as fn() -> String),
        _ => None,
    };
    let Quarantined { id, topic, times, first_at, received_at, replayed_at, put_away, fault, field, detail, payload, device_name, .. } =
        item;
    let is_put_away = put_away.is_some();
    let why = fault.map(|fault| move || faults::words(fault, field.as_deref()));
    let shown = serde_json::to_string_pretty(&payload).unwrap_or_default();
    let is_nothing_shown = payload.as_object().is_none_or(serde_json::Map::is_empty);
    let way = move || topic.clone().map_or_else(|| "HTTP".to_owned(), |topic| format!("MQTT {topic}"));
    let refused = move || {
        waiting.refusal.get().map(|failure| {
            let code = failure.code().unwrap_or("failure").to_owned();
            view! { <p class="error" role="alert" data-testid="quarantine-refused" data-code=code>{move || kinds::failure(&failure, now.get_untracked())}</p> }
        })
    };
    let actions = move || {
        view! {
            <div class="card-actions quarantine-actions">
                <button type="button" class="button primary" data-testid="quarantine-replay" disabled=move || waiting.is_trying.get() on:click=move |_| waiting.take_in(vec![id])>
                    {move || t!("quarantine-replay")}
                </button>
                {move || {
                    let ids = alike();
                    let count = ids.len();
                    (count > 1).then(|| view! {
                        <button type="button" class="button" data-testid="quarantine-replay-alike" disabled=move || waiting.is_trying.get() on:click=move |_| waiting.take_in(ids.clone())>
                            {move || t!("quarantine-replay-alike", count = count as i64)}
                        </button>
                    })
                }}
                {(!is_put_away).then(|| view! { <PutAwayButton id away/> })}
            </div>
            {(!is_put_away).then(|| view! { <PutAwayForm id away/> })}
        }
    };
    view! {
        <section class="quarantine-particulars" data-testid="quarantine-particulars">
            {why.map(|why| view! { <p data-testid="quarantine-why">{why}</p> })}
            {hint.filter(|_| replayed_at.is_none() && !is_put_away).map(|hint| view! { <p class="quarantine-hint"><Icon name="info"/>{hint}</p> })}
            <dl class="facts">
                {device_name.map(|name| view! { <Fact label=Signal::derive(|| t!("quarantine-device"))>{name}</Fact> })}
                <Fact label=Signal::derive(|| t!("quarantine-way"))>{way}</Fact>
                <Fact label=Signal::derive(|| t!("quarantine-times"))><span class="num">{times}</span></Fact>
                <Fact label=Signal::derive(|| t!("quarantine-first"))><time class="num" datetime=first_at.to_rfc3339()>{move || moment(first_at)}</time></Fact>
                <Fact label=Signal::derive(|| t!("quarantine-last"))><time class="num" datetime=received_at.to_rfc3339()>{move || moment(received_at)}</time></Fact>
                {replayed_at.map(|at| view! { <Fact label=Signal::derive(|| t!("quarantine-is-in"))><time class="num" datetime=at.to_rfc3339()>{move || moment(at)}</time></Fact> })}
                {put_away.map(|note| view! { <Fact label=Signal::derive(|| t!("quarantine-is-away"))><Away note/></Fact> })}
            </dl>
            {if is_nothing_shown {
                view! { <p class="quiet-text">{move || t!("quarantine-nothing-shown")}</p> }.into_any()
            } else {
                view! { <pre class="quarantine-payload" tabindex="0" aria-label=move || t!("quarantine-payload") data-testid="quarantine-payload">{shown}</pre> }.into_any()
            }}
            // As the server wrote it, for whoever mends the device.
            <details class="quarantine-technical">
                <summary>{move || t!("quarantine-technical")}</summary>
                <p lang="en" data-testid="quarantine-technical">{detail}</p>
            </details>
            {refused}
            {replayed_at.is_none().then(actions)}
        </section>
    }
}

/// Who put it away, when and why.
#[component]
fn Away(note: PutAwayNote) -> impl IntoView {
    let PutAwayNote { at, by, reason } = note;
    let who = move || by.clone().unwrap_or_else(|| t!("unknown"));
    view! {
        <span data-testid="quarantine-away-note">
            {who}" · "<time class="num" datetime=at.to_rfc3339()>{move || moment(at)}</time>
            <q>{reason}</q>
        </span>
    }
}
