//! The card of what is selected: one frame for every kind, beside the map or as a phone's sheet.
//! What stands in it comes from the domain of the selected thing.

use leptos::ev;
use leptos::prelude::*;
use shared::camera_alert::Severity;
use shared::layer::Layer;

use crate::boarding::BoardingHouseCard;
use crate::businesses::BusinessCard;
use crate::cameras::CameraCard;
use crate::cameras::alerts::{AlertCard, SeverityMark};
use crate::geography::{AreaCard, BuildingCard, PlaceCard, RoadCard};
use crate::later::{Later, Part};
use crate::map::{FeatureRef, MapState};
use crate::residents::HouseholdCard;
use crate::t;
use crate::text::kinds;
use crate::ui::{Icon, Sheet, Stop};

#[component]
pub fn SelectedCard() -> impl IntoView {
    let state: MapState = expect_context();
    let selected = Memo::new(move |_| state.selected.get());
    let keys = window_event_listener(ev::keydown, move |event| {
        // Whatever is open before the card takes Esc first.
        let is_busy = document().query_selector("dialog[open], :popover-open, .drawer, .editing").is_ok_and(|found| found.is_some());
        if event.key() == "Escape" && !event.default_prevented() && !is_busy {
            state.selected.set(None);
        }
    });
    on_cleanup(move || keys.remove());
    move || selected.get().map(|of| view! { <Later part=Part::Card(of)/> })
}

/// The card of a thing; none for what has nothing to tell.
pub fn card_of(FeatureRef { layer, id }: FeatureRef) -> Option<AnyView> {
    Some(match layer {
        Layer::Household => view! { <HouseholdCard id/> }.into_any(),
        Layer::BoardingHouse => view! { <BoardingHouseCard id/> }.into_any(),
        Layer::Business => view! { <BusinessCard id/> }.into_any(),
        Layer::Camera => view! { <CameraCard id/> }.into_any(),
        Layer::Place => view! { <PlaceCard id/> }.into_any(),
        Layer::Building => view! { <BuildingCard id/> }.into_any(),
        Layer::Road => view! { <RoadCard id/> }.into_any(),
        Layer::Area => view! { <AreaCard id/> }.into_any(),
        Layer::CameraAlert => view! { <AlertCard id/> }.into_any(),
        Layer::Water | Layer::LandUse | Layer::Incident | Layer::CitizenReport | Layer::Hotspot => return None,
    })
}

/// How much of a phone's screen the card takes: what unfolds in it may ask for more.
#[derive(Clone, Copy)]
pub struct CardHeight(RwSignal<Stop>);

impl CardHeight {
    pub fn grow(&self) {
        self.0.try_set(Stop::Full);
    }

    /// What is done on the map needs the map.
    pub fn make_room(&self) {
        self.0.try_set(Stop::Half);
    }
}

#[component]
pub fn CardFrame(
    layer: Layer,
    #[prop(into)] icon: Signal<&'static str>,
    /// What is grave has the shape of its severity in place of the icon.
    #[prop(optional, into)]
    severity: MaybeProp<Severity>,
    /// What it is called; empty while it is not known yet.
    #[prop(into)]
    title: Signal<String>,
    #[prop(into)] subtitle: Signal<String>,
    children: Children,
) -> impl IntoView {
    let state: MapState = expect_context();
    let stop = RwSignal::new(Stop::Half);
    provide_context(CardHeight(stop));
    let close = move |_| state.selected.set(None);
    let heading = move || Some(title.get()).filter(|title| !title.is_empty()).unwrap_or_else(|| kinds::word("one", layer.name()));
    view! {
        <Sheet stop name="card" label=heading>
            <header class="card-head" data-kind=layer.name() data-testid=format!("card-{layer}")>
                {move || match severity.get() {
                    Some(severity) => view! { <SeverityMark severity/> }.into_any(),
                    None => view! { <span class="card-shape" data-layer=layer.name()><Icon name=icon/></span> }.into_any(),
                }}
                <div class="card-titles">
                    <h2 data-testid="card-title">{heading}</h2>
                    <p class="quiet-text" data-testid="card-subtitle">{subtitle}</p>
                </div>
                <button type="button" class="button quiet icon-only" data-testid="card-close" aria-label=move || t!("close") on:click=close>
                    <Icon name="x"/>
                </button>
            </header>
            <div class="card-body">{children()}</div>
        </Sheet>
    }
}
