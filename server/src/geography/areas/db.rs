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

/// Current areas that have a boundary; provinces first, then wards, then TDPs, each in Vietnamese order ("TDP 2" before "TDP 10").
pub(super) async fn current(app: &PgPool) -> sqlx::Result<Vec<AreaSummary>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select id, parent_id, kind, code, name, is_demo, attribution, attribution_url, st_x(label) label_lon, st_y(label) label_lat, \
            st_xmin(boundary) west, st_ymin(boundary) south, st_xmax(boundary) east, st_ymax(boundary) north \
         from (select *, st_pointonsurface(boundary) label from area where valid_to is null and boundary is not null) a \
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
