//! What tells of nearly every candidate pair that it cannot matter: a bound of its weight, from two sketches.
//!
//! The bound is never below the weight, so what it rules out would not have been kept. It is exact for dates and names,
//! tells codes and phones that are no slip apart and mailboxes that are not the same, and takes every other comparison for
//! the best it could be.

use super::sketch::{CODE, EMAIL, NAME, PHONE, Sketch, WORDS};
use super::{Evidence, PlaceWeights, Scorer};
use crate::comparison::level::{MISSING, address as level, code, email, name_generation, phone};
use crate::comparison::name::NameComparator;
use crate::comparison::text::may_be_slips;
use crate::comparison::{COMPARISONS_MAX, Comparators, Comparison, address, code as codes, phone as phones};
use crate::encoding::{Encoded, tasks};
use rayon::prelude::*;
use vinculo_records::Comparable;

/// How many letters more and fewer a slip of the hand makes at most, together.
const LETTERS_MOVED: u32 = 2;
/// The most slips by which e-mails count as one mistyped, and streets as nearly equal.
const EMAIL_SLIPS: u32 = 2;
const STREET_SLIPS: u32 = 4;
/// No bound at all.
const ANYTHING: i32 = i32::MAX / 4;

/// Sketches of all records, and the most that each comparison may add.
#[derive(Debug)]
pub(super) struct Sketches {
    records: Vec<Sketch>,
    /// By place.
    most: Vec<Sum>,
    places: Places,
}

/// Where the comparisons that a sketch knows stand in the plan.
#[derive(Debug, Clone, Copy)]
struct Places {
    name: Option<(usize, usize)>,
    date: Option<usize>,
    code: Option<usize>,
    email: Option<usize>,
    phone: Option<usize>,
    address: Option<usize>,
    generation: Option<usize>,
    /// A bit for each.
    all: u32,
}

impl Places {
    fn of(comparisons: &[Comparison]) -> Self {
        let place = |wanted| comparisons.iter().position(|comparison| *comparison == wanted);
        let name = place(Comparison::GivenName).zip(place(Comparison::FamilyName));
        let [date, code, email] = [Comparison::BirthDate, Comparison::TaxId, Comparison::Email].map(place);
        let [phone, address, generation] =
            [Comparison::Phone, Comparison::Address, Comparison::NameGeneration].map(place);
        let known = [name.map(|name| name.0), name.map(|name| name.1), date, code, email, phone, address, generation];
        let all = known.into_iter().flatten().fold(0, |bits, place| bits | 1 << place);
        Self { name, date, code, email, phone, address, generation, all }
    }
}

/// A record that is about to meet its partners.
pub(super) struct Meeting {
    sketch: Sketch,
    address: Elsewhere,
    name: NameMost,
    /// The most that each place may add, for this record.
    most: [Sum; COMPARISONS_MAX],
}

/// The most that a record's name may add, by the words that another name has as well: only these are weighed by their
/// frequency.
#[derive(Debug, Clone, Copy, Default)]
struct NameMost {
    /// Whatever the other name is.
    any: Sum,
    /// With the same given name.
    same_given: Sum,
    other_given: Sum,
    /// The frequency of each word among the other words of names.
    frequencies: [i32; WORDS],
}

impl NameMost {
    fn new(scorer: &Scorer<'_>, places: (usize, usize), names: &NameComparator<'_>, rank: u32) -> Self {
        let (given, family) = (&scorer.weights[places.0], &scorer.weights[places.1]);
        let words = names.words(rank);
        let (rarest_given, rarest_family) = names.rarest(rank);
        let mut frequencies = [0; WORDS];
        frequencies.iter_mut().zip(words.all).for_each(|(place, word)| *place = names.family_frequency(*word));
        Self {
            any: given.most(rarest_given).plus(family.most(rarest_family)),
            same_given: given.most(words.first.map_or(0, |word| names.given_frequency(word))),
            other_given: given.most_by_level,
            frequencies,
        }
    }

    #[inline]
    fn most(&self, family: &PlaceWeights, own: &Sketch, other: &Sketch) -> Sum {
        let common = own.common_words(other);
        let given = if own.words[0] == other.words[0] { self.same_given } else { self.other_given };
        let chance = (0..WORDS).map(|at| self.frequencies[at] & -((common >> at & 1) as i32)).sum();
        given.plus(if common == 0 { family.most_by_level } else { family.most(chance) })
    }
}

/// Weight against strangers and against a household.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    chance: i32,
    household: i32,
}

impl Sum {
    const ANYTHING: Self = Self { chance: ANYTHING, household: ANYTHING };

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            chance: self.chance.saturating_add(other.chance),
            household: self.household.saturating_add(other.household),
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self { chance: self.chance - other.chance, household: self.household - other.household }
    }

    pub(super) fn max(self, other: Self) -> Self {
        Self { chance: self.chance.max(other.chance), household: self.household.max(other.household) }
    }

    /// Whether a weight made of these, or less, may reach `least`: the two doubts together only lower it.
    pub(super) fn may_reach(self, least: i32) -> bool {
        self.chance >= least && self.household >= least
    }
}

