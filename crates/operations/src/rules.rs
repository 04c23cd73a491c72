//! All that the answer depends on beside the data: while it stays as it is, a run resolves only what changed.

use crate::error::OperationError;
use crate::session::Session;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use vinculo_project::Source;
use vinculo_records::ContentHash;
use vinculo_records::hash::ContentHasher;
use vinculo_resolution::plan::ENGINE_VERSION;
use vinculo_store::StateOfData;

/// Hashes of the settings that a resolution followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Of everything that concerns all records: the settings of resolution and survivorship, and the program.
    common: String,
    /// Of what concerns the records of one source: its mapping and its trust, by the source's number.
    sources: BTreeMap<i16, String>,
}

impl Rules {
    /// The rules in force, once the records follow the present mapping.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(session: &Session) -> Result<Self, OperationError> {
        let project = &session.bench.project;
        let common = serde_json::json!([&project.resolution, &project.survivorship, &project.attributes]);
        let program = [env!("CARGO_PKG_VERSION").as_bytes(), &ENGINE_VERSION.to_be_bytes()];
        let common = [common.to_string().as_bytes(), program[0], program[1]].map(<[u8]>::to_vec);
        let of_source = |row: vinculo_store::SourceRow| {
            let followed = row.followed?;
            let trust = project.source(&row.name).map_or(Source::TRUST, |source| source.trust);
            Some((row.id.0, hash(&[followed.fingerprint.0.to_be_bytes().to_vec(), vec![trust]])))
        };
        let sources = session.store.sources().await?.into_iter().filter_map(of_source).collect();
        Ok(Self { common: hash(&common), sources })
    }

    /// All that the answer depends on: the rules, this state of the data, and the judgements in force.
    pub fn state(&self, data: &StateOfData, judgements: ContentHash) -> ContentHash {
        let mut hasher = ContentHasher::new();
        hasher.part(&data.hash().0.to_be_bytes()).part(&judgements.0.to_be_bytes()).part(self.common.as_bytes());
        for (id, hash) in &self.sources {
            hasher.part(&id.to_be_bytes()).part(hash.as_bytes());
        }
        hasher.finish()
    }

    /// Whether what followed these rules still stands under the present ones: all is as it was, save for sources that
    /// are new.
    pub fn stand_under(&self, present: &Self) -> bool {
        self.common == present.common && self.sources.iter().all(|(id, hash)| present.sources.get(id) == Some(hash))
    }
}

fn hash(parts: &[Vec<u8>]) -> String {
    let mut hasher = ContentHasher::new();
    parts.iter().for_each(|part| _ = hasher.part(part));
    let ContentHash(hash) = hasher.finish();
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(common: &str, sources: &[(i16, &str)]) -> Rules {
        let sources = sources.iter().map(|(id, hash)| (*id, (*hash).to_owned())).collect();
        Rules { common: common.into(), sources }
    }

    #[test]
    fn what_was_resolved_stands_until_a_rule_that_it_followed_is_another() {
        let then = rules("a", &[(1, "crm")]);
        assert!(then.stand_under(&then));
        assert!(then.stand_under(&rules("a", &[(1, "crm"), (2, "erp")])), "a new source changes nothing for others");
        assert!(!then.stand_under(&rules("b", &[(1, "crm")])), "other settings");
        assert!(!then.stand_under(&rules("a", &[(1, "crm with another mapping")])));
        assert!(!then.stand_under(&rules("a", &[])), "a source that nobody knows");
    }
}
