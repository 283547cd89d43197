//! The SQL of areas: open to everybody, so it runs as `ioc_app` without a session.
//! It deliberately sends no boundary; tiles do.

use shared::area::{AreaId, AreaKind, AreaSummary, Attribution};
use sqlx::{FromRow, PgPool};

#[derive(FromRow)]
struct Row {
    id: i32,
    parent_id: Option<i32>,
    kind: String,
    code: String,
    name: String,
    is_demo: bool,
    attribution: Option<String>,
    attribution_url: Option<String>,
    label_lon: f64,
    label_lat: f64,
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

/// Current areas with their ground: provinces first, then wards, then TDPs, each in Vietnamese order ("TDP 2" before "TDP 10").
///
/// A province is often made without a boundary, by name, when its first ward is; its ground is then its wards'. An area without
/// any is left out.
pub(super) async fn current(app: &PgPool) -> sqlx::Result<Vec<AreaSummary>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select id, parent_id, kind, code, name, is_demo, attribution, attribution_url, st_x(label) label_lon, st_y(label) label_lat, \
            st_xmin(ground) west, st_ymin(ground) south, st_xmax(ground) east, st_ymax(ground) north \
         from (select grounded.*, st_pointonsurface(ground) label \
            from (select area.*, coalesce(area.boundary, (select st_collect(w.boundary) from area w \
                where area.kind = 'province' and w.parent_id = area.id and w.valid_to is null)) ground \
               from area where area.valid_to is null) grounded \
            where ground is not null) a \
         order by array_position(array['province', 'ward', 'tdp'], kind), parent_id, \
            nullif(substring(name from '[0-9]+'), '')::numeric nulls first, name collate \"vi-VN-x-icu\", id",
    )
    .fetch_all(app)
    .await?;
    Ok(rows.into_iter().map(summary).collect())
}

fn summary(row: Row) -> AreaSummary {
    AreaSummary {
        id: AreaId(row.id),
        parent_id: row.parent_id.map(AreaId),
        kind: match row.kind.as_str() {
            "province" => AreaKind::Province,
            "ward" => AreaKind::Ward,
            _ => AreaKind::Tdp,
        },
        code: row.code,
        name: row.name,
        label_lon: row.label_lon,
        label_lat: row.label_lat,
        bounds: [row.west, row.south, row.east, row.north],
        demo: row.is_demo,
        attribution: row.attribution.map(|text| Attribution { text, url: row.attribution_url }),
    }
}
