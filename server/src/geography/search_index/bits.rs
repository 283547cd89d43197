//! One bit per row of a chunk.
//! It deliberately knows no rows: who is counted is whoever set the bit.

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits(Vec<u64>);

impl Bits {
    pub fn new(rows: usize) -> Self {
        Self(vec![0; Self::words(rows)])
    }

    /// How many 64-bit words so many rows take.
    pub fn words(rows: usize) -> usize {
        rows.div_ceil(64)
    }

    /// Empties it, with room for so many rows.
    pub fn reset(&mut self, rows: usize) {
        self.0.clear();
        self.0.resize(Self::words(rows), 0);
    }

    pub fn set(&mut self, row: usize) {
        self.0[row / 64] |= 1 << (row % 64);
    }

    pub fn has(&self, row: usize) -> bool {
        self.0[row / 64] & (1 << (row % 64)) != 0
    }

    /// Sets the rows from `from` up to `to`.
    pub fn set_run(&mut self, from: usize, to: usize) {
        if from >= to {
            return;
        }
        let (first, last) = (from / 64, (to - 1) / 64);
        let (head, tail) = (u64::MAX << (from % 64), u64::MAX >> (63 - (to - 1) % 64));
        if first == last {
            self.0[first] |= head & tail;
        } else {
            self.0[first] |= head;
            self.0[first + 1..last].fill(u64::MAX);
            self.0[last] |= tail;
        }
    }

    pub fn or(&mut self, other: &[u64]) {
        self.0.iter_mut().zip(other).for_each(|(bits, others)| *bits |= others);
    }

    pub fn as_slice(&self) -> &[u64] {
        &self.0
    }

    pub fn as_mut_slice(&mut self) -> &mut [u64] {
        &mut self.0
    }

    pub fn count(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, bits)| {
            let mut left = *bits;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros() as usize;
                    left &= left - 1;
                    at * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_set_from_edge_to_edge() {
        for (from, to) in [(0, 1), (3, 64), (60, 70), (64, 128), (1, 200), (199, 200), (5, 5)] {
            let mut bits = Bits::new(200);
            bits.set_run(from, to);
            assert_eq!(bits.iter().collect::<Vec<_>>(), (from..to).collect::<Vec<_>>());
            assert_eq!(bits.count(), to - from);
        }
    }
}
