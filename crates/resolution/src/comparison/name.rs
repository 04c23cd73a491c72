//! Names of persons: the first given name, and all other words as a set.

use super::level::{family_name, given_name};
use super::text::{Likeness, LikenessMemo, are_far_apart, likeness};
use super::word::{self, Word};
use super::{Frequencies, PairLevels, nickname};
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// A word set is compared by bits of a byte.
const WORDS_MAX: usize = 8;

/// Where the two comparisons stand in a plan.
#[derive(Debug, Clone, Copy)]
pub struct NamePlaces {
    /// The place of the given name.
    pub given: usize,
    /// The place of the other words.
    pub family: usize,
}

/// The words of one record's name by their roles.
#[derive(Debug, Clone, Copy)]
pub struct NameWords<'a> {
    /// The first given name.
    pub first: Option<u32>,
    /// All other words.
    pub others: &'a [u32],
    /// Whether the others hold a family name.
    pub has_family: bool,
    /// All words in order.
    pub all: &'a [u32],
}

impl<'a> NameWords<'a> {
    /// Words of which the first so many are given names.
    #[inline]
    pub fn of(all: &'a [u32], given: usize) -> Self {
        let (first, others) = all.split_at(given.min(1).min(all.len()));
        Self { first: first.first().copied(), others, has_family: all.len() > given, all }
    }

    /// The given name and the other words, read as they stand, or with one or two given names behind the family name.
    fn read(self, given_names_behind: usize) -> Option<(u32, &'a [u32])> {
        // Two given names behind leave too little of a short name to tell.
        let family_words = match given_names_behind {
            0 => return Some((self.first?, self.others)),
            1 => 1,
            _ => 2,
        };
        let at = self.all.len().checked_sub(given_names_behind).filter(|at| *at >= family_words)?;
        Some((self.all[at], &self.all[..at]))
    }
}

/// Tells the words of a name apart by their roles.
#[derive(Debug)]
pub struct RoleReader<'a> {
    records: &'a Encoded,
    column: usize,
    given_counts: Option<(usize, Vec<u8>)>,
}

impl<'a> RoleReader<'a> {
    /// A reader; `None` when no record has a name.
    pub fn new(records: &'a Encoded) -> Option<Self> {
        Some(Self { records, column: records.column(Comparable::Name)?, given_counts: given_counts(records) })
    }

    /// How many of a record's words are given names.
    #[inline]
    pub fn given_count(&self, rank: u32) -> usize {
        let known = self.given_counts.as_ref().and_then(|(column, counts)| {
            let value = self.records.values(rank, *column).first()?;
            Some(counts[*value as usize] as usize)
        });
        // A name of unknown parts begins with a given name and ends with a family name.
        known.unwrap_or(1)
    }

    /// The words of a record by their roles.
    #[inline]
    pub fn words(&self, rank: u32) -> NameWords<'a> {
        NameWords::of(self.records.values(rank, self.column), self.given_count(rank))
    }
}

/// Compares names; knows the sound, the pet forms and the frequency of each distinct word.
#[derive(Debug)]
pub struct NameComparator<'a> {
    records: &'a Encoded,
    column: usize,
    roles: RoleReader<'a>,
    /// By number.
    known: Vec<Word>,
    memo: LikenessMemo,
    places: NamePlaces,
}

impl<'a> NameComparator<'a> {
    /// A comparator for these records; `None` when no record has a name.
    pub fn new(records: &'a Encoded, frequencies: Frequencies<'_>, places: NamePlaces) -> Option<Self> {
        let column = records.column(Comparable::Name)?;
        Some(Self {
            records,
            column,
            roles: RoleReader::new(records)?,
            known: word::known(records, column, frequencies),
            memo: LikenessMemo::new(records.dictionary(column).len()),
            places,
        })
    }

