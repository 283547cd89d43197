//! The charts of an area: how many of each sort, drawn by the server with the code that reports use, and the same numbers as a
//! table for whoever cannot see them. Which bars there are is the server's answer too.

use gloo_net::http::Method;
use leptos::prelude::*;
use shared::chart::{BarChart, ChartBar, Growing};
use shared::drawn_area::{Bar, Breakdown, BreakdownOf};

use crate::http::Call;
use crate::t;
use crate::text::{count, kinds};

/// As wide as the panel's column: the drawing is scaled to it.
const WIDTH: u32 = 352;
/// More sectors than fit before the eyes; the table has all.
const MOST_SECTORS: usize = 8;

#[component]
pub fn Chart(breakdown: Breakdown) -> impl IntoView {
    let of = breakdown.of;
    let caption = move || match of {
        BreakdownOf::HouseholdSizes => t!("chart-household-sizes"),
        BreakdownOf::Storeys => t!("chart-storeys"),
        BreakdownOf::Sectors => t!("chart-sectors"),
    };
    let all = breakdown.bars.clone();
    let drawing = LocalResource::new(move || {
        // Asked for again in the other language: the texts are part of the drawing.
        let chart = chart_of(of, &all);
        async move { Call::new(Method::POST, "/api/charts/bars.svg").body(&chart)?.answer().await }
    });
    let svg = move || drawing.get().and_then(Result::ok).unwrap_or_default();
    let row = move |bar: Bar| {
        let said = bar.count as i64;
        view! { <tr><th scope="row">{move || label(of, &bar)}</th><td>{move || count(said)}</td></tr> }
    };
    view! {
        <figure class="chart" data-testid=format!("chart-{}", kinds::wire_name(of))>
            <figcaption>{caption}</figcaption>
            <div class="chart-drawing" aria-hidden="true" inner_html=svg></div>
            <table class="visually-hidden">
                <caption>{caption}</caption>
                <tbody>{breakdown.bars.into_iter().map(row).collect_view()}</tbody>
            </table>
        </figure>
    }
}

fn chart_of(of: BreakdownOf, bars: &[Bar]) -> BarChart {
    let (growing, most) = match of {
        BreakdownOf::Sectors => (Growing::Rightwards, MOST_SECTORS),
        BreakdownOf::HouseholdSizes | BreakdownOf::Storeys => (Growing::Upwards, usize::MAX),
    };
    let bar = |bar: &Bar| ChartBar { label: label(of, bar), value: bar.count, said: count(bar.count as i64) };
    BarChart { bars: bars.iter().take(most).map(bar).collect(), growing, width: WIDTH }
}

fn label(of: BreakdownOf, bar: &Bar) -> String {
    match of {
        BreakdownOf::Sectors => kinds::word("sector", &bar.code),
        _ if bar.code == "unknown" => t!("unknown"),
        BreakdownOf::HouseholdSizes | BreakdownOf::Storeys => bar.code.clone(),
    }
}
