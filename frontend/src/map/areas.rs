//! The areas by name and extent: where the map opens, and where their names are written.
//! Their lines come as tiles of the layer `area`.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::area::{AreaId, AreaKind, AreaList, AreaSummary, HouseholdCounts};
use shared::layer::Layer;
use shared::session::SessionInfo;

use super::MapState;
use crate::http;
use crate::live::News;
use crate::session::{widest_area, widest_areas};

/// Asks for the areas, and keeps what was known where no answer comes.
pub async fn fetch(state: MapState) {
    if let (Ok(areas), _) = http::get_or_kept::<AreaList>("/api/areas").await {
        // None: the page that wanted to know is gone.
        _ = state.areas.try_set(Some(areas));
    }
}

/// The ward or province of somebody's widest appointment, else the only ward there is.
pub fn own_area<'a>(areas: &'a [AreaSummary], of: Option<&SessionInfo>) -> Option<&'a AreaSummary> {
    let find = |id: AreaId| areas.iter().find(|area| area.id == id);
    match of.and_then(widest_area).and_then(|area| find(area.id)) {
        Some(part) if part.kind == AreaKind::Tdp => part.parent_id.and_then(find),
        Some(area) => Some(area),
        None => {
            let mut wards = areas.iter().filter(|area| area.kind == AreaKind::Ward);
            wards.next().filter(|_| wards.next().is_none())
        }
    }
}

/// Where the map opens: on the ground that somebody answers for, of a TDP's head no more than that; else on the whole.
pub fn home(areas: &AreaList, of: Option<&SessionInfo>) -> Option<[f64; 4]> {
    let own = of.map(widest_areas).unwrap_or_default();
    let bounds = own.iter().filter_map(|own| areas.areas.iter().find(|area| area.id == own.id)).map(|area| area.bounds);
    bounds.reduce(around).or_else(|| whole(areas, of))
}

/// What the screens are about, from edge to edge: that ward or province, else all wards.
pub fn whole(areas: &AreaList, of: Option<&SessionInfo>) -> Option<[f64; 4]> {
    own_area(&areas.areas, of).map(|area| area.bounds).or(areas.initial_bounds)
}

/// Both of two extents. West, south, east, north.
fn around(one: [f64; 4], other: [f64; 4]) -> [f64; 4] {
    [one[0].min(other[0]), one[1].min(other[1]), one[2].max(other[2]), one[3].max(other[3])]
}

