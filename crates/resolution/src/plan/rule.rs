//! Blocking rules: what two records must agree on to be compared.

use super::{PlanError, RuleSettings};
use serde::{Deserialize, Serialize};
use vinculo_records::Comparable;

macro_rules! key_parts {
    ($($variant:ident $name:literal $values:literal [$($needs:ident),*] $doc:literal,)*) => {
        /// What a blocking key is made from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum KeyPart {
            $(#[doc = $doc] $variant,)*
            /// The value of a declared attribute.
            Declared(Comparable),
        }

        impl KeyPart {
            const STANDARD: &[Self] = &[$(Self::$variant),*];

            /// Its name in settings and reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* Self::Declared(_) => "declared" }
            }

            /// How many keys of a record it may give.
            pub fn values_max(self) -> usize {
                match self { $(Self::$variant => $values,)* Self::Declared(_) => 4 }
            }

            /// The columns of which at least one must be filled for the part to give a key.
            pub fn needs(self) -> Vec<Comparable> {
                match self { $(Self::$variant => vec![$(Comparable::$needs),*],)* Self::Declared(what) => vec![what] }
            }
        }
    };
}

key_parts! {
    TaxId "tax_id" 3 [TaxId, TaxCode] "A tax identifier, without its type.",
    TaxHead "tax_head" 2 [TaxId, TaxCode] "The first half of a tax identifier.",
    TaxTail "tax_tail" 2 [TaxId, TaxCode] "The second half of a tax identifier.",
    Email "email" 3 [Email] "An e-mail address.",
    Mailbox "mailbox" 2 [Email] "What stands before the @.",
    Phone "phone" 3 [Phone] "The last eight digits of a phone number.",
    GivenSound "given_sound" 1 [Name] "The sound of the first given name.",
    FamilySound "family_sound" 1 [Name] "The sound of the last family name.",
    WordSound "word_sound" 4 [Name] "The sound of any word of the name.",
    NameSounds "name_sounds" 1 [Name] "The sounds of the first and the last word, in either order.",
    RareWords "rare_words" 1 [Name] "The two rarest words of the name, in either order.",
    Initials "initials" 1 [Name] "The initials of the first and the last word, in either order.",
    BirthDate "birth_date" 1 [BirthDate] "The day of birth.",
    BirthYear "birth_year" 1 [BirthDate] "The year of birth.",
    BirthMonth "birth_month" 1 [BirthDate] "The year and month of birth.",
    Birthday "birthday" 1 [BirthDate] "The month and day of birth.",
    MotherName "mother_name" 1 [MotherName] "The first and the last word of the mother's name.",
    StreetNumber "street_number" 1 [Street] "The rarest word of the street, and the number of the house.",
    Street "street" 1 [Street] "The rarest word of the street.",
    HouseNumber "house_number" 1 [HouseNumber] "The number of the house.",
    PostalCode "postal_code" 1 [PostalCode] "The postal code.",
    City "city" 1 [City] "The city.",
}

/// One way to find candidate pairs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockingRule {
    /// Records that agree on all of these form a block. Only the first part may have several values.
    pub parts: Vec<KeyPart>,
    /// Where a block is too large, its records must agree on the first of these as well, then on the second …
    pub refinements: Vec<KeyPart>,
}

impl BlockingRule {
    /// A rule.
    pub fn new(parts: &[KeyPart], refinements: &[KeyPart]) -> Self {
        Self { parts: parts.to_vec(), refinements: refinements.to_vec() }
    }

    /// The same rule with further refinements, where they say something that its keys do not.
    pub(super) fn refined_by(mut self, further: &[KeyPart]) -> Self {
        for &part in further {
            let says_more =
                |known: &KeyPart| *known != part && !(*known == KeyPart::BirthDate && part == KeyPart::BirthYear);
            if self.parts.iter().chain(&self.refinements).all(says_more) {
                self.refinements.push(part);
            }
        }
        self
    }

    /// Its name in reports.
    pub fn name(&self) -> String {
        let names: Vec<&str> = self.parts.iter().map(|part| part.name()).collect();
        names.join(" + ")
    }

    /// How many keys of a record it may give.
    pub fn keys_max(&self) -> usize {
        self.parts.first().map_or(0, |part| part.values_max())
    }

    /// Whether agreement says enough of who it is that the rule's largest blocks are worth some of their pairs all the same.
    pub fn is_telling(&self) -> bool {
        use KeyPart::{BirthDate, Declared, Email, Phone, TaxId};
        self.parts.iter().any(|part| matches!(part, TaxId | Email | Phone | BirthDate | Declared(_)))
    }

    /// Whether agreement alone says nearly who it is: values that few records share, or many by mistake.
    pub fn is_identifying(&self) -> bool {
        use KeyPart::{Declared, Email, Mailbox, Phone, TaxId};
        matches!(self.parts[..], [TaxId | Email | Mailbox | Phone | Declared(_)])
    }

    /// Whether the rule looks for one value that happens to be rare: whoever shares a common one expects nothing of it.
    pub fn is_incidental(&self) -> bool {
        self.parts.len() == 1 && self.refinements.is_empty() && !self.is_telling() && !self.is_identifying()
    }

    pub(super) fn from_settings(settings: &RuleSettings) -> Result<Self, PlanError> {
        let parts = |names: &[String]| names.iter().map(|name| part(name)).collect::<Result<Vec<_>, _>>();
        match settings.on.is_empty() {
            true => Err(PlanError::EmptyRule),
            false => Ok(Self { parts: parts(&settings.on)?, refinements: parts(&settings.refine)? }),
        }
    }
}

fn part(name: &str) -> Result<KeyPart, PlanError> {
    let mut standard = KeyPart::STANDARD.iter().copied();
    standard.find(|part| part.name() == name).ok_or_else(|| PlanError::UnknownKeyPart { name: name.to_owned() })
}
