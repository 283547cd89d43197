//! The doors of accounts: signing in and out, who is signed in, the audit trail.
//! How an attempt to sign in is judged is told in `sign_in`.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use shared::area::AreaId;
use shared::audit::AuditTrail;
use shared::problem::Problem;
use shared::session::{Permission, SessionAppointment, SessionInfo, SessionsEnded, SignIn, Visitor};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::sign_in::{Origin, sign_in};
use super::{Accounts, Caller, Session, SessionToken, audit, db};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::http::{ClientAddress, RequestId};

pub fn routes(accounts: Accounts) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(open_session, show_session, end_session))
        .routes(routes!(show_visitor))
        .routes(routes!(end_all_sessions))
        .routes(routes!(read_audit_trail))
        .with_state(accounts)
}

/// Who is signed in is nobody else's to keep.
const UNCACHED: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// Signs in and sets the session cookie.
///
/// An unknown login, a wrong password and a disabled account are answered alike, and after the same time.
#[utoipa::path(post, path = "/api/session", tag = "accounts", request_body = SignIn, responses(
    (status = 200, description = "Signed in; the cookie `__Host-ioc` carries the session", body = SessionInfo),
    (status = 401, description = "`accounts.sign_in_refused`, `accounts.code_required` or `accounts.code_refused`", body = Problem),
    (status = 403, description = "`accounts.code_not_enrolled`", body = Problem),
    (status = 423, description = "`accounts.locked`, with `until`", body = Problem),
    (status = 429, description = "`accounts.too_many_attempts`, with `until`", body = Problem),
    (status = 503, description = "`accounts.busy`", body = Problem),
))]
async fn open_session(
    State(accounts): State<Accounts>,
    ClientAddress(address): ClientAddress,
    request_id: RequestId,
    headers: HeaderMap,
    Json(request): Json<SignIn>,
) -> ApiResult<impl IntoResponse> {
    let origin = Origin { address, request_id: request_id.0, previous: SessionToken::from_headers(&headers) };
    let token = sign_in(&accounts, &request, origin).await?;
    let mut db = Session::begin(accounts, Some(token.clone()), request_id.0).await?;
    let info = describe(&mut db).await?;
    Ok((UNCACHED, CookieJar::new().add(token.cookie()), Json(info)))
}

/// Who is signed in, with roles and areas.
#[utoipa::path(get, path = "/api/session", tag = "accounts", responses(
    (status = 200, description = "Who the session cookie belongs to", body = SessionInfo),
    (status = 401, description = "`sign_in_required`: nobody is signed in", body = Problem),
))]
async fn show_session(mut db: Session) -> ApiResult<impl IntoResponse> {
    Ok((UNCACHED, Json(describe(&mut db).await?)))
}

/// Who is in front of the screen: the session, or nobody. What a screen asks first; unlike `GET /api/session` it refuses
/// nobody, so that a visitor's browser has no error to note.
#[utoipa::path(get, path = "/api/who", tag = "accounts", responses((status = 200, body = Visitor)))]
async fn show_visitor(mut db: Session) -> ApiResult<impl IntoResponse> {
    let session = if db.caller().is_public() { None } else { Some(describe(&mut db).await?) };
    Ok((UNCACHED, Json(Visitor { session })))
}

/// Signs out here. Not being signed in is no error.
#[utoipa::path(delete, path = "/api/session", tag = "accounts", responses((status = 204, description = "Signed out")))]
async fn end_session(State(accounts): State<Accounts>, mut db: Session) -> ApiResult<impl IntoResponse> {
    db::end_sessions(&mut db, false).await?;
    db.commit().await?;
    accounts.forget_all();
    Ok((StatusCode::NO_CONTENT, UNCACHED, CookieJar::new().add(SessionToken::removal())))
}

/// Signs out everywhere: every browser and telephone of this account.
#[utoipa::path(delete, path = "/api/sessions", tag = "accounts", responses(
    (status = 200, description = "Every session of the account has ended", body = SessionsEnded),
    (status = 401, description = "`sign_in_required`", body = Problem),
))]
async fn end_all_sessions(State(accounts): State<Accounts>, mut db: Session) -> ApiResult<impl IntoResponse> {
    db.caller().require_account()?;
    let ended = db::end_sessions(&mut db, true).await?;
    db.commit().await?;
    accounts.forget_all();
    let answer = SessionsEnded { ended: ended.try_into().unwrap_or(0) };
    Ok((UNCACHED, CookieJar::new().add(SessionToken::removal()), Json(answer)))
}

async fn describe(db: &mut Session) -> ApiResult<SessionInfo> {
    let caller = db.caller().clone();
    let account = caller.require_account()?;
    let mut ids: Vec<i32> = caller.appointments().iter().map(|appointment| appointment.area_id).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(SessionInfo {
        account_id: account.id,
        login: account.login.clone(),
        display_name: account.display_name.clone(),
        roles: caller.roles(),
        areas: db::areas(db, &ids).await?,
        appointments: caller
            .appointments()
            .iter()
            .map(|appointment| SessionAppointment {
                role: appointment.role,
                area_id: AreaId(appointment.area_id),
                until: appointment.until,
            })
            .collect(),
        permissions: Permission::ALL.into_iter().filter(|permission| caller.may(*permission)).collect(),
        reason_needed: asks_reason(&caller),
        expires_at: account.session_expires_at,
        demo: account.is_demo,
    })
}

fn asks_reason(caller: &Caller) -> bool {
    let open = Permission::OpenHouseholds;
    caller.reach(open) != caller.reach_without_reason(open)
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
    /// At most this many entries, 1 to 200; 50 unless told.
    limit: Option<i64>,
    /// Where to continue: `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The audit trail, newest first: one's own; leaders and operators also read who looked in their area, administrators all.
#[utoipa::path(get, path = "/api/audit", tag = "accounts", params(Page), responses(
    (status = 200, description = "Entries that the caller may read", body = AuditTrail),
    (status = 400, description = "`bad_request`: a limit or cursor that cannot be", body = Problem),
    (status = 401, description = "`sign_in_required`", body = Problem),
))]
async fn read_audit_trail(mut db: Session, Query(page): Query<Page>) -> ApiResult<impl IntoResponse> {
    db.caller().require_account()?;
    let limit = page.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(ApiError::bad_request("limit is 1 to 200"));
    }
    let before = page.cursor.map(|cursor| cursor.parse::<i64>()).transpose();
    let before = before.map_err(|_| ApiError::bad_request("cursor is the next_cursor of an earlier answer"))?;
    Ok((UNCACHED, Json(audit::read_trail(&mut db, limit, before).await?)))
}
