//! What is compared, how candidates are found, what excludes: derived from the columns, changed by settings.

mod derivation;
mod error;
mod rule;
mod settings;

pub use error::PlanError;
pub use rule::{BlockingRule, KeyPart};
pub use settings::{OrganizationUnit, RuleSettings, Settings};

use crate::clustering::{ClusterSettings, weight_reaching};
use crate::comparison::{COMPARISONS_MAX, Comparison};
use crate::organization;
use serde::{Deserialize, Serialize};
use vinculo_records::{Attributes, Comparable, ComparableRecords, Kind};

/// The largest block that is compared pair by pair, when nothing is set.
const BLOCK_LIMIT: u32 = 400;

/// Raised when comparison levels or keys mean something else: what was trained before is trained anew then.
pub const ENGINE_VERSION: u32 = 7;

/// A checked plan for records of one kind; part of the model version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolutionPlan {
    /// The [`ENGINE_VERSION`] that it is for.
    #[serde(default)]
    pub engine: u32,
    /// Person or organization.
    pub kind: Kind,
    /// What is compared; a comparison vector has its levels in this order.
    pub comparisons: Vec<Comparison>,
    /// How candidate pairs are found; a pair belongs to the first rule that proposes it.
    pub rules: Vec<BlockingRule>,
    /// Columns of identifiers of which a customer has at most one.
    pub exclusive: Vec<Comparable>,
    /// What counts as one organization.
    pub organization: OrganizationUnit,
    /// Candidate pairs a record on average, at most; by the kind and the number of records when left out.
    pub pairs_per_record: Option<u32>,
    /// The largest block that is compared pair by pair.
    pub block_limit: u32,
    /// Where clustering joins, stops and cuts.
    pub clustering: ClusterSettings,
}

impl ResolutionPlan {
    /// The plan for records with these columns.
    pub fn new(records: &ComparableRecords, settings: &Settings, attributes: &Attributes) -> Result<Self, PlanError> {
        let filled: Vec<Comparable> =
            records.columns().filter(|(_, column)| !column.values().is_empty()).map(|(what, _)| what).collect();
        Self::derive(records.kind(), &filled, settings, attributes)
    }

    /// The plan for records of which some have values in these columns.
    pub fn derive(
        kind: Kind,
        filled: &[Comparable],
        settings: &Settings,
        attributes: &Attributes,
    ) -> Result<Self, PlanError> {
        let comparisons = match &settings.comparisons {
            None => derivation::comparisons(filled),
            Some(names) => chosen(names, &derivation::comparisons(filled), attributes)?,
        };
        if comparisons.len() > COMPARISONS_MAX {
            return Err(PlanError::TooManyComparisons { found: comparisons.len(), most: COMPARISONS_MAX });
        }
        let rules = match &settings.blocking {
            None => derivation::rules(filled),
            Some(rules) => rules.iter().map(BlockingRule::from_settings).collect::<Result<_, _>>()?,
        };
        let pairs_per_record = settings.pairs_per_record.map(|most| at_least_one("pairs_per_record", most));
        Ok(Self {
            engine: ENGINE_VERSION,
            kind,
            comparisons,
            rules,
            exclusive: exclusive(filled, settings, attributes)?,
            organization: settings.organization,
            pairs_per_record: pairs_per_record.transpose()?,
            block_limit: at_least_one("block_limit", settings.block_limit.unwrap_or(BLOCK_LIMIT))?.max(2),
            clustering: clustering(kind, settings)?,
        })
    }
}

/// The name of a comparison in settings, reports and explanations.
pub fn comparison_name(comparison: Comparison, attributes: &Attributes) -> String {
    match comparison {
        Comparison::Custom(id, _) => attributes.name(id).to_owned(),
        standard => standard.name(),
    }
}

fn chosen(names: &[String], possible: &[Comparison], attributes: &Attributes) -> Result<Vec<Comparison>, PlanError> {
    let mut chosen: Vec<Comparison> = Vec::new();
    for name in names {
        let found = possible
            .iter()
            .copied()
            .find(|comparison| comparison_name(*comparison, attributes) == *name)
            .ok_or_else(|| PlanError::UnknownComparison { name: name.clone() })?;
        if chosen.contains(&found) {
            return Err(PlanError::Twice { name: name.clone() });
        }
        chosen.push(found);
    }
    // The two halves of a name are found by one look at the words.
    let has = |wanted: Comparison| chosen.contains(&wanted);
    if has(Comparison::GivenName) != has(Comparison::FamilyName) {
        return Err(PlanError::HalfName);
    }
    match chosen.is_empty() {
        true => Err(PlanError::NothingToCompare),
        false => Ok(chosen),
    }
}

