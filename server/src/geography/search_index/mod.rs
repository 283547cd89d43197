//! What can be found by typing: names and addresses of areas, roads, places, businesses, buildings, households, boarding
//! houses and cameras, built at the start and kept by the feed. It deliberately gives ids only, and decides nobody's reach.
//!
//! The library is tantivy, in memory. A commit of it takes some milliseconds, too long for the feed's reader to wait for:
//! the reader only notes what changed, and a task of its own reads those rows again and commits (within some 100 ms).

mod db;
mod index;
mod words;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use anyhow::Context;
use futures_util::future::BoxFuture;
use serde_json::Value as Json;
use shared::search::SearchKind;
use sqlx::PgPool;
use tokio::sync::Notify;
use tracing::{info, warn};

use self::db::Which;
use self::index::{Care, TextIndex, View};
pub use self::index::{Document, Hit, Scope};
pub use self::words::Words;
use crate::feed::{Batch, Change, Follower, Head, Op};

/// Changes that arrive together are committed together.
const GATHER: Duration = Duration::from_millis(50);
const RETRY: Duration = Duration::from_secs(1);

/// Cheap to clone; every clone is the same index.
#[derive(Clone)]
pub struct SearchIndex(Arc<Inner>);

struct Inner {
    /// As `ioc_feed`.
    pool: PgPool,
    /// Held while writing.
    index: Mutex<TextIndex>,
    /// What searches look at: the last commit.
    view: RwLock<Arc<View>>,
    stale: Mutex<HashSet<Stale>>,
    changed: Notify,
}

/// What has to be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stale {
    Row(SearchKind, i64),
    /// A resident's change names nobody else: the household is looked up, before and after.
    Resident(i64),
    /// Everything of a kind; in one area, if it is named.
    Area(SearchKind, Option<i32>),
}

impl SearchIndex {
    /// An empty index; the feed fills it.
    pub fn new(feed: PgPool) -> anyhow::Result<Self> {
        let index = TextIndex::new().context("the search index could not be made")?;
        let view = RwLock::new(Arc::new(index.view()));
        let inner = Inner { pool: feed, index: Mutex::new(index), view, stale: Mutex::default(), changed: Notify::new() };
        Ok(Self(Arc::new(inner)))
    }

    /// The best rows of each scope, best first within it; of the strictest care that finds anything anywhere.
    pub fn find(&self, words: &Words, scopes: &[Scope<'_>], limit: usize) -> anyhow::Result<Vec<(SearchKind, Vec<Hit>)>> {
        let view = self.0.view.read().expect("nobody panics while holding the view").clone();
        for care in Care::ALL {
            let hits = scopes.iter().map(|scope| Ok((scope.kind, view.hits(words, *scope, care, limit)?)));
            let hits: Vec<(SearchKind, Vec<Hit>)> = hits.collect::<tantivy::Result<_>>()?;
            if hits.iter().any(|(_, hits)| !hits.is_empty()) {
                return Ok(hits);
            }
        }
        Ok(Vec::new())
    }

    /// Reads again what changed, for as long as the server runs.
    pub async fn keep_up(self) {
        loop {
            self.0.changed.notified().await;
            tokio::time::sleep(GATHER).await;
            let stale = std::mem::take(&mut *self.0.stale.lock().expect("nobody panics while holding what is stale"));
            if let Err(cause) = self.refresh(&stale).await {
                warn!(rows = stale.len(), cause = format!("{cause:#}"), "the search index could not follow; trying again");
                self.0.stale.lock().expect("nobody panics while holding what is stale").extend(stale);
                tokio::time::sleep(RETRY).await;
                self.0.changed.notify_one();
            }
        }
    }

    async fn refresh(&self, stale: &HashSet<Stale>) -> anyhow::Result<()> {
        let mut wanted: HashSet<(SearchKind, i64)> = HashSet::new();
        let mut removed = Vec::new();
        let mut documents = Vec::new();
        let residents: Vec<i64> = stale.iter().filter_map(|s| if let Stale::Resident(id) = s { Some(*id) } else { None }).collect();
        if !residents.is_empty() {
            let view = self.0.view.read().expect("nobody panics while holding the view").clone();
            for resident in &residents {
                wanted.extend(view.household_of(*resident)?.map(|household| (SearchKind::Household, household)));
            }
            let now = db::household_of(&self.0.pool, &residents).await?;
            wanted.extend(now.into_iter().map(|household| (SearchKind::Household, household)));
        }
        for entry in stale {
            match entry {
                Stale::Row(kind, id) => drop(wanted.insert((*kind, *id))),
                Stale::Resident(_) => {}
                Stale::Area(kind, area_id) => {
                    removed.push((*kind, *area_id));
                    let which = area_id.map_or(Which::All, Which::InArea);
                    documents.extend(db::documents(&self.0.pool, *kind, which).await?);
                }
            }
        }
        for kind in SearchKind::ALL {
            let ids: Vec<i64> = wanted.iter().filter(|(of, _)| *of == kind).map(|(_, id)| *id).collect();
            if !ids.is_empty() {
                documents.extend(db::documents(&self.0.pool, kind, Which::Ids(&ids)).await?);
            }
        }
        self.write(move |index| {
            for (kind, area_id) in removed {
                index.remove_kind(kind, area_id)?;
            }
            // A row may be named twice (itself, and its area): every earlier document of it goes before it is added once.
            let keys = documents.iter().map(|document| (document.kind, document.id));
            for (kind, id) in wanted.iter().copied().chain(keys) {
                index.remove(kind, id);
            }
            let mut added = HashSet::new();
            documents.iter().filter(|document| added.insert((document.kind, document.id))).try_for_each(|document| index.add(document))
        })
        .await
    }

    /// Writes and commits off the async threads, then shows it to searches.
    async fn write(&self, write: impl FnOnce(&TextIndex) -> tantivy::Result<()> + Send + 'static) -> anyhow::Result<()> {
        let this = self.clone();
        let written = tokio::task::spawn_blocking(move || {
            let mut index = this.0.index.lock().expect("nobody panics while holding the index");
            write(&index)?;
            index.commit()?;
            *this.0.view.write().expect("nobody panics while holding the view") = Arc::new(index.view());
            tantivy::Result::Ok(())
        });
        written.await?.context("the search index could not be written")
    }

    fn note(&self, change: &Change) -> Option<()> {
        let stale = stale_after(change)?;
        self.0.stale.lock().expect("nobody panics while holding what is stale").insert(stale);
        self.0.changed.notify_one();
        Some(())
    }
}

/// What a change makes stale; none where nothing that is searched for changed.
fn stale_after(change: &Change) -> Option<Stale> {
    if &*change.topic == "resident" {
        return match change.row_id {
            Some(id) => Some(Stale::Resident(id)),
            None => Some(Stale::Area(SearchKind::Household, change.area_id)),
        };
    }
    let kind = SearchKind::ALL.into_iter().find(|kind| kind.name() == &*change.topic)?;
    let Some(id) = change.row_id.filter(|_| change.op != Op::Reload) else { return Some(Stale::Area(kind, change.area_id)) };
    let moved_only = change.op == Op::Update
        && change.area_id == change.old_area_id
        && text_columns(kind)
            .is_some_and(|columns| columns.iter().all(|column| text_of(&change.before, column) == text_of(&change.after, column)));
    (!moved_only).then_some(Stale::Row(kind, id))
}

/// Columns that a kind is found by, as far as all of them are in its change images.
fn text_columns(kind: SearchKind) -> Option<&'static [&'static str]> {
    match kind {
        // Whether an area is of the present is not in the image.
        SearchKind::Area => None,
        SearchKind::Road => Some(&["name", "number", "class"]),
        SearchKind::Place | SearchKind::Business | SearchKind::Building | SearchKind::BoardingHouse => Some(&["name", "address"]),
        SearchKind::Household => Some(&["address", "unit"]),
        SearchKind::Camera => Some(&["name", "code"]),
    }
}

