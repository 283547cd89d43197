//! The areas of the present (province, wards, TDPs) as the screens list and label them.
//! It deliberately holds no reach: which areas a caller answers for is `accounts`' business.

mod db;

use std::collections::HashSet;
use std::sync::{Arc, RwLock};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use shared::area::{AreaKind, AreaList};

use super::GeographyState;
use crate::accounts::AreaSet;
use crate::platform::error::ApiResult;
use crate::platform::revalidation::revalidated;

/// The list of areas, kept until the layer `area` changes: the labels of a hundred wards take a tenth of a second.
#[derive(Clone, Default)]
pub struct Areas(Arc<RwLock<Option<Kept>>>);

/// The list, and the version of the layer that it was read at.
struct Kept {
    version: u64,
    list: Arc<AreaList>,
}

impl Areas {
    /// The areas as they stand.
    pub async fn current(&self, state: &GeographyState) -> ApiResult<Arc<AreaList>> {
        let version = state.map_index.versions("area").map_or(0, |versions| versions.latest());
        if let Some(kept) = self.0.read().expect("nobody panics while holding the list").as_ref()
            && kept.version == version
        {
            return Ok(kept.list.clone());
        }
        let areas = db::current(&state.pools.app).await?;
        let wards = areas.iter().filter(|area| area.kind == AreaKind::Ward).map(|area| area.bounds);
        let list = Arc::new(AreaList { initial_bounds: wards.reduce(around_both), areas });
        *self.0.write().expect("nobody panics while holding the list") = Some(Kept { version, list: list.clone() });
        Ok(list)
    }
}

fn around_both(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// An area of the list and all below it.
pub(super) fn at_and_below(list: &AreaList, root: i32) -> AreaSet {
    let mut below = HashSet::from([root]);
    // Parents come before their children.
    for area in &list.areas {
        if area.parent_id.is_some_and(|parent| below.contains(&parent.0)) {
            below.insert(area.id.0);
        }
    }
    below.into_iter().collect()
}

/// The areas of the present, parents before children, and where the map opens.
#[utoipa::path(get, path = "/api/areas", tag = "map", responses((status = 200, body = AreaList)))]
pub async fn list_areas(State(state): State<GeographyState>, headers: HeaderMap) -> ApiResult<Response> {
    let areas = state.areas.current(&state).await?;
    revalidated(&headers, "public, no-cache", &*areas)
}
