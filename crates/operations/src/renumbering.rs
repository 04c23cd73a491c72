//! Numbers of declared attributes: `vinculo.yaml` may name others than when a record was normalized.
//!
//! A source of the project is then read anew. One that the project no longer has cannot be, since nobody says how; its
//! records keep the numbers of their day, and are read by the names that those stood for.

use crate::error::OperationError;
use crate::judge::Judgements;
use rustc_hash::FxHashMap;
use vinculo_records::{AttributeId, Attributes, NormalizedRecord, NormalizedView, RecordId, Value};
use vinculo_store::{NamedRecord, SourceRow, Store};

/// From the numbers of one day to those of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renumbering {
    /// By position among the attributes declared then; none where that name, or that type, is declared no longer.
    present: Vec<Option<AttributeId>>,
}

impl Renumbering {
    /// How numbers changed; none where they did not.
    pub fn new(then: &Attributes, now: &Attributes) -> Option<Self> {
        if then == now {
            return None;
        }
        let present = then.custom().iter().map(|before| {
            let id = now.find(&before.name)?;
            let is_same = now.declaration(id).is_some_and(|declared| declared.attribute_type == before.attribute_type);
            is_same.then_some(id)
        });
        Some(Self { present: present.collect() })
    }

    /// A record under the present numbers, without the values of attributes that are declared no longer.
    pub fn apply(&self, view: NormalizedView<'_>) -> NormalizedRecord {
        let mut record = NormalizedRecord::new(view.kind(), view.updated_at(), view.landed_on());
        for value in view.values() {
            let attribute = match value.attribute.custom_position() {
                None => Some(value.attribute),
                Some(position) => self.present.get(position).copied().flatten(),
            };
            if let Some(attribute) = attribute {
                record.push(Value { attribute, ..value });
            }
        }
        record
    }
}

/// What the current versions of these records say, packed, under the numbers that are declared now, with what persons
/// have judged wrong flagged so; none of a record that has none.
///
/// # Errors
/// When the store cannot be read.
pub(crate) async fn normalized(
    store: &Store,
    attributes: &Attributes,
    records: &[&NamedRecord],
) -> Result<Vec<Option<Vec<u8>>>, OperationError> {
    let renumbering = |row: SourceRow| Some((row.name, Renumbering::new(&row.followed?.attributes, attributes)?));
    let renumberings: FxHashMap<String, Renumbering> =
        store.sources().await?.into_iter().filter_map(renumbering).collect();
    let ids: Vec<RecordId> = records.iter().map(|record| record.record).collect();
    let packed = store.normalized(&ids).await?;
    let judgements = Judgements::read(store).await?;
    let present = |(record, packed): (&&NamedRecord, Option<Vec<u8>>)| {
        let packed = packed?;
        let Some(view) = NormalizedView::new(&packed) else { return Some(packed) };
        let renumbered = renumberings.get(&record.source).map(|renumbering| renumbering.apply(view));
        let view = renumbered.as_ref().map_or(view, NormalizedRecord::view);
        let marked = judgements.mark(attributes, record.hash(), view);
        Some(marked.as_ref().map_or(view, NormalizedRecord::view).as_bytes().to_vec())
    };
    Ok(records.iter().zip(packed).map(present).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_records::{AttributeType, CustomAttribute, Kind, Standard};

    fn attributes(declared: &[(&str, AttributeType)]) -> Attributes {
        let custom = |(name, attribute_type): &(&str, AttributeType)| CustomAttribute {
            name: (*name).into(),
            attribute_type: *attribute_type,
            separator: None,
        };
        Attributes::new(declared.iter().map(custom).collect())
    }

    #[test]
    fn values_follow_the_names_of_their_attributes_not_their_numbers() {
        let (text, number) = (AttributeType::Text, AttributeType::Number);
        let then = attributes(&[("age", number), ("hobby", text), ("team", text)]);
        let now = attributes(&[("age", text), ("arm", text), ("team", text)]);
        let mut record = NormalizedRecord::new(Kind::Person, Some(7), 20_000);
        let texts = [("given_name", "ana"), ("age", "31"), ("hobby", "chess"), ("team", "blue")];
        for (name, text) in texts {
            record.push(Value { attribute: then.find(name).unwrap(), text, flag: None });
        }
        let renumbered = Renumbering::new(&then, &now).unwrap().apply(record.view());
        let values: Vec<_> = renumbered
            .view()
            .values()
            .map(|value| (now.name(value.attribute).to_owned(), value.text.to_owned()))
            .collect();
        assert_eq!(values, [("given_name".into(), "ana".into()), ("team".into(), "blue".to_owned())]);
        assert_eq!((renumbered.view().updated_at(), renumbered.view().landed_on()), (Some(7), 20_000));
        assert_eq!(values[0].0, Standard::GivenName.name());
    }

    #[test]
    fn nothing_is_renumbered_where_the_same_is_declared() {
        let same = attributes(&[("team", AttributeType::Text)]);
        assert_eq!(Renumbering::new(&same, &same.clone()), None);
    }
}
