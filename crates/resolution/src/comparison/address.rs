//! Addresses as one comparison: street, number, postal code, city and region explain each other, so they share levels.

use super::frequency::{Counted, FrequencyTable};
use super::level::{MISSING, address};
use super::text::{Likeness, LikenessMemo, edit_distance, is_one_edit, likeness, signature};
use super::{Frequencies, PairLevels};
use crate::encoding::{Dictionary, Encoded};
use vinculo_records::Comparable;

/// The columns that make an address; a plan has the comparison as soon as one of them is filled.
pub const COLUMNS: [Comparable; 5] =
    [Comparable::Street, Comparable::PostalCode, Comparable::City, Comparable::District, Comparable::Region];

/// The longest street that is compared letter by letter.
pub const STREET_LETTERS_MAX: usize = 64;

/// Compares addresses.
#[derive(Debug)]
pub struct AddressComparator<'a> {
    records: &'a Encoded,
    street: Option<Words>,
    number: Option<usize>,
    complement: Option<usize>,
    district: Option<usize>,
    postal_code: Option<Words>,
    city: Option<Words>,
    cities: LikenessMemo,
    region: Option<usize>,
    place: usize,
}

/// A column and the frequency of each of its values.
#[derive(Debug)]
struct Words {
    column: usize,
    frequency: Vec<i32>,
}

/// How one part of two addresses compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Equal,
    Near,
    Different,
    Missing,
}

impl<'a> AddressComparator<'a> {
    /// A comparator; `None` when no record has a part of an address that counts.
    pub fn new(records: &'a Encoded, frequencies: Frequencies<'_>, place: usize) -> Option<Self> {
        let words = |what| {
            let column = records.column(what)?;
            let table = frequencies.of(Counted::Value(what));
            let frequency = FrequencyTable::bind(table, records.dictionary(column));
            Some(Words { column, frequency })
        };
        COLUMNS.iter().any(|&what| records.column(what).is_some()).then(|| Self {
            records,
            street: words(Comparable::Street),
            number: records.column(Comparable::HouseNumber),
            complement: records.column(Comparable::Complement),
            district: records.column(Comparable::District),
            postal_code: words(Comparable::PostalCode),
            city: words(Comparable::City),
            cities: LikenessMemo::new(
                records.column(Comparable::City).map_or(0, |column| records.dictionary(column).len()),
            ),
            region: records.column(Comparable::Region),
            place,
        })
    }

