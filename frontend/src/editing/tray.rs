//! The tray: what has no place on the map yet, to be dragged there, tapped there, or put where its address says.
//! Which rows there are for whom is `tray_rows`'; writing goes through the door of each kind.

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, json};
use shared::edit::{PlaceSuggestion, Unplaced, UnplacedRow};
use shared::layer::Layer;
use wasm_bindgen::JsCast;

use super::how::HowToMove;
use super::request;
use super::section::TAKE_BACK_FOR;
use super::tray_rows::TrayRows;
use crate::http::{self, Failure};
use crate::map::{Draft, Looks, MapState, Tool};
use crate::t;
use crate::text::{count, format, kinds};
use crate::ui::{Icon, Loading, Refused, Skeleton, now};

/// Close enough to see single houses.
const ZOOM: f64 = 18.5;

/// What has become of the row in hand.
#[derive(Clone, PartialEq)]
enum Outcome {
    /// Placed as this version of this row; can be taken back for a while.
    Placed(Unplaced, i32),
    Failed(Failure),
}

#[derive(Clone, Copy)]
struct Placing {
    state: MapState,
    tray: TrayRows,
    /// The row in hand.
    row: RwSignal<Option<Unplaced>>,
    outcome: RwSignal<Option<Outcome>>,
    is_writing: RwSignal<bool>,
    /// A row is being dragged: its list stays under the pointer.
    is_dragging: RwSignal<bool>,
}

#[component]
pub fn Tray() -> impl IntoView {
    let state: MapState = expect_context();
    let tray = TrayRows::follow();
    let placing = Placing {
        state,
        tray,
        row: RwSignal::new(None),
        outcome: RwSignal::new(None),
        is_writing: RwSignal::new(false),
        is_dragging: RwSignal::new(false),
    };
    placing.follow_the_map();
    on_cleanup(move || placing.put_down());
    let list = move || {
        let failure = tray.failure.get();
        match (failure, tray.rows.get()) {
            (Some(failure), _) => view! { <Refused failure on_retry=move || tray.ask_again()/> }.into_any(),
            (None, None) => view! { <Skeleton lines=6/> }.into_any(),
            (None, Some(rows)) if rows.is_empty() => {
                let empty = move || if tray.words.with(|words| words.trim().is_empty()) { t!("tray-empty") } else { t!("no-match") };
                view! { <p class="panel-note" data-testid="tray-empty">{empty}</p> }.into_any()
            }
            (None, Some(rows)) => {
                view! { <ul class="rows tray-rows" data-testid="tray-rows">{rows.into_iter().map(|row| view! { <TrayRow placing row/> }).collect_view()}</ul> }
                    .into_any()
            }
        }
    };
    view! {
        <Outcomes placing/>
        {move || placing.row.get().map(|row| view! { <InHand placing row/> })}
        <div class="tray-list" class:covered=move || placing.row.with(Option::is_some) && !placing.is_dragging.get()>
            <div class="tray-search">
                <Icon name="magnifying-glass"/>
                <input type="search" aria-label=move || t!("tray-search") placeholder=move || t!("tray-search") autocomplete="off" data-testid="tray-search" bind:value=tray.words/>
            </div>
            <Kinds tray/>
            {list}
            <Show when=move || tray.next.with(Option::is_some)>
                <button type="button" class="button wide" on:click=move |_| tray.ask_more()>{move || t!("tray-more")}</button>
            </Show>
        </div>
    }
}

impl Placing {
    fn take(self, row: Unplaced) {
        self.outcome.set(None);
        self.state.selected.set(None);
        self.state.tool.set(Some(Tool::Edit));
        let looks = (row.kind == Layer::Camera).then(Looks::default);
        self.state.drafting.draft.set(Some(Draft { layer: row.kind, from: None, at: None, looks }));
        self.row.set(Some(row));
    }

    fn put_down(self) {
        if self.row.try_get_untracked().flatten().is_some() {
            _ = self.row.try_set(None);
            _ = self.state.drafting.draft.try_set(None);
            _ = self.state.tool.try_set(None);
        }
    }

    fn follow_the_map(self) {
        self.state.drafting.on_kept(move || self.write());
        Effect::new(move |_| {
            if self.state.tool.get() != Some(Tool::Edit) {
                self.put_down();
            }
        });
    }

    /// Puts it there and brings it before the eyes.
    fn put(self, at: [f64; 2]) {
        self.state.drafting.put(Some(at));
        let zoom = self.state.view.with_untracked(|view| view.map_or(ZOOM, |view| view.zoom.max(ZOOM)));
        self.state.fly_to(at[0], at[1], zoom);
    }

