//! What is known of the words of organizations' names: how rare each is, and in which spelling it is usual.

use super::look_alikes::LookAlikes;
use super::spelling::{Spelled, Spelling, hash_of_two};
use crate::encoding::{Dictionary, stable_hash};
use crate::hash_list;
use crate::model::log_weight;
use crate::packed_list;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The rarity of a word that is in every name, in thousandths of a bit: it still counts for a little.
pub(super) const RARITY_MIN: i32 = 100;

/// Two words that fewer holders have side by side may be the name of one firm, spelled in several ways.
const COMPANIONS_MIN: usize = 5;

/// The words of all names, counted over those who hold them: the distinct names themselves, later clusters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordTable {
    /// The rarity of a word that nobody has.
    unseen: i32,
    /// By hash.
    #[serde(with = "packed_list")]
    words: Vec<WordEntry>,
    /// What is written together, and what apart.
    pub(super) spelling: Spelling,
    /// Words that stand side by side more often than by chance, by the hash of the two, with how much more likely each
    /// makes the other, in thousandths of a bit.
    #[serde(default, with = "packed_list")]
    companions: Vec<(u64, i32)>,
}

/// One word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct WordEntry {
    hash: u64,
    /// Base-2 logarithm of the share of holders that have it or a look-alike, negated, in thousandths of a bit.
    rarity: i32,
    /// The hash of the most frequent look-alike, or of the word itself.
    usual: u64,
}

impl WordTable {
    /// Counts the words of distinct names: each name holds its own words. With the names as they are spelled.
    pub(super) fn train(names: &Dictionary) -> (Self, Spelled) {
        let mut table = Self { unseen: 0, words: Vec::new(), spelling: Spelling::train(names), companions: Vec::new() };
        let spelled = Spelled::new(names, &table.spelling);
        let every: Vec<(u32, u32)> = (0..names.len() as u32).map(|name| (name, name)).collect();
        table.recount(&spelled, &every);
        (table, spelled)
    }

    /// Counts words anew, over the holders of names: `held` has who holds which name, all names of one holder in a row.
    ///
    /// The many spellings of one firm's name make its own words look common; counted over clusters they are not.
    pub(super) fn recount(&mut self, names: &Spelled, held: &[(u32, u32)]) {
        let holders = held.chunk_by(|a, b| a.0 == b.0).count();
        let counts = names.holders_of_words(held.iter().copied());
        let alike = LookAlikes::new(names, &counts);
        let entry = |word: u32| {
            let count = counts[word as usize];
            let others = alike.of(word);
            let together: u32 = count + others.iter().map(|&other| counts[other as usize]).sum::<u32>();
            let usual = others.first().filter(|&&other| counts[other as usize] > count).unwrap_or(&word);
            WordEntry {
                hash: stable_hash(names.text(word)),
                rarity: rarity(together.min(holders as u32), holders),
                usual: stable_hash(names.text(*usual)),
            }
        };
        self.unseen = rarity(1, holders);
        self.words = (0..names.distinct_words() as u32).map(entry).collect();
        self.words.sort_unstable_by_key(|entry| entry.hash);
        self.companions = companions(names, held, &counts, holders);
    }

    /// How much more likely two words side by side make each other, in thousandths of a bit; 0 for most.
    pub(super) fn companionship(&self, first: &[u8], second: &[u8]) -> i32 {
        let hash = hash_of_two(first, second);
        hash_list::find(&self.companions, hash, |entry| entry.0).map_or(0, |entry| entry.1)
    }

    /// How rare a word is, in thousandths of a bit.
    pub fn rarity(&self, word: &[u8]) -> i32 {
        self.find(word).map_or(self.unseen, |entry| entry.rarity)
    }

    /// The hash of the word that this one is probably meant to be.
    pub fn usual(&self, word: &[u8]) -> u64 {
        self.find(word).map_or_else(|| stable_hash(word), |entry| entry.usual)
    }

    fn find(&self, word: &[u8]) -> Option<&WordEntry> {
        let hash = stable_hash(word);
        hash_list::find(&self.words, hash, |entry| entry.hash)
    }
}

