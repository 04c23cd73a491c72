//! A source record after normalization, packed into bytes: what the store keeps and what golden values come from.
//!
//! Layout, format version 1: version `u8` · kind `u8` · landing day `i32` (days since 1970-01-01) · `updated_at` `i64`
//! (microseconds since 1970-01-01 UTC, [`i64::MIN`] for none) · then for each value: attribute `u8` · flag `u8` (0 for
//! none) · length `u16` · UTF-8 bytes. All integers little-endian. Always rebuildable from the raw record.

use crate::{AttributeId, Kind};
use std::fmt;

/// The version of the packed layout; another one is rebuilt from the raw records.
pub const FORMAT_VERSION: u8 = 1;
const HEADER_BYTES: usize = 14;
const VALUE_HEADER_BYTES: usize = 4;
/// A longer value is refused at the door ([`Flag::TooLong`]); this is what the layout could hold.
pub const VALUE_BYTES_MAX: usize = u16::MAX as usize;

macro_rules! flags {
    ($($variant:ident = $code:literal $name:literal $use:ident $meaning:literal,)*) => {
        /// Why a value is null or demoted although its record counts: a closed list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Flag {
            $(#[doc = $meaning] $variant = $code,)*
        }

        impl Flag {
            /// All flags.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The flag's code in counts, messages and Postgres.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// What may still be done with the value.
            pub fn usability(self) -> Usability {
                match self { $(Self::$variant => Usability::$use,)* }
            }

            fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

/// What a flag leaves of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usability {
    /// Neither compared nor shown: the value is null, only the reason is kept.
    Nothing,
    /// Compared, never shown as a golden value.
    Comparison,
    /// Compared, and shown where no unflagged value stands.
    Demoted,
}

flags! {
    Placeholder = 1 "placeholder" Nothing "A stand-in for a missing value, such as 000.000.000-00 or \"não informado\".",
    ImpossibleDate = 2 "impossible_date" Comparison "A day that no calendar has; its digits are still compared.",
    DateFormat = 3 "date_format" Nothing "Not a date in any of the declared formats.",
    FutureDate = 4 "future_date" Comparison "A birth date after the day on which the record landed.",
    TooOld = 5 "too_old" Comparison "A birth date more than 120 years before the day on which the record landed.",
    CheckDigit = 6 "check_digit" Comparison "An identifier whose check digits do not hold; compared as a code.",
    UnknownIdentifier = 7 "unknown_identifier" Demoted "An identifier of no known type; compared as a code.",
    DigitsLost = 8 "digits_lost" Nothing "A number in scientific notation, which has lost digits.",
    ZerosRestored = 9 "zeros_restored" Demoted "An identifier whose lost leading zeros were put back; its check digits hold.",
    InvalidPhone = 10 "invalid_phone" Comparison "Not a valid phone number; its digits are still compared.",
    InvalidEmail = 11 "invalid_email" Comparison "Not a valid e-mail address; compared as a code.",
    SharedMailbox = 12 "shared_mailbox" Demoted "A mailbox of a role, such as info@ or contato@; weak evidence.",
    SeveralValues = 13 "several_values" Nothing "Several values in one cell without a declared separator.",
    TooLong = 14 "too_long" Nothing "Longer than any real value.",
    Mojibake = 15 "mojibake" Demoted "Text that was decoded with the wrong encoding somewhere before.",
    MixedScripts = 16 "mixed_scripts" Demoted "Letters of several scripts in one word; not compared by sound.",
    ControlCharacters = 17 "control_characters" Demoted "Invisible or direction-changing characters, removed for comparison.",
    NotANumber = 18 "not_a_number" Nothing "Not a number in the declared format.",
    UnknownCode = 19 "unknown_code" Demoted "A code outside the list that the attribute knows.",
    NoLetters = 20 "no_letters" Nothing "A name without a single letter.",
    Marks = 21 "marks" Nothing "More than eight combining marks on one letter.",
    WrongKind = 22 "wrong_kind" Demoted "An identifier of a person on an organization, or the reverse.",
    InvalidWebsite = 23 "invalid_website" Comparison "Not the address of a website; compared as a code.",
    JudgedWrong = 24 "judged_wrong" Nothing "A person has judged this value of the record wrong.",
}

/// One normalized value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value<'a> {
    /// What it is a value of.
    pub attribute: AttributeId,
    /// The value as it is shown; empty where a flag left nothing of it.
    pub text: &'a str,
    /// What is wrong with it.
    pub flag: Option<Flag>,
}

/// A normalized record that is being packed.
#[derive(Clone, PartialEq, Eq)]
pub struct NormalizedRecord {
    bytes: Vec<u8>,
}

/// What attributes it has values of, never the values.
impl fmt::Debug for NormalizedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}

