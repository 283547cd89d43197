//! Who a picture of a layer is for: everybody, or those who reach certain areas.
//! It deliberately decides nothing itself: the catalogue names the permission, the caller's reach answers it.

use std::sync::Arc;

/// What of a layer may be shown. Two callers with equal audiences get the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Audience {
    reach: Reach,
    /// Rows owned by this account are shown wherever they are.
    owner: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Reach {
    Everywhere,
    /// Sorted.
    Areas(Arc<[i32]>),
}

impl Audience {
    /// Open layers: everything, to everybody.
    pub fn everybody() -> Self {
        Self { reach: Reach::Everywhere, owner: None }
    }

    /// Those who reach `areas` (sorted), and rows that `owner` owns.
    pub fn of_areas(areas: Arc<[i32]>, owner: Option<i64>) -> Self {
        debug_assert!(areas.is_sorted());
        Self { reach: Reach::Areas(areas), owner }
    }

    pub fn is_everybody(&self) -> bool {
        matches!(self.reach, Reach::Everywhere)
    }

    /// Whether a row of `area_id`, owned by `owner`, is shown.
    pub fn sees(&self, area_id: Option<i32>, owner: Option<i64>) -> bool {
        match &self.reach {
            Reach::Everywhere => true,
            Reach::Areas(areas) => {
                area_id.is_some_and(|area| areas.binary_search(&area).is_ok()) || (owner.is_some() && owner == self.owner)
            }
        }
    }

    /// The areas, when it is cut to some.
    pub fn areas(&self) -> Option<&[i32]> {
        match &self.reach {
            Reach::Everywhere => None,
            Reach::Areas(areas) => Some(areas),
        }
    }

    pub fn owner(&self) -> Option<i64> {
        self.owner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_and_ownership_each_suffice() {
        let landlord = Audience::of_areas(Arc::from([]), Some(7));
        assert!(landlord.sees(Some(3), Some(7)));
        assert!(!landlord.sees(Some(3), Some(8)));
        assert!(!landlord.sees(Some(3), None));
        let head = Audience::of_areas(Arc::from([3, 5]), None);
        assert!(head.sees(Some(5), None) && !head.sees(Some(4), None) && !head.sees(None, None));
        assert!(Audience::everybody().sees(None, None));
    }
}