/// The words that several holders have side by side, with their pointwise mutual information, less one holder for
/// chance.
fn companions(names: &Spelled, held: &[(u32, u32)], counts: &[u32], holders: usize) -> Vec<(u64, i32)> {
    let mut together: Vec<(u32, u32, u32)> = held
        .iter()
        .flat_map(|&(holder, name)| names.words(name).windows(2).map(move |two| (two[0], two[1], holder)))
        .collect();
    together.par_sort_unstable();
    together.dedup();
    let mut found: Vec<(u64, i32)> = together
        .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .filter(|group| group.len() >= COMPANIONS_MIN)
        .filter_map(|group| {
            let (first, second, _) = group[0];
            let [of_first, of_second] = [first, second].map(|word| f64::from(counts[word as usize]));
            let seen = (group.len() - 1) as f64 * holders as f64;
            let more = log_weight(seen / (of_first * of_second));
            (more > RARITY_MIN).then(|| (hash_of_two(names.text(first), names.text(second)), more))
        })
        .collect();
    found.sort_unstable();
    found
}

/// Base-2 logarithm of the share of holders that have a word, negated, in thousandths of a bit.
fn rarity(having: u32, holders: usize) -> i32 {
    (-log_weight(f64::from(having) / (holders as f64 + 1.0))).max(RARITY_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Encoded;
    use crate::organization::names::Names;
    use vinculo_records::{Comparable, ComparableRecords, Kind, ListColumn, RecordHash};

    fn encoded(names: &[&str]) -> Encoded {
        let mut column = ListColumn::default();
        for name in names {
            column.push_value(name);
            column.end_record();
        }
        let hashes = (0..names.len() as u128).map(RecordHash).collect();
        let columns = vec![(Comparable::OrganizationName, column)];
        Encoded::new(&ComparableRecords::new(Kind::Organization, hashes, columns))
    }

    #[test]
    fn words_are_joined_and_split_as_most_names_write_them() {
        let all = [
            "auto pecas silva",
            "auto pecas lima",
            "autopecas rio",
            "super mercado sol",
            "supermercado lua",
            "supermercado mar",
            "padaria sol",
        ];
        let records = encoded(&all);
        let spelled = Spelled::new(records.dictionary(0), &Spelling::train(records.dictionary(0)));
        let words = |name: u32| {
            let words: Vec<&str> =
                spelled.words(name).iter().map(|&word| std::str::from_utf8(spelled.text(word)).unwrap()).collect();
            words.join(" ")
        };
        assert_eq!(words(2), "auto pecas rio");
        assert_eq!(words(3), "supermercado sol");
        assert_eq!(words(6), "padaria sol");
    }

    #[test]
    fn a_rare_word_weighs_more_and_a_typing_error_is_no_rare_word() {
        let records = encoded(&["comercio abc", "comercio xyz", "comercio klm", "comercoi rst"]);
        let (table, _) = WordTable::train(records.dictionary(0));
        assert!(table.rarity(b"abc") > table.rarity(b"comercio"));
        assert_eq!(table.rarity(b"comercoi"), table.rarity(b"comercio"));
        assert_eq!(table.usual(b"comercoi"), table.usual(b"comercio"));
        assert!(table.rarity(b"unheard") >= table.rarity(b"abc"));
    }

    /// How alike two names are among others, in thousandths.
    fn likeness(one: &str, other: &str, others: &[String]) -> u32 {
        let all: Vec<&str> = [one, other].into_iter().chain(others.iter().map(String::as_str)).collect();
        let records = encoded(&all);
        let (table, spelled) = WordTable::train(records.dictionary(0));
        let names = Names::new(spelled, &table);
        let number =
            |name: &str| (0..names.len() as u32).find(|at| records.dictionary(0).bytes(*at) == name.as_bytes());
        names.compare(number(one).unwrap(), number(other).unwrap()).unwrap().score()
    }

    #[test]
    fn two_words_that_go_together_say_as_much_as_one() {
        let trades = ["padaria", "escola", "livraria", "farmacia", "oficina", "pousada", "clinica", "mercearia"];
        let of = |place: &str| trades.map(|trade| format!("{trade} {place}"));
        let apart = likeness("banco hong kong", "mercado hong kong", &of("hong kong"));
        let together = likeness("banco xangai", "mercado xangai", &of("xangai"));
        assert!(apart.abs_diff(together) < 20, "{apart} and {together}");
    }

    #[test]
    fn a_word_that_a_name_repeats_counts_once() {
        let others = ["banco lua", "mercado porto"].map(str::to_owned);
        let once = likeness("porto sol", "porto mar", &others);
        assert_eq!(likeness("porto sol porto", "porto mar porto", &others), once);
    }
}
