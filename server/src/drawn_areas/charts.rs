//! Charts drawn for a screen, from numbers that it has already.
//! It deliberately asks nobody's rights: a chart holds what was sent to be drawn, and is kept nowhere.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, header},
};
use shared::{
    chart::{BarChart, draw},
    problem::Problem,
};

use crate::platform::error::{ApiError, ApiResult};

/// More than a person compares, and than a drawing has room for.
const MOST_BARS: usize = 60;
const LONGEST_TEXT: usize = 120;
const WIDTHS: std::ops::RangeInclusive<u32> = 120..=2_400;

/// A bar chart as SVG: its parts carry classes (`chart-bar`, `chart-grid`, `chart-axis`, `chart-value`) for the page's style sheet.
#[utoipa::path(post, path = "/api/charts/bars.svg", tag = "drawn areas", request_body = BarChart,
    responses((status = 200, body = String, content_type = "image/svg+xml"), (status = 400, description = "`charts.too_much`", body = Problem)))]
pub async fn draw_bars(Json(chart): Json<BarChart>) -> ApiResult<([(HeaderName, HeaderValue); 1], String)> {
    let too_long = |text: &String| text.chars().count() > LONGEST_TEXT;
    if chart.bars.len() > MOST_BARS
        || !WIDTHS.contains(&chart.width)
        || chart.bars.iter().any(|bar| too_long(&bar.label) || too_long(&bar.said))
    {
        let detail =
            format!("a chart has up to {MOST_BARS} bars with texts of up to {LONGEST_TEXT} characters, and is {WIDTHS:?} pixels wide");
        return Err(ApiError::new(axum::http::StatusCode::BAD_REQUEST, "charts.too_much", detail));
    }
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"))], draw(&chart)))
}
