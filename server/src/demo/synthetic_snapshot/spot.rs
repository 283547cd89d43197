//! Where on a drawn picture its subject stands, so that the box that a report gives lies around it.
//! It deliberately asks no clock: of one camera and kind it is always the same place, because alerts share pictures.

use shared::camera_alert::AlertKind;

use super::{HEIGHT_PX, WIDTH_PX};
use crate::demo::people::dice::Dice;

/// How far to the side of its usual place, in pixels.
const FURTHEST_ASIDE: i32 = 60;

/// Left, top, right, bottom, in pixels.
pub fn spot(kind: AlertKind, camera_code: &str, seed: u64) -> [f64; 4] {
    let aside = aside(kind, camera_code, seed);
    let [left, top, right, bottom] = usual(kind);
    // Never beyond the edge.
    let across = |x: i32| (x + aside).clamp(0, WIDTH_PX as i32);
    [across(left), top, across(right), bottom].map(f64::from)
}

pub fn aside(kind: AlertKind, camera_code: &str, seed: u64) -> i32 {
    Dice::new(seed, &format!("{camera_code} {} aside", kind.name())).between(-FURTHEST_ASIDE, FURTHEST_ASIDE)
}

/// Around what `Scene::draw_kind` draws: without bystanders and fences.
fn usual(kind: AlertKind) -> [i32; 4] {
    match kind {
        AlertKind::CameraSilent => [0, 0, WIDTH_PX as i32, HEIGHT_PX as i32],
        AlertKind::Crowd => [168, 180, 473, 301],
        AlertKind::Theft => [290, 198, 374, 260],
        AlertKind::Harassment => [290, 198, 337, 254],
        AlertKind::IllegalParking | AlertKind::IllegalStopping => [144, 215, 256, 268],
        AlertKind::OversizeLorry => [189, 149, 463, 280],
        AlertKind::Encroachment => [59, 213, 331, 267],
        AlertKind::StreetMarket => [79, 180, 571, 301],
        AlertKind::Collision => [249, 217, 416, 286],
        AlertKind::WantedVehicle => [269, 225, 381, 278],
        AlertKind::Intrusion => [310, 190, 331, 238],
        AlertKind::FireOrSmoke => [230, 20, 412, 222],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::synthetic_snapshot::scene::Scene;

    /// Pixels that differ from the empty street: inside the spot, and in all.
    fn drawn(kind: AlertKind, camera: &str) -> (usize, usize) {
        let street = || Scene::street(Dice::new(7, camera));
        let (empty, mut scene) = (street(), street());
        scene.draw_kind(kind, aside(kind, camera, 7), Dice::new(7, "what does not matter"));
        let [left, top, right, bottom] = spot(kind, camera, 7);
        let differing: Vec<(f64, f64)> = scene
            .image
            .enumerate_pixels()
            .filter(|(x, y, pixel)| empty.image.get_pixel(*x, *y) != *pixel)
            .map(|(x, y, _)| (f64::from(x), f64::from(y)))
            .collect();
        let inside = differing.iter().filter(|(x, y)| (left..right).contains(x) && (top..bottom).contains(y)).count();
        (inside, differing.len())
    }

    #[test]
    fn the_box_lies_around_what_is_drawn() {
        let with_others = [AlertKind::CameraSilent, AlertKind::Intrusion, AlertKind::Collision, AlertKind::FireOrSmoke];
        for kind in AlertKind::ALL.into_iter().filter(|kind| !with_others.contains(kind)) {
            for camera in ["C01", "C02", "C03", "C59"] {
                let (inside, all) = drawn(kind, camera);
                assert!(inside == all && all > 0, "{kind:?} at {camera}: {inside} of {all}");
            }
        }
        for kind in [AlertKind::Intrusion, AlertKind::Collision, AlertKind::FireOrSmoke] {
            assert!(drawn(kind, "C01").0 > 200, "{kind:?}: what it is about is in its box");
        }
    }

    #[test]
    fn of_one_camera_a_kind_has_one_spot_within_the_picture() {
        for kind in AlertKind::ALL {
            let spots: Vec<_> = (1..=60).map(|nth| spot(kind, &format!("C{nth:02}"), 7)).collect();
            assert_eq!(spots[0], spot(kind, "C01", 7));
            for [left, top, right, bottom] in spots {
                assert!(0.0 <= left && left < right && right <= f64::from(WIDTH_PX), "{kind:?}");
                assert!(0.0 <= top && top < bottom && bottom <= f64::from(HEIGHT_PX), "{kind:?}");
            }
        }
    }
}
