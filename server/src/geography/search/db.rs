//! The SQL of search results: rows by id, as the caller's own transaction may read them.
//! It deliberately has no condition but the id: text and places never meet a protected table here (see ARCHITECTURE.md).

use std::collections::HashMap;

use shared::search::{NamedAfter, SearchKind, SearchResult};
use sqlx::{FromRow, PgConnection};

use crate::accounts::AreaSet;
use crate::geography::search_index::Words;

#[derive(FromRow)]
struct Row {
    id: i64,
    area_id: i32,
    title: String,
    subtitle: Option<String>,
    lon: Option<f64>,
    lat: Option<f64>,
}

const MEMBERS: &str =
    "select household_id, name, sex, relation from resident where household_id = any ($1) order by (relation <> 'head'), id";

#[derive(FromRow)]
struct Member {
    household_id: i64,
    name: String,
    sex: String,
    relation: String,
}

/// What rows are called to this caller; those out of reach are missing. Households of `names` are called by their head.
pub(super) async fn describe(
    db: &mut PgConnection,
    kind: SearchKind,
    ids: &[i64],
    names: &AreaSet,
    words: &Words,
) -> sqlx::Result<Vec<SearchResult>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = sqlx::query_as(rows_sql(kind)).bind(ids).fetch_all(&mut *db).await?;
    let named: Vec<i64> =
        rows.iter().filter(|row| kind == SearchKind::Household && names.contains(row.area_id)).map(|row| row.id).collect();
    let members = if named.is_empty() { HashMap::new() } else { members_of(db, &named).await? };
    let result = |row: Row| {
        let (title, named_after, subtitle) = match members.get(&row.id).and_then(|members| name_after(members, &row.title, words)) {
            Some((name, named_after, subtitle)) => (name, Some(named_after), Some(subtitle)),
            None => (row.title, None, row.subtitle),
        };
        SearchResult { kind, id: row.id, title, named_after, subtitle, lon: row.lon, lat: row.lat }
    };
    Ok(rows.into_iter().map(result).collect())
}

/// Members by household, heads first.
async fn members_of(db: &mut PgConnection, households: &[i64]) -> sqlx::Result<HashMap<i64, Vec<Member>>> {
    let members: Vec<Member> = sqlx::query_as(MEMBERS).bind(households).fetch_all(db).await?;
    let mut by_household: HashMap<i64, Vec<Member>> = HashMap::new();
    for member in members {
        by_household.entry(member.household_id).or_default().push(member);
    }
    Ok(by_household)
}

/// Whose name a household goes by, and its address; with the member who was meant, if it was not the head.
fn name_after(members: &[Member], address: &str, words: &Words) -> Option<(String, NamedAfter, String)> {
    let first = members.first()?;
    let named_after = match (first.relation.as_str(), first.sex.as_str()) {
        ("head", "female") => NamedAfter::WomanAtHead,
        ("head", _) => NamedAfter::ManAtHead,
        _ => NamedAfter::Member,
    };
    let meant = members.iter().rev().max_by(|a, b| words.coverage(&a.name).total_cmp(&words.coverage(&b.name)));
    let subtitle = match meant {
        Some(meant) if words.coverage(&meant.name) > words.coverage(&first.name) => format!("{} · {address}", meant.name),
        _ => address.to_owned(),
    };
    Some((first.name.clone(), named_after, subtitle))
}

/// Every statement of this module and what it reads, for the test that none of them scans a protected table.
pub fn statements() -> Vec<(String, &'static str)> {
    let rows = SearchKind::ALL.map(|kind| (kind.name().to_owned(), rows_sql(kind)));
    rows.into_iter().chain([("resident members".to_owned(), MEMBERS)]).collect()
}

/// Id, area, title, subtitle and place of the rows with the ids `$1`.
fn rows_sql(kind: SearchKind) -> &'static str {
    match kind {
        SearchKind::Area => {
            "select a.id::bigint id, a.id area_id, a.name title, p.name subtitle, st_x(st_pointonsurface(a.boundary)) lon, \
                st_y(st_pointonsurface(a.boundary)) lat \
             from area a left join area p on p.id = a.parent_id where a.id = any ($1)"
        }
        SearchKind::Road => {
            "select r.id, r.area_id, coalesce(r.name, case r.class when 'alley' then 'Ngõ ' when 'side_alley' then 'Ngách ' \
                when 'branch_alley' then 'Hẻm ' else '' end || r.number, '') title, a.name subtitle, \
                st_x(st_lineinterpolatepoint(r.geom, 0.5)) lon, st_y(st_lineinterpolatepoint(r.geom, 0.5)) lat \
             from road r join area a on a.id = r.area_id where r.id = any ($1)"
        }
        SearchKind::Place => {
            "select id, area_id, name title, address subtitle, st_x(geom) lon, st_y(geom) lat from place where id = any ($1)"
        }
        SearchKind::Business => {
            "select id, area_id, name title, address subtitle, st_x(geom) lon, st_y(geom) lat from business where id = any ($1)"
        }
        SearchKind::Building => {
            "select b.id, b.area_id, coalesce(b.name, b.address, '') title, case when b.name is null then a.name else b.address end subtitle, \
                st_x(st_pointonsurface(b.footprint)) lon, st_y(st_pointonsurface(b.footprint)) lat \
             from building b join area a on a.id = b.area_id where b.id = any ($1)"
        }
        SearchKind::Household => {
            "select h.id, h.area_id, concat_ws(', ', h.unit, h.address) title, a.name subtitle, st_x(h.geom) lon, st_y(h.geom) lat \
             from household h join area a on a.id = h.area_id where h.id = any ($1)"
        }
        SearchKind::BoardingHouse => {
            "select id, area_id, name title, address subtitle, st_x(geom) lon, st_y(geom) lat from boarding_house where id = any ($1)"
        }
        SearchKind::Camera => {
            "select c.id, c.area_id, c.name title, c.code subtitle, st_x(c.geom) lon, st_y(c.geom) lat from camera c where c.id = any ($1)"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, sex: &str, relation: &str) -> Member {
        Member { household_id: 1, name: name.into(), sex: sex.into(), relation: relation.into() }
    }

    #[test]
    fn a_household_is_called_by_its_head_and_the_member_who_was_meant() {
        let members = [member("Nguyễn Thị Hạnh", "female", "head"), member("Trần Văn Bình", "male", "spouse")];
        let called = |typed: &str| name_after(&members, "Số 12 ngõ 34", &Words::parse(typed).unwrap()).unwrap();
        let of_head = |subtitle: &str| ("Nguyễn Thị Hạnh".into(), NamedAfter::WomanAtHead, subtitle.into());
        assert_eq!(called("hanh ngo 34"), of_head("Số 12 ngõ 34"));
        assert_eq!(called("ong binh"), of_head("Trần Văn Bình · Số 12 ngõ 34"));
    }

    #[test]
    fn a_household_without_residents_is_called_by_its_address() {
        assert_eq!(name_after(&[], "Số 12", &Words::parse("so 12").unwrap()), None);
    }
}
