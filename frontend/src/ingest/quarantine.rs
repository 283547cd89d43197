//! The quarantine: what devices sent and could not be taken in, why, what can be seen of it, and taking it in once that is mended.
//! Mending happens elsewhere: a camera is added, a clock set, a device told what a camera is called.

use leptos::prelude::*;
use shared::ingest::{IngestSource, Quarantined};

use super::clocks::WrongClocksNotice;
use super::waiting::{Waiting, camera_of};
use crate::t;
use crate::text::{format, kinds, moment};
use crate::ui::{Fact, Icon, Refused, Skeleton, now};

#[component]
pub fn Quarantine() -> impl IntoView {
    let now = now();
    let waiting = Waiting::ask();
    let tab = move |all: bool, label: fn() -> String, name: &'static str| {
        view! {
            <button type="button" class="tab" data-testid=name aria-pressed=move || (waiting.all.get() == all).to_string() on:click=move |_| waiting.all.set(all)>
                {label}
            </button>
        }
    };
    let list = move || match (waiting.failure.get(), waiting.items.get()) {
        (Some(failure), _) => view! { <Refused failure on_retry=move || waiting.ask_again()/> }.into_any(),
        (None, None) => view! { <Skeleton lines=6/> }.into_any(),
        (None, Some(items)) if items.is_empty() => view! {
            <p class="panel-note" data-testid="quarantine-empty">{move || t!("quarantine-empty")}</p>
        }
        .into_any(),
        (None, Some(items)) => view! {
            <ul class="rows" data-testid="quarantine-rows">{items.into_iter().map(|item| view! { <Row waiting item/> }).collect_view()}</ul>
        }
        .into_any(),
    };
    // What concerns no item that is open: somebody else was faster.
    let failed = move || {
        let refusal = waiting.refusal.get().filter(|_| waiting.opened.with(Option::is_none));
        refusal.map(|failure| view! { <p class="panel-note error">{kinds::failure(&failure, now.get_untracked())}</p> })
    };
    let taken_in = move || {
        let count = waiting.taken_in.get();
        (count > 0).then(|| view! {
            <p class="kept" data-testid="quarantine-taken-in"><Icon name="check"/>{move || t!("quarantine-taken-in", count = count as i64)}</p>
        })
    };
    view! {
        <p class="panel-note">{move || t!("quarantine-explained")}</p>
        <WrongClocksNotice/>
        <div class="tabs quarantine-tabs" role="group" aria-label=move || t!("page-quarantine")>
            {tab(false, || t!("quarantine-waiting"), "quarantine-waiting")}
            {tab(true, || t!("quarantine-all"), "quarantine-all")}
            <button type="button" class="button quiet icon-button" aria-label=move || t!("quarantine-reload") title=move || t!("quarantine-reload") data-testid="quarantine-reload" on:click=move |_| waiting.ask_again()>
                <Icon name="arrow-counter-clockwise"/>
            </button>
        </div>
        <div class="quarantine-told" role="status">{taken_in} {failed}</div>
        {list}
        <Show when=move || waiting.next.with(Option::is_some)>
            <button type="button" class="button wide quarantine-more" data-testid="quarantine-more" on:click=move |_| waiting.ask_more()>{move || t!("tray-more")}</button>
        </Show>
    }
}

