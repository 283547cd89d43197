//! The card of a household: the house first, without names; its people once somebody opens it on purpose.
//! Opening leaves a trace that the people can be shown, so nothing here opens by itself.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::household::{Household, HouseholdSummary, Relation, Sex};
use shared::layer::Layer;
use shared::session::Permission;

use super::resident_row::ResidentRow;
use crate::accounts::{Reasons, is_reason_missing};
use crate::editing::EditSection;
use crate::geography::as_row;
use crate::http::{self, Answer, Call, Failure};
use crate::map::MapState;
use crate::session::session;
use crate::shell::{CardFrame, CardHeight};
use crate::t;
use crate::text::count;
use crate::ui::{Fact, Icon, Loading, Refused, Skeleton, Updated};

/// How far opening has come.
#[derive(Clone, PartialEq)]
enum Opening {
    Closed,
    Asked,
    Open(Household),
    Refused(Failure),
}

#[component]
pub fn HouseholdCard(id: i64) -> impl IntoView {
    let state: MapState = expect_context();
    let changes = state.live.changes_of(Layer::Household.name(), id);
    let summary = LocalResource::new(move || {
        changes.track();
        async move { http::get::<HouseholdSummary>(&format!("/api/households/{id}/summary")).await }
    });
    let opening = RwSignal::new(Opening::Closed);
    let title = Signal::derive(move || match (opening.get(), summary.get()) {
        (Opening::Open(household), _) => household_name(&household),
        (_, Some(Ok(summary))) => door(&summary),
        _ => String::new(),
    });
    let subtitle = Signal::derive(move || match (opening.get(), summary.get()) {
        // The title says the address already.
        (Opening::Closed | Opening::Asked | Opening::Refused(_), Some(Ok(HouseholdSummary { unit: None, area_name, .. }))) => area_name,
        (_, Some(Ok(summary))) => format!("{} · {}", summary.address, summary.area_name),
        _ => String::new(),
    });
    view! {
        <CardFrame layer=Layer::Household icon="house-line" title subtitle>
            <Loading answer=summary let:summary>
                <Figures summary=summary.clone()/>
                <People id opening/>
                <Directions lon=summary.lon lat=summary.lat/>
                <dl class="facts">
                    <Fact label=Signal::derive(|| t!("code"))>{summary.code}</Fact>
                </dl>
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
fn People(id: i64, opening: RwSignal<Opening>) -> impl IntoView {
    let reasons: Reasons = expect_context();
    let height: CardHeight = expect_context();
    let session = session();
    Effect::new(move |_| {
        if let Opening::Open(_) = opening.get() {
            height.grow();
        }
    });
    let open = move |_| {
        let needed = session.info_untracked().is_some_and(|info| info.reason_needed);
        match reasons.held() {
            None if needed => open_with_reason(id, opening, reasons),
            held => request(id, opening, reasons, held),
        }
    };
    move || {
        match opening.get() {
        Opening::Closed => view! {
            <Show when=move || session.may(Permission::OpenHouseholds)>
                <div class="card-actions sticky">
                    <button type="button" class="button primary wide" data-testid="open-household" on:click=open>{move || t!("open-household")}</button>
                </div>
            </Show>
        }
        .into_any(),
        Opening::Asked => view! { <Skeleton lines=6/> }.into_any(),
        Opening::Open(household) => {
            let rows = household.residents.into_iter().map(|resident| view! { <ResidentRow resident/> }).collect_view();
            view! {
                <p class="traced"><Icon name="eye"/>{move || t!("opening-is-kept")}</p>
                <ul class="rows residents" data-testid="residents">{rows}</ul>
            }
            .into_any()
        }
        Opening::Refused(failure) => {
            let again = is_reason_missing(&failure).then(|| view! {
                <button type="button" class="button primary" data-testid="state-reason" on:click=move |_| open_with_reason(id, opening, reasons)>
                    {move || t!("reason-state")}
                </button>
            });
            view! {
                <Refused failure on_retry=move || request(id, opening, reasons, reasons.held())/>
                {again}
            }
            .into_any()
        }
    }
    }
}

fn open_with_reason(id: i64, opening: RwSignal<Opening>, reasons: Reasons) {
    reasons.ask(move |reason| request(id, opening, reasons, Some(reason)));
}

fn request(id: i64, opening: RwSignal<Opening>, reasons: Reasons, reason: Option<String>) {
    opening.set(Opening::Asked);
    spawn_local(async move {
        let opened = match fetch(id, reason).await {
            Ok(household) => Opening::Open(household),
            Err(failure) => {
                // An earlier reason no longer holds, or none was thought to be needed: it is asked for at once.
                if is_reason_missing(&failure) {
                    open_with_reason(id, opening, reasons);
                }
                Opening::Refused(failure)
            }
        };
        // The card may be gone by now.
        opening.try_set(opened);
    });
}

async fn fetch(id: i64, reason: Option<String>) -> Answer<Household> {
    let call = Call::new(Method::GET, &format!("/api/households/{id}"));
    match reason {
        Some(reason) => call.access_reason(&reason).receive().await,
        None => call.receive().await,
    }
}

/// Handed to whatever map the phone has; on a desk there is nothing to walk to.
#[component]
fn Directions(lon: Option<f64>, lat: Option<f64>) -> impl IntoView {
    lon.zip(lat).map(|(lon, lat)| {
        view! {
            <a class="button phone-only wide" href=format!("geo:{lat:.6},{lon:.6}?q={lat:.6},{lon:.6}")>
                <Icon name="navigation-arrow"/>
                {move || t!("directions")}
            </a>
        }
    })
}
