//! A pair of records → the level that each comparison of the plan reaches.

pub mod address;
pub mod category;
pub mod code;
pub mod date;
pub mod email;
pub mod frequency;
pub mod level;
pub mod name;
pub mod nickname;
pub mod phone;
pub mod quantity;
pub mod text;
pub mod words;

use crate::encoding::Encoded;
pub use frequency::{Counted, FrequencyTable};
pub use level::{Comparison, Level, MISSING};
use name::NamePlaces;
use vinculo_records::{AttributeType, Comparable};

/// How many comparisons a plan may have, so that a comparison vector fits a number of 128 bits.
pub const COMPARISONS_MAX: usize = 32;
const LEVEL_BITS: usize = 4;

/// The levels that a pair reached, and how likely a stranger would have agreed on the same values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairLevels {
    levels: [u8; COMPARISONS_MAX],
    chances: [i32; COMPARISONS_MAX],
}

impl Default for PairLevels {
    fn default() -> Self {
        Self { levels: [MISSING; COMPARISONS_MAX], chances: [0; COMPARISONS_MAX] }
    }
}

impl PairLevels {
    fn set(&mut self, place: usize, level: u8, chance: i32) {
        self.levels[place] = level;
        self.chances[place] = chance;
    }

    /// The level of the comparison at this place of the plan.
    #[inline]
    pub fn level(&self, place: usize) -> u8 {
        self.levels[place]
    }

    /// Base-2 logarithm of the agreeing value's frequency, in thousandths of a bit; 0 where the level does not count it.
    #[inline]
    pub fn chance(&self, place: usize) -> i32 {
        self.chances[place]
    }

    /// The levels of the first `count` comparisons.
    pub fn levels(&self, count: usize) -> &[u8] {
        &self.levels[..count]
    }

    /// All levels as one number, four bits a comparison.
    pub fn pattern(&self, count: usize) -> u128 {
        let packed = self.levels[..count].iter().enumerate();
        packed.fold(0, |pattern, (place, level)| pattern | u128::from(*level) << (LEVEL_BITS * place))
    }
}

/// The level of one comparison in a packed comparison vector.
pub fn level_in(pattern: u128, place: usize) -> u8 {
    (pattern >> (LEVEL_BITS * place)) as u8 & 0xf
}

/// The frequencies that a model knows; none before training.
#[derive(Debug, Clone, Copy, Default)]
pub struct Frequencies<'a>(pub &'a [FrequencyTable]);

impl<'a> Frequencies<'a> {
    /// The table of what is counted.
    pub fn of(self, counted: Counted) -> Option<&'a FrequencyTable> {
        self.0.iter().find(|table| table.counted == counted)
    }
}

