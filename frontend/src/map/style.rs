//! Turns the template `style/map.json` into the style of this moment: theme, layers in reach, what is switched on and selected.
//! Every colour, width and zoom is the template's; this module knows only how its marks are read.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};
use shared::layer::{Layer, LayerSummary};

use super::{FeatureRef, Filters, Reach};
use crate::theme::Theme;

/// Drawn from rows that the layer of the same name brings, beside that layer's own source.
pub const CAMERA_VIEW: &str = "camera_view";
pub const AREA_LABEL: &str = "area_label";
/// Drawn from rows that no layer brings: what a tool draws, and where this device is.
pub const SKETCH: &str = "sketch";
pub const HERE: &str = "here";
/// How many of one layer lie in each cell of a grid.
pub const CELLS: &str = "cells";
const CELL_ZOOMS: (u8, u8) = (10, 16);
/// Tiles that are no layer's: the ground outside the wards, boundary lines, names of waters. Zooms as the server has them.
pub const BACKDROP: &str = "backdrop";
pub const BACKDROP_ZOOMS: (u8, u8) = (5, 16);
/// Brought by the page that shows them: the month's published cells, shaded by how many live there.
pub const COUNTED_CELLS: &str = "counted_cells";
/// How many alerts stand open in each ward, for whoever leads several; else no such source is there.
pub const WARD_ALERTS: &str = "ward_alerts";
const DERIVED: [(&str, Layer); 2] = [(CAMERA_VIEW, Layer::Camera), (AREA_LABEL, Layer::Area)];

/// `style/map.json` as it came.
#[derive(Debug, Clone)]
pub struct Template(Value);

/// What the style of a moment depends on.
pub struct Moment<'a> {
    pub theme: Theme,
    /// `https://…`, for addresses that the map's workers resolve.
    pub origin: &'a str,
    /// Where the bundle's own files are, below `origin`.
    pub bundle: &'a str,
    pub reach: &'a Reach,
    /// Layers beyond the base map wait until live frames flow, so that no change falls between tile and frame.
    pub overlays: bool,
    pub shown: &'a BTreeSet<Layer>,
    pub filters: &'a Filters,
    /// The area that is outlined.
    pub area: Option<i64>,
    /// The layer that is drawn as counts per cell instead of points.
    pub density: Option<Layer>,
    /// How much larger than on a desk words, discs and lines are: a wall is read from six metres.
    pub scale: f64,
    pub selected: Option<FeatureRef>,
    pub tilted: bool,
    /// The features of sources that do not come as tiles.
    pub rows: &'a HashMap<String, Value>,
    /// An earlier day instead of now.
    pub past: Option<&'a Past>,
}

/// What is drawn of an earlier day.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// The day, as addresses have it: `2026-11-21`.
    pub day: String,
    /// The points of each layer as they stood; a layer that is not here is not drawn.
    pub rows: HashMap<Layer, Value>,
}

/// An image that layers refer to by name.
pub struct TemplateImage {
    pub name: String,
    pub icon: String,
    pub color: String,
    /// Drawn around it; none: the shape alone.
    pub edge: Option<String>,
}

impl Template {
    pub fn parse(text: &str) -> Result<Template, serde_json::Error> {
        serde_json::from_str(text).map(Template)
    }

    /// The icons that layers use, in the colours of a theme.
    pub fn images(&self, theme: Theme) -> Vec<TemplateImage> {
        let images = self.0["metadata"]["images"].as_object();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        images
            .into_iter()
            .flatten()
            .map(|(name, image)| TemplateImage {
                name: name.clone(),
                icon: text(&image["icon"]),
                color: text(&self.colour(image["color"].clone(), theme)),
                edge: image.get("edge").map(|edge| text(&self.colour(edge.clone(), theme))),
            })
            .collect()
    }

