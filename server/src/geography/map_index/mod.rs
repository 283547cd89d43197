//! Every point layer in memory, built from PostGIS at the start and kept by the feed; and the versions of every layer's cells.
//! It deliberately decides nobody's reach (an `Audience` brings it) and draws no tile (`tiles` does).

mod curve;
mod db;
mod point_layer;
mod rows;
mod shape;
mod value;
mod versions;

use std::collections::HashMap;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use geo::MultiPolygon;
use metrics::gauge;
use serde::Deserialize;
use serde_json::Value as Json;
use shared::live::LiveRow;
use sqlx::PgPool;
use tracing::{error, info};

pub use self::point_layer::{PointLayer, RowFilter};
pub use self::rows::{Row, RowRef};
pub use self::shape::Shape;
pub use self::value::{Codes, Value, rfc3339};
pub use self::versions::CellVersions;
use super::audience::Audience;
use super::catalogue::{Catalogue, Layer, Source};
use super::mercator::to_world;
use crate::accounts::Caller;
use crate::feed::{Batch, Change, Follower, Head, Op};
use crate::platform::clock::SharedClock;

/// How often what has left is looked for: whether a row stays some minutes beyond its month matters to nobody.
const LOOK_EVERY: Duration = Duration::from_secs(600);
/// Rows taken out under one lock, so that readers and the feed hardly wait.
const LET_GO_AT_ONCE: usize = 200;

/// More areas than this to read again at once (a province was loaded), and the whole layer is read instead.
const MANY_AREAS: usize = 32;

/// Cheap to clone; every clone is the same index.
#[derive(Clone)]
pub struct MapIndex(Arc<Inner>);

struct Inner {
    /// As `ioc_feed`.
    pool: PgPool,
    layers: Vec<IndexedLayer>,
    /// As clients carry it: written once for the many tiles that say it.
    position: RwLock<Option<Arc<str>>>,
}

struct IndexedLayer {
    layer: Arc<Layer>,
    versions: CellVersions,
    /// None for layers whose tiles PostGIS draws.
    points: Option<RwLock<PointLayer>>,
}

impl MapIndex {
    /// An empty index; the feed fills it.
    pub fn new(feed: PgPool) -> Self {
        let layers = Catalogue::embedded().layers().map(|layer| IndexedLayer {
            layer: layer.clone(),
            versions: CellVersions::default(),
            points: (layer.source == Source::MapIndex).then(|| RwLock::new(PointLayer::new(layer.clone()))),
        });
        Self(Arc::new(Inner { pool: feed, layers: layers.collect(), position: RwLock::new(None) }))
    }

    /// Every change up to here is in what is read from now on; none before the first filling.
    pub fn position(&self) -> Option<Arc<str>> {
        self.0.position.read().expect("nobody panics while holding the position").clone()
    }

    /// What `caller` may see of a layer; none where the caller sees nothing of it, or there is no such layer.
    pub fn audience(&self, layer: &str, caller: &Caller) -> Option<Audience> {
        let indexed = self.indexed(layer)?;
        Audience::of(&indexed.layer, caller, |account| indexed.read().is_some_and(|points| points.is_owner(account)))
    }

    /// Versions of the cells of any layer, the base map's too.
    pub fn versions(&self, layer: &str) -> Option<&CellVersions> {
        self.indexed(layer).map(|indexed| &indexed.versions)
    }

