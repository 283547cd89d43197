//! The command `ioc import areas`: reads a file of boundaries, writes them as versions in one transaction, reports.
//! It deliberately closes no area that the file does not speak of, unless told that the file is the whole list.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chrono::NaiveDate;
use sqlx::{Connection, PgConnection, PgPool};

use super::read::{self, FileArea, FileAreas};
use super::summary::Summary;
use crate::geography::area_versions::{self, AreaVersion, Written};
use crate::geography::load::{NewArea, begin_bulk, insert_area};
use crate::geography::placing;
use crate::import::progress;
use crate::import::reference;
use crate::import::report::Report;

/// What an area is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    Province,
    Ward,
    Tdp,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Kind::Province => "province",
            Kind::Ward => "ward",
            Kind::Tdp => "tdp",
        }
    }

    /// What such an area lies in.
    fn above(self) -> Option<Kind> {
        match self {
            Kind::Province => None,
            Kind::Ward => Some(Kind::Province),
            Kind::Tdp => Some(Kind::Ward),
        }
    }

    /// Digits of an official code (Decision 124/2004/QĐ-TTg); TDPs have none.
    pub(super) fn digits(self) -> Option<usize> {
        match self {
            Kind::Province => Some(2),
            Kind::Ward => Some(5),
            Kind::Tdp => None,
        }
    }
}

/// Import the boundaries of a province, of wards or of TDPs.
///
/// FILE is GeoJSON, a shapefile (.zip or .shp), KML or GeoPackage with one feature for each area. The columns of code and
/// name are found by their names (code, ma, maxa, ...; fullName, ten, name, ...). Codes are text: leading zeros stay.
///
/// An area whose code is there already with another boundary or name gets a new version: the earlier one is closed on
/// the day the new one begins, and the rows on the ground go to the area they lie in now. Importing a file again changes
/// nothing. Outlines that cross themselves are repaired, and the report says so.
///
/// The province must be there before its wards, the ward before its TDPs. Where you have no boundary for it, --parent 01
/// --parent-name "Thành phố Hà Nội" makes it without one.
#[derive(Debug, Clone, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct ImportAreas {
    /// The file
    pub file: PathBuf,
    /// What the areas are
    #[arg(long, value_enum)]
    pub kind: Kind,
    /// Code of the area they lie in: the province of wards, the ward of TDPs
    #[arg(long, value_name = "CODE")]
    pub parent: Option<String>,
    /// Makes the parent under this name if it is not there yet
    #[arg(long, value_name = "NAME", requires = "parent")]
    pub parent_name: Option<String>,
    /// The day from which these boundaries hold, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DAY")]
    pub valid_from: Option<NaiveDate>,
    /// The file is the whole list: close the areas of this kind under the parent that it lacks
    #[arg(long, requires = "parent")]
    pub close_missing: bool,
    /// EPSG number of the file's coordinates [default: what the file says, else 4326]
    #[arg(long, value_name = "NUMBER")]
    pub srid: Option<i32>,
    /// Layer of a GeoPackage, or .shp within a .zip, where there are several
    #[arg(long, value_name = "NAME")]
    pub part: Option<String>,
    /// Column of the code, where it is not found by its name
    #[arg(long, value_name = "NAME")]
    pub code_column: Option<String>,
    /// Column of the name, where it is not found by its name
    #[arg(long, value_name = "NAME")]
    pub name_column: Option<String>,
    /// Take only the area of this code
    #[arg(long, value_name = "CODE", conflicts_with = "close_missing")]
    pub only: Option<String>,
    /// Say what would happen, and keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Where to write the report, CSV [default: imports/ in the data directory]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

impl ImportAreas {
    /// Imports `file` with every option at its default.
    pub fn of(file: impl Into<PathBuf>, kind: Kind) -> Self {
        Self {
            file: file.into(),
            kind,
            parent: None,
            parent_name: None,
            valid_from: None,
            close_missing: false,
            srid: None,
            part: None,
            code_column: None,
            name_column: None,
            only: None,
            dry_run: false,
            rejects: None,
        }
    }
}

/// Imports a file as owner, on the day `today`.
pub async fn run(owner: &PgPool, args: ImportAreas, data_dir: &Path, today: NaiveDate) -> anyhow::Result<Summary> {
    let mut transaction = owner.begin().await.context("cannot reach the database")?;
    let summary = within(&mut transaction, &args, data_dir, today).await?;
    if args.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await.context("the areas were not kept")?;
    }
    Ok(summary)
}