/// One item; what is known of it opens below.
#[component]
fn Row(waiting: Waiting, item: Quarantined) -> impl IntoView {
    let minute = now().by_the_minute();
    let id = item.id;
    let is_open = move || waiting.opened.get() == Some(id);
    let camera = camera_of(&item).map(str::to_owned);
    let device = item.device_name.clone();
    let Quarantined { source, times, received_at, replayed_at, .. } = item;
    let (code, reason) = (item.reason.clone(), item.reason.clone());
    let icon = match source {
        IngestSource::CameraAlerts => "warning",
        IngestSource::CameraStatus => "security-camera",
    };
    let item = StoredValue::new(item);
    let from = move || {
        let camera = camera.clone().unwrap_or_else(|| t!("quarantine-no-camera"));
        [Some(camera), device.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    view! {
        <li>
            <button
                type="button"
                class="row quarantine-row"
                data-testid="quarantine-row"
                data-id=id.to_string()
                data-reason=code
                aria-expanded=move || is_open().to_string()
                on:click=move |_| waiting.open(if waiting.opened.get_untracked() == Some(id) { None } else { Some(id) })
            >
                <Icon name=icon/>
                <span class="row-words">
                    <strong>
                        {move || kinds::word("quarantine", &reason)}
                        {(times > 1).then(|| view! { <span class="times num">" ×"{times}</span> })}
                    </strong>
                    <span class="truncate">{from}</span>
                    {replayed_at.map(|_| view! { <span class="truncate">{move || t!("quarantine-is-in")}</span> })}
                </span>
                <span class="row-end num">{move || format::ago(received_at, minute.get())}</span>
            </button>
            <Show when=is_open><Particulars waiting item=item.get_value()/></Show>
        </li>
    }
}

#[component]
fn Particulars(waiting: Waiting, item: Quarantined) -> impl IntoView {
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
    let Quarantined { id, topic, times, first_at, received_at, replayed_at, detail, payload, device_name, .. } = item;
    let shown = serde_json::to_string_pretty(&payload).unwrap_or_default();
    let is_nothing_shown = payload.as_object().is_none_or(serde_json::Map::is_empty);
    let way = move || topic.clone().map_or_else(|| "HTTP".to_owned(), |topic| format!("MQTT {topic}"));
    let refused = move || {
        waiting.refusal.get().map(|failure| {
            let code = failure.code().unwrap_or("failure").to_owned();
            view! { <p class="error" role="alert" data-testid="quarantine-refused" data-code=code>{move || kinds::failure(&failure, now.get_untracked())}</p> }
        })
    };
    view! {
        <section class="quarantine-particulars" data-testid="quarantine-particulars">
            {hint.filter(|_| replayed_at.is_none()).map(|hint| view! { <p class="quarantine-hint"><Icon name="info"/>{hint}</p> })}
            <dl class="facts">
                {device_name.map(|name| view! { <Fact label=Signal::derive(|| t!("quarantine-device"))>{name}</Fact> })}
                <Fact label=Signal::derive(|| t!("quarantine-way"))>{way}</Fact>
                <Fact label=Signal::derive(|| t!("quarantine-times"))><span class="num">{times}</span></Fact>
                <Fact label=Signal::derive(|| t!("quarantine-first"))><time class="num" datetime=first_at.to_rfc3339()>{move || moment(first_at)}</time></Fact>
                <Fact label=Signal::derive(|| t!("quarantine-last"))><time class="num" datetime=received_at.to_rfc3339()>{move || moment(received_at)}</time></Fact>
                {replayed_at.map(|at| view! { <Fact label=Signal::derive(|| t!("quarantine-is-in"))><time class="num" datetime=at.to_rfc3339()>{move || moment(at)}</time></Fact> })}
                // As the server wrote it, for whoever mends the device.
                <Fact label=Signal::derive(|| t!("quarantine-detail"))><span lang="en">{detail}</span></Fact>
            </dl>
            {if is_nothing_shown {
                view! { <p class="quiet-text">{move || t!("quarantine-nothing-shown")}</p> }.into_any()
            } else {
                view! { <pre class="quarantine-payload" tabindex="0" aria-label=move || t!("quarantine-payload") data-testid="quarantine-payload">{shown}</pre> }.into_any()
            }}
            {refused}
            {replayed_at.is_none().then(|| {
                let these = alike.clone();
                view! {
                    <div class="card-actions quarantine-actions">
                        <button type="button" class="button primary" data-testid="quarantine-replay" disabled=move || waiting.is_trying.get() on:click=move |_| waiting.take_in(vec![id])>
                            {move || t!("quarantine-replay")}
                        </button>
                        {move || {
                            let ids = these();
                            let count = ids.len();
                            (count > 1).then(|| view! {
                                <button type="button" class="button" data-testid="quarantine-replay-alike" disabled=move || waiting.is_trying.get() on:click=move |_| waiting.take_in(ids.clone())>
                                    {move || t!("quarantine-replay-alike", count = count as i64)}
                                </button>
                            })
                        }}
                    </div>
                }
            })}
        </section>
    }
}
