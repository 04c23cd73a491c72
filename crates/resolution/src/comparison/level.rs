//! The levels that comparisons reach, with what is believed of them before any data were seen.
//!
//! Level 0 of every comparison means that a value is missing on one side, or that another comparison has already
//! counted what it says: no evidence either way.

use serde::{Deserialize, Serialize};
use vinculo_records::{AttributeId, AttributeType};

/// Level 0 of every comparison: no evidence.
pub const MISSING: u8 = 0;

/// What a comparison compares; a plan holds each at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The first given name.
    GivenName,
    /// All other words of the name, as a set.
    FamilyName,
    /// Filho, Júnior, Neto …
    NameGeneration,
    /// Day of birth.
    BirthDate,
    /// Sex; no evidence where the given names are equal.
    Sex,
    /// The mother's name.
    MotherName,
    /// Tax identifiers, valid ones and codes.
    TaxId,
    /// E-mail addresses.
    Email,
    /// Phone numbers.
    Phone,
    /// Street, number, postal code, city and region, as one: they are not independent.
    Address,
    /// An attribute that the project declares.
    Custom(AttributeId, AttributeType),
}

/// A level and what is believed of it at first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Its name in explanations and reports.
    pub name: &'static str,
    /// Probability that a match reaches it, given that nothing is missing.
    pub m: f64,
    /// Probability that two records of different customers reach it.
    pub u: f64,
    /// Whether the agreeing value's own frequency stands in for `u`.
    pub by_frequency: bool,
}

const fn level(name: &'static str, m: f64, u: f64) -> Level {
    Level { name, m, u, by_frequency: false }
}

const fn frequent(name: &'static str, m: f64, u: f64) -> Level {
    Level { name, m, u, by_frequency: true }
}

