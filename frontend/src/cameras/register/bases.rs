//! Legal bases offered while an alert is being closed: a list that the field beside it suggests from.
//! Any other text may be written; which basis holds is the officer's decision.

use leptos::prelude::*;
use shared::camera_alert::AlertKind;
use shared::violation::LegalBasisList;

use crate::http;

/// What the field names in its `list`.
pub const LEGAL_BASES: &str = "legal-bases";

/// Suggestions for this kind. Without an answer there are none, and the field takes any text all the same.
#[component]
pub fn LegalBases(kind: AlertKind) -> impl IntoView {
    let bases = LocalResource::new(|| async { http::get::<LegalBasisList>("/api/violations/legal-bases").await });
    let options = move || {
        let bases = bases.get().and_then(Result::ok).map(|list| list.bases).unwrap_or_default();
        let fitting = bases.into_iter().filter(|basis| basis.kinds.contains(&kind));
        fitting.map(|basis| view! { <option value=basis.citation>{basis.about}</option> }).collect_view()
    };
    view! { <datalist id=LEGAL_BASES>{options}</datalist> }
}
