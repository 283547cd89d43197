//! What waits in the quarantine, page by page and as colleagues leave it, and taking it in after all.
//! How it looks is `quarantine`'s business; whether it can be taken in now is the server's.

use std::collections::BTreeSet;

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use shared::ingest::{PUT_AWAY_TOPIC, QuarantineList, Quarantined};

use crate::http::{self, Call, Failure};
use crate::live::News;
use crate::map::MapState;

const PAGE: usize = 50;
/// More the door does not give at once.
const MOST: usize = 200;

/// Which of it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Waiting,
    PutAway,
    /// Also what was taken in since.
    All,
}

impl Part {
    /// As the door is asked.
    fn query(self) -> &'static str {
        match self {
            Part::Waiting => "",
            Part::PutAway => "&put_away=true",
            Part::All => "&all=true",
        }
    }
}

#[derive(Clone, Copy)]
pub struct Waiting {
    /// None until the first answer.
    pub items: RwSignal<Option<Vec<Quarantined>>>,
    pub next: RwSignal<Option<String>>,
    pub part: RwSignal<Part>,
    pub failure: RwSignal<Option<Failure>>,
    /// The item whose particulars are shown.
    pub opened: RwSignal<Option<i64>>,
    /// Something is being taken in.
    pub is_trying: RwSignal<bool>,
    /// Why the opened item could not be taken in, or put away.
    pub refusal: RwSignal<Option<Failure>>,
    /// How many were taken in by the last press.
    pub taken_in: RwSignal<usize>,
    /// How many were put away by the last.
    pub put_away: RwSignal<i64>,
}

impl Waiting {
    pub fn ask() -> Waiting {
        let waiting = Waiting {
            items: RwSignal::new(None),
            next: RwSignal::new(None),
            part: RwSignal::new(Part::Waiting),
            failure: RwSignal::new(None),
            opened: RwSignal::new(None),
            is_trying: RwSignal::new(false),
            refusal: RwSignal::new(None),
            taken_in: RwSignal::new(0),
            put_away: RwSignal::new(0),
        };
        // At the start, and whenever the other list is wanted.
        Effect::new(move |_| {
            waiting.part.track();
            waiting.ask_again();
        });
        let state: MapState = expect_context();
        state.live.listen(PUT_AWAY_TOPIC, move |news| {
            if !matches!(news, News::Snapshot(_)) {
                waiting.ask_quietly();
            }
        });
        waiting
    }

    pub fn ask_again(self) {
        self.items.set(None);
        self.next.set(None);
        self.open(None);
        self.taken_in.set(0);
        self.put_away.set(0);
        self.read(None, PAGE);
    }

    /// As far as it is read already, while it stays in sight.
    pub fn ask_quietly(self) {
        let known = self.items.try_with_untracked(|items| items.as_ref().map_or(0, Vec::len)).unwrap_or_default();
        self.read(None, known.clamp(PAGE, MOST));
    }

    pub fn ask_more(self) {
        self.read(self.next.get_untracked(), PAGE);
    }

    /// So many are away: by this press.
    pub fn note_put_away(self, items: i64) {
        self.open(None);
        self.taken_in.set(0);
        self.put_away.set(items);
        self.ask_quietly();
    }

    pub fn open(self, id: Option<i64>) {
        self.opened.set(id);
        self.refusal.set(None);
    }

