//! The rows that can be found, read from the database for the exhaustive ranking.
//! It deliberately has SQL of its own: what the index forgot to read would be missed here too.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use shared::search::SearchKind;
use sqlx::{PgPool, Row};

use super::oracle::Oracle;

/// Everything, as the database's owner may read it.
pub async fn read(owner: &PgPool) -> sqlx::Result<Oracle> {
    let mut oracle = Oracle::default();
    name_areas(owner, &mut oracle).await?;
    let mut homes = HashMap::new();
    for kind in SearchKind::ALL {
        let mut rows = sqlx::query_as::<_, (i64, i32, Option<f64>, Option<f64>, Vec<String>)>(rows_sql(kind)).fetch(owner);
        while let Some((id, area_id, lon, lat, texts)) = rows.try_next().await? {
            let row = oracle.add(kind, id, area_id, lon.zip(lat).map(|(lon, lat)| [lon, lat]), &texts);
            if let (SearchKind::Household, Some(row)) = (kind, row) {
                homes.insert(id, row);
            }
        }
    }
    let mut names = sqlx::query_as::<_, (i64, String)>("select household_id, name from resident").fetch(owner);
    while let Some((household, name)) = names.try_next().await? {
        if let Some(row) = homes.get(&household) {
            oracle.add_name(*row, &name);
        }
    }
    Ok(oracle)
}

/// An area answers to its own name and to those above it, but for the province's.
async fn name_areas(owner: &PgPool, oracle: &mut Oracle) -> sqlx::Result<()> {
    let areas = sqlx::query("select id, parent_id, kind, name from area where valid_to is null").fetch_all(owner).await?;
    let areas: HashMap<i32, (Option<i32>, String, String)> =
        areas.iter().map(|row| (row.get(0), (row.get(1), row.get(2), row.get(3)))).collect();
    for id in areas.keys() {
        let mut at = Some(*id);
        while let Some((parent, kind, name)) = at.and_then(|id| areas.get(&id)) {
            if kind == "province" {
                break;
            }
            oracle.name_area(*id, name);
            at = *parent;
        }
    }
    Ok(())
}

/// Id, area, longitude, latitude and the texts that the screens show.
fn rows_sql(kind: SearchKind) -> &'static str {
    match kind {
        SearchKind::Area => {
            "select id::bigint, id, st_x(st_centroid(boundary)), st_y(st_centroid(boundary)), \
             array_remove(array[name, code, case when kind = 'tdp' then 'tdp ' || substring(name from '[0-9]+') end], null) \
             from area where valid_to is null"
        }
        SearchKind::Road => {
            "select id, area_id, st_x(st_lineinterpolatepoint(geom, 0.5)), st_y(st_lineinterpolatepoint(geom, 0.5)), \
             array[coalesce(name, case class when 'alley' then 'ngõ ' when 'side_alley' then 'ngách ' when 'branch_alley' then 'hẻm ' \
             else '' end || number, '')] from road"
        }
        SearchKind::Building => {
            "select id, area_id, st_x(st_centroid(footprint)), st_y(st_centroid(footprint)), array_remove(array[name, address], null) from building"
        }
        SearchKind::Household => "select id, area_id, st_x(geom), st_y(geom), array_remove(array[address, unit], null) from household",
        SearchKind::Camera => "select id, area_id, st_x(geom), st_y(geom), array[name, code] from camera",
        SearchKind::Place => "select id, area_id, st_x(geom), st_y(geom), array_remove(array[name, address], null) from place",
        SearchKind::Business => "select id, area_id, st_x(geom), st_y(geom), array_remove(array[name, address], null) from business",
        SearchKind::BoardingHouse => {
            "select id, area_id, st_x(geom), st_y(geom), array_remove(array[name, address], null) from boarding_house"
        }
    }
}