    /// Compares two records and notes the level.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let (place, level, chance) = self.level(a, b);
        levels.set(place, level, chance);
    }

    /// The place in the plan, the level of two records, and the frequency of what agrees.
    pub fn level(&self, a: u32, b: u32) -> (usize, u8, i32) {
        let (street, street_chance) = self.compare_streets(a, b);
        let same_street = street <= Part::Near;
        // On another street, a number nearly the same is another number.
        let number = match self.compare_first(self.number, a, b) {
            Part::Different if same_street => self.compare_codes(self.number, a, b),
            number => number,
        };
        let (code, city) = self.compare_places(a, b);
        let place = match (code, city) {
            (Part::Equal, _) | (_, Part::Equal) => Part::Equal,
            (Part::Near, _) | (_, Part::Near) => Part::Near,
            (Part::Missing, Part::Missing) => Part::Missing,
            _ => Part::Different,
        };
        let (level, chance) = if same_street && number == Part::Equal {
            (self.at_number(a, b, place), 0)
        } else if same_street && number != Part::Different && place != Part::Different {
            (address::NUMBER_NEAR, 0)
        } else if same_street && place != Part::Different {
            (address::STREET, street_chance)
        } else if number == Part::Equal && code == Part::Equal {
            (address::NUMBER_CODE, 0)
        } else {
            self.by_place(a, b, code, city, street)
        };
        (self.place, level, chance)
    }

    /// The least frequency by which an agreement of a record's address may be weighed: of street, postal code and city.
    pub fn rarest(&self, rank: u32) -> [(u8, i32); 3] {
        let least = |part: &Option<Words>| {
            let words = part.iter().flat_map(|words| {
                self.records.values(rank, words.column).iter().map(|word| words.frequency[*word as usize])
            });
            words.min().unwrap_or(0)
        };
        [
            (address::STREET, least(&self.street)),
            (address::POSTAL_CODE, least(&self.postal_code)),
            (address::CITY, least(&self.city)),
        ]
    }

    fn at_number(&self, a: u32, b: u32, place: Part) -> u8 {
        match place {
            Part::Equal | Part::Near if self.other_complement(a, b) => address::BUILDING,
            Part::Equal | Part::Near => address::DWELLING,
            Part::Different | Part::Missing => address::STREET_NUMBER,
        }
    }

    fn by_place(&self, a: u32, b: u32, code: Part, city: Part, street: Part) -> (u8, i32) {
        let chance = |part: &Option<Words>| {
            let value = |words: &Words| Some(words.frequency[*self.records.values(a, words.column).first()? as usize]);
            part.as_ref().and_then(value).unwrap_or(0)
        };
        let region = self.compare_equal(self.region, a, b);
        let district = self.compare_equal(self.district, a, b);
        match (code, city) {
            (Part::Equal, _) => (address::POSTAL_CODE, chance(&self.postal_code)),
            (_, Part::Equal) => (address::CITY, chance(&self.city)),
            (Part::Near, _) | (_, Part::Near) => (address::PLACE_NEAR, 0),
            _ if district == Part::Equal => (address::PLACE_NEAR, 0),
            _ if region == Part::Equal => (address::REGION, 0),
            _ if [code, city, street, region].contains(&Part::Different) => (address::DIFFERENT, 0),
            _ => (MISSING, 0),
        }
    }

    fn compare_streets(&self, a: u32, b: u32) -> (Part, i32) {
        let Some(street) = &self.street else {
            return (Part::Missing, 0);
        };
        let (a, b) = (self.records.values(a, street.column), self.records.values(b, street.column));
        if a.is_empty() || b.is_empty() {
            return (Part::Missing, 0);
        }
        let chance = |common: &[u32]| common.iter().map(|&word| street.frequency[word as usize]).min();
        if a == b {
            return (Part::Equal, chance(a).unwrap_or(0));
        }
        let words = self.records.dictionary(street.column);
        if are_near_runs(words, a, b) {
            return (Part::Near, chance(a).unwrap_or(0).max(chance(b).unwrap_or(0)));
        }
        (Part::Different, 0)
    }

    /// Postal codes and cities; letters are looked at only where neither is the same, and cities by their letters only
    /// where the codes are not nearly the same.
    fn compare_places(&self, a: u32, b: u32) -> (Part, Part) {
        let column = |words: &Option<Words>| words.as_ref().map(|words| words.column);
        let (codes, cities) = (column(&self.postal_code), column(&self.city));
        let (code, city) = (self.compare_first(codes, a, b), self.compare_first(cities, a, b));
        if code == Part::Equal || city == Part::Equal {
            return (code, city);
        }
        match self.compare_codes(codes, a, b) {
            Part::Near => (Part::Near, city),
            code => (code, self.compare_cities(a, b)),
        }
    }

    /// Whether single values are the same.
    fn compare_first(&self, column: Option<usize>, a: u32, b: u32) -> Part {
        let first = |rank| column.and_then(|column| self.records.values(rank, column).first());
        match first(a).zip(first(b)) {
            None => Part::Missing,
            Some((a, b)) => {
                if a == b {
                    Part::Equal
                } else {
                    Part::Different
                }
            }
        }
    }

    /// Numbers and postal codes: a single value each.
    fn compare_codes(&self, column: Option<usize>, a: u32, b: u32) -> Part {
        let Some(column) = column else {
            return Part::Missing;
        };
        let values = self.records.dictionary(column);
        match (self.records.values(a, column).first(), self.records.values(b, column).first()) {
            (Some(a), Some(b)) if a == b => Part::Equal,
            (Some(&a), Some(&b)) => {
                let (a, b) = (values.bytes(a), values.bytes(b));
                if a.len().min(b.len()) >= 2 && is_one_edit(a, b) { Part::Near } else { Part::Different }
            }
            _ => Part::Missing,
        }
    }

    fn compare_cities(&self, a: u32, b: u32) -> Part {
        let Some(city) = &self.city else {
            return Part::Missing;
        };
        let values = self.records.dictionary(city.column);
        match (self.records.values(a, city.column).first(), self.records.values(b, city.column).first()) {
            (Some(a), Some(b)) if a == b => Part::Equal,
            (Some(&a), Some(&b)) => {
                let compute = || {
                    let (a, b) = (values.bytes(a), values.bytes(b));
                    likeness(a, b, (signature(a), signature(b)))
                };
                match self.cities.get(a, b, compute) {
                    Likeness::Different => Part::Different,
                    _ => Part::Near,
                }
            }
            _ => Part::Missing,
        }
    }

    fn compare_equal(&self, column: Option<usize>, a: u32, b: u32) -> Part {
        let Some(column) = column else {
            return Part::Missing;
        };
        let (a, b) = (self.records.values(a, column), self.records.values(b, column));
        match (a.is_empty() || b.is_empty(), a == b) {
            (true, _) => Part::Missing,
            (false, true) => Part::Equal,
            (false, false) => Part::Different,
        }
    }

    /// Whether both name a dwelling in the building, and not the same one.
    fn other_complement(&self, a: u32, b: u32) -> bool {
        let Some(column) = self.complement else {
            return false;
        };
        let (a, b) = (self.records.values(a, column), self.records.values(b, column));
        let shares_word = a.iter().any(|word| b.contains(word));
        let one_says_more = shares_word && a.len() != b.len();
        !(a.is_empty() || b.is_empty() || a == b || one_says_more)
    }
}

