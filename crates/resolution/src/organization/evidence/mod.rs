//! Two organizations → the evidence that they are one. The weights are fixed, not fitted: with one name field there is
//! nothing to learn them from.

mod bound;
mod kinds;
mod shared;

pub use kinds::{EvidenceKind, OrganizationEvidence, evidence_kinds};

use crate::comparison::level::{MISSING, address, code, email, phone};
use crate::comparison::{Comparators, Comparison, Frequencies, PairLevels};
use crate::encoding::Encoded;
use crate::organization::contrasts::{Contrast, ContrastWeights};
use crate::organization::kinship::{Beside, NameEvidence, Together};
use crate::organization::likeness::SAME;
use crate::organization::model::OrganizationModel;
use crate::organization::names::Names;
use crate::organization::names_alone::NamesAlone;
use crate::organization::own_names::{FOUND, NumberAgreement, OwnNames};
use crate::organization::said::Said;
use crate::organization::sets::SetProfiles;
use crate::organization::sites::{SiteAgreement, Sites};
use crate::organization::streets::Streets;
use crate::organization::telling::{self, Witnesses, Worth};
use crate::organization::values::SharedValues;
use crate::organization::words::WordTable;
use crate::plan::OrganizationUnit;
use kinds::comparisons;
use shared::{Shared, told};
use vinculo_records::Comparable;

/// The name score at which names say nothing, in thousandths, and the weight of a thousandth above it.
pub(super) const NAME_NEUTRAL: i32 = 440;
const NAME_WEIGHT: i32 = 10;
/// A value that one in so many holds says this much more than nothing: base-2 logarithm of 0.8, in thousandths.
const SHARED_BY_CHANCE: i32 = -322;
const WEBSITE_MAX: i32 = 5_000;
const WEBSITE_DIFFERENT: i32 = -6_000;
const PHONE_MAX: i32 = 5_000;
const PHONE_SLIP: i32 = 1_000;
const EMAIL_MAX: i32 = 5_000;
const EMAIL_TYPO: i32 = 2_000;
const CODE_MAX: i32 = 4_000;
const TAX_ID: i32 = 12_000;
/// One character of an identifier is wrong, which its check digits show.
const TAX_ID_SLIP: i32 = 6_000;
const TAX_ID_DIFFERENT: i32 = -4_000;
/// The check digits of both hold, and customers are establishments.
const TAX_ID_OTHER: i32 = -20_000;
const TAX_ROOT: i32 = 8_000;
const CNPJ: &[u8] = b"cnpj:";
const CNPJ_ROOT: usize = CNPJ.len() + 8;
/// Another address, where a customer is a site: weighty with a telling identifier or contact in common, else beyond
/// doubt.
const OTHER_SITE: i32 = -8_000;
const OTHER_SITE_FOR_SURE: i32 = -20_000;
/// A contact of this weight belongs to one site.
const OF_ONE_SITE: i32 = 3_000;
/// A pair of this weight keeps two clusters apart: only another site for sure brings it about.
pub(super) const VETO: i32 = -12_000;
const NAME_MOST: i32 = NAME_WEIGHT * (SAME as i32 - NAME_NEUTRAL);
/// Another address, where a customer is a company.
const OTHER_ADDRESS: i32 = -500;
/// What an address says more where the names agree entirely.
const ADDRESS_OF_NAME: i32 = 4_000;
/// The same number in the names: of the same branch, where the company is the same.
const NUMBERS_EQUAL: i32 = 4_000;
const NUMBERS_DIFFERENT: i32 = -10_000;

/// Weighs pairs of organizations.
#[derive(Debug)]
pub(super) struct Weigher<'a> {
    records: &'a Encoded,
    names: Names,
    own_names: OwnNames,
    /// How telling each name is.
    name_telling: Vec<Worth>,
    witnesses: Witnesses,
    tax_column: Option<usize>,
    /// The columns of all identifiers, valid or not.
    code_columns: Vec<usize>,
    streets: Streets<'a>,
    sites: Sites,
    phones: SharedValues<'a>,
    emails: SharedValues<'a>,
    /// What tells records of one name apart.
    apart: ContrastWeights,
    /// What names without anything in common say where contacts agree.
    strangers: i32,
    alone: NamesAlone,
    /// Whether each record says more than its name: an identifier, a contact, a street.
    says_more: Vec<bool>,
    comparators: Comparators<'a>,
    comparisons: Vec<Comparison>,
    unit: OrganizationUnit,
}