/// What attributes it has values of, never the values.
impl fmt::Debug for NormalizedView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes: Vec<AttributeId> = self.values().map(|value| value.attribute).collect();
        let mut shape = f.debug_struct("NormalizedRecord");
        shape.field("kind", &self.kind()).field("attributes", &attributes).finish_non_exhaustive()
    }
}

impl NormalizedRecord {
    /// A record without values. `updated_at` in microseconds, `landed_on` in days, both since 1970-01-01 UTC.
    pub fn new(kind: Kind, updated_at: Option<i64>, landed_on: i32) -> Self {
        let mut bytes = Vec::with_capacity(128);
        bytes.push(FORMAT_VERSION);
        bytes.push(kind as u8);
        bytes.extend_from_slice(&landed_on.to_le_bytes());
        bytes.extend_from_slice(&updated_at.unwrap_or(i64::MIN).to_le_bytes());
        Self { bytes }
    }

    /// The record in these bytes; `None` when they are of another format or damaged.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        NormalizedView::new(&bytes)?;
        Some(Self { bytes })
    }

    /// Adds a value. A value longer than [`VALUE_BYTES_MAX`] is kept as nothing but [`Flag::TooLong`].
    pub fn push(&mut self, value: Value<'_>) {
        let (text, flag) = match value.flag {
            _ if value.text.len() > VALUE_BYTES_MAX => ("", Some(Flag::TooLong)),
            flag => (value.text, flag),
        };
        self.bytes.push(value.attribute.0);
        self.bytes.push(flag.map_or(0, |flag| flag as u8));
        self.bytes.extend_from_slice(&(text.len() as u16).to_le_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// The packed bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The record as a reader sees it.
    pub fn view(&self) -> NormalizedView<'_> {
        NormalizedView { bytes: &self.bytes }
    }
}

/// A value in its packed form.
struct PackedValue<'a> {
    header: &'a [u8; VALUE_HEADER_BYTES],
    text: &'a [u8],
}

impl<'a> PackedValue<'a> {
    fn read(self) -> Option<Value<'a>> {
        let [attribute, flag, ..] = *self.header;
        let text = std::str::from_utf8(self.text).ok()?;
        Some(Value { attribute: AttributeId(attribute), text, flag: Flag::from_code(flag) })
    }
}

/// A packed record, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NormalizedView<'a> {
    bytes: &'a [u8],
}