    fn read(self, cursor: Option<String>, limit: usize) {
        let Some(part) = self.part.try_get_untracked() else { return };
        let mut address = format!("/api/ingest/quarantine?limit={limit}{}", part.query());
        if let Some(cursor) = &cursor {
            address.push_str(&format!("&cursor={cursor}"));
        }
        spawn_local(async move {
            let answer = http::get::<QuarantineList>(&address).await;
            // Nobody looks any more, or at another part by now.
            if self.part.try_get_untracked() != Some(part) {
                return;
            }
            match answer {
                Ok(QuarantineList { items, next_cursor }) => {
                    self.failure.set(None);
                    self.next.set(next_cursor);
                    self.items.update(|known| match known {
                        Some(known) if cursor.is_some() => {
                            let new = items.into_iter().filter(|item| known.iter().all(|known| known.id != item.id)).collect::<Vec<_>>();
                            known.extend(new);
                        }
                        known => *known = Some(items),
                    });
                    // What a colleague has put away or taken in is not open any more.
                    let opened = self.opened.get_untracked();
                    let is_there = self.items.with_untracked(|items| items.iter().flatten().any(|item| Some(item.id) == opened));
                    if opened.is_some() && !is_there {
                        self.opened.set(None);
                    }
                }
                // What is in sight stays there.
                Err(failure) if self.items.with_untracked(Option::is_some) => self.refusal.set(Some(failure)),
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    /// Those of the list that wait for the same thing: the same reason, the same camera.
    pub fn alike(self, of: &Quarantined) -> Vec<i64> {
        self.items.with(|items| alike(items.as_deref().unwrap_or_default(), of))
    }

    /// Takes in one after the other, the oldest first, until one is refused.
    pub fn take_in(self, ids: Vec<i64>) {
        if self.is_trying.get_untracked() {
            return;
        }
        self.is_trying.set(true);
        self.refusal.set(None);
        self.taken_in.set(0);
        self.put_away.set(0);
        let ids: BTreeSet<i64> = ids.into_iter().collect();
        spawn_local(async move {
            for id in ids {
                let answer = Call::new(Method::POST, &format!("/api/ingest/quarantine/{id}/replay")).receive::<Quarantined>().await;
                let Some(is_going_on) = self.note(id, answer) else { return };
                if !is_going_on {
                    break;
                }
            }
            _ = self.is_trying.try_set(false);
        });
    }

    /// Whether the next may be tried; none: the page is gone.
    fn note(self, id: i64, answer: http::Answer<Quarantined>) -> Option<bool> {
        let part = self.part.try_get_untracked()?;
        let is_in = answer.is_ok();
        match answer {
            Ok(taken_in) => {
                self.taken_in.update(|count| *count += 1);
                self.items.update(|items| {
                    let items = items.get_or_insert_default();
                    match items.iter_mut().find(|item| item.id == id) {
                        Some(item) if part != Part::Waiting => *item = taken_in,
                        _ => items.retain(|item| item.id != id),
                    }
                });
            }
            // Somebody else was faster: what is seen is out of date.
            Err(failure) if failure.code() == Some("ingest.already_replayed") => {
                self.ask_again();
                self.refusal.set(Some(failure));
            }
            Err(failure) => {
                self.opened.set(Some(id));
                self.refusal.set(Some(failure));
            }
        }
        Some(is_in)
    }
}

/// What the device called the camera.
pub fn camera_of(item: &Quarantined) -> Option<&str> {
    item.payload.get("camera").and_then(Value::as_str).filter(|name| !name.trim().is_empty())
}

fn alike(items: &[Quarantined], of: &Quarantined) -> Vec<i64> {
    let is_alike = |item: &&Quarantined| {
        item.replayed_at.is_none()
            && item.put_away.is_some() == of.put_away.is_some()
            && item.reason == of.reason
            && camera_of(item).is_some()
            && camera_of(item) == camera_of(of)
    };
    items.iter().filter(is_alike).map(|item| item.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use shared::ingest::{IngestSource, PutAwayNote};

    fn item(id: i64, camera: Value, reason: &str) -> Quarantined {
        let at = "2026-11-22T01:00:00Z".parse().unwrap();
        Quarantined {
            id,
            source: IngestSource::CameraAlerts,
            area_id: 1,
            device_id: 1,
            device_name: None,
            topic: None,
            reason: reason.into(),
            fault: None,
            field: None,
            detail: String::new(),
            payload: json!({"camera": camera}),
            times: 1,
            first_at: at,
            received_at: at,
            replayed_at: None,
            put_away: None,
        }
    }

    #[test]
    fn what_waits_for_the_same_camera_goes_together() {
        let unknown = "ingest.unknown_camera";
        let mut items = vec![
            item(1, json!("C1"), unknown),
            item(2, json!("C2"), unknown),
            item(3, json!("C1"), "ingest.bad_time"),
            item(4, json!("C1"), unknown),
            item(5, json!("C1"), unknown),
        ];
        items[4].replayed_at = Some(items[4].first_at);
        assert_eq!(alike(&items, &items[0]), [1, 4]);
        items[3].put_away = Some(PutAwayNote { at: items[3].first_at, by: None, reason: "Camera của phường bên".into() });
        assert_eq!(alike(&items, &items[0]), [1], "what is put away is taken in with its like");
        assert_eq!(alike(&items, &items[3]), [4]);
        assert_eq!(camera_of(&item(6, json!(7), unknown)), None);
        assert!(alike(&items, &item(6, json!(null), unknown)).is_empty(), "what names no camera is looked at one by one");
    }
}
