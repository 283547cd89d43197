//! What can be found by typing: names and addresses of areas, roads, places, businesses, buildings, households, boarding
//! houses and cameras, built after the start and kept by the feed. It deliberately gives ids only, and decides nobody's reach.
//!
//! An index of our own, in memory. A city's ten million names and addresses are made of some ten thousand words, so what is
//! misspelt is looked for among the words (`vocabulary`), and rows are found by intersecting the bit sets of words (`chunk`,
//! `find`); what a match is worth is said in `matching`. Nothing here holds up the feed's reader: it only notes what changed,
//! and a task of its own reads those rows again, about every 50 ms.

mod bits;
mod chunk;
mod context;
mod db;
mod document;
mod find;
mod keyboard;
mod matching;
mod query;
mod read;
mod shelf;
mod stale;
mod vocabulary;
mod words;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::future::BoxFuture;
use shared::search::SearchKind;
use sqlx::PgPool;
use tokio::sync::{Notify, watch};
use tracing::{info, warn};

use self::context::Context;
use self::db::Which;
pub use self::find::{ENOUGH, Hit, Scope, Wanted};
use self::query::Query;
use self::read::Reader;
use self::shelf::{Changes, Shelf};
use self::stale::{Stale, stale_after};
use self::vocabulary::Vocabulary;
pub use self::words::Words;
use crate::feed::{Batch, Follower, Head};

/// Changes that arrive together are taken in together.
const GATHER: Duration = Duration::from_millis(50);
const RETRY: Duration = Duration::from_secs(1);
/// A ward is indexed before the first request; a city is not waited for.
const WAIT_AT_START: Duration = Duration::from_secs(1);

/// Cheap to clone; every clone is the same index.
#[derive(Clone)]
pub struct SearchIndex(Arc<Inner>);

struct Inner {
    /// As `ioc_feed`.
    pool: PgPool,
    vocabulary: Arc<RwLock<Vocabulary>>,
    context: RwLock<Arc<Context>>,
    /// What searches look at.
    shelf: RwLock<Arc<Shelf>>,
    stale: Mutex<HashSet<Stale>>,
    changed: Notify,
    /// Everything is to be read anew.
    begins: AtomicBool,
    /// Per cent of what is being read anew; none when all is there.
    indexing: watch::Sender<Option<u8>>,
}

impl SearchIndex {
    /// An empty index; the feed says when to fill it, and [`SearchIndex::keep_up`] does.
    pub fn new(feed: PgPool) -> Self {
        Self(Arc::new(Inner {
            pool: feed,
            vocabulary: Arc::default(),
            context: RwLock::default(),
            shelf: RwLock::default(),
            stale: Mutex::default(),
            changed: Notify::new(),
            begins: AtomicBool::new(false),
            indexing: watch::Sender::new(Some(0)),
        }))
    }

    /// How much of the rows is indexed, in per cent; none when all of them are. Until then searches find what is.
    pub fn indexing(&self) -> Option<u8> {
        *self.0.indexing.borrow()
    }

    /// The best rows, best first. Takes milliseconds in a city: not for an async thread.
    pub fn find(&self, words: &Words, wanted: &Wanted<'_>) -> Vec<Hit> {
        let context = self.0.context.read().expect("nobody panics while holding the areas").clone();
        let query = Query::new(words, &self.0.vocabulary.read().expect("nobody panics while holding the vocabulary"), &context);
        find::find(&self.shelf(), &query, wanted)
    }

    fn shelf(&self) -> Arc<Shelf> {
        self.0.shelf.read().expect("nobody panics while holding the shelf").clone()
    }

    fn put(&self, shelf: Shelf) {
        *self.0.shelf.write().expect("nobody panics while holding the shelf") = Arc::new(shelf);
    }

