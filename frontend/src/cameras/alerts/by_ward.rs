//! How many alerts stand open in each ward, for whoever leads several: marks on the map from afar, numbers beside the names to
//! choose from. Which alerts these are is the lists'; single ones are drawn from where the marks end.

use std::collections::HashMap;
use std::time::Duration;

use leptos::prelude::*;
use serde_json::{Value, json};
use shared::alert_figures::{OpenAlertsByWard, OpenAlertsOfWard};
use shared::area::AreaSummary;

use super::marks::SeverityMark;
use super::tiles::changes_of_alerts;
use crate::geography::{Beside, Ward, ward};
use crate::http;
use crate::map::{self, MapState, PointerKind};
use crate::number;
use crate::text::count;

/// A burst is counted once; what is seen from afar need not be there within the second.
const ASK_AFTER: Duration = Duration::from_secs(2);
/// As `style/map.json` has it: nearer than this, alerts are drawn one by one.
const BELOW_ZOOM: f64 = 11.0;
/// So near to the middle of a mark a click means it: as wide as the largest.
const REACH_PX: f64 = 20.0;
/// A tile of the world at zoom 0.
const WORLD_PX: f64 = 512.0;

/// The numbers, by the ward's id.
#[derive(Clone, Copy)]
pub struct WardCounts(Memo<HashMap<i32, OpenAlertsOfWard>>);

impl WardCounts {
    /// Counts as long as the surrounding owner lives, and draws what it counts on the map while `is_drawn`. Asks nothing for
    /// whoever works in one ward.
    pub fn follow(is_drawn: Signal<bool>) -> WardCounts {
        let (state, ward): (MapState, Ward) = (expect_context(), ward());
        if !untrack(|| ward.has_choice()) {
            return WardCounts(Memo::new(|_| HashMap::new()));
        }
        let has_choice = Memo::new(move |_| ward.has_choice());
        let changes = changes_of_alerts(state, ASK_AFTER);
        let answer = LocalResource::new(move || {
            let asks = has_choice.get();
            if asks {
                changes.track();
            }
            async move { if asks { http::get::<OpenAlertsByWard>("/api/camera-alerts/by-ward").await.ok() } else { None } }
        });
        let counts = Memo::new(move |before: Option<&HashMap<i32, OpenAlertsOfWard>>| match answer.get().flatten() {
            Some(counted) => counted.wards.into_iter().map(|of| (of.area_id.0, of)).collect(),
            // Without an answer the last one stays; the bar says since when it is old.
            None => before.cloned().unwrap_or_default(),
        });
        Effect::new(move |_| {
            let drawn = if is_drawn.get() { counts.with(|counts| marks(&ward.choices(), counts)) } else { map::empty() };
            if state.ward_alerts.with_untracked(|before| *before != drawn) {
                state.ward_alerts.set(drawn);
            }
        });
        on_cleanup(move || _ = state.ward_alerts.try_set(map::empty()));
        state.on_pointer(move |pointer| {
            let zoom = state.view.with_untracked(|view| view.map_or(BELOW_ZOOM, |view| view.zoom));
            let is_free = state.tool.with_untracked(Option::is_none) && is_drawn.get_untracked();
            if pointer.kind != PointerKind::Click || zoom >= BELOW_ZOOM || !is_free {
                return false;
            }
            let marked = untrack(|| ward.choices()).into_iter().filter(|of| counts.with_untracked(|counts| counts.contains_key(&of.id.0)));
            let near = marked.map(|of| (distance_px(&of, pointer.place, zoom), of)).filter(|(distance, _)| *distance <= REACH_PX);
            let meant = near.min_by(|(one, _), (other, _)| one.total_cmp(other));
            meant.inspect(|(_, of)| ward.choose(Some(of))).is_some()
        });
        WardCounts(counts)
    }

    /// The number beside a ward's name, with the mark of the gravest.
    pub fn beside(self) -> Beside {
        Callback::new(move |id: i32| {
            let of = self.0.with(|counts| counts.get(&id).copied())?;
            Some(
                view! { <span class="ward-open num" data-testid="ward-open"><SeverityMark severity=of.worst()/>{count(of.open())}</span> }
                    .into_any(),
            )
        })
    }
}

/// Where each ward's name stands: how many, and how grave the gravest is.
fn marks(wards: &[AreaSummary], counts: &HashMap<i32, OpenAlertsOfWard>) -> Value {
    let mark = |ward: &AreaSummary| {
        let of = counts.get(&ward.id.0).filter(|of| of.open() > 0)?;
        Some(json!({
            "type": "Feature",
            "id": ward.id.0,
            "geometry": {"type": "Point", "coordinates": [ward.label_lon, ward.label_lat]},
            "properties": {"count": of.open(), "said": count(of.open()), "severity": of.worst().name()},
        }))
    };
    map::sketch(wards.iter().filter_map(mark).collect())
}

/// How far apart a ward's mark and a place are on a flat map at this zoom. Near enough for what lies within a mark.
fn distance_px(ward: &AreaSummary, [lon, lat]: [f64; 2], zoom: f64) -> f64 {
    let pixels_per_degree = WORLD_PX * number::exp2(zoom) / 360.0;
    let narrower = number::cos(lat.to_radians());
    let across = (ward.label_lon - lon) * pixels_per_degree;
    let up = (ward.label_lat - lat) * pixels_per_degree / narrower;
    (across * across + up * up).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::area::{AreaId, AreaKind};

    fn ward(id: i32, lon: f64) -> AreaSummary {
        AreaSummary {
            id: AreaId(id),
            parent_id: Some(AreaId(1)),
            kind: AreaKind::Ward,
            code: String::new(),
            name: format!("Phường {id}"),
            label_lon: lon,
            label_lat: 21.0,
            bounds: [lon, 21.0, lon, 21.0],
            demo: false,
            attribution: None,
        }
    }

    fn open(id: i32, critical: i64, high: i64, medium: i64) -> (i32, OpenAlertsOfWard) {
        (id, OpenAlertsOfWard { area_id: AreaId(id), critical, high, medium })
    }

    #[test]
    fn a_ward_in_which_something_is_open_is_marked_by_its_gravest() {
        let wards = [ward(10, 105.0), ward(20, 105.1), ward(30, 105.2)];
        let counts = HashMap::from([open(10, 0, 2, 9), open(30, 1, 0, 0), open(99, 5, 0, 0)]);
        let drawn = marks(&wards, &counts);
        let told: Vec<_> = drawn["features"].as_array().unwrap().iter().map(|mark| mark["properties"].clone()).collect();
        assert_eq!(
            told,
            [json!({"count": 11, "said": "11", "severity": "high"}), json!({"count": 1, "said": "1", "severity": "critical"})]
        );
        assert_eq!(marks(&wards, &HashMap::new()), map::empty());
    }

    #[test]
    fn a_click_is_measured_in_pixels() {
        // At zoom 9 a degree of longitude is 728 pixels.
        let far = distance_px(&ward(10, 105.0), [105.1, 21.0], 9.0);
        assert!((far - 72.8).abs() < 0.1, "{far}");
        // A degree of latitude is longer, by the cosine.
        let up = distance_px(&ward(10, 105.0), [105.0, 21.1], 9.0);
        assert!((up - 78.0).abs() < 0.2, "{up}");
    }
}
