//! The SQL of the map index: rows of point layers as `ioc_feed` may read them.
//! It deliberately reads whole layers or whole areas; single rows come with the feed.

use anyhow::Context;
use shared::layer::PropertyKind;
use sqlx::{PgPool, postgres::PgPoolCopyExt};

use crate::geography::catalogue::{Layer, Leaving};
use crate::platform::copy::{CopyRow, read_rows};

/// Hands every row of a layer to `take` (`area_id`: only those of one area itself): id, area, owner, longitude, latitude, and
/// the layer's properties in their order.
///
/// By COPY: of two million households a SELECT of JSON took a minute, this takes seconds.
pub(super) async fn read(
    pool: &PgPool,
    layer: &Layer,
    area_id: Option<i32>,
    take: impl FnMut(CopyRow<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let rows = pool.copy_out_raw(&statement(layer, area_id)).await?;
    read_rows(rows, take).await.with_context(|| format!("the layer {} could not be read", layer.name))
}

/// Names come from the catalogue, which is part of this program; a COPY takes no parameters, and the one value is a number.
fn statement(layer: &Layer, area_id: Option<i32>) -> String {
    let (table, area, geometry) = (&layer.table, &layer.area_column, &layer.geometry.column);
    let owner = layer.owner_column.as_ref().map_or_else(|| "null::bigint".to_owned(), |column| format!("t.\"{column}\""));
    let columns: String = layer.properties.iter().map(|p| format!(", t.\"{}\"::{}", p.name, sql_type(p.kind))).collect();
    let stays = layer.leaves.as_ref().map_or_else(|| "true".to_owned(), Leaving::stays);
    let within = area_id.map(|area_id| format!(" and t.\"{area}\" = {area_id}")).unwrap_or_default();
    format!(
        "copy (select t.id, t.\"{area}\", {owner}, st_x(t.\"{geometry}\"), st_y(t.\"{geometry}\"){columns} from \"{table}\" t where {stays}{within}) \
         to stdout (format binary)"
    )
}

fn sql_type(kind: PropertyKind) -> &'static str {
    match kind {
        PropertyKind::Integer => "bigint",
        PropertyKind::Real => "float8",
        PropertyKind::Boolean => "boolean",
        PropertyKind::Time => "timestamptz",
        PropertyKind::Code | PropertyKind::Text => "text",
    }
}
