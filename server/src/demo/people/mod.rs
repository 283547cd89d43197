//! Puts people into a ward: households, boarding houses, businesses and cameras on whatever buildings and roads it has.
//! It deliberately draws no building and no road: a generated ward and a real quarter are peopled alike.

mod cameras;
mod dice;
mod family;
mod figures;
mod homes;
mod households;
mod identity;
mod junctions;
mod lodging;
mod names;
mod schooling;
mod site;
mod tenants;
mod trade;

use crate::boarding::load::NewBoardingHouse;
use crate::businesses::load::NewBusiness;
use crate::cameras::load::NewCamera;
use crate::residents::load::NewHousehold;
use dice::Dice;
use figures::Figures;
use identity::Registry;
use site::{Building, Site};

/// Everybody and everything that the generation puts into a ward, not yet in the database.
pub struct Population {
    pub households: Vec<NewHousehold>,
    pub boarding_houses: Vec<NewBoardingHouse>,
    pub businesses: Vec<NewBusiness>,
    pub cameras: Vec<NewCamera>,
}

/// Invents the people of `site`; the same seed and site give the same people.
fn invent(seed: u64, site: &Site) -> anyhow::Result<Population> {
    let (words, trades, mut registry) = (names::Words::load()?, trade::Trades::load()?, Registry::default());
    let ordinary = site.buildings.iter().map(homes::ordinary_homes).sum();
    let figures = Figures::of_ward(&site.code, ordinary);

    let lodgings = lodging::choose(&mut Dice::new(seed, "lodging"), site, figures.rooms);
    let let_out: Vec<i64> = lodgings.iter().map(|lodging| lodging.building.id).collect();
    let dwellings: Vec<&Building> =
        site.buildings.iter().filter(|building| homes::ordinary_homes(building) > 0.0 && !let_out.contains(&building.id)).collect();
    anyhow::ensure!(!dwellings.is_empty(), "{} has no building that people could live in; load its buildings first", site.name);
    let homes = homes::share_homes(&mut Dice::new(seed, "homes"), &dwellings, figures.households);

    Ok(Population {
        households: households::settle(seed, &words, &mut registry, &dwellings, &homes, figures.residents),
        boarding_houses: lodging::furnish(seed, &words, &mut registry, site, &lodgings, &figures),
        businesses: trade::open_shops(seed, &words, &trades, &mut registry, site, &let_out, figures.businesses),
        cameras: cameras::mount(seed, site, figures.cameras, figures.cameras_offline),
    })
}
