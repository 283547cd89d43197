//! Puts mapped rows into the database through the domains' own bulk functions.
//! It deliberately holds no SQL and no transaction: all of a file stands or falls together, in the caller's.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use shared::business::{BusinessKind, BusinessStatus};
use sqlx::PgConnection;

use crate::businesses::load::{NewBusiness, insert_businesses};
use crate::geography::load::{self, NewBuilding, NewPlace, NewRoad, NewSurface};
use crate::geography::wards::Ward;

use super::data::ElementId;
use super::ground::Ground;
use super::mapped::Mapped;

/// Loads every row into the ward; `step` is told what comes next.
pub async fn load(db: &mut PgConnection, ward: &Ward, mapped: &Mapped, mut step: impl FnMut(&str)) -> anyhow::Result<()> {
    step("roads");
    let roads = load_roads(db, ward, mapped).await.context("loading roads")?;
    step("buildings");
    let buildings = load_buildings(db, ward, mapped, &roads).await.context("loading buildings")?;
    step("water");
    load::insert_water(db, ward.id, &surfaces(&mapped.water)).await.context("loading water")?;
    step("land use");
    load::insert_land_use(db, ward.id, &surfaces(&mapped.land_use)).await.context("loading land use")?;
    step("places");
    load_places(db, ward, mapped).await.context("loading places")?;
    step("businesses");
    load_businesses(db, ward, mapped, &buildings).await.context("loading businesses")
}

/// Returns each road's id by its code.
async fn load_roads<'a>(db: &mut PgConnection, ward: &Ward, mapped: &'a Mapped) -> sqlx::Result<HashMap<&'a str, i64>> {
    let at: HashMap<&str, usize> = mapped.roads.iter().enumerate().map(|(index, road)| (road.code.as_str(), index)).collect();
    let rows: Vec<_> = mapped
        .roads
        .iter()
        .map(|road| NewRoad {
            code: road.code.clone(),
            class: road.class.word().to_owned(),
            name: road.name.clone(),
            number: road.number.clone(),
            parent: road.parent.as_deref().and_then(|parent| at.get(parent).copied()),
            width_m: road.width_m,
            geom: road.line.clone(),
        })
        .collect();
    let ids = load::insert_roads(db, ward.id, &rows).await?;
    Ok(mapped.roads.iter().map(|road| road.code.as_str()).zip(ids).collect())
}

async fn load_buildings(
    db: &mut PgConnection,
    ward: &Ward,
    mapped: &Mapped,
    roads: &HashMap<&str, i64>,
) -> sqlx::Result<BTreeMap<ElementId, i64>> {
    let rows: Vec<_> = mapped
        .buildings
        .iter()
        .map(|building| NewBuilding {
            code: building.element.code(),
            use_: building.use_kind.to_owned(),
            name: building.name.clone(),
            storeys: building.storeys,
            road_id: building.road.as_deref().and_then(|road| roads.get(road).copied()),
            house_number: building.house_number.clone(),
            address: building.address(),
            footprint: building.footprint.clone(),
        })
        .collect();
    let ids = load::insert_buildings(db, ward.id, &rows).await?;
    Ok(mapped.buildings.iter().map(|building| building.element).zip(ids).collect())
}

fn surfaces(grounds: &[Ground]) -> Vec<NewSurface> {
    let surface = |ground: &Ground| NewSurface {
        code: ground.element.code(),
        kind: ground.kind.to_owned(),
        name: ground.name.clone(),
        geom: ground.surface.clone(),
    };
    grounds.iter().map(surface).collect()
}

async fn load_places(db: &mut PgConnection, ward: &Ward, mapped: &Mapped) -> sqlx::Result<()> {
    let rows: Vec<_> = mapped
        .places
        .iter()
        .map(|place| NewPlace {
            code: place.element.code(),
            kind: place.kind.to_owned(),
            name: place.name.clone(),
            address: place.address.clone(),
            geom: Some(place.point),
        })
        .collect();
    load::insert_places(db, ward.id, &rows).await.map(drop)
}

async fn load_businesses(db: &mut PgConnection, ward: &Ward, mapped: &Mapped, buildings: &BTreeMap<ElementId, i64>) -> anyhow::Result<()> {
    let rows: Vec<_> = mapped
        .businesses
        .iter()
        .map(|business| NewBusiness {
            code: business.element.code(),
            area: Some((ward.area_at(business.point), ward.id)),
            building_id: business.building.and_then(|building| buildings.get(&building).copied()),
            name: business.name.clone(),
            tax_code: None,
            vsic: business.vsic.map(str::to_owned),
            sector: business.sector.to_owned(),
            kind: if business.kind == "company" { BusinessKind::Company } else { BusinessKind::HouseholdBusiness },
            status: BusinessStatus::Operating,
            address: business.address.clone(),
            opened_on: None,
            point: Some((business.point.x(), business.point.y())),
        })
        .collect();
    Ok(insert_businesses(db, &rows).await?)
}
