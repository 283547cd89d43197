//! Naming where a recorder shows a camera, for whoever may: the button on the card, the dialog, taking back.
//! What may stand in an address is the server's decision; how somebody looks at the pictures is `recorder_link`'s.

mod form;
mod past;
mod template;

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::camera::{EditRecorderLinks, RecorderLinks};
use shared::session::Permission;

use crate::editing::TAKE_BACK_FOR;
use crate::http::{self, Answer, Call, Failure};
use crate::lasting::Lasting;
use crate::session::session;
use crate::t;
use crate::text::kinds;
use crate::ui::{Dialog, Icon, now};

use form::LinksForm;

/// What was kept, and what stood there before.
#[derive(Clone, PartialEq)]
pub struct Kept {
    version: i32,
    /// None where several cameras were written: what each of them had is in its own past.
    before: Option<EditRecorderLinks>,
}

/// The links of one camera on their way between the card, the dialog and the server.
#[derive(Clone, Copy)]
pub struct Linking {
    id: i64,
    code: Signal<String>,
    open: Lasting<bool>,
    /// As the server had them when the dialog opened.
    links: RwSignal<Option<RecorderLinks>>,
    waiting: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    kept: RwSignal<Option<Kept>>,
    /// Reads the camera again.
    reload: Callback<()>,
}

impl Linking {
    fn begin(self) {
        if self.waiting.get_untracked() {
            return;
        }
        self.waiting.set(true);
        self.failure.set(None);
        self.kept.set(None);
        spawn_local(async move {
            let answer = http::get::<RecorderLinks>(&door(self.id)).await;
            // Some: the card is gone.
            if self.waiting.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(links) => {
                    self.links.set(Some(links));
                    self.open.set(true);
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    fn done(self, kept: Kept) {
        self.open.set(false);
        self.kept.set(Some(kept.clone()));
        self.reload.run(());
        let pass = move || {
            if self.kept.try_with_untracked(|now| now.as_ref() == Some(&kept)) == Some(true) {
                self.kept.set(None);
            }
        };
        set_timeout(pass, TAKE_BACK_FOR);
    }

    fn take_back(self, version: i32, before: EditRecorderLinks) {
        self.kept.set(None);
        self.failure.set(None);
        spawn_local(async move {
            match send(self.id, version, &before).await {
                Ok(_) => _ = self.reload.try_run(()),
                Err(failure) => _ = self.failure.try_set(Some(failure)),
            }
        });
    }
}

#[component]
pub fn RecorderSection(id: i64, #[prop(into)] code: Signal<String>, #[prop(into)] reload: Callback<()>) -> impl IntoView {
    let session = session();
    let linking = Linking {
        id,
        code,
        open: Lasting::new(false),
        links: RwSignal::new(None),
        waiting: RwSignal::new(false),
        failure: RwSignal::new(None),
        kept: RwSignal::new(None),
        reload,
    };
    view! {
        <Show when=move || session.may(Permission::LinkRecorders)>
            <Named linking/>
        </Show>
    }
}

#[component]
fn Named(linking: Linking) -> impl IntoView {
    let now = now();
    let kept = move || {
        linking.kept.get().map(|Kept { version, before }| {
            let take_back = before.map(|before| {
                view! {
                    <button type="button" class="button" data-testid="recorder-undo" on:click=move |_| linking.take_back(version, before.clone())>
                        <Icon name="arrow-counter-clockwise"/>
                        {move || t!("undo")}
                    </button>
                }
            });
            view! {
                <p class="kept" role="status" data-testid="recorder-kept">
                    <Icon name="check"/>
                    <span>{move || t!("edit-kept")}</span>
                    {take_back}
                </p>
            }
        })
    };
    let failed = move || {
        let words = linking.failure.get().map(|failure| kinds::failure(&failure, now.get_untracked()));
        words.map(|words| view! { <p class="error" role="alert">{words}</p> })
    };
    view! {
        <section data-testid="recorder-section">
            {kept}
            {failed}
            <div class="card-actions">
                // Never disabled while it waits: the dialog gives the focus back to it.
                <button type="button" class="button" data-testid="recorder-edit" aria-haspopup="dialog" on:click=move |_| linking.begin()>
                    <Icon name="link-simple"/>
                    {move || t!("recorder-links")}
                </button>
            </div>
            <Dialog open=linking.open title=Signal::derive(|| t!("recorder-links")) name="recorder-dialog">
                {move || linking.links.get().map(|links| view! { <LinksForm links linking/> })}
            </Dialog>
        </section>
    }
}

fn door(id: i64) -> String {
    format!("/api/cameras/{id}/recorder")
}

/// One writing, made from `version`.
async fn send(id: i64, version: i32, edit: &EditRecorderLinks) -> Answer<RecorderLinks> {
    Call::new(Method::PUT, &door(id)).header("If-Match", &format!("\"{version}\"")).body(edit)?.receive().await
}

/// Writes what was made from `known`. Where only the camera has come into another area since, nobody is asked: it is made again
/// from the version in force.
async fn write(id: i64, known: &RecorderLinks, version: i32, edit: &EditRecorderLinks) -> Answer<RecorderLinks> {
    match send(id, version, edit).await {
        Err(failure) => match failure.conflict() {
            Some(conflict) if version == known.version && is_untouched(known, &conflict.current) => send(id, conflict.version, edit).await,
            _ => Err(failure),
        },
        done => done,
    }
}

fn is_untouched(known: &RecorderLinks, current: &serde_json::Value) -> bool {
    serde_json::from_value::<RecorderLinks>(current.clone())
        .is_ok_and(|current| (current.live_view, current.clip) == (known.live_view.clone(), known.clip.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_that_only_changed_its_area_is_untouched() {
        let known = RecorderLinks {
            live_view: Some("https://recorder.ward/{camera}".into()),
            clip: None,
            version: 1,
            updated_at: None,
            hosts: Vec::new(),
            ward_name: "Phường A".into(),
            alike: 3,
        };
        let moved = RecorderLinks { version: 2, ward_name: "Phường B".into(), alike: 0, ..known.clone() };
        assert!(is_untouched(&known, &serde_json::to_value(moved).unwrap()));
        let edited = RecorderLinks { version: 2, live_view: None, ..known.clone() };
        assert!(!is_untouched(&known, &serde_json::to_value(edited).unwrap()));
    }
}
