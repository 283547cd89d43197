//! All cameras as the live feed tells them, those that do not answer first.
//! What an alert of theirs means is not here.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use shared::layer::Layer;
use shared::live::{Extent, LiveRow};

use crate::geography::ward;
use crate::live::News;
use crate::map::{FeatureRef, MapState};
use crate::t;
use crate::text::{format, kinds};
use crate::ui::{Icon, now};

/// One camera of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraRow {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub status: String,
    pub status_at: Option<DateTime<Utc>>,
    pub at: Option<[f64; 2]>,
    pub area_id: Option<i64>,
}

impl CameraRow {
    fn read(row: &LiveRow) -> CameraRow {
        let text = |name: &str| row.properties.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        CameraRow {
            id: row.id,
            code: text("code"),
            name: text("name"),
            status: text("status"),
            status_at: text("status_at").parse().ok(),
            at: match row.at {
                Some(Extent::Point(point)) => Some(point),
                _ => None,
            },
            area_id: row.properties.get("area_id").and_then(|value| value.as_i64()),
        }
    }

    pub fn is_online(&self) -> bool {
        self.status == "online"
    }

    /// What does not answer is wanted first, the longest silent on top.
    fn rank(&self) -> (u8, Option<DateTime<Utc>>, &str) {
        match self.status.as_str() {
            "offline" => (0, self.status_at, &self.code),
            "unknown" => (1, None, &self.code),
            _ => (2, None, &self.code),
        }
    }
}

/// The cameras in reach, or of the one ward that is chosen, kept by the feed.
#[derive(Clone, Copy)]
pub struct Cameras {
    /// None until the first snapshot.
    pub rows: Signal<Option<Vec<CameraRow>>>,
    /// When something was last heard of them.
    pub heard_at: RwSignal<Option<DateTime<Utc>>>,
}

impl Cameras {
    pub fn follow() -> Cameras {
        let state: MapState = expect_context();
        let now = now();
        let rows = RwSignal::new(None);
        let heard_at = RwSignal::new(None);
        state.live.listen(Layer::Camera.name(), move |news| {
            if let News::Resync = news {
                return;
            }
            let mut cameras: Vec<CameraRow> =
                state.live.rows(Layer::Camera.name()).unwrap_or_default().iter().map(CameraRow::read).collect();
            cameras.sort_by(|one, other| one.rank().cmp(&other.rank()));
            rows.set(Some(cameras));
            heard_at.set(Some(now.get_untracked()));
        });
        let ward = ward();
        let chosen = Memo::new(move |_| ward.ids_of_chosen());
        let is_there =
            move |row: &CameraRow| chosen.with(|ids| ids.as_ref().is_none_or(|ids| row.area_id.is_some_and(|area| ids.contains(&area))));
        let rows = Signal::derive(move || rows.get().map(|rows: Vec<CameraRow>| rows.into_iter().filter(is_there).collect()));
        Cameras { rows, heard_at }
    }

    /// How many are offline, and since when the one that has been so for longest; none: not one whose moment is known.
    pub fn offline(self) -> Option<(usize, DateTime<Utc>)> {
        self.rows.with(|rows| offline(rows.as_deref()?))
    }
}

fn offline(rows: &[CameraRow]) -> Option<(usize, DateTime<Utc>)> {
    let offline = rows.iter().filter(|row| row.status == "offline");
    let since = offline.clone().filter_map(|row| row.status_at).min()?;
    Some((offline.count(), since))
}

#[component]
pub fn CameraList(cameras: Cameras) -> impl IntoView {
    let only_silent = RwSignal::new(true);
    let count = move |silent: bool| {
        cameras.rows.with(|rows| rows.as_ref().map_or(0, |rows| rows.iter().filter(|row| !silent || !row.is_online()).count()))
    };
    let shown = Memo::new(move |_| {
        let rows = cameras.rows.get()?;
        Some(rows.into_iter().filter(|row| !only_silent.get() || !row.is_online()).collect::<Vec<_>>())
    });
    let tab = move |silent: bool, label: fn() -> String, name: &'static str| {
        view! {
            <button
                type="button"
                class="tab"
                data-testid=name
                aria-pressed=move || (only_silent.get() == silent).to_string()
                on:click=move |_| only_silent.set(silent)
            >
                {label}" "<span class="num">{move || count(silent)}</span>
            </button>
        }
    };
    view! {
        <div class="tabs" role="group" aria-label=move || t!("cameras")>
            {tab(true, || t!("cameras-silent"), "cameras-silent")}
            {tab(false, || t!("cameras-all"), "cameras-all")}
        </div>
        {move || shown.get().map(|rows| if rows.is_empty() {
            view! { <p class="panel-note">{t!("cameras-all-answer")}</p> }.into_any()
        } else {
            view! { <ul class="rows" data-testid="camera-list">{rows.into_iter().map(|row| view! { <Row row/> }).collect_view()}</ul> }.into_any()
        })}
    }
}

#[component]
fn Row(row: CameraRow) -> impl IntoView {
    let state: MapState = expect_context();
    let minute = now().by_the_minute();
    let CameraRow { id, code, name, status, status_at, at, .. } = row;
    let show = move |_| {
        state.selected.set(Some(FeatureRef { layer: Layer::Camera, id }));
        if let Some([lon, lat]) = at {
            state.fly_to(lon, lat, 17.0);
        }
    };
    let is_selected = move || state.selected.get() == Some(FeatureRef { layer: Layer::Camera, id });
    let icon = if status == "offline" { "video-camera-slash" } else { "security-camera" };
    let word = {
        let status = status.clone();
        move || kinds::word("camera-status", &status)
    };
    view! {
        <li>
            <button
                type="button"
                class="row camera-row"
                data-testid="camera"
                data-id=id.to_string()
                data-status=status
                aria-current=move || is_selected().to_string()
                on:click=show
            >
                <span class="layer-mark" data-layer="camera"><Icon name=icon/></span>
                <span class="row-words">
                    <strong class="truncate">{name}</strong>
                    <span class="truncate">{code} " · " {word}</span>
                </span>
                <span class="row-end">{move || status_at.map(|at| format::ago(at, minute.get()))}</span>
            </button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_silence_stands_for_those_that_are_offline() {
        let row = |id: i64, status: &str, at: &str| CameraRow {
            id,
            code: format!("C{id:02}"),
            name: String::new(),
            status: status.into(),
            status_at: at.parse().ok(),
            at: None,
            area_id: None,
        };
        let (early, late) = ("2026-11-22T01:00:00Z", "2026-11-22T02:00:00Z");
        let rows = [row(1, "offline", late), row(2, "online", early), row(3, "offline", early), row(4, "offline", "")];
        assert_eq!(offline(&rows), Some((3, early.parse().unwrap())));
        assert_eq!(offline(&rows[1..2]), None);
    }
}
