//! A record → the parts of its blocking keys: 32-bit hashes of what a rule's records must agree on.
//!
//! Each part is made once for all records and all rules. Two different texts share a hash by chance once in four
//! thousand million pairs; such a pair is compared and falls.

use crate::comparison::code::bare;
use crate::comparison::frequency::email_local;
use crate::comparison::phone::tail;
use crate::comparison::{Counted, Frequencies, FrequencyTable};
use crate::encoding::{Encoded, mix, stable_hash, tasks};
use crate::plan::{BlockingRule, KeyPart};
use rayon::prelude::*;
use vinculo_records::Comparable;

/// No hash: the record has not what the part needs.
pub(super) const NOTHING: u32 = 0;

/// The most values that a part of a key may have.
const VALUES_MAX: usize = 8;
/// A tax identifier shorter than this has no halves.
const HALVED_MIN: usize = 6;

/// The hashes of one part of a record's keys.
#[derive(Debug, Clone, Copy, Default)]
struct Hashes {
    values: [u32; VALUES_MAX],
    count: usize,
}

impl Hashes {
    fn push(&mut self, hash: u64, most: usize) {
        let hash = shorten(hash);
        if self.count < most.min(VALUES_MAX) && !self.values[..self.count].contains(&hash) {
            self.values[self.count] = hash;
            self.count += 1;
        }
    }

    fn as_slice(&self) -> &[u32] {
        &self.values[..self.count]
    }
}

/// One part of the keys of all records: as many hashes a record as it may have values, [`NOTHING`] where there are fewer.
#[derive(Debug)]
pub(super) struct PartColumn {
    part: KeyPart,
    width: usize,
    hashes: Vec<u32>,
}

impl PartColumn {
    /// The hashes of a record.
    #[inline]
    fn of(&self, rank: u32) -> &[u32] {
        let row = &self.hashes[rank as usize * self.width..][..self.width];
        &row[..row.iter().position(|hash| *hash == NOTHING).unwrap_or(row.len())]
    }

    /// The first hash of a record; [`NOTHING`] where it has none.
    #[inline]
    pub(super) fn first(&self, rank: u32) -> u32 {
        self.hashes[rank as usize * self.width]
    }
}

/// The columns that make the keys of one rule.
#[derive(Debug)]
pub(super) struct RuleKeys<'a> {
    first: Option<&'a PartColumn>,
    others: Vec<&'a PartColumn>,
}

impl<'a> RuleKeys<'a> {
    /// The keys of a record, before any refinement.
    #[inline]
    pub(super) fn of(&self, rank: u32) -> impl Iterator<Item = u32> + use<'a> {
        let first = self.first.map_or(&[][..], |column| column.of(rank));
        let base = self.others.iter().try_fold(0, |base, column| match column.first(rank) {
            NOTHING => None,
            hash => Some(mix(base, u64::from(hash))),
        });
        base.into_iter().flat_map(move |base| first.iter().map(move |hash| shorten(mix(u64::from(*hash), base))))
    }
}

/// The parts of the keys of all records, for the rules of a plan.
#[derive(Debug)]
pub struct KeyParts {
    columns: Vec<PartColumn>,
}

impl KeyParts {
    /// Computes what the rules need; the frequencies tell which words are rare.
    pub fn new(rules: &[BlockingRule], records: &Encoded, frequencies: Frequencies<'_>) -> Self {
        let maker = KeyMaker::new(records, frequencies);
        let mut needed: Vec<KeyPart> = Vec::new();
        for part in rules.iter().flat_map(|rule| rule.parts.iter().chain(&rule.refinements)) {
            if !needed.contains(part) {
                needed.push(*part);
            }
        }
        Self { columns: needed.into_iter().map(|part| maker.column(part)).collect() }
    }

    pub(super) fn column(&self, part: KeyPart) -> Option<&PartColumn> {
        self.columns.iter().find(|column| column.part == part)
    }

    /// The first hash of a part of each record's keys; 0 where it has none.
    pub fn first(&self, part: KeyPart) -> impl Fn(u32) -> u32 {
        let column = self.column(part);
        move |rank| column.map_or(NOTHING, |column| column.first(rank))
    }

    /// What makes the keys of a rule; without one of its parts there are none.
    pub(super) fn of_rule(&self, rule: &BlockingRule) -> RuleKeys<'_> {
        let columns: Option<Vec<&PartColumn>> = rule.parts.iter().map(|part| self.column(*part)).collect();
        let mut columns = columns.unwrap_or_default().into_iter();
        RuleKeys { first: columns.next(), others: columns.collect() }
    }
}

/// A key with the hash of one more part. To lack the part is to agree with all that lack it.
pub(super) fn refined(key: u32, part: u32) -> u32 {
    shorten(mix(u64::from(key), u64::from(part)))
}

/// Makes the parts of keys.
#[derive(Debug)]
struct KeyMaker<'a> {
    records: &'a Encoded,
    name: Option<usize>,
    sound: Option<usize>,
    name_rarity: Vec<u32>,
    street_rarity: Vec<u32>,
}

