//! The counts that everybody may have, on the open page: the month's table by TDP, and cells shaded on the map.
//! What may be published is the server's decision; a withheld figure is shown as one, never as a zero.

use leptos::prelude::*;
use serde_json::{Value, json};
use shared::population::{PublishedCells, PublishedPopulation, PublishedWard};

use super::shades::{Shades, shades};
use crate::http;
use crate::map::{MapState, empty};
use crate::t;
use crate::text::{Language, count, format, language, moment};
use crate::ui::Loading;

#[component]
pub fn PublishedCounts() -> impl IntoView {
    let published = LocalResource::new(|| async { http::get::<PublishedPopulation>("/api/population/published").await });
    view! {
        <section class="published" data-testid="published" aria-labelledby="published-title">
            <h2 class="section-title" id="published-title">{move || t!("published-title")}</h2>
            <Loading answer=published lines=6 let:published>
                <Months published/>
            </Loading>
        </section>
    }
}

#[component]
fn Months(published: PublishedPopulation) -> impl IntoView {
    let Some(first) = published.wards.first().cloned() else {
        return view! { <p class="panel-note">{move || t!("published-none")}</p> }.into_any();
    };
    let (source, method, least) = (published.source, published.method, published.least_count);
    let in_language = |vi: String, en: String| {
        move || match language() {
            Language::Vietnamese => vi.clone(),
            Language::English => en.clone(),
        }
    };
    let (counted_at, month) = (first.counted_at, first.month);
    view! {
        <p class="panel-note published-when" data-testid="published-month">
            {move || t!("published-month", month = format::month(month), time = moment(counted_at))}
        </p>
        <Shading/>
        <Table wards=published.wards/>
        <p class="panel-note quiet-text">{move || t!("published-withheld", least = least)}</p>
        <details class="published-method">
            <summary>{move || t!("published-how")}</summary>
            <p>{in_language(source.vi, source.en)}</p>
            <p>{in_language(method.vi, method.en)}</p>
            <p class="published-files">
                <a href="/api/population/published.csv" download="dan-so.csv">"CSV"</a>
                <a href="/api/population/published.geojson" download="dan-so.geojson">"GeoJSON"</a>
            </p>
        </details>
    }
    .into_any()
}

/// TDPs of the only ward; of several wards their totals, which is as much as a narrow table holds.
#[component]
fn Table(wards: Vec<PublishedWard>) -> impl IntoView {
    let rows: Vec<(String, Option<u32>, Option<u32>)> = match &wards[..] {
        [ward] => ward.tdps.iter().map(|tdp| (tdp.name.clone(), tdp.households, tdp.residents)).collect(),
        wards => wards.iter().map(|ward| (ward.name.clone(), ward.households, ward.residents)).collect(),
    };
    let total = (wards.len() == 1).then(|| (wards[0].name.clone(), wards[0].households, wards[0].residents));
    let row = |(name, households, residents)| {
        view! {
            <tr>
                <th scope="row">{name}</th>
                <Figure figure=households/>
                <Figure figure=residents/>
            </tr>
        }
    };
    view! {
        <table class="published-table" data-testid="published-table">
            <thead>
                <tr>
                    <th scope="col">{move || t!("area")}</th>
                    <th scope="col">{move || t!("households")}</th>
                    <th scope="col">{move || t!("residents")}</th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            {total.map(|total| view! { <tfoot>{row(total)}</tfoot> })}
        </table>
    }
}

#[component]
fn Figure(figure: Option<u32>) -> impl IntoView {
    match figure {
        Some(figure) => view! { <td class="num">{move || count(figure.into())}</td> }.into_any(),
        None => view! {
            <td class="withheld" title=move || t!("withheld")>
                <span aria-hidden="true">"—"</span>
                <span class="visually-hidden">{move || t!("withheld")}</span>
            </td>
        }
        .into_any(),
    }
}

/// Lays the cells on the map, and says what their shades mean.
#[component]
fn Shading() -> impl IntoView {
    let state: MapState = expect_context();
    let is_on = RwSignal::new(false);
    // Asked for once, when they are wanted.
    let cells = LocalResource::new(move || {
        let wanted = is_on.get();
        async move { if wanted { Some(http::get::<PublishedCells>("/api/population/published.geojson").await) } else { None } }
    });
    let shades = Memo::new(move |_| match cells.get() {
        Some(Some(Ok(cells))) if is_on.get() => Some((shades(cells.features.iter().filter_map(|cell| cell.properties.residents)), cells)),
        _ => None,
    });
    Effect::new(move |_| {
        let drawn = shades.with(|shades| shades.as_ref().map(|(shades, cells)| drawn(cells, shades)));
        state.cells.set(drawn.unwrap_or_else(empty));
    });
    on_cleanup(move || _ = state.cells.try_set(empty()));
    let failed = move || is_on.get() && matches!(cells.get(), Some(Some(Err(_))));
    view! {
        <button
            type="button"
            class="layer-row published-switch"
            role="switch"
            data-testid="published-on-map"
            aria-checked=move || is_on.get().to_string()
            on:click=move |_| is_on.update(|on| *on = !*on)
        >
            <span class="layer-name">{move || t!("published-on-map")}</span>
            <span class="switch" aria-hidden="true"></span>
        </button>
        {move || shades.with(|shades| shades.as_ref().map(|(shades, _)| view! { <Legend shades=shades.clone()/> }))}
        {move || failed().then(|| view! { <p class="panel-note" role="alert">{t!("layers-failed")}</p> })}
    }
}

#[component]
fn Legend(shades: Shades) -> impl IntoView {
    let step = |(shade, from, to): (usize, u32, u32)| {
        let said = move || if from == to { count(from.into()) } else { format!("{}–{}", count(from.into()), count(to.into())) };
        view! { <li><span class="shade" data-shade=shade.to_string()></span><span class="num">{said}</span></li> }
    };
    view! {
        <div class="legend" data-testid="published-legend">
            <p class="quiet-text">{move || t!("published-legend")}</p>
            <ul>
                {shades.steps().into_iter().map(step).collect_view()}
                <li><span class="shade" data-shade="withheld"></span><span>{move || t!("withheld")}</span></li>
            </ul>
        </div>
    }
}

/// The cells as the map draws them: a shade, and nothing that a glance could not tell.
fn drawn(cells: &PublishedCells, shades: &Shades) -> Value {
    let feature = |cell: &shared::population::CellFeature| {
        let shade = cell.properties.residents.map_or(-1, |residents| shades.of(residents) as i32);
        json!({"type": "Feature", "geometry": cell.geometry, "properties": {"shade": shade}})
    };
    json!({"type": "FeatureCollection", "features": cells.features.iter().map(feature).collect::<Vec<_>>()})
}