    fn write(self) {
        let at = self.state.drafting.draft.with_untracked(|draft| draft.and_then(|draft| draft.at));
        let (Some(row), Some(at), false) = (self.row.get_untracked(), at, self.is_writing.get_untracked()) else { return };
        self.is_writing.set(true);
        spawn_local(async move {
            let edit = Map::from_iter([("point".to_owned(), json!(at))]);
            let answer = request::send(row.kind, row.id, row.version, &edit).await;
            if self.is_writing.try_set(false).is_some() {
                // The page is gone.
                return;
            }
            let outcome = match answer {
                Ok(placed) => {
                    self.put_down();
                    Outcome::Placed(row, placed["version"].as_i64().unwrap_or_default() as i32)
                }
                Err(failure) => {
                    if failure.conflict().is_some() {
                        self.put_down();
                    }
                    Outcome::Failed(failure)
                }
            };
            self.tell(outcome);
            self.tray.ask_again();
        });
    }

    fn take_back(self, row: Unplaced, version: i32) {
        self.outcome.set(None);
        spawn_local(async move {
            if let Err(failure) = request::take_back(row.kind, row.id, version).await {
                _ = self.outcome.try_set(Some(Outcome::Failed(failure)));
            }
            self.tray.ask_again();
        });
    }

    fn tell(self, outcome: Outcome) {
        self.outcome.set(Some(outcome.clone()));
        if let Outcome::Placed(..) = outcome {
            let pass = move || {
                if self.outcome.try_with_untracked(|told| *told == Some(outcome)) == Some(true) {
                    self.outcome.set(None);
                }
            };
            set_timeout(pass, TAKE_BACK_FOR);
        }
    }
}

/// How many of each kind; one kind alone at a press.
#[component]
fn Kinds(tray: TrayRows) -> impl IntoView {
    let tab = move |kind: Option<Layer>, label: Signal<String>, number: i64| {
        view! {
            <button
                type="button"
                class="tab"
                data-testid=format!("tray-kind-{}", kind.map_or("all", Layer::name))
                aria-pressed=move || (tray.kind.get() == kind).to_string()
                on:click=move |_| tray.kind.set(kind)
            >
                {label}" "<span class="num">{count(number)}</span>
            </button>
        }
    };
    let tabs = move || {
        let counts = tray.counts.get();
        let kinds = counts.into_iter().filter(|count| count.count > 0);
        kinds.map(|count| tab(Some(count.kind), Signal::derive(move || kinds::word("one", count.kind.name())), count.count)).collect_view()
    };
    view! {
        <div class="tabs tray-kinds" role="group" aria-label=move || t!("tray-kinds")>
            {move || tab(None, Signal::derive(|| t!("tray-all")), tray.total())}
            {tabs}
        </div>
    }
}

#[component]
fn TrayRow(placing: Placing, row: Unplaced) -> impl IntoView {
    let Unplaced { kind, id, title, address, area_name, code, .. } = row.clone();
    let second = [address.filter(|address| !title.ends_with(address.as_str())), Some(area_name), Some(code)];
    let second = second.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let row = StoredValue::new(row);
    let held = placing.state.drafting.held;
    let take = move |event: PointerEvent| {
        if let Some(grip) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            _ = grip.set_pointer_capture(event.pointer_id());
        }
        // Nothing of the page is selected or scrolled by it.
        event.prevent_default();
        placing.is_dragging.set(true);
        placing.take(row.get_value());
    };
    let drag = move |event: PointerEvent| {
        if placing.is_dragging.get_untracked() {
            held.set(Some([f64::from(event.client_x()), f64::from(event.client_y())]));
        }
    };
    let release = move |_: PointerEvent| {
        placing.is_dragging.set(false);
        held.set(None);
    };
    view! {
        <li class="tray-row" data-testid="tray-row" data-kind=kind.name() data-id=id.to_string()>
            <span
                class="grip"
                title=move || t!("tray-drag")
                data-testid="tray-grip"
                on:pointerdown=take
                on:pointermove=drag
                on:pointerup=release
                on:pointercancel=release
            >
                <Icon name="dots-six-vertical"/>
            </span>
            <button type="button" class="row" data-testid="tray-take" on:click=move |_| placing.take(row.get_value())>
                <span class="layer-mark" data-layer=kind.name()><Icon name=kinds::layer_icon(kind)/></span>
                <span class="row-words">
                    <strong class="truncate">{title}</strong>
                    <span class="truncate">{second}</span>
                </span>
            </button>
        </li>
    }
}

