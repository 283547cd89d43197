//! Finds or makes the ward that a file goes into, and tells which rows belong there.
//! It deliberately draws no real boundary: a ward made here is the file's box, its TDPs are equal strips of it.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use geo::{BoundingRect, Coord, CoordsIter, Euclidean, Geometry, InteriorPoint, InterpolateLine, MultiPolygon, Point, Rect};
use sqlx::PgConnection;

use crate::geography::load::{self, NewArea};
use crate::geography::wards::{self, Named, Ward};

use super::data::ElementId;
use super::ground::Ground;
use super::mapped::Mapped;
use super::problems::{Layer, Reason};

/// How a ward that the file makes is to be called.
#[derive(Debug, Clone)]
pub struct NewWard {
    pub code: String,
    pub name: String,
    pub tdps: u16,
}

/// The existing ward `code`.
pub async fn existing(db: &mut PgConnection, code: &str) -> anyhow::Result<Ward> {
    match wards::by_code(db, code).await? {
        Named::Ward(ward) => Ok(ward),
        Named::NotUsable(why) => bail!("{why}; name a ward with a boundary, or leave --area out to make one of the file"),
        Named::Nothing => bail!("there is no area {code}; check the code, or leave --area out to make a ward of the file"),
    }
}

/// The ward that the file makes: found again when it was made before, else inserted. Says whether it is new.
pub async fn of_file(db: &mut PgConnection, new: &NewWard, extent: Rect<f64>) -> anyhow::Result<(Ward, bool)> {
    match wards::by_code(db, &new.code).await? {
        Named::Ward(ward) => return Ok((ward, false)),
        Named::NotUsable(why) => bail!("{why}; choose another --code"),
        Named::Nothing => {}
    }
    let others = wards::meeting(db, extent, None).await?;
    if let Some(other) = others.iter().find(|other| wards::overlaps(other, extent)) {
        bail!("the file lies over ward {} ({}): import it there with --area {}", other.code, other.name, other.code);
    }
    insert(db, new, extent).await.context("making the ward")?;
    match wards::by_code(db, &new.code).await? {
        Named::Ward(ward) => Ok((ward, true)),
        _ => bail!("ward {} was made and cannot be read", new.code),
    }
}

async fn insert(db: &mut PgConnection, new: &NewWard, extent: Rect<f64>) -> sqlx::Result<()> {
    let ward = NewArea {
        code: new.code.clone(),
        kind: "ward".to_owned(),
        parent_id: None,
        name: new.name.clone(),
        boundary: Some(MultiPolygon(vec![extent.to_polygon()])),
        is_demo: false,
    };
    let ward_id = load::insert_area(db, &ward).await?;
    for (number, strip) in (1..).zip(strips(extent, new.tdps)) {
        let tdp = NewArea {
            code: format!("{}-tdp{number}", new.code),
            kind: "tdp".to_owned(),
            parent_id: Some(ward_id),
            name: format!("Tổ dân phố {number}"),
            boundary: Some(MultiPolygon(vec![strip.to_polygon()])),
            is_demo: false,
        };
        load::insert_area(db, &tdp).await?;
    }
    Ok(())
}

/// Cuts a box across its longer side into equal strips that tile it: neighbours share the very same coordinate.
fn strips(extent: Rect<f64>, count: u16) -> Vec<Rect<f64>> {
    let (low, high) = (extent.min(), extent.max());
    // a degree of longitude is shorter than one of latitude, the more so the further north
    let is_wide = extent.width() * low.y.to_radians().cos() >= extent.height();
    let (from, to) = if is_wide { (low.x, high.x) } else { (low.y, high.y) };
    let count = count.max(1);
    let at = |step: u16| match step {
        0 => from,
        step if step == count => to,
        step => from + (to - from) * f64::from(step) / f64::from(count),
    };
    let strip = |step| match is_wide {
        true => Rect::new(Coord { x: at(step), y: low.y }, Coord { x: at(step + 1), y: high.y }),
        false => Rect::new(Coord { x: low.x, y: at(step) }, Coord { x: high.x, y: at(step + 1) }),
    };
    (0..count).map(strip).collect()
}

enum Whereabouts {
    Inside,
    /// Of the ward, or of nobody else, and reaching beyond its boundary.
    OverTheEdge,
    /// Why it is not this ward's.
    Elsewhere(String),
}

fn whereabouts(ward: &Ward, others: &[Ward], shape: &Geometry<f64>, point: Point<f64>) -> Whereabouts {
    if ward.covers(point) {
        return if ward.covers_all(shape.coords_iter()) { Whereabouts::Inside } else { Whereabouts::OverTheEdge };
    }
    if let Some(other) = others.iter().find(|other| other.covers(point)) {
        return Whereabouts::Elsewhere(format!("lies in ward {} ({})", other.code, other.name));
    }
    if ward.touches(shape) { Whereabouts::OverTheEdge } else { Whereabouts::Elsewhere(format!("lies outside ward {}", ward.code)) }
}

