//! The cards of the base map: what a click on a place, a house, a road or an area tells.
//! Who lives in a house is told by the cards of its households.

use leptos::prelude::*;
use shared::area::AreaKind;
use shared::household::{HouseholdInBuilding, HouseholdsInBuilding, Population};
use shared::layer::Layer;
use shared::place::{Building, Place, Road};
use shared::session::Permission;

use super::card_row::{as_row, row_behind, said};
use super::ward;
use crate::editing::EditSection;
use crate::http;
use crate::map::{Command, FeatureRef, MapState};
use crate::session::session;
use crate::shell::{CardFrame, PlaceActions};
use crate::t;
use crate::text::{count, format, kinds};
use crate::ui::{Fact, Icon, Loading, Updated};

#[component]
pub fn PlaceCard(id: i64) -> impl IntoView {
    let place = row_behind::<Place>(Layer::Place, id, format!("/api/places/{id}"));
    let icon = Signal::derive(move || match place.get() {
        Some(Ok(place)) => kinds::place_icon(&place.kind),
        _ => "map-pin",
    });
    view! {
        <CardFrame layer=Layer::Place icon title=said!(place, place => place.name) subtitle=said!(place, place => kinds::word("place", &place.kind))>
            <Loading answer=place let:place>
                <dl class="facts">
                    {place.address.map(|address| view! { <Fact label=Signal::derive(|| t!("address"))>{address}</Fact> })}
                    <Fact label=Signal::derive(|| t!("area"))>{place.area_name}</Fact>
                    <Fact label=Signal::derive(|| t!("code"))>{place.code}</Fact>
                </dl>
                <PlaceActions lon=place.lon lat=place.lat/>
                <Updated at=place.updated_at/>
            </Loading>
            <EditSection layer=Layer::Place id row=as_row!(place) reload=move |()| place.refetch()/>
        </CardFrame>
    }
}

#[component]
pub fn BuildingCard(id: i64) -> impl IntoView {
    let session = session();
    let building = LocalResource::new(move || async move { http::get::<Building>(&format!("/api/buildings/{id}")).await });
    let title = said!(building, building => building.name.or(building.address).unwrap_or_else(|| kinds::word("building", &building.usage)));
    let subtitle = said!(building, building => format!("{} · {}", kinds::word("building", &building.usage), building.area_name));
    view! {
        <CardFrame layer=Layer::Building icon="buildings" title subtitle>
            <Loading answer=building let:building>
                <dl class="facts">
                    {building.storeys.map(|storeys| view! { <Fact label=Signal::derive(|| t!("storeys"))><span class="num">{storeys}</span></Fact> })}
                    {building.address.map(|address| view! { <Fact label=Signal::derive(|| t!("address"))>{address}</Fact> })}
                    <Fact label=Signal::derive(|| t!("code"))>{building.code}</Fact>
                </dl>
                <Show when=move || session.may(Permission::SeeHouseholds)>
                    <Doors building_id=id/>
                </Show>
                <PlaceActions lon=Some(building.lon) lat=Some(building.lat)/>
                <Updated at=building.updated_at/>
            </Loading>
        </CardFrame>
    }
}

/// The households of a house, each a way to its own card; no names.
#[component]
fn Doors(building_id: i64) -> impl IntoView {
    let state: MapState = expect_context();
    let doors =
        LocalResource::new(
            move || async move { http::get::<HouseholdsInBuilding>(&format!("/api/buildings/{building_id}/households")).await },
        );
    let door = move |household: HouseholdInBuilding| {
        let open = move |_| state.selected.set(Some(FeatureRef { layer: Layer::Household, id: household.id }));
        let unit = household.unit;
        let name = move || unit.clone().unwrap_or_else(|| t!("household"));
        view! {
            <li>
                <button type="button" class="row" data-testid="door" data-id=household.id.to_string() on:click=open>
                    <span class="layer-mark" data-layer="household"><Icon name="house-line"/></span>
                    <span class="row-words">{name}</span>
                    <span class="row-end">{move || t!("people", count = household.member_count)}</span>
                    <Icon name="caret-right"/>
                </button>
            </li>
        }
    };
    view! {
        <Loading answer=doors lines=1 let:doors>
            <h3 class="card-section" data-testid="house-people">
                {
                    let (number, people) = (doors.households.len(), doors.households.iter().map(|door| door.member_count).sum::<i32>());
                    move || format!("{} · {}", t!("households-in-house", count = number), t!("people", count = people))
                }
            </h3>
            <ul class="rows">{doors.households.into_iter().map(door).collect_view()}</ul>
        </Loading>
    }
}

