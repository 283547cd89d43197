//! A street and what happens in it, in rectangles and discs; the label over it.
//! It deliberately knows neither cameras nor hours: what differs comes with the dice.

use image::{Rgb, RgbImage};
use shared::camera_alert::AlertKind;

use super::{HEIGHT_PX, LABEL, WIDTH_PX, letters};
use crate::demo::people::dice::Dice;

/// Where the sky ends and the ground begins.
const HORIZON: i32 = 150;
const SKIN: Rgb<u8> = Rgb([196, 160, 130]);
const WHITE: Rgb<u8> = Rgb([245, 245, 245]);
const BLACK: Rgb<u8> = Rgb([12, 14, 16]);

/// The picture as it is being drawn.
pub struct Scene {
    pub image: RgbImage,
    dice: Dice,
}

impl Scene {
    /// Sky, a row of narrow houses, pavement, a road that comes towards the camera.
    pub fn street(dice: Dice) -> Self {
        let mut scene = Self { image: RgbImage::new(WIDTH_PX, HEIGHT_PX), dice };
        scene.rect(0, 0, WIDTH_PX as i32, HORIZON, Rgb([164, 186, 204]));
        scene.rect(0, HORIZON, WIDTH_PX as i32, HEIGHT_PX as i32, Rgb([150, 146, 138]));
        let mut left = -scene.between(0, 40);
        while left < WIDTH_PX as i32 {
            let (width, height) = (scene.between(48, 84), scene.between(60, 130));
            let shade = scene.between(110, 190) as u8;
            scene.rect(left, HORIZON + 20 - height, left + width - 3, HORIZON + 20, Rgb([shade, shade - 8, shade - 20]));
            for storey in 0..height / 34 {
                let top = HORIZON + 20 - height + 8 + storey * 34;
                scene.rect(left + 8, top, left + width - 11, top + 16, Rgb([70, 84, 96]));
            }
            left += width;
        }
        let middle = WIDTH_PX as i32 / 2 + scene.between(-60, 60);
        for y in HORIZON + 20..HEIGHT_PX as i32 {
            let half = 70 + (y - HORIZON - 20) * 9 / 8;
            scene.rect(middle - half, y, middle + half, y + 1, Rgb([84, 87, 92]));
            if (y / 14) % 2 == 0 {
                scene.rect(middle - 2, y, middle + 2, y + 1, Rgb([205, 205, 195]));
            }
        }
        scene
    }

    /// What the alert is about, `aside` of its usual place; `dice` decide what does not matter.
    pub fn draw_kind(&mut self, kind: AlertKind, aside: i32, dice: Dice) {
        self.dice = dice;
        match kind {
            // A silent camera shows nothing.
            AlertKind::CameraSilent => {}
            AlertKind::Crowd => self.people(14, 180 + aside, 460 + aside),
            AlertKind::Theft => {
                self.motorbike(330 + aside, 250);
                self.person(300 + aside, 250);
            }
            AlertKind::Harassment => {
                self.person(300 + aside, 250);
                self.person(326 + aside, 252);
            }
            AlertKind::IllegalParking | AlertKind::IllegalStopping => self.car(145 + aside, 260),
            AlertKind::OversizeLorry => self.lorry(190 + aside),
            AlertKind::Encroachment => {
                for stall in 0..3 {
                    self.stall(60 + aside + stall * 100);
                }
            }
            AlertKind::StreetMarket => {
                for stall in 0..5 {
                    self.stall(80 + aside + stall * 105);
                }
                self.people(8, 100 + aside, 540 + aside);
            }
            AlertKind::Collision => {
                self.car(250 + aside, 262);
                self.motorbike(372 + aside, 276);
                self.people(3, 200 + aside, 460 + aside);
            }
            AlertKind::WantedVehicle => {
                self.car(270 + aside, 270);
                // Where its plate would be: no number, so that it is nobody's.
                self.rect(306 + aside, 262, 344 + aside, 272, WHITE);
            }
            AlertKind::Intrusion => {
                for post in 0..16 {
                    self.rect(post * 42, 190, post * 42 + 4, 268, Rgb([60, 64, 68]));
                }
                self.rect(0, 202, WIDTH_PX as i32, 206, Rgb([60, 64, 68]));
                self.person(320 + aside, 236);
            }
            AlertKind::FireOrSmoke => self.fire(320 + aside),
        }
    }

    fn people(&mut self, count: i32, from: i32, to: i32) {
        // Those behind first, so that those in front stand before them.
        let mut feet: Vec<i32> = (0..count).map(|_| self.between(215, 300)).collect();
        feet.sort_unstable();
        for y in feet {
            let x = self.between(from, to);
            self.person(x, y);
        }
    }

