//! The columns that the engine compares: folded words, sounds, digits. Made by normalization, read by resolution.

use crate::{AttributeId, AttributeType, Kind, ListColumn, RecordHash};
use serde::{Deserialize, Serialize};

/// What a column of comparable values holds. "Folded" is lower case without accents or punctuation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparable {
    /// The words of a person's name, folded, in order; particles, titles and generation words left out.
    Name,
    /// The sound of each word of [`Self::Name`], word by word.
    NameSound,
    /// How many of the words are given names, as a decimal number; missing where the source does not tell.
    GivenNameCount,
    /// The generation word of a person's name, folded: filho, junior, neto, sobrinho, senior.
    NameGeneration,
    /// The words of the mother's name, as in [`Self::Name`].
    MotherName,
    /// A birth date as eight digits, `YYYYMMDD`, impossible ones included.
    BirthDate,
    /// F, M or X.
    Sex,
    /// A tax identifier of known type with valid check digits, its type before it: `cpf:…`, `cnpj:…`, `nif:…`.
    TaxId,
    /// Any other tax identifier, letters and digits only.
    TaxCode,
    /// A folded e-mail address.
    Email,
    /// A role mailbox (info@ and the like), folded: weak evidence.
    SharedEmail,
    /// Digits of a phone number, country code first where it is known.
    Phone,
    /// The words of the street, folded, street types in one spelling.
    Street,
    /// The number of the house.
    HouseNumber,
    /// The words of the complement, folded.
    Complement,
    /// The words of the district, folded.
    District,
    /// The city, folded, one value.
    City,
    /// The region's code, or its folded name.
    Region,
    /// The postal code, letters and digits only.
    PostalCode,
    /// The country's code, or its folded name.
    Country,
    /// Names of an organization, each one value: folded words with single spaces, legal forms left out.
    OrganizationName,
    /// Legal forms found in the names of an organization, each in one spelling: ltda, sa, gmbh.
    LegalForm,
    /// The registrable part of the website's host name.
    Website,
    /// An attribute that the project declares: folded text, a code, eight digits, a number, or the members of a set.
    Custom(AttributeId, AttributeType),
}

/// The comparable values of many records of one kind, column by column.
#[derive(Debug, Clone)]
pub struct ComparableRecords {
    kind: Kind,
    hashes: Vec<RecordHash>,
    columns: Vec<(Comparable, ListColumn)>,
}

impl ComparableRecords {
    /// Records of one kind; every column has as many lists as there are hashes.
    ///
    /// # Panics
    /// A column of another length.
    pub fn new(kind: Kind, hashes: Vec<RecordHash>, columns: Vec<(Comparable, ListColumn)>) -> Self {
        for (what, column) in &columns {
            assert_eq!(column.len(), hashes.len(), "the column {what:?} has a list a record");
        }
        Self { kind, hashes, columns }
    }

    /// Person or organization.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is no record at all.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The name of each record.
    pub fn hashes(&self) -> &[RecordHash] {
        &self.hashes
    }

    /// A column, if any record of the project may have it.
    pub fn column(&self, what: Comparable) -> Option<&ListColumn> {
        self.columns.iter().find(|(have, _)| *have == what).map(|(_, column)| column)
    }

    /// All columns, to be let go one by one.
    pub fn into_columns(self) -> Vec<(Comparable, ListColumn)> {
        self.columns
    }

    /// All columns.
    pub fn columns(&self) -> impl Iterator<Item = (Comparable, &ListColumn)> {
        self.columns.iter().map(|(what, column)| (*what, column))
    }
}
