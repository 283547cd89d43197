//! Five shades for counts by area, so that each holds about as many cells as the next.
//! Which colours they are is the map style's and the tokens' business.

/// The shades that are in use, each with the least and the most that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shades(Vec<(u32, u32)>);

const SHADES: usize = 5;

/// Quantiles of these counts; equal counts share a shade.
pub fn shades(counts: impl Iterator<Item = u32>) -> Shades {
    let mut counts: Vec<u32> = counts.collect();
    counts.sort_unstable();
    let mut steps: Vec<(u32, u32)> = Vec::new();
    for part in 1..=SHADES {
        let Some(most) = (counts.len() * part / SHADES).checked_sub(1).map(|last| counts[last]) else { continue };
        let above = steps.last().map(|(_, most)| *most);
        let Some(least) = counts.iter().copied().find(|count| above.is_none_or(|above| *count > above)) else { continue };
        if least <= most {
            steps.push((least, most));
        }
    }
    Shades(steps)
}

impl Shades {
    /// Which shade a count has, 0 the lightest in use.
    pub fn of(&self, count: u32) -> usize {
        let at = self.0.iter().position(|(_, most)| count <= *most).unwrap_or(self.0.len().saturating_sub(1));
        self.spread(at)
    }

    /// Shade, least, most; from few to many.
    pub fn steps(&self) -> Vec<(usize, u32, u32)> {
        self.0.iter().enumerate().map(|(at, (least, most))| (self.spread(at), *least, *most)).collect()
    }

    /// Fewer steps than shades use the darker ones: a single shade of almost the ground's colour says nothing.
    fn spread(&self, at: usize) -> usize {
        at + (SHADES - self.0.len().max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shade_holds_about_as_many() {
        let shades = shades(1..=100);
        assert_eq!(shades.steps(), [(0, 1, 20), (1, 21, 40), (2, 41, 60), (3, 61, 80), (4, 81, 100)]);
        assert_eq!((shades.of(1), shades.of(20), shades.of(21), shades.of(100)), (0, 0, 1, 4));
    }

    #[test]
    fn equal_counts_share_a_shade() {
        let few = shades([7, 7, 7, 7, 7, 9].into_iter());
        assert_eq!(few.steps(), [(3, 7, 7), (4, 9, 9)]);
        assert_eq!(few.of(7), 3);
        assert_eq!(shades(std::iter::empty()).steps(), []);
        assert_eq!(shades([5].into_iter()).steps(), [(4, 5, 5)]);
    }
}
