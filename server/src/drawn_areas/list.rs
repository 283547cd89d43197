//! Which rows stand behind a count, and who may be named among them.
//! It deliberately names heads of households only as search does: where no reason is needed, or one was stated.

use axum::http::StatusCode;
use shared::layer::Layer;
use sqlx::PgConnection;

use super::target::Target;
use super::{db, figures};
use crate::accounts::{
    AreaSet, Caller, Session,
    audit::{AccessReason, Entry, search_reach},
};
use crate::geography::map_index::{MapIndex, Shape};
use crate::platform::error::{ApiError, ApiResult};

/// Ids of a kind within a drawn area, in order: what the caller reaches of it.
pub async fn ids(db: &mut PgConnection, index: &MapIndex, caller: &Caller, kind: Layer, target: &Target) -> ApiResult<Vec<i64>> {
    let shape = &target.shape;
    match kind {
        Layer::Building => houses(db, shape).await,
        Layer::Household | Layer::BoardingHouse | Layer::Business | Layer::Place | Layer::Camera => {
            let audience = figures::audience(index, caller, kind.name()).ok_or_else(|| refusal(caller))?;
            Ok(index.ids_in_shape(kind.name(), &audience, shape))
        }
        other => Err(ApiError::new(StatusCode::BAD_REQUEST, "drawn_areas.no_list", format!("there is no list of {other} in an area"))),
    }
}

async fn houses(db: &mut PgConnection, shape: &Shape) -> ApiResult<Vec<i64>> {
    let Some(bounds) = shape.bounds() else { return Ok(Vec::new()) };
    let rows = db::houses_in_box(db, bounds).await?;
    let mut ids: Vec<i64> = rows.iter().filter(|row| shape.holds([row.lon, row.lat])).map(|row| row.id).collect();
    ids.sort_unstable();
    Ok(ids)
}

fn refusal(caller: &Caller) -> ApiError {
    if caller.is_public() { ApiError::sign_in_required() } else { ApiError::forbidden() }
}

/// Where heads of households may be named now, whether a reason would open more, and the entry that this look begins with.
pub struct Naming {
    pub areas: AreaSet,
    pub reason_needed: bool,
    pub begins: Option<Entry>,
}

impl Naming {
    /// Of a list of `kind`: only households have names to be careful with.
    pub async fn of(db: &mut Session, kind: Layer, reason: &AccessReason) -> ApiResult<Self> {
        if kind != Layer::Household {
            return Ok(Self { areas: AreaSet::default(), reason_needed: false, begins: None });
        }
        let reach = search_reach(db, reason.optional()).await?;
        Ok(Self { areas: reach.areas, reason_needed: reach.reason_needed, begins: reach.begins })
    }
}
