//! The database that tiles are measured on: one ward of synthetic points, in our tables and in the peer's own.
//! It deliberately is a cluster of its own under the bench's folder, and thrown away with it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use geo::{MultiPolygon, Point, Rect};
use server::accounts;
use server::app;
use server::geography::load::{NewArea, begin_bulk, insert_area};
use server::platform::bare_tables::BareTables;
use server::platform::config::Config;
use server::platform::copy::CopyRows;
use server::platform::database::Database;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use crate::Size;
use crate::points::{self, SamplePoint};

/// The peer's table: the attributes that our tiles show, geometry in the tiles' own projection, sorted by place, so that
/// nothing has to be transformed or joined.
pub const PEER_TABLE: &str = "bench_point";
const ROWS_AT_ONCE: usize = 50_000;
/// Memory enough for the peer's table, which would else be read from the disk's cache each time.
const ROOMY: [(&str, &str); 2] = [("shared_buffers", "1GB"), ("max_wal_size", "8GB")];

pub struct Stage {
    pub dir: PathBuf,
    pub points: usize,
    pub owner: PgPool,
    database: Database,
}

impl Stage {
    /// Makes the database, or takes the one that an earlier run of this size has left.
    pub async fn set(dir: &Path, size: Size) -> anyhow::Result<Self> {
        let dir = std::path::absolute(dir)?.join(format!("{size:?}").to_lowercase());
        std::fs::create_dir_all(&dir)?;
        let config = config(&dir);
        let database = open_with(&config, &ROOMY).await?;
        let owner = app::migrate(&database).await?;
        let stage = Self { dir, points: size.points(), owner, database };
        if !stage.is_set().await? {
            eprintln!("bench: making {} points, twice for us and once for the peer", stage.points);
            stage.fill().await?;
        } else {
            stage.undo_changes().await?;
        }
        Ok(stage)
    }

    /// Environment of a server on this database.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        environment(&self.dir)
    }

    /// The owner's address, for the peer.
    pub fn owner_url(&self) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(self.dir.join("database-url"))?.trim().to_owned())
    }

    pub async fn close(self) -> anyhow::Result<()> {
        self.owner.close().await;
        self.database.close()
    }

    async fn is_set(&self) -> sqlx::Result<bool> {
        sqlx::query_scalar("select to_regclass($1) is not null").bind(PEER_TABLE).fetch_one(&self.owner).await
    }

    /// A run that was cut short may have left its change behind: both peers are to show the same.
    async fn undo_changes(&self) -> sqlx::Result<()> {
        let undo = format!("update business b set status = p.status from {PEER_TABLE} p where p.id = b.id and p.status <> b.status");
        sqlx::raw_sql(&undo).execute(&self.owner).await.map(drop)
    }

    async fn fill(&self) -> anyhow::Result<()> {
        let mut transaction = self.owner.begin().await?;
        begin_bulk(&mut transaction).await?;
        let (ward, parts) = self.write_areas(&mut transaction).await?;
        accounts::demo::create(&mut transaction, ward).await?;
        let bare = BareTables::strip(&mut transaction, &["business", "household"]).await?;
        sqlx::raw_sql(&format!(
            "create unlogged table {PEER_TABLE}_raw (id bigint, name text, sector text, vsic text, kind text, status text, area_id integer, geom geometry(Point, 4326))"
        ))
        .execute(&mut *transaction)
        .await?;
        let mut points = points::all(self.points).peekable();
        while points.peek().is_some() {
            let some: Vec<SamplePoint> = points.by_ref().take(ROWS_AT_ONCE).collect();
            write_points(&mut transaction, ward, &parts, &some).await?;
        }
        bare.dress(&mut transaction, |_| ()).await?;
        sqlx::raw_sql(&format!(
            "create table {PEER_TABLE} as select id, name, sector, vsic, kind, status, area_id, \
               st_transform(geom, 3857)::geometry(Point, 3857) as geom from {PEER_TABLE}_raw order by st_transform(geom, 3857); \
             drop table {PEER_TABLE}_raw; \
             alter table {PEER_TABLE} add primary key (id); \
             create index {PEER_TABLE}_geom on {PEER_TABLE} using gist (geom)"
        ))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        sqlx::raw_sql(&format!("vacuum analyze {PEER_TABLE}")).execute(&self.owner).await?;
        sqlx::raw_sql("analyze business, household, area").execute(&self.owner).await?;
        Ok(())
    }

    async fn write_areas(&self, db: &mut PgConnection) -> anyhow::Result<(i32, Vec<i32>)> {
        let area = |kind: &str, code: String, parent_id, part| NewArea {
            name: code.clone(),
            code,
            kind: kind.into(),
            parent_id,
            boundary: Some(rectangle(points::bounds(self.points, part))),
            is_demo: true,
        };
        let province = insert_area(db, &area("province", "01".into(), None, None)).await?;
        let ward = insert_area(db, &area("ward", "bench".into(), Some(province), None)).await?;
        let mut parts = Vec::new();
        for part in 0..16 {
            parts.push(insert_area(db, &area("tdp", format!("bench-{}", part + 1), Some(ward), Some(part))).await?);
        }
        Ok((ward, parts))
    }
}

