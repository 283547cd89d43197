//! Brings households and the people that a list names up to date: a household by its code, a person by national ID, or by
//! name and birth date within the household. It deliberately never replaces a head: who heads a household is decided by people.

use shared::household::Relation;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::load::{NewResident, insert_residents, stored};
use crate::geography::placing::{POINT_AND_HOUSE, Spot, Upserted, WHAT_BECAME, Written, upsert_at};
use crate::platform::columns::column;
use crate::platform::national_id;
use crate::platform::secrets::Secrets;

/// A household as a list has it; what the list leaves empty keeps what is known.
#[derive(Clone)]
pub struct ListedHousehold {
    /// Unique in its ward.
    pub code: String,
    pub unit: Option<String>,
    pub address: String,
    /// Filled in before it is written.
    pub spot: Option<Spot>,
}

/// Inserts what is new and updates what differs; answers in the slice's order. Every row has its spot.
pub async fn upsert_households(db: &mut PgConnection, rows: &[ListedHousehold]) -> sqlx::Result<Vec<Upserted>> {
    let spots: Vec<&Spot> = rows.iter().filter_map(|row| row.spot.as_ref()).collect();
    upsert_at(
        &format!(
            "with given as (select *, st_setsrid(st_makepoint(lon, lat), 4326) as at from unnest($1::text[], $2::int[], $3::int[], $4::float8[], \
               $5::float8[], $6::boolean[], $7::bigint[], $8::text[], $9::text[]) with ordinality \
               as row (code, area_id, ward_id, lon, lat, is_surveyed, building_id, unit, address, place)), \
             wanted as (select g.place, e.id as known, e.area_id as known_area, g.code, g.area_id, g.ward_id, coalesce(g.unit, e.unit) as unit, g.address, \
                 {POINT_AND_HOUSE} \
               from given g left join household e on e.ward_id = g.ward_id and e.code = g.code), \
             inserted as (insert into household (code, area_id, ward_id, building_id, unit, address, geom) \
               select code, area_id, ward_id, building_id, unit, address, geom from wanted where known is null order by place \
               returning id, area_id, ward_id, code), \
             updated as (update household h set unit = w.unit, address = w.address, geom = w.geom, building_id = w.building_id from wanted w \
               where h.id = w.known and (h.unit, h.address, h.geom, h.building_id) is distinct from (w.unit, w.address, w.geom, w.building_id) \
               returning h.id, h.area_id) \
             {WHAT_BECAME}"
        ),
        column(rows, |row| row.code.clone()),
        &spots,
    )
    .bind(column(&spots, |spot| spot.building_id))
    .bind(column(rows, |row| row.unit.clone()))
    .bind(column(rows, |row| row.address.clone()))
    .fetch_all(db)
    .await
}

/// A person of a household that is there.
pub struct ListedResident<'a> {
    pub household_id: i64,
    pub area_id: i32,
    pub person: &'a NewResident,
}

/// What became of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    As(Written),
    /// The household has another head.
    OtherHead,
}

#[derive(FromRow)]
struct Known {
    id: Option<i64>,
    uid: Option<Uuid>,
    hash: Option<Vec<u8>>,
    has_other_head: bool,
}

