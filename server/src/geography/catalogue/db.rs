//! The SQL of the layer catalogue: the table `layer_catalogue` and what it is held against.
//! It deliberately reads no live row.

use sqlx::{FromRow, PgPool};

/// A row of `layer_catalogue`.
#[derive(Debug, PartialEq, Eq, FromRow)]
pub(super) struct CatalogueRow {
    pub table_name: String,
    pub topic: String,
    pub geometry_column: Option<String>,
    pub area_column: Option<String>,
    pub columns: Vec<String>,
    pub keeps_history: bool,
    pub history_of_new_rows: bool,
    pub passing: Vec<String>,
}

/// Makes `layer_catalogue` hold exactly `rows`.
pub(super) async fn replace(owner: &PgPool, rows: &[CatalogueRow]) -> sqlx::Result<()> {
    let mut db = owner.begin().await?;
    sqlx::query("delete from layer_catalogue").execute(&mut *db).await?;
    for row in rows {
        sqlx::query(
            "insert into layer_catalogue (table_name, topic, geometry_column, area_column, columns, keeps_history, history_of_new_rows, passing) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&row.table_name)
        .bind(&row.topic)
        .bind(&row.geometry_column)
        .bind(&row.area_column)
        .bind(&row.columns)
        .bind(row.keeps_history)
        .bind(row.history_of_new_rows)
        .bind(&row.passing)
        .execute(&mut *db)
        .await?;
    }
    db.commit().await
}

pub(super) async fn stored(pool: &PgPool) -> sqlx::Result<Vec<CatalogueRow>> {
    sqlx::query_as(
        "select table_name, topic, geometry_column, area_column, columns, keeps_history, history_of_new_rows, passing from layer_catalogue \
         order by table_name collate \"C\"",
    )
    .fetch_all(pool)
    .await
}

/// Tables whose writes go through `record_change`, which refuses a table that the catalogue lacks.
pub(super) async fn followed_tables(pool: &PgPool) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select distinct c.relname::text from pg_trigger t join pg_class c on c.oid = t.tgrelid \
         where t.tgfoid = to_regprocedure('public.record_change()') order by 1",
    )
    .fetch_all(pool)
    .await
}

/// Columns of the catalogue that `ioc_feed` cannot read, because they do not exist or were never granted.
pub(super) async fn unreadable_columns(pool: &PgPool, row: &CatalogueRow) -> sqlx::Result<Vec<String>> {
    let wanted: Vec<&String> = row.columns.iter().chain(&row.geometry_column).chain(&row.area_column).collect();
    sqlx::query_scalar(
        "select w from unnest($2::text[]) w \
         left join pg_attribute a on a.attrelid = to_regclass('public.' || quote_ident($1)) and a.attname = w and not a.attisdropped \
         where a.attnum is null or not has_column_privilege('ioc_feed', a.attrelid, a.attnum, 'select')",
    )
    .bind(&row.table_name)
    .bind(&wanted)
    .fetch_all(pool)
    .await
}
