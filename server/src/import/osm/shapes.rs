//! Builds lines and surfaces from a file's nodes, ways and relations, and repairs outlines that are broken.
//! It deliberately reads no tag but a relation's roles: what the shape stands for is not its business.
//!
//! Repairs, in this order: doubled corners are dropped; an open outline is closed when the missing edge is no longer
//! than the longest one drawn (somebody forgot the last click; a longer gap is more than an edge); an outline that
//! crosses itself is rebuilt from its edges by the odd-even rule (geo's `MakeValid`, after Ledoux, Arroyo Ohori and
//! Meijers, 2014). What is still no valid polygon then is refused with its reason.

use std::collections::HashMap;

use geo::{
    Contains, Coord, Distance, Haversine, InteriorPoint, LineString, MakeValid, MultiPolygon, Orient, Point, Polygon, Rect, Validation,
    orient::Direction,
};

use super::data::{ElementId, OsmData, Relation, Way};
use super::problems::Reason;

/// Why there is no shape, or what was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    pub reason: Reason,
    pub detail: String,
}

impl Flaw {
    fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

/// A shape, with what had to be done to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mended<T> {
    pub shape: T,
    pub repairs: Vec<Flaw>,
    /// Parts that could not be built (a missing hole, an incomplete second outline).
    pub without: Vec<Flaw>,
}

/// The lines of a way: one, or several where nodes in between are not in the file.
pub fn lines(data: &OsmData, way: &Way) -> Result<Mended<Vec<LineString<f64>>>, Flaw> {
    let mut lines = Vec::new();
    let mut line: Vec<Coord<f64>> = Vec::new();
    let mut missing = 0;
    for id in &way.nodes {
        match data.positions.get(id) {
            Some(position) => {
                if line.last() != Some(&position.coord()) {
                    line.push(position.coord());
                }
            }
            None => {
                missing += 1;
                lines.push(std::mem::take(&mut line));
            }
        }
    }
    lines.push(line);
    let shape: Vec<_> = lines.into_iter().filter(|line| line.len() > 1).map(LineString).collect();
    let total = way.nodes.len();
    match (shape.is_empty(), missing) {
        (true, 0) => Err(Flaw::new(Reason::TooFewPoints, format!("{total} nodes give no line"))),
        (true, _) => Err(Flaw::new(Reason::NodesNotInFile, format!("{missing} of {total} nodes"))),
        (false, 0) => Ok(Mended { shape, repairs: vec![], without: vec![] }),
        (false, _) => {
            let cut = Flaw::new(Reason::CutOff, format!("{missing} of {total} nodes are not in the file"));
            Ok(Mended { shape, repairs: vec![], without: vec![cut] })
        }
    }
}

/// The surface that an element outlines.
pub fn surface(data: &OsmData, element: ElementId) -> Result<Mended<MultiPolygon<f64>>, Flaw> {
    match element {
        ElementId::Way(id) => match data.ways.get(&id) {
            Some(way) => surface_of_way(data, way),
            None => Err(Flaw::new(Reason::MembersNotInFile, "the way itself")),
        },
        ElementId::Relation(id) => match data.relations.get(&id) {
            Some(relation) => surface_of_relation(data, relation),
            None => Err(Flaw::new(Reason::MembersNotInFile, "the relation itself")),
        },
        ElementId::Node(_) => Err(Flaw::new(Reason::NotAPolygon, "a single point has no outline")),
    }
}

fn surface_of_way(data: &OsmData, way: &Way) -> Result<Mended<MultiPolygon<f64>>, Flaw> {
    let mut repairs = Vec::new();
    let ring = ring(data, &way.nodes, &mut repairs)?;
    let shape = make_valid(MultiPolygon(vec![Polygon::new(ring, vec![])]), &mut repairs)?;
    Ok(Mended { shape, repairs, without: vec![] })
}

