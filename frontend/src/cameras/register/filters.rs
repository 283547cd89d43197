//! The choice of month, kind and area above the register.
//! What it comes to is asked for by whoever shows it.

use chrono::Datelike;
use leptos::prelude::*;
use shared::camera_alert::AlertKind;

use super::choice::{Choice, Month, When};
use crate::geography::ward;
use crate::t;
use crate::text::{format, kinds};
use crate::ui::now;

/// Months that can be chosen, this one first.
const MONTHS: usize = 24;
const YEAR: usize = 12;

#[component]
pub fn Filters(choice: RwSignal<Choice>) -> impl IntoView {
    let today = format::local(now().get_untracked());
    let this_month = Month { year: today.year(), month: today.month() };
    let year_begins = (1..YEAR).fold(this_month, |month, _| month.before());
    // A link may name an earlier one.
    let listed = move || {
        let back: Vec<Month> = std::iter::successors(Some(this_month), |month| Some(month.before())).take(MONTHS).collect();
        let mut listed = vec![When::Since(year_begins)];
        listed.extend(back.into_iter().map(When::In));
        let chosen = choice.with_untracked(|choice| choice.when);
        if chosen != When::Lately && !listed.contains(&chosen) {
            listed.push(chosen);
        }
        listed
    };
    let when_option = move |when: When| {
        let number = |month: Month| format!("{:02}/{}", month.month, month.year);
        let said = move || match when {
            When::Lately => t!("register-quarter"),
            When::Since(month) if month == year_begins => t!("register-year"),
            When::Since(month) => t!("register-since", month = number(month)),
            When::In(month) => t!("register-month", month = number(month)),
        };
        view! { <option value=when.written() selected=move || choice.get().when == when>{said}</option> }
    };
    let kind_option = move |kind: AlertKind| {
        view! { <option value=kind.name() selected=move || choice.get().kind == Some(kind)>{move || kinds::named("alert-kind", kind)}</option> }
    };
    let ward = ward();
    let areas = move || {
        let option = |area: shared::area::AreaSummary| {
            let id = area.id.0;
            view! { <option value=id.to_string() selected=move || choice.get().area == Some(id)>{area.name}</option> }
        };
        ward.parts().into_iter().map(option).collect_view()
    };
    let whole = move || ward.about().map_or_else(|| t!("whole-ward"), |area| area.name);
    // Of many wards one is chosen above, in the line that names them.
    let has_parts = Memo::new(move |_| !ward.parts().is_empty());
    view! {
        <div class="register-filters" role="group" aria-label=move || t!("register-filters")>
            <div class="field">
                <label for="register-month">{move || t!("register-when")}</label>
                <select id="register-month" data-testid="register-month" on:change:target=move |event| choice.update(|choice| choice.when = When::read(&event.target().value()).unwrap_or_default())>
                    <option value="" selected=move || choice.get().when == When::Lately>{move || t!("register-quarter")}</option>
                    {listed().into_iter().map(when_option).collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="register-kind">{move || t!("register-kind")}</label>
                <select id="register-kind" data-testid="register-kind" on:change:target=move |event| choice.update(|choice| choice.kind = AlertKind::from_name(&event.target().value()))>
                    <option value="" selected=move || choice.get().kind.is_none()>{move || t!("register-all-kinds")}</option>
                    {AlertKind::ALL.into_iter().filter(|kind| kind.is_violation()).map(kind_option).collect_view()}
                </select>
            </div>
            <div class="field" hidden=move || !has_parts.get()>
                <label for="register-area">{move || t!("area-choice")}</label>
                <select id="register-area" data-testid="register-area" on:change:target=move |event| choice.update(|choice| choice.area = event.target().value().parse().ok())>
                    <option value="" selected=move || choice.get().area.is_none()>{whole}</option>
                    {areas}
                </select>
            </div>
        </div>
    }
}
