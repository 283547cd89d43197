//! Takes a ward file into the database, whole or not at all; at the first start only where that is asked.
//! It deliberately invents nobody: on real ground the map begins with what is real.

use std::fmt;
use std::path::Path;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use sqlx::{PgConnection, PgPool};

use super::file::WardFile;
use crate::accounts;
use crate::geography::wards::{self, Named};
use crate::import::{areas, layer, osm};
use crate::platform::secrets::Secrets;

/// What came of it, one part each.
#[derive(Debug)]
pub struct Settlement {
    pub code: String,
    pub name: String,
    pub parts: Vec<String>,
    pub has_demo_accounts: bool,
}

impl fmt::Display for Settlement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            writeln!(f, "{part}\n")?;
        }
        write!(f, "Ward {} ({}) is there.", self.code, self.name)?;
        if self.has_demo_accounts {
            write!(f, " The demo accounts may sign in, on this machine only (IOC_DEMO=1); nobody was invented to live there.")?;
        }
        Ok(())
    }
}

/// Imports a ward file as owner, over what is there already.
pub async fn import(owner: &PgPool, file: &Path, secrets: &Secrets, data_dir: &Path, today: NaiveDate) -> anyhow::Result<Settlement> {
    let ward = WardFile::read(file)?;
    let code = code(&ward).await?;
    settle(owner, ward, code, secrets, data_dir, today, false).await
}

/// Imports a ward file where its ward is not there yet; `None` where it is: a second start keeps what people have changed.
pub async fn settle_if_absent(
    owner: &PgPool,
    file: &Path,
    secrets: &Secrets,
    data_dir: &Path,
    today: NaiveDate,
    with_demo_accounts: bool,
) -> anyhow::Result<Option<Settlement>> {
    let ward = WardFile::read(file)?;
    let code = code(&ward).await?;
    if let Named::Ward(_) = wards::by_code(&mut *owner.acquire().await?, &code).await? {
        return Ok(None);
    }
    settle(owner, ward, code, secrets, data_dir, today, with_demo_accounts).await.map(Some)
}

/// The ward's code: as the file says, else the only one of its boundary.
async fn code(ward: &WardFile) -> anyhow::Result<String> {
    if let Some(code) = &ward.boundary.only {
        return Ok(code.clone());
    }
    let shown = ward.boundary.file.display();
    match areas::codes(&ward.boundary).await?.as_slice() {
        [one] => Ok(one.clone()),
        [] => bail!("{shown} holds no ward with a code, a name and a boundary"),
        several => bail!("{shown} holds {} wards; say which in a ward file: [ward] code = \"{}\"", several.len(), several[0]),
    }
}

async fn settle(
    owner: &PgPool,
    mut file: WardFile,
    code: String,
    secrets: &Secrets,
    data_dir: &Path,
    today: NaiveDate,
    with_demo_accounts: bool,
) -> anyhow::Result<Settlement> {
    let mut transaction = owner.begin().await.context("cannot reach the database")?;
    let db: &mut PgConnection = &mut transaction;
    if let Some(demo) = wards::demo_ward(db, &code).await? {
        bail!(
            "this database holds the demo ward {demo}, and real ground does not belong beside it: use another (IOC_LOCAL_DIR, or DATABASE_URL)"
        );
    }
    let mut parts = vec![areas::within(db, &file.boundary, data_dir, today).await.context("the boundary")?.to_string()];
    if let Some(tdps) = &mut file.tdps {
        tdps.parent = Some(code.clone());
        parts.push(areas::within(db, tdps, data_dir, today).await.context("the TDPs")?.to_string());
    }
    for map in &mut file.osm {
        map.area = Some(code.clone());
        parts.push(osm::within(db, map, data_dir).await.with_context(|| map.file.display().to_string())?.to_string());
    }
    for list in &mut file.layers {
        list.area = Some(code.clone());
        parts.push(layer::within(db, list, secrets, data_dir).await.with_context(|| list.file.display().to_string())?.to_string());
    }
    let Named::Ward(ward) = wards::by_code(db, &code).await? else { bail!("{code} was imported and is no ward") };
    if with_demo_accounts {
        accounts::demo::create(db, ward.id).await?;
    }
    transaction.commit().await.context("the ward was not kept")?;
    Ok(Settlement { code, name: ward.name, parts, has_demo_accounts: with_demo_accounts })
}
