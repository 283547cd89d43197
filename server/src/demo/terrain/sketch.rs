//! Reads the hand-made sketch of the ward (`data/demo/ward.geojson`) into the metric plane.
//! It deliberately adds nothing: what grows on the sketch is the generator's.

use super::plane::{Metres, Path, Plane};
use anyhow::{Context, Result, anyhow, bail};
use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use geojson::{Feature, FeatureCollection};

const SKETCH: &str = include_str!("../../../../data/demo/ward.geojson");

/// The middle of the sketch, where the plane touches the ground.
const ORIGIN: Coord<f64> = Coord { x: 105.742, y: 21.043 };

/// The sketch in metres; boundaries stay as drawn, in degrees, because shared edges must stay identical.
pub struct Sketch {
    pub plane: Plane,
    pub ward: Polygon<f64>,
    /// TDP 1, 2, ... in order.
    pub groups: Vec<Polygon<f64>>,
    pub streets: Vec<Street>,
    pub waters: Vec<Surface>,
    pub zones: Vec<Surface>,
}

pub struct Street {
    pub name: String,
    pub class: String,
    pub width_m: f64,
    pub path: Path,
}

/// A pond, a campus, a market, ...: a named surface of one kind.
pub struct Surface {
    pub kind: String,
    pub name: String,
    pub shape: Polygon<f64>,
    pub is_heritage: bool,
}

/// A stretch of boundary between two TDPs, or between one and the world outside.
struct Edge {
    left: Option<usize>,
    right: Option<usize>,
    points: Vec<Coord<f64>>,
}

impl Sketch {
    /// The sketch that is compiled into the program.
    pub fn phuong_canh() -> Result<Self> {
        Self::read(SKETCH)
    }

    pub fn read(text: &str) -> Result<Self> {
        let plane = Plane::at(ORIGIN);
        let drawing: FeatureCollection = text.parse().context("the sketch is no GeoJSON feature collection")?;
        let (mut edges, mut streets, mut waters, mut zones) = (vec![], vec![], vec![], vec![]);
        for feature in &drawing.features {
            let part = word(feature, "part")?;
            match part.as_str() {
                "edge" => edges.push(Edge {
                    left: number(feature, "left").map(|n| n as usize),
                    right: number(feature, "right").map(|n| n as usize),
                    points: line(feature)?,
                }),
                "street" => streets.push(Street {
                    name: word(feature, "name")?,
                    class: word(feature, "class")?,
                    width_m: number(feature, "width_m").context("a street without width_m")?,
                    path: path(plane, feature)?,
                }),
                "river" => {
                    let half = number(feature, "width_m").context("a river without width_m")? / 2.0;
                    let shape = super::plane::polygon(&path(plane, feature)?.band(half));
                    waters.push(Surface { kind: "river".into(), name: word(feature, "name")?, shape, is_heritage: false });
                }
                "water" => waters.push(surface(plane, feature)?),
                "zone" => zones.push(surface(plane, feature)?),
                other => bail!("the sketch holds an unknown part \"{other}\""),
            }
        }
        let count = edges.iter().flat_map(|edge| [edge.left, edge.right]).flatten().max().unwrap_or(0);
        let groups = (1..=count).map(|group| enclose(&edges, Some(group))).collect::<Result<_>>()?;
        Ok(Self { plane, ward: enclose(&edges, None)?, groups, streets, waters, zones })
    }

    /// The ward in metres.
    pub fn ward_in_metres(&self) -> Polygon<f64> {
        let ring = self.ward.exterior().coords().map(|&c| self.plane.to_metres(c)).collect::<Vec<Metres>>();
        super::plane::polygon(&ring)
    }
}

/// Chains the edges around one TDP (or, for `None`, around the ward) into a ring.
fn enclose(edges: &[Edge], group: Option<usize>) -> Result<Polygon<f64>> {
    let reversed = |edge: &Edge| edge.points.iter().rev().copied().collect::<Vec<_>>();
    let mut left: Vec<Vec<Coord<f64>>> = edges
        .iter()
        .filter_map(|edge| match group {
            None => (edge.left.is_none() || edge.right.is_none()).then(|| edge.points.clone()),
            Some(_) if edge.right == group => Some(edge.points.clone()),
            Some(_) if edge.left == group => Some(reversed(edge)),
            Some(_) => None,
        })
        .collect();
    let mut ring = left.pop().with_context(|| format!("no edge names TDP {group:?}"))?;
    while let Some(next) = left.iter().position(|points| points.first() == ring.last()) {
        ring.extend(left.swap_remove(next).into_iter().skip(1));
    }
    if !left.is_empty() || ring.first() != ring.last() {
        return Err(anyhow!("the edges around TDP {group:?} do not close"));
    }
    ring.reverse(); // drawn clockwise; GeoJSON wants counter-clockwise
    Ok(Polygon::new(LineString(ring), vec![]))
}

fn surface(plane: Plane, feature: &Feature) -> Result<Surface> {
    let name = word(feature, "name")?;
    let geometry = feature.geometry.clone().with_context(|| format!("{name} has no geometry"))?;
    let drawn = Polygon::<f64>::try_from(geometry).with_context(|| format!("{name} is no polygon"))?;
    let ring: Vec<Metres> = drawn.exterior().coords().map(|&c| plane.to_metres(c)).collect();
    let is_heritage = feature.property("heritage").and_then(|value| value.as_bool()).unwrap_or(false);
    Ok(Surface { kind: word(feature, "kind")?, name, shape: super::plane::polygon(&ring), is_heritage })
}

fn path(plane: Plane, feature: &Feature) -> Result<Path> {
    Ok(Path::new(line(feature)?.into_iter().map(|c| plane.to_metres(c)).collect()))
}

fn line(feature: &Feature) -> Result<Vec<Coord<f64>>> {
    let geometry = feature.geometry.clone().context("a part of the sketch has no geometry")?;
    Ok(LineString::<f64>::try_from(geometry).context("a part of the sketch is no line")?.0)
}

fn word(feature: &Feature, key: &str) -> Result<String> {
    let value = feature.property(key).and_then(|value| value.as_str());
    Ok(value.with_context(|| format!("a part of the sketch lacks \"{key}\""))?.to_owned())
}

fn number(feature: &Feature, key: &str) -> Option<f64> {
    feature.property(key).and_then(|value| value.as_f64())
}

/// A surface back in degrees.
pub fn in_degrees(plane: Plane, shape: &Polygon<f64>) -> MultiPolygon<f64> {
    let ring = |line: &LineString<f64>| line.coords().map(|&p| plane.to_degrees(p)).collect::<LineString<f64>>();
    MultiPolygon(vec![Polygon::new(ring(shape.exterior()), shape.interiors().iter().map(ring).collect())])
}
