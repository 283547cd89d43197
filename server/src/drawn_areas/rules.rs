//! How counts are sorted into the bars of a chart.
//! Values in, values out.

use shared::drawn_area::{Bar, Breakdown, BreakdownOf};

/// Larger households share one bar.
const LARGEST_HOUSEHOLD: usize = 8;
const HIGHEST: usize = 10;

/// Households by their members.
#[derive(Default)]
pub struct HouseholdSizes([u64; LARGEST_HOUSEHOLD + 1]);

impl HouseholdSizes {
    pub fn add(&mut self, members: i64) {
        self.0[usize::try_from(members).unwrap_or(0).min(LARGEST_HOUSEHOLD)] += 1;
    }

    /// Every size has its bar, empty households only where there are some.
    pub fn breakdown(&self) -> Breakdown {
        let from = usize::from(self.0[0] == 0);
        let bars = (from..=LARGEST_HOUSEHOLD).map(|size| Bar { code: up_to(size, LARGEST_HOUSEHOLD), count: self.0[size] });
        Breakdown { of: BreakdownOf::HouseholdSizes, bars: bars.collect() }
    }
}

/// Buildings by their storeys.
#[derive(Default)]
pub struct Storeys {
    known: [u64; HIGHEST + 1],
    unknown: u64,
}

impl Storeys {
    pub fn add(&mut self, storeys: Option<i16>) {
        match storeys.and_then(|storeys| usize::try_from(storeys).ok()) {
            Some(storeys) => self.known[storeys.min(HIGHEST)] += 1,
            None => self.unknown += 1,
        }
    }

    pub fn count(&self) -> u64 {
        self.known.iter().sum::<u64>() + self.unknown
    }

    /// As high as there are buildings.
    pub fn breakdown(&self) -> Breakdown {
        let highest = self.known.iter().rposition(|count| *count > 0).unwrap_or(0);
        let known = (1..=highest).map(|storeys| Bar { code: up_to(storeys, HIGHEST), count: self.known[storeys] });
        let unknown = (self.unknown > 0).then(|| Bar { code: "unknown".into(), count: self.unknown });
        Breakdown { of: BreakdownOf::Storeys, bars: known.chain(unknown).collect() }
    }
}

/// `3`, and `8+` for the last.
fn up_to(number: usize, last: usize) -> String {
    if number == last { format!("{last}+") } else { number.to_string() }
}

/// Businesses by section, most first.
pub fn sectors(counts: impl IntoIterator<Item = (String, u64)>) -> Breakdown {
    let mut bars: Vec<Bar> = counts.into_iter().map(|(code, count)| Bar { code, count }).collect();
    bars.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.code.cmp(&b.code)));
    Breakdown { of: BreakdownOf::Sectors, bars }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(breakdown: &Breakdown) -> Vec<String> {
        breakdown.bars.iter().map(|bar| format!("{} {}", bar.code, bar.count)).collect()
    }

    #[test]
    fn large_households_share_a_bar_and_empty_ones_have_one_when_there_are_some() {
        let mut sizes = HouseholdSizes::default();
        for members in [1, 4, 4, 8, 13] {
            sizes.add(members);
        }
        assert_eq!(shown(&sizes.breakdown()), ["1 1", "2 0", "3 0", "4 2", "5 0", "6 0", "7 0", "8+ 2"]);
        sizes.add(0);
        assert_eq!(sizes.breakdown().bars[0], Bar { code: "0".into(), count: 1 });
    }

    #[test]
    fn storeys_end_at_the_highest_house() {
        let mut storeys = Storeys::default();
        for number in [Some(1), Some(3), Some(3), None] {
            storeys.add(number);
        }
        assert_eq!(shown(&storeys.breakdown()), ["1 1", "2 0", "3 2", "unknown 1"]);
        storeys.add(Some(31));
        assert_eq!(storeys.breakdown().bars[9], Bar { code: "10+".into(), count: 1 });
        assert_eq!(storeys.count(), 5);
    }

    #[test]
    fn the_most_common_sector_comes_first() {
        let sectors = sectors([("C".to_owned(), 2), ("G".to_owned(), 9), ("I".to_owned(), 2)]);
        assert_eq!(shown(&sectors), ["G 9", "C 2", "I 2"]);
    }
}
