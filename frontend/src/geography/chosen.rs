//! Which ward the screens are about, for whoever is appointed over several: one of them, or all.
//! The choice is the address's `area`, kept by the map; what it lets anybody see is the server's decision, made on every request.

use std::collections::HashSet;

use leptos::prelude::*;
use shared::area::{AreaKind, AreaSummary};
use shared::session::SessionInfo;
use shared::text::fold;

use super::Ward;
use crate::map::Command;
use crate::session::widest_area;
use crate::t;

/// Whether somebody's appointments may reach several wards: a province, or more than one ward. Which they are is known with the
/// areas; whoever works in one ward is spared looking.
fn may_have_several(info: &SessionInfo) -> bool {
    let of = |kind: AreaKind| info.areas.iter().filter(|area| area.kind == kind).count();
    of(AreaKind::Province) > 0 || of(AreaKind::Ward) > 1
}

/// The wards that somebody's appointments reach, in their order.
fn wards_of<'a>(areas: &'a [AreaSummary], of: &SessionInfo) -> Vec<&'a AreaSummary> {
    let is_held = |id| of.areas.iter().any(|area| area.id == id);
    areas.iter().filter(|area| area.kind == AreaKind::Ward && (is_held(area.id) || area.parent_id.is_some_and(is_held))).collect()
}

/// The ward that `named` is or lies in, where there is a choice and it is one of them.
fn chosen<'a>(areas: &'a [AreaSummary], of: &SessionInfo, named: Option<i64>) -> Option<&'a AreaSummary> {
    let named = areas.iter().find(|area| Some(i64::from(area.id.0)) == named)?;
    let ward = if named.kind == AreaKind::Tdp { named.parent_id? } else { named.id };
    let wards = wards_of(areas, of);
    wards.into_iter().find(|area| area.id == ward).filter(|_| wards_of(areas, of).len() > 1)
}

/// Those of the wards that somebody looks for: every word typed is part of the name, whatever its marks.
pub(super) fn matching(wards: Vec<AreaSummary>, typed: &str) -> Vec<AreaSummary> {
    let typed = fold(typed);
    let is_meant = |ward: &AreaSummary| {
        let name = fold(&ward.name);
        typed.split(' ').all(|word| name.contains(word))
    };
    wards.into_iter().filter(is_meant).collect()
}

/// West, south, east, north around all of them.
fn around(areas: &[AreaSummary]) -> Option<[f64; 4]> {
    let both = |one: [f64; 4], other: [f64; 4]| [one[0].min(other[0]), one[1].min(other[1]), one[2].max(other[2]), one[3].max(other[3])];
    areas.iter().map(|area| area.bounds).reduce(both)
}

impl Ward {
    /// The wards to choose from; none for whoever works in one.
    pub fn choices(&self) -> Vec<AreaSummary> {
        let wards = self.look(|areas, info| wards_of(areas, info).into_iter().cloned().collect::<Vec<_>>());
        wards.filter(|wards| wards.len() > 1).unwrap_or_default()
    }

    /// Whether there are several wards to choose from. Before the areas have come: whether there may be.
    pub fn has_choice(&self) -> bool {
        let may = self.state.session.info().is_some_and(|info| may_have_several(&info));
        may && (!self.has_come() || self.look(|areas, info| wards_of(areas, info).len() > 1) == Some(true))
    }

    /// The one ward that somebody with a choice looks at; none: all of them.
    pub fn chosen(&self) -> Option<AreaSummary> {
        let named = self.state.area.get();
        self.look(|areas, info| chosen(areas, info, named).cloned()).flatten()
    }

    /// What lists and figures are asked for: the chosen ward; none: all in reach, as for whoever works in one.
    ///
    /// Before the areas have come the address is believed, so that a link to one ward does not first read the whole city.
    pub fn asked(&self) -> Memo<Option<i32>> {
        let ward = *self;
        Memo::new(move |_| match ward.has_come() {
            true => ward.chosen().map(|area| area.id.0),
            false => ward.state.area.get().filter(|_| ward.has_choice()).and_then(|named| i32::try_from(named).ok()),
        })
    }

    /// The chosen ward's areas, itself included.
    pub fn ids_of_chosen(&self) -> Option<HashSet<i64>> {
        let ward = self.chosen()?.id;
        let is_in = |area: &AreaSummary| area.id == ward || area.parent_id == Some(ward);
        self.look(|areas, _| areas.iter().filter(|area| is_in(area)).map(|area| area.id.0.into()).collect())
    }

    /// What a page for officers is about: the chosen ward, else the own ward or province; none where that is several wards of
    /// no common province.
    pub fn about(&self) -> Option<AreaSummary> {
        self.chosen().or_else(|| self.own().filter(|own| own.kind == AreaKind::Province || !self.has_choice()))
    }

    /// Its name; of somebody who heads a TDP, that TDP's.
    pub fn name(&self) -> String {
        let widest = || self.state.session.info().as_ref().and_then(widest_area).cloned();
        match (self.chosen(), widest()) {
            (Some(ward), _) => ward.name,
            (None, Some(area)) if area.kind == AreaKind::Province || !self.has_choice() => area.name,
            (None, Some(_)) => t!("wards-all", count = self.choices().len() as i64),
            (None, None) => String::new(),
        }
    }

