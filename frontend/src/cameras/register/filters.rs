//! The choice of month, kind and area above the register.
//! What it comes to is asked for by whoever shows it.

use chrono::Datelike;
use leptos::prelude::*;
use shared::camera_alert::AlertKind;

use super::choice::{Choice, Month};
use crate::geography::ward;
use crate::t;
use crate::text::{format, kinds};
use crate::ui::now;

/// Months that can be chosen, this one first.
const MONTHS: usize = 24;

#[component]
pub fn Filters(choice: RwSignal<Choice>) -> impl IntoView {
    let today = format::local(now().get_untracked());
    let this_month = Month { year: today.year(), month: today.month() };
    // A link may name an earlier one.
    let listed = move || {
        let mut months: Vec<Month> = std::iter::successors(Some(this_month), |month| Some(month.before())).take(MONTHS).collect();
        months.extend(choice.with_untracked(|choice| choice.month).filter(|month| !months.contains(month)));
        months
    };
    let month_option = move |month: Month| {
        view! {
            <option value=month.key() selected=move || choice.get().month == Some(month)>
                {move || t!("register-month", month = format!("{:02}/{}", month.month, month.year))}
            </option>
        }
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
    let whole = move || ward.own().map_or_else(|| t!("whole-ward"), |area| area.name);
    view! {
        <div class="register-filters" role="group" aria-label=move || t!("register-filters")>
            <div class="field">
                <label for="register-month">{move || t!("register-when")}</label>
                <select id="register-month" data-testid="register-month" on:change:target=move |event| choice.update(|choice| choice.month = Month::read(&event.target().value()))>
                    <option value="" selected=move || choice.get().month.is_none()>{move || t!("register-year")}</option>
                    {listed().into_iter().map(month_option).collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="register-kind">{move || t!("register-kind")}</label>
                <select id="register-kind" data-testid="register-kind" on:change:target=move |event| choice.update(|choice| choice.kind = AlertKind::from_name(&event.target().value()))>
                    <option value="" selected=move || choice.get().kind.is_none()>{move || t!("register-all-kinds")}</option>
                    {AlertKind::ALL.into_iter().filter(|kind| kind.is_violation()).map(kind_option).collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="register-area">{move || t!("area-choice")}</label>
                <select id="register-area" data-testid="register-area" on:change:target=move |event| choice.update(|choice| choice.area = event.target().value().parse().ok())>
                    <option value="" selected=move || choice.get().area.is_none()>{whole}</option>
                    {areas}
                </select>
            </div>
        </div>
    }
}
