//! Shelving on the screens: what is left out of the list now, by whom, why and until when; leaving out, and bringing back.
//! Which alerts a shelf leaves out is the server's decision; nothing here hides a row.

use std::time::Duration;

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::alert_shelf::{AlertShelf, AlertShelfList, LONGEST_REASON, MINUTES, SHORTEST_REASON, ShelveAlerts, TOPIC};
use shared::camera_alert::{AlertStatus, CameraAlert, Severity};
use shared::layer::Layer;

use super::tiles::in_ward;
use crate::geography::ward;
use crate::http::{self, Call, Failure};
use crate::map::MapState;
use crate::session::{session, widest_area};
use crate::t;
use crate::text::{clock, count, kinds, names};
use crate::ui::{Icon, Now, now};

/// New alerts change how many are left out; a burst is counted once.
const COUNT_AFTER: Duration = Duration::from_secs(1);
/// A shelf is over on the server before the screen asks.
const GRACE: Duration = Duration::from_millis(500);

/// The shelves in force.
#[derive(Clone, Copy)]
pub struct Shelves {
    /// None until the first answer; a failure keeps what was known.
    pub list: RwSignal<Option<AlertShelfList>>,
    over: StoredValue<Option<TimeoutHandle>>,
    /// The ward that they are asked of; none: all in reach.
    of: Memo<Option<i32>>,
    /// Taken along: the feed and timeouts that ask have no owner to find it by.
    now: Now,
    on_change: Callback<()>,
}

impl Shelves {
    /// Follows the feed as long as the surrounding owner lives. `on_change`: what is left out may be something else now.
    pub fn follow(on_change: Callback<()>) -> Shelves {
        let state: MapState = expect_context();
        let of = ward().asked();
        let shelves = Shelves { list: RwSignal::new(None), over: StoredValue::new(None), of, now: now(), on_change };
        Effect::new(move |_| {
            of.track();
            shelves.ask();
        });
        on_changes(state, move || shelves.changed());
        let pending = StoredValue::new(None::<TimeoutHandle>);
        state.live.listen(Layer::CameraAlert.name(), move |_| {
            if pending.get_value().is_none() && shelves.is_any_in_force() {
                let again = move || {
                    pending.try_set_value(None);
                    shelves.ask();
                };
                pending.set_value(set_timeout_with_handle(again, COUNT_AFTER).ok());
            }
        });
        on_cleanup(move || {
            for timeout in [pending.try_get_value(), shelves.over.try_get_value()].into_iter().flatten().flatten() {
                timeout.clear();
            }
        });
        shelves
    }

    fn is_any_in_force(self) -> bool {
        self.list.try_with_untracked(|list| list.as_ref().is_some_and(|list| !list.shelves.is_empty())).unwrap_or(false)
    }

    fn changed(self) {
        self.ask();
        self.on_change.try_run(());
    }

    pub fn ask(self) {
        let now = self.now;
        // None: nobody looks any more.
        let Some(of) = self.of.try_get_untracked() else { return };
        spawn_local(async move {
            let Ok(list) = http::get::<AlertShelfList>(&in_ward("/api/alert-shelves", of)).await else { return };
            // Of another ward meanwhile, whose answer comes too.
            if self.of.try_get_untracked() != Some(of) {
                return;
            }
            let next = list.shelves.iter().map(|shelf| shelf.until).min();
            // Some: nobody looks any more.
            if self.list.try_set(Some(list)).is_some() {
                return;
            }
            // A shelf that runs out changes no row, so no feed tells of it.
            let wait = next.map(|next| (next - now.get_untracked()).to_std().unwrap_or_default() + GRACE);
            let timeout = wait.and_then(|wait| set_timeout_with_handle(move || self.changed(), wait).ok());
            if let Some(Some(before)) = self.over.try_update_value(|over| std::mem::replace(over, timeout)) {
                before.clear();
            }
        });
    }
}

/// Calls `act` when shelves have changed, as long as the surrounding owner lives.
pub fn on_changes(state: MapState, act: impl Fn() + 'static) {
    state.live.on_changes(TOPIC, act);
}

