//! The SQL of the map index: rows of point layers as `ioc_feed` may read them.
//! It deliberately reads whole layers or whole areas; single rows come with the feed.

use futures_util::{Stream, TryStreamExt};
use serde_json::{Map, Value as Json};
use sqlx::PgPool;

use crate::geography::catalogue::Layer;

/// Id, area, and the image as a change would carry it.
pub(super) type ImageRow = (i64, Option<i32>, Map<String, Json>);

/// All rows of a layer; `area_id`: only those of one area itself.
pub(super) fn images<'a>(pool: &'a PgPool, sql: &'a str, area_id: Option<i32>) -> impl Stream<Item = sqlx::Result<ImageRow>> + 'a {
    sqlx::query_as::<_, (i64, Option<i32>, sqlx::types::Json<Map<String, Json>>)>(sql)
        .bind(area_id)
        .fetch(pool)
        .map_ok(|(id, area_id, image)| (id, area_id, image.0))
}

/// The query for [`images`]. Names come from the catalogue, which is part of this program.
pub(super) fn images_sql(layer: &Layer) -> String {
    let columns: String = layer.image_columns().map(|column| format!("'{column}', t.\"{column}\", ")).collect();
    let (table, area, geometry) = (&layer.table, &layer.area_column, &layer.geometry.column);
    format!(
        "select t.id, t.\"{area}\", json_build_object({columns}'lon', st_x(t.\"{geometry}\"), 'lat', st_y(t.\"{geometry}\")) \
         from \"{table}\" t where $1::integer is null or t.\"{area}\" = $1"
    )
}
