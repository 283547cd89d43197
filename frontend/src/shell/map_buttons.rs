//! Buttons that lie on the map: layers and the drawer they open, tools, nearer, farther, leaning, where one is, full screen.
//! What they do to the map is the map's own business.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::map_tools::MapTools;
use crate::commands::add_command;
use crate::geography::LayerList;
use crate::map::{Command, MapState, locate, toggle_full_screen};
use crate::t;
use crate::ui::Icon;

/// Close enough to see the house one stands before.
const HERE_ZOOM: f64 = 17.5;

#[component]
pub fn MapButtons(
    /// Whether the layers have a button here, or a place of their own on the screen.
    layers: bool,
) -> impl IntoView {
    let state: MapState = expect_context();
    let tilted = move || state.view.with(|view| view.is_some_and(|view| view.pitch > 1.0));
    view! {
        {layers.then(|| view! { <LayersButton/> })}
        <MapTools/>
        <div class="map-controls panel" role="group" aria-label=move || t!("map-controls")>
            <button type="button" class="button quiet icon-only desk-only" title=move || t!("full-screen") aria-label=move || t!("full-screen") on:click=move |_| toggle_full_screen()>
                <Icon name="corners-out"/>
            </button>
            <LocateButton/>
            <button type="button" class="button quiet icon-only desk-only" title=move || t!("zoom-in") aria-label=move || t!("zoom-in") on:click=move |_| state.command(Command::ZoomIn)>
                <Icon name="plus"/>
            </button>
            <button type="button" class="button quiet icon-only desk-only" title=move || t!("zoom-out") aria-label=move || t!("zoom-out") on:click=move |_| state.command(Command::ZoomOut)>
                <Icon name="minus"/>
            </button>
            <button
                type="button"
                class="button quiet icon-only"
                title=move || t!("lean")
                aria-label=move || t!("lean")
                aria-pressed=move || tilted().to_string()
                on:click=move |_| state.command(Command::ToggleTilt)
            >
                "3D"
            </button>
        </div>
    }
}

#[component]
fn LayersButton() -> impl IntoView {
    let drawer = RwSignal::new(false);
    view! {
        <button
            type="button"
            class="button icon-only map-button layers-button"
            data-testid="layers-button"
            title=move || t!("layers")
            aria-label=move || t!("layers")
            aria-expanded=move || drawer.get().to_string()
            on:click=move |_| drawer.update(|open| *open = !*open)
        >
            <Icon name="stack"/>
        </button>
        <Show when=move || drawer.get()>
            <aside class="panel drawer" data-testid="layer-drawer" aria-label=move || t!("layers") on:keydown=move |event| if event.key() == "Escape" { drawer.set(false) }>
                <header class="panel-head">
                    <h2>{move || t!("layers")}</h2>
                    <button type="button" class="button quiet icon-only" aria-label=move || t!("close") on:click=move |_| drawer.set(false)>
                        <Icon name="x"/>
                    </button>
                </header>
                <LayerList/>
            </aside>
        </Show>
    }
}

/// Shows where this device is. The place stays in this browser.
#[component]
fn LocateButton() -> impl IntoView {
    let state: MapState = expect_context();
    let refused = RwSignal::new(false);
    let label = move || if refused.get() { t!("locate-refused") } else { t!("locate") };
    let find = move || {
        spawn_local(async move {
            let here = locate().await;
            refused.try_set(here.is_none());
            if let Some(here) = here {
                state.here.try_set(Some(here));
                state.fly_to(here.lon, here.lat, HERE_ZOOM);
            }
        });
    };
    add_command(crate::commands::Command {
        name: "locate".into(),
        icon: "crosshair-simple",
        title: Signal::derive(|| t!("locate")),
        words: "gps where am i dinh vi",
        shown: Signal::derive(|| true),
        run: Callback::new(move |()| find()),
    });
    view! {
        <button type="button" class="button quiet icon-only" class:refused-button=move || refused.get() data-testid="locate" title=label aria-label=label on:click=move |_| find()>
            <Icon name="crosshair-simple"/>
        </button>
    }
}