/// The same within the caller's transaction.
pub async fn within(db: &mut PgConnection, args: &ImportAreas, data_dir: &Path, today: NaiveDate) -> anyhow::Result<Summary> {
    let bar = progress::bar("reading");
    let file = read_file(args, bar.clone()).await?;
    bar.finish_and_clear();
    let path = args.rejects.clone().unwrap_or_else(|| Report::default_path(data_dir, &format!("areas-{}", args.kind.word()), &args.file));
    let mut report = Report::create(&path)?;
    let mut summary = import(db, args, file, &mut report, args.valid_from.unwrap_or(today)).await?;
    // the report first: areas must not stand without it
    report.finish()?;
    summary.report = path;
    if summary.left_out == summary.in_file {
        bail!("none of the {} areas could be taken; the report says why, one line each: {}", summary.in_file, summary.report.display());
    }
    Ok(summary)
}

async fn read_file(args: &ImportAreas, progress: indicatif::ProgressBar) -> anyhow::Result<FileAreas> {
    let reading = args.clone();
    let read = move || {
        let (part, code, name) = (reading.part.as_deref(), reading.code_column.as_deref(), reading.name_column.as_deref());
        let mut file = read::read(&reading.file, reading.kind, part, code, name, progress)?;
        if let Some(only) = &reading.only {
            file.areas.retain(|area| area.code == *only);
            file.left_out.retain(|(_, code, _)| code == only);
            if file.areas.is_empty() && file.left_out.is_empty() {
                bail!("{} holds no {} with the code {only}", reading.file.display(), reading.kind.word());
            }
        }
        Ok(file)
    };
    tokio::task::spawn_blocking(read).await?
}

/// The codes of the areas in a file.
pub async fn codes(args: &ImportAreas) -> anyhow::Result<Vec<String>> {
    Ok(read_file(args, indicatif::ProgressBar::hidden()).await?.areas.into_iter().map(|area| area.code).collect())
}

async fn import(
    db: &mut PgConnection,
    args: &ImportAreas,
    file: FileAreas,
    report: &mut Report,
    valid_from: NaiveDate,
) -> anyhow::Result<Summary> {
    begin_bulk(db).await?;
    let mut remarks = Vec::new();
    let parent_id = parent(db, args, &mut remarks).await?;
    let reference = reference::choose(db, args.srid, file.crs.as_ref()).await?;
    let mut summary =
        Summary { kind: Some(args.kind), in_file: file.areas.len() + file.left_out.len(), is_dry_run: args.dry_run, ..Summary::default() };
    for (line, code, why) in &file.left_out {
        summary.left_out += 1;
        report.left_out(*line, code, "", "", why)?;
    }
    let bar = progress::bar("areas");
    bar.set_length(file.areas.len() as u64);
    let (mut changed, mut codes) = (Vec::new(), Vec::new());
    for area in file.areas {
        bar.inc(1);
        codes.push(area.code.clone());
        let (line, code) = (area.line, area.code.clone());
        for note in &area.notes {
            report.note(line, &code, "code", "", note)?;
        }
        // its own savepoint: an outline that PostGIS cannot take must not take the others with it
        let mut attempt = db.begin().await?;
        match take(&mut attempt, args, &reference, parent_id, area, valid_from, report, &mut summary).await {
            Ok(Ok(written)) => {
                attempt.commit().await?;
                changed.extend(written.changed());
                match written {
                    Written::New(_) => summary.new += 1,
                    Written::Replaced(_) => summary.replaced += 1,
                    Written::Completed(_) => summary.completed += 1,
                    _ => summary.unchanged += 1,
                }
            }
            Ok(Err(why)) => {
                attempt.rollback().await?;
                summary.left_out += 1;
                report.left_out(line, &code, "", "", &why)?;
            }
            Err(sqlx::Error::Database(cause)) => {
                attempt.rollback().await?;
                summary.left_out += 1;
                report.left_out(line, &code, "boundary", "", &format!("PostGIS cannot take its outline: {}", cause.message()))?;
            }
            Err(other) => return Err(other.into()),
        }
    }
    bar.finish_and_clear();
    if let Some(parent_id) = parent_id {
        close_missing(db, args, parent_id, &codes, valid_from, &mut changed, &mut summary, &mut remarks).await?;
    }
    settle_rows(db, &changed, report, &mut summary, &mut remarks).await?;
    summary.remarks = remarks;
    Ok(summary)
}

/// Repairs and writes one area; the inner error says why it is left out.
#[allow(clippy::too_many_arguments, reason = "one story, told once")]
async fn take(
    db: &mut PgConnection,
    args: &ImportAreas,
    reference: &placing::Reference,
    parent_id: Option<i32>,
    area: FileArea,
    valid_from: NaiveDate,
    report: &mut Report,
    summary: &mut Summary,
) -> sqlx::Result<Result<Written, String>> {
    let Some(outline) = area_versions::outline(db, reference, &area.shape).await? else {
        return Ok(Err("its boundary encloses no ground".to_owned()));
    };
    if let Some(parent_id) = parent_id {
        let has_boundary = args.kind != Kind::Province && area_versions::has_boundary(db, parent_id).await?;
        let share = if has_boundary { area_versions::share_within(db, parent_id, &outline.boundary).await? } else { 1.0 };
        if share < 0.5 {
            return Ok(Err(format!(
                "{:.0} % of it lies outside {}: another parent's, or other coordinates (--srid)",
                (1.0 - share) * 100.0,
                args.parent.as_deref().unwrap_or_default()
            )));
        }
    }
    let version =
        AreaVersion { code: area.code.clone(), kind: args.kind.word(), name: area.name, parent_id, boundary: outline.boundary, valid_from };
    match area_versions::write(db, &version).await? {
        Written::OtherKind => Ok(Err("its code is there already, of an area of another kind".to_owned())),
        Written::LaterVersionExists(day) => Ok(Err(format!("its current version began on {day}, after this one (--valid-from)"))),
        written => {
            summary.hectares += outline.hectares;
            if let Some(flaw) = outline.repaired {
                summary.repaired += 1;
                let _ = report.note(area.line, &area.code, "boundary", "", &format!("repaired: {flaw}; look at it on the map"));
            }
            Ok(Ok(written))
        }
    }
}

