//! Puts the open places where they would be: at offices, culture houses and markets, at alley mouths, along the streets.
//! It deliberately places no camera and no business: those belong to `people`.

use super::plane::{Metres, Path, centre, length};
use super::sketch::{Sketch, Surface};
use super::{Address, GrownRoad, Place};
use geo::Contains;
use geo_types::{Point, Polygon};

const QR_BOARDS: usize = 20;
const LOUDSPEAKERS: usize = 34;

pub fn place(sketch: &Sketch, groups: &[Polygon<f64>], roads: &[GrownRoad], names: &[Address]) -> Vec<Place> {
    let mut places = Places { sketch, roads, names, found: vec![] };
    for zone in &sketch.zones {
        places.of_zone(zone);
    }
    let of_kind = |kind: &'static str| sketch.zones.iter().filter(move |zone| zone.kind == kind);
    for hall in of_kind("culture_house") {
        let at = middle(hall);
        places.add("qr_board", format!("Bảng QR {}", hall.name), beside(at, 9.0, -11.0));
        places.add("wifi", format!("Wi-Fi miễn phí {}", hall.name), beside(at, -8.0, 8.0));
        places.add("loudspeaker", format!("Loa {}", hall.name), beside(at, 10.0, 10.0));
    }
    for park in of_kind("park") {
        places.add("wifi", format!("Wi-Fi miễn phí {}", park.name), beside(middle(park), 6.0, 58.0));
    }
    for public in of_kind("ward_office").chain(of_kind("market")).chain(of_kind("health")) {
        places.add("qr_board", format!("Bảng QR {}", public.name), beside(middle(public), 14.0, -4.0));
    }
    places.boards_at_alley_mouths(groups);
    places.loudspeakers_along_roads(sketch);
    places.found
}

fn middle(zone: &Surface) -> Metres {
    centre(&zone.shape.exterior().0[1..])
}

fn beside(p: Metres, east: f64, north: f64) -> Metres {
    p + Metres { x: east, y: north }
}

struct Places<'a> {
    sketch: &'a Sketch,
    roads: &'a [GrownRoad],
    names: &'a [Address],
    found: Vec<Place>,
}

impl Places<'_> {
    fn add(&mut self, kind: &'static str, name: String, at: Metres) {
        let road = self.roads.iter().enumerate().filter(|(_, road)| road.level == 0 && road.class != "service");
        let nearest = road.min_by(|a, b| a.1.path.project(at).1.total_cmp(&b.1.path.project(at).1));
        let address = nearest.map(|(i, _)| self.names[i].to_string());
        self.found.push(Place { kind, name, address, at: self.sketch.plane.to_degrees(at) });
    }

    fn of_zone(&mut self, zone: &Surface) {
        let at = middle(zone);
        let kinds: &[&'static str] = match zone.kind.as_str() {
            "ward_office" => &["ward_office"],
            "police" => &["police"],
            "health" => &["health"],
            "culture_house" => &["culture_house"],
            "market" => &["cashless_market"],
            "school" => &["school"],
            "university" => &["university"],
            "park" => &["park"],
            "sports" => &["sports"],
            "religious" if zone.is_heritage => &["heritage"],
            "religious" => &["worship"],
            _ => &[],
        };
        for kind in kinds {
            self.add(kind, zone.name.clone(), at);
        }
    }

    /// The longest ngõ of each TDP in turn, until the ward has all its boards.
    fn boards_at_alley_mouths(&mut self, groups: &[Polygon<f64>]) {
        let mut by_length: Vec<usize> = (0..self.roads.len()).filter(|&i| self.roads[i].level == 1).collect();
        by_length.sort_by(|&a, &b| self.roads[b].path.length().total_cmp(&self.roads[a].path.length()).then(a.cmp(&b)));
        let mut used = vec![false; self.roads.len()];
        for group in groups.iter().cycle().take(groups.len() * 4) {
            if self.found.iter().filter(|place| place.kind == "qr_board").count() == QR_BOARDS {
                return;
            }
            let mouth = |path: &Path| path.at(5.0_f64.min(path.length()));
            let in_group = |i: usize| group.contains(&Point::from(self.sketch.plane.to_degrees(mouth(&self.roads[i].path))));
            if let Some(alley) = by_length.iter().copied().find(|&i| !used[i] && in_group(i)) {
                used[alley] = true;
                let name = format!("Bảng QR đầu {}", lower_first(&self.names[alley].to_string()));
                self.add("qr_board", name, mouth(&self.roads[alley].path));
            }
        }
    }

    /// Each next one where the ward hears the others least: at the road corner farthest from all so far.
    fn loudspeakers_along_roads(&mut self, sketch: &Sketch) {
        let plane = sketch.plane;
        let corners: Vec<(usize, Metres)> =
            (0..self.roads.len()).filter(|&i| self.roads[i].level == 1).map(|i| (i, self.roads[i].path.at(8.0))).collect();
        let mut heard: Vec<Metres> =
            self.found.iter().filter(|place| place.kind == "loudspeaker").map(|place| plane.to_metres(place.at)).collect();
        while heard.len() < LOUDSPEAKERS {
            let distance = |p: Metres| heard.iter().map(|&q| length(p - q)).fold(f64::INFINITY, f64::min);
            let Some(&(road, p)) = corners.iter().max_by(|a, b| distance(a.1).total_cmp(&distance(b.1))) else { return };
            self.add("loudspeaker", format!("Loa đầu {}", lower_first(&self.names[road].to_string())), p);
            heard.push(p);
        }
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
