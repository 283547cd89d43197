//! What a pointer makes of an area: a circle pulled from its middle, a lasso, a polygon corner by corner.
//! Values in, values out; the panel listens to the pointer and tells the map what to draw.

use serde_json::{Value, json};
use shared::drawn_area::{Circle, DrawnArea};

use crate::map::{Pointer, PointerKind, drawn, empty, ground, sketch};

/// How an area is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Circle,
    Lasso,
    Area,
    AlongRoad,
}

/// A finger that moves less, in pixels, meant a corner.
const CORNER_BELOW_PX: f64 = 6.0;
/// Between two points of a lasso: finer than anybody draws.
const LASSO_STEP_PX: f64 = 4.0;
const SMALLEST_RADIUS_M: f64 = 5.0;
const CIRCLE_CORNERS: u32 = 96;

/// An area that is being drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// The middle of a circle and its rim, or a lasso as it is drawn.
    pulled: Vec<[f64; 2]>,
    pulled_px: Vec<[f64; 2]>,
    is_down: bool,
    /// Of a polygon, set one by one.
    pub corners: Vec<[f64; 2]>,
    /// Where the pointer is, for the next corner.
    next: Option<[f64; 2]>,
}

impl Draft {
    /// Takes in what the pointer did: whether the map must leave it alone, and the area, once it is whole.
    pub fn take(&mut self, way: Way, pointer: &Pointer) -> (bool, Option<DrawnArea>) {
        match (way, pointer.kind) {
            (Way::Circle | Way::Lasso, PointerKind::Down) => {
                (self.pulled, self.pulled_px, self.is_down) = (vec![pointer.place], vec![pointer.pixel], true);
                (true, None)
            }
            (Way::Circle | Way::Lasso, PointerKind::Move) if self.is_down => {
                self.pull(way, pointer);
                (true, None)
            }
            (Way::Lasso, PointerKind::Move) => {
                self.next = Some(pointer.place).filter(|_| !self.corners.is_empty());
                (false, None)
            }
            (Way::Circle | Way::Lasso, PointerKind::Up) if self.is_down => {
                self.is_down = false;
                (true, self.let_go(way))
            }
            (Way::Lasso, PointerKind::Click) => {
                self.corners.push(pointer.place);
                (true, None)
            }
            (Way::Lasso, PointerKind::DoubleClick) => {
                // Its two clicks have set the same corner twice.
                self.corners.pop();
                (true, self.close())
            }
            // A click on the map must not select while an area is drawn.
            (Way::Circle, PointerKind::Click | PointerKind::DoubleClick) => (true, None),
            _ => (false, None),
        }
    }

    fn pull(&mut self, way: Way, pointer: &Pointer) {
        let far_enough = self.pulled_px.last().is_none_or(|last| distance_px(*last, pointer.pixel) >= LASSO_STEP_PX);
        match way {
            Way::Lasso if far_enough => {
                self.pulled.push(pointer.place);
                self.pulled_px.push(pointer.pixel);
            }
            Way::Circle => {
                self.pulled.truncate(1);
                self.pulled_px.truncate(1);
                self.pulled.push(pointer.place);
                self.pulled_px.push(pointer.pixel);
            }
            _ => {}
        }
    }

    fn let_go(&mut self, way: Way) -> Option<DrawnArea> {
        let (places, pixels) = (std::mem::take(&mut self.pulled), std::mem::take(&mut self.pulled_px));
        let reach = pixels.iter().map(|pixel| distance_px(pixels[0], *pixel)).fold(0.0, f64::max);
        if reach < CORNER_BELOW_PX {
            return None;
        }
        match way {
            Way::Circle => circle(&places),
            // A lasso replaces corners that were set before it.
            _ if places.len() >= 3 => {
                self.corners.clear();
                Some(DrawnArea::Polygon(vec![places]))
            }
            _ => None,
        }
    }

    /// The polygon of the corners set so far, if it is one.
    pub fn close(&mut self) -> Option<DrawnArea> {
        self.next = None;
        (self.corners.len() >= 3).then(|| DrawnArea::Polygon(vec![std::mem::take(&mut self.corners)]))
    }

    /// What is drawn so far, for the map.
    pub fn sketch(&self, way: Way) -> Value {
        if way == Way::Circle {
            return circle(&self.pulled).map_or_else(empty, |area| outline(&area));
        }
        let line: Vec<[f64; 2]> =
            if self.pulled.len() > 1 { self.pulled.clone() } else { self.corners.iter().copied().chain(self.next).collect() };
        let closed: Vec<[f64; 2]> = line.iter().chain(line.first()).copied().collect();
        let mut features = Vec::new();
        if line.len() > 2 {
            features.push(drawn("Polygon", json!([closed]), "ghost", None));
        } else if line.len() == 2 {
            features.push(drawn("LineString", json!(line), "ghost", None));
        }
        if self.pulled.len() <= 1 {
            features.extend(self.corners.iter().map(|corner| drawn("Point", json!(corner), "handle", None)));
        }
        sketch(features)
    }
}

