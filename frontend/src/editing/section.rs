//! The part of a card that edits its row: the button, the form beside the handles on the map, keeping, taking back, the past.
//! It stands beside what the card reads, not in it: a card that is read again must not take away what is being typed.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value};
use shared::edit::Conflict;
use shared::layer::Layer;

use super::conflict::ConflictView;
use super::fields::Inputs;
use super::history::HistoryList;
use super::how::HowToMove;
use super::request::{self, Written};
use super::row::{EditableRow, Values, changed, place, with_draft};
use crate::http::Failure;
use crate::map::{MapState, Tool};
use crate::session::session;
use crate::shell::{CardHeight, viewport};
use crate::t;
use crate::text::kinds;
use crate::ui::{Icon, now};

/// For so long an edit can be taken back where it was made; afterwards by its entry in the past.
pub const TAKE_BACK_FOR: Duration = Duration::from_secs(10);

/// Close enough to put something where it belongs.
const ZOOM: f64 = 17.5;

/// How far an edit has come.
#[derive(Clone, PartialEq)]
enum Step {
    Shown,
    Editing,
    Saving,
    /// Somebody was faster; what is here stays until it is decided.
    Conflicting(Box<Conflict>),
    /// Not kept; what is here stays.
    Failed(Failure),
    /// Kept as this version.
    Kept(i32),
    NotTakenBack(Failure),
}

/// All that the parts of the section share.
#[derive(Clone, Copy)]
struct Editing {
    state: MapState,
    step: RwSignal<Step>,
    /// The row as it was when editing began.
    before: RwSignal<Option<EditableRow>>,
    /// The row as the latest edit here left it: the card reads it again only a moment later.
    written: RwSignal<Option<EditableRow>>,
    typed: RwSignal<Values>,
    reload: Callback<()>,
}

#[component]
pub fn EditSection(
    layer: Layer,
    id: i64,
    /// The row as its door gave it; none while it is on its way.
    #[prop(into)]
    row: Signal<Option<Value>>,
    /// Reads the row again.
    #[prop(into)]
    reload: Callback<()>,
) -> impl IntoView {
    let state: MapState = expect_context();
    let session = session();
    let editing = Editing {
        state,
        step: RwSignal::new(Step::Shown),
        before: RwSignal::new(None),
        written: RwSignal::new(None),
        typed: RwSignal::new(Values::new()),
        reload,
    };
    let row = Memo::new(move |_| row.get().and_then(|row| EditableRow::read(layer, &row)));
    editing.follow_the_map();
    on_cleanup(move || editing.let_go());
    let is_open = Memo::new(move |_| !matches!(editing.step.get(), Step::Shown | Step::Kept(_) | Step::NotTakenBack(_)));
    let editable = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.editable)));
    view! {
        <section class="edit-section" class:editing=is_open data-testid="edit-section">
            <Show when=move || is_open.get()>
                <EditForm layer editing/>
            </Show>
            <Show when=move || !is_open.get() && editable.get()>
                <EditButton editing row/>
            </Show>
            <Show when=move || session.is_signed_in() && !is_open.get()>
                <HistoryList layer id row reload=editing.reload/>
            </Show>
        </section>
    }
}

impl Editing {
    fn begin(self, row: EditableRow) {
        // First: the tool that was in hand takes its sketch away.
        self.state.tool.set(Some(Tool::Edit));
        self.typed.set(row.values.clone());
        self.state.drafting.draft.set(Some(row.draft()));
        self.before.set(Some(row));
        self.step.set(Step::Editing);
    }

    /// Takes the handles off the map, if they are ours.
    fn let_go(self) {
        let is_ours = !matches!(self.step.try_get_untracked(), None | Some(Step::Shown | Step::Kept(_) | Step::NotTakenBack(_)));
        if is_ours {
            _ = self.state.drafting.draft.try_set(None);
            if self.state.tool.try_get_untracked() == Some(Some(Tool::Edit)) {
                _ = self.state.tool.try_set(None);
            }
        }
    }

    fn cancel(self) {
        self.let_go();
        self.step.set(Step::Shown);
    }

    /// Enter on the map keeps; another tool in hand, or Esc, leaves everything as it was.
    fn follow_the_map(self) {
        self.state.drafting.on_kept(move || {
            if matches!(self.step.get_untracked(), Step::Editing | Step::Failed(_)) {
                self.keep(None);
            }
        });
        Effect::new(move |_| {
            let is_put_down = self.state.tool.get() != Some(Tool::Edit);
            if is_put_down && matches!(self.step.get_untracked(), Step::Editing | Step::Failed(_) | Step::Conflicting(_)) {
                self.cancel();
            }
        });
    }

    fn edit(self) -> Map<String, Value> {
        let (Some(before), Some(draft)) = (self.before.get_untracked(), self.state.drafting.draft.get_untracked()) else {
            return Map::new();
        };
        changed(&before.values, &self.typed.with_untracked(|typed| with_draft(typed, &draft)))
    }

    /// Writes what was changed; over the version `over`, where somebody was faster and this is to stand all the same.
    fn keep(self, over: Option<i32>) {
        let (Some(before), edit) = (self.before.get_untracked(), self.edit()) else { return };
        if edit.is_empty() {
            return self.cancel();
        }
        self.step.set(Step::Saving);
        spawn_local(async move {
            let written = request::write(&before, over.unwrap_or(before.version), &edit).await;
            // The card may be gone by now.
            if self.step.try_get_untracked() != Some(Step::Saving) {
                return;
            }
            match written {
                Written::Done(row) => {
                    self.let_go();
                    self.written.set(EditableRow::read(before.layer, &row));
                    self.kept(row["version"].as_i64().unwrap_or_default() as i32);
                }
                Written::Conflict(conflict) => self.step.set(Step::Conflicting(conflict)),
                Written::Failed(failure) => self.step.set(Step::Failed(failure)),
            }
        });
    }

