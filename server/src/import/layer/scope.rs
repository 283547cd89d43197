//! Which ward and area a row belongs to: by its point, by the address of a building, or by what the row names.
//! It deliberately moves nothing over a boundary: a row of another ward is refused, not bent to fit.

use std::collections::{HashMap, hash_map::Entry};

use anyhow::bail;
use sqlx::PgConnection;

use super::Trouble;
use super::rows::Candidate;
use crate::geography::addresses::{AddressIndex, Match};
use crate::geography::placing::{self, NamedArea, Spot, Whereabouts};
use crate::import::header::normalise;

/// How far beyond a boundary a row may lie, where no other ward claims it: what rounding does. A road has to touch it.
const EDGE_M: f64 = 1.0;
/// Wards whose addresses are held at once; lists are sorted by ward more often than not.
const WARDS_IN_MEMORY: usize = 8;

pub struct Scope {
    /// Wards that may be filled, by id.
    wards: HashMap<i32, NamedArea>,
    /// The one ward, when there is one.
    only: Option<NamedArea>,
    addresses: HashMap<i32, AddressIndex>,
    tdps: HashMap<i32, Vec<NamedArea>>,
}

/// How a row found its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    ByCoordinates,
    ByAddress,
    Unplaced,
}

impl Scope {
    /// The ward or province `code`; without a code the only ward there is, or all of them.
    pub async fn of(db: &mut PgConnection, code: Option<&str>) -> anyhow::Result<Self> {
        let wards = match code {
            None => placing::wards(db).await?,
            Some(code) => match placing::wards_of(db, code).await? {
                Some(wards) => wards,
                None => {
                    bail!("there is no ward or province with the code {code}; import its boundary first: ioc import areas FILE --kind ward")
                }
            },
        };
        if let Some(bare) = wards.iter().find(|ward| wards.len() == 1 && !ward.has_boundary) {
            bail!(
                "ward {} ({}) has no boundary, so no row can be placed in it; import it: ioc import areas FILE --kind ward",
                bare.code,
                bare.name
            );
        }
        let only = match wards.as_slice() {
            [] => bail!("there is no ward to import into; import its boundary first: ioc import areas FILE --kind ward"),
            [one] => Some(one.clone()),
            _ => None,
        };
        Ok(Self { wards: wards.into_iter().map(|ward| (ward.id, ward)).collect(), only, addresses: HashMap::new(), tdps: HashMap::new() })
    }

    pub fn only_ward(&self) -> Option<&NamedArea> {
        self.only.as_ref()
    }

    pub fn described(&self) -> String {
        match &self.only {
            Some(ward) => format!("ward {} ({})", ward.code, ward.name),
            None => format!("{} wards", self.wards.len()),
        }
    }

    /// Where a row with a shape goes.
    pub fn settle(&self, here: &Whereabouts) -> Result<Spot, Trouble> {
        let spot = |area_id, ward_id| Spot { area_id, ward_id, building_id: here.building_id, point: Some(here.point), is_surveyed: true };
        let shown = format!("{:.6} {:.6}", here.point.0, here.point.1);
        match here.area {
            Some((area, ward)) if self.wards.contains_key(&ward) => Ok(spot(area, ward)),
            Some(_) if !here.is_between_wards => {
                let detail = format!("lies in {}, not in {}", here.area_name.clone().unwrap_or_default(), self.described());
                Err(Trouble::new("in_another_ward", "geometry", shown, detail))
            }
            _ => match (&self.only, here.off_m) {
                (Some(ward), Some(off_m)) if off_m <= EDGE_M => Ok(spot(ward.id, ward.id)),
                (Some(_), Some(off_m)) => {
                    Err(Trouble::new("far_away", "geometry", shown, format!("lies {} from {}", distance(off_m), self.described())))
                }
                _ => Err(Trouble::new("far_away", "geometry", shown, "lies in no ward")),
            },
        }
    }

