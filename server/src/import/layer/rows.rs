//! Makes of a file's row what its domain takes: every value read, or the row refused with the column and the reason.
//! It deliberately asks no database: where a row lies and whether its code is known comes later.

use geo_types::{Geometry, LineString};
use shared::business::BusinessKind;
use shared::household::{Relation, ResidenceKind};

use super::columns::Columns;
use super::{Layer, Trouble, coordinates, trades, values};
use crate::boarding::list::ListedBoardingHouse;
use crate::businesses::list::ListedBusiness;
use crate::cameras::list::ListedCamera;
use crate::geography::list::ListedPlace;
use crate::geography::placing::Reference;
use crate::import::osm::roads;
use crate::import::source::{Cell, Row};
use crate::residents::list::ListedHousehold;
use crate::residents::load::NewResident;

/// A row that was understood.
pub struct Candidate {
    pub line: u64,
    pub code: String,
    /// In the file's own reference system.
    pub shape: Option<Geometry<f64>>,
    pub address: Option<String>,
    /// As the file names them.
    pub tdp: Option<String>,
    pub ward: Option<String>,
    pub body: Body,
    /// What of the row is not taken, or was changed.
    pub notes: Vec<Trouble>,
}

/// What the domains take; where it lies is filled in later.
pub enum Body {
    Household(ListedHousehold, Option<NewResident>),
    Business(ListedBusiness),
    Camera(ListedCamera),
    BoardingHouse(ListedBoardingHouse),
    Place(ListedPlace),
    Road(RoadFacts),
}

pub struct RoadFacts {
    pub class: &'static str,
    pub name: Option<String>,
    pub number: Option<String>,
    pub width_m: f32,
}

/// Reads the values of one row.
struct Reader<'a> {
    columns: &'a Columns,
    row: &'a Row,
    notes: Vec<Trouble>,
}

impl Reader<'_> {
    fn get<T>(&self, field: &'static str, read: impl FnOnce(&Cell) -> Result<Option<T>, String>) -> Result<Option<T>, Trouble> {
        let cell = self.columns.cell(self.row, field);
        read(&cell).map_err(|why| Trouble::bad_value(field, &cell, why))
    }

    fn need<T>(&self, field: &'static str, read: impl FnOnce(&Cell) -> Result<Option<T>, String>) -> Result<T, Trouble> {
        self.get(field, read)?.ok_or_else(|| Trouble::missing(field))
    }

    /// A value without which the row is still worth having: a bad one is left out and noted.
    fn wish<T>(&mut self, field: &'static str, read: impl FnOnce(&Cell) -> Result<Option<T>, String>) -> Option<T> {
        match self.get(field, read) {
            Ok(value) => value,
            Err(trouble) => {
                self.notes.push(trouble);
                None
            }
        }
    }

    /// The address in one column, or number and street in two.
    fn address(&mut self) -> Option<String> {
        if let Some(address) = self.wish("address", values::written) {
            return Some(address);
        }
        let street = self.wish("street", values::written)?;
        match self.wish("house_number", values::written) {
            Some(number) if number.starts_with(|letter: char| letter.is_ascii_digit()) => Some(format!("Số {number} {street}")),
            Some(number) => Some(format!("{number} {street}")),
            None => Some(street),
        }
    }
}