impl From<Evidence> for Sum {
    fn from(evidence: Evidence) -> Self {
        Self { chance: evidence.against_chance, household: evidence.against_household }
    }
}

/// What a weight is at most.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bound {
    pub(super) weight: Sum,
    /// The address's part in it.
    pub(super) address: Sum,
    /// The levels of both parts of the names with the frequency of what agrees, where they were compared.
    pub(super) names: Option<[(u8, i32); 2]>,
}

impl Sketches {
    /// Sketches records; `floor` is the least frequency of any value, as a logarithm.
    pub(super) fn new(
        comparisons: &[Comparison],
        weights: &[PlaceWeights],
        floor: i32,
        comparators: &Comparators<'_>,
        records: &Encoded,
    ) -> Self {
        let places = Places::of(comparisons);
        let columns: Vec<Vec<usize>> = comparisons.iter().map(|comparison| columns(*comparison, records)).collect();
        let sketch = |rank| Sketch::new(present(&columns, records, rank), comparators, records, rank);
        let most = |(weights, comparison): (&PlaceWeights, &Comparison)| match comparison {
            // Frequencies of several words add up.
            Comparison::FamilyName | Comparison::MotherName => Sum::ANYTHING,
            _ => weights.most(floor),
        };
        Self {
            records: tasks((0..records.len() as u32).into_par_iter(), records.len()).map(sketch).collect(),
            most: weights.iter().zip(comparisons).map(most).collect(),
            places,
        }
    }

    /// Reads the sketches of some records, which are met next.
    #[inline]
    pub(super) fn fetch(&self, ranks: &[u32]) {
        let read = ranks.iter().fold(0, |read, rank| read ^ self.records[*rank as usize].present);
        std::hint::black_box(read);
    }

    /// Prepares a record to meet its partners.
    pub(super) fn meeting(&self, scorer: &Scorer<'_>, rank: u32) -> Meeting {
        let mut most = [Sum::default(); COMPARISONS_MAX];
        most[..self.most.len()].copy_from_slice(&self.most);
        let mut address = Elsewhere::default();
        if let Some((place, comparator)) = self.places.address.zip(scorer.comparators.address.as_ref()) {
            let rarest = comparator.rarest(rank);
            most[place] = scorer.weights[place].most_but(&rarest);
            address = Elsewhere::new(&scorer.weights[place], &rarest);
        }
        let name = self.places.name.zip(scorer.comparators.name.as_ref());
        let name = name.map_or(NameMost::default(), |(places, names)| NameMost::new(scorer, places, names, rank));
        Meeting { sketch: self.records[rank as usize], address, name, most }
    }

    /// What the weight of the two against strangers is at most, prior included; names are compared only
    /// where it may reach `least` by the words that they share.
    #[inline]
    pub(super) fn bound(&self, scorer: &Scorer<'_>, a: &Meeting, b: u32, least: i32) -> Bound {
        let (own, other) = (&a.sketch, &self.records[b as usize]);
        let both = own.present & other.present;
        let untold = own.untold | other.untold;
        let adds = |place: usize, level: u8, chance: i32| Sum::from(scorer.weights[place].evidence(level, chance));
        let of_both = |place: Option<usize>| place.filter(|place| both >> place & 1 == 1);
        let told = |what: u8| untold & what == 0;
        let prior = scorer.model.prior;
        let mut sum = Sum { chance: prior.against_chance, household: prior.against_household };
        let mut rest = both & !self.places.all;
        while rest != 0 {
            sum = sum.plus(a.most[rest.trailing_zeros() as usize]);
            rest &= rest - 1;
        }
        if let Some(place) = of_both(self.places.date) {
            let dates = scorer.comparators.birth_date.as_ref();
            let (level, chance) = dates.map_or((MISSING, 0), |dates| dates.compare_values(own.date, other.date));
            sum = sum.plus(adds(place, level, chance));
        }
        if let Some(place) = of_both(self.places.code) {
            let apart = told(CODE) && !may_be_slips(own.digits(0), other.digits(0), codes::SLIPS_MAX);
            sum = sum.plus(if apart { adds(place, code::DIFFERENT, 0) } else { a.most[place] });
        }
        if let Some(place) = of_both(self.places.phone) {
            let apart = told(PHONE) && !phones_may_be_alike(own, other);
            sum = sum.plus(if apart { adds(place, phone::DIFFERENT, 0) } else { a.most[place] });
        }
        if let Some(place) = of_both(self.places.email) {
            sum = sum.plus(match told(EMAIL) && own.mailbox != other.mailbox {
                true => other_email(own, other, |level| adds(place, level, 0)),
                false => a.most[place],
            });
        }
        if let Some(place) = self.places.generation {
            sum = sum.plus(match own.present >> place & 1 == other.present >> place & 1 {
                true if both >> place & 1 == 1 => a.most[place],
                true => adds(place, name_generation::NEITHER, 0).max(Sum::default()),
                false => adds(place, name_generation::ONE_SIDED, 0).max(Sum::default()),
            });
        }
        let address = match of_both(self.places.address) {
            None => Sum::default(),
            Some(place) if streets_may_be_near(own, other) => a.most[place],
            Some(_) => a.address.most(own, other),
        };
        sum = sum.plus(address);
        if let Some(names) = &scorer.comparators.name
            && let Some((given, family)) = self.places.name.filter(|place| both >> place.0 & 1 == 1)
        {
            let most = if told(NAME) { a.name.most(&scorer.weights[family], own, other) } else { a.name.any };
            let by_words = Bound { weight: sum.plus(most), address, names: None };
            if !told(NAME) || !by_words.weight.may_reach(least) {
                return by_words;
            }
            let levels = names.compare_words(own.name(), other.name());
            sum = sum.plus(adds(given, levels[0].0, levels[0].1)).plus(adds(family, levels[1].0, levels[1].1));
            return Bound { weight: sum, address, names: Some(levels) };
        }
        Bound { weight: sum, address, names: None }
    }
}

