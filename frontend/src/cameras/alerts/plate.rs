//! The plate that a camera read: asked for by itself, by whoever may, with a reason; each look is written down.
//! Whether the reason holds is the server's decision, and nothing of the plate is here before it has answered.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::camera_alert::CameraAlertPlate;
use shared::session::Permission;

use crate::accounts::Reasons;
use crate::http::{Answer, Call};
use crate::session::session;
use crate::t;
use crate::text::kinds;
use crate::ui::{Fact, now};

const REASON_REQUIRED: &str = "camera_alerts.reason_required";

type Asked = RwSignal<Option<Answer<CameraAlertPlate>>>;

/// A line among the facts of an alert; none for whoever may not ask.
#[component]
pub fn AlertPlate(id: i64, asked: Asked) -> impl IntoView {
    let reasons: Reasons = expect_context();
    let (session, now) = (session(), now());
    let show = move |_| match reasons.held() {
        Some(reason) => request(id, asked, reasons, reason),
        None => reasons.ask(move |reason| request(id, asked, reasons, reason)),
    };
    let known = move || match asked.get() {
        Some(Ok(CameraAlertPlate { plate, .. })) => Some(plate.unwrap_or_else(|| t!("alert-plate-none"))),
        _ => None,
    };
    let refused = move || match asked.get() {
        Some(Err(failure)) => Some(view! { <p class="error" role="alert">{kinds::failure(&failure, now.get_untracked())}</p> }),
        _ => None,
    };
    view! {
        <Show when=move || session.may(Permission::SeePlates)>
            <Fact label=Signal::derive(|| t!("alert-plate"))>
                {move || match known() {
                    Some(plate) => view! { <span class="num" data-testid="alert-plate">{plate}</span> }.into_any(),
                    None => view! {
                        <button type="button" class="link" data-testid="alert-plate-show" on:click=show>{move || t!("alert-plate-show")}</button>
                        {refused}
                    }
                    .into_any(),
                }}
            </Fact>
        </Show>
    }
}

fn request(id: i64, asked: Asked, reasons: Reasons, reason: String) {
    spawn_local(async move {
        let call = Call::new(Method::GET, &format!("/api/camera-alerts/{id}/plate")).access_reason(&reason);
        let answer = call.receive::<CameraAlertPlate>().await;
        if answer.as_ref().is_err_and(|failure| failure.code() == Some(REASON_REQUIRED)) {
            reasons.ask(move |reason| request(id, asked, reasons, reason));
        }
        // The card may be gone by now.
        asked.try_set(Some(answer));
    });
}
