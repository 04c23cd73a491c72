//! Which words are probably one word with typing errors.

use super::likeness::are_look_alike;
use super::spelling::Spelled;
use crate::encoding::{mix, stable_hash};
use rayon::prelude::*;

/// How many words that share letters are looked at, the most frequent first.
const LOOK_ALIKES_MAX: usize = 64;
/// Letters at each end of a long word.
const END_LENGTH: usize = 4;
/// A shorter word has too many neighbors that are other words.
const LOOK_ALIKE_LENGTH_MIN: usize = 4;

/// The look-alikes of each word.
#[derive(Debug)]
pub(super) struct LookAlikes(Vec<Vec<u32>>);

impl LookAlikes {
    /// Finds them among distinct words; `counts` tells how frequent each is.
    pub(super) fn new(words: &Spelled, counts: &[u32]) -> Self {
        let mut by_count: Vec<u32> = (0..words.distinct_words() as u32).collect();
        by_count.par_sort_unstable_by(|&a, &b| {
            counts[b as usize].cmp(&counts[a as usize]).then_with(|| words.text(a).cmp(words.text(b)))
        });
        let mut place = vec![0; by_count.len()];
        by_count.iter().zip(0..).for_each(|(&word, at)| place[word as usize] = at);
        // Words that share a rest stand together, the most frequent first.
        let mut rests: Vec<(u64, u32)> = (0..by_count.len() as u32)
            .into_par_iter()
            .flat_map_iter(|at| rests_of(words.text(by_count[at as usize])).map(move |rest| (rest, at)))
            .collect();
        rests.par_sort_unstable();
        let sharing = |rest: u64| {
            let from = rests.partition_point(|other| other.0 < rest);
            rests[from..].iter().take(LOOK_ALIKES_MAX).take_while(move |other| other.0 == rest).map(|other| other.1)
        };
        let alike = |word: u32| {
            let mut places: Vec<u32> = rests_of(words.text(word)).flat_map(sharing).collect();
            places.sort_unstable();
            places.dedup();
            let others = places.into_iter().map(|at| by_count[at as usize]).filter(|&other| other != word);
            others.filter(|&other| are_look_alike(words.text(word), words.text(other))).collect()
        };
        Self((0..by_count.len() as u32).into_par_iter().map(alike).collect())
    }

    /// The look-alikes of a word, the most frequent first, without itself.
    pub(super) fn of(&self, word: u32) -> &[u32] {
        &self.0[word as usize]
    }
}

/// Hashes of which two look-alikes share one, nearly always: the word less each of its letters, and the two ends of a
/// long word, one of which two typing errors leave whole.
fn rests_of(word: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let letters = if word.len() < LOOK_ALIKE_LENGTH_MIN { 0 } else { word.len() + 1 };
    // One past the end takes nothing away.
    let less_one = (0..letters).map(|at| {
        let mut rest = Vec::with_capacity(word.len());
        rest.extend_from_slice(&word[..at]);
        rest.extend_from_slice(&word[(at + 1).min(word.len())..]);
        stable_hash(&rest)
    });
    let ends = if word.len() >= 2 * END_LENGTH { 2 } else { 0 };
    let ends =
        [&word[..word.len().min(END_LENGTH)], &word[word.len().saturating_sub(END_LENGTH)..]].into_iter().take(ends);
    less_one.chain(ends.zip([1, 2]).map(|(end, side)| mix(stable_hash(end), side)))
}
