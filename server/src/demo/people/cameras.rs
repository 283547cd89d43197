//! Cameras at the junctions that matter most, each looking along a road.
//! It deliberately knows no stream: a demo camera shows nothing until a recorder is connected.

use chrono::{DateTime, TimeDelta, Utc};
use geo::Point;
use shared::camera::CameraStatus;

use super::dice::Dice;
use super::junctions::{self, Arm, Junction, turn};
use super::site::{Draw, RoadClass, Site, metres, moved_m, rounded};
use crate::cameras::load::NewCamera;

/// Cameras of one ward do not crowd while there are junctions to watch; halved until enough are found.
const WIDEST_SPACING_M: f64 = 260.0;

/// `count` cameras, `offline` of them not answering at `now`. A ward with too few junctions gets a second look along another arm.
pub fn mount(seed: u64, site: &Site, count: usize, offline: usize, now: DateTime<Utc>) -> Vec<NewCamera> {
    let mut dice = Dice::new(seed, "cameras");
    let mut junctions = junctions::find(&site.roads);
    // Roads run past the ward's edge; its cameras do not.
    junctions.retain(|junction| site.ward.covers(junction.at));
    let mut views = chosen(&mut dice, site, &junctions, count);
    // C01 stands on the busiest crossing of the north-west; numbers run as one reads the map.
    views.sort_by(|a, b| b.0.at.y().total_cmp(&a.0.at.y()).then(a.0.at.x().total_cmp(&b.0.at.x())).then(a.1.cmp(&b.1)));
    let mut broken: Vec<bool> = (0..views.len()).map(|index| index < offline.min(views.len())).collect();
    dice.shuffle(&mut broken);
    views
        .iter()
        .zip(broken)
        .enumerate()
        .map(|(index, ((junction, arm), broken))| camera(&mut dice, site, index, junction, &junction.arms[*arm], broken, now))
        .collect()
}

/// Junctions with the arm to look along: the weightiest first, apart from each other.
fn chosen<'a>(dice: &mut Dice, site: &Site, junctions: &'a [Junction], count: usize) -> Vec<(&'a Junction, usize)> {
    let mut ranked: Vec<(f64, &Junction)> = junctions.iter().map(|junction| (weight(site, junction), junction)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.at.x().total_cmp(&b.1.at.x())).then(a.1.at.y().total_cmp(&b.1.at.y())));
    let mut views: Vec<(&Junction, usize)> = Vec::with_capacity(count);
    let mut spacing_m = WIDEST_SPACING_M;
    while views.len() < count && spacing_m > 8.0 {
        for (_, junction) in &ranked {
            // Streets first: alleys among themselves wait until streets are watched more closely than every 80 m.
            let is_turn = spacing_m < 80.0 || junction.arms[0].class <= RoadClass::Street;
            if is_turn && views.len() < count && views.iter().all(|(other, _)| metres(other.at, junction.at) >= spacing_m) {
                // Along the widest road, but not all of them to the same end of it.
                let widest = junction.arms.iter().filter(|arm| arm.class == junction.arms[0].class).count();
                views.push((junction, dice.below(widest)));
            }
        }
        spacing_m /= 1.5;
    }
    for arm in 0..8 {
        for (_, junction) in &ranked {
            let is_watched = views.iter().any(|(other, looks)| std::ptr::eq(*other, *junction) && *looks == arm);
            if views.len() < count && junction.arms.len() > arm && !is_watched {
                views.push((junction, arm));
            }
        }
    }
    views
}

/// How much there is to see: wide roads, many arms, a market, a campus, workshops nearby.
fn weight(site: &Site, junction: &Junction) -> f64 {
    let roads: f64 = junction
        .arms
        .iter()
        .map(|arm| match arm.class {
            RoadClass::National => 6.0,
            RoadClass::Main => 4.0,
            RoadClass::Street => 2.5,
            RoadClass::Alley => 0.8,
            RoadClass::SideAlley | RoadClass::BranchAlley => 0.3,
            RoadClass::Other => 0.2,
        })
        .sum();
    let draws = |draw, worth: f64| {
        site.nearest_magnet(junction.at, |magnet| magnet == draw).map_or(0.0, |(_, distance_m)| worth * (-distance_m / 150.0).exp())
    };
    roads + draws(Draw::Market, 8.0) + draws(Draw::Campus, 4.0) + draws(Draw::Industry, 3.0)
}

