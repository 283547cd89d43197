//! Bar charts: what they say, and (feature `chart`) how they are drawn as SVG, the same for screens and reports.
//! The drawing is not part of the browser's bundle: plotters brings its own share of web-sys there.
//!
//! Bars begin at zero, at most four hairlines say how far they go, and every bar carries its number (LOOK.md, "Charts").

#[cfg(feature = "chart")]
mod svg;

use serde::{Deserialize, Serialize};

#[cfg(feature = "chart")]
pub use svg::draw;

/// What `POST /api/charts/bars.svg` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BarChart {
    pub bars: Vec<ChartBar>,
    pub growing: Growing,
    /// Of the drawing, pixels.
    pub width: u32,
}

/// One bar: what it is, how long, and its number as the reader's language writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChartBar {
    pub label: String,
    pub value: u64,
    pub said: String,
}

/// Which way bars grow: upwards for what has an order (storeys), to the right for what has long names (sectors).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Growing {
    Upwards,
    Rightwards,
}
