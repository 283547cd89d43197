//! Buttons that lie on the map: layers, nearer, farther, leaning; and the drawer that the first one opens.
//! What they do to the map is the map's own business.

use leptos::prelude::*;

use crate::geography::LayerList;
use crate::map::{Command, MapState};
use crate::t;
use crate::ui::Icon;

#[component]
pub fn MapButtons(
    /// Whether the layers have a button here, or a place of their own on the screen.
    layers: bool,
) -> impl IntoView {
    let state: MapState = expect_context();
    let drawer = RwSignal::new(false);
    let tilted = move || state.view.with(|view| view.is_some_and(|view| view.pitch > 1.0));
    view! {
        {layers.then(|| view! {
            <button
                type="button"
                class="button icon-only map-button layers-button"
                data-testid="layers-button"
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
        })}
        <div class="map-controls panel" role="group" aria-label=move || t!("map-controls")>
            <button type="button" class="button quiet icon-only" aria-label=move || t!("zoom-in") on:click=move |_| state.command(Command::ZoomIn)>
                <Icon name="plus"/>
            </button>
            <button type="button" class="button quiet icon-only" aria-label=move || t!("zoom-out") on:click=move |_| state.command(Command::ZoomOut)>
                <Icon name="minus"/>
            </button>
            <button
                type="button"
                class="button quiet icon-only"
                aria-label=move || t!("lean")
                aria-pressed=move || tilted().to_string()
                on:click=move |_| state.command(Command::ToggleTilt)
            >
                "3D"
            </button>
        </div>
    }
}
