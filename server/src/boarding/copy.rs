//! Boarding houses, rooms and tenancies as COPY rows, for loads of a province's size.
//! It deliberately sends nothing and counts nothing in the database: the caller loads with the counting triggers off, so
//! a house brings its five counts along.

use geo::Point;
use shared::household::Sex;
use uuid::Uuid;

use super::load::{NewBoardingHouse, NewRoom, NewTenant};
use crate::platform::copy::CopyRows;
use crate::platform::national_id;
use crate::platform::secrets::Secrets;

pub const BOARDING_HOUSE: &str = "copy boarding_house (id, uid, code, area_id, ward_id, building_id, name, address, landlord_name, \
     landlord_phone, room_count, declared_room_count, vacant_room_count, tenant_count, declared_tenant_count, geom) \
     from stdin (format binary)";
pub const ROOM: &str =
    "copy room (id, uid, boarding_house_id, area_id, name, floor_area_m2, capacity, rent_vnd, declared_at) from stdin (format binary)";
pub const TENANCY: &str = "copy tenancy (id, uid, room_id, area_id, tenant_name, birth_date, sex, occupation, home_province, \
     national_id_encrypted, national_id_hash, phone, from_on, declared_at) from stdin (format binary)";

/// Houses with the ids `first_id`, `first_id + 1`, …
pub fn boarding_houses(first_id: i64, houses: &[NewBoardingHouse]) -> CopyRows {
    let mut rows = CopyRows::default();
    for (id, house) in (first_id..).zip(houses) {
        let rooms_that = |counts: &dyn Fn(&NewRoom) -> bool| count(house.rooms.iter().filter(|room| counts(room)));
        let tenants = || house.rooms.iter().flat_map(|room| &room.tenants);
        rows.row(&[
            &id,
            &Uuid::now_v7(),
            &house.code,
            &house.area_id,
            &house.ward_id,
            &house.building_id,
            &house.name,
            &house.address,
            &house.landlord_name,
            &house.landlord_phone,
            &rooms_that(&|_| true),
            &rooms_that(&|room| room.declared_at.is_some()),
            &rooms_that(&|room| room.tenants.is_empty()),
            &count(tenants()),
            &count(tenants().filter(|tenant| tenant.declared_at.is_some())),
            &house.point.map(|(lon, lat)| Point::new(lon, lat)),
        ]);
    }
    rows
}

fn count<T>(items: impl Iterator<Item = T>) -> i32 {
    i32::try_from(items.count()).expect("a house has fewer than 2^31 rooms and tenants")
}

/// Rooms of these houses, with the ids from `first_id` on; `first_house` is the first house's.
pub fn rooms(first_id: i64, first_house: i64, houses: &[NewBoardingHouse]) -> CopyRows {
    let mut rows = CopyRows::default();
    for (id, (house_id, house, room)) in (first_id..).zip(all_rooms(first_house, houses)) {
        rows.row(&[
            &id,
            &Uuid::now_v7(),
            &house_id,
            &house.area_id,
            &room.name,
            &room.floor_area_m2,
            &room.capacity,
            &room.rent_vnd,
            &room.declared_at,
        ]);
    }
    rows
}

/// Tenants of these houses, with the ids from `first_id` on; `first_room` is the first room's.
pub fn tenancies(secrets: &Secrets, first_id: i64, first_room: i64, houses: &[NewBoardingHouse]) -> CopyRows {
    let mut rows = CopyRows::default();
    let rooms = (first_room..).zip(all_rooms(0, houses));
    let tenants = rooms.flat_map(|(room_id, (_, house, room))| room.tenants.iter().map(move |tenant| (room_id, house.area_id, tenant)));
    for (id, (room_id, area_id, tenant)) in (first_id..).zip(tenants) {
        tenancy(&mut rows, secrets, id, room_id, area_id, tenant);
    }
    rows
}

fn all_rooms(first_house: i64, houses: &[NewBoardingHouse]) -> impl Iterator<Item = (i64, &NewBoardingHouse, &NewRoom)> {
    (first_house..).zip(houses).flat_map(|(id, house)| house.rooms.iter().map(move |room| (id, house, room)))
}

fn tenancy(rows: &mut CopyRows, secrets: &Secrets, id: i64, room_id: i64, area_id: i32, tenant: &NewTenant) {
    let uid = Uuid::now_v7();
    let sealed = tenant.national_id.as_ref().map(|number| national_id::seal(secrets, "tenancy", uid, number));
    let (encrypted, hash) = sealed.map(|sealed| (sealed.encrypted, sealed.hash)).unzip();
    let sex = tenant.sex.map(|sex| match sex {
        Sex::Male => "male",
        Sex::Female => "female",
    });
    rows.row(&[
        &id,
        &uid,
        &room_id,
        &area_id,
        &tenant.name,
        &tenant.birth_date,
        &sex,
        &tenant.occupation,
        &tenant.home_province,
        &encrypted,
        &hash,
        &tenant.phone,
        &tenant.from_on,
        &tenant.declared_at,
    ]);
}
