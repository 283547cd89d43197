//! The rules that grade and route alerts, area by area: read by whoever sees alerts, edited by the operator, with their past.
//! What a rule does to an alert stands in `rules`.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use shared::{
    camera_alert::{AlertHandlerList, AlertRules, AlertRulesList, EditAlertRules},
    edit::History,
    problem::Problem,
};

use super::{
    db::{self, RulesRow},
    listing, rules,
};
use crate::{
    accounts::{Accounts, Caller, Session, matrix::Permission},
    geography::editing::{self, Kind, Standing},
    platform::{
        clock::SharedClock,
        error::{ApiError, ApiResult},
        version::{IfMatch, Versioned},
    },
};

const RULES: Kind = Kind { topic: "alert_rule", permission: Permission::EditAlertRules, columns: &["rules"] };

/// The rules of every area in reach that has some.
#[utoipa::path(get, path = "/api/alert-rules", tag = "camera alerts",
    responses((status = 200, body = AlertRulesList), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list_alert_rules(mut db: Session) -> ApiResult<Json<AlertRulesList>> {
    db.caller().require(Permission::SeeCameraAlerts)?;
    let rows = db::all_rules(&mut db).await?;
    Ok(Json(AlertRulesList { areas: rows.into_iter().map(|row| to_rules(row, db.caller())).collect() }))
}

/// Writes all rules of one area, in their order. They hold for alerts from now on.
#[utoipa::path(put, path = "/api/alert-rules", tag = "camera alerts", request_body = EditAlertRules,
    params(("If-Match" = String, Header, description = "the version that is edited, such as \"7\"; \"0\" where the area has no rules yet")),
    responses((status = 200, body = AlertRules), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, description = "`edit.conflict`", body = Problem),
        (status = 422, description = "`edit.invalid`, `camera_alerts.no_such_handler`", body = Problem),
        (status = 428, description = "`version_required`", body = Problem)))]
pub(super) async fn edit_alert_rules(
    mut db: Session,
    State(accounts): State<Accounts>,
    State(clock): State<SharedClock>,
    made_from: IfMatch,
    Json(edit): Json<EditAlertRules>,
) -> ApiResult<Versioned<AlertRules>> {
    db.caller().require(RULES.permission)?;
    let made_from = made_from.required()?;
    db.caller().require_in(RULES.permission, edit.area_id)?;
    let handlers: Vec<i64> =
        db::handlers(&mut db, edit.area_id, accounts.is_demo()).await?.into_iter().map(|handler| handler.account_id).collect();
    rules::check_rules(&edit.rules, &handlers)?;
    match db::lock_rules(&mut db, edit.area_id).await? {
        Some(row) => {
            let standing = Standing { id: row.id, version: row.version, updated_at: row.updated_at };
            let id = row.id;
            let current = to_rules(row, db.caller());
            editing::check_version(&mut db, &RULES, standing, made_from, &current).await?;
            db::edit_rules(&mut db, id, &edit.rules).await?;
        }
        None => {
            let standing = Standing { id: 0, version: 0, updated_at: clock.now() };
            editing::check_version(&mut db, &RULES, standing, made_from, &edit).await?;
            if !db::add_rules(&mut db, edit.area_id, &edit.rules).await? {
                let row = db::rules_of(&mut db, edit.area_id).await?.ok_or_else(ApiError::not_found)?;
                let standing = Standing { id: row.id, version: row.version, updated_at: row.updated_at };
                let current = to_rules(row, db.caller());
                editing::check_version(&mut db, &RULES, standing, made_from, &current).await?;
            }
        }
    }
    let row = db::rules_of(&mut db, edit.area_id).await?.ok_or_else(ApiError::not_found)?;
    let edited = Versioned { version: row.version, row: to_rules(row, db.caller()) };
    db.commit().await?;
    Ok(edited)
}

/// Who changed the rules of an area, when, and from what to what.
#[utoipa::path(get, path = "/api/alert-rules/{area_id}/history", tag = "camera alerts", params(editing::Page),
    responses((status = 200, body = History), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn read_alert_rules_history(
    mut db: Session,
    Path(area_id): Path<i32>,
    Query(page): Query<editing::Page>,
) -> ApiResult<Json<History>> {
    db.caller().require(Permission::SeeCameraAlerts)?;
    let row = db::rules_of(&mut db, area_id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(editing::history(&mut db, &RULES, row.id, &page).await?))
}

/// Who may be given alerts of an area by a rule.
#[utoipa::path(get, path = "/api/alert-rules/{area_id}/handlers", tag = "camera alerts",
    responses((status = 200, body = AlertHandlerList), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn list_rule_handlers(
    mut db: Session,
    State(accounts): State<Accounts>,
    Path(area_id): Path<i32>,
) -> ApiResult<Json<AlertHandlerList>> {
    db.caller().require_in(Permission::SeeCameraAlerts, area_id)?;
    Ok(Json(AlertHandlerList { handlers: listing::handlers(&mut db, area_id, accounts.is_demo()).await? }))
}

fn to_rules(row: RulesRow, caller: &Caller) -> AlertRules {
    AlertRules {
        editable: caller.may_in(RULES.permission, row.area_id),
        area_id: row.area_id,
        area_name: row.area_name,
        rules: row.rules.0,
        version: row.version,
        updated_at: Some(row.updated_at),
    }
}