    /// A head and clothes, larger nearer to the camera; no face.
    fn person(&mut self, x: i32, feet: i32) {
        let height = 26 + (feet - 200) / 2;
        let clothes = Rgb([self.between(40, 210) as u8, self.between(40, 210) as u8, self.between(40, 210) as u8]);
        self.rect(x - height / 6, feet - height * 3 / 4, x + height / 6, feet - height / 3, clothes);
        self.rect(x - height / 7, feet - height / 3, x - 1, feet, BLACK);
        self.rect(x + 1, feet - height / 3, x + height / 7, feet, BLACK);
        self.disc(x, feet - height * 7 / 8, height / 8, SKIN);
    }

    fn car(&mut self, left: i32, ground: i32) {
        let paint = Rgb([self.between(60, 230) as u8, self.between(60, 200) as u8, self.between(60, 200) as u8]);
        self.rect(left + 18, ground - 44, left + 88, ground - 22, paint);
        self.rect(left + 24, ground - 40, left + 82, ground - 24, Rgb([60, 76, 88]));
        self.rect(left, ground - 24, left + 110, ground - 4, paint);
        self.disc(left + 24, ground - 4, 10, BLACK);
        self.disc(left + 86, ground - 4, 10, BLACK);
    }

    fn motorbike(&mut self, left: i32, ground: i32) {
        self.disc(left, ground, 8, BLACK);
        self.disc(left + 34, ground, 8, BLACK);
        self.rect(left + 2, ground - 14, left + 34, ground - 6, Rgb([150, 40, 40]));
        self.rect(left + 28, ground - 24, left + 32, ground - 8, BLACK);
    }

    fn lorry(&mut self, left: i32) {
        self.rect(left, 150, left + 220, 262, Rgb([190, 150, 60]));
        self.rect(left + 222, 196, left + 272, 262, Rgb([70, 110, 150]));
        self.rect(left + 240, 204, left + 268, 228, Rgb([60, 76, 88]));
        for wheel in [26, 62, 168, 250] {
            self.disc(left + wheel, 264, 14, BLACK);
        }
    }

    fn stall(&mut self, left: i32) {
        let cloth = Rgb([self.between(120, 230) as u8, self.between(60, 180) as u8, 60]);
        self.rect(left, 214, left + 70, 224, cloth);
        self.rect(left + 4, 224, left + 7, 266, BLACK);
        self.rect(left + 63, 224, left + 66, 266, BLACK);
        self.rect(left + 8, 246, left + 62, 264, Rgb([120, 90, 60]));
    }

    fn fire(&mut self, middle: i32) {
        for puff in 0..14 {
            let (x, y) = (middle + self.between(-40, 60), 150 - puff * 9);
            let grey = self.between(70, 120) as u8;
            self.disc(x, y, 18 + puff, Rgb([grey, grey, grey]));
        }
        for _ in 0..26 {
            let (x, y, size) = (middle + self.between(-34, 34), self.between(150, 205), self.between(6, 16));
            let green = self.between(90, 190) as u8;
            self.disc(x, y, size, Rgb([240, green, 30]));
        }
    }

    pub fn dim(&mut self, light: f32) {
        for pixel in self.image.pixels_mut() {
            pixel.0 = pixel.0.map(|channel| (f32::from(channel) * light) as u8);
        }
    }

    /// Across the middle and along the edge, so that no part that is cut out is without it.
    pub fn label(&mut self, told: &str) {
        let dot = 6;
        let (wide, high) = (letters::width(LABEL, dot), letters::ROWS * dot);
        let (left, top) = ((WIDTH_PX - wide) / 2, (HEIGHT_PX - high) / 2);
        for x in (left - 8)..(left + wide + 8) {
            for y in (top - 6)..(top + high + 6) {
                let pixel = self.image.get_pixel_mut(x, y);
                pixel.0 = pixel.0.map(|channel| channel / 3);
            }
        }
        letters::write(&mut self.image, LABEL, (left, top), dot, WHITE);
        self.rect(0, HEIGHT_PX as i32 - 34, WIDTH_PX as i32, HEIGHT_PX as i32, BLACK);
        letters::write(&mut self.image, told, (10, HEIGHT_PX - 32), 2, WHITE);
        letters::write(&mut self.image, LABEL, (WIDTH_PX - letters::width(LABEL, 2) - 10, HEIGHT_PX - 32), 2, WHITE);
    }

    fn rect(&mut self, left: i32, top: i32, right: i32, bottom: i32, colour: Rgb<u8>) {
        for y in top.max(0)..bottom.min(HEIGHT_PX as i32) {
            for x in left.max(0)..right.min(WIDTH_PX as i32) {
                self.image.put_pixel(x as u32, y as u32, colour);
            }
        }
    }

    fn disc(&mut self, x: i32, y: i32, radius: i32, colour: Rgb<u8>) {
        for row in -radius..=radius {
            let half = f64::from(radius * radius - row * row).sqrt() as i32;
            self.rect(x - half, y + row, x + half + 1, y + row + 1, colour);
        }
    }

    fn between(&mut self, low: i32, high: i32) -> i32 {
        self.dice.between(low, high)
    }
}