#[derive(Debug)]
enum Comparator<'a> {
    Name(name::NameComparator<'a>),
    Generation(category::GenerationComparator<'a>),
    Date(date::DateComparator<'a>),
    Sex(category::SexComparator<'a>),
    MotherName(words::MotherNameComparator<'a>),
    Code(code::CodeComparator<'a>),
    Email(email::EmailComparator<'a>),
    Phone(phone::PhoneComparator<'a>),
    Address(address::AddressComparator<'a>),
    Text(words::TextComparator<'a>),
    Number(quantity::NumberComparator<'a>),
    Set(quantity::SetComparator<'a>),
}

/// The comparators of a plan, bound to records.
#[derive(Debug)]
pub struct Comparators<'a> {
    bound: Vec<Comparator<'a>>,
    count: usize,
}

impl<'a> Comparators<'a> {
    /// Binds the comparisons of a plan to records. One whose columns are empty finds everything missing.
    pub fn new(comparisons: &[Comparison], records: &'a Encoded, frequencies: Frequencies<'_>) -> Self {
        let place_of = |wanted| comparisons.iter().position(|comparison| *comparison == wanted);
        let given_name = place_of(Comparison::GivenName);
        let bind = |(place, comparison): (usize, &Comparison)| match *comparison {
            Comparison::GivenName => {
                let family = place_of(Comparison::FamilyName)?;
                let places = NamePlaces { given: place, family };
                name::NameComparator::new(records, frequencies, places).map(Comparator::Name)
            }
            // The given name's comparator notes both.
            Comparison::FamilyName => None,
            Comparison::NameGeneration => {
                category::GenerationComparator::new(records, place).map(Comparator::Generation)
            }
            Comparison::BirthDate => {
                let column = records.column(Comparable::BirthDate)?;
                let table = frequencies.of(Counted::Value(Comparable::BirthDate));
                Some(Comparator::Date(date::DateComparator::new(records, column, table, place)))
            }
            Comparison::Sex => category::SexComparator::new(records, place, given_name).map(Comparator::Sex),
            Comparison::MotherName => {
                words::MotherNameComparator::new(records, frequencies, place).map(Comparator::MotherName)
            }
            Comparison::TaxId => {
                let over = [Comparable::TaxId, Comparable::TaxCode];
                code::CodeComparator::new(records, &over, frequencies, place).map(Comparator::Code)
            }
            Comparison::Email => {
                email::EmailComparator::new(records, frequencies, place, given_name).map(Comparator::Email)
            }
            Comparison::Phone => phone::PhoneComparator::new(records, frequencies, place).map(Comparator::Phone),
            Comparison::Address => {
                address::AddressComparator::new(records, frequencies, place).map(Comparator::Address)
            }
            Comparison::Custom(id, attribute_type) => {
                let what = Comparable::Custom(id, attribute_type);
                bind_declared(what, attribute_type, records, frequencies, place)
            }
        };
        Self { bound: comparisons.iter().enumerate().filter_map(bind).collect(), count: comparisons.len() }
    }

    /// How many comparisons the plan has.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Compares two records, by rank.
    #[inline]
    pub fn compare(&self, a: u32, b: u32) -> PairLevels {
        let mut levels = PairLevels::default();
        for comparator in &self.bound {
            match comparator {
                Comparator::Name(comparator) => comparator.compare(a, b, &mut levels),
                Comparator::Generation(comparator) => comparator.compare(a, b, &mut levels),
                Comparator::Date(comparator) => comparator.compare(a, b, &mut levels),
                Comparator::Sex(comparator) => comparator.compare(a, b, &mut levels),
                Comparator::MotherName(comparator) => comparator.compare(a, b, &mut levels),
                Comparator::Code(comparator) => comparator.compare(a, b, &mut levels),
                Comparator::Email(comparator) => comparator.compare(a, b, &mut levels),
                Comparator::Phone(comparator) => comparator.compare(a, b, &mut levels),
                Comparator::Address(comparator) => comparator.compare(a, b, &mut levels),
                Comparator::Text(comparator) => comparator.compare(a, b, &mut levels),
                Comparator::Number(comparator) => comparator.compare(a, b, &mut levels),
                Comparator::Set(comparator) => comparator.compare(a, b, &mut levels),
            }
        }
        levels
    }
}

fn bind_declared<'a>(
    what: Comparable,
    attribute_type: AttributeType,
    records: &'a Encoded,
    frequencies: Frequencies<'_>,
    place: usize,
) -> Option<Comparator<'a>> {
    let column = records.column(what)?;
    let table = frequencies.of(Counted::Value(what));
    Some(match attribute_type {
        AttributeType::Text => Comparator::Text(words::TextComparator::new(records, column, table, place)),
        AttributeType::Code => Comparator::Code(code::CodeComparator::new(records, &[what], frequencies, place)?),
        AttributeType::Date => Comparator::Date(date::DateComparator::new(records, column, table, place)),
        AttributeType::Number => Comparator::Number(quantity::NumberComparator::new(records, column, table, place)),
        AttributeType::Set => Comparator::Set(quantity::SetComparator::new(records, column, table, place)),
    })
}
