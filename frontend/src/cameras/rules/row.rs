//! One rule in its place: what it applies to and what it decides, moved up and down by button or Alt and an arrow.
//! It deliberately saves nothing; the list around it does, as a whole.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use shared::camera_alert::{AlertKind, AlertRule, Severity};
use wasm_bindgen::JsCast;

use super::words::{Names, Trouble, hour, name, read_hour, sentence};
use crate::t;
use crate::text::kinds;
use crate::ui::Icon;

/// A rule in a list that is being edited; the key stays with it wherever it moves.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub key: u32,
    pub rule: RwSignal<AlertRule>,
}

/// What can be done with a row in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Up,
    Down,
    Remove,
}

#[component]
pub fn RuleRow(row: Row, place: Signal<usize>, names: StoredValue<Names>, on_step: Callback<Step>) -> impl IntoView {
    let rule = row.rule;
    let id = move |field: &str| format!("rule-{}-{field}", row.key);
    let trouble = Memo::new(move |_| rule.with(Trouble::of));
    let move_it = move |step: Step, button: &'static str| {
        on_step.run(step);
        // The row has another place in the page, and the focus would be lost on the way.
        let id = id(button);
        request_animation_frame(move || focus(&id));
    };
    let on_key = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowUp" if event.alt_key() => Step::Up,
            "ArrowDown" if event.alt_key() => Step::Down,
            _ => return,
        };
        event.prevent_default();
        move_it(step, if step == Step::Up { "up" } else { "down" });
    };
    let hours = move |pick: fn(&AlertRule) -> Option<chrono::NaiveTime>| move || rule.with(pick).map(hour).unwrap_or_default();
    view! {
        <li class="rule-row" data-testid="rule-row" on:keydown=on_key>
            <span class="rule-place num" aria-hidden="true">{move || (place.get() + 1).to_string()}</span>
            <div class="rule-fields">
                <div class="field">
                    <label for=id("kind")>{move || t!("rule-kind")}</label>
                    <select id=id("kind") on:change:target=move |event| rule.update(|rule| rule.kind = AlertKind::from_name(&event.target().value()))>
                        <option value="" selected=move || rule.with(|rule| rule.kind.is_none())>{move || t!("rule-every-kind")}</option>
                        {AlertKind::ALL.map(|kind| view! {
                            <option value=kind.name() selected=move || rule.with(|rule| rule.kind == Some(kind))>{move || kinds::named("alert-kind", kind)}</option>
                        }).collect_view()}
                    </select>
                </div>
                <div class="field">
                    <label for=id("from")>{move || t!("rule-from")}</label>
                    <input id=id("from") type="time" class="num" prop:value=hours(|rule| rule.from) on:change:target=move |event| rule.update(|rule| rule.from = read_hour(&event.target().value()))/>
                </div>
                <div class="field">
                    <label for=id("until")>{move || t!("rule-until")}</label>
                    <input id=id("until") type="time" class="num" prop:value=hours(|rule| rule.until) on:change:target=move |event| rule.update(|rule| rule.until = read_hour(&event.target().value()))/>
                </div>
                <div class="field">
                    <label for=id("severity")>{move || t!("severity")}</label>
                    <select id=id("severity") on:change:target=move |event| rule.update(|rule| rule.severity = Severity::from_name(&event.target().value()))>
                        <option value="" selected=move || rule.with(|rule| rule.severity.is_none())>{move || t!("rule-severity-of-device")}</option>
                        {Severity::ALL.map(|severity| view! {
                            <option value=severity.name() selected=move || rule.with(|rule| rule.severity == Some(severity))>{move || kinds::named("severity", severity)}</option>
                        }).collect_view()}
                    </select>
                </div>
                <div class="field">
                    <label for=id("handler")>{move || t!("rule-handler")}</label>
                    <select id=id("handler") on:change:target=move |event| rule.update(|rule| rule.handler_id = event.target().value().parse().ok())>
                        <option value="" selected=move || rule.with(|rule| rule.handler_id.is_none())>{move || t!("rule-whoever-takes-it")}</option>
                        <Handlers rule names/>
                    </select>
                </div>
            </div>
            <div class="rule-steps">
                <button type="button" class="button icon-only" id=id("up") aria-keyshortcuts="Alt+ArrowUp" aria-label=move || t!("rule-up") title=move || t!("rule-up") on:click=move |_| move_it(Step::Up, "up")><span class="icon-up"><Icon name="caret-down"/></span></button>
                <button type="button" class="button icon-only" id=id("down") aria-keyshortcuts="Alt+ArrowDown" aria-label=move || t!("rule-down") title=move || t!("rule-down") on:click=move |_| move_it(Step::Down, "down")><Icon name="caret-down"/></button>
                <button type="button" class="button icon-only" aria-label=move || t!("rule-remove") title=move || t!("rule-remove") data-testid="rule-remove" on:click=move |_| on_step.run(Step::Remove)><Icon name="x"/></button>
            </div>
            {move || trouble.get().map(|trouble| view! { <p class="error rule-trouble">{trouble.said()}</p> })}
        </li>
    }
}

/// Those who answer for alerts there; and whoever a rule names that no longer does, so that this is seen.
#[component]
fn Handlers(rule: RwSignal<AlertRule>, names: StoredValue<Names>) -> impl IntoView {
    let mut known: Vec<(i64, String)> = names.with_value(|names| names.iter().map(|(id, name)| (*id, name.clone())).collect());
    let gone = rule.with_untracked(|rule| rule.handler_id).filter(|id| known.iter().all(|(known, _)| known != id));
    known.extend(gone.map(|id| (id, names.with_value(|names| name(id, names)))));
    let option = move |(id, name): (i64, String)| {
        view! { <option value=id.to_string() selected=move || rule.with(|rule| rule.handler_id == Some(id))>{name}</option> }
    };
    known.into_iter().map(option).collect_view()
}

/// A rule as it is read by whoever may not edit it.
#[component]
pub fn RuleLine(rule: AlertRule, names: StoredValue<Names>) -> impl IntoView {
    view! { <li class="rule-line" data-testid="rule-line">{move || names.with_value(|names| sentence(&rule, names))}</li> }
}

fn focus(id: &str) {
    if let Some(button) = document().get_element_by_id(id).and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
        _ = button.focus();
    }
}
