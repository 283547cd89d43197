//! All SQL of boarding houses that requests need, under the caller's row-level security.
//! A landlord reaches the own house, everybody else by area: the policies say so, not this file.

use chrono::{DateTime, NaiveDate, Utc};
use shared::boarding::EditBoardingHouse;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::geography::editing::place_in_house;

#[derive(FromRow)]
pub struct HouseRow {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub address: String,
    pub area_id: i32,
    pub area_name: String,
    pub landlord_account_id: Option<i64>,
    pub landlord_name: String,
    pub room_count: i32,
    pub declared_room_count: i32,
    pub vacant_room_count: i32,
    pub tenant_count: i32,
    pub declared_tenant_count: i32,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

const HOUSE: &str = "select b.id, b.code, b.name, b.address, b.area_id, a.name as area_name, b.landlord_account_id, b.landlord_name,
        b.room_count, b.declared_room_count, b.vacant_room_count, b.tenant_count, b.declared_tenant_count,
        st_x(b.geom) as lon, st_y(b.geom) as lat, b.version, b.updated_at
    from boarding_house b join area a on a.id = b.area_id";

pub async fn find_house(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<HouseRow>> {
    sqlx::query_as(&format!("{HOUSE} where b.id = $1")).bind(id).fetch_optional(db).await
}

/// The house, which nobody else edits until this transaction ends; none where the caller may not edit it.
pub async fn lock_house(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<HouseRow>> {
    sqlx::query_as(&format!("{HOUSE} where b.id = $1 for update of b")).bind(id).fetch_optional(db).await
}

/// Writes what the edit names. The building follows a new place, unless the edit says which it is; rooms and tenants follow
/// its area.
pub async fn place_house(db: &mut PgConnection, id: i64, edit: &EditBoardingHouse) -> sqlx::Result<()> {
    place_in_house(db, "boarding_house", id, edit.point, edit.building_id).await
}

#[derive(FromRow)]
pub struct TenantRow {
    pub id: i64,
    pub uid: Uuid,
    pub room: String,
    pub tenant_name: String,
    pub birth_date: Option<NaiveDate>,
    pub sex: Option<String>,
    pub occupation: Option<String>,
    pub home_province: Option<String>,
    pub from_on: NaiveDate,
    pub declared_at: Option<DateTime<Utc>>,
    pub national_id_encrypted: Option<Vec<u8>>,
    pub phone: Option<String>,
}

/// Who lives in a boarding house now, by room.
pub async fn tenants_of(db: &mut PgConnection, house_id: i64) -> sqlx::Result<Vec<TenantRow>> {
    sqlx::query_as(
        "select t.id, t.uid, r.name as room, t.tenant_name, t.birth_date, t.sex, t.occupation, t.home_province, t.from_on, t.declared_at,
            t.national_id_encrypted, t.phone
         from room r join tenancy t on t.room_id = r.id
         where r.boarding_house_id = $1 and t.until_on is null
         order by r.name, t.id",
    )
    .bind(house_id)
    .fetch_all(db)
    .await
}
