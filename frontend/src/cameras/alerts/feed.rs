//! Alerts as a list has them, or the register: read from the top as far as somebody has scrolled, and read again when the feed
//! tells of a change. Which of them are wanted is the list's business; nothing here asks on a timer.

use std::marker::PhantomData;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use shared::camera_alert::{CameraAlert, CameraAlertList};
use shared::layer::Layer;

use crate::http::{self, Answer, Failure};
use crate::live::News;
use crate::map::MapState;

/// Alerts arrive in bursts: the list is read once for each.
const ASK_AFTER: Duration = Duration::from_millis(250);
/// As many as the door gives at once.
const MOST_AT_ONCE: usize = 200;

/// What a door answers a page at a time.
pub trait Page: DeserializeOwned + 'static {
    type Row: Clone + Send + Sync + 'static;
    const DOOR: &'static str;

    /// Its rows, and where those after them begin.
    fn open(self) -> (Vec<Self::Row>, Option<String>);
}

impl Page for CameraAlertList {
    type Row = CameraAlert;
    const DOOR: &'static str = "/api/camera-alerts";

    fn open(self) -> (Vec<CameraAlert>, Option<String>) {
        (self.alerts, self.next_cursor)
    }
}

pub type AlertFeed = ListFeed<CameraAlertList>;

pub struct ListFeed<P: Page> {
    /// Which rows, as the door is asked: `status=new`.
    query: Signal<String>,
    page: usize,
    /// None until the first answer to this query.
    pub answer: RwSignal<Option<Answer<Vec<P::Row>>>>,
    /// There are more: where they begin.
    pub next: RwSignal<Option<String>>,
    pub reading_on: RwSignal<bool>,
    /// Why the rows after these did not come.
    pub not_read_on: RwSignal<Option<Failure>>,
    asked: StoredValue<Asked>,
    of: PhantomData<fn() -> P>,
}

impl<P: Page> Clone for ListFeed<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Page> Copy for ListFeed<P> {}

/// What is under way.
#[derive(Default)]
struct Asked {
    /// Counts the queries: an answer to an earlier one is nobody's.
    generation: u32,
    is_asking: bool,
    /// Something changed while the answer was on its way.
    is_stale: bool,
    pause: Option<TimeoutHandle>,
}

impl<P: Page> ListFeed<P> {
    /// Follows the feed as long as the surrounding owner lives. `page`: so many at first, and so many more each time.
    pub fn follow(query: Signal<String>, page: usize) -> Self {
        Self::follow_what(query, page, |_, _| true)
    }

    /// The same for a list that not every change of an alert concerns. `concerns`: whether this one does, which has these rows.
    pub fn follow_what(query: Signal<String>, page: usize, concerns: impl Fn(&News, &[P::Row]) -> bool + 'static) -> Self {
        let state: MapState = expect_context();
        let feed = Self {
            query,
            page,
            answer: RwSignal::new(None),
            next: RwSignal::new(None),
            reading_on: RwSignal::new(false),
            not_read_on: RwSignal::new(None),
            asked: StoredValue::new(Asked::default()),
            of: PhantomData,
        };
        Effect::new(move |_| {
            query.track();
            feed.asked.update_value(|asked| {
                asked.generation += 1;
                asked.is_asking = false;
                asked.is_stale = false;
            });
            feed.answer.set(None);
            feed.next.set(None);
            feed.not_read_on.set(None);
            feed.ask();
        });
        // A snapshot too: what happened between the first answer and the first thing heard is in neither.
        state.live.listen(Layer::CameraAlert.name(), move |news| {
            let is_concerned = feed.answer.try_with_untracked(|answer| match answer {
                Some(Ok(rows)) => concerns(news, rows),
                _ => true,
            });
            if is_concerned == Some(true) {
                feed.changed();
            }
        });
        on_cleanup(move || {
            if let Some(Some(pause)) = feed.asked.try_update_value(|asked| asked.pause.take()) {
                pause.clear();
            }
        });
        feed
    }

