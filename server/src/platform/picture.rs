//! Pictures from outside, made into pictures of our own: decoded to check, upright, written anew so that nothing else comes
//! along (metadata, a second file behind the first). It deliberately keeps nothing and does not know what is on them.

mod ending;

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, codecs::jpeg::JpegEncoder, imageops::FilterType};

use super::media::ContentHash;

/// A camera's picture has a tenth of it.
pub const LARGEST_BYTES: usize = 5 * 1024 * 1024;
/// Four times full HD is half of it.
const MOST_PIXELS: u64 = 16_000_000;
const LONGEST_SIDE_PX: u32 = 8192;
/// What a decoder may take: all pixels with an alpha channel, and what it needs beside them.
const MOST_DECODE_BYTES: u64 = 96 * 1024 * 1024;
/// A row of a list shows 72 by 48, on screens with twice as many pixels.
pub const THUMBNAIL_PX: (u32, u32) = (144, 96);
const QUALITY: u8 = 90;
const THUMBNAIL_QUALITY: u8 = 80;

/// A picture of our own: JPEG without any metadata.
#[derive(Clone)]
pub struct Picture {
    pub jpeg: Vec<u8>,
    pub thumbnail: Vec<u8>,
    pub width_px: u32,
    pub height_px: u32,
    /// Of the bytes as they came.
    pub received: ContentHash,
}

/// Why something is not taken as a picture. Says nothing of what stood in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("it is no JPEG, PNG or WebP picture")]
    Unknown,
    #[error("the picture is damaged or not whole")]
    Damaged,
    #[error("something else follows where the picture ends; send the picture alone")]
    SomethingBehind,
    #[error("it has {bytes} bytes, at most {LARGEST_BYTES} are taken; send it smaller")]
    TooManyBytes { bytes: usize },
    #[error(
        "it would be {width_px} x {height_px} pixels, at most {MOST_PIXELS} in all and {LONGEST_SIDE_PX} a side are taken; send it smaller"
    )]
    TooManyPixels { width_px: u32, height_px: u32 },
}

impl Refusal {
    /// It may be a picture; it is just too much of one.
    pub fn is_too_large(&self) -> bool {
        matches!(self, Refusal::TooManyBytes { .. } | Refusal::TooManyPixels { .. })
    }
}

/// Makes a picture of our own from bytes of anybody's. Takes a core for some ten milliseconds: on a thread that may.
pub fn take_in(bytes: &[u8]) -> Result<Picture, Refusal> {
    if bytes.len() > LARGEST_BYTES {
        return Err(Refusal::TooManyBytes { bytes: bytes.len() });
    }
    let format = match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) => format,
        _ => return Err(Refusal::Unknown),
    };
    let end = ending::end_of(format, bytes).ok_or(Refusal::Damaged)?;
    // Cameras fill up to a round number of bytes.
    if bytes[end..].iter().any(|byte| !matches!(byte, 0x00 | 0xFF)) {
        return Err(Refusal::SomethingBehind);
    }
    let upright = decode(&bytes[..end], format)?;
    let (width_px, height_px) = upright.dimensions();
    let thumbnail = encode(&thumbnail(&upright), THUMBNAIL_QUALITY)?;
    let jpeg = encode(&upright, QUALITY)?;
    Ok(Picture { jpeg, thumbnail, width_px, height_px, received: ContentHash::of(bytes) })
}

/// The pixels, turned as the picture says; refused by what its header claims before anything is unpacked.
fn decode(bytes: &[u8], format: ImageFormat) -> Result<RgbImage, Refusal> {
    // A PNG may have texts before its pixels, packed, which its decoder unpacks on the way.
    if let (ImageFormat::Png, Some((width_px, height_px))) = (format, ending::png_size(bytes)) {
        check_size(width_px, height_px)?;
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_DECODE_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Refusal::Damaged)?;
    let (width_px, height_px) = decoder.dimensions();
    check_size(width_px, height_px)?;
    // Sixteen bits a channel.
    if decoder.total_bytes() > MOST_DECODE_BYTES {
        return Err(Refusal::TooManyPixels { width_px, height_px });
    }
    let orientation = decoder.orientation().map_err(|_| Refusal::Damaged)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| Refusal::Damaged)?;
    image.apply_orientation(orientation);
    Ok(image.into_rgb8())
}

