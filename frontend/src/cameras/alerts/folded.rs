//! What a folded row stands for, one by one, and the line that says that a flood has been put together.
//! What is folded is decided in `folding`; each alert opens from here as from a row of its own.

use leptos::prelude::*;
use shared::camera_alert::CameraAlert;
use shared::layer::Layer;

use super::folding::Row;
use super::marks::SeverityMark;
use crate::map::{FeatureRef, MapState};
use crate::t;
use crate::text::{clock, count};

/// Which folded row is open; one at a time, named by its first alert.
#[derive(Clone, Copy)]
pub struct OpenedRow(RwSignal<Option<i64>>);

impl OpenedRow {
    pub fn none() -> OpenedRow {
        OpenedRow(RwSignal::new(None))
    }
}

/// The button that opens a folded row, and the list of all that it stands for. Nothing for a row that stands for one.
#[component]
pub fn FoldedAlerts(row: Row, opened: OpenedRow) -> impl IntoView {
    let OpenedRow(opened) = opened;
    let first = row.first_id();
    let is_open = move || opened.get() == Some(first);
    let toggle = move |_| opened.update(|opened| *opened = if *opened == Some(first) { None } else { Some(first) });
    let Row { all, times, .. } = row;
    (times > 1).then(|| {
        view! {
            <button type="button" class="button quiet folded-toggle" data-testid="alert-unfold" aria-expanded=move || is_open().to_string() on:click=toggle>
                {move || if is_open() { t!("alerts-fold") } else { t!("alerts-unfold", count = times) }}
            </button>
            {move || is_open().then(|| view! {
                <ul class="rows folded-rows" data-testid="alert-folded">
                    {all.clone().into_iter().map(|alert| view! { <FoldedAlert alert/> }).collect_view()}
                </ul>
            })}
        }
    })
}

#[component]
fn FoldedAlert(alert: CameraAlert) -> impl IntoView {
    let state: MapState = expect_context();
    let CameraAlert { id, code, severity, camera_code, camera_name, started_at, lon, lat, .. } = alert;
    let of = FeatureRef { layer: Layer::CameraAlert, id };
    let choose = move |_| {
        state.selected.set(Some(of));
        if let Some((lon, lat)) = lon.zip(lat) {
            state.fly_to(lon, lat, 17.0);
        }
    };
    view! {
        <li>
            <button type="button" class="row folded-row" data-id=id.to_string() aria-current=move || (state.selected.get() == Some(of)).to_string() on:click=choose>
                <SeverityMark severity/>
                <span class="row-words"><span class="truncate">{code} " · " {camera_code} " · " {camera_name}</span></span>
                <span class="row-end num">{clock(started_at)}</span>
            </button>
        </li>
    }
}

/// "23 cảnh báo trong 10 phút, đã gộp".
#[component]
pub fn FloodNotice(#[prop(into)] flood: Signal<Option<usize>>) -> impl IntoView {
    move || {
        flood.get().map(|alerts| view! { <p class="panel-note flood-notice" role="status" data-testid="alert-flood">{t!("alerts-flood", count = count(alerts as i64))}</p> })
    }
}