    /// Reads it again soon. The first of a burst is not held up by those that follow.
    fn changed(self) {
        let is_free = self.asked.try_update_value(|asked| {
            asked.is_stale |= asked.is_asking;
            !asked.is_asking && asked.pause.is_none()
        });
        if is_free != Some(true) {
            return;
        }
        let again = move || {
            self.asked.try_update_value(|asked| asked.pause = None);
            self.ask();
        };
        let pause = set_timeout_with_handle(again, ASK_AFTER).ok();
        self.asked.try_update_value(|asked| asked.pause = pause);
    }

    /// Reads from the top, as many as are shown.
    pub fn ask(self) {
        let shown = self.answer.with_untracked(|answer| answer.as_ref().and_then(|answer| answer.as_ref().ok().map(Vec::len)));
        let wanted = shown.unwrap_or(0).max(self.page);
        let query = self.query.get_untracked();
        let Some(generation) = self.asked.try_update_value(|asked| {
            asked.is_asking = true;
            asked.generation
        }) else {
            return;
        };
        spawn_local(async move {
            let answer = read::<P>(&query, wanted).await;
            let ended = self.asked.try_update_value(|asked| {
                let is_ours = asked.generation == generation;
                if is_ours {
                    asked.is_asking = false;
                }
                (is_ours, is_ours && std::mem::take(&mut asked.is_stale))
            });
            // None: nobody looks any more.
            let Some((true, is_stale)) = ended else { return };
            match answer {
                Ok((rows, next)) => {
                    self.next.try_set(next);
                    self.answer.try_set(Some(Ok(rows)));
                }
                // What is known stays, and the bar says since when it is old; the next change asks again.
                Err(_) if self.answer.try_with_untracked(|answer| matches!(answer, Some(Ok(_)))) == Some(true) => {}
                Err(failure) => _ = self.answer.try_set(Some(Err(failure))),
            }
            if is_stale {
                self.changed();
            }
        });
    }

    /// Reads on from where the list ends.
    pub fn read_on(self) {
        let (Some(cursor), false) = (self.next.get_untracked(), self.reading_on.get_untracked()) else { return };
        let Some(generation) = self.asked.try_with_value(|asked| asked.generation) else { return };
        self.reading_on.set(true);
        self.not_read_on.set(None);
        let (query, page) = (self.query.get_untracked(), self.page);
        spawn_local(async move {
            let answer = http::get::<P>(&format!("{}?{query}&limit={page}&cursor={cursor}", P::DOOR)).await;
            self.reading_on.try_set(false);
            let is_ours = self.asked.try_with_value(|asked| asked.generation) == Some(generation);
            // Read again from the top meanwhile: then the end is elsewhere, and whoever scrolls asks once more.
            if !is_ours || self.next.try_get_untracked().flatten() != Some(cursor) {
                return;
            }
            match answer.map(P::open) {
                Ok((rows, next)) => {
                    self.answer.try_update(|known| {
                        if let Some(Ok(known)) = known {
                            known.extend(rows);
                        }
                    });
                    self.next.try_set(next);
                }
                Err(failure) => _ = self.not_read_on.try_set(Some(failure)),
            }
        });
    }
}

/// So many from the top, and where those after them begin.
async fn read<P: Page>(query: &str, wanted: usize) -> Answer<(Vec<P::Row>, Option<String>)> {
    let (mut rows, mut next) = (Vec::new(), None::<String>);
    loop {
        let limit = (wanted - rows.len()).min(MOST_AT_ONCE);
        let from = next.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let (more, after) = http::get::<P>(&format!("{}?{query}&limit={limit}{from}", P::DOOR)).await?.open();
        rows.extend(more);
        next = after;
        if next.is_none() || rows.len() >= wanted {
            return Ok((rows, next));
        }
    }
}