impl<'a> NormalizedView<'a> {
    /// The record in these bytes; `None` when they are of another format or damaged.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let view = Self { bytes };
        if bytes.len() < HEADER_BYTES || bytes[0] != FORMAT_VERSION || bytes[1] > 1 {
            return None;
        }
        let mut rest = &bytes[HEADER_BYTES..];
        while !rest.is_empty() {
            let length = u16::from_le_bytes([*rest.get(2)?, *rest.get(3)?]) as usize;
            std::str::from_utf8(rest.get(VALUE_HEADER_BYTES..VALUE_HEADER_BYTES + length)?).ok()?;
            rest = &rest[VALUE_HEADER_BYTES + length..];
        }
        Some(view)
    }

    /// Person or organization.
    pub fn kind(&self) -> Kind {
        if self.bytes[1] == Kind::Person as u8 { Kind::Person } else { Kind::Organization }
    }

    /// The day on which this version landed, in days since 1970-01-01.
    pub fn landed_on(&self) -> i32 {
        i32::from_le_bytes(self.bytes[2..6].try_into().expect("four bytes"))
    }

    /// When the source last changed the record, in microseconds since 1970-01-01 UTC.
    pub fn updated_at(&self) -> Option<i64> {
        let micros = i64::from_le_bytes(self.bytes[6..14].try_into().expect("eight bytes"));
        (micros != i64::MIN).then_some(micros)
    }

    /// All values, in the order in which they were added.
    pub fn values(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        self.packed().map_while(PackedValue::read)
    }

    /// The values of one attribute.
    pub fn values_of(&self, attribute: AttributeId) -> impl Iterator<Item = Value<'a>> + use<'a> {
        // Most look-ups pass over most values: only the text that is asked for is read.
        self.packed().filter(move |packed| packed.header[0] == attribute.0).map_while(PackedValue::read)
    }

    fn packed(&self) -> impl Iterator<Item = PackedValue<'a>> + use<'a> {
        let mut rest = &self.bytes[HEADER_BYTES..];
        std::iter::from_fn(move || {
            let (header, behind) = rest.split_first_chunk()?;
            let (text, after) = behind.split_at_checked(u16::from_le_bytes([header[2], header[3]]).into())?;
            rest = after;
            Some(PackedValue { header, text })
        })
    }

    /// The packed bytes.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

/// Many packed records, one after the other, as an Arrow `LargeBinary` array has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedRecords {
    offsets: Vec<u64>,
    bytes: Vec<u8>,
}

impl Default for PackedRecords {
    fn default() -> Self {
        Self { offsets: vec![0], bytes: Vec::new() }
    }
}

impl PackedRecords {
    /// How many records.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no record at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a record.
    pub fn push(&mut self, record: NormalizedView<'_>) {
        self.bytes.extend_from_slice(record.as_bytes());
        self.offsets.push(self.bytes.len() as u64);
    }

    /// Record `i`.
    pub fn get(&self, i: usize) -> NormalizedView<'_> {
        NormalizedView { bytes: &self.bytes[self.offsets[i] as usize..self.offsets[i + 1] as usize] }
    }

    /// Bytes of records in all.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Standard;

    #[test]
    fn a_packed_record_reads_back_as_it_was_written() {
        let mut record = NormalizedRecord::new(Kind::Organization, Some(-5), 20_000);
        let email = Value { attribute: Standard::Email.into(), text: "info@loja.com", flag: Some(Flag::SharedMailbox) };
        let name = Value { attribute: Standard::LegalName.into(), text: "Açaí & Cia", flag: None };
        record.push(email);
        record.push(name);
        let view = NormalizedView::new(record.as_bytes()).unwrap();
        assert_eq!(view.kind(), Kind::Organization);
        assert_eq!((view.updated_at(), view.landed_on()), (Some(-5), 20_000));
        assert_eq!(view.values().collect::<Vec<_>>(), [email, name]);
        assert_eq!(view.values_of(Standard::LegalName.into()).collect::<Vec<_>>(), [name]);
    }

    #[test]
    fn damaged_bytes_are_no_record() {
        let mut record = NormalizedRecord::new(Kind::Person, None, 0);
        record.push(Value { attribute: Standard::City.into(), text: "Évora", flag: None });
        for end in 0..record.as_bytes().len() {
            let cut = NormalizedView::new(&record.as_bytes()[..end]);
            assert!(cut.is_none() || end == HEADER_BYTES, "cut at {end}");
        }
        assert!(NormalizedView::new(&[9; 40]).is_none());
    }

    #[test]
    fn every_flag_has_a_code_of_its_own() {
        for flag in Flag::ALL {
            assert_eq!(Flag::from_code(*flag as u8), Some(*flag));
        }
    }
}