    /// Fills the index when the feed begins, and reads again what changed, for as long as the server runs.
    pub async fn keep_up(self) {
        loop {
            self.0.changed.notified().await;
            while self.0.begins.swap(false, Ordering::AcqRel) {
                if let Err(cause) = self.fill().await {
                    warn!(cause = format!("{cause:#}"), "the search index could not be filled; trying again");
                    self.0.begins.store(true, Ordering::Release);
                    tokio::time::sleep(RETRY).await;
                }
            }
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

    /// Reads everything anew: small kinds first, so that they are found while households are still read.
    async fn fill(&self) -> anyhow::Result<()> {
        let started = Instant::now();
        self.put(Shelf::default());
        let counts = db::row_counts(&self.0.pool).await.context("rows could not be counted for the search index")?;
        let all = counts.iter().map(|(_, count)| count).sum::<u64>().max(1);
        let (read, indexing) = (Arc::new(AtomicU64::new(0)), self.0.indexing.clone());
        let progress = move |rows| {
            let read = read.fetch_add(rows, Ordering::Relaxed) + rows;
            indexing.send_replace(Some((read * 100 / all).min(99) as u8));
        };
        let reader = self.reader(Arc::new(progress));
        self.read_areas().await?;
        let mut kinds = SearchKind::ALL;
        kinds.sort_by_key(|kind| counts.iter().find(|(table, _)| table == kind.name()).map_or(0, |(_, count)| *count));
        for kind in kinds {
            let chunks = reader.chunks(kind).await?;
            let vocabulary = self.0.vocabulary.clone();
            tokio::task::spawn_blocking(move || vocabulary.write().expect("nobody panics while holding the vocabulary").sort()).await?;
            self.put(self.shelf().with_chunks(chunks));
        }
        self.0.indexing.send_replace(None);
        let (shelf, vocabulary) = (self.shelf(), self.0.vocabulary.read().expect("nobody panics while holding the vocabulary"));
        let (rows, bytes) = (shelf.rows(), shelf.bytes() + vocabulary.bytes());
        let megabytes_per_million = bytes as f64 / rows.max(1) as f64;
        let took_ms = started.elapsed().as_millis();
        info!(rows, words = vocabulary.len(), took_ms, megabytes = bytes >> 20, megabytes_per_million, "search index filled");
        Ok(())
    }

    async fn read_areas(&self) -> anyhow::Result<()> {
        let areas = db::areas(&self.0.pool).await.context("areas could not be read for the search index")?;
        let context = Context::new(&areas, &mut self.0.vocabulary.write().expect("nobody panics while holding the vocabulary"));
        *self.0.context.write().expect("nobody panics while holding the areas") = Arc::new(context);
        Ok(())
    }

    fn reader(&self, progress: Arc<dyn Fn(u64) + Send + Sync>) -> Reader<'_> {
        Reader { pool: &self.0.pool, vocabulary: &self.0.vocabulary, progress }
    }

    async fn refresh(&self, stale: &HashSet<Stale>) -> anyhow::Result<()> {
        if stale.is_empty() {
            return Ok(());
        }
        let reader = self.reader(Arc::new(|_| ()));
        let mut changes = Changes::default();
        let residents: Vec<i64> = stale.iter().filter_map(|s| if let Stale::Resident(id) = s { Some(*id) } else { None }).collect();
        if !residents.is_empty() {
            let (before, now) = (self.shelf().households_of(&residents), db::household_of(&self.0.pool, &residents).await?);
            changes.rows.extend(before.into_iter().chain(now).map(|household| (SearchKind::Household, household)));
        }
        for entry in stale {
            match entry {
                Stale::Row(kind, id) => drop(changes.rows.insert((*kind, *id))),
                Stale::Resident(_) => {}
                Stale::Area(kind, area_id) => {
                    changes.areas.push((*kind, *area_id));
                    match area_id {
                        Some(area_id) => changes.documents.extend(reader.documents(*kind, Which::InArea(*area_id)).await?),
                        None => changes.chunks.extend(reader.chunks(*kind).await?),
                    }
                }
            }
        }
        for kind in SearchKind::ALL {
            if changes.areas.contains(&(kind, None)) {
                continue;
            }
            let ids: Vec<i64> = changes.rows.iter().filter(|(of, _)| *of == kind).map(|(_, id)| *id).collect();
            if !ids.is_empty() {
                changes.documents.extend(reader.documents(kind, Which::Ids(&ids)).await?);
            }
        }
        if changes.rows.iter().any(|(kind, _)| *kind == SearchKind::Area) || changes.areas.iter().any(|(kind, _)| *kind == SearchKind::Area)
        {
            self.read_areas().await?;
        }
        let (shelf, vocabulary) = (self.shelf(), self.0.vocabulary.clone());
        let after = tokio::task::spawn_blocking(move || {
            vocabulary.write().expect("nobody panics while holding the vocabulary").tidy();
            shelf.after(changes)
        });
        self.put(after.await?);
        Ok(())
    }
}

impl Follower for SearchIndex {
    fn name(&self) -> &'static str {
        "search index"
    }

    fn begin<'a>(&'a self, _: &'a Head) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            let mut indexing = self.0.indexing.subscribe();
            self.0.indexing.send_replace(Some(0));
            self.0.begins.store(true, Ordering::Release);
            self.0.changed.notify_one();
            // What takes longer is said in every answer.
            _ = tokio::time::timeout(WAIT_AT_START, indexing.wait_for(Option::is_none)).await;
            Ok(())
        })
    }

    fn follow<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, anyhow::Result<()>> {
        let stale: Vec<Stale> = batch.changes.iter().filter_map(stale_after).collect();
        if !stale.is_empty() {
            self.0.stale.lock().expect("nobody panics while holding what is stale").extend(stale);
            self.0.changed.notify_one();
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests;
