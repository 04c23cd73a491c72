//! Names against names: how much of the weight of each is found in the other.
//!
//! Coverage `C(a, b) = Σ w(t)·max likeness(t, u) ∕ Σ w(t)` over the words `t` of `a` and `u` of `b`, with `w` the square
//! of a word's rarity. The score is `0.65·max(C) + 0.35·min(C)`: a short name inside a long one counts, an equal one
//! counts more.

use super::likeness::{Glance, SAME, acronym_likeness, word_likeness};
use super::numbers::number;
use super::spelling::Spelled;
use super::words::{RARITY_MIN, WordTable};
use crate::encoding::{Dictionary, Encoded, mix};
use vinculo_records::Comparable;

/// Shares of the greater and the lesser coverage in the score, in thousandths.
const GREATER_SHARE: u32 = 650;
const LESSER_SHARE: u32 = 350;
/// The longest acronym that is looked for.
const ACRONYM_MAX: usize = 6;
/// Words beyond this many are not compared.
const WORDS_MAX: usize = 24;

/// Distinct names, word by word.
#[derive(Debug)]
pub(super) struct Names {
    spelled: Spelled,
    /// What rules most pairs of words out at a glance, by word.
    glances: Vec<Glance>,
    /// The rarity of each word among names.
    rarities: Vec<i32>,
    usual: Vec<u64>,
    /// The rarities by which names are compared, and the square of each, by the place of a word in its name.
    compared: Vec<i32>,
    weights: Vec<u64>,
}

/// How two names compare, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NameMatch {
    /// How much of the first is found in the second.
    pub(super) of_first: u32,
    /// How much of the second is found in the first.
    pub(super) of_second: u32,
    /// How much of each is not found in the other, the lesser share first; here words weigh by their rarity itself.
    pub(super) lacking: [u32; 2],
}

impl NameMatch {
    const EQUAL: Self = Self { of_first: SAME, of_second: SAME, lacking: [0, 0] };
    /// Of names that have nothing in common.
    pub(super) const NONE: Self = Self { of_first: 0, of_second: 0, lacking: [SAME, SAME] };

    /// How alike they are, in thousandths.
    pub(super) fn score(self) -> u32 {
        (GREATER_SHARE * self.greater() + LESSER_SHARE * self.of_first.min(self.of_second)) / 1_000
    }

    /// How much is found of the one that is found best.
    pub(super) fn greater(self) -> u32 {
        self.of_first.max(self.of_second)
    }
}

impl Names {
    /// Names as a table spells them, weighed by it.
    pub(super) fn new(spelled: Spelled, table: &WordTable) -> Self {
        let every = 0..spelled.distinct_words() as u32;
        let glances = every.map(|word| Glance::new(spelled.text(word))).collect();
        let usual = (0..spelled.distinct_words() as u32).map(|word| table.usual(spelled.text(word))).collect();
        let rarities = (0..spelled.distinct_words() as u32).map(|word| rarity(spelled.text(word), table)).collect();
        let mut names = Self { spelled, glances, rarities, usual, compared: Vec::new(), weights: Vec::new() };
        names.compare_by(table);
        names
    }

    /// The names of records.
    pub(super) fn of_records(records: &Encoded, table: &WordTable) -> Self {
        let nothing = Dictionary::default();
        let column = records.column(Comparable::OrganizationName);
        let names = column.map_or(&nothing, |column| records.dictionary(column));
        Self::new(Spelled::new(names, &table.spelling), table)
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.spelled.len()
    }

    /// Compares names by the rarities of a table from now on.
    ///
    /// Of two words that stand side by side more often than by chance, the more common one says only what the other does
    /// not say already: `Hong Kong` is one place, and not twice as much as another one. A word that a name repeats counts
    /// once.
    pub(super) fn compare_by(&mut self, table: &WordTable) {
        self.compared.clear();
        let every = 0..self.spelled.distinct_words() as u32;
        let rarities: Vec<i32> = every.map(|word| rarity(self.spelled.text(word), table)).collect();
        for name in 0..self.spelled.len() as u32 {
            let words = self.spelled.words(name);
            let from = self.compared.len();
            self.compared.extend(words.iter().map(|&word| rarities[word as usize]));
            let own = &mut self.compared[from..];
            for (at, two) in words.windows(2).enumerate() {
                let more = table.companionship(self.spelled.text(two[0]), self.spelled.text(two[1]));
                let common = if rarities[two[0] as usize] < rarities[two[1] as usize] { at } else { at + 1 };
                own[common] = own[common].min((rarities[words[common] as usize] - more).max(RARITY_MIN));
            }
            for at in 1..words.len().min(WORDS_MAX) {
                if words[..at].contains(&words[at]) {
                    own[at] = 0;
                }
            }
        }
        self.weights = self.compared.iter().map(|&rarity| (rarity as u64).pow(2) / 1_000).collect();
    }

    /// The names as they are spelled.
    pub(super) fn spelled(&self) -> &Spelled {
        &self.spelled
    }

