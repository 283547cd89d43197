//! The list of violations, newest first, a page at a time; a row opens the card of its alert.
//! Which rows there are is the server's answer.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::layer::Layer;
use shared::violation::{Violation, ViolationList};

use super::choice::Choice;
use crate::http::{self, Failure};
use crate::map::{FeatureRef, MapState};
use crate::t;
use crate::text::{format, kinds, moment};
use crate::ui::{Refused, Skeleton};

const PAGE: u32 = 40;

/// What of the list is here.
#[derive(Clone, Default)]
struct Listed {
    rows: Vec<Violation>,
    next: Option<String>,
    failure: Option<Failure>,
    has_come: bool,
}

#[component]
pub fn ViolationRows(choice: RwSignal<Choice>) -> impl IntoView {
    let listed = RwSignal::new(Listed::default());
    let ask = move |chosen: Choice, cursor: Option<String>| {
        let anew = cursor.is_none();
        let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let address = format!("/api/violations?limit={PAGE}&{}{cursor}", chosen.query());
        spawn_local(async move {
            let answer = http::get::<ViolationList>(&address).await;
            // Something else has been chosen since: this is no answer to it.
            if choice.try_get_untracked() != Some(chosen) {
                return;
            }
            listed.try_update(|listed| {
                listed.has_come = true;
                match answer {
                    Ok(page) if anew => *listed = Listed { rows: page.violations, next: page.next_cursor, failure: None, has_come: true },
                    Ok(page) => {
                        listed.rows.extend(page.violations);
                        listed.next = page.next_cursor;
                        listed.failure = None;
                    }
                    Err(failure) => listed.failure = Some(failure),
                }
            });
        });
    };
    Effect::new(move |_| {
        let chosen = choice.get();
        listed.set(Listed::default());
        ask(chosen, None);
    });
    let is_empty = move || listed.with(|listed| listed.has_come && listed.rows.is_empty() && listed.failure.is_none());
    let more = move || listed.with(|listed| listed.next.clone());
    view! {
        <div class="register-table" tabindex="0" role="region" aria-label=move || t!("page-violations")>
            <table data-testid="violations">
                <thead>
                    <tr>
                        <th scope="col">{move || t!("register-code")}</th>
                        <th scope="col">{move || t!("register-kind")}</th>
                        <th scope="col">{move || t!("register-time")}</th>
                        <th scope="col">{move || t!("register-place")}</th>
                        <th scope="col">{move || t!("alert-legal-basis")}</th>
                        <th scope="col" class="number">{move || t!("register-fine")}</th>
                        <th scope="col">{move || t!("register-closed-by")}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || listed.with(|listed| listed.rows.clone()) key=|row| (row.id, row.closed_at) let:row>
                        <Row row/>
                    </For>
                </tbody>
            </table>
            {move || listed.with(|listed| !listed.has_come).then(|| view! { <Skeleton lines=6/> })}
            {move || is_empty().then(|| view! { <p class="panel-note" data-testid="violations-empty">{t!("register-empty")}</p> })}
            {move || listed.with(|listed| listed.failure.clone()).map(|failure| view! {
                <Refused failure on_retry=move || ask(choice.get_untracked(), listed.with_untracked(|listed| listed.next.clone()))/>
            })}
            {move || more().map(|cursor| view! {
                <button type="button" class="button wide" data-testid="violations-more" on:click=move |_| ask(choice.get_untracked(), Some(cursor.clone()))>
                    {t!("list-more")}
                </button>
            })}
        </div>
    }
}

#[component]
fn Row(row: Violation) -> impl IntoView {
    let state: MapState = expect_context();
    let Violation {
        id,
        code,
        kind,
        started_at,
        camera_code,
        camera_name,
        area_name,
        near_address,
        legal_basis,
        fine_vnd,
        note,
        closed_by,
        ..
    } = row;
    let open = move |_| state.selected.set(Some(FeatureRef { layer: Layer::CameraAlert, id }));
    let near = move || near_address.as_ref().map(|address| t!("register-near", address = address.as_str()));
    view! {
        <tr data-id=id.to_string()>
            <td><button type="button" class="link num" data-testid="violation-open" on:click=open>{code}</button></td>
            <td>{move || kinds::named("alert-kind", kind)}</td>
            <td class="num">{move || moment(started_at)}</td>
            <td><span>{camera_name}" · "{camera_code}</span><small class="quiet-text">{area_name} {move || near().map(|near| format!(" · {near}"))}</small></td>
            <td title=note>{legal_basis.unwrap_or_else(|| "—".to_owned())}</td>
            <td class="number num">{move || fine_vnd.map_or_else(|| "—".to_owned(), format::dong)}</td>
            <td>{closed_by.unwrap_or_else(|| "—".to_owned())}</td>
        </tr>
    }
}
