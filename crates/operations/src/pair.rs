//! Two records side by side: what both say, and what the model makes of it.

use crate::error::OperationError;
use crate::preview::in_words;
use crate::resolve::{FrozenModel, KeptModel, newest_model};
use crate::session::Session;
use serde::Serialize;
use std::sync::Arc;
use vinculo_normalization::comparable::ComparableWriter;
use vinculo_project::Project;
use vinculo_records::{AttributeId, Attributes, Kind, NormalizedView, RecordHash, Standard};
use vinculo_resolution::explanation::{self, Waterfall};
use vinculo_store::NamedRecord;

/// A record by its source and its key there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RecordName {
    /// The source.
    pub source: String,
    /// Its key in the source.
    pub source_key: String,
}

impl From<NamedRecord> for RecordName {
    fn from(NamedRecord { source, source_key, .. }: NamedRecord) -> Self {
        Self { source, source_key }
    }
}

/// The values of one attribute in both records.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideBySide {
    /// The attribute.
    pub attribute: String,
    /// Its values in the one.
    pub left: Vec<String>,
    /// Its values in the other.
    pub right: Vec<String>,
}

/// What both records say, attribute by attribute. What a source calls only a name stands beside the full or legal name of
/// another, with which it is compared.
pub fn side_by_side(attributes: &Attributes, left: NormalizedView<'_>, right: NormalizedView<'_>) -> Vec<SideBySide> {
    let row = |view: NormalizedView<'_>, attribute: AttributeId| {
        let whole = match view.kind() {
            Kind::Person => Standard::FullName,
            Kind::Organization => Standard::LegalName,
        };
        if attribute == Standard::Name.into() { whole.into() } else { attribute }
    };
    let said = |view: NormalizedView<'_>| view.values().map(|value| row(view, value.attribute)).collect::<Vec<_>>();
    let mut rows = [said(left), said(right)].concat();
    rows.sort_unstable();
    rows.dedup();
    let texts = |view: NormalizedView<'_>, id| {
        view.values().filter(|value| row(view, value.attribute) == id).map(in_words).collect::<Vec<String>>()
    };
    rows.into_iter()
        .map(|id| SideBySide {
            attribute: attributes.name(id).to_owned(),
            left: texts(left, id),
            right: texts(right, id),
        })
        .collect()
}

/// Weighs pairs of records under the latest model of their kind.
pub struct Weigher<'a> {
    project: &'a Project,
    kind: Kind,
    frozen: Arc<FrozenModel>,
}

impl<'a> Weigher<'a> {
    /// The latest model of a kind.
    ///
    /// # Errors
    /// Nothing was resolved yet, or only by another version of the program; a store that cannot be read.
    pub async fn new(session: &'a Session, kind: Kind) -> Result<Self, OperationError> {
        Ok(Self { project: &session.bench.project, kind, frozen: newest_frozen(session, kind).await? })
    }

    /// The kind of the records that it weighs.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The weight of two records, step by step; none when the two are one and the same record.
    pub fn weigh(
        &self,
        left: (RecordHash, NormalizedView<'_>),
        right: (RecordHash, NormalizedView<'_>),
    ) -> Option<Waterfall> {
        let attributes = &self.project.attributes;
        let mut writer = ComparableWriter::new(self.kind, attributes, &self.project.country);
        for (hash, view) in [left, right] {
            writer.push(hash, view);
        }
        let FrozenModel { plan, model } = &*self.frozen;
        explanation::explain(plan, model, &writer.finish(), attributes, left.0, right.0)
    }
}

/// The newest model of a kind, where this version can read it.
///
/// # Errors
/// Nothing was resolved yet, or only by another version of the program; a store that cannot be read.
pub(crate) async fn newest_frozen(session: &Session, kind: Kind) -> Result<Arc<FrozenModel>, OperationError> {
    frozen(newest_model(session, kind).await?)
}

fn frozen(kept: Option<KeptModel>) -> Result<Arc<FrozenModel>, OperationError> {
    let not_found = |message: &str| OperationError::NotFound(message.into());
    let kept = kept.ok_or_else(|| not_found("nothing was resolved yet; `vinculo run` does it"))?;
    let of_another = "the model is another version's; `vinculo run --full` trains one that this version can read";
    kept.frozen.ok_or_else(|| not_found(of_another))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_records::{ContentHash, NormalizedRecord, Value};

    #[test]
    fn a_name_stands_beside_the_full_name_that_it_is_compared_with() {
        let record = |attribute: Standard| {
            let mut record = NormalizedRecord::new(Kind::Person, None, 0);
            record.push(Value { attribute: attribute.into(), text: "Ana", flag: None });
            record
        };
        let (left, right) = (record(Standard::Name), record(Standard::FullName));
        let rows = side_by_side(&Attributes::default(), left.view(), right.view());
        let both = SideBySide { attribute: "full_name".into(), left: vec!["Ana".into()], right: vec!["Ana".into()] };
        assert_eq!(rows, [both]);
    }

    #[test]
    fn a_model_of_another_version_is_told_apart_from_none() {
        let message = |kept| frozen(kept).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(message(None).starts_with("nothing was resolved yet"));
        let of_another = KeptModel { version: 1, digest: ContentHash(1), frozen: None, is_packed: false };
        assert!(message(Some(of_another)).starts_with("the model is another"));
    }
}
