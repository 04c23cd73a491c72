//! A pair of records → the level that each comparison of the plan reaches.

pub mod address;
pub mod category;
pub mod code;
pub mod date;
pub mod email;
pub mod frequency;
pub mod level;
pub mod name;
pub mod name_likeness;
pub mod nickname;
pub mod phone;
pub mod quantity;
pub mod text;
mod word;
pub mod words;

use crate::encoding::{Encoded, both};
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
    #[inline]
    pub(crate) fn set(&mut self, place: usize, level: u8, chance: i32) {
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

/// The comparator of an attribute that the project declares.
#[derive(Debug)]
enum Declared<'a> {
    Text(words::TextComparator<'a>),
    Code(code::CodeComparator<'a>),
    Date(date::DateComparator<'a>),
    Number(quantity::NumberComparator<'a>),
    Set(quantity::SetComparator<'a>),
}

/// The comparators of a plan, bound to records; none for what the plan or the records have not.
#[derive(Debug)]
pub struct Comparators<'a> {
    /// Given name and family name.
    pub name: Option<name::NameComparator<'a>>,
    /// The generation word.
    pub generation: Option<category::GenerationComparator<'a>>,
    /// The day of birth.
    pub birth_date: Option<date::DateComparator<'a>>,
    /// Sex.
    pub sex: Option<category::SexComparator<'a>>,
    /// The mother's name.
    pub mother_name: Option<words::MotherNameComparator<'a>>,
    /// Tax identifiers.
    pub tax_id: Option<code::CodeComparator<'a>>,
    /// E-mail addresses.
    pub email: Option<email::EmailComparator<'a>>,
    /// Phone numbers.
    pub phone: Option<phone::PhoneComparator<'a>>,
    /// The address.
    pub address: Option<address::AddressComparator<'a>>,
    declared: Vec<Declared<'a>>,
    count: usize,
    records: &'a Encoded,
}

impl<'a> Comparators<'a> {
    /// Binds the comparisons of a plan to records. One whose columns are empty finds everything missing.
    pub fn new(comparisons: &[Comparison], records: &'a Encoded, frequencies: Frequencies<'_>) -> Self {
        let place = |wanted| comparisons.iter().position(|comparison| *comparison == wanted);
        let given_name = place(Comparison::GivenName);
        let names = given_name.zip(place(Comparison::FamilyName)).map(|(given, family)| NamePlaces { given, family });
        // Words of names and addresses of mail are by far the most values.
        let names = || names.and_then(|places| name::NameComparator::new(records, frequencies, places));
        let email = || {
            let place = place(Comparison::Email)?;
            email::EmailComparator::new(records, frequencies, place, given_name)
        };
        let (name, email) = both(records.len(), names, email);
        let declared = comparisons.iter().enumerate().filter_map(|(place, comparison)| match *comparison {
            Comparison::Custom(id, attribute_type) => {
                bind_declared(Comparable::Custom(id, attribute_type), attribute_type, records, frequencies, place)
            }
            _ => None,
        });
        Self {
            name,
            generation: place(Comparison::NameGeneration)
                .and_then(|place| category::GenerationComparator::new(records, place, given_name)),
            birth_date: place(Comparison::BirthDate).and_then(|place| {
                let column = records.column(Comparable::BirthDate)?;
                let table = frequencies.of(Counted::Value(Comparable::BirthDate));
                Some(date::DateComparator::new(records, column, table, place))
            }),
            sex: place(Comparison::Sex).and_then(|place| category::SexComparator::new(records, place, given_name)),
            mother_name: place(Comparison::MotherName)
                .and_then(|place| words::MotherNameComparator::new(records, frequencies, place)),
            tax_id: place(Comparison::TaxId).and_then(|place| {
                let over = [Comparable::TaxId, Comparable::TaxCode];
                code::CodeComparator::new(records, &over, frequencies, place)
            }),
            email,
            phone: place(Comparison::Phone).and_then(|place| phone::PhoneComparator::new(records, frequencies, place)),
            address: place(Comparison::Address)
                .and_then(|place| address::AddressComparator::new(records, frequencies, place)),
            declared: declared.collect(),
            count: comparisons.len(),
            records,
        }
    }

    /// How many comparisons the plan has.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Reads what some records say, which are compared next.
    #[inline]
    pub fn fetch(&self, ranks: impl Iterator<Item = u32>) {
        self.records.fetch(ranks);
    }

    /// Compares two records, by rank. Names come first: what sex and an e-mail say hangs on them.
    #[inline]
    pub fn compare(&self, a: u32, b: u32) -> PairLevels {
        let mut levels = PairLevels::default();
        if let Some(names) = &self.name {
            names.compare(a, b, &mut levels);
        }
        if let Some(addresses) = &self.address {
            addresses.compare(a, b, &mut levels);
        }
        self.compare_rest(a, b, &mut levels);
        levels
    }

    /// Compares two records of which the levels of name and address are known.
    #[inline]
    pub fn compare_rest(&self, a: u32, b: u32, levels: &mut PairLevels) {
        macro_rules! compare {
            ($($comparator:ident),*) => {
                $(if let Some(comparator) = &self.$comparator { comparator.compare(a, b, levels); })*
            };
        }
        compare!(generation, birth_date, sex, mother_name, tax_id, email, phone);
        for declared in &self.declared {
            match declared {
                Declared::Text(comparator) => comparator.compare(a, b, levels),
                Declared::Code(comparator) => comparator.compare(a, b, levels),
                Declared::Date(comparator) => comparator.compare(a, b, levels),
                Declared::Number(comparator) => comparator.compare(a, b, levels),
                Declared::Set(comparator) => comparator.compare(a, b, levels),
            }
        }
    }
}

fn bind_declared<'a>(
    what: Comparable,
    attribute_type: AttributeType,
    records: &'a Encoded,
    frequencies: Frequencies<'_>,
    place: usize,
) -> Option<Declared<'a>> {
    let column = records.column(what)?;
    let table = frequencies.of(Counted::Value(what));
    Some(match attribute_type {
        AttributeType::Text => Declared::Text(words::TextComparator::new(records, column, table, place)),
        AttributeType::Code => Declared::Code(code::CodeComparator::new(records, &[what], frequencies, place)?),
        AttributeType::Date => Declared::Date(date::DateComparator::new(records, column, table, place)),
        AttributeType::Number => Declared::Number(quantity::NumberComparator::new(records, column, table, place)),
        AttributeType::Set => Declared::Set(quantity::SetComparator::new(records, column, table, place)),
    })
}
