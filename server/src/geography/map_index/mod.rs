//! Every point layer in memory, built from PostGIS at the start and kept by the feed; and the versions of every layer's cells.
//! It deliberately decides nobody's reach (an `Audience` brings it) and draws no tile (`tiles` does).

mod db;
mod point_layer;
mod shape;
mod value;
mod versions;

use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

use anyhow::Context;
use futures_util::{TryStreamExt, future::BoxFuture};
use geo::MultiPolygon;
use serde::Deserialize;
use serde_json::Value as Json;
use shared::live::LiveRow;
use sqlx::PgPool;
use tracing::info;

pub use self::point_layer::{PointLayer, Row, RowFilter};
pub use self::shape::Shape;
pub use self::value::{Codes, Value, rfc3339};
pub use self::versions::CellVersions;
use super::audience::Audience;
use super::catalogue::{Catalogue, Layer, Source};
use super::mercator::to_world;
use crate::accounts::Caller;
use crate::feed::{Batch, Change, Follower, Head, Op, Position};

/// Cheap to clone; every clone is the same index.
#[derive(Clone)]
pub struct MapIndex(Arc<Inner>);

struct Inner {
    /// As `ioc_feed`.
    pool: PgPool,
    layers: Vec<IndexedLayer>,
    position: RwLock<Option<Position>>,
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
    pub fn position(&self) -> Option<Position> {
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
    pub fn visit_in_shape(&self, layer: &str, audience: &Audience, shape: &Shape, mut visit: impl FnMut(&PointLayer, &Row)) {
        let (Some(points), Some(bounds)) = (self.points(layer), shape.bounds()) else { return };
        for (_, row) in points.in_box(world_box(bounds), audience) {
            if row.at.is_some_and(|at| shape.holds(at)) {
                visit(&points, row);
            }
        }
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

    fn indexed(&self, layer: &str) -> Option<&IndexedLayer> {
        self.0.layers.iter().find(|indexed| indexed.layer.name == layer)
    }

    /// Reads every point layer anew.
    async fn fill(&self) -> anyhow::Result<()> {
        for indexed in &self.0.layers {
            let started = Instant::now();
            if let Some(points) = &indexed.points {
                let mut fresh = PointLayer::new(indexed.layer.clone());
                let sql = db::images_sql(&indexed.layer);
                let mut images = std::pin::pin!(db::images(&self.0.pool, &sql, None));
                let mut rows = Vec::new();
                // Row by row as they arrive: all the images together would take several times the room.
                while let Some((id, area, image)) = images.try_next().await.with_context(|| unread(&indexed.layer))? {
                    rows.push(fresh.row(id, area, &image));
                }
                fresh.fill(rows);
                info!(layer = indexed.layer.name, rows = fresh.len(), took_ms = started.elapsed().as_millis(), "map index filled");
                *points.write().expect("nobody panics while holding a layer") = fresh;
            }
            indexed.versions.touch_all();
        }
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

    /// A bulk load or TRUNCATE names an area, not its rows.
    async fn reload(&self, indexed: &IndexedLayer, area_id: Option<i32>) -> anyhow::Result<()> {
        if indexed.points.is_some() {
            let images = read_images(&self.0.pool, &indexed.layer, area_id).await?;
            let mut points = indexed.write().expect("it has points");
            match area_id {
                None => *points = PointLayer::new(indexed.layer.clone()),
                Some(_) => points.remove_area(area_id),
            }
            for (id, area, image) in images {
                let row = points.row(id, area, &image);
                points.insert(row);
            }
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

    fn touch(&self, image: &Json) {
        let number = |name: &str| image.get(name).and_then(Json::as_f64);
        if let Some((lon, lat)) = number("lon").zip(number("lat")) {
            self.versions.touch_point(lon, lat);
        } else if let Some([west, south, east, north]) = image.get("bbox").and_then(|bbox| <[f64; 4]>::deserialize(bbox).ok()) {
            self.versions.touch_box([west, south, east, north]);
        }
    }
}

async fn read_images(pool: &PgPool, layer: &Layer, area_id: Option<i32>) -> anyhow::Result<Vec<db::ImageRow>> {
    let sql = db::images_sql(layer);
    db::images(pool, &sql, area_id).try_collect().await.with_context(|| unread(layer))
}

fn unread(layer: &Layer) -> String {
    format!("the layer {} could not be read", layer.name)
}

impl Follower for MapIndex {
    fn name(&self) -> &'static str {
        "map index"
    }

    fn begin<'a>(&'a self, start: &'a Head) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            self.fill().await?;
            *self.0.position.write().expect("nobody panics while holding the position") = Some(start.position.clone());
            Ok(())
        })
    }

    fn follow<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            for change in batch.changes.iter() {
                self.take_in(change).await?;
            }
            *self.0.position.write().expect("nobody panics while holding the position") = Some(batch.position.clone());
            Ok(())
        })
    }
}

/// West, south, east, north in degrees to west, north, east, south of the unit square.
pub fn world_box([west, south, east, north]: [f64; 4]) -> [f64; 4] {
    let ([left, bottom], [right, top]) = (to_world(west, south), to_world(east, north));
    [left, top, right, bottom]
}