impl<'a> Weigher<'a> {
    pub(super) fn new(records: &'a Encoded, model: &OrganizationModel, unit: OrganizationUnit) -> Self {
        let names = Names::of_records(records, &model.words);
        Self::of(Said::new(records, names, Frequencies(&model.frequencies)), records, model, unit)
    }

    /// The same, where it is known already what the records say in the words of the model.
    pub(super) fn of(said: Said, records: &'a Encoded, model: &OrganizationModel, unit: OrganizationUnit) -> Self {
        let witnesses = Witnesses::new(records, &said, unit);
        let Said { names, own_names, mut sites } = said;
        let frequencies = Frequencies(&model.frequencies);
        let comparisons = comparisons(model.frequencies.iter().map(|table| table.counted));
        let telling = |name| model.telling.worth(telling::Shared::Name, names.meaning(name));
        let name_telling = (0..names.len() as u32).map(telling).collect();
        sites.set_telling(&model.telling);
        let codes = [Comparable::TaxId, Comparable::TaxCode];
        Self {
            records,
            names,
            own_names,
            name_telling,
            witnesses,
            tax_column: records.column(Comparable::TaxId),
            code_columns: codes.into_iter().filter_map(|what| records.column(what)).collect(),
            streets: Streets::new(records, frequencies),
            sites,
            phones: SharedValues::phones(records, |hash| model.telling.worth(telling::Shared::Phone, hash)),
            emails: SharedValues::emails(records, |hash| model.telling.worth(telling::Shared::Email, hash)),
            apart: model.telling.apart(),
            strangers: model.telling.strangers(),
            alone: model.alone,
            says_more: (0..records.len() as u32).map(|rank| says_more(records, rank)).collect(),
            comparators: Comparators::new(&comparisons, records, frequencies),
            comparisons,
            unit,
        }
    }

    /// Compares names by words that were counted over clusters from now on, where some were.
    pub(super) fn compare_by(&mut self, recounted: Option<&WordTable>) {
        if let Some(recounted) = recounted {
            self.names.compare_by(recounted);
        }
    }

