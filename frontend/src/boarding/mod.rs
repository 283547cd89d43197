//! Boarding houses on the screens: the card of a house with its rooms and tenants in numbers, tenants by name on purpose.
//! Declaring tenants is the landlord's screens, which come later.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::boarding::{BoardingHouse, Tenant, TenantList};
use shared::layer::Layer;
use shared::session::Permission;

use crate::accounts::{Reasons, is_reason_missing};
use crate::editing::EditSection;
use crate::geography::{as_row, said};
use crate::http::{self, Call, Failure};
use crate::map::MapState;
use crate::session::session;
use crate::shell::{CardFrame, CardHeight};
use crate::t;
use crate::text::{count, format, kinds};
use crate::ui::{Fact, Icon, Loading, Refused, Skeleton, Updated};

#[derive(Clone, PartialEq)]
enum Opening {
    Closed,
    Asked,
    Open(TenantList),
    Refused(Failure),
}

#[component]
pub fn BoardingHouseCard(id: i64) -> impl IntoView {
    let state: MapState = expect_context();
    let changes = state.live.changes_of(Layer::BoardingHouse.name(), id);
    let house = LocalResource::new(move || {
        changes.track();
        async move { http::get::<BoardingHouse>(&format!("/api/boarding-houses/{id}")).await }
    });
    view! {
        <CardFrame
            layer=Layer::BoardingHouse
            icon="bed"
            title=said!(house, house => house.name)
            subtitle=said!(house, house => format!("{} · {}", house.address, house.area_name))
        >
            <Loading answer=house let:house>
                <dl class="card-figures">
                    <div><dd class="num">{move || count(house.room_count.into())}</dd><dt>{move || t!("rooms-unit", count = house.room_count)}</dt></div>
                    <div><dd class="num">{move || count(house.vacant_room_count.into())}</dd><dt>{move || t!("vacant-unit", count = house.vacant_room_count)}</dt></div>
                    <div><dd class="num">{move || count(house.tenant_count.into())}</dd><dt>{move || t!("tenants-unit", count = house.tenant_count)}</dt></div>
                </dl>
                <dl class="facts">
                    <Fact label=Signal::derive(|| t!("rooms-declared"))>{move || share(house.declared_room_count, house.room_count)}</Fact>
                    <Fact label=Signal::derive(|| t!("tenants-declared"))>{move || share(house.declared_tenant_count, house.tenant_count)}</Fact>
                    <Fact label=Signal::derive(|| t!("code"))>{house.code}</Fact>
                </dl>
                <Tenants id/>
                <Updated at=house.updated_at/>
            </Loading>
            <EditSection layer=Layer::BoardingHouse id row=as_row!(house) reload=move |()| house.refetch()/>
        </CardFrame>
    }
}

/// "9/12 · 75%".
fn share(part: i32, whole: i32) -> String {
    let of = format!("{}/{}", count(part.into()), count(whole.into()));
    if whole > 0 { format!("{of} · {}", format::percent(f64::from(part) / f64::from(whole))) } else { of }
}

#[component]
fn Tenants(id: i64) -> impl IntoView {
    let reasons: Reasons = expect_context();
    let height: CardHeight = expect_context();
    let session = session();
    let opening = RwSignal::new(Opening::Closed);
    Effect::new(move |_| {
        if let Opening::Open(_) = opening.get() {
            height.grow();
        }
    });
    let open = move |_| {
        let needed = session.info_untracked().is_some_and(|info| info.reason_needed);
        match reasons.held() {
            None if needed => reasons.ask(move |reason| request(id, opening, reasons, Some(reason))),
            held => request(id, opening, reasons, held),
        }
    };
    move || {
        match opening.get() {
        Opening::Closed => view! {
            <Show when=move || session.may(Permission::OpenTenants)>
                <div class="card-actions sticky">
                    <button type="button" class="button primary wide" data-testid="open-tenants" on:click=open>{move || t!("open-tenants")}</button>
                </div>
            </Show>
        }
        .into_any(),
        Opening::Asked => view! { <Skeleton lines=4/> }.into_any(),
        Opening::Open(list) => view! {
            <p class="traced"><Icon name="eye"/>{move || t!("opening-is-kept")}</p>
            <dl class="facts"><Fact label=Signal::derive(|| t!("landlord"))>{list.landlord_name}</Fact></dl>
            <ul class="rows residents" data-testid="tenants">{list.tenants.into_iter().map(|tenant| view! { <TenantRow tenant/> }).collect_view()}</ul>
        }
        .into_any(),
        Opening::Refused(failure) => view! { <Refused failure on_retry=move || request(id, opening, reasons, reasons.held())/> }.into_any(),
    }
    }
}

fn request(id: i64, opening: RwSignal<Opening>, reasons: Reasons, reason: Option<String>) {
    opening.set(Opening::Asked);
    spawn_local(async move {
        let call = Call::new(Method::GET, &format!("/api/boarding-houses/{id}/tenants"));
        let call = match reason {
            Some(reason) => call.access_reason(&reason),
            None => call,
        };
        let opened = match call.receive().await {
            Ok(list) => Opening::Open(list),
            Err(failure) => {
                if is_reason_missing(&failure) {
                    reasons.ask(move |reason| request(id, opening, reasons, Some(reason)));
                }
                Opening::Refused(failure)
            }
        };
        // The card may be gone by now.
        opening.try_set(opened);
    });
}

#[component]
fn TenantRow(tenant: Tenant) -> impl IntoView {
    let Tenant { room, name, birth_date, sex, occupation, home_province, from_on, declared_at, national_id, phone, .. } = tenant;
    let who = move || {
        let sex = sex.map(|sex| kinds::named("sex", sex));
        let since = t!("rents-since", day = format::day(from_on));
        [Some(room.clone()), sex, Some(since)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    let declared = move || if declared_at.is_some() { t!("declared") } else { t!("not-declared") };
    view! {
        <li>
            <details class="resident">
                <summary>
                    <strong>{name}</strong>
                    <span>{who}</span>
                    <span>{declared}</span>
                </summary>
                <dl class="facts">
                    {birth_date.map(|date| view! { <Fact label=Signal::derive(|| t!("born"))><span class="num">{format::day(date)}</span></Fact> })}
                    {occupation.map(|occupation| view! { <Fact label=Signal::derive(|| t!("occupation"))>{occupation}</Fact> })}
                    {home_province.map(|province| view! { <Fact label=Signal::derive(|| t!("home-province"))>{province}</Fact> })}
                    {national_id.map(|number| view! { <Fact label=Signal::derive(|| t!("national-id"))><span class="num">{number}</span></Fact> })}
                    {phone.map(|number| view! { <Fact label=Signal::derive(|| t!("phone"))><span class="num">{number}</span></Fact> })}
                </dl>
            </details>
        </li>
    }
}
