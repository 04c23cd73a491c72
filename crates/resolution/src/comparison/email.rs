//! E-mail addresses: one made of nothing but the name says little more than its domain does.

use super::frequency::{Counted, FrequencyTable, email_domain, email_local};
use super::level::{self, MISSING, email};
use super::text::{Likeness, is_one_edit, likeness, signature};
use super::{Frequencies, PairLevels};
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// How likely a namesake makes a mailbox of the name in the same way, as a logarithm in thousandths of a bit: one in eight
/// ways (`ana.lima`, `analima`, `alima`, `lima_ana` …).
const SAME_FORM: i32 = -3_000;

/// Compares e-mail addresses, the personal ones and those of roles.
#[derive(Debug)]
pub struct EmailComparator<'a> {
    records: &'a Encoded,
    columns: Vec<Column>,
    names: Option<usize>,
    place: usize,
    given_name: Option<usize>,
}

#[derive(Debug)]
struct Column {
    at: usize,
    signatures: Vec<u64>,
    whole: Vec<i32>,
    local: Vec<i32>,
    domain: Vec<i32>,
}

impl<'a> EmailComparator<'a> {
    /// A comparator; `given_name` is the place of that comparison in the plan.
    pub fn new(
        records: &'a Encoded,
        frequencies: Frequencies<'_>,
        place: usize,
        given_name: Option<usize>,
    ) -> Option<Self> {
        let columns: Vec<Column> = [Comparable::Email, Comparable::SharedEmail]
            .into_iter()
            .filter_map(|what| {
                let at = records.column(what)?;
                let values = records.dictionary(at);
                let part = |counted, part: fn(&[u8]) -> &[u8]| {
                    FrequencyTable::bind_part(frequencies.of(counted), values, part)
                };
                Some(Column {
                    at,
                    signatures: values.iter().map(signature).collect(),
                    whole: FrequencyTable::bind(frequencies.of(Counted::Value(what)), values),
                    local: part(Counted::EmailLocal, email_local),
                    domain: part(Counted::EmailDomain, email_domain),
                })
            })
            .collect();
        (!columns.is_empty()).then_some(Self {
            records,
            columns,
            names: records.column(Comparable::Name),
            place,
            given_name,
        })
    }

    /// Compares two records and notes the best level among all their addresses.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let mut best = (MISSING, 0);
        for column in &self.columns {
            for &value_a in self.records.values(a, column.at) {
                for &value_b in self.records.values(b, column.at) {
                    let found = self.compare_values(column, (a, value_a), (b, value_b), levels);
                    if found.0 != MISSING && (best.0 == MISSING || found < best) {
                        best = found;
                    }
                }
            }
        }
        levels.set(self.place, best.0, best.1);
    }

    fn compare_values(&self, column: &Column, a: (u32, u32), b: (u32, u32), levels: &PairLevels) -> (u8, i32) {
        let values = self.records.dictionary(column.at);
        let (text_a, text_b) = (values.bytes(a.1), values.bytes(b.1));
        let at = a.1 as usize;
        if a.1 == b.1 {
            return match self.is_explained(a.0, text_a, levels) {
                // An unknown frequency is 0.
                true if column.domain[at] < 0 => {
                    (email::NAME_MADE, (column.domain[at] + SAME_FORM).max(column.whole[at]))
                }
                true => (email::NAME_MADE, column.whole[at]),
                false => (email::EQUAL, column.whole[at]),
            };
        }
        let local = email_local(text_a);
        if local.len() >= 4 && local == email_local(text_b) {
            return match self.is_explained(a.0, text_a, levels) {
                true => (MISSING, 0),
                false => (email::LOCAL, column.local[at]),
            };
        }
        let signatures = (column.signatures[at], column.signatures[b.1 as usize]);
        let alike = likeness(text_a, text_b, signatures);
        if alike == Likeness::Different {
            return (email::DIFFERENT, 0);
        }
        // The same name gives such addresses to two people; only digits tell them apart.
        let same_digits = digits(text_a).eq(digits(text_b));
        if !same_digits && self.names_agree(levels) && self.is_made_of_name(a.0, text_a) {
            return (MISSING, 0);
        }
        if are_other_numbers(email_local(text_a), email_local(text_b)) {
            return (email::DIFFERENT, 0);
        }
        if self.differ_as_names_do((a.0, text_a), (b.0, text_b)) {
            return (MISSING, 0);
        }
        match alike <= Likeness::Typo {
            true => (email::TYPO, 0),
            false => (email::NEAR, 0),
        }
    }

    fn names_agree(&self, levels: &PairLevels) -> bool {
        self.given_name.is_some_and(|place| {
            let level = levels.level(place);
            level != MISSING && level < level::given_name::INITIAL
        })
    }

    /// Whether two who agree on their names agree on this mailbox for no other reason.
    fn is_explained(&self, rank: u32, text: &[u8], levels: &PairLevels) -> bool {
        let has_digits = digits(email_local(text)).next().is_some();
        !has_digits && self.names_agree(levels) && self.is_made_of_name(rank, text)
    }

    /// Whether each mailbox is made of its own record's name and not of the other's: they are alike because the names
    /// are, and that is counted already.
    fn differ_as_names_do(&self, a: (u32, &[u8]), b: (u32, &[u8])) -> bool {
        let own = self.is_made_of_name(a.0, a.1) && self.is_made_of_name(b.0, b.1);
        own && !(self.is_made_of_name(a.0, b.1) && self.is_made_of_name(b.0, a.1))
    }

    /// Whether the letters of the mailbox are words or initials of the record's name.
    fn is_made_of_name(&self, rank: u32, text: &[u8]) -> bool {
        let Some(column) = self.names else {
            return false;
        };
        let mut rest = email_local(text);
        let words = self.records.dictionary(column);
        let name = self.records.values(rank, column);
        while let Some(&byte) = rest.first() {
            let whole = name.iter().find_map(|&word| rest.strip_prefix(words.bytes(word)));
            let initial = || name.iter().any(|&word| words.bytes(word).first() == Some(&byte));
            rest = match whole {
                Some(after) => after,
                None if !byte.is_ascii_alphabetic() || initial() => &rest[1..],
                None => return false,
            };
        }
        true
    }
}

