//! A set of areas: how far a caller's reach goes.
//! It deliberately does not know which areas lie below which; the subtree is expanded in `db`.

use std::ops::Deref;
use std::sync::Arc;

/// Area ids, sorted, each once; cheap to clone and to compare, so that it can be part of a cache key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AreaSet(Arc<[i32]>);

impl AreaSet {
    pub fn contains(&self, area_id: i32) -> bool {
        self.0.binary_search(&area_id).is_ok()
    }

    /// For binding to `area_id = any($1)`.
    pub fn as_slice(&self) -> &[i32] {
        &self.0
    }
}

impl FromIterator<i32> for AreaSet {
    fn from_iter<I: IntoIterator<Item = i32>>(ids: I) -> Self {
        let mut ids = Vec::from_iter(ids);
        ids.sort_unstable();
        ids.dedup();
        Self(ids.into())
    }
}

impl Deref for AreaSet {
    type Target = [i32];

    fn deref(&self) -> &[i32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_areas_make_the_same_set() {
        let set = AreaSet::from_iter([7, 3, 7]);
        assert_eq!(set, AreaSet::from_iter([3, 7]));
        assert_eq!(set.as_slice(), [3, 7]);
        assert!(set.contains(7) && !set.contains(5));
    }
}