/// Whether two runs of words are nearly one text, however it is cut into words, or one holds all words of the other.
fn are_near_runs(words: &Dictionary, a: &[u32], b: &[u32]) -> bool {
    if name_other_numbers(words, a, b) {
        return false;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() >= 2 && short.iter().all(|word| long.contains(word)) {
        return true;
    }
    let length = |run: &[u32]| run.iter().map(|&word| words.bytes(word).len()).sum::<usize>().min(STREET_LETTERS_MAX);
    if length(a).abs_diff(length(b)) > 3 {
        return false;
    }
    let (mut text_a, mut text_b) = ([0; STREET_LETTERS_MAX], [0; STREET_LETTERS_MAX]);
    let (a, b) = (join(words, a, &mut text_a), join(words, b, &mut text_b));
    edit_distance(a, b) <= 1 + (a.len().max(b.len()) / 8).min(3)
}

/// Whether both streets have a number in their names, and neither has all that the other has: 54th Street is not nearly
/// 58th Street.
fn name_other_numbers(words: &Dictionary, a: &[u32], b: &[u32]) -> bool {
    let number = |&word: &u32| {
        let text = words.bytes(word);
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (digits > 0).then(|| &text[..digits])
    };
    let lacks = |own: &[u32], other: &[u32]| {
        own.iter().filter_map(number).any(|one| !other.iter().filter_map(number).any(|another| one == another))
    };
    lacks(a, b) && lacks(b, a)
}

/// Writes words together; what does not fit is left out.
fn join<'t>(words: &Dictionary, run: &[u32], text: &'t mut [u8; STREET_LETTERS_MAX]) -> &'t [u8] {
    let mut length = 0;
    for &word in run {
        let bytes = words.bytes(word);
        let taken = bytes.len().min(text.len() - length);
        text[length..length + taken].copy_from_slice(&bytes[..taken]);
        length += taken;
    }
    &text[..length]
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_records::{ComparableRecords, Kind, ListColumn, RecordHash};

    /// The level of two addresses in one city, by the words of their streets and their house numbers.
    fn level(one: (&str, &str), other: (&str, &str)) -> u8 {
        let column = |what: Comparable, [left, right]: [&str; 2]| {
            let mut column = ListColumn::default();
            for values in [left, right] {
                values.split(' ').filter(|value| !value.is_empty()).for_each(|value| column.push_value(value));
                column.end_record();
            }
            (what, column)
        };
        let columns = vec![
            column(Comparable::Street, [one.0, other.0]),
            column(Comparable::HouseNumber, [one.1, other.1]),
            column(Comparable::City, ["recife", "recife"]),
        ];
        let records = Encoded::new(&ComparableRecords::new(Kind::Person, vec![RecordHash(1), RecordHash(2)], columns));
        let addresses = AddressComparator::new(&records, Frequencies::default(), 0).unwrap();
        assert_eq!(addresses.level(0, 1), addresses.level(1, 0), "{one:?} and {other:?}, either way");
        addresses.level(0, 1).1
    }

    #[test]
    fn a_street_is_known_however_it_is_written_but_not_by_another_number_in_its_name() {
        let cases = [
            (("rua flores", "10"), ("rua flores", "10"), address::DWELLING),
            (("rua flores", "10"), ("rua florse", "10"), address::DWELLING),
            (("rua flores", "1500"), ("rua flores", "1501"), address::NUMBER_NEAR),
            (("rua flores", "10"), ("rua flores", "77"), address::STREET),
            (("rua flores", "10"), ("rua palmeiras", "10"), address::CITY),
            (("piedmont avenue", "595"), ("piedmont avenue rio shopping mall", "595"), address::DWELLING),
            (("49th street", "57"), ("east 49th street", "57"), address::DWELLING),
            (("58th street", "57"), ("54th street", "57"), address::CITY),
            (("rua 15 novembro", "10"), ("rua 5 novembro", "10"), address::CITY),
            (("rua 15 novembro", "10"), ("rua novembro", "10"), address::DWELLING),
        ];
        for (one, other, expected) in cases {
            assert_eq!(level(one, other), expected, "{one:?} and {other:?}");
        }
    }
}
