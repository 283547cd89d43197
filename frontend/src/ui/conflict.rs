//! Somebody else wrote in between: who and when, what they have and what one has oneself, and the choice between the two.
//! Nothing is read or written here; what the two differ in is said by the screen, and the choice is handed back to it.

use leptos::prelude::*;
use shared::edit::Conflict;

use super::{Icon, now};
use crate::t;
use crate::text::format;

/// Something in which what is in force and what was to be written differ, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub label: String,
    pub theirs: String,
    pub mine: String,
}

#[component]
pub fn ConflictChoice(
    /// Of what, for tests and style sheets.
    name: &'static str,
    conflict: Conflict,
    /// What the two have; none where who and when is all that can be said.
    #[prop(into)]
    differences: Signal<Vec<Difference>>,
    /// None: these screens cannot read what is in force, and so cannot go back to it.
    on_theirs: Option<Callback<()>>,
    /// Told the version that is to be written over.
    on_mine: Callback<i32>,
) -> impl IntoView {
    let now = now();
    let Conflict { version, changed_by, changed_at, .. } = conflict;
    let who = move || {
        let time = format::since(changed_at, now.get_untracked());
        match &changed_by {
            Some(name) => t!("conflict-by", name = name.as_str(), time = time),
            None => t!("conflict", time = time),
        }
    };
    let row = |Difference { label, theirs, mine }: Difference| {
        view! { <tr><th scope="row">{label}</th><td>{theirs}</td><td>{mine}</td></tr> }
    };
    let both = move || {
        let differences = differences.get();
        (!differences.is_empty()).then(|| {
            view! {
                <table>
                    <thead>
                        <tr>
                            <td></td>
                            <th scope="col">{t!("conflict-theirs")}</th>
                            <th scope="col">{t!("conflict-mine")}</th>
                        </tr>
                    </thead>
                    <tbody>{differences.into_iter().map(row).collect_view()}</tbody>
                </table>
            }
        })
    };
    let keep_theirs = on_theirs.map(|on_theirs| {
        view! {
            <button type="button" class="button primary" data-testid="conflict-keep-theirs" on:click=move |_| on_theirs.run(())>
                {move || t!("conflict-keep-theirs")}
            </button>
        }
    });
    view! {
        <div class="conflict" role="alert" data-testid=name>
            <p class="conflict-who"><Icon name="warning"/><span data-testid="conflict-who">{who}</span></p>
            {both}
            <div class="card-actions">
                {keep_theirs}
                <button type="button" class="button" data-testid="conflict-write-mine" on:click=move |_| on_mine.run(version)>
                    {move || t!("conflict-write-mine")}
                </button>
            </div>
        </div>
    }
}
