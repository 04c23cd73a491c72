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

/// So many letters and digits of a mailbox, besides the words of the name, say something by themselves.
const OWN_LETTERS: usize = 4;

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
        match self.are_alike_without_names((a.0, text_a), (b.0, text_b)) {
            true if alike <= Likeness::Typo => (email::TYPO, 0),
            true => (email::NEAR, 0),
            false => (email::DIFFERENT, 0),
        }
    }

    /// Whether mailboxes that look alike still do without the words of the names, which make people's mailboxes alike.
    fn are_alike_without_names(&self, a: (u32, &[u8]), b: (u32, &[u8])) -> bool {
        let names = self.name_words([a.0, b.0]);
        let [rest_a, rest_b] = [a.1, b.1].map(|text| without_words(email_local(text), &names));
        let is_long = |rest: &[u8]| rest.len() >= OWN_LETTERS;
        if rest_a == rest_b {
            return !rest_a.is_empty();
        }
        if are_other_numbers(&rest_a, &rest_b) {
            return false;
        }
        if is_long(&rest_a) && is_long(&rest_b) && alike_texts(&rest_a, &rest_b) != Likeness::Different {
            return true;
        }
        // An initial or a number tells namesakes apart; a slip in a word of the name leaves more than that.
        let parts = [email_local, email_domain];
        (is_long(&rest_a) || is_long(&rest_b))
            && digits(&rest_a).eq(digits(&rest_b))
            && parts.iter().all(|part| alike_texts(part(a.1), part(b.1)) <= Likeness::Typo)
    }

    /// The words of some records' names, initials left out, the longest first.
    fn name_words(&self, ranks: [u32; 2]) -> Vec<&[u8]> {
        let words = self.names.iter().flat_map(|&column| {
            let dictionary = self.records.dictionary(column);
            let words = ranks.into_iter().flat_map(move |rank| self.records.values(rank, column));
            words.map(|&word| dictionary.bytes(word)).filter(|word| word.len() > 1)
        });
        let mut words: Vec<&[u8]> = words.collect();
        words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
        words
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

/// The letters and digits of a mailbox without these words, of which longer ones come first.
fn without_words(mut local: &[u8], words: &[&[u8]]) -> Vec<u8> {
    let mut rest = Vec::with_capacity(local.len());
    while let [first, after @ ..] = local {
        match words.iter().find_map(|word| local.strip_prefix(*word)) {
            Some(left) => local = left,
            None => {
                rest.extend(Some(*first).filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()));
                local = after;
            }
        }
    }
    rest
}

fn alike_texts(a: &[u8], b: &[u8]) -> Likeness {
    likeness(a, b, (signature(a), signature(b)))
}

/// Whether the same letters have numbers behind or between them, or none, that are more than a slip apart.
fn are_other_numbers(a: &[u8], b: &[u8]) -> bool {
    let letters = |text: &[u8]| text.iter().filter(|byte| byte.is_ascii_alphabetic()).copied().collect::<Vec<u8>>();
    let [numbers_a, numbers_b] = [a, b].map(|text| digits(text).copied().collect::<Vec<u8>>());
    let is_year = |digits: &[u8]| digits.len() == 4 && (digits.starts_with(b"19") || digits.starts_with(b"20"));
    let are_years = is_year(&numbers_a) && is_year(&numbers_b);
    let is_slip = numbers_a.len().min(numbers_b.len()) > 1 && is_one_edit(&numbers_a, &numbers_b) && !are_years;
    numbers_a != numbers_b && !is_slip && letters(a) == letters(b)
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
            ("kitty43@mail.com", "kitty43@mail.com", email::EQUAL),
            ("kitty43@mail.com", "kitty48@mail.com", email::TYPO),
            ("kitty43@mail.com", "kitty08@mail.com", email::DIFFERENT),
            ("kitty4@mail.com", "kitty8@mail.com", email::DIFFERENT),
            ("kitty43@mail.com", "kitty@mail.com", email::DIFFERENT),
            ("kitty1987@mail.com", "kitty1981@mail.com", email::DIFFERENT),
        ];
        for (one, other, expected) in cases {
            assert_eq!(level((lima, one), (lima, other)), expected, "{one} {other}");
        }
    }

    #[test]
    fn mailboxes_that_are_alike_because_the_names_are_say_nothing_for_one_person() {
        let neves: &[&str] = &["paulo", "neves"];
        let cases: [(&[&str], &str, u8); 8] = [
            (&["paulo", "teles"], "paulo.teles@mail.com", email::DIFFERENT),
            (&["saulo", "neves"], "saulo.neves@mail.com", email::DIFFERENT),
            (neves, "neves_paulo@mail.com", email::DIFFERENT),
            (neves, "paulo.r.neves@mail.com", email::DIFFERENT),
            (neves, "paulo.neves8@mail.com", email::DIFFERENT),
            (neves, "paulo.nevxs@mail.com", email::TYPO),
            (&["paulo", "teles"], "paulo.nevxs@mail.com", email::TYPO),
            (neves, "paulo.enves@mail.com", email::TYPO),
        ];
        for (name, address, expected) in cases {
            assert_eq!(level((neves, "paulo.neves@mail.com"), (name, address)), expected, "{name:?} {address}");
        }
        let [one, other] = ["neves.motoboy@mail.com", "motoboyneves@mail.com"];
        assert_eq!(level((neves, one), (neves, other)), email::NEAR, "the rest is the same");
    }
}
