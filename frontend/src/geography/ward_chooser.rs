//! Where a page names what it is about: for whoever leads several wards a button that opens the list of them, to be cut by typing.
//! What a choice changes is the pages' business; what stands beside a name is theirs too.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use shared::area::{AreaKind, AreaSummary};
use wasm_bindgen::JsCast;

use super::chosen::matching;
use super::{DemoMark, Ward, ward};
use crate::number;
use crate::t;
use crate::ui::Icon;

/// What a page shows beside a ward's name, by the ward's id.
pub type Beside = Callback<i32, Option<AnyView>>;

/// Between the button and its list, and around the list at the edges of the window.
const GAP_PX: f64 = 8.0;
/// As wide as the style sheets make the list at most.
const WIDEST_PX: f64 = 384.0;

/// The line below a page's title: the area that it is about, or the choice of it.
#[component]
pub fn WorkArea(#[prop(optional)] beside: Option<Beside>) -> impl IntoView {
    let ward = ward();
    let has_choice = Memo::new(move |_| ward.has_choice());
    move || match has_choice.get() {
        true => view! { <div class="quiet-text work-area"><WardChooser beside/><DemoMark/></div> }.into_any(),
        false => view! { <p class="quiet-text">{move || ward.name()} <DemoMark/></p> }.into_any(),
    }
}

#[component]
pub fn WardChooser(beside: Option<Beside>) -> impl IntoView {
    let ward = ward();
    let (list, is_open) = (NodeRef::<html::Div>::new(), RwSignal::new(false));
    let place = RwSignal::new([GAP_PX, GAP_PX]);
    // Before the browser opens it: from the top layer it knows nothing of where its button stands.
    let put_below = move |event: MouseEvent| {
        if let Some(button) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            let button = button.get_bounding_client_rect();
            let room = window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(WIDEST_PX);
            let left = button.left().min(room - WIDEST_PX - GAP_PX).max(GAP_PX);
            place.set([left, button.bottom() + GAP_PX / 2.0]);
        }
    };
    let follow = move |_| {
        if let Some(list) = list.get_untracked() {
            is_open.set(list.matches(":popover-open").unwrap_or(false));
        }
    };
    let close = Callback::new(move |()| {
        if let Some(list) = list.get_untracked() {
            // Refused only where it is closed already.
            _ = list.hide_popover();
        }
    });
    say_in_title(ward);
    view! {
        <div class="ward-chooser">
            <button type="button" class="button quiet ward-button" popovertarget="ward-choice" aria-label=move || t!("ward-choice-of", name = ward.name()) data-testid="ward-choice" on:click=put_below>
                <span class="truncate">{move || ward.name()}</span>
                <Icon name="caret-down"/>
            </button>
            <div
                node_ref=list
                id="ward-choice"
                class="panel ward-choice"
                popover="auto"
                role="dialog"
                aria-label=move || t!("ward-choice")
                style:left=move || pixels(place.get()[0])
                style:top=move || pixels(place.get()[1])
                on:toggle=follow
            >
                <Show when=move || is_open.get()><Wards ward beside close/></Show>
            </div>
        </div>
    }
}

fn pixels(number: f64) -> String {
    format!("{}px", number::written(number))
}

/// A line of the list: one ward, or all of them.
type Line = Option<AreaSummary>;

