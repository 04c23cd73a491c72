//! Organizations → candidate pairs: identifiers, contacts, addresses, and the rare words of names.
//!
//! Blocks are taken from the smallest to the largest until the pair budget is spent, so that what is cut is what says
//! least. A block of a common word is too large: its members must share a second word as well.

use super::evidence::Weigher;
use super::nodes::Nodes;
use crate::comparison::phone::tail;
use crate::encoding::{Encoded, mix, stable_hash};
use rayon::prelude::*;
use serde::Serialize;
use vinculo_records::Comparable;

/// Words of a name that make keys, the rarest first.
const WORDS_MAX: usize = 4;
/// Letters at the beginning of a word that make a key.
const PREFIX: usize = 4;
/// The longest run of words whose initials make a key.
const ACRONYM_MAX: usize = 6;

/// Of so many parts of the budget the last one may be left over.
const LEFT_OVER: usize = 16;

/// How many pairs are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    /// Pairs a record on average.
    pub(super) pairs_per_record: u32,
    /// Nodes in a block at most.
    pub(super) block_limit: u32,
}

/// What blocking proposed and cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OrganizationBlocking {
    /// Candidate pairs.
    pub pairs: u64,
    /// Blocks over the limit.
    pub oversized_blocks: u64,
    /// Blocks that the budget did not reach.
    pub cut_blocks: u64,
    /// Records that share a key with others and are compared with none, since all their blocks were over the limit or
    /// beyond the budget.
    pub cut_records: u64,
}

/// A key of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    hash: u64,
    node: u32,
}

/// Pairs of nodes that share a key, the lesser first, sorted.
pub(super) fn candidates(
    weigher: &Weigher<'_>,
    records: &Encoded,
    nodes: &Nodes,
    budget: Budget,
) -> (Vec<(u32, u32)>, OrganizationBlocking) {
    let each = nodes.first.par_iter().zip(0..nodes.len() as u32);
    let mut keys: Vec<Key> = each
        .flat_map_iter(|(&rank, node)| {
            node_keys(weigher, records, rank).into_iter().map(move |hash| Key { hash, node })
        })
        .collect();
    keys.par_sort_unstable();
    let mut blocks: Vec<&[Key]> = keys.chunk_by(|a, b| a.hash == b.hash).filter(|block| block.len() > 1).collect();
    blocks.sort_by_key(|block| (block.len(), block[0].hash));
    let within = blocks.partition_point(|block| block.len() <= budget.block_limit as usize);
    let mut report = OrganizationBlocking { oversized_blocks: (blocks.len() - within) as u64, ..Default::default() };
    let most = budget.pairs_per_record as usize * records.len();
    let mut pairs = Pairs::default();
    // Blocks come by size: where one does not fit, no larger one does.
    let reached = blocks[..within].iter().position(|block| !pairs.add_block(block, most)).unwrap_or(within);
    report.cut_blocks = (within - reached) as u64;
    report.cut_records = records_of_none(&blocks[..reached], &blocks[reached..], nodes);
    let pairs = pairs.distinct();
    report.pairs = pairs.len() as u64;
    (pairs, report)
}

/// How many records are in blocks that were cut, and in none that was compared.
fn records_of_none(compared: &[&[Key]], cut: &[&[Key]], nodes: &Nodes) -> u64 {
    let mut is_cut = vec![false; nodes.len()];
    cut.iter().copied().flatten().for_each(|key| is_cut[key.node as usize] = true);
    compared.iter().copied().flatten().for_each(|key| is_cut[key.node as usize] = false);
    nodes.of.iter().filter(|&&node| is_cut[node as usize]).count() as u64
}

