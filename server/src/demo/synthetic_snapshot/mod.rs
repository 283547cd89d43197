//! Pictures for the demo, drawn by us: a street, what the alert is about in simple shapes, and in large letters that it is made up.
//! They deliberately look like no photograph: nobody shall take one for evidence.

mod letters;
mod scene;
mod spot;

use chrono::{DateTime, Timelike, Utc};
use image::codecs::jpeg::JpegEncoder;
use shared::camera_alert::AlertKind;

use super::day::in_ward;
use super::people::dice::Dice;
use scene::Scene;

pub use spot::spot;

pub const WIDTH_PX: u32 = 640;
pub const HEIGHT_PX: u32 = 360;
/// Stands on every picture.
pub const LABEL: &str = "ẢNH MÔ PHỎNG";

const QUALITY: u8 = 80;

/// A JPEG of 640 by 360 pixels with the camera's clock on it; the same values give the same bytes. One camera always looks into the
/// same street.
pub fn synthetic_snapshot(kind: AlertKind, camera_code: &str, at: DateTime<Utc>, seed: u64) -> Vec<u8> {
    let told = format!("{camera_code}  {}", in_ward(at).format("%d/%m/%Y %H:%M:%S"));
    draw(kind, camera_code, Light::at(at), &told, seed)
}

/// The same without a clock: what alerts of one kind, camera and light may share.
pub fn synthetic_view(kind: AlertKind, camera_code: &str, light: Light, seed: u64) -> Vec<u8> {
    draw(kind, camera_code, light, camera_code, seed)
}

fn draw(kind: AlertKind, camera_code: &str, light: Light, told: &str, seed: u64) -> Vec<u8> {
    let mut scene = Scene::street(Dice::new(seed, camera_code));
    scene.draw_kind(kind, spot::aside(kind, camera_code, seed), Dice::new(seed, &format!("{told} {}", kind.name())));
    scene.dim(light.share());
    scene.label(told);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&scene.image).expect("a picture of this size can be written");
    jpeg
}

/// The light that a street has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Light {
    Day,
    LowSun,
    Dusk,
    Night,
}

impl Light {
    pub fn at(at: DateTime<Utc>) -> Self {
        match in_ward(at).hour() {
            7..=16 => Light::Day,
            6 | 17 => Light::LowSun,
            5 | 18 => Light::Dusk,
            _ => Light::Night,
        }
    }

    fn share(self) -> f32 {
        match self {
            Light::Day => 1.0,
            Light::LowSun => 0.75,
            Light::Dusk => 0.55,
            Light::Night => 0.4,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::platform::picture;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 5, 0, 0).unwrap()
    }

    #[test]
    fn our_own_check_takes_every_kind_at_every_hour() {
        for kind in AlertKind::ALL {
            for (seed, hour) in [(0, 0), (1, 5), (u64::MAX, 18)] {
                let at = Utc.with_ymd_and_hms(2026, 11, 22, hour, 0, 0).unwrap();
                let taken = picture::take_in(&synthetic_snapshot(kind, "C07", at, seed)).unwrap();
                assert_eq!((taken.width_px, taken.height_px), (WIDTH_PX, HEIGHT_PX), "{kind:?}");
            }
        }
    }

    #[test]
    fn the_seed_the_kind_and_the_hour_make_the_picture() {
        let of = |kind, seed, at| synthetic_snapshot(kind, "C07", at, seed);
        let picture = of(AlertKind::Crowd, 7, noon());
        assert_eq!(picture, of(AlertKind::Crowd, 7, noon()));
        assert_ne!(picture, of(AlertKind::Crowd, 8, noon()));
        assert_ne!(picture, of(AlertKind::Collision, 7, noon()));
        assert_ne!(picture, of(AlertKind::Crowd, 7, noon() + chrono::TimeDelta::hours(12)));
    }

    #[test]
    fn a_camera_looks_into_one_street_and_without_a_clock_the_light_alone_makes_the_hour() {
        let silent = |camera, light| synthetic_view(AlertKind::CameraSilent, camera, light, 7);
        assert_eq!(silent("C07", Light::at(noon())), silent("C07", Light::at(noon() + chrono::TimeDelta::days(3))));
        assert_ne!(silent("C07", Light::Day), silent("C07", Light::Night));
        // Left of the label, above the line along the edge.
        let street = |jpeg: Vec<u8>| {
            let image = image::load_from_memory(&jpeg).unwrap().into_rgb8();
            image::imageops::crop_imm(&image, 0, 0, 80, 304).to_image().into_raw()
        };
        let at =
            |camera, minutes| street(synthetic_snapshot(AlertKind::CameraSilent, camera, noon() + chrono::TimeDelta::minutes(minutes), 7));
        assert_eq!(at("C07", 0), at("C07", 30));
        assert_ne!(at("C07", 0), at("C08", 0));
    }

    #[test]
    fn the_label_stands_on_the_picture_and_in_its_thumbnail() {
        let jpeg = synthetic_snapshot(AlertKind::Crowd, "C07", noon(), 7);
        let white = |bytes: &[u8], left: u32, right: u32, top: u32, bottom: u32| {
            let image = image::load_from_memory(bytes).unwrap().into_rgb8();
            let pixels = image.enumerate_pixels().filter(|(x, y, _)| (left..right).contains(x) && (top..bottom).contains(y));
            pixels.filter(|(_, _, pixel)| pixel.0.iter().all(|channel| *channel > 140)).count()
        };
        assert!(white(&jpeg, 100, 540, 145, 215) > 2000, "in the middle, in large letters");
        assert!(white(&jpeg, 440, 640, 328, 352) > 300, "along the edge");
        let thumbnail = picture::take_in(&jpeg).unwrap().thumbnail;
        assert!(white(&thumbnail, 14, 130, 38, 58) > 100, "where only the middle is left");
    }
}
