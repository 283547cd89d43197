//! One person of an opened household: what everybody who opened it sees, and the full number behind one more question.
//! What is masked was masked by the server.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::household::{Resident, ResidentIdentity};
use shared::session::Permission;

use crate::accounts::{Reasons, is_reason_missing};
use crate::http::{Call, Failure};
use crate::session::session;
use crate::t;
use crate::text::{format, kinds};
use crate::ui::{Fact, now};

#[component]
pub fn ResidentRow(resident: Resident) -> impl IntoView {
    let today = format::local(now().get_untracked()).date_naive();
    let Resident {
        id,
        name,
        birth_date,
        sex,
        relation,
        education,
        occupation,
        residence_kind,
        national_id_masked,
        phone_masked,
        reaches_military_age,
    } = resident;
    let who = move || {
        let age = t!("years-old", count = format::age(birth_date, today));
        format!("{} · {} · {age}", kinds::relation(relation, sex), kinds::named("sex", sex))
    };
    let residence = move || {
        let residence = kinds::named("residence", residence_kind);
        if reaches_military_age { format!("{residence} · {}", t!("military-age")) } else { residence }
    };
    view! {
        <li>
            <details class="resident" data-testid="resident" data-id=id.to_string()>
                <summary>
                    <strong>{name}</strong>
                    <span>{who}</span>
                    <span>{residence}</span>
                </summary>
                <dl class="facts">
                    <Fact label=Signal::derive(|| t!("born"))><span class="num">{format::day(birth_date)}</span></Fact>
                    {education.map(|education| view! { <Fact label=Signal::derive(|| t!("education"))>{move || kinds::named("education", education)}</Fact> })}
                    {occupation.map(|occupation| view! { <Fact label=Signal::derive(|| t!("occupation"))>{occupation}</Fact> })}
                    <Identity id national_id=national_id_masked phone=phone_masked/>
                </dl>
            </details>
        </li>
    }
}

/// Number and phone as they came, and in full for who may and says why.
#[component]
fn Identity(id: i64, national_id: Option<String>, phone: Option<String>) -> impl IntoView {
    let reasons: Reasons = expect_context();
    let session = session();
    let full = RwSignal::new(None::<Result<ResidentIdentity, Failure>>);
    let has_more = national_id.is_some() || phone.is_some();
    let shown = move |pick: fn(&ResidentIdentity) -> Option<String>, masked: Option<String>| {
        move || match full.get() {
            Some(Ok(identity)) => pick(&identity).or(masked.clone()),
            _ => masked.clone(),
        }
    };
    let national_id = shown(|identity| identity.national_id.clone(), national_id);
    let phone = shown(|identity| identity.phone.clone(), phone);
    let show_all = move |_| match reasons.held() {
        Some(reason) => request(id, full, reasons, reason),
        None => reasons.ask(move |reason| request(id, full, reasons, reason)),
    };
    let now = now();
    view! {
        {move || national_id().map(|number| view! { <Fact label=Signal::derive(|| t!("national-id"))><span class="num">{number}</span></Fact> })}
        {move || phone().map(|number| view! { <Fact label=Signal::derive(|| t!("phone"))><span class="num">{number}</span></Fact> })}
        <Show when=move || has_more && session.may(Permission::SeeFullNationalId) && !matches!(full.get(), Some(Ok(_)))>
            <div class="fact">
                <dt></dt>
                <dd>
                    <button type="button" class="button" data-testid="show-identity" on:click=show_all>{move || t!("show-full-identity")}</button>
                    {move || match full.get() {
                        Some(Err(failure)) => Some(view! { <p class="error" role="alert">{kinds::failure(&failure, now.get_untracked())}</p> }),
                        _ => None,
                    }}
                </dd>
            </div>
        </Show>
    }
}

fn request(id: i64, full: RwSignal<Option<Result<ResidentIdentity, Failure>>>, reasons: Reasons, reason: String) {
    spawn_local(async move {
        let call = Call::new(Method::GET, &format!("/api/residents/{id}/identity")).access_reason(&reason);
        let answer = call.receive().await;
        if answer.as_ref().is_err_and(is_reason_missing) {
            reasons.ask(move |reason| request(id, full, reasons, reason));
        }
        // The row may be gone by now.
        full.try_set(Some(answer));
    });
}
