//! The list behind a count, a page at a time, and the whole of it as a file.
//! Names of heads come as the server gives them: by right, or once a reason was stated.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::drawn_area::{AreaRow, AreaRows, DrawnArea, ListInArea};
use shared::layer::Layer;

use crate::accounts::Reasons;
use crate::http::{Answer, Call};
use crate::map::{FeatureRef, MapState, save_file};
use crate::t;
use crate::text::kinds;
use crate::ui::{Icon, Refused, Skeleton, now};

/// What of the list is here.
#[derive(Clone, Default)]
struct Listed {
    rows: Vec<AreaRow>,
    last: Option<Answer<AreaRows>>,
}

#[component]
pub fn Rows(area: DrawnArea, kind: Layer) -> impl IntoView {
    let reasons: Reasons = expect_context();
    let listed = RwSignal::new(Listed::default());
    let asking = StoredValue::new((area, kind));
    let ask = move |cursor: Option<String>, reason: Option<String>| {
        let (area, kind) = asking.get_value();
        let anew = cursor.is_none();
        let request = ListInArea { area, kind, limit: None, cursor };
        spawn_local(async move {
            let answer = call("/api/areas/list", &request, reason.or_else(|| reasons.held()));
            let answer = match answer {
                Ok(call) => call.receive::<AreaRows>().await,
                Err(failure) => Err(failure),
            };
            listed.try_update(|listed| {
                if anew {
                    listed.rows.clear();
                }
                if let Ok(page) = &answer {
                    listed.rows.extend(page.rows.iter().cloned());
                }
                listed.last = Some(answer);
            });
        });
    };
    ask(None, None);
    let page = move || {
        listed.with(|listed| {
            listed.last.as_ref().and_then(|answer| answer.as_ref().ok()).map(|page| (page.next_cursor.clone(), page.reason_needed))
        })
    };
    let next = move || page().and_then(|(next, _)| next);
    let reason_needed = move || page().is_some_and(|(_, needed)| needed);
    let failure = move || listed.with(|listed| listed.last.as_ref().and_then(|answer| answer.as_ref().err().cloned()));
    view! {
        <section class="area-list" data-testid="area-list" aria-label=move || kinds::word("one", kind.name())>
            <div class="tool-actions">
                <Download asking/>
                {move || reason_needed().then(|| view! {
                    <button type="button" class="button" data-testid="area-names" on:click=move |_| reasons.ask(move |reason| ask(None, Some(reason)))>{t!("area-names")}</button>
                })}
            </div>
            {move || listed.with(|listed| listed.last.is_none()).then(|| view! { <Skeleton lines=4/> })}
            <ul class="rows">
                <For each=move || listed.with(|listed| listed.rows.clone()) key=|row| (row.id, row.name.clone()) let:row>
                    <RowLine row kind/>
                </For>
            </ul>
            {move || failure().map(|failure| view! { <Refused failure on_retry=move || ask(None, None)/> })}
            {move || next().map(|cursor| view! {
                <button type="button" class="button wide" data-testid="area-list-more" on:click=move |_| ask(Some(cursor.clone()), None)>{t!("list-more")}</button>
            })}
        </section>
    }
}

fn call(path: &str, request: &ListInArea, reason: Option<String>) -> Answer<Call> {
    let call = Call::new(Method::POST, path).body(request)?;
    Ok(match reason {
        Some(reason) => call.access_reason(&reason),
        None => call,
    })
}

#[component]
fn RowLine(row: AreaRow, kind: Layer) -> impl IntoView {
    let state: MapState = expect_context();
    let id = row.id;
    let place = row.lon.zip(row.lat);
    let open = move |_| {
        state.selected.set(Some(FeatureRef { layer: kind, id }));
        if let Some((lon, lat)) = place {
            state.fly_to(lon, lat, 18.0);
        }
    };
    let title = row.name.clone().or_else(|| row.address.clone()).unwrap_or_else(|| row.code.clone());
    let below = row.name.and(row.address).unwrap_or(row.area_name);
    let (people, sort) = (row.people, row.sort);
    let end = move || match (kind, people, &sort) {
        (Layer::Household | Layer::BoardingHouse, Some(people), _) => t!("people", count = people),
        (Layer::Business, _, Some(sector)) => kinds::word("sector", sector),
        (Layer::Place, _, Some(sort)) => kinds::word("place", sort),
        (Layer::Camera, _, Some(status)) => kinds::word("camera-status", status),
        (Layer::Building, _, Some(usage)) => kinds::word("building", usage),
        _ => String::new(),
    };
    view! {
        <li>
            <button type="button" class="row" data-id=id.to_string() on:click=open>
                <span class="row-words"><span>{title}</span><small class="quiet-text">{below}</small></span>
                <span class="row-end">{end}</span>
            </button>
        </li>
    }
}

/// The whole list for a spreadsheet; the server keeps who took it out.
#[component]
fn Download(asking: StoredValue<(DrawnArea, Layer)>) -> impl IntoView {
    let reasons: Reasons = expect_context();
    let failed = RwSignal::new(None::<crate::http::Failure>);
    let now = now();
    let download = move |_| {
        let (area, kind) = asking.get_value();
        let request = ListInArea { area, kind, limit: None, cursor: None };
        spawn_local(async move {
            let file = match call("/api/areas/list.csv", &request, reasons.held()) {
                Ok(call) => call.answer().await,
                Err(failure) => Err(failure),
            };
            // Reading the answer as text takes its byte order mark off; spreadsheets need it.
            failed.try_set(
                file.map(|text| save_file(&format!("khoanh-vung-{kind}.csv"), "text/csv;charset=utf-8", &format!("\u{feff}{text}"))).err(),
            );
        });
    };
    view! {
        <button type="button" class="button" data-testid="area-csv" on:click=download>
            <Icon name="download-simple"/>
            {move || t!("download-csv")}
        </button>
        {move || failed.get().map(|failure| view! { <p role="alert">{kinds::failure(&failure, now.get_untracked())}</p> })}
    }
}
