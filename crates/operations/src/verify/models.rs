//! Models are as they were trained, in either form.

use super::Rule;
use crate::error::OperationError;
use crate::resolve::FrozenModel;
use crate::session::Session;
use vinculo_records::Kind;
use vinculo_store::Model;
use vinculo_store::verify::Found;

pub(super) const PACKED: Rule = Rule {
    name: "packed_models_are_the_models",
    says: "What programs read in place of a model says the same as the model.",
    of: "packed models",
    names: "model",
};

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

/// Holds what this version of the program reads in place of the newest models against these.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn check_packed(session: &Session, models: &[(Kind, Model)]) -> Result<Found, OperationError> {
    let mut found = Found::default();
    for kind in Kind::ALL {
        let Some(packed) = session.store.packed_model(kind, &FrozenModel::reader()).await? else { continue };
        // A model that was trained meanwhile is not among them.
        let Some((_, model)) = models.iter().find(|(_, model)| model.version == packed.version) else { continue };
        found.looked_at += 1;
        let unpacked = FrozenModel::unpack(&packed.data);
        if unpacked.is_none() || unpacked != read(model) {
            found.add(model.version);
        }
    }
    Ok(found)
}

/// The plan and the weights of a model.
pub(super) fn read(model: &Model) -> Option<FrozenModel> {
    serde_json::from_value(model.body.clone()).ok()
}