/// The row in hand: where its address says it is, and keeping it where it was put.
#[component]
fn InHand(placing: Placing, row: Unplaced) -> impl IntoView {
    let Unplaced { kind, id, title, .. } = row;
    let label = title.clone();
    let drafting = placing.state.drafting;
    let opened = LocalResource::new(move || async move { http::get::<UnplacedRow>(&format!("/api/unplaced/{kind}/{id}")).await });
    let is_placed = move || drafting.draft.with(|draft| draft.is_some_and(|draft| draft.at.is_some()));
    // The very address is taken at its word, unless the person was quicker.
    Effect::new(move |_| {
        if let Some(Ok(UnplacedRow { suggestions, .. })) = opened.get()
            && let Some(best) = suggestions.first().filter(|best| best.exact)
            && !untrack(is_placed)
            && drafting.held.get_untracked().is_none()
            && !placing.is_dragging.get_untracked()
        {
            placing.put([best.lon, best.lat]);
        }
    });
    let at_middle = move |_| {
        if let Some(view) = placing.state.view.get_untracked() {
            drafting.put(Some([view.lon, view.lat]));
        }
    };
    view! {
        <section class="in-hand" data-testid="in-hand" aria-label=label>
            <p class="in-hand-title">
                <span class="layer-mark" data-layer=kind.name()><Icon name=kinds::layer_icon(kind)/></span>
                <strong>{title}</strong>
            </p>
            <HowToMove is_placed=Signal::derive(is_placed)/>
            <Loading answer=opened lines=1 let:opened>
                <Suggestions placing suggestions=opened.suggestions/>
            </Loading>
            <div class="card-actions">
                <button type="button" class="button primary" data-testid="tray-save" disabled=move || !is_placed() || placing.is_writing.get() on:click=move |_| placing.write()>
                    {move || t!("save")}
                </button>
                <button type="button" class="button" data-testid="tray-middle" on:click=at_middle>{move || t!("tray-middle")}</button>
                <button type="button" class="button" data-testid="tray-cancel" on:click=move |_| placing.put_down()>{move || t!("cancel")}</button>
            </div>
        </section>
    }
}

#[component]
fn Suggestions(placing: Placing, suggestions: Vec<PlaceSuggestion>) -> impl IntoView {
    let one = move |suggestion: PlaceSuggestion| {
        let PlaceSuggestion { address, exact, lon, lat, .. } = suggestion;
        let note = move || if exact { t!("tray-exact") } else { t!("tray-near") };
        view! {
            <li>
                <button type="button" class="row" data-testid="tray-suggestion" data-exact=exact.to_string() on:click=move |_| placing.put([lon, lat])>
                    <Icon name="map-pin"/>
                    <span class="row-words"><strong class="truncate">{address}</strong><span>{note}</span></span>
                </button>
            </li>
        }
    };
    match suggestions.is_empty() {
        true => view! { <p class="quiet-text">{move || t!("tray-no-suggestion")}</p> }.into_any(),
        false => view! { <ul class="rows">{suggestions.into_iter().map(one).collect_view()}</ul> }.into_any(),
    }
}

/// What has become of the last row, in place.
#[component]
fn Outcomes(placing: Placing) -> impl IntoView {
    let now = now();
    move || {
        placing.outcome.get().map(|outcome| match outcome {
            Outcome::Placed(row, version) => {
                let title = row.title.clone();
                let row = StoredValue::new(row);
                view! {
                    <p class="kept" role="status" data-testid="tray-placed">
                        <Icon name="check"/>
                        <span>{move || t!("tray-placed", title = title.as_str())}</span>
                        <button type="button" class="button" data-testid="tray-undo" on:click=move |_| placing.take_back(row.get_value(), version)>
                            <Icon name="arrow-counter-clockwise"/>
                            {move || t!("undo")}
                        </button>
                    </p>
                }
                .into_any()
            }
            Outcome::Failed(failure) => {
                let said = move || match failure.conflict() {
                    Some(conflict) => {
                        let time = format::since(conflict.changed_at, now.get_untracked());
                        match &conflict.changed_by {
                            Some(name) => t!("conflict-by", name = name.as_str(), time = time),
                            None => t!("conflict", time = time),
                        }
                    }
                    None => kinds::failure(&failure, now.get_untracked()),
                };
                view! { <p class="error tray-failed" role="alert" data-testid="tray-failed">{said}</p> }.into_any()
            }
        })
    }
}
