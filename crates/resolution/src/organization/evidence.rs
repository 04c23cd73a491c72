//! Two organizations → the evidence that they are one. The weights are fixed, not fitted: with one name field there is
//! nothing to learn them from.

use super::OrganizationModel;
use super::names::Names;
use super::sets::SetProfiles;
use super::sites::{SiteAgreement, Sites};
use super::words::WordTable;
use crate::comparison::level::{MISSING, address, code, email, phone};
use crate::comparison::{Comparators, Comparison, Frequencies, PairLevels};
use crate::encoding::Encoded;
use crate::plan::OrganizationUnit;
use vinculo_records::{AttributeType, Comparable};

/// The name score at which names say nothing, in thousandths, and the weight of a thousandth above it.
const NAME_NEUTRAL: i32 = 440;
const NAME_WEIGHT: i32 = 10;
/// A value that one in so many holds says this much more than nothing: base-2 logarithm of 0.8, in thousandths.
const SHARED_BY_CHANCE: i32 = -322;
const WEBSITE_MAX: i32 = 5_000;
const WEBSITE_DIFFERENT: i32 = -6_000;
const PHONE_MAX: i32 = 5_000;
const EMAIL_MAX: i32 = 5_000;
const CODE_MAX: i32 = 4_000;
const TAX_ID: i32 = 12_000;
const TAX_ID_DIFFERENT: i32 = -4_000;
const TAX_ROOT: i32 = 8_000;
const CNPJ: &[u8] = b"cnpj:";
const CNPJ_ROOT: usize = CNPJ.len() + 8;
/// Another address, where a customer is a site: weighty with an identifier or contact in common, else beyond doubt.
const OTHER_SITE: i32 = -8_000;
const OTHER_SITE_FOR_SURE: i32 = -20_000;
/// A pair of this weight keeps two clusters apart: only another site for sure brings it about.
pub(super) const VETO: i32 = -12_000;
/// Another address, where a customer is a company.
const OTHER_ADDRESS: i32 = -500;

/// A kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceKind {
    /// The names.
    Name,
    /// Websites and the domains of e-mail addresses.
    Website,
    /// What their sets share.
    Sets,
    /// A comparison as persons have it.
    Compared(Comparison),
}

/// What one kind of evidence adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationEvidence {
    /// What was looked at.
    pub kind: EvidenceKind,
    /// For names and sets the likeness in tenths, from 1 on; else the level of the comparison; 0 for missing.
    pub level: u8,
    /// What it adds, in thousandths of a bit.
    pub weight: i32,
}

/// Weighs pairs of organizations.
#[derive(Debug)]
pub(super) struct Weigher<'a> {
    records: &'a Encoded,
    names: Names,
    name_column: Option<usize>,
    tax_column: Option<usize>,
    street_column: Option<usize>,
    sites: Sites,
    comparators: Comparators<'a>,
    comparisons: Vec<Comparison>,
    unit: OrganizationUnit,
}

impl<'a> Weigher<'a> {
    pub(super) fn new(records: &'a Encoded, model: &OrganizationModel, unit: OrganizationUnit) -> Self {
        let name_column = records.column(Comparable::OrganizationName);
        let frequencies = Frequencies(&model.frequencies);
        let comparisons = comparisons(records);
        let nothing = crate::encoding::Dictionary::default();
        let names = name_column.map_or(&nothing, |column| records.dictionary(column));
        Self {
            records,
            names: Names::new(names, &model.words),
            name_column,
            tax_column: records.column(Comparable::TaxId),
            street_column: records.column(Comparable::Street),
            sites: Sites::new(records, frequencies),
            comparators: Comparators::new(&comparisons, records, frequencies),
            comparisons,
            unit,
        }
    }

