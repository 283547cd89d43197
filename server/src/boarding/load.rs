//! Writes boarding houses with their rooms and tenants in bulk, for the demo ward and for imports.
//! It deliberately makes no transaction: the caller begins one as owner, with `geography::load::begin_bulk`.

use chrono::{DateTime, NaiveDate, Utc};
use shared::household::Sex;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::platform::columns::column;
use crate::platform::national_id::{self, Sealed};
use crate::platform::secrets::Secrets;

/// Rows per statement: large enough to be quick, small enough to be sent in one piece.
const CHUNK: usize = 4_000;

pub struct NewBoardingHouse {
    /// Unique in its ward.
    pub code: String,
    pub area_id: i32,
    pub ward_id: i32,
    pub building_id: Option<i64>,
    pub name: String,
    pub address: String,
    pub landlord_name: String,
    pub landlord_phone: Option<String>,
    /// Longitude and latitude.
    pub point: Option<(f64, f64)>,
    pub rooms: Vec<NewRoom>,
}

pub struct NewRoom {
    /// As on its door: "P101".
    pub name: String,
    pub floor_area_m2: f32,
    pub capacity: i16,
    /// Per month.
    pub rent_vnd: i64,
    /// None: not declared on the platform yet.
    pub declared_at: Option<DateTime<Utc>>,
    pub tenants: Vec<NewTenant>,
}

/// Not `Debug` on purpose: a national ID must not end up in a log.
pub struct NewTenant {
    pub name: String,
    pub birth_date: Option<NaiveDate>,
    pub sex: Option<Sex>,
    pub occupation: Option<String>,
    pub home_province: Option<String>,
    /// In the clear; sealed here before it reaches the database.
    pub national_id: Option<String>,
    pub phone: Option<String>,
    pub from_on: NaiveDate,
    /// None: lives there, but has not been declared yet.
    pub declared_at: Option<DateTime<Utc>>,
}

/// Inserts the houses and all that hangs below them; answers with the houses' ids in the slice's order.
pub async fn insert_boarding_houses(db: &mut PgConnection, secrets: &Secrets, houses: &[NewBoardingHouse]) -> sqlx::Result<Vec<i64>> {
    let ids = take_ids(db, "boarding_house", houses.len()).await?;
    for (ids, rows) in ids.chunks(CHUNK).zip(houses.chunks(CHUNK)) {
        insert_houses(db, ids, rows).await?;
    }
    let rooms: Vec<(i64, i32, &NewRoom)> =
        ids.iter().zip(houses).flat_map(|(id, house)| house.rooms.iter().map(move |room| (*id, house.area_id, room))).collect();
    let room_ids = take_ids(db, "room", rooms.len()).await?;
    for (ids, rows) in room_ids.chunks(CHUNK).zip(rooms.chunks(CHUNK)) {
        insert_rooms(db, ids, rows).await?;
    }
    let tenants: Vec<(i64, i32, &NewTenant)> = room_ids
        .iter()
        .zip(&rooms)
        .flat_map(|(id, (_, area_id, room))| room.tenants.iter().map(move |tenant| (*id, *area_id, tenant)))
        .collect();
    for rows in tenants.chunks(CHUNK) {
        insert_tenants(db, secrets, rows).await?;
    }
    Ok(ids)
}

async fn insert_houses(db: &mut PgConnection, ids: &[i64], rows: &[NewBoardingHouse]) -> sqlx::Result<()> {
    sqlx::query(
        "insert into boarding_house (id, code, area_id, ward_id, building_id, name, address, landlord_name, landlord_phone, geom) \
         select id, code, area_id, ward_id, building_id, name, address, landlord_name, landlord_phone, \
           st_setsrid(st_makepoint(lon, lat), 4326) \
         from unnest($1::bigint[], $2::text[], $3::int[], $4::int[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], \
           $10::float8[], $11::float8[]) \
           as row (id, code, area_id, ward_id, building_id, name, address, landlord_name, landlord_phone, lon, lat)",
    )
    .bind(ids)
    .bind(column(rows, |row| row.code.clone()))
    .bind(column(rows, |row| row.area_id))
    .bind(column(rows, |row| row.ward_id))
    .bind(column(rows, |row| row.building_id))
    .bind(column(rows, |row| row.name.clone()))
    .bind(column(rows, |row| row.address.clone()))
    .bind(column(rows, |row| row.landlord_name.clone()))
    .bind(column(rows, |row| row.landlord_phone.clone()))
    .bind(column(rows, |row| row.point.map(|(lon, _)| lon)))
    .bind(column(rows, |row| row.point.map(|(_, lat)| lat)))
    .execute(db)
    .await
    .map(drop)
}

