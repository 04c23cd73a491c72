//! An organization → its blocking keys: identifiers, contacts, addresses, the rare words of names, declared values.

use super::evidence::Weigher;
use crate::comparison::phone::tail;
use crate::encoding::{Encoded, mix, stable_hash};
use vinculo_records::{AttributeType, Comparable};

/// Words of a name that make keys, the rarest first.
const WORDS_MAX: usize = 4;
/// Letters at the beginning of a word that make a key.
const PREFIX: usize = 4;
/// The longest run of words whose initials make a key.
const ACRONYM_MAX: usize = 6;

/// Writes all keys of a record in place of what stands there, ascending.
pub(super) fn of_record(weigher: &Weigher<'_>, records: &Encoded, rank: u32, keys: &mut Vec<u64>) {
    keys.clear();
    value_keys(records, rank, keys);
    address_keys(records, rank, keys);
    declared_keys(records, rank, keys);
    let sites = weigher.sites().of(rank).iter();
    keys.extend(sites.map(|site| mix(site.name, KeyKind::Site as u64)));
    weigher.names_of(rank).iter().for_each(|&name| name_keys(weigher, name, keys));
    keys.sort_unstable();
    keys.dedup();
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
    Street,
    Code,
    City,
    CityForm,
    Declared,
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
    let values = |what| {
        let column = records.column(what)?;
        let hash = move |value: &u32| stable_hash(records.dictionary(column).bytes(*value));
        Some(records.values(rank, column).iter().map(hash)).filter(|values| values.len() > 0)
    };
    let last = |what| values(what)?.last();
    let whole = |what| Some(values(what)?.fold(0, mix));
    let (code, city, number) = (last(Comparable::PostalCode), last(Comparable::City), last(Comparable::HouseNumber));
    let one = |value: Option<u64>, kind: KeyKind| Some(mix(value?, kind as u64));
    let two = |value: Option<u64>, other: Option<u64>, kind: KeyKind| Some(mix(mix(value?, other?), kind as u64));
    let found = [
        one(whole(Comparable::Street), KeyKind::Street),
        one(code, KeyKind::Code),
        one(city, KeyKind::City),
        two(city, last(Comparable::LegalForm), KeyKind::CityForm),
        // Types and titles before the last word are written in many ways.
        two(last(Comparable::Street), number, KeyKind::StreetNumber),
        two(code, number, KeyKind::CodeNumber),
    ];
    keys.extend(found.into_iter().flatten());
}

/// What a project declares of organizations: codes, texts, the members of sets.
fn declared_keys(records: &Encoded, rank: u32, keys: &mut Vec<u64>) {
    for what in records.filled() {
        let Comparable::Custom(id, AttributeType::Code | AttributeType::Text | AttributeType::Set) = what else {
            continue;
        };
        let Some(column) = records.column(what) else { continue };
        let (kind, values) = (mix(KeyKind::Declared as u64, u64::from(id.0)), records.dictionary(column));
        keys.extend(records.values(rank, column).iter().map(|&value| mix(values.hash(value), kind)));
    }
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
