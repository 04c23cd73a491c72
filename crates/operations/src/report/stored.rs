//! What the resolution in force wrote down about itself: the account of its run, and its model.

use super::estimate::Histogram;
use crate::error::OperationError;
use crate::resolve::FrozenModel;
use crate::session::Session;
use serde::Deserialize;
use serde_json::Value;
use vinculo_records::{Kind, RunId};
use vinculo_resolution::blocking::RuleReport;
use vinculo_resolution::pipeline::TrainingReport;

/// The account that a run keeps of the resolution of one kind. A field that an earlier program did not write counts as
/// nothing.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct StoredResolution {
    pub(super) kind: Kind,
    #[serde(default)]
    pub(super) records: u64,
    #[serde(default)]
    pub(super) clusters: u64,
    #[serde(default)]
    pub(super) cut_values: u64,
    #[serde(default)]
    pub(super) rules: Vec<RuleReport>,
    #[serde(default)]
    pub(super) weights: Histogram,
    #[serde(default)]
    pub(super) joins: u64,
    #[serde(default)]
    pub(super) conflicts: u64,
    #[serde(default)]
    pub(super) possible_matches: u64,
    #[serde(default)]
    pub(super) cuts: StoredCuts,
    #[serde(default)]
    pub(super) training: Option<TrainingReport>,
    #[serde(default)]
    pub(super) retraining_due: bool,
}

/// What the bounds of clustering cut.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredCuts {
    pub(super) largest_component: u64,
    pub(super) unscored_pairs: u64,
}

/// The resolutions of a run's account.
pub(super) fn resolutions(summary: &Value) -> Result<Vec<StoredResolution>, OperationError> {
    match summary.get("resolution") {
        None => Ok(Vec::new()),
        Some(stored) => serde_json::from_value(stored.clone())
            .map_err(|_| OperationError::Internal("the account of the last resolution cannot be read".into())),
    }
}

/// A model in force, and how it was trained.
pub(super) struct ModelInForce {
    pub(super) version: i64,
    pub(super) frozen: FrozenModel,
    pub(super) training: Option<TrainingReport>,
}

/// The model of a kind; none where another version of the program wrote it in another form.
pub(super) async fn model(session: &Session, kind: Kind) -> Result<Option<ModelInForce>, OperationError> {
    let Some(stored) = session.store.latest_model(kind).await? else { return Ok(None) };
    let Ok(frozen) = serde_json::from_value(stored.body) else { return Ok(None) };
    let training = trained_by(session, stored.run, kind).await?;
    Ok(Some(ModelInForce { version: stored.version, frozen, training }))
}

/// How the run that made a model trained it.
async fn trained_by(session: &Session, run: RunId, kind: Kind) -> Result<Option<TrainingReport>, OperationError> {
    let Some(summary) = session.store.summary_of(run).await? else { return Ok(None) };
    let of_kind = resolutions(&summary)?.into_iter().find(|stored| stored.kind == kind);
    Ok(of_kind.and_then(|stored| stored.training))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_account_of_another_version_is_read_as_far_as_it_goes() {
        let summary = json!({"resolution": [{"kind": "person", "records": 3, "a_later_field": {"x": 1}}]});
        let [stored] = resolutions(&summary).unwrap().try_into().unwrap();
        assert_eq!((stored.kind, stored.records, stored.joins), (Kind::Person, 3, 0));
        assert!(resolutions(&json!({"problem": "no disk"})).unwrap().is_empty());
    }
}
