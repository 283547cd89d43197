//! The register of violations: alerts that were handled on a legal basis or with a fine, as a list, in figures by month, and as files; the legal bases that are suggested.
//! It deliberately writes nothing but audit entries: an alert is closed by `alerts`, and the register is how it then reads.

mod bases;
mod db;
mod export;
mod figures;
mod files;
mod listing;
mod period;
mod tables;

use utoipa_axum::{router::OpenApiRouter, routes};

use super::CamerasState;

pub(super) fn routes(state: CamerasState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(listing::list_violations))
        .routes(routes!(figures::count_violations))
        .routes(routes!(bases::list_legal_bases))
        .routes(routes!(export::export_violations_csv))
        .routes(routes!(export::export_violations_xlsx))
        .with_state(state)
}