fn text_of<'a>(image: &'a Option<Json>, column: &str) -> Option<&'a str> {
    image.as_ref()?.get(column)?.as_str()
}

impl Follower for SearchIndex {
    fn name(&self) -> &'static str {
        "search index"
    }

    fn begin<'a>(&'a self, _: &'a Head) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            let started = Instant::now();
            let mut documents = Vec::new();
            for kind in SearchKind::ALL {
                let rows = db::documents(&self.0.pool, kind, Which::All).await;
                documents.extend(rows.with_context(|| format!("{} could not be read for the search index", kind.name()))?);
            }
            let count = documents.len();
            self.write(move |index| {
                index.remove_all()?;
                documents.iter().try_for_each(|document| index.add(document))
            })
            .await?;
            info!(documents = count, took_ms = started.elapsed().as_millis(), "search index filled");
            Ok(())
        })
    }

    fn follow<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, anyhow::Result<()>> {
        for change in batch.changes.iter() {
            self.note(change);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn change(topic: &str, op: Op, before: Json, after: Json) -> Change {
        Change {
            seq: 1,
            xid: 1,
            at: chrono::DateTime::UNIX_EPOCH,
            topic: topic.into(),
            op,
            old_area_id: Some(13),
            area_id: Some(13),
            row_id: Some(7),
            before: Some(before),
            after: Some(after),
            actor: None,
            request_id: None,
        }
    }

    #[test]
    fn a_camera_that_went_offline_is_still_found_by_the_same_words() {
        let (before, after) = (
            json!({"name": "Cổng chợ", "code": "C01", "status": "online"}),
            json!({"name": "Cổng chợ", "code": "C01", "status": "offline"}),
        );
        assert_eq!(stale_after(&change("camera", Op::Update, before.clone(), after)), None);
        let renamed = json!({"name": "Cổng chợ Nhổn", "code": "C01", "status": "online"});
        assert_eq!(stale_after(&change("camera", Op::Update, before, renamed)), Some(Stale::Row(SearchKind::Camera, 7)));
    }

    #[test]
    fn a_household_that_moved_to_another_tdp_is_read_again() {
        let image = json!({"address": "Số 1", "unit": null});
        let mut moved = change("household", Op::Update, image.clone(), image);
        assert_eq!(stale_after(&moved), None);
        moved.area_id = Some(14);
        assert_eq!(stale_after(&moved), Some(Stale::Row(SearchKind::Household, 7)));
    }

    #[test]
    fn residents_lead_to_households_and_sessions_nowhere() {
        assert_eq!(stale_after(&change("resident", Op::Update, json!({}), json!({}))), Some(Stale::Resident(7)));
        assert_eq!(stale_after(&change("session", Op::Update, json!({}), json!({}))), None);
        let mut bulk = change("resident", Op::Reload, json!({}), json!({}));
        bulk.row_id = None;
        assert_eq!(stale_after(&bulk), Some(Stale::Area(SearchKind::Household, Some(13))));
    }
}
