//! The worst mistakes of a resolution whose truth is known, by what they are made of.

use crate::error::OperationError;
use crate::pair::{RecordName, Weigher};
use crate::session::Session;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::cmp::Reverse;
use vinculo_records::{AttributeId, DecisionKind, Kind, NormalizedView, RecordId, Standard};
use vinculo_store::{DecisionRecord, NamedRecord};

/// Mistakes of each direction that are looked at, those of the most pairs.
pub const LOOKED_AT: usize = 1_000;
/// Examples of each kind.
const EXAMPLES: usize = 5;
/// Records of each side that are compared to find out the kind.
const SAMPLE: usize = 4;

/// Two groups of records that are one customer and should not be, or should be and are not.
#[derive(Debug, Clone)]
pub struct Wrong {
    /// Records of the one group.
    pub left: Vec<NamedRecord>,
    /// Records of the other.
    pub right: Vec<NamedRecord>,
}

impl Wrong {
    /// How many pairs of records it makes wrong.
    pub fn pairs(&self) -> u64 {
        (self.left.len() * self.right.len()) as u64
    }

    fn sampled(&self) -> impl Iterator<Item = (&NamedRecord, &NamedRecord)> {
        self.left.iter().take(SAMPLE).flat_map(|left| self.right.iter().take(SAMPLE).map(move |right| (left, right)))
    }
}

/// The kind of a mistake, and the two records that show it best.
type Shown<'w> = (String, &'w NamedRecord, &'w NamedRecord);

/// Mistakes of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MistakesOfKind {
    /// What they are made of: a word of a closed list.
    pub kind: String,
    /// Pairs of records that they make wrong.
    pub pairs: u64,
    /// How many pairs of groups.
    pub mistakes: u64,
    /// Those of the most pairs.
    pub examples: Vec<MistakeExample>,
}

/// A mistake, by the two records that show it best.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MistakeExample {
    /// The one record.
    pub left: RecordName,
    /// The other.
    pub right: RecordName,
    /// Pairs of records that the mistake makes wrong.
    pub pairs: u64,
}

/// Why groups were joined that are several customers: what their records have in common. `wrong` has the worst first.
///
/// # Errors
/// A store that cannot be read.
pub async fn joined_wrongly<'w>(session: &Session, wrong: &'w [Wrong]) -> Result<Vec<MistakesOfKind>, OperationError> {
    let said = Said::read(session, wrong).await?;
    let kind = |wrong: &'w Wrong| {
        let found = wrong.sampled().filter_map(|(left, right)| {
            Some((in_common(said.view(left.record)?, said.view(right.record)?), left, right))
        });
        found.min_by_key(|(kind, ..)| *kind).map(|(kind, left, right)| (kind.name().to_owned(), left, right))
    };
    Ok(by_kind(wrong.iter().filter_map(|wrong| Some((wrong, kind(wrong)?)))))
}

