//! The judgements in force, as a resolution follows them.

use crate::error::OperationError;
use rustc_hash::FxHashMap;
use vinculo_records::hash::ContentHasher;
use vinculo_records::judgement::value_hash;
use vinculo_records::{
    Attributes, ContentHash, Flag, JudgementKind, NormalizedRecord, NormalizedView, RecordHash, RecordId, Value,
};
use vinculo_store::{Judgement, JudgementSubject, Store};

/// The judgements in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgements {
    pairs: Vec<(RecordHash, RecordHash, bool)>,
    /// Values that are wrong: attribute and hash, by the record that says them.
    wrong: FxHashMap<RecordHash, Vec<(String, ContentHash)>>,
    /// The records of each pair that is judged, in either direction.
    partners: FxHashMap<RecordId, Vec<RecordId>>,
    last: Option<i64>,
}

impl Judgements {
    /// What is in force now.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn read(store: &Store) -> Result<Self, OperationError> {
        // Withdrawals count too, so that what was withdrawn is known to have been followed. Read first: what comes after it
        // is followed by the next resolution.
        let last = store.last_judgement().await?;
        Ok(Self { last, ..Self::of(&store.judgements_in_force().await?) })
    }

    /// What was in force when this judgement was the last one; 0 for none.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn as_of(store: &Store, last: i64) -> Result<Self, OperationError> {
        let mut then = store.judgements(None).await?;
        then.retain(|one| {
            one.id <= last && one.superseded_by.is_none_or(|by| by > last) && one.kind != JudgementKind::Withdrawn
        });
        Ok(Self { last: (last > 0).then_some(last), ..Self::of(&then) })
    }

    /// These judgements, all in force.
    pub(super) fn of(in_force: &[Judgement]) -> Self {
        let mut all = Self::default();
        in_force.iter().for_each(|judgement| all.add(judgement));
        all.pairs.sort_unstable();
        all
    }

    fn add(&mut self, judgement: &Judgement) {
        match &judgement.subject {
            JudgementSubject::Pair { left, right } => {
                self.pairs.push((left.hash(), right.hash(), judgement.kind == JudgementKind::Same));
                self.partners.entry(left.record).or_default().push(right.record);
                self.partners.entry(right.record).or_default().push(left.record);
            }
            JudgementSubject::Value { record, attribute, value } => {
                self.wrong.entry(record.hash()).or_default().push((attribute.clone(), *value));
            }
        }
    }

    /// What persons said of pairs of records, as the engine takes it: whether they are the same.
    pub fn pairs(&self) -> &[(RecordHash, RecordHash, bool)] {
        &self.pairs
    }

    /// The records that are judged together with this one, the same or different: who resolves the one must see the others.
    pub fn partners(&self, record: RecordId) -> &[RecordId] {
        self.partners.get(&record).map_or(&[], Vec::as_slice)
    }

    /// The last judgement that was made, in force or not; whoever publishes by these notes it.
    pub fn last(&self) -> Option<i64> {
        self.last
    }

    /// A hash of all that is in force: part of what the answer depends on.
    pub fn digest(&self) -> ContentHash {
        let mut hasher = ContentHasher::new();
        for (left, right, same) in &self.pairs {
            hasher.part(&left.0.to_be_bytes()).part(&right.0.to_be_bytes()).part(&[u8::from(*same)]);
        }
        let mut wrong: Vec<ContentHash> = self.wrong.values().flatten().map(|(_, value)| *value).collect();
        wrong.sort_unstable();
        wrong.iter().for_each(|value| _ = hasher.part(&value.0.to_be_bytes()));
        hasher.finish()
    }

    /// The record with its wrong values flagged [`Flag::JudgedWrong`]; none where it says nothing that is judged wrong.
    pub fn mark(
        &self,
        attributes: &Attributes,
        record: RecordHash,
        view: NormalizedView<'_>,
    ) -> Option<NormalizedRecord> {
        let wrong = self.wrong.get(&record)?;
        let is_wrong = |value: &Value<'_>| {
            let name = attributes.name(value.attribute);
            !value.text.is_empty()
                && wrong.iter().any(|(of, hash)| of == name && *hash == value_hash(record, name, value.text))
        };
        if !view.values().any(|value| is_wrong(&value)) {
            return None;
        }
        let mut marked = NormalizedRecord::new(view.kind(), view.updated_at(), view.landed_on());
        for value in view.values() {
            let flag = if is_wrong(&value) { Some(Flag::JudgedWrong) } else { value.flag };
            marked.push(Value { flag, ..value });
        }
        Some(marked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_records::{Kind, Standard};

    #[test]
    fn a_value_that_is_judged_wrong_is_flagged_and_every_other_stays() {
        let hash = RecordHash::new("crm", "1");
        let mut record = NormalizedRecord::new(Kind::Person, Some(5), 7);
        let value = |attribute: Standard, text, flag| Value { attribute: attribute.into(), text, flag };
        record.push(value(Standard::TaxId, "52998224725", None));
        record.push(value(Standard::TaxId, "39053344705", Some(Flag::ZerosRestored)));
        record.push(value(Standard::Phone, "52998224725", None));
        let wrong = vec![("tax_id".to_owned(), value_hash(hash, "tax_id", "529.982.247-25"))];
        let judgements = Judgements { wrong: FxHashMap::from_iter([(hash, wrong)]), ..Judgements::default() };
        let attributes = Attributes::default();
        let marked = judgements.mark(&attributes, hash, record.view()).unwrap();
        let flags: Vec<Option<Flag>> = marked.view().values().map(|value| value.flag).collect();
        assert_eq!(flags, [Some(Flag::JudgedWrong), Some(Flag::ZerosRestored), None]);
        assert_eq!((marked.view().updated_at(), marked.view().landed_on()), (Some(5), 7));
        assert_eq!(judgements.mark(&attributes, RecordHash::new("crm", "2"), record.view()), None);
    }

    #[test]
    fn what_is_in_force_has_a_digest_of_its_own() {
        let pair = |same| (RecordHash(1), RecordHash(2), same);
        let of = |pairs: Vec<_>| Judgements { pairs, ..Judgements::default() }.digest();
        assert_ne!(of(vec![]), of(vec![pair(true)]));
        assert_ne!(of(vec![pair(false)]), of(vec![pair(true)]));
        assert_eq!(of(vec![pair(true)]), of(vec![pair(true)]));
    }
}