fn surface_of_relation(data: &OsmData, relation: &Relation) -> Result<Mended<MultiPolygon<f64>>, Flaw> {
    let (mut repairs, mut without) = (Vec::new(), Vec::new());
    // an empty role is an outline until it turns out to lie in another: the odd-even rule then makes it a hole
    let outer = rings_of(data, relation, &["outer", ""], &mut repairs, &mut without);
    if outer.is_empty() {
        return Err(without.into_iter().next().unwrap_or_else(|| Flaw::new(Reason::MembersOfNoUse, "no member draws an outline")));
    }
    let inner = rings_of(data, relation, &["inner"], &mut repairs, &mut without);
    let mut polygons: Vec<_> = outer.into_iter().map(|ring| Polygon::new(ring, vec![])).collect();
    for hole in inner {
        match polygons.iter_mut().find(|polygon| holds_ring(polygon, &hole)) {
            Some(polygon) => polygon.interiors_push(hole),
            None => without.push(Flaw::new(Reason::MembersOfNoUse, "a hole that lies in no outline")),
        }
    }
    let shape = make_valid(MultiPolygon(polygons), &mut repairs)?;
    Ok(Mended { shape, repairs, without })
}

/// A hole may touch its outline, so its corners alone do not tell: a point inside of it does.
fn holds_ring(polygon: &Polygon<f64>, ring: &LineString<f64>) -> bool {
    let inside = Polygon::new(ring.clone(), vec![]).interior_point();
    inside.is_some_and(|point| Polygon::new(polygon.exterior().clone(), vec![]).contains(&point))
}

/// The closed rings that a relation's members of some roles make together.
fn rings_of(data: &OsmData, relation: &Relation, roles: &[&str], repairs: &mut Vec<Flaw>, without: &mut Vec<Flaw>) -> Vec<LineString<f64>> {
    let members = relation.members.iter().filter(|member| roles.contains(&member.role.as_str()));
    let (mut pieces, mut absent, mut total) = (Vec::new(), 0, 0);
    for member in members {
        total += 1;
        match member.element {
            ElementId::Way(id) => match data.ways.get(&id) {
                Some(way) => pieces.push(way.nodes.clone()),
                None => absent += 1,
            },
            other => without.push(Flaw::new(Reason::MembersOfNoUse, format!("member {other} draws no outline"))),
        }
    }
    if absent > 0 {
        let detail = format!("{absent} of {total} ways with role \"{}\"", roles[0]);
        without.push(Flaw::new(Reason::MembersNotInFile, detail));
    }
    let mut rings = Vec::new();
    for nodes in join(pieces) {
        // a chain that would go on outside the file must not be closed by a straight line across the ward
        if absent > 0 && nodes.first() != nodes.last() {
            continue;
        }
        match ring(data, &nodes, repairs) {
            Ok(ring) => rings.push(ring),
            Err(flaw) => without.push(flaw),
        }
    }
    rings
}

/// Joins pieces that share an end into chains as long as possible; a chain whose ends meet is left alone.
fn join(pieces: Vec<Vec<i64>>) -> Vec<Vec<i64>> {
    let mut chains = Vec::new();
    let mut open: Vec<Option<Vec<i64>>> = pieces.into_iter().filter(|piece| !piece.is_empty()).map(Some).collect();
    let mut at_end: HashMap<i64, Vec<usize>> = HashMap::new();
    for (index, piece) in open.iter().enumerate() {
        let piece = piece.as_deref().unwrap_or_default();
        for end in [piece.first(), piece.last()].into_iter().flatten() {
            at_end.entry(*end).or_default().push(index);
        }
    }
    for index in 0..open.len() {
        let Some(mut chain) = open[index].take() else { continue };
        while chain.first() != chain.last() {
            if !extend(&mut chain, &mut open, &at_end) {
                chain.reverse();
                if !extend(&mut chain, &mut open, &at_end) {
                    break;
                }
            }
        }
        chains.push(chain);
    }
    chains
}

/// Adds to the chain's end a piece that is still free and begins or ends there.
fn extend(chain: &mut Vec<i64>, open: &mut [Option<Vec<i64>>], at_end: &HashMap<i64, Vec<usize>>) -> bool {
    let Some(&end) = chain.last() else { return false };
    let free = at_end.get(&end).into_iter().flatten().find(|&&index| open[index].is_some());
    let Some(mut piece) = free.and_then(|&index| open[index].take()) else { return false };
    if piece.first() != Some(&end) {
        piece.reverse();
    }
    chain.extend_from_slice(&piece[1..]);
    true
}

