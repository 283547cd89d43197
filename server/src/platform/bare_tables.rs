//! Takes indexes, foreign keys and triggers off tables for a load of millions of rows, and puts the same ones back.
//! It deliberately knows no table: what is put back is what the database said was there.
//!
//! Everything happens in the caller's transaction, as owner: a load that fails leaves the tables as they were. Until it
//! ends nobody else reads them (`access exclusive`), so this is for seeds, not for a ward at work.

use sqlx::PgConnection;

/// What was taken off.
pub struct BareTables {
    tables: Vec<String>,
    /// Statements that bring back unique constraints and indexes, with their names.
    indexes: Vec<(String, String)>,
    /// Likewise, foreign keys: after the indexes that they rest on.
    foreign_keys: Vec<(String, String)>,
}

impl BareTables {
    /// Strips `tables` of everything but columns, checks and primary keys (which rows in the order of their ids hardly slow).
    pub async fn strip(db: &mut PgConnection, tables: &[&str]) -> sqlx::Result<Self> {
        let tables: Vec<String> = tables.iter().map(|table| (*table).to_owned()).collect();
        let foreign_keys = constraints(db, &tables, "f").await?;
        let unique = constraints(db, &tables, "u").await?;
        let plain: Vec<(String, String)> = sqlx::query_as(
            "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i \
             where i.indrelid = any ($1::text[]::regclass[]) \
               and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x')) \
             order by i.indexrelid",
        )
        .bind(&tables)
        .fetch_all(&mut *db)
        .await?;
        for (table, name, _) in foreign_keys.iter().chain(&unique) {
            run(db, &format!("alter table {table} drop constraint {name}")).await?;
        }
        for (name, _) in &plain {
            run(db, &format!("drop index {name}")).await?;
        }
        for table in &tables {
            run(db, &format!("alter table {table} disable trigger user")).await?;
        }
        let again = |(table, name, definition): (String, String, String)| {
            let statement = format!("alter table {table} add constraint {name} {definition}");
            (format!("{table}: {name}"), statement)
        };
        let indexes = unique.into_iter().map(again).chain(plain).collect();
        Ok(Self { tables, indexes, foreign_keys: foreign_keys.into_iter().map(again).collect() })
    }

    /// Puts everything back; `tell` hears what is being built.
    pub async fn dress(self, db: &mut PgConnection, tell: impl Fn(&str)) -> sqlx::Result<()> {
        for (name, statement) in self.indexes.iter().chain(&self.foreign_keys) {
            tell(name);
            run(db, statement).await?;
        }
        for table in &self.tables {
            run(db, &format!("alter table {table} enable trigger user")).await?;
        }
        Ok(())
    }
}

/// Table, name and definition of the constraints of one kind on `tables`, or that refer to them.
async fn constraints(db: &mut PgConnection, tables: &[String], kind: &str) -> sqlx::Result<Vec<(String, String, String)>> {
    sqlx::query_as(
        "select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) from pg_constraint \
         where contype = $2::\"char\" and (conrelid = any ($1::text[]::regclass[]) or confrelid = any ($1::text[]::regclass[])) \
         order by oid",
    )
    .bind(tables)
    .bind(kind)
    .fetch_all(db)
    .await
}

async fn run(db: &mut PgConnection, statement: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(statement).execute(db).await.map(drop)
}