/// What a shelf holds, in words: "camera C12, đỗ xe sai quy định".
fn words(shelf: &AlertShelf) -> String {
    let kind = shelf.kind.map(|kind| kinds::named("alert-kind", kind));
    match (&shelf.camera_code, kind) {
        (Some(code), Some(kind)) => t!("shelf-of-camera-and-kind", code = code.as_str(), kind = kind.as_str()),
        (Some(code), None) => t!("shelf-of-camera", code = code.as_str()),
        (None, kind) => t!("shelf-of-kind", kind = kind.unwrap_or_default().as_str(), area = names::inside(&shelf.area_name)),
    }
}

/// The line above a list: how many are left out now, and each shelf with the way to bring its alerts back.
#[component]
pub fn ShelvedNotice(shelves: Shelves) -> impl IntoView {
    let failure = RwSignal::new(None::<Failure>);
    let now = now();
    let end = move |id: i64| {
        failure.set(None);
        spawn_local(async move {
            match Call::new(Method::POST, &format!("/api/alert-shelves/{id}/end")).receive::<AlertShelf>().await {
                Ok(_) => shelves.changed(),
                // Over meanwhile: that is what was wanted.
                Err(Failure::Refused { status: 409, .. }) => shelves.changed(),
                Err(refused) => _ = failure.try_set(Some(refused)),
            }
        });
    };
    let line = move |shelf: AlertShelf| {
        let (id, can_end) = (shelf.id, shelf.can_end);
        let told = move || {
            let by = shelf.by.clone().unwrap_or_else(|| t!("unknown"));
            t!("shelf-told", what = words(&shelf).as_str(), time = clock(shelf.until), name = by.as_str(), reason = shelf.reason.as_str())
        };
        view! {
            <li>
                <span>{told}</span>
                {can_end.then(|| view! { <button type="button" class="button quiet" data-testid="shelf-end" on:click=move |_| end(id)>{move || t!("shelf-end")}</button> })}
            </li>
        }
    };
    move || {
        let list = shelves.list.get().filter(|list| !list.shelves.is_empty())?;
        let hidden = list.hidden;
        Some(view! {
            <section class="shelved-notice" data-testid="shelved-notice" aria-label=move || t!("shelved")>
                <p><Icon name="eye-slash"/>{move || t!("shelved-count", count = hidden, number = count(hidden))}</p>
                <ul>{list.shelves.into_iter().map(line).collect_view()}</ul>
                {move || failure.get().map(|refused| view! { <p class="error" role="alert">{kinds::failure(&refused, now.get_untracked())}</p> })}
            </section>
        })
    }
}

/// Whether an alert can be left out at all: nothing critical, nothing that somebody has taken.
pub fn may_shelve(alert: &CameraAlert) -> bool {
    matches!(alert.status, AlertStatus::New | AlertStatus::Assigned) && alert.severity != Severity::Critical
}

/// What has been chosen and typed on a card, or in the dialog of a row. It outlives what is redrawn meanwhile: devices go on reporting.
#[derive(Clone, Copy)]
pub struct Shelving {
    is_open: RwSignal<bool>,
    what: RwSignal<What>,
    minutes: RwSignal<u32>,
    reason: RwSignal<String>,
}

impl Shelving {
    pub fn closed() -> Shelving {
        Shelving {
            is_open: RwSignal::new(false),
            what: RwSignal::new(What::KindOfCamera),
            minutes: RwSignal::new(MINUTES[0]),
            reason: RwSignal::new(String::new()),
        }
    }

    /// Chosen and typed anew. `whole_area`: what is meant is a kind everywhere, and not at one camera.
    pub(super) fn begin(self, whole_area: bool) {
        self.what.set(if whole_area { What::Kind } else { What::KindOfCamera });
        self.minutes.set(MINUTES[0]);
        self.reason.set(String::new());
    }

    fn put_away(self) {
        self.is_open.try_set(false);
        self.reason.try_set(String::new());
    }
}

/// On a card: until when the alert is left out of lists, or the button to leave its like out.
#[component]
pub fn ShelveSection(alert: CameraAlert, shelving: Shelving) -> impl IntoView {
    let Shelving { is_open, .. } = shelving;
    if let Some(until) = alert.shelved_until {
        return view! { <p class="quiet-text" data-testid="alert-shelved">{move || t!("alert-shelved-until", time = clock(until))}</p> }
            .into_any();
    }
    if !may_shelve(&alert) {
        return ().into_any();
    }
    view! {
        <div class="card-actions">
            <button type="button" class="button" data-testid="alert-shelve" aria-keyshortcuts="S" aria-expanded=move || is_open.get().to_string() on:click=move |_| is_open.update(|open| *open = !*open)>
                <Icon name="eye-slash"/>
                {move || t!("alert-shelve")}
            </button>
        </div>
        {move || is_open.get().then(|| view! { <ShelveForm alert=alert.clone() shelving on_done=Callback::new(move |()| shelving.put_away())/> })}
    }
    .into_any()
}

