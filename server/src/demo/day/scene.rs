//! Where things can be seen: the cameras of a ward, and which of them look at a market, a school gate, a road.
//! It deliberately does not know where cameras and landmarks came from: a database, or the public doors.

use std::collections::BTreeMap;

use geo::Point;
use shared::text::fold;

use super::table::{Place, Table};
use crate::demo::people::dice::Dice;
use crate::demo::people::site::metres;

#[derive(Debug, Clone)]
pub struct SceneCamera {
    pub code: String,
    pub name: String,
    pub at: Option<Point<f64>>,
}

/// A place by whose name a camera knows what it looks at.
#[derive(Debug, Clone)]
pub struct Landmark {
    pub name: String,
    pub at: Point<f64>,
}

/// The table counts what a ward of so many cameras sees.
const CAMERAS_OF_THE_TABLE: f64 = 60.0;

/// The cameras that work, and for each place those that look at it.
#[derive(Debug, Clone)]
pub struct Scene {
    pub cameras: Vec<SceneCamera>,
    seeing: BTreeMap<String, Vec<usize>>,
}

impl Scene {
    /// `cameras` in any order; they are taken in that of their codes, so that the same ward always plays alike.
    pub fn new(table: &Table, mut cameras: Vec<SceneCamera>, landmarks: &[Landmark]) -> Self {
        cameras.sort_by(|a, b| a.code.cmp(&b.code));
        let seeing = table.places.iter().map(|(name, place)| (name.clone(), seeing(place, &cameras, landmarks))).collect();
        Self { cameras, seeing }
    }

    /// How much of the table this ward sees: fewer cameras see less.
    pub fn share(&self) -> f64 {
        (self.cameras.len() as f64 / CAMERAS_OF_THE_TABLE).min(1.0)
    }

    /// A camera that looks at `place`; none where the ward has no camera.
    pub fn camera(&self, dice: &mut Dice, place: &str) -> Option<usize> {
        if self.cameras.is_empty() {
            return None;
        }
        Some(match self.seeing.get(place) {
            Some(seeing) if !seeing.is_empty() => *dice.one_of(seeing),
            _ => dice.below(self.cameras.len()),
        })
    }
}

fn seeing(place: &Place, cameras: &[SceneCamera], landmarks: &[Landmark]) -> Vec<usize> {
    let holds = |name: &str, words: &[String]| words.iter().any(|word| fold(name).contains(&fold(word)));
    let near: Vec<Point<f64>> =
        landmarks.iter().filter(|landmark| holds(&landmark.name, &place.beside)).map(|landmark| landmark.at).collect();
    let sees = |camera: &SceneCamera| {
        holds(&camera.name, &place.roads) || camera.at.is_some_and(|at| near.iter().any(|spot| metres(*spot, at) <= place.within_m))
    };
    cameras.iter().enumerate().filter(|(_, camera)| sees(camera)).map(|(index, _)| index).collect()
}

#[cfg(test)]
pub(in crate::demo) mod tests {
    use super::*;
    use crate::demo::people::site::moved_m;

    const ORIGIN: Point<f64> = Point(geo_types::Coord { x: 105.74, y: 21.04 });

    /// Six cameras in a row, 400 m apart, the first on road 32.
    pub fn cameras_of_a_scene() -> Vec<SceneCamera> {
        let camera = |n: u32| SceneCamera {
            code: format!("C{n:02}"),
            name: if n == 1 {
                "Ngã tư Đường 32 - Ngõ 4, hướng đông".into()
            } else {
                format!("Ngã ba Phố {n}, hướng bắc")
            },
            at: Some(moved_m(ORIGIN, f64::from(n) * 400.0, 0.0)),
        };
        (1..=6).rev().map(camera).collect()
    }

    /// A market at the second camera, a school at the fourth.
    pub fn landmarks_of_a_scene() -> Vec<Landmark> {
        let landmark = |name: &str, n: f64| Landmark { name: name.into(), at: moved_m(ORIGIN, n * 400.0, 60.0) };
        vec![landmark("Chợ Nhổn", 2.0), landmark("Trường Tiểu học Thử", 4.0)]
    }

    pub fn a_scene(table: &Table) -> Scene {
        Scene::new(table, cameras_of_a_scene(), &landmarks_of_a_scene())
    }

    #[test]
    fn a_camera_is_known_by_its_road_or_by_what_it_stands_beside() {
        let scene = a_scene(&Table::read().unwrap());
        assert_eq!(scene.cameras[0].code, "C01", "in the order of their codes");
        let codes = |place: &str| scene.seeing[place].iter().map(|camera| scene.cameras[*camera].code.as_str()).collect::<Vec<_>>();
        assert_eq!(codes("market"), ["C01", "C02"]);
        assert_eq!(codes("school"), ["C04"]);
        assert!(codes("anywhere").is_empty());
        let mut dice = Dice::new(1, "somewhere");
        assert!((0..20).all(|_| scene.camera(&mut dice, "anywhere").is_some()));
    }

    #[test]
    fn a_ward_without_cameras_sees_nothing() {
        let scene = Scene::new(&Table::read().unwrap(), vec![], &[]);
        assert_eq!(scene.camera(&mut Dice::new(1, "somewhere"), "market"), None);
        assert_eq!((scene.share(), a_scene(&Table::read().unwrap()).share()), (0.0, 0.1));
    }
}
