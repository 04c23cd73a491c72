//! What is known of each distinct word of names: all that comparing two of them needs, side by side.

use super::frequency::{Counted, FrequencyTable};
use super::text::signature;
use super::{Frequencies, nickname};
use crate::encoding::Encoded;
use vinculo_records::Comparable;

const NO_SOUND: u32 = u32::MAX;
/// From this frequency on a given name is common: one in 2,000 people, as a logarithm in thousandths of a bit.
const COMMON: i32 = -11_000;
/// In few records a slip that was copied is as frequent as that: a common name is held by so many.
const COMMON_RECORDS: u32 = 8;
/// A word that stands among the other words so much more often is a family name.
const FAMILY_NAME: i32 = 3_000;

/// What is known of a distinct word, within one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
pub(super) struct Word {
    /// As [`signature`] gives it.
    pub(super) signature: u64,
    sound: u32,
    /// How common it is as the given name, and among the other words; 0 where that is not known.
    pub(super) given_frequency: i32,
    pub(super) family_frequency: i32,
    /// The groups of short forms that it belongs to.
    pub(super) nicknames: [u8; 2],
    pub(super) first_letter: u8,
    /// Whether there is no other letter.
    pub(super) is_initial: bool,
    is_common: bool,
}

impl Word {
    /// Whether two words sound the same.
    #[inline]
    pub(super) fn sounds_as(&self, other: &Self) -> bool {
        self.sound != NO_SOUND && self.sound == other.sound
    }

    /// Whether two words are common given names, Maria and Marta: whoever writes the one hardly means the other, however few
    /// letters they differ by.
    #[inline]
    pub(super) fn is_another_name_than(&self, other: &Self) -> bool {
        self.is_common && other.is_common
    }
}

/// The words of a column by number.
pub(super) fn known(records: &Encoded, column: usize, frequencies: Frequencies<'_>) -> Vec<Word> {
    let words = records.dictionary(column);
    let given_names = frequencies.of(Counted::GivenName);
    let given = FrequencyTable::bind(given_names, words);
    let family = FrequencyTable::bind(frequencies.of(Counted::FamilyName), words);
    let is_counted =
        |at: usize| given_names.is_some_and(|names| names.records(words.hash(at as u32)) >= COMMON_RECORDS);
    let sounds = sounds(records, column);
    let word = |(at, text): (usize, &[u8])| Word {
        signature: signature(text),
        sound: sounds[at],
        given_frequency: given[at],
        family_frequency: family[at],
        nicknames: nickname::groups(std::str::from_utf8(text).unwrap_or_default()),
        first_letter: text.first().copied().unwrap_or(0),
        is_initial: text.len() == 1,
        is_common: is_counted(at) && given[at] >= COMMON && given[at] >= family[at] - FAMILY_NAME,
    };
    words.iter().enumerate().map(word).collect()
}

/// The sound of each distinct word, taken from the column beside the words.
fn sounds(records: &Encoded, words: usize) -> Vec<u32> {
    let mut sounds = vec![NO_SOUND; records.dictionary(words).len()];
    let Some(column) = records.column(Comparable::NameSound) else {
        return sounds;
    };
    for rank in 0..records.len() as u32 {
        let heard = records.values(rank, column);
        let spelled = records.values(rank, words);
        if heard.len() == spelled.len() {
            for (&word, &sound) in spelled.iter().zip(heard) {
                if records.dictionary(column).bytes(sound).len() > 1 {
                    sounds[word as usize] = sound;
                }
            }
        }
    }
    sounds
}
