//! All SQL of businesses that requests need; the table is open to everybody.
//! Bulk loading stands in `load`.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, PgConnection};

#[derive(FromRow)]
pub struct BusinessRow {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub tax_code: Option<String>,
    pub vsic: Option<String>,
    pub sector: String,
    pub kind: String,
    pub status: String,
    pub address: Option<String>,
    pub opened_on: Option<NaiveDate>,
    pub area_id: i32,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub updated_at: DateTime<Utc>,
}

pub async fn find(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<BusinessRow>> {
    sqlx::query_as(
        "select id, code, name, tax_code, vsic, sector, kind, status, address, opened_on, area_id,
            st_x(geom) as lon, st_y(geom) as lat, updated_at
         from business where id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}
