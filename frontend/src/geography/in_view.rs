//! How many there are of each layer in what is looked at, asked again when the view, the filters or the rows change.
//! Who may count what is the server's decision; the drawer shows the numbers.

use std::collections::HashMap;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::layer::{InView, Layer};

use crate::http;
use crate::map::MapState;
use crate::number;

/// A map that glides is asked for once it stands.
const ASK_AFTER: Duration = Duration::from_millis(350);

/// Counts by layer; none before the first answer, and after one that did not come.
#[derive(Clone, Copy)]
pub struct InViewCounts(RwSignal<Option<HashMap<Layer, u64>>>);

impl InViewCounts {
    /// Follows as long as the surrounding owner lives.
    pub fn follow() -> InViewCounts {
        let state: MapState = expect_context();
        let counts = RwSignal::new(None);
        let changes = RwSignal::new(0_u32);
        Effect::new(move |_| {
            // The layers of another audience are listened to anew.
            for (layer, summary) in state.catalogue.reach.get().layers {
                if !summary.base {
                    state.live.listen(layer.name(), move |_| _ = changes.try_update(|changes| *changes += 1));
                }
            }
        });
        let pending = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move |_| {
            state.catalogue.reach.track();
            changes.track();
            let (Some(bounds), filters) = (state.bounds.get(), state.filters.get()) else { return };
            if let Some(timeout) = pending.get_value() {
                timeout.clear();
            }
            let ask = move || {
                spawn_local(async move {
                    let answer = http::get::<InView>(&address(bounds, &filters.as_drawn().fields())).await;
                    // An answer about another view is not this one's.
                    if state.bounds.try_get_untracked() == Some(Some(bounds)) {
                        counts.try_set(answer.ok().map(by_layer));
                    }
                });
            };
            pending.set_value(set_timeout_with_handle(ask, ASK_AFTER).ok());
        });
        InViewCounts(counts)
    }

    pub fn of(&self, layer: Layer) -> Option<u64> {
        self.0.with(|counts| counts.as_ref().and_then(|counts| counts.get(&layer).copied()))
    }
}

fn by_layer(answer: InView) -> HashMap<Layer, u64> {
    answer.layers.into_iter().filter_map(|layer| Some((layer.name.parse().ok()?, layer.count))).collect()
}

fn address([west, south, east, north]: [f64; 4], conditions: &[String]) -> String {
    let corners = [west, south, east, north].map(|degrees| number::fixed(degrees, 6));
    let mut address = format!("/api/layers/in-view?bbox={}", corners.join(","));
    for condition in conditions {
        address.push('&');
        address.push_str(condition);
    }
    address
}

#[cfg(test)]
mod tests {
    use super::address;
    use crate::map::Filters;

    #[test]
    fn the_address_says_what_is_seen_and_what_of_it() {
        let filters = Filters::read("building.storeys:4..6;business.sector:G,I");
        let asked = address([105.7, 21.0, 105.8, 21.1], &filters.fields());
        assert_eq!(asked, "/api/layers/in-view?bbox=105.700000,21.000000,105.800000,21.100000&building.storeys=4..6&business.sector=G,I");
    }
}
