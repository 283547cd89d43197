//! Streams a generated province into the database, in the caller's transaction as owner.
//! It deliberately holds no SQL of a domain: their `copy` modules name the columns.

use std::fmt;
use std::sync::Arc;

use anyhow::Context;
use geo::MultiPolygon;
use sqlx::PgConnection;
use tokio::sync::mpsc;

use super::ground;
use super::names::Names;
use super::plan::{PlannedWard, TDPS_PER_SIDE};
use super::ward::{Maker, NextIds, TABLES, WardRows};
use crate::demo::db;
use crate::demo::people::{Lists, Settled};
use crate::demo::terrain::load::PROVINCE_CODE;
use crate::feed;
use crate::geography::load::{self, NewArea};
use crate::geography::wards::{Tdp, Ward};
use crate::platform::bare_tables::BareTables;
use crate::platform::clock::{Clock, SystemClock};
use crate::platform::secrets::Secrets;

/// Wards made ahead of the one that is being sent.
const AHEAD: usize = 1;

/// What was built, for the command's closing line.
#[derive(Debug, Clone, Default)]
pub struct Built {
    pub wards: usize,
    pub buildings: u64,
    pub settled: Settled,
}

impl fmt::Display for Built {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "{} more wards with {} buildings, {}", self.wards, self.buildings, self.settled)
    }
}

/// Code of the first ward that is made: whether a province is there already is told by it.
pub fn ward_code(number: usize) -> String {
    format!("demo-{number:03}")
}

/// Makes `wards` and writes them. `tell` hears what is going on, and how many wards are in.
pub async fn write(
    db: &mut PgConnection,
    secrets: Arc<Secrets>,
    seed: u64,
    wards: Vec<PlannedWard>,
    tell: impl Fn(usize, &str),
) -> anyhow::Result<Built> {
    load::begin_bulk(db).await?;
    db::settle_for_bulk(db).await?;
    tell(0, "drawing wards");
    let names = Names::load()?;
    let areas = write_areas(db, seed, &names, &wards).await.context("the wards could not be written")?;
    let area_ids: Vec<i32> = areas.iter().flat_map(|ward| std::iter::once(ward.id).chain(ward.tdps.iter().map(|tdp| tdp.id))).collect();
    let bare = BareTables::strip(db, &TABLES).await.context("indexes could not be set aside")?;
    let next = db::next_ids(db, &TABLES).await?;

    let (sender, mut ready) = mpsc::channel(AHEAD);
    let maker = tokio::task::spawn_blocking(move || make_wards(seed, names, &secrets, wards.into_iter().zip(areas), next, &sender));
    let mut built = Built::default();
    while let Some((name, rows)) = ready.recv().await {
        tell(built.wards, &name);
        built.buildings += rows.copies[1].1.count();
        built.settled += rows.settled;
        for (statement, rows) in rows.copies {
            rows.send(db, statement).await.with_context(|| format!("{name}: {statement}"))?;
        }
        built.wards += 1;
    }
    let used = maker.await??;
    db::give_ids_back(db, &TABLES, &used).await?;
    bare.dress(db, |name| tell(built.wards, name)).await.context("indexes could not be built again")?;
    feed::tell_reload(db, &TABLES, &area_ids).await?;
    Ok(built)
}

/// Runs in a thread of its own; ends early when nobody takes the wards any more.
fn make_wards(
    seed: u64,
    names: Names,
    secrets: &Secrets,
    wards: impl Iterator<Item = (PlannedWard, Ward)>,
    mut next: NextIds,
    ready: &mpsc::Sender<(String, WardRows)>,
) -> anyhow::Result<NextIds> {
    let maker = Maker { seed, names, lists: Lists::load()?, secrets, now: SystemClock.now() };
    for (planned, ward) in wards {
        let name = ward.name.clone();
        let rows = maker.make(&planned, ward, &mut next).with_context(|| format!("{name} could not be made"))?;
        if ready.blocking_send((name, rows)).is_err() {
            break;
        }
    }
    Ok(next)
}

/// The wards and their TDPs, in the order of `wards`.
async fn write_areas(db: &mut PgConnection, seed: u64, names: &Names, wards: &[PlannedWard]) -> anyhow::Result<Vec<Ward>> {
    let province_id = load::find_area(db, PROVINCE_CODE).await?.context("the demo ward's province is missing")?;
    let mut written = Vec::with_capacity(wards.len());
    for (planned, name) in wards.iter().zip(names.wards(seed, wards.len())) {
        let (boundary, groups) = ground::areas(seed, planned);
        let area = |kind: &str, code: String, name: String, parent_id, boundary: &MultiPolygon<f64>| NewArea {
            code,
            kind: kind.into(),
            parent_id: Some(parent_id),
            name,
            boundary: Some(boundary.clone()),
            is_demo: true,
        };
        let code = ward_code(planned.number);
        let id = load::insert_area(db, &area("ward", code.clone(), name.clone(), province_id, &boundary)).await?;
        let mut tdps = Vec::with_capacity((TDPS_PER_SIDE * TDPS_PER_SIDE) as usize);
        for (number, boundary) in (1..).zip(groups) {
            let tdp = area("tdp", format!("{code}-{number}"), format!("TDP {number}"), id, &boundary);
            tdps.push(Tdp { id: load::insert_area(db, &tdp).await?, boundary });
        }
        written.push(Ward { id, code, name, boundary, tdps });
    }
    Ok(written)
}
