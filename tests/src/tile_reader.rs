//! Reads the points of a vector tile back (MVT 2.1), so that a test can hold them against the rows they were made from.
//! It deliberately reads points only, and shares no code with the encoder that it judges.

use std::f64::consts::PI;

use serde_json::{Map, Value};

/// A point feature, back in degrees.
#[derive(Debug, Clone, PartialEq)]
pub struct TilePoint {
    pub id: i64,
    pub lon: f64,
    pub lat: f64,
    pub properties: Map<String, Value>,
}

/// The points of the one layer of a tile that lie in the tile itself, not in its margin.
pub fn points(tile: &[u8], zoom: u8, x: u32, y: u32) -> Vec<TilePoint> {
    let layers: Vec<&[u8]> = fields(tile).filter(|(number, _)| *number == 3).map(|(_, field)| field.bytes()).collect();
    assert!(layers.len() <= 1, "one layer per tile");
    layers.into_iter().flat_map(|layer| layer_points(layer, zoom, x, y)).collect()
}

fn layer_points(layer: &[u8], zoom: u8, x: u32, y: u32) -> Vec<TilePoint> {
    let (mut features, mut keys, mut values, mut extent) = (Vec::new(), Vec::new(), Vec::new(), 4096.0);
    for (number, field) in fields(layer) {
        match number {
            2 => features.push(field.bytes()),
            3 => keys.push(String::from_utf8(field.bytes().to_vec()).expect("keys are text")),
            4 => values.push(value(field.bytes())),
            5 => extent = field.number() as f64,
            _ => {}
        }
    }
    let tiles = f64::from(1u32 << zoom);
    let read = features.into_iter().filter_map(|feature| {
        let (mut id, mut tags, mut place) = (0, Vec::new(), Vec::new());
        for (number, field) in fields(feature) {
            match number {
                1 => id = field.number() as i64,
                2 => tags = packed(field.bytes()),
                3 => assert_eq!(field.number(), 1, "a point layer holds points"),
                4 => place = packed(field.bytes()),
                _ => {}
            }
        }
        let [9, dx, dy] = place[..] else { panic!("one MoveTo per point, not {place:?}") };
        let (column, row) = (zigzag(dx) as f64, zigzag(dy) as f64);
        let is_inside = (0.0..extent).contains(&column) && (0.0..extent).contains(&row);
        let east = (f64::from(x) + column / extent) / tiles;
        let south = (f64::from(y) + row / extent) / tiles;
        let properties = tags.chunks(2).map(|tag| (keys[tag[0] as usize].clone(), values[tag[1] as usize].clone())).collect();
        let point = TilePoint { id, lon: east * 360.0 - 180.0, lat: (PI * (1.0 - 2.0 * south)).sinh().atan().to_degrees(), properties };
        is_inside.then_some(point)
    });
    read.collect()
}

/// Column and row of the tile that holds a place.
pub fn tile_of(zoom: u8, lon: f64, lat: f64) -> (u32, u32) {
    let tiles = f64::from(1u32 << zoom);
    let x = (lon + 180.0) / 360.0 * tiles;
    let y = (1.0 - lat.to_radians().tan().asinh() / PI) / 2.0 * tiles;
    (x as u32, y as u32)
}

enum Field<'a> {
    Number(u64),
    Fixed(&'a [u8]),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn number(&self) -> u64 {
        let Field::Number(number) = self else { panic!("a number was expected") };
        *number
    }

    fn bytes(&self) -> &'a [u8] {
        let Field::Bytes(bytes) = self else { panic!("bytes were expected") };
        bytes
    }

    fn fixed(&self) -> &'a [u8] {
        let Field::Fixed(bytes) = self else { panic!("a fixed number was expected") };
        bytes
    }
}

fn fields(mut message: &[u8]) -> impl Iterator<Item = (u64, Field<'_>)> {
    std::iter::from_fn(move || {
        if message.is_empty() {
            return None;
        }
        let tag = varint(&mut message);
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut message)),
            1 => Field::Fixed(take(&mut message, 8)),
            2 => {
                let length = varint(&mut message) as usize;
                Field::Bytes(take(&mut message, length))
            }
            5 => Field::Fixed(take(&mut message, 4)),
            other => panic!("wire type {other} is no part of MVT"),
        };
        Some((tag >> 3, field))
    })
}

fn value(message: &[u8]) -> Value {
    let (number, field) = fields(message).next().expect("a value says something");
    match number {
        1 => Value::from(String::from_utf8(field.bytes().to_vec()).expect("text")),
        2 => Value::from(f32::from_le_bytes(field.fixed().try_into().expect("four bytes"))),
        3 => Value::from(f64::from_le_bytes(field.fixed().try_into().expect("eight bytes"))),
        4 => Value::from(field.number() as i64),
        5 => Value::from(field.number()),
        6 => Value::from(zigzag(field.number())),
        7 => Value::from(field.number() != 0),
        other => panic!("{other} is no kind of value"),
    }
}

fn packed(mut bytes: &[u8]) -> Vec<u64> {
    std::iter::from_fn(|| (!bytes.is_empty()).then(|| varint(&mut bytes))).collect()
}

fn zigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = take(bytes, 1)[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    taken
}