fn camera(dice: &mut Dice, site: &Site, index: usize, junction: &Junction, arm: &Arm, broken: bool, now: DateTime<Utc>) -> NewCamera {
    // Poles stand on the pavement, across from the arm they look into and to its right.
    let width_m = site.roads[arm.road].width_m;
    let (side, back) = ((arm.heading_deg + 90.0).to_radians(), (arm.heading_deg + 180.0).to_radians());
    let (aside_m, back_m) = (width_m / 2.0 + 0.8, 2.0);
    let pole: Point<f64> =
        rounded(moved_m(junction.at, side.sin() * aside_m + back.sin() * back_m, side.cos() * aside_m + back.cos() * back_m));
    let at = if site.ward.covers(pole) { pole } else { junction.at };
    let (field_of_view_deg, range_m) = match arm.class {
        RoadClass::National | RoadClass::Main => (dice.between(55, 75), dice.between(70, 110)),
        RoadClass::Street => (dice.between(65, 90), dice.between(50, 80)),
        _ => (dice.between(80, 110), dice.between(30, 55)),
    };
    // A camera that does not answer has been looked at by nobody for some hours; one that does has for some weeks.
    let since =
        if broken { TimeDelta::minutes(i64::from(dice.between(50, 600))) } else { TimeDelta::hours(i64::from(dice.between(30, 900))) };
    NewCamera {
        code: format!("C{:02}", index + 1),
        name: name(site, junction, arm),
        heading_deg: Some(((arm.heading_deg.round() as i32).rem_euclid(360)) as f32),
        field_of_view_deg: Some(field_of_view_deg as f32),
        range_m: Some((f64::from(range_m)).min(arm.length_m.max(25.0)).round() as f32),
        status: if broken { CameraStatus::Offline } else { CameraStatus::Online },
        status_at: Some(now - since),
        point: (at.x(), at.y()),
    }
}

/// "Ngã tư Đường 32 - Ngõ 34, nhìn hướng đông".
fn name(site: &Site, junction: &Junction, arm: &Arm) -> String {
    let mut names: Vec<&str> = Vec::new();
    for arm in &junction.arms {
        if let Some(name) = site.roads[arm.road].name.as_deref()
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    let kind = match junction.arms.len() {
        3 => "Ngã ba",
        4 => "Ngã tư",
        5 => "Ngã năm",
        _ => "Nút giao",
    };
    let place = if names.is_empty() { site.ward.name.as_str().to_owned() } else { names[..names.len().min(2)].join(" - ") };
    format!("{kind} {place}, hướng {}", direction(arm.heading_deg))
}

fn direction(heading_deg: f64) -> &'static str {
    const ROSE: [(&str, f64); 8] = [
        ("bắc", 0.0),
        ("đông bắc", 45.0),
        ("đông", 90.0),
        ("đông nam", 135.0),
        ("nam", 180.0),
        ("tây nam", 225.0),
        ("tây", 270.0),
        ("tây bắc", 315.0),
    ];
    ROSE.iter().min_by(|a, b| turn(a.1, heading_deg).total_cmp(&turn(b.1, heading_deg))).map_or("bắc", |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::super::junctions::tests::road;
    use super::super::site::tests::quarter;
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-22T08:00:00Z".parse().unwrap()
    }

    /// A street of 600 m with an alley to the north every 50 m.
    fn comb() -> Site {
        let mut site = quarter(1);
        site.roads.push(road(RoadClass::Main, "Đường Thử", &[(0.0, 0.0), (600.0, 0.0)]));
        for alley in 1..12 {
            let east = f64::from(alley) * 50.0;
            site.roads.push(road(RoadClass::Alley, &format!("Ngõ {alley}"), &[(east, 0.0), (east, 80.0)]));
        }
        site
    }

    #[test]
    fn cameras_stand_at_junctions_and_look_along_a_road() {
        let (site, cameras) = (comb(), mount(1, &comb(), 6, 1, now()));
        assert_eq!(cameras.len(), 6);
        assert_eq!(cameras.iter().filter(|camera| camera.status == CameraStatus::Offline).count(), 1);
        for camera in &cameras {
            let silent = now() - camera.status_at.unwrap();
            let is_fresh = silent > TimeDelta::zero() && (silent < TimeDelta::hours(12) || camera.status == CameraStatus::Online);
            assert!(is_fresh, "a camera of today's demonstration has not been silent for weeks");
        }
        for camera in &cameras {
            let heading = f64::from(camera.heading_deg.unwrap());
            let at = Point::new(camera.point.0, camera.point.1);
            let junctions = junctions::find(&site.roads);
            let junction = junctions.iter().find(|junction| metres(junction.at, at) < 8.0).expect("a junction within 8 m");
            assert!(junction.arms.iter().any(|arm| turn(arm.heading_deg, heading) < 1.0), "{heading}");
        }
    }

    #[test]
    fn a_ward_of_few_junctions_gets_more_looks_at_each() {
        let cameras = mount(1, &comb(), 20, 0, now());
        assert_eq!(cameras.len(), 20);
        let views: std::collections::HashSet<_> = cameras.iter().map(|camera| camera.name.clone()).collect();
        assert_eq!(views.len(), 20, "no two cameras look the same way from the same place");
    }

    #[test]
    fn numbers_are_unique_and_names_say_where() {
        let cameras = mount(1, &comb(), 11, 0, now());
        assert_eq!(cameras[0].code, "C01");
        assert!(cameras.iter().any(|camera| camera.name.starts_with("Ngã ba Đường Thử - Ngõ 5, hướng ")), "{:?}", cameras[3].name);
    }
}
