//! What the demo commands must know of the database before they write into it.
//! It deliberately writes nothing but the planner's statistics.

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

/// After a bulk load the planner knows nothing of the new rows until it looks.
pub async fn analyze(owner: &PgPool) -> sqlx::Result<()> {
    sqlx::query(
        "analyze area, road, building, water, land_use, place, household, resident, boarding_house, room, tenancy, business, camera",
    )
    .execute(owner)
    .await
    .map(drop)
}
