//! What the words of two names say of each other.

use super::*;
use crate::comparison::frequency::{Counted, Frequency, FrequencyTable};
use crate::comparison::level::MISSING;
use crate::encoding::stable_hash;
use vinculo_records::{ComparableRecords, Kind, ListColumn, RecordHash};

const COMMON: i32 = -6_000;
const RARE: i32 = -12_000;

/// Level and frequency of given name and other words, where `maria`, `marta`, `celia`, `celio` and `michael` are common
/// given names, `micheal` is as frequent but held by two records, and `lima` is a common family name.
fn compared(one: &str, other: &str) -> [(u8, i32); 2] {
    let mut names = ListColumn::default();
    for name in [one, other] {
        name.split(' ').for_each(|word| names.push_value(word));
        names.end_record();
    }
    let hashes = vec![RecordHash(1), RecordHash(2)];
    let records = Encoded::new(&ComparableRecords::new(Kind::Person, hashes, vec![(Comparable::Name, names)]));
    let common = |words: &[&str]| {
        let common = |word: &&str| {
            let records = if *word == "micheal" { 2 } else { 30 };
            Frequency { hash: stable_hash(word.as_bytes()), records, log: COMMON }
        };
        let mut above_floor: Vec<Frequency> = words.iter().map(common).collect();
        above_floor.sort_unstable_by_key(|value| value.hash);
        above_floor
    };
    let table = |counted, above_floor| FrequencyTable { counted, floor: RARE, above_floor };
    let tables = [
        table(Counted::GivenName, common(&["maria", "marta", "celia", "celio", "michael", "micheal"])),
        table(Counted::FamilyName, common(&["lima"])),
    ];
    let places = NamePlaces { given: 0, family: 1 };
    let names = NameComparator::new(&records, Frequencies(&tables), places).unwrap();
    let there = names.compare_words(names.words(0), names.words(1));
    assert_eq!(there, names.compare_words(names.words(1), names.words(0)), "{one} and {other}, either way");
    there
}

#[test]
fn two_common_names_are_no_typing_error_of_each_other() {
    let cases = [
        ("maria lima", "marta lima", [given_name::DIFFERENT, family_name::EQUAL]),
        ("celia lima", "celio lima", [given_name::DIFFERENT, family_name::EQUAL]),
        ("maria lima", "matia lima", [given_name::TYPO, family_name::EQUAL]),
        ("michael lima", "micheal lima", [given_name::TYPO, family_name::EQUAL]),
        ("ana maria lima", "ana marta lima", [given_name::EQUAL, family_name::PARTIAL]),
        ("ana maria lima", "ana matia lima", [given_name::EQUAL, family_name::TYPO]),
        ("ana teixeira lima", "ana texeira lima", [given_name::EQUAL, family_name::TYPO]),
    ];
    for (one, other, expected) in cases {
        assert_eq!(compared(one, other).map(|(level, _)| level), expected, "{one} and {other}");
    }
}

#[test]
fn a_lone_word_is_a_family_name_where_the_other_name_has_it_as_one() {
    let cases = [
        ("lima", "maria lima", [(MISSING, 0), (family_name::EQUAL, COMMON)]),
        ("lima", "ana paula lima", [(MISSING, 0), (family_name::SUBSET, COMMON)]),
        ("texeira", "ana teixeira", [(MISSING, 0), (family_name::TYPO, 0)]),
        ("maria", "maria lima", [(given_name::EQUAL, COMMON), (MISSING, 0)]),
        ("rocha", "maria lima", [(given_name::DIFFERENT, 0), (MISSING, 0)]),
    ];
    for (one, other, expected) in cases {
        assert_eq!(compared(one, other), expected, "{one} and {other}");
    }
}

#[test]
fn two_lone_words_that_are_a_common_family_name_say_little() {
    assert_eq!(compared("lima", "lima")[0], (given_name::EQUAL, COMMON));
    assert_eq!(compared("rocha", "rocha")[0], (given_name::EQUAL, RARE));
}

#[test]
fn of_two_names_turned_round_the_likelier_reading_counts() {
    let [given, family] = compared("maria lima", "lima maria");
    assert_eq!((given, family), ((given_name::SWAPPED, 0), (family_name::EQUAL, COMMON)));
}
