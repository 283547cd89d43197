//! The panel that a phone shows as a sheet from below, at one of three heights, dragged or by its handle's button.
//! On wider screens the style sheets make a plain panel of it and hide the handle.

use leptos::ev::PointerEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::number;
use crate::t;

/// How much of a phone's screen the sheet takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    Low,
    Half,
    Full,
}

impl Stop {
    fn name(self) -> &'static str {
        match self {
            Stop::Low => "low",
            Stop::Half => "half",
            Stop::Full => "full",
        }
    }

    fn next(self) -> Stop {
        match self {
            Stop::Low => Stop::Half,
            Stop::Half => Stop::Full,
            Stop::Full => Stop::Low,
        }
    }

    /// The stop nearest to a height, both in pixels.
    fn nearest(height: f64, screen: f64) -> Stop {
        let share = height / screen;
        match share {
            share if share < 0.33 => Stop::Low,
            share if share < 0.7 => Stop::Half,
            _ => Stop::Full,
        }
    }
}

/// A finger that moves less, in pixels, meant to tap.
const TAP_BELOW: f64 = 6.0;

#[component]
pub fn Sheet(
    stop: RwSignal<Stop>,
    /// Says its place to the style sheets, and its name to tests.
    name: &'static str,
    #[prop(into)] label: Signal<String>,
    children: Children,
) -> impl IntoView {
    let element: NodeRef<html::Section> = NodeRef::new();
    // The height under the finger, while there is one, and how far it has come.
    let dragged = RwSignal::new(None::<f64>);
    let travelled = StoredValue::new(0.0_f64);
    let height = move || dragged.get().map(|height| format!("{}px", number::written(height)));
    let take = move |event: PointerEvent| {
        if let Some(handle) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            // Without capture a quick finger leaves the handle behind.
            _ = handle.set_pointer_capture(event.pointer_id());
        }
        travelled.set_value(0.0);
        dragged.set(element.get_untracked().map(|sheet| f64::from(sheet.offset_height())));
    };
    let pull = move |event: PointerEvent| {
        if dragged.get_untracked().is_some() {
            travelled.update_value(|travelled| *travelled += f64::from(event.movement_y()).abs());
            dragged.set(Some(screen_height() - f64::from(event.client_y())));
        }
    };
    let release = move |_: PointerEvent| {
        let Some(height) = dragged.get_untracked() else { return };
        dragged.set(None);
        if travelled.get_value() < TAP_BELOW {
            return stop.update(|stop| *stop = stop.next());
        }
        stop.set(Stop::nearest(height, screen_height()));
    };
    view! {
        <section
            node_ref=element
            class=format!("panel sheet {name}")
            class:dragged=move || dragged.get().is_some()
            data-stop=move || stop.get().name()
            data-testid=name
            aria-label=label
            style:height=height
        >
            <button
                type="button"
                class="sheet-handle"
                aria-label=move || t!("sheet-resize")
                on:click=move |event| if event.detail() == 0 { stop.update(|stop| *stop = stop.next()) }
                on:pointerdown=take
                on:pointermove=pull
                on:pointerup=release
                on:pointercancel=release
            ></button>
            {children()}
        </section>
    }
}

fn screen_height() -> f64 {
    window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0)
}
