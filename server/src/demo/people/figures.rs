//! How many of everything a ward gets: Phương Canh exactly what is published of it, any other ward as much as its houses hold.
//! It deliberately does not say where any of them stands.

use crate::demo::terrain::load::WARD_CODE as PHUONG_CANH;

/// What one household of Phương Canh means for everything else; foreign wards follow these ratios.
const PUBLISHED: Figures = Figures {
    households: 7_528,
    residents: 19_975,
    rooms: 4_783,
    declared_rooms: 2_200,
    tenants: 8_640,
    declared_tenants: 4_300,
    businesses: 1_100,
    cameras: 60,
    cameras_offline: 3,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    pub households: usize,
    pub residents: usize,
    /// Every room to let, declared or not: 2,200 declared rooms are 46 % of them.
    pub rooms: usize,
    pub declared_rooms: usize,
    /// Everybody who rents a room: 4,300 declared ones are just under half.
    pub tenants: usize,
    pub declared_tenants: usize,
    pub businesses: usize,
    pub cameras: usize,
    pub cameras_offline: usize,
}

impl Figures {
    /// `homes` is how many households the ward's dwellings would ordinarily hold.
    pub fn of_ward(code: &str, homes: f64) -> Self {
        if code == PHUONG_CANH { PUBLISHED } else { Self::scaled(homes / PUBLISHED.households as f64) }
    }

    /// Of a ward in a generated province: as many households and residents as it was given, everything else in Phương Canh's
    /// proportion to households. But rooms to let: Phương Canh lives of its colleges and workshops, so a third of its share
    /// is taken for an ordinary ward.
    pub fn of_province_ward(households: usize, residents: usize) -> Self {
        let ratio = households as f64 / PUBLISHED.households as f64;
        let cameras = (PUBLISHED.cameras as f64 * ratio).round() as usize;
        let lodging = Self::scaled(ratio / 3.0);
        Self {
            rooms: lodging.rooms,
            declared_rooms: lodging.declared_rooms,
            tenants: lodging.tenants,
            declared_tenants: lodging.declared_tenants,
            households,
            residents,
            cameras,
            ..Self::scaled(ratio)
        }
    }

    fn scaled(ratio: f64) -> Self {
        let scale = |figure: usize| (figure as f64 * ratio).round() as usize;
        Self {
            households: scale(PUBLISHED.households),
            residents: scale(PUBLISHED.residents),
            rooms: scale(PUBLISHED.rooms),
            declared_rooms: scale(PUBLISHED.declared_rooms),
            tenants: scale(PUBLISHED.tenants),
            declared_tenants: scale(PUBLISHED.declared_tenants),
            businesses: scale(PUBLISHED.businesses),
            // A quarter of a few hundred houses still has its crossings watched.
            cameras: scale(PUBLISHED.cameras).clamp(4, PUBLISHED.cameras),
            cameras_offline: scale(PUBLISHED.cameras_offline),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phuong_canh_has_its_published_shares() {
        let figures = Figures::of_ward(PHUONG_CANH, 123.0);
        let share = |part: usize, whole: usize| part as f64 / whole as f64 * 100.0;
        assert_eq!((figures.households, figures.residents), (7_528, 19_975));
        assert!((45.9..46.1).contains(&share(figures.declared_rooms, figures.rooms)));
        assert!((49.5..50.0).contains(&share(figures.declared_tenants, figures.tenants)));
    }

    #[test]
    fn a_foreign_quarter_scales_with_its_houses() {
        let figures = Figures::of_ward("00622", 752.8);
        assert_eq!((figures.households, figures.businesses, figures.cameras), (753, 110, 6));
        assert_eq!(figures.residents, 1_997);
    }
}
