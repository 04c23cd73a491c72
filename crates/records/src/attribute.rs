//! What a source may say of a person or an organization.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A person or an organization; the two are resolved apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A human being.
    Person,
    /// A company, an authority, an association.
    Organization,
}

impl Kind {
    /// Both kinds, in the order in which they are resolved.
    pub const ALL: [Self; 2] = [Self::Person, Self::Organization];

    /// The kind's name in `vinculo.yaml` and in Postgres.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organization => "organization",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the values of an attribute are read and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttributeType {
    /// Free text: compared by its words.
    Text,
    /// A code: compared character by character, equal or nearly.
    Code,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// An exact decimal number.
    Number,
    /// Several values of equal standing (co-authors, classes): compared by what they share.
    Set,
}

impl AttributeType {
    /// The type's name in `vinculo.yaml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code => "code",
            Self::Date => "date",
            Self::Number => "number",
            Self::Set => "set",
        }
    }
}

macro_rules! standard {
    ($($variant:ident $name:literal $kinds:ident $multi:literal $doc:literal,)*) => {
        /// The attributes that every project has; their order is the order of the columns of `crm.customer`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum Standard {
            $(#[doc = $doc] $variant,)*
        }

        impl Standard {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in `vinculo.yaml` and in Postgres.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means, in a sentence; also the comment on the column.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// Whether a record may have several values of it.
            pub fn is_multi_valued(self) -> bool {
                match self { $(Self::$variant => $multi,)* }
            }

            /// Whether records of this kind may have it.
            pub fn applies_to(self, kind: Kind) -> bool {
                match self { $(Self::$variant => applies::$kinds(kind),)* }
            }
        }
    };
}

mod applies {
    use super::Kind;
    pub(super) fn person(kind: Kind) -> bool {
        kind == Kind::Person
    }
    pub(super) fn organization(kind: Kind) -> bool {
        kind == Kind::Organization
    }
    pub(super) fn both(_: Kind) -> bool {
        true
    }
}

standard! {
    Name "name" both false "Name of a person or an organization, where the source does not tell which.",
    FullName "full_name" person false "Whole name of a person.",
    GivenName "given_name" person false "Given name or names of a person.",
    MiddleName "middle_name" person false "Middle name or names of a person.",
    FamilyName "family_name" person false "Family name or names of a person.",
    BirthDate "birth_date" person false "Day of birth.",
    Sex "sex" person false "Sex as the source states it: F, M or X.",
    MotherName "mother_name" person false "Whole name of the person's mother.",
    LegalName "legal_name" organization false "Registered name of an organization.",
    TradeName "trade_name" organization false "Name under which an organization trades.",
    Website "website" organization false "Website of an organization, as a bare host name.",
    TaxId "tax_id" both true "Tax identifier: CPF, CNPJ, NIF, or another code.",
    Email "email" both true "E-mail address.",
    Phone "phone" both true "Phone number, in E.164 form where it is a valid one.",
    Address "address" both false "Whole address in one line.",
    Street "street" both false "Street, with its type.",
    HouseNumber "house_number" both false "Number of the house in its street.",
    Complement "complement" both false "Apartment, floor, block.",
    District "district" both false "District or neighborhood.",
    City "city" both false "City or town.",
    Region "region" both false "State or province, as its code where it is known.",
    PostalCode "postal_code" both false "Postal code, without punctuation.",
    Country "country" both false "Country, as an ISO 3166 code of two letters where it is known.",
}

impl Standard {
    /// The attribute of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|standard| standard.name() == name)
    }
}

/// An attribute by number: below 64 the standard ones, from 64 on those that the project declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttributeId(pub u8);

impl AttributeId {
    const FIRST_CUSTOM: u8 = 64;

    /// The id of the project's `n`th declared attribute.
    pub fn custom(n: usize) -> Option<Self> {
        u8::try_from(n).ok()?.checked_add(Self::FIRST_CUSTOM).map(Self)
    }

    /// The standard attribute, if it is one.
    pub fn standard(self) -> Option<Standard> {
        Standard::ALL.get(self.0 as usize).copied()
    }

    /// The position among the declared attributes, if it is one of them.
    pub fn custom_position(self) -> Option<usize> {
        self.0.checked_sub(Self::FIRST_CUSTOM).map(usize::from)
    }
}

impl From<Standard> for AttributeId {
    fn from(standard: Standard) -> Self {
        Self(standard as u8)
    }
}

/// An attribute that the project declares under `attributes:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomAttribute {
    /// Its name, unlike every standard one.
    pub name: String,
    /// How its values are read and compared.
    #[serde(rename = "type")]
    pub attribute_type: AttributeType,
    /// What separates the values of a set inside one cell.
    pub separator: Option<String>,
}

/// All attributes of a project: the standard ones and those that it declares, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    custom: Vec<CustomAttribute>,
}

impl Attributes {
    /// How many attributes a project may declare.
    pub const CUSTOM_MAX: usize = 128;

    /// The standard attributes and these; sorted by name, so that their ids do not hang on the order of declaration.
    ///
    /// At most [`Self::CUSTOM_MAX`] are kept; the project's check refuses more.
    pub fn new(mut custom: Vec<CustomAttribute>) -> Self {
        custom.sort_by(|a, b| a.name.cmp(&b.name));
        custom.truncate(Self::CUSTOM_MAX);
        Self { custom }
    }

    /// The declared attributes, by name.
    pub fn custom(&self) -> &[CustomAttribute] {
        &self.custom
    }

    /// The attribute of this name.
    pub fn find(&self, name: &str) -> Option<AttributeId> {
        Standard::from_name(name).map(AttributeId::from).or_else(|| {
            let n = self.custom.binary_search_by(|attribute| attribute.name.as_str().cmp(name)).ok()?;
            AttributeId::custom(n)
        })
    }

    /// The name of an attribute; the empty text for an id that is not of this project.
    pub fn name(&self, id: AttributeId) -> &str {
        match (id.standard(), id.custom_position()) {
            (Some(standard), _) => standard.name(),
            (None, Some(n)) => self.custom.get(n).map_or("", |attribute| &attribute.name),
            (None, None) => "",
        }
    }

    /// The declaration of a declared attribute.
    pub fn declaration(&self, id: AttributeId) -> Option<&CustomAttribute> {
        self.custom.get(id.custom_position()?)
    }

    /// Whether a record may have several values of it.
    pub fn is_multi_valued(&self, id: AttributeId) -> bool {
        id.standard().is_some_and(Standard::is_multi_valued)
            || self.declaration(id).is_some_and(|attribute| attribute.attribute_type == AttributeType::Set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_is_found_by_its_name() {
        let declared =
            |name: &str| CustomAttribute { name: name.into(), attribute_type: AttributeType::Text, separator: None };
        let attributes = Attributes::new(vec![declared("occupation"), declared("hobby")]);
        for standard in Standard::ALL {
            assert_eq!(attributes.find(standard.name()), Some((*standard).into()));
            assert_eq!(attributes.name((*standard).into()), standard.name());
        }
        for name in ["occupation", "hobby"] {
            let id = attributes.find(name).unwrap();
            assert_eq!(attributes.name(id), name);
        }
        assert_eq!(attributes.find("shoe_size"), None);
    }
}
