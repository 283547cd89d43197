//! How a batch of reports becomes rows: cameras found, rules applied, given to who is on duty, everything written in one statement.
//! It deliberately neither begins nor commits; whoever received the batch answers after the commit.

use std::collections::{BTreeSet, HashMap, hash_map};

use chrono::{DateTime, TimeDelta, Utc};
use shared::camera::CameraStatus;
use shared::camera_alert::AlertKind;
use shared::ingest::{ReportedAlert, ReportedStatus};
use sqlx::PgConnection;

use super::db::{self, FoundCamera, GradedAlert};
use super::rules::{self, Refused};
use crate::duty;

/// What a camera was longer ago than this does not show that it is there now.
const SAYS_OF_NOW: TimeDelta = TimeDelta::minutes(10);

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    New,
    Updated,
    /// Known already, word for word.
    Duplicate,
}

pub type Recorded = Result<Became, Refused>;

/// Where the fate of a report is decided.
enum Fate {
    Refused(Refused),
    /// By the row that is written at this place.
    Row(usize),
    /// Said before in the same batch.
    Repeated,
}

/// Takes in a batch of the device with this token; answers in the reports' order. Each (camera, external id) is one row, however
/// often the batch has it.
pub async fn record_alerts(
    db: &mut PgConnection,
    token_hash: &[u8; 32],
    reports: &[&ReportedAlert],
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Recorded>> {
    let cameras = cameras_of(db, token_hash, reports.iter().map(|report| report.camera.as_str())).await?;
    let areas: BTreeSet<i32> = cameras.values().flat_map(|camera| camera.areas.iter().copied()).collect();
    let areas: Vec<i32> = areas.into_iter().collect();
    let sets = db::find_rules(db, token_hash, &areas).await?;
    let on_duty = duty::on_duty(db, &areas, now).await?;

    let mut rows: Vec<GradedAlert> = Vec::new();
    let mut place_of: HashMap<(i64, &str), usize> = HashMap::new();
    let mut fates = Vec::with_capacity(reports.len());
    let mut heard: BTreeSet<i64> = BTreeSet::new();
    for report in reports {
        let camera = rules::check_report(report, now).and_then(|()| the_camera(&cameras, &report.camera));
        fates.push(match camera {
            Err(refused) => Fate::Refused(refused),
            Ok(camera) => {
                // A recorder that says a camera is silent has not heard it.
                if report.kind != AlertKind::CameraSilent {
                    heard.insert(camera.id);
                }
                let (severity, by_rule) = rules::grade(report, &camera.areas, &sets);
                let handler_id = by_rule.or_else(|| duty::who_answers(&on_duty, &camera.areas, report.kind));
                let row = GradedAlert::of(report, camera.id, severity, handler_id);
                match place_of.entry((camera.id, report.external_id.as_str())) {
                    hash_map::Entry::Vacant(place) => {
                        place.insert(rows.len());
                        rows.push(row);
                        Fate::Row(rows.len() - 1)
                    }
                    hash_map::Entry::Occupied(place) => {
                        let known = &mut rows[*place.get()];
                        let merged = row.over(known);
                        if merged == *known {
                            Fate::Repeated
                        } else {
                            *known = merged;
                            Fate::Row(*place.get())
                        }
                    }
                }
            }
        });
    }

    let became = db::write_alerts(db, token_hash, &rows).await?;
    db::note_heard(db, token_hash, heard.into_iter().collect(), now).await?;
    Ok(settle(fates, &became))
}

/// Takes in what cameras are said to be; answers in the reports' order.
pub async fn record_status(
    db: &mut PgConnection,
    token_hash: &[u8; 32],
    reports: &[&ReportedStatus],
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Recorded>> {
    let cameras = cameras_of(db, token_hash, reports.iter().map(|report| report.camera.as_str())).await?;
    let mut rows = Vec::new();
    let mut fates = Vec::with_capacity(reports.len());
    let mut heard: BTreeSet<i64> = BTreeSet::new();
    for report in reports {
        fates.push(match rules::check_status(report, now).and_then(|()| the_camera(&cameras, &report.camera)) {
            Err(refused) => Fate::Refused(refused),
            Ok(camera) => {
                if report.status == CameraStatus::Online && now - report.at < SAYS_OF_NOW {
                    heard.insert(camera.id);
                }
                rows.push((camera.id, report.status, report.at));
                Fate::Row(rows.len() - 1)
            }
        });
    }
    let became = db::write_status(db, token_hash, &rows).await?;
    db::note_heard(db, token_hash, heard.into_iter().collect(), now).await?;
    Ok(settle(fates, &became))
}

/// Takes in an alert that waited in the quarantine, for the operator of this session. None: it does not wait there for them.
pub async fn replay_alert(
    db: &mut PgConnection,
    quarantine_id: i64,
    report: &ReportedAlert,
    now: DateTime<Utc>,
) -> sqlx::Result<Result<Option<Became>, Refused>> {
    if let Err(refused) = rules::check_report(report, now) {
        return Ok(Err(refused));
    }
    let camera = match the_camera(&db::find_cameras_in_reach(db, std::slice::from_ref(&report.camera)).await?, &report.camera) {
        Ok(camera) => camera.clone(),
        Err(refused) => return Ok(Err(refused)),
    };
    let sets = db::find_rules_in_reach(db, &camera.areas).await?;
    let on_duty = duty::on_duty(db, &camera.areas, now).await?;
    let (severity, by_rule) = rules::grade(report, &camera.areas, &sets);
    let handler_id = by_rule.or_else(|| duty::who_answers(&on_duty, &camera.areas, report.kind));
    let row = GradedAlert::of(report, camera.id, severity, handler_id);
    db::replay_alert(db, quarantine_id, &row).await.map(Ok)
}

/// The same for what a camera was said to be.
pub async fn replay_status(
    db: &mut PgConnection,
    quarantine_id: i64,
    report: &ReportedStatus,
    now: DateTime<Utc>,
) -> sqlx::Result<Result<Option<Became>, Refused>> {
    if let Err(refused) = rules::check_status(report, now) {
        return Ok(Err(refused));
    }
    match the_camera(&db::find_cameras_in_reach(db, std::slice::from_ref(&report.camera)).await?, &report.camera) {
        Ok(camera) => db::replay_status(db, quarantine_id, camera.id, report.status, report.at).await.map(Ok),
        Err(refused) => Ok(Err(refused)),
    }
}

async fn cameras_of<'a>(
    db: &mut PgConnection,
    token_hash: &[u8; 32],
    names: impl Iterator<Item = &'a str>,
) -> sqlx::Result<HashMap<String, FoundCamera>> {
    // What PostgreSQL takes for no text is no camera's name either.
    let names: BTreeSet<&str> = names.filter(|name| !name.contains('\0')).collect();
    db::find_cameras(db, token_hash, &names.into_iter().map(str::to_owned).collect::<Vec<_>>()).await
}

fn the_camera<'a>(cameras: &'a HashMap<String, FoundCamera>, name: &str) -> Result<&'a FoundCamera, Refused> {
    match cameras.get(name) {
        Some(camera) if camera.matches == 1 => Ok(camera),
        Some(camera) => Err(Refused::new(
            "ingest.ambiguous_camera",
            format!("{} cameras are called {name:?}; use a code that only one of them has", camera.matches),
        )),
        None => Err(unknown_camera(name)),
    }
}

fn unknown_camera(name: &str) -> Refused {
    Refused::new("ingest.unknown_camera", format!("no camera in the device's area has the code or name {name:?}; add it, then replay"))
}

fn settle(fates: Vec<Fate>, became: &[Option<Became>]) -> Vec<Recorded> {
    let fate = |fate| match fate {
        Fate::Refused(refused) => Err(refused),
        Fate::Repeated => Ok(Became::Duplicate),
        // The camera went out of reach between being found and being written to.
        Fate::Row(place) => became.get(place).copied().flatten().ok_or_else(|| unknown_camera("it had a moment ago")),
    };
    fates.into_iter().map(fate).collect()
}