    pub fn style(&self, moment: &Moment) -> Value {
        let sources = sources(moment);
        let layers = self.0["layers"].as_array().into_iter().flatten();
        let layers: Vec<Value> = layers.filter_map(|layer| draw_layer(layer.clone(), &sources, moment)).collect();
        let mut style = self.0.clone();
        style["sources"] = Value::Object(sources);
        style["layers"] = Value::Array(layers);
        style["font-faces"] = absolute(style["font-faces"].take(), &format!("{}{}", moment.origin, moment.bundle));
        if let Some(style) = style.as_object_mut() {
            style.remove("metadata");
        }
        self.colour(style, moment.theme)
    }

    /// Replaces every `"@name"` by the palette's value for the theme.
    fn colour(&self, value: Value, theme: Theme) -> Value {
        match value {
            Value::String(text) => match text.strip_prefix('@') {
                Some(name) => self.0["metadata"]["palette"][name][theme as usize].clone(),
                None => Value::String(text),
            },
            Value::Array(items) => items.into_iter().map(|item| self.colour(item, theme)).collect(),
            Value::Object(members) => members.into_iter().map(|(name, member)| (name, self.colour(member, theme))).collect(),
            plain => plain,
        }
    }
}

fn sources(moment: &Moment) -> Map<String, Value> {
    let mut sources = Map::new();
    for (layer, summary) in &moment.reach.layers {
        if !summary.base && !moment.overlays {
            continue;
        }
        if let Some(past) = moment.past.filter(|_| !summary.base) {
            if let Some(features) = past.rows.get(layer) {
                sources.insert(layer.name().to_owned(), json!({"type": "geojson", "data": features}));
            }
            continue;
        }
        let source = if summary.tiled { tiles(summary, moment, &moment.filters.query(*layer)) } else { rows(layer.name(), moment) };
        sources.insert(layer.name().to_owned(), source);
    }
    for (name, layer) in DERIVED {
        // Views and names of today are not those of an earlier day.
        if sources.contains_key(layer.name()) && moment.past.is_none() {
            sources.insert(name.to_owned(), rows(name, moment));
        }
    }
    if sources.contains_key(Layer::Area.name()) {
        let (min_zoom, max_zoom) = BACKDROP_ZOOMS;
        let day = moment.past.map(|past| format!("?on={}", past.day)).unwrap_or_default();
        let address = format!("{}/tiles/{BACKDROP}/{{z}}/{{x}}/{{y}}.mvt{day}", moment.origin);
        sources.insert(BACKDROP.to_owned(), json!({"type": "vector", "tiles": [address], "minzoom": min_zoom, "maxzoom": max_zoom}));
    }
    if let Some(layer) = moment.density {
        let wanted = moment.reach.layers.iter().find(|(other, summary)| *other == layer && !summary.base && moment.overlays);
        if let Some((_, summary)) = wanted {
            let query = moment.filters.query(layer);
            let address = format!("{}/tiles/{}/cells/{{z}}/{{x}}/{{y}}.mvt{query}", moment.origin, summary.name);
            sources
                .insert(CELLS.to_owned(), json!({"type": "vector", "tiles": [address], "minzoom": CELL_ZOOMS.0, "maxzoom": CELL_ZOOMS.1}));
        }
    }
    for name in [COUNTED_CELLS, SKETCH, HERE] {
        sources.insert(name.to_owned(), rows(name, moment));
    }
    if moment.rows.contains_key(WARD_ALERTS) && moment.past.is_none() {
        sources.insert(WARD_ALERTS.to_owned(), rows(WARD_ALERTS, moment));
    }
    sources
}

fn tiles(summary: &LayerSummary, moment: &Moment, query: &str) -> Value {
    json!({
        "type": "vector",
        "tiles": [format!("{}/tiles/{}/{{z}}/{{x}}/{{y}}.mvt{query}", moment.origin, summary.name)],
        "minzoom": summary.min_zoom,
        "maxzoom": summary.max_zoom,
    })
}

fn rows(source: &str, moment: &Moment) -> Value {
    let none = || super::rows::collection(std::iter::empty());
    // Without a tolerance of 0 the outline of what a camera sees would be simplified into a triangle when zoomed out.
    json!({"type": "geojson", "tolerance": 0, "data": moment.rows.get(source).cloned().unwrap_or_else(none)})
}