impl<'a> KeyMaker<'a> {
    fn new(records: &'a Encoded, frequencies: Frequencies<'_>) -> Self {
        let counts = |what, counted: &[Counted]| -> Vec<u32> {
            let Some(column) = records.column(what) else {
                return Vec::new();
            };
            let tables: Vec<&FrequencyTable> = counted.iter().filter_map(|counted| frequencies.of(*counted)).collect();
            let values = records.dictionary(column);
            let count = |id| tables.iter().map(|table| table.records(values.hash(id))).sum();
            (0..values.len() as u32).map(count).collect()
        };
        Self {
            records,
            name: records.column(Comparable::Name),
            sound: records.column(Comparable::NameSound),
            name_rarity: counts(Comparable::Name, &[Counted::GivenName, Counted::FamilyName]),
            street_rarity: counts(Comparable::Street, &[Counted::Value(Comparable::Street)]),
        }
    }

    fn column(&self, part: KeyPart) -> PartColumn {
        let width = self.width(part);
        let mut hashes = vec![NOTHING; width * self.records.len()];
        let rows = tasks(hashes.par_chunks_mut(width), self.records.len());
        rows.zip(0..self.records.len() as u32).for_each(|(row, rank)| {
            let found = self.part(part, rank);
            row[..found.count].copy_from_slice(found.as_slice());
        });
        PartColumn { part, width, hashes }
    }

    /// How many hashes a record has at most: no more than values that it is made of.
    fn width(&self, part: KeyPart) -> usize {
        let columns = part.needs().into_iter().filter_map(|what| self.records.column(what));
        let most = |column| (0..self.records.len() as u32).map(|rank| self.records.values(rank, column).len()).max();
        let held: usize = columns.filter_map(most).sum();
        held.clamp(1, part.values_max().min(VALUES_MAX))
    }

    fn part(&self, part: KeyPart, rank: u32) -> Hashes {
        let mut out = Hashes::default();
        let most = part.values_max();
        match part {
            KeyPart::TaxId => self.tax(rank, whole, most, &mut out),
            KeyPart::TaxHead => self.tax(rank, |code| halves(code).map(|(head, _)| head), most, &mut out),
            KeyPart::TaxTail => self.tax(rank, |code| halves(code).map(|(_, tail)| tail), most, &mut out),
            KeyPart::Email => self.values(Comparable::Email, rank, |email| email, most, &mut out),
            KeyPart::Mailbox => self.values(Comparable::Email, rank, email_local, most, &mut out),
            KeyPart::Phone => self.values(Comparable::Phone, rank, tail, most, &mut out),
            KeyPart::GivenSound => self.sounds(rank).first().into_iter().for_each(|sound| out.push(sound, most)),
            KeyPart::FamilySound => self.family_sound(rank, &mut out),
            KeyPart::WordSound => self.sounds(rank).ends(most).for_each(|sound| out.push(sound, most)),
            KeyPart::NameSounds | KeyPart::Initials => self.name_ends(part, rank, &mut out),
            KeyPart::RareWords => self.rare_words(rank, &mut out),
            KeyPart::BirthDate => self.values(Comparable::BirthDate, rank, |date| date, most, &mut out),
            KeyPart::BirthYear => {
                self.values(Comparable::BirthDate, rank, |date| date_part(date, 0..4), most, &mut out)
            }
            KeyPart::BirthMonth => {
                self.values(Comparable::BirthDate, rank, |date| date_part(date, 0..6), most, &mut out)
            }
            KeyPart::Birthday => self.values(Comparable::BirthDate, rank, |date| date_part(date, 4..8), most, &mut out),
            KeyPart::MotherName => self.mother(rank, &mut out),
            KeyPart::StreetNumber => self.street_number(rank, &mut out),
            KeyPart::Street => self.rarest_of_street(rank).into_iter().for_each(|word| out.push(word, most)),
            KeyPart::HouseNumber => self.values(Comparable::HouseNumber, rank, |number| number, most, &mut out),
            KeyPart::PostalCode => self.values(Comparable::PostalCode, rank, |code| code, most, &mut out),
            KeyPart::City => self.values(Comparable::City, rank, |city| city, most, &mut out),
            KeyPart::Declared(what) => self.values(what, rank, |value| value, most, &mut out),
        }
        out
    }

    fn values(&self, what: Comparable, rank: u32, part: fn(&[u8]) -> &[u8], most: usize, out: &mut Hashes) {
        let Some(column) = self.records.column(what) else {
            return;
        };
        for &value in self.records.values(rank, column) {
            let text = part(self.records.dictionary(column).bytes(value));
            if !text.is_empty() {
                out.push(stable_hash(text), most);
            }
        }
    }

    fn tax(&self, rank: u32, part: fn(&[u8]) -> Option<&[u8]>, most: usize, out: &mut Hashes) {
        for what in [Comparable::TaxId, Comparable::TaxCode] {
            let Some(column) = self.records.column(what) else {
                continue;
            };
            for &value in self.records.values(rank, column) {
                if let Some(text) = part(bare(self.records.dictionary(column).bytes(value))) {
                    out.push(stable_hash(text), most);
                }
            }
        }
    }