    /// Turns the screens and the map to a ward, or to all of them.
    pub fn choose(&self, ward: Option<&AreaSummary>) {
        self.state.area.set(ward.map(|ward| ward.id.0.into()));
        // What was open lies elsewhere.
        self.state.selected.set(None);
        let bounds = match ward {
            Some(ward) => Some(ward.bounds),
            None => untrack(|| around(&self.choices())),
        };
        if let Some(bounds) = bounds {
            self.state.command(Command::FitBounds(bounds));
        }
    }

    /// Looks at the areas for whoever may have several wards; none for everybody else.
    fn look<R>(&self, pick: impl FnOnce(&[AreaSummary], &SessionInfo) -> R) -> Option<R> {
        let info = self.state.session.info().filter(may_have_several)?;
        self.state.areas.with(|list| list.as_ref().map(|list| pick(&list.areas, &info)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::area::AreaId;
    use shared::session::SessionArea;

    fn area(id: i32, parent: Option<i32>, kind: AreaKind, name: &str) -> AreaSummary {
        AreaSummary {
            id: AreaId(id),
            parent_id: parent.map(AreaId),
            kind,
            code: String::new(),
            name: name.to_owned(),
            label_lon: 0.0,
            label_lat: 0.0,
            bounds: [f64::from(id), 21.0, f64::from(id) + 1.0, 22.0],
            demo: false,
            attribution: None,
        }
    }

    /// Two wards of a province and one of another.
    fn areas() -> Vec<AreaSummary> {
        let (province, ward, tdp) = (AreaKind::Province, AreaKind::Ward, AreaKind::Tdp);
        vec![
            area(1, None, province, "Thành phố Thử"),
            area(2, None, province, "Tỉnh Khác"),
            area(10, Some(1), ward, "Phường Đồng Văn"),
            area(20, Some(1), ward, "Phường Nhổn"),
            area(30, Some(2), ward, "Xã Xa"),
            area(11, Some(10), tdp, "TDP 1"),
        ]
    }

    fn person(held: &[(i32, AreaKind)]) -> SessionInfo {
        SessionInfo {
            account_id: 1,
            login: "a".into(),
            display_name: "A".into(),
            roles: vec![],
            areas: held
                .iter()
                .map(|(id, kind)| SessionArea { id: AreaId(*id), code: String::new(), name: String::new(), kind: *kind })
                .collect(),
            appointments: vec![],
            permissions: vec![],
            reason_needed: false,
            expires_at: chrono::DateTime::UNIX_EPOCH,
            demo: false,
        }
    }

    #[test]
    fn a_province_and_several_appointments_reach_several_wards() {
        let areas = areas();
        let reached = |held: &[(i32, AreaKind)]| wards_of(&areas, &person(held)).iter().map(|ward| ward.id.0).collect::<Vec<_>>();
        assert_eq!(reached(&[(1, AreaKind::Province)]), [10, 20]);
        assert_eq!(reached(&[(10, AreaKind::Ward), (30, AreaKind::Ward)]), [10, 30]);
        assert_eq!(reached(&[(10, AreaKind::Ward)]), [10]);
        assert!(reached(&[(11, AreaKind::Tdp)]).is_empty());
        assert!(!may_have_several(&person(&[(10, AreaKind::Ward)])));
    }

    #[test]
    fn what_the_address_names_is_chosen_where_it_is_one_of_several_in_reach() {
        let areas = areas();
        let leader = person(&[(1, AreaKind::Province)]);
        let of = |info: &SessionInfo, named: i64| chosen(&areas, info, Some(named)).map(|ward| ward.id.0);
        assert_eq!(of(&leader, 20), Some(20));
        assert_eq!(of(&leader, 11), Some(10), "the ward of a TDP");
        assert_eq!(of(&leader, 30), None, "another province's");
        assert_eq!(of(&leader, 1), None, "the province is all of it");
        assert_eq!(of(&person(&[(10, AreaKind::Ward)]), 10), None, "one ward is no choice");
        assert_eq!(chosen(&areas, &leader, None), None);
    }

    #[test]
    fn a_ward_is_found_by_parts_of_its_name_without_marks() {
        let names = |typed: &str| {
            let wards = areas().into_iter().filter(|area| area.kind == AreaKind::Ward).collect();
            matching(wards, typed).into_iter().map(|ward| ward.name).collect::<Vec<_>>()
        };
        assert_eq!(names("dong v"), ["Phường Đồng Văn"]);
        assert_eq!(names("NHON"), ["Phường Nhổn"]);
        assert_eq!(names("").len(), 3);
        assert!(names("dong nhon").is_empty());
    }

    #[test]
    fn all_of_them_lie_within_what_is_around_them() {
        assert_eq!(around(&areas()[2..4]), Some([10.0, 21.0, 21.0, 22.0]));
        assert_eq!(around(&[]), None);
    }
}
