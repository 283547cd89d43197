//! What devices push: alerts, and whether cameras answer. The answer comes after the commit, so what was acknowledged is there.
//! It deliberately decides nothing about an alert; `cameras::alerts` does.

use axum::{Json, body::Bytes, extract::State, http::StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::{
    ingest::{Fault, IngestAnswer, IngestNote, IngestSource, ReportedAlert, ReportedStatus},
    problem::Problem,
};
use sqlx::PgConnection;
use tracing::info;

use super::{
    IngestState,
    clocks::Told,
    db,
    device::{Device, token_refused},
    pictures::Pictures,
    reading,
};
use crate::{
    cameras::alerts::{self, Became, Refused, snapshots},
    platform::error::{ApiError, ApiResult},
};

/// Takes in alerts: one object or an array. The same camera and external id again updates, and never doubles.
///
/// One bad item costs itself only: it is named in `rejected` and waits in the quarantine. A picture that is refused, or not kept
/// for another reason, costs itself only too: the alert is in, and `left_out` names the picture with a code.
#[utoipa::path(post, path = "/ingest/camera-alerts", tag = "devices",
    request_body(content = ReportedAlert, description = "one object, or an array of them"),
    params(("Authorization" = String, Header, description = "Bearer TOKEN, from `ioc device add NAME`")),
    responses((status = 200, body = IngestAnswer), (status = 400, description = "`ingest.unreadable`: no JSON object or array", body = Problem),
        (status = 401, description = "`ingest.token_refused`", body = Problem), (status = 413, description = "`too_large`: more than 16 MiB; `ingest.too_many_at_once`", body = Problem),
        (status = 429, description = "`ingest.too_fast`, with `until`: send the same again then", body = Problem)))]
pub(super) async fn report_camera_alerts(State(state): State<IngestState>, device: Device, body: Bytes) -> ApiResult<Json<IngestAnswer>> {
    let batch: Batch<ReportedAlert> = Batch::receive(&state, &device, IngestSource::CameraAlerts, &body).await?;
    // Decoded and stored before anything is locked.
    let readable = batch.readable_in_places();
    let pictures = Pictures::prepare(&state.snapshots, readable.iter().copied(), snapshots::MOST_AT_ONCE).await;
    let now = state.clock.now();
    let mut transaction = state.accounts.app_pool().begin().await?;
    let mut recorded = alerts::record_alerts(&mut transaction, &device.token_hash, &batch.readable(), now).await?;
    let left_out = pictures.attach(&state.snapshots, &mut transaction, &device.token_hash, &readable, &mut recorded, now).await?;
    let told = Told::by_alerts(batch.readable().into_iter(), &recorded, now);
    let mut answer = batch.settle(&mut transaction, &device, IngestSource::CameraAlerts, recorded).await?;
    transaction.commit().await?;
    state.note_clock(device.id, &device.token_hash, IngestSource::CameraAlerts, &told, now).await;
    answer.left_out = left_out.into_iter().map(|(index, refused)| note(index, refused)).collect();
    tell(&device, "alerts", &answer);
    Ok(Json(answer))
}

/// Takes in whether cameras answer: one object or an array. A state holds since it was first reported.
#[utoipa::path(post, path = "/ingest/camera-status", tag = "devices",
    request_body(content = ReportedStatus, description = "one object, or an array of them"),
    params(("Authorization" = String, Header, description = "Bearer TOKEN, from `ioc device add NAME`")),
    responses((status = 200, body = IngestAnswer), (status = 400, description = "`ingest.unreadable`: no JSON object or array", body = Problem),
        (status = 401, description = "`ingest.token_refused`", body = Problem), (status = 413, description = "`too_large`: more than 16 MiB; `ingest.too_many_at_once`", body = Problem),
        (status = 429, description = "`ingest.too_fast`, with `until`: send the same again then", body = Problem)))]
pub(super) async fn report_camera_status(State(state): State<IngestState>, device: Device, body: Bytes) -> ApiResult<Json<IngestAnswer>> {
    let batch: Batch<ReportedStatus> = Batch::receive(&state, &device, IngestSource::CameraStatus, &body).await?;
    let now = state.clock.now();
    let mut transaction = state.accounts.app_pool().begin().await?;
    let recorded = alerts::record_status(&mut transaction, &device.token_hash, &batch.readable(), now).await?;
    let told = Told::by_states(batch.readable().into_iter(), &recorded, now);
    let answer = batch.settle(&mut transaction, &device, IngestSource::CameraStatus, recorded).await?;
    transaction.commit().await?;
    state.note_clock(device.id, &device.token_hash, IngestSource::CameraStatus, &told, now).await;
    tell(&device, "states of cameras", &answer);
    Ok(Json(answer))
}