fn clustering(kind: Kind, settings: &Settings) -> Result<ClusterSettings, PlanError> {
    let mut clustering = match kind {
        Kind::Person => ClusterSettings::default(),
        Kind::Organization => organization::cluster_settings(),
    };
    if let Some(probability) = settings.join_probability {
        clustering.stop = (open_probability("join_probability", probability)? * 1e6) as u32;
        // What is reason enough to join must hold a component together.
        clustering.loose_weight = clustering.loose_weight.min(weight_reaching(clustering.stop));
    }
    if let Some(probability) = settings.review_probability {
        let probability = open_probability("review_probability", probability)?;
        clustering.review_weight = ((probability / (1.0 - probability)).log2() * 1000.0).round() as i32;
    }
    Ok(clustering)
}

fn exclusive(
    filled: &[Comparable],
    settings: &Settings,
    attributes: &Attributes,
) -> Result<Vec<Comparable>, PlanError> {
    let mut exclusive = vec![Comparable::TaxId];
    for name in &settings.exclusive {
        let id = attributes.find(name).ok_or_else(|| PlanError::UnknownAttribute { name: name.clone() })?;
        let declared = attributes.declaration(id).map(|attribute| Comparable::Custom(id, attribute.attribute_type));
        let what = match (name.as_str(), declared) {
            (_, Some(what)) => what,
            ("tax_id", None) => Comparable::TaxCode,
            ("birth_date", None) => Comparable::BirthDate,
            ("email", None) => Comparable::Email,
            ("phone", None) => Comparable::Phone,
            _ => return Err(PlanError::NotAnIdentifier { name: name.clone() }),
        };
        exclusive.push(what);
    }
    exclusive.retain(|what| filled.contains(what));
    Ok(exclusive)
}

fn open_probability(setting: &'static str, value: f64) -> Result<f64, PlanError> {
    match value > 0.0 && value < 1.0 {
        true => Ok(value),
        false => Err(PlanError::NotAProbability { setting }),
    }
}

fn at_least_one(setting: &'static str, value: u32) -> Result<u32, PlanError> {
    match value {
        0 => Err(PlanError::Zero { setting }),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILLED: [Comparable; 4] = [Comparable::Name, Comparable::NameSound, Comparable::BirthDate, Comparable::TaxId];

    fn derive(settings: Settings) -> Result<ResolutionPlan, PlanError> {
        ResolutionPlan::derive(Kind::Person, &FILLED, &settings, &Attributes::default())
    }

    #[test]
    fn a_plan_follows_from_the_columns() {
        let plan = derive(Settings::default()).unwrap();
        assert_eq!(
            plan.comparisons,
            [Comparison::GivenName, Comparison::FamilyName, Comparison::BirthDate, Comparison::TaxId]
        );
        assert_eq!(plan.exclusive, [Comparable::TaxId]);
        assert!(plan.rules.iter().any(|rule| rule.name() == "tax_id"));
        assert!(plan.rules.iter().all(|rule| !rule.name().contains("email")));
    }

    #[test]
    fn the_match_threshold_holds_for_either_kind_and_each_has_its_own_when_none_is_set() {
        let clustering = |kind, join_probability| {
            let settings = Settings { join_probability, ..Settings::default() };
            let plan = ResolutionPlan::derive(kind, &FILLED, &settings, &Attributes::default()).unwrap();
            (plan.clustering.stop, plan.clustering.loose_weight)
        };
        assert_eq!(clustering(Kind::Person, None), (300_000, -3_000));
        assert_eq!(clustering(Kind::Organization, None), (500_000, -1_000));
        assert_eq!(clustering(Kind::Organization, Some(0.75)), (750_000, -1_000));
        for kind in Kind::ALL {
            // Odds of one to fifteen are 3.9069 bits below none; a pair that reaches them is kept in a component.
            assert_eq!(clustering(kind, Some(0.0625)), (62_500, -3_906));
        }
    }

    #[test]
    fn a_bad_setting_is_refused_by_its_name() {
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let cases = [
            (
                Settings { comparisons: names(&["email"]), ..Settings::default() },
                PlanError::UnknownComparison { name: "email".into() },
            ),
            (Settings { comparisons: names(&["given_name"]), ..Settings::default() }, PlanError::HalfName),
            (
                Settings { join_probability: Some(1.0), ..Settings::default() },
                PlanError::NotAProbability { setting: "join_probability" },
            ),
            (Settings { block_limit: Some(0), ..Settings::default() }, PlanError::Zero { setting: "block_limit" }),
            (
                Settings { exclusive: vec!["shoe_size".into()], ..Settings::default() },
                PlanError::UnknownAttribute { name: "shoe_size".into() },
            ),
            (
                Settings {
                    blocking: Some(vec![RuleSettings { on: vec!["moon".into()], refine: Vec::new() }]),
                    ..Settings::default()
                },
                PlanError::UnknownKeyPart { name: "moon".into() },
            ),
        ];
        for (settings, expected) in cases {
            assert_eq!(derive(settings), Err(expected));
        }
    }
}
