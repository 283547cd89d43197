//! Tiles of the base map: lines and polygons as PostGIS writes them (`ST_AsMVT`), open layers only.
//! It deliberately caches nothing; `tiles` does, by the version of the tile's cell.

use chrono::DateTime;
use sqlx::{PgPool, Postgres, QueryBuilder};

use super::encode::EXTENT;
use crate::geography::{
    catalogue::Layer,
    filter::{Accepts, Condition, Filter},
    mercator::TileAddress,
};

// Microseconds since 1970.
const YEAR_1: i64 = -62_135_596_800_000_000;
const YEAR_9999: i64 = 253_402_300_799_000_000;

/// Drawn beyond the tile's rim, so that outlines do not show its edge.
const BUFFER: u32 = 64;

/// The tile's bytes; none for an empty one.
///
/// `&&` lets the spatial index discard most rows; `st_asmvtgeom` then clips exactly and gives null for what falls away.
/// Names come from the catalogue, which is part of this program; values are bound.
pub async fn encode(pool: &PgPool, layer: &Layer, tile: TileAddress, filter: &Filter) -> sqlx::Result<Vec<u8>> {
    if tile.z < layer.min_zoom {
        return Ok(Vec::new());
    }
    let (table, geometry) = (&layer.table, &layer.geometry.column);
    let columns: String = layer.properties.iter().filter(|p| p.from_zoom <= tile.z).map(|p| format!("t.\"{}\", ", p.name)).collect();
    let mut query = QueryBuilder::<Postgres>::new("with tile as materialized (select st_tileenvelope(");
    for number in [i32::from(tile.z), tile.x.cast_signed(), tile.y.cast_signed()] {
        query.push_bind(number).push(", ");
    }
    query.push("margin => 0) as bounds, st_transform(st_tileenvelope(");
    for number in [i32::from(tile.z), tile.x.cast_signed(), tile.y.cast_signed()] {
        query.push_bind(number).push(", ");
    }
    query.push(format!("margin => {BUFFER}.0 / {EXTENT}), 4326) as around) "));
    query.push(format!(
        "select coalesce(st_asmvt(f, '{}', {EXTENT}, 'drawn', 'id'), ''::bytea) from (\
         select t.id, {columns}st_asmvtgeom(st_transform(t.\"{geometry}\", 3857), tile.bounds, {EXTENT}, {BUFFER}, true) as drawn \
         from \"{table}\" t, tile where t.\"{geometry}\" && tile.around",
        layer.name
    ));
    push_conditions(&mut query, layer, filter);
    if let Some(rule) = layer.low_zoom.as_ref().filter(|rule| tile.z < rule.below) {
        query.push(format!(" and t.\"{}\" = any(", rule.column)).push_bind(&rule.keep).push(")");
    }
    query.push(" order by t.id) f where f.drawn is not null");
    query.build_query_scalar().fetch_one(pool).await
}

/// How many rows reach into a box (west, south, east, north; degrees), as the tiles' filter has them.
pub async fn count(pool: &PgPool, layer: &Layer, bounds: [f64; 4], filter: &Filter) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::<Postgres>::new(format!(
        "select count(*) from \"{}\" t where t.\"{}\" && st_makeenvelope(",
        layer.table, layer.geometry.column
    ));
    for edge in bounds {
        query.push_bind(edge).push(", ");
    }
    query.push("4326)");
    push_conditions(&mut query, layer, filter);
    query.build_query_scalar().fetch_one(pool).await
}

fn push_conditions(query: &mut QueryBuilder<'_, Postgres>, layer: &Layer, filter: &Filter) {
    // Areas of the past keep their rows; the map shows the present.
    if layer.table == "area" {
        query.push(" and t.valid_to is null");
    }
    for condition in filter.conditions() {
        push_condition(query, layer, condition);
    }
}

fn push_condition(query: &mut QueryBuilder<'_, Postgres>, layer: &Layer, condition: &Condition) {
    let column = &layer.properties[condition.property].name;
    match &condition.accepts {
        Accepts::Codes(codes) => {
            query.push(format!(" and t.\"{column}\" = any(")).push_bind(codes.clone()).push(")");
        }
        Accepts::Boolean(value) => {
            query.push(format!(" and t.\"{column}\" = ")).push_bind(*value);
        }
        Accepts::Integers(ranges) => push_ranges(query, &format!("t.\"{column}\""), ranges.iter().copied()),
        Accepts::Reals(ranges) => push_ranges(query, &format!("t.\"{column}\"::float8"), ranges.iter().copied()),
        Accepts::Times(ranges) => {
            // An open end is farther away than PostgreSQL's calendar goes.
            let moment = |micros: i64| DateTime::from_timestamp_micros(micros.clamp(YEAR_1, YEAR_9999)).unwrap_or_default();
            let ranges = ranges.iter().map(|(from, to)| (moment(*from), moment(*to)));
            push_ranges(query, &format!("t.\"{column}\""), ranges);
        }
    }
}

fn push_ranges<T>(query: &mut QueryBuilder<'_, Postgres>, expression: &str, ranges: impl Iterator<Item = (T, T)>)
where
    T: for<'q> sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + 'static + Send,
{
    let mut joiner = " and (";
    for (from, to) in ranges {
        query.push(format!("{joiner}{expression} between ")).push_bind(from).push(" and ").push_bind(to);
        joiner = " or ";
    }
    query.push(")");
}
