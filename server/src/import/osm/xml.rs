//! Reads OpenStreetMap XML (.osm) as a stream of events, and says line and byte when a file is malformed.
//! It deliberately accepts every element of a well-formed file; what an element is good for is decided later.

use std::io::{self, BufRead, Read};

use geo_types::{Coord, Rect};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::data::{ElementId, Member, OsmData, Position, Relation, Tags, Way};
use super::problems::{Layer, Problem, Reason};
use super::read::ReadError;

/// Counts lines as they go by, so that an error can name its line without keeping the file.
struct CountingLines<R> {
    inner: R,
    lines: u64,
}

impl<R: BufRead> Read for CountingLines<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.lines += newlines(&out[..count]);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for CountingLines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // what `fill_buf` gave is still there until it is consumed, so this reads no further
        if let Ok(buffer) = self.inner.fill_buf() {
            self.lines += newlines(&buffer[..amount.min(buffer.len())]);
        }
        self.inner.consume(amount);
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&b| b == b'\n').count() as u64
}

/// Where the piece of markup that is being read begins.
#[derive(Clone, Copy)]
struct Place {
    line: u64,
    byte: u64,
}

impl Place {
    fn error(self, what: impl Into<String>) -> ReadError {
        ReadError::Malformed { line: self.line, byte: self.byte, what: what.into() }
    }
}

/// Reads a whole .osm file.
pub fn read_xml(input: impl BufRead) -> Result<OsmData, ReadError> {
    let mut reader = quick_xml::Reader::from_reader(CountingLines { inner: input, lines: 0 });
    let mut state = State::default();
    let mut buffer = Vec::new();
    loop {
        let place = Place { line: reader.get_ref().lines + 1, byte: reader.buffer_position() };
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Err(quick_xml::Error::Io(cause)) => return Err(ReadError::Io(io::Error::new(cause.kind(), cause.to_string()))),
            Err(cause) => return Err(place.error(cause.to_string())),
            Ok(Event::Start(tag)) => state.open(&tag, false, place)?,
            Ok(Event::Empty(tag)) => state.open(&tag, true, place)?,
            Ok(Event::End(_)) => state.close(place)?,
            Ok(Event::Text(text)) if state.in_remark => state.remark.push_str(&text),
            Ok(Event::Eof) => return state.finish(place),
            Ok(_) => {}
        }
    }
}

/// The node, way or relation whose children are being read.
struct Open {
    element: ElementId,
    position: Option<Position>,
    deleted: bool,
    tags: Tags,
    nodes: Vec<i64>,
    members: Vec<Member>,
}

#[derive(Default)]
struct State {
    data: OsmData,
    depth: usize,
    rooted: bool,
    open: Option<Open>,
    /// Overpass writes a server's failure into `<remark>` of an otherwise fine file.
    in_remark: bool,
    remark: String,
}

impl State {
    fn open(&mut self, tag: &BytesStart<'_>, empty: bool, place: Place) -> Result<(), ReadError> {
        let name = tag.name();
        if self.depth == 0 {
            self.check_root(name.into_inner(), place)?;
        }
        match name.into_inner() {
            "bounds" => self.data.bounds = Some(bounds(tag, place)?),
            "node" | "way" | "relation" => self.begin(tag, place)?,
            "tag" => self.tag(tag, place)?,
            "nd" => self.corner(tag, place)?,
            "member" => self.member(tag, place)?,
            "remark" => self.in_remark = !empty,
            _ => {}
        }
        if empty {
            if matches!(name.into_inner(), "node" | "way" | "relation") {
                self.keep();
            }
        } else {
            self.depth += 1;
        }
        Ok(())
    }

    fn check_root(&mut self, name: &str, place: Place) -> Result<(), ReadError> {
        if self.rooted {
            return Err(place.error(format!("<{name}> follows the end of <osm>")));
        }
        self.rooted = true;
        match name {
            "osm" => Ok(()),
            "osmChange" => Err(place.error("this is a file of changes (.osc), not a map: export the map itself")),
            other => Err(place.error(format!("the file begins with <{other}>, an OpenStreetMap file with <osm>"))),
        }
    }

    fn begin(&mut self, tag: &BytesStart<'_>, place: Place) -> Result<(), ReadError> {
        if self.open.is_some() {
            return Err(place.error(format!("<{}> inside another element", tag.name().into_inner())));
        }
        let id: i64 = required(tag, "id", place)?;
        let element = match tag.name().into_inner() {
            "node" => ElementId::Node(id),
            "way" => ElementId::Way(id),
            _ => ElementId::Relation(id),
        };
        // `visible` is the server's word for deleted, `action` the editor JOSM's
        let deleted =
            attribute(tag, "visible", place)?.as_deref() == Some("false") || attribute(tag, "action", place)?.as_deref() == Some("delete");
        let position = match (element, deleted) {
            (ElementId::Node(_), false) => position(tag, place)?,
            _ => None,
        };
        self.open = Some(Open { element, position, deleted, tags: Tags::default(), nodes: Vec::new(), members: Vec::new() });
        Ok(())
    }

