//! The areas by name and extent: where the map opens, and where their names are written.
//! Their lines come as tiles of the layer `area`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::area::AreaList;

use super::MapState;
use crate::http;
use crate::live::News;

/// Asks for the areas, and keeps what was known where no answer comes.
pub async fn fetch(state: MapState) {
    if let Ok(areas) = http::get_or_kept::<AreaList>("/api/areas").await {
        // None: the page that wanted to know is gone.
        _ = state.areas.try_set(Some(areas));
    }
}

/// Asks again whenever an area changes. The areas are few, and a change of one may move the label of another.
pub fn follow(state: MapState) {
    state.live.listen("area", move |news| {
        let unknown = state.areas.with_untracked(Option::is_none);
        if unknown || !matches!(news, News::Snapshot(_)) {
            spawn_local(fetch(state));
        }
    });
}
