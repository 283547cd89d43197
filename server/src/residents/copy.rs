//! Households and residents as COPY rows, for loads of a province's size.
//! It deliberately sends nothing and counts nothing in the database: the caller loads with the counting triggers off, so
//! a household brings the number of its members along.

use geo::Point;
use uuid::Uuid;

use super::load::{NewHousehold, NewResident, stored};
use crate::platform::copy::CopyRows;
use crate::platform::national_id;
use crate::platform::secrets::Secrets;

pub const HOUSEHOLD: &str = "copy household (id, uid, code, area_id, ward_id, building_id, unit, address, member_count, geom) \
     from stdin (format binary)";
pub const RESIDENT: &str = "copy resident (id, uid, household_id, area_id, name, birth_date, sex, relation, education, occupation, \
     residence_kind, national_id_encrypted, national_id_hash, phone) from stdin (format binary)";

/// Households with the ids `first_id`, `first_id + 1`, …
pub fn households(first_id: i64, households: &[NewHousehold]) -> CopyRows {
    let mut rows = CopyRows::default();
    for (id, household) in (first_id..).zip(households) {
        let members = i32::try_from(household.members.len()).expect("a household fits a house");
        rows.row(&[
            &id,
            &Uuid::now_v7(),
            &household.code,
            &household.area_id,
            &household.ward_id,
            &household.building_id,
            &household.unit,
            &household.address,
            &members,
            &household.point.map(|(lon, lat)| Point::new(lon, lat)),
        ]);
    }
    rows
}

/// Everybody in these households, with the ids from `first_id` on; `first_household` is the first household's.
pub fn residents(secrets: &Secrets, first_id: i64, first_household: i64, households: &[NewHousehold]) -> CopyRows {
    let mut rows = CopyRows::default();
    let everybody = (first_household..).zip(households).flat_map(|(id, home)| home.members.iter().map(move |member| (id, home, member)));
    for (id, (household_id, home, member)) in (first_id..).zip(everybody) {
        resident(&mut rows, secrets, id, household_id, home.area_id, member);
    }
    rows
}

fn resident(rows: &mut CopyRows, secrets: &Secrets, id: i64, household_id: i64, area_id: i32, resident: &NewResident) {
    let uid = Uuid::now_v7();
    let sealed = resident.national_id.as_ref().map(|number| national_id::seal(secrets, "resident", uid, number));
    let (encrypted, hash) = sealed.map(|sealed| (sealed.encrypted, sealed.hash)).unzip();
    rows.row(&[
        &id,
        &uid,
        &household_id,
        &area_id,
        &resident.name,
        &resident.birth_date,
        &stored(&resident.sex),
        &stored(&resident.relation),
        &resident.education.as_ref().map(stored),
        &resident.occupation,
        &stored(&resident.residence_kind),
        &encrypted,
        &hash,
        &resident.phone,
    ]);
}
