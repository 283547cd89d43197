//! The register as a file for a spreadsheet, as the list is cut; the server keeps who took it out.
//! Plates go along only for whoever may see them, and after a reason was stated.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::session::Permission;

use super::choice::{Choice, When};
use crate::accounts::Reasons;
use crate::http::{Call, Failure};
use crate::map::save_bytes;
use crate::session::session;
use crate::t;
use crate::text::kinds;
use crate::ui::{Icon, now};

/// Ending of a file, and what it is.
#[derive(Debug, Clone, Copy)]
struct Format {
    ending: &'static str,
    media_type: &'static str,
    name: &'static str,
}

const CSV: Format = Format { ending: "csv", media_type: "text/csv;charset=utf-8", name: "CSV" };
const XLSX: Format =
    Format { ending: "xlsx", media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name: "XLSX" };

#[component]
pub fn Downloads(choice: Memo<Choice>) -> impl IntoView {
    let reasons: Reasons = expect_context();
    let (session, now) = (session(), now());
    let with_plates = RwSignal::new(false);
    let waiting = RwSignal::new(false);
    let failed = RwSignal::new(None::<Failure>);
    let fetch = move |format: Format, reason: Option<String>| {
        let chosen = choice.get_untracked();
        let call = Call::new(Method::GET, &format!("/api/violations.{}?{}", format.ending, chosen.query()));
        let call = match &reason {
            Some(reason) => call.access_reason(reason),
            None => call,
        };
        waiting.set(true);
        spawn_local(async move {
            let file = call.bytes().await;
            waiting.try_set(false);
            let period = match chosen.when {
                When::Lately => "3-thang".to_owned(),
                When::Since(month) => format!("tu-{}", month.key()),
                When::In(month) => month.key(),
            };
            let name = format!("so-vi-pham-{period}.{}", format.ending);
            failed.try_set(file.map(|bytes| save_bytes(&name, format.media_type, &bytes)).err());
        });
    };
    let download = move |format: Format| {
        let held = reasons.held().filter(|_| with_plates.get_untracked());
        if with_plates.get_untracked() && held.is_none() {
            reasons.ask(move |reason| fetch(format, Some(reason)));
        } else {
            fetch(format, held);
        }
    };
    let button = move |format: Format| {
        view! {
            <button type="button" class="button" data-testid=format!("violations-{}", format.ending) disabled=move || waiting.get() on:click=move |_| download(format)>
                <Icon name="download-simple"/>
                {move || t!("register-download", kind = format.name)}
            </button>
        }
    };
    view! {
        <div class="register-downloads">
            <Show when=move || session.may(Permission::SeePlates)>
                <label class="register-plates">
                    <input type="checkbox" data-testid="violations-plates" prop:checked=with_plates on:change:target=move |event| with_plates.set(event.target().checked())/>
                    {move || t!("register-with-plates")}
                </label>
            </Show>
            {button(CSV)}
            {button(XLSX)}
            <button type="button" class="button" data-testid="violations-print" on:click=move |_| _ = window().print()>
                <Icon name="printer"/>
                {move || t!("register-print")}
            </button>
            {move || failed.get().map(|failure| view! { <p class="error" role="alert">{kinds::failure(&failure, now.get_untracked())}</p> })}
        </div>
    }
}