/// The layer as it is drawn now; none where its source is out of reach.
fn draw_layer(mut layer: Value, sources: &Map<String, Value>, moment: &Moment) -> Option<Value> {
    let marks = layer.as_object_mut()?.remove("metadata").unwrap_or_default();
    let Some(source) = layer["source"].as_str().map(str::to_owned) else {
        return Some(layer);
    };
    let tiled = sources.get(&source)?["type"] == "vector";
    if tiled {
        layer["source-layer"] = json!(source);
    }
    if moment.scale > 1.0 {
        enlarge(&mut layer, moment.scale, &marks["on_wall"]);
    }
    let ruled_by = marks["shown_with"].as_str().unwrap_or(&source);
    let ruling: Option<Layer> = ruled_by.parse().ok();
    let switched_on = ruling.is_none_or(|layer| moment.shown.contains(&layer));
    // Counts per cell take the place of the points they count.
    let counted = moment.density.is_some() && moment.density == ruling;
    let drawn = switched_on && !counted && (marks["only"] != "tilted" || moment.tilted);
    if sources.contains_key(WARD_ALERTS) {
        // Single ones begin where the counts end, and a name makes room for the number.
        for (part, name) in [("", "minzoom"), ("layout", "text-offset")] {
            let own = &marks["beside_counts"][name];
            if !own.is_null() {
                let part = if part.is_empty() { &mut layer } else { &mut layer[part] };
                part[name] = own.clone();
            }
        }
    }
    // A page that says which alerts it shows may mean closed ones too.
    if source == Layer::CameraAlert.name() && moment.filters.get(Layer::CameraAlert, "status").is_some() {
        layer.as_object_mut().map(|layer| layer.remove("filter"));
    }
    if marks["only"] == "selected" {
        let id = moment.selected.filter(|selected| Some(selected.layer) == ruling).map_or(-1, |selected| selected.id);
        layer["filter"] = json!(["==", ["id"], id]);
    }
    if marks["only"] == "area" {
        layer["filter"] = json!(["==", ["id"], moment.area.unwrap_or(-1)]);
    }
    if !layer["layout"].is_object() {
        layer["layout"] = json!({});
    }
    layer["layout"]["visibility"] = json!(if drawn { "visible" } else { "none" });
    Some(layer)
}

/// Sizes that grow with the letters of a wall.
const SIZES: [&str; 6] = ["text-size", "icon-size", "circle-radius", "circle-stroke-width", "line-width", "text-halo-width"];

/// Multiplies what a layer measures in pixels; `on_wall` says by itself what a wall wants otherwise.
fn enlarge(layer: &mut Value, scale: f64, on_wall: &Value) {
    for part in ["layout", "paint"] {
        let Some(sizes) = layer.get_mut(part).and_then(Value::as_object_mut) else { continue };
        for (name, size) in sizes {
            if let Some(own) = on_wall.get(name) {
                *size = own.clone();
            } else if SIZES.contains(&name.as_str()) {
                *size = times(size.take(), scale);
            }
        }
    }
}

/// An expression with its outputs multiplied; its conditions and stops stay.
fn times(expression: Value, scale: f64) -> Value {
    match expression {
        Value::Number(number) => json!(number.as_f64().unwrap_or_default() * scale),
        Value::Array(mut parts) => {
            let name = parts.first().and_then(Value::as_str).unwrap_or_default().to_owned();
            let is_output = |at: usize, count: usize| match name.as_str() {
                "interpolate" => at >= 4 && at.is_multiple_of(2),
                "step" => at >= 2 && at.is_multiple_of(2),
                "match" => at >= 3 && (at % 2 == 1 || at + 1 == count),
                "case" => at >= 2 && (at.is_multiple_of(2) || at + 1 == count),
                _ => false,
            };
            let count = parts.len();
            for (at, part) in parts.iter_mut().enumerate() {
                if is_output(at, count) {
                    *part = times(part.take(), scale);
                }
            }
            Value::Array(parts)
        }
        plain => plain,
    }
}

