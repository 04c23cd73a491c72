//! How alike two names are by themselves, word for word: for lists of names, where nothing else is known.

use super::name::{NameComparator, NamePlaces, WordMatch};
use super::text::{Likeness, likeness, signature};
use super::{Frequencies, nickname};
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// Two names that are the same, in thousandths.
pub const SAME: u32 = 1_000;
/// From here on two names are probably one person's.
pub const MATCH_FROM: u32 = 900;

/// Two words a typing error apart or of one sound, and a name and its short form.
const TYPO: u32 = 900;
const NICKNAME: u32 = 900;
/// Two words alike to the eye.
const NEAR: u32 = 600;
/// A word and its first letter.
const INITIAL: u32 = 850;
/// What a word takes away that the shorter name lacks.
const LACKING: u32 = 25;
/// What a name of one word takes away that the other begins or ends with.
const ALONE: u32 = 250;

/// Scores names of records by the engine's own comparison of words.
#[derive(Debug)]
pub struct NameLikeness<'a> {
    records: &'a Encoded,
    column: usize,
    names: NameComparator<'a>,
}

impl<'a> NameLikeness<'a> {
    /// For these records; `None` when none has a name.
    pub fn new(records: &'a Encoded) -> Option<Self> {
        let names = NameComparator::new(records, Frequencies::default(), NamePlaces { given: 0, family: 1 })?;
        Some(Self { records, column: records.column(Comparable::Name)?, names })
    }

    /// How alike the names of two records are, by rank, in thousandths up to [`SAME`]; `None` if one has no name.
    ///
    /// Each word of the shorter name takes the word of the other that it is most like; the order does not count.
    pub fn of(&self, a: u32, b: u32) -> Option<u32> {
        let (a, b) = (self.records.values(a, self.column), self.records.values(b, self.column));
        if a.is_empty() || b.is_empty() {
            return None;
        }
        let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        Some(self.by_words(short, long).max(self.by_letters(short, long)))
    }

    fn by_words(&self, short: &[u32], long: &[u32]) -> u32 {
        let places = (0..short.len()).flat_map(|at| (0..long.len()).map(move |to| (at, to)));
        let mut alike: Vec<(u32, usize, usize)> =
            places.map(|(at, to)| (self.of_words(short[at], long[to]), at, to)).filter(|(of, ..)| *of > 0).collect();
        alike.sort_unstable_by_key(|&(of, at, to)| (std::cmp::Reverse(of), at.abs_diff(to), at, to));
        let (mut open, mut free) = (vec![true; short.len()], vec![true; long.len()]);
        let mut sum = 0;
        for (of, at, to) in alike {
            if open[at] && free[to] {
                (open[at], free[to]) = (false, false);
                sum += of;
            }
        }
        let lacking = (long.len() - short.len()) as u32;
        let alone = if short.len() == 1 && lacking > 0 { ALONE } else { 0 };
        (sum / short.len() as u32).saturating_sub(lacking * LACKING + alone)
    }

    fn of_words(&self, a: u32, b: u32) -> u32 {
        if a == b {
            return SAME;
        }
        match self.names.word_match(a, b) {
            WordMatch::Typo => TYPO,
            _ if nickname::share_group(self.names.nicknames(a), self.names.nicknames(b)) => NICKNAME,
            WordMatch::Near => NEAR,
            WordMatch::Initial => INITIAL,
            WordMatch::None => 0,
        }
    }

    /// The likeness of two names whose words are written together or apart.
    fn by_letters(&self, short: &[u32], long: &[u32]) -> u32 {
        let words = self.records.dictionary(self.column);
        let joined = |name: &[u32]| name.iter().flat_map(|&word| words.bytes(word)).copied().collect::<Vec<u8>>();
        let (short, long) = (joined(short), joined(long));
        match likeness(&short, &long, (signature(&short), signature(&long))) {
            Likeness::Equal => SAME,
            Likeness::Typo => TYPO,
            Likeness::Near | Likeness::Different => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_records::{ComparableRecords, Kind, ListColumn, RecordHash};

    #[test]
    fn a_name_is_known_however_it_is_written() {
        let cases = [
            ("angela merkel", "merkel angela", true),
            ("angela merkel", "angela merkle", true),
            ("alisherusmanov", "alisher usmanov", true),
            ("jose carlos lima", "j c lima", true),
            ("chico buarque", "francisco buarque", true),
            ("ana paula souza lima", "ana lima", true),
            ("andrei navalny", "alexei navalny", false),
            ("ana lima", "ana rocha", false),
            ("lima", "ana paula lima", false),
        ];
        let mut column = ListColumn::default();
        for (one, other, _) in cases {
            for name in [one, other] {
                name.split(' ').for_each(|word| column.push_value(word));
                column.end_record();
            }
        }
        let hashes = (0..2 * cases.len() as u128).map(RecordHash).collect();
        let records = Encoded::new(&ComparableRecords::new(Kind::Person, hashes, vec![(Comparable::Name, column)]));
        let names = NameLikeness::new(&records).unwrap();
        for (at, (one, other, same)) in (0..).zip(cases) {
            let found = names.of(2 * at, 2 * at + 1).unwrap();
            assert_eq!(found >= MATCH_FROM, same, "{one} / {other}: {found}");
            assert_eq!(Some(found), names.of(2 * at + 1, 2 * at));
        }
    }
}