#[component]
fn Wards(ward: Ward, beside: Option<Beside>, close: Callback<()>) -> impl IntoView {
    let (typed, field) = (RwSignal::new(String::new()), NodeRef::<html::Input>::new());
    let lines = Memo::new(move |_| {
        let typed = typed.get();
        let whole: Option<Line> = typed.trim().is_empty().then_some(None);
        whole.into_iter().chain(matching(ward.choices(), &typed).into_iter().map(Some)).collect::<Vec<Line>>()
    });
    let chosen = untrack(|| ward.chosen()).map(|area| area.id);
    let is_chosen = move |line: &Line| line.as_ref().map(|area| area.id) == chosen;
    let marked = RwSignal::new(lines.with_untracked(|lines| lines.iter().position(is_chosen)).unwrap_or(0));
    let choose = Callback::new(move |line: Line| {
        close.run(());
        ward.choose(line.as_ref());
    });
    let keys = move |event: KeyboardEvent| {
        let last = lines.with_untracked(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => marked.update(|marked| *marked = (*marked + 1).min(last)),
            "ArrowUp" => marked.update(|marked| *marked = marked.saturating_sub(1)),
            "PageDown" => marked.update(|marked| *marked = (*marked + PAGE).min(last)),
            "PageUp" => marked.update(|marked| *marked = marked.saturating_sub(PAGE)),
            "Enter" => {
                if let Some(line) = lines.with_untracked(|lines| lines.get(marked.get_untracked()).cloned()) {
                    choose.run(line);
                }
            }
            _ => return,
        }
        event.prevent_default();
        // The list below walks by the same keys.
        event.stop_propagation();
    };
    Effect::new(move |_| {
        marked.track();
        lines.track();
        request_animation_frame(bring_marked_into_view);
    });
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || _ = field.focus());
        }
    });
    let type_on = move |words: String| {
        typed.set(words);
        marked.set(0);
    };
    let whole = move || whole_of(ward);
    let row = move |(at, line): (usize, Line)| {
        let (id, name) = match &line {
            Some(area) => (area.id.0.to_string(), area.name.clone()),
            None => (String::new(), whole()),
        };
        let (is_chosen, of) = (is_chosen(&line), line.as_ref().map(|area| area.id.0));
        view! {
            <button
                type="button"
                id=format!("ward-choice-{at}")
                class="ward-row"
                role="option"
                tabindex="-1"
                data-testid="ward-choice-row"
                data-id=id
                aria-selected=move || (marked.get() == at).to_string()
                aria-current=is_chosen.then_some("true")
                on:click=move |_| choose.run(line.clone())
            >
                <span class="truncate">{name}</span>
                {move || beside.zip(of).and_then(|(beside, of)| beside.run(of))}
            </button>
        }
    };
    let hint = move || t!("ward-choice-hint");
    view! {
        <div class="search-field">
            <Icon name="magnifying-glass"/>
            <input
                node_ref=field
                type="text"
                role="combobox"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                data-testid="ward-choice-words"
                placeholder=hint
                aria-label=hint
                aria-autocomplete="list"
                aria-expanded="true"
                aria-controls="ward-choice-list"
                aria-activedescendant=move || format!("ward-choice-{}", marked.get())
                maxlength="100"
                prop:value=typed
                on:input:target=move |event| type_on(event.target().value())
                on:keydown=keys
            />
        </div>
        <div id="ward-choice-list" class="ward-rows" role="listbox" aria-label=move || t!("ward-choice")>
            {move || lines.get().into_iter().enumerate().map(row).collect_view()}
        </div>
        {move || lines.with(Vec::is_empty).then(|| view! { <p class="panel-note" role="status">{t!("ward-choice-none")}</p> })}
    }
}

/// Lines that a page key walks.
const PAGE: usize = 8;

/// "Toàn thành phố", with how many wards that is.
fn whole_of(ward: Ward) -> String {
    let count = ward.choices().len() as i64;
    match ward.own().filter(|own| own.kind == AreaKind::Province) {
        Some(own) if own.name.starts_with("Tỉnh") => t!("wards-of-province", count = count),
        Some(_) => t!("wards-of-city", count = count),
        None => t!("wards-all", count = count),
    }
}

fn bring_marked_into_view() {
    if let Some(row) = document().query_selector(".ward-row[aria-selected=\"true\"]").ok().flatten() {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        row.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Among the browser's tabs, too, stands which ward it is.
fn say_in_title(ward: Ward) {
    Effect::new(move |_| document().set_title(&format!("{} · {}", ward.name(), t!("product"))));
    on_cleanup(|| document().set_title(&untrack(|| t!("product"))));
}