    /// The rows of a point layer. Writers wait while it is held: ask, and let go.
    pub fn points(&self, layer: &str) -> Option<RwLockReadGuard<'_, PointLayer>> {
        self.indexed(layer)?.read()
    }

    /// Rows of a point layer as a live snapshot shows them, by id; `bounds`: west, south, east, north in degrees.
    pub fn live_rows(&self, layer: &str, audience: &Audience, bounds: Option<[f64; 4]>) -> Vec<LiveRow> {
        let Some(points) = self.points(layer) else { return Vec::new() };
        let mut rows: Vec<LiveRow> = match bounds {
            None => points.rows(audience).map(|row| points.live_row(row)).collect(),
            Some(bounds) => points.in_box(world_box(bounds), audience).map(|(_, row)| points.live_row(row)).collect(),
        };
        rows.sort_unstable_by_key(|row| row.id);
        rows
    }

    /// Shows `visit` every row of a point layer that an audience reaches within a shape, its rim included. Writers wait
    /// meanwhile: count, and let go.
    pub fn visit_in_shape(&self, layer: &str, audience: &Audience, shape: &Shape, mut visit: impl FnMut(&PointLayer, RowRef<'_>)) {
        let Some(points) = self.points(layer) else { return };
        points.in_shape(shape, audience).for_each(|row| visit(&points, row));
    }

    /// Ids within a shape, its rim included, in order.
    pub fn ids_in_shape(&self, layer: &str, audience: &Audience, shape: &Shape) -> Vec<i64> {
        let mut ids = Vec::new();
        self.visit_in_shape(layer, audience, shape, |_, row| ids.push(row.id));
        ids.sort_unstable();
        ids
    }

    /// Ids within a polygon, its rim included, in order.
    pub fn ids_in_polygon(&self, layer: &str, audience: &Audience, polygon: &MultiPolygon) -> Vec<i64> {
        self.ids_in_shape(layer, audience, &Shape::new(polygon.clone()))
    }

    /// Ids of the rows nearest to a place, nearest first.
    pub fn nearest_ids(&self, layer: &str, audience: &Audience, lon: f64, lat: f64, limit: usize) -> Vec<i64> {
        self.points(layer).map_or_else(Vec::new, |points| points.nearest(lon, lat, audience).take(limit).map(|row| row.id).collect())
    }

    /// Lets go on the clock of what the layers' rules no longer keep. Ends with the task that runs it.
    pub async fn keep_short(self, clock: SharedClock) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            look.tick().await;
            let (index, now) = (self.clone(), clock.now());
            match tokio::task::spawn_blocking(move || index.let_go(now)).await {
                Ok(0) => {}
                Ok(rows) => info!(rows, "what is over and began long ago has left the map index"),
                Err(cause) => error!(%cause, "what is over could not be let go from the map index"),
            }
        }
    }

    /// Takes out what has left by `now`; how many rows that were. No client is told: what it shows of them is still true, and
    /// whoever asks for a tile again gets it without them.
    pub fn let_go(&self, now: DateTime<Utc>) -> usize {
        self.0.layers.iter().map(|indexed| indexed.let_go(now)).sum()
    }

    fn indexed(&self, layer: &str) -> Option<&IndexedLayer> {
        self.0.layers.iter().find(|indexed| indexed.layer.name == layer)
    }

    /// Reads every layer anew.
    async fn fill(&self) -> anyhow::Result<()> {
        for indexed in &self.0.layers {
            self.refill(indexed).await?;
        }
        Ok(())
    }

    /// Reads a layer anew; what it showed stays until the new rows are there.
    async fn refill(&self, indexed: &IndexedLayer) -> anyhow::Result<()> {
        if let Some(points) = &indexed.points {
            let started = Instant::now();
            let (mut fresh, mut rows) = (PointLayer::new(indexed.layer.clone()), Vec::new());
            db::read(&self.0.pool, &indexed.layer, None, |row| {
                rows.push(fresh.row_read(row)?);
                Ok(())
            })
            .await?;
            // Seconds of sorting in a city: not on the threads that answer everybody.
            let fresh = tokio::task::spawn_blocking(move || {
                fresh.fill(rows);
                fresh
            })
            .await?;
            let (rows, bytes) = (fresh.len(), fresh.bytes());
            let bytes_per_point = bytes / rows.max(1);
            let took_ms = started.elapsed().as_millis();
            info!(layer = indexed.layer.name, rows, took_ms, megabytes = bytes >> 20, bytes_per_point, "map index filled");
            gauge!("map_index_rows", "layer" => indexed.layer.name.clone()).set(rows as f64);
            gauge!("map_index_bytes", "layer" => indexed.layer.name.clone()).set(bytes as f64);
            *points.write().expect("nobody panics while holding a layer") = fresh;
        }
        indexed.versions.touch_all();
        Ok(())
    }

    async fn take_in(&self, change: &Change) -> anyhow::Result<()> {
        let Some(indexed) = self.indexed(&change.topic) else { return Ok(()) };
        if change.op == Op::Reload {
            return self.reload(indexed, change.area_id).await;
        }
        // The rows first, the version second: a tile drawn between the two is drawn once more, never kept too long.
        let gone = change.row_id.and_then(|id| indexed.take_in(id, change));
        for image in [&change.before, &change.after].into_iter().flatten() {
            indexed.touch(image);
        }
        if let Some([lon, lat]) = gone.and_then(|row| row.at) {
            indexed.versions.touch_point(lon, lat);
        }
        Ok(())
    }

    async fn refill_topic(&self, topic: &str) -> anyhow::Result<()> {
        match self.indexed(topic) {
            Some(indexed) => self.refill(indexed).await,
            None => Ok(()),
        }
    }

    /// A bulk load or TRUNCATE names an area, not its rows.
    async fn reload(&self, indexed: &IndexedLayer, area_id: Option<i32>) -> anyhow::Result<()> {
        let Some(area_id) = area_id else { return self.refill(indexed).await };
        if let Some(points) = &indexed.points {
            let (mut reader, mut rows) = (PointLayer::new(indexed.layer.clone()), Vec::new());
            db::read(&self.0.pool, &indexed.layer, Some(area_id), |row| {
                rows.push(reader.row_read(row)?);
                Ok(())
            })
            .await?;
            let mut points = points.write().expect("nobody panics while holding a layer");
            points.remove_area(Some(area_id));
            points.take_over(rows, &reader);
        }
        indexed.versions.touch_all();
        Ok(())
    }
}

