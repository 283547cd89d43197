//! What is not on the open map as it opens comes as a second file of WebAssembly, when it is first wanted.
//! What is in it is the business of the screens; this module knows only which parts there are, and waits for them.

use std::cell::Cell;

use futures_util::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;
use shared::layer::Layer;
use wasm_bindgen::JsCast;

use crate::accounts::{ReasonForm, SignInForm};
use crate::geography::LayerDetails;
use crate::map::{FeatureRef, Handles, Rings, Tool};
use crate::screens::{
    AlertRulesPage, AlertsPage, DutyPage, Households, MissingPage, Operations, QuarantinePage, UnplacedPage, ViolationsPage,
};
use crate::shell::{AccountMenuContent, PaletteSearch, card_of, panel_of};
use crate::ui::Skeleton;
use crate::{t, text};

/// Parts of the screens that are not there when the open map opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Operations,
    Alerts,
    Households,
    Unplaced,
    Violations,
    AlertRules,
    Quarantine,
    Duty,
    Card(FeatureRef),
    Tool(Tool),
    SignInForm,
    ReasonForm,
    AccountMenu,
    Palette,
    LayerDetails(Layer),
    Handles,
    Rings,
    Missing,
}

/// Everything that this names, and nothing else does, goes into the second file.
fn view_of(part: Part) -> AnyView {
    text::bring_later_words();
    match part {
        Part::Operations => view! { <Operations/> }.into_any(),
        Part::Alerts => view! { <AlertsPage/> }.into_any(),
        Part::Households => view! { <Households/> }.into_any(),
        Part::Unplaced => view! { <UnplacedPage/> }.into_any(),
        Part::Violations => view! { <ViolationsPage/> }.into_any(),
        Part::AlertRules => view! { <AlertRulesPage/> }.into_any(),
        Part::Quarantine => view! { <QuarantinePage/> }.into_any(),
        Part::Duty => view! { <DutyPage/> }.into_any(),
        Part::Card(of) => card_of(of).into_any(),
        Part::Tool(tool) => panel_of(tool),
        Part::SignInForm => view! { <SignInForm/> }.into_any(),
        Part::ReasonForm => view! { <ReasonForm/> }.into_any(),
        Part::AccountMenu => view! { <AccountMenuContent/> }.into_any(),
        Part::Palette => view! { <PaletteSearch/> }.into_any(),
        Part::LayerDetails(layer) => view! { <LayerDetails layer/> }.into_any(),
        Part::Handles => view! { <Handles/> }.into_any(),
        Part::Rings => view! { <Rings/> }.into_any(),
        Part::Missing => view! { <MissingPage/> }.into_any(),
    }
}

/// The door between the two files. A debug bundle is one file, and the door stands open.
#[cfg(not(split))]
mod door {
    use super::*;

    pub async fn open() -> Result<(), SplitLoaderError> {
        Ok(())
    }

    pub async fn draw(part: Part) -> Result<AnyView, SplitLoaderError> {
        Ok(view_of(part))
    }
}

#[cfg(split)]
// What the macro writes declares a function of the other file, which `xtask` puts in its place.
#[allow(unsafe_code)]
mod door {
    use super::*;

    #[leptos::wasm_split::wasm_split(later, wasm_split_path = leptos::wasm_split, preload(open), fallible)]
    pub fn draw(part: Part) -> Result<AnyView, SplitLoaderError> {
        Ok(view_of(part))
    }
}

thread_local! {
    static IS_HERE: Cell<bool> = const { Cell::new(false) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coming {
    OnItsWay,
    Here,
    Failed,
}

/// Draws a part as soon as it is here: at once, but for the first of a visit.
#[component]
pub fn Later(part: Part) -> impl IntoView {
    let coming = RwSignal::new(if IS_HERE.get() { Coming::Here } else { Coming::OnItsWay });
    let fetch = move || {
        coming.set(Coming::OnItsWay);
        spawn_local(async move {
            let opened = door::open().await.is_ok();
            IS_HERE.set(opened);
            request_animation_frame(focus_what_came);
            // None: nobody waits any more.
            _ = coming.try_set(if opened { Coming::Here } else { Coming::Failed });
        });
    };
    if !IS_HERE.get() {
        fetch();
    }
    move || match coming.get() {
        // Open doors do not keep waiting, so the view is made here, where its contexts are.
        Coming::Here => door::draw(part).now_or_never().and_then(Result::ok),
        Coming::OnItsWay => Some(view! { <div class="later"><Skeleton lines=4/></div> }.into_any()),
        Coming::Failed => Some(
            view! {
                <div class="later panel" role="alert">
                    <p>{move || t!("failure-unreachable")}</p>
                    <button type="button" class="button" on:click=move |_| fetch()>{move || t!("retry")}</button>
                </div>
            }
            .into_any(),
        ),
    }
}

/// A dialog that opened before its contents were here had nothing to put the focus on.
fn focus_what_came() {
    let field = document().query_selector("dialog[open] [autofocus]").ok().flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        _ = field.focus();
    }
}
