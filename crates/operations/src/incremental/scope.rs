//! How far a resolution reaches, kind by kind.

use crate::resolve::FrozenModel;
use std::sync::Arc;
use vinculo_resolution::incremental::Halvings;
use vinculo_store::{KeyBase, KeyEntry};

/// What of a kind is resolved, when something of it changed.
pub(crate) enum Scope {
    /// What changed and all that hangs on it, under a model that stays as it is.
    Part(Box<Frozen>),
    /// Every record of the kind: there are few of them, or what they share cannot be told apart.
    All {
        /// The model and its number; none where each resolution trains its own.
        frozen: Option<(i64, Arc<FrozenModel>)>,
        /// Whether anything of the kind changed.
        is_touched: bool,
    },
}

/// A kind of which only a part is resolved.
pub(crate) struct Frozen {
    /// The last resolution of all records of the kind.
    pub(super) base: Arc<KeyBase>,
    /// The model and its plan.
    pub(super) model: Arc<FrozenModel>,
    /// The blocks that are halved.
    pub(super) halvings: Halvings,
    /// Those of which the halvings are others now.
    pub(super) moved: Vec<(u64, u8)>,
    /// The keys by which the records that changed are not found yet.
    pub(super) keys: Vec<KeyEntry>,
}

impl Scope {
    /// A part, before anything of it is looked at, and the blocks that are halved.
    pub(crate) fn part(base: Arc<KeyBase>, model: Arc<FrozenModel>, halvings: Halvings) -> Self {
        Self::Part(Box::new(Frozen { base, model, halvings, moved: Vec::new(), keys: Vec::new() }))
    }

    /// Everything, as soon as anything changed.
    pub(crate) fn all(frozen: Option<(i64, Arc<FrozenModel>)>) -> Self {
        Self::All { frozen, is_touched: false }
    }
}
