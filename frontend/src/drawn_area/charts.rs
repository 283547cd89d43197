//! The charts of an area: how many of each sort. Which bars there are is the server's answer, how they stand is `ui`'s.
//! It knows only what each sort is called and which way its bars grow.

use leptos::prelude::*;
use shared::chart::{ChartBar, Growing};
use shared::drawn_area::{Bar, Breakdown, BreakdownOf};

use crate::t;
use crate::text::{count, kinds};
use crate::ui::Bars;

/// As wide as the panel's column: the drawing is scaled to it.
const WIDTH: u32 = 352;
/// More sectors than fit before the eyes; the table has all.
const MOST_SECTORS: usize = 8;

#[component]
pub fn Chart(breakdown: Breakdown) -> impl IntoView {
    let of = breakdown.of;
    let caption = Signal::derive(move || match of {
        BreakdownOf::HouseholdSizes => t!("chart-household-sizes"),
        BreakdownOf::Storeys => t!("chart-storeys"),
        BreakdownOf::Sectors => t!("chart-sectors"),
    });
    let (growing, most) = match of {
        BreakdownOf::Sectors => (Growing::Rightwards, MOST_SECTORS),
        BreakdownOf::HouseholdSizes | BreakdownOf::Storeys => (Growing::Upwards, usize::MAX),
    };
    let bar = move |bar: &Bar| ChartBar { label: label(of, bar), value: bar.count, said: count(bar.count as i64) };
    let bars = Signal::derive(move || breakdown.bars.iter().map(bar).collect::<Vec<_>>());
    view! { <Bars name=kinds::wire_name(of) caption bars growing width=WIDTH most/> }
}

fn label(of: BreakdownOf, bar: &Bar) -> String {
    match of {
        BreakdownOf::Sectors => kinds::word("sector", &bar.code),
        _ if bar.code == "unknown" => t!("unknown"),
        BreakdownOf::HouseholdSizes | BreakdownOf::Storeys => bar.code.clone(),
    }
}
