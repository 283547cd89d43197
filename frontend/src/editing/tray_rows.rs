//! The rows of the tray as this person may place them: asked for by kind and words, page by page, and kept true by the feed.
//! How a row is placed is `tray`'s business.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::edit::{Unplaced, UnplacedCount, UnplacedList};
use shared::layer::Layer;

use crate::http::{self, Answer, Failure};
use crate::live::News;
use crate::map::MapState;

const PAGE: u32 = 50;
/// Somebody who types on is not asked for in between; many changes at once are read once.
const ASK_AFTER: Duration = Duration::from_millis(250);
pub const KINDS: [Layer; 5] = [Layer::Household, Layer::BoardingHouse, Layer::Business, Layer::Place, Layer::Camera];

#[derive(Clone, Copy)]
pub struct TrayRows {
    /// None: all kinds.
    pub kind: RwSignal<Option<Layer>>,
    pub words: RwSignal<String>,
    /// None until the first answer.
    pub rows: RwSignal<Option<Vec<Unplaced>>>,
    pub counts: RwSignal<Vec<UnplacedCount>>,
    pub failure: RwSignal<Option<Failure>>,
    pub next: RwSignal<Option<String>>,
    /// Counts the questions: an answer to an older one is not shown.
    asked: RwSignal<u32>,
}

impl TrayRows {
    pub fn follow() -> TrayRows {
        let state: MapState = expect_context();
        let tray = TrayRows {
            kind: RwSignal::new(None),
            words: RwSignal::new(String::new()),
            rows: RwSignal::new(None),
            counts: RwSignal::new(Vec::new()),
            failure: RwSignal::new(None),
            next: RwSignal::new(None),
            asked: RwSignal::new(0),
        };
        let pending = StoredValue::new(None::<TimeoutHandle>);
        let soon = move || {
            if let Some(timeout) = pending.get_value() {
                timeout.clear();
            }
            pending.set_value(set_timeout_with_handle(move || tray.ask_again(), ASK_AFTER).ok());
        };
        Effect::new(move |before: Option<()>| {
            tray.kind.track();
            tray.words.track();
            if before.is_some() { soon() } else { tray.ask_again() }
        });
        on_cleanup(move || {
            if let Some(timeout) = pending.try_get_value().flatten() {
                timeout.clear();
            }
        });
        for kind in KINDS {
            state.live.listen(kind.name(), move |news| match news {
                News::Delta { upsert, remove } => {
                    let is_shown = |id: i64| tray.has(kind, id);
                    // One that was placed, here or by somebody else, leaves; one that lost its place, or is new without one, comes.
                    let concerned =
                        upsert.iter().any(|row| row.at.is_none() || is_shown(row.id)) || remove.iter().any(|row| is_shown(row.id));
                    if concerned {
                        soon();
                    }
                }
                News::Resync => soon(),
                News::Snapshot(_) => {}
            });
        }
        tray
    }

    fn has(&self, kind: Layer, id: i64) -> bool {
        self.rows.with_untracked(|rows| rows.iter().flatten().any(|row| row.kind == kind && row.id == id))
    }

    pub fn total(&self) -> i64 {
        self.counts.with(|counts| counts.iter().map(|count| count.count).sum())
    }

    pub fn ask_again(self) {
        self.ask(None);
    }

    pub fn ask_more(self) {
        if let Some(cursor) = self.next.get_untracked() {
            self.ask(Some(cursor));
        }
    }

    fn ask(self, cursor: Option<String>) {
        let Some(number) = self.asked.try_update(|asked| {
            *asked += 1;
            *asked
        }) else {
            return;
        };
        let mut address = format!("/api/unplaced?limit={PAGE}");
        if let Some(kind) = self.kind.get_untracked() {
            address.push_str(&format!("&kind={kind}"));
        }
        let words = self.words.with_untracked(|words| String::from(js_sys::encode_uri_component(words.trim())));
        if !words.is_empty() {
            address.push_str(&format!("&q={words}"));
        }
        if let Some(cursor) = &cursor {
            address.push_str(&format!("&cursor={}", String::from(js_sys::encode_uri_component(cursor))));
        }
        spawn_local(async move {
            let answer = http::get::<UnplacedList>(&address).await;
            if self.asked.try_get_untracked() == Some(number) {
                self.take_in(answer, cursor.is_some());
            }
        });
    }

    fn take_in(self, answer: Answer<UnplacedList>, adds: bool) {
        match answer {
            Ok(list) => {
                self.counts.set(list.counts);
                self.next.set(list.next_cursor);
                self.failure.set(None);
                self.rows.update(|rows| match rows {
                    Some(rows) if adds => rows.extend(list.rows),
                    rows => *rows = Some(list.rows),
                });
            }
            Err(failure) => self.failure.set(Some(failure)),
        }
    }
}