fn distance_px([ax, ay]: [f64; 2], [bx, by]: [f64; 2]) -> f64 {
    (ax - bx).hypot(ay - by)
}

/// From a middle and a place on the rim.
fn circle(places: &[[f64; 2]]) -> Option<DrawnArea> {
    let &[middle, rim] = places else { return None };
    let radius_m = ground::distance_m(middle, rim).round();
    (radius_m >= SMALLEST_RADIUS_M).then_some(DrawnArea::Circle(Circle { lon: middle[0], lat: middle[1], radius_m }))
}

/// What was drawn, as it was drawn: shown until the server says what it counted in.
pub fn outline(area: &DrawnArea) -> Value {
    match area {
        DrawnArea::Circle(Circle { lon, lat, radius_m }) => {
            let ring = ground::circle([*lon, *lat], *radius_m, CIRCLE_CORNERS);
            sketch(vec![drawn("Polygon", json!([ring]), "", None)])
        }
        DrawnArea::Polygon(rings) => {
            let closed: Vec<Vec<[f64; 2]>> = rings.iter().map(|ring| ring.iter().chain(ring.first()).copied().collect()).collect();
            sketch(vec![drawn("Polygon", json!(closed), "", None)])
        }
        DrawnArea::Area(_) | DrawnArea::AlongRoad(_) => empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(kind: PointerKind, x: f64, y: f64) -> Pointer {
        // A pixel is a ten-thousandth of a degree here: about ten metres.
        Pointer { kind, place: [105.74 + x * 1e-4, 21.04 - y * 1e-4], pixel: [x, y] }
    }

    #[test]
    fn a_circle_is_pulled_from_its_middle() {
        let mut draft = Draft::default();
        assert_eq!(draft.take(Way::Circle, &at(PointerKind::Down, 0.0, 0.0)), (true, None));
        draft.take(Way::Circle, &at(PointerKind::Move, 4.0, 0.0));
        draft.take(Way::Circle, &at(PointerKind::Move, 0.0, 20.0));
        assert_eq!(draft.sketch(Way::Circle)["features"].as_array().unwrap().len(), 1);
        let (taken, area) = draft.take(Way::Circle, &at(PointerKind::Up, 0.0, 20.0));
        let Some(DrawnArea::Circle(circle)) = area else { panic!("{area:?}") };
        assert!(taken && (circle.radius_m - 222.0).abs() < 1.0, "{circle:?}");
        assert_eq!((circle.lon, circle.lat), (105.74, 21.04));
    }

    #[test]
    fn a_tap_makes_no_circle() {
        let mut draft = Draft::default();
        draft.take(Way::Circle, &at(PointerKind::Down, 0.0, 0.0));
        assert_eq!(draft.take(Way::Circle, &at(PointerKind::Up, 0.0, 0.0)), (true, None));
        assert_eq!(draft.take(Way::Circle, &at(PointerKind::Click, 0.0, 0.0)), (true, None));
    }

    #[test]
    fn a_lasso_closes_when_the_finger_lifts() {
        let mut draft = Draft::default();
        draft.take(Way::Lasso, &at(PointerKind::Down, 0.0, 0.0));
        for (x, y) in [(30.0, 0.0), (31.0, 0.0), (30.0, 30.0), (0.0, 30.0)] {
            draft.take(Way::Lasso, &at(PointerKind::Move, x, y));
        }
        let (_, area) = draft.take(Way::Lasso, &at(PointerKind::Up, 0.0, 30.0));
        let Some(DrawnArea::Polygon(rings)) = area else { panic!("{area:?}") };
        assert_eq!(rings[0].len(), 4, "steps too small to see are left out");
    }

    #[test]
    fn corners_are_set_one_by_one_and_a_double_click_closes() {
        let mut draft = Draft::default();
        for (x, y) in [(0.0, 0.0), (30.0, 0.0), (30.0, 30.0), (30.0, 30.0)] {
            draft.take(Way::Lasso, &at(PointerKind::Down, x, y));
            assert_eq!(draft.take(Way::Lasso, &at(PointerKind::Up, x, y)).1, None);
            draft.take(Way::Lasso, &at(PointerKind::Click, x, y));
        }
        let (_, area) = draft.take(Way::Lasso, &at(PointerKind::DoubleClick, 30.0, 30.0));
        assert!(matches!(area, Some(DrawnArea::Polygon(rings)) if rings[0].len() == 3));
        assert_eq!(Draft { corners: vec![[0.0, 0.0], [1.0, 1.0]], ..Draft::default() }.close(), None, "two corners are no polygon");
    }

    #[test]
    fn a_map_that_is_only_looked_at_pans() {
        let mut draft = Draft::default();
        for way in [Way::Area, Way::AlongRoad] {
            assert_eq!(draft.take(way, &at(PointerKind::Down, 0.0, 0.0)), (false, None));
        }
    }
}