    fn kept(self, version: i32) {
        self.step.set(Step::Kept(version));
        self.reload.run(());
        let pass = move || {
            if self.step.try_get_untracked() == Some(Step::Kept(version)) {
                self.step.set(Step::Shown);
            }
        };
        set_timeout(pass, TAKE_BACK_FOR);
    }

    fn take_back(self, version: i32) {
        let Some(before) = self.before.get_untracked() else { return };
        self.step.set(Step::Shown);
        spawn_local(async move {
            match request::take_back(before.layer, before.id, version).await {
                Ok(row) => {
                    self.written.try_set(EditableRow::read(before.layer, &row));
                    self.reload.try_run(());
                }
                Err(failure) => _ = self.step.try_set(Step::NotTakenBack(failure)),
            }
        });
    }
}

/// "Sửa", or what has just become of it.
#[component]
fn EditButton(editing: Editing, row: Memo<Option<EditableRow>>) -> impl IntoView {
    let height: CardHeight = expect_context();
    let viewport = viewport();
    let now = now();
    let begin = move |_| {
        let newest = [editing.written.get_untracked(), row.get_untracked()].into_iter().flatten().max_by_key(|row| row.version);
        if let Some(row) = newest {
            height.make_room();
            if let (true, Some([lon, lat])) = (untrack(|| viewport.is_phone()), place(&row.values["point"])) {
                // The card covers half of a phone's map; what is dragged must not lie under it.
                let zoom = editing.state.view.with_untracked(|view| view.map_or(ZOOM, |view| view.zoom.max(ZOOM)));
                editing.state.fly_to(lon, lat, zoom);
            }
            editing.begin(row);
        }
    };
    let said = move || match editing.step.get() {
        Step::Kept(version) => Some(
            view! {
                <p class="kept" role="status" data-testid="edit-kept">
                    <Icon name="check"/>
                    <span>{move || t!("edit-kept")}</span>
                    <button type="button" class="button" data-testid="edit-undo" on:click=move |_| editing.take_back(version)>
                        <Icon name="arrow-counter-clockwise"/>
                        {move || t!("undo")}
                    </button>
                </p>
            }
            .into_any(),
        ),
        Step::NotTakenBack(failure) => {
            Some(view! { <p class="error" role="alert">{kinds::failure(&failure, now.get_untracked())}</p> }.into_any())
        }
        _ => None,
    };
    view! {
        {said}
        <div class="card-actions">
            <button type="button" class="button" data-testid="edit-begin" on:click=begin>
                <Icon name="pencil-simple"/>
                {move || t!("edit")}
            </button>
        </div>
    }
}

/// The form, or the two states of a conflict.
#[component]
fn EditForm(layer: Layer, editing: Editing) -> impl IntoView {
    let now = now();
    let drafting = editing.state.drafting;
    let values = Signal::derive(move || {
        let typed = editing.typed.get();
        drafting.draft.with(|draft| draft.as_ref().map(|draft| with_draft(&typed, draft))).unwrap_or(typed)
    });
    let set = Callback::new(move |(name, value): (&'static str, Value)| match name {
        "heading_deg" => drafting.look(|looks| looks.heading_deg = value.as_f64().map(|degrees| degrees.rem_euclid(360.0))),
        "field_of_view_deg" => drafting.look(|looks| looks.field_of_view_deg = value.as_f64()),
        "range_m" => drafting.look(|looks| looks.range_m = value.as_f64()),
        name => editing.typed.update(|typed| _ = typed.insert(name, value)),
    });
    let is_placed = move || drafting.draft.with(|draft| draft.is_some_and(|draft| draft.at.is_some()));
    let is_saving = move || editing.step.get() == Step::Saving;
    let failed = move || match editing.step.get() {
        Step::Failed(failure) => Some(view! {
            <p class="error" role="alert" data-testid="edit-failed" data-code=failure.code().unwrap_or("failure").to_owned()>
                {kinds::failure(&failure, now.get_untracked())}
            </p>
        }),
        _ => None,
    };
    let conflict = Memo::new(move |_| match editing.step.get() {
        Step::Conflicting(conflict) => Some(conflict),
        _ => None,
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        editing.keep(None);
    };
    let theirs = Callback::new(move |()| {
        editing.cancel();
        editing.reload.run(());
    });
    let mine = Callback::new(move |version: i32| editing.keep(Some(version)));
    view! {
        <form class="edit-form" data-testid="edit-form" on:submit=submit>
            <h3>{move || t!("edit")}</h3>
            <HowToMove is_placed=Signal::derive(is_placed)/>
            {move || match conflict.get() {
                Some(conflict) => view! { <ConflictView layer before=editing.before.get_untracked() mine=values.get_untracked() conflict=*conflict on_theirs=theirs on_mine=mine/> }.into_any(),
                None => view! {
                    <Inputs layer values set/>
                    {failed}
                    <div class="card-actions sticky">
                        <button type="submit" class="button primary" data-testid="edit-save" disabled=is_saving>{move || t!("save")}</button>
                        <button type="button" class="button" data-testid="edit-cancel" on:click=move |_| editing.cancel()>{move || t!("cancel")}</button>
                    </div>
                }.into_any(),
            }}
        </form>
    }
}
