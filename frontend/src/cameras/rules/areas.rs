//! Which area's rules are looked at: those that have some, and for whoever edits also those of the own area that have none yet.
//! A TDP's rules go before its ward's, which the server applies and the page says.

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::area::AreaSummary;
use shared::camera_alert::{AlertHandlerList, AlertRules, AlertRulesList};
use shared::session::Permission;

use super::editor::RulesOfArea;
use super::words::Names;
use crate::geography::ward;
use crate::http;
use crate::session::session;
use crate::t;
use crate::ui::{Loading, Skeleton};

#[component]
pub fn RulesOfAreas() -> impl IntoView {
    let session = session();
    let ward = ward();
    let list = LocalResource::new(|| async { http::get::<AlertRulesList>("/api/alert-rules").await });
    let reached = move || {
        let own: BTreeSet<i32> = session.info().map(|info| info.areas.iter().map(|area| area.id.0).collect()).unwrap_or_default();
        reached(&ward.areas(), &own)
    };
    let chosen = RwSignal::new(None::<i32>);
    view! {
        <Loading answer=list lines=6 let:list>
            {
                let list = StoredValue::new(list.areas);
                let areas = Memo::new(move |_| {
                    let may_edit = session.may(Permission::EditAlertRules);
                    let known = list.with_value(|list| list.iter().map(|rules| (rules.area_id, rules.area_name.clone())).collect::<Vec<_>>());
                    let without = reached().into_iter().filter(|_| may_edit).map(|area| (area.id.0, area.name));
                    let within = ward.ids_of_chosen();
                    let mut areas = known;
                    areas.extend(without.filter(|(id, _)| list.with_value(|list| list.iter().all(|rules| rules.area_id != *id))));
                    areas.retain(|(id, _)| within.as_ref().is_none_or(|within| within.contains(&i64::from(*id))));
                    areas
                });
                let is_listed = move |id: &i32| areas.with(|areas| areas.iter().any(|(known, _)| known == id));
                let area = Memo::new(move |_| chosen.get().filter(is_listed).or_else(|| areas.with(|areas| areas.first().map(|(id, _)| *id))));
                let option = move |(id, name): (i32, String)| {
                    view! { <option value=id.to_string() selected=move || area.get() == Some(id)>{name}</option> }
                };
                view! {
                    <div class="field rules-area">
                        <label for="rules-area">{move || t!("area-choice")}</label>
                        <select id="rules-area" data-testid="rules-area" on:change:target=move |event| chosen.set(event.target().value().parse().ok())>
                            {move || areas.get().into_iter().map(option).collect_view()}
                        </select>
                    </div>
                    {move || match area.get() {
                        None => view! { <p class="panel-note">{t!("rules-none")}</p> }.into_any(),
                        Some(id) => {
                            let known = list.with_value(|list| list.iter().find(|rules| rules.area_id == id).cloned());
                            let name = untrack(|| areas.with(|areas| areas.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone())));
                            let rules = known.unwrap_or_else(|| AlertRules {
                                area_id: id,
                                area_name: name.unwrap_or_default(),
                                rules: Vec::new(),
                                version: 0,
                                editable: session.may(Permission::EditAlertRules),
                                updated_at: None,
                            });
                            let written = move |rules: AlertRules| list.update_value(|list| {
                                list.retain(|known| known.area_id != rules.area_id);
                                list.push(rules);
                            });
                            view! { <WithHandlers rules written=Callback::new(written)/> }.into_any()
                        }
                    }}
                }
            }
        </Loading>
    }
}

/// Who may be given an alert there, before the rules that name them.
#[component]
fn WithHandlers(rules: AlertRules, written: Callback<AlertRules>) -> impl IntoView {
    let address = format!("/api/alert-rules/{}/handlers", rules.area_id);
    let handlers = LocalResource::new(move || {
        let address = address.clone();
        async move { http::get::<AlertHandlerList>(&address).await }
    });
    move || match handlers.get() {
        None => view! { <Skeleton lines=4/> }.into_any(),
        // Without names the rules can be read all the same.
        Some(answer) => {
            let handlers = answer.map(|list| list.handlers).unwrap_or_default();
            let names: Names = handlers.into_iter().map(|handler| (handler.account_id, handler.display_name)).collect();
            view! { <RulesOfArea rules=rules.clone() names written/> }.into_any()
        }
    }
}

/// The areas of somebody's appointments and all below them, as the list has them: parents first.
fn reached(areas: &[AreaSummary], own: &BTreeSet<i32>) -> Vec<AreaSummary> {
    let mut reached = own.clone();
    let mut list = Vec::new();
    for area in areas {
        if reached.contains(&area.id.0) || area.parent_id.is_some_and(|parent| reached.contains(&parent.0)) {
            reached.insert(area.id.0);
            list.push(area.clone());
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::area::{AreaId, AreaKind};

    fn area(id: i32, parent: Option<i32>) -> AreaSummary {
        AreaSummary {
            id: AreaId(id),
            parent_id: parent.map(AreaId),
            kind: AreaKind::Tdp,
            code: id.to_string(),
            name: id.to_string(),
            label_lon: 0.0,
            label_lat: 0.0,
            bounds: [0.0; 4],
            demo: false,
            attribution: None,
        }
    }

    #[test]
    fn an_appointment_reaches_what_lies_below_it() {
        let areas = [area(1, None), area(2, Some(1)), area(3, Some(1)), area(20, Some(2)), area(30, Some(3))];
        let ids = |own: &[i32]| reached(&areas, &own.iter().copied().collect()).iter().map(|area| area.id.0).collect::<Vec<_>>();
        assert_eq!(ids(&[2]), [2, 20]);
        assert_eq!(ids(&[1]), [1, 2, 3, 20, 30]);
        assert_eq!(ids(&[30]), [30]);
        assert!(ids(&[]).is_empty());
    }
}
