//! The list of violations, newest first, a page at a time and true as colleagues close and reopen; a row opens the card of its alert.
//! Which rows there are is the server's answer.

use leptos::html;
use leptos::prelude::*;
use shared::camera_alert::AlertStep;
use shared::layer::Layer;
use shared::violation::{Violation, ViolationList};

use super::arrivals::{Entry, Shown};
use super::choice::Choice;
use crate::cameras::alerts::{ListFeed, Page};
use crate::live::News;
use crate::map::{FeatureRef, MapState};
use crate::t;
use crate::text::{format, kinds, moment, names};
use crate::ui::{Refused, Skeleton};

const PAGE: usize = 40;

impl Page for ViolationList {
    type Row = Violation;
    const DOOR: &'static str = "/api/violations";

    fn open(self) -> (Vec<Violation>, Option<String>) {
        (self.violations, self.next_cursor)
    }
}

/// What closes may be a violation; what is listed may have been opened again. All that devices report goes by.
fn concerns(news: &News, rows: &[Violation]) -> bool {
    let is_listed = |id: i64| rows.iter().any(|row| row.id == id);
    match news {
        News::Delta { upsert, remove } => {
            let is_closed = |row: &shared::live::LiveRow| row.properties.get("status").is_some_and(|status| status == "closed");
            upsert.iter().any(|row| is_closed(row) || is_listed(row.id)) || remove.iter().any(|row| is_listed(row.id))
        }
        News::Snapshot(_) | News::Resync => true,
    }
}

/// What is on the screen, and of which list.
#[derive(Clone, PartialEq)]
struct Held {
    shown: Shown,
    of: (Choice, u32),
}

#[component]
pub fn ViolationRows(choice: Memo<Choice>) -> impl IntoView {
    let feed = ListFeed::<ViolationList>::follow_what(Signal::derive(move || choice.get().query()), PAGE, concerns);
    let table: NodeRef<html::Div> = NodeRef::new();
    let (hovered, focused) = (RwSignal::new(false), RwSignal::new(false));
    let released = RwSignal::new(0_u32);
    let held = Memo::new(move |before: Option<&Option<Held>>| {
        let of = (choice.get(), released.get());
        let is_held = hovered.get() || focused.get() && has_focus() || has_scrolled_past(table);
        let is_whole = feed.next.with(Option::is_none);
        let rows = feed.answer.get()?.ok()?;
        let before = before.and_then(|before| before.as_ref()).filter(|before| is_held && before.of == of);
        let shown = match before {
            Some(before) => Shown::held(&before.shown, rows, is_whole),
            None => Shown::all(rows),
        };
        Some(Held { shown, of })
    });
    let entries = move || held.with(|held| held.as_ref().map(|held| held.shown.entries.clone()).unwrap_or_default());
    let waiting = Memo::new(move |_| held.with(|held| held.as_ref().map_or(0, |held| held.shown.waiting)));
    let is_empty =
        Memo::new(move |_| held.with(|held| held.as_ref().is_some_and(|held| held.shown.entries.is_empty() && held.shown.waiting == 0)));
    let has_come = Memo::new(move |_| feed.answer.with(Option::is_some));
    let failure = move || feed.answer.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().err().cloned()));
    let release = move |_| {
        released.update(|times| *times += 1);
        if let Some(table) = table.get_untracked() {
            table.scroll_into_view();
        }
    };
    let row = move |first: Entry| {
        let id = first.violation.id;
        let entry = Memo::new(move |before: Option<&Entry>| {
            let now = held.with(|held| held.as_ref().and_then(|held| held.shown.find(id).cloned()));
            now.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        });
        view! { <Row entry/> }
    };
    view! {
        <div node_ref=table class="register-table" tabindex="0" role="region" aria-label=move || t!("page-violations")>
            <div class="register-waiting" role="status">
                {move || (waiting.get() > 0).then(|| view! {
                    <button type="button" class="button" data-testid="violations-waiting" on:click=release>{t!("alerts-waiting", count = waiting.get())}</button>
                })}
            </div>
            <table
                data-testid="violations"
                on:pointerenter=move |event| hovered.set(event.pointer_type() == "mouse")
                on:pointerleave=move |_| hovered.set(false)
                on:focusin=move |_| focused.set(true)
                on:focusout=move |_| focused.set(false)
            >
                <thead>
                    <tr>
                        <th scope="col">{move || t!("register-code")}</th>
                        <th scope="col">{move || t!("register-kind")}</th>
                        <th scope="col">{move || t!("register-time")}</th>
                        <th scope="col">{move || t!("register-place")}</th>
                        <th scope="col">{move || t!("alert-legal-basis")}</th>
                        <th scope="col" class="number">{move || t!("register-fine")}</th>
                        <th scope="col">{move || t!("register-closed-by")}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=entries key=|entry| entry.violation.id children=row/>
                </tbody>
            </table>
            {move || (!has_come.get()).then(|| view! { <Skeleton lines=6/> })}
            {move || is_empty.get().then(|| view! { <p class="panel-note" data-testid="violations-empty">{t!("register-empty")}</p> })}
            {move || failure().map(|failure| view! { <Refused failure on_retry=move || feed.ask()/> })}
            {move || feed.not_read_on.get().map(|failure| view! { <Refused failure on_retry=move || feed.read_on()/> })}
            {move || feed.next.with(Option::is_some).then(|| view! {
                <button type="button" class="button wide" data-testid="violations-more" disabled=move || feed.reading_on.get() on:click=move |_| feed.read_on()>
                    {t!("list-more")}
                </button>
            })}
        </div>
    }
}