fn check_size(width_px: u32, height_px: u32) -> Result<(), Refusal> {
    let is_too_large = width_px.max(height_px) > LONGEST_SIDE_PX || u64::from(width_px) * u64::from(height_px) > MOST_PIXELS;
    if is_too_large { Err(Refusal::TooManyPixels { width_px, height_px }) } else { Ok(()) }
}

/// The middle of the picture in a row's shape. Cut first: a line of pixels stretched to that height would be huge.
fn thumbnail(image: &RgbImage) -> RgbImage {
    let ((width, height), (wide, high)) = (image.dimensions(), THUMBNAIL_PX);
    let cut_width = (u64::from(height) * u64::from(wide) / u64::from(high)).clamp(1, u64::from(width)) as u32;
    let cut_height = (u64::from(width) * u64::from(high) / u64::from(wide)).clamp(1, u64::from(height)) as u32;
    let middle = image::imageops::crop_imm(image, (width - cut_width) / 2, (height - cut_height) / 2, cut_width, cut_height).to_image();
    image::imageops::resize(&middle, wide, high, FilterType::Triangle)
}

fn encode(image: &RgbImage, quality: u8) -> Result<Vec<u8>, Refusal> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(image).map_err(|_| Refusal::Damaged)?;
    Ok(jpeg)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EICAR: &[u8] = br"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

    /// Red on the left, blue on the right, and a little noise, so that no part of it is empty.
    fn a_scene(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let noise = (x * 31 + y * 17) as u8 % 16;
            if x < width / 2 { image::Rgb([200 + noise, 20, 20]) } else { image::Rgb([20, 20, 200 + noise]) }
        })
    }

    fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A JPEG whose EXIF says orientation 6 (turn right) and a place at 21° north.
    fn with_exif(jpeg: &[u8]) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0".to_vec();
        tiff.extend([2, 0]);
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
        // The GPS block, after this one: 8 + 2 + 24 + 4 bytes in.
        tiff.extend([0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0]);
        tiff.extend([0, 0, 0, 0]);
        tiff.extend([1, 0]);
        tiff.extend([0x01, 0x00, 2, 0, 2, 0, 0, 0, b'N', 0, 0, 0]);
        tiff.extend([0, 0, 0, 0]);
        tiff.extend(b"GPS 21.0285 105.8542");
        let mut app1 = b"Exif\0\0".to_vec();
        app1.extend(tiff);
        let mut bytes = jpeg[..2].to_vec();
        bytes.extend([0xFF, 0xE1]);
        bytes.extend(((app1.len() + 2) as u16).to_be_bytes());
        bytes.extend(app1);
        // A comment, too.
        bytes.extend([0xFF, 0xFE]);
        bytes.extend(((EICAR.len() + 2) as u16).to_be_bytes());
        bytes.extend(EICAR);
        bytes.extend(&jpeg[2..]);
        bytes
    }

    fn contains(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn pictures_of_three_kinds_become_ours_with_a_thumbnail() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let taken = take_in(&encoded(&a_scene(320, 180), format)).unwrap();
            assert_eq!((taken.width_px, taken.height_px), (320, 180), "{format:?}");
            let kept = image::load_from_memory_with_format(&taken.jpeg, ImageFormat::Jpeg).unwrap().into_rgb8();
            let ([red, .., blue], [_, _, right]) = (kept.get_pixel(10, 90).0, kept.get_pixel(310, 90).0);
            assert!(red > 180 && blue < 60 && right > 180, "{format:?}");
            let small = image::load_from_memory_with_format(&taken.thumbnail, ImageFormat::Jpeg).unwrap();
            assert_eq!((small.width(), small.height()), THUMBNAIL_PX, "{format:?}");
        }
    }

    #[test]
    fn exif_place_and_comment_stay_behind_and_the_picture_stands_upright() {
        let sent = with_exif(&encoded(&a_scene(320, 180), ImageFormat::Jpeg));
        assert!(contains(&sent, b"GPS 21.0285") && contains(&sent, b"EICAR"));
        let taken = take_in(&sent).unwrap();
        assert_eq!((taken.width_px, taken.height_px), (180, 320), "turned");
        let kept = image::load_from_memory(&taken.jpeg).unwrap().into_rgb8();
        assert!(kept.get_pixel(90, 10).0[0] > 180 && kept.get_pixel(90, 310).0[2] > 180, "what was left is above");
        for bytes in [&taken.jpeg, &taken.thumbnail] {
            assert!(!contains(bytes, b"Exif") && !contains(bytes, b"GPS") && !contains(bytes, b"EICAR"));
            assert!(!contains(bytes, &[0xFF, 0xE1]) && !contains(bytes, &[0xFF, 0xFE]), "no EXIF and no comment, of whatever content");
        }
    }

    #[test]
    fn the_same_bytes_become_the_same_picture() {
        let sent = encoded(&a_scene(64, 64), ImageFormat::Png);
        let (one, again) = (take_in(&sent).unwrap(), take_in(&sent).unwrap());
        assert_eq!((one.jpeg, one.thumbnail, one.received), (again.jpeg, again.thumbnail, again.received));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let gif = b"GIF89a\x01\0\x01\0\0\0\0;".as_slice();
        for bytes in [b"".as_slice(), EICAR, gif, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"BM", &[0; 100]] {
            assert_eq!(take_in(bytes).err(), Some(Refusal::Unknown));
        }
        assert_eq!(take_in(b"\xFF\xD8\xFF").err(), Some(Refusal::Damaged));
        assert_eq!(take_in(&vec![0xFF; LARGEST_BYTES + 1]).err(), Some(Refusal::TooManyBytes { bytes: LARGEST_BYTES + 1 }));
    }

    #[test]
    fn a_picture_cut_short_is_refused_wherever_it_is_cut() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let whole = encoded(&a_scene(64, 48), format);
            for length in (0..whole.len()).step_by(7) {
                assert!(take_in(&whole[..length]).is_err(), "{format:?} of {length} bytes");
            }
        }
    }

    #[test]
    fn a_file_behind_the_picture_is_refused_and_padding_is_not() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let whole = encoded(&a_scene(64, 48), format);
            for behind in [EICAR, b"PK\x03\x04", b"<script>", b"\0\0\0x"] {
                assert_eq!(take_in(&[whole.as_slice(), behind].concat()).err(), Some(Refusal::SomethingBehind), "{format:?}");
            }
            assert!(take_in(&[whole.as_slice(), &[0; 64]].concat()).is_ok(), "{format:?}");
        }
    }

    /// A PNG that claims a size and holds next to nothing.
    fn a_bomb(width: u32, height: u32) -> Vec<u8> {
        let mut png = encoded(&a_scene(4, 4), ImageFormat::Png);
        png[16..20].copy_from_slice(&width.to_be_bytes());
        png[20..24].copy_from_slice(&height.to_be_bytes());
        let sum = crc(&png[12..29]);
        png[29..33].copy_from_slice(&sum.to_be_bytes());
        png
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 })
        })
    }

    #[test]
    fn a_bomb_is_refused_by_what_its_header_claims() {
        assert_eq!(take_in(&a_bomb(60_000, 60_000)).err(), Some(Refusal::TooManyPixels { width_px: 60_000, height_px: 60_000 }));
        assert_eq!(take_in(&a_bomb(5_000, 5_000)).err(), Some(Refusal::TooManyPixels { width_px: 5_000, height_px: 5_000 }));
        assert_eq!(take_in(&a_bomb(9_000, 1)).err(), Some(Refusal::TooManyPixels { width_px: 9_000, height_px: 1 }));
        assert_eq!(take_in(&a_bomb(64, 64)).err(), Some(Refusal::Damaged), "its pixels are not there");
    }

    #[test]
    fn a_line_of_pixels_has_a_thumbnail_too() {
        for (width, height) in [(8192, 1), (1, 2000), (1, 1), (3, 2)] {
            let taken = take_in(&encoded(&a_scene(width, height), ImageFormat::Png)).unwrap();
            let small = image::load_from_memory(&taken.thumbnail).unwrap();
            assert_eq!((small.width(), small.height()), THUMBNAIL_PX, "{width}x{height}");
        }
    }
}
