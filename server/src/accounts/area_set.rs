//! A set of areas: how far a caller's reach goes.
//! It deliberately does not know which areas lie below which; the subtree is expanded in `db`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// Area ids, sorted, each once; cheap to clone, to compare and to ask, whether it holds a TDP or a city.
#[derive(Clone)]
pub struct AreaSet(Arc<Areas>);

struct Areas {
    ids: Box<[i32]>,
    /// One bit per area, from the lowest id on: a tile of a city asks it tens of thousands of times.
    bits: Box<[u64]>,
    /// Stands for the ids in keys of caches.
    fingerprint: [u8; 16],
}

/// Ids further apart than this are searched for: the bits would take more room than they are worth.
const WIDEST: usize = 1 << 22;

impl AreaSet {
    pub fn contains(&self, area_id: i32) -> bool {
        let Areas { ids, bits, .. } = &*self.0;
        let Some(first) = ids.first() else { return false };
        if bits.is_empty() {
            return ids.binary_search(&area_id).is_ok();
        }
        let place = i64::from(area_id) - i64::from(*first);
        let Ok(place) = usize::try_from(place) else { return false };
        bits.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    /// For binding to `area_id = any($1)`.
    pub fn as_slice(&self) -> &[i32] {
        &self.0.ids
    }

    /// Equal for equal sets, and for no others (a cryptographic hash).
    pub fn fingerprint(&self) -> [u8; 16] {
        self.0.fingerprint
    }
}

impl FromIterator<i32> for AreaSet {
    fn from_iter<I: IntoIterator<Item = i32>>(ids: I) -> Self {
        let mut ids = Vec::from_iter(ids);
        ids.sort_unstable();
        ids.dedup();
        let bits = bits_of(&ids);
        let mut hash = Sha256::new();
        for id in &ids {
            hash.update(id.to_be_bytes());
        }
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&hash.finalize()[..16]);
        Self(Arc::new(Areas { ids: ids.into(), bits, fingerprint }))
    }
}

fn bits_of(ids: &[i32]) -> Box<[u64]> {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Box::default() };
    let place = |id: i32| (i64::from(id) - i64::from(*first)).unsigned_abs() as usize;
    if place(*last) > WIDEST {
        return Box::default();
    }
    let mut bits = vec![0_u64; place(*last) / 64 + 1];
    for id in ids {
        bits[place(*id) / 64] |= 1 << (place(*id) % 64);
    }
    bits.into()
}

impl Default for AreaSet {
    fn default() -> Self {
        Self::from_iter([])
    }
}

impl PartialEq for AreaSet {
    fn eq(&self, other: &Self) -> bool {
        self.0.fingerprint == other.0.fingerprint && self.0.ids == other.0.ids
    }
}

impl Eq for AreaSet {}

impl Hash for AreaSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.fingerprint.hash(state);
    }
}

impl fmt::Debug for AreaSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.iter()).finish()
    }
}

impl Deref for AreaSet {
    type Target = [i32];

    fn deref(&self) -> &[i32] {
        &self.0.ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_areas_make_the_same_set() {
        let set = AreaSet::from_iter([7, 3, 7]);
        assert_eq!(set, AreaSet::from_iter([3, 7]));
        assert_eq!(set.fingerprint(), AreaSet::from_iter([3, 7]).fingerprint());
        assert_ne!(set.fingerprint(), AreaSet::from_iter([3, 8]).fingerprint());
        assert_eq!(set.as_slice(), [3, 7]);
        assert!(set.contains(7) && !set.contains(5));
    }

    #[test]
    fn a_set_holds_what_it_was_made_of_however_far_apart() {
        for ids in [vec![], vec![5], vec![-3, 0, 64, 65, 127, 128], vec![1, i32::MAX], vec![i32::MIN, 0, i32::MAX]] {
            let set = AreaSet::from_iter(ids.iter().copied());
            for asked in [i32::MIN, -4, -3, -1, 0, 1, 5, 63, 64, 65, 66, 127, 128, 129, 192, i32::MAX] {
                assert_eq!(set.contains(asked), ids.contains(&asked), "{asked} in {ids:?}");
            }
        }
    }
}
