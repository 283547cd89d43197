//! Letters of a few pixels, as on old screens, for what stands on a synthetic picture: capitals, digits, and the two marks
//! above letters that its label takes. It deliberately has no more of Vietnamese than that.

use image::{Rgb, RgbImage};

/// Columns of a letter and the blank after it.
const ADVANCE: u32 = 6;
/// Rows for a mark above, a blank, and seven of the letter.
pub const ROWS: u32 = 11;
const MARK_ROWS: u32 = 4;

const HOOK: [u8; 3] = [0b00110, 0b00010, 0b00100];
const CIRCUMFLEX: [u8; 3] = [0b00100, 0b01010, 0b00000];

#[rustfmt::skip]
const LETTERS: [(char, [u8; 7]); 40] = [
    ('A', [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]),
    ('B', [0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110]),
    ('C', [0b01110, 0b10001, 0b10000, 0b10000, 0b10000, 0b10001, 0b01110]),
    ('D', [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110]),
    ('E', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111]),
    ('F', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000]),
    ('G', [0b01110, 0b10001, 0b10000, 0b10111, 0b10001, 0b10001, 0b01110]),
    ('H', [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]),
    ('I', [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110]),
    ('J', [0b00111, 0b00010, 0b00010, 0b00010, 0b00010, 0b10010, 0b01100]),
    ('K', [0b10001, 0b10010, 0b10100, 0b11000, 0b10100, 0b10010, 0b10001]),
    ('L', [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111]),
    ('M', [0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001]),
    ('N', [0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001, 0b10001]),
    ('O', [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110]),
    ('P', [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000]),
    ('Q', [0b01110, 0b10001, 0b10001, 0b10001, 0b10101, 0b10010, 0b01101]),
    ('R', [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001]),
    ('S', [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110]),
    ('T', [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100]),
    ('U', [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110]),
    ('V', [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01010, 0b00100]),
    ('W', [0b10001, 0b10001, 0b10001, 0b10101, 0b10101, 0b11011, 0b10001]),
    ('X', [0b10001, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001, 0b10001]),
    ('Y', [0b10001, 0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b00100]),
    ('Z', [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b11111]),
    ('0', [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110]),
    ('1', [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110]),
    ('2', [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111]),
    ('3', [0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110]),
    ('4', [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010]),
    ('5', [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110]),
    ('6', [0b01110, 0b10000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110]),
    ('7', [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000]),
    ('8', [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110]),
    ('9', [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00001, 0b01110]),
    ('-', [0b00000, 0b00000, 0b00000, 0b11111, 0b00000, 0b00000, 0b00000]),
    (':', [0b00000, 0b00100, 0b00100, 0b00000, 0b00100, 0b00100, 0b00000]),
    ('/', [0b00001, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b10000]),
    ('.', [0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b00100, 0b00100]),
];

/// Width of a text in pixels, each dot of a letter `dot` pixels wide.
pub fn width(text: &str, dot: u32) -> u32 {
    (text.chars().count() as u32 * ADVANCE).saturating_sub(1) * dot
}

/// Writes a text from its left upper corner. What is no letter of ours is a blank.
pub fn write(image: &mut RgbImage, text: &str, (left, top): (u32, u32), dot: u32, colour: Rgb<u8>) {
    for (nth, letter) in text.chars().enumerate() {
        let at = left + nth as u32 * ADVANCE * dot;
        let (base, mark) = match letter {
            'Ả' => ('A', Some(HOOK)),
            'Ỏ' => ('O', Some(HOOK)),
            'Ô' => ('O', Some(CIRCUMFLEX)),
            other => (other.to_ascii_uppercase(), None),
        };
        if let Some(rows) = mark {
            draw(image, &rows, (at, top), dot, colour);
        }
        if let Some((_, rows)) = LETTERS.iter().find(|(known, _)| *known == base) {
            draw(image, rows, (at, top + MARK_ROWS * dot), dot, colour);
        }
    }
}

fn draw(image: &mut RgbImage, rows: &[u8], (left, top): (u32, u32), dot: u32, colour: Rgb<u8>) {
    for (row, bits) in rows.iter().enumerate() {
        for column in (0..5).filter(|column| bits >> (4 - column) & 1 == 1) {
            for (x, y) in (0..dot).flat_map(|x| (0..dot).map(move |y| (x, y))) {
                if let Some(pixel) = image.get_pixel_mut_checked(left + column * dot + x, top + row as u32 * dot + y) {
                    *pixel = colour;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_the_label_is_there() {
        for letter in super::super::LABEL.chars().filter(|letter| *letter != ' ') {
            let mut image = RgbImage::new(8, ROWS);
            write(&mut image, &letter.to_string(), (0, 0), 1, Rgb([255; 3]));
            let inked =
                |rows: std::ops::Range<u32>| rows.flat_map(|y| (0..8).map(move |x| (x, y))).any(|(x, y)| image.get_pixel(x, y).0[0] > 0);
            assert!(inked(MARK_ROWS..ROWS), "{letter}");
            assert_eq!(inked(0..MARK_ROWS), !letter.is_ascii(), "{letter}: its mark");
        }
    }

    #[test]
    fn what_does_not_fit_is_cut_and_harms_nobody() {
        let mut image = RgbImage::new(20, 10);
        write(&mut image, "ẢNH MÔ PHỎNG", (15, 5), 3, Rgb([255; 3]));
        assert_eq!(width("AB", 2), 22);
    }
}
