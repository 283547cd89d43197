//! The command `ioc import osm`: reads a file, maps it, loads it in one transaction, reports.
//! It deliberately prints nothing but progress; the summary is handed back, and the report is a file.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use sqlx::{PgConnection, PgPool};

use crate::geography::load::{begin_bulk, set_attribution};

use super::mapped::Mapped;
use super::summary::Summary;
use super::ward::{self, NewWard};
use super::{load, map, problems, read};

/// Import an OpenStreetMap file: streets, houses, water, land use, places and businesses of a ward.
///
/// FILE is OpenStreetMap XML (.osm) or PBF (.osm.pbf), as the OpenStreetMap website, Overpass, JOSM or osmium write it.
/// All of the file goes in, in one transaction, or nothing does. Importing it again updates the same rows (their codes are
/// `osm-w123` and the like); what people have filled in where the file says nothing stays.
///
/// With --area the rows go into that ward, and what lies elsewhere is reported. Without it a ward is made of the
/// file's bounds, cut into TDPs of equal strips: placeholders, to be redrawn.
///
/// What is repaired or left out is written to the report, one line each, with the reason and what to do about it.
#[derive(Debug, Clone, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct ImportOsm {
    /// The file, .osm or .osm.pbf
    pub file: PathBuf,
    /// Code of the ward to import into [default: make one of the file]
    #[arg(long, value_name = "CODE", conflicts_with_all = ["code", "name", "tdps"])]
    pub area: Option<String>,
    /// Code of the ward to make [default: osm- and the file's name]
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
    /// Name of the ward to make [default: from the file's name]
    #[arg(long)]
    pub name: Option<String>,
    /// How many TDPs to cut the new ward into
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub tdps: u16,
    /// Where to write the report, CSV [default: imports/ in the data directory]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

impl ImportOsm {
    /// Imports `file` with every option at its default.
    pub fn of(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), area: None, code: None, name: None, tdps: 4, rejects: None }
    }

    /// The file's name without folder and endings.
    fn stem(&self) -> String {
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let bare = [".osm.pbf", ".pbf", ".osm.xml", ".osm", ".xml"].iter().find_map(|ending| name.strip_suffix(ending));
        bare.unwrap_or(&name).to_owned()
    }

    fn new_ward(&self) -> NewWard {
        let stem = self.stem();
        let spaced = stem.replace(['_', '-'], " ");
        let mut letters = spaced.chars();
        let titled = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
        NewWard {
            code: self.code.clone().unwrap_or_else(|| format!("osm-{stem}")),
            name: self.name.clone().unwrap_or(titled),
            tdps: self.tdps,
        }
    }
}

/// Imports a file as owner. `data_dir` is where the report goes unless the arguments say otherwise.
pub async fn run(owner: &PgPool, args: ImportOsm, data_dir: &Path) -> anyhow::Result<Summary> {
    let mut transaction = owner.begin().await.context("cannot reach the database")?;
    let summary = within(&mut transaction, &args, data_dir).await?;
    transaction.commit().await.context("the import was not kept")?;
    Ok(summary)
}

/// The same within the caller's transaction.
pub async fn within(db: &mut PgConnection, args: &ImportOsm, data_dir: &Path) -> anyhow::Result<Summary> {
    let file = args.file.clone();
    let mapped = tokio::task::spawn_blocking(move || read_and_map(&file)).await??;
    import(db, args, mapped, data_dir).await
}

fn read_and_map(file: &Path) -> anyhow::Result<Mapped> {
    let shown = file.display();
    let input = File::open(file).with_context(|| format!("cannot open {shown}"))?;
    let length = input.metadata().with_context(|| format!("cannot read {shown}"))?;
    if length.is_dir() {
        bail!("{shown} is a folder; name the file in it");
    }
    let bar = ProgressBar::new(length.len()).with_style(style("{prefix} {bar:30} {bytes}/{total_bytes}")).with_prefix("reading");
    let data = read(BufReader::with_capacity(1 << 16, bar.wrap_read(input))).with_context(|| format!("{shown} cannot be imported"))?;
    bar.finish_and_clear();
    let spinner = spinner();
    spinner.set_message("building shapes");
    let mapped = map(&data).with_context(|| format!("{shown} holds no places at all: nothing to import"))?;
    spinner.finish_and_clear();
    Ok(mapped)
}

async fn import(db: &mut PgConnection, args: &ImportOsm, mut mapped: Mapped, data_dir: &Path) -> anyhow::Result<Summary> {
    let spinner = spinner();
    begin_bulk(db).await?;
    let (ward, is_new) = match &args.area {
        Some(code) => (ward::existing(db, code).await?, false),
        None => ward::of_file(db, &args.new_ward(), mapped.extent).await?,
    };
    ward::keep_own(db, &ward, &mut mapped).await?;
    load::load(db, &ward, &mapped, |layer| spinner.set_message(format!("loading {layer}"))).await?;
    // ODbL 1.0, 4.3: whoever sees the map is told.
    set_attribution(db, ward.id, "© OpenStreetMap contributors", Some("https://www.openstreetmap.org/copyright")).await?;
    let rejects =
        args.rejects.clone().unwrap_or_else(|| data_dir.join("imports").join(format!("{}-{}.rejected.csv", ward.code, args.stem())));
    // the report first: rows must not stand without it
    write_report(&rejects, &mapped)
        .with_context(|| format!("cannot write the report {}; name another with --rejects", rejects.display()))?;
    spinner.finish_and_clear();
    Ok(Summary::new(&ward, is_new, &mapped, rejects))
}

fn write_report(path: &Path, mapped: &Mapped) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut out = BufWriter::new(File::create(path)?);
    problems::write_report(&mut out, mapped.problems(), &mapped.of_no_layer)?;
    out.flush()
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn spinner() -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_style(style("{spinner} {msg} ({elapsed})"));
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ward_is_called_after_its_file() {
        let ward = ImportOsm::of("/data/hanoi_quoctugiam_2023.osm").new_ward();
        assert_eq!((ward.code.as_str(), ward.name.as_str()), ("osm-hanoi_quoctugiam_2023", "Hanoi quoctugiam 2023"));
        assert_eq!(ImportOsm::of("map.osm.pbf").new_ward().code, "osm-map");
    }
}