/// Why groups that are one customer were not joined: what was decided about them, or that nothing was.
///
/// # Errors
/// A store that cannot be read.
pub async fn missed<'w>(session: &Session, wrong: &'w [Wrong]) -> Result<Vec<MistakesOfKind>, OperationError> {
    let said = Said::read(session, wrong).await?;
    let decided = decided(session, wrong).await?;
    let mut weighers: FxHashMap<Kind, Weigher<'_>> = FxHashMap::default();
    for kind in Kind::ALL {
        match Weigher::new(session, kind).await {
            Ok(weigher) => drop(weighers.insert(kind, weigher)),
            // Of a kind that was never resolved no record is published.
            Err(OperationError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let kind = |wrong: &'w Wrong| {
        let decision = wrong.sampled().find_map(|(left, right)| {
            let decision = decided.get(&unordered(left.record, right.record))?;
            Some((reason(decision), left, right))
        });
        decision.or_else(|| undecided(&said, &weighers, wrong))
    };
    Ok(by_kind(wrong.iter().filter_map(|wrong| Some((wrong, kind(wrong)?)))))
}

/// Nothing is on record about two groups: too little speaks for a join, or nobody looked.
fn undecided<'w>(said: &Said, weighers: &FxHashMap<Kind, Weigher<'_>>, wrong: &'w Wrong) -> Option<Shown<'w>> {
    let weighed = wrong.sampled().filter_map(|(left, right)| {
        let (one, other) = (said.view(left.record)?, said.view(right.record)?);
        if one.kind() != other.kind() {
            return Some((i32::MAX, "person_and_organization", left, right));
        }
        let waterfall = weighers.get(&one.kind())?.weigh((left.hash(), one), (right.hash(), other))?;
        let is_weak = waterfall.weight < waterfall.review_weight;
        Some((waterfall.weight, if is_weak { "below_threshold" } else { "no_pair_proposed" }, left, right))
    });
    let (_, kind, left, right) = weighed.max_by_key(|(weight, ..)| *weight)?;
    Some((kind.to_owned(), left, right))
}

/// `conflict: weak_support`, `possible_match`.
fn reason(decision: &DecisionRecord) -> String {
    match &decision.reason {
        Some(reason) => format!("{}: {reason}", decision.kind.name()),
        None => decision.kind.name().to_owned(),
    }
}

/// What is on record about the sampled records of the wrong groups, by pair.
async fn decided(
    session: &Session,
    wrong: &[Wrong],
) -> Result<FxHashMap<(RecordId, RecordId), DecisionRecord>, OperationError> {
    let sampled = wrong.iter().flat_map(|wrong| wrong.left.iter().take(SAMPLE));
    let records: Vec<RecordId> = sampled.map(|record| record.record).collect();
    let mut kept = session.store.decisions_of(&records).await?;
    kept.retain(|kept| kept.kind != DecisionKind::Join && kept.to_publication.is_none());
    Ok(kept.into_iter().map(|kept| (unordered(kept.left.record, kept.right.record), kept)).collect())
}

fn unordered(one: RecordId, other: RecordId) -> (RecordId, RecordId) {
    (one.min(other), one.max(other))
}

/// What the records of mistakes say.
struct Said {
    packed: FxHashMap<RecordId, Vec<u8>>,
}

impl Said {
    async fn read(session: &Session, wrong: &[Wrong]) -> Result<Self, OperationError> {
        let sampled =
            wrong.iter().flat_map(|wrong| [&wrong.left, &wrong.right]).flat_map(|side| side.iter().take(SAMPLE));
        let mut records: Vec<RecordId> = sampled.map(|record| record.record).collect();
        records.sort_unstable();
        records.dedup();
        let packed = session.store.normalized(&records).await?;
        Ok(Self {
            packed: records.into_iter().zip(packed).filter_map(|(record, packed)| Some((record, packed?))).collect(),
        })
    }

    fn view(&self, record: RecordId) -> Option<NormalizedView<'_>> {
        NormalizedView::new(self.packed.get(&record)?)
    }
}

/// What two records have in common, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum InCommon {
    TaxId,
    NameAndBirthDate,
    NameOtherBirthDate,
    Email,
    Phone,
    Name,
    BirthDate,
    PostalCode,
    Nothing,
}

impl InCommon {
    fn name(self) -> &'static str {
        match self {
            Self::TaxId => "same_tax_id",
            Self::NameAndBirthDate => "same_name_and_birth_date",
            Self::NameOtherBirthDate => "same_name_other_birth_date",
            Self::Email => "shared_email",
            Self::Phone => "shared_phone",
            Self::Name => "same_name",
            Self::BirthDate => "same_birth_date",
            Self::PostalCode => "same_postal_code",
            Self::Nothing => "nothing_equal",
        }
    }
}

fn in_common(left: NormalizedView<'_>, right: NormalizedView<'_>) -> InCommon {
    let texts = |view: NormalizedView<'_>, attribute: Standard| -> Vec<String> {
        view.values_of(AttributeId::from(attribute))
            .filter(|value| !value.text.is_empty())
            .map(|value| value.text.to_lowercase())
            .collect()
    };
    let shares = |attribute| {
        let right = texts(right, attribute);
        texts(left, attribute).iter().any(|text| right.contains(text))
    };
    let both_say = |attribute| !texts(left, attribute).is_empty() && !texts(right, attribute).is_empty();
    let called = |view: NormalizedView<'_>| {
        const NAMES: [&[Standard]; 4] = [
            &[Standard::GivenName, Standard::MiddleName, Standard::FamilyName],
            &[Standard::FullName],
            &[Standard::LegalName],
            &[Standard::Name],
        ];
        let name = |parts: &&[Standard]| parts.iter().flat_map(|part| texts(view, *part)).collect::<Vec<_>>().join(" ");
        NAMES.iter().map(name).find(|name| !name.is_empty())
    };
    let same_name = called(left).is_some() && called(left) == called(right);
    let same_day = shares(Standard::BirthDate);
    let cases = [
        (shares(Standard::TaxId), InCommon::TaxId),
        (same_name && same_day, InCommon::NameAndBirthDate),
        (same_name && !same_day && both_say(Standard::BirthDate), InCommon::NameOtherBirthDate),
        (shares(Standard::Email), InCommon::Email),
        (shares(Standard::Phone), InCommon::Phone),
        (same_name, InCommon::Name),
        (same_day, InCommon::BirthDate),
        (shares(Standard::PostalCode), InCommon::PostalCode),
    ];
    cases.into_iter().find(|(holds, _)| *holds).map_or(InCommon::Nothing, |(_, what)| what)
}

