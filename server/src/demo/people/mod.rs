//! Puts people into a ward: households, boarding houses, businesses and cameras on whatever buildings and roads it has.
//! It deliberately draws no building and no road: a generated ward and a real quarter are peopled alike.

mod cameras;
mod db;
pub(super) mod dice;
mod family;
pub(super) mod figures;
mod homes;
mod households;
pub(super) mod identity;
mod junctions;
mod lodging;
mod names;
mod schooling;
pub(super) mod site;
mod tenants;
mod trade;
mod unplaced;

use std::fmt;

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::boarding::load::{NewBoardingHouse, insert_boarding_houses};
use crate::businesses::load::{NewBusiness, insert_businesses};
use crate::cameras::load::{NewCamera, insert_cameras};
use crate::geography::load::begin_bulk;
use crate::geography::wards::Ward;
use crate::platform::secrets::Secrets;
use crate::residents::load::{NewHousehold, insert_households};
use dice::Dice;
use figures::Figures;
use identity::Registry;
use site::{Building, Site};

pub use db::holds_people;

/// How many rows went where, for the command's closing line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    pub households: usize,
    pub residents: usize,
    pub boarding_houses: usize,
    pub rooms: usize,
    pub tenants: usize,
    pub businesses: usize,
    pub cameras: usize,
}

impl std::ops::AddAssign for Settled {
    fn add_assign(&mut self, more: Self) {
        self.households += more.households;
        self.residents += more.residents;
        self.boarding_houses += more.boarding_houses;
        self.rooms += more.rooms;
        self.tenants += more.tenants;
        self.businesses += more.businesses;
        self.cameras += more.cameras;
    }
}

impl fmt::Display for Settled {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(
            out,
            "{} households with {} residents, {} boarding houses with {} rooms and {} tenants, {} businesses, {} cameras",
            self.households, self.residents, self.boarding_houses, self.rooms, self.tenants, self.businesses, self.cameras
        )
    }
}

/// Peoples `ward` within the caller's transaction, as owner. `tell` hears what is going on.
///
/// The ward must hold nobody yet ([`holds_people`]): the caller decides what to say of one that does.
pub async fn settle(
    db: &mut PgConnection,
    secrets: &Secrets,
    ward: &Ward,
    seed: u64,
    now: DateTime<Utc>,
    tell: impl Fn(&str),
) -> anyhow::Result<Settled> {
    begin_bulk(db).await?;
    tell("reading buildings and roads");
    let site = db::read_site(db, ward).await.context("the ward's buildings and roads cannot be read")?;
    tell("inventing people");
    let population = tokio::task::spawn_blocking(move || {
        let ordinary = site.buildings.iter().map(homes::ordinary_homes).sum();
        let figures = Figures::of_ward(&site.ward.code, ordinary);
        invent(seed, &Lists::load()?, &mut Registry::default(), &site, &figures, now)
    })
    .await??;
    tell("writing households");
    insert_households(db, secrets, &population.households).await?;
    tell("writing boarding houses");
    insert_boarding_houses(db, secrets, &population.boarding_houses).await?;
    tell("writing businesses and cameras");
    insert_businesses(db, &population.businesses).await?;
    insert_cameras(db, &population.cameras).await?;
    Ok(population.counts())
}

/// Everybody and everything that the generation puts into a ward, not yet in the database.
pub(super) struct Population {
    pub households: Vec<NewHousehold>,
    pub boarding_houses: Vec<NewBoardingHouse>,
    pub businesses: Vec<NewBusiness>,
    pub cameras: Vec<NewCamera>,
}

/// The word lists that people and their trades are made from.
pub(super) struct Lists {
    words: names::Words,
    trades: trade::Trades,
}

impl Lists {
    /// Reads the lists that are compiled in.
    pub fn load() -> anyhow::Result<Self> {
        Ok(Self { words: names::Words::load()?, trades: trade::Trades::load()? })
    }
}

impl Population {
    pub fn counts(&self) -> Settled {
        let rooms = || self.boarding_houses.iter().flat_map(|house| &house.rooms);
        Settled {
            households: self.households.len(),
            residents: self.households.iter().map(|household| household.members.len()).sum(),
            boarding_houses: self.boarding_houses.len(),
            rooms: rooms().count(),
            tenants: rooms().map(|room| room.tenants.len()).sum(),
            businesses: self.businesses.len(),
            cameras: self.cameras.len(),
        }
    }
}

/// Invents the people of `site`; the same seed, site and figures give the same people. `now`: since when cameras answer is told from it.
pub(super) fn invent(
    seed: u64,
    lists: &Lists,
    registry: &mut Registry,
    site: &Site,
    figures: &Figures,
    now: DateTime<Utc>,
) -> anyhow::Result<Population> {
    let Lists { words, trades } = lists;
    let lodgings = lodging::choose(&mut Dice::new(seed, "lodging"), site, figures.rooms);
    let let_out: Vec<i64> = lodgings.iter().map(|lodging| lodging.building.id).collect();
    let dwellings: Vec<&Building> =
        site.buildings.iter().filter(|building| homes::ordinary_homes(building) > 0.0 && !let_out.contains(&building.id)).collect();
    anyhow::ensure!(!dwellings.is_empty(), "{} has no building that people could live in; load its buildings first", site.ward.name);
    let homes = homes::share_homes(&mut Dice::new(seed, "homes"), &dwellings, figures.households);

    let mut population = Population {
        households: households::settle(seed, words, registry, &site.ward, &dwellings, &homes, figures.residents),
        boarding_houses: lodging::furnish(seed, words, registry, site, &lodgings, figures),
        businesses: trade::open_shops(seed, words, trades, registry, site, &let_out, figures.businesses),
        cameras: cameras::mount(seed, site, figures.cameras, figures.cameras_offline, now),
    };
    unplaced::take_off(&mut population.households, &mut population.boarding_houses, &mut population.businesses);
    Ok(population)
}
