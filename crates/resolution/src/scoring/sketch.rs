//! One cache line a record: what it is in brief.

use crate::comparison::Comparators;
use crate::comparison::address;
use crate::comparison::frequency::email_local;
use crate::comparison::name::NameWords;
use crate::encoding::{Encoded, stable_hash};
use vinculo_records::Comparable;

/// Words of a name that fit a sketch.
pub(super) const WORDS: usize = 5;
/// The number of no word.
const NO_WORD: u32 = u32::MAX;
/// Phone numbers that fit a sketch.
const PHONES: usize = 2;
/// Bits of one digit count: ten digits, four bits each.
const DIGITS_BITS: usize = 40;

/// What a record is in brief. Hashes are short: two values under one hash only make a bound looser.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
pub(super) struct Sketch {
    /// How often each digit occurs, as in [`crate::comparison::text::digit_counts`]: of the code, then of each phone.
    digits: u128,
    /// A bit for each place of the plan of which the record has a value.
    pub(super) present: u32,
    pub(super) words: [u32; WORDS],
    pub(super) date: u32,
    /// A bit for each letter of the e-mail, and of the street.
    pub(super) email_letters: u32,
    pub(super) street_letters: u32,
    /// A hash of what stands before the @.
    pub(super) mailbox: u16,
    pub(super) number: u16,
    pub(super) postal_code: u16,
    pub(super) city: u16,
    word_count: u8,
    given_count: u8,
    /// A bit for each of the comparisons below whose values do not fit.
    pub(super) untold: u8,
}

pub(super) const NAME: u8 = 1;
pub(super) const CODE: u8 = 2;
pub(super) const EMAIL: u8 = 4;
pub(super) const PHONE: u8 = 8;

impl Sketch {
    /// The sketch of a record that has values at these places of the plan.
    pub(super) fn new(present: u32, comparators: &Comparators<'_>, records: &Encoded, rank: u32) -> Self {
        let mut sketch = Self { present, ..Self::default() };
        sketch.draw(comparators, records, rank);
        sketch
    }

    fn draw(&mut self, comparators: &Comparators<'_>, records: &Encoded, rank: u32) {
        if let Some(names) = &comparators.name {
            let words = names.words(rank).all;
            self.words = [NO_WORD; WORDS];
            match self.words.get_mut(..words.len()) {
                Some(place) => place.copy_from_slice(words),
                None => self.untold |= NAME,
            }
            self.word_count = words.len().min(WORDS) as u8;
            self.given_count = names.given_count(rank).min(usize::from(u8::MAX)) as u8;
        }
        if let Some(date) = comparators.birth_date.as_ref().and_then(|dates| dates.value(rank)) {
            self.date = date;
        }
        if let Some(codes) = &comparators.tax_id {
            let mut digits = codes.digits(rank);
            self.set_digits(0, digits.next().unwrap_or(0));
            self.untold |= if digits.next().is_some() { CODE } else { 0 };
        }
        if let Some(phones) = &comparators.phone {
            for (at, digits) in phones.digits(rank).enumerate() {
                match at < PHONES && digits != 0 {
                    true => self.set_digits(1 + at, digits),
                    false => self.untold |= PHONE,
                }
            }
        }
        let mut emails = values(records, Comparable::Email, rank).chain(values(records, Comparable::SharedEmail, rank));
        if let Some(email) = emails.next() {
            self.mailbox = short_hash(email_local(email));
            self.email_letters = letters(email);
            self.untold |= if emails.next().is_some() { EMAIL } else { 0 };
        }
        self.street_letters = street_letters(values(records, Comparable::Street, rank));
        let first = |what| values(records, what, rank).next().map_or(0, short_hash);
        self.number = first(Comparable::HouseNumber);
        self.postal_code = first(Comparable::PostalCode);
        self.city = first(Comparable::City);
    }

    /// A bit for each word that the other name has as well.
    #[inline]
    pub(super) fn common_words(&self, other: &Self) -> u32 {
        let own = (1 << self.word_count) - 1;
        let has = |word: u32| other.words.iter().fold(false, |has, of_other| has | (*of_other == word));
        (0..WORDS).fold(0, |bits, at| bits | u32::from(has(self.words[at])) << at) & own
    }

    pub(super) fn name(&self) -> NameWords<'_> {
        NameWords::of(&self.words[..self.word_count as usize], self.given_count as usize)
    }

    /// The digit counts of the code, under 0, or of a phone, under 1 and 2; 0 where there is none.
    pub(super) fn digits(&self, at: usize) -> u64 {
        (self.digits >> (DIGITS_BITS * at)) as u64 & ((1 << DIGITS_BITS) - 1)
    }

    fn set_digits(&mut self, at: usize, digits: u64) {
        self.digits |= u128::from(digits) << (DIGITS_BITS * at);
    }
}

fn values(records: &Encoded, what: Comparable, rank: u32) -> impl Iterator<Item = &[u8]> {
    let column = records.column(what);
    let of =
        move |column| records.values(rank, column).iter().map(move |value| records.dictionary(column).bytes(*value));
    column.into_iter().flat_map(of)
}

fn short_hash(text: &[u8]) -> u16 {
    (stable_hash(text) >> 48) as u16
}

/// The letters of a street, and a bit for having one; all bits for one so long that not all of it is compared.
fn street_letters<'a>(words: impl Iterator<Item = &'a [u8]>) -> u32 {
    let (mut bits, mut length) = (0, 0);
    for word in words {
        bits |= letters(word) | 1 << 26;
        length += word.len();
    }
    if length > address::STREET_LETTERS_MAX { !0 } else { bits }
}

/// The letters of a text, a bit each.
fn letters(text: &[u8]) -> u32 {
    text.iter().filter(|byte| byte.is_ascii_lowercase()).fold(0, |bits, byte| bits | 1 << (byte - b'a'))
}