/// What of an alert is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    KindOfCamera,
    Kind,
    Camera,
}

/// What to leave out, for how long, and why.
#[component]
pub fn ShelveForm(
    alert: CameraAlert,
    shelving: Shelving,
    /// The shelf is there.
    on_done: Callback<()>,
) -> impl IntoView {
    let now = now();
    // A kind is left out of the ward that somebody looks at, else of all that they answer for.
    let chosen = untrack(|| ward().chosen()).map(|area| (area.id.0, area.name));
    let widest = untrack(|| session().info()).and_then(|info| widest_area(&info).map(|area| (area.id.0, area.name.clone())));
    let area = chosen.or(widest);
    let Shelving { what, minutes, reason, .. } = shelving;
    let waiting = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let CameraAlert { camera_id, camera_code, kind, .. } = alert;
    let area_id = area.as_ref().map(|(id, _)| *id);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let what = what.get_untracked();
        let request = ShelveAlerts {
            camera_id: (what != What::Kind).then_some(camera_id),
            kind: (what != What::Camera).then_some(kind),
            area_id: area_id.filter(|_| what == What::Kind),
            minutes: Some(minutes.get_untracked()),
            until: None,
            reason: reason.get_untracked().trim().to_owned(),
        };
        waiting.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = http::post::<AlertShelf>("/api/alert-shelves", &request).await;
            waiting.try_set(false);
            match answer {
                Ok(_) => _ = on_done.try_run(()),
                Err(refused) => _ = failure.try_set(Some(refused)),
            }
        });
    };
    let is_short = move || reason.with(|reason| reason.trim().chars().count() < SHORTEST_REASON);
    let (code, of_camera) = (camera_code.clone(), camera_code);
    let area_name = area.map(|(_, name)| name);
    let label = move |of: What| match of {
        What::KindOfCamera => t!("shelf-of-camera-and-kind", code = code.as_str(), kind = kinds::named("alert-kind", kind).as_str()),
        What::Camera => t!("shelf-of-camera", code = of_camera.as_str()),
        What::Kind => {
            t!(
                "shelf-of-kind",
                kind = kinds::named("alert-kind", kind).as_str(),
                area = area_name.as_deref().map(names::inside).unwrap_or_default()
            )
        }
    };
    let choices = [Some(What::KindOfCamera), area_id.map(|_| What::Kind), Some(What::Camera)];
    let choice = move |of: What| {
        let label = label.clone();
        view! {
            <button type="button" class="chip" data-testid=format!("shelve-{of:?}") aria-pressed=move || (what.get() == of).to_string() on:click=move |_| what.set(of)>
                {move || label(of)}
            </button>
        }
    };
    let length = move |of: u32| {
        view! {
            <button type="button" class="chip num" data-testid=format!("shelve-{of}") aria-pressed=move || (minutes.get() == of).to_string() on:click=move |_| minutes.set(of)>
                {move || if of < 60 { t!("minutes", count = of) } else { t!("hours", count = of / 60) }}
            </button>
        }
    };
    view! {
        <form class="alert-form" data-testid="shelve-form" on:submit=submit>
            <div class="chips" role="group" aria-label=move || t!("alert-shelve")>{choices.into_iter().flatten().map(choice).collect_view()}</div>
            <div class="chips" role="group" aria-label=move || t!("shelve-how-long")>{MINUTES.map(length).collect_view()}</div>
            <label>
                {move || t!("shelve-reason")}
                <textarea rows="2" maxlength=LONGEST_REASON.to_string() autofocus prop:value=reason on:input:target=move |event| reason.set(event.target().value())></textarea>
            </label>
            <p class="quiet-text">{move || t!("shelve-how")}</p>
            {move || failure.get().map(|refused| view! {
                <p class="error" role="alert" data-testid="shelve-failed">{kinds::failure(&refused, now.get_untracked())}</p>
            })}
            <button type="submit" class="button primary" data-testid="shelve-save" disabled=move || is_short() || waiting.get()>{move || t!("alert-shelve")}</button>
        </form>
    }
}