    /// The words of a name, by number.
    pub(super) fn words(&self, name: u32) -> &[u32] {
        let words = self.spelled.words(name);
        &words[..words.len().min(WORDS_MAX)]
    }

    /// The letters of a word.
    pub(super) fn text(&self, word: u32) -> &[u8] {
        self.spelled.text(word)
    }

    /// How rare a word is among names, in thousandths of a bit.
    pub(super) fn rarity(&self, word: u32) -> i32 {
        self.rarities[word as usize]
    }

    /// The hash of the word that this one is probably meant to be.
    pub(super) fn usual(&self, word: u32) -> u64 {
        self.usual[word as usize]
    }

    /// A hash of what a name says: its words in their usual spelling, in any order.
    pub(super) fn meaning(&self, name: u32) -> u64 {
        let mut usual: Vec<u64> = self.words(name).iter().map(|&word| self.usual(word)).collect();
        usual.sort_unstable();
        usual.dedup();
        usual.into_iter().fold(0, mix)
    }

    /// How two names compare; `None` where one has no word.
    pub(super) fn compare(&self, a: u32, b: u32) -> Option<NameMatch> {
        let (words_a, words_b) = (self.words(a), self.words(b));
        if words_a.is_empty() || words_b.is_empty() {
            return None;
        }
        if words_a == words_b {
            return Some(NameMatch::EQUAL);
        }
        let (mut found_a, mut found_b) = ([0; WORDS_MAX], [0; WORDS_MAX]);
        for (&word_a, found_a) in words_a.iter().zip(&mut found_a) {
            for (&word_b, found_b) in words_b.iter().zip(&mut found_b) {
                let likeness = self.likeness(word_a, word_b);
                *found_a = likeness.max(*found_a);
                *found_b = likeness.max(*found_b);
            }
        }
        self.find_runs(words_a, words_b, &mut found_a, &mut found_b);
        self.find_runs(words_b, words_a, &mut found_b, &mut found_a);
        let (lacking_a, lacking_b) = (self.lacking(a, &found_a), self.lacking(b, &found_b));
        Some(NameMatch {
            of_first: self.coverage(a, &found_a),
            of_second: self.coverage(b, &found_b),
            lacking: [lacking_a.min(lacking_b), lacking_a.max(lacking_b)],
        })
    }

    #[inline]
    fn likeness(&self, a: u32, b: u32) -> u32 {
        if a == b {
            return SAME;
        }
        match self.glances[a as usize].is_far_from(&self.glances[b as usize]) {
            true => 0,
            false => word_likeness(self.text(a), self.text(b)),
        }
    }

    /// Finds words of one name that stand for a run of words of another: acronyms, and two words written as one.
    fn find_runs(
        &self,
        words: &[u32],
        others: &[u32],
        found: &mut [u32; WORDS_MAX],
        found_in_others: &mut [u32; WORDS_MAX],
    ) {
        if others.len() < 2 {
            return;
        }
        for (&word, found) in words.iter().zip(found).filter(|(_, found)| **found < SAME) {
            let text = self.text(word);
            let mut stands = |from: usize, length: usize, likeness: u32| {
                *found = likeness.max(*found);
                found_in_others[from..from + length].iter_mut().for_each(|found| *found = likeness.max(*found));
            };
            if (2..=ACRONYM_MAX.min(others.len())).contains(&text.len()) {
                for (from, run) in others.windows(text.len()).enumerate() {
                    if run.iter().zip(text).all(|(&word, letter)| self.text(word).first() == Some(letter)) {
                        stands(from, text.len(), acronym_likeness(text.len()));
                    }
                }
            }
            for (from, pair) in others.windows(2).enumerate() {
                let first = self.text(pair[0]);
                if text.len() > first.len() && text.starts_with(first) && text[first.len()..] == *self.text(pair[1]) {
                    stands(from, 2, SAME);
                }
            }
        }
    }

    fn lacking(&self, name: u32, found: &[u32; WORDS_MAX]) -> u32 {
        let rarities = &self.compared[self.spelled.places(name)];
        let (mut lacking, mut all) = (0, 0);
        for (&rarity, &found) in rarities.iter().zip(found) {
            all += rarity as u32;
            lacking += if found == 0 { 1_000 * rarity as u32 } else { 0 };
        }
        lacking / all
    }

    fn coverage(&self, name: u32, found: &[u32; WORDS_MAX]) -> u32 {
        let weights = &self.weights[self.spelled.places(name)];
        let (mut covered, mut all) = (0, 0);
        for (&weight, &found) in weights.iter().zip(found) {
            all += weight;
            covered += weight * u64::from(found);
        }
        (covered / all) as u32
    }
}

/// How rare a word is; a number is looked at by itself.
fn rarity(word: &[u8], table: &WordTable) -> i32 {
    if number(word, 1).is_some() { RARITY_MIN } else { table.rarity(word) }
}