/// The candidates of a row: one, or of a road in several parts one for each.
pub fn candidates(layer: Layer, columns: &Columns, row: &Row, reference: &Reference) -> Result<Vec<Candidate>, (String, Trouble)> {
    let mut reader = Reader { columns, row, notes: Vec::new() };
    let code = reader.need("code", values::written).map_err(|trouble| (String::new(), trouble))?;
    let failed = |trouble| (code.clone(), trouble);
    if let Some(flaw) = &row.flaw {
        return Err(failed(Trouble::new("unreadable", "geometry", "", flaw.clone())));
    }
    let parts = if layer == Layer::Road { parts(row) } else { Vec::new() };
    let spot = match parts.len() {
        0 | 1 => coordinates::of_row(columns, row, reference).map_err(failed)?,
        _ => coordinates::Spot { shape: None, note: None },
    };
    reader.notes.extend(spot.note);
    let address = if layer == Layer::Road { None } else { reader.address() };
    let body = body(layer, &mut reader, &code, address.as_deref()).map_err(failed)?;
    let (tdp, ward) = (reader.wish("tdp", values::text), reader.wish("ward", values::text));
    let candidate = |code, shape, body, notes| Candidate {
        line: row.line,
        code,
        shape,
        address: address.clone(),
        tdp: tdp.clone(),
        ward: ward.clone(),
        body,
        notes,
    };
    if parts.len() < 2 {
        let notes = std::mem::take(&mut reader.notes);
        return Ok(vec![candidate(code.clone(), spot.shape, body, notes)]);
    }
    let Body::Road(facts) = body else { unreachable!("only roads have parts") };
    let numbered = (1..).zip(parts).map(|(number, part)| {
        let facts = RoadFacts { name: facts.name.clone(), number: facts.number.clone(), ..facts };
        let code = if number == 1 { code.clone() } else { format!("{code}.{number}") };
        candidate(code, Some(part.into()), Body::Road(facts), Vec::new())
    });
    Ok(numbered.collect())
}

/// The lines of a road that is drawn in several.
fn parts(row: &Row) -> Vec<LineString<f64>> {
    match &row.shape {
        Some(Geometry::MultiLineString(lines)) => lines.0.iter().filter(|line| line.0.len() > 1).cloned().collect(),
        _ => Vec::new(),
    }
}

fn body(layer: Layer, reader: &mut Reader<'_>, code: &str, address: Option<&str>) -> Result<Body, Trouble> {
    let code = code.to_owned();
    let needed_address = || address.map(str::to_owned).ok_or_else(|| Trouble::missing("address"));
    Ok(match layer {
        Layer::Household => {
            let household = ListedHousehold { code, unit: reader.wish("unit", values::written), address: needed_address()?, spot: None };
            Body::Household(household, resident(reader))
        }
        Layer::Camera => Body::Camera(ListedCamera {
            code,
            name: reader.need("name", values::text)?,
            heading_deg: reader.wish("heading_deg", values::heading).map(|degrees| degrees as f32),
            field_of_view_deg: reader.wish("field_of_view_deg", within(0.0, 360.0)),
            range_m: reader.wish("range_m", within(0.0, 4_999.0)),
            status: reader.wish("status", values::camera_status),
            stream: reader.wish("stream", values::text),
            spot: None,
        }),
        Layer::Business => business(reader, code, address)?,
        Layer::BoardingHouse => {
            let address = needed_address()?;
            Body::BoardingHouse(ListedBoardingHouse {
                code,
                name: reader.wish("name", values::text).unwrap_or_else(|| format!("Nhà trọ {address}")),
                address,
                landlord_name: reader.need("landlord_name", values::text)?,
                landlord_phone: reader.wish("landlord_phone", values::phone),
                spot: None,
            })
        }
        Layer::Place => Body::Place(ListedPlace {
            code,
            kind: reader.need("kind", values::place_kind)?,
            name: reader.need("name", values::text)?,
            address: address.map(str::to_owned),
            spot: None,
        }),
        Layer::Road => {
            let name = reader.wish("name", values::text);
            let class = reader.need("class", |cell| Ok(values::text(cell)?.map(|text| roads::class_of(&text, name.as_deref()))))?;
            let class =
                class.map_err(|why| Trouble::new("bad_value", "class", values::shown(&reader.columns.cell(reader.row, "class")), why))?;
            let number = reader.wish("number", values::written).or_else(|| name.as_deref().and_then(roads::alley_number));
            let width_m = reader.wish("width_m", within(0.5, 199.0)).unwrap_or_else(|| class.usual_width_m());
            Body::Road(RoadFacts { class: class.word(), name, number, width_m })
        }
    })
}