/// `rows` name the house and its area beside each room.
async fn insert_rooms(db: &mut PgConnection, ids: &[i64], rows: &[(i64, i32, &NewRoom)]) -> sqlx::Result<()> {
    sqlx::query(
        "insert into room (id, boarding_house_id, area_id, name, floor_area_m2, capacity, rent_vnd, declared_at) \
         select * from unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::real[], $6::smallint[], $7::bigint[], $8::timestamptz[])",
    )
    .bind(ids)
    .bind(column(rows, |row| row.0))
    .bind(column(rows, |row| row.1))
    .bind(column(rows, |row| row.2.name.clone()))
    .bind(column(rows, |row| row.2.floor_area_m2))
    .bind(column(rows, |row| row.2.capacity))
    .bind(column(rows, |row| row.2.rent_vnd))
    .bind(column(rows, |row| row.2.declared_at))
    .execute(db)
    .await
    .map(drop)
}

/// `rows` name the room and its area beside each tenant.
async fn insert_tenants(db: &mut PgConnection, secrets: &Secrets, rows: &[(i64, i32, &NewTenant)]) -> sqlx::Result<()> {
    // The uid is made here: the sealed number is bound to it.
    let uids: Vec<Uuid> = rows.iter().map(|_| Uuid::now_v7()).collect();
    let sealed: Vec<Option<Sealed>> = uids
        .iter()
        .zip(rows)
        .map(|(uid, (_, _, tenant))| tenant.national_id.as_ref().map(|number| national_id::seal(secrets, "tenancy", *uid, number)))
        .collect();
    sqlx::query(
        "insert into tenancy (uid, room_id, area_id, tenant_name, birth_date, sex, occupation, home_province, national_id_encrypted, \
           national_id_hash, phone, from_on, declared_at) \
         select uid, room_id, area_id, name, birth_date, sex, occupation, province, encrypted, hash, phone, from_on, declared_at \
         from unnest($1::uuid[], $2::bigint[], $3::int[], $4::text[], $5::date[], $6::text[], $7::text[], $8::text[], $9::bytea[], \
           $10::bytea[], $11::text[], $12::date[], $13::timestamptz[]) with ordinality \
           as row (uid, room_id, area_id, name, birth_date, sex, occupation, province, encrypted, hash, phone, from_on, declared_at, place) \
         order by place",
    )
    .bind(uids)
    .bind(column(rows, |row| row.0))
    .bind(column(rows, |row| row.1))
    .bind(column(rows, |row| row.2.name.clone()))
    .bind(column(rows, |row| row.2.birth_date))
    .bind(column(rows, |row| {
        row.2.sex.map(|sex| match sex {
            Sex::Male => "male",
            Sex::Female => "female",
        })
    }))
    .bind(column(rows, |row| row.2.occupation.clone()))
    .bind(column(rows, |row| row.2.home_province.clone()))
    .bind(column(&sealed, |sealed| sealed.as_ref().map(|sealed| sealed.encrypted.clone())))
    .bind(column(&sealed, |sealed| sealed.as_ref().map(|sealed| sealed.hash.clone())))
    .bind(column(rows, |row| row.2.phone.clone()))
    .bind(column(rows, |row| row.2.from_on))
    .bind(column(rows, |row| row.2.declared_at))
    .execute(db)
    .await
    .map(drop)
}

/// Ids ahead of the rows, so that rooms can name their house and tenants their room.
async fn take_ids(db: &mut PgConnection, table: &str, count: usize) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("select nextval(pg_get_serial_sequence($1, 'id')) from generate_series(1, $2::bigint)")
        .bind(table)
        .bind(count as i64)
        .fetch_all(db)
        .await
}
