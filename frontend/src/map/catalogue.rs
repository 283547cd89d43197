//! Which layers this caller may see, asked again whenever the caller becomes somebody else.
//! How they are drawn is in the map style, which of them are switched on in [`super::MapState`].

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::layer::{Layer, LayerList, LayerSummary};

use crate::http;
use crate::lasting::Lasting;
use crate::live::Topics;

/// Topics beside the layers that every screen may ask for.
const OTHER_TOPICS: [&str; 8] = [
    "queue",
    shared::alert_shelf::TOPIC,
    shared::duty::DUTY_TOPIC,
    shared::duty::ANSWER_TIMES_TOPIC,
    shared::duty::HANDOVER_TOPIC,
    shared::camera::RECORDER_TOPIC,
    shared::camera_alert::SNAPSHOT_TOPIC,
    shared::ingest::PUT_AWAY_TOPIC,
];

/// The layers in reach.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reach {
    /// Grows with every answer: whatever was built for an older one is built anew.
    pub generation: u32,
    pub layers: Vec<(Layer, LayerSummary)>,
}

#[derive(Clone, Copy)]
pub struct Catalogue {
    pub reach: Lasting<Reach>,
    /// The last question brought no answer.
    pub failure: Lasting<Option<http::Failure>>,
    /// Since when the server has been away; what is known then is from an earlier visit.
    pub away_since: Lasting<Option<DateTime<Utc>>>,
    asked_again: Lasting<u32>,
}

impl Catalogue {
    /// Asks now and whenever `audience` (whatever names the caller) changes.
    pub fn follow(audience: Signal<String>) -> Catalogue {
        let catalogue = Catalogue {
            reach: Lasting::new(Reach::default()),
            failure: Lasting::new(None),
            away_since: Lasting::new(None),
            asked_again: Lasting::new(0),
        };
        let latest = StoredValue::new(0_u32);
        Effect::new(move || {
            audience.track();
            catalogue.asked_again.track();
            latest.update_value(|number| *number += 1);
            let number = latest.get_value();
            spawn_local(async move {
                let (answer, is_away) = http::get_or_kept::<LayerList>("/api/layers").await;
                // An answer to an older question says what somebody else may see.
                if latest.try_get_value() == Some(number) {
                    catalogue.note_away(is_away);
                    catalogue.take_in(answer);
                }
            });
        });
        catalogue
    }

    /// The same caller may see something else now.
    pub fn ask_again(&self) {
        self.asked_again.update(|times| *times += 1);
    }

    fn note_away(&self, is_away: bool) {
        let since = self.away_since.get_untracked();
        if is_away != since.is_some() {
            self.away_since.set(is_away.then(Utc::now));
        }
    }

    fn take_in(&self, answer: http::Answer<LayerList>) {
        match answer {
            Ok(list) => {
                let layers = known(list);
                // What is asked for every few seconds, for want of a server, builds nothing anew.
                if self.away_since.get_untracked().is_none() || self.reach.with_untracked(|reach| reach.layers != layers) {
                    self.reach.update(|reach| {
                        reach.generation += 1;
                        reach.layers = layers;
                    });
                }
                self.failure.set(None);
            }
            Err(failure) => self.failure.set(Some(failure)),
        }
    }

    /// What to subscribe to: every layer in reach, and what is no layer.
    pub fn topics(&self) -> Signal<Topics> {
        let reach = self.reach;
        Signal::derive(move || reach.with(|reach| Topics { generation: reach.generation, names: topic_names(reach) }))
    }
}

/// The layers that these screens know; the server's catalogue may hold more.
fn known(list: LayerList) -> Vec<(Layer, LayerSummary)> {
    list.layers.into_iter().filter_map(|summary| Some((summary.name.parse().ok()?, summary))).collect()
}

fn topic_names(reach: &Reach) -> Vec<String> {
    if reach.layers.is_empty() {
        return Vec::new();
    }
    let layers = reach.layers.iter().map(|(layer, _)| layer.name());
    layers.chain(OTHER_TOPICS).map(str::to_owned).collect()
}
