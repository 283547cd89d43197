//! The SQL of the search index: what rows are found by, as `ioc_feed` may read it.
//! It deliberately reads no birth date, number or phone: nobody finds a person by those.

use shared::search::SearchKind;
use sqlx::{FromRow, PgPool};

use super::index::Document;

/// Which rows of a kind to read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which<'a> {
    All,
    /// Those of one area itself.
    InArea(i32),
    Ids(&'a [i64]),
}

#[derive(FromRow)]
struct Row {
    id: i64,
    area_id: i32,
    open: String,
    personal: String,
    members: Vec<i64>,
}

/// Documents of a kind. A row that is not found by anything (a shed without an address) has none.
pub(super) async fn documents(feed: &PgPool, kind: SearchKind, which: Which<'_>) -> sqlx::Result<Vec<Document>> {
    let condition = match which {
        Which::All => "true",
        Which::InArea(_) => "d.area_id = $1",
        Which::Ids(_) => "d.id = any ($1)",
    };
    let sql = format!("select id, area_id, open, personal, members from ({}) d where {condition} and open <> ''", documents_sql(kind));
    let query = sqlx::query_as::<_, Row>(&sql);
    let query = match which {
        Which::All => query,
        Which::InArea(area_id) => query.bind(area_id),
        Which::Ids(ids) => query.bind(ids),
    };
    let rows = query.fetch_all(feed).await?;
    let document =
        |row: Row| Document { kind, id: row.id, area_id: row.area_id, open: row.open, personal: row.personal, members: row.members };
    Ok(rows.into_iter().map(document).collect())
}

/// The household that a resident belongs to now.
pub(super) async fn household_of(feed: &PgPool, residents: &[i64]) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("select distinct household_id from resident where id = any ($1)").bind(residents).fetch_all(feed).await
}

/// Id, area, what everybody may find it by, and the names. An area is also found by its short form ("tdp 3").
fn documents_sql(kind: SearchKind) -> &'static str {
    match kind {
        SearchKind::Area => {
            "select id::bigint id, id area_id, concat_ws(' ', name, code, case when kind = 'tdp' then 'tdp ' || substring(name from '[0-9]+') end) open, \
                '' personal, '{}'::bigint[] members from area where valid_to is null"
        }
        SearchKind::Road => {
            "select id, area_id, concat_ws(' ', name, case when name is null and number is not null then \
                case class when 'alley' then 'ngõ ' when 'side_alley' then 'ngách ' when 'branch_alley' then 'hẻm ' else '' end || number end) open, \
                '' personal, '{}'::bigint[] members from road"
        }
        SearchKind::Place => "select id, area_id, concat_ws(' ', name, address) open, '' personal, '{}'::bigint[] members from place",
        SearchKind::Business => "select id, area_id, concat_ws(' ', name, address) open, '' personal, '{}'::bigint[] members from business",
        SearchKind::Building => "select id, area_id, concat_ws(' ', name, address) open, '' personal, '{}'::bigint[] members from building",
        SearchKind::Household => {
            "select h.id, h.area_id, concat_ws(' ', h.address, h.unit) open, coalesce(m.names, '') personal, coalesce(m.ids, '{}') members \
             from household h left join lateral ( \
                select string_agg(r.name, ' | ' order by r.id) names, array_agg(r.id) ids from resident r \
                where r.household_id = h.id and r.area_id = h.area_id) m on true"
        }
        SearchKind::BoardingHouse => {
            "select id, area_id, concat_ws(' ', name, address) open, '' personal, '{}'::bigint[] members from boarding_house"
        }
        SearchKind::Camera => "select id, area_id, concat_ws(' ', name, code) open, '' personal, '{}'::bigint[] members from camera",
    }
}