/// Inserts who is new and updates who differs; answers in the slice's order. Nobody may stand in it twice.
pub async fn upsert_residents(db: &mut PgConnection, secrets: &Secrets, rows: &[ListedResident<'_>]) -> sqlx::Result<Vec<Settled>> {
    let hashes: Vec<Option<Vec<u8>>> =
        rows.iter().map(|row| row.person.national_id.as_ref().map(|number| national_id::hash(secrets, number))).collect();
    let known = find_known(db, rows, &hashes).await?;
    let is_free = |(known, row): &(&Known, &ListedResident<'_>)| known.id.is_none() && !(known.has_other_head && is_head(row.person));
    let new: Vec<(i64, i32, &NewResident)> =
        known.iter().zip(rows).filter(is_free).map(|(_, row)| (row.household_id, row.area_id, row.person)).collect();
    insert_residents(db, secrets, &new).await?;
    let changed = update_known(db, secrets, rows, &known, &hashes).await?;
    let settled = known.iter().zip(rows).map(|(known, row)| match known.id {
        Some(id) if changed.contains(&id) => Settled::As(Written::Changed),
        Some(_) => Settled::As(Written::Same),
        None if known.has_other_head && is_head(row.person) => Settled::OtherHead,
        None => Settled::As(Written::New),
    });
    Ok(settled.collect())
}

fn is_head(person: &NewResident) -> bool {
    person.relation == Relation::Head
}

async fn find_known(db: &mut PgConnection, rows: &[ListedResident<'_>], hashes: &[Option<Vec<u8>>]) -> sqlx::Result<Vec<Known>> {
    sqlx::query_as(
        "select r.id, r.uid, r.national_id_hash as hash, \
           exists (select from resident head where head.household_id = g.household_id and head.relation = 'head' and head.id is distinct from r.id) \
             as has_other_head \
         from unnest($1::bigint[], $2::text[], $3::date[], $4::bytea[]) with ordinality as g (household_id, name, birth_date, hash, place) \
         left join lateral (select id, uid, national_id_hash from resident where household_id = g.household_id \
           and (national_id_hash = g.hash or (name = g.name and birth_date = g.birth_date)) \
           order by (national_id_hash = g.hash) desc nulls last, id limit 1) r on true \
         order by g.place",
    )
    .bind(column(rows, |row| row.household_id))
    .bind(column(rows, |row| row.person.name.clone()))
    .bind(column(rows, |row| row.person.birth_date))
    .bind(hashes)
    .fetch_all(db)
    .await
}

/// Ids of those whose entry differed. A person keeps the place in the household that the register gives.
async fn update_known(
    db: &mut PgConnection,
    secrets: &Secrets,
    rows: &[ListedResident<'_>],
    known: &[Known],
    hashes: &[Option<Vec<u8>>],
) -> sqlx::Result<Vec<i64>> {
    let there: Vec<(i64, Uuid, &NewResident, Option<national_id::Sealed>)> = rows
        .iter()
        .zip(known)
        .zip(hashes)
        .filter_map(|((row, known), hash)| {
            let (id, uid) = (known.id?, known.uid?);
            // sealed anew only when it is another number: every sealing differs
            let number = row.person.national_id.as_ref().filter(|_| known.hash != *hash);
            Some((id, uid, row.person, number.map(|number| national_id::seal(secrets, "resident", uid, number))))
        })
        .collect();
    if there.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_scalar(
        "with wanted as (select g.id, g.name, g.birth_date, g.sex, coalesce(g.education, r.education) as education, \
             coalesce(g.occupation, r.occupation) as occupation, coalesce(g.encrypted, r.national_id_encrypted) as national_id_encrypted, \
             coalesce(g.hash, r.national_id_hash) as national_id_hash, coalesce(g.phone, r.phone) as phone \
           from unnest($1::bigint[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bytea[], $9::text[]) \
             as g (id, name, birth_date, sex, education, occupation, encrypted, hash, phone) join resident r on r.id = g.id) \
         update resident r set name = w.name, birth_date = w.birth_date, sex = w.sex, education = w.education, occupation = w.occupation, \
           national_id_encrypted = w.national_id_encrypted, national_id_hash = w.national_id_hash, phone = w.phone \
         from wanted w where r.id = w.id \
           and (r.name, r.birth_date, r.sex, r.education, r.occupation, r.national_id_hash, r.phone) is distinct from \
             (w.name, w.birth_date, w.sex, w.education, w.occupation, w.national_id_hash, w.phone) returning r.id",
    )
    .bind(column(&there, |row| row.0))
    .bind(column(&there, |row| row.2.name.clone()))
    .bind(column(&there, |row| row.2.birth_date))
    .bind(column(&there, |row| stored(&row.2.sex)))
    .bind(column(&there, |row| row.2.education.as_ref().map(stored)))
    .bind(column(&there, |row| row.2.occupation.clone()))
    .bind(column(&there, |row| row.3.as_ref().map(|sealed| sealed.encrypted.clone())))
    .bind(column(&there, |row| row.3.as_ref().map(|sealed| sealed.hash.clone())))
    .bind(column(&there, |row| row.2.phone.clone()))
    .fetch_all(db)
    .await
}
