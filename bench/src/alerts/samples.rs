//! Alerts like a camera's: a kind, a confidence, a box; at the demo ward's cameras in turn. As a device reports them, and as a row.
//! It deliberately gives them neither plate nor picture, and draws from a formula: every run reports the same.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use geo::Point;
use serde_json::{Value, json};
use server::platform::copy::CopyRows;
use shared::camera_alert::{AlertKind, Severity};
use sqlx::PgPool;
use uuid::Uuid;

use crate::points::mixed;

#[derive(sqlx::FromRow)]
pub struct SampleCamera {
    id: i64,
    pub code: String,
    area_id: i32,
    ward_id: i32,
    lon: f64,
    lat: f64,
}

pub struct SampleAlert {
    pub external_id: String,
    camera: usize,
    kind: AlertKind,
    confidence: f32,
    started_at: DateTime<Utc>,
    corner: [f64; 2],
}

/// What a row of COPY says; everything else is as the table has it by default.
pub const COLUMNS: &str =
    "id, uid, code, area_id, ward_id, camera_id, camera_code, external_id, kind, severity, confidence, started_at, received_at, box, geom";

pub async fn cameras(owner: &PgPool) -> anyhow::Result<Vec<SampleCamera>> {
    let cameras = "select id, code, area_id, ward_id, st_x(geom) as lon, st_y(geom) as lat from camera where geom is not null order by id";
    sqlx::query_as(cameras).fetch_all(owner).await.context("the cameras cannot be read")
}

/// `count` alerts that nobody has reported before; `name` says for what.
pub fn alerts(name: &str, from: usize, count: usize, cameras: usize) -> Vec<SampleAlert> {
    let begun = Utc::now();
    let alert = |number: usize| {
        let dice = mixed(number as u64);
        let share = |shift: u32| (dice >> shift & 0xff) as f64 / 512.0;
        SampleAlert {
            external_id: format!("{name}-{number}"),
            camera: number % cameras,
            kind: AlertKind::ALL[(dice % 12) as usize],
            confidence: (0.5 + share(8)) as f32,
            started_at: begun - TimeDelta::milliseconds((dice >> 20 & 0xffff) as i64),
            corner: [share(40), share(48)],
        }
    };
    (from..from + count).map(alert).collect()
}

impl SampleAlert {
    /// As a device reports it.
    pub fn reported(&self, cameras: &[SampleCamera]) -> Value {
        json!({
            "camera": cameras[self.camera].code, "external_id": self.external_id, "kind": self.kind, "confidence": self.confidence,
            "started_at": self.started_at, "box": self.in_picture(),
        })
    }

    /// As Frigate says on `frigate/events` that it has begun.
    pub fn as_frigate_event(&self, cameras: &[SampleCamera]) -> Value {
        let at = self.started_at.timestamp_micros() as f64 / 1e6;
        let object = json!({
            "id": self.external_id, "camera": cameras[self.camera].code, "frame_time": at, "label": "person", "sub_label": null,
            "top_score": self.confidence, "false_positive": false, "start_time": at, "end_time": null, "score": self.confidence,
            "box": self.in_picture(), "area": 40_096, "ratio": 1.25, "region": [218, 440, 693, 915], "current_zones": [self.kind.name()],
            "entered_zones": [self.kind.name()], "thumbnail": null, "has_snapshot": false, "has_clip": false, "active": true,
            "stationary": false, "motionless_count": 0, "position_changes": 2, "attributes": {}, "current_attributes": [],
        });
        json!({"type": "new", "before": object, "after": object})
    }

    /// As the row that it becomes, under this number.
    pub fn copy(&self, number: i64, cameras: &[SampleCamera], rows: &mut CopyRows) {
        let camera = &cameras[self.camera];
        // `jsonb` in binary form: its version, then its text.
        let in_picture = [vec![1], json!(self.in_picture()).to_string().into_bytes()].concat();
        let at = Point::new(camera.lon, camera.lat);
        rows.row(&[
            &number,
            &Uuid::now_v7(),
            &format!("CB{number}"),
            &camera.area_id,
            &camera.ward_id,
            &camera.id,
            &camera.code,
            &self.external_id,
            &self.kind.name(),
            &Severity::Medium.name(),
            &self.confidence,
            &self.started_at,
            &Utc::now(),
            &in_picture,
            &at,
        ]);
    }

    fn in_picture(&self) -> [f64; 4] {
        let [left, top] = self.corner;
        [left, top, left + 0.125, top + 0.25]
    }
}