fn within(low: f64, high: f64) -> impl FnOnce(&Cell) -> Result<Option<f32>, String> {
    move |cell| match values::number(cell)? {
        Some(number) if number > low && number <= high => Ok(Some(number as f32)),
        Some(_) => Err(format!("is not between {low} and {high}")),
        None => Ok(None),
    }
}

fn business(reader: &mut Reader<'_>, code: String, address: Option<&str>) -> Result<Body, Trouble> {
    let name = reader.need("name", values::text)?;
    let said = reader.columns.cell(reader.row, "sector");
    // a column of trades may hold codes
    let vsic = reader.wish("vsic", vsic).or_else(|| self::vsic(&said).ok().flatten());
    let section = vsic.as_deref().and_then(trades::section_of);
    let sector = match section {
        Some(section) => section,
        None => {
            let by_words = |text: &str| trades::section_by_words(text);
            let found = values::text(&said).ok().flatten().and_then(|text| by_words(&text)).or_else(|| by_words(&name));
            let detail =
                "is a trade that is not known; give a VSIC code (mã ngành) or the section's letter, or --set sector=G for all of them";
            found.ok_or_else(|| Trouble::new("unknown_trade", "sector", values::shown(&said), detail))?
        }
    };
    // the same column may stand for code and tax code; only a real one is kept as such
    let tax_code = reader.get("tax_code", values::tax_code).ok().flatten();
    let folded = crate::import::header::normalise(&name);
    let kind = reader.wish("kind", values::business_kind).unwrap_or(if folded.contains("cong ty") || folded.contains("ngan hang") {
        BusinessKind::Company
    } else {
        BusinessKind::HouseholdBusiness
    });
    Ok(Body::Business(ListedBusiness {
        code,
        name,
        tax_code,
        vsic,
        sector,
        kind,
        status: reader.wish("status", values::business_status),
        address: address.map(str::to_owned),
        opened_on: reader.wish("opened_on", values::date),
        spot: None,
    }))
}

/// A class of four digits; number cells have lost the zero of the first divisions.
fn vsic(cell: &Cell) -> Result<Option<String>, String> {
    let Some(text) = values::text(cell)? else { return Ok(None) };
    let digits: String = text.chars().filter(|letter| !matches!(letter, '.' | ' ')).collect();
    let digits = if matches!(cell, Cell::Number(_)) { format!("{digits:0>4}") } else { digits };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || trades::section_of(&digits).is_none() {
        return Err("is no VSIC code: at least two digits of the classification".to_owned());
    }
    Ok(Some(digits.chars().take(4).collect()))
}

/// The person a row names: taken when name, birth date and sex are there, as the register wants them.
fn resident(reader: &mut Reader<'_>) -> Option<NewResident> {
    let name = reader.wish("head", values::text)?;
    let birth_date = reader.get("birth_date", values::date);
    let sex = reader.get("sex", values::sex);
    let lacking = |field, outcome: Result<(), Trouble>| {
        let why = outcome.err().map_or_else(|| "is empty".to_owned(), |trouble| trouble.detail);
        Trouble::new("person_left_out", field, "", format!("{why}: the household is taken, the person is not"))
    };
    let (birth_date, sex) = match (birth_date, sex) {
        (Ok(Some(birth_date)), Ok(Some(sex))) => (birth_date, sex),
        (Ok(Some(_)), sex) => {
            reader.notes.push(lacking("sex", sex.map(drop)));
            return None;
        }
        (birth_date, _) => {
            reader.notes.push(lacking("birth_date", birth_date.map(drop)));
            return None;
        }
    };
    Some(NewResident {
        name,
        birth_date,
        sex,
        relation: reader.wish("relation", values::relation).unwrap_or(Relation::Head),
        education: reader.wish("education", values::education),
        occupation: reader.wish("occupation", values::text),
        residence_kind: reader.wish("residence_kind", values::residence_kind).unwrap_or(ResidenceKind::Permanent),
        national_id: reader.wish("national_id", values::national_id),
        phone: reader.wish("phone", values::phone),
    })
}
