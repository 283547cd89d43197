//! Searching by half-remembered words: what is asked and what is found.
//! How words are matched is the server's business; the words themselves may be personal and never travel in addresses.

use serde::{Deserialize, Serialize};

/// The body of `POST /api/search`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchRequest {
    /// At least two letters or digits; at most 200 characters.
    pub q: String,
    /// How many results at most: 1 to 50, default 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u8>,
    /// `[lon, lat]`: of equally good results, nearer ones come first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<[f64; 2]>,
}

/// What a search answers, best first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchResults {
    pub results: Vec<SearchResult>,
    /// The caller may search households by name once a reason is given (`Access-Reason`); this search had none, so it
    /// looked at addresses only.
    #[serde(default)]
    pub reason_needed: bool,
    /// After a start the server reads everything anew: so many per cent are there, and more would be found later. Absent
    /// when all is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indexing: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchResult {
    pub kind: SearchKind,
    pub id: i64,
    /// What it is called; with `named_after`, the person's name.
    pub title: String,
    /// A household goes by its head for those who may read names, else by its address. Absent: `title` names no person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_after: Option<NamedAfter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Degrees; null for a row that has no place yet.
    pub lon: Option<f64>,
    pub lat: Option<f64>,
}

/// Whose name a household goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NamedAfter {
    /// Its head, a woman.
    WomanAtHead,
    /// Its head, a man.
    ManAtHead,
    /// A member: it has no head.
    Member,
}

/// What a result is. The names are those of the layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SearchKind {
    Area,
    Road,
    Place,
    Business,
    /// Found by its address.
    Building,
    Household,
    BoardingHouse,
    Camera,
}

impl SearchKind {
    pub const ALL: [SearchKind; 8] = [
        SearchKind::Area,
        SearchKind::Road,
        SearchKind::Place,
        SearchKind::Business,
        SearchKind::Building,
        SearchKind::Household,
        SearchKind::BoardingHouse,
        SearchKind::Camera,
    ];

    /// The layer it is drawn in.
    pub fn name(self) -> &'static str {
        match self {
            SearchKind::Area => "area",
            SearchKind::Road => "road",
            SearchKind::Place => "place",
            SearchKind::Business => "business",
            SearchKind::Building => "building",
            SearchKind::Household => "household",
            SearchKind::BoardingHouse => "boarding_house",
            SearchKind::Camera => "camera",
        }
    }
}
