//! What the demo commands must know of the database before they write into it.
//! It deliberately writes nothing but the planner's statistics and the counters that ids come from.

use sqlx::{PgConnection, PgPool};

/// Only one seed at a time: held until the transaction ends.
pub async fn lock(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('ioc demo'))").execute(db).await.map(drop)
}

/// Whether there is any ward at all.
pub async fn has_ward(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from area where kind = 'ward')").fetch_one(db).await
}

/// Name of a ward with households that were not made up; demo people do not belong beside them.
pub async fn real_ward(db: &mut PgConnection) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "select name from area where kind = 'ward' and not is_demo and exists (select from household where ward_id = area.id) order by id limit 1",
    )
    .fetch_optional(db)
    .await
}

/// Demo wards where people may sign in as `login`, an operator.
pub async fn tried_wards(db: &mut PgConnection, login: &str) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar(
        "select a.id from area a where a.kind = 'ward' and a.is_demo and a.valid_to is null
            and exists (select from appointment p join account t on t.id = p.account_id where p.area_id = a.id and p.role = 'operator'
                and (p.until_at is null or p.until_at > clock_timestamp()) and t.login = $1 and t.is_demo and t.disabled_at is null)
         order by a.id",
    )
    .bind(login)
    .fetch_all(db)
    .await
}

/// Alerts that somebody still has to close and that stand in the name of a demo account.
pub async fn open_alerts_of_demo_accounts(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from camera_alert a join account c on c.id = a.handler_id where c.is_demo and a.status <> 'closed'")
        .fetch_one(db)
        .await
}

/// After a bulk load the planner knows nothing of the new rows until it looks.
pub async fn analyze(owner: &PgPool) -> sqlx::Result<()> {
    sqlx::query(
        "analyze area, road, building, water, land_use, place, household, resident, boarding_house, room, tenancy, business, camera, \
         camera_alert, camera_alert_entry",
    )
    .execute(owner)
    .await
    .map(drop)
}

/// Room to build the indexes of millions of rows, for this transaction.
pub async fn settle_for_bulk(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "set local maintenance_work_mem = '512MB'; set local work_mem = '256MB'; set local max_parallel_maintenance_workers = 2; \
         set local synchronous_commit = off; set local jit = off",
    )
    .execute(db)
    .await
    .map(drop)
}

/// The id that the next row of each table may have. The caller has locked the tables: nobody else takes one meanwhile.
pub async fn next_ids<const N: usize>(db: &mut PgConnection, tables: &[&str; N]) -> sqlx::Result<[i64; N]> {
    let mut next = [0; N];
    for (next, table) in next.iter_mut().zip(tables) {
        *next = sqlx::query_scalar(&format!(
            "select greatest(nextval(pg_get_serial_sequence('{table}', 'id')), (select coalesce(max(id), 0) + 1 from {table}))"
        ))
        .fetch_one(&mut *db)
        .await?;
    }
    Ok(next)
}

/// Tells each table's sequence which id comes next.
pub async fn give_ids_back<const N: usize>(db: &mut PgConnection, tables: &[&str; N], next: &[i64; N]) -> sqlx::Result<()> {
    for (table, next) in tables.iter().zip(next) {
        sqlx::query("select setval(pg_get_serial_sequence($1, 'id'), $2, false)").bind(table).bind(next).execute(&mut *db).await?;
    }
    Ok(())
}
