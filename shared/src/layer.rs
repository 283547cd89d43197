//! The layers of the map by their wire names, and the catalogue a caller may see.
//! What a layer holds is data (`data/layers.toml`); how it is drawn is the map style's business.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A layer that the screens know how to draw, list and explain.
///
/// The server's catalogue may hold more than these: [`LayerSummary::name`] is therefore text, and a screen leaves
/// aside what it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    Area,
    Road,
    Building,
    Water,
    LandUse,
    Place,
    Household,
    BoardingHouse,
    Business,
    Camera,
    CameraAlert,
    Incident,
    CitizenReport,
    Hotspot,
}

impl Layer {
    pub const ALL: [Layer; 14] = [
        Layer::Area,
        Layer::Road,
        Layer::Building,
        Layer::Water,
        Layer::LandUse,
        Layer::Place,
        Layer::Household,
        Layer::BoardingHouse,
        Layer::Business,
        Layer::Camera,
        Layer::CameraAlert,
        Layer::Incident,
        Layer::CitizenReport,
        Layer::Hotspot,
    ];

    /// The name on the wire: in tile addresses, as a live topic, in the layer catalogue.
    pub fn name(self) -> &'static str {
        match self {
            Layer::Area => "area",
            Layer::Road => "road",
            Layer::Building => "building",
            Layer::Water => "water",
            Layer::LandUse => "land_use",
            Layer::Place => "place",
            Layer::Household => "household",
            Layer::BoardingHouse => "boarding_house",
            Layer::Business => "business",
            Layer::Camera => "camera",
            Layer::CameraAlert => "camera_alert",
            Layer::Incident => "incident",
            Layer::CitizenReport => "citizen_report",
            Layer::Hotspot => "hotspot",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Layer {
    type Err = UnknownLayer;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Layer::ALL.into_iter().find(|layer| layer.name() == name).ok_or(UnknownLayer)
    }
}

/// A layer name that no screen knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLayer;

impl fmt::Display for UnknownLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such layer")
    }
}

impl std::error::Error for UnknownLayer {}

/// What `GET /api/layers` answers: only the layers that this caller may see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LayerList {
    pub layers: Vec<LayerSummary>,
}

/// One layer of the catalogue as the map needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LayerSummary {
    pub name: String,
    pub title: LayerTitle,
    pub geometry: GeometryKind,
    /// Whether features come as tiles; a small layer comes whole in its live snapshot instead.
    pub tiled: bool,
    /// Part of the base map (streets, houses, water) rather than something laid over it.
    pub base: bool,
    pub min_zoom: u8,
    pub max_zoom: u8,
    /// How many rows this caller reaches, unplaced ones included; null for the base map.
    #[serde(default)]
    pub count: Option<u64>,
    /// What the tiles' addresses understand: `?status=online`, `?storeys=3..5`, `?kind=market,cashless_market`.
    #[serde(default)]
    pub filters: Vec<LayerFilter>,
}

/// What `GET /api/layers/in-view` answers: point layers that the caller may see, and how many rows of each are in view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InView {
    pub layers: Vec<LayerInView>,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LayerInView {
    pub name: String,
    pub count: u64,
}

/// What `GET /api/layers/{layer}/on/{day}` answers: the points as they stood at the end of that day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LayerOn {
    pub points: Vec<PastPoint>,
    /// There were more than are sent.
    pub is_cut: bool,
}

/// A row as it stood, with the catalogue's columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PastPoint {
    pub id: i64,
    pub lon: f64,
    pub lat: f64,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub properties: Map<String, Value>,
}

/// What a layer is called, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LayerTitle {
    pub vi: String,
    pub en: String,
}

/// A property by which a layer may be filtered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LayerFilter {
    pub property: String,
    pub kind: PropertyKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PropertyKind {
    Integer,
    Real,
    Boolean,
    /// A moment, RFC 3339.
    Time,
    /// One of few values, by their codes.
    Code,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GeometryKind {
    Point,
    Line,
    Polygon,
}

/// TileJSON 3.0.0: how any map client reads a layer's tiles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TileJson {
    pub tilejson: String,
    pub name: String,
    /// Whole addresses with `{z}`, `{x}`, `{y}`.
    pub tiles: Vec<String>,
    pub minzoom: u8,
    pub maxzoom: u8,
    /// West, south, east, north, degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f64; 4]>,
    /// Whom to credit, HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<String>,
    pub vector_layers: Vec<VectorLayer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VectorLayer {
    pub id: String,
    /// Property and its type as TileJSON names it: `Number`, `Boolean`, `String`.
    pub fields: BTreeMap<String, String>,
    pub minzoom: u8,
    pub maxzoom: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_name_is_the_serde_name() {
        for layer in Layer::ALL {
            assert_eq!(serde_json::to_value(layer).unwrap(), serde_json::Value::from(layer.name()));
            assert_eq!(layer.name().parse(), Ok(layer));
        }
        assert_eq!("resident".parse::<Layer>(), Err(UnknownLayer));
    }
}