/// A closed ring of at least three corners.
fn ring(data: &OsmData, nodes: &[i64], repairs: &mut Vec<Flaw>) -> Result<LineString<f64>, Flaw> {
    let mut corners: Vec<Coord<f64>> = nodes.iter().filter_map(|id| data.positions.get(id)).map(|p| p.coord()).collect();
    let missing = nodes.len() - corners.len();
    if missing > 0 {
        return Err(Flaw::new(Reason::NodesNotInFile, format!("{missing} of {} nodes", nodes.len())));
    }
    corners.dedup();
    let is_closed = corners.len() > 1 && corners.first() == corners.last();
    if corners.len() < if is_closed { 4 } else { 3 } {
        return Err(Flaw::new(Reason::TooFewPoints, format!("{} nodes give no outline", nodes.len())));
    }
    if !is_closed {
        let gap_m = metres(corners[corners.len() - 1], corners[0]);
        let longest_m = corners.windows(2).map(|edge| metres(edge[0], edge[1])).fold(0.0, f64::max);
        if gap_m > longest_m * 1.05 {
            let detail = format!("a gap of {gap_m:.1} m, while the longest edge is {longest_m:.1} m");
            return Err(Flaw::new(Reason::RingNotClosed, detail));
        }
        repairs.push(Flaw::new(Reason::RingClosed, format!("over a gap of {gap_m:.1} m")));
        corners.push(corners[0]);
    }
    Ok(LineString(corners))
}

fn make_valid(shape: MultiPolygon<f64>, repairs: &mut Vec<Flaw>) -> Result<MultiPolygon<f64>, Flaw> {
    // geo's check lets a triangle pass whose corners stand in a line
    if shape.is_valid() && !shape.iter().any(is_sliver) {
        return Ok(shape);
    }
    let refused = |why: &str| Flaw::new(Reason::NotAPolygon, format!("its outline {why}"));
    let rebuilt = shape.make_valid().map_err(|cause| refused(&format!("crosses itself: {cause}")))?;
    let mut polygons: Vec<_> = rebuilt.0.into_iter().filter(|part| !is_sliver(part)).map(in_one_order).collect();
    polygons.sort_by(|a, b| compare(&a.exterior().0[0], &b.exterior().0[0]));
    let rebuilt = MultiPolygon(polygons);
    if rebuilt.0.is_empty() {
        return Err(refused("encloses nothing"));
    }
    if !rebuilt.is_valid() {
        return Err(refused("crosses itself and could not be rebuilt"));
    }
    repairs.push(Flaw::new(Reason::CrossesItself, format!("rebuilt as {} part(s)", rebuilt.0.len())));
    Ok(rebuilt)
}

/// The rebuilding begins each ring anywhere; an import of the same file must give the same row again.
fn in_one_order(polygon: Polygon<f64>) -> Polygon<f64> {
    let (exterior, interiors) = polygon.orient(Direction::Default).into_inner();
    let mut interiors: Vec<_> = interiors.into_iter().map(from_its_lowest_corner).collect();
    interiors.sort_by(|a, b| compare(&a.0[0], &b.0[0]));
    Polygon::new(from_its_lowest_corner(exterior), interiors)
}

fn from_its_lowest_corner(mut ring: LineString<f64>) -> LineString<f64> {
    ring.0.pop();
    let lowest = (0..ring.0.len()).min_by(|&a, &b| compare(&ring.0[a], &ring.0[b])).unwrap_or(0);
    ring.0.rotate_left(lowest);
    ring.close();
    ring
}

fn compare(a: &Coord<f64>, b: &Coord<f64>) -> std::cmp::Ordering {
    a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))
}

/// Below a hundredth of a square metre: what rounding leaves at a crossing.
fn is_sliver(polygon: &Polygon<f64>) -> bool {
    square_metres(&MultiPolygon(vec![polygon.clone()])) < 0.01
}

pub fn metres(a: Coord<f64>, b: Coord<f64>) -> f64 {
    Haversine.distance(Point(a), Point(b))
}

/// Area on the ground, good to a per mille at the size of a ward.
pub fn square_metres(shape: &MultiPolygon<f64>) -> f64 {
    use geo::ChamberlainDuquetteArea;
    shape.chamberlain_duquette_unsigned_area()
}

/// Whether a box reaches beyond another.
pub fn reaches_beyond(shape: &Rect<f64>, edge: &Rect<f64>) -> bool {
    shape.min().x < edge.min().x || shape.min().y < edge.min().y || shape.max().x > edge.max().x || shape.max().y > edge.max().y
}
