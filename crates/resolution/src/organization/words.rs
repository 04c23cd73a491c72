//! What is known of the words of organizations' names: how rare each is, and in which spelling it is usual.

use super::likeness::are_look_alike;
use crate::encoding::{Dictionary, mix, stable_hash};
use crate::model::log_weight;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// The rarity of a word that is in every name, in thousandths of a bit: it still counts for a little.
const RARITY_MIN: i32 = 100;
/// How many words that share letters are looked at, the most frequent first.
const LOOK_ALIKES_MAX: usize = 64;
/// Letters at each end of a long word.
const END_LENGTH: usize = 4;
/// A shorter word has too many neighbors that are other words.
const LOOK_ALIKE_LENGTH_MIN: usize = 4;

/// The words of all names, counted over those who hold them: the distinct names themselves, later clusters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordTable {
    /// The rarity of a word that nobody has.
    unseen: i32,
    /// By hash.
    words: Vec<WordEntry>,
    /// How many names have two words side by side that are also written as one, by the hash of the two.
    spaced: Vec<(u64, u32)>,
}

/// One word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct WordEntry {
    hash: u64,
    /// How many holders have it.
    holders: u32,
    /// Base-2 logarithm of the share of holders that have it or a look-alike, negated, in thousandths of a bit.
    rarity: i32,
    /// The hash of the most frequent look-alike, or of the word itself.
    usual: u64,
}

impl WordTable {
    /// Counts the words of distinct names: each name holds its own words.
    pub fn train(names: &Dictionary) -> Self {
        let plain: Vec<Vec<&[u8]>> = names.iter().map(|name| split(name).collect()).collect();
        let every: Vec<(u32, u32)> = (0..names.len() as u32).map(|name| (name, name)).collect();
        let counts = count(&plain, &every);
        let mut table = Self { unseen: 0, words: entries(&counts, names.len()), spaced: count_spaced(&plain, &counts) };
        table.recount(names, &every);
        table
    }

    /// Counts words anew, over the holders of names: `held` has the pairs of a name and one who holds it.
    ///
    /// The many spellings of one firm's name make its own words look common; counted over clusters they are not.
    pub fn recount(&mut self, names: &Dictionary, held: &[(u32, u32)]) {
        let spelled: Vec<Vec<Vec<u8>>> = names.iter().map(|name| self.spell(name)).collect();
        let spelled: Vec<Vec<&[u8]>> = spelled.iter().map(|words| words.iter().map(Vec::as_slice).collect()).collect();
        let mut holders: Vec<u32> = held.iter().map(|(_, holder)| *holder).collect();
        holders.sort_unstable();
        holders.dedup();
        self.unseen = rarity(1, holders.len());
        self.words = entries(&count(&spelled, held), holders.len());
    }

    /// The words of a name, neighbors joined and words split where that is the more frequent spelling.
    pub fn spell(&self, name: &[u8]) -> Vec<Vec<u8>> {
        let mut spelled: Vec<Vec<u8>> = Vec::new();
        for word in split(name) {
            if let Some(last) = spelled.last_mut() {
                let joined = [last.as_slice(), word].concat();
                if self.holders(&joined) > 0 && self.holders(&joined) >= self.spaced(last, word) {
                    *last = joined;
                    continue;
                }
            }
            match self.split_of(word) {
                Some(at) => spelled.extend([word[..at].to_vec(), word[at..].to_vec()]),
                None => spelled.push(word.to_vec()),
            }
        }
        spelled
    }

    /// Where a word is more often written as two.
    fn split_of(&self, word: &[u8]) -> Option<usize> {
        let places = (1..word.len()).filter(|&at| word[at] & 0xC0 != 0x80);
        let best = places.map(|at| (self.spaced(&word[..at], &word[at..]), at)).max()?;
        (best.0 > self.holders(word)).then_some(best.1)
    }

    /// How rare a word is, in thousandths of a bit.
    pub fn rarity(&self, word: &[u8]) -> i32 {
        self.find(word).map_or(self.unseen, |entry| entry.rarity)
    }

    /// The hash of the word that this one is probably meant to be.
    pub fn usual(&self, word: &[u8]) -> u64 {
        self.find(word).map_or_else(|| stable_hash(word), |entry| entry.usual)
    }

    fn holders(&self, word: &[u8]) -> u32 {
        self.find(word).map_or(0, |entry| entry.holders)
    }

    fn spaced(&self, first: &[u8], second: &[u8]) -> u32 {
        let hash = hash_of_two(first, second);
        self.spaced.binary_search_by_key(&hash, |spaced| spaced.0).map_or(0, |at| self.spaced[at].1)
    }

    fn find(&self, word: &[u8]) -> Option<&WordEntry> {
        let hash = stable_hash(word);
        self.words.binary_search_by_key(&hash, |entry| entry.hash).ok().map(|at| &self.words[at])
    }
}

fn split(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    name.split(|&byte| byte == b' ').filter(|word| !word.is_empty())
}

fn hash_of_two(first: &[u8], second: &[u8]) -> u64 {
    mix(stable_hash(first), stable_hash(second))
}

/// Base-2 logarithm of the share of holders that have a word, negated, in thousandths of a bit.
fn rarity(having: u32, holders: usize) -> i32 {
    (-log_weight(f64::from(having) / (holders as f64 + 1.0))).max(RARITY_MIN)
}

/// How many holders have each word.
fn count<'a>(names: &[Vec<&'a [u8]>], held: &[(u32, u32)]) -> FxHashMap<&'a [u8], u32> {
    let mut having: Vec<(u32, &[u8])> = Vec::new();
    for &(name, holder) in held {
        having.extend(names[name as usize].iter().map(|&word| (holder, word)));
    }
    having.sort_unstable();
    having.dedup();
    let mut counts: FxHashMap<&[u8], u32> = FxHashMap::default();
    having.iter().for_each(|(_, word)| *counts.entry(word).or_default() += 1);
    counts
}

