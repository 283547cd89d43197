//! Who a picture of a layer is for: everybody, or those who reach certain areas.
//! It deliberately decides nothing itself: the catalogue names the permission, the caller's reach answers it.

use crate::accounts::{AreaSet, Caller};

use super::catalogue::Layer;

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
    Areas(AreaSet),
}

impl Audience {
    /// Open layers: everything, to everybody.
    pub fn everybody() -> Self {
        Self { reach: Reach::Everywhere, owner: None }
    }

    /// What `caller` may see of `layer`; none: nothing, and to them there is no such layer.
    ///
    /// `owns` says whether an account owns rows of the layer: these it sees whatever its role, as row-level security has it.
    pub fn of(layer: &Layer, caller: &Caller, owns: impl Fn(i64) -> bool) -> Option<Self> {
        let Some(permission) = layer.permission else { return Some(Self::everybody()) };
        let owner = caller.account_id().filter(|account| owns(*account));
        let reach = caller.reach(permission);
        (!reach.is_empty() || owner.is_some()).then(|| Self::of_areas(reach.clone(), owner))
    }

    /// Those who reach `areas`, and rows that `owner` owns.
    pub fn of_areas(areas: AreaSet, owner: Option<i64>) -> Self {
        Self { reach: Reach::Areas(areas), owner }
    }

    /// What of it lies in `areas`; what somebody owns elsewhere is not in them.
    pub fn within(self, areas: &AreaSet) -> Self {
        let reach = match self.reach {
            Reach::Everywhere => areas.clone(),
            Reach::Areas(reached) => reached.iter().copied().filter(|area| areas.contains(*area)).collect(),
        };
        Self::of_areas(reach, None)
    }

    /// Equal for equal audiences and for no others, and short however many areas there are: for keys of caches.
    pub fn key(&self) -> [u8; 26] {
        let mut key = [0; 26];
        if let Reach::Areas(areas) = &self.reach {
            key[0] = 1;
            key[1..17].copy_from_slice(&areas.fingerprint());
        }
        if let Some(owner) = self.owner {
            key[17] = 1;
            key[18..].copy_from_slice(&owner.to_be_bytes());
        }
        key
    }

    pub fn is_everybody(&self) -> bool {
        matches!(self.reach, Reach::Everywhere)
    }

    /// Whether a row of `area_id`, owned by `owner`, is shown.
    pub fn sees(&self, area_id: Option<i32>, owner: Option<i64>) -> bool {
        match &self.reach {
            Reach::Everywhere => true,
            Reach::Areas(areas) => area_id.is_some_and(|area| areas.contains(area)) || (owner.is_some() && owner == self.owner),
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
    fn keys_tell_audiences_apart() {
        let of = |areas: &[i32], owner| Audience::of_areas(AreaSet::from_iter(areas.iter().copied()), owner).key();
        let keys = [Audience::everybody().key(), of(&[], None), of(&[], Some(7)), of(&[7], None), of(&[7, 8], None), of(&[7], Some(7))];
        assert_eq!(keys.iter().collect::<std::collections::HashSet<_>>().len(), keys.len());
        assert_eq!(of(&[8, 7], None), of(&[7, 8], None));
    }

    #[test]
    fn areas_and_ownership_each_suffice() {
        let landlord = Audience::of_areas(AreaSet::default(), Some(7));
        assert!(landlord.sees(Some(3), Some(7)));
        assert!(!landlord.sees(Some(3), Some(8)));
        assert!(!landlord.sees(Some(3), None));
        let head = Audience::of_areas(AreaSet::from_iter([3, 5]), None);
        assert!(head.sees(Some(5), None) && !head.sees(Some(4), None) && !head.sees(None, None));
        assert!(Audience::everybody().sees(None, None));
    }

    #[test]
    fn one_area_of_a_reach_is_what_both_hold() {
        let ward = AreaSet::from_iter([3, 5]);
        let open = Audience::everybody().within(&ward);
        assert!(open.sees(Some(3), None) && !open.sees(Some(4), None));
        let cut = Audience::of_areas(AreaSet::from_iter([4, 5]), Some(7)).within(&ward);
        assert_eq!(cut, Audience::of_areas(AreaSet::from_iter([5]), None));
    }
}