/// A row that goes while it has the focus need not say so.
fn has_focus() -> bool {
    let focused = document().active_element().and_then(|element| element.closest("[data-testid=\"violations\"]").ok().flatten());
    focused.is_some()
}

/// Whether the first rows have gone up out of sight: whoever reads further down would lose the line.
fn has_scrolled_past(table: NodeRef<html::Div>) -> bool {
    let Some(table) = table.get_untracked() else { return false };
    let page = table.closest(".page-body").ok().flatten();
    page.is_some_and(|page| table.get_bounding_client_rect().top() < page.get_bounding_client_rect().top())
}

/// A row stays the same row, focus and all, while what it says changes.
#[component]
fn Row(entry: Memo<Entry>) -> impl IntoView {
    let state: MapState = expect_context();
    // What is known of a violation from its beginning on; the rest is its last closing's.
    let Violation { id, code, kind, started_at, camera_code, camera_name, area_name, near_address, .. } =
        entry.with_untracked(|entry| entry.violation.clone());
    let open = move |_| state.selected.set(Some(FeatureRef { layer: Layer::CameraAlert, id }));
    let near = move || near_address.as_ref().map(|address| t!("register-near", address = names::inside(address)));
    let or_dash = |words: Option<String>| words.unwrap_or_else(|| "—".to_owned());
    let is_gone = move || entry.with(|entry| entry.is_gone);
    let basis = move || or_dash(entry.with(|entry| entry.violation.legal_basis.clone()));
    let fine = move || or_dash(entry.with(|entry| entry.violation.fine_vnd).map(format::dong));
    let by = move || match is_gone() {
        true => kinds::named("alert-step", AlertStep::Reopened),
        false => or_dash(entry.with(|entry| entry.violation.closed_by.clone())),
    };
    view! {
        <tr data-id=id.to_string() class:gone=is_gone>
            <td><button type="button" class="link num" data-testid="violation-open" on:click=open>{code}</button></td>
            <td>{move || kinds::named("alert-kind", kind)}</td>
            <td class="num">{move || moment(started_at)}</td>
            <td><span>{camera_name}" · "{camera_code}</span><small class="quiet-text">{area_name} {move || near().map(|near| format!(" · {near}"))}</small></td>
            <td data-label=move || t!("alert-legal-basis") title=move || entry.with(|entry| entry.violation.note.clone())>{basis}</td>
            <td class="number num">{fine}</td>
            <td data-label=move || t!("register-closed-by")>{by}</td>
        </tr>
    }
}