    /// Weighs the words of names by another table from now on.
    pub(super) fn set_words(&mut self, words: &WordTable) {
        if let Some(column) = self.name_column {
            self.names = Names::new(self.records.dictionary(column), words);
        }
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn sites(&self) -> &Sites {
        &self.sites
    }

    /// The names of a record, by number.
    pub(super) fn names_of(&self, rank: u32) -> &[u32] {
        self.name_column.map_or(&[], |column| self.records.values(rank, column))
    }

    /// The match weight of two records by rank, in thousandths of a bit.
    pub(super) fn weight(&self, a: u32, b: u32, sets: &SetProfiles) -> i32 {
        let mut total = 0;
        self.weigh(a, b, sets, |evidence| total += evidence.weight);
        total
    }

    /// Hands over each kind of evidence in turn.
    pub(super) fn weigh(&self, a: u32, b: u32, sets: &SetProfiles, mut add: impl FnMut(OrganizationEvidence)) {
        let (a, b) = (a.min(b), a.max(b));
        let score = self.name_score(a, b);
        let tenths = |share: i32| (share / 100) as u8 + 1;
        add(OrganizationEvidence {
            kind: EvidenceKind::Name,
            level: score.map_or(MISSING, tenths),
            weight: score.map_or(0, |score| NAME_WEIGHT * (score - NAME_NEUTRAL)),
        });
        add(self.website_evidence(a, b, score.unwrap_or(0)));
        let shared = sets.weight(a, b);
        let level = if shared == 0 { MISSING } else { tenths(shared / 3) };
        add(OrganizationEvidence { kind: EvidenceKind::Sets, level, weight: shared });
        let levels = self.comparators.compare(a, b);
        for (place, &comparison) in self.comparisons.iter().enumerate() {
            add(OrganizationEvidence {
                kind: EvidenceKind::Compared(comparison),
                level: levels.level(place),
                weight: self.comparison_weight(comparison, &levels, place, (a, b)),
            });
        }
    }

    /// The best score among the names of two records, in thousandths.
    fn name_score(&self, a: u32, b: u32) -> Option<i32> {
        let pairs = self.names_of(a).iter().flat_map(|&a| self.names_of(b).iter().map(move |&b| (a, b)));
        pairs.filter_map(|(a, b)| self.names.score(a, b)).max().map(|score| score as i32)
    }

    /// A website is made of the name: where the names agree, it adds the less.
    fn website_evidence(&self, a: u32, b: u32, score: i32) -> OrganizationEvidence {
        let (level, weight) = match self.sites.compare(a, b) {
            SiteAgreement::Missing => (MISSING, 0),
            SiteAgreement::Shared(chance) => (1, by_chance(chance, WEBSITE_MAX) * (1_000 - score) / 1_000),
            SiteAgreement::Different => (2, WEBSITE_DIFFERENT * (1_000 - score / 2) / 1_000),
        };
        OrganizationEvidence { kind: EvidenceKind::Website, level, weight }
    }

    fn comparison_weight(&self, comparison: Comparison, levels: &PairLevels, place: usize, pair: (u32, u32)) -> i32 {
        let (level, chance) = (levels.level(place), levels.chance(place));
        if level == MISSING {
            return 0;
        }
        match comparison {
            Comparison::TaxId => match level {
                code::EQUAL => TAX_ID,
                _ if self.unit == OrganizationUnit::Company && self.share_root(pair) => TAX_ROOT,
                code::ONE_WRONG => 2_000,
                code::TWO_WRONG => 0,
                _ => TAX_ID_DIFFERENT,
            },
            Comparison::Email => match level {
                email::EQUAL | email::NAME_MADE => by_chance(chance, EMAIL_MAX),
                email::TYPO => 2_000,
                _ => 0,
            },
            Comparison::Phone => match level {
                phone::EQUAL | phone::LAST_EIGHT => by_chance(chance, PHONE_MAX),
                phone::ONE_DIGIT => 1_000,
                _ => -500,
            },
            Comparison::Address => self.address_weight(level, pair, levels),
            // The first level of every declared attribute is agreement, the last one disagreement.
            _ if level == 1 => by_chance(chance, CODE_MAX),
            _ if usize::from(level) == comparison.levels().len() => -1_000,
            _ => 0,
        }
    }

    fn address_weight(&self, level: u8, (a, b): (u32, u32), levels: &PairLevels) -> i32 {
        let has_street = |rank| self.street_column.is_some_and(|column| !self.records.values(rank, column).is_empty());
        let other = match self.unit {
            OrganizationUnit::Establishment if in_touch(levels) => OTHER_SITE,
            OrganizationUnit::Establishment => OTHER_SITE_FOR_SURE,
            OrganizationUnit::Company => OTHER_ADDRESS,
        };
        match level {
            address::DWELLING => 3_000,
            address::NUMBER_CODE => 2_500,
            address::STREET_NUMBER => 2_000,
            address::BUILDING | address::NUMBER_NEAR => 1_500,
            address::STREET => OTHER_ADDRESS,
            // Whether or not the place agrees, the streets in it do not.
            _ if has_street(a) && has_street(b) => other,
            address::DIFFERENT => other.max(OTHER_SITE),
            address::POSTAL_CODE => 1_000,
            address::CITY => 300,
            _ => 0,
        }
    }

    /// Whether some CNPJ of one has the root of some CNPJ of the other.
    fn share_root(&self, (a, b): (u32, u32)) -> bool {
        let Some(column) = self.tax_column else {
            return false;
        };
        let values = self.records.dictionary(column);
        let root = |&value: &u32| values.bytes(value).get(..CNPJ_ROOT).filter(|root| root.starts_with(CNPJ));
        let roots = self.records.values(a, column).iter().filter_map(root);
        let others = self.records.values(b, column);
        roots.into_iter().any(|left| others.iter().filter_map(root).any(|right| left == right))
    }
}

/// The comparisons that organizations share with persons, as far as the columns are filled.
fn comparisons(records: &Encoded) -> Vec<Comparison> {
    let mut comparisons = vec![Comparison::TaxId, Comparison::Email, Comparison::Phone, Comparison::Address];
    comparisons.extend(records.filled().filter_map(|what| match what {
        Comparable::Custom(_, AttributeType::Set) => None,
        Comparable::Custom(id, attribute_type) => Some(Comparison::Custom(id, attribute_type)),
        _ => None,
    }));
    comparisons.truncate(crate::comparison::COMPARISONS_MAX);
    comparisons
}

/// Whether an identifier or a contact agrees; these comparisons stand first, in this order.
fn in_touch(levels: &PairLevels) -> bool {
    let reached = |place: usize, least: u8| (1..=least).contains(&levels.level(place));
    reached(0, code::EQUAL) || reached(1, email::NAME_MADE) || reached(2, phone::LAST_EIGHT)
}

/// What agreement on a value says: the more, the fewer hold it, up to a greatest weight.
fn by_chance(chance: i32, most: i32) -> i32 {
    (SHARED_BY_CHANCE - chance).clamp(0, most)
}
