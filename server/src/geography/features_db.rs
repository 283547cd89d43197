//! The SQL behind `features`: base map rows by id, open to everybody.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};

#[derive(FromRow)]
pub struct BuildingRow {
    pub id: i64,
    pub code: String,
    pub usage: String,
    pub name: Option<String>,
    pub storeys: Option<i16>,
    pub address: Option<String>,
    pub area_id: i32,
    pub area_name: String,
    pub lon: f64,
    pub lat: f64,
    pub updated_at: DateTime<Utc>,
}

pub async fn find_building(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<BuildingRow>> {
    sqlx::query_as(
        "select b.id, b.code, b.use as usage, b.name, b.storeys, b.address, b.area_id, a.name as area_name,
            st_x(p.point) as lon, st_y(p.point) as lat, b.updated_at
         from building b join area a on a.id = b.area_id, st_pointonsurface(b.footprint) as p(point) where b.id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

#[derive(FromRow)]
pub struct RoadRow {
    pub id: i64,
    pub code: String,
    pub class: String,
    pub name: Option<String>,
    pub parent_id: Option<i64>,
    pub parent_name: Option<String>,
    pub length_m: f64,
    pub width_m: f32,
    pub lon: f64,
    pub lat: f64,
    pub updated_at: DateTime<Utc>,
}

pub async fn find_road(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<RoadRow>> {
    sqlx::query_as(
        "select r.id, r.code, r.class, r.name, r.parent_id, p.name as parent_name, st_length(r.geom::geography) as length_m, r.width_m,
            st_x(m.point) as lon, st_y(m.point) as lat, r.updated_at
         from road r left join road p on p.id = r.parent_id, st_lineinterpolatepoint(r.geom, 0.5) as m(point) where r.id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}
