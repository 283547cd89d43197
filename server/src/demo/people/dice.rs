//! Chance that can be repeated: one stream of random numbers per purpose, all from the one seed.
//! It deliberately knows nothing of what is drawn, so that a change in how cameras are placed leaves every household as it was.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of random numbers; the same seed and purpose give the same stream on every machine.
pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        // FNV-1a: the standard library's hasher may change between releases, and with it every demo ward.
        stream
            .set_stream(purpose.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)));
        Self(stream)
    }

    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        self.0.random_range(low..=high.max(low))
    }

    /// An index below `length`, which must not be 0.
    pub fn below(&mut self, length: usize) -> usize {
        // 64 bits whatever the machine's word, or a 32-bit build would draw other numbers.
        self.0.random_range(0..length as u64) as usize
    }

    /// From 0 up to, but not, 1.
    pub fn fraction(&mut self) -> f64 {
        self.0.random()
    }

    /// A number from `low` to `high` whose middle is likelier than its ends (the sum of two dice).
    pub fn around(&mut self, low: i32, high: i32) -> i32 {
        let spread = f64::from(high - low + 1);
        low + ((self.fraction() + self.fraction()) / 2.0 * spread) as i32
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// One of `choices`, each as likely as its weight; the first when no weight is positive.
    pub fn weighted<'a, T>(&mut self, choices: &'a [T], weight: impl Fn(&T) -> f64) -> &'a T {
        let total: f64 = choices.iter().map(&weight).sum();
        let mut left = self.fraction() * total;
        for choice in choices {
            left -= weight(choice);
            if left < 0.0 {
                return choice;
            }
        }
        &choices[0]
    }

    /// One of pairs of a thing and its weight.
    pub fn by_weight<T: Copy>(&mut self, choices: &[(T, u32)]) -> T {
        self.weighted(choices, |(_, weight)| f64::from(*weight)).0
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.0);
    }

    /// The indexes of `weights` in a random order in which heavier ones tend to come first.
    ///
    /// Efraimidis and Spirakis, "Weighted random sampling with a reservoir" (2006): sort by `u^(1/w)`, here by its logarithm.
    pub fn weighted_order(&mut self, weights: &[f64]) -> Vec<usize> {
        let mut keyed: Vec<(f64, usize)> =
            weights.iter().enumerate().map(|(index, weight)| ((1.0 - self.fraction()).ln() / weight.max(1e-9), index)).collect();
        keyed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        keyed.into_iter().map(|(_, index)| index).collect()
    }
}

/// Shares `total` out in proportion to `weights`, in whole numbers whose sum is exact (largest remainders first).
pub fn share_out(total: usize, weights: &[f64]) -> Vec<usize> {
    let sum: f64 = weights.iter().sum();
    if weights.is_empty() || sum <= 0.0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<f64> = weights.iter().map(|weight| weight / sum * total as f64).collect();
    let mut shares: Vec<usize> = exact.iter().map(|share| share.floor() as usize).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    let missing = total - shares.iter().sum::<usize>().min(total);
    for &index in by_remainder.iter().cycle().take(missing) {
        shares[index] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_purpose_draw_the_same_numbers_and_others_do_not() {
        let draw = |seed, purpose| {
            let mut dice = Dice::new(seed, purpose);
            (0..20).map(|_| dice.between(0, 1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7, "households"), draw(7, "households"));
        assert_ne!(draw(7, "households"), draw(8, "households"));
        assert_ne!(draw(7, "households"), draw(7, "cameras"));
    }

    #[test]
    fn shares_add_up_to_the_whole() {
        let shares = share_out(7_528, &[1.0, 2.5, 0.0, 3.3, 7.0, 0.7]);
        assert_eq!(shares.iter().sum::<usize>(), 7_528);
        assert_eq!(shares[2], 0);
        assert!(shares[4] > shares[3] && shares[3] > shares[1]);
    }

    #[test]
    fn heavier_things_come_first_more_often() {
        let mut dice = Dice::new(1, "order");
        let first = (0..400).filter(|_| dice.weighted_order(&[1.0, 9.0])[0] == 1).count();
        assert!((320..=395).contains(&first), "{first} of 400");
    }
}
