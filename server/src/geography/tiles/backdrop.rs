//! The backdrop tile: what the map draws of areas and waters that no single row gives: the ground outside every ward, each
//! boundary line once however many areas share it, and one point per named water for its name.
//! It deliberately is no layer of the catalogue: nothing is selected in it, everybody may see it.

use chrono::NaiveDate;
use sqlx::PgPool;

use crate::geography::mercator::TileAddress;

/// Its name in addresses and in the tile.
pub const NAME: &str = "backdrop";
/// The layers it is drawn from: a change of either makes it another tile.
pub const DRAWN_FROM: [&str; 2] = ["area", "water"];
pub const ZOOMS: (u8, u8) = (5, 16);
/// Names of waters are read from here on.
const NAMES_FROM: i32 = 13;

/// The tile's bytes. Features have `part`: `outside` (surface), `ward` and `tdp` (lines), `water_name` (point, with `name`).
///
/// Boundaries are snapped to the tile's own grid first: neighbours that share corners still do afterwards, so that
/// `st_union` makes their common edge one, and a province's 133,000 corners become as many as can be seen. `&&` lets the
/// spatial index discard what is elsewhere. Lines of TDPs that are also the ward's are the ward's.
///
/// `on`: areas as they were in force on that day, instead of today's. Of the time before the first known boundary of a kind that
/// first one is shown: a ward that brought its boundary in today was there yesterday.
pub async fn encode(pool: &PgPool, tile: TileAddress, on: Option<NaiveDate>) -> sqlx::Result<Vec<u8>> {
    if !(ZOOMS.0..=ZOOMS.1).contains(&tile.z) {
        return Ok(Vec::new());
    }
    sqlx::query_scalar(
        "with tile as materialized (
            select st_tileenvelope($1, $2, $3) as bounds, around, (st_xmax(around) - st_xmin(around)) / 4224 as unit
            from st_transform(st_tileenvelope($1, $2, $3, margin => 64.0 / 4096), 4326) as around
        ), asked as materialized (
            select kind, greatest($5::date, min(valid_from)) as day from area where boundary is not null group by kind
        ), near as materialized (
            select a.kind, st_snaptogrid(a.boundary, tile.unit) as boundary
            from area a join asked using (kind) cross join tile
            where case when $5::date is null then a.valid_to is null else a.valid_from <= asked.day and (a.valid_to is null or a.valid_to > asked.day) end
                and a.kind in ('ward', 'tdp') and a.boundary && tile.around
        ), line as materialized (
            select n.kind, st_union(st_clipbybox2d(st_boundary(n.boundary), tile.around::box2d)) as shape
            from near n, tile group by n.kind
        ), inside as (
            select st_union(st_collectionextract(st_makevalid(st_clipbybox2d(st_makevalid(n.boundary), tile.around::box2d)), 3)) as shape
            from near n, tile where n.kind = 'ward'
        ), part as (
            select null::bigint as id, 'outside' as part, null::text as name,
                case when inside.shape is null then tile.around else st_difference(tile.around, inside.shape) end as shape
            from inside, tile
            where exists (select from area where kind = 'ward' and valid_to is null and boundary is not null)
            union all
            select null, l.kind, null,
                case when l.kind = 'tdp' then coalesce((select st_difference(l.shape, w.shape) from line w where w.kind = 'ward'), l.shape)
                else l.shape end
            from line l
            union all
            select w.id, 'water_name', w.name, st_pointonsurface(w.geom)
            from water w, tile where $1 >= $4 and w.name is not null and w.geom && tile.around
        )
        select coalesce(st_asmvt(f, 'backdrop', 4096, 'drawn', 'id'), ''::bytea)
        from (
            select p.id, p.part, p.name,
                st_asmvtgeom(st_transform(p.shape, 3857), tile.bounds, 4096, case when p.part = 'water_name' then 0 else 64 end, true) as drawn
            from part p, tile where p.shape is not null and not st_isempty(p.shape)
        ) f where f.drawn is not null",
    )
    .bind(i32::from(tile.z))
    .bind(tile.x.cast_signed())
    .bind(tile.y.cast_signed())
    .bind(NAMES_FROM)
    .bind(on)
    .fetch_one(pool)
    .await
}
