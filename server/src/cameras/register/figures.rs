//! The register in figures: by month and kind, what was found, what became of it, fines, how long people took.
//! Counted from the rows each time it is asked, so a figure is as of the answer and never older.

use axum::{
    Json,
    extract::{Query, State},
};
use chrono::{DateTime, Utc};
use shared::{
    camera_alert::AlertKind,
    problem::Problem,
    violation::{KindFigures, MonthFigures, ViolationCounts, ViolationFigures},
};

use super::{
    db::{self, CountRow},
    listing::Asked,
    period::Period,
};
use crate::{
    accounts::{Session, matrix::Permission},
    platform::{clock::SharedClock, database::from_text, error::ApiResult},
};

/// Alerts by the month in which they began and by kind, with what became of them.
#[utoipa::path(get, path = "/api/violations/figures", tag = "violations", params(Asked),
    responses((status = 200, body = ViolationFigures), (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn count_violations(
    mut db: Session,
    State(clock): State<SharedClock>,
    Query(asked): Query<Asked>,
) -> ApiResult<Json<ViolationFigures>> {
    db.caller().require(Permission::SeeCameraAlerts)?;
    let as_of = clock.now();
    let (period, wanted) = asked.wanted(&mut db, as_of).await?;
    Ok(Json(figures(db::counts(&mut db, &wanted).await?, period, as_of)?))
}

/// The counts in the order in which they are read; a month in which nothing was found is there with nothing.
pub(super) fn figures(rows: Vec<CountRow>, period: Period, as_of: DateTime<Utc>) -> ApiResult<ViolationFigures> {
    let mut total = ViolationCounts::default();
    let mut kinds: Vec<KindFigures> = Vec::new();
    let mut months: Vec<MonthFigures> =
        period.months().into_iter().map(|month| MonthFigures { month, counts: ViolationCounts::default(), kinds: Vec::new() }).collect();
    for row in rows {
        let counts = counts(&row);
        let kind: Option<AlertKind> = row.kind.as_deref().map(from_text).transpose()?;
        let month = row.month.and_then(|month| months.iter_mut().find(|known| known.month == month));
        match (month, kind) {
            (Some(month), Some(kind)) => month.kinds.push(KindFigures { kind, counts }),
            (Some(month), None) => month.counts = counts,
            (None, Some(kind)) => kinds.push(KindFigures { kind, counts }),
            (None, None) => total = counts,
        }
    }
    for month in &mut months {
        month.kinds.sort_by_key(|figures| figures.kind);
    }
    kinds.sort_by_key(|figures| figures.kind);
    Ok(ViolationFigures { as_of, from: period.from, until: period.until, total, months, kinds })
}

fn counts(row: &CountRow) -> ViolationCounts {
    ViolationCounts {
        found: row.found,
        handled: row.handled,
        violations: row.violations,
        false_alarms: row.false_alarms,
        duplicates: row.duplicates,
        open: row.open,
        fines: row.fines,
        fines_vnd: row.fines_vnd,
        median_to_take_min: row.median_to_take_min,
        median_to_close_min: row.median_to_close_min,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(month: Option<&str>, kind: Option<AlertKind>, found: i64) -> CountRow {
        CountRow {
            month: month.map(|month| month.parse().unwrap()),
            kind: kind.map(|kind| kind.name().to_owned()),
            found,
            handled: found,
            violations: found,
            false_alarms: 0,
            duplicates: 0,
            open: 0,
            fines: 0,
            fines_vnd: 0,
            median_to_take_min: None,
            median_to_close_min: None,
        }
    }

    #[test]
    fn every_month_of_the_period_is_there_once_in_order() {
        let now = "2026-11-22T03:00:00Z".parse().unwrap();
        let period = Period::of(Some("2026-08-01".parse().unwrap()), Some("2026-11-01".parse().unwrap()), now).unwrap();
        let rows = vec![
            row(Some("2026-10-01"), Some(AlertKind::Theft), 2),
            row(None, None, 5),
            row(Some("2026-10-01"), Some(AlertKind::Crowd), 1),
            row(Some("2026-10-01"), None, 3),
            row(None, Some(AlertKind::Theft), 4),
            row(Some("2026-08-01"), Some(AlertKind::Theft), 2),
            row(Some("2026-08-01"), None, 2),
            row(None, Some(AlertKind::Crowd), 1),
        ];
        let figures = figures(rows, period, now).unwrap();
        let months: Vec<_> = figures.months.iter().map(|month| (month.month.to_string(), month.counts.found)).collect();
        assert_eq!(months, [("2026-08-01".to_owned(), 2), ("2026-09-01".to_owned(), 0), ("2026-10-01".to_owned(), 3)]);
        let october: Vec<_> = figures.months[2].kinds.iter().map(|figures| (figures.kind, figures.counts.found)).collect();
        assert_eq!(october, [(AlertKind::Crowd, 1), (AlertKind::Theft, 2)]);
        let kinds: Vec<_> = figures.kinds.iter().map(|figures| (figures.kind, figures.counts.found)).collect();
        assert_eq!((figures.total.found, kinds), (5, vec![(AlertKind::Crowd, 1), (AlertKind::Theft, 4)]));
    }
}