/// Whether the same letters have numbers behind or between them that are more than a slip apart: two mailboxes.
fn are_other_numbers(a: &[u8], b: &[u8]) -> bool {
    let letters = |text: &[u8]| text.iter().filter(|byte| byte.is_ascii_alphabetic()).copied().collect::<Vec<u8>>();
    let [numbers_a, numbers_b] = [a, b].map(|text| digits(text).copied().collect::<Vec<u8>>());
    !numbers_a.is_empty()
        && !numbers_b.is_empty()
        && numbers_a != numbers_b
        && !is_one_edit(&numbers_a, &numbers_b)
        && letters(a) == letters(b)
}

fn digits(text: &[u8]) -> impl Iterator<Item = &u8> {
    text.iter().filter(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::Comparators;
    use crate::comparison::level::Comparison;
    use vinculo_records::{ComparableRecords, Kind, ListColumn, RecordHash};

    fn level(left: (&[&str], &str), right: (&[&str], &str)) -> u8 {
        compared(left, right, Frequencies::default()).0
    }

    /// The level, and the frequency of what agrees.
    fn compared(left: (&[&str], &str), right: (&[&str], &str), frequencies: Frequencies<'_>) -> (u8, i32) {
        let (mut names, mut emails) = (ListColumn::default(), ListColumn::default());
        for (name, email) in [left, right] {
            name.iter().for_each(|word| names.push_value(word));
            names.end_record();
            emails.push_value(email);
            emails.end_record();
        }
        let hashes = ["left", "right"].map(|key| RecordHash::new("test", key)).to_vec();
        let columns = vec![(Comparable::Name, names), (Comparable::Email, emails)];
        let records = Encoded::new(&ComparableRecords::new(Kind::Person, hashes, columns));
        let plan = [Comparison::GivenName, Comparison::FamilyName, Comparison::Email];
        let levels = Comparators::new(&plan, &records, frequencies).compare(0, 1);
        (levels.level(2), levels.chance(2))
    }

    #[test]
    fn a_mailbox_made_of_the_name_says_more_than_its_domain_where_that_is_known() {
        let lima: (&[&str], &str) = (&["ana", "lima"], "ana.lima@mail.com");
        let table = |counted, floor| FrequencyTable { counted, floor, above_floor: Vec::new() };
        let known = [
            table(Counted::GivenName, -8_000),
            table(Counted::EmailDomain, -2_000),
            table(Counted::Value(Comparable::Email), -20_000),
        ];
        assert_eq!(compared(lima, lima, Frequencies(&known)), (email::NAME_MADE, -2_000 + SAME_FORM));
        assert_eq!(compared(lima, lima, Frequencies::default()), (email::NAME_MADE, 0));
    }

    #[test]
    fn other_numbers_behind_the_same_letters_are_another_mailbox() {
        let lima: &[&str] = &["ana", "lima"];
        let cases = [
            ("kitty43@mail.com", email::EQUAL),
            ("kitty48@mail.com", email::TYPO),
            ("kitty08@mail.com", email::DIFFERENT),
        ];
        for (address, expected) in cases {
            assert_eq!(level((lima, "kitty43@mail.com"), (lima, address)), expected, "{address}");
        }
    }

    #[test]
    fn mailboxes_that_differ_as_the_names_do_are_no_typing_error() {
        let neves: &[&str] = &["paulo", "neves"];
        let cases: [(&[&str], &str, u8); 4] = [
            (&["paulo", "teles"], "paulo.teles@mail.com", MISSING),
            (&["saulo", "neves"], "saulo.neves@mail.com", MISSING),
            (neves, "paulo.nevxs@mail.com", email::TYPO),
            (&["paulo", "teles"], "paulo.nevxs@mail.com", email::TYPO),
        ];
        for (name, address, expected) in cases {
            assert_eq!(level((neves, "paulo.neves@mail.com"), (name, address)), expected, "{name:?} {address}");
        }
    }
}
