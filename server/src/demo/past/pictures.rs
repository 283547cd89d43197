//! The pictures of a ward's past: which alert has one of its own and which share one; drawn, then kept as those of devices are.
//! It deliberately touches no alert that has had a picture, so that it can be stopped and begun again, and what was deleted stays so.

use std::collections::HashMap;

use anyhow::{Context, anyhow};
use chrono::{DateTime, Days, TimeDelta, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use shared::camera_alert::AlertKind;
use sqlx::PgPool;

use super::db::{self, BareAlert};
use super::history::{DAYS, NUMBERED};
use crate::cameras::alerts::snapshots::{LOADED_AT_A_TIME, LoadedSnapshot, Prepared, Snapshots};
use crate::demo::day::in_ward;
use crate::demo::synthetic_snapshot::{Light, synthetic_snapshot, synthetic_view};
use crate::platform::media::Media;

/// Each takes some 45 KB of disk, thumbnail and folders counted, and about 25 ms of a core.
pub const MOST_PICTURES: usize = 1_200;
const IN_ONE_TRANSACTION: usize = 96;

/// What was drawn, and for how many alerts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pictured {
    pub pictures: usize,
    pub alerts: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Scene {
    kind: AlertKind,
    camera: String,
    shows: Shows,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shows {
    /// With the clock in the picture.
    Moment(DateTime<Utc>),
    /// Without one: alerts of one kind, camera and light share it.
    Light(Light),
}

/// A picture to draw and the alerts that have it, each with the moment from which its time counts.
#[derive(Debug, PartialEq)]
struct Planned {
    scene: Scene,
    alerts: Vec<(i64, DateTime<Utc>)>,
}

/// Draws and keeps what the alerts of the ward's past lack, at most so many pictures, those of the newest alerts first. As owner. What older
/// alerts lack would be deleted at once.
pub async fn bring(owner: &PgPool, media: &Media, ward_id: i32, seed: u64, now: DateTime<Utc>, at_most: usize) -> anyhow::Result<Pictured> {
    let since = now - TimeDelta::days(DAYS);
    let bare = db::bare_alerts(&mut *owner.acquire().await?, ward_id, NUMBERED, since).await.context("the past's alerts cannot be read")?;
    let planned = plan(bare, now, at_most);
    let snapshots = Snapshots::for_seeds(media.clone());
    let mut pictured = Pictured::default();
    for batch in planned.chunks(IN_ONE_TRANSACTION) {
        let drawing: Vec<_> = batch.iter().map(|planned| draw(&snapshots, planned.scene.clone(), seed)).collect();
        let drawn: Vec<Prepared> = stream::iter(drawing).buffered(LOADED_AT_A_TIME).try_collect().await?;
        let mut loaded: Vec<LoadedSnapshot> = Vec::new();
        for (planned, prepared) in batch.iter().zip(&drawn) {
            let of_alert = |&(alert_id, taken_in_at)| LoadedSnapshot { alert_id, prepared, taken_in_at };
            loaded.extend(planned.alerts.iter().map(of_alert));
        }
        let mut transaction = owner.begin().await?;
        pictured.alerts += snapshots.load(&mut transaction, &loaded).await.context("pictures of the past cannot be written")?;
        transaction.commit().await?;
        pictured.pictures += batch.len();
    }
    if pictured.pictures > 0 {
        db::analyze_pictures(owner).await?;
    }
    Ok(pictured)
}

/// What happened today or yesterday, is still open or was fined has a picture of its own; the rest shares.
fn plan(bare: Vec<BareAlert>, now: DateTime<Utc>, at_most: usize) -> Vec<Planned> {
    let yesterday = in_ward(now).date() - Days::new(1);
    let mut places: HashMap<Scene, usize> = HashMap::new();
    let mut planned: Vec<Planned> = Vec::new();
    for BareAlert { id, camera, kind, started_at, received_at, matters } in bare {
        let is_own = matters || in_ward(started_at).date() >= yesterday;
        let shows = if is_own { Shows::Moment(started_at) } else { Shows::Light(Light::at(started_at)) };
        let scene = Scene { kind, camera, shows };
        let place = *places.entry(scene.clone()).or_insert_with(|| {
            planned.push(Planned { scene, alerts: Vec::new() });
            planned.len() - 1
        });
        planned[place].alerts.push((id, received_at));
    }
    planned.truncate(at_most);
    planned
}

/// Drawn on a thread that may take its time; then as if a device had sent it.
async fn draw(snapshots: &Snapshots, scene: Scene, seed: u64) -> anyhow::Result<Prepared> {
    let drawn = move || match scene.shows {
        Shows::Moment(at) => synthetic_snapshot(scene.kind, &scene.camera, at, seed),
        Shows::Light(light) => synthetic_view(scene.kind, &scene.camera, light, seed),
    };
    let jpeg = tokio::task::spawn_blocking(drawn).await?;
    snapshots.prepare(jpeg).await.map_err(|refused| anyhow!("a drawn picture was not kept: {}", refused.code))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeZone;

    use super::*;
    use crate::demo::day::tests::{cameras_of_a_scene, landmarks_of_a_scene};
    use crate::demo::day::{SceneCamera, Table};
    use crate::demo::past::history::{self, Officers};

    /// Half past nine in the ward.
    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 2, 30, 0).unwrap()
    }

    fn seen(id: i64, camera: &str, days_ago: i64, matters: bool) -> BareAlert {
        let started_at = now() - TimeDelta::days(days_ago);
        let received_at = started_at + TimeDelta::seconds(1);
        BareAlert { id, camera: camera.into(), kind: AlertKind::Crowd, started_at, received_at, matters }
    }

    fn ids(planned: &Planned) -> Vec<i64> {
        planned.alerts.iter().map(|(id, _)| *id).collect()
    }

    #[test]
    fn what_is_recent_open_or_fined_has_its_own_picture_and_the_rest_shares() {
        let bare = vec![
            seen(1, "C01", 0, true),
            seen(2, "C01", 1, false),
            seen(3, "C01", 2, false),
            seen(4, "C02", 3, false),
            seen(5, "C01", 9, true),
            seen(6, "C01", 20, false),
        ];
        let planned = plan(bare, now(), 10);
        assert_eq!(planned.iter().map(ids).collect::<Vec<_>>(), [vec![1], vec![2], vec![3, 6], vec![4], vec![5]]);
        assert_eq!(planned[1].scene.shows, Shows::Moment(now() - TimeDelta::days(1)));
        assert_eq!(planned[2].scene.shows, Shows::Light(Light::Day));
        let counts_from = now() - TimeDelta::days(20) + TimeDelta::seconds(1);
        assert_eq!(planned[2].alerts[1], (6, counts_from), "its time began when it came, not when it was drawn");
    }

    #[test]
    fn another_light_or_kind_is_another_picture() {
        let at_night = BareAlert { started_at: now() - TimeDelta::days(5) - TimeDelta::hours(8), ..seen(2, "C01", 5, false) };
        let theft = BareAlert { kind: AlertKind::Theft, ..seen(3, "C01", 5, false) };
        assert_eq!(plan(vec![seen(1, "C01", 5, false), at_night, theft], now(), 10).len(), 3);
    }

    #[test]
    fn where_pictures_must_end_the_newest_alerts_have_theirs() {
        let bare = (0..9).map(|nth| seen(nth, &format!("C{nth:02}"), nth, false)).collect();
        assert_eq!(plan(bare, now(), 3).iter().flat_map(ids).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn a_ward_of_sixty_cameras_has_a_picture_for_every_alert_of_its_past() {
        let table = Arc::new(Table::read().unwrap());
        let named = |(n, camera): (usize, SceneCamera)| SceneCamera { code: format!("C{n:02}"), ..camera };
        let sixty = cameras_of_a_scene().into_iter().cycle().take(60).enumerate().map(named);
        let cameras: Vec<(i64, SceneCamera)> = (1..).zip(sixty).collect();
        let officers = Officers { desk: 1, police: 2, lead: 3, leader: 4 };
        for seed in 1..4 {
            let alerts = history::write(&table, &cameras, &landmarks_of_a_scene(), officers, seed, now());
            let bare = alerts.iter().enumerate().rev().map(|(nth, alert)| BareAlert {
                id: nth as i64,
                camera: cameras.iter().find(|(id, _)| *id == alert.camera_id).unwrap().1.code.clone(),
                kind: alert.kind,
                started_at: alert.started_at,
                received_at: alert.received_at,
                matters: alert.closed_at.is_none() || alert.legal_basis.is_some(),
            });
            let planned = plan(bare.collect(), now(), usize::MAX);
            assert!(planned.len() <= MOST_PICTURES, "{}", planned.len());
            assert!(planned.len() * 3 < alerts.len(), "{} for {}", planned.len(), alerts.len());
            assert_eq!(planned.iter().map(|planned| planned.alerts.len()).sum::<usize>(), alerts.len());
        }
    }
}