/// Takes out of `mapped` what does not belong to the ward, and reports it.
///
/// A row belongs where its midpoint (of a road) or a point inside it lies; one whose point lies in no ward belongs to a
/// ward that it touches. It keeps its whole shape: a house on the edge stays a house.
pub async fn keep_own(db: &mut PgConnection, ward: &Ward, mapped: &mut Mapped) -> sqlx::Result<()> {
    let others = wards::meeting(db, reach_of(mapped), Some(ward.id)).await?;
    for count in mapped.report.counts.values_mut() {
        count.over_the_edge = 0;
    }
    let roads = mapped.roads.iter().map(|road| {
        let point = Euclidean.point_at_ratio_from_start(&road.line, 0.5);
        (road.element, Geometry::from(road.line.clone()), point)
    });
    let roads: Vec<_> = roads.collect();
    let gone = sort_out(ward, &others, Layer::Road, roads, mapped);
    mapped.roads.retain(|road| !gone.contains(&road.element));
    let buildings: Vec<_> = mapped.buildings.iter().map(|b| surface(b.element, &b.footprint)).collect();
    let gone = sort_out(ward, &others, Layer::Building, buildings, mapped);
    mapped.buildings.retain(|building| !gone.contains(&building.element));
    let gone = sort_out(ward, &others, Layer::Water, grounds(&mapped.water), mapped);
    mapped.water.retain(|ground| !gone.contains(&ground.element));
    let gone = sort_out(ward, &others, Layer::LandUse, grounds(&mapped.land_use), mapped);
    mapped.land_use.retain(|ground| !gone.contains(&ground.element));
    let places: Vec<_> = mapped.places.iter().map(|place| at_point(place.element, place.point)).collect();
    let gone = sort_out(ward, &others, Layer::Place, places, mapped);
    mapped.places.retain(|place| !gone.contains(&place.element));
    let businesses: Vec<_> = mapped.businesses.iter().map(|business| at_point(business.element, business.point)).collect();
    let gone = sort_out(ward, &others, Layer::Business, businesses, mapped);
    mapped.businesses.retain(|business| !gone.contains(&business.element));
    Ok(())
}

type Shape = (ElementId, Geometry<f64>, Option<Point<f64>>);

fn surface(element: ElementId, shape: &MultiPolygon<f64>) -> Shape {
    (element, Geometry::from(shape.clone()), shape.interior_point())
}

fn grounds(grounds: &[Ground]) -> Vec<Shape> {
    grounds.iter().map(|ground| surface(ground.element, &ground.surface)).collect()
}

fn at_point(element: ElementId, point: Point<f64>) -> Shape {
    (element, Geometry::from(point), Some(point))
}

/// The elements of a layer that are not the ward's. A road in several parts is the ward's when one of them is.
fn sort_out(ward: &Ward, others: &[Ward], layer: Layer, shapes: Vec<Shape>, mapped: &mut Mapped) -> BTreeSet<ElementId> {
    let (mut own, mut over, mut gone) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (element, shape, point) in shapes {
        let point = point.or_else(|| shape.bounding_rect().map(|rect| rect.center().into()));
        match point.map(|point| whereabouts(ward, others, &shape, point)) {
            Some(Whereabouts::Inside) => {
                own.insert(element);
            }
            Some(Whereabouts::OverTheEdge) => {
                own.insert(element);
                over.insert(element);
            }
            Some(Whereabouts::Elsewhere(why)) => gone.push((element, why)),
            None => gone.push((element, "has no place".to_owned())),
        }
    }
    mapped.report.count(layer).over_the_edge = over.len();
    let mut withdrawn = BTreeSet::new();
    for (element, why) in gone {
        if !own.contains(&element) && withdrawn.insert(element) {
            mapped.report.withdraw(element, layer, Reason::OutsideArea, why);
        }
    }
    withdrawn
}

/// The box of the file and of all that reaches beyond it.
fn reach_of(mapped: &Mapped) -> Rect<f64> {
    let roads = mapped.roads.iter().filter_map(|road| road.line.bounding_rect());
    let buildings = mapped.buildings.iter().filter_map(|building| building.footprint.bounding_rect());
    let grounds = mapped.water.iter().chain(&mapped.land_use).filter_map(|ground| ground.surface.bounding_rect());
    roads.chain(buildings).chain(grounds).fold(mapped.extent, |all, one| {
        let low = Coord { x: all.min().x.min(one.min().x), y: all.min().y.min(one.min().y) };
        let high = Coord { x: all.max().x.max(one.max().x), y: all.max().y.max(one.max().y) };
        Rect::new(low, high)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_tile_the_box_along_its_longer_side() {
        let extent = Rect::new(Coord { x: 105.82683, y: 21.02329 }, Coord { x: 105.83901, y: 21.03035 });
        let parts = strips(extent, 4);
        assert_eq!(parts.len(), 4);
        assert_eq!((parts[0].min(), parts[3].max()), (extent.min(), extent.max()));
        assert!(parts.windows(2).all(|pair| pair[0].max().x == pair[1].min().x && pair[0].min().y == pair[1].min().y));
        let tall = Rect::new(Coord { x: 105.0, y: 21.0 }, Coord { x: 105.1, y: 21.2 });
        assert!(strips(tall, 3).windows(2).all(|pair| pair[0].max().y == pair[1].min().y));
        assert_eq!(strips(tall, 0), [tall]);
    }
}
