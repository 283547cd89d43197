//! The card of a household: the house first, without names; its people once somebody opens it on purpose.
//! Opening leaves a trace that the people can be shown, so nothing here opens by itself.

use leptos::prelude::*;
use shared::household::{Household, HouseholdSummary, Relation, Sex};
use shared::layer::Layer;
use shared::session::Permission;

use super::resident_row::ResidentRow;
use crate::editing::EditSection;
use crate::geography::{as_row, row_behind};
use crate::shell::{CardFrame, OpenedOnPurpose, Opening, PlaceActions};
use crate::t;
use crate::text::count;
use crate::ui::{Fact, Loading, Updated};

#[component]
pub fn HouseholdCard(id: i64) -> impl IntoView {
    let summary = row_behind::<HouseholdSummary>(Layer::Household, id, format!("/api/households/{id}/summary"));
    let opening = Opening::<Household>::of(format!("/api/households/{id}"));
    let title = Signal::derive(move || match (opening.opened(), summary.get()) {
        (Some(household), _) => household_name(&household),
        (_, Some(Ok(summary))) => door(&summary),
        _ => String::new(),
    });
    let subtitle = Signal::derive(move || match (opening.opened(), summary.get()) {
        // The title says the address already.
        (None, Some(Ok(HouseholdSummary { unit: None, area_name, .. }))) => area_name,
        (_, Some(Ok(summary))) => format!("{} · {}", summary.address, summary.area_name),
        _ => String::new(),
    });
    view! {
        <CardFrame layer=Layer::Household icon="house-line" title subtitle>
            <Loading answer=summary let:summary>
                <Figures summary=summary.clone()/>
                <People opening/>
                <dl class="facts">
                    <Fact label=Signal::derive(|| t!("code"))>{summary.code}</Fact>
                </dl>
                <PlaceActions lon=summary.lon lat=summary.lat/>
                <Updated at=summary.updated_at/>
            </Loading>
            <EditSection layer=Layer::Household id row=as_row!(summary) reload=move |()| summary.refetch()/>
        </CardFrame>
    }
}

/// The flat where there is one; a house with one household is its address.
fn door(summary: &HouseholdSummary) -> String {
    summary.unit.clone().unwrap_or_else(|| summary.address.clone())
}

/// "Hộ bà Nguyễn Thị Hạnh"; a household without a head goes by its oldest member.
fn household_name(household: &Household) -> String {
    let head = household.residents.iter().find(|resident| resident.relation == Relation::Head);
    match head.or(household.residents.first()) {
        Some(head) if head.sex == Sex::Female => t!("household-of-woman", name = head.name.as_str()),
        Some(head) => t!("household-of-man", name = head.name.as_str()),
        None => t!("household"),
    }
}

#[component]
fn Figures(summary: HouseholdSummary) -> impl IntoView {
    let figure = |value: Option<i64>, label: fn(i64) -> String| {
        let shown = move || value.map_or_else(|| "—".to_owned(), count);
        view! {
            <div>
                <dd class="num">{shown}</dd>
                <dt>{move || label(value.unwrap_or(0))}</dt>
            </div>
        }
    };
    view! {
        <dl class="card-figures">
            {figure(Some(summary.member_count.into()), |count| t!("residents-unit", count = count))}
            {figure(summary.storeys.map(i64::from), |count| t!("storeys-unit", count = count))}
            {figure(Some(summary.households_in_building), |count| t!("households-unit", count = count))}
        </dl>
    }
}

#[component]
fn People(opening: Opening<Household>) -> impl IntoView {
    view! {
        <OpenedOnPurpose opening permission=Permission::OpenHouseholds label=|| t!("open-household") name="open-household" lines=6 let:household>
            <ul class="rows residents" data-testid="residents">
                {household.residents.into_iter().map(|resident| view! { <ResidentRow resident/> }).collect_view()}
            </ul>
        </OpenedOnPurpose>
    }
}
