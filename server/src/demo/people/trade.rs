//! Businesses where they would stand: shops on main streets, stalls in the market, workshops in the cluster.
//! It deliberately knows only public facts of a firm, as the table does.

use chrono::{Days, NaiveDate};
use geo::Point;
use serde::Deserialize;
use shared::business::{BusinessKind, BusinessStatus};
use shared::household::Sex;

use super::dice::Dice;
use super::households::AS_OF;
use super::identity::Registry;
use super::names::Words;
use super::site::{Building, Draw, RoadClass, Site, Use, points_inside};
use crate::businesses::load::NewBusiness;

/// The lists of `data/demo/trades.toml`.
#[derive(Deserialize)]
pub struct Trades {
    trade: Vec<Trade>,
    brands: Brands,
}

#[derive(Deserialize)]
struct Trade {
    sector: String,
    vsic: String,
    weight: u32,
    name: Vec<String>,
    #[serde(rename = "where")]
    grounds: Vec<Ground>,
}

#[derive(Deserialize)]
struct Brands {
    first: Vec<String>,
    second: Vec<String>,
}

/// What a place is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ground {
    Street,
    Alley,
    Market,
    Factory,
    Office,
    Campus,
}

impl Trades {
    /// Reads the lists that are compiled in.
    pub fn load() -> anyhow::Result<Self> {
        Ok(toml::from_str(include_str!("../../../../data/demo/trades.toml"))?)
    }
}

/// A building that may hold firms: what it suits, how eagerly, and how many at most.
struct Premises<'a> {
    building: &'a Building,
    ground: Ground,
    pull: f64,
    most: usize,
}

/// Opens `count` businesses in the ward's buildings (fewer where there is no room for so many). `let_out` are the ids of
/// boarding houses, whose ground floors are rooms.
pub fn open_shops(
    seed: u64,
    words: &Words,
    trades: &Trades,
    registry: &mut Registry,
    site: &Site,
    let_out: &[i64],
    count: usize,
) -> Vec<NewBusiness> {
    let mut dice = Dice::new(seed, "businesses");
    let premises: Vec<Premises> =
        site.buildings.iter().filter(|building| !let_out.contains(&building.id)).flat_map(|building| premises(site, building)).collect();
    // One slot for each firm that fits; later firms of a building are less likely than its first.
    let slots: Vec<(usize, f64)> = premises
        .iter()
        .enumerate()
        .flat_map(|(index, place)| (0..place.most).map(move |slot| (index, place.pull / (1.0 + slot as f64 * 0.15))))
        .collect();
    let weights: Vec<f64> = slots.iter().map(|(_, weight)| *weight).collect();
    let mut tenants_of = vec![0; premises.len()];
    for slot in dice.weighted_order(&weights).into_iter().take(count) {
        tenants_of[slots[slot].0] += 1;
    }
    let mut businesses = Vec::with_capacity(count);
    for (place, firms) in premises.iter().zip(tenants_of).filter(|(_, firms)| *firms > 0) {
        for point in points_inside(&mut dice, place.building, firms) {
            let code = format!("D{:04}", businesses.len() + 1);
            let area = Some((site.ward.area_at(point), site.ward.id));
            businesses.push(NewBusiness { area, ..business(&mut dice, words, trades, registry, place, code, point) });
        }
    }
    businesses
}

fn premises<'a>(site: &Site, building: &'a Building) -> Vec<Premises<'a>> {
    let in_front = building.road_class.unwrap_or(RoadClass::Other);
    let near =
        |draw, within_m| site.nearest_magnet(building.centre, |magnet| magnet == draw).is_some_and(|(_, distance_m)| distance_m < within_m);
    let by_road: f64 = match in_front {
        RoadClass::National => 3.0,
        RoadClass::Main => 2.2,
        RoadClass::Street => 1.2,
        RoadClass::Alley => 0.12,
        RoadClass::SideAlley | RoadClass::BranchAlley | RoadClass::Other => 0.04,
    };
    let (ground, pull, most) = match building.usage {
        Use::Market => (Ground::Market, 12.0, (building.ground_m2 / 14.0) as usize),
        Use::Shop => (Ground::Street, 9.0, 1),
        Use::Factory => (Ground::Factory, 6.0, 3),
        Use::Office => (Ground::Office, 5.0, 4),
        Use::Apartments => (Ground::Street, 2.5, (building.ground_m2 / 120.0) as usize),
        Use::Villa => (Ground::Office, 0.4, 1),
        Use::House | Use::Unknown if near(Draw::Market, 90.0) => (Ground::Market, by_road.max(1.0) * 1.6, 1),
        Use::House | Use::Unknown if in_front <= RoadClass::Street && near(Draw::Campus, 220.0) => (Ground::Campus, by_road * 1.5, 1),
        Use::House | Use::Unknown if in_front <= RoadClass::Street => (Ground::Street, by_road, 1),
        Use::House | Use::Unknown => (Ground::Alley, by_road, 1),
        Use::Campus | Use::Apart => return Vec::new(),
    };
    let mut premises = vec![Premises { building, ground, pull, most: most.min(60) }];
    if building.usage == Use::Shop && building.storeys >= 3 {
        // Above the shop is room for a small firm.
        premises.push(Premises { building, ground: Ground::Office, pull: 0.9, most: 1 });
    }
    premises
}