    /// Where a row without a shape goes: to the building of its address, else to its ward, unplaced.
    pub async fn settle_by_words(
        &mut self,
        db: &mut PgConnection,
        candidate: &mut Candidate,
    ) -> sqlx::Result<Result<(Spot, Found), Trouble>> {
        let Some(ward) = self.named_ward(candidate) else {
            let detail = match &candidate.ward {
                Some(_) => "is none of the wards there are",
                None => "is not said: the row has neither coordinates nor a ward; import with --area CODE",
            };
            return Ok(Err(Trouble::new("no_ward", "ward", candidate.ward.clone().unwrap_or_default(), detail)));
        };
        if let Some(address) = &candidate.address {
            match self.addresses_of(db, ward).await?.find(address) {
                Match::One(building) => {
                    let point = Some((building.lon, building.lat));
                    let spot = Spot { area_id: building.area_id, ward_id: ward, building_id: Some(building.id), point, is_surveyed: false };
                    return Ok(Ok((spot, Found::ByAddress)));
                }
                Match::Several(count) => {
                    let detail = format!("is the address of {count} buildings: the row waits to be placed on the map");
                    candidate.notes.push(Trouble::new("address_of_several", "address", address.clone(), detail));
                }
                Match::None => {}
            }
        }
        let area_id = self.named_tdp(db, ward, candidate).await?.unwrap_or(ward);
        Ok(Ok((Spot { area_id, ward_id: ward, building_id: None, point: None, is_surveyed: false }, Found::Unplaced)))
    }

    fn named_ward(&self, candidate: &Candidate) -> Option<i32> {
        if let Some(ward) = &self.only {
            return Some(ward.id);
        }
        let said = candidate.ward.as_deref()?;
        let folded = normalise(said);
        let is_it = |ward: &&NamedArea| ward.code == said || normalise(&ward.name) == folded || bare_name(&ward.name) == folded;
        let mut found = self.wards.values().filter(is_it);
        // two wards of one name: then only the code tells them apart
        found.next().filter(|_| found.next().is_none()).map(|ward| ward.id)
    }

    async fn addresses_of(&mut self, db: &mut PgConnection, ward: i32) -> sqlx::Result<&AddressIndex> {
        if !self.addresses.contains_key(&ward) {
            if self.addresses.len() >= WARDS_IN_MEMORY {
                self.addresses.clear();
            }
            self.addresses.insert(ward, AddressIndex::of_ward(db, ward).await?);
        }
        Ok(&self.addresses[&ward])
    }

    /// The TDP that a row names by code, number or name; one that is not there is noted.
    async fn named_tdp(&mut self, db: &mut PgConnection, ward: i32, candidate: &mut Candidate) -> sqlx::Result<Option<i32>> {
        let Some(said) = candidate.tdp.clone() else { return Ok(None) };
        if let Entry::Vacant(unknown) = self.tdps.entry(ward) {
            unknown.insert(placing::tdps_of(db, ward).await?);
        }
        let (folded, number) = (normalise(&said), number_in(&said));
        let is_it =
            |tdp: &&NamedArea| tdp.code == said || normalise(&tdp.name) == folded || (number.is_some() && number_in(&tdp.name) == number);
        let found = self.tdps[&ward].iter().find(is_it).map(|tdp| tdp.id);
        if found.is_none() {
            candidate.notes.push(Trouble::new("unknown_tdp", "tdp", said, "is no TDP of the ward: the row belongs to the ward as a whole"));
        }
        Ok(found)
    }
}

/// "Phường Xuân Phương" is "xuan phuong" in many lists.
fn bare_name(name: &str) -> String {
    let folded = normalise(name);
    ["phuong ", "xa ", "thi tran "].iter().find_map(|kind| folded.strip_prefix(kind)).unwrap_or(&folded).to_owned()
}

/// The 7 of "Tổ dân phố số 7".
fn number_in(text: &str) -> Option<u32> {
    let digits: String = text.chars().skip_while(|letter| !letter.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn distance(metres: f64) -> String {
    if metres < 1_000.0 { format!("{metres:.0} m") } else { format!("{:.1} km", metres / 1_000.0) }
}
