//! Boarding houses on the screens: the card of a house with its rooms and tenants in numbers, tenants by name on purpose.
//! Declaring tenants is the landlord's screens, which come later.

use leptos::prelude::*;
use shared::boarding::{BoardingHouse, Tenant, TenantList};
use shared::layer::Layer;
use shared::session::Permission;

use crate::editing::EditSection;
use crate::geography::{as_row, row_behind, said};
use crate::shell::{CardFrame, OpenedOnPurpose, Opening, PlaceActions};
use crate::t;
use crate::text::{count, format, kinds};
use crate::ui::{Fact, Loading, Updated};

#[component]
pub fn BoardingHouseCard(id: i64) -> impl IntoView {
    let house = row_behind::<BoardingHouse>(Layer::BoardingHouse, id, format!("/api/boarding-houses/{id}"));
    let opening = Opening::of(format!("/api/boarding-houses/{id}/tenants"));
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
                <Tenants opening/>
                <PlaceActions lon=house.lon lat=house.lat/>
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
fn Tenants(opening: Opening<TenantList>) -> impl IntoView {
    view! {
        <OpenedOnPurpose opening permission=Permission::OpenTenants label=|| t!("open-tenants") name="open-tenants" lines=4 let:list>
            <dl class="facts"><Fact label=Signal::derive(|| t!("landlord"))>{list.landlord_name}</Fact></dl>
            <ul class="rows residents" data-testid="tenants">{list.tenants.into_iter().map(|tenant| view! { <TenantRow tenant/> }).collect_view()}</ul>
        </OpenedOnPurpose>
    }
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
