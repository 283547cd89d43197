//! The form of a camera's links: two addresses with what comes out of them, for this camera or for all that are alike.
//! What somebody else kept in between is shown before it is written over.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::camera::{EditRecorderLinks, RecorderLinks};
use shared::edit::Conflict;
use shared::recorder::filled_in;

use super::past::PastOfLinks;
use super::template::{Placeholder, TemplateField};
use super::{Kept, Linking, write};
use crate::http::Failure;
use crate::t;
use crate::text::{count, kinds, names};
use crate::ui::{ConflictChoice, Difference, now};

const CAMERA: Placeholder = ("camera", || t!("recorder-camera"));
const START: Placeholder = ("start", || t!("recorder-start"));
const END: Placeholder = ("end", || t!("recorder-end"));
/// The example's clip, in seconds: as long as that of an alert that says no end.
const EXAMPLE: i64 = 40;

/// What is being typed, and what has become of it.
#[derive(Clone, Copy)]
struct Draft {
    linking: Linking,
    /// As the server has them; what is written is made from this version.
    known: RwSignal<RecorderLinks>,
    live_view: RwSignal<String>,
    clip: RwSignal<String>,
    also_alike: RwSignal<bool>,
    /// What was last sent.
    tried: RwSignal<EditRecorderLinks>,
    waiting: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
}

impl Draft {
    fn typed(self) -> EditRecorderLinks {
        let written = |field: RwSignal<String>| field.with_untracked(|text| Some(text.trim().to_owned()).filter(|text| !text.is_empty()));
        EditRecorderLinks { live_view: written(self.live_view), clip: written(self.clip), also_alike: self.also_alike.get_untracked() }
    }

    /// What the server has, in place of what was being typed.
    fn take_in(self, links: RecorderLinks) {
        self.live_view.set(links.live_view.clone().unwrap_or_default());
        self.clip.set(links.clip.clone().unwrap_or_default());
        self.also_alike.set(false);
        self.known.set(links);
        self.failure.set(None);
    }

    /// From `version`: the one that was seen, or, knowingly, the one that somebody else has written since.
    fn save(self, edit: EditRecorderLinks, version: i32) {
        if self.waiting.get_untracked() {
            return;
        }
        self.waiting.set(true);
        self.failure.set(None);
        self.tried.set(edit.clone());
        let known = self.known.get_untracked();
        let linking = self.linking;
        spawn_local(async move {
            let answer = write(linking.id, &known, version, &edit).await;
            // Some: the dialog was closed meanwhile.
            let is_gone = self.waiting.try_set(false).is_some();
            match answer {
                Ok(_) if is_gone => _ = linking.reload.try_run(()),
                Ok(links) => {
                    let RecorderLinks { live_view, clip, .. } = known;
                    let before = (!edit.also_alike).then_some(EditRecorderLinks { live_view, clip, also_alike: false });
                    // Written over what somebody else had: that was shown, and stands in the past.
                    let before = before.filter(|_| version == known.version);
                    linking.done(Kept { version: links.version, before });
                }
                Err(failure) => _ = self.failure.try_set(Some(failure)),
            }
        });
    }
}

#[component]
pub fn LinksForm(links: RecorderLinks, linking: Linking) -> impl IntoView {
    let draft = Draft {
        linking,
        live_view: RwSignal::new(links.live_view.clone().unwrap_or_default()),
        clip: RwSignal::new(links.clip.clone().unwrap_or_default()),
        also_alike: RwSignal::new(false),
        tried: RwSignal::new(EditRecorderLinks::default()),
        known: RwSignal::new(links),
        waiting: RwSignal::new(false),
        failure: RwSignal::new(None),
    };
    let conflict = Memo::new(move |_| draft.failure.with(|failure| failure.as_ref().and_then(Failure::conflict)));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        draft.save(draft.typed(), draft.known.with_untracked(|known| known.version));
    };
    view! {
        <form class="form recorder-form" data-testid="recorder-form" on:submit=submit>
            {move || match conflict.get() {
                Some(conflict) => view! { <Outrun draft conflict=*conflict/> }.into_any(),
                None => view! { <Fields draft/> }.into_any(),
            }}
        </form>
        <PastOfLinks id=linking.id/>
    }
}