macro_rules! levels {
    ($(#[$doc:meta])* $module:ident { $($constant:ident = $code:literal $make:ident($name:literal, $m:literal, $u:literal),)* }) => {
        $(#[$doc])*
        pub mod $module {
            use super::Level;
            $(#[doc = $name] pub const $constant: u8 = $code;)*
            /// The levels from 1 on.
            pub const LEVELS: &[Level] = &[$(super::$make($name, $m, $u)),*];
        }
    };
}

levels! {
    /// Levels of the first given name.
    given_name {
        EQUAL = 1 frequent("equal", 0.82, 0.008),
        NICKNAME = 2 level("nickname", 0.02, 0.0008),
        TYPO = 3 level("typing error or same sound", 0.07, 0.002),
        NEAR = 4 level("nearly", 0.02, 0.008),
        OTHER_GIVEN = 5 level("another of the given names", 0.01, 0.002),
        INITIAL = 6 level("initial", 0.02, 0.01),
        SWAPPED = 7 level("swapped with the family name", 0.02, 0.0002),
        DIFFERENT = 8 level("different", 0.03, 0.967),
    }
}

levels! {
    /// Levels of the other words of the name.
    family_name {
        EQUAL = 1 frequent("equal", 0.75, 0.004),
        TYPO = 2 level("typing error or same sound", 0.09, 0.001),
        NEAR = 3 level("nearly", 0.02, 0.004),
        SUBSET = 4 frequent("equal, words missing", 0.07, 0.003),
        SUBSET_NEAR = 5 level("nearly, words missing", 0.01, 0.002),
        PARTIAL = 6 frequent("some words equal", 0.02, 0.01),
        PARTIAL_NEAR = 7 level("some words nearly", 0.005, 0.01),
        INITIAL = 8 level("initials", 0.01, 0.005),
        DIFFERENT = 9 level("different", 0.03, 0.96),
    }
}

levels! {
    /// Levels of the generation word, where the given names agree.
    name_generation {
        EQUAL = 1 level("equal", 0.006, 0.0005),
        NEITHER = 2 level("on neither side", 0.985, 0.969),
        ONE_SIDED = 3 level("on one side only", 0.009, 0.03),
        DIFFERENT = 4 level("different", 0.0002, 0.0005),
    }
}

levels! {
    /// Levels of a date.
    date {
        EQUAL = 1 frequent("equal", 0.86, 0.00006),
        ONE_DIGIT = 2 level("one digit wrong or two exchanged", 0.05, 0.0012),
        DAY_MONTH = 3 level("day and month exchanged", 0.015, 0.00005),
        TWO_PARTS = 4 level("two of year, month, day", 0.02, 0.004),
        CLOSE = 5 level("each part close", 0.015, 0.006),
        YEAR = 6 level("year only", 0.01, 0.02),
        DIFFERENT = 7 level("different", 0.03, 0.968),
    }
}

levels! {
    /// Levels of sex.
    sex {
        EQUAL = 1 level("equal", 0.98, 0.5),
        DIFFERENT = 2 level("different", 0.02, 0.5),
    }
}

levels! {
    /// Levels of the mother's name.
    mother_name {
        EQUAL = 1 frequent("equal", 0.75, 0.0005),
        NEAR = 2 level("nearly", 0.10, 0.0005),
        PARTIAL = 3 level("given name and some words", 0.08, 0.004),
        DIFFERENT = 4 level("different", 0.07, 0.995),
    }
}

levels! {
    /// Levels of tax identifiers and other codes.
    code {
        EQUAL = 1 frequent("equal", 0.90, 0.000002),
        ONE_WRONG = 2 level("one character wrong or two exchanged", 0.05, 0.00002),
        TWO_WRONG = 3 level("two characters wrong", 0.01, 0.0005),
        DIFFERENT = 4 level("different", 0.04, 0.9995),
    }
}

levels! {
    /// Levels of e-mail addresses.
    email {
        EQUAL = 1 frequent("equal", 0.62, 0.000005),
        NAME_MADE = 2 frequent("equal, made of the name", 0.10, 0.000005),
        TYPO = 3 level("typing error", 0.06, 0.00001),
        LOCAL = 4 frequent("same mailbox name elsewhere", 0.03, 0.0001),
        NEAR = 5 level("nearly", 0.02, 0.001),
        DIFFERENT = 6 level("different", 0.17, 0.9989),
    }
}

levels! {
    /// Levels of phone numbers.
    phone {
        EQUAL = 1 frequent("equal", 0.68, 0.000008),
        LAST_EIGHT = 2 frequent("last eight digits equal", 0.04, 0.000008),
        ONE_DIGIT = 3 level("one digit wrong or two exchanged", 0.03, 0.00002),
        DIFFERENT = 4 level("different", 0.25, 0.99996),
    }
}

levels! {
    /// Levels of the address as a whole.
    address {
        DWELLING = 1 level("street and number, place agrees", 0.50, 0.00002),
        BUILDING = 2 level("street and number, another complement", 0.06, 0.00002),
        STREET_NUMBER = 3 level("street and number, place unknown or another", 0.04, 0.00005),
        NUMBER_NEAR = 4 level("street, nearly the number", 0.07, 0.00003),
        STREET = 5 frequent("street, another number", 0.04, 0.0003),
        NUMBER_CODE = 6 level("number and postal code", 0.03, 0.0001),
        POSTAL_CODE = 7 frequent("postal code", 0.05, 0.002),
        CITY = 8 frequent("city", 0.10, 0.05),
        PLACE_NEAR = 9 level("postal code or city, nearly", 0.02, 0.02),
        REGION = 10 level("region", 0.04, 0.10),
        DIFFERENT = 11 level("different", 0.05, 0.83),
    }
}

levels! {
    /// Levels of a declared text.
    text {
        EQUAL = 1 frequent("equal", 0.75, 0.02),
        NEAR = 2 level("nearly", 0.10, 0.01),
        SOME_WORDS = 3 level("some words equal", 0.05, 0.05),
        DIFFERENT = 4 level("different", 0.10, 0.92),
    }
}

levels! {
    /// Levels of a declared number.
    number {
        EQUAL = 1 frequent("equal", 0.80, 0.02),
        NEAR = 2 level("within one in a hundred", 0.05, 0.02),
        DIFFERENT = 3 level("different", 0.15, 0.96),
    }
}

levels! {
    /// Levels of a declared set.
    set {
        MOST = 1 level("half of the members or more", 0.35, 0.003),
        SOME = 2 frequent("some members", 0.30, 0.02),
        NONE = 3 level("no member", 0.35, 0.977),
    }
}

impl Comparison {
    /// The probability that two people of one household reach a level, by those of a match and of strangers.
    pub fn household(self, level: u8, m: f64, u: f64) -> f64 {
        if self == Self::NameGeneration {
            return of_namesakes(level, u);
        }
        let shared = self.shared_in_household();
        shared * m + (1.0 - shared) * u + self.household_habit(level)
    }

    /// The levels from 1 on.
    pub fn levels(self) -> &'static [Level] {
        match self {
            Self::GivenName => given_name::LEVELS,
            Self::FamilyName => family_name::LEVELS,
            Self::NameGeneration => name_generation::LEVELS,
            Self::BirthDate | Self::Custom(_, AttributeType::Date) => date::LEVELS,
            Self::Sex => sex::LEVELS,
            Self::MotherName => mother_name::LEVELS,
            Self::TaxId | Self::Custom(_, AttributeType::Code) => code::LEVELS,
            Self::Email => email::LEVELS,
            Self::Phone => phone::LEVELS,
            Self::Address => address::LEVELS,
            Self::Custom(_, AttributeType::Text) => text::LEVELS,
            Self::Custom(_, AttributeType::Number) => number::LEVELS,
            Self::Custom(_, AttributeType::Set) => set::LEVELS,
        }
    }

    /// The name of a level, 0 included.
    pub fn level_name(self, level: u8) -> &'static str {
        match level.checked_sub(1) {
            None => "missing",
            Some(at) => self.levels().get(at as usize).map_or("unknown", |level| level.name),
        }
    }

    /// What the comparison is called in settings, reports and explanations.
    pub fn name(self) -> String {
        match self {
            Self::GivenName => "given_name".into(),
            Self::FamilyName => "family_name".into(),
            Self::NameGeneration => "name_generation".into(),
            Self::BirthDate => "birth_date".into(),
            Self::Sex => "sex".into(),
            Self::MotherName => "mother_name".into(),
            Self::TaxId => "tax_id".into(),
            Self::Email => "email".into(),
            Self::Phone => "phone".into(),
            Self::Address => "address".into(),
            Self::Custom(id, _) => format!("attribute_{}", id.0),
        }
    }

    /// How likely two people of one household reach a level for reasons that neither strangers nor one person have: a
    /// son bears his father's name, twins their birth date.
    pub fn household_habit(self, level: u8) -> f64 {
        match (self, level) {
            (Self::GivenName, given_name::EQUAL) => 0.02,
            (Self::BirthDate, date::EQUAL) => 0.015,
            _ => 0.0,
        }
    }

    /// How much more likely a match reaches the last level than strangers do, at most, whatever the data show: it never speaks
    /// for a match, and hardly anybody is called Filho here and Neto there.
    pub fn last_at_most(self) -> f64 {
        match self {
            Self::NameGeneration => 1.0 / 16.0,
            _ => 1.0,
        }
    }

    /// How far two people of one household agree as one person would: 0 as strangers do, 1 as one person does.
    pub fn shared_in_household(self) -> f64 {
        match self {
            Self::FamilyName => 0.75,
            Self::MotherName => 0.6,
            Self::Phone => 0.6,
            Self::Email => 0.25,
            Self::Address => 0.9,
            _ => 0.0,
        }
    }
}

/// How likely two namesakes of one household reach a level of the generation word, by the probability among strangers.
///
/// They are father and son, and the word is there to tell them apart: most who bear it live with a namesake. So it is on
/// one side of half of their pairs, unless hardly anybody bears one.
fn of_namesakes(level: u8, u: f64) -> f64 {
    const OFTENER: f64 = 25.0;
    const MOST: f64 = 0.5;
    let told_apart = |one_sided: f64| (OFTENER * one_sided).min(MOST);
    match level {
        name_generation::ONE_SIDED => told_apart(u),
        name_generation::NEITHER => 1.0 - told_apart(1.0 - u),
        _ => u,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Comparison; 13] = [
        Comparison::GivenName,
        Comparison::FamilyName,
        Comparison::NameGeneration,
        Comparison::BirthDate,
        Comparison::Sex,
        Comparison::MotherName,
        Comparison::TaxId,
        Comparison::Email,
        Comparison::Phone,
        Comparison::Address,
        Comparison::Custom(AttributeId(64), AttributeType::Text),
        Comparison::Custom(AttributeId(64), AttributeType::Number),
        Comparison::Custom(AttributeId(64), AttributeType::Set),
    ];

    #[test]
    fn first_beliefs_are_probabilities() {
        for comparison in ALL {
            let m: f64 = comparison.levels().iter().map(|level| level.m).sum();
            let u: f64 = comparison.levels().iter().map(|level| level.u).sum();
            assert!((m - 1.0).abs() < 0.02, "{comparison:?}: m sums to {m}");
            assert!((u - 1.0).abs() < 0.03, "{comparison:?}: u sums to {u}");
            assert!(comparison.levels().len() < 16, "a level fits four bits");
        }
    }

    #[test]
    fn a_generation_word_on_one_side_speaks_for_father_and_son_where_people_bear_such_words() {
        let bits = |level: u8, m: f64, u: f64| (m / Comparison::NameGeneration.household(level, m, u)).log2();
        // One person in 65 bears a word.
        assert!(bits(name_generation::ONE_SIDED, 0.009, 0.03) < -5.0);
        assert!(bits(name_generation::NEITHER, 0.985, 0.969) > 0.9);
        // Hardly anybody bears one: its lack says nothing.
        assert!(bits(name_generation::NEITHER, 0.9999, 0.9998).abs() < 0.01);
    }

    #[test]
    fn the_last_level_speaks_against_a_match() {
        for comparison in ALL {
            let last = comparison.levels().last().unwrap();
            assert!(last.m < last.u, "{comparison:?}");
            assert!(comparison.last_at_most() <= 1.0, "{comparison:?}");
        }
    }
}