async fn write_points(db: &mut PgConnection, ward: i32, parts: &[i32], some: &[SamplePoint]) -> sqlx::Result<()> {
    let (mut businesses, mut households, mut peers) = (CopyRows::default(), CopyRows::default(), CopyRows::default());
    for point in some {
        let (id, area, at) = (point.number as i64 + 1, parts[point.part], Point::new(point.lon, point.lat));
        let (code, name) = (format!("X{id:07}"), format!("Cửa hàng {id}"));
        let (sector, vsic, kind, status) = (point.sector(), point.vsic(), point.kind(), point.status());
        businesses.row(&[&id, &Uuid::now_v7(), &code, &area, &ward, &name, &vsic, &sector, &kind, &status, &at]);
        households.row(&[&id, &Uuid::now_v7(), &code, &area, &ward, &name, &point.members(), &at]);
        peers.row(&[&id, &name, &sector, &vsic, &kind, &status, &area, &at]);
    }
    let business = "copy business (id, uid, code, area_id, ward_id, name, vsic, sector, kind, status, geom) from stdin (format binary)";
    businesses.send(db, business).await?;
    let household = "copy household (id, uid, code, area_id, ward_id, address, member_count, geom) from stdin (format binary)";
    households.send(db, household).await?;
    let peer = format!("copy {PEER_TABLE}_raw (id, name, sector, vsic, kind, status, area_id, geom) from stdin (format binary)");
    peers.send(db, &peer).await
}

fn rectangle([west, south, east, north]: [f64; 4]) -> MultiPolygon {
    MultiPolygon(vec![Rect::new((west, south), (east, north)).to_polygon()])
}

/// Environment of a server whose private cluster belongs to `dir`.
pub fn environment(dir: &Path) -> Vec<(&'static str, String)> {
    let mut environment = vec![("IOC_LOCAL_DIR", dir.to_string_lossy().into_owned()), ("IOC_DEMO", "1".into()), ("IOC_LOG", "warn".into())];
    environment.extend(cluster_dir(dir).map(|dir| ("IOC_PRIVATE_DATABASE_DIR", dir.to_string_lossy().into_owned())));
    environment
}

/// `IOC_BENCH_DATABASE_DIR`: the clusters elsewhere than under the bench's folder.
fn cluster_dir(dir: &Path) -> Option<PathBuf> {
    std::env::var_os("IOC_BENCH_DATABASE_DIR").map(|elsewhere| PathBuf::from(elsewhere).join(dir.file_name().unwrap_or_default()))
}

pub fn config(dir: &Path) -> Config {
    let mut config = Config::for_tests(dir);
    config.database.private_dir = cluster_dir(dir);
    config
}

/// The private cluster with these settings, started again where it had others.
pub async fn open_with(config: &Config, settings: &[(&str, &str)]) -> anyhow::Result<Database> {
    let database = Database::open(config).await?;
    let mut admin = database.admin().await?;
    let mut is_set = true;
    for (name, value) in settings {
        let now: String = sqlx::query_scalar(&format!("show {name}")).fetch_one(&mut admin).await?;
        if now != *value {
            sqlx::raw_sql(&format!("alter system set {name} = '{value}'")).execute(&mut admin).await?;
            is_set = false;
        }
    }
    admin.close().await?;
    if is_set {
        return Ok(database);
    }
    database.close().context("the bench's PostgreSQL could not be started again")?;
    Database::open(config).await
}
