//! Businesses on the screens: the card with their public facts, which whoever keeps the open map corrects there.
//! Registering and inspecting them are other screens.

use leptos::prelude::*;
use shared::business::Business;
use shared::layer::Layer;

use crate::editing::EditSection;
use crate::geography::{as_row, row_behind, said};
use crate::shell::{CardFrame, PlaceActions};
use crate::t;
use crate::text::{format, kinds};
use crate::ui::{Fact, Loading, Updated};

#[component]
pub fn BusinessCard(id: i64) -> impl IntoView {
    let business = row_behind::<Business>(Layer::Business, id, format!("/api/businesses/{id}"));
    view! {
        <CardFrame
            layer=Layer::Business
            icon="storefront"
            title=said!(business, business => business.name)
            subtitle=said!(business, business => kinds::named("business", business.kind))
        >
            <Loading answer=business lines=6 let:business>
                <dl class="facts">
                    {business.address.map(|address| view! { <Fact label=Signal::derive(|| t!("address"))>{address}</Fact> })}
                    <Fact label=Signal::derive(|| t!("sector"))>{move || kinds::word("sector", &business.sector)}</Fact>
                    {business.vsic.map(|vsic| view! { <Fact label=Signal::derive(|| t!("vsic"))><span class="num">{vsic}</span></Fact> })}
                    <Fact label=Signal::derive(|| t!("status"))>{move || kinds::named("business-status", business.status)}</Fact>
                    {business.opened_on.map(|day| view! { <Fact label=Signal::derive(|| t!("opened-on"))><span class="num">{format::day(day)}</span></Fact> })}
                    {business.tax_code.map(|code| view! { <Fact label=Signal::derive(|| t!("tax-code"))><span class="num">{code}</span></Fact> })}
                    <Fact label=Signal::derive(|| t!("code"))>{business.code}</Fact>
                </dl>
                <PlaceActions lon=business.lon lat=business.lat/>
                <Updated at=business.updated_at/>
            </Loading>
            <EditSection layer=Layer::Business id row=as_row!(business) reload=move |()| business.refetch()/>
        </CardFrame>
    }
}
