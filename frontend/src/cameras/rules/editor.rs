//! The rules of one area, in their order: added, removed, moved, changed, and saved as a whole from the version that was seen.
//! Whoever may not edit reads them. What somebody else saved in between is shown before it is written over.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::camera_alert::{AlertRule, AlertRules, EditAlertRules};
use shared::edit::Conflict;

use super::past::PastOfRules;
use super::row::{Row, RuleLine, RuleRow, Step};
use super::words::{Names, Trouble, differences};
use crate::http::{Call, Failure};
use crate::t;
use crate::text::kinds;
use crate::ui::{ConflictChoice, Icon, Updated, now};

/// The list as it is being edited.
#[derive(Clone, Copy)]
struct Draft {
    area_id: i32,
    rows: RwSignal<Vec<Row>>,
    next_key: StoredValue<u32>,
    /// As the server has them; what is saved is made from this version.
    known: RwSignal<AlertRules>,
    waiting: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    written: Callback<AlertRules>,
}

impl Draft {
    fn of(rules: AlertRules, written: Callback<AlertRules>) -> Draft {
        let draft = Draft {
            area_id: rules.area_id,
            rows: RwSignal::new(Vec::new()),
            next_key: StoredValue::new(0),
            known: RwSignal::new(rules.clone()),
            waiting: RwSignal::new(false),
            failure: RwSignal::new(None),
            written,
        };
        draft.take_in(rules);
        draft
    }

    /// What the server has, in place of what was being written.
    fn take_in(self, rules: AlertRules) {
        self.rows.set(rules.rules.iter().cloned().map(|rule| self.row(rule)).collect());
        self.known.set(rules);
        self.failure.set(None);
    }

    fn row(self, rule: AlertRule) -> Row {
        let key = self.next_key.get_value();
        self.next_key.set_value(key + 1);
        Row { key, rule: RwSignal::new(rule) }
    }

    fn add(self) {
        let row = self.row(AlertRule::default());
        self.rows.update(|rows| rows.push(row));
    }

    fn step(self, key: u32, step: Step) {
        self.rows.update(|rows| {
            let Some(at) = rows.iter().position(|row| row.key == key) else { return };
            match step {
                Step::Up if at > 0 => rows.swap(at, at - 1),
                Step::Down if at + 1 < rows.len() => rows.swap(at, at + 1),
                Step::Remove => _ = rows.remove(at),
                Step::Up | Step::Down => {}
            }
        });
    }

    fn rules(self) -> Vec<AlertRule> {
        self.rows.with(|rows| rows.iter().map(|row| row.rule.get()).collect())
    }

    fn is_changed(self) -> bool {
        let rules = self.rules();
        self.known.with(|known| known.rules != rules)
    }

    fn has_trouble(self) -> bool {
        self.rules().iter().any(|rule| Trouble::of(rule).is_some())
    }

    /// From `version`: the one that was seen, or, knowingly, the one that somebody else has saved since.
    fn save(self, version: i32) {
        if self.waiting.get_untracked() {
            return;
        }
        let edit = EditAlertRules { area_id: self.area_id, rules: untrack(|| self.rules()) };
        let call = Call::new(Method::PUT, "/api/alert-rules").header("If-Match", &format!("\"{version}\"")).body(&edit);
        self.waiting.set(true);
        self.failure.set(None);
        spawn_local(async move {
            let answer = match call {
                Ok(call) => call.receive::<AlertRules>().await,
                Err(failure) => Err(failure),
            };
            // None: another area is looked at by now.
            if self.waiting.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(rules) => {
                    _ = self.written.try_run(rules.clone());
                    self.take_in(rules);
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }
}

#[component]
pub fn RulesOfArea(rules: AlertRules, names: Names, written: Callback<AlertRules>) -> impl IntoView {
    let names = StoredValue::new(names);
    let editable = rules.editable;
    let draft = Draft::of(rules, written);
    let known = draft.known;
    let version = Signal::derive(move || known.with(|known| known.version));
    view! {
        <section class="rules" data-testid="rules">
            {if editable {
                view! { <Editor draft names/> }.into_any()
            } else {
                view! {
                    <ol class="rules-list">
                        {known.get_untracked().rules.into_iter().map(|rule| view! { <RuleLine rule names/> }).collect_view()}
                    </ol>
                }
                .into_any()
            }}
            {move || (known.with(|known| known.rules.is_empty()) && draft.rows.with(Vec::is_empty)).then(|| view! { <p class="panel-note">{t!("rules-none")}</p> })}
            {move || known.with(|known| known.updated_at).map(|at| view! { <Updated at/> })}
            <PastOfRules area_id=draft.area_id version names/>
        </section>
    }
}

#[component]
fn Editor(draft: Draft, names: StoredValue<Names>) -> impl IntoView {
    let Draft { rows, known, waiting, failure, .. } = draft;
    let now = now();
    let cannot_save = move || waiting.get() || !draft.is_changed() || draft.has_trouble();
    let failed = move || {
        failure.get().map(|failure| match failure.conflict() {
            Some(conflict) => view! { <Outrun draft names conflict=*conflict/> }.into_any(),
            None => {
                let code = failure.code().unwrap_or("failure").to_owned();
                view! { <p class="error" role="alert" data-testid="rules-failed" data-code=code>{kinds::failure(&failure, now.get_untracked())}</p> }
                    .into_any()
            }
        })
    };
    view! {
        <ol class="rules-list" data-testid="rules-list">
            <For each=move || rows.get() key=|row| row.key let:row>
                <RuleRow
                    row
                    place=Signal::derive(move || rows.with(|rows| rows.iter().position(|other| other.key == row.key).unwrap_or(0)))
                    names
                    on_step=Callback::new(move |step| draft.step(row.key, step))
                />
            </For>
        </ol>
        {failed}
        <div class="rules-actions">
            <button type="button" class="button" data-testid="rule-add" on:click=move |_| draft.add()><Icon name="plus"/>{move || t!("rule-add")}</button>
            <button type="button" class="button primary" data-testid="rules-save" disabled=cannot_save on:click=move |_| draft.save(known.with_untracked(|known| known.version))>
                {move || t!("save")}
            </button>
            <Show when=move || draft.is_changed()>
                <button type="button" class="button quiet" data-testid="rules-undo" on:click=move |_| draft.take_in(known.get_untracked())>{move || t!("rules-undo")}</button>
            </Show>
        </div>
    }
}

/// Somebody else has saved rules of this area in between: what only one of the two has is shown, and one is chosen.
#[component]
fn Outrun(draft: Draft, names: StoredValue<Names>, conflict: Conflict) -> impl IntoView {
    let theirs = serde_json::from_value::<AlertRules>(conflict.current.clone()).ok().map(StoredValue::new);
    // Rules can be edited on meanwhile, and what is chosen are those.
    let differences = Memo::new(move |_| {
        let mine = draft.rules();
        let all = theirs.map(|theirs| theirs.with_value(|theirs| names.with_value(|names| differences(&theirs.rules, &mine, names))));
        all.unwrap_or_default()
    });
    let on_theirs = theirs.map(|theirs| Callback::new(move |()| draft.take_in(theirs.get_value())));
    let on_mine = Callback::new(move |version| draft.save(version));
    view! { <ConflictChoice name="rules-conflict" conflict differences on_theirs on_mine/> }
}
