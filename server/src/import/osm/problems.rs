//! The report of an import: what was repaired and what was left out, row by row, with the reason and the remedy.
//! It deliberately decides nothing; whoever meets a problem names it here.

use std::collections::BTreeMap;
use std::io::Write;

use super::data::ElementId;

/// What became of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is in the database, changed as the reason says.
    Repaired,
    /// It is in the database, without the part the reason names.
    ImportedWithout,
    /// It is not in the database.
    LeftOut,
}

impl Fate {
    pub fn word(self) -> &'static str {
        match self {
            Fate::Repaired => "repaired",
            Fate::ImportedWithout => "imported_without",
            Fate::LeftOut => "left_out",
        }
    }
}

/// Why. The words are stable: people filter the report by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    DuplicateElement,
    DeletedElement,
    BadPosition,
    TooFewPoints,
    NodesNotInFile,
    MembersNotInFile,
    MembersOfNoUse,
    StandsInRelation,
    RingNotClosed,
    RingClosed,
    CrossesItself,
    NotAPolygon,
    StoreysNotUnderstood,
    HouseNumberWithoutBuilding,
    SecondHouseNumber,
    NotBuiltYet,
    AreaNotALine,
    OfNoLayer,
    OutsideArea,
    CutOff,
}

impl Reason {
    pub fn word(self) -> &'static str {
        match self {
            Reason::DuplicateElement => "duplicate_element",
            Reason::DeletedElement => "deleted_element",
            Reason::BadPosition => "bad_position",
            Reason::TooFewPoints => "too_few_points",
            Reason::NodesNotInFile => "nodes_not_in_file",
            Reason::MembersNotInFile => "members_not_in_file",
            Reason::MembersOfNoUse => "members_of_no_use",
            Reason::StandsInRelation => "stands_in_relation",
            Reason::RingNotClosed => "ring_not_closed",
            Reason::RingClosed => "ring_closed",
            Reason::CrossesItself => "crosses_itself",
            Reason::NotAPolygon => "not_a_polygon",
            Reason::StoreysNotUnderstood => "storeys_not_understood",
            Reason::HouseNumberWithoutBuilding => "house_number_without_building",
            Reason::SecondHouseNumber => "second_house_number",
            Reason::NotBuiltYet => "not_built_yet",
            Reason::AreaNotALine => "area_not_a_line",
            Reason::OfNoLayer => "of_no_layer",
            Reason::OutsideArea => "outside_area",
            Reason::CutOff => "cut_off",
        }
    }

    /// What the person who reads the report can do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Reason::DuplicateElement => "the later one counts; export the file again from one source",
            Reason::DeletedElement => "nothing, if it was deleted on purpose",
            Reason::BadPosition => "correct its coordinates in the source and import again",
            Reason::TooFewPoints => "draw it completely in the source and import again",
            Reason::NodesNotInFile => "extract the file with complete ways (osmium extract --strategy complete_ways)",
            Reason::MembersNotInFile => "extract the file with complete relations (osmium extract --strategy smart) if this one matters",
            Reason::MembersOfNoUse => "check the member's type and role in the source",
            Reason::StandsInRelation => "nothing; take the tag off the outline in the source",
            Reason::RingNotClosed => "close the outline in the source and import again",
            Reason::RingClosed => "check the closing edge on the map",
            Reason::CrossesItself => "check the repaired outline on the map",
            Reason::NotAPolygon => "draw its outline in the source and import again",
            Reason::StoreysNotUnderstood => "write building:levels as one whole number",
            Reason::HouseNumberWithoutBuilding => "draw the building around the number in the source and import again",
            Reason::SecondHouseNumber => "split the building in the source if these are separate houses",
            Reason::NotBuiltYet => "import again when it is open",
            Reason::AreaNotALine => "nothing; it stands in land use",
            Reason::OfNoLayer => "nothing; no layer of the map shows these",
            Reason::OutsideArea => "import it with the --area it lies in",
            Reason::CutOff => "nothing; what lies beyond the file's edge is not known",
        }
    }
}

/// The layer a row would stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    Road,
    Building,
    Water,
    LandUse,
    Place,
    Business,
    HouseNumber,
    Other,
}

impl Layer {
    pub const OF_THE_MAP: [Layer; 6] = [Layer::Road, Layer::Building, Layer::Water, Layer::LandUse, Layer::Place, Layer::Business];

    pub fn word(self) -> &'static str {
        match self {
            Layer::Road => "road",
            Layer::Building => "building",
            Layer::Water => "water",
            Layer::LandUse => "land_use",
            Layer::Place => "place",
            Layer::Business => "business",
            Layer::HouseNumber => "house_number",
            Layer::Other => "other",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub element: ElementId,
    pub layer: Layer,
    pub fate: Fate,
    pub reason: Reason,
    /// The particulars: how many nodes, how wide a gap, which value.
    pub detail: String,
}

impl Problem {
    pub fn new(element: ElementId, layer: Layer, fate: Fate, reason: Reason, detail: impl Into<String>) -> Self {
        Self { element, layer, fate, reason, detail: detail.into() }
    }

    pub fn left_out(element: ElementId, layer: Layer, reason: Reason, detail: impl Into<String>) -> Self {
        Self::new(element, layer, Fate::LeftOut, reason, detail)
    }

    pub fn duplicate(element: ElementId) -> Self {
        Self::left_out(element, Layer::Other, Reason::DuplicateElement, "stands in the file more than once")
    }
}

/// Writes the report as CSV (UTF-8, RFC 4180), which every spreadsheet opens. `of_no_layer` adds one line per
/// tag that no layer shows, with its number of elements, so that those are counted too.
pub fn write_report(out: &mut impl Write, problems: &[Problem], of_no_layer: &BTreeMap<String, usize>) -> std::io::Result<()> {
    writeln!(out, "element,layer,fate,reason,detail,what_to_do")?;
    for p in problems {
        let (reason, remedy) = (p.reason.word(), p.reason.remedy());
        write_line(out, [&p.element.to_string(), p.layer.word(), p.fate.word(), reason, &p.detail, remedy])?;
    }
    for (tag, count) in of_no_layer {
        let reason = Reason::OfNoLayer;
        let detail = format!("{count} elements with {tag}");
        write_line(out, ["*", Layer::Other.word(), Fate::LeftOut.word(), reason.word(), &detail, reason.remedy()])?;
    }
    Ok(())
}

fn write_line(out: &mut impl Write, cells: [&str; 6]) -> std::io::Result<()> {
    let line = cells.map(csv_cell).join(",");
    writeln!(out, "{line}")
}

/// Quotes where RFC 4180 asks for it. A leading `=`, `+`, `-` or `@` gets an apostrophe: names come from
/// strangers, and a spreadsheet would run them as a formula.
fn csv_cell(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains([',', '"', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_quotes_what_csv_and_spreadsheets_would_misread() {
        let nasty = Problem::left_out(ElementId::Way(7), Layer::Building, Reason::OfNoLayer, "=1+1, \"x\"");
        let mut out = Vec::new();
        write_report(&mut out, &[nasty], &BTreeMap::from([("natural=tree".to_owned(), 76)])).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[1].starts_with("w7,building,left_out,of_no_layer,\"'=1+1, \"\"x\"\"\","), "{}", lines[1]);
        assert!(lines[2].starts_with("*,other,left_out,of_no_layer,76 elements with natural=tree,"));
    }
}
