//! Names against names: how much of the weight of each is found in the other.
//!
//! Coverage `C(a, b) = Σ w(t)·max likeness(t, u) ∕ Σ w(t)` over the words `t` of `a` and `u` of `b`, with `w` the square
//! of a word's rarity. The score is `0.65·max(C) + 0.35·min(C)`: a short name inside a long one counts, an equal one
//! counts more.

use super::likeness::{SAME, acronym_likeness, word_likeness};
use super::words::WordTable;
use crate::encoding::Dictionary;
use rustc_hash::FxHashMap;

/// Shares of the greater and the lesser coverage in the score, in thousandths.
const GREATER_SHARE: u64 = 650;
const LESSER_SHARE: u64 = 350;
/// The longest acronym that is looked for.
const ACRONYM_MAX: usize = 6;
/// Words beyond this many are not compared.
const WORDS_MAX: usize = 24;

/// Distinct names, word by word.
#[derive(Debug)]
pub(super) struct Names {
    offsets: Vec<u32>,
    /// The words of all names, by number.
    words: Vec<u32>,
    texts: Vec<Vec<u8>>,
    weights: Vec<u64>,
    rarities: Vec<i32>,
    usual: Vec<u64>,
}

impl Names {
    /// The names of a dictionary, spelled and weighed by a table.
    pub(super) fn new(names: &Dictionary, table: &WordTable) -> Self {
        let mut numbers: FxHashMap<Vec<u8>, u32> = FxHashMap::default();
        let (mut offsets, mut words, mut texts) = (vec![0], Vec::new(), Vec::new());
        for name in names.iter() {
            for word in table.spell(name).into_iter().take(WORDS_MAX) {
                let number = *numbers.entry(word).or_insert_with_key(|word| {
                    texts.push(word.clone());
                    texts.len() as u32 - 1
                });
                words.push(number);
            }
            offsets.push(words.len() as u32);
        }
        let rarities: Vec<i32> = texts.iter().map(|word| table.rarity(word)).collect();
        Self {
            offsets,
            words,
            weights: rarities.iter().map(|&rarity| (rarity as u64).pow(2) / 1_000).collect(),
            usual: texts.iter().map(|word| table.usual(word)).collect(),
            rarities,
            texts,
        }
    }

    /// The words of a name, by number.
    pub(super) fn words(&self, name: u32) -> &[u32] {
        &self.words[self.offsets[name as usize] as usize..self.offsets[name as usize + 1] as usize]
    }

    /// The letters of a word.
    pub(super) fn text(&self, word: u32) -> &[u8] {
        &self.texts[word as usize]
    }

    /// How rare a word is, in thousandths of a bit.
    pub(super) fn rarity(&self, word: u32) -> i32 {
        self.rarities[word as usize]
    }

    /// The hash of the word that this one is probably meant to be.
    pub(super) fn usual(&self, word: u32) -> u64 {
        self.usual[word as usize]
    }

    /// How alike two names are, in thousandths; `None` where one has no word.
    pub(super) fn score(&self, a: u32, b: u32) -> Option<u32> {
        let (a, b) = (self.words(a), self.words(b));
        if a.is_empty() || b.is_empty() {
            return None;
        }
        if a == b {
            return Some(SAME);
        }
        let (mut found_a, mut found_b) = ([0; WORDS_MAX], [0; WORDS_MAX]);
        for (&word_a, found_a) in a.iter().zip(&mut found_a) {
            for (&word_b, found_b) in b.iter().zip(&mut found_b) {
                let likeness = self.likeness(word_a, word_b);
                *found_a = likeness.max(*found_a);
                *found_b = likeness.max(*found_b);
            }
        }
        self.find_runs(a, b, &mut found_a, &mut found_b);
        self.find_runs(b, a, &mut found_b, &mut found_a);
        let (a, b) = (self.coverage(a, &found_a), self.coverage(b, &found_b));
        Some(((GREATER_SHARE * a.max(b) + LESSER_SHARE * a.min(b)) / 1_000) as u32)
    }

    fn likeness(&self, a: u32, b: u32) -> u32 {
        if a == b { SAME } else { word_likeness(self.text(a), self.text(b)) }
    }

    /// Finds words of `a` that stand for a run of words of `b`: acronyms, and two words written as one.
    fn find_runs(&self, a: &[u32], b: &[u32], found_a: &mut [u32; WORDS_MAX], found_b: &mut [u32; WORDS_MAX]) {
        let texts: Vec<&[u8]> = b.iter().map(|&word| self.text(word)).collect();
        for (&word, found) in a.iter().zip(found_a).filter(|(_, found)| **found < SAME) {
            let word = self.text(word);
            for from in 0..texts.len() {
                for to in from + 2..=texts.len().min(from + ACRONYM_MAX) {
                    let run = &texts[from..to];
                    let joined = run.len() == 2 && word.strip_prefix(run[0]) == Some(run[1]);
                    let likeness = if joined { SAME } else { acronym_likeness(word, run) };
                    *found = likeness.max(*found);
                    found_b[from..to].iter_mut().for_each(|found| *found = likeness.max(*found));
                }
            }
        }
    }

    fn coverage(&self, words: &[u32], found: &[u32; WORDS_MAX]) -> u64 {
        let weight = |&word: &u32| self.weights[word as usize].max(1);
        let covered: u64 = words.iter().zip(found).map(|(word, &found)| weight(word) * u64::from(found)).sum();
        covered / words.iter().map(weight).sum::<u64>()
    }
}
