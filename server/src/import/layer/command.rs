//! The command `ioc import layer`: reads a list of any of six formats into a layer, in one transaction, and reports.
//! It deliberately holds no more than a few batches of rows in memory, however long the file is.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use sqlx::{PgConnection, PgPool};
use tokio::sync::mpsc;

use super::Layer;
use super::columns::{ColumnMap, Columns, check_field, understood};
use super::load::Loading;
use super::scope::Scope;
use super::summary::Summary;
use crate::geography::load::begin_bulk;
use crate::import::progress;
use crate::import::reference;
use crate::import::report::Report;
use crate::import::source::{self, Opening, Row, Source};
use crate::platform::secrets::Secrets;

/// Rows that are placed and written by one statement each.
const BATCH: usize = 1_000;

/// Import a list: households, businesses, cameras, boarding houses, places or roads.
///
/// FILE is CSV (UTF-8), Excel (.xlsx), GeoJSON, a shapefile (.zip or .shp), KML or KMZ, or GeoPackage. Columns are found by
/// their names, Vietnamese or English, with or without diacritics; --map names them where that does not do. A row is known
/// by its code within its ward: importing a list again changes nothing, a newer list updates. What a list leaves empty
/// keeps what is known.
///
/// Coordinates are longitude and latitude, or any system with --srid: VN-2000 is 3405 and 3406 (UTM), 5896 to 5899 and 9205
/// to 9218 (zones of 3 degrees; Hà Nội 5897). A row without coordinates goes to the building of its address; without one it
/// is imported unplaced. Points at (0, 0) and far away are left out.
///
/// All of the file goes in, in one transaction, or nothing does; but one bad row stops no other: it is left out and stands
/// in the report with line, column and reason.
#[derive(Debug, Clone, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct ImportLayer {
    /// What the rows are
    #[arg(value_enum)]
    pub layer: Layer,
    /// The file
    pub file: PathBuf,
    /// A TOML file: [columns] field = "column" (or several, joined), [set] field = "value for all rows"
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// A value for all rows whose column is missing or empty: --set kind=bus_stop
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// EPSG number of the coordinates [default: what the file says, else 4326]
    #[arg(long, value_name = "NUMBER")]
    pub srid: Option<i32>,
    /// Code of the ward, or of the province whose wards the rows lie in [default: the only ward, or all]
    #[arg(long, value_name = "CODE")]
    pub area: Option<String>,
    /// Sheet of a workbook, layer of a GeoPackage, .shp within a .zip, where there are several
    #[arg(long, value_name = "NAME")]
    pub part: Option<String>,
    /// Say what would happen, and keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Where to write the report, CSV [default: imports/ in the data directory]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

impl ImportLayer {
    /// Imports `file` with every option at its default.
    pub fn of(layer: Layer, file: impl Into<PathBuf>) -> Self {
        Self { layer, file: file.into(), map: None, set: Vec::new(), srid: None, area: None, part: None, dry_run: false, rejects: None }
    }

    fn column_map(&self) -> anyhow::Result<ColumnMap> {
        let mut map = self.map.as_deref().map(|path| ColumnMap::read(path, self.layer)).transpose()?.unwrap_or_default();
        for setting in &self.set {
            let (field, value) = setting.split_once('=').with_context(|| format!("--set {setting}: write FIELD=VALUE"))?;
            check_field(self.layer, field.trim())?;
            map.set.insert(field.trim().to_owned(), value.trim().to_owned());
        }
        Ok(map)
    }
}

/// Imports a file as owner. `data_dir` is where the report goes unless the arguments say otherwise.
pub async fn run(owner: &PgPool, args: ImportLayer, secrets: &Secrets, data_dir: &Path) -> anyhow::Result<Summary> {
    let mut transaction = owner.begin().await.context("cannot reach the database")?;
    let summary = within(&mut transaction, &args, secrets, data_dir).await?;
    if args.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await.context("the rows were not kept")?;
    }
    Ok(summary)
}