#[component]
fn Fields(draft: Draft) -> impl IntoView {
    let Draft { linking, known, live_view, clip, waiting, failure, .. } = draft;
    let now = now();
    let example = move |typed: RwSignal<String>, span: Option<(i64, i64)>| {
        let template = typed.with(|typed| typed.trim().to_owned());
        (!template.is_empty()).then(|| linking.code.with(|code| filled_in(&template, code, span)))
    };
    let until = now.get_untracked().timestamp();
    let said = move |failure: &Failure| kinds::failure(failure, now.get_untracked());
    let refused =
        move |name: &'static str| failure.with(|failure| failure.as_ref().filter(|failure| field_of(failure) == Some(name)).map(said));
    let failed = move || {
        let words = failure.with(|failure| failure.as_ref().filter(|failure| field_of(failure).is_none()).map(said));
        words.map(|words| view! { <p class="error" role="alert" data-testid="recorder-failed">{words}</p> })
    };
    let hosts = move || {
        known.with(|known| match known.hosts.is_empty() {
            true => t!("recorder-no-hosts"),
            false => t!("recorder-hosts", hosts = known.hosts.join(", ")),
        })
    };
    let has_links = move || known.with(is_linked);
    let alike = move || {
        known.with(|known| {
            let (number, area) = (count(known.alike), names::inside(&known.ward_name));
            match is_linked(known) {
                true => t!("recorder-alike", number = number, area = area),
                false => t!("recorder-alike-none", number = number, area = area),
            }
        })
    };
    let remove = move |_| {
        let edit = EditRecorderLinks { live_view: None, clip: None, also_alike: draft.also_alike.get_untracked() };
        draft.save(edit, known.with_untracked(|known| known.version));
    };
    view! {
        <p class="quiet-text">{move || t!("recorder-how")}</p>
        <p class="quiet-text" data-testid="recorder-hosts">{hosts}</p>
        <TemplateField
            name="live_view"
            label=|| t!("camera-live-view")
            placeholders=vec![CAMERA]
            typed=live_view
            example=Signal::derive(move || example(live_view, None))
            refused=Signal::derive(move || refused("live_view"))
            autofocus=true
        />
        <TemplateField
            name="clip"
            label=|| t!("alert-clip")
            placeholders=vec![CAMERA, START, END]
            typed=clip
            example=Signal::derive(move || example(clip, Some((until - EXAMPLE, until))))
            refused=Signal::derive(move || refused("clip"))
            autofocus=false
        />
        <Show when=move || known.with(|known| known.alike > 0)>
            <label class="recorder-alike">
                <input type="checkbox" data-testid="recorder-alike" prop:checked=draft.also_alike on:change:target=move |event| draft.also_alike.set(event.target().checked())/>
                {alike}
            </label>
        </Show>
        {failed}
        <div class="card-actions">
            <button type="submit" class="button primary" data-testid="recorder-save" disabled=move || waiting.get()>{move || t!("save")}</button>
            <Show when=has_links>
                <button type="button" class="button" data-testid="recorder-remove" disabled=move || waiting.get() on:click=remove>{move || t!("recorder-remove")}</button>
            </Show>
        </div>
    }
}

/// Somebody else has named links in between: both are shown, and one is chosen.
#[component]
fn Outrun(draft: Draft, conflict: Conflict) -> impl IntoView {
    let theirs = serde_json::from_value::<RecorderLinks>(conflict.current.clone()).ok();
    let (their_live_view, their_clip) = theirs.clone().map(|theirs| (theirs.live_view, theirs.clip)).unwrap_or_default();
    let mine = draft.tried.get_untracked();
    let shown = |address: Option<String>| address.unwrap_or_else(|| "—".to_owned());
    let differences = vec![
        Difference { label: t!("camera-live-view"), theirs: shown(their_live_view), mine: shown(mine.live_view) },
        Difference { label: t!("alert-clip"), theirs: shown(their_clip), mine: shown(mine.clip) },
    ];
    let on_theirs = theirs.map(|theirs| Callback::new(move |()| draft.take_in(theirs.clone())));
    let on_mine = Callback::new(move |version| draft.save(draft.tried.get_untracked(), version));
    view! { <ConflictChoice name="recorder-conflict" conflict differences on_theirs on_mine/> }
}

fn is_linked(links: &RecorderLinks) -> bool {
    links.live_view.is_some() || links.clip.is_some()
}

/// The field that a refusal is about: the server's words begin with its name.
fn field_of(failure: &Failure) -> Option<&'static str> {
    let Failure::Refused { detail, .. } = failure else { return None };
    let first = detail.split([' ', ':']).next();
    ["live_view", "clip"].into_iter().find(|name| first == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_shown_at_the_field_it_is_about() {
        let refused = |detail: &str| Failure::Refused {
            status: 422,
            code: "edit.invalid".into(),
            detail: detail.into(),
            until: None,
            conflict: None,
        };
        assert_eq!(field_of(&refused("clip: takes only {camera}, {start}, {end}")), Some("clip"));
        assert_eq!(field_of(&refused("live_view leads to 10.0.0.9, which IOC_RECORDER_HOSTS does not name")), Some("live_view"));
        assert_eq!(field_of(&refused("the row has version 2")), None);
        assert_eq!(field_of(&Failure::Unreachable), None);
    }
}
