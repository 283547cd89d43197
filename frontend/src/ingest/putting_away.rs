//! Putting away what nobody needs: one item or all that wait like it, with the reason that is kept.
//! Which items are alike is the server's decision; that they are gone colleagues hear by the feed.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ingest::{LONGEST_REASON, PutAway, PutAwayCount, SHORTEST_REASON};

use super::waiting::Waiting;
use crate::http::{self, Failure};
use crate::t;
use crate::text::kinds;
use crate::ui::{Icon, now};

/// What somebody is about to put away, and why; outlives what is drawn anew.
#[derive(Clone, Copy)]
pub struct PuttingAway {
    waiting: Waiting,
    /// The item whose form is open.
    of: RwSignal<Option<i64>>,
    reason: RwSignal<String>,
    alike: RwSignal<bool>,
    is_sending: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
}

impl PuttingAway {
    pub fn nothing(waiting: Waiting) -> PuttingAway {
        PuttingAway {
            waiting,
            of: RwSignal::new(None),
            reason: RwSignal::new(String::new()),
            alike: RwSignal::new(false),
            is_sending: RwSignal::new(false),
            failure: RwSignal::new(None),
        }
    }

    /// Opens the form of an item, or closes it.
    fn toggle(self, id: i64) {
        self.of.update(|of| *of = if *of == Some(id) { None } else { Some(id) });
        self.reason.set(String::new());
        self.alike.set(false);
        self.failure.set(None);
    }

    fn is_too_short(self) -> bool {
        self.reason.with(|reason| reason.trim().chars().count() < SHORTEST_REASON)
    }

    fn send(self, id: i64) {
        let request = PutAway { reason: self.reason.get_untracked().trim().to_owned(), alike: self.alike.get_untracked() };
        self.is_sending.set(true);
        self.failure.set(None);
        spawn_local(async move {
            let answer = http::post::<PutAwayCount>(&format!("/api/ingest/quarantine/{id}/put-away"), &request).await;
            // Some: nobody looks any more.
            if self.is_sending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(PutAwayCount { items }) => {
                    self.of.set(None);
                    self.waiting.note_put_away(items);
                }
                // Somebody else was faster: what is seen is out of date.
                Err(failure @ Failure::Refused { status: 409, .. }) => {
                    self.of.set(None);
                    self.waiting.open(None);
                    self.waiting.refusal.set(Some(failure));
                    self.waiting.ask_quietly();
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }
}

/// The button beside what else can be done with an item.
#[component]
pub fn PutAwayButton(id: i64, away: PuttingAway) -> impl IntoView {
    view! {
        <button type="button" class="button" data-testid="quarantine-put-away" aria-expanded=move || (away.of.get() == Some(id)).to_string() on:click=move |_| away.toggle(id)>
            {move || t!("quarantine-put-away")}
        </button>
    }
}

#[component]
pub fn PutAwayForm(id: i64, away: PuttingAway) -> impl IntoView {
    let now = now();
    let PuttingAway { reason, alike, failure, .. } = away;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        away.send(id);
    };
    let refused = move || {
        failure.get().map(|failure| {
            view! { <p class="error" role="alert" data-testid="quarantine-away-refused">{kinds::failure(&failure, now.get_untracked())}</p> }
        })
    };
    let form = move || {
        view! {
            <form class="alert-form" data-testid="quarantine-away-form" on:submit=submit>
                <label>
                    {move || t!("quarantine-away-reason")}
                    <textarea rows="2" maxlength=LONGEST_REASON.to_string() prop:value=reason on:input:target=move |event| reason.set(event.target().value())></textarea>
                </label>
                <div class="chips">
                    <button type="button" class="chip" data-testid="quarantine-away-alike" aria-pressed=move || alike.get().to_string() on:click=move |_| alike.update(|alike| *alike = !*alike)>
                        {move || t!("quarantine-away-alike")}
                    </button>
                </div>
                <p class="quiet-text">{move || t!("quarantine-away-how")}</p>
                {refused}
                <button type="submit" class="button primary" data-testid="quarantine-away-save" disabled=move || away.is_too_short() || away.is_sending.get()>
                    <Icon name="eye-slash"/>
                    {move || t!("quarantine-put-away")}
                </button>
            </form>
        }
    };
    view! { <Show when=move || away.of.get() == Some(id)>{form()}</Show> }
}
