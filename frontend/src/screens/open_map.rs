//! `/`: the open map for everybody: find something, put layers on and off, see what the ward has; no personal data.
//! Reports and the queue join it when their domains do.

use leptos::prelude::*;
use shared::area::AreaKind;
use shared::camera::CameraCount;
use shared::layer::Layer;

use super::figures::Counts;
use crate::geography::{DemoMark, LayerList, SearchBox, WardName, ward};
use crate::http;
use crate::map::Padding;
use crate::residents::PublishedCounts;
use crate::shell::{AccountMenu, MapButtons, viewport};
use crate::t;
use crate::text::{clock, count};
use crate::ui::{Figure, Sheet, Stop};

#[component]
pub fn OpenMap() -> impl IntoView {
    let searching = RwSignal::new(false);
    let stop = RwSignal::new(Stop::Low);
    viewport().keep_clear(|window, card| {
        if window.is_phone() {
            Padding { top: 68.0, right: 8.0, bottom: if card { window.height() / 2.0 } else { 140.0 }, left: 8.0 }
        } else {
            Padding { top: 16.0, right: if card { 432.0 } else { 72.0 }, bottom: 16.0, left: 392.0 }
        }
    });
    view! {
        <div id="panel" class="side open-side" class:searching=move || searching.get() data-testid="open-map">
            <Sheet stop name="open-panel" label=Signal::derive(|| t!("page-open-map"))>
                <header class="side-head">
                    <div class="side-titles">
                        <h1><WardName/></h1>
                        <p class="quiet-text">{move || t!("page-open-map")} <DemoMark/></p>
                    </div>
                </header>
                <div class="sheet-body">
                    <OpenFigures/>
                    <PublishedCounts/>
                    <h2 class="section-title">{move || t!("layers")}</h2>
                    <LayerList/>
                </div>
            </Sheet>
            <div class="top-search">
                <SearchBox
                    name="search"
                    active=searching
                    hint=Signal::derive(|| t!("search-hint-open"))
                    on_chosen=move |()| { stop.set(Stop::Low); searching.set(false) }
                />
                <AccountMenu/>
            </div>
        </div>
        <MapButtons layers=false/>
    }
}

/// What everybody may know of the ward in one line.
#[component]
fn OpenFigures() -> impl IntoView {
    let ward = ward();
    let counts = Counts::follow(|| None);
    // Of what the page is named after; of all where it names none.
    let counted = Memo::new(move |_| ward.has_come().then(|| ward.own().map(|area| area.id.0)));
    let cameras = LocalResource::new(move || {
        let counted = counted.get();
        async move {
            let path = counted?.map_or_else(|| "/api/cameras/count".to_owned(), |area| format!("/api/cameras/count?area={area}"));
            Some(http::get::<CameraCount>(&path).await)
        }
    });
    let stale = Signal::derive(move || counts.stale_since().is_some());
    let tdp_count = move || match ward.of_kind(AreaKind::Tdp).len() {
        0 => None,
        number => Some(count(number as i64)),
    };
    let camera_value = move || match cameras.get().flatten() {
        Some(Ok(cameras)) => Some(count(cameras.total)),
        _ => None,
    };
    let camera_caption = move || match cameras.get().flatten() {
        Some(Ok(cameras)) => t!("cameras-online-at", online = cameras.online, time = clock(cameras.at)),
        Some(Err(_)) => t!("figure-failed"),
        None => t!("loading"),
    };
    view! {
        <dl class="figures">
            <Figure name="tdp" label=Signal::derive(|| t!("tdp-count")) value=Signal::derive(tdp_count) caption=Signal::derive(|| t!("in-force"))/>
            <Figure name="cameras" label=Signal::derive(|| t!("cameras")) value=Signal::derive(camera_value) caption=Signal::derive(camera_caption)/>
            <Figure
                name="businesses"
                label=Signal::derive(|| t!("businesses"))
                value=Signal::derive(move || counts.of(Layer::Business).map(count))
                caption=Signal::derive(move || counts.caption())
                stale
            />
        </dl>
    }
}