/// The most that e-mails of different mailboxes may add.
fn other_email(a: &Sketch, b: &Sketch, adds: impl Fn(u8) -> Sum) -> Sum {
    let typo = (a.email_letters ^ b.email_letters).count_ones() <= LETTERS_MOVED * EMAIL_SLIPS;
    let near = adds(email::NEAR).max(adds(email::DIFFERENT)).max(Sum::default());
    if typo { near.max(adds(email::TYPO)) } else { near }
}

fn phones_may_be_alike(a: &Sketch, b: &Sketch) -> bool {
    let phones = |sketch: &Sketch| [sketch.digits(1), sketch.digits(2)];
    let alike = |a: u64, b: u64| a != 0 && b != 0 && may_be_slips(a, b, phones::SLIPS_MAX);
    phones(a).into_iter().any(|one| phones(b).into_iter().any(|other| alike(one, other)))
}

/// Whether two streets may be equal or nearly so: a few slips apart, or one with all words of the other.
fn streets_may_be_near(a: &Sketch, b: &Sketch) -> bool {
    let (a, b) = (a.street_letters, b.street_letters);
    let apart = (a ^ b).count_ones() > LETTERS_MOVED * STREET_SLIPS && a & !b != 0 && b & !a != 0;
    a != 0 && b != 0 && !apart
}

/// The most that an address may add where the streets do not agree.
#[derive(Debug, Clone, Copy, Default)]
struct Elsewhere {
    number_code: Sum,
    postal_code: Sum,
    city: Sum,
    other: Sum,
}

impl Elsewhere {
    fn new(weights: &PlaceWeights, rarest: &[(u8, i32); 3]) -> Self {
        let adds = |level: u8| {
            let chance = rarest.iter().find(|(of, _)| *of == level).map_or(0, |(_, chance)| *chance);
            Sum::from(weights.evidence(level, chance))
        };
        let other = [level::PLACE_NEAR, level::REGION, level::DIFFERENT].map(adds);
        let other = other.into_iter().fold(Sum::default(), Sum::max);
        let city = adds(level::CITY).max(other);
        let postal_code = adds(level::POSTAL_CODE).max(city);
        Self { number_code: adds(level::NUMBER_CODE).max(postal_code), postal_code, city, other }
    }

    fn most(&self, a: &Sketch, b: &Sketch) -> Sum {
        match (a.postal_code == b.postal_code, a.number == b.number, a.city == b.city) {
            (true, true, _) => self.number_code,
            (true, false, _) => self.postal_code,
            (false, _, true) => self.city,
            _ => self.other,
        }
    }
}

/// The columns of which one must have a value for a comparison to find anything.
fn columns(comparison: Comparison, records: &Encoded) -> Vec<usize> {
    use Comparable::{
        BirthDate, Email, HouseNumber, MotherName, Name, NameGeneration, Phone, Sex, SharedEmail, TaxCode, TaxId,
    };
    let what = match comparison {
        Comparison::GivenName | Comparison::FamilyName => vec![Name],
        Comparison::NameGeneration => vec![NameGeneration],
        Comparison::BirthDate => vec![BirthDate],
        Comparison::Sex => vec![Sex],
        Comparison::MotherName => vec![MotherName],
        Comparison::TaxId => vec![TaxId, TaxCode],
        Comparison::Email => vec![Email, SharedEmail],
        Comparison::Phone => vec![Phone],
        Comparison::Address => [&address::COLUMNS[..], &[HouseNumber]].concat(),
        Comparison::Custom(id, attribute_type) => vec![Comparable::Custom(id, attribute_type)],
    };
    what.into_iter().filter_map(|what| records.column(what)).collect()
}

/// A bit for each comparison of which a record has a value.
fn present(columns: &[Vec<usize>], records: &Encoded, rank: u32) -> u32 {
    let has = |columns: &[usize]| columns.iter().any(|column| !records.values(rank, *column).is_empty());
    let places = columns.iter().enumerate();
    places.fold(0, |bits, (place, columns)| bits | u32::from(has(columns)) << place)
}
