//! A bar chart: drawn by the server with the code that reports use, and the same numbers as a table for whoever cannot see it.
//! What the bars say comes in from the screens.

use gloo_net::http::Method;
use leptos::prelude::*;
use shared::chart::{BarChart, ChartBar, Growing};

use crate::http::Call;

#[component]
pub fn Bars(
    name: String,
    #[prop(into)] caption: Signal<String>,
    /// In the language in force: the texts are part of the drawing, so it is asked for again in another one.
    #[prop(into)]
    bars: Signal<Vec<ChartBar>>,
    growing: Growing,
    /// Of the drawing, pixels; it is scaled to where it stands.
    width: u32,
    /// More than fit before the eyes are in the table only.
    #[prop(default = usize::MAX)]
    most: usize,
) -> impl IntoView {
    let drawing = LocalResource::new(move || {
        let chart = BarChart { bars: bars.get().into_iter().take(most).collect(), growing, width };
        async move { Call::new(Method::POST, "/api/charts/bars.svg").body(&chart)?.answer().await }
    });
    let svg = move || drawing.get().and_then(Result::ok).unwrap_or_default();
    let row = |bar: ChartBar| view! { <tr><th scope="row">{bar.label}</th><td>{bar.said}</td></tr> };
    view! {
        <figure class="chart" data-testid=format!("chart-{name}")>
            <figcaption>{caption}</figcaption>
            <div class="chart-drawing" aria-hidden="true" inner_html=svg></div>
            <table class="visually-hidden">
                <caption>{caption}</caption>
                <tbody>{move || bars.get().into_iter().map(row).collect_view()}</tbody>
            </table>
        </figure>
    }
}
