//! All SQL of households and residents, under the caller's row-level security.
//! Rows are read by id: text and spatial conditions on protected tables would defeat their indexes (ARCHITECTURE.md).

use chrono::{DateTime, NaiveDate, Utc};
use shared::household::EditHousehold;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::geography::editing::place_in_house;

#[derive(FromRow)]
pub struct HouseholdRow {
    pub id: i64,
    pub code: String,
    pub address: String,
    pub unit: Option<String>,
    pub area_id: i32,
    pub area_name: String,
    pub member_count: i32,
    pub storeys: Option<i16>,
    pub households_in_building: i64,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

/// One household, if the caller reaches it.
pub async fn find_household(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<HouseholdRow>> {
    sqlx::query_as(
        "select h.id, h.code, h.address, h.unit, h.area_id, a.name as area_name, h.member_count, b.storeys,
            case when h.building_id is null then 1 else (select count(*) from household o where o.building_id = h.building_id) end
                as households_in_building,
            st_x(h.geom) as lon, st_y(h.geom) as lat, h.version, h.updated_at
         from household h
         join area a on a.id = h.area_id
         left join building b on b.id = h.building_id
         where h.id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// Keeps everybody else from editing the household until this transaction ends; false where the caller may not edit it.
pub async fn lock_household(db: &mut PgConnection, id: i64) -> sqlx::Result<bool> {
    let locked: Option<i64> = sqlx::query_scalar("select id from household where id = $1 for update").bind(id).fetch_optional(db).await?;
    Ok(locked.is_some())
}

/// Writes what the edit names. The house follows a new place, unless the edit says which it is; its people follow its area.
pub async fn place_household(db: &mut PgConnection, id: i64, edit: &EditHousehold) -> sqlx::Result<()> {
    place_in_house(db, "household", id, edit.point, edit.building_id).await
}

#[derive(FromRow)]
pub struct NearRow {
    pub id: i64,
    pub address: String,
    pub unit: Option<String>,
    pub area_name: String,
    pub member_count: i32,
    pub storeys: Option<i16>,
    pub lon: f64,
    pub lat: f64,
    pub distance_m: f64,
}

/// Those of these households that the caller reaches and that have a place, nearest first. The candidates come from the
/// map index, because a condition on distance would defeat the table's indexes.
pub async fn households_near(db: &mut PgConnection, ids: &[i64], lon: f64, lat: f64) -> sqlx::Result<Vec<NearRow>> {
    sqlx::query_as(
        "select h.id, h.address, h.unit, a.name as area_name, h.member_count, b.storeys, st_x(h.geom) as lon, st_y(h.geom) as lat,
            st_distance(h.geom::geography, st_setsrid(st_point($2, $3), 4326)::geography) as distance_m
         from household h
         join area a on a.id = h.area_id
         left join building b on b.id = h.building_id
         where h.id = any($1) and h.geom is not null
         order by distance_m, h.unit nulls first, h.id",
    )
    .bind(ids)
    .bind(lon)
    .bind(lat)
    .fetch_all(db)
    .await
}

#[derive(FromRow)]
pub struct ResidentRow {
    pub id: i64,
    pub uid: Uuid,
    pub area_id: i32,
    pub name: String,
    pub birth_date: NaiveDate,
    pub sex: String,
    pub relation: String,
    pub education: Option<String>,
    pub occupation: Option<String>,
    pub residence_kind: String,
    pub national_id_encrypted: Option<Vec<u8>>,
    pub phone: Option<String>,
}

/// The people of a household, head first, then by age.
pub async fn residents_of(db: &mut PgConnection, household_id: i64) -> sqlx::Result<Vec<ResidentRow>> {
    sqlx::query_as(
        "select id, uid, area_id, name, birth_date, sex, relation, education, occupation, residence_kind,
            national_id_encrypted, phone
         from resident where household_id = $1
         order by relation <> 'head', birth_date, id",
    )
    .bind(household_id)
    .fetch_all(db)
    .await
}

pub async fn find_resident(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<ResidentRow>> {
    sqlx::query_as(
        "select id, uid, area_id, name, birth_date, sex, relation, education, occupation, residence_kind,
            national_id_encrypted, phone
         from resident where id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

#[derive(FromRow)]
pub struct DoorRow {
    pub id: i64,
    pub unit: Option<String>,
    pub member_count: i32,
}

/// Households of a building that the caller reaches.
pub async fn households_in_building(db: &mut PgConnection, building_id: i64) -> sqlx::Result<Vec<DoorRow>> {
    sqlx::query_as("select id, unit, member_count from household where building_id = $1 order by unit nulls first, id")
        .bind(building_id)
        .fetch_all(db)
        .await
}

/// Households and residents of an area and all below it; none where the caller may not count there.
pub async fn count_population(db: &mut PgConnection, area_id: i32) -> sqlx::Result<Option<(i64, i64)>> {
    sqlx::query_as("select households, residents from count_population($1)").bind(area_id).fetch_optional(db).await
}
