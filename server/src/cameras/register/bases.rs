//! Legal bases that are suggested when an alert is closed as handled: read from `data/legal_bases.toml`, with their sources.
//! A suggestion is a text; which basis holds, and which fine, is the officer's decision.

use std::sync::OnceLock;

use axum::Json;
use serde::Deserialize;
use shared::{
    problem::Problem,
    violation::{LegalBasis, LegalBasisList},
};

use crate::{
    accounts::{Session, matrix::Permission},
    platform::error::ApiResult,
};

const LEGAL_BASES: &str = include_str!("../../../../data/legal_bases.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    basis: Vec<LegalBasis>,
}

fn bases() -> &'static [LegalBasis] {
    static BASES: OnceLock<Vec<LegalBasis>> = OnceLock::new();
    BASES.get_or_init(|| toml::from_str::<File>(LEGAL_BASES).expect("data/legal_bases.toml was tested with this program").basis)
}

/// What is suggested as legal basis, by kind of alert.
#[utoipa::path(get, path = "/api/violations/legal-bases", tag = "violations",
    responses((status = 200, body = LegalBasisList), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list_legal_bases(db: Session) -> ApiResult<Json<LegalBasisList>> {
    db.caller().require(Permission::SeeCameraAlerts)?;
    Ok(Json(LegalBasisList { bases: bases().to_vec() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suggestion_names_a_decree_its_kinds_and_where_it_was_read() {
        assert!(!bases().is_empty());
        for basis in bases() {
            assert!(basis.citation.starts_with("Nghị định ") && basis.citation.contains("/NĐ-CP"), "{basis:?}");
            assert!(basis.citation.chars().count() <= 300, "it fits into the alert: {basis:?}");
            assert!(!basis.about.is_empty() && !basis.kinds.is_empty(), "{basis:?}");
            assert!(!basis.sources.is_empty() && basis.sources.iter().all(|source| source.starts_with("https://")), "{basis:?}");
        }
        let mut citations: Vec<&str> = bases().iter().map(|basis| basis.citation.as_str()).collect();
        citations.sort_unstable();
        citations.dedup();
        assert_eq!(citations.len(), bases().len(), "each once");
    }
}
