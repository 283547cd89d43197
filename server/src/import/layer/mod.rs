//! Imports the lists and layers that wards have (households, businesses, cameras, boarding houses, places, roads) by code.
//! It deliberately loses no row in silence: what cannot be taken stands in the report with line, column and reason.

mod columns;
mod command;
mod coordinates;
mod load;
mod rows;
mod scope;
mod summary;
mod trades;
mod values;

pub use command::{ImportLayer, run, within};
pub use summary::Summary;

/// The layers that files can fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Layer {
    Household,
    Business,
    Camera,
    BoardingHouse,
    Place,
    Road,
}

impl Layer {
    pub const ALL: [Self; 6] = [Self::Household, Self::Business, Self::Camera, Self::BoardingHouse, Self::Place, Self::Road];

    /// The layer's name, which is the table's.
    pub fn word(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::Business => "business",
            Self::Camera => "camera",
            Self::BoardingHouse => "boarding_house",
            Self::Place => "place",
            Self::Road => "road",
        }
    }

    /// What its rows cannot be without, beside the code.
    fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Household => &["address"],
            Self::Business | Self::Camera => &["name"],
            Self::BoardingHouse => &["address", "landlord_name"],
            Self::Place => &["name", "kind"],
            Self::Road => &["class"],
        }
    }
}

/// Why a row, or a part of it, is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// A stable word, by which the summary counts and people filter.
    pub kind: &'static str,
    pub field: &'static str,
    /// What the file says there.
    pub value: String,
    pub detail: String,
}

impl Trouble {
    fn new(kind: &'static str, field: &'static str, value: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, field, value: value.into(), detail: detail.into() }
    }

    fn bad_value(field: &'static str, cell: &crate::import::source::Cell, why: String) -> Self {
        Self::new("bad_value", field, values::shown(cell), why)
    }

    fn missing(field: &'static str) -> Self {
        Self::new("missing", field, "", "is empty")
    }
}
