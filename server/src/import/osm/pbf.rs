//! Reads OpenStreetMap's binary form (.osm.pbf) into the same data as the XML form.
//! It deliberately skips what the ward never uses: authors, versions, changesets, history.

use std::io::{self, BufRead, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use geo_types::{Coord, Rect};
use osmpbf::{BlobDecode, BlobReader, Element, HeaderBlock, PrimitiveBlock, RelMemberType};

use super::data::{ElementId, Member, OsmData, Position, Relation, Tags, Way};
use super::problems::{Layer, Problem, Reason};
use super::read::ReadError;

/// Counts bytes as they go by: `BlobReader` keeps its reader to itself.
struct CountingBytes<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for CountingBytes<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Reads a whole .osm.pbf file.
pub fn read_pbf(input: impl BufRead + Send) -> Result<OsmData, ReadError> {
    let bytes = Arc::new(AtomicU64::new(0));
    let mut blobs = BlobReader::new(CountingBytes { inner: input, count: bytes.clone() });
    let mut data = OsmData::default();
    for number in 1.. {
        let begins = bytes.load(Ordering::Relaxed);
        let error = |what: String| ReadError::MalformedPbf { blob: number, byte: begins, what };
        // the crate adds up a corrupt file's deltas unchecked, and may panic: to us that is a malformed file as well
        let read = catch_unwind(AssertUnwindSafe(|| read_blob(blobs.next(), &mut data)));
        match read {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) if number == 1 => return Err(ReadError::NotOsm("the file is empty")),
            Ok(Ok(false)) => break,
            Ok(Err(what)) => return Err(error(what)),
            Err(_) => return Err(error("its numbers make no sense; fetch the file again".to_owned())),
        }
    }
    Ok(data)
}

/// Takes one blob in; `false` at the end of the file.
fn read_blob(blob: Option<osmpbf::Result<osmpbf::Blob>>, data: &mut OsmData) -> Result<bool, String> {
    let Some(blob) = blob else { return Ok(false) };
    match blob.map_err(explain)?.decode().map_err(explain)? {
        BlobDecode::OsmHeader(header) => read_header(&header, data)?,
        BlobDecode::OsmData(block) => read_block(&block, data)?,
        BlobDecode::Unknown(_) => {}
    }
    Ok(true)
}

fn explain(error: osmpbf::Error) -> String {
    match error.kind() {
        osmpbf::ErrorKind::Blob(osmpbf::BlobError::Empty) => {
            "compressed in a way this program does not read: convert it with `osmium cat -o new.osm.pbf`".to_owned()
        }
        _ => format!("{error}; if the file was cut off, fetch it again"),
    }
}

fn read_header(header: &HeaderBlock, data: &mut OsmData) -> Result<(), String> {
    for feature in header.required_features() {
        if !matches!(feature.as_str(), "OsmSchema-V0.6" | "DenseNodes") {
            return Err(format!("the file asks for \"{feature}\", which this program does not read: export the map without it"));
        }
    }
    if let Some(bbox) = header.bbox() {
        // nanodegrees come as whole numbers; rounding makes them the same doubles as the XML form's decimals
        let corner = |lon, lat| Position::from_degrees(lon, lat).ok_or("the header's box is not on Earth");
        let (low, high): (Coord, Coord) = (corner(bbox.left, bbox.bottom)?.coord(), corner(bbox.right, bbox.top)?.coord());
        if low.x >= high.x || low.y >= high.y {
            return Err("the header's box is empty".to_owned());
        }
        data.bounds = Some(Rect::new(low, high));
    }
    Ok(())
}

fn read_block(block: &PrimitiveBlock, data: &mut OsmData) -> Result<(), String> {
    for element in block.elements() {
        match element {
            Element::Node(node) => {
                let tags = tags(node.tags(), node.raw_tags().count())?;
                add_node(data, node.id(), (node.nano_lon(), node.nano_lat()), tags, node.info().deleted());
            }
            Element::DenseNode(node) => {
                let tags = tags(node.tags(), node.raw_tags().count())?;
                let deleted = node.info().is_some_and(|info| info.deleted());
                add_node(data, node.id(), (node.nano_lon(), node.nano_lat()), tags, deleted);
            }
            Element::Way(way) => {
                let tags = tags(way.tags(), way.raw_tags().count())?;
                if way.info().deleted() {
                    deleted(data, ElementId::Way(way.id()));
                } else {
                    data.add_way(way.id(), Way { nodes: way.refs().collect(), tags });
                }
            }
            Element::Relation(relation) => {
                let tags = tags(relation.tags(), relation.raw_tags().count())?;
                let members = relation.members().map(member).collect::<Result<_, _>>()?;
                if relation.info().deleted() {
                    deleted(data, ElementId::Relation(relation.id()));
                } else {
                    data.add_relation(relation.id(), Relation { members, tags });
                }
            }
        }
    }
    Ok(())
}

/// The crate's iterator ends early at a string it cannot find or read; that must not pass for fewer tags.
fn tags<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, expected: usize) -> Result<Tags, String> {
    let tags: Tags = pairs.collect();
    if tags.iter().count() == expected { Ok(tags) } else { Err("a tag points at a text that is not there, or not UTF-8".to_owned()) }
}

fn add_node(data: &mut OsmData, id: i64, (nano_lon, nano_lat): (i64, i64), tags: Tags, is_deleted: bool) {
    let element = ElementId::Node(id);
    if is_deleted {
        return deleted(data, element);
    }
    match Position::from_degrees(nano_lon as f64 / 1e9, nano_lat as f64 / 1e9) {
        Some(position) => data.add_node(id, position, tags),
        None => {
            let detail = "its coordinates are missing or not on Earth";
            data.problems.push(Problem::left_out(element, Layer::Other, Reason::BadPosition, detail));
        }
    }
}

fn deleted(data: &mut OsmData, element: ElementId) {
    let detail = "marked as deleted in the file";
    data.problems.push(Problem::left_out(element, Layer::Other, Reason::DeletedElement, detail));
}

fn member(member: osmpbf::RelMember<'_>) -> Result<Member, String> {
    let element = match member.member_type {
        RelMemberType::Node => ElementId::Node(member.member_id),
        RelMemberType::Way => ElementId::Way(member.member_id),
        RelMemberType::Relation => ElementId::Relation(member.member_id),
    };
    let role = member.role().map_err(|_| "a member's role is not in the file's table of texts")?;
    Ok(Member { element, role: role.to_owned() })
}
