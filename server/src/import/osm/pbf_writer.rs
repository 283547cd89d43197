//! Writes .osm.pbf files for the tests: the crate that reads them cannot, and a real one would be a blob in the repository.
//! It deliberately writes only what the reader is tried on: uncompressed blobs, no authors, no versions.
//!
//! The format is https://wiki.openstreetmap.org/wiki/PBF_Format: big-endian length, BlobHeader, Blob; messages are
//! Protocol Buffers, written here by field number.

use std::collections::HashMap;

use super::data::{ElementId, OsmData, Tags};

/// A message under construction.
#[derive(Default)]
struct Message(Vec<u8>);

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

impl Message {
    fn number(&mut self, field: u32, value: u64) {
        varint(u64::from(field) << 3, &mut self.0);
        varint(value, &mut self.0);
    }

    fn bytes(&mut self, field: u32, value: &[u8]) {
        varint(u64::from(field) << 3 | 2, &mut self.0);
        varint(value.len() as u64, &mut self.0);
        self.0.extend_from_slice(value);
    }

    fn packed(&mut self, field: u32, values: impl IntoIterator<Item = u64>) {
        let mut inner = Vec::new();
        values.into_iter().for_each(|value| varint(value, &mut inner));
        self.bytes(field, &inner);
    }
}

fn deltas(values: impl IntoIterator<Item = i64>) -> Vec<u64> {
    let mut last = 0;
    let step = |value: i64| {
        let delta = value - last;
        last = value;
        zigzag(delta)
    };
    values.into_iter().map(step).collect()
}

/// The block's table of texts; index 0 is reserved.
struct Texts {
    known: HashMap<String, u64>,
    list: Vec<String>,
}

impl Texts {
    fn index(&mut self, text: &str) -> u64 {
        if let Some(&index) = self.known.get(text) {
            return index;
        }
        self.list.push(text.to_owned());
        let index = self.list.len() as u64 - 1;
        self.known.insert(text.to_owned(), index);
        index
    }

    fn tags(&mut self, tags: &Tags, message: &mut Message) {
        let (keys, values): (Vec<_>, Vec<_>) = tags.iter().map(|(k, v)| (self.index(k), self.index(v))).unzip();
        message.packed(2, keys);
        message.packed(3, values);
    }
}

/// The file's bytes, with nodes in the dense form or one by one.
pub fn to_pbf(data: &OsmData, dense: bool) -> Vec<u8> {
    let mut texts = Texts { known: HashMap::new(), list: vec![String::new()] };
    let mut groups = vec![if dense { dense_nodes(data, &mut texts) } else { single_nodes(data, &mut texts) }];
    groups.push(ways(data, &mut texts));
    groups.push(relations(data, &mut texts));
    let mut table = Message::default();
    texts.list.iter().for_each(|text| table.bytes(1, text.as_bytes()));
    let mut block = Message::default();
    block.bytes(1, &table.0);
    groups.iter().for_each(|group| block.bytes(2, &group.0));
    let mut out = blob("OSMHeader", &header(data).0);
    out.extend(blob("OSMData", &block.0));
    out
}

fn blob(kind: &str, content: &[u8]) -> Vec<u8> {
    let mut blob = Message::default();
    blob.bytes(1, content);
    let mut header = Message::default();
    header.bytes(1, kind.as_bytes());
    header.number(3, blob.0.len() as u64);
    let mut out = (header.0.len() as u32).to_be_bytes().to_vec();
    out.extend(header.0);
    out.extend(blob.0);
    out
}

fn header(data: &OsmData) -> Message {
    let mut header = Message::default();
    if let Some(bounds) = data.bounds {
        let mut bbox = Message::default();
        for (field, degrees) in [(1, bounds.min().x), (2, bounds.max().x), (3, bounds.max().y), (4, bounds.min().y)] {
            bbox.number(field, zigzag((degrees * 1e9).round() as i64));
        }
        header.bytes(1, &bbox.0);
    }
    header.bytes(4, b"OsmSchema-V0.6");
    header.bytes(4, b"DenseNodes");
    header
}

fn sorted_nodes(data: &OsmData) -> Vec<(i64, super::data::Position)> {
    let mut nodes: Vec<_> = data.positions.iter().map(|(&id, &position)| (id, position)).collect();
    nodes.sort_by_key(|(id, _)| *id);
    nodes
}

fn dense_nodes(data: &OsmData, texts: &mut Texts) -> Message {
    let nodes = sorted_nodes(data);
    let mut dense = Message::default();
    dense.packed(1, deltas(nodes.iter().map(|(id, _)| *id)));
    dense.packed(8, deltas(nodes.iter().map(|(_, position)| i64::from(position.lat_e7))));
    dense.packed(9, deltas(nodes.iter().map(|(_, position)| i64::from(position.lon_e7))));
    let mut pairs = Vec::new();
    for (id, _) in &nodes {
        for (key, value) in data.tagged_nodes.get(id).iter().flat_map(|tags| tags.iter()) {
            pairs.extend([texts.index(key), texts.index(value)]);
        }
        pairs.push(0);
    }
    dense.packed(10, pairs);
    let mut group = Message::default();
    group.bytes(2, &dense.0);
    group
}

fn single_nodes(data: &OsmData, texts: &mut Texts) -> Message {
    let mut group = Message::default();
    for (id, position) in sorted_nodes(data) {
        let mut node = Message::default();
        node.number(1, zigzag(id));
        if let Some(tags) = data.tagged_nodes.get(&id) {
            texts.tags(tags, &mut node);
        }
        node.number(8, zigzag(i64::from(position.lat_e7)));
        node.number(9, zigzag(i64::from(position.lon_e7)));
        group.bytes(1, &node.0);
    }
    group
}

fn ways(data: &OsmData, texts: &mut Texts) -> Message {
    let mut group = Message::default();
    for (&id, way) in &data.ways {
        let mut message = Message::default();
        message.number(1, id as u64);
        texts.tags(&way.tags, &mut message);
        message.packed(8, deltas(way.nodes.iter().copied()));
        group.bytes(3, &message.0);
    }
    group
}

fn relations(data: &OsmData, texts: &mut Texts) -> Message {
    let mut group = Message::default();
    for (&id, relation) in &data.relations {
        let mut message = Message::default();
        message.number(1, id as u64);
        texts.tags(&relation.tags, &mut message);
        message.packed(8, relation.members.iter().map(|member| texts.index(&member.role)).collect::<Vec<_>>());
        let (ids, kinds): (Vec<_>, Vec<_>) = relation.members.iter().map(|member| number_and_kind(member.element)).unzip();
        message.packed(9, deltas(ids));
        message.packed(10, kinds);
        group.bytes(4, &message.0);
    }
    group
}

fn number_and_kind(element: ElementId) -> (i64, u64) {
    match element {
        ElementId::Node(id) => (id, 0),
        ElementId::Way(id) => (id, 1),
        ElementId::Relation(id) => (id, 2),
    }
}
