//! One address with placeholders: typed, with what may be left open as words that a press inserts, and what comes out.
//! Where it leads to, and whether it is kept, is not known here.

use leptos::html;
use leptos::prelude::*;
use shared::recorder::LONGEST;

use crate::t;

/// What an address may leave open, and what it stands for.
pub type Placeholder = (&'static str, fn() -> String);

#[component]
pub fn TemplateField(
    /// As the server calls it.
    name: &'static str,
    label: fn() -> String,
    placeholders: Vec<Placeholder>,
    typed: RwSignal<String>,
    /// What comes out of what is typed; none while nothing is.
    #[prop(into)]
    example: Signal<Option<String>>,
    /// Why it was not kept.
    #[prop(into)]
    refused: Signal<Option<String>>,
    autofocus: bool,
) -> impl IntoView {
    let field: NodeRef<html::Input> = NodeRef::new();
    let (id, says) = (format!("recorder-{name}"), format!("recorder-{name}-says"));
    let insert = move |placeholder: &str| {
        let Some(field) = field.get_untracked() else { return };
        let at = field.selection_start().ok().flatten().unwrap_or_default();
        // Over what is selected, or where the caret stands; refused only by fields that are no text.
        _ = field.set_range_text(placeholder);
        typed.set(field.value());
        _ = field.focus();
        let after = at + placeholder.len() as u32;
        _ = field.set_selection_range(after, after);
    };
    let chip = move |(placeholder, stands_for): Placeholder| {
        let written = format!("{{{placeholder}}}");
        let shown = written.clone();
        view! {
            <button type="button" class="chip" data-testid=format!("recorder-{name}-{placeholder}") on:click=move |_| insert(&written)>
                <code>{shown}</code>" "{stands_for}
            </button>
        }
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                node_ref=field
                id=id
                type="text"
                inputmode="url"
                maxlength=LONGEST.to_string()
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder="https://"
                autofocus=autofocus
                aria-describedby=says.clone()
                aria-invalid=move || refused.with(Option::is_some).to_string()
                prop:value=typed
                on:input:target=move |event| typed.set(event.target().value())
            />
            <div id=says>
                {move || refused.get().map(|words| view! { <p class="error" role="alert" data-testid=format!("recorder-{name}-refused")>{words}</p> })}
                <p class="quiet-text recorder-example" data-testid=format!("recorder-{name}-example")>
                    {move || example.get().map_or_else(|| t!("recorder-none"), |address| t!("recorder-example", address = address))}
                </p>
            </div>
            <div class="chips" role="group" aria-label=move || t!("recorder-insert")>{placeholders.into_iter().map(chip).collect_view()}</div>
        </div>
    }
}