/// In how many names two words stand side by side that some name writes as one.
fn count_spaced(names: &[Vec<&[u8]>], counts: &FxHashMap<&[u8], u32>) -> Vec<(u64, u32)> {
    let mut spaced: FxHashMap<u64, u32> = FxHashMap::default();
    let mut joined = Vec::new();
    for pair in names.iter().flat_map(|words| words.windows(2)) {
        joined.clear();
        joined.extend_from_slice(pair[0]);
        joined.extend_from_slice(pair[1]);
        if counts.contains_key(joined.as_slice()) {
            *spaced.entry(hash_of_two(pair[0], pair[1])).or_default() += 1;
        }
    }
    let mut spaced: Vec<(u64, u32)> = spaced.into_iter().collect();
    spaced.sort_unstable();
    spaced
}

/// The entries of all words, look-alikes counted together.
fn entries(counts: &FxHashMap<&[u8], u32>, holders: usize) -> Vec<WordEntry> {
    let mut words: Vec<(&[u8], u32)> = counts.iter().map(|(&word, &count)| (word, count)).collect();
    words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let neighbors = Neighbors::new(&words);
    let mut entries: Vec<WordEntry> = words
        .iter()
        .map(|&(word, count)| {
            let alike: Vec<(&[u8], u32)> = neighbors.of(word, &words);
            let together = (count + alike.iter().map(|(_, count)| count).sum::<u32>()).min(holders as u32);
            // The list is by frequency, so that its first is the most frequent.
            let usual = alike.first().filter(|(_, other)| *other > count).map_or(word, |(word, _)| word);
            WordEntry {
                hash: stable_hash(word),
                holders: count,
                rarity: rarity(together, holders),
                usual: stable_hash(usual),
            }
        })
        .collect();
    entries.sort_unstable_by_key(|entry| entry.hash);
    entries
}

/// Words by what is left of them when letters are taken away.
struct Neighbors(FxHashMap<u64, Vec<u32>>);

impl Neighbors {
    /// `words` come by frequency.
    fn new(words: &[(&[u8], u32)]) -> Self {
        let mut rests: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
        for (number, (word, _)) in words.iter().enumerate() {
            for rest in rests_of(word) {
                let sharing = rests.entry(rest).or_default();
                if sharing.len() < LOOK_ALIKES_MAX {
                    sharing.push(number as u32);
                }
            }
        }
        Self(rests)
    }

    /// The look-alikes of a word, the most frequent first, without itself.
    fn of<'a>(&self, word: &[u8], words: &[(&'a [u8], u32)]) -> Vec<(&'a [u8], u32)> {
        let mut numbers: Vec<u32> =
            rests_of(word).iter().filter_map(|rest| self.0.get(rest)).flatten().copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        let candidates = numbers.into_iter().map(|number| words[number as usize]);
        candidates.filter(|(other, _)| *other != word && are_look_alike(word, other)).collect()
    }
}

/// Hashes of which two look-alikes share one, nearly always: the word less each of its letters, and the two ends of a
/// long word, one of which two typing errors leave whole.
fn rests_of(word: &[u8]) -> Vec<u64> {
    if word.len() < LOOK_ALIKE_LENGTH_MIN {
        return Vec::new();
    }
    let mut rests: Vec<u64> = (0..=word.len())
        .map(|at| {
            // One past the end takes nothing away.
            let after = (at + 1).min(word.len());
            stable_hash(&[&word[..at], &word[after..]].concat())
        })
        .collect();
    if word.len() >= 2 * END_LENGTH {
        let ends = [&word[..END_LENGTH], &word[word.len() - END_LENGTH..]];
        rests.extend(ends.iter().zip([1, 2]).map(|(end, side)| mix(stable_hash(end), side)));
    }
    rests
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Encoded;
    use vinculo_records::{Comparable, ComparableRecords, Kind, ListColumn, RecordHash};

    fn table(names: &[&str]) -> WordTable {
        let mut column = ListColumn::default();
        for name in names {
            column.push_value(name);
            column.end_record();
        }
        let hashes = (0..names.len() as u128).map(RecordHash).collect();
        let columns = vec![(Comparable::OrganizationName, column)];
        let encoded = Encoded::new(&ComparableRecords::new(Kind::Organization, hashes, columns));
        WordTable::train(encoded.dictionary(0))
    }

    fn spelled(table: &WordTable, name: &str) -> String {
        let words = table.spell(name.as_bytes());
        String::from_utf8(words.join(&b' ')).unwrap()
    }

    #[test]
    fn words_are_joined_and_split_as_most_names_write_them() {
        let table = table(&[
            "auto pecas silva",
            "auto pecas lima",
            "autopecas rio",
            "super mercado sol",
            "supermercado lua",
            "supermercado mar",
        ]);
        assert_eq!(spelled(&table, "autopecas rio"), "auto pecas rio");
        assert_eq!(spelled(&table, "super mercado sol"), "supermercado sol");
        assert_eq!(spelled(&table, "padaria sol"), "padaria sol");
    }

    #[test]
    fn a_rare_word_weighs_more_and_a_typing_error_is_no_rare_word() {
        let table = table(&["comercio abc", "comercio xyz", "comercio klm", "comercoi rst"]);
        assert!(table.rarity(b"abc") > table.rarity(b"comercio"));
        assert_eq!(table.rarity(b"comercoi"), table.rarity(b"comercio"));
        assert_eq!(table.usual(b"comercoi"), table.usual(b"comercio"));
        assert!(table.rarity(b"unheard") >= table.rarity(b"abc"));
    }
}