/// Sums mistakes up by kind, the kinds of the most wrong pairs first.
fn by_kind<'w>(mistakes: impl Iterator<Item = (&'w Wrong, Shown<'w>)>) -> Vec<MistakesOfKind> {
    let mut kinds: FxHashMap<String, MistakesOfKind> = FxHashMap::default();
    for (wrong, (kind, left, right)) in mistakes {
        let none = MistakesOfKind { kind: kind.clone(), pairs: 0, mistakes: 0, examples: Vec::new() };
        let of_kind = kinds.entry(kind).or_insert(none);
        of_kind.pairs += wrong.pairs();
        of_kind.mistakes += 1;
        if of_kind.examples.len() < EXAMPLES {
            let (left, right) = (left.clone().into(), right.clone().into());
            of_kind.examples.push(MistakeExample { left, right, pairs: wrong.pairs() });
        }
    }
    let mut kinds: Vec<MistakesOfKind> = kinds.into_values().collect();
    kinds.sort_by(|a, b| (Reverse(a.pairs), &a.kind).cmp(&(Reverse(b.pairs), &b.kind)));
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standard::{BirthDate, Email, FamilyName, FullName, GivenName, Phone, TaxId};
    use vinculo_records::{NormalizedRecord, Value};

    fn record(values: &[(Standard, &str)]) -> NormalizedRecord {
        let mut record = NormalizedRecord::new(Kind::Person, None, 0);
        for &(attribute, text) in values {
            record.push(Value { attribute: attribute.into(), text, flag: None });
        }
        record
    }

    #[test]
    fn the_strongest_thing_in_common_names_the_kind() {
        let ana: &[(Standard, &str)] =
            &[(FullName, "Ana Souza"), (BirthDate, "1980-01-02"), (Phone, "+5511"), (Email, "a@x"), (TaxId, "1")];
        let cases: [(&[(Standard, &str)], InCommon); 7] = [
            (&[(Phone, "+5511"), (TaxId, "1")], InCommon::TaxId),
            (&[(GivenName, "ANA"), (FamilyName, "Souza"), (BirthDate, "1980-01-02")], InCommon::NameAndBirthDate),
            (&[(FullName, "Ana Souza"), (BirthDate, "1990-01-02")], InCommon::NameOtherBirthDate),
            (&[(FullName, "Ana Souza")], InCommon::Name),
            (&[(FullName, "Bia"), (Phone, "+5511")], InCommon::Phone),
            (&[(Email, "a@x"), (Phone, "+5511")], InCommon::Email),
            (&[(FullName, "Bia")], InCommon::Nothing),
        ];
        for (other, expected) in cases {
            assert_eq!(in_common(record(ana).view(), record(other).view()), expected, "{other:?}");
        }
    }

    #[test]
    fn kinds_stand_by_how_many_pairs_they_make_wrong() {
        let record = |key: usize| NamedRecord {
            record: RecordId(key as i64),
            source: "crm".into(),
            source_key: key.to_string(),
        };
        let side = |count: usize| (0..count).map(record).collect::<Vec<_>>();
        let wrong = [(1, 1), (2, 3), (1, 2)].map(|(left, right)| Wrong { left: side(left), right: side(right) });
        let kinds = ["weak", "strong", "weak"];
        let shown = wrong.iter().zip(kinds).map(|(wrong, kind)| (kind.to_owned(), &wrong.left[0], &wrong.right[0]));
        let mistakes = wrong.iter().zip(shown);
        let told: Vec<_> = by_kind(mistakes).into_iter().map(|kind| (kind.kind, kind.pairs, kind.mistakes)).collect();
        assert_eq!(told, [("strong".into(), 6, 1), ("weak".into(), 3, 2)]);
    }
}