    fn tag(&mut self, tag: &BytesStart<'_>, place: Place) -> Result<(), ReadError> {
        // a changeset's or note's tags are none of ours
        if let Some(open) = &mut self.open {
            let key: String = required(tag, "k", place)?;
            let value: String = required(tag, "v", place)?;
            open.tags.push(&key, &value);
        }
        Ok(())
    }

    fn corner(&mut self, tag: &BytesStart<'_>, place: Place) -> Result<(), ReadError> {
        if let Some(open) = &mut self.open {
            open.nodes.push(required(tag, "ref", place)?);
        }
        Ok(())
    }

    fn member(&mut self, tag: &BytesStart<'_>, place: Place) -> Result<(), ReadError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let id = required(tag, "ref", place)?;
        let kind: String = required(tag, "type", place)?;
        let element = match kind.as_str() {
            "node" => ElementId::Node(id),
            "way" => ElementId::Way(id),
            "relation" => ElementId::Relation(id),
            other => return Err(place.error(format!("a member of type \"{other}\"; known are node, way, relation"))),
        };
        let role = attribute(tag, "role", place)?.unwrap_or_default();
        open.members.push(Member { element, role });
        Ok(())
    }

    fn close(&mut self, place: Place) -> Result<(), ReadError> {
        // the reader itself refuses an end without its beginning
        self.depth = self.depth.checked_sub(1).ok_or_else(|| place.error("an end tag too many"))?;
        self.in_remark = false;
        if self.depth == 1 {
            self.keep();
        }
        Ok(())
    }

    /// Puts the element just read among the data.
    fn keep(&mut self) {
        let Some(open) = self.open.take() else { return };
        if open.deleted {
            let detail = "marked as deleted in the file";
            self.data.problems.push(Problem::left_out(open.element, Layer::Other, Reason::DeletedElement, detail));
            return;
        }
        match (open.element, open.position) {
            (ElementId::Node(id), Some(position)) => self.data.add_node(id, position, open.tags),
            (ElementId::Node(_), None) => {
                let detail = "its coordinates are missing or not on Earth";
                self.data.problems.push(Problem::left_out(open.element, Layer::Other, Reason::BadPosition, detail));
            }
            (ElementId::Way(id), _) => self.data.add_way(id, Way { nodes: open.nodes, tags: open.tags }),
            (ElementId::Relation(id), _) => {
                self.data.add_relation(id, Relation { members: open.members, tags: open.tags });
            }
        }
    }

    fn finish(self, place: Place) -> Result<OsmData, ReadError> {
        if !self.rooted {
            return Err(place.error("the file holds no <osm>"));
        }
        if self.depth > 0 {
            return Err(place.error("the file ends before </osm>: it was cut off; fetch it again"));
        }
        if !self.remark.trim().is_empty() {
            return Err(ReadError::Incomplete { remark: self.remark.trim().to_owned() });
        }
        Ok(self.data)
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str, place: Place) -> Result<Option<String>, ReadError> {
    match tag.try_get_attribute(name) {
        Ok(None) => Ok(None),
        Ok(Some(found)) => match found.normalized_value(XmlVersion::Implicit1_0) {
            Ok(value) => Ok(Some(value.into_owned())),
            Err(cause) => Err(place.error(format!("attribute {name}: {cause}"))),
        },
        Err(cause) => Err(place.error(cause.to_string())),
    }
}

fn required<T: std::str::FromStr>(tag: &BytesStart<'_>, name: &str, place: Place) -> Result<T, ReadError> {
    let element = tag.name();
    let text = attribute(tag, name, place)?.ok_or_else(|| place.error(format!("<{}> without {name}=\"...\"", element.into_inner())))?;
    text.parse().map_err(|_| place.error(format!("<{}> with {name}=\"{text}\"", element.into_inner())))
}

/// `None` when lat and lon are missing or not on Earth; an error when they are no numbers.
fn position(tag: &BytesStart<'_>, place: Place) -> Result<Option<Position>, ReadError> {
    if attribute(tag, "lat", place)?.is_none() || attribute(tag, "lon", place)?.is_none() {
        return Ok(None);
    }
    Ok(Position::from_degrees(required(tag, "lon", place)?, required(tag, "lat", place)?))
}

fn bounds(tag: &BytesStart<'_>, place: Place) -> Result<Rect<f64>, ReadError> {
    let west = required(tag, "minlon", place)?;
    let south = required(tag, "minlat", place)?;
    let east = required(tag, "maxlon", place)?;
    let north = required(tag, "maxlat", place)?;
    let inside = [west, east].iter().all(|lon: &f64| lon.abs() <= 180.0) && [south, north].iter().all(|lat: &f64| lat.abs() <= 90.0);
    if !inside || west >= east || south >= north {
        return Err(place.error("<bounds> does not describe a box on Earth"));
    }
    Ok(Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north }))
}
