//! What `vinculo.yaml` says of resolution and survivorship, as the engine wants it.

use crate::error::OperationError;
use vinculo_project::{OrganizationUnit, Project, ResolutionSettings};
use vinculo_records::Attributes;
use vinculo_resolution::clustering::Exclusivity;
use vinculo_resolution::plan::{self, RuleSettings, Settings};
use vinculo_resolution::survivorship::{SurvivorshipPlan, SurvivorshipSettings};

/// The engine's settings of resolution.
pub fn resolution(settings: &ResolutionSettings, attributes: &Attributes) -> Settings {
    let rules = settings.blocking.as_ref().map(|rules| {
        rules.iter().map(|rule| RuleSettings { on: rule.on.clone(), refine: rule.refine.clone() }).collect()
    });
    Settings {
        comparisons: settings.comparisons.clone(),
        blocking: rules,
        exclusive: settings.exclusive.iter().map(|&id| attributes.name(id).to_owned()).collect(),
        organization: match settings.organization {
            OrganizationUnit::Establishment => plan::OrganizationUnit::Establishment,
            OrganizationUnit::Company => plan::OrganizationUnit::Company,
        },
        join_probability: settings.match_probability,
        review_probability: settings.review_probability,
        pairs_per_record: settings.pairs_per_record,
        block_limit: settings.block_limit,
    }
}

/// The engine's plan of survivorship.
///
/// # Errors
/// Rules by which an attribute cannot be chosen.
pub fn survivorship(project: &Project) -> Result<SurvivorshipPlan, OperationError> {
    let settings = SurvivorshipSettings(project.survivorship.by_name(&project.attributes));
    SurvivorshipPlan::new(&settings, &project.attributes, tax_ids(project))
        .map_err(|error| OperationError::Configuration(format!("survivorship: {error}")))
}

/// Which tax identifiers exclude each other.
pub fn tax_ids(project: &Project) -> Exclusivity {
    match project.resolution.organization {
        OrganizationUnit::Establishment => Exclusivity::ByType,
        OrganizationUnit::Company => Exclusivity::CompanyRoot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_normalization::date::DateFormat;
    use vinculo_project::{COMPARISONS, KEY_PARTS};
    use vinculo_records::{Comparable, Kind};
    use vinculo_resolution::ResolutionPlan;
    use vinculo_resolution::plan::comparison_name;

    const OF_PERSONS: [Comparable; 12] = [
        Comparable::Name,
        Comparable::NameGeneration,
        Comparable::MotherName,
        Comparable::BirthDate,
        Comparable::Sex,
        Comparable::TaxId,
        Comparable::TaxCode,
        Comparable::Email,
        Comparable::Phone,
        Comparable::Street,
        Comparable::City,
        Comparable::PostalCode,
    ];

    fn plan_with(settings: &Settings) -> Result<ResolutionPlan, plan::PlanError> {
        ResolutionPlan::derive(Kind::Person, &OF_PERSONS, settings, &Attributes::default())
    }

    #[test]
    fn the_project_knows_every_comparison_of_the_engine() {
        let plan = plan_with(&Settings::default()).unwrap();
        let mut engine: Vec<String> =
            plan.comparisons.iter().map(|comparison| comparison_name(*comparison, &Attributes::default())).collect();
        let mut project: Vec<String> = COMPARISONS.iter().map(|(name, _)| (*name).to_owned()).collect();
        engine.sort();
        project.sort();
        assert_eq!(engine, project);
    }

    #[test]
    fn the_engine_knows_every_key_part_of_the_project() {
        for (name, _) in KEY_PARTS {
            let rule = RuleSettings { on: vec![(*name).to_owned()], refine: Vec::new() };
            let settings = Settings { blocking: Some(vec![rule]), ..Settings::default() };
            assert!(plan_with(&settings).is_ok(), "{name}");
        }
    }

    #[test]
    fn normalization_reads_every_date_format_that_the_project_accepts() {
        let parts = [
            "%d/%m/%Y",
            "%Y-%m-%d",
            "%d.%m.%y",
            "%d %b %Y",
            "%d %B %Y",
            "%Y-%m-%d %H:%M:%S",
            "%Y%m%d",
            "%m/%d/%Y %I:%M %p",
            "%s",
            "excel",
            "%F",
            "%d/%m",
            "%q",
        ];
        for format in parts {
            let yaml = format!(
                "project: p\ncountry: BR\nsources:\n  s:\n    connector: files\n    path: x\n    record: person\n    \
                 key: id\n    fields:\n      birth_date: {{column: d, format: '{format}'}}\n"
            );
            let keys = [vinculo_project::ConnectorKeys { kind: "files", keys: &["path"] }];
            let project = Project::parse(&yaml, "vinculo.yaml", std::path::Path::new("."), &keys, &|_| None);
            assert_eq!(project.is_ok(), DateFormat::new(format).is_ok(), "{format}");
        }
    }
}