impl IndexedLayer {
    fn read(&self) -> Option<RwLockReadGuard<'_, PointLayer>> {
        self.points.as_ref().map(|points| points.read().expect("nobody panics while holding a layer"))
    }

    fn write(&self) -> Option<RwLockWriteGuard<'_, PointLayer>> {
        self.points.as_ref().map(|points| points.write().expect("nobody panics while holding a layer"))
    }

    /// Puts the row in as it is after the change; returns what was there.
    fn take_in(&self, id: i64, change: &Change) -> Option<Row> {
        let mut points = self.write()?;
        match change.after.as_ref().and_then(Json::as_object) {
            Some(image) => {
                let row = points.row(id, change.area_id, image);
                points.insert(row)
            }
            None => points.remove(id),
        }
    }

    fn let_go(&self, now: DateTime<Utc>) -> usize {
        let left = self.read().map_or_else(Vec::new, |points| points.left(now));
        let mut gone = 0;
        for ids in left.chunks(LET_GO_AT_ONCE) {
            let Some(mut points) = self.write() else { break };
            // Asked once more: a change may have come in since.
            let rows: Vec<Row> = ids.iter().filter_map(|id| points.let_go(*id, now)).collect();
            drop(points);
            gone += rows.len();
            for [lon, lat] in rows.iter().filter_map(|row| row.at) {
                self.versions.touch_point(lon, lat);
            }
        }
        if gone > 0 {
            let rows = self.read().map_or(0, |points| points.len());
            gauge!("map_index_rows", "layer" => self.layer.name.clone()).set(rows as f64);
        }
        gone
    }

    fn touch(&self, image: &Json) {
        let number = |name: &str| image.get(name).and_then(Json::as_f64);
        if let Some((lon, lat)) = number("lon").zip(number("lat")) {
            self.versions.touch_point(lon, lat);
        } else if let Some([west, south, east, north]) = image.get("bbox").and_then(|bbox| <[f64; 4]>::deserialize(bbox).ok()) {
            self.versions.touch_box([west, south, east, north]);
        }
    }
}

/// Of each topic that has many areas to read again, where the last of them stands: the whole layer is read there, once.
fn many_reloads(changes: &[Change]) -> HashMap<&str, usize> {
    let mut reloads: HashMap<&str, (usize, usize)> = HashMap::new();
    for (place, change) in changes.iter().enumerate().filter(|(_, change)| change.op == Op::Reload) {
        let (count, last) = reloads.entry(&change.topic).or_default();
        (*count, *last) = (*count + 1, place);
    }
    reloads.into_iter().filter(|(_, (count, _))| *count > MANY_AREAS).map(|(topic, (_, last))| (topic, last)).collect()
}

impl Follower for MapIndex {
    fn name(&self) -> &'static str {
        "map index"
    }

    fn begin<'a>(&'a self, start: &'a Head) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            self.fill().await?;
            *self.0.position.write().expect("nobody panics while holding the position") = Some(start.position.to_string().into());
            Ok(())
        })
    }

    fn follow<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            let many = many_reloads(&batch.changes);
            for (place, change) in batch.changes.iter().enumerate() {
                match many.get(&*change.topic).filter(|_| change.op == Op::Reload) {
                    None => self.take_in(change).await?,
                    Some(last) if *last == place => self.refill_topic(&change.topic).await?,
                    Some(_) => {}
                }
            }
            *self.0.position.write().expect("nobody panics while holding the position") = Some(batch.position.to_string().into());
            Ok(())
        })
    }
}

/// West, south, east, north in degrees to west, north, east, south of the unit square.
pub fn world_box([west, south, east, north]: [f64; 4]) -> [f64; 4] {
    let ([left, bottom], [right, top]) = (to_world(west, south), to_world(east, north));
    [left, top, right, bottom]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_province_is_read_once_and_a_ward_area_by_area() {
        let reload = |topic: &str, area_id: i32| Change {
            seq: i64::from(area_id),
            xid: 1,
            at: chrono::DateTime::UNIX_EPOCH,
            topic: topic.into(),
            op: Op::Reload,
            old_area_id: None,
            area_id: Some(area_id),
            row_id: None,
            before: None,
            after: None,
            actor: None,
            request_id: None,
        };
        let mut changes: Vec<Change> = (0..40).map(|area| reload("household", area)).collect();
        changes.extend((0..8).map(|area| reload("camera", area)));
        assert_eq!(many_reloads(&changes), HashMap::from([("household", 39)]));
    }
}
