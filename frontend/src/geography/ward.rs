//! The areas of this installation as the screens name them: the ward, its parts, which of them are for show.
//! The map asks for them and keeps them fresh; which of several wards a page is about is `chosen`'s, and how many people live
//! there is asked by the screens that may know.

use leptos::prelude::*;
use shared::area::{AreaKind, AreaSummary};

use crate::map::{self, MapState};
use crate::t;

#[derive(Clone, Copy)]
pub struct Ward {
    pub(super) state: MapState,
}

/// The areas of this installation.
pub fn ward() -> Ward {
    Ward { state: expect_context() }
}

impl Ward {
    /// Empty until they have arrived.
    pub fn areas(&self) -> Vec<AreaSummary> {
        self.state.areas.with(|list| list.as_ref().map(|list| list.areas.clone()).unwrap_or_default())
    }

    pub fn has_come(&self) -> bool {
        self.state.areas.with(Option::is_some)
    }

    pub fn of_kind(&self, kind: AreaKind) -> Vec<AreaSummary> {
        self.areas().into_iter().filter(|area| area.kind == kind).collect()
    }

    pub fn area(&self, id: i64) -> Option<AreaSummary> {
        self.areas().into_iter().find(|area| i64::from(area.id.0) == id)
    }

    /// What these screens are about: the ward or province of the signed-in person's widest appointment, else the only ward
    /// there is. None for the public of several wards, and before the areas have come.
    pub fn own(&self) -> Option<AreaSummary> {
        map::own_area(&self.areas(), self.state.session.info().as_ref()).cloned()
    }

    /// The areas right below what a page is about: a ward's TDPs. None where it is about several wards, which are chosen elsewhere.
    pub fn parts(&self) -> Vec<AreaSummary> {
        let about = match (self.has_choice(), self.chosen()) {
            (true, None) => return Vec::new(),
            (_, Some(ward)) => Some(ward.id),
            (false, None) => self.own().map(|area| area.id),
        };
        self.areas().into_iter().filter(|area| about.is_some() && area.parent_id == about).collect()
    }

    pub fn is_demo(&self) -> bool {
        self.areas().iter().any(|area| area.demo)
    }
}

/// What this installation is called: its ward's name, or its province's.
#[component]
pub fn WardName() -> impl IntoView {
    let ward = ward();
    move || ward.own().map_or_else(|| t!("product"), |area| area.name)
}

/// Says, wherever the ward is named, that its people and figures are invented.
#[component]
pub fn DemoMark() -> impl IntoView {
    let ward = ward();
    view! {
        <Show when=move || ward.is_demo()>
            <span class="demo-mark" data-testid="demo-mark" title=move || t!("demo-explained")>{move || t!("demo")}</span>
        </Show>
    }
}