    fn sounds(&self, rank: u32) -> Sounds<'_> {
        let words = self.name.map_or(&[][..], |column| self.records.values(rank, column));
        let heard = self.sound.map_or(&[][..], |column| self.records.values(rank, column));
        Sounds { maker: self, words, heard: if heard.len() == words.len() { heard } else { &[] } }
    }

    fn family_sound(&self, rank: u32, out: &mut Hashes) {
        let sounds = self.sounds(rank);
        if let Some(last) = sounds.words.len().checked_sub(1) {
            out.push(sounds.get(last), 1);
        }
    }

    fn name_ends(&self, part: KeyPart, rank: u32, out: &mut Hashes) {
        let sounds = self.sounds(rank);
        let Some(last) = sounds.words.len().checked_sub(1).filter(|last| *last > 0) else {
            return;
        };
        let end = |at: usize| match part {
            KeyPart::Initials => u64::from(sounds.initial(at)),
            _ => sounds.get(at),
        };
        out.push(unordered(end(0), end(last)), 1);
    }

    fn rare_words(&self, rank: u32, out: &mut Hashes) {
        let Some(column) = self.name else {
            return;
        };
        let values = self.records.dictionary(column);
        let mut rarest: [Option<(u32, u64)>; 2] = [None; 2];
        for &word in self.records.values(rank, column) {
            let found = (self.name_rarity[word as usize], values.hash(word));
            if values.bytes(word).len() < 2 || rarest.contains(&Some(found)) {
                continue;
            }
            match rarest {
                [None, _] => rarest[0] = Some(found),
                [Some(first), _] if found < first => rarest = [Some(found), Some(first)],
                [_, Some(second)] if found >= second => {}
                _ => rarest[1] = Some(found),
            }
        }
        if let [Some((_, first)), Some((_, second))] = rarest {
            out.push(unordered(first, second), 1);
        }
    }

    fn mother(&self, rank: u32, out: &mut Hashes) {
        let Some(column) = self.records.column(Comparable::MotherName) else {
            return;
        };
        let values = self.records.dictionary(column);
        if let [first, .., last] = self.records.values(rank, column) {
            out.push(mix(values.hash(*first), values.hash(*last)), 1);
        }
    }

    fn street_number(&self, rank: u32, out: &mut Hashes) {
        let number = self.part(KeyPart::HouseNumber, rank);
        if let (Some(word), Some(number)) = (self.rarest_of_street(rank), number.as_slice().first()) {
            out.push(mix(word, u64::from(*number)), 1);
        }
    }

    fn rarest_of_street(&self, rank: u32) -> Option<u64> {
        let column = self.records.column(Comparable::Street)?;
        let values = self.records.dictionary(column);
        let words = self.records.values(rank, column).iter();
        let rarest = words.map(|&word| (self.street_rarity[word as usize], values.hash(word))).min();
        rarest.map(|(_, word)| word)
    }
}

/// The sounds of the words of one name.
struct Sounds<'a> {
    maker: &'a KeyMaker<'a>,
    words: &'a [u32],
    heard: &'a [u32],
}

impl Sounds<'_> {
    /// The sound of a word, or the word itself where it has none.
    fn get(&self, at: usize) -> u64 {
        let (column, value) = match (self.heard.get(at), self.maker.sound, self.maker.name) {
            (Some(&heard), Some(column), _) => (column, heard),
            (_, _, Some(column)) => (column, self.words[at]),
            _ => return 0,
        };
        self.maker.records.dictionary(column).hash(value)
    }

    fn initial(&self, at: usize) -> u8 {
        let first = |column| self.maker.records.dictionary(column).bytes(self.words[at]).first().copied();
        self.maker.name.and_then(first).unwrap_or(0)
    }

    fn first(&self) -> Option<u64> {
        (!self.words.is_empty()).then(|| self.get(0))
    }

    /// The sounds of the first word and of the last ones, at most `most`; initials have none.
    fn ends(&self, most: usize) -> impl Iterator<Item = u64> {
        let from = self.words.len().saturating_sub(most - 1).max(1);
        let places = (0..self.words.len().min(1)).chain(from..self.words.len());
        places.filter(|&at| !self.is_initial(at)).map(|at| self.get(at))
    }

    fn is_initial(&self, at: usize) -> bool {
        let length = |column| self.maker.records.dictionary(column).bytes(self.words[at]).len();
        self.maker.name.is_none_or(|column| length(column) < 2)
    }
}

fn unordered(a: u64, b: u64) -> u64 {
    mix(a.min(b), a.max(b))
}

/// A hash of 32 bits that is never [`NOTHING`].
fn shorten(hash: u64) -> u32 {
    ((hash >> 32) as u32).max(1)
}

fn whole(code: &[u8]) -> Option<&[u8]> {
    Some(code)
}

fn halves(code: &[u8]) -> Option<(&[u8], &[u8])> {
    (code.len() >= HALVED_MIN).then(|| code.split_at(code.len() / 2))
}

fn date_part(date: &[u8], range: std::ops::Range<usize>) -> &[u8] {
    date.get(range).unwrap_or_default()
}
