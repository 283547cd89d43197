//! How fast the demonstration plays: paused, as a day goes, ten times. Only whoever signed in with a demo account sees it.
//! What plays is the simulator's business; a server outside demo mode has no such door, and then nothing is shown.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::demo::DemoSpeed;

use crate::http::{self, Call};
use crate::session::session;
use crate::t;
use crate::ui::Icon;

const DOOR: &str = "/api/demo/speed";

#[component]
pub fn DemoControl() -> impl IntoView {
    let session = session();
    view! {
        <Show when=move || session.info().is_some_and(|info| info.demo)>
            <SpeedChoice/>
        </Show>
    }
}

#[component]
fn SpeedChoice() -> impl IntoView {
    // None: not heard yet, or there is nothing to set here.
    let speed = RwSignal::new(None::<DemoSpeed>);
    let failed = RwSignal::new(false);
    spawn_local(async move {
        if let Ok(answer) = http::get::<DemoSpeed>(DOOR).await {
            speed.try_set(Some(answer));
        }
    });
    let choose = move |wanted: DemoSpeed| {
        spawn_local(async move {
            let answer = match Call::new(Method::PUT, DOOR).body(&wanted) {
                Ok(call) => call.receive::<DemoSpeed>().await,
                Err(failure) => Err(failure),
            };
            failed.try_set(answer.is_err());
            if let Ok(set) = answer {
                speed.try_set(Some(set));
            }
        });
    };
    let button = move |of: DemoSpeed| {
        let label = move || label(of);
        view! {
            <button
                type="button"
                class="button quiet"
                data-testid=format!("demo-speed-{}", of.speed)
                title=label
                aria-label=label
                aria-pressed=move || (speed.get() == Some(of)).to_string()
                on:click=move |_| choose(of)
            >
                {match of.speed {
                    0 => view! { <Icon name="pause"/> }.into_any(),
                    times => view! { <span class="num">{format!("{times}×")}</span> }.into_any(),
                }}
            </button>
        }
    };
    view! {
        <Show when=move || speed.get().is_some()>
            <div class="demo-control" role="group" aria-label=move || t!("demo-speed") data-testid="demo-control">
                <span class="demo-control-label">
                    {move || if failed.get() { t!("demo-speed-failed") } else { t!("demo-speed") }}
                </span>
                {DemoSpeed::ALL.into_iter().map(button).collect_view()}
            </div>
        </Show>
    }
}

fn label(of: DemoSpeed) -> String {
    match of.speed {
        0 => t!("demo-speed-paused"),
        times => t!("demo-speed-times", times = i64::from(times)),
    }
}
