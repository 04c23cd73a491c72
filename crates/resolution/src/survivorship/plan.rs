//! The survivorship plan: for every attribute the rules that choose among its values.

use crate::clustering::Exclusivity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;
use vinculo_records::{AttributeId, Attributes, Standard, SurvivorshipRule};

/// `survivorship:` in `vinculo.yaml`: attribute → rules, tried in turn.
///
/// The rules of an address stand under `address`, those of a person's name under `full_name`; both survive as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SurvivorshipSettings(pub BTreeMap<String, Vec<SurvivorshipRule>>);

/// Why settings are no plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SurvivorshipError {
    /// No attribute has this name.
    #[error("`{0}` is not an attribute of this project")]
    UnknownAttribute(String),
    /// The attribute belongs to a whole that survives together.
    #[error("`{attribute}` survives together with the rest of `{whole}`: give the rules there")]
    PartOfWhole {
        /// The attribute that was named.
        attribute: String,
        /// The attribute that stands for the whole.
        whole: &'static str,
    },
    /// The list of rules is empty.
    #[error("`{0}` has no rules")]
    NoRules(String),
    /// The word is a reason that lineage gives, not a rule to choose by; or it makes no sense for this attribute.
    #[error("`{rule}` is not a rule by which `{attribute}` can be chosen")]
    NotAChoice {
        /// The attribute.
        attribute: String,
        /// The rule.
        rule: &'static str,
    },
}

const RULES: [SurvivorshipRule; 5] = [
    SurvivorshipRule::Unflagged,
    SurvivorshipRule::MostTrusted,
    SurvivorshipRule::MostRecent,
    SurvivorshipRule::MostFrequent,
    SurvivorshipRule::Longest,
];
const RULES_OF_A_WHOLE: [SurvivorshipRule; 6] = [
    SurvivorshipRule::MostComplete,
    SurvivorshipRule::Unflagged,
    SurvivorshipRule::MostTrusted,
    SurvivorshipRule::MostRecent,
    SurvivorshipRule::MostFrequent,
    SurvivorshipRule::Longest,
];

/// Attributes that survive together, from one record.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    /// The first and the last of its attributes; all between belong to it.
    first: Standard,
    last: Standard,
    /// The attribute under which its rules are set.
    head: Standard,
    /// What makes it complete: a house needs no complement, a name no middle name.
    pub(super) essential: &'static [Standard],
    /// What tells all of it in one value.
    pub(super) telling_all: &'static [Standard],
    pub(super) rules: Vec<SurvivorshipRule>,
}

impl Whole {
    fn contains(&self, attribute: AttributeId) -> bool {
        (AttributeId::from(self.first)..=AttributeId::from(self.last)).contains(&attribute)
    }

    fn standard() -> Vec<Self> {
        let name = Self {
            first: Standard::Name,
            last: Standard::FamilyName,
            head: Standard::FullName,
            essential: &[Standard::GivenName, Standard::FamilyName],
            telling_all: &[Standard::FullName, Standard::Name],
            rules: RULES_OF_A_WHOLE.into(),
        };
        let address = Self {
            first: Standard::Address,
            last: Standard::Country,
            head: Standard::Address,
            essential: &[Standard::Street, Standard::HouseNumber, Standard::City, Standard::PostalCode],
            telling_all: &[],
            rules: RULES_OF_A_WHOLE.into(),
        };
        vec![name, address]
    }
}

/// How an attribute survives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit<'a> {
    /// With others, from one record.
    Whole(&'a Whole),
    /// One value.
    Single(&'a [SurvivorshipRule]),
    /// All usable values, ranked.
    Several(&'a [SurvivorshipRule]),
}

/// For every attribute the rules that choose among its values.
#[derive(Debug, Clone)]
pub struct SurvivorshipPlan {
    wholes: Vec<Whole>,
    /// Rules that differ from the usual ones.
    rules: BTreeMap<AttributeId, Vec<SurvivorshipRule>>,
    /// By attribute number.
    several: Vec<bool>,
    tax_ids: Exclusivity,
}

impl SurvivorshipPlan {
    /// The plan that the settings make of the usual one; `tax_ids` says which tax identifiers exclude each other.
    ///
    /// # Errors
    /// Settings for an attribute that the project does not have, or that cannot be chosen so.
    pub fn new(
        settings: &SurvivorshipSettings,
        attributes: &Attributes,
        tax_ids: Exclusivity,
    ) -> Result<Self, SurvivorshipError> {
        let several = |id| attributes.is_multi_valued(AttributeId(id));
        let mut plan = Self {
            wholes: Whole::standard(),
            rules: BTreeMap::new(),
            several: (0..=u8::MAX).map(several).collect(),
            tax_ids,
        };
        for (name, rules) in &settings.0 {
            plan.set(name, rules, attributes)?;
        }
        Ok(plan)
    }

    fn set(
        &mut self,
        name: &str,
        rules: &[SurvivorshipRule],
        attributes: &Attributes,
    ) -> Result<(), SurvivorshipError> {
        let id = attributes.find(name).ok_or_else(|| SurvivorshipError::UnknownAttribute(name.into()))?;
        if rules.is_empty() {
            return Err(SurvivorshipError::NoRules(name.into()));
        }
        let whole = self.wholes.iter_mut().find(|whole| whole.contains(id));
        for rule in rules {
            let refused = match rule {
                SurvivorshipRule::OnlyValue | SurvivorshipRule::AllValues | SurvivorshipRule::Derived => true,
                SurvivorshipRule::MostComplete => whole.is_none(),
                _ => false,
            };
            if refused {
                return Err(SurvivorshipError::NotAChoice { attribute: name.into(), rule: rule.name() });
            }
        }
        let mut distinct: Vec<SurvivorshipRule> = Vec::new();
        for rule in rules {
            if !distinct.contains(rule) {
                distinct.push(*rule);
            }
        }
        match whole {
            Some(whole) if id == whole.head.into() => whole.rules = distinct,
            Some(whole) => {
                let (attribute, whole) = (name.into(), whole.head.name());
                return Err(SurvivorshipError::PartOfWhole { attribute, whole });
            }
            None => {
                self.rules.insert(id, distinct);
            }
        }
        Ok(())
    }

    pub(super) fn unit(&self, attribute: AttributeId) -> Unit<'_> {
        if let Some(whole) = self.whole(attribute) {
            return Unit::Whole(whole);
        }
        let rules = self.rules.get(&attribute).map_or(&RULES[..], Vec::as_slice);
        if self.several[attribute.0 as usize] { Unit::Several(rules) } else { Unit::Single(rules) }
    }

    /// Whether two attributes survive together.
    pub(super) fn same_unit(&self, left: AttributeId, right: AttributeId) -> bool {
        left == right || self.whole(left).is_some_and(|whole| whole.contains(right))
    }

    fn whole(&self, attribute: AttributeId) -> Option<&Whole> {
        self.wholes.iter().find(|whole| whole.contains(attribute))
    }

    pub(super) fn tax_ids(&self) -> Exclusivity {
        self.tax_ids
    }
}
