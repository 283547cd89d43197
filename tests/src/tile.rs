//! Reads vector tiles (MVT 2.1) back, as text that a snapshot can hold.
//! It deliberately shares no code with the server's writer: the same mistake would have to be made twice.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub struct TileLayer {
    pub name: String,
    pub version: u64,
    pub extent: u64,
    pub features: Vec<TileFeature>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TileFeature {
    pub id: u64,
    /// `point`, `line`, `polygon`.
    pub shape: &'static str,
    /// Every vertex, in tile units.
    pub vertices: Vec<[i64; 2]>,
    pub properties: BTreeMap<String, Value>,
}

impl TileLayer {
    /// The one layer of a tile; none for an empty one.
    pub fn decode(tile: &[u8]) -> Option<Self> {
        let mut layers = fields(tile).filter(|(number, _)| *number == 3);
        let (_, layer) = layers.next()?;
        assert!(layers.next().is_none(), "our tiles hold one layer");
        Some(decode_layer(layer.bytes()))
    }

    pub fn ids(&self) -> Vec<u64> {
        self.features.iter().map(|feature| feature.id).collect()
    }
}

impl fmt::Display for TileLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} v{} extent {}", self.name, self.version, self.extent)?;
        for TileFeature { id, shape, vertices, properties } in &self.features {
            write!(f, "{id} {shape}")?;
            for [x, y] in vertices {
                write!(f, " {x},{y}")?;
            }
            for (key, value) in properties {
                write!(f, " {key}={value}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// The value of a protobuf field.
#[derive(Clone, Copy)]
enum Field<'a> {
    Number(u64),
    Double([u8; 8]),
    Single([u8; 4]),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn bytes(self) -> &'a [u8] {
        let Field::Bytes(bytes) = self else { panic!("expected bytes") };
        bytes
    }

    fn number(self) -> u64 {
        let Field::Number(number) = self else { panic!("expected a number") };
        number
    }

    fn text(self) -> String {
        String::from_utf8(self.bytes().to_vec()).expect("text is UTF-8")
    }
}

fn decode_layer(bytes: &[u8]) -> TileLayer {
    let mut layer = TileLayer { name: String::new(), version: 1, extent: 4096, features: Vec::new() };
    let (mut keys, mut values, mut features) = (Vec::new(), Vec::new(), Vec::new());
    for (number, field) in fields(bytes) {
        match number {
            1 => layer.name = field.text(),
            2 => features.push(field.bytes()),
            3 => keys.push(field.text()),
            4 => values.push(decode_value(field.bytes())),
            5 => layer.extent = field.number(),
            15 => layer.version = field.number(),
            other => panic!("field {other} of a layer"),
        }
    }
    layer.features = features.into_iter().map(|feature| decode_feature(feature, &keys, &values)).collect();
    layer
}

fn decode_feature(bytes: &[u8], keys: &[String], values: &[Value]) -> TileFeature {
    let mut feature = TileFeature { id: 0, shape: "unknown", vertices: Vec::new(), properties: BTreeMap::new() };
    for (number, field) in fields(bytes) {
        match number {
            1 => feature.id = field.number(),
            2 => {
                for pair in packed(field.bytes()).chunks(2) {
                    let [key, value] = pair else { panic!("tags come in pairs") };
                    feature.properties.insert(keys[*key as usize].clone(), values[*value as usize].clone());
                }
            }
            3 => feature.shape = ["unknown", "point", "line", "polygon"][field.number() as usize],
            4 => feature.vertices = decode_geometry(&packed(field.bytes())),
            other => panic!("field {other} of a feature"),
        }
    }
    feature
}

fn decode_value(bytes: &[u8]) -> Value {
    let (number, field) = fields(bytes).next().expect("a value has one field");
    match (number, field) {
        (1, field) => Value::from(field.text()),
        (2, Field::Single(bytes)) => Value::from(f32::from_le_bytes(bytes)),
        (3, Field::Double(bytes)) => Value::from(f64::from_le_bytes(bytes)),
        (4 | 5, field) => Value::from(field.number()),
        (6, field) => Value::from(unzigzag(field.number())),
        (7, field) => Value::from(field.number() == 1),
        (other, _) => panic!("field {other} of a value"),
    }
}

fn decode_geometry(commands: &[u64]) -> Vec<[i64; 2]> {
    let (mut vertices, mut at, mut rest) = (Vec::new(), [0, 0], commands.iter());
    while let Some(command) = rest.next() {
        // 1 moves, 2 draws, 7 closes and has no parameters.
        if command & 7 == 7 {
            continue;
        }
        for _ in 0..command >> 3 {
            for axis in &mut at {
                *axis += unzigzag(*rest.next().expect("a vertex has two numbers"));
            }
            vertices.push(at);
        }
    }
    vertices
}

fn fields(mut bytes: &[u8]) -> impl Iterator<Item = (u64, Field<'_>)> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let tag = varint(&mut bytes);
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => {
                let (fixed, rest) = bytes.split_at(8);
                bytes = rest;
                Field::Double(fixed.try_into().expect("eight bytes"))
            }
            2 => {
                let length = varint(&mut bytes) as usize;
                let (inside, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(inside)
            }
            5 => {
                let (fixed, rest) = bytes.split_at(4);
                bytes = rest;
                Field::Single(fixed.try_into().expect("four bytes"))
            }
            other => panic!("wire type {other}"),
        };
        Some((tag >> 3, field))
    })
}

fn packed(mut bytes: &[u8]) -> Vec<u64> {
    let mut numbers = Vec::new();
    while !bytes.is_empty() {
        numbers.push(varint(&mut bytes));
    }
    numbers
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for (index, byte) in bytes.iter().enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *bytes = &bytes[index + 1..];
            return number;
        }
    }
    panic!("a number without an end")
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tile that another program wrote.
    #[test]
    fn a_tile_of_the_crate_mvt_is_read_back() {
        let mut tile = mvt::Tile::new(4096);
        let line =
            mvt::GeomEncoder::new(mvt::GeomType::Linestring).point(2.0, 2.0).unwrap().point(2.0, 10.0).unwrap().point(10.0, 10.0).unwrap();
        let mut feature = tile.create_layer("road").into_feature(line.encode().unwrap());
        feature.set_id(7);
        feature.add_tag_string("name", "Phố Nhổn");
        feature.add_tag_double("width_m", 7.5);
        feature.add_tag_sint("level", -1);
        tile.add_layer(feature.into_layer()).unwrap();
        let layer = TileLayer::decode(&tile.to_bytes().unwrap()).unwrap();
        assert_eq!(layer.to_string(), "road v2 extent 4096\n7 line 2,2 2,10 10,10 level=-1 name=\"Phố Nhổn\" width_m=7.5\n");
    }
}