/// Font addresses must be whole: the map resolves them in a worker, which lies elsewhere.
fn absolute(faces: Value, origin: &str) -> Value {
    match faces {
        Value::String(path) if path.starts_with('/') => Value::String(format!("{origin}{path}")),
        Value::Array(items) => items.into_iter().map(|item| absolute(item, origin)).collect(),
        Value::Object(members) => members.into_iter().map(|(name, member)| (name, absolute(member, origin))).collect(),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::layer::{GeometryKind, LayerTitle};

    fn template() -> Template {
        Template::parse(include_str!("../../../style/map.json")).expect("style/map.json is JSON")
    }

    fn layer(layer: Layer, tiled: bool, base: bool) -> (Layer, LayerSummary) {
        let summary = LayerSummary {
            name: layer.name().into(),
            title: LayerTitle { vi: String::new(), en: String::new() },
            geometry: GeometryKind::Point,
            tiled,
            base,
            min_zoom: 10,
            max_zoom: 16,
            count: None,
            filters: Vec::new(),
        };
        (layer, summary)
    }

    fn draw(theme: Theme, layers: Vec<(Layer, LayerSummary)>, selected: Option<FeatureRef>, tilted: bool) -> Value {
        template().style(&Moment {
            theme,
            origin: "http://here",
            bundle: "/v/1",
            reach: &Reach { generation: 1, layers },
            overlays: true,
            shown: &Layer::ALL.into_iter().collect(),
            filters: &Filters::default(),
            area: None,
            density: None,
            scale: 1.0,
            selected,
            tilted,
            rows: &HashMap::new(),
            past: None,
        })
    }

    #[test]
    fn where_wards_are_counted_single_alerts_begin_later() {
        let reach = Reach { generation: 1, layers: vec![layer(Layer::CameraAlert, true, false), layer(Layer::Area, true, true)] };
        let drawn = |rows: HashMap<String, Value>| {
            template().style(&Moment {
                theme: Theme::Dark,
                origin: "http://here",
                bundle: "/v/1",
                reach: &reach,
                overlays: true,
                shown: &Layer::ALL.into_iter().collect(),
                filters: &Filters::default(),
                area: None,
                density: None,
                scale: 1.0,
                selected: None,
                tilted: false,
                rows: &rows,
                past: None,
            })
        };
        let single = drawn(HashMap::new());
        assert_eq!(find(&single, "camera_alert")["minzoom"], 10);
        assert!(!ids(&single).contains(&"ward_alerts"), "one ward has nothing to count by ward");
        let counted = drawn(HashMap::from([(WARD_ALERTS.to_owned(), super::super::empty())]));
        assert_eq!(find(&counted, "camera_alert")["minzoom"], find(&counted, "ward_alerts")["maxzoom"]);
        assert!(find(&counted, "ward-name")["layout"]["text-offset"].is_array());
    }

    fn ids(style: &Value) -> Vec<&str> {
        style["layers"].as_array().unwrap().iter().filter_map(|layer| layer["id"].as_str()).collect()
    }

    fn find<'a>(style: &'a Value, id: &str) -> &'a Value {
        style["layers"].as_array().unwrap().iter().find(|layer| layer["id"] == id).unwrap()
    }

    #[test]
    fn every_mark_of_the_template_has_a_value_in_both_themes() {
        let everything = || Layer::ALL.into_iter().map(|name| layer(name, true, true)).collect();
        for theme in [Theme::Dark, Theme::Light] {
            let text = draw(theme, everything(), None, true).to_string();
            assert!(!text.contains("\"@"), "an unread mark is left");
            assert!(!text.contains("null"), "a mark has no value");
            for image in template().images(theme) {
                assert!(image.color.starts_with('#'), "{} has no colour", image.name);
            }
        }
    }

    #[test]
    fn what_is_out_of_reach_is_neither_asked_for_nor_drawn() {
        let style = draw(Theme::Dark, vec![layer(Layer::Road, true, true)], None, false);
        assert_eq!(style["sources"].as_object().unwrap().keys().collect::<Vec<_>>(), ["counted_cells", "here", "road", "sketch"]);
        assert!(ids(&style).contains(&"street-name"));
        assert!(!ids(&style).iter().any(|id| id.contains("household")));
        let style = draw(Theme::Dark, vec![layer(Layer::Area, true, true)], None, false);
        assert!(style["sources"]["backdrop"].is_object() && ids(&style).contains(&"outside-mask"));
    }

    #[test]
    fn a_small_layer_is_drawn_from_its_rows_and_has_no_tiles() {
        let style = draw(Theme::Dark, vec![layer(Layer::Camera, false, false)], None, false);
        assert_eq!(style["sources"]["camera"]["type"], "geojson");
        assert_eq!(style["sources"]["camera_view"]["type"], "geojson");
        assert_eq!(find(&style, "camera")["source-layer"], Value::Null);
    }

    #[test]
    fn only_the_selected_thing_is_ringed() {
        let selected = FeatureRef { layer: Layer::Household, id: 42 };
        let reach = vec![layer(Layer::Household, true, false), layer(Layer::Business, true, false)];
        let style = draw(Theme::Light, reach, Some(selected), false);
        assert_eq!(find(&style, "selected-household-ring")["filter"], json!(["==", ["id"], 42]));
        assert_eq!(find(&style, "selected-business-ring")["filter"], json!(["==", ["id"], -1]));
    }

    #[test]
    fn a_wall_enlarges_outputs_and_leaves_zooms_and_conditions() {
        let width = json!(["interpolate", ["exponential", 1.6], ["zoom"], 14, ["match", ["get", "class"], "alley", 1, 2], 18, 10]);
        let larger = json!(["interpolate", ["exponential", 1.6], ["zoom"], 14, ["match", ["get", "class"], "alley", 2.0, 4.0], 18, 20.0]);
        assert_eq!(times(width, 2.0), larger);
        assert_eq!(times(json!(["case", ["has", "name"], 3, 5]), 2.0), json!(["case", ["has", "name"], 6.0, 10.0]));
        assert_eq!(times(json!(["step", ["zoom"], 1, 14, 2]), 3.0), json!(["step", ["zoom"], 3.0, 14, 6.0]));
    }

    #[test]
    fn a_wall_has_sizes_of_its_own_and_adds_no_part_to_a_layer() {
        let mut layer = json!({"id": "alert", "layout": {"icon-size": 2, "text-radial-offset": 1, "icon-image": "alert"}});
        enlarge(&mut layer, 3.0, &json!({"text-radial-offset": 0.3}));
        assert_eq!(layer, json!({"id": "alert", "layout": {"icon-size": 6.0, "text-radial-offset": 0.3, "icon-image": "alert"}}));
    }

    #[test]
    fn counts_per_cell_take_the_place_of_the_points() {
        let reach = Reach { generation: 1, layers: vec![layer(Layer::Household, true, false)] };
        let style = template().style(&Moment {
            theme: Theme::Light,
            origin: "http://here",
            bundle: "/v/1",
            reach: &reach,
            overlays: true,
            shown: &Layer::ALL.into_iter().collect(),
            filters: &Filters::read("household.member_count:5.."),
            area: None,
            density: Some(Layer::Household),
            scale: 1.0,
            selected: None,
            tilted: false,
            rows: &HashMap::new(),
            past: None,
        });
        assert_eq!(style["sources"]["cells"]["tiles"][0], "http://here/tiles/household/cells/{z}/{x}/{y}.mvt?member_count=5..");
        assert_eq!(find(&style, "household")["layout"]["visibility"], "none");
        assert_eq!(find(&style, "cells")["layout"]["visibility"], "visible");
    }

    #[test]
    fn houses_rise_only_when_the_map_leans() {
        let visibility = |tilted| {
            let style = draw(Theme::Dark, vec![layer(Layer::Building, true, true)], None, tilted);
            find(&style, "building-storeys")["layout"]["visibility"].clone()
        };
        assert_eq!(visibility(false), "none");
        assert_eq!(visibility(true), "visible");
    }
}