/// What one request brought: items as they came, and as they were read.
struct Batch<T> {
    items: Vec<Value>,
    read: Vec<Result<T, Refused>>,
}

impl<T: DeserializeOwned> Batch<T> {
    /// Reads a body and counts it. What is no JSON waits in the quarantine, whole, and is refused.
    async fn receive(state: &IngestState, device: &Device, source: IngestSource, body: &[u8]) -> ApiResult<Self> {
        let Some(items) = reading::items(body) else {
            state.limits.admit(device.id, 1)?;
            let refused = Refused::new("ingest.unreadable", "the body is no JSON object and no array of them").because(Fault::NotJson);
            let kept = db::Kept { refused: &refused, payload: "{}".to_owned(), raw: reading::raw_text(body) };
            let mut connection = state.accounts.app_pool().acquire().await?;
            if !db::put_in_quarantine(&mut connection, &device.token_hash, source, &[kept]).await? {
                return Err(token_refused());
            }
            return Err(ApiError::new(StatusCode::BAD_REQUEST, refused.code, refused.detail));
        };
        state.limits.admit(device.id, items.len())?;
        let read = items.iter().map(reading::read).collect();
        Ok(Self { items, read })
    }
}

impl<T> Batch<T> {
    fn readable(&self) -> Vec<&T> {
        self.readable_in_places().into_iter().map(|(_, report)| report).collect()
    }

    /// The readable items, each with its place in the request.
    fn readable_in_places(&self) -> Vec<(usize, &T)> {
        self.read.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_ref().ok()?))).collect()
    }

    /// Puts what was refused into the quarantine, in the same transaction, and says what became of everything. `recorded`: of the
    /// readable items, in their order.
    async fn settle(
        &self,
        db: &mut PgConnection,
        device: &Device,
        source: IngestSource,
        recorded: Vec<alerts::Recorded>,
    ) -> ApiResult<IngestAnswer> {
        let mut answer = IngestAnswer::default();
        let mut recorded = recorded.into_iter();
        let mut refusals: Vec<(usize, Refused)> = Vec::new();
        for (index, read) in self.read.iter().enumerate() {
            let outcome = match read {
                Ok(_) => recorded.next().ok_or_else(|| anyhow::anyhow!("fewer reports were recorded than read"))?,
                Err(refused) => Err(refused.clone()),
            };
            match outcome {
                Ok(Became::New | Became::Updated) => answer.accepted += 1,
                Ok(Became::Duplicate) => answer.duplicate += 1,
                Err(refused) => refusals.push((index, refused)),
            }
        }
        let kept: Vec<db::Kept> = refusals
            .iter()
            .map(|(index, refused)| db::Kept {
                refused,
                payload: reading::shown(&self.items[*index]).to_string(),
                raw: reading::raw(&self.items[*index]),
            })
            .collect();
        // A token that was revoked since the request began: nothing was written, and nothing is said to have been.
        if !kept.is_empty() && !db::put_in_quarantine(db, &device.token_hash, source, &kept).await? {
            return Err(token_refused());
        }
        answer.rejected = refusals.into_iter().map(|(index, refused)| note(index, refused)).collect();
        Ok(answer)
    }
}

fn note(index: usize, refused: Refused) -> IngestNote {
    IngestNote { index, code: refused.code.into(), detail: refused.detail }
}

fn tell(device: &Device, what: &str, answer: &IngestAnswer) {
    if !answer.rejected.is_empty() {
        info!(device.id, device.name, rejected = answer.rejected.len(), "some {what} of a device wait in the quarantine");
    }
    metrics::counter!("ioc_reports_total", "became" => "accepted").increment(answer.accepted as u64);
    metrics::counter!("ioc_reports_total", "became" => "duplicate").increment(answer.duplicate as u64);
    metrics::counter!("ioc_reports_total", "became" => "rejected").increment(answer.rejected.len() as u64);
}
