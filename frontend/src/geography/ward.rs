//! The areas of this installation, asked once: names, the tree, which of them are for show.
//! Their boundaries are drawn from tiles; how many people live in them is asked by the screens that may know.

use leptos::prelude::*;
use shared::area::{AreaKind, AreaList, AreaSummary};

use crate::http;
use crate::t;
use crate::ui::Refused;

#[derive(Clone, Copy)]
pub struct Ward {
    areas: LocalResource<http::Answer<AreaList>>,
}

/// The areas of this installation.
pub fn ward() -> Ward {
    expect_context()
}

impl Ward {
    pub fn provide() -> Ward {
        let ward = Ward { areas: LocalResource::new(|| http::get::<AreaList>("/api/areas")) };
        provide_context(ward);
        ward
    }

    /// Empty until they have arrived.
    pub fn areas(&self) -> Vec<AreaSummary> {
        match self.areas.get() {
            Some(Ok(list)) => list.areas,
            _ => Vec::new(),
        }
    }

    pub fn of_kind(&self, kind: AreaKind) -> Vec<AreaSummary> {
        self.areas().into_iter().filter(|area| area.kind == kind).collect()
    }

    pub fn area(&self, id: i64) -> Option<AreaSummary> {
        self.areas().into_iter().find(|area| i64::from(area.id.0) == id)
    }

    /// The one ward of this installation; none where there are several, or none yet.
    pub fn only(&self) -> Option<AreaSummary> {
        let mut wards = self.of_kind(AreaKind::Ward);
        (wards.len() == 1).then(|| wards.remove(0))
    }

    pub fn is_demo(&self) -> bool {
        self.areas().iter().any(|area| area.demo)
    }
}

/// What this installation is called: its ward's name.
#[component]
pub fn WardName() -> impl IntoView {
    let ward = ward();
    move || ward.only().map_or_else(|| t!("product"), |area| area.name)
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

/// Whether the areas could not be asked for: nothing on the page has a name then.
#[component]
pub fn WardFailure() -> impl IntoView {
    let ward = ward();
    move || match ward.areas.get() {
        Some(Err(failure)) => Some(view! { <Refused failure on_retry=move || ward.areas.refetch()/> }.into_any()),
        _ => None,
    }
}