/// A bulk load changes thousands of rows: they are counted once, when it has calmed down.
const COUNT_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Keeps the number of households beside the name of each area, for whoever `may` know it.
pub fn follow_households(state: MapState, may: Signal<bool>) {
    let ask = move || {
        spawn_local(async move {
            let counts = match http::get::<HouseholdCounts>("/api/areas/households").await {
                Ok(counts) => counts.areas.into_iter().map(|area| (area.area_id.0, area.households)).collect(),
                // Without an answer the names stand alone: an old number would look like a new one.
                Err(_) => Default::default(),
            };
            // Signed out meanwhile: not for whoever sits here now.
            if may.try_get_untracked() == Some(true) {
                state.households.try_set(counts);
            }
        });
    };
    Effect::new(move |_| if may.get() { ask() } else { state.households.set(Default::default()) });
    let pending = StoredValue::new(None::<TimeoutHandle>);
    state.live.listen(Layer::Household.name(), move |news| {
        if matches!(news, News::Snapshot(_)) || !may.get_untracked() {
            return;
        }
        if let Some(timeout) = pending.get_value() {
            timeout.clear();
        }
        pending.set_value(set_timeout_with_handle(ask, COUNT_AGAIN_AFTER).ok());
    });
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

#[cfg(test)]
mod tests {
    use super::*;
    use shared::session::SessionArea;

    fn area(id: i32, parent: Option<i32>, kind: AreaKind) -> AreaSummary {
        let (name, bounds) = (format!("area {id}"), [f64::from(id), 21.0, f64::from(id) + 0.1, 21.1]);
        let parent_id = parent.map(AreaId);
        AreaSummary {
            id: AreaId(id),
            parent_id,
            kind,
            code: String::new(),
            name,
            label_lon: 0.0,
            label_lat: 0.0,
            bounds,
            demo: false,
            attribution: None,
        }
    }

    /// A province of two wards, the first with two TDPs.
    fn areas() -> Vec<AreaSummary> {
        let (province, ward, tdp) = (AreaKind::Province, AreaKind::Ward, AreaKind::Tdp);
        vec![area(1, None, province), area(10, Some(1), ward), area(20, Some(1), ward), area(11, Some(10), tdp), area(12, Some(10), tdp)]
    }

    fn person(areas: &[(i32, AreaKind)]) -> SessionInfo {
        SessionInfo {
            account_id: 1,
            login: "a".into(),
            display_name: "A".into(),
            roles: vec![],
            areas: areas
                .iter()
                .map(|(id, kind)| SessionArea { id: AreaId(*id), code: String::new(), name: String::new(), kind: *kind })
                .collect(),
            appointments: vec![],
            permissions: vec![],
            reason_needed: false,
            expires_at: chrono::DateTime::UNIX_EPOCH,
            demo: false,
        }
    }

    #[test]
    fn screens_are_about_the_ward_or_province_of_whoever_sits_there() {
        let areas = areas();
        let own = |of: &[(i32, AreaKind)]| own_area(&areas, Some(&person(of))).map(|area| area.id.0);
        assert_eq!(own(&[(1, AreaKind::Province)]), Some(1));
        assert_eq!(own(&[(20, AreaKind::Ward)]), Some(20));
        assert_eq!(own(&[(12, AreaKind::Tdp)]), Some(10), "the ward of a TDP");
        assert_eq!(own(&[(12, AreaKind::Tdp), (20, AreaKind::Ward)]), Some(20), "the widest of several appointments");
        assert_eq!(own(&[]), None, "an account without an appointment, and two wards");
    }

    #[test]
    fn the_public_sees_the_only_ward_and_all_of_several() {
        assert_eq!(own_area(&areas(), None), None);
        let one = [area(10, None, AreaKind::Ward), area(11, Some(10), AreaKind::Tdp)];
        assert_eq!(own_area(&one, None).map(|area| area.id.0), Some(10));
        let list = AreaList { areas: areas(), initial_bounds: Some([1.0, 2.0, 3.0, 4.0]) };
        assert_eq!(home(&list, None), Some([1.0, 2.0, 3.0, 4.0]));
        assert_eq!(home(&list, Some(&person(&[(20, AreaKind::Ward)]))).map(|bounds| bounds[0]), Some(20.0));
        assert_eq!(home(&list, Some(&person(&[]))), Some([1.0, 2.0, 3.0, 4.0]), "an account without an appointment");
    }

    #[test]
    fn the_map_of_a_head_opens_on_the_own_tdp_and_the_whole_is_still_the_ward() {
        let list = AreaList { areas: areas(), initial_bounds: Some([1.0, 2.0, 3.0, 4.0]) };
        let head = person(&[(12, AreaKind::Tdp)]);
        assert_eq!(home(&list, Some(&head)), Some([12.0, 21.0, 12.1, 21.1]));
        assert_eq!(whole(&list, Some(&head)), Some([10.0, 21.0, 10.1, 21.1]));
        let of_two = person(&[(12, AreaKind::Tdp), (11, AreaKind::Tdp)]);
        assert_eq!(home(&list, Some(&of_two)), Some([11.0, 21.0, 12.1, 21.1]), "both TDPs");
        let also_of_the_ward = person(&[(12, AreaKind::Tdp), (10, AreaKind::Ward)]);
        assert_eq!(home(&list, Some(&also_of_the_ward)), Some([10.0, 21.0, 10.1, 21.1]), "the widest appointment decides");
    }
}
