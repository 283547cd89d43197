//! Writes households with their residents in bulk, for the demo ward and for imports.
//! It deliberately makes no transaction: the caller begins one as owner, with `geography::load::begin_bulk`.

use chrono::NaiveDate;
use serde::Serialize;
use shared::household::{Education, Relation, ResidenceKind, Sex};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::platform::columns::column;
use crate::platform::national_id::{self, Sealed};
use crate::platform::secrets::Secrets;

/// Rows per statement: large enough to be quick, small enough to be sent in one piece.
const CHUNK: usize = 4_000;

pub struct NewHousehold {
    /// Unique in its ward.
    pub code: String,
    pub area_id: i32,
    pub ward_id: i32,
    pub building_id: Option<i64>,
    pub unit: Option<String>,
    pub address: String,
    /// Longitude and latitude; none: still to be placed.
    pub point: Option<(f64, f64)>,
    pub members: Vec<NewResident>,
}

/// Not `Debug` on purpose: a national ID must not end up in a log.
#[derive(Clone)]
pub struct NewResident {
    pub name: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    pub relation: Relation,
    pub education: Option<Education>,
    pub occupation: Option<String>,
    pub residence_kind: ResidenceKind,
    /// In the clear; sealed here before it reaches the database.
    pub national_id: Option<String>,
    pub phone: Option<String>,
}

/// Inserts the households and everybody in them; answers with the households' ids in the slice's order.
pub async fn insert_households(db: &mut PgConnection, secrets: &Secrets, households: &[NewHousehold]) -> sqlx::Result<Vec<i64>> {
    let ids: Vec<i64> = sqlx::query_scalar("select nextval(pg_get_serial_sequence('household', 'id')) from generate_series(1, $1::bigint)")
        .bind(households.len() as i64)
        .fetch_all(&mut *db)
        .await?;
    for (ids, rows) in ids.chunks(CHUNK).zip(households.chunks(CHUNK)) {
        insert_rows(db, ids, rows).await?;
    }
    let everybody: Vec<(i64, i32, &NewResident)> =
        ids.iter().zip(households).flat_map(|(id, home)| home.members.iter().map(move |member| (*id, home.area_id, member))).collect();
    for rows in everybody.chunks(CHUNK) {
        insert_residents(db, secrets, rows).await?;
    }
    Ok(ids)
}

async fn insert_rows(db: &mut PgConnection, ids: &[i64], rows: &[NewHousehold]) -> sqlx::Result<()> {
    sqlx::query(
        "insert into household (id, code, area_id, ward_id, building_id, unit, address, geom) \
         select id, code, area_id, ward_id, building_id, unit, address, st_setsrid(st_makepoint(lon, lat), 4326) \
         from unnest($1::bigint[], $2::text[], $3::int[], $4::int[], $5::bigint[], $6::text[], $7::text[], $8::float8[], $9::float8[]) \
           as row (id, code, area_id, ward_id, building_id, unit, address, lon, lat)",
    )
    .bind(ids)
    .bind(column(rows, |row| row.code.clone()))
    .bind(column(rows, |row| row.area_id))
    .bind(column(rows, |row| row.ward_id))
    .bind(column(rows, |row| row.building_id))
    .bind(column(rows, |row| row.unit.clone()))
    .bind(column(rows, |row| row.address.clone()))
    .bind(column(rows, |row| row.point.map(|(lon, _)| lon)))
    .bind(column(rows, |row| row.point.map(|(_, lat)| lat)))
    .execute(db)
    .await
    .map(drop)
}

/// `rows` name the household and its area beside each resident.
pub(super) async fn insert_residents(db: &mut PgConnection, secrets: &Secrets, rows: &[(i64, i32, &NewResident)]) -> sqlx::Result<()> {
    // The uid is made here: the sealed number is bound to it.
    let uids: Vec<Uuid> = rows.iter().map(|_| Uuid::now_v7()).collect();
    let sealed: Vec<Option<Sealed>> = uids
        .iter()
        .zip(rows)
        .map(|(uid, (_, _, resident))| resident.national_id.as_ref().map(|number| national_id::seal(secrets, "resident", *uid, number)))
        .collect();
    sqlx::query(
        "insert into resident (uid, household_id, area_id, name, birth_date, sex, relation, education, occupation, residence_kind, \
           national_id_encrypted, national_id_hash, phone) \
         select uid, household_id, area_id, name, birth_date, sex, relation, education, occupation, residence_kind, encrypted, hash, phone \
         from unnest($1::uuid[], $2::bigint[], $3::int[], $4::text[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[], \
           $10::text[], $11::bytea[], $12::bytea[], $13::text[]) with ordinality \
           as row (uid, household_id, area_id, name, birth_date, sex, relation, education, occupation, residence_kind, encrypted, hash, \
             phone, place) \
         order by place",
    )
    .bind(uids)
    .bind(column(rows, |row| row.0))
    .bind(column(rows, |row| row.1))
    .bind(column(rows, |row| row.2.name.clone()))
    .bind(column(rows, |row| row.2.birth_date))
    .bind(column(rows, |row| stored(&row.2.sex)))
    .bind(column(rows, |row| stored(&row.2.relation)))
    .bind(column(rows, |row| row.2.education.as_ref().map(stored)))
    .bind(column(rows, |row| row.2.occupation.clone()))
    .bind(column(rows, |row| stored(&row.2.residence_kind)))
    .bind(column(&sealed, |sealed| sealed.as_ref().map(|sealed| sealed.encrypted.clone())))
    .bind(column(&sealed, |sealed| sealed.as_ref().map(|sealed| sealed.hash.clone())))
    .bind(column(rows, |row| row.2.phone.clone()))
    .execute(db)
    .await
    .map(drop)
}

/// The word that stands in the table, which is the word on the wire.
pub(super) fn stored(word: &impl Serialize) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("an enum of words, not {other:?}"),
    }
}