    /// Weighs names that nothing else agrees with as is told from now on.
    pub(super) fn weigh_alone_by(&mut self, alone: NamesAlone) {
        self.alone = alone;
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn sites(&self) -> &Sites {
        &self.sites
    }

    /// The names of a record that say something of their own, by number.
    pub(super) fn names_of(&self, rank: u32) -> &[u32] {
        self.own_names.of(rank)
    }

    /// The match weight of two records by rank, in thousandths of a bit.
    pub(super) fn weight(&self, a: u32, b: u32, sets: &SetProfiles) -> i32 {
        let mut total = 0;
        self.weigh(a, b, sets, |evidence| total += evidence.weight);
        total
    }

    /// Hands over each kind of evidence in turn; returns the likeness of the names where nothing else agrees.
    pub(super) fn weigh(
        &self,
        a: u32,
        b: u32,
        sets: &SetProfiles,
        mut add: impl FnMut(OrganizationEvidence),
    ) -> Option<u32> {
        let (a, b) = (a.min(b), a.max(b));
        if self.unit == OrganizationUnit::Establishment && self.state_other_tax_ids((a, b)) {
            add(OrganizationEvidence {
                kind: EvidenceKind::Compared(Comparison::TaxId),
                level: code::DIFFERENT,
                weight: TAX_ID_OTHER,
            });
            return None;
        }
        let name = self.name_evidence(a, b);
        let score = name.map_or(0, |name| name.found.score() as i32);
        let tenths = |share: i32| (share / 100) as u8 + 1;
        let shared = self.shared(a, b);
        add(OrganizationEvidence {
            kind: EvidenceKind::Name,
            level: name.map_or(MISSING, |_| tenths(score)),
            weight: name.map_or(0, |name| name.plain.min(shared.worth_of_names(name.telling))),
        });
        add(self.number_evidence(a, b, shared.anything(), score));
        let mut together = Together::default();
        let website = website_evidence(shared.site, score, self.apart.of(Contrast::Sites));
        together.note_site(shared.site, website.weight);
        add(website);
        let of_sets = sets.weight(a, b);
        let level = if of_sets == 0 { MISSING } else { tenths(of_sets / 3) };
        add(OrganizationEvidence { kind: EvidenceKind::Sets, level, weight: of_sets });
        let levels = self.comparators.compare(a, b);
        together.note_other(of_sets);
        let mut in_touch = false;
        let say_more = self.says_more[a as usize] && self.says_more[b as usize];
        for (place, &comparison) in self.comparisons.iter().enumerate() {
            let level = levels.level(place);
            let weight = match comparison {
                _ if level == MISSING => 0,
                Comparison::Address => self.address_weight(level, (a, b), in_touch, name.map_or(0, |name| name.plain)),
                _ => self.comparison_weight(comparison, &levels, place, (a, b), &shared),
            };
            match comparison {
                Comparison::Email | Comparison::Phone => together.note_contact(weight),
                Comparison::Address => together.note_address(weight),
                _ => together.note_other(weight),
            }
            in_touch |= weight >= OF_ONE_SITE;
            add(OrganizationEvidence { kind: EvidenceKind::Compared(comparison), level, weight });
        }
        let name = name?;
        add(name.kinship(Beside { together, say_more, strangers: self.strangers, alone: self.alone }));
        together.is_nothing().then_some(name.found.score())
    }

    fn shared(&self, a: u32, b: u32) -> Shared {
        let witnesses = self.witnesses.are_witnesses(a, b);
        Shared {
            site: self.sites.compare(a, b, witnesses),
            phone: self.phones.most_telling(a, b, witnesses),
            email: self.emails.most_telling(a, b, witnesses),
        }
    }

    /// How the best two names of two records compare, in thousandths; `None` where one has no name.
    pub(super) fn name_likeness(&self, a: u32, b: u32) -> Option<u32> {
        self.name_evidence(a.min(b), a.max(b)).map(|name| name.found.score())
    }

    fn name_evidence(&self, a: u32, b: u32) -> Option<NameEvidence> {
        let (names, found) = self.own_names.most_alike(a, b, &self.names)?;
        let witnesses = self.witnesses.are_witnesses(a, b);
        let [one, other] = names.map(|name| self.name_telling[name as usize].to(witnesses));
        let plain = name_weight(found.score() as i32);
        Some(NameEvidence { found, plain, telling: one.min(other) })
    }

    fn number_evidence(&self, a: u32, b: u32, in_touch: bool, score: i32) -> OrganizationEvidence {
        let (level, weight) = match self.own_names.compare_numbers(a, b) {
            NumberAgreement::Missing if score >= FOUND as i32 => {
                match self.own_names.differ_in_further_names(a, b, &self.names) {
                    Some(true) => (3, self.apart.of(Contrast::FurtherNames)),
                    _ => (MISSING, 0),
                }
            }
            NumberAgreement::Missing => (MISSING, 0),
            NumberAgreement::Equal if in_touch => (1, NUMBERS_EQUAL),
            NumberAgreement::Equal => (1, 0),
            NumberAgreement::Different => (2, NUMBERS_DIFFERENT),
        };
        // The branches of a company are one.
        let weight = if self.unit == OrganizationUnit::Company { weight.max(0) } else { weight };
        OrganizationEvidence { kind: EvidenceKind::Numbers, level, weight }
    }

    fn comparison_weight(
        &self,
        comparison: Comparison,
        levels: &PairLevels,
        place: usize,
        pair: (u32, u32),
        shared: &Shared,
    ) -> i32 {
        let (level, chance) = (levels.level(place), levels.chance(place));
        if level == MISSING {
            return 0;
        }
        match comparison {
            Comparison::TaxId => match level {
                code::EQUAL => TAX_ID,
                _ if self.unit == OrganizationUnit::Company && self.share_root(pair) => TAX_ROOT,
                code::ONE_WRONG => TAX_ID_SLIP,
                code::TWO_WRONG => 0,
                _ => TAX_ID_DIFFERENT,
            },
            Comparison::Email => match level {
                email::EQUAL | email::NAME_MADE => by_chance(chance, EMAIL_MAX).min(told(shared.email)),
                email::TYPO => EMAIL_TYPO,
                _ => self.apart.of(Contrast::Emails),
            },
            Comparison::Phone => match level {
                phone::EQUAL | phone::LAST_EIGHT => {
                    let others = match self.phones.differ_beside_shared(pair.0, pair.1) {
                        Some(true) => self.apart.of(Contrast::FurtherPhones),
                        _ => 0,
                    };
                    by_chance(chance, PHONE_MAX).min(told(shared.phone)) + others
                }
                phone::ONE_DIGIT => PHONE_SLIP,
                _ => self.apart.of(Contrast::Phones),
            },
            // The first level of every declared attribute is agreement, the last one disagreement.
            _ if level == 1 => by_chance(chance, CODE_MAX),
            _ if usize::from(level) == comparison.levels().len() => -1_000,
            _ => 0,
        }
    }

    fn address_weight(&self, level: u8, (a, b): (u32, u32), in_touch: bool, name: i32) -> i32 {
        let of_name = |most: i32| most + ADDRESS_OF_NAME * name.max(0) / NAME_MOST;
        let other = match self.unit {
            OrganizationUnit::Establishment if in_touch => OTHER_SITE,
            OrganizationUnit::Establishment => OTHER_SITE_FOR_SURE,
            OrganizationUnit::Company => OTHER_ADDRESS,
        };
        match level {
            address::DWELLING => of_name(3_000),
            address::NUMBER_CODE => of_name(2_500),
            address::STREET_NUMBER => of_name(2_000),
            address::BUILDING | address::NUMBER_NEAR => of_name(1_500),
            // One of two that differ may be a slip of the pen.
            address::STREET if self.streets.state_other_codes(a, b) => other.max(OTHER_SITE),
            address::STREET => of_name(OTHER_ADDRESS),
            // Whether or not the place agrees, the streets in it do not.
            _ if self.streets.differ(a, b) => other,
            address::DIFFERENT => other.max(OTHER_SITE),
            address::POSTAL_CODE => 1_000,
            address::CITY => 300,
            address::REGION if self.streets.state_other_cities(a, b) => other.max(OTHER_SITE),
            _ => 0,
        }
    }

    /// Whether both state identifiers whose check digits hold, and none in common: then nothing else counts.
    fn state_other_tax_ids(&self, (a, b): (u32, u32)) -> bool {
        let Some(column) = self.tax_column else {
            return false;
        };
        let (a, b) = (self.records.values(a, column), self.records.values(b, column));
        !a.is_empty() && !b.is_empty() && !a.iter().any(|value| b.contains(value))
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

/// What names of a likeness in thousandths say, in thousandths of a bit.
pub(super) fn name_weight(likeness: i32) -> i32 {
    NAME_WEIGHT * (likeness - NAME_NEUTRAL)
}

fn says_more(records: &Encoded, rank: u32) -> bool {
    const MORE: [Comparable; 6] = [
        Comparable::TaxId,
        Comparable::Phone,
        Comparable::Email,
        Comparable::SharedEmail,
        Comparable::Website,
        Comparable::Street,
    ];
    let columns = MORE.iter().filter_map(|&what| records.column(what));
    columns.into_iter().any(|column| !records.values(rank, column).is_empty())
}

/// A website is made of the name: where the names agree, it adds the less.
fn website_evidence(site: SiteAgreement, score: i32, apart: i32) -> OrganizationEvidence {
    let (level, weight) = match site {
        SiteAgreement::Missing => (MISSING, 0),
        SiteAgreement::Shared { chance, telling } => {
            (1, by_chance(chance, WEBSITE_MAX).min(telling.max(0)) * (1_000 - score) / 1_000)
        }
        SiteAgreement::Different(true) => (2, (WEBSITE_DIFFERENT * (1_000 - score / 2) / 1_000).min(apart)),
        SiteAgreement::Different(false) => (3, apart),
    };
    OrganizationEvidence { kind: EvidenceKind::Website, level, weight }
}

/// What agreement on a value says: the more, the fewer hold it, up to a greatest weight.
fn by_chance(chance: i32, most: i32) -> i32 {
    (SHARED_BY_CHANCE - chance).clamp(0, most)
}