#[component]
pub fn RoadCard(id: i64) -> impl IntoView {
    let state: MapState = expect_context();
    let road = LocalResource::new(move || async move { http::get::<Road>(&format!("/api/roads/{id}")).await });
    let title = said!(road, road => road.name.unwrap_or_else(|| kinds::word("road", &road.class)));
    let subtitle = said!(road, road => kinds::word("road", &road.class));
    let parent = move |road: &Road| {
        let (id, name) = (road.parent_id?, road.parent_name.clone()?);
        let open = move |_| state.selected.set(Some(FeatureRef { layer: Layer::Road, id }));
        Some(
            view! { <Fact label=Signal::derive(|| t!("road-leaves"))><button type="button" class="link" on:click=open>{name}</button></Fact> },
        )
    };
    view! {
        <CardFrame layer=Layer::Road icon="road-horizon" title subtitle>
            <Loading answer=road let:road>
                <dl class="facts">
                    {parent(&road)}
                    <Fact label=Signal::derive(|| t!("length"))><span class="num">{move || format::distance(road.length_m)}</span></Fact>
                    <Fact label=Signal::derive(|| t!("width"))><span class="num">{move || format::metres(road.width_m)}</span></Fact>
                    <Fact label=Signal::derive(|| t!("code"))>{road.code}</Fact>
                </dl>
                <PlaceActions lon=Some(road.lon) lat=Some(road.lat)/>
                <Updated at=road.updated_at/>
            </Loading>
        </CardFrame>
    }
}

#[component]
pub fn AreaCard(id: i64) -> impl IntoView {
    let state: MapState = expect_context();
    let ward = ward();
    let session = session();
    let area = move || ward.area(id);
    let kind = move || area().map(|area| kinds::named("area", area.kind)).unwrap_or_default();
    let show = move |_| {
        if let Some(area) = area() {
            state.command(Command::FitBounds(area.bounds));
        }
    };
    // A link may have named it before the areas were here.
    Effect::new(move |_| {
        if let Some(area) = area().filter(|_| state.take_sought()) {
            state.command(Command::FitBounds(area.bounds));
        }
    });
    let parts = move || {
        area().map_or(0, |area| ward.areas().iter().filter(|part| part.parent_id == Some(area.id) && part.kind == AreaKind::Tdp).count())
    };
    view! {
        <CardFrame layer=Layer::Area icon="polygon" title=Signal::derive(move || area().map(|area| area.name).unwrap_or_default()) subtitle=Signal::derive(kind)>
            <dl class="facts">
                {move || area().map(|area| view! { <Fact label=Signal::derive(|| t!("code"))>{area.code}</Fact> })}
                {move || (parts() > 0).then(|| view! { <Fact label=Signal::derive(|| t!("tdp-count"))><span class="num">{parts()}</span></Fact> })}
            </dl>
            <Show when=move || session.may(Permission::SeeExactPopulation)>
                <AreaPopulation id/>
            </Show>
            <div class="card-actions">
                <button type="button" class="button" on:click=show>{move || t!("show-whole-area")}</button>
            </div>
        </CardFrame>
    }
}

#[component]
fn AreaPopulation(id: i64) -> impl IntoView {
    let population = LocalResource::new(move || async move { http::get::<Population>(&format!("/api/areas/{id}/population")).await });
    view! {
        <Loading answer=population lines=2 let:population>
            <dl class="facts">
                <Fact label=Signal::derive(|| t!("households"))><span class="num">{move || count(population.households)}</span></Fact>
                <Fact label=Signal::derive(|| t!("residents"))><span class="num">{move || count(population.residents)}</span></Fact>
            </dl>
            <Updated at=population.at/>
        </Loading>
    }
}