/// The same within the caller's transaction.
pub async fn within(db: &mut PgConnection, args: &ImportLayer, secrets: &Secrets, data_dir: &Path) -> anyhow::Result<Summary> {
    let started = Instant::now();
    let map = args.column_map()?;
    let bar = progress::bar("importing");
    let source = open(args, &map, &bar).await?;
    let columns = Columns::find(args.layer, &source.header, &map)?;
    check_columns(args, &columns, &source)?;

    begin_bulk(db).await?;
    let scope = Scope::of(db, args.area.as_deref()).await?;
    let reference = reference::choose(db, args.srid, source.crs.as_ref()).await?;
    let path = args.rejects.clone().unwrap_or_else(|| Report::default_path(data_dir, args.layer.word(), &args.file));
    let mut loading = Loading {
        layer: args.layer,
        columns: &columns,
        reference,
        summary: begun(args, &columns, &source, &scope, path.clone()),
        scope,
        secrets,
        report: Report::create(&path)?,
        seen: HashMap::new(),
        counted: HashSet::new(),
    };
    let mut batches = read_ahead(source);
    while let Some(batch) = batches.recv().await {
        loading.take(db, batch?).await?;
        bar.set_message(format!("{} rows, {} left out", loading.summary.rows, loading.summary.left_out));
    }
    let Loading { report, mut summary, .. } = loading;
    // the report first: rows must not stand without it
    report.finish()?;
    bar.finish_and_clear();
    summary.elapsed_s = started.elapsed().as_secs_f64();
    refuse_nothing(&summary)?;
    Ok(summary)
}

async fn open(args: &ImportLayer, map: &ColumnMap, bar: &indicatif::ProgressBar) -> anyhow::Result<Source> {
    let (layer, file, part, map, progress) = (args.layer, args.file.clone(), args.part.clone(), map.clone(), bar.clone());
    let open = move || {
        let understood = move |header: &[String]| understood(layer, &map, header);
        source::open(&file, &Opening { part: part.as_deref(), understood: &understood, progress })
    };
    tokio::task::spawn_blocking(open).await?
}

/// The file must have what no row can be without.
fn check_columns(args: &ImportLayer, columns: &Columns, source: &Source) -> anyhow::Result<()> {
    let is_there =
        |field: &str| columns.has(field) || (field == "address" && columns.has("street")) || (field == "sector" && columns.has("vsic"));
    let missing: Vec<&str> = ["code"].into_iter().chain(args.layer.needs().iter().copied()).filter(|field| !is_there(field)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let header: Vec<&str> = source.header.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let taken = columns.described();
    bail!(
        "no column of {} is understood as {}. It has: {}. Understood: {}. Name the columns in a file for --map ([columns] {} = \"...\"), or give a \
         value for all rows with --set {}=...",
        args.file.display(),
        missing.join(", "),
        if header.is_empty() { "no header".to_owned() } else { header.join(", ") },
        if taken.is_empty() { "none".to_owned() } else { taken },
        missing[0],
        missing.last().unwrap_or(&"kind"),
    )
}

fn begun(args: &ImportLayer, columns: &Columns, source: &Source, scope: &Scope, report: PathBuf) -> Summary {
    Summary {
        layer: args.layer,
        file: args.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        scope: scope.described(),
        part: source.part.clone(),
        columns: columns.described(),
        unused_columns: columns.unused().into_iter().map(str::to_owned).collect(),
        rows: 0,
        new: 0,
        changed: 0,
        same: 0,
        left_out: 0,
        by_coordinates: 0,
        by_address: 0,
        unplaced: 0,
        people: (0, 0, 0),
        reasons: BTreeMap::new(),
        notes: BTreeMap::new(),
        report,
        is_dry_run: args.dry_run,
        elapsed_s: 0.0,
    }
}

/// Reads on a thread of its own, at most two batches ahead of the database.
fn read_ahead(source: Source) -> mpsc::Receiver<anyhow::Result<Vec<Row>>> {
    let (send, receive) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        let mut batch = Vec::with_capacity(BATCH);
        let hand_over = |batch: Vec<Row>| send.blocking_send(Ok(batch)).map_err(|_| anyhow::anyhow!("the import has ended"));
        let read = source.read(&mut |row| {
            batch.push(row);
            if batch.len() == BATCH { hand_over(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))) } else { Ok(()) }
        });
        let end = match read {
            Ok(()) => Ok(batch),
            Err(cause) => Err(cause),
        };
        // nobody listens any more when the import has failed already
        let _ = send.blocking_send(end);
    });
    receive
}

/// A file of which nothing could be taken is a failure, and says what is wrong with most rows.
fn refuse_nothing(summary: &Summary) -> anyhow::Result<()> {
    if summary.rows == 0 {
        bail!("{} holds no rows below its header", summary.file);
    }
    if summary.new + summary.changed + summary.same > 0 {
        return Ok(());
    }
    let most = summary.reasons.iter().max_by_key(|(_, count)| **count).map_or("", |(kind, _)| *kind);
    bail!(
        "none of the {} rows could be taken, most of them because of: {most}. The report says why, one line each: {}",
        summary.rows,
        summary.report.display()
    )
}