/// The area they lie in, made if its name was given.
async fn parent(db: &mut PgConnection, args: &ImportAreas, remarks: &mut Vec<String>) -> anyhow::Result<Option<i32>> {
    let (kind, above) = (args.kind.word(), args.kind.above());
    let Some(code) = &args.parent else {
        if args.kind == Kind::Tdp {
            bail!("TDPs lie in a ward: name it with --parent CODE");
        }
        return Ok(None);
    };
    let Some(above) = above else { bail!("a province lies in nothing: leave --parent out") };
    match area_versions::parent(db, code).await? {
        Some(parent) if parent.kind == above.word() => Ok(Some(parent.id)),
        Some(parent) => bail!("{code} ({}) is a {}; a {kind} lies in a {}", parent.name, parent.kind, above.word()),
        None => match &args.parent_name {
            Some(name) => {
                let made = NewArea {
                    code: code.clone(),
                    kind: above.word().to_owned(),
                    parent_id: None,
                    name: name.clone(),
                    boundary: None,
                    is_demo: false,
                };
                let id = insert_area(db, &made).await?;
                remarks.push(format!(
                    "{} {code} ({name}) was made, without a boundary; import one with --kind {} when you have it",
                    above.word(),
                    above.word()
                ));
                Ok(Some(id))
            }
            None => bail!(
                "there is no {} {code} for these areas to lie in. Either import it first (ioc import areas FILE --kind {}), or let it be made \
                 without a boundary: --parent {code} --parent-name \"its name\"",
                above.word(),
                above.word()
            ),
        },
    }
}

#[allow(clippy::too_many_arguments, reason = "one story, told once")]
async fn close_missing(
    db: &mut PgConnection,
    args: &ImportAreas,
    parent_id: i32,
    codes: &[String],
    ended: NaiveDate,
    changed: &mut Vec<i32>,
    summary: &mut Summary,
    remarks: &mut Vec<String>,
) -> anyhow::Result<()> {
    let missing = area_versions::missing(db, args.kind.word(), parent_id, codes).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let named: Vec<String> = missing.iter().take(8).map(|(_, code, name)| format!("{code} ({name})")).collect();
    let named = named.join(", ") + if missing.len() > 8 { ", ..." } else { "" };
    if !args.close_missing {
        remarks.push(format!("not in the file, and left as they are: {named}; --close-missing closes them, if the file is the whole list"));
        return Ok(());
    }
    let ids: Vec<i32> = missing.iter().map(|(id, ..)| *id).collect();
    let orphans = area_versions::close(db, &ids, ended).await?;
    summary.closed = ids.len();
    remarks.push(format!("closed: {named}"));
    if orphans > 0 {
        remarks.push(format!("{orphans} TDPs of theirs belong to the wards that their ground lies in now"));
    }
    let appointments = area_versions::appointments_on(db, &ids).await?;
    if appointments > 0 {
        remarks.push(format!("{appointments} appointments are in closed areas and reach nothing any more: appoint these people anew"));
    }
    changed.extend(ids);
    Ok(())
}

/// Rows on the ground find their new area; overlaps are named.
async fn settle_rows(
    db: &mut PgConnection,
    changed: &[i32],
    report: &mut Report,
    summary: &mut Summary,
    remarks: &mut Vec<String>,
) -> anyhow::Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    for overlap in area_versions::overlaps(db, changed).await? {
        remarks.push(format!(
            "{} lies over {} ({}) on {:.1} ha: what stands there belongs to one of them only",
            overlap.code, overlap.other_code, overlap.other_name, overlap.hectares
        ));
    }
    let spinner = progress::spinner("finding the areas of rows on the ground");
    for moved in area_versions::rederive_rows(db, changed).await? {
        for change in &moved.recoded {
            report.note(
                0,
                change,
                "code",
                &moved.layer,
                "its new ward has a row of this code already: it got the old ward's code in front",
            )?;
        }
        summary.moved.push((moved.layer, moved.moved));
    }
    spinner.finish_and_clear();
    Ok(())
}
