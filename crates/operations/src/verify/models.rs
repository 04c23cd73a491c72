//! Models are as they were trained.

use super::Rule;
use crate::resolve::FrozenModel;
use vinculo_records::Kind;
use vinculo_store::Model;
use vinculo_store::verify::Found;

pub(super) const RULE: Rule = Rule {
    name: "models_are_unaltered",
    says: "The weights of every model are those by whose hash it is known.",
    of: "models",
    names: "model",
};

/// Holds each model against its hash. One that this program can no longer read was made by another version, and is not
/// looked at.
pub(super) fn check(models: &[(Kind, Model)]) -> Found {
    let mut found = Found::default();
    for (_, model) in models {
        let Some(frozen) = read(model) else { continue };
        found.looked_at += 1;
        if frozen.digest() != model.digest {
            found.add(model.version);
        }
    }
    found
}

/// The plan and the weights of a model.
pub(super) fn read(model: &Model) -> Option<FrozenModel> {
    serde_json::from_value(model.body.clone()).ok()
}