/// All keys of a record.
fn node_keys(weigher: &Weigher<'_>, records: &Encoded, rank: u32) -> Vec<u64> {
    let mut keys = Vec::with_capacity(32);
    value_keys(records, rank, &mut keys);
    address_keys(records, rank, &mut keys);
    let sites = weigher.sites().of(rank).iter();
    keys.extend(sites.map(|site| mix(site.name, KeyKind::Site as u64)));
    weigher.names_of(rank).iter().for_each(|&name| name_keys(weigher, name, &mut keys));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Pairs of nodes, of which many come by several keys: the lesser node above the greater one.
#[derive(Default)]
struct Pairs(Vec<u64>);

impl Pairs {
    /// Adds all pairs of a block, unless there may be more than `most` distinct ones then.
    fn add_block(&mut self, block: &[Key], most: usize) -> bool {
        let price = block.len() * (block.len() - 1) / 2;
        if self.0.len() + price > most {
            self.sort();
            // Sorting is dear: it is not done again for the last few pairs.
            let left = most.saturating_sub(self.0.len());
            if price > left || left < most / LEFT_OVER {
                return false;
            }
        }
        for (i, one) in block.iter().enumerate() {
            self.0.extend(block[i + 1..].iter().map(|other| u64::from(one.node) << 32 | u64::from(other.node)));
        }
        true
    }

    fn sort(&mut self) {
        self.0.par_sort_unstable();
        self.0.dedup();
    }

    fn distinct(mut self) -> Vec<(u32, u32)> {
        self.sort();
        self.0.into_iter().map(|pair| ((pair >> 32) as u32, pair as u32)).collect()
    }
}

/// What a key is made of; keys of different kinds never meet.
#[derive(Debug, Clone, Copy)]
enum KeyKind {
    TaxId = 1,
    TaxRoot,
    Email,
    Phone,
    Site,
    StreetNumber,
    CodeNumber,
    Name,
    Word,
    TwoWords,
    TwoPrefixes,
    Acronym,
}

fn key(kind: KeyKind, bytes: &[u8]) -> u64 {
    mix(stable_hash(bytes), kind as u64)
}

fn value_keys(records: &Encoded, rank: u32, keys: &mut Vec<u64>) {
    let kinds = [
        (Comparable::TaxId, KeyKind::TaxId),
        (Comparable::TaxCode, KeyKind::TaxId),
        (Comparable::Email, KeyKind::Email),
        (Comparable::SharedEmail, KeyKind::Email),
        (Comparable::Phone, KeyKind::Phone),
    ];
    const ROOT: usize = 8;
    for (what, kind) in kinds {
        let Some(column) = records.column(what) else { continue };
        for &value in records.values(rank, column) {
            let bytes = records.dictionary(column).bytes(value);
            let bare = crate::comparison::code::bare(bytes);
            match kind {
                KeyKind::Phone => keys.push(key(kind, tail(bytes))),
                KeyKind::TaxId => {
                    keys.push(key(kind, bare));
                    keys.extend(bare.get(..ROOT).map(|root| key(KeyKind::TaxRoot, root)));
                }
                _ => keys.push(key(kind, bytes)),
            }
        }
    }
}

fn address_keys(records: &Encoded, rank: u32, keys: &mut Vec<u64>) {
    let first = |what| {
        let column = records.column(what)?;
        let value = records.values(rank, column).last()?;
        Some(stable_hash(records.dictionary(column).bytes(*value)))
    };
    let Some(number) = first(Comparable::HouseNumber) else { return };
    let with_number = |kind: KeyKind, part: u64| mix(mix(part, number), kind as u64);
    keys.extend(first(Comparable::Street).map(|street| with_number(KeyKind::StreetNumber, street)));
    keys.extend(first(Comparable::PostalCode).map(|code| with_number(KeyKind::CodeNumber, code)));
}

fn name_keys(weigher: &Weigher<'_>, name: u32, keys: &mut Vec<u64>) {
    let names = weigher.names();
    let words = names.words(name);
    let whole = words.iter().fold(KeyKind::Name as u64, |hash, &word| mix(hash, stable_hash(names.text(word))));
    keys.push(whole);
    let mut rarest: Vec<u32> = words.to_vec();
    rarest.sort_by_key(|&word| (std::cmp::Reverse(names.rarity(word)), names.text(word)));
    rarest.dedup();
    rarest.truncate(WORDS_MAX);
    let prefix = |word: u32| stable_hash(&names.text(word)[..PREFIX.min(names.text(word).len())]);
    for (place, &word) in rarest.iter().enumerate() {
        keys.push(mix(names.usual(word), KeyKind::Word as u64));
        for &other in &rarest[place + 1..] {
            let both = |one: u64, two: u64, kind: KeyKind| mix(mix(one.min(two), one.max(two)), kind as u64);
            keys.push(both(names.usual(word), names.usual(other), KeyKind::TwoWords));
            keys.push(both(prefix(word), prefix(other), KeyKind::TwoPrefixes));
        }
    }
    if let [word] = rarest[..] {
        keys.push(mix(prefix(word), KeyKind::TwoPrefixes as u64));
    }
    acronym_keys(words.iter().map(|&word| names.text(word)).collect(), keys);
}

/// Short words, and the initials of runs of words that they may stand for.
fn acronym_keys(words: Vec<&[u8]>, keys: &mut Vec<u64>) {
    let short = words.iter().filter(|word| (3..=ACRONYM_MAX).contains(&word.len()));
    keys.extend(short.map(|word| key(KeyKind::Acronym, word)));
    for length in 3..=words.len().min(ACRONYM_MAX) {
        for run in words.windows(length) {
            let initials: Vec<u8> = run.iter().filter_map(|word| word.first().copied()).collect();
            keys.push(key(KeyKind::Acronym, &initials));
        }
    }
}