    /// The words of a record by their roles.
    pub fn words(&self, rank: u32) -> NameWords<'a> {
        self.roles.words(rank)
    }

    /// The groups of short forms that a word belongs to.
    pub(super) fn nicknames(&self, word: u32) -> [u8; 2] {
        self.known[word as usize].nicknames
    }

    /// The frequency of a word as the given name; 0 where none is known.
    pub fn given_frequency(&self, word: u32) -> i32 {
        self.known[word as usize].given_frequency
    }

    /// The frequency of a word among the others; 0 where none is known.
    pub fn family_frequency(&self, word: u32) -> i32 {
        self.known[word as usize].family_frequency
    }

    /// The least frequencies by which an agreement of a record's name may be weighed: of any word as the given name, and
    /// of all its words together as the others.
    pub fn rarest(&self, rank: u32) -> (i32, i32) {
        let words = self.words(rank).all.iter().map(|word| self.known[*word as usize]);
        let given = words.clone().map(|word| word.given_frequency).min();
        (given.unwrap_or(0), words.map(|word| word.family_frequency).sum())
    }

    /// How many of a record's words are given names.
    pub fn given_count(&self, rank: u32) -> usize {
        self.roles.given_count(rank)
    }

    /// Compares two records and notes the levels of both comparisons.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        self.note(self.compare_words(self.words(a), self.words(b)), levels);
    }

    /// Notes the levels of both comparisons, each with the frequency of what agrees.
    pub fn note(&self, [given, family]: [(u8, i32); 2], levels: &mut PairLevels) {
        levels.set(self.places.given, given.0, given.1);
        levels.set(self.places.family, family.0, family.1);
    }

    /// The levels of the given name and of the other words, each with the frequency of what agrees.
    pub fn compare_words(&self, a: NameWords<'_>, b: NameWords<'_>) -> [(u8, i32); 2] {
        let given = self.compare_given(a, b);
        if given.0 >= given_name::NEAR
            && let Some(family) = self.compare_lone(a, b).or_else(|| self.compare_lone(b, a))
        {
            return [(super::level::MISSING, 0), family];
        }
        let family = self.compare_others(a, b);
        if given.0 >= given_name::NEAR
            && family.0 >= family_name::SUBSET
            && let Some(turned) = self.compare_turned_round(a, b)
        {
            return [(given_name::SWAPPED, 0), turned];
        }
        [given, family]
    }

    fn compare_given(&self, a: NameWords<'_>, b: NameWords<'_>) -> (u8, i32) {
        let (Some(first_a), Some(first_b)) = (a.first, b.first) else {
            return (super::level::MISSING, 0);
        };
        if first_a == first_b {
            // Two lone words may both be family names.
            let lone = a.all.len() == 1 && b.all.len() == 1;
            let others = if lone { self.family_frequency(first_a) } else { i32::MIN };
            return (given_name::EQUAL, self.given_frequency(first_a).max(others));
        }
        let level = if nickname::share_group(self.nicknames(first_a), self.nicknames(first_b)) {
            given_name::NICKNAME
        } else if self.is_initial_of(first_a, first_b) {
            given_name::INITIAL
        } else {
            match self.likeness(first_a, first_b) {
                Likeness::Equal | Likeness::Typo => given_name::TYPO,
                _ if self.is_joined(first_a, first_b, b.others) || self.is_joined(first_b, first_a, a.others) => {
                    given_name::TYPO
                }
                Likeness::Near => given_name::NEAR,
                Likeness::Different if is_other_given(first_a, b) || is_other_given(first_b, a) => {
                    given_name::OTHER_GIVEN
                }
                Likeness::Different => given_name::DIFFERENT,
            }
        };
        (level, 0)
    }

    fn compare_others(&self, a: NameWords<'_>, b: NameWords<'_>) -> (u8, i32) {
        match a.has_family && b.has_family {
            true => self.compare_sets(a.others, b.others),
            false => (super::level::MISSING, 0),
        }
    }

    /// The level of the other words where a name is a single word that stands among them: no given name then, but one of
    /// the family names.
    fn compare_lone(&self, lone: NameWords<'_>, other: NameWords<'_>) -> Option<(u8, i32)> {
        let is_lone = lone.all.len() == 1 && other.has_family;
        let found = is_lone.then(|| self.compare_sets(lone.all, other.others))?;
        matches!(found.0, family_name::EQUAL | family_name::TYPO | family_name::SUBSET | family_name::SUBSET_NEAR)
            .then_some(found)
    }

    fn compare_sets(&self, a: &[u32], b: &[u32]) -> (u8, i32) {
        let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        let (short, long) = (&short[..short.len().min(WORDS_MAX)], &long[..long.len().min(WORDS_MAX)]);
        let found = self.align(short, long);
        let missing = long.len() > short.len();
        let all = found.equal + found.typo + found.near + found.initial == short.len();
        let level = match found {
            _ if all && found.equal == short.len() && !missing => family_name::EQUAL,
            _ if all && found.equal == short.len() => family_name::SUBSET,
            _ if found.equal == 0 && missing && self.is_same_run(short, long) => family_name::TYPO,
            _ if found.equal + found.typo + found.near == 0 && found.initial > 0 => family_name::INITIAL,
            _ if all && missing => family_name::SUBSET_NEAR,
            _ if all && found.near == 0 => family_name::TYPO,
            _ if all => family_name::NEAR,
            _ if found.equal > 0 => family_name::PARTIAL,
            _ if found.typo + found.near > 0 => family_name::PARTIAL_NEAR,
            _ => family_name::DIFFERENT,
        };
        (level, found.chance)
    }

    /// Finds for each word of the shorter name a partner of its own: equal words first, then the nearly equal.
    fn align(&self, short: &[u32], long: &[u32]) -> Alignment {
        let mut found = Alignment::default();
        let (mut open, mut taken) = (0u8, 0u8);
        for (at, &word) in short.iter().enumerate() {
            match (0..long.len()).find(|&to| taken >> to & 1 == 0 && long[to] == word) {
                Some(to) => {
                    taken |= 1 << to;
                    found.equal += 1;
                    found.chance += self.family_frequency(word);
                }
                None => open |= 1 << at,
            }
        }
        for (_, &word) in short.iter().enumerate().filter(|(at, _)| open >> at & 1 == 1) {
            let best =
                (0..long.len()).filter(|to| taken >> to & 1 == 0).map(|to| (self.word_match(word, long[to]), to)).min();
            let Some((kind, to)) = best.filter(|(kind, _)| *kind != WordMatch::None) else {
                continue;
            };
            taken |= 1 << to;
            match kind {
                WordMatch::Typo => found.typo += 1,
                WordMatch::Near => found.near += 1,
                WordMatch::Initial | WordMatch::None => found.initial += 1,
            }
        }
        found
    }

    /// The best level of the other words when one of the names is read from its end, if the given names then agree.
    fn compare_turned_round(&self, a: NameWords<'_>, b: NameWords<'_>) -> Option<(u8, i32)> {
        if a.all.len() < 2 || b.all.len() < 2 {
            return None;
        }
        let turned = [(1, 0), (0, 1), (2, 0), (0, 2)];
        turned
            .into_iter()
            .filter_map(|(turn_a, turn_b)| {
                let (first_a, others_a) = a.read(turn_a)?;
                let (first_b, others_b) = b.read(turn_b)?;
                let agree = self.likeness(first_a, first_b) <= Likeness::Typo;
                agree.then(|| self.compare_sets(others_a, others_b))
            })
            .filter(|(level, _)| *level <= family_name::PARTIAL)
            // Of two readings the likelier one counts: that in which the words are more common.
            .min_by_key(|(level, chance)| (*level, -chance))
    }

    #[inline]
    fn likeness(&self, a: u32, b: u32) -> Likeness {
        if a == b {
            return Likeness::Equal;
        }
        let (word_a, word_b) = (&self.known[a as usize], &self.known[b as usize]);
        if word_a.sounds_as(word_b) {
            return Likeness::Typo;
        }
        if word_a.is_another_name_than(word_b) {
            return Likeness::Different;
        }
        let signatures = (word_a.signature, word_b.signature);
        if are_far_apart(signatures) {
            return Likeness::Different;
        }
        self.memo.get(a, b, || {
            let words = self.records.dictionary(self.column);
            likeness(words.bytes(a), words.bytes(b), signatures)
        })
    }

    /// How two words that are not the same agree.
    pub(super) fn word_match(&self, a: u32, b: u32) -> WordMatch {
        if self.is_initial_of(a, b) {
            return WordMatch::Initial;
        }
        match self.likeness(a, b) {
            Likeness::Equal | Likeness::Typo => WordMatch::Typo,
            Likeness::Near => WordMatch::Near,
            Likeness::Different => WordMatch::None,
        }
    }

    #[inline]
    fn is_initial_of(&self, a: u32, b: u32) -> bool {
        let (a, b) = (&self.known[a as usize], &self.known[b as usize]);
        (a.is_initial || b.is_initial) && a.first_letter == b.first_letter
    }

    /// Whether a word is another one and the word after it, written together.
    fn is_joined(&self, whole: u32, first: u32, others: &[u32]) -> bool {
        let words = self.records.dictionary(self.column);
        others.first().is_some_and(|&second| {
            let rest = words.bytes(whole).strip_prefix(words.bytes(first));
            rest == Some(words.bytes(second))
        })
    }

    /// Whether two runs of words are one text when written together.
    fn is_same_run(&self, a: &[u32], b: &[u32]) -> bool {
        let words = self.records.dictionary(self.column);
        let a = a.iter().flat_map(|&word| words.bytes(word));
        a.eq(b.iter().flat_map(|&word| words.bytes(word)))
    }
}

/// Whether a given name stands among the inner words of the other name.
fn is_other_given(first: u32, other: NameWords<'_>) -> bool {
    other.others.split_last().is_some_and(|(_, inner)| inner.contains(&first))
}

#[derive(Debug, Clone, Copy, Default)]
struct Alignment {
    equal: usize,
    typo: usize,
    near: usize,
    initial: usize,
    chance: i32,
}

/// How two words that are not the same agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WordMatch {
    Typo,
    Near,
    Initial,
    None,
}

fn given_counts(records: &Encoded) -> Option<(usize, Vec<u8>)> {
    let column = records.column(Comparable::GivenNameCount)?;
    let number = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse().ok();
    let counts = records.dictionary(column).iter().map(|bytes| number(bytes).unwrap_or(1));
    Some((column, counts.collect()))
}

#[cfg(test)]
mod tests;
