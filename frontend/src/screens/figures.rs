//! How many there are of what this person reaches: asked once, and again when the feed says that something changed.
//! What the figures mean for the ward is the indicators' business, which come later.

use std::time::Duration;

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use shared::area::AreaId;
use shared::household::Population;
use shared::layer::{Layer, LayerList};

use crate::http::{self, Answer};
use crate::live::{Connection, News};
use crate::map::MapState;
use crate::t;
use crate::text::{clock, format};
use crate::ui::{Now, now};

/// A bulk load changes thousands of rows: they are counted once, when it has calmed down.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(1500);

/// The counts of layers, with when they were counted.
#[derive(Clone, Copy)]
pub struct Counts {
    layers: LocalResource<Answer<(LayerList, DateTime<Utc>)>>,
    changes: RwSignal<u32>,
    state: MapState,
    now: Now,
}

impl Counts {
    /// Of all that this person reaches, or of the area that `area` names.
    pub fn follow(area: impl Fn() -> Option<i32> + 'static) -> Counts {
        let state: MapState = expect_context();
        let now = now();
        let changes = RwSignal::new(0_u32);
        let pending = StoredValue::new(None::<TimeoutHandle>);
        for layer in [Layer::Household, Layer::BoardingHouse, Layer::Business, Layer::Place] {
            state.live.listen(layer.name(), move |news| {
                if let News::Snapshot(_) = news {
                    return;
                }
                if let Some(timeout) = pending.get_value() {
                    timeout.clear();
                }
                let again = move || {
                    changes.try_update(|changes| *changes += 1);
                };
                pending.set_value(set_timeout_with_handle(again, ASK_AGAIN_AFTER).ok());
            });
        }
        let layers = LocalResource::new(move || {
            changes.track();
            let address = area().map_or_else(|| "/api/layers".to_owned(), |area| format!("/api/layers?area={area}"));
            async move {
                let list = http::get::<LayerList>(&address).await?;
                Ok((list, now.get_untracked()))
            }
        });
        Counts { layers, changes, state, now }
    }

    pub fn of(&self, layer: Layer) -> Option<i64> {
        match self.layers.get() {
            Some(Ok((list, _))) => {
                let summary = list.layers.into_iter().find(|summary| summary.name == layer.name());
                summary.and_then(|summary| summary.count).map(|count| count as i64)
            }
            _ => None,
        }
    }

    /// Source and time, or since when the figure is old.
    pub fn caption(&self) -> String {
        match self.layers.get() {
            Some(Ok((_, at))) => self.caption_at(at),
            Some(Err(_)) => t!("figure-failed"),
            None => t!("loading"),
        }
    }

    pub fn caption_at(&self, at: DateTime<Utc>) -> String {
        match self.stale_since() {
            Some(since) => t!("stale-since", time = format::since(since, self.now.get_untracked())),
            None => t!("counted-at", time = clock(at)),
        }
    }

    /// While the feed is silent nobody knows whether a figure still holds.
    pub fn stale_since(&self) -> Option<DateTime<Utc>> {
        match self.state.live.connection.get() {
            Connection::LostSince(at) => Some(at),
            Connection::Connecting | Connection::Connected => None,
        }
    }

    /// How many live in an area, counted again whenever the layers are.
    pub fn population(&self, area: impl Fn() -> Option<AreaId> + 'static) -> LocalResource<Option<Answer<Population>>> {
        let changes = self.changes;
        LocalResource::new(move || {
            changes.track();
            let area = area();
            async move {
                match area {
                    Some(AreaId(id)) => Some(http::get::<Population>(&format!("/api/areas/{id}/population")).await),
                    None => None,
                }
            }
        })
    }
}