/// A firm on these premises; the caller knows the area.
fn business(
    dice: &mut Dice,
    words: &Words,
    trades: &Trades,
    registry: &mut Registry,
    place: &Premises,
    code: String,
    point: Point<f64>,
) -> NewBusiness {
    let trade = dice.weighted(&trades.trade, |trade| if trade.grounds.contains(&place.ground) { f64::from(trade.weight) } else { 0.0 });
    let company = match place.ground {
        Ground::Factory | Ground::Office => 0.85,
        Ground::Market => 0.02,
        _ if matches!(trade.sector.as_str(), "C" | "F" | "H" | "K" | "R") => 0.5,
        _ => 0.12,
    };
    let kind = if dice.chance(company) { BusinessKind::Company } else { BusinessKind::HouseholdBusiness };
    NewBusiness {
        code,
        area: None,
        building_id: Some(place.building.id),
        name: sign(dice, words, trades, trade, kind),
        tax_code: Some(registry.tax_code()),
        vsic: Some(trade.vsic.clone()),
        sector: trade.sector.clone(),
        kind,
        status: dice.by_weight(&[(BusinessStatus::Operating, 93), (BusinessStatus::Suspended, 4), (BusinessStatus::Closed, 3)]),
        address: Some(place.building.address.clone()),
        opened_on: Some(opening(dice)),
        point: Some((point.x(), point.y())),
    }
}

/// What stands above the door.
fn sign(dice: &mut Dice, words: &Words, trades: &Trades, trade: &Trade, kind: BusinessKind) -> String {
    let word = dice.one_of(&trade.name);
    let brand = loop {
        let (first, second) = (dice.one_of(&trades.brands.first), dice.one_of(&trades.brands.second));
        if first != second {
            break format!("{first} {second}");
        }
    };
    match kind {
        BusinessKind::Company => format!("Công ty TNHH {word} {brand}"),
        BusinessKind::HouseholdBusiness if dice.chance(0.3) => format!("{word} {brand}"),
        BusinessKind::HouseholdBusiness => {
            let sex = if dice.chance(0.62) { Sex::Female } else { Sex::Male };
            format!("{word} {}", words.given(dice, sex))
        }
    }
}

/// Most shops are young.
fn opening(dice: &mut Dice) -> NaiveDate {
    let years = dice.fraction() * dice.fraction() * 16.0;
    AS_OF - Days::new(15 + (years * 365.25) as u64)
}

#[cfg(test)]
mod tests {
    use super::super::site::tests::quarter;
    use super::*;

    fn shops(count: usize) -> (Site, Vec<NewBusiness>) {
        let (site, words, trades) = (quarter(1_800), Words::load().unwrap(), Trades::load().unwrap());
        let shops = open_shops(1, &words, &trades, &mut Registry::default(), &site, &[1, 2, 3], count);
        (site, shops)
    }

    #[test]
    fn shops_stand_on_streets_and_not_in_boarding_houses() {
        let (site, shops) = shops(200);
        assert_eq!(shops.len(), 200);
        let on_street = |shop: &&NewBusiness| {
            site.buildings.iter().any(|building| Some(building.id) == shop.building_id && building.road_class <= Some(RoadClass::Street))
        };
        let share = shops.iter().filter(on_street).count() as f64 / 200.0;
        assert!(share > 0.5, "{share}; one house in six stands on a street");
        assert!(shops.iter().all(|shop| shop.building_id > Some(3)));
    }

    #[test]
    fn every_trade_has_a_section_and_a_four_digit_class() {
        let trades = Trades::load().unwrap();
        for trade in &trades.trade {
            assert!(trade.vsic.len() == 4 && trade.vsic.bytes().all(|digit| digit.is_ascii_digit()), "{}", trade.vsic);
            assert!(matches!(trade.sector.as_bytes(), [b'A'..=b'U']), "{}", trade.sector);
            assert!(!trade.name.is_empty() && !trade.grounds.is_empty());
        }
    }

    #[test]
    fn no_two_firms_share_a_tax_code() {
        let (_, shops) = shops(400);
        let codes: std::collections::HashSet<_> = shops.iter().filter_map(|shop| shop.tax_code.as_ref()).collect();
        assert_eq!(codes.len(), 400);
    }
}
