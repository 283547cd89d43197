//! The quarantine: what devices sent and could not be taken in, why, and taking it in once that is mended, or putting it away.
//! Mending happens elsewhere: a camera is added, a clock set, a device told what a camera is called.

use leptos::prelude::*;
use shared::ingest::{IngestSource, Quarantined};

use super::clocks::WrongClocksNotice;
use super::particulars::Particulars;
use super::putting_away::PuttingAway;
use super::waiting::{Part, Waiting, camera_of};
use crate::t;
use crate::text::{format, kinds};
use crate::ui::{Icon, Refused, Skeleton, now};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Failure,
    Skeleton,
    Nothing,
    Rows,
}

#[component]
pub fn Quarantine() -> impl IntoView {
    let now = now();
    let waiting = Waiting::ask();
    let away = PuttingAway::nothing(waiting);
    let tab = move |part: Part, label: fn() -> String, name: &'static str| {
        view! {
            <button type="button" class="tab" data-testid=name aria-pressed=move || (waiting.part.get() == part).to_string() on:click=move |_| waiting.part.set(part)>
                {label}
            </button>
        }
    };
    let shown =
        Memo::new(move |_| match (waiting.failure.with(Option::is_some), waiting.items.with(|items| items.as_ref().map(Vec::is_empty))) {
            (true, _) => Shown::Failure,
            (false, None) => Shown::Skeleton,
            (false, Some(true)) => Shown::Nothing,
            (false, Some(false)) => Shown::Rows,
        });
    let list = move || match shown.get() {
        Shown::Failure => waiting.failure.get().map(|failure| view! { <Refused failure on_retry=move || waiting.ask_again()/> }).into_any(),
        Shown::Skeleton => view! { <Skeleton lines=6/> }.into_any(),
        Shown::Nothing => view! {
            <p class="panel-note" data-testid="quarantine-empty">
                {move || if waiting.part.get() == Part::PutAway { t!("quarantine-none-away") } else { t!("quarantine-empty") }}
            </p>
        }
        .into_any(),
        // A row that says the same stays, with whatever is being typed below it.
        Shown::Rows => view! {
            <ul class="rows" data-testid="quarantine-rows">
                <For
                    each=move || waiting.items.get().unwrap_or_default()
                    key=|item| (item.id, item.times, item.replayed_at, item.put_away.is_some())
                    children=move |item| view! { <Row waiting away item/> }
                />
            </ul>
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
    let put_away = move || {
        let count = waiting.put_away.get();
        (count > 0).then(|| view! {
            <p class="kept" data-testid="quarantine-was-put-away"><Icon name="check"/>{move || t!("quarantine-was-put-away", count = count)}</p>
        })
    };
    view! {
        <p class="panel-note">{move || t!("quarantine-explained")}</p>
        <WrongClocksNotice/>
        <div class="tabs quarantine-tabs" role="group" aria-label=move || t!("page-quarantine")>
            {tab(Part::Waiting, || t!("quarantine-waiting"), "quarantine-waiting")}
            {tab(Part::PutAway, || t!("quarantine-is-away"), "quarantine-away")}
            {tab(Part::All, || t!("quarantine-all"), "quarantine-all")}
            <button type="button" class="button quiet icon-button" aria-label=move || t!("quarantine-reload") title=move || t!("quarantine-reload") data-testid="quarantine-reload" on:click=move |_| waiting.ask_again()>
                <Icon name="arrow-counter-clockwise"/>
            </button>
        </div>
        <div class="quarantine-told" role="status">{taken_in} {put_away} {failed}</div>
        {list}
        <Show when=move || waiting.next.with(Option::is_some)>
            <button type="button" class="button wide quarantine-more" data-testid="quarantine-more" on:click=move |_| waiting.ask_more()>{move || t!("tray-more")}</button>
        </Show>
    }
}

/// One item; what is known of it opens below.
#[component]
fn Row(waiting: Waiting, away: PuttingAway, item: Quarantined) -> impl IntoView {
    let minute = now().by_the_minute();
    let id = item.id;
    let is_open = move || waiting.opened.get() == Some(id);
    let camera = camera_of(&item).map(str::to_owned);
    let device = item.device_name.clone();
    let Quarantined { source, times, received_at, replayed_at, .. } = item;
    let is_put_away = item.put_away.is_some();
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
                    {(is_put_away && replayed_at.is_none()).then(|| view! { <span class="truncate">{move || t!("quarantine-is-away")}</span> })}
                </span>
                <span class="row-end num">{move || format::ago(received_at, minute.get())}</span>
            </button>
            <Show when=is_open><Particulars waiting away item=item.get_value()/></Show>
        </li>
    }
}
